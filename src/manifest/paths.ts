/** Paths of the workspace: `/`-separated keys, not files on a disk. */

/** The part of a path before the last `/`, empty for a file at the top. */
export function directoryOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** A path relative to a file, with `.` and `..` resolved; undefined for addresses and paths out of the workspace. */
export function resolvePath(from: string, path: string): string | undefined {
  if (/^[a-z][a-z+.-]*:\/\/|^git@|^github\.com\//.test(path) || path.startsWith('/')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length === 0 || parts.at(-1) === '..') return undefined;
    else parts.pop();
  }
  return parts.join('/');
}
