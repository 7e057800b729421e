/** Entry of the language server in a worker of a browser. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { version } from '../../package.json';
import { startGivenEngine } from '../host/browser-engine.ts';
import { MirroredWorkspace } from '../host/mirrored-workspace.ts';
import { type BrowserStart, MIRROR, type MirroredFile, type MirrorQuery } from './protocol.ts';
import { startServer } from './server.ts';
import { fileOf, uriOf } from './uris.ts';

declare const self: Worker;

/** The grammars come first: a worker does not know where the extension lies. */
self.onmessage = ({ data }: MessageEvent<BrowserStart>) => {
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  const ask = async (query: MirrorQuery) => {
    const files = await connection.sendRequest<readonly MirroredFile[]>(MIRROR, query);
    return files.map(({ uri, content }) => ({ file: fileOf(uri), content }));
  };
  startServer(connection, {
    version,
    createProject: async () =>
      new MirroredWorkspace(await startGivenEngine(data.grammars), JSON.parse(data.schema), {
        below: (folders) => ask({ folders: folders.map(uriOf) }),
        of: (files) => ask({ files: files.map(uriOf) }),
      }),
    // The client sees that the worker is gone and starts another.
    onError() {},
  });
  connection.listen();
};
