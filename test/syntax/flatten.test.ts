import { describe, expect, it, vi } from 'vitest';
import { Edit, Parser, type Tree } from 'web-tree-sitter';
import type { Language } from '../../src/syntax/facts.ts';
import { FLAT_INTS, type FlatTree, flattenByCursor } from '../../src/syntax/flat-tree.ts';
import { startRuntime } from '../../src/syntax/runtime.ts';
import { textEdit } from '../../src/syntax/text-edit.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { corpusSamples, largeSample, mangle, numbers } from './samples.ts';

// Heavy on purpose, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const runtime = await startRuntime(grammarBytes.runtime, grammarBytes.flatten);
const parsers: Record<Language, Parser> = {
  rust: new Parser().setLanguage(await runtime.loadGrammar(grammarBytes.rust)),
  go: new Parser().setLanguage(await runtime.loadGrammar(grammarBytes.go)),
};

function withTree<T>(language: Language, text: string, use: (tree: Tree) => T): T {
  const tree = parsers[language].parse(text);
  if (!tree) throw new Error('no tree');
  try {
    return use(tree);
  } finally {
    tree.delete();
  }
}

/** The first row in which two trees differ, as text, or undefined. */
function difference(a: FlatTree, b: FlatTree): string | undefined {
  if (a.cut !== b.cut) return `cut ${a.cut} ${b.cut}`;
  for (let i = 0; i < Math.max(a.size, b.size); i++) {
    const [x, y] = [a, b].map((t) => t.data.subarray(i * FLAT_INTS, (i + 1) * FLAT_INTS).join(' '));
    if (x !== y) return `node ${i}: ${x} | ${y}`;
  }
  return undefined;
}

const compare = (language: Language, text: string, depth = Number.MAX_SAFE_INTEGER) =>
  withTree(language, text, (tree) => ({
    nodes: tree.rootNode.descendantCount,
    difference: difference(runtime.flatten(tree, depth), flattenByCursor(tree, depth)),
  }));

describe('the flatten helper', () => {
  it('is linked: the pinned runtime still has the functions it calls', () => {
    expect(runtime.fast).toBe(true);
  });

  it('gives what the public cursor gives, node by node, on real files', () => {
    const samples = corpusSamples();
    expect(samples.filter((s) => s.language === 'rust').length).toBeGreaterThan(10);
    expect(samples.filter((s) => s.language === 'go').length).toBeGreaterThan(10);
    for (const { name, language, text } of samples) {
      const { nodes, difference } = compare(language, text);
      expect(nodes, name).toBeGreaterThan(10);
      expect(difference, name).toBeUndefined();
    }
  });

  it.each(['rust', 'go'] as const)('gives the same on a large and on mangled %s', (language) => {
    const next = numbers(7);
    const large = largeSample(language, 200_000).text;
    expect(compare(language, large)).toMatchObject({ difference: undefined });
    for (const sample of corpusSamples().filter((s) => s.language === language)) {
      for (let round = 0; round < 3; round++) {
        const text = mangle(sample.text, 1 + round * 8, next);
        expect(compare(language, text).difference, JSON.stringify(text)).toBeUndefined();
      }
    }
  });

  it('gives the same when nodes below a depth are left out', () => {
    const { text } = largeSample('rust', 20_000);
    for (const depth of [0, 1, 5, 12]) {
      expect(compare('rust', text, depth).difference, `depth ${depth}`).toBeUndefined();
      withTree('rust', text, (tree) => {
        const flat = runtime.flatten(tree, depth);
        expect(flat.cut).toBe(true);
        expect(deepest(flat)).toBe(depth);
      });
    }
  });

  it('keeps parents, subtrees and ranges consistent', () => {
    withTree('go', largeSample('go', 50_000).text, (tree) => {
      const { data, size } = runtime.flatten(tree, 1000);
      const at = (n: number, i: number) => data[n * FLAT_INTS + i] as number;
      for (let n = 1; n < size; n++) {
        const parent = at(n, 4);
        expect(parent).toBeLessThan(n);
        expect(at(n, 5)).toBeLessThanOrEqual(at(parent, 5));
        expect(at(n, 2)).toBeGreaterThanOrEqual(at(parent, 2));
        expect(at(n, 3)).toBeLessThanOrEqual(at(parent, 3));
      }
    });
  });
});

function deepest({ data, size }: FlatTree): number {
  const depth = new Int32Array(size);
  let max = 0;
  for (let n = 1; n < size; n++) {
    depth[n] = (depth[data[n * FLAT_INTS + 4] as number] as number) + 1;
    max = Math.max(max, depth[n] as number);
  }
  return max;
}

describe('flattening an edited tree again', () => {
  it.each(['rust', 'go'] as const)('gives what flattening it anew gives in %s', (language) => {
    const next = numbers(23);
    const original = largeSample(language, 15_000).text;
    let text = original;
    let tree = parsers[language].parse(text) as Tree;
    let flat = runtime.flattenAgain(tree, 500, undefined);
    let taken = 0;
    for (let round = 0; round < 200; round++) {
      const before = text;
      text = round % 40 === 39 ? original : mangle(text, 1, next);
      const edit = textEdit(before, text);
      if (edit) tree.edit(new Edit(edit));
      // Now and then parsing is stopped, and the next edit comes on top.
      let asked = 0;
      const stop = round % 7 === 3 ? { progressCallback: () => ++asked > 2 } : undefined;
      const parsed = parsers[language].parse(text, tree, stop);
      if (!parsed) {
        parsers[language].reset();
        continue;
      }
      tree.delete();
      tree = parsed;
      const known = new Set(flat.items?.filter((_, i) => i % FLAT_INTS === 4));
      flat = runtime.flattenAgain(tree, 500, flat);
      expect(difference(flat, runtime.flatten(tree, 500)), `round ${round}`).toBeUndefined();
      taken += flat.items?.some((id, i) => i % FLAT_INTS === 4 && id !== 0 && known.has(id)) ? 1 : 0;
    }
    // The identities do what they are there for.
    expect(taken).toBeGreaterThan(100);
    tree.delete();
  });
});
