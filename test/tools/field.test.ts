import { describe, expect, it } from 'vitest';
import {
  countByRule,
  differingCounts,
  type FieldFinding,
  missingFrom,
} from '../../src/tools/field/compare.ts';

const finding = (rule: string, line: number, message = 'grows'): FieldFinding => ({
  rule,
  file: 'server.go',
  line,
  message,
});

describe('the difference in the field', () => {
  it('counts by rule, rules in order', () => {
    const counts = countByRule([finding('go/leak', 1), finding('go/cache', 2), finding('go/leak', 3)]);
    expect(Object.entries(counts)).toEqual([
      ['go/cache', 1],
      ['go/leak', 2],
    ]);
  });

  it('names the rules whose counts differ, also where one side has none', () => {
    const before = { 'go/cache': 2, 'go/leak': 1, 'go/read': 4 };
    const after = { 'go/cache': 3, 'go/read': 4, 'go/spawn': 1 };
    expect(differingCounts(before, after)).toEqual(['go/cache 2 → 3', 'go/leak 1 → 0', 'go/spawn 0 → 1']);
  });

  it('knows a finding again on another line, and counts equal ones', () => {
    const before = [finding('go/cache', 10), finding('go/leak', 5)];
    const after = [finding('go/cache', 12), finding('go/cache', 40), finding('go/leak', 5, 'other')];
    expect(missingFrom(before, after)).toEqual([finding('go/cache', 40), finding('go/leak', 5, 'other')]);
    expect(missingFrom(after, before)).toEqual([finding('go/leak', 5)]);
  });
});
