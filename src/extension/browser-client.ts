import { Uri, workspace } from 'vscode';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type LanguageClientOptions,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { type BrowserStart, LIST, READ, type Uris } from '../server/protocol.ts';
import { listFiles, readFiles } from './workspace-files.ts';

/** A client whose server is a worker of the browser. It reads no files, so they are read for it here. */
export function createClient(extension: Uri, options: LanguageClientOptions): LanguageClient {
  const client = new LanguageClient('headroom', 'Headroom', () => startWorker(extension), options);
  client.onRequest(LIST, ({ uris }: Uris) => listFiles(uris));
  client.onRequest(READ, ({ uris }: Uris) => readFiles(uris));
  return client;
}

async function startWorker(extension: Uri): Promise<MessageTransports> {
  const read = (...path: string[]) => workspace.fs.readFile(Uri.joinPath(extension, ...path));
  const [code, runtime, rust, go, flatten, schema] = await Promise.all([
    read('dist', 'server.js'),
    read('dist', 'web-tree-sitter.wasm'),
    read('dist', 'tree-sitter-rust.wasm'),
    read('dist', 'tree-sitter-go.wasm'),
    read('dist', 'flatten.wasm'),
    read('schemas', 'headroom.schema.json'),
  ]);
  const start: BrowserStart = {
    grammars: { runtime, rust, go, flatten },
    schema: new TextDecoder().decode(schema),
  };
  // An address of the extension's own may be one that only the editor can read.
  const address = URL.createObjectURL(new Blob([code as BlobPart], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.postMessage(start);
  // The editor's own kind of worker is not one that the client knows.
  return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
}
