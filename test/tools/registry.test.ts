import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/rules/registry.ts';
import { REGISTRY, registryText, ruleIds, serviceRuleIds } from '../../src/tools/generate/registry.ts';

describe('the registry', () => {
  it('is what the rule files say (npm run bless)', () => {
    expect(readFileSync(REGISTRY, 'utf8')).toBe(registryText(ruleIds('.'), serviceRuleIds('.')));
  });

  it('holds each rule under the name of its file', () => {
    expect(allRules.map((r) => r.meta.id).sort()).toEqual(ruleIds('.'));
  });

  it('lists rules by group and imports them by path', () => {
    const text = registryText(['go/hot-copy', 'headroom/unused-ignore', 'rust/hot-clone']);
    expect(text).toContain("import goHotCopy from './go/hot-copy.ts';");
    expect(text).toContain('export const goRules = [goHotCopy];');
    expect(text).toContain('export const manifestRules: readonly Rule<never>[] = [];');
  });
});
