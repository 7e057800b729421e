import { describe, expect, it } from 'vitest';
import { memoryTree, type Row } from '../../src/extension/memory-tree.ts';
import { deployment, GO_MOD, GROWS, LIMITED, review, SWEPT } from '../review/shop.ts';

const FILES = { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS, 'deploy.yaml': deployment('cart', LIMITED) };

function all(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => [row, ...all(row.children)]);
}

function child(row: Row | undefined, label: string): Row {
  const found = row?.children.find((c) => c.label === label);
  if (!found) throw new Error(`no ${label} among ${row?.children.map((c) => c.label).join(', ')}`);
  return found;
}

describe('the Memory view', () => {
  const tree = memoryTree(review(FILES));
  const [cart] = tree;

  it('has a row for each service with what is said about it', () => {
    expect(cart).toMatchObject({
      label: 'cart',
      description: '3 warnings',
      context: 'service',
      service: 'cart',
      manifest: { file: 'deploy.yaml', line: 8 },
      open: true,
    });
    expect(cart?.children.map((c) => [c.label, c.description])).toEqual([
      ['What to do next', '4 steps'],
      ['Checklist', '3 no · 6 unknown'],
      ['Budget', '1 container'],
      ['Findings', '4'],
    ]);
  });

  it('shows the risk of a step, and leads to its place', () => {
    expect(child(cart, 'What to do next').children[0]).toMatchObject({
      label: expect.stringMatching(/^1\. seen grows with every request/),
      description: 'no bound',
      spot: { file: 'cmd/cart/main.go', line: 9 },
    });
  });

  it('says an answer in words, not only by its icon', () => {
    const caches = child(child(cart, 'Checklist'), 'Caches bounded');
    expect(caches).toMatchObject({ look: 'no', description: 'no' });
    expect(caches.spoken).toBe('no: Are caches bounded? One place that outlives a request has no bound');
    expect(caches.children.map((c) => c.label)).toEqual([
      'One place that outlives a request has no bound',
      expect.stringMatching(/^seen grows with every request/),
    ]);
  });

  it('shows the ledger of a container, what has no bound first', () => {
    const [container] = child(cart, 'Budget').children;
    expect(container).toMatchObject({
      label: 'deployment/cart, container cart',
      description: 'static 5Mi–76Mi of 256Mi (30 %)',
      context: 'manifest',
      spot: { line: 11 },
    });
    expect(container?.children.map((c) => [c.label, c.description])).toEqual([
      ['seen', 'no bound · main.go:9'],
      ['ring', 'filled 64Mi · main.go:15'],
    ]);
  });

  it('puts many findings of one rule into one row that unfolds into their places', () => {
    const names = ['a', 'b', 'c', 'd'];
    const files = Object.fromEntries(
      names.map((n) => [`${n}.yaml`, deployment(n, '            requests: {memory: 64Mi}\n')]),
    );
    const others = memoryTree(review(files)).find((row) => row.id === 'others');
    const missing = child(others, 'k8s/limit-missing');
    expect(missing).toMatchObject({ look: 'information', description: '4 places' });
    expect(missing.children.map((c) => [c.label, c.spot?.file])).toEqual(
      names.map((n) => [`${n}.yaml:8`, `${n}.yaml`]),
    );
    expect(missing.children[0]?.description).toMatch(/^Container "a" has no memory limit/);
  });

  it('has every id once, and the same ids when only texts changed', () => {
    const ids = (rows: readonly Row[]) => all(rows).map((row) => row.id);
    expect(new Set(ids(tree)).size).toBe(ids(tree).length);
    const later = memoryTree(review({ ...FILES, 'cmd/cart/main.go': `// A comment.\n${GROWS}` }));
    expect(ids(later)).toEqual(ids(tree));
  });

  it('keeps services closed where there are several, and what runs nowhere apart', () => {
    const rows = memoryTree(
      review({
        ...FILES,
        'cmd/auth/main.go': SWEPT,
        'cmd/tool/main.go': GROWS,
        'auth.yaml': deployment('auth', LIMITED),
        'redis.yaml': deployment('redis', '            limits: {memory: 512m}\n'),
      }),
    );
    expect(rows.map((row) => [row.label, row.open ?? false])).toEqual([
      ['cart', false],
      ['auth', false],
      ['Code in no container', false],
      ['Other manifests', false],
    ]);
  });

  it('is empty where there is nothing to review', () => {
    expect(memoryTree(review({}))).toEqual([]);
  });

  it('shows at most a hundred findings, and counts the rest', () => {
    const one = review(FILES);
    const finding = one.services[0]!.findings[0]!;
    const many = { ...one, services: [], others: Array.from({ length: 130 }, () => finding) };
    const others = memoryTree(many).at(-1);
    expect(others?.children.map((row) => row.children.length)).toEqual([100, 0]);
    expect(others?.children.at(-1)?.label).toBe('30 more in the report');
  });
});
