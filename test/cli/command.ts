import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { FileSystem } from '../../src/host/file-system.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';

export interface JsonFinding {
  readonly rule: string;
  readonly severity: string;
  readonly confidence: string;
  readonly message: string;
  readonly file: string;
  readonly range: { readonly start: Position; readonly end: Position };
  readonly related: readonly { readonly file: string; readonly message: string }[];
  readonly fixes: readonly {
    readonly title: string;
    readonly applicability: string;
    readonly edits: readonly { readonly file: string; readonly range: object; readonly newText: string }[];
  }[];
  readonly url: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

export interface JsonReport {
  readonly version: number;
  readonly findings: readonly JsonFinding[];
  readonly notices: readonly { readonly file: string; readonly message: string }[];
  readonly summary: { readonly files: number; readonly bytes: number; readonly milliseconds: number };
}

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a command line in `/w` over files given by path below it, or over another file system. */
export async function headroom(
  args: readonly string[],
  files: FileSystem | ConstructorParameters<typeof MemoryFileSystem>[0],
  terminal: Partial<Terminal> = {},
): Promise<Ran> {
  const fs = 'list' in files && typeof files.list === 'function' ? (files as FileSystem) : inFolder(files);
  let out = '';
  let error = '';
  const exit = await run(args, {
    fs,
    startServer: async () => {},
    terminal: {
      cwd: '/w',
      env: {},
      isTerminal: false,
      isErrorTerminal: false,
      out: (text) => {
        out += text;
      },
      error: (text) => {
        error += text;
      },
      ...terminal,
    },
  });
  return { exit, out, error };
}

/** Runs `scan --format json`. */
export async function scanJson(
  files: Parameters<typeof headroom>[1],
  args: readonly string[] = [],
  terminal: Partial<Terminal> = {},
): Promise<Ran & { readonly report: JsonReport }> {
  const ran = await headroom(['scan', ...args, '--format', 'json'], files, terminal);
  return { ...ran, report: JSON.parse(ran.out) };
}

function inFolder(files: object): MemoryFileSystem {
  return new MemoryFileSystem(
    Object.fromEntries(Object.entries(files).map(([path, content]) => [`/w/${path}`, content])),
  );
}
