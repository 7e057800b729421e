import type { Connection } from 'vscode-languageserver';
import type { FileReader } from '../host/mirrored-workspace.ts';
import { type GivenContent, LIST, READ } from './protocol.ts';
import { fileOf, uriOf } from './uris.ts';

/**
 * Reads files that lie on no disk through the client, which knows how.
 * @param bytesOf makes bytes of base64, where messages cannot carry bytes
 */
export function readerOf(
  connection: Connection,
  bytesOf: (base64: string) => Uint8Array = () => new Uint8Array(),
): FileReader {
  return {
    async list(folders) {
      const uris = await connection.sendRequest<readonly string[]>(LIST, { uris: folders.map(uriOf) });
      return uris.map(fileOf);
    },
    async read(files) {
      const given = await connection.sendRequest<readonly GivenContent[]>(READ, { uris: files.map(uriOf) });
      return given.map(({ uri, content }) => ({
        file: fileOf(uri),
        content: typeof content === 'string' ? bytesOf(content) : content,
      }));
    },
  };
}
