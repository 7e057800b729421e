import { describe, expect, test } from 'vitest';
import { type FixtureCase, readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';
import { says } from './build.ts';

/** A fixed shuffle: the same for every run, another for every seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  let state = seed;
  for (let i = out.length - 1; i > 0; i--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const j = state % (i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

const growth = readCases('.').filter((c: FixtureCase) => /\/unbounded-(cache|spawn)$/.test(c.rule));
const several = growth.filter((c) => c.files.filter((f) => /\.(go|rs)$/.test(f.path)).length > 1);

describe('the order in which files are read does not matter', () => {
  test('there are cases of several files', () => {
    expect(several.length).toBeGreaterThan(4);
  });

  test.each(several.map((c) => [c.source.replace('test/fixtures/', ''), c] as const))('%s', (_, fixture) => {
    const files = [...textsOf(fixture)];
    const first = says(fixture.rule, files);
    expect(first).not.toEqual([]);
    for (const seed of [1, 7, 42]) expect(says(fixture.rule, shuffled(files, seed))).toEqual(first);
  });

  test('nor for all Go cases together', () => {
    const files = growth
      .filter((c) => c.language === 'go' && c.rule === 'go/unbounded-cache')
      .flatMap((c) => [...textsOf(c)].map(([path, text]): [string, string] => [`${c.name}/${path}`, text]));
    const first = says('go/unbounded-cache', files);
    expect(first.length).toBeGreaterThan(40);
    expect(says('go/unbounded-cache', shuffled(files, 3))).toEqual(first);
  });
});
