import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { clippyLints, clippySettings, goLinters } from '../../src/knowledge/companion.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';
import { headroom } from './command.ts';

async function written(files: Readonly<Record<string, string>>, args: readonly string[] = ['--write']) {
  const fs = new MemoryFileSystem(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`/w/${name}`, text])),
  );
  const ran = await headroom(['companion', ...args], fs);
  const text = (name: string) => new TextDecoder().decode(fs.read(`/w/${name}`));
  return { ran, text };
}

interface Golangci {
  readonly version: string;
  readonly linters: {
    readonly enable: readonly string[];
    readonly disable?: readonly string[];
    readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

describe('headroom companion', () => {
  it('prints what would be written, with the reasons, and writes nothing', async () => {
    const { ran, text } = await written(
      { 'Cargo.toml': '[package]\nname = "a"\n', 'go.mod': 'module a\n' },
      [],
    );
    expect(ran.exit).toBe(0);
    expect(ran.out).toContain('# Cargo.toml\n');
    expect(ran.out).toContain('[lints.clippy]\n');
    expect(ran.out).toContain('needless_collect = "warn" # a whole list is made to be walked once');
    expect(ran.out).toContain('# .golangci.yml\n');
    expect(ran.out).toMatch(/- bodyclose # a response body/);
    expect(text('Cargo.toml')).toBe('[package]\nname = "a"\n');
  });

  it('adds a table to Cargo.toml and a clippy.toml, and is content the second time', async () => {
    const files = { 'Cargo.toml': '[package]\nname = "a" # mine\n' };
    const { ran, text } = await written(files);
    expect(ran.exit).toBe(0);
    expect(text('Cargo.toml')).toContain('name = "a" # mine\n');
    const cargo = parseToml(text('Cargo.toml')) as { lints: { clippy: Record<string, string> } };
    expect(Object.keys(cargo.lints.clippy)).toEqual(clippyLints.map((l) => l.name));
    expect(Object.keys(parseToml(text('clippy.toml')))).toEqual(clippySettings.map((s) => s.key));
    const again = await written({ 'Cargo.toml': text('Cargo.toml'), 'clippy.toml': text('clippy.toml') });
    expect(again.ran.out).toBe('/w/Cargo.toml has it all already\n/w/clippy.toml has it all already\n');
  });

  it('keeps what is set, comments and order, and CRLF', async () => {
    const cargo = [
      '[workspace]',
      'members = ["a"]',
      '',
      '# Ours.',
      '[workspace.lints.clippy]',
      'mem_forget = "deny" # never',
      'needless_collect = { level = "allow", priority = 1 }',
      '',
      '[profile.release]',
      'lto = true',
      '',
    ].join('\r\n');
    const { text } = await written({
      'Cargo.toml': cargo,
      '.clippy.toml': 'msrv = "1.80"\nfuture-size-threshold = 1\n\n[[disallowed-methods]]\npath = "a"\n',
    });
    const after = text('Cargo.toml');
    expect(after.split('\r\n').filter((l) => !/= "warn"/.test(l))).toEqual(cargo.split('\r\n'));
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    const lints = (parseToml(after) as never as { workspace: { lints: { clippy: Record<string, unknown> } } })
      .workspace.lints.clippy;
    expect(lints.mem_forget).toBe('deny');
    expect(lints.needless_collect).toEqual({ level: 'allow', priority: 1 });
    expect(lints.large_futures).toBe('warn');
    const clippy = parseToml(text('.clippy.toml')) as Record<string, unknown>;
    expect(clippy['future-size-threshold']).toBe(1);
    expect(clippy['pass-by-value-size-limit']).toBe(256);
    expect(clippy['disallowed-methods']).toEqual([{ path: 'a' }]);
  });

  it('merges into a golangci-lint configuration of version 2', async () => {
    const before = `# Ours.
version: "2"
linters:
  enable:
    - bodyclose # found a leak in May
  disable:
    - perfsprint
  settings:
    govet:
      disable: [copylocks]
formatters:
  enable: [gofmt]
`;
    const { ran, text } = await written({ 'go.mod': 'module a\n', '.golangci.yaml': before });
    expect(ran.error).toBe('');
    const after = text('.golangci.yaml');
    expect(after).toContain('# Ours.\n');
    expect(after).toContain('- bodyclose # found a leak in May\n');
    expect(after).toContain('enable: [gofmt]');
    const { linters } = parseYaml(after) as Golangci;
    const expected = goLinters.map((l) => l.name).filter((n) => n !== 'perfsprint');
    expect([...linters.enable].sort()).toEqual([...expected, 'gocritic'].sort());
    expect(linters.disable).toEqual(['perfsprint']);
    expect(linters.settings.govet).toEqual({ disable: ['copylocks'], enable: ['lostcancel'] });
    expect(linters.settings.gocritic).toEqual({ 'enabled-checks': ['deferInLoop'] });
    const again = await written({ 'go.mod': 'module a\n', '.golangci.yaml': after });
    expect(again.ran.out).toBe('/w/.golangci.yaml has it all already\n');
  });

  it('makes a golangci-lint configuration where there is none', async () => {
    const { text } = await written({ 'go.mod': 'module a\n' });
    const made = parseYaml(text('.golangci.yml')) as Golangci;
    expect(made.version).toBe('2');
    expect(made.linters.enable).toContain('bodyclose');
  });

  it('says what is wrong and changes nothing', async () => {
    const old = await written({
      'go.mod': 'module a\n',
      '.golangci.yml': 'linters:\n  enable: [bodyclose]\n',
    });
    expect(old.ran).toMatchObject({ exit: 2 });
    expect(old.ran.error).toContain('golangci-lint migrate');
    expect(old.text('.golangci.yml')).toBe('linters:\n  enable: [bodyclose]\n');
    const broken = await written({ 'go.mod': 'module a\n', '.golangci.yml': 'linters: [\n' });
    expect(broken.ran.error).toContain('could not be read as YAML');
    const none = await written({ 'a.txt': '' });
    expect(none.ran).toMatchObject({ exit: 2 });
    expect(none.ran.error).toContain('neither a Cargo.toml nor a go.mod');
    expect((await written({ 'go.mod': '' }, ['nowhere'])).ran.error).toContain('no such folder');
  });
});
