import { expect, it } from 'vitest';
import { buildGrammars, staleGrammars } from '../../src/tools/grammars.ts';

it('holds what the pinned packages and flatten.wat give; else run `npm run grammars`', async () => {
  const built = await buildGrammars();
  expect([...built.keys()].sort()).toEqual([
    'flatten.wasm',
    'grammars.lock.json',
    'tree-sitter-go.wasm',
    'tree-sitter-rust.wasm',
    'web-tree-sitter.wasm',
  ]);
  expect(staleGrammars(built)).toEqual([]);
  expect(staleGrammars(new Map([['flatten.wasm', new Uint8Array([0])]]))).toEqual(['flatten.wasm']);
});

it('locks an ABI the runtime reads', async () => {
  const lock = JSON.parse(new TextDecoder().decode((await buildGrammars()).get('grammars.lock.json')));
  expect(lock['tree-sitter-rust.wasm'].abi).toBe(15);
  expect(lock['tree-sitter-go.wasm'].abi).toBe(15);
});
