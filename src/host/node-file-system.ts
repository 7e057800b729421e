import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  type Dirent,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { EntryKind, FileSystem } from './file-system.ts';

/** The disk of this machine. */
export const nodeFileSystem: FileSystem = {
  list: (folder) =>
    readdirSync(native(folder), { withFileTypes: true }).map((d) => ({
      name: d.name,
      kind: kindOf(d),
    })),
  kind(path) {
    try {
      return kindOf(statSync(native(path)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  size: (file) => statSync(file).size,
  read: (file) => readFileSync(file),
  create: (file, content) => writeFileSync(file, content, { flag: 'wx' }),
  replace(file, content) {
    // A link stays a link: what it leads to is replaced.
    const target = realpathSync(file);
    const { mode } = statSync(target);
    const draft = join(dirname(target), `.headroom-${randomBytes(6).toString('hex')}.tmp`);
    try {
      writeFileSync(draft, content, { flag: 'wx', mode });
      chmodSync(draft, mode);
      renameSync(draft, target);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  },
};

function kindOf(entry: Dirent | Stats): EntryKind {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

/** A root has no trailing slash inside Headroom, but needs one on the disk. */
function native(path: string): string {
  return path === '' || /^[A-Za-z]:$/.test(path) ? `${path}/` : path;
}

/** An absolute path with `/` separators and none at the end, as files are named inside Headroom. */
export function absolute(path: string, from: string = process.cwd()): string {
  const full = resolve(from, path);
  return (sep === '/' ? full : full.replaceAll(sep, '/')).replace(/\/$/, '');
}
