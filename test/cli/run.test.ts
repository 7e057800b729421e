import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';
import { headroom, scanJson } from './command.ts';

const DEPLOYMENT = [
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
  '              memory: 512m',
].join('\n');

const CACHE = [
  'package main',
  '',
  'import "net/http"',
  '',
  'var seen = map[string]int{}',
  '',
  'func handle(w http.ResponseWriter, r *http.Request) {',
  '\tseen[r.URL.Path]++',
  '}',
  '',
  'func main() {',
  '\thttp.HandleFunc("/", handle)',
  '\thttp.ListenAndServe(":8080", nil)',
  '}',
  '',
].join('\n');

const SWEPT = `${CACHE}\nfunc sweep() {\n\tfor k := range seen {\n\t\tdelete(seen, k)\n\t}\n}\n`;

describe('headroom scan', () => {
  it('is clean with exit 0', async () => {
    const { exit, report } = await scanJson({ 'a.go': 'package a\n', 'b.md': 'x' });
    expect(exit).toBe(0);
    expect(report.findings).toEqual([]);
    expect(report.summary).toMatchObject({ files: 1, bytes: 10 });
    const { out } = await headroom(['scan'], { 'a.go': 'package a\n' });
    expect(out).toMatch(/^No findings \(1 file, 0\.0 MB, \d+\.\d s\)\n$/);
  });

  it('keeps the contract of its JSON', async () => {
    const { exit, report } = await scanJson({ 'svc/d.yaml': DEPLOYMENT }, ['--rule', 'k8s/milli-suffix']);
    expect(exit).toBe(1);
    expect(Object.keys(report)).toEqual(['version', 'findings', 'notices', 'summary']);
    expect(report.version).toBe(1);
    expect(Object.keys(report.summary)).toEqual(['files', 'bytes', 'milliseconds']);
    const [finding] = report.findings;
    expect(Object.keys(finding!)).toEqual([
      'rule',
      'severity',
      'confidence',
      'message',
      'file',
      'range',
      'related',
      'fixes',
      'url',
    ]);
    expect(finding).toMatchObject({
      rule: 'k8s/milli-suffix',
      file: 'svc/d.yaml',
      range: { start: { line: 12, column: 23 }, end: { line: 12, column: 27 } },
      url: expect.stringMatching(/^https:\/\/.*k8s\/milli-suffix$/),
    });
    expect(finding!.fixes[0]!.edits[0]).toMatchObject({
      file: 'svc/d.yaml',
      newText: expect.any(String),
      range: { start: { line: 12, column: 23 } },
    });
  });

  it('names files from the working directory, also above it', async () => {
    const files = new MemoryFileSystem({ '/w/svc/d.yaml': DEPLOYMENT });
    const up = await scanJson(files, ['../../svc', '--rule', 'k8s/milli-suffix'], { cwd: '/w/tools/deep' });
    expect(up.report.findings[0]?.file).toBe('../../svc/d.yaml');
  });

  it('shows the code in its text, with related places and what can be done', async () => {
    const { exit, out } = await headroom(['scan'], { 'main.go': CACHE });
    expect(exit).toBe(1);
    expect(out).toContain('[go/unbounded-cache]');
    expect(out).toMatch(/ {2}--> main\.go:8:2\n {2}8 \| \tseen\[r\.URL\.Path\]\+\+\n {4}\| \t\^+\n/);
    expect(out).toContain('is declared here');
    expect(out).toMatch(/1 warning.*\(1 file, /);
    expect(out).not.toContain('\u001b[');
  });

  it('colours only a terminal that wants it', async () => {
    const colour = async (terminal: object) =>
      (await headroom(['scan'], { 'main.go': CACHE }, terminal)).out.includes('\u001b[');
    expect(await colour({ isTerminal: true })).toBe(true);
    expect(await colour({ isTerminal: true, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await colour({ isTerminal: true, env: { TERM: 'dumb' } })).toBe(false);
    expect(await colour({ isTerminal: false, env: { FORCE_COLOR: '1' } })).toBe(true);
  });

  it('draws progress on a terminal only, and removes it', async () => {
    const quiet = await headroom(['scan'], { 'main.go': CACHE });
    expect(quiet.error).toBe('');
    const { error } = await headroom(['scan'], { 'main.go': CACHE }, { isErrorTerminal: true });
    expect(error).toContain('Reading 1 of 1 files');
    expect(error.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('does not let a file write control characters to the terminal', async () => {
    const { out } = await headroom(['scan'], { 'a.go': '// headroom: \u001b]0;title\u0007 x\npackage a\n' });
    expect(out).not.toContain('\u0007');
    expect(out).not.toContain('\u001b');
  });

  it('obeys settings: off, other severities, files left out', async () => {
    const settings = (text: string) => scanJson({ 'headroom.yaml': text, 'main.go': CACHE });
    expect((await settings('rules: {go/unbounded-cache: off}')).exit).toBe(0);
    expect((await settings('rules: {go/unbounded-cache: hint}')).report.findings[0]?.severity).toBe('hint');
    expect((await settings('exclude: [main.go]')).report.summary.files).toBe(0);
  });

  it('says what is wrong with the command line and exits 2', async () => {
    for (const [args, message] of [
      [['scan', '--format', 'xml'], 'Allowed choices are text, json, sarif, github, gitlab, junit, markdown'],
      [['scan', '--jobs', '0'], 'Give a whole number from 1'],
      [['scan', '--profile', 'x'], 'Allowed choices are default, pedantic'],
      [['scna'], 'Did you mean scan?'],
      [['scan', '--rule', 'nope'], 'There is no such rule'],
    ] as const) {
      const { exit, error } = await headroom(args, {});
      expect(exit).toBe(2);
      expect(error).toContain(message);
    }
    expect(await headroom(['--version'], {})).toMatchObject({ exit: 0, out: `${version}\n` });
    const help = await headroom(['--help'], {});
    expect(help.exit).toBe(0);
    for (const command of ['scan', 'explain', 'lsp']) expect(help.out).toContain(command);
  });
});

describe('headroom scan --fix', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('applies what is safe, keeps mode, byte order mark and line ends, and says what is left', async () => {
    const file = join(folder, 'a.go');
    const text =
      '\ufeffpackage a\r\n\r\n// headroom: ignore go/unbounded-spawn -- old\r\nvar x int\r\n// headroom: nope\r\n';
    writeFileSync(file, text);
    chmodSync(file, 0o754);
    const { exit, report } = await scanJson(nodeFileSystem, ['--fix'], { cwd: folder });
    expect(readFileSync(file, 'utf8')).toBe('\ufeffpackage a\r\n\r\nvar x int\r\n// headroom: nope\r\n');
    expect(statSync(file).mode & 0o777).toBe(0o754);
    expect(readdirSync(folder)).toEqual(['a.go']);
    expect(exit).toBe(1);
    expect(report.findings.map((f) => [f.rule, f.range.start.line])).toEqual([
      ['headroom/malformed-directive', 4],
    ]);
  });

  it('goes on until nothing is left, and is then clean', async () => {
    const file = join(folder, 'a.go');
    writeFileSync(
      file,
      'package a\n// headroom: ignore go/unbounded-spawn, go/unbounded-cache -- x\nvar a int\n\n// headroom: ignore-file go/unbounded-spawn -- y\n',
    );
    expect((await scanJson(nodeFileSystem, ['--fix'], { cwd: folder })).exit).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('package a\nvar a int\n\n');
  });

  it('changes nothing without --fix', async () => {
    const file = join(folder, 'a.go');
    const text = '// headroom: ignore go/unbounded-spawn -- x\npackage a\n';
    writeFileSync(file, text);
    expect((await scanJson(nodeFileSystem, [], { cwd: folder })).exit).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('leaves a file alone that would be damaged or cannot be written', async () => {
    const latin = Buffer.concat([
      Buffer.from('// headroom: ignore go/unbounded-spawn -- x\npackage a // '),
      Buffer.from([0xe9, 0x0a]),
    ]);
    const fs = new MemoryFileSystem({
      '/w/latin.go': latin,
      '/w/locked.go': '// headroom: ignore go/unbounded-spawn -- x\npackage a\n',
    });
    fs.replace = () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    };
    const { exit, report } = await scanJson(fs, ['--fix']);
    expect(exit).toBe(1);
    expect(fs.files.get('/w/latin.go')).toBe(latin);
    const said = report.notices.map((n) => `${n.file} ${n.message}`);
    expect(said).toContainEqual(expect.stringMatching(/^latin\.go was not fixed: it is not valid UTF-8/));
    expect(said).toContainEqual(
      expect.stringMatching(/^locked\.go was not fixed: it cannot be written: permission denied/),
    );
    expect(report.findings).toHaveLength(2);
  });
});

describe('headroom explain', () => {
  it('prints a rule', async () => {
    const { exit, out } = await headroom(['explain', 'headroom/unused-ignore'], {});
    expect(exit).toBe(0);
    expect(out).toContain('headroom/unused-ignore');
    expect(out.split('\n').length).toBeGreaterThan(3);
  });

  it('names the nearest rule', async () => {
    const { exit, error } = await headroom(['explain', 'go/unbounded-cash'], {});
    expect(exit).toBe(2);
    expect(error).toContain('did you mean go/unbounded-cache?');
  });

  it('tells why a line is reported', async () => {
    const { exit, out } = await headroom(['explain', 'main.go:8'], { 'main.go': CACHE });
    expect(exit).toBe(0);
    expect(out).toContain('[go/unbounded-cache]');
  });

  it('tells why a line is silent, and where the bound stands', async () => {
    const files = { 'go.mod': 'module x\n', 'main.go': CACHE, 'sweep.go': SWEPT.slice(CACHE.length) };
    files['sweep.go'] = `package main\n${files['sweep.go']}\nfunc init() {\n\tgo sweep()\n}\n`;
    const { exit, out } = await headroom(['explain', 'main.go:5'], files);
    expect(exit).toBe(0);
    expect(out).toMatch(/silent \[go\/unbounded-cache\] main\.go:5: .*sweep\.go:5/);
    const none = await headroom(['explain', 'main.go:1'], files);
    expect(none.out).toContain('Nothing is said about main.go:1');
  });

  it('says when there is no such file', async () => {
    expect(await headroom(['explain', 'nope.go:3'], { 'a.go': '' })).toMatchObject({
      exit: 2,
      error: 'headroom: nope.go: no such file. Check the path; it is taken from /w\n',
    });
    expect((await headroom(['explain', 'a.py:3'], { 'a.py': '' })).error).toContain(
      'It reads Rust, Go and YAML files',
    );
  });
});
