import { expect, it } from 'vitest';
import { Parser } from 'web-tree-sitter';
import { flattenByCursor } from '../../src/syntax/flat-tree.ts';
import { startRuntime } from '../../src/syntax/runtime.ts';
import { grammarBytes } from './grammar-bytes.ts';

/** `i32.load16_u` from the place of the production, and from the place before it, which holds something else. */
const PRODUCTION = [0x2f, 0x01, 66];
const ELSEWHERE = [0x2f, 0x01, 64];

it('leaves flattening to the public cursor when a release lays its trees out otherwise', async () => {
  const flatten = grammarBytes.flatten.slice();
  const at = flatten.findIndex((_, i) => PRODUCTION.every((byte, k) => flatten[i + k] === byte));
  expect(at).toBeGreaterThan(0);
  flatten.set(ELSEWHERE, at);
  const runtime = await startRuntime(grammarBytes.runtime, flatten);
  expect(runtime.fast).toBe(true);
  const parser = new Parser().setLanguage(await runtime.loadGrammar(grammarBytes.go));
  expect(runtime.fast).toBe(false);
  const tree = parser.parse('package a\nfunc f(x int) int { return x }');
  if (!tree) throw new Error('no tree');
  expect(runtime.flatten(tree, 500)).toEqual(flattenByCursor(tree, 500));
  tree.delete();
});
