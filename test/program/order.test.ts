import { describe, expect, test } from 'vitest';
import { checkPackage, registry, type Said } from '../../src/analysis/run-rules.ts';
import { finish } from '../../src/core/steps.ts';
import { Lifetimes } from '../../src/program/lifetime/lifetime.ts';
import { Phases } from '../../src/program/phases/phases.ts';
import { type FixtureCase, readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';
import { programOf, says } from './build.ts';

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

function only(files: Readonly<Record<string, string>>, names: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([file]) => names.test(file)));
}

describe('the order in which it is asked does not matter', () => {
  const all: Record<string, string> = {};
  for (const [i, fixture] of readCases('.').entries())
    for (const [file, text] of textsOf(fixture))
      if (/\.(go|rs)$|go\.mod$/.test(file)) all[`${i}/${file}`] = text;
  /** Rings: of types that hold each other, and of functions that call each other, with a handler far away. */
  all['ring/main.go'] = `package main
import ("net/http"; "sync")
type Outer struct { mu sync.Mutex; first *First }
type First struct { second *Second; seen map[string]int }
type Second struct { third *Third; outer *Outer }
type Third struct { first *First; kept map[string]int }
func (f *First) ping(n string) { f.seen[n] = 1; f.second.pong(n) }
func (s *Second) pong(n string) { s.third.pang(n) }
func (t *Third) pang(n string) { t.kept[n] = 1; t.first.ping(n) }
func (o *Outer) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.first.second.pong(r.URL.Path) }
func main() { http.Handle("/", &Outer{first: &First{}}) }
`;
  const orders: readonly (<T>(items: readonly T[]) => T[])[] = [
    (items) => [...items].reverse(),
    (items) => shuffled(items, 5),
    (items) => shuffled(items, 11),
  ];

  test('what rules say of packages', () => {
    const said = (order: <T>(items: readonly T[]) => T[]) => {
      const of = new Map<string, Said>();
      // As in a workspace, where Go and Rust are never one program.
      for (const files of [only(all, /\.(go|mod)$/), only(all, /\.rs$/)])
        for (const pkg of order(programOf(files).packages))
          of.set(pkg.id, finish(checkPackage(pkg, registry, {})));
      return [...of].sort(([a], [b]) => (a < b ? -1 : 1));
    };
    const plain = (list: readonly (readonly [string, Said])[]) =>
      list.map(([id, { findings, exemptions }]) => [
        id,
        ...[...findings, ...exemptions].map((said) => JSON.stringify(said)),
      ]);
    const first = said((items) => [...items]);
    expect(first.flatMap(([, s]) => s.findings).length).toBeGreaterThan(100);
    for (const order of orders) expect(plain(said(order))).toEqual(plain(first));
  });

  test('when functions run, and how long values live', () => {
    const answers = (order: <T>(items: readonly T[]) => T[]) => {
      const program = programOf(all);
      const out = new Map<string, unknown>();
      for (const fn of order(program.packages.flatMap((p) => p.functions)))
        out.set(`${fn.file.facts.file} ${fn.fact.span.start}`, Phases.of(program).of(fn));
      for (const type of order(program.packages.flatMap((p) => p.types)))
        out.set(`${type.file.facts.file} ${type.fact.span.start}`, Lifetimes.of(program).ofType(type));
      return JSON.stringify(
        [...out].sort(([a], [b]) => (a < b ? -1 : 1)),
        (key, value) => (key === 'api' || key === 'fn' ? (value as { label: string }).label : value),
      );
    };
    const first = answers((items) => [...items]);
    expect(first).toContain('serves HTTP');
    for (const order of orders) expect(answers(order)).toBe(first);
  });
});
