import type { Entry, FileSystem } from '../../src/host/file-system.ts';

export interface Trouble {
  /** What the disk says when the path is read, such as `EACCES`. */
  readonly code: string;
}

/** A folder tree in memory: text or bytes by absolute path, links as `{link}`, paths that cannot be read as `{code}`. */
export class MemoryFileSystem implements FileSystem {
  readonly files: Map<string, string | Uint8Array | Trouble | { readonly link: string }>;
  /** Every path that was read, in order. */
  readonly reads: string[] = [];

  constructor(files: Record<string, string | Uint8Array | Trouble | { readonly link: string }>) {
    this.files = new Map(Object.entries(files));
  }

  list(folder: string): Entry[] {
    const own = this.files.get(folder);
    if (own !== undefined && typeof own === 'object' && 'code' in own) throw fault(own.code);
    const names = new Map<string, Entry>();
    for (const [path, content] of this.files) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name, deeper] = path.slice(folder.length + 1).split('/', 2) as [string, string?];
      const isLink = deeper === undefined && typeof content === 'object' && 'link' in content;
      const isFolder =
        deeper !== undefined || (typeof content === 'object' && 'code' in content && !name.includes('.'));
      names.set(name, { name, kind: isLink ? 'link' : isFolder ? 'folder' : 'file' });
    }
    if (names.size === 0) throw fault('ENOENT');
    return [...names.values()];
  }

  kind(path: string): 'file' | 'folder' | undefined {
    const content = this.files.get(path);
    if (typeof content === 'object' && 'link' in content) {
      if (content.link === path) throw fault('ELOOP');
      return this.kind(content.link);
    }
    if (content !== undefined) return 'file';
    return [...this.files.keys()].some((p) => p.startsWith(`${path}/`)) ? 'folder' : undefined;
  }

  size(file: string): number {
    return this.read(file).byteLength;
  }

  read(file: string): Uint8Array {
    this.reads.push(file);
    const content = this.files.get(file);
    if (content === undefined) throw fault('ENOENT');
    if (typeof content === 'string') return new TextEncoder().encode(content);
    if ('code' in content) throw fault(content.code);
    if ('link' in content) return this.read(content.link);
    return content;
  }

  create(file: string, content: Uint8Array): void {
    if (this.files.has(file)) throw fault('EEXIST');
    this.files.set(file, content);
  }

  replace(file: string, content: Uint8Array): void {
    this.files.set(file, content);
  }

  text(file: string): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.read(file));
  }
}

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
