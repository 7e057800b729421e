/** Writes the `.fixed` texts of the fixtures from what the fixes give; people review the difference. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FixtureCase, fixedName } from '../fixtures/cases.ts';
import { applyFixEverywhere, fixCount, type Lint, lintFor, textsOf, titleOf } from '../fixtures/verify.ts';

/** Path in the repository to text, for every fix the findings of the case offer. */
export function fixedTexts(fixture: FixtureCase, anyLint: Lint): Map<string, string> {
  const lint = lintFor(fixture, anyLint);
  const out = new Map<string, string>();
  if (fixture.rule === 'everything') return out;
  const texts = textsOf(fixture);
  const { findings } = lint(texts, fixture.rule);
  const entry = fixture.source.slice(fixture.source.lastIndexOf('/') + 1);
  const single = fixture.files[0]!.source === fixture.source;
  for (let fix = 1; fix <= fixCount(findings); fix++) {
    const target = `${dirname(fixture.source)}/${fixedName(entry, fix)}`;
    const kept = fixture.fixed.find((f) => f.fix === fix)?.headers ?? new Map<string, string>();
    const headers = new Map([...kept, ['fix', titleOf(findings, fix)]]);
    for (const [path, text] of applyFixEverywhere(texts, fixture.rule, fix, lint)) {
      if (text === texts.get(path)) continue;
      const mark = /\.(rs|go|mod)$/.test(path) ? '//@' : '#@';
      const head = [...headers].map(([k, v]) => `${mark} ${k}${v && `: ${v}`}\n`).join('');
      out.set(single ? target : `${target}/${path}`, head + text);
      headers.clear();
    }
  }
  return out;
}

/** Replaces what is there. Answers how many files differ from before. */
export function writeFixed(root: string, fixture: FixtureCase, lint: Lint): void {
  for (const old of fixture.fixed) rmSync(join(root, old.source), { recursive: true });
  for (const [path, text] of fixedTexts(fixture, lint)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
