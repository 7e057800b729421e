import { readFileSync } from 'node:fs';
import type { GrammarBytes } from '../../src/syntax/parser.ts';

const read = (name: string) => new Uint8Array(readFileSync(`grammars/${name}.wasm`));

/** The committed engine, read once per test file. */
export const grammarBytes: GrammarBytes = {
  runtime: read('web-tree-sitter'),
  rust: read('tree-sitter-rust'),
  go: read('tree-sitter-go'),
  flatten: read('flatten'),
};
