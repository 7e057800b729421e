import { expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { scan } from '../../src/host/scan.ts';
import { isOnlyForTests } from '../../src/program/test-code.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

const cargo = (dir: string, name = 'shop') => ({
  file: `${dir}/Cargo.toml`,
  dir,
  kind: 'cargo' as const,
  name,
  goVersion: '',
  dependencies: [],
});

it.each([
  ['/a/main_test.go', true],
  ['/a/main.go', false],
  ['/a/testing/main.go', false],
  ['/a/tests/api.rs', true],
  ['/a/tests/common/mod.rs', true],
  ['/a/benches/b.rs', true],
  ['/a/examples/e.rs', true],
  ['/a/src/tests/mod.rs', false],
  ['/a/src/tests.rs', false],
  // A crate that itself lies in a folder of that name is one like any other.
  ['/a/examples/service/src/main.rs', false],
  ['/elsewhere/tests/api.rs', false],
])('%s is only for tests: %s', (file, expected) => {
  expect(isOnlyForTests(file, [cargo('/a'), cargo('/a/examples/service')])).toBe(expected);
});

it('does not take the folders beside a workspace without a package for crates of its own', () => {
  expect(isOnlyForTests('/a/tests/api.rs', [cargo('/a', '')])).toBe(false);
});

it('counts test files as read without parsing them, except for directives', async () => {
  const workspace = new Workspace();
  const parsed: string[] = [];
  const parser = await startEngine();
  const fs = new MemoryFileSystem({
    '/shop/go.mod': 'module example.org/shop\n',
    '/shop/main.go': 'package main\n',
    '/shop/main_test.go': 'package main\n',
    '/shop/other_test.go': 'package main\n\n// headroom: ignore go/unbounded-cache -- why\nvar x int\n',
  });
  const { files } = await scan({
    workspace,
    fs,
    roots: ['/shop'],
    engine: async () => ({
      ...parser,
      extract(file, language, text) {
        parsed.push(file);
        return parser.extract(file, language, text);
      },
    }),
  });
  expect(files).toBe(3);
  expect(parsed).toEqual(['/shop/main.go', '/shop/other_test.go']);
  expect(workspace.check().findings.map((f) => `${f.file} ${f.rule}`)).toEqual([
    '/shop/other_test.go headroom/unused-ignore',
  ]);
});
