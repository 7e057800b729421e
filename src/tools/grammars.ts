/**
 * Rebuilds `grammars/`: the runtime and the two grammars from their pinned packages, the flatten helper from its
 * source, and the lock file. With `--check` it changes nothing and fails when something is stale.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';
import { Language, Parser } from 'web-tree-sitter';

interface Locked {
  readonly package: string;
  readonly version: string;
  /** The grammar's ABI; null for what is not a grammar. */
  readonly abi: number | null;
  readonly sha256: string;
  readonly bytes: number;
}

/** File in `grammars/` → package and the file inside it. */
const SOURCES = {
  'web-tree-sitter.wasm': ['web-tree-sitter', 'web-tree-sitter.wasm'],
  'tree-sitter-rust.wasm': ['@vscode/tree-sitter-wasm', 'wasm/tree-sitter-rust.wasm'],
  'tree-sitter-go.wasm': ['@vscode/tree-sitter-wasm', 'wasm/tree-sitter-go.wasm'],
} as const;

const version = (name: string): string =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;

/** The content of every file of `grammars/`, by name. */
export async function buildGrammars(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [file, [name, path]] of Object.entries(SOURCES)) {
    files.set(file, new Uint8Array(readFileSync(`node_modules/${name}/${path}`)));
  }
  const source = (await wabt()).parseWat('flatten.wat', readFileSync('src/syntax/flatten.wat', 'utf8'));
  try {
    source.validate();
    files.set('flatten.wasm', source.toBinary({}).buffer);
  } finally {
    source.destroy();
  }

  await Parser.init({ wasmBinary: files.get('web-tree-sitter.wasm') as Uint8Array });
  const lock: Record<string, Locked> = {};
  for (const [file, bytes] of files) {
    const name = SOURCES[file as keyof typeof SOURCES]?.[0] ?? 'wabt';
    lock[file] = {
      package: name,
      version: version(name),
      abi: file.startsWith('tree-sitter-') ? (await Language.load(bytes)).abiVersion : null,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
    };
  }
  files.set('grammars.lock.json', new TextEncoder().encode(`${JSON.stringify(lock, null, 2)}\n`));
  return files;
}

/** Names of the files in `grammars/` that differ from what the packages and sources give. */
export function staleGrammars(built: ReadonlyMap<string, Uint8Array>): string[] {
  return [...built].flatMap(([file, bytes]) => {
    try {
      return Buffer.from(bytes).equals(readFileSync(`grammars/${file}`)) ? [] : [file];
    } catch {
      return [file];
    }
  });
}

if (process.argv[1]?.endsWith('grammars.ts')) {
  const built = await buildGrammars();
  const stale = staleGrammars(built);
  if (process.argv.includes('--check')) {
    for (const file of stale) console.error(`grammars/${file} is stale: run \`npm run grammars\``);
    process.exitCode = stale.length ? 1 : 0;
  } else {
    mkdirSync('grammars', { recursive: true });
    for (const file of stale) writeFileSync(`grammars/${file}`, built.get(file) as Uint8Array);
    console.log(stale.length ? `wrote ${stale.join(', ')}` : 'grammars/ is up to date');
  }
}
