import { describe, expect, it } from 'vitest';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import {
  compileGo,
  compileRust,
  goVersion,
  rustcVersion,
  unitsOf,
} from '../../src/tools/fixtures/compile.ts';

const units = unitsOf(readCases('.'));
const rustc = rustcVersion();
const go = goVersion();

describe('fixtures and their fixed texts compile', () => {
  it.skipIf(!rustc)(
    `with rustc ${rustc ?? '(not on this machine: skipped)'}`,
    { timeout: 240_000 },
    async () => {
      const { failures } = await compileRust('.', units);
      expect(failures.join('\n\n')).toBe('');
    },
  );

  it.skipIf(!go)(`with go ${go ?? '(not on this machine: skipped)'}`, { timeout: 240_000 }, async () => {
    const { failures, skipped } = await compileGo('.', units, go!);
    for (const reason of skipped) console.log(`not compiled: ${reason}`);
    expect(failures.join('\n\n')).toBe('');
  });

  it.skipIf(!rustc || !go)('and a unit that does not compile is reported', { timeout: 60_000 }, async () => {
    const unit = (texts: [string, string][]) => [{ name: 'broken', texts: new Map(texts) }];
    const rust = await compileRust(
      '.',
      unit([
        ['Cargo.toml', '[package]\nname = "x"\n'],
        ['src/lib.rs', 'fn f() -> u8 { "" }'],
      ]),
    );
    expect(rust.failures[0]).toContain('mismatched types');
    const golang = await compileGo(
      '.',
      unit([
        ['go.mod', 'module fixture\n'],
        ['x.go', 'package x\n\nvar x int = ""\n'],
      ]),
      go!,
    );
    expect(golang.failures[0]).toContain('cannot use');
  });
});
