import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { headroom, scanJson } from './command.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;

const cache = (name: string) =>
  [
    `package ${name}`,
    'import "net/http"',
    'var seen = map[string]int{}',
    'func handle(w http.ResponseWriter, r *http.Request) { seen[r.URL.Path]++ }',
    'func Main() { http.HandleFunc("/", handle); http.ListenAndServe(":8080", nil) }',
    '',
  ].join('\n');

describe.runIf(hasGit)('--changed-since', () => {
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd: folder,
        stdio: 'pipe',
      },
    ).toString();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const changed = async (revision: string, cwd = folder) => {
    const { report } = await scanJson(nodeFileSystem, ['--changed-since', revision], { cwd });
    return report.findings.map((f) => f.file);
  };

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'headroom-git-')));
    git('init', '-q');
    write('a/a.go', cache('a'));
    write('b/b.go', cache('b').replaceAll('\n', '\r\n'));
    git('-c', 'core.autocrlf=input', 'add', '.');
    git('commit', '-qm', 'first');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('leaves out what did not change, whatever its line ends', async () => {
    expect(await changed('HEAD')).toEqual([]);
  });

  it('shows new and edited files, committed or not, from where the branch began', async () => {
    git('checkout', '-qb', 'topic');
    write('c/c.go', cache('c'));
    write('a/a.go', `// edited\n${cache('a')}`);
    expect(await changed('HEAD')).toEqual(['a/a.go', 'c/c.go']);
    git('add', '.');
    git('commit', '-qm', 'second');
    expect(await changed('main')).toEqual(['a/a.go', 'c/c.go']);
    expect(await changed('HEAD')).toEqual([]);
    // What others did on main since is not ours.
    git('checkout', '-q', 'main');
    write('d/d.go', cache('d'));
    git('add', '.');
    git('commit', '-qm', 'third');
    git('checkout', '-q', 'topic');
    expect(await changed('main', join(folder, 'c'))).toEqual(['c.go']);
  });

  it('runs nothing the repository names', async () => {
    const witness = join(folder, 'ran');
    const script = `sh -c 'echo x > ${witness}; cat'`;
    git('config', 'core.fsmonitor', script);
    git('config', 'filter.evil.clean', script);
    git('config', 'diff.external', script);
    git('config', 'core.pager', script);
    write('.gitattributes', '* filter=evil diff=evil\n');
    write('a/a.go', `// edited\n${cache('a')}`);
    expect(await changed('HEAD')).toEqual(['a/a.go']);
    expect(existsSync(witness)).toBe(false);
  });

  it('says what to do when the revision is not known or there is no repository', async () => {
    const unknown = await headroom(['scan', '--changed-since', 'origin/main'], nodeFileSystem, {
      cwd: folder,
    });
    expect(unknown.exit).toBe(2);
    expect(unknown.error).toContain('there is no revision "origin/main" here');
    expect(unknown.error).toContain('git fetch origin main');
    const option = await headroom(['scan', '--changed-since', '--upload-pack=x'], nodeFileSystem, {
      cwd: folder,
    });
    expect(option.exit).toBe(2);
    rmSync(join(folder, '.git'), { recursive: true });
    const none = await headroom(['scan', '--changed-since', 'HEAD'], nodeFileSystem, { cwd: folder });
    expect(none.exit).toBe(2);
    expect(none.error).toContain('needs a git repository');
  });
});
