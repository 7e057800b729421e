import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { applyEdits } from '../../src/core/edits.ts';
import type { Edit } from '../../src/core/finding.ts';
import { manifestRules } from '../../src/rules/registry.ts';
import { type Dice, type Style, type Value, writeYaml } from './styles.ts';
import { comments, leaves } from './yaml-leaves.ts';

/** Edits that are tried in all; a fix is one. */
const WANTED = 2000;

const pick = <T>(dice: Dice, ...choices: readonly T[]): T => choices[Math.floor(dice() * choices.length)]!;
const maybe = (dice: Dice, share: number, entries: Record<string, Value>): Record<string, Value> =>
  dice() < share ? entries : {};

function container(name: string, dice: Dice): Value {
  const amount = () =>
    pick(
      dice,
      '64Mi',
      '128Mi',
      '256Mi',
      '512Mi',
      '1Gi',
      '2Gi',
      '512M',
      '512m',
      '128',
      '512MB',
      '1e9',
      '0.5Gi',
    );
  const resources = {
    ...maybe(dice, 0.7, { requests: { memory: amount(), ...maybe(dice, 0.4, { cpu: '100m' }) } }),
    ...maybe(dice, 0.7, { limits: { ...maybe(dice, 0.4, { cpu: '1' }), memory: amount() } }),
  };
  const reference = {
    resourceFieldRef: { resource: 'limits.memory', ...maybe(dice, 0.5, { divisor: '1Mi' }) },
  };
  const env: Value[] = [{ name: 'LOG', value: 'info' }];
  if (dice() < 0.6)
    env.push({ name: 'GOMEMLIMIT', value: pick(dice, '460Mi', '460MiB', '1GiB', '512', '0.5GiB') });
  if (dice() < 0.3) env.push({ name: 'GOMEMLIMIT', valueFrom: reference });
  if (dice() < 0.2) env.push({ name: 'GOGC', value: 'off' });
  const parts: [string, Value][] = [
    ['image', `registry.example.org/shop/${name}:1.2.3`],
    ...(dice() < 0.8 ? ([['resources', resources]] as [string, Value][]) : []),
    ...(dice() < 0.7 ? ([['env', env]] as [string, Value][]) : []),
    ...(dice() < 0.4 ? ([['args', ['serve', '--verbose']]] as [string, Value][]) : []),
    ['volumeMounts', [{ name: 'scratch', mountPath: '/scratch' }]],
  ];
  return Object.fromEntries([['name', name] as [string, Value], ...parts]);
}

function manifests(dice: Dice): Value[] {
  const annotations = maybe(dice, 0.3, { annotations: { 'linkerd.io/inject': 'enabled' } });
  const pod = {
    ...maybe(dice, 0.4, { initContainers: [container('migrate', dice)] }),
    containers: [container('api', dice), ...(dice() < 0.5 ? [container('proxy', dice)] : [])],
    volumes: [
      { name: 'scratch', emptyDir: { medium: 'Memory', ...maybe(dice, 0.5, { sizeLimit: '256Mi' }) } },
    ],
  };
  const kind = pick(dice, 'Deployment', 'StatefulSet', 'CronJob', 'Pod');
  const template = { metadata: { labels: { app: 'api' }, ...annotations }, spec: pod };
  const spec =
    kind === 'Pod' ? pod : kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  const target = { apiVersion: 'apps/v1', kind, name: 'api' };
  return [
    { apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1', kind, metadata: { name: 'api' }, spec },
    ...(dice() < 0.3
      ? [
          {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name: 'api' },
            spec: {
              scaleTargetRef: target,
              metrics: [
                { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: '80' } } },
                { type: 'Resource', resource: { name: 'memory', target: { averageUtilization: '400' } } },
              ],
            },
          },
        ]
      : []),
    ...(dice() < 0.3
      ? [
          {
            apiVersion: 'autoscaling.k8s.io/v1',
            kind: 'VerticalPodAutoscaler',
            metadata: { name: 'api' },
            spec: {
              targetRef: target,
              updatePolicy: { updateMode: pick(dice, 'Auto', 'Recreate', 'Always') },
              resourcePolicy: { containerPolicies: [{ containerName: 'api' }] },
            },
          },
        ]
      : []),
    ...(dice() < 0.3
      ? [
          {
            apiVersion: 'v1',
            kind: 'LimitRange',
            metadata: { name: 'mem' },
            spec: { limits: [{ type: 'Container', max: { memory: '512Mi' }, min: { memory: '96Mi' } }] },
          },
        ]
      : []),
  ];
}

const style = fc.record<Style>({
  step: fc.constantFrom(2, 4),
  listIndent: fc.constantFrom(0, 2),
  crlf: fc.boolean(),
  flow: fc.constantFrom(0, 0.4, 0.9),
  comments: fc.constantFrom(0, 0.2, 0.5),
  quotes: fc.constantFrom(0, 0.3, 0.8),
});

/** Comments inside of what a fix deletes as a whole: they go with what they explain. */
function removed(text: string, edits: readonly Edit[]): string[] {
  return edits.flatMap((e) => (e.newText === '' ? comments(text.slice(e.span.start, e.span.end)) : []));
}

function without(all: readonly string[], some: readonly string[]): string[] {
  const rest = [...all];
  for (const one of some) rest.splice(rest.indexOf(one), 1);
  return rest;
}

/** Where a fix of a manifest may change something. */
const MEMORY =
  /resources|limits|requests|memory|\/env\/|sizeLimit|updateMode|controlled|metrics|target|annotations|containerPolicies/;

describe('the fixes of all manifest rules', () => {
  it('parse, change memory alone and keep every comment, in manifests of many styles', () => {
    let edits = 0;
    const rules = new Set<string>();
    for (let seed = 1; edits < WANTED; seed++) {
      expect(seed).toBeLessThan(40);
      fc.assert(
        fc.property(style, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (s, stream) => {
          const dice: Dice = () => stream.next().value as number;
          const text = writeYaml(manifests(dice), s, dice);
          const workspace = new Workspace({ profile: 'pedantic', throwRuleErrors: true });
          workspace.setText('deploy/api.yaml', text);
          const before = leaves(text);
          const said = comments(text).sort();
          for (const finding of workspace.check().findings) {
            for (const fix of finding.fixes) {
              const after = applyEdits(text, fix.edits());
              if (after === text) continue;
              edits++;
              rules.add(finding.rule);
              const now = leaves(after);
              const gained = now.filter((l) => !before.includes(l));
              const lost = before.filter((l) => !now.includes(l));
              const where = `${finding.rule}: ${fix.title}\n${after}`;
              expect(
                [...gained, ...lost].filter((l) => !MEMORY.test(l)),
                where,
              ).toEqual([]);
              expect(comments(after).sort(), where).toEqual(without(said, removed(text, fix.edits())));
              if (s.crlf) expect(/[^\r]\n/.test(after), where).toBe(false);
            }
          }
        }),
        { numRuns: 25, seed },
      );
    }
    expect(edits).toBeGreaterThanOrEqual(WANTED);
    // Most rules with a fix take part.
    expect(rules.size).toBeGreaterThan(15);
    expect(manifestRules.length).toBeGreaterThan(rules.size);
  }, 600_000);
});
