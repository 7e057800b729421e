/** Entry of the language server in a worker of a browser. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { version } from '../../package.json';
import { startGivenEngine } from '../host/browser-engine.ts';
import { MirroredWorkspace } from '../host/mirrored-workspace.ts';
import type { BrowserStart } from './protocol.ts';
import { readerOf } from './reader.ts';
import { startServer } from './server.ts';

declare const self: Worker;

/** The grammars come first: a worker does not know where the extension lies. */
self.onmessage = ({ data }: MessageEvent<BrowserStart>) => {
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  startServer(connection, {
    version,
    createProject: async () =>
      new MirroredWorkspace(
        await startGivenEngine(data.grammars),
        () => JSON.parse(data.schema),
        readerOf(connection),
      ),
    // The client sees that the worker is gone and starts another.
    onError() {},
  });
  connection.listen();
};
