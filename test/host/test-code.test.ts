import { expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { scan } from '../../src/host/scan.ts';
import { onlyForTests } from '../../src/program/test-code.ts';
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
  ['/a/testing/main.go', true],
  ['/a/store/mock_store.go', true],
  ['/a/attesting/main.go', false],
  ['/a/tests/api.rs', true],
  ['/a/tests/common/mod.rs', true],
  ['/a/benches/b.rs', true],
  ['/a/examples/e.rs', true],
  ['/a/src/tests/mod.rs', true],
  ['/a/src/tests.rs', true],
  ['/a/src/latest.rs', false],
  ['/a/examples/service/src/main.rs', true],
  // What lies above the folder under review does not count.
  ['/a/src/main.rs', false],
])('%s is only for tests: %s', (file, expected) => {
  expect(onlyForTests([cargo('/a'), cargo('/a/examples/service')], '/a')(file)).toBe(expected);
});

it('judges folders below the folder under review', () => {
  const inside = onlyForTests([cargo('/home/tests/shop')], '/home/tests/shop');
  expect(inside('/home/tests/shop/src/main.rs')).toBe(false);
  expect(inside('/home/tests/shop/tests/api.rs')).toBe(true);
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
