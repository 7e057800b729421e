import { describe, expect, it } from 'vitest';
import { myths } from '../../src/knowledge/myths.ts';

const all = Object.entries(myths);

describe('the myths', () => {
  it('are ten', () => {
    expect(all).toHaveLength(10);
  });

  it.each(all)('%s: truth in two sentences, a measurement, facts with sources', (_, myth) => {
    expect(myth.truth.split(/[.!?](?:\s|$)/).filter((s) => s !== '')).toHaveLength(2);
    expect(myth.truth.length).toBeLessThan(330);
    expect(myth.measurement.length).toBeGreaterThan(40);
    expect(myth.belief).not.toMatch(/\.$/);
    expect(myth.facts.length).toBeGreaterThan(0);
    for (const fact of myth.facts) expect(fact.source).toMatch(/^https:\/\/|measured/);
  });
});
