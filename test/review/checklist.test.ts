import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { questions } from '../../src/knowledge/checklist.ts';
import { chapters } from '../../src/knowledge/handbook.ts';
import {
  answer,
  answerOf,
  baselineOf,
  deployment,
  GO_MOD,
  GROWS,
  LIMITED,
  review,
  SWEPT,
  serviceOf,
} from './shop.ts';

const shop = (
  main: string,
  more: Readonly<Record<string, string>> = {},
  manifest = deployment('cart', LIMITED),
) => review({ 'go.mod': GO_MOD, 'cmd/cart/main.go': main, 'deploy.yaml': manifest, ...more });

/** The measurement of the only service, as `headroom measure` writes it. */
const measured = (source: string) => ({ 'headroom-measured.yaml': `services:\n  cart:\n    ${source}\n` });
const WHOLE = 'cgroup: {metric: memory.peak, until: 2026-03-14, window: 8d, startup: 90Mi, traffic: 180Mi}';

describe('a measurement', () => {
  it('answers whether there was one and whether the limit leaves room, with its place', () => {
    const report = shop(SWEPT, measured(WHOLE));
    const place = { file: 'headroom-measured.yaml', line: 2 };
    const was = answer(report, 'measured');
    expect(was).toMatchObject({ status: 'yes', evidence: [{ at: place }] });
    expect(was.evidence[0]?.text).toBe(
      'deployment/cart, container cart: grade A: start-up 90Mi, traffic 180Mi (cgroup, 8d, until 2026-03-14)',
    );
    const limit = answer(report, 'limit');
    expect(limit).toMatchObject({ status: 'yes', evidence: [{ where: place }] });
    expect(limit.evidence[0]?.text).toContain('256Mi is 42 % above the measured peak');
    expect(
      serviceOf(report)
        .next.map((s) => s.title)
        .join(),
    ).not.toMatch(/Measure:/);
  });

  it('answers no when it is thin, or when something was killed', () => {
    const thin = answer(shop(SWEPT, measured('kubectl-top: {traffic: 90Mi}')), 'measured');
    expect(thin).toMatchObject({ status: 'no' });
    expect(thin.reason).toMatch(/was measured, but not through a start and a week of traffic/);
    expect(thin.evidence[0]?.text).toMatch(/not measured: a start, a week of traffic \(one moment so far\)$/);
    const killed = shop(SWEPT, measured('csv: {oomKills: 2, limit: 256Mi}'));
    expect(answer(killed, 'measured').reason).toMatch(/was killed while it was measured/);
    expect(answer(killed, 'limit')).toMatchObject({ status: 'no' });
    expect(answer(killed, 'limit').evidence[0]?.text).toMatch(/^OOM-killed twice at 256Mi/);
  });

  it('makes a limit without room a no, and what is missing the bytes at risk', () => {
    const report = shop(SWEPT, measured(WHOLE.replace('traffic: 180Mi', 'traffic: 240Mi')));
    expect(answer(report, 'limit')).toMatchObject({ status: 'no' });
    const step = serviceOf(report).next.find((s) => s.rule === 'k8s/measured-over');
    expect(step).toMatchObject({ risk: { kind: 'bytes', bytes: 44 * 2 ** 20 } });
    expect(step?.fix).toBe('Set the memory limit to 304Mi: the measured peak plus 25 %');
  });
});

describe('a yes', () => {
  it('names every bound that was read, with its reason and place', () => {
    const caches = answer(shop(SWEPT), 'caches');
    expect(caches).toMatchObject({ status: 'yes', reason: 'The one that was found is bounded', more: 0 });
    expect(caches.evidence).toEqual([
      {
        text: '`open`: bounded by `delete` in `handle`',
        at: { file: 'cmd/cart/main.go', line: 5, column: 5 },
        where: { file: 'cmd/cart/main.go', line: 9, column: 2 },
      },
    ]);
  });

  it('is never given for what was not found', () => {
    const bare = shop('package main\n\nfunc main() { println("hello") }\n');
    for (const { id, status } of serviceOf(bare).checklist)
      expect(`${id} ${status}`).toBe(id === 'runtime' ? 'runtime no' : `${id} unknown`);
    expect(answer(bare, 'caches').reason).toMatch(/^No cache, map or queue .* was found in one file/);
  });

  it('is never given without a measurement for what only a measurement tells', () => {
    const document = shop(SWEPT);
    expect(answer(document, 'stable')).toMatchObject({ status: 'unknown' });
    expect(answer(document, 'measured')).toMatchObject({ status: 'unknown' });
    expect(answer(document, 'measured').findOut).toMatch(/five loads/);
  });

  it('rests on what a person wrote: an ignore with its reason', () => {
    const ignored = GROWS.replace(
      '\tseen[r',
      '\t// headroom: ignore go/unbounded-cache -- the proxy in front admits four paths\n\tseen[r',
    );
    const caches = answer(shop(ignored), 'caches');
    expect(caches.status).toBe('yes');
    expect(caches.evidence.map((e) => e.text)).toContain(
      '`seen`: a comment says: the proxy in front admits four paths',
    );
  });

  it('is given for a limit beside which a peak is written that it leaves room for', () => {
    const peak = deployment('cart', `            # peak 180Mi under the burst test\n${LIMITED}`);
    expect(answer(shop(SWEPT, {}, peak), 'limit')).toMatchObject({ status: 'yes' });
    expect(answer(shop(SWEPT, {}, peak), 'measured').reason).toMatch(
      /^A peak is written beside a limit, but/,
    );
    expect(answer(shop(SWEPT), 'limit')).toMatchObject({ status: 'unknown' });
  });

  it('is given where the runtime is told the limit of every container', () => {
    const env = '          env:\n            - {name: GOMEMLIMIT, value: 230MiB}\n';
    expect(answer(shop(SWEPT), 'runtime')).toMatchObject({ status: 'no' });
    const told = answer(shop(SWEPT, {}, deployment('cart', LIMITED, env)), 'runtime');
    expect(told).toMatchObject({ status: 'yes' });
    expect(told.evidence[0]).toMatchObject({
      text: 'deployment/cart, container cart: GOMEMLIMIT=230MiB',
      at: { line: 11 },
    });
  });
});

describe('a no', () => {
  it('comes with what grows and where', () => {
    const document = shop(GROWS);
    for (const id of ['stable', 'caches'] as const) {
      expect(answer(document, id).status).toBe('no');
      expect(answer(document, id).evidence).toEqual([
        {
          text: expect.stringMatching(/^`seen` grows with every request/),
          at: { file: 'cmd/cart/main.go', line: 9, column: 2 },
        },
      ]);
    }
  });

  it('stays one when a baseline accepts the finding', () => {
    const files = { 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS, 'deploy.yaml': deployment('cart', LIMITED) };
    const accepted = review({ ...files, 'headroom-baseline.json': baselineOf(files) });
    expect(serviceOf(accepted).findings).toEqual([]);
    expect(answer(accepted, 'caches').status).toBe('no');
    expect(answer(accepted, 'caches').evidence[0]?.text).toMatch(/ \(accepted by the baseline\)$/);
  });

  it('is given for a container without a limit', () => {
    const limit = answer(
      shop(SWEPT, {}, deployment('cart', '            requests: {memory: 64Mi}\n')),
      'limit',
    );
    expect(limit).toMatchObject({
      status: 'no',
      reason: 'One container may use all the memory of the node: no limit is set',
    });
  });

  it('is given for an autoscaler that follows memory, and yes for one that does not', () => {
    const scaler = (resource: string) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cart}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}
  maxReplicas: 4
  metrics:
    - type: Resource
      resource: {name: ${resource}, target: {type: Utilization, averageUtilization: 80}}
`;
    expect(answer(shop(SWEPT), 'autoscaling').status).toBe('unknown');
    expect(answer(shop(SWEPT, { 'hpa.yaml': scaler('memory') }), 'autoscaling').status).toBe('no');
    expect(answer(shop(SWEPT, { 'hpa.yaml': scaler('cpu') }), 'autoscaling')).toMatchObject({
      status: 'yes',
      reason: 'Its autoscaler follows cpu, which the memory of new replicas does not move',
    });
  });
});

describe('an unknown', () => {
  it('names a rule that is switched off instead of taking its silence for a yes', () => {
    const off = shop(GROWS, { 'headroom.yaml': 'rules:\n  go/unbounded-cache: off\n' });
    const caches = answer(off, 'caches');
    expect(caches.status).toBe('unknown');
    expect(caches.reason).toMatch(/its rule is switched off; 1 more is bounded$/);
    expect(caches.evidence[0]?.text).toMatch(/\(the rule is off\)$/);
  });

  it('is given for goroutines where a server starts one per connection', () => {
    const pool = SWEPT.replace('\tring :=', '\tfor i := 0; i < 4; i++ {\n\t\tgo work()\n\t}\n\tring :=');
    const bounded = answer(shop(`${pool}\nfunc work() {}\n`), 'concurrency');
    expect(bounded.status).toBe('unknown');
    expect(bounded.reason).toBe(
      'The one place that starts work limits it; but net/http starts a goroutine per connection, and nothing here limits how many',
    );
    expect(bounded.evidence.at(-1)).toMatchObject({
      text: expect.stringMatching(/15\.8 KiB/),
      at: { file: 'cmd/cart/main.go' },
    });
  });

  it('turns into a yes where connections are limited, and stays for calls of gRPC', () => {
    const pool = 'func main() {\n\tfor i := 0; i < 4; i++ {\n\t\tgo work()\n\t}\n';
    const serve = (imports: string, body: string) =>
      answer(
        shop(`package main\n\nimport (\n${imports})\n\n${pool}${body}}\n\nfunc work() {}\n`),
        'concurrency',
      );
    const limited = serve(
      '\t"net"\n\t"net/http"\n\n\t"golang.org/x/net/netutil"\n',
      '\tl, _ := net.Listen("tcp", ":1")\n\thttp.Serve(netutil.LimitListener(l, 100), nil)\n',
    );
    expect(limited).toMatchObject({ status: 'yes' });
    expect(limited.evidence.at(-1)?.text).toBe('the number of connections is limited');
    const grpc = serve('\t"google.golang.org/grpc"\n', '\tgrpc.NewServer()\n');
    expect(grpc).toMatchObject({ status: 'unknown', reason: expect.stringMatching(/a goroutine per call/) });
  });

  it('is given for the tasks of a Rust server, too', () => {
    const document = review({
      'Cargo.toml': '[package]\nname = "cart"\n\n[dependencies]\naxum = "0.8"\n',
      'src/main.rs': 'async fn main() { axum::serve(listener(), app()).await.unwrap(); }\n',
      'deploy.yaml': deployment('cart', LIMITED),
    });
    expect(answer(document, 'concurrency').reason).toMatch(/axum starts a task per connection/);
  });
});

describe('the questions', () => {
  it('about the limits of containers are not asked of code that none runs', () => {
    const document = review({ 'go.mod': GO_MOD, 'cmd/cart/main.go': GROWS });
    expect(document.services).toEqual([]);
    expect(document.unrun?.programs.map((p) => p.name)).toEqual(['cart']);
    expect(document.unrun?.checklist.map((a) => a.id)).toEqual([
      'stable',
      'caches',
      'concurrency',
      'streamed',
    ]);
    expect(answerOf(document.unrun!, 'caches').status).toBe('no');
  });

  it('ask a Rust program nothing about a collector', () => {
    const document = review({
      'Cargo.toml': '[package]\nname = "cart"\n',
      'src/main.rs': 'fn main() { println!("hello"); }\n',
      'deploy.yaml': deployment('cart', LIMITED),
    });
    expect(serviceOf(document).language).toBe('rust');
    expect(serviceOf(document).checklist.map((a) => a.id)).not.toContain('runtime');
  });

  it('are those of the handbook, and each leads to a chapter', () => {
    const page = readFileSync('docs/handbook/checklist.md', 'utf8');
    for (const { question, chapter } of Object.values(questions)) {
      expect(page).toContain(question);
      expect(chapters[chapter]).toBeDefined();
    }
  });
});
