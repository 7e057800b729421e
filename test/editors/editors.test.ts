/** Real editors drive `headroom lsp` with the very settings that docs/editors shows. */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build } from '../../scripts/build.mjs';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const POD = [
  'apiVersion: v1',
  'kind: Pod',
  'metadata: {name: api}',
  'spec:',
  '  containers:',
  '    - name: api # keeps its comment',
  '      resources: {limits: {memory: 512m}, requests: {memory: 256Mi}}',
  '',
].join('\n');

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasNeovim = has('nvim', '--version');
const hasEglot = has('emacs', '--batch', '--eval', "(progn (package-initialize) (require 'eglot))");
if (!hasNeovim) console.log('not driven: nvim is not installed');
if (!hasEglot) console.log('not driven: emacs with eglot is not installed');

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'headroom-editors-')));
const bin = join(folder, 'bin');

beforeAll(async () => {
  if (!hasNeovim && !hasEglot) return;
  await build(join(folder, 'dist'));
  mkdirSync(bin);
  symlinkSync(join(folder, 'dist', 'cli.js'), join(bin, 'headroom'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The code blocks of a page in one language, in order. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(`docs/editors/${page}.md`, 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map((m) => m[1]!);
}

/** Runs an editor on a folder of its own with a manifest in it; gives what the driving script printed. */
function drive(editor: string, args: (settings: string) => string[], settings: string) {
  const project = join(folder, editor);
  mkdirSync(project);
  writeFileSync(join(project, 'pod.yaml'), POD);
  const file = join(folder, `${editor}-settings`);
  writeFileSync(file, settings);
  const ran = spawnSync(editor, args(file), {
    cwd: project,
    encoding: 'utf8',
    timeout: 150_000,
    env: {
      ...process.env,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
    },
  });
  expect(ran.stdout, ran.stderr).toContain('{');
  return JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{')));
}

describe.runIf(hasNeovim)('Neovim', () => {
  it('shows a finding and its hover, applies the fix and sees the finding go', () => {
    const [, before11] = blocks('neovim', 'lua');
    const result = drive(
      'nvim',
      (settings) => [
        '--headless',
        '-n',
        '-u',
        settings,
        '-c',
        `luafile ${resolve('test/editors/drive.lua')}`,
      ],
      `filetype on\nlua << EOF\n${before11}\nEOF\n`,
    );
    expect(result.found).toContainEqual(['k8s/milli-suffix', 6, expect.stringContaining('512Mi')]);
    expect(result.hover.value).toContain('k8s/milli-suffix');
    expect(result.text.join('\n')).toBe(POD.trimEnd().replace('512m', '512Mi'));
  });
});

describe.runIf(hasEglot)('Emacs', () => {
  it('shows a finding and its hover, applies the fix and sees the finding go', () => {
    const [eglot] = blocks('emacs', 'elisp');
    const result = drive(
      'emacs',
      (settings) => [
        '--batch',
        '--eval',
        '(package-initialize)',
        '-l',
        settings,
        '-l',
        resolve('test/editors/drive.el'),
      ],
      eglot!,
    );
    expect(result.found).toContain('512m');
    expect(result.hover).toContain('k8s/milli-suffix');
    expect(result.text).toBe(POD.replace('512m', '512Mi'));
  });
});
