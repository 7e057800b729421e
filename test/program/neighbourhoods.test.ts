import { expect, it } from 'vitest';
import { neighbourhoods } from '../../src/program/neighbourhoods.ts';
import type { Project } from '../../src/program/project.ts';

const project = (kind: 'go' | 'cargo', dir: string, name: string, ...dependencies: string[]): Project => ({
  file: `${dir}/${kind === 'go' ? 'go.mod' : 'Cargo.toml'}`,
  dir,
  kind,
  name,
  goVersion: '',
  dependencies,
});
const go = (file: string) => ({ file, language: 'go' as const });
const rust = (file: string) => ({ file, language: 'rust' as const });
const parts = (...args: Parameters<typeof neighbourhoods>) =>
  neighbourhoods(...args).map((n) => [...n.files].sort());

it('keeps modules together that depend on each other, and apart that do not', () => {
  const projects = [
    project('go', 'api', 'shop/api', 'shop/store'),
    project('go', 'store', 'shop/store'),
    project('go', 'tool', 'shop/tool'),
  ];
  const files = [go('api/main.go'), go('store/store.go'), go('tool/main.go')];
  expect(parts(files, projects)).toEqual([['api/main.go', 'store/store.go'], ['tool/main.go']]);
});

it('takes a crate below another one, and a name with either dash, for neighbours', () => {
  const projects = [
    project('cargo', 'a', '', ''),
    project('cargo', 'a/core', 'shop-core'),
    project('cargo', 'b', 'shop-web', 'shop_core'),
  ];
  const files = [rust('a/core/src/lib.rs'), rust('b/src/main.rs')];
  expect(parts(files, projects)).toEqual([['a/core/src/lib.rs', 'b/src/main.rs']]);
});

it('never joins Rust with Go, and keeps files without a project together', () => {
  expect(parts([go('x.go'), rust('y.rs'), go('z/w.go')], [])).toEqual([['x.go', 'z/w.go'], ['y.rs']]);
});
