import { describe, expect, it } from 'vitest';
import { deployment, GO_MOD, GROWS, LIMITED } from '../review/shop.ts';
import { headroom } from './command.ts';

const FILES = { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS, 'deploy.yaml': deployment('cart', LIMITED) };

describe('headroom review', () => {
  it('answers the checklist and says what to do next', async () => {
    const { exit, out } = await headroom(['review'], FILES);
    expect(exit).toBe(0);
    expect(out).toMatch(/^1 service in 1 container; /);
    expect(out).toMatch(/\n {4}1\. \[no bound\] `seen` grows with every request/);
    expect(out).toContain(
      '\n    ✗ no      Are caches bounded?\n      One place that outlives a request has no bound\n',
    );
    expect(out).toContain('static 5Mi–76Mi of 256Mi (30 %)');
    expect(out).not.toContain('\u001b[');
  });

  it('says once how to find out what is unknown', async () => {
    const { out } = await headroom(['review'], {
      ...FILES,
      'cmd/auth/main.go': GROWS,
      'auth.yaml': deployment('auth', LIMITED),
    });
    expect(out.match(/No measurement is in this workspace/g)).toHaveLength(2);
    expect(out.match(/To find out: Run five loads/g)).toHaveLength(1);
  });

  it('writes plain data', async () => {
    const { out } = await headroom(['review', '--format', 'json'], FILES);
    const review = JSON.parse(out);
    expect(Object.keys(review)).toEqual(
      ['version', 'summary', 'services', 'unrun', 'others', 'unlinked', 'notCounted'].filter(
        (k) => k in review,
      ),
    );
    expect(review).toMatchObject({
      version: 1,
      services: [{ id: 'cart', containers: [{ limit: { bytes: 2 ** 28 } }] }],
    });
  });

  it('links places in CI to the commit that was reviewed', async () => {
    const env = {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/shop',
      GITHUB_SHA: 'abc',
    };
    const address = 'https://github.com/example/shop/blob/abc/cmd/cart/main.go#L9';
    for (const format of ['html', 'markdown']) {
      const { out } = await headroom(['review', '--format', format], FILES, { env });
      expect(out).toContain(address);
      const own = await headroom(['review', '--format', format, '--link', 'x:{file}:{line}'], FILES, { env });
      expect(own.out).toContain('x:cmd/cart/main.go:9');
      expect(own.out).not.toContain(address);
    }
  });

  it('is about one service where one is named', async () => {
    const { exit, out } = await headroom(['review', '--service', 'cart'], {
      ...FILES,
      'cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
    });
    expect(exit).toBe(0);
    expect(out).not.toContain('no container here runs');
    const unknown = await headroom(['review', '--service', 'card'], FILES);
    expect(unknown.exit).toBe(2);
    expect(unknown.error).toBe('headroom: no service is called "card". There are cart\n');
  });

  it('says so where nothing can be read, and where no container runs the code', async () => {
    expect((await headroom(['review', 'nowhere'], FILES)).exit).toBe(2);
    const { exit, out } = await headroom(['review'], { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS });
    expect(exit).toBe(0);
    expect(out).toMatch(/^No container here runs a program of this workspace; 2 warnings\n/);
    expect(out).toContain('Code that no container here runs\n  1 file with cart cmd/cart/main.go:14');
  });
});
