import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeConfig } from '../../src/analysis/config-complete.ts';

const schema = JSON.parse(readFileSync('schemas/headroom.schema.json', 'utf8'));

/** What is proposed where `‸` stands. */
function at(marked: string) {
  const offset = marked.indexOf('‸');
  return completeConfig(schema, marked.replace('‸', ''), offset);
}
const labels = (marked: string) => at(marked).map((proposal) => proposal.label);

test('keys at the top, without those that are there', () => {
  expect(labels('‸')).toEqual(expect.arrayContaining(['root', 'include', 'exclude', 'rules', 'overrides']));
  expect(labels('rules:\n  go/unbounded-cache: off\n‸\nheadroom: 20\n')).toEqual([
    'root',
    'include',
    'exclude',
    'overrides',
    'services',
  ]);
});

test('a key says what it is for, also where the schema says it elsewhere', () => {
  expect(at('ru‸').find((p) => p.label === 'rules')?.description).toMatch(/^The severity of each rule/);
});

test('the names of rules, and what a typed part replaces', () => {
  const proposals = at('rules:\n  rust/unbounded-cache: off\n  go/unb‸\n');
  expect(proposals.map((p) => p.label)).toContain('go/unbounded-cache');
  expect(proposals.map((p) => p.label)).not.toContain('rust/unbounded-cache');
  const [first] = proposals;
  expect(first?.span.end).toBe('rules:\n  rust/unbounded-cache: off\n  go/unb'.length);
  expect(first!.span.end - first!.span.start).toBe('go/unb'.length);
  expect(first?.newText).toMatch(/: $/);
});

test('severities', () => {
  expect(labels('rules:\n  go/unbounded-cache: ‸')).toEqual([
    'off',
    'error',
    'warning',
    'information',
    'hint',
  ]);
  expect(labels('root: t‸')).toEqual(['true', 'false']);
});

test('inside the items of a list', () => {
  expect(labels('overrides:\n  - ‸')).toEqual(['files', 'rules']);
  expect(labels('overrides:\n  - files: [a]\n    ‸')).toEqual(['rules']);
  expect(labels('overrides:\n- files: [a]\n  rules:\n    k8s/limit-‸')).toContain('k8s/limit-missing');
  expect(labels('overrides:\n  - files: [a]\n    rules:\n      k8s/limit-missing: ‸')).toContain('off');
});

test('nothing where nothing is known: comments, other places, lists of patterns', () => {
  expect(labels('# ‸')).toEqual([]);
  expect(labels('exclude:\n  - ‸')).toEqual([]);
  expect(labels('unknown:\n  ‸')).toEqual([]);
  expect(labels('rules: { a: ‸')).toEqual([]);
});
