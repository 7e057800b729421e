import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';

const parser = await startEngine();

/** Everything there is: all fixtures side by side in one workspace. */
const texts = readCases('.').flatMap((c, i) =>
  [...textsOf(c)].map(([file, text]) => [`${i}/${file}`, text] as const),
);

function report(files: readonly (readonly [string, string])[]): string {
  const workspace = new Workspace({ parser, profile: 'pedantic' });
  for (const [file, text] of files) workspace.setText(file, text);
  const { findings, exemptions, notices } = workspace.check();
  const withEdits = findings.map((f) => ({ ...f, fixes: f.fixes.map((x) => ({ ...x, edits: x.edits() })) }));
  return JSON.stringify({ findings: withEdits, exemptions, notices });
}

/** The same order every time, and far from the alphabet. */
function shuffled<T>(items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1, seed = 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647;
    const j = seed % (i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

describe('the same texts give the same findings, byte for byte', () => {
  const first = report(texts);

  it('whatever the order of the files', () => {
    expect(JSON.parse(first).findings.length).toBeGreaterThan(20);
    expect(report([...texts].reverse())).toBe(first);
    expect(report(shuffled(texts))).toBe(first);
  }, 300_000);

  it('after files came, changed and went', () => {
    const workspace = new Workspace({ parser, profile: 'pedantic' });
    for (const [file, text] of shuffled(texts)) workspace.setText(file, `${text}\n`);
    workspace.setText('gone/go.mod', 'module gone\n');
    workspace.setText('gone/main.go', 'package main\n\nfunc main() {}\n');
    workspace.check();
    for (const [file, text] of texts) workspace.setText(file, text);
    workspace.remove('gone/main.go');
    workspace.remove('gone/go.mod');
    const plain = (r: { findings: readonly object[]; exemptions: readonly object[] }) =>
      JSON.stringify([r.findings, r.exemptions]);
    expect(plain(workspace.check())).toBe(
      plain(JSON.parse(report(texts), (k, v) => (k === 'edits' ? undefined : v))),
    );
  }, 300_000);
});
