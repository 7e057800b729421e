import { describe, expect, it, vi } from 'vitest';
import type { FileFacts, Language } from '../../src/syntax/facts.ts';
import { FLAT_INTS, type FlatTree } from '../../src/syntax/flat-tree.ts';
import { createParser, type Extractor, MAX_DEPTH } from '../../src/syntax/parser.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { rawExtractor } from './raw-extractor.ts';
import { largeSample, mangle, numbers } from './samples.ts';

// Heavy on purpose, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const parser = await createParser(grammarBytes, { rust: rawExtractor, go: rawExtractor });
const source = {
  rust: 'fn main() { let x = vec![1]; }\n',
  go: 'package main\n\nfunc main() { x := 1; _ = x }\n',
} as const;

describe('a parser', () => {
  it('reads both languages', () => {
    for (const language of ['rust', 'go'] as const) {
      const facts = parser.extract(`a.${language}`, language, source[language]);
      expect(facts.nodes.length).toBeGreaterThan(10 * FLAT_INTS);
      expect(facts.nodes[3]).toBe(source[language].length);
      expect(facts.broken).toBe(false);
    }
  });

  it('counts offsets in UTF-16 units, byte order mark included', () => {
    const text = '\ufefffn é() { "😀" }';
    const { nodes } = parser.extract('a.rs', 'rust', text);
    const spans = new Set<string>();
    for (let i = 0; i < nodes.length; i += FLAT_INTS) spans.add(text.slice(nodes[i + 2], nodes[i + 3]));
    expect(spans).toContain('é');
    expect(spans).toContain('"😀"');
  });

  it.each([
    ['an empty text', ''],
    ['NUL bytes', `fn a() {\0}\0\0 ${'\0'.repeat(5000)} fn b() {}`],
    ['lone surrogates', `fn a() { "\ud800" ; \udc00 } ${'\ud800'.repeat(5000)}`],
    [
      'a binary file',
      Array.from({ length: 20_000 }, (_, i) => String.fromCharCode((i * 7919) & 0xffff)).join(''),
    ],
    ['replacement characters', '\ufffd'.repeat(20_000)],
    ['one long line', `fn a() { ${'x + '.repeat(50_000)} 1 }`],
    ['an open string', `fn a() { "${'x\n'.repeat(50_000)}`],
    ['an open comment', `/*${'/*'.repeat(20_000)}`],
  ])('survives %s', (_, text) => {
    for (const language of ['rust', 'go'] as const) {
      const facts = parser.extract('a', language, text);
      expect(facts.nodes[3]).toBeLessThanOrEqual(text.length);
    }
  });

  it.each([
    '{',
    '(',
    '[',
    '&',
    '!',
    'a(',
    'if x {',
    'fn a() {',
    '<',
    'a<',
    '|x| ',
    'func() {',
    '-',
    'x.y(',
    '"',
  ])('survives %s 20,000 times', (bit) => {
    for (const language of ['rust', 'go'] as const) {
      const head = language === 'rust' ? 'fn f() { ' : 'package p\nfunc f() { ';
      for (const text of [bit.repeat(20_000), `${head}${bit.repeat(20_000)}`]) {
        const { nodes } = parser.extract('a', language, text);
        expect(depth(nodes)).toBeLessThanOrEqual(MAX_DEPTH);
      }
    }
  });

  it('says that a file is broken when nesting was cut, and reads what stands around it', () => {
    const deep = `fn a() { ${'('.repeat(20_000)}1${')'.repeat(20_000)}; }\nfn b() {}\n`;
    const facts = parser.extract('a.rs', 'rust', deep);
    expect(facts.broken).toBe(true);
    expect(depth(facts.nodes)).toBe(MAX_DEPTH);
    const spans = [];
    for (let i = 0; i < facts.nodes.length; i += FLAT_INTS) {
      spans.push(deep.slice(facts.nodes[i + 2], facts.nodes[i + 3]));
    }
    expect(spans).toContain('fn b() {}');
  });

  it('lowers with less depth when an extractor ran out of stack, and throws every other error on', async () => {
    const depths: number[] = [];
    const recursive: Extractor = (input) => {
      depths.push(depth(input.tree.data));
      if (depths.length < 3) throw new RangeError('Maximum call stack size exceeded');
      return rawExtractor(input);
    };
    const failing: Extractor = () => {
      throw new TypeError('a mistake');
    };
    const other = await createParser(grammarBytes, { rust: recursive, go: failing });
    const facts = other.extract('a.rs', 'rust', `fn a() { ${'{'.repeat(2000)}${'}'.repeat(2000)} }`);
    expect(facts.broken).toBe(true);
    expect(depths).toEqual([MAX_DEPTH, MAX_DEPTH >> 2, MAX_DEPTH >> 4]);
    expect(() => other.extract('a.go', 'go', source.go)).toThrow('a mistake');
    other.close();
  });
});

describe('a part of a text', () => {
  const parts = async (text: string, at: readonly (readonly [number, number])[]) => {
    const trees: FlatTree[] = [];
    const taking: Extractor = (input) => {
      for (const [start, end] of at) trees.push(input.parsePart(start, end));
      return rawExtractor(input);
    };
    const other = await createParser(grammarBytes, { rust: taking, go: taking });
    const { broken } = other.extract('a.rs', 'rust', text);
    other.close();
    return { trees, broken };
  };

  it('is parsed on its own, with offsets of the whole text', async () => {
    const text = 'fn a() { m!(foo(1); bar) }';
    const start = text.indexOf('foo');
    const { trees, broken } = await parts(text, [[start, start + 7]]);
    const [{ data }] = trees as [FlatTree];
    const spans = [];
    for (let i = 0; i < data.length; i += FLAT_INTS) spans.push(text.slice(data[i + 2], data[i + 3]));
    expect(spans[0]).toBe('foo(1);');
    expect(spans).toContain('(1)');
    expect(broken).toBe(false);
  });

  it('inside a part inside a part … ends as a root without children', async () => {
    const text = `m!${'('.repeat(100)}${')'.repeat(100)}`;
    const nested = Array.from({ length: 40 }, (_, i) => [2 + i, text.length - i] as const);
    const { trees, broken } = await parts(text, nested);
    expect(broken).toBe(true);
    expect((trees[0] as FlatTree).size).toBeGreaterThan(1);
    expect((trees.at(-1) as FlatTree).size).toBe(1);
    expect((trees.at(-1) as FlatTree).data[2]).toBe(nested.at(-1)?.[0]);
  });

  it('beside a part is not inside it', async () => {
    const text = 'a;'.repeat(100);
    const { broken } = await parts(
      text,
      Array.from({ length: 100 }, (_, i) => [2 * i, 2 * i + 2] as const),
    );
    expect(broken).toBe(false);
  });
});

describe('an open document', () => {
  it.each(['rust', 'go'] as const)(
    'gives after every edit what a fresh parse of that %s gives',
    (language) => {
      const next = numbers(11);
      let { text } = largeSample(language, 20_000);
      const document = parser.open('a', language);
      expectSame(document.update(text), language, text);
      for (let round = 0; round < 150; round++) {
        text = mangle(text, next() < 0.8 ? 1 : 3, next);
        expectSame(document.update(text), language, text);
      }
      document.close();
    },
  );

  it('parses little anew for a key press', () => {
    const { text } = largeSample('go', 150_000);
    const document = parser.open('a.go', 'go');
    /** How often the parser asks on its way whether it has to stop: its steps, whatever the machine does. */
    const steps = (content: string) => {
      let asked = 0;
      document.update(content, () => {
        asked++;
        return false;
      });
      return asked;
    };
    const first = steps(text);
    const at = text.indexOf('return', text.length / 2);
    const key = (typed: string) => steps(`${text.slice(0, at)}${typed}\n${text.slice(at)}`);
    const most = Math.max(...['x', 'x(', 'x()', 'x(1)', 'x(12)'].map(key));
    document.close();
    expect(first).toBeGreaterThan(100);
    expect(most).toBeLessThan(first / 10);
  });

  it('keeps to a deadline, and has the facts of the newest text when it is finished', () => {
    const { text } = largeSample('rust', 200_000);
    const document = parser.open('a.rs', 'rust');
    expectSame(document.update(text), 'rust', text);
    const at = text.indexOf('fn ', text.length / 2);
    const stray = `${text.slice(0, at)}{${text.slice(at)}`;
    let asked = 0;
    expect(document.update(stray, () => ++asked > 0)).toBeUndefined();
    expect(asked).toBe(1);
    // Another document of the language must not go on where this one stopped.
    expectSame(parser.extract('b.rs', 'rust', source.rust), 'rust', source.rust);
    expect(document.update(`${stray} `, () => true)).toBeUndefined();
    expectSame(document.finish(), 'rust', `${stray} `);
    expectSame(document.update(text), 'rust', text);
    document.close();
  });

  it('that was closed and opened again starts anew', () => {
    const document = parser.open('a.rs', 'rust');
    document.update('fn a() {}');
    document.close();
    const again = parser.open('a.rs', 'rust');
    expectSame(again.finish(), 'rust', '');
    again.close();
  });
});

function expectSame(facts: FileFacts | undefined, language: Language, text: string) {
  const fresh = parser.extract('fresh', language, text);
  expect(facts?.broken).toBe(fresh.broken);
  if (facts && !Buffer.from(facts.nodes.buffer).equals(Buffer.from(fresh.nodes.buffer))) {
    expect(facts.nodes).toEqual(fresh.nodes);
  }
}

function depth(nodes: Int32Array): number {
  const depths = new Int32Array(nodes.length / FLAT_INTS);
  let max = 0;
  for (let n = 1; n < depths.length; n++) {
    depths[n] = (depths[nodes[n * FLAT_INTS + 4] as number] as number) + 1;
    max = Math.max(max, depths[n] as number);
  }
  return max;
}
