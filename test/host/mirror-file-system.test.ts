import { expect, test } from 'vitest';
import { MirrorFileSystem } from '../../src/host/mirror-file-system.ts';
import { walk } from '../../src/host/walk.ts';

const text = (content: string) => new TextEncoder().encode(content);
const all = { excludesFolder: () => false, takes: () => true };
const ROOT = 'vscode-vfs://github/shop/shop';

function mirror(...files: readonly string[]): MirrorFileSystem {
  const fs = new MirrorFileSystem();
  for (const file of files) fs.set(`${ROOT}/${file}`, text(file));
  return fs;
}

const found = (fs: MirrorFileSystem) =>
  [...walk(fs, [ROOT], all, () => {})].map(({ file }) => file.slice(ROOT.length + 1));

test('is walked like a disk, with its ignore files', () => {
  const fs = mirror('go.mod', 'main.go', 'deploy/api.yaml', 'gen/types.go', 'README.md');
  fs.set(`${ROOT}/.gitignore`, text('gen/\n'));
  expect(found(fs)).toEqual(['go.mod', 'deploy/api.yaml', 'main.go']);
});

test('forgets files and folders that are gone, and folders nothing is left in', () => {
  const fs = mirror('a/b/one.go', 'a/b/two.go', 'c/three.go');
  fs.set(`${ROOT}/a/b/one.go`, undefined);
  expect(found(fs)).toEqual(['a/b/two.go', 'c/three.go']);
  fs.set(`${ROOT}/a/b/two.go`, undefined);
  expect(fs.kind(`${ROOT}/a`)).toBeUndefined();
  fs.set(`${ROOT}/c`, undefined);
  expect(fs.kind(ROOT)).toBeUndefined();
  expect(() => fs.read(`${ROOT}/c/three.go`)).toThrow('ENOENT');
});

test('takes a file again, with its new content', () => {
  const fs = mirror('main.go');
  fs.set(`${ROOT}/main.go`, text('package main'));
  expect(fs.size(`${ROOT}/main.go`)).toBe(12);
  expect(fs.list(ROOT)).toEqual([{ name: 'main.go', kind: 'file' }]);
});

test('knows of a file before its content is there, and keeps what it was given', () => {
  const fs = mirror('go.mod', 'gone.go');
  fs.keep([`${ROOT}/go.mod`, `${ROOT}/main.go`]);
  expect(found(fs)).toEqual(['go.mod', 'main.go']);
  expect(fs.size(`${ROOT}/main.go`)).toBe(0);
  expect(() => fs.read(`${ROOT}/main.go`)).toThrow('ENOENT');
  expect(fs.size(`${ROOT}/go.mod`)).toBe(6);
  expect(fs.kind(`${ROOT}/gone.go`)).toBeUndefined();
});

test('takes nothing from the server', () => {
  expect(() => mirror('main.go').replace(`${ROOT}/main.go`)).toThrow('EROFS');
});
