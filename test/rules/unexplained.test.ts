import { expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';

const parser = await startEngine();
const cases = readCases('.').filter((c) => /^(rust|go)\//.test(c.rule));

function checked(texts: ReadonlyMap<string, string>, explain: boolean) {
  const workspace = new Workspace({ parser, profile: 'pedantic', explain, throwRuleErrors: true });
  for (const [file, text] of texts) workspace.setText(file, text);
  const { findings, exemptions } = workspace.check();
  return {
    findings: findings.map(({ fixes, ...finding }) => ({ ...finding, fixes: fixes.map((f) => f.title) })),
    exemptions,
  };
}

it.each(cases.map((c) => [c.source, c] as const))('%s: the same is found where nobody asks why', (_, c) => {
  const texts = textsOf(c);
  const { findings, exemptions } = checked(texts, false);
  expect(findings).toEqual(checked(texts, true).findings);
  expect(exemptions).toEqual([]);
});
