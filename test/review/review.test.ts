import { describe, expect, it } from 'vitest';
import { deployment, GO_MOD, GROWS, LIMITED, review, SWEPT, serviceOf } from './shop.ts';

const CODE = { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS };

describe('a service', () => {
  it('is a program with every container that runs it', () => {
    const document = review({
      ...CODE,
      'a.yaml': deployment('cart', LIMITED),
      'b.yaml': deployment('cart', LIMITED.replaceAll('256Mi', '1Gi')).replace(
        '{name: cart}',
        '{name: canary}',
      ),
    });
    const { containers, ...cart } = serviceOf(document);
    expect(cart).toMatchObject({ name: 'cart', id: 'cart', main: { file: 'cmd/cart/main.go', line: 14 } });
    expect(containers.map((c) => [c.name, c.limit?.text, c.request?.text])).toEqual([
      ['deployment/cart, container cart', '256Mi', '256Mi'],
      ['deployment/canary, container cart', '1Gi', '1Gi'],
    ]);
    expect(containers[0]).toMatchObject({
      total: { low: 5 << 20, high: 76 << 20 },
      summary: 'static 5Mi–76Mi of 256Mi (30 %); committed 5Mi–12Mi; filled up to 64Mi; 1 without a bound',
      items: [{ name: 'ring', class: 'filled', notes: '67,108,864 bytes' }],
      unbounded: [{ name: 'seen' }],
    });
  });

  it('has the findings of its code and of its containers, and no others', () => {
    const document = review({
      ...CODE,
      'a.yaml': deployment('cart', LIMITED),
      'b.yaml': deployment('redis', '            limits: {memory: 512m}\n'),
    });
    const rules = serviceOf(document).findings.map((f) => f.rule);
    expect(rules).toContain('go/unbounded-cache');
    expect(rules).toContain('k8s/gomemlimit-missing');
    expect(rules).not.toContain('k8s/milli-suffix');
    expect(document.others.map((f) => f.rule)).toContain('k8s/milli-suffix');
    const severities = serviceOf(document).findings.map((f) => f.severity);
    expect(severities).toEqual([...severities].sort((a, b) => rank(a) - rank(b)));
  });

  it('has nothing of a program that only lies in a crate it depends on', () => {
    const buffer = 'fn main() { let b = vec![1u8; 64 << 20]; println!("{}", b.len()); }\n';
    const document = review({
      'cart/Cargo.toml': '[package]\nname = "cart"\n\n[dependencies]\nstore = { path = "../store" }\n',
      'cart/src/main.rs': 'fn main() { store::open(); }\n',
      'store/Cargo.toml': '[package]\nname = "store"\n',
      'store/src/lib.rs': 'pub fn open() { let b = vec![1u8; 32 << 20]; println!("{}", b.len()); }\n',
      'store/src/bin/inspect.rs': buffer,
      'deploy.yaml': deployment('cart', LIMITED),
    });
    const { containers, files } = serviceOf(document, 'cart');
    expect(files).toBe(2);
    expect(containers[0]?.items.map((i) => i.at.file)).toEqual(['store/src/lib.rs']);
    expect(document.unrun?.programs.map((p) => p.name)).toEqual(['inspect']);
  });

  it('has the findings of the patches of its containers', () => {
    const document = review({
      ...CODE,
      'base/a.yaml': deployment('cart', LIMITED),
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'prod/kustomization.yaml': 'resources: [../base]\npatches:\n  - path: cart.yaml\n',
      'prod/cart.yaml': deployment('cart', '            limits: {memory: 512m}\n').replace(
        / {10}image.*\n/,
        '',
      ),
    });
    expect(serviceOf(document).findings.map((f) => f.at.file)).toContain('prod/cart.yaml');
  });

  it('is listed before one with less to say', () => {
    const document = review({
      ...CODE,
      'cmd/auth/main.go': SWEPT,
      'a.yaml': deployment('auth', LIMITED),
      'b.yaml': deployment('cart', LIMITED),
    });
    expect(document.services.map((s) => s.name)).toEqual(['cart', 'auth']);
    expect(document.summary).toMatchObject({ services: 2, containers: 2 });
  });
});

describe('what to do next', () => {
  it('begins with what fails now, then what has no bound, and ends with measuring', () => {
    const document = review({
      ...CODE,
      'a.yaml': deployment('cart', '            limits: {memory: 512m}\n'),
    });
    const steps = serviceOf(document).next;
    expect(steps.map((s) => s.risk.kind).slice(0, 2)).toEqual(['fails', 'unbounded']);
    expect(steps[0]?.rule).toBe('k8s/milli-suffix');
    expect(steps[1]).toMatchObject({
      rule: 'go/unbounded-cache',
      fix: expect.stringMatching(/^Keep at most/),
    });
    expect(steps.at(-1)?.title).toMatch(/^Measure: .*Peaks kill pods, averages do not$/);
  });

  it('says how many bytes do not fit', () => {
    const document = review({
      ...CODE,
      'a.yaml': deployment('cart', LIMITED.replaceAll('256Mi', '80Mi')),
    });
    const step = serviceOf(document).next.find((s) => s.rule === 'budget/tight');
    // 12 MiB of the runtime and 64 MiB of the ring, and a quarter more, do not fit in 80 MiB.
    expect(step?.risk).toEqual({ kind: 'bytes', bytes: (76 * 1.25 - 80) * 2 ** 20 });
  });

  it('names the same in many manifests once', () => {
    const names = ['a', 'b', 'c'];
    const document = review({
      ...CODE,
      ...Object.fromEntries(
        names.map((n) => [`${n}.yaml`, deployment('cart', LIMITED).replace('{name: cart}', `{name: ${n}}`)]),
      ),
    });
    const steps = serviceOf(document).next.filter((s) => s.rule === 'k8s/gomemlimit-missing');
    expect(steps).toHaveLength(1);
    expect(steps[0]?.also.map((s) => s.file)).toEqual(['b.yaml', 'c.yaml']);
  });
});

describe('the review', () => {
  it('keeps apart what no container runs, and what could not be linked', () => {
    const document = review({
      ...CODE,
      'cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
      'a.yaml': deployment('cart', LIMITED),
      'b.yaml': deployment('shop', LIMITED, '          command: ["/bin/other"]\n').replace(
        'shop/shop:1',
        'shop/{{ .Values.name }}:1',
      ),
    });
    expect(document.unrun?.programs.map((p) => p.name)).toEqual(['tool']);
    expect(document.unrun?.findings).toEqual([]);
    for (const { why } of document.unlinked) expect(why).not.toBe('');
  });

  it('does not depend on the order of files', () => {
    const files = {
      ...CODE,
      'cmd/auth/main.go': SWEPT,
      'a.yaml': deployment('auth', LIMITED),
      'b.yaml': deployment('cart', LIMITED),
    };
    const turned = Object.fromEntries(Object.entries(files).reverse());
    expect(JSON.stringify(review(turned))).toBe(JSON.stringify(review(files)));
  });
});

function rank(severity: string): number {
  return ['error', 'warning', 'information', 'hint'].indexOf(severity);
}
