export type EntryKind = 'file' | 'folder' | 'link' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

/**
 * What Headroom needs of a disk. Paths are absolute with `/` separators. Every method throws an `Error`, whose
 * `code` is that of the operating system where there is one, when the path cannot be read.
 */
export interface FileSystem {
  /** The entries of a folder; links are not followed. */
  list(folder: string): readonly Entry[];
  /** What a path leads to when links are followed; undefined when there is nothing. */
  kind(path: string): EntryKind | undefined;
  /** Bytes of a file. */
  size(file: string): number;
  read(file: string): Uint8Array;
  /** Writes a new file; fails with `EEXIST` where there is one. */
  create(file: string, content: Uint8Array): void;
  /** Replaces a file's content at once, so that nobody ever sees half of it; its permissions stay. */
  replace(file: string, content: Uint8Array): void;
}

/** True for the name of what lies on no disk: `/vscode-vfs:github/shop/main.go`, or `untitled:Untitled-1`. */
export function isAddress(path: string): boolean {
  // A letter alone is a drive.
  return /^\/?[a-z][a-z0-9+.-]+:/i.test(path);
}

/** Why a path could not be read and what to do about it. */
export function readProblem(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied. Give this user read access, or leave it out with `exclude` in headroom.yaml';
    case 'EROFS':
      return 'cannot be read: the disk is read-only';
    case 'ENOENT':
      return 'cannot be read: it or its folder is not there (any more). Check the path';
    case 'ELOOP':
      return 'is a link that leads to itself. Remove the link';
    case 'EMFILE':
    case 'ENFILE':
      return 'cannot be read: too many open files. Raise the limit (`ulimit -n`)';
    default:
      return `cannot be read (${typeof code === 'string' ? code : error instanceof Error ? error.message : String(error)}). Leave it out with \`exclude\` in headroom.yaml if it does not matter`;
  }
}
