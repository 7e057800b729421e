import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json';
import { build } from '../../scripts/build.mjs';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { headroom } from './command.ts';

const POD = [
  'apiVersion: v1',
  'kind: Pod',
  'metadata: {name: api}',
  'spec:',
  '  containers:',
  '    - name: api',
  '      resources: {limits: {memory: 512m}, requests: {memory: 512Mi}}',
].join('\n');

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'headroom-ci-')));
  writeFileSync(join(folder, 'pod.yaml'), POD);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('--report', () => {
  it('writes more reports than the one that is printed, over old ones too', async () => {
    const args = ['scan', '--report', 'sarif=out.sarif', '--report', 'text=out.txt'];
    for (const _ of [1, 2]) {
      const { exit, out } = await headroom(args, nodeFileSystem, {
        cwd: folder,
        isTerminal: true,
        env: { FORCE_COLOR: '1' },
      });
      expect(exit).toBe(1);
      expect(out).toContain('\u001b[');
    }
    expect(JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8')).version).toBe('2.1.0');
    const text = readFileSync(join(folder, 'out.txt'), 'utf8');
    expect(text).toContain('[k8s/milli-suffix]');
    expect(text).not.toContain('\u001b[');
  });

  it('says what is wrong with the file', async () => {
    const bad = await headroom(['scan', '--report', 'nope'], nodeFileSystem, { cwd: folder });
    expect(bad).toMatchObject({ exit: 2 });
    expect(bad.error).toContain('such as sarif=headroom.sarif');
    const lost = await headroom(['scan', '--report', 'json=no/such/out.json'], nodeFileSystem, {
      cwd: folder,
    });
    expect(lost).toMatchObject({ exit: 2 });
    expect(lost.error).toContain('no/such/out.json cannot be written');
  });
});

describe('the GitHub Action', () => {
  const action = parse(readFileSync('action.yml', 'utf8'));
  const review = action.runs.steps.at(-1);
  const hasBash = spawnSync('bash', ['--version']).status === 0;

  /** Runs the step that reviews as the runner does, with the inputs put into its environment. */
  const run = (inputs: Record<string, string>, actionPath: string) => {
    const env: Record<string, string | undefined> = { ...process.env };
    for (const [name, value] of Object.entries(review.env as Record<string, string>))
      env[name] = value.replace(
        /\$\{\{ inputs\.([\w-]+) \}\}/,
        (_, input: string) => inputs[input] ?? String(action.inputs[input].default),
      );
    env.GITHUB_ACTION_PATH = actionPath;
    env.GITHUB_STEP_SUMMARY = join(folder, 'summary.md');
    return spawnSync('bash', ['-eo', 'pipefail', '-c', review.run], { cwd: folder, env, encoding: 'utf8' });
  };

  it.runIf(hasBash)('annotates, writes SARIF and a summary, and fails as it is told', async () => {
    const actionPath = mkdtempSync(join(tmpdir(), 'headroom-action-'));
    await build(join(actionPath, 'dist'));
    const { status, stdout } = run({}, actionPath);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=pod\.yaml,line=7,/);
    expect(
      JSON.parse(readFileSync(join(folder, 'headroom.sarif'), 'utf8')).runs[0].results.length,
    ).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('### Headroom: 1 error');
    expect(run({ 'fail-on': 'never' }, actionPath).status).toBe(0);
    expect(run({ paths: 'nope' }, actionPath).status).toBe(2);
    rmSync(actionPath, { recursive: true });
  });
});

describe('the pre-commit hook', () => {
  it('is a command line that runs', async () => {
    const [hook] = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'));
    const [name, ...args] = hook.entry.split(' ') as string[];
    expect(Object.keys(packageJson.bin)).toContain(name);
    const git = (...words: string[]) =>
      spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: folder });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    expect((await headroom(args, nodeFileSystem, { cwd: folder })).exit).toBe(0);
    writeFileSync(join(folder, 'pod.yaml'), `${POD}\n`);
    expect((await headroom(args, nodeFileSystem, { cwd: folder })).exit).toBe(1);
  });
});
