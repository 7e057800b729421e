import { URI } from 'vscode-uri';

/**
 * The key of a document in the core: the absolute path with `/` for files, the URI itself for everything else
 * (untitled buffers, other schemes).
 */
export function fileOf(uri: string): string {
  try {
    const parsed = URI.parse(uri, true);
    return parsed.scheme === 'file' ? parsed.fsPath.replaceAll('\\', '/') : uri;
  } catch {
    return uri;
  }
}

/** The URI of a key made by `fileOf`, or of an absolute path. */
export function uriOf(file: string): string {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(file) ? file : URI.file(file).toString();
}

/** True when `file` is `folder` or lies below it. */
export function isBelow(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** `file` seen from the deepest of the folders that hold it, for messages; the key itself when none does. */
export function displayName(file: string, folders: readonly string[]): string {
  let best = '';
  for (const folder of folders) if (isBelow(folder, file) && folder.length > best.length) best = folder;
  return best && file.length > best.length ? file.slice(best.length).replace(/^\//, '') : file;
}
