import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type * as Sarif from 'sarif';
import { describe, expect, it } from 'vitest';
import { headroom } from './command.ts';

const CACHE = [
  'package main',
  'import "net/http"',
  'var seen = map[string]int{}',
  'func handle(w http.ResponseWriter, r *http.Request) { seen[r.URL.Path]++ }',
  'func main() { http.HandleFunc("/", handle); http.ListenAndServe(":8080", nil) }',
].join('\n');

const POD = [
  'apiVersion: v1',
  'kind: Pod',
  'metadata: {name: api}',
  'spec:',
  '  containers:',
  '    - name: api',
  '      resources: {limits: {memory: 512m}, requests: {memory: 512Mi}}',
].join('\n');

const FILES = { 'cmd/a b/main.go': CACHE, 'deploy/pod.yaml': POD, 'notes.go': 'package \0' };
const CLEAN = { 'a.go': 'package a\n' };

const report = async (format: string, files: Record<string, string> = FILES) =>
  (await headroom(['scan', '--format', format], files)).out;

describe('sarif', () => {
  const validate = () => {
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
    addFormats(ajv as never);
    const require = createRequire(import.meta.url);
    const schema = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
    return ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
  };

  it('fits the schema of SARIF 2.1.0, with and without findings', async () => {
    const valid = validate();
    for (const files of [FILES, CLEAN]) {
      const log = JSON.parse(await report('sarif', files));
      valid(log);
      expect(valid.errors ?? []).toEqual([]);
    }
    expect(valid({ version: '2.1.0' })).toBe(false);
  });

  it('carries rules with help, related places, fixes and notices', async () => {
    const log = JSON.parse(await report('sarif')) as Sarif.Log;
    const { tool, results, invocations } = log.runs[0]!;
    const cache = results!.find((r) => r.ruleId === 'go/unbounded-cache')!;
    expect(tool.driver.rules![cache.ruleIndex!]).toMatchObject({
      id: 'go/unbounded-cache',
      help: { markdown: expect.stringContaining('# go/unbounded-cache') },
    });
    expect(cache.level).toBe('warning');
    expect(cache.locations![0]!.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'cmd/a%20b/main.go', uriBaseId: '%SRCROOT%' },
      region: { startLine: 4, startColumn: 55 },
    });
    expect(cache.relatedLocations!.length).toBeGreaterThan(0);
    const unit = results!.find((r) => r.ruleId === 'k8s/milli-suffix')!;
    expect(unit.fixes![0]!.artifactChanges[0]!.replacements[0]).toMatchObject({
      deletedRegion: { startLine: 7 },
      insertedContent: { text: expect.stringContaining('512Mi') },
    });
    expect(invocations![0]!.toolExecutionNotifications![0]!.message.text).toContain('NUL');
  });

  it('gives a finding the same fingerprint when lines move, and two equal lines two', async () => {
    const prints = async (text: string) => {
      const log = JSON.parse(await report('sarif', { 'main.go': text })) as Sarif.Log;
      return log.runs[0]!.results!.map((r) => r.partialFingerprints!.primaryLocationLineHash!);
    };
    const before = await prints(CACHE);
    const moved = await prints(
      CACHE.replace('var seen', '\n\n// moved\nvar seen').replace('func main', '\nfunc main'),
    );
    expect(before).toHaveLength(1);
    expect(moved).toEqual(before);
    const line = '  #headroom: ignore k8s/limit-missing\n';
    const twice = await headroom(['scan', '--format', 'sarif'], { 'a.yaml': line + line });
    const both = (JSON.parse(twice.out) as Sarif.Log).runs[0]!.results!;
    expect(new Set(both.map((r) => r.partialFingerprints!.primaryLocationLineHash)).size).toBe(both.length);
    expect(both.length).toBeGreaterThan(1);
  });
});

describe('github', () => {
  it('prints one escaped workflow command a finding', async () => {
    const lines = (await report('github')).trimEnd().split('\n');
    const cache = lines.find((l) => l.includes('unbounded-cache'))!;
    expect(cache).toMatch(
      /^::warning file=cmd\/a b\/main\.go,line=4,endLine=4,col=55,endColumn=\d+,title=Headroom%3A go\/unbounded-cache::/,
    );
    expect(cache).toContain('%0Acmd/a b/main.go:3: ');
    expect(lines.every((l) => /^::(error|warning|notice) /.test(l))).toBe(true);
    expect(await report('github', CLEAN)).toBe('');
  });
});

describe('gitlab', () => {
  it('prints a code quality report with fingerprints that differ', async () => {
    const issues = JSON.parse(await report('gitlab')) as {
      check_name: string;
      fingerprint: string;
      severity: string;
      location: { path: string; lines: { begin: number } };
    }[];
    expect(issues.find((i) => i.check_name === 'k8s/milli-suffix')).toMatchObject({
      severity: 'critical',
      location: { path: 'deploy/pod.yaml', lines: { begin: 7 } },
    });
    expect(new Set(issues.map((i) => i.fingerprint)).size).toBe(issues.length);
    expect(await report('gitlab', CLEAN)).toBe('[]\n');
  });
});

describe('junit', () => {
  it('is well-formed and counts what it holds', async () => {
    const xml = await report('junit');
    expect(XMLValidator.validate(xml)).toBe(true);
    const { testsuites } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml);
    expect(testsuites.testsuite.map((s: { name: string }) => s.name)).toEqual([
      'cmd/a b/main.go',
      'deploy/pod.yaml',
    ]);
    expect(Number(testsuites.failures)).toBe(
      testsuites.testsuite.reduce((sum: number, s: { tests: string }) => sum + Number(s.tests), 0),
    );
  });

  it('has a passed case when nothing is found', async () => {
    const xml = await report('junit', CLEAN);
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).toContain('failures="0"');
    expect(xml).toContain('1 files without findings');
  });
});

describe('markdown', () => {
  it('lists the gravest first, with places and fixes, and escapes what would be markup', async () => {
    const text = await report('markdown');
    expect(text).toMatch(/^### Headroom: \d+ errors?, 1 warning/);
    expect(text.indexOf('**error**')).toBeLessThan(text.indexOf('**warning**'));
    expect(text).toContain('`cmd/a b/main.go:4`');
    expect(text).toMatch(/- fix: /);
    expect(await report('markdown', CLEAN)).toBe('### Headroom\n\nNo findings in 1 file.\n');
  });

  it('stays below what a comment may hold', async () => {
    const line = '# headroom: ignore k8s/limit-missing\n';
    const text = await report('markdown', { 'a.yaml': line.repeat(2000) });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/…and \d+ findings more\./);
  });
});
