import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileKind } from '../../src/analysis/file-kind.ts';
import { Workspace } from '../../src/analysis/workspace.ts';
import type { Steps } from '../../src/core/steps.ts';
import { startEngine } from '../../src/host/engine.ts';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';

const parser = await startEngine();

/** The example shop, and what every rule finds together. */
const texts = new Map<string, string>([
  ...readdirSync('examples', { recursive: true, encoding: 'utf8' })
    .filter((file) => fileKind(file) !== undefined)
    .map((file) => [`shop/${file}`, readFileSync(join('examples', file), 'utf8')] as const),
  ...readCases('.')
    .filter((c) => c.rule === 'everything')
    .flatMap((c) => [...textsOf(c)].map(([file, text]) => [`${c.name}/${file}`, text] as const)),
]);
const code = [...texts.keys()].filter((file) => /\.(go|rs)$/.test(file));

/** Numbers from 0 to below `limit`, the same every time. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}

/** What somebody does to a text: within bodies, to declarations, and to what holds them together. */
const EDITS: readonly ((text: string, lines: string[], at: number) => string)[] = [
  (_, lines, at) => lines.toSpliced(at, 1).join('\n'),
  (_, lines, at) => lines.toSpliced(at, 0, lines[at] as string).join('\n'),
  (_, lines, at) => lines.toSpliced(at, 0, '// headroom: ignore all -- try').join('\n'),
  (_, lines, at) => lines.with(at, (lines[at] as string).slice(0, -1)).join('\n'),
  (text) => text.replace(/(func|fn) (\w+)\(/, '$1 $2Again('),
  (text) => text.replace(/\b(struct|map|HashMap|Vec)\b/, 'Other'),
  (text) => text.replace(/(delete\(|\.remove\(|\.clear\()/, 'keep('),
  (text) => text.replace(/^import .*|^use .*/m, ''),
];

function workspaceOf(files: ReadonlyMap<string, string>): Workspace {
  const workspace = new Workspace({ parser, profile: 'pedantic', throwRuleErrors: true });
  for (const [file, text] of files) workspace.setText(file, text);
  return workspace;
}

/** All that is said of everything. */
function said(workspace: Workspace, files: ReadonlyMap<string, string>): string {
  const { findings, exemptions, notices } = workspace.check();
  const hovers = code.flatMap((file) =>
    [0.2, 0.4, 0.6, 0.8].map((part) => {
      const text = files.get(file) as string;
      return workspace.hover(file, text.indexOf('\n', Math.floor(text.length * part)) - 2)?.markdown;
    }),
  );
  return JSON.stringify({ findings, exemptions, notices, hovers }, null, 1);
}

test.each([1, 2, 3])('what was typed is judged as if it had always been there, %i', (seed) => {
  const next = numbers(seed * 7919);
  const now = new Map(texts);
  const workspace = workspaceOf(now);
  expect(workspace.check().findings.length).toBeGreaterThan(20);
  for (let round = 0; round < 4; round++) {
    for (let key = 0; key < 12; key++) {
      const file = code[next(code.length)] as string;
      const before = next(4) === 0 ? (texts.get(file) as string) : (now.get(file) as string);
      const lines = before.split('\n');
      const edit = EDITS[next(EDITS.length)] as (typeof EDITS)[number];
      const text = edit(before, lines, next(lines.length));
      now.set(file, text);
      workspace.setText(file, text);
      // Two who look at the same program in turns, until the next key interrupts them, or not.
      const lookers: Iterator<unknown>[] = [workspace.prepareFile(file), workspace.turns([file])];
      for (let steps = next(3000); steps > 0 && lookers.length > 0; steps--) {
        const at = next(lookers.length);
        if (lookers[at]?.next().done) lookers.splice(at, 1);
      }
    }
    expect(said(workspace, now)).toBe(said(workspaceOf(now), now));
  }
});

test('a file that was prepared is judged', () => {
  const workspace = workspaceOf(texts);
  const file = code.find((f) => f.endsWith('.go')) as string;
  expect(workspace.isPrepared(file)).toBe(false);
  const steps: Steps = workspace.prepareFile(file);
  let count = 0;
  while (!steps.next().done) {
    expect(workspace.isPrepared(file)).toBe(false);
    count++;
  }
  expect(workspace.isPrepared(file)).toBe(true);
  expect(count).toBeGreaterThan(50);
  workspace.setText(file, `${texts.get(file)}\n`);
  expect(workspace.isPrepared(file)).toBe(false);
});
