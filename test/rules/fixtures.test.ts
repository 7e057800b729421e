import { describe, expect, it } from 'vitest';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { createLint } from '../../src/tools/fixtures/engine.ts';
import { verifyCase } from '../../src/tools/fixtures/verify.ts';

const lint = await createLint();
const cases = readCases('.');

describe('fixtures', () => {
  it.each(cases.map((c) => [c.source.replace('test/fixtures/', ''), c] as const))('%s', (_, fixture) => {
    expect(verifyCase(fixture, lint)).toEqual([]);
  });
});
