import { URI } from 'vscode-uri';

/**
 * The key of a document in the core, where everything with a folder is named by an absolute path: of a file that path,
 * of what lies elsewhere `/scheme:authority/path`. What lies in no folder, as an untitled buffer, keeps its address.
 */
export function fileOf(uri: string): string {
  try {
    const { scheme, authority, path, query, fragment, fsPath } = URI.parse(uri, true);
    if (scheme === 'file') return fsPath.replaceAll('\\', '/');
    const hasFolder = path.startsWith('/') && query === '' && fragment === '';
    // A whole file system may be the folder that is open: like every other it ends without a slash.
    return hasFolder ? `/${scheme}:${authority}${path.replace(/\/$/, '')}` : uri;
  } catch {
    return uri;
  }
}

/** The URI of a key made by `fileOf`, or of an absolute path. */
export function uriOf(file: string): string {
  const [, scheme, authority = '', path = ''] = /^\/([A-Za-z][A-Za-z0-9+.-]+):([^/]*)(.*)$/.exec(file) ?? [];
  if (scheme !== undefined) return URI.from({ scheme, authority, path: path || '/' }).toString();
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(file) ? file : URI.file(file).toString();
}

/** True when `file` is `folder` or lies below it. */
export function isBelow(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/**
 * `file` seen from the deepest of the folders that hold it, for people; the key itself when none does. With several
 * folders the name of the folder comes first, because the same path may lie in two of them.
 */
export function displayName(file: string, folders: readonly string[]): string {
  let best = '';
  for (const folder of folders) if (isBelow(folder, file) && folder.length > best.length) best = folder;
  if (!best || file.length <= best.length) return file;
  const path = file.slice(best.length).replace(/^\//, '');
  return folders.length > 1 ? `${nameOf(best, folders)}/${path}` : path;
}

/** The last parts of a folder's path, as few as tell it from the other folders. */
function nameOf(folder: string, folders: readonly string[]): string {
  const parts = folder.split('/');
  for (let count = 1; count < parts.length; count++) {
    const name = parts.slice(-count).join('/');
    if (folders.every((other) => other === folder || !other.endsWith(`/${name}`))) return name;
  }
  return folder;
}
