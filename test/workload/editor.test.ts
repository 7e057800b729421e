import { beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { LiveWorkspace } from '../../src/host/live-workspace.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await startEngine();
});

const MAIN = `package main

import "net/http"

func main() {
	ring := make([]byte, 64<<20)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write(ring[:1]) })
	http.ListenAndServe(":8080", nil)
}
`;
const DEPLOY = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    spec:
      containers:
        - name: cart
          image: registry.example.org/shop/cart:1
          resources:
            limits:
              memory: 128Mi
`;
const FILES = {
  '/w/go.mod': 'module example.org/shop\n\ngo 1.22\n',
  '/w/cmd/cart/main.go': MAIN,
  '/w/deploy.yaml': DEPLOY,
};

function workspace(files: Readonly<Record<string, string>> = FILES): Workspace {
  const w = new Workspace({ parser });
  for (const [file, text] of Object.entries(files)) w.setText(file, text);
  return w;
}

const at = (text: string, part: string) => text.indexOf(part);

describe('a linked container', () => {
  it('has a line above it and above main, with the budget', () => {
    const w = workspace();
    const [above] = w.lenses('/w/deploy.yaml');
    expect(above?.title).toMatch(/^budget 5Mi–76Mi of 128Mi · runs cart$/);
    expect(above?.targets[0]?.file).toBe('/w/cmd/cart/main.go');
    const [main] = w.lenses('/w/cmd/cart/main.go');
    expect(main?.title).toBe('budget 5Mi–76Mi of 128Mi · runs in deployment/cart');
  });

  it('leads to main and back', () => {
    const w = workspace();
    const [main] = w.linkedPlaces('/w/deploy.yaml', at(DEPLOY, '- name: cart') + 9);
    expect(main).toMatchObject({ file: '/w/cmd/cart/main.go', span: { start: at(MAIN, 'main()') } });
    const [container] = w.linkedPlaces('/w/cmd/cart/main.go', at(MAIN, 'main()') + 1);
    expect(container?.file).toBe('/w/deploy.yaml');
    expect(w.linkedPlaces('/w/cmd/cart/main.go', 0)).toEqual([]);
  });

  it('shows its ledger in the hover of the limit and of main', () => {
    const w = workspace();
    for (const [file, offset] of [
      ['/w/deploy.yaml', at(DEPLOY, '128Mi') + 1],
      ['/w/cmd/cart/main.go', at(MAIN, 'main()') + 1],
    ] as const) {
      const text = w.hover(file, offset)?.markdown ?? '';
      expect(text).toContain('**Budget of `cart`**: 5Mi–76Mi of 128Mi');
      expect(text).toContain('filled: 64Mi `ring` (67,108,864 bytes');
      expect(text).toContain('only a measurement sets a limit');
    }
  });

  it('says what was measured, as long as that is written down', () => {
    const w = workspace();
    const peak = 'cgroup: {metric: memory.peak, until: 2026-03-14, window: 8d, startup: 60Mi, traffic: 90Mi}';
    w.setText('/w/headroom-measured.yaml', `services:\n  cart:\n    ${peak}\n`);
    const lens = () => w.lenses('/w/deploy.yaml')[0]?.title;
    expect(lens()).toBe('budget 5Mi–76Mi of 128Mi · measured 90Mi · runs cart');
    const hover = () => w.hover('/w/deploy.yaml', at(DEPLOY, 'cart\n          image'))?.markdown;
    expect(hover()).toContain(
      '**measured**, grade A: start-up 60Mi, traffic 90Mi (cgroup, 8d, until 2026-03-14) headroom-measured.yaml:2',
    );
    const spot = { start: at(DEPLOY, '128Mi'), end: at(DEPLOY, '128Mi') };
    const titles = () => w.actions('/w/deploy.yaml', spot).map((a) => a.title);
    expect(titles()).not.toContain('Set a memory limit: fill in the measured peak plus 25 %');
    w.remove('/w/headroom-measured.yaml');
    expect(lens()).toBe('budget 5Mi–76Mi of 128Mi · runs cart');
    expect(hover()).not.toContain('measured**');
    expect(titles()).toContain('Set a memory limit: fill in the measured peak plus 25 %');
  });

  it('of a program is measured by its name only where no container or workload has it', () => {
    const other = DEPLOY.replaceAll('name: cart', 'name: other');
    const measured = 'services:\n  cart:\n    csv: {traffic: 120Mi}\n';
    const found = (files: Readonly<Record<string, string>>) => {
      const w = workspace({ ...FILES, '/w/headroom-measured.yaml': measured, ...files });
      return w.check().findings.flatMap((f) => (f.rule === 'k8s/measured-over' ? [f.file] : []));
    };
    expect(found({})).toEqual(['/w/deploy.yaml']);
    expect(found({ '/w/other.yaml': other })).toEqual(['/w/deploy.yaml']);
    expect(found({ '/w/deploy.yaml': other })).toEqual(['/w/deploy.yaml']);
  });

  it('can get its limit from the budget, as an estimate', () => {
    const w = workspace();
    const start = at(DEPLOY, '128Mi');
    const action = w.actions('/w/deploy.yaml', { start, end: start }).find((a) => /budget/.test(a.title));
    expect(action?.title).toBe(
      'Set the limit to 96Mi from the budget: what the code may take plus 25 % (estimate)',
    );
    expect(action?.edits()[0]?.newText).toBe('96Mi');
  });

  it('is named by what its program grows without a bound', () => {
    const growing = MAIN.replace('ring := make([]byte, 64<<20)', 'ring := map[string]bool{}').replace(
      'w.Write(ring[:1])',
      'ring[r.URL.Path] = true',
    );
    const { findings } = workspace({ ...FILES, '/w/cmd/cart/main.go': growing }).check();
    const growth = findings.find((f) => f.rule === 'go/unbounded-cache');
    expect(growth?.related.at(-1)).toMatchObject({
      file: '/w/deploy.yaml',
      message: 'container "cart" is limited to 128Mi',
    });
    expect(findings.find((f) => f.rule === 'budget/unbounded')?.file).toBe('/w/deploy.yaml');
  });

  it('loses what was said when the code changes', () => {
    const w = workspace();
    expect(w.lenses('/w/deploy.yaml')[0]?.title).toContain('76Mi');
    w.setText('/w/cmd/cart/main.go', MAIN.replace('64<<20', '32<<20'));
    expect(w.lenses('/w/deploy.yaml')[0]?.title).toContain('44Mi');
    w.remove('/w/cmd/cart/main.go');
    expect(w.lenses('/w/deploy.yaml')).toEqual([]);
  });
});

it('a container that runs something unknown can be linked in headroom.yaml', async () => {
  const fs = new MemoryFileSystem({ ...FILES, '/w/deploy.yaml': DEPLOY.replaceAll('cart', 'till') });
  const live = new LiveWorkspace(fs, parser);
  await live.scan(['/w'], { progress() {}, isCancelled: () => false });
  const start = live.text('/w/deploy.yaml')!.indexOf('- name: till') + 9;
  const action = live
    .actions('/w/deploy.yaml', { start, end: start })
    .find((a) => a.title.startsWith('Link'));
  expect(action?.title).toBe('Link "till" to the program cart (headroom.yaml)');
  const [edit] = action!.edits();
  expect(edit?.file).toBe('/w/headroom.yaml');
  expect(edit?.newText).toBe(
    'services:\n  till:\n    source: "cmd/cart/main.go"\n    container: "till"\n    workload: "till"\n',
  );
  const linked = workspace({
    ...FILES,
    '/w/deploy.yaml': DEPLOY.replaceAll('cart', 'till'),
    '/w/headroom.yaml': edit!.newText,
  });
  expect(linked.links.units[0]?.links[0]).toMatchObject({ confidence: 'declared' });
});
