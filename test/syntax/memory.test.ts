import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { Parser } from 'web-tree-sitter';
import type { Language } from '../../src/syntax/facts.ts';
import { createParser } from '../../src/syntax/parser.ts';
import { startRuntime } from '../../src/syntax/runtime.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { rawExtractor } from './raw-extractor.ts';
import { largeSample, mangle, numbers } from './samples.ts';

// Heavy on purpose, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const parser = await createParser(grammarBytes, { rust: rawExtractor, go: rawExtractor });

/** Bytes outside the JavaScript heap after a collection, the engine's memory among them. */
async function outside(): Promise<number> {
  // Array buffers are swept beside the main thread and counted off at the collection after that.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(setImmediate);
  }
  return process.memoryUsage().external;
}

const MB = 1024 * 1024;

it.each(['rust', 'go'] as const)('stays flat over 500 parses of %s', async (language: Language) => {
  const next = numbers(3);
  const { text } = largeSample(language, 12_000);
  const round = () => parser.extract('a', language, mangle(text, 2, next));
  for (let i = 0; i < 50; i++) round();
  const [engine, external] = [parser.memoryBytes(), await outside()];
  for (let i = 0; i < 500; i++) round();
  expect(parser.memoryBytes()).toBe(engine);
  expect((await outside()) - external).toBeLessThan(MB);
});

it('stays flat over 500 edits, deadlines missed among them', async () => {
  const next = numbers(5);
  const { text } = largeSample('rust', 12_000);
  const document = parser.open('a.rs', 'rust');
  const edits = (count: number) => {
    for (let i = 0; i < count; i++) {
      let asked = 0;
      document.update(mangle(text, 1, next), i % 3 === 0 ? () => ++asked > 5 : undefined);
    }
  };
  edits(100);
  const [engine, external] = [parser.memoryBytes(), await outside()];
  edits(500);
  document.close();
  expect(parser.memoryBytes()).toBe(engine);
  expect((await outside()) - external).toBeLessThan(MB);
});

it('is a measure that sees trees which are not deleted', async () => {
  const runtime = await startRuntime(grammarBytes.runtime, grammarBytes.flatten);
  const leaking = new Parser().setLanguage(await runtime.loadGrammar(grammarBytes.rust));
  const { text } = largeSample('rust', 12_000);
  const engine = parser.memoryBytes();
  const kept = [];
  for (let i = 0; i < 400; i++) kept.push(leaking.parse(text));
  expect(parser.memoryBytes()).toBeGreaterThan(engine + 4 * MB);
  for (const tree of kept) tree?.delete();
  leaking.delete();
});
