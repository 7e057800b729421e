import { expect, test } from 'vitest';
import { startEngine } from '../../src/host/engine.ts';
import { Arena, found, pack, packedBytes, placed, unpack } from '../../src/host/packed-facts.ts';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';

const parser = await startEngine();

const sources = [
  ...readCases('.')
    .flatMap((c) => [...textsOf(c)])
    .filter(([file]) => /\.(rs|go)$/.test(file)),
  ['local.go', 'package p\n\nfunc f() {\n\ttype pair struct{ a, b int }\n}\n'] as const,
  ['broken.rs', 'fn f() { let = ; }\n\nfn g() {}\n'] as const,
];

test('what is unpacked is what was packed, for every fixture', () => {
  const facts = sources.map(([file, text]) =>
    parser.extract(file, file.endsWith('.rs') ? 'rust' : 'go', text),
  );
  for (const each of facts) expect(unpack(pack(each, ''))).toEqual(each);
  // A fact that no fixture has would not have been compared.
  for (const list of ['imports', 'types', 'functions', 'globals', 'modules', 'directives'] as const)
    expect(
      facts.some((f) => f[list].length > 0),
      list,
    ).toBe(true);
  expect(facts.some((f) => f.types.some((t) => t.local))).toBe(true);
  expect(facts.some((f) => f.broken && f.brokenAt !== undefined)).toBe(true);
});

test('texts of every kind survive, and nothing is shared with the facts they came from', () => {
  const text = 'package p\n\nvar quoted = "\\"\\u2028 ä 🦀 \\\\"\n\nfunc ünï() {}\n';
  const facts = parser.extract('a.go', 'go', text);
  const packed = pack(facts, 'of');
  expect(unpack(packed)).toEqual(facts);
  expect(packed.nodes.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(packedBytes(packed)).toBeGreaterThan(facts.nodes.byteLength);
});

test('many files lie in one buffer, and are found in it by whoever has it', () => {
  const arena = new Arena();
  const facts = sources
    .slice(0, 40)
    .map(([file, text]) => parser.extract(file, file.endsWith('.rs') ? 'rust' : 'go', text));
  const packed = facts.map((each) => pack(each, 'of', (bytes) => arena.take(bytes)));
  const [first] = packed;
  const buffer = first?.nodes.buffer as SharedArrayBuffer;
  expect(new Set(packed.map(({ nodes }) => nodes.buffer))).toEqual(new Set([buffer]));
  const places = structuredClone(packed.map(placed));
  expect(places.map((place) => unpack(found(place, buffer)))).toEqual(facts);
  // What is larger than all that is left gets a buffer of its own.
  const large = arena.take(2 ** 24);
  expect(large.buffer).not.toBe(buffer);
  expect(large).toMatchObject({ at: 0, buffer: { byteLength: 2 ** 24 } });
});
