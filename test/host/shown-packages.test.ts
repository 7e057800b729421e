import { expect, test } from 'vitest';
import type { SourceJob } from '../../src/host/read-source.ts';
import { ShownPackages } from '../../src/host/shown-packages.ts';
import type { Project } from '../../src/program/project.ts';

const job = (file: string, onlyForTests = false): SourceJob => ({
  file,
  bytes: 1,
  language: file.endsWith('.go') ? 'go' : 'rust',
  onlyForTests,
});
const crate: Project = {
  file: '/r/api/Cargo.toml',
  dir: '/r/api',
  kind: 'cargo',
  name: 'api',
  goVersion: '',
  dependencies: [],
};
const jobs = [
  job('/r/go/a/a.go'),
  job('/r/go/a/b.go'),
  job('/r/go/a/a_test.go', true),
  job('/r/go/c/c.go'),
  job('/r/api/src/main.rs'),
  job('/r/api/src/http/mod.rs'),
];

function of(shown: () => readonly string[]) {
  const read: (readonly string[])[] = [];
  const packages = new ShownPackages(jobs, [crate], shown, async (files) => void read.push(files));
  return { packages, read };
}

test('a package is the folder of a Go file without its tests, and the crate of a Rust file', () => {
  const shown = ['/r/go/a/b.go', '/r/api/src/main.rs'];
  const { packages } = of(() => shown);
  expect([...packages.wanted()]).toEqual([
    '/r/go/a/a.go',
    '/r/go/a/b.go',
    '/r/api/src/main.rs',
    '/r/api/src/http/mod.rs',
  ]);
});

test('it is told of once, when the last of its files was read', () => {
  const shown = ['/r/go/a/b.go'];
  const { packages, read } = of(() => shown);
  packages.read('/r/go/a/b.go');
  packages.read('/r/go/c/c.go');
  expect(read).toEqual([]);
  packages.read('/r/go/a/a.go');
  packages.read('/r/api/src/main.rs');
  expect(read).toEqual([['/r/go/a/a.go', '/r/go/a/b.go']]);
});

test('a document that is opened after its package was read is told of, too', () => {
  let shown: readonly string[] = [];
  const { packages, read } = of(() => shown);
  for (const { file } of jobs) packages.read(file);
  expect(packages.wanted().size).toBe(0);
  shown = ['/r/go/c/c.go'];
  expect(packages.wanted().size).toBe(1);
  expect(read).toEqual([['/r/go/c/c.go']]);
});

test('whoever was told has time for it', async () => {
  let isOver = false;
  const shown = ['/r/go/c/c.go'];
  const packages = new ShownPackages(
    jobs,
    [],
    () => shown,
    async () => {
      await new Promise((next) => setTimeout(next));
      isOver = true;
    },
  );
  packages.read('/r/go/c/c.go');
  await packages.heard(10_000);
  expect(isOver).toBe(true);
});

test('nobody is waited for longer than that', async () => {
  const shown = ['/r/go/c/c.go'];
  const packages = new ShownPackages(
    jobs,
    [],
    () => shown,
    () => new Promise(() => {}),
  );
  packages.read('/r/go/c/c.go');
  await expect(packages.heard(10)).resolves.toBeUndefined();
});
