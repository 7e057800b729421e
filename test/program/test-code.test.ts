import { expect, test } from 'vitest';
import { isTestPath } from '../../src/program/test-code.ts';

test.each([
  ['zzztest/loop/main.go', true],
  ['cmd/tstest/agent.go', true],
  ['internal/e2e/run.go', true],
  ['cmd/mockbackend/main.go', true],
  ['vault/testing.go', true],
  ['vault/request_testing_util.go', true],
  ['vault/attesting.go', false],
  ['end-to-end-tests/src/bin/serve.rs', true],
  ['latest/main.go', false],
  ['contest/main.go', false],
  ['speedtest/server.go', false],
  ['testament/main.go', false],
])('%s is test code by its path: %s', (file, expected) => {
  expect(isTestPath(`work/${file}`, 'work')).toBe(expected);
});
