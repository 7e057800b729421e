import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryFiles } from './source-files.ts';

const files = repositoryFiles();
const text = (file: string) => readFileSync(file, 'utf8');
const manifest = JSON.parse(text('package.json')) as {
  version: string;
  main: string;
  bin: Record<string, string>;
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
  dependencies?: Record<string, string>;
};
const lock = JSON.parse(text('package-lock.json')) as {
  version: string;
  packages: Record<
    string,
    { version?: string; resolved?: string; optionalDependencies?: Record<string, string> }
  >;
};

describe('the repository', () => {
  it('names no path of the machine it was written on', () => {
    const own = [`${resolve('.')}/`, ...(homedir().length > 1 ? [`${homedir()}/`] : [])];
    const readable = files.filter((f) => !/\.(wasm|png|gif|ttf|woff2?|vsix)$/.test(f));
    expect(readable.filter((f) => own.some((path) => text(f).includes(path)))).toEqual([]);
  });

  it('names no package registry but the public one', () => {
    const hosts = Object.values(lock.packages).flatMap((p) => (p.resolved ? [new URL(p.resolved).host] : []));
    expect([...new Set(hosts)].filter((h) => h !== 'registry.npmjs.org')).toEqual([]);
    expect(files.filter((f) => /(^|\/)\.npmrc$/.test(f) && /registry\s*=/.test(text(f)))).toEqual([]);
  });

  it('has one version: package, lock file and the newest entry of the changelog agree', () => {
    expect(lock.version).toBe(manifest.version);
    expect(lock.packages['']?.version).toBe(manifest.version);
    expect(/^## (\d+\.\d+\.\d+)/m.exec(text('CHANGELOG.md'))?.[1]).toBe(manifest.version);
  });

  it('locks the packages of every system, or `npm ci` fails on all (node scripts/complete-lock.mjs)', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('pins every package exactly and installs none at run time', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(Object.entries(manifest.devDependencies).filter(([, v]) => !/^\d/.test(v))).toEqual([]);
  });

  it('describes every npm script that a person is told to run', () => {
    const told = ['README.md', 'CONTRIBUTING.md'].flatMap((f) =>
      [...text(f).matchAll(/npm run ([\w-]+)/g)].map((m) => m[1]!),
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((s) => !(s in manifest.scripts))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const broken = files
      .filter((f) => f.endsWith('.md'))
      .flatMap((file) =>
        [...text(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map((m) => decodeURI(m[1]!))
          .filter((link) => {
            const target = resolve(file, '..', link).slice(resolve('.').length + 1);
            return !files.some((f) => f === target || f.startsWith(`${target}/`));
          })
          .map((link) => `${file} → ${link}`),
      );
    expect(broken).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('names only files and folders that exist', () => {
    const named = [
      ...text('ARCHITECTURE.md').matchAll(/`((?:src|test|docs|grammars|examples|schemas)\/[\w./-]*)`/g),
    ];
    const missing = named
      .map((m) => m[1]!.replace(/\/$/, ''))
      .filter((path) => !files.some((f) => f === path || f.startsWith(`${path}/`)));
    expect(named.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});
