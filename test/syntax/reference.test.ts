/**
 * Compares the engine with the native tree-sitter binding. Both sides use the same release of each grammar (Rust
 * 0.23.3, Go 0.23.4: the newest that exist as prebuilt native code for a binding that loads without a compiler, and
 * as wasm), so what is compared is web-tree-sitter, the shared memory and the flatten helper — not the newer grammars
 * in `grammars/`. The runtimes are years apart (0.21 and 0.27) and repair broken code differently: texts are compared
 * where neither side found an error.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { Parser } from 'web-tree-sitter';
import { installReference } from '../../scripts/install-reference.mjs';
import type { Language } from '../../src/syntax/facts.ts';
import { FLAT_INTS, readVocabulary } from '../../src/syntax/flat-tree.ts';
import { startRuntime } from '../../src/syntax/runtime.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { corpusSamples, largeSample } from './samples.ts';

// Heavy on purpose, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** The parts of the native binding that are used; its own types are those of another package. */
interface NativeCursor {
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly currentFieldName: string | null;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}
interface NativeParser {
  setLanguage(language: unknown): void;
  parse(
    text: string,
    old: undefined,
    options: { bufferSize: number },
  ): { readonly rootNode: { readonly hasError: boolean }; walk(): NativeCursor };
}

/** One line a node: depth, type, field, start, end. */
function nativeRows(parser: NativeParser, text: string): { rows: string[]; hasError: boolean } {
  const tree = parser.parse(text, undefined, { bufferSize: text.length * 4 + 1024 });
  const cursor = tree.walk();
  const rows: string[] = [];
  let depth = 0;
  for (;;) {
    const name = cursor.nodeIsNamed ? cursor.nodeType : JSON.stringify(cursor.nodeType);
    rows.push(`${depth} ${name} ${cursor.currentFieldName ?? ''} ${cursor.startIndex}-${cursor.endIndex}`);
    if (cursor.gotoFirstChild()) {
      depth++;
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return { rows, hasError: tree.rootNode.hasError };
      depth--;
    }
  }
}

async function engineFor(wasm: string) {
  const runtime = await startRuntime(grammarBytes.runtime, grammarBytes.flatten);
  const grammar = await runtime.loadGrammar(new Uint8Array(readFileSync(wasm)));
  const parser = new Parser().setLanguage(grammar);
  const { types, named, fields } = readVocabulary(grammar);
  return (text: string): { rows: string[]; hasError: boolean } => {
    const tree = parser.parse(text);
    if (!tree) throw new Error('no tree');
    try {
      const { data, size } = runtime.flatten(tree, Number.MAX_SAFE_INTEGER);
      const depths = new Int32Array(size);
      const rows: string[] = [];
      for (let n = 0; n < size; n++) {
        const [type, field, start, end, parent] = data.subarray(n * FLAT_INTS) as unknown as number[];
        const depth = parent === -1 ? 0 : (depths[parent as number] as number) + 1;
        depths[n] = depth;
        const name = named[type as number] ? types[type as number] : JSON.stringify(types[type as number]);
        rows.push(`${depth} ${name} ${fields[field as number]} ${start}-${end}`);
      }
      return { rows, hasError: tree.rootNode.hasError };
    } finally {
      tree.delete();
    }
  };
}

const require = createRequire(resolve('test/reference/package.json'));
let Native: new () => NativeParser;

beforeAll(() => {
  installReference();
  Native = require('tree-sitter');
}, 120_000);

it.each([
  ['rust', 'tree-sitter-rust'],
  ['go', 'tree-sitter-go'],
] as const)(
  'finds the nodes, fields and ranges the native binding finds in %s',
  async (language: Language, name) => {
    const native = new Native();
    native.setLanguage(require(name));
    const flattened = await engineFor(`test/reference/node_modules/${name}/${name}.wasm`);
    const samples = [...corpusSamples(), largeSample('rust', 150_000), largeSample('go', 150_000)];
    let compared = 0;
    let nodes = 0;
    for (const { name, text } of samples.filter((sample) => sample.language === language)) {
      const theirs = nativeRows(native, text);
      const ours = flattened(text);
      if (ours.hasError || theirs.hasError) {
        expect(ours.hasError, name).toBe(theirs.hasError);
        continue;
      }
      if (ours.rows.join('\n') !== theirs.rows.join('\n')) expect(ours.rows, name).toEqual(theirs.rows);
      compared++;
      nodes += ours.rows.length;
    }
    expect(compared).toBeGreaterThan(15);
    expect(nodes).toBeGreaterThan(20_000);
  },
);
