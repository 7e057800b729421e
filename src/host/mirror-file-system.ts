import type { Entry, EntryKind, FileSystem } from './file-system.ts';

/** Files somebody else handed in, where there is no disk to read: in a browser. Nothing can be written to it. */
export class MirrorFileSystem implements FileSystem {
  readonly #files = new Map<string, Uint8Array>();
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

  /** Forgets everything. */
  clear(): void {
    this.#files.clear();
    this.#folders.clear();
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

  size(file: string): number {
    return this.read(file).byteLength;
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

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
