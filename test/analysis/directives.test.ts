import { describe, expect, it } from 'vitest';
import { yamlDirectives } from '../../src/analysis/yaml-directives.ts';
import { parseDirective } from '../../src/core/directive.ts';

describe('a directive', () => {
  it.each([
    ['ignore go/x -- it is small', { kind: 'ignore', rules: ['go/x'], reason: 'it is small' }],
    ['ignore go/x, rust/y', { kind: 'ignore', rules: ['go/x', 'rust/y'], reason: '' }],
    ['ignore-file k8s/z --  why  ', { kind: 'ignore-file', rules: ['k8s/z'], reason: 'why' }],
    ['bounded -- at most one per tenant', { kind: 'bounded', reason: 'at most one per tenant' }],
    ['hot', { kind: 'hot', reason: '' }],
    ['cold -- once a day', { kind: 'cold', reason: 'once a day' }],
    ['budget 64MiB', { kind: 'budget', bytes: 67_108_864, reason: '' }],
    ['budget 1.5 GiB -- measured', { kind: 'budget', bytes: 1_610_612_736, reason: 'measured' }],
  ])('%j is understood', (text, body) => {
    expect(parseDirective(text)).toEqual(body);
  });

  it.each([
    ['', 'nothing follows `headroom:`'],
    ['ignore', '`ignore` names no rule'],
    ['ignore -- because', '`ignore` names no rule'],
    ['ignroe go/x', '`ignroe` is not a directive; `ignore` is'],
    ['quiet', '`quiet` is not a directive'],
    ['hot path', '`hot` takes no argument; write the reason after `--`'],
    ['budget lots', '`lots` is not a size such as `64MiB`'],
  ])('%j is malformed and says so', (text, problem) => {
    expect(parseDirective(text)).toEqual({ kind: 'malformed', problem });
  });
  it('a sentence is for people', () => {
    expect(parseDirective('this suite draws nothing')).toEqual({ kind: 'prose' });
  });
});

describe('directives in YAML', () => {
  const at = (text: string) =>
    yamlDirectives(text).map((d) => [text.slice(d.span.start, d.span.end), d.alone]);

  it('are comments, not text', () => {
    const text = [
      '# headroom: ignore k8s/a -- one',
      'a: b # headroom: ignore k8s/b -- two',
      'c: "# headroom: ignore k8s/c"',
      'd: |',
      '  # headroom: ignore k8s/d',
      'e: x#headroom: nope',
      '#headroom: hot',
    ].join('\n');
    expect(at(text)).toEqual([
      ['# headroom: ignore k8s/a -- one', true],
      ['# headroom: ignore k8s/b -- two', false],
      ['#headroom: hot', true],
    ]);
  });

  it('are found in several documents, with CRLF, and in text that is not YAML', () => {
    expect(at('---\r\n# headroom: hot\r\na: 1\r\n---\r\nb: 2 # headroom: cold\r\n')).toEqual([
      ['# headroom: hot', true],
      ['# headroom: cold', false],
    ]);
    expect(at('{{- if .Values.x }}\n  : [ } # headroom: hot\n')).toEqual([['# headroom: hot', false]]);
    expect(at('a: "unclosed\n# headroom: hot\n').length).toBeLessThanOrEqual(1);
  });
});
