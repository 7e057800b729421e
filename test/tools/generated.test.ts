import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCases } from '../../src/tools/fixtures/cases.ts';
import { createLint } from '../../src/tools/fixtures/engine.ts';
import { generatedTexts } from '../../src/tools/generate/all.ts';
import { ruleIds } from '../../src/tools/generate/registry.ts';
import { repositoryFiles } from '../architecture/source-files.ts';

const expected = generatedTexts('.', readCases('.'), await createLint());

describe('generated files are up to date (npm run bless)', () => {
  it.each([...expected])('%s', (path, text) => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '(missing)').toBe(text);
  });

  it('and no page is left of a rule that is gone', () => {
    const ids = new Set(ruleIds('.'));
    const pages = repositoryFiles().filter((f) => /^docs\/rules\/[^/]+\/[^/]+\.md$/.test(f));
    expect(pages.filter((f) => !ids.has(f.slice('docs/rules/'.length, -'.md'.length)))).toEqual([]);
  });
});
