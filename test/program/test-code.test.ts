import { expect, test } from 'vitest';
import { devCrates, isTestCrate, isTestFile, isTestPath, isTestType } from '../../src/program/test-code.ts';
import { parser } from './program-of.ts';

test.each([
  ['zzztest/loop/main.go', true],
  ['cmd/tstest/agent.go', true],
  ['internal/e2e/run.go', true],
  ['cmd/mockbackend/main.go', true],
  ['vault/testing.go', true],
  ['vault/request_testing_util.go', true],
  ['vault/attesting.go', false],
  ['end-to-end-tests/src/bin/serve.rs', true],
  ['felix/test-workload/main.go', true],
  ['src/bin/test-report.rs', true],
  ['wasm-tests/echo-server/main.go', true],
  ['attestation/main.go', false],
  ['latest/main.go', false],
  ['contest/main.go', false],
  ['speedtest/server.go', false],
  ['testament/main.go', false],
])('%s is test code by its path: %s', (file, expected) => {
  expect(isTestPath(`work/${file}`, 'work')).toBe(expected);
});

test.each([
  ['ShardNoopProvider', true],
  ['NoopBackend', true],
  ['exporterNoOp', true],
  ['NoOperator', false],
])('%s stands in for another type: %s', (name, expected) => {
  expect(isTestType(name)).toBe(expected);
});

test.each([
  ['use turmoil::net::TcpListener;', true],
  ['use tokio::net::TcpListener;', false],
  ['use tokio::net::TcpListener;\nuse turmoil::net::TcpStream;', false],
])('Rust: what listens in a simulated network alone is test code: %s', (uses, expected) => {
  expect(isTestFile(parser.extract('work/src/lib.rs', 'rust', uses), 'work')).toBe(expected);
});

test('a crate that is called after debugging helps the work on the project', () => {
  expect(isTestCrate('crates/panel-dbg')).toBe(true);
  expect(isTestCrate('crates/panel')).toBe(false);
});

test('a crate that the programs of a workspace have for their tests alone is test code', () => {
  const cargo = (
    name: string,
    uses: string[],
    devUses: string[] = [],
    binaries: { name: string; file: undefined }[] = [],
  ) => ({
    file: `${name}/Cargo.toml`,
    dir: name,
    kind: 'cargo' as const,
    name,
    goVersion: '',
    dependencies: uses,
    uses,
    devUses,
    binaries,
  });
  const shop = cargo('shop', ['store'], ['relay', 'client'], [{ name: 'shop', file: undefined }]);
  const found = devCrates(
    [
      shop,
      cargo('store', []),
      cargo('relay', ['tape']),
      cargo('tape', []),
      cargo('client', [], [], [{ name: 'c', file: undefined }]),
    ],
    [],
  );
  expect([...found].sort()).toEqual(['relay', 'tape']);
  // What no program knows may be what the workspace is there for.
  expect(devCrates([cargo('lib', []), cargo('checks', [], ['lib'])], []).size).toBe(0);
});
