import { Uri } from 'vscode';
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node';

/** A client whose server is a process of Node. */
export function createClient(extension: Uri, options: LanguageClientOptions): LanguageClient {
  const module = Uri.joinPath(extension, 'dist', 'server.js').fsPath;
  return new LanguageClient('headroom', 'Headroom', { module, transport: TransportKind.ipc }, options);
}
