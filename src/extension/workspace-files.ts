// Reads files of a workspace through the editor, whatever they lie on: no server sees them otherwise.
import { FileType, Uri, workspace } from 'vscode';

/** Folders with nothing of a service in them and very many files. */
const SKIPPED = new Set(['.git', 'node_modules', 'target']);

/** The addresses of all files below folders. Folders that cannot be read and links are left out. */
export async function listFiles(folders: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  let level = folders.map((folder) => Uri.parse(folder));
  while (level.length > 0) {
    const entries = await Promise.all(
      level.map((folder) =>
        workspace.fs.readDirectory(folder).then(
          (found) => found.map(([name, type]) => ({ uri: Uri.joinPath(folder, name), name, type })),
          () => [],
        ),
      ),
    );
    level = [];
    for (const { uri, name, type } of entries.flat()) {
      if (type === FileType.File) files.push(uri.toString());
      else if (type === FileType.Directory && !SKIPPED.has(name)) level.push(uri);
    }
  }
  return files;
}

/** What the files hold that are there. */
export async function readFiles(
  uris: readonly string[],
): Promise<{ readonly uri: string; readonly content: Uint8Array }[]> {
  const read = uris.map((uri) =>
    workspace.fs.readFile(Uri.parse(uri)).then(
      (content) => [{ uri, content }],
      () => [],
    ),
  );
  return (await Promise.all(read)).flat();
}
