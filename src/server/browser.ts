/** Entry of the language server in a worker of a browser. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { version } from '../../package.json';
import { extractors } from '../syntax/extractors.ts';
import { createParser } from '../syntax/parser.ts';
import { MirroredWorkspace } from './mirrored-workspace.ts';
import { type BrowserStart, MIRROR, type MirroredFile } from './protocol.ts';
import { startServer } from './server.ts';

declare const self: Worker;

/** The grammars come first: a worker does not know where the extension lies. */
self.onmessage = ({ data }: MessageEvent<BrowserStart>) => {
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  const ask = (query: unknown) => connection.sendRequest<readonly MirroredFile[]>(MIRROR, query);
  startServer(connection, {
    version,
    createProject: async () =>
      new MirroredWorkspace(await createParser(data.grammars, extractors), JSON.parse(data.schema), ask),
    // The client sees that the worker is gone and starts another.
    onError() {},
  });
  connection.listen();
};
