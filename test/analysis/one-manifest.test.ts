import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileKind } from '../../src/analysis/file-kind.ts';
import { Workspace } from '../../src/analysis/workspace.ts';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';

/** What is said of each file: once with everything judged, once with that file alone. */
function both(texts: ReadonlyMap<string, string>): [whole: string[], alone: string[]] {
  const open = () => {
    const workspace = new Workspace({ profile: 'pedantic', throwRuleErrors: true });
    for (const [file, text] of texts) workspace.setText(file, text);
    return workspace;
  };
  const say = (found: ReturnType<Workspace['check']>) => [
    ...found.findings.map((f) => `${f.file}:${f.span.start} ${f.rule} ${f.message}`),
    ...found.notices.map((n) => `${n.file} ${n.message}`),
  ];
  const workspace = open();
  return [say(open().check()).sort(), [...texts.keys()].flatMap((f) => say(workspace.checkFile(f))).sort()];
}

const isManifest = (file: string) => fileKind(file) === 'manifest';

describe('a manifest judged alone', () => {
  it('gets the findings it gets among all others, in every fixture', () => {
    let findings = 0;
    for (const fixture of readCases('.').filter((c) => c.language === 'k8s' || c.language === 'compose')) {
      const texts = new Map([...textsOf(fixture)].filter(([f]) => isManifest(f)));
      const [whole, alone] = both(texts);
      expect({ case: fixture.source, alone }).toEqual({ case: fixture.source, alone: whole });
      findings += whole.length;
    }
    expect(findings).toBeGreaterThan(200);
  }, 300_000);

  it('gets them in the example shop', () => {
    const files = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter(isManifest).sort();
    const [whole, alone] = both(new Map(files.map((f) => [f, readFileSync(`examples/${f}`, 'utf8')])));
    expect(whole.length).toBeGreaterThan(20);
    expect(alone).toEqual(whole);
  });
});
