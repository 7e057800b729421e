import { type Entry, type EntryKind, type FileSystem, isAddress } from './file-system.ts';

/** Files somebody else handed in, where there is no disk to read. Nothing can be written to it. */
export class MirrorFileSystem implements FileSystem {
  /** Those that are there and were not handed in yet have no content. */
  readonly #files = new Map<string, Uint8Array | undefined>();
  /** What lies directly in a folder. */
  readonly #folders = new Map<string, Map<string, EntryKind>>();

  /** Takes the content of a file, new or not, or forgets the file and what lies below it. */
  set(path: string, content: Uint8Array | undefined): void {
    if (content === undefined) {
      this.#remove(path);
      return;
    }
    if (!this.#files.has(path)) this.#enter(path, 'file');
    this.#files.set(path, content);
  }

  /** These files are there and no others; what was handed in of them stays. */
  keep(files: readonly string[]): void {
    const there = new Set(files);
    for (const file of [...this.#files.keys()]) if (!there.has(file)) this.#remove(file);
    for (const file of there) {
      if (this.#files.has(file)) continue;
      this.#files.set(file, undefined);
      this.#enter(file, 'file');
    }
  }

  list(folder: string): Entry[] {
    const entries = this.#folders.get(folder);
    if (!entries) throw fault('ENOENT', folder);
    return [...entries].map(([name, kind]) => ({ name, kind }));
  }

  kind(path: string): EntryKind | undefined {
    if (this.#files.has(path)) return 'file';
    return this.#folders.has(path) ? 'folder' : undefined;
  }

  /** 0 for what was not handed in yet. */
  size(file: string): number {
    return this.#files.has(file) ? (this.#files.get(file)?.byteLength ?? 0) : this.read(file).byteLength;
  }

  read(file: string): Uint8Array {
    const content = this.#files.get(file);
    if (!content) throw fault('ENOENT', file);
    return content;
  }

  create(file: string): void {
    throw fault('EROFS', file);
  }

  replace(file: string): void {
    throw fault('EROFS', file);
  }

  #enter(path: string, kind: EntryKind): void {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return;
    const folder = path.slice(0, slash);
    const entries = this.#folders.get(folder);
    if (entries) {
      entries.set(path.slice(slash + 1), kind);
      return;
    }
    this.#folders.set(folder, new Map([[path.slice(slash + 1), kind]]));
    this.#enter(folder, 'folder');
  }

  #remove(path: string): void {
    const below = this.#folders.get(path);
    for (const name of [...(below?.keys() ?? [])]) this.#remove(`${path}/${name}`);
    this.#files.delete(path);
    this.#folders.delete(path);
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, slash));
    const around = this.#folders.get(folder);
    if (!around?.delete(path.slice(slash + 1)) || around.size > 0) return;
    // A folder is there as long as something is in it.
    this.#folders.delete(folder);
    this.#remove(folder);
  }
}

/** A disk, and beside it a mirror of what is named by addresses. */
export function besideDisk(disk: FileSystem, mirror: FileSystem): FileSystem {
  const of = (path: string) => (isAddress(path) ? mirror : disk);
  return {
    list: (folder) => of(folder).list(folder),
    kind: (path) => of(path).kind(path),
    size: (file) => of(file).size(file),
    read: (file) => of(file).read(file),
    create: (file, content) => of(file).create(file, content),
    replace: (file, content) => of(file).replace(file, content),
  };
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
