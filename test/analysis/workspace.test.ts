import { beforeAll, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../src/analysis/run-rules.ts';
import { Workspace, type WorkspaceOptions } from '../../src/analysis/workspace.ts';
import type { Confidence, Severity } from '../../src/core/finding.ts';
import { defineRule, type Tier } from '../../src/core/rule.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { Manifests } from '../../src/manifest/manifests.ts';
import type { Package } from '../../src/program/program.ts';
import { headroomRules } from '../../src/rules/registry.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await startEngine();
});

/** Ids the registry knows, so that directives may name them; their rules are replaced by the ones below. */
const GLOBALS = 'go/unbounded-cache';
const FUNCTIONS = 'go/unbounded-spawn';

/** Reports every package variable, and remembers on which packages it ran. */
function globals(
  ran: string[] = [],
  tier: Tier = 'A',
  severity: Severity = 'warning',
  confidence: Confidence = 'high',
) {
  return defineRule({
    id: GLOBALS,
    tier,
    severity,
    summary: 'a package variable',
    messages: { found: '{name}' },
    exemptions: { constant: '{name} is constant' },
    check(input: Package, report) {
      ran.push(input.path);
      for (const { file, fact } of input.globals) {
        const at = file.place(fact.nameSpan);
        if (fact.kind === 'const') report.exempt({ reason: 'constant', at, data: { name: fact.name } });
        else report.find({ message: 'found', at, data: { name: fact.name }, confidence });
      }
    },
  });
}

const failing = defineRule({
  id: FUNCTIONS,
  tier: 'A',
  severity: 'warning',
  summary: 'fails',
  messages: { half: 'half done' },
  exemptions: {},
  check(input: Package, report) {
    report.find({
      message: 'half',
      at: { file: input.files[0]!.facts.file, span: { start: 0, end: 1 } },
      confidence: 'high',
    });
    throw new Error('cannot go on\nat all');
  },
});

const kinds = defineRule({
  id: 'k8s/limit-missing',
  tier: 'M',
  severity: 'information',
  summary: 'an object',
  messages: { found: '{kind}' },
  exemptions: {},
  check(input: Manifests, report) {
    for (const o of input.objects)
      report.find({
        message: 'found',
        at: { file: o.file.file, span: o.at },
        data: { kind: o.kind },
        confidence: 'high',
      });
  },
});

function workspace(rules: Partial<RuleSet>, options: WorkspaceOptions = {}): Workspace {
  return new Workspace({
    parser,
    throwRuleErrors: true,
    rules: { rust: [], go: [], manifest: [], headroom: headroomRules, ...rules },
    ...options,
  });
}

function fill(w: Workspace, files: Record<string, string>): Workspace {
  for (const [file, text] of Object.entries(files)) w.setText(file, text);
  return w;
}

const said = (w: Workspace) => w.check().findings.map((f) => `${f.file} ${f.rule} ${f.message}`);

describe('a workspace', () => {
  const files = {
    'go.mod': 'module m\n',
    'b/x.go': 'package b\nvar y, x int\nconst c = 1\n',
    'a/z.go': 'package a\nvar later int\n',
    'a/a.go': 'package a\nvar first int\n',
    'd.yaml': 'kind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n',
  };

  it('gives the same sorted findings whatever the order of files', () => {
    const rules = { go: [globals()], manifest: [kinds] };
    const forward = fill(workspace(rules), files).check();
    const backward = fill(workspace(rules), Object.fromEntries(Object.entries(files).reverse())).check();
    expect(forward.findings.map((f) => `${f.file} ${f.message}`)).toEqual([
      'a/a.go first',
      'a/z.go later',
      'b/x.go y',
      'b/x.go x',
      'd.yaml Pod',
    ]);
    const plain = (r: typeof forward) => JSON.stringify(r);
    expect(plain(backward)).toBe(plain(forward));
    expect(forward.exemptions.map((e) => e.message)).toEqual(['c is constant']);
  });

  it('runs a rule again only where something changed', () => {
    const ran: string[] = [];
    const w = fill(workspace({ go: [globals(ran)] }), files);
    w.check();
    expect(ran).toEqual(['m/a', 'm/b']);
    w.check();
    w.checkFile('a/a.go');
    expect(ran).toHaveLength(2);
    w.setText('a/a.go', 'package a\nvar other int\n');
    expect(w.checkFile('a/a.go').findings.map((f) => f.message)).toEqual(['other']);
    expect(ran).toEqual(['m/a', 'm/b', 'm/a']);
    w.setText('d.yaml', 'a: 1\n');
    w.check();
    expect(ran.slice(3)).toEqual(['m/b']);
  });

  it('answers for one file as for all', () => {
    const w = fill(workspace({ go: [globals()], manifest: [kinds] }), files);
    const all = w.check().findings;
    for (const file of Object.keys(files))
      expect(w.checkFile(file).findings).toEqual(all.filter((f) => f.file === file));
    expect(w.checkFile('nowhere.go')).toEqual({ findings: [], accepted: 0, exemptions: [], notices: [] });
  });

  it('forgets what is removed', () => {
    const w = fill(workspace({ go: [globals()], manifest: [kinds] }), files);
    w.check();
    for (const file of ['b/x.go', 'd.yaml', 'a/z.go']) w.remove(file);
    expect(said(w)).toEqual(['a/a.go go/unbounded-cache first']);
  });

  it('tells why something is silent', () => {
    const w = fill(workspace({ go: [globals()] }), files);
    const at = files['b/x.go'].indexOf('c =');
    const ask = (offset: number) => w.exemptionsAt({ file: 'b/x.go', span: { start: offset, end: offset } });
    expect(ask(at).map((e) => e.reason)).toEqual(['constant']);
    expect(ask(0)).toEqual([]);
  });

  it('names a rule that throws, skips it, and runs the others', () => {
    const options = { throwRuleErrors: false };
    const { findings, notices } = fill(workspace({ go: [failing, globals()] }, options), files).check();
    expect(findings.map((f) => f.rule)).toEqual([GLOBALS, GLOBALS, GLOBALS, GLOBALS]);
    expect(notices).toEqual([
      {
        file: 'a',
        message: `rule ${FUNCTIONS} failed here and was skipped (cannot go on). The other rules ran; please report it`,
      },
      {
        file: 'b',
        message: `rule ${FUNCTIONS} failed here and was skipped (cannot go on). The other rules ran; please report it`,
      },
    ]);
    expect(() => fill(workspace({ go: [failing] }), files).check()).toThrow('cannot go on');
  });

  it('says one reason once, however many packages it hits', () => {
    const w = workspace({ go: [failing] }, { throwRuleErrors: false });
    for (let i = 0; i < 9; i++) w.setText(`p${i}/a.go`, 'package p\n');
    expect(w.check().notices.map((n) => n.message.slice(-26))).toEqual([
      ' (also in 8 other places)'.padStart(26, 't'),
    ]);
  });

  it('runs only the rules that are asked for', () => {
    expect(said(fill(workspace({ go: [globals()] }, { only: ['go/hot-copy'] }), files))).toEqual([]);
    expect(said(fill(workspace({ go: [globals()] }, { only: [GLOBALS] }), files))).toHaveLength(4);
  });

  it('never speaks of growth in tests and generated code', () => {
    const quiet = {
      'a_test.go': 'package a\nvar x int\n',
      'gen.go': '// Code generated by x. DO NOT EDIT.\npackage a\nvar y int\n',
      'examples/main.go': 'package main\nvar z int\n',
    };
    expect(said(fill(workspace({ go: [globals()] }), { 'go.mod': 'module m\n', ...quiet }))).toEqual([]);
    expect(said(fill(workspace({ go: [globals([], 'H')] }), quiet)).length).toBeGreaterThan(0);
  });

  it('needs a parser for texts of code', () => {
    expect(() => new Workspace().setText('a.go', 'package a')).toThrow('no parser');
    expect(() => new Workspace().setText('a.txt', 'x')).not.toThrow();
  });
});

describe('profiles', () => {
  const shown = (tier: Tier, severity: Severity, confidence: Confidence, profile: 'default' | 'pedantic') =>
    fill(workspace({ go: [globals([], tier, severity, confidence)] }, { profile }), {
      'a.go': 'package a\nvar x int\n',
    }).check().findings.length === 1;

  it.each([
    ['A', 'warning', 'high', true],
    ['A', 'warning', 'medium', true],
    ['A', 'warning', 'low', false],
    ['B', 'information', 'medium', true],
    ['B', 'information', 'low', false],
    ['C', 'information', 'high', true],
    ['C', 'hint', 'high', false],
    ['M', 'hint', 'medium', true],
    ['M', 'warning', 'low', false],
  ] as const)(
    'tier %s, %s, %s: default shows it %s, pedantic always',
    (tier, severity, confidence, visible) => {
      expect(shown(tier, severity, confidence, 'default')).toBe(visible);
      expect(shown(tier, severity, confidence, 'pedantic')).toBe(true);
    },
  );
});

describe('settings', () => {
  const file = { 'svc/a.go': 'package a\nvar x int\n' };

  it('change severities and switch rules off, the nearest first', () => {
    const w = fill(workspace({ go: [globals()] }), file);
    expect(w.check().findings[0]?.severity).toBe('warning');
    w.setText('headroom.yaml', `rules: {${GLOBALS}: error}`);
    expect(w.check().findings[0]?.severity).toBe('error');
    w.setText('svc/headroom.yaml', `rules: {${GLOBALS}: off}`);
    expect(w.check().findings).toEqual([]);
    w.remove('svc/headroom.yaml');
    expect(w.checkFile('svc/a.go').findings[0]?.severity).toBe('error');
    w.setText('headroom.yaml', 'exclude: [svc]');
    expect(w.check().findings).toEqual([]);
  });

  it('say how much room a limit should leave', () => {
    const yaml = [
      'apiVersion: v1',
      'kind: Pod',
      'spec:',
      '  containers:',
      '    - name: a',
      '      resources:',
      '        limits:',
      '          # peak measured: 400Mi',
      '          memory: 500Mi',
    ].join('\n');
    const w = new Workspace({ only: ['k8s/limit-tight'], throwRuleErrors: true });
    w.setText('d.yaml', yaml);
    expect(w.check().findings).toEqual([]);
    w.setText('headroom.yaml', 'headroom: 30');
    expect(w.check().findings.map((f) => f.message)).toEqual([expect.stringContaining('520Mi leaves 30 %')]);
  });

  it('that are broken are told and leave the defaults', () => {
    const w = fill(workspace({ go: [globals()] }), { ...file, 'headroom.yaml': 'rules: [' });
    expect(w.check().findings).toHaveLength(1);
    expect(w.check().notices.map((n) => n.file)).toEqual(['headroom.yaml']);
    expect(w.checkFile('headroom.yaml').notices).toHaveLength(1);
  });
});

describe('ignores', () => {
  const run = (text: string, extra: Partial<RuleSet> = {}, options: WorkspaceOptions = {}) =>
    fill(workspace({ go: [globals()], ...extra }, options), { 'a.go': text })
      .check()
      .findings.map((f) => `${text.slice(0, f.span.start).split('\n').length} ${f.rule} ${f.message}`);

  it('silence their own line, or the next line of code', () => {
    expect(run(`package a\nvar x int // headroom: ignore ${GLOBALS} -- small\nvar y int\n`)).toEqual([
      `3 ${GLOBALS} y`,
    ]);
    expect(
      run(`package a\n// headroom: ignore ${GLOBALS} -- small\n// more words\n\nvar x int\nvar y int\n`),
    ).toEqual([`6 ${GLOBALS} y`]);
  });

  it('silence a file', () => {
    expect(run(`// headroom: ignore-file ${GLOBALS} -- small\npackage a\nvar x int\nvar y int\n`)).toEqual(
      [],
    );
  });

  it('that silence nothing are reported, each rule by itself', () => {
    expect(run(`package a\n// headroom: ignore ${GLOBALS} -- small\nfunc f() {}\n`)).toEqual([
      `2 headroom/unused-ignore This ignore of ${GLOBALS} silences nothing`,
    ]);
    const rules = {
      go: [globals(), { ...globals(), meta: { ...globals().meta, id: FUNCTIONS }, *run() {} }],
    };
    expect(
      run(`package a\n// headroom: ignore ${GLOBALS}, ${FUNCTIONS} -- small\nvar x int\n`, rules),
    ).toEqual([`2 headroom/unused-ignore This ignore of ${FUNCTIONS} silences nothing`]);
  });

  it('of a rule that did not run are not called unused', () => {
    const text = `package a\n// headroom: ignore ${GLOBALS} -- small\nfunc f() {}\n`;
    expect(run(text, {}, { only: ['headroom/unused-ignore'] })).toEqual([]);
    const off = fill(workspace({ go: [globals()] }), {
      'a.go': text,
      'headroom.yaml': `rules: {${GLOBALS}: off}`,
    });
    expect(off.check().findings).toEqual([]);
  });

  it('of what the profile hides are not called unused', () => {
    expect(
      run(`package a\n// headroom: ignore ${GLOBALS} -- small\nvar x int\n`, {
        go: [globals([], 'A', 'warning', 'low')],
      }),
    ).toEqual([]);
  });

  it('must give a reason and name a rule that exists', () => {
    expect(run(`package a\n// headroom: ignore ${GLOBALS}\nvar x int\n`)).toEqual([
      '2 headroom/missing-reason This `ignore` gives no reason; write it after `--`',
    ]);
    expect(run('package a\n// headroom: ignore go/unbounded-cash -- x\nfunc f() {}\n')).toEqual([
      '2 headroom/unknown-rule There is no rule go/unbounded-cash; did you mean go/unbounded-cache?',
    ]);
  });

  it('work in YAML', () => {
    const yaml = (comment: string) =>
      fill(workspace({ manifest: [kinds] }), {
        'd.yaml': `kind: Pod # headroom: ignore k8s/limit-missing${comment}\nspec: {containers: []}\n`,
      })
        .check()
        .findings.map((f) => f.rule);
    expect(yaml(' -- fine')).toEqual([]);
    expect(yaml('')).toEqual(['headroom/missing-reason']);
  });
});
