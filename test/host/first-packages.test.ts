import { afterEach, expect, test, vi } from 'vitest';
import { FirstPackages } from '../../src/host/first-packages.ts';
import type { SourceJob } from '../../src/host/read-source.ts';

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
/** Nothing comes in from outside into `b`. */
const peek = (file: string) => (file.startsWith('/r/go/b') ? 'package b' : 'conn := l.Accept()');

const jobs = [
  job('/r/go/b/b.go'),
  job('/r/go/a/a.go'),
  job('/r/go/a/b.go'),
  job('/r/go/a/a_test.go', true),
  job('/r/go/c/c.go'),
  job('/r/api/src/main.rs'),
  job('/r/api/src/http/mod.rs'),
];

afterEach(() => {
  vi.useRealTimers();
});

function of(shown: () => readonly string[], isSilent = () => true) {
  const read: (readonly string[])[] = [];
  const onRead = async (files: readonly string[]) => void read.push(files);
  const packages = new FirstPackages(jobs, [crate], { files: shown, isSilent, onRead }, peek);
  return { packages, read };
}

/** Reads the parts as whoever scans does; gives their files. */
async function readAll(packages: FirstPackages): Promise<string[][]> {
  const parts: string[][] = [];
  for await (const part of packages.parts()) {
    parts.push(part.map(({ file }) => file));
    for (const { file } of part) packages.read(file);
  }
  return parts;
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

test('the packages of shown files are one part, which whoever is told of has time for', async () => {
  let heard = 0;
  const shown = ['/r/go/c/c.go', '/r/go/a/a.go'];
  const packages = new FirstPackages(
    jobs,
    [],
    {
      files: () => shown,
      isSilent: () => true,
      async onRead() {
        await new Promise((next) => setTimeout(next));
        heard++;
      },
    },
    peek,
  );
  expect(await readAll(packages)).toEqual([['/r/go/c/c.go', '/r/go/a/a.go', '/r/go/a/b.go']]);
  expect(heard).toBe(2);
});

test('nobody is waited for longer than his time', async () => {
  vi.useFakeTimers();
  const shown = ['/r/go/c/c.go'];
  const packages = new FirstPackages(
    jobs,
    [],
    {
      files: () => shown,
      isSilent: () => true,
      onRead: () => new Promise(() => {}),
    },
    peek,
  );
  const reading = readAll(packages);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await reading).toHaveLength(1);
});

test('where nobody has a file in front of them, small packages are read until there is something to say', async () => {
  let told = 0;
  const { packages, read } = of(
    () => [],
    () => told < 2,
  );
  for await (const part of packages.parts()) {
    for (const { file } of part) packages.read(file);
    told++;
  }
  expect(read).toEqual([['/r/go/c/c.go'], ['/r/go/a/a.go', '/r/go/a/b.go']]);
});

test('nothing is read first where something was said, or what is shown is large', async () => {
  const said = of(
    () => [],
    () => false,
  );
  expect(await readAll(said.packages)).toEqual([]);
  const large = { ...job('/r/go/l/l.go'), bytes: 2 ** 20 + 1 };
  const shown = [large.file];
  const packages = new FirstPackages(
    [large],
    [],
    {
      files: () => shown,
      isSilent: () => true,
      onRead: async () => {},
    },
    peek,
  );
  expect(await readAll(packages)).toEqual([]);
  expect([...packages.wanted()]).toEqual([large.file]);
});
