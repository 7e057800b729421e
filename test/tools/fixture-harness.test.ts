import { describe, expect, it } from 'vitest';
import type { Exemption, Finding, Fix } from '../../src/core/finding.ts';
import type { FixtureCase } from '../../src/tools/fixtures/cases.ts';
import { readMarkers } from '../../src/tools/fixtures/markers.ts';
import { type Lint, verifyCase } from '../../src/tools/fixtures/verify.ts';

describe('fixture markers', () => {
  it('are taken out of the text and speak about their line, or with ^ about the line above', () => {
    const marked = readMarkers(
      '//@ go: 1.22\na()  //~ hot-copy information "copies"\n//~^ exempt: bounded "by `x`"\nb() // keep\n',
    );
    expect(marked.text).toBe('a()\nb() // keep\n');
    expect(marked.headers.get('go')).toBe('1.22');
    expect(marked.sourceLines).toEqual([2, 4, 5]);
    expect(marked.expectations).toMatchObject([
      { kind: 'finding', rule: 'hot-copy', severity: 'information', part: 'copies', line: 0, sourceLine: 2 },
      { kind: 'exemption', reason: 'bounded', part: 'by `x`', line: 0, sourceLine: 3 },
    ]);
  });

  it('may stand several on a line and start with # in YAML', () => {
    const marked = readMarkers('memory: 512m #~ milli-suffix #~ k8s/implausibly-small "no process"');
    expect(marked.text).toBe('memory: 512m');
    expect(marked.expectations.map((e) => e.rule)).toEqual(['milli-suffix', 'k8s/implausibly-small']);
  });

  it('report what cannot be read', () => {
    expect(readMarkers('x //~ Hot Copy!').problems).toHaveLength(1);
    expect(readMarkers('//~ hot-copy').problems[0]).toContain('needs ^');
  });
});

const FIX: Fix = {
  title: 'Say good',
  applicability: 'machine-applicable',
  edits: () => [],
};

/** Finds the word `bad`, offers to write `good`; calls `fine` exempt. */
const lint: Lint = (texts) => {
  const findings: Finding[] = [];
  const exemptions: Exemption[] = [];
  for (const [file, text] of texts) {
    for (const { 0: word, index } of text.matchAll(/bad|fine/g)) {
      const span = { start: index, end: index + word.length };
      const rule = 'go/word';
      if (word === 'fine') exemptions.push({ rule, file, span, reason: 'kind', message: 'it is kind' });
      else {
        const edits = () => [{ file, span, newText: 'good' }];
        const fixes = [{ ...FIX, edits }];
        findings.push({
          rule,
          file,
          span,
          severity: 'warning',
          confidence: 'high',
          message: 'A bad word',
          related: [],
          fixes,
        });
      }
    }
  }
  return { findings, exemptions, broken: [] };
};

function fixture(text: string, fixed?: string, title = 'Say good'): FixtureCase {
  const source = 'test/fixtures/go/word/case.go';
  const marked = readMarkers(text);
  return {
    language: 'go',
    rule: 'go/word',
    name: 'case',
    source,
    files: [{ path: 'case.go', source, marked }],
    headers: marked.headers,
    fixed:
      fixed === undefined
        ? []
        : [
            {
              fix: 1,
              files: new Map([['case.go', fixed]]),
              headers: new Map([['fix', title]]),
              source: 'case.fixed.go',
            },
          ],
  };
}

describe('the fixture harness', () => {
  it('accepts a case that holds', () => {
    expect(
      verifyCase(fixture('bad //~ word warning "bad word"\nfine //~ exempt: kind\n', 'good\nfine\n'), lint),
    ).toEqual([]);
  });

  it.each([
    [
      'a finding nobody expects',
      fixture('\nbad\nfine //~ exempt: kind', '\ngood\nfine'),
      'case.go:2: unexpected warning',
    ],
    ['a missing finding', fixture('x //~ word'), 'case.go:1: expected word'],
    ['another severity', fixture('bad //~ word hint', 'good'), 'expected word hint'],
    ['another message', fixture('bad //~ word "worse"', 'good'), 'expected word "worse"'],
    ['a missing exemption', fixture('bad //~ exempt: kind', 'good'), 'the line records nothing'],
    ['another reason', fixture('fine //~ exempt: old'), 'the line records go/word: kind'],
    ['a case that expects nothing', fixture('x'), 'expects nothing'],
    ['a missing .fixed text', fixture('bad //~ word'), 'no .fixed text for fix 1'],
    ['another fixed text', fixture('bad //~ word', 'better'), 'line 1 should be "better"'],
    ['another fix title', fixture('bad //~ word', 'good', 'Say better'), 'the fix is called "Say good"'],
    [
      'a .fixed text without a fix',
      fixture('fine //~ exempt: kind', 'good'),
      'no finding of the case offers fix 1',
    ],
  ])('reports %s', (_, broken, problem) => {
    expect(verifyCase(broken, lint).join('\n')).toContain(problem);
  });

  const withFix = (change: (fix: Fix, finding: Finding) => Fix): Lint => {
    return (texts, rule) => {
      const result = lint(texts, rule);
      return {
        ...result,
        findings: result.findings.map((f) => ({ ...f, fixes: f.fixes.map((x) => change(x, f)) })),
      };
    };
  };

  it('reports overlapping edits', () => {
    const twice = withFix((fix, f) => ({
      ...fix,
      edits: () => [...fix.edits(), { file: f.file, span: f.span, newText: 'nice' }],
    }));
    expect(verifyCase(fixture('bad //~ word', 'good'), twice).join('\n')).toContain('overlapping edits');
  });

  it('reports a fix that leaves its finding', () => {
    const useless = withFix((fix, f) => ({
      ...fix,
      edits: () => [{ file: f.file, span: f.span, newText: 'bad' }],
    }));
    expect(verifyCase(fixture('bad //~ word', 'bad'), useless).join('\n')).toContain('still there');
  });

  it('reports a fix that breaks the syntax', () => {
    const breaking: Lint = (texts, rule) => ({
      ...lint(texts, rule),
      broken: [...texts].filter(([, t]) => t.includes('good')).map(([f]) => f),
    });
    expect(verifyCase(fixture('bad //~ word', 'good'), breaking).join('\n')).toContain(
      'leaves a syntax error',
    );
  });

  it('reports findings that depend on the line ends', () => {
    const lfOnly: Lint = (texts, rule) =>
      [...texts.values()].some((t) => t.includes('\r'))
        ? { findings: [], exemptions: [], broken: [] }
        : lint(texts, rule);
    expect(verifyCase(fixture('a\nbad //~ word', 'a\ngood'), lfOnly).join('\n')).toContain('lost with CRLF');
  });
});
