import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RuleMeta } from '../../src/core/rule.ts';
import { allRules } from '../../src/rules/registry.ts';
import { type FixtureCase, readCases } from '../../src/tools/fixtures/cases.ts';
import { createLint } from '../../src/tools/fixtures/engine.ts';
import { textsOf } from '../../src/tools/fixtures/verify.ts';
import { pageProblems } from '../../src/tools/generate/page.ts';
import { NOTE_TO_WRITE } from '../../src/tools/generate/scaffold.ts';

const lint = await createLint();
const cases = readCases('.');
const rules = allRules.map((r) => r.meta);

/** Data a message may carry on an ordinary day, to measure its length. */
const TYPICAL = 'order-cache';

/** A message's first sentence; what stands in quotes or backticks is not cut. */
function firstSentence(message: string): string {
  return /^(?:"[^"]*"|`[^`]*`|[^"`])*?[.?!](?= )/.exec(message)?.[0] ?? message;
}

function messageProblems(message: string): string[] {
  const problems: string[] = [];
  const first = firstSentence(message);
  if (first.length > 100) problems.push(`first sentence has ${first.length} characters: ${first}`);
  if (message.endsWith('.')) problems.push(`ends with a full stop: ${message}`);
  if (/\{\w+\}/.test(message)) problems.push(`unfilled hole: ${message}`);
  return problems;
}

function problemsOf(meta: RuleMeta, own: readonly FixtureCase[]): string[] {
  const findings = own.flatMap((c) => lint(textsOf(c), meta.id).findings);
  if (findings.length === 0) return ['has no detection yet: none of its fixtures gives a finding'];
  const expectations = own.flatMap((c) => c.files.flatMap((f) => f.marked.expectations));
  const problems: string[] = [];
  if (!expectations.some((e) => e.kind === 'finding')) problems.push('no fixture expects a finding');
  for (const reason of Object.keys(meta.exemptions)) {
    if (!expectations.some((e) => e.kind === 'exemption' && e.reason === reason)) {
      problems.push(`no fixture covers "exempt: ${reason}"`);
    }
  }
  for (const e of expectations) {
    if (e.kind === 'exemption' && !(e.reason in meta.exemptions))
      problems.push(`unknown reason "${e.reason}"`);
  }
  if (findings.some((f) => f.fixes.length > 0) && !own.some((c) => c.fixed.length > 0)) {
    problems.push('offers fixes but has no .fixed text');
  }
  const page = `docs/rules/${meta.id}.md`;
  if (existsSync(page)) problems.push(...pageProblems(readFileSync(page, 'utf8'), meta));
  else problems.push(`${page} is missing (npm run bless writes a first one)`);
  if (meta.note?.why === NOTE_TO_WRITE) problems.push('`note.why` is still that of the scaffold');
  for (const finding of findings) problems.push(...messageProblems(finding.message));
  return problems;
}

describe('every rule', () => {
  it.each(rules.map((m) => [m.id, m] as const))('%s is complete', (id, meta) => {
    expect(
      problemsOf(
        meta,
        cases.filter((c) => c.rule === id),
      ),
    ).toEqual([]);
  });

  it.each(rules.map((m) => [m.id, m] as const))('%s keeps the message conventions', (_, meta) => {
    const problems: string[] = [];
    for (const [id, template] of Object.entries(meta.messages)) {
      if (!/\{\w+\}/.test(template)) problems.push(`message "${id}" names no object: ${template}`);
      problems.push(...messageProblems(template.replace(/\{\w+\}/g, TYPICAL)));
    }
    if (/\.$/.test(meta.summary) || meta.summary.length > 90) problems.push(`summary: ${meta.summary}`);
    expect(problems).toEqual([]);
  });

  it('has fixtures under the name of a rule, and no others', () => {
    const known = new Set([...rules.map((m) => m.id), 'everything']);
    expect(cases.filter((c) => !known.has(c.rule)).map((c) => c.source)).toEqual([]);
  });
});
