import { describe, expect, it } from 'vitest';
import { type Config, ConfigTree, DEFAULT_HEADROOM, readConfig } from '../../src/analysis/config.ts';
import { costRatio } from '../cost.ts';

const RULES = ['go/unbounded-cache', 'go/hot-copy', 'rust/hot-clone'];
const read = (text: string, file = 'headroom.yaml') => readConfig(file, text, RULES);
const tree = (files: Record<string, string>) =>
  new ConfigTree(Object.entries(files).map(([file, text]) => read(text, file).config as Config));

describe('headroom.yaml that is broken', () => {
  it.each([
    ['rules: [', /^line 1: not valid YAML/],
    ['a\n: b\n- c', /^line \d: not valid YAML/],
    ['- 1\n- 2', /^line 1: the document: must be a mapping/],
    ['rules:\n  go/hot-copy: loud', /^line 2: "rules.go\/hot-copy" must be one of off, error, warning/],
    ['\nrule:\n  go/hot-copy: off', /^line 2: "rule" is not a setting, did you mean "rules"\?/],
    ['exclude: 3', /^line 1: "exclude": must be a list of file patterns/],
    ['headroom: 50', /^line 1: "headroom" must be a number from 20 to 30/],
    ['overrides:\n  - files: [a]\n    rule: {}', /^line \d: "overrides.0/],
    ['a: &a [1]\nb: *a', /^line 1: aliases are not supported/],
    ['['.repeat(20_000), /^line 1: /],
  ])('of the kind %# gives one clear notice and no settings', (text, message) => {
    const { config, notices } = read(text);
    expect(config).toBeUndefined();
    expect(notices[0]?.file).toBe('headroom.yaml');
    expect(notices[0]?.message).toMatch(message);
    expect(notices[0]?.message).toMatch(
      /until this is corrected the file is not used and the defaults apply$/,
    );
  });

  it('leaves out a rule that does not exist, and keeps the rest', () => {
    const { config, notices } = read('rules:\n  go/hot-copi: off\n  go/unbounded-cache: error\n');
    expect(notices).toEqual([
      {
        file: 'headroom.yaml',
        message: 'line 2: there is no rule "go/hot-copi"; did you mean "go/hot-copy"?',
      },
    ]);
    expect(config?.values.rules).toEqual({ 'go/unbounded-cache': 'error' });
  });

  it('takes an empty file as no settings', () => {
    expect(read('').notices).toEqual([]);
    expect(read('# nothing\n').notices).toEqual([]);
  });

  it('needs four times as long for four times as many equal keys, not sixteen times', () => {
    const keys = (n: number) => read('headroom: 25\n'.repeat(n)).notices.length;
    expect(keys(20_000)).toBeLessThanOrEqual(1);
    expect(
      costRatio(
        () => keys(5_000),
        () => keys(20_000),
      ),
    ).toBeLessThan(9);
  });
});

describe('settings of a file', () => {
  it('come from the nearest headroom.yaml that says something', () => {
    const configs = tree({
      'headroom.yaml': 'headroom: 20\nrules: {go/hot-copy: error, go/unbounded-cache: hint}',
      'svc/headroom.yaml': 'rules: {go/hot-copy: off}',
    });
    expect(configs.for('svc/a/b.go').level('go/hot-copy')).toBe('off');
    expect(configs.for('svc/a/b.go').level('go/unbounded-cache')).toBe('hint');
    expect(configs.for('svc/a/b.go').headroom).toBe(20);
    expect(configs.for('other/b.go').level('go/hot-copy')).toBe('error');
    expect(configs.for('other/b.go').level('rust/hot-clone')).toBeUndefined();
    expect(tree({}).for('a.go').headroom).toBe(DEFAULT_HEADROOM);
  });

  it('do not look above a root', () => {
    const configs = tree({ 'headroom.yaml': 'headroom: 20', 'svc/headroom.yaml': 'root: true' });
    expect(configs.for('svc/a.go').headroom).toBe(DEFAULT_HEADROOM);
  });

  it('are overridden for some files, the last entry first', () => {
    const configs = tree({
      '/w/headroom.yaml': [
        'rules: {go/hot-copy: error}',
        'overrides:',
        '  - {files: ["legacy/"], rules: {go/hot-copy: hint}}',
        '  - {files: ["legacy/**/x.go"], rules: {go/hot-copy: off}}',
      ].join('\n'),
    });
    expect(configs.for('/w/legacy/a.go').level('go/hot-copy')).toBe('hint');
    expect(configs.for('/w/legacy/b/x.go').level('go/hot-copy')).toBe('off');
    expect(configs.for('/w/a.go').level('go/hot-copy')).toBe('error');
    expect(configs.for('/elsewhere/a.go').level('go/hot-copy')).toBeUndefined();
  });

  it('say which files are left out', () => {
    const configs = tree({
      'headroom.yaml': 'exclude: [third_party, "gen/**/*.go"]',
      'only/headroom.yaml': 'include: ["*.go"]',
    });
    expect(configs.for('third_party/a.go').included).toBe(false);
    expect(configs.for('x/third_party/a.go').included).toBe(false);
    expect(configs.for('gen/a/b.go').included).toBe(false);
    expect(configs.for('gen/a/b.rs').included).toBe(true);
    expect(configs.for('only/a.rs').included).toBe(false);
    expect(configs.for('only/deep/a.go').included).toBe(true);
    expect(configs.excludesFolder('x/third_party')).toBe(true);
    expect(configs.excludesFolder('x')).toBe(false);
  });
});
