import { describe, expect, it } from 'vitest';
import { readCargo, readGoMod } from '../../src/analysis/project-files.ts';

describe('go.mod', () => {
  it('gives module, version and requirements', () => {
    const text = [
      'module example.com/shop // the shop',
      '',
      'go 1.22',
      'require github.com/a/b v1.0.0',
      'require (',
      '\tgithub.com/c/d/v2 v2.1.0',
      '\tgolang.org/x/sync v0.1.0 // indirect',
      ')',
      'replace github.com/a/b => ../b',
      'exclude (',
      '  github.com/no/no v1.0.0',
      ')',
    ].join('\r\n');
    expect(readGoMod('a/go.mod', text)).toEqual({
      file: 'a/go.mod',
      dir: 'a',
      kind: 'go',
      name: 'example.com/shop',
      goVersion: '1.22',
      dependencies: ['github.com/a/b', 'github.com/c/d/v2', 'golang.org/x/sync'],
    });
  });

  it('survives anything', () => {
    for (const text of ['', '(', ')', 'module', 'require (', 'module "q"\0'])
      expect(() => readGoMod('go.mod', text)).not.toThrow();
  });
});

describe('Cargo.toml', () => {
  it('gives name and dependencies of all kinds but tests', () => {
    const { project, notices } = readCargo(
      'svc/Cargo.toml',
      [
        '[package]',
        'name = "my-svc"',
        '[dependencies]',
        'tokio = { version = "1", features = ["full"] }',
        '[build-dependencies]',
        'prost-build = "0.13"',
        '[dev-dependencies]',
        'proptest = "1"',
        "[target.'cfg(unix)'.dependencies]",
        'nix = "0.29"',
        '[workspace.dependencies]',
        'lru = "0.12"',
      ].join('\n'),
    );
    expect(notices).toEqual([]);
    expect(project).toEqual({
      file: 'svc/Cargo.toml',
      dir: 'svc',
      kind: 'cargo',
      name: 'my-svc',
      goVersion: '',
      dependencies: ['lru', 'nix', 'prost-build', 'tokio'],
      binaries: [],
      features: { tokio: ['full'] },
      uses: ['nix', 'prost-build', 'tokio'],
      devUses: ['proptest'],
      workspace: { members: [], exclude: [] },
    });
  });

  it('knows what a crate can do without, by the name it is imported under', () => {
    const text = '[dependencies]\ntokio = "1"\nwgpu-core = { version = "1", optional = true }\n';
    expect(readCargo('Cargo.toml', text).project.optional).toEqual(['wgpu_core']);
  });

  it('gives the workspace that begins there, and the folders of other crates', () => {
    const of = (text: string, file = 'shop/svc/Cargo.toml') => readCargo(file, text).project;
    const home = of(
      [
        '[workspace]',
        'members = ["./api", "crates/*"]',
        'exclude = ["crates/probe/"]',
        '[workspace.dependencies]',
        'wire = { path = "lib/wire" }',
        '[patch.crates-io]',
        'lru = { path = "vendor/lru" }',
      ].join('\n'),
      'Cargo.toml',
    );
    expect(home.workspace).toEqual({ members: ['api', 'crates/*'], exclude: ['crates/probe'] });
    expect(home.paths).toEqual(['lib/wire', 'vendor/lru']);
    const svc = of('[package]\nname = "svc"\n[dev-dependencies]\nkit = { path = "../kit" }\n');
    expect([svc.workspace, svc.paths]).toEqual([undefined, ['shop/kit']]);
    expect(of('[package]\nname = "svc"\nworkspace = "../.."\n').workspace).toEqual({
      members: [],
      exclude: [],
    });
  });

  it('gives the programs it names, with their files where it says them', () => {
    const { project } = readCargo(
      'svc/Cargo.toml',
      '[package]\nname = "svc"\n[[bin]]\nname = "a"\npath = "./src/a.rs"\n[[bin]]\nname = "b"\n',
    );
    expect(project.binaries).toEqual([
      { name: 'a', file: 'svc/src/a.rs' },
      { name: 'b', file: undefined },
    ]);
  });

  it('that is broken gives a notice with the line, and a project without a name', () => {
    const { project, notices } = readCargo('Cargo.toml', '[package]\nname = \n');
    expect(project.name).toBe('');
    expect(notices).toHaveLength(1);
    expect(notices[0]?.message).toMatch(/^line 2: not valid TOML/);
  });
});
