import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';
import { headroom, type JsonReport, scanJson } from './command.ts';

/** A file with one sure finding: when it is reported, the rest of the scan went on. */
const WITNESS = 'package a\n\n// headroom: ignore go/nope -- to be seen\nvar x int\n';

/** Scans bad files beside the witness; answers the report after seeing that the witness was reported. */
async function scanBeside(
  files: Record<string, string | Uint8Array | { code: string }>,
): Promise<JsonReport> {
  const { exit, report } = await scanJson({ ...files, 'z/witness.go': WITNESS });
  expect(exit).toBe(1);
  expect(report.findings.map((f) => [f.rule, f.file, f.range.start])).toContainEqual([
    'headroom/unknown-rule',
    'z/witness.go',
    { line: 3, column: 21 },
  ]);
  return report;
}

const notice = (report: JsonReport, file: string) => report.notices.find((n) => n.file === file)?.message;

const deployment = (memory: string, extra = '') =>
  [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: {name: api}',
    'spec:',
    '  template:',
    '    spec:',
    '      containers:',
    '        - name: api',
    '          resources:',
    '            requests: {memory: 256Mi}',
    '            limits:',
    `              memory: ${memory}`,
    extra,
  ].join('\n');

describe('bad input: a clear message, and the rest of the scan goes on', () => {
  it('broken Rust', async () => {
    const report = await scanBeside({ 'a.rs': 'fn f() {}\n\nfn ( { let ] = ;\n' });
    expect(notice(report, 'a.rs')).toMatch(
      /^line [34]: syntax that the parser does not know.*if it compiles/,
    );
  });

  it('broken Go', async () => {
    const report = await scanBeside({ 'a.go': 'package a\nfunc f( {\n\tx := := 2\n}\n' });
    expect(notice(report, 'a.go')).toMatch(/^line \d: syntax that the parser does not know.*if it compiles/);
  });

  it('broken YAML', async () => {
    const report = await scanBeside({ 'a.yaml': deployment('"512m', '  x: [') });
    expect(notice(report, 'a.yaml')).toMatch(/line \d+/);
  });

  it('NUL bytes', async () => {
    const report = await scanBeside({
      'a.go': 'package a\0',
      'b.rs': 'fn f() {}\0',
      'c.yaml': 'kind: Pod\0',
    });
    for (const file of ['a.go', 'b.rs', 'c.yaml'])
      expect(notice(report, file)).toMatch(
        /contains NUL bytes.*leave it out with `exclude` in headroom.yaml/,
      );
  });

  it('UTF-16', async () => {
    const report = await scanBeside({ 'a.yaml': new Uint8Array([0xff, 0xfe, 0x61, 0, 0x3a, 0]) });
    expect(notice(report, 'a.yaml')).toBe('is UTF-16 and was not read. Save it as UTF-8');
  });

  it('invalid UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('package a\n\n// caf'),
      Buffer.from([0xe9]),
      Buffer.from('\n// headroom: ignore go/nope -- x\nvar y int\n'),
    ]);
    const report = await scanBeside({ 'a.go': bytes });
    expect(notice(report, 'a.go')).toMatch(/^is not valid UTF-8 \(line 3\).*Save it as UTF-8$/);
    expect(report.findings.find((f) => f.file === 'a.go')?.range.start).toEqual({ line: 4, column: 21 });
  });

  it('a byte order mark is no problem and moves nothing', async () => {
    const source = '// headroom: ignore go/nope -- x\npackage a\n';
    const yaml = deployment('512m');
    const plain = await scanBeside({ 'a.go': source, 'd.yaml': yaml });
    const marked = await scanBeside({ 'a.go': `\ufeff${source}`, 'd.yaml': `\ufeff${yaml}` });
    expect(marked.findings).toEqual(plain.findings);
    expect(plain.findings.map((f) => f.rule)).toContain('k8s/milli-suffix');
    expect(marked.notices).toEqual([]);
  });

  it('CRLF gives the same findings', async () => {
    const files = {
      'a.go': WITNESS,
      'b.rs': '// headroom: hot path\nfn f() {}\n',
      'd.yaml': deployment('512m', '# headroom: bounded'),
    };
    const crlf = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]),
    );
    const where = (report: JsonReport) =>
      report.findings.map((f) => [f.rule, f.file, f.range.start, f.message]);
    expect(where(await scanBeside(crlf))).toEqual(where(await scanBeside(files)));
  });

  it('a file of 50 MB is not even read', async () => {
    const fs = new MemoryFileSystem({ '/w/big.go': '', '/w/big.yaml': '', '/w/witness.go': WITNESS });
    const size = fs.size.bind(fs);
    fs.size = (file) => (file.startsWith('/w/big.') ? 50 * 2 ** 20 : size(file));
    const { report } = await scanJson(fs);
    for (const file of ['big.go', 'big.yaml'])
      expect(notice(report, file)).toBe(
        'has 50 MB, more than the 2 MB that are read. Split it, or leave it out with `exclude` in headroom.yaml',
      );
    expect(fs.reads).not.toContain('/w/big.go');
    expect(report.findings).toHaveLength(1);
  });

  it.each([
    ['a.rs', `fn f() { ${'('.repeat(20_000)}1${')'.repeat(20_000)}; }`],
    ['a.rs', `fn f() { m!${'('.repeat(20_000)}${')'.repeat(20_000)}; }`],
    ['a.rs', `fn f() ${'{ if true '.repeat(20_000)}`],
    ['a.rs', `type A = ${'Vec<'.repeat(20_000)}u8${'>'.repeat(20_000)};`],
    ['a.go', `package a\nfunc f() ${'{'.repeat(20_000)}${'}'.repeat(20_000)}`],
    ['a.go', `package a\nvar x = ${'f('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['a.yaml', `kind: Pod\nspec: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['a.yaml', `kind: Pod\nspec: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['a.yaml', `kind: Pod\nspec:\n  ${'- '.repeat(20_000)}x`],
    ['Cargo.toml', `a = ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['headroom.yaml', `rules: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('nesting 20,000 deep in %s (%#)', { timeout: 20_000 }, async (file, text) => {
    const report = await scanBeside({ [file]: text });
    // What stops at some depth says so; nothing else is said.
    for (const n of report.notices) expect(n.file).toBe(file);
  });

  it('an alias bomb', async () => {
    const levels = Array.from({ length: 30 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]' : `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`,
    );
    const started = Date.now();
    await scanBeside({ 'a.yaml': `${deployment('512Mi')}\n${levels.join('\n')}\nspec2: *a29\n` });
    await scanBeside({ 'headroom.yaml': `${levels.join('\n')}\n` });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('20,000 duplicate keys', async () => {
    const keys = '    app: x\n'.repeat(20_000);
    const started = Date.now();
    await scanBeside({ 'a.yaml': `kind: Pod\nmetadata:\n  labels:\n${keys}spec: {containers: []}\n` });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('a Helm template', async () => {
    const report = await scanBeside({
      'chart/templates/deploy.yaml': [
        '{{- if .Values.enabled }}',
        deployment('{{ .Values.memory | quote }}', '          {{- toYaml .Values.more | nindent 10 }}'),
        '{{- end }}',
      ].join('\n'),
    });
    expect(report.notices).toEqual([]);
    expect(report.findings.filter((f) => f.severity === 'error')).toEqual([]);
  });

  it('a file and a folder that cannot be read', async () => {
    const report = await scanBeside({ 'a.go': { code: 'EACCES' }, locked: { code: 'EACCES' } });
    for (const file of ['a.go', 'locked'])
      expect(notice(report, file)).toBe(
        'cannot be read: permission denied. Give this user read access, or leave it out with `exclude` in headroom.yaml',
      );
  });

  it('links in a circle, on a real disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-'));
    try {
      writeFileSync(join(folder, 'witness.go'), WITNESS);
      symlinkSync(folder, join(folder, 'again'));
      symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
      symlinkSync(join(folder, 'gone'), join(folder, 'broken.go'));
      const { exit, report } = await scanJson(nodeFileSystem, [], { cwd: folder });
      expect(exit).toBe(1);
      expect(report.findings).toHaveLength(1);
      expect(notice(report, 'again')).toMatch(/was not followed.*Name the folder it leads to/);
      expect(notice(report, 'loop')).toBe('is a link that leads to itself. Remove the link');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a broken headroom.yaml', async () => {
    const report = await scanBeside({ 'headroom.yaml': 'rules:\n  headroom/unknown-rule: sometimes\n' });
    expect(notice(report, 'headroom.yaml')).toBe(
      'line 2: "rules.headroom/unknown-rule" must be one of off, error, warning, information, hint; until this is corrected the file is not used and the defaults apply',
    );
  });

  it('a broken Cargo.toml and an odd go.mod', async () => {
    const report = await scanBeside({ 'Cargo.toml': '[package\n', 'z/go.mod': 'require (\nmodule\n' });
    expect(notice(report, 'Cargo.toml')).toMatch(/^line 1: not valid TOML.*correct it/);
  });

  it('an unknown rule in the settings and on the command line', async () => {
    const report = await scanBeside({ 'headroom.yaml': 'rules:\n  go/unbounded-cash: off\n' });
    expect(notice(report, 'headroom.yaml')).toBe(
      'line 2: there is no rule "go/unbounded-cash"; did you mean "go/unbounded-cache"?',
    );
    const ran = await headroom(['scan', '--rule', 'go/unbounded-cash'], { 'z/witness.go': WITNESS });
    expect(ran.exit).toBe(2);
    expect(ran.error).toContain('did you mean go/unbounded-cache?');
  });

  it('a path that does not exist', async () => {
    const files = { 'a/witness.go': WITNESS };
    const alone = await headroom(['scan', 'nowhere'], files);
    expect(alone).toEqual({
      exit: 2,
      out: '',
      error: 'headroom: nowhere: no such file or folder. Check the path; it is taken from /w\n',
    });
    const { exit, error, report } = await scanJson(files, ['nowhere', 'a']);
    expect(exit).toBe(2);
    expect(error).toContain('nowhere: no such file or folder');
    expect(report.findings).toHaveLength(1);
  });
});
