import { describe, expect, it } from 'vitest';
import { deployment, GO_MOD, GROWS, LIMITED } from '../review/shop.ts';
import { headroom } from './command.ts';

const FILES = { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS, 'deploy.yaml': deployment('cart', LIMITED) };

describe('headroom budget', () => {
  it('adds up what a program takes of the limit, item by item', async () => {
    const { exit, out } = await headroom(['budget'], FILES);
    expect(exit).toBe(0);
    expect(out).toContain('static 5Mi–76Mi of 256Mi (30 %)');
    expect(out).toMatch(/\n {2}base: 5Mi–12Mi /);
    expect(out).toMatch(/\n {2}without a bound\n {4}seen {2}cmd\/cart\/main\.go:\d+ \[go\/unbounded-cache\]/);
  });

  it('says it once where containers run the same program alike', async () => {
    const { out } = await headroom(['budget'], { ...FILES, 'second.yaml': deployment('cart', LIMITED) });
    expect(out.match(/static 5Mi–76Mi of 256Mi/g)).toHaveLength(2);
    expect(out.match(/ {2}base: /g)).toHaveLength(1);
    expect(out).toMatch(/\n {2}item by item as in deployment\/cart, container cart \(deploy\.yaml:\d+\)/);
  });
});
