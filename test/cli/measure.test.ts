import { describe, expect, it } from 'vitest';
import { readMeasured } from '../../src/analysis/measured-file.ts';
import { MemoryFileSystem } from '../host/memory-file-system.ts';
import { headroom } from './command.ts';

const series = (bytes: (t: number) => number) => {
  const values: [number, string][] = [];
  for (let t = 0; t <= 8 * 86_400; t += 3600) values.push([1_790_000_000 + t, String(bytes(t))]);
  return JSON.stringify({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'container_memory_working_set_bytes', pod: 'a', container: 'catalog' },
          values,
        },
      ],
    },
  });
};

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog} # sells things
spec:
  template:
    spec:
      containers:
        - name: catalog
          image: registry.example.org/catalog:1
          resources:
            limits:
              memory: "256Mi" # since the first day
`;

const textIn = (fs: MemoryFileSystem, file: string) => new TextDecoder().decode(fs.read(file));
const shop = (more: Record<string, string> = {}) =>
  new MemoryFileSystem({ '/w/deploy/catalog.yaml': DEPLOYMENT, ...more });

describe('headroom measure', () => {
  it('writes a summary beside the settings, never a sample, and says what follows', async () => {
    const fs = shop({
      '/w/headroom.yaml': 'root: true\n',
      '/w/in/ws.json': series((t) => (t === 7200 ? 460 * 2 ** 20 : 2 ** 27)),
    });
    const { exit, out } = await headroom(['measure', 'in/ws.json', '--service', 'catalog'], fs);
    expect(exit).toBe(0);
    expect(out).toContain(
      'catalog  traffic 460Mi, idle 128Mi, p95 128Mi (prometheus, 8d, a value each 1h, until 2026-09-29)',
    );
    expect(out).toContain('grade C');
    expect(out).toContain('not measured: a start');
    expect(out).toContain('limit 576Mi: the traffic peak 460Mi + 25 %');
    const text = textIn(fs, '/w/headroom-measured.yaml');
    expect(text.split('\n').length).toBeLessThan(25);
    expect(text).toContain('      traffic: 460Mi\n');
    expect(readMeasured('/w/headroom-measured.yaml', text)).toMatchObject({
      notices: [],
      services: [
        { name: 'catalog', measurements: [{ source: 'prometheus', window: 8 * 86_400, step: 3600 }] },
      ],
    });
  });

  it("keeps the person's comments and other services, and each of the kernel's peaks until it is read anew", async () => {
    const fs = shop({
      '/w/start/memory.peak': '99000000\n',
      '/w/load/memory.peak': '199000000\n',
      '/w/load/memory.events': 'oom_kill 0\n',
      '/w/headroom-measured.yaml': 'services:\n  # by hand\n  search:\n    csv: {traffic: 10Mi} # a guess\n',
    });
    await headroom(['measure', 'start', '--phase', 'start', '--service', 'catalog'], fs);
    await headroom(
      ['measure', 'load/memory.peak', 'load/memory.events', '--window', '8d', '--service', 'catalog'],
      fs,
    );
    const text = textIn(fs, '/w/headroom-measured.yaml');
    expect(text).toContain('# by hand\n');
    expect(text).toContain('csv: { traffic: 10Mi } # a guess');
    expect(readMeasured('f', text).services[1]).toMatchObject({
      name: 'catalog',
      measurements: [{ startup: 95 * 2 ** 20, traffic: 190 * 2 ** 20, window: 8 * 86_400, oomKills: 0 }],
    });
  });

  it('writes nothing with --dry-run, and elsewhere with --into', async () => {
    const fs = shop({ '/w/t.csv': '2026-11-01T00:00:00Z,7000000\n' });
    expect((await headroom(['measure', 't.csv', '--service', 'catalog', '--dry-run'], fs)).out).toContain(
      '--dry-run',
    );
    expect(fs.kind('/w/headroom-measured.yaml')).toBeUndefined();
    await headroom(['measure', 't.csv', '--service', 'catalog', '--into', 'deploy'], fs);
    expect(fs.kind('/w/deploy/headroom-measured.yaml')).toBe('file');
  });

  it.each([
    [['nothing.csv', '--service', 'a'], /^headroom: nothing\.csv: no such file or folder\. Check the path/],
    [['deploy', '--service', 'a'], /deploy: holds no file of a cgroup/],
    [['bad.csv', '--service', 'a'], /bad\.csv line 1: "when" is no time/],
    [
      ['two.txt', '--service', 'a'],
      /two\.txt holds the containers b, c and none is "a"; say which with --container/,
    ],
    [['two.txt'], /required option '--service <name>' not specified/],
    [['bad.csv', '--service', 'a', '--window', 'long'], /Give a duration, such as 8d/],
    [['good.csv', '--service', 'a', '--into', 'no'], /no: no such folder/],
  ])('says what is wrong with %j, and exits with 2', async (args, message) => {
    const fs = shop({
      '/w/bad.csv': 'when,7\n',
      '/w/good.csv': '1,7\n',
      '/w/two.txt': 'POD NAME CPU(cores) MEMORY(bytes)\np b 1m 1Mi\np c 1m 2Mi\n',
    });
    const { exit, error } = await headroom(['measure', ...args], fs);
    expect(error).toMatch(message);
    expect(exit).toBe(2);
    expect(fs.kind('/w/headroom-measured.yaml')).toBeUndefined();
  });

  it.each(['services: [', '- a list\n', 'services:\n  a:\n    csv: {traffic: many}\n'])(
    'does not touch a file of measurements that is broken: %j',
    async (text) => {
      const fs = shop({ '/w/headroom-measured.yaml': text, '/w/good.csv': '1,7\n' });
      const { exit, error } = await headroom(['measure', 'good.csv', '--service', 'b'], fs);
      expect(error).toMatch(/headroom-measured\.yaml cannot be added to/);
      expect(exit).toBe(2);
      expect(textIn(fs, '/w/headroom-measured.yaml')).toBe(text);
    },
  );
});

describe('headroom size', () => {
  const MEASURED =
    'services:\n  catalog:\n    cgroup: {metric: memory.peak, window: 8d, startup: 300Mi, traffic: 280Mi}\n';
  const GO = {
    '/w/go.mod': 'module example.org/shop\n\ngo 1.22\n',
    '/w/cmd/catalog/main.go': 'package main\n\nfunc main() {}\n',
  };

  it('prints limit, request and GOMEMLIMIT, and changes nothing', async () => {
    const fs = shop({ '/w/headroom-measured.yaml': MEASURED, ...GO });
    const { exit, out } = await headroom(['size'], fs);
    expect(exit).toBe(0);
    expect(out).toContain('deployment/catalog, container catalog  deploy/catalog.yaml:8');
    expect(out).toContain('grade A: start-up 300Mi, traffic 280Mi (cgroup, 8d)');
    expect(out).toMatch(/limit\s+256Mi → 384Mi {2}start-up peak 300Mi \+ 25 %/);
    expect(out).toMatch(/request\s+none → 384Mi/);
    expect(out).toMatch(/GOMEMLIMIT\s+none → 345MiB {2}90 % of the limit/);
    expect(textIn(fs, '/w/deploy/catalog.yaml')).toBe(DEPLOYMENT);
  });

  it('edits the manifests with --write, keeps their comments, and has nothing to do then', async () => {
    const fs = shop({ '/w/headroom-measured.yaml': MEASURED, ...GO });
    const { out } = await headroom(['size', '--write'], fs);
    expect(out).toContain('Changed deploy/catalog.yaml');
    expect(textIn(fs, '/w/deploy/catalog.yaml')).toBe(
      DEPLOYMENT.replace(
        '          resources:\n            limits:\n              memory: "256Mi" # since the first day\n',
        '          env:\n          - name: GOMEMLIMIT\n            value: "345MiB"\n          resources:\n            limits:\n              memory: "384Mi" # since the first day\n            requests:\n              memory: 384Mi\n',
      ),
    );
    const again = await headroom(['size', '--write'], fs);
    expect(again.out).toContain('Nothing was changed');
    expect(again.out).toContain('leaves room above start-up peak 300Mi + 25 %');
  });

  it('edits the values of a chart where its template takes the limit from them', async () => {
    const fs = new MemoryFileSystem({
      '/w/chart/Chart.yaml': 'apiVersion: v2\nname: catalog\nversion: 0.1.0\n',
      '/w/chart/values.yaml':
        'resources:\n  limits:\n    memory: 256Mi # too little\n  requests:\n    memory: 256Mi\n',
      '/w/chart/templates/deployment.yaml': DEPLOYMENT.replace(
        '"256Mi" # since the first day',
        '{{ .Values.resources.limits.memory }}',
      ).concat('            requests:\n              memory: {{ .Values.resources.requests.memory }}\n'),
      '/w/headroom-measured.yaml': MEASURED,
    });
    const { out } = await headroom(['size', '--write'], fs);
    expect(out).toContain('Changed chart/values.yaml');
    expect(textIn(fs, '/w/chart/values.yaml')).toBe(
      'resources:\n  limits:\n    memory: 384Mi # too little\n  requests:\n    memory: 384Mi\n',
    );
  });

  it('requests the steady use with --burstable', async () => {
    const fs = shop({
      '/w/headroom-measured.yaml': 'services:\n  catalog:\n    csv: {traffic: 200Mi, p95: 100Mi}\n',
    });
    const { out } = await headroom(['size', '--burstable'], fs);
    expect(out).toMatch(/limit\s+256Mi {2}leaves room above traffic peak 200Mi \+ 25 %/);
    expect(out).toMatch(/request\s+none → 112Mi {2}p95 \+ 10 %/);
  });

  it('lowers a limit only by a measurement of grade A', async () => {
    const sized = async (source: string) =>
      (
        await headroom(
          ['size'],
          shop({ '/w/headroom-measured.yaml': `services:\n  catalog:\n    ${source}\n` }),
        )
      ).out;
    expect(await sized('cgroup: {metric: memory.peak, window: 8d, traffic: 50Mi}')).toMatch(
      /256Mi → 64Mi.*more than twice/,
    );
    expect(await sized('csv: {window: 8d, step: 15s, starts: 2, startup: 50Mi, traffic: 50Mi}')).toMatch(
      /limit\s+256Mi {2}leaves room/,
    );
  });

  it('says what there is when a name is wrong, and what to do when nothing was measured', async () => {
    const fs = shop({ '/w/headroom-measured.yaml': MEASURED });
    const wrong = await headroom(['size', '--service', 'catalogue'], fs);
    expect(wrong).toMatchObject({ exit: 2, error: expect.stringContaining('There are catalog') });
    const none = await headroom(['size'], shop());
    expect(none).toMatchObject({
      exit: 0,
      error: expect.stringContaining('import it with `headroom measure FILE --service NAME`'),
    });
  });

  it('reports a broken file of measurements with line and remedy', async () => {
    const fs = shop({
      '/w/headroom-measured.yaml': 'services:\n  catalog:\n    csv:\n      traffic: lots\n',
    });
    const scanned = await headroom(['scan', '--format', 'json'], fs);
    expect(JSON.parse(scanned.out).notices).toEqual([
      {
        file: 'headroom-measured.yaml',
        message:
          'line 4: "services.catalog.csv.traffic" must be a size, such as 430Mi; until this is corrected no measurement counts',
      },
    ]);
    expect((await headroom(['size'], fs)).error).toMatch(/line 4: .*must be a size, such as 430Mi/);
  });
});
