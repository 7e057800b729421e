/** Entry of the language server in a worker of a browser. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { version } from '../../package.json';
import { startGivenEngine } from '../host/browser-engine.ts';
import { type FileReader, MirroredWorkspace } from '../host/mirrored-workspace.ts';
import { type BrowserStart, type GivenContent, LIST, READ } from './protocol.ts';
import { startServer } from './server.ts';
import { fileOf, uriOf } from './uris.ts';

declare const self: Worker;

/** The grammars come first: a worker does not know where the extension lies. */
self.onmessage = ({ data }: MessageEvent<BrowserStart>) => {
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  const reader: FileReader = {
    async list(folders) {
      const uris = await connection.sendRequest<readonly string[]>(LIST, { uris: folders.map(uriOf) });
      return uris.map(fileOf);
    },
    async read(files) {
      const given = await connection.sendRequest<readonly GivenContent[]>(READ, { uris: files.map(uriOf) });
      return given.map(({ uri, content }) => ({ file: fileOf(uri), content }));
    },
  };
  startServer(connection, {
    version,
    createProject: async () =>
      new MirroredWorkspace(await startGivenEngine(data.grammars), JSON.parse(data.schema), reader),
    // The client sees that the worker is gone and starts another.
    onError() {},
  });
  connection.listen();
};
