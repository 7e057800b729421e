import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { setRuleLevel } from '../../src/analysis/config-edit.ts';
import { applyEdits } from '../../src/core/edits.ts';

const RULE = 'go/unbounded-cache';

function withRuleOff(text: string): string | undefined {
  const edits = setRuleLevel('headroom.yaml', text, RULE, 'off');
  return edits && applyEdits(text, edits);
}

test.each([
  ['no file yet', '', `rules:\n  ${RULE}: off\n`],
  ['comments only', '# ours', `# ours\nrules:\n  ${RULE}: off\n`],
  ['no rules yet', 'headroom: 20 # enough\n', `headroom: 20 # enough\nrules:\n  ${RULE}: off\n`],
  [
    'other rules',
    'rules:\n    rust/hot-clone: hint # why\n\nheadroom: 20\n',
    `rules:\n    rust/hot-clone: hint # why\n    ${RULE}: off\n\nheadroom: 20\n`,
  ],
  [
    'the rule with another level',
    `rules:\n  ${RULE}: hint # for now\n`,
    `rules:\n  ${RULE}: off # for now\n`,
  ],
  ['flow style', 'rules: { rust/hot-clone: hint }\n', `rules: { rust/hot-clone: hint, ${RULE}: off }\n`],
  ['an empty map', 'rules:\nheadroom: 20\n', `rules:\n  ${RULE}: off\nheadroom: 20\n`],
  ['CRLF', 'headroom: 20\r\n', `headroom: 20\r\nrules:\r\n  ${RULE}: off\r\n`],
])('%s', (_, text, expected) => {
  expect(withRuleOff(text)).toBe(expected);
  expect(parse(expected).rules[RULE]).toBe('off');
});

test.each([
  ['broken', 'rules: [\n'],
  ['a list', '- a\n'],
  ['rules that are no map', 'rules: all\n'],
])('no edit for a file that cannot be edited safely: %s', (_, text) => {
  expect(withRuleOff(text)).toBeUndefined();
});
