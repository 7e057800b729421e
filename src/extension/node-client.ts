import { Uri } from 'vscode';
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node';
import { type GivenContent, LIST, READ, type Uris } from '../server/protocol.ts';
import { listFiles, readFiles } from './workspace-files.ts';

/** A client whose server is a process of Node. It reads the disk itself; folders elsewhere are read for it here. */
export function createClient(extension: Uri, options: LanguageClientOptions): LanguageClient {
  const module = Uri.joinPath(extension, 'dist', 'server.js').fsPath;
  const client = new LanguageClient(
    'headroom',
    'Headroom',
    { module, transport: TransportKind.ipc },
    options,
  );
  client.onRequest(LIST, ({ uris }: Uris) => listFiles(uris));
  client.onRequest(READ, async ({ uris }: Uris): Promise<GivenContent[]> => {
    const files = await readFiles(uris);
    return files.map(({ uri, content }) => ({ uri, content: Buffer.from(content).toString('base64') }));
  });
  return client;
}
