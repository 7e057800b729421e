import { expect, it, vi } from 'vitest';
import type { FileFacts } from '../../src/syntax/facts.ts';
import { createParser } from '../../src/syntax/parser.ts';
import { grammarBytes } from './grammar-bytes.ts';
import { rawExtractor } from './raw-extractor.ts';
import { largeSample } from './samples.ts';

// Heavy on purpose, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Enough for the one text below, not for four times that. */
const LIMIT = 80 * 1024 * 1024;

it('gives up a text that needs more memory than there may be, and reads on', async () => {
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const parser = await createParser(grammarBytes, { rust: rawExtractor, go: rawExtractor }, LIMIT);
  const small = largeSample('rust', 20_000).text;
  const nodes = (facts: FileFacts | undefined) =>
    facts ? Buffer.from(facts.nodes.buffer).toString('base64') : '';
  const before = nodes(parser.extract('small.rs', 'rust', small));
  const line = 'fn f(a: u8) -> u8 { let b = g(a, 1)?; if b { c } else { d } }\n';
  const much = line.repeat(8000);
  const more = much.repeat(4);
  const document = parser.open('open.rs', 'rust');
  document.update(small);

  expect(parser.extract('much.rs', 'rust', much).nodes.length).toBeGreaterThan(0);
  for (let i = 0; i < 3; i++) {
    expect(() => parser.extract('more.rs', 'rust', more)).toThrow('more.rs: the parser trapped');
    expect(nodes(parser.extract('small.rs', 'rust', small)) === before).toBe(true);
    // An open document's tree outlives the parser that made it.
    expect(nodes(document.update(`${small}${' '.repeat(i)}`)).length).toBe(before.length);
  }
  expect(() => document.update(more)).toThrow('open.rs: the parser trapped');
  expect(nodes(document.update(small)) === before).toBe(true);
  expect(parser.extract('much.rs', 'rust', much).nodes.length).toBeGreaterThan(0);
  expect(parser.memoryBytes()).toBeLessThanOrEqual(LIMIT);
  expect(complaint).toHaveBeenCalledWith('Aborted()');
  complaint.mockRestore();
});
