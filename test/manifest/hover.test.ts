import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { applyEdits } from '../../src/core/edits.ts';
import { type MythId, myths } from '../../src/knowledge/myths.ts';

/** The hover at `‸` of a manifest. */
function hover(marked: string, others: Readonly<Record<string, string>> = {}, name = 'a.yaml'): string {
  const workspace = new Workspace({ throwRuleErrors: true });
  for (const [file, text] of Object.entries(others)) workspace.setText(file, text);
  const offset = marked.indexOf('‸');
  workspace.setText(name, marked.replace('‸', ''));
  return workspace.hover(name, offset)?.markdown ?? '';
}

function pod(container: string, rest = ''): string {
  return `kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: api\n    image: i\n    ${container}\n${rest}`;
}

const env = (name: string, value: string) =>
  pod(
    `env: [{name: ${name}‸, value: "${value}"}]\n    resources: {limits: {cpu: "2", memory: 512Mi}, requests: {memory: 256Mi}}`,
  );

describe('hovers on manifests', () => {
  it.each<[string, string, MythId | undefined, string[]]>([
    [
      'a limit',
      pod('resources: {limits: {memory: 1‸Gi}, requests: {memory: 512Mi}}'),
      'oom-is-a-crash',
      [
        '1,073,741,824 bytes',
        'QoS class **Burstable**: `api` has no cpu limit',
        '2 × the request',
        'OOMKilled',
        'working set',
      ],
    ],
    [
      'the key of a limit',
      pod('resources: {limits: {mem‸ory: 512M, cpu: 1}, requests: {memory: 512M, cpu: 1}}'),
      'oom-is-a-crash',
      ['512,000,000 bytes (488.3Mi)', '**Guaranteed**', 'no swap'],
    ],
    [
      'a request',
      pod('resources: {limits: {memory: 1Gi}, requests: {memory: 256‸Mi}}'),
      'average-for-limits',
      ['268,435,456 bytes', 'evicted first', 'Effective limit: `1Gi` = 1,073,741,824 bytes'],
    ],
    [
      'GOMEMLIMIT',
      env('GOMEMLIMIT', '460MiB'),
      'tighter-is-better',
      ['482,344,960 bytes', '89 % of the limit', 'cgo'],
    ],
    ['GOGC', env('GOGC', '100'), 'low-heap-is-safe', ['twice the live heap']],
    [
      'GOGC=off',
      env('GOGC', 'off'),
      'low-heap-is-safe',
      ['no `GOMEMLIMIT`: the heap grows until the OOM kill'],
    ],
    ['GOMAXPROCS', env('GOMAXPROCS', '2'), 'optimise-once', ['rounded up', 'CPU limit here: `2`']],
    [
      'MALLOC_ARENA_MAX',
      env('MALLOC_ARENA_MAX', '2'),
      'fix-without-measuring',
      ['of the host', 'Memory limit here: 512Mi'],
    ],
    ['MALLOC_CONF', env('MALLOC_CONF', 'narenas:1'), 'high-memory-means-leak', ['_RJEM_MALLOC_CONF']],
    [
      '_RJEM_MALLOC_CONF',
      env('_RJEM_MALLOC_CONF', 'narenas:1'),
      'high-memory-means-leak',
      ['4 arenas per CPU'],
    ],
    ['MIMALLOC_PURGE_DELAY', env('MIMALLOC_PURGE_DELAY', '0'), 'rust-less-than-go', ['1000 ms in version 3']],
    [
      'TOKIO_WORKER_THREADS',
      env('TOKIO_WORKER_THREADS', '4'),
      'rust-unpredictable',
      ['512 blocking threads'],
    ],
    ['RAYON_NUM_THREADS', env('RAYON_NUM_THREADS', '4'), 'rust-unpredictable', ['number of CPUs']],
    ['RUST_MIN_STACK', env('RUST_MIN_STACK', '8388608'), 'rust-unpredictable', ['8Mi = 8,388,608 bytes']],
    [
      'a tmpfs',
      pod(
        'resources: {limits: {memory: 512Mi}}\n    volumeMounts: [{name: t, mountPath: /t}]',
        '  volumes: [{name: t, emptyDir: {medium: Memory, sizeLimit: 64M‸i}}]\n',
      ),
      'low-heap-is-safe',
      ['67,108,864 bytes', '`api` 512Mi'],
    ],
    [
      'scaling on memory',
      `kind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n  scaleTargetRef: {kind: Pod, name: p}\n  metrics:\n  - type: Resource\n    resource: {name: mem‸ory, target: {averageUtilization: 80}}\n---\n${pod('resources: {requests: {memory: 100Mi}}')}`,
      'memory-falls-after-load',
      ['of the *request*', '80 % of 100Mi is 80Mi in `api`'],
    ],
    [
      'a quota',
      'kind: ResourceQuota\nmetadata: {name: q}\nspec:\n  hard:\n    limits.memory: 4G‸i\n',
      undefined,
      ['4,294,967,296 bytes', '403'],
    ],
    [
      'a LimitRange',
      'kind: LimitRange\nmetadata: {name: q}\nspec:\n  limits:\n  - type: Container\n    default: {memory: 1G‸i}\n',
      undefined,
      ['The memory limit of a container that states none'],
    ],
  ])('%s', (_, text, myth, parts) => {
    const markdown = hover(text);
    for (const part of parts) expect(markdown).toContain(part);
    if (myth) expect(markdown).toContain(myths[myth].belief);
  });

  it('keep the exact bytes beside a finding, and tell one myth only', () => {
    const markdown = hover(pod('resources: {limits: {memory: 512‸m}}'));
    expect(markdown).toContain('k8s/milli-suffix');
    expect(markdown).toContain('0.512 bytes');
    const told = Object.values(myths).filter((m) => markdown.includes(m.belief));
    expect(told.length).toBeLessThanOrEqual(1);
  });

  it('say where an effective value comes from', () => {
    const base =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: c, image: i, resources: {limits: {memory: 1Gi}}}]}}}\n';
    const markdown = hover(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: c, resources: {requests: {memory: 6‸4Mi}}}]}}}\n',
      { 'base.yaml': base, 'kustomization.yaml': 'resources: [base.yaml]\npatches: [{path: a.yaml}]\n' },
    );
    expect(markdown).toContain('Effective limit: `1Gi` = 1,073,741,824 bytes (from the base)');
  });

  it('know the values of a chart', () => {
    const markdown = hover('api:\n  resources:\n    limits: {memory: 5‸12Mi}\n', {}, 'chart/values.yaml');
    expect(markdown).toContain('536,870,912 bytes');
    expect(markdown).toContain('A template hands this value to a container');
  });

  it('attach every one of the ten myths to a line that invites it', () => {
    const texts = [
      pod('resources: {limits: {memory: 1‸Gi}}'),
      pod('resources: {limits: {memory: 11‸0Mi}, requests: {memory: 100Mi}}'),
      pod('resources: {requests: {memory: 1‸Gi}}'),
      ...['GOGC', 'GOMAXPROCS', 'MALLOC_ARENA_MAX', 'MALLOC_CONF', 'MIMALLOC_X', 'RAYON_NUM_THREADS'].map(
        (n) => env(n, '1'),
      ),
      'kind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n  metrics:\n  - resource: {name: mem‸ory}\n',
      pod('env: [{name: GOMEM‸LIMIT, value: 100MiB}]'),
    ];
    const all = texts.map((t) => hover(t)).join('\n');
    expect(
      Object.entries(myths)
        .filter(([, m]) => !all.includes(m.belief))
        .map(([id]) => id),
    ).toEqual([]);
  });

  it.each([
    ['a port', pod('ports: [{containerPort: 80‸80}]')],
    ['another variable', pod('env: [{name: LOG_LE‸VEL, value: info}]')],
    ['a cpu limit', pod('resources: {limits: {cpu: 1‸}}')],
    [
      'a value from a template',
      'kind: Pod\nspec:\n  containers:\n  - {name: a, image: i, resources: {{ toYaml .V‸alues }}}\n',
    ],
  ])('nothing on %s', (_, text) => expect(hover(text)).toBe(''));
});

/** Titles of the actions at `‸`, and the text after each. */
function actions(marked: string): { title: string; text: string; applicability: string }[] {
  const workspace = new Workspace({ throwRuleErrors: true });
  const offset = marked.indexOf('‸');
  const text = marked.replace('‸', '');
  workspace.setText('a.yaml', text);
  return workspace.actions('a.yaml', { start: offset, end: offset }).map((fix) => ({
    title: fix.title,
    text: applyEdits(text, fix.edits()),
    applicability: fix.applicability,
  }));
}

describe('manifest actions without a finding', () => {
  it('set the request, and GOMEMLIMIT to 90 %, on a limit', () => {
    const found = actions(pod('resources: {limits: {memory: 512‸Mi}, requests: {memory: 256Mi}}'));
    expect(found.map((a) => a.title)).toEqual([
      'Set a memory limit: fill in the measured peak plus 25 %',
      'Set the memory request to the limit, 512Mi',
      'Set GOMEMLIMIT to 460MiB, 90 % of the limit (for a Go program)',
    ]);
    expect(found[1]!.text).toContain('requests: {memory: 512Mi}}');
    expect(found[2]!.text).toContain(
      '    image: i\n    env:\n    - name: GOMEMLIMIT\n      value: "460MiB"\n    resources:',
    );
    expect(found[0]!.applicability).toBe('has-placeholders');
  });

  it('write a value in another unit', () => {
    const found = actions(pod('resources: {limits: {memory: "512‸M"}, requests: {memory: 256Mi}}'));
    expect(found.map((a) => a.title)).toContain('Write 512Mi (512Mi, 4.8 % more)');
    const plain = actions(pod('resources: {limits: {memory: 1342177‸28}, requests: {memory: 64Mi}}'));
    expect(plain.map((a) => a.title)).toContain('Write 128Mi: the same bytes');
  });

  it('offer a limit on the container’s name when it has none, unless the finding offers it', () => {
    const found = actions(pod('po‸rts: []'));
    expect(found.map((a) => a.title)).toEqual([
      'Set a memory limit: fill in the measured peak plus 25 %',
      'Set a memory request: fill in the measured steady use',
    ]);
    expect(actions(pod('ports: []').replace('name: api', 'name: a‸pi'))).toEqual([]);
  });

  it('limit a tmpfs', () => {
    const found = actions(
      pod(
        'resources: {limits: {memory: 512Mi}}\n    volumeMounts: [{name: t, mountPath: /t}]',
        '  volumes:\n  - name: ‸t\n    emptyDir: {medium: Memory}\n',
      ),
    );
    expect(found.map((a) => a.title)).toEqual(['Limit the tmpfs to 128Mi, a quarter of the memory limit']);
  });

  it('raise GOMEMLIMIT where the variable stands', () => {
    const found = actions(
      pod(
        'env: [{name: GOMEM‸LIMIT, value: 100MiB}]\n    resources: {limits: {memory: 512Mi}, requests: {memory: 512Mi}}',
      ),
    );
    expect(found.map((a) => a.title)).toEqual(['Set GOMEMLIMIT to 460MiB, 90 % of the limit']);
    expect(found[0]!.text).toContain('{name: GOMEMLIMIT, value: 460MiB}');
  });
});
