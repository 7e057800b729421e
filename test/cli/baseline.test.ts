import { describe, expect, it } from 'vitest';
import { MemoryFileSystem } from '../host/memory-file-system.ts';
import { headroom, scanJson } from './command.ts';

const CACHE = [
  'package main',
  'import "net/http"',
  'var seen = map[string]int{}',
  'func handle(w http.ResponseWriter, r *http.Request) { seen[r.URL.Path]++ }',
  'func main() { http.HandleFunc("/", handle); http.ListenAndServe(":8080", nil) }',
].join('\n');

const MORE = `${CACHE}\nvar hosts = map[string]int{}\nfunc init() { http.HandleFunc("/h", func(w http.ResponseWriter, r *http.Request) { hosts[r.Host]++ }) }\n`;

/** A disk with a service whose findings are accepted. */
async function accepted(files: Record<string, string> = { '/w/svc/main.go': CACHE }) {
  const fs = new MemoryFileSystem(files);
  const ran = await headroom(['scan', '--write-baseline'], fs);
  return { fs, ran };
}

describe('a baseline', () => {
  it('accepts what there is, and the next scan is clean', async () => {
    const { fs, ran } = await accepted();
    expect(ran).toMatchObject({
      exit: 0,
      out: '',
      error: 'Accepted 1 finding in /w/headroom-baseline.json\n',
    });
    expect(JSON.parse(fs.text('/w/headroom-baseline.json'))).toMatchObject({
      version: 1,
      findings: [
        { rule: 'go/unbounded-cache', file: 'svc/main.go', message: expect.stringContaining('`seen`') },
      ],
    });
    const { exit, out } = await headroom(['scan'], fs);
    expect(exit).toBe(0);
    expect(out).toContain('No findings, 1 accepted by the baseline');
    expect((await headroom(['scan', '--no-baseline'], fs)).exit).toBe(1);
    // The file stands above what is scanned.
    expect((await headroom(['scan', 'svc'], fs)).exit).toBe(0);
  });

  it('holds when lines move, and not for what is new or changed', async () => {
    const { fs } = await accepted();
    fs.files.set('/w/svc/main.go', CACHE.replace('var seen', '\n// all visitors\n\nvar seen'));
    expect((await headroom(['scan'], fs)).exit).toBe(0);
    fs.files.set('/w/svc/main.go', MORE);
    const { report } = await scanJson(fs);
    expect(report.findings.map((f) => f.message)).toEqual([expect.stringContaining('`hosts`')]);
    fs.files.set('/w/svc/main.go', CACHE.replace('r.URL.Path', 'r.URL.RawQuery'));
    expect((await scanJson(fs)).report.findings).toHaveLength(1);
  });

  it('can be named, and written over', async () => {
    const { fs } = await accepted();
    fs.files.set('/w/svc/main.go', MORE);
    await headroom(['scan', '--write-baseline', 'svc/known.json'], fs);
    expect((await headroom(['scan'], fs)).exit).toBe(1);
    expect((await headroom(['scan', '--baseline', 'svc/known.json'], fs)).exit).toBe(0);
    await headroom(['scan', '--write-baseline'], fs);
    expect((await headroom(['scan'], fs)).exit).toBe(0);
  });

  it('that is broken accepts nothing and says so; one that is named must be there', async () => {
    const broken = await scanJson({ 'headroom-baseline.json': '{', 'main.go': CACHE });
    expect(broken.exit).toBe(1);
    expect(broken.report.notices).toContainEqual({
      file: 'headroom-baseline.json',
      message:
        'is not valid JSON, so it accepts no finding; write it anew with `headroom scan --write-baseline`',
    });
    const old = await scanJson({ 'headroom-baseline.json': '{"version":0}', 'main.go': CACHE });
    expect(old.report.notices[0]?.message).toContain('is not a baseline of this version');
    const missing = await headroom(['scan', '--baseline', 'nope.json'], { 'main.go': CACHE });
    expect(missing).toMatchObject({ exit: 2, out: '' });
    expect(missing.error).toContain('nope.json: no such file');
  });
});

describe('--fail-on', () => {
  it('decides from which severity on the exit code is 1', async () => {
    const exit = async (level: string) =>
      (await headroom(['scan', '--fail-on', level], { 'main.go': CACHE })).exit;
    expect(await exit('error')).toBe(0);
    expect(await exit('warning')).toBe(1);
    expect(await exit('hint')).toBe(1);
    expect(await exit('never')).toBe(0);
  });
});

describe('headroom init', () => {
  it('writes settings that are valid and change nothing', async () => {
    const fs = new MemoryFileSystem({ '/w/main.go': CACHE });
    const { exit, out } = await headroom(['init'], fs);
    expect(exit).toBe(0);
    expect(out).toContain('Wrote /w/headroom.yaml');
    const { report } = await scanJson(fs);
    expect(report.notices).toEqual([]);
    expect(report.findings).toHaveLength(1);
  });

  it('proposes settings that are valid when they are switched on', async () => {
    const fs = new MemoryFileSystem({ '/w/main.go': CACHE });
    await headroom(['init'], fs);
    const on = fs
      .text('/w/headroom.yaml')
      .replace(/^# (?=exclude:| +-|rules:| +go\/|overrides:| +rules:| +k8s\/)/gm, '');
    fs.files.set('/w/headroom.yaml', on);
    expect(on).toMatch(/^overrides:$/m);
    expect((await scanJson(fs)).report.notices).toEqual([]);
  });

  it('never touches what is there', async () => {
    const fs = new MemoryFileSystem({ '/w/headroom.yaml': 'root: true\n' });
    expect(await headroom(['init'], fs)).toMatchObject({
      exit: 2,
      error: 'headroom: /w/headroom.yaml is already there and was left as it is\n',
    });
    expect((await headroom(['init', 'nope'], fs)).error).toContain('no such folder');
  });
});
