/** What to do next, in the order of bytes at risk. */

import type { Service } from '../budget/services.ts';
import { type Finding, SEVERITIES } from '../core/finding.ts';
import type { Tier } from '../core/rule.ts';
import type { Place } from '../core/span.ts';
import type { Manifests } from '../manifest/manifests.ts';
import { gradeOf, needed } from '../measure/measurement.ts';
import type { Subject } from './subject.ts';

/** What happens at worst when nothing is done. */
export type Risk =
  /** The object is rejected, or the program ends at once. */
  | { readonly kind: 'fails' }
  /** It grows, or input decides: no limit is large enough. */
  | { readonly kind: 'unbounded' }
  /** Without a limit: whatever the node has. */
  | { readonly kind: 'node' }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'not-known' };

export interface Step {
  readonly title: string;
  readonly risk: Risk;
  readonly at: Place | undefined;
  /** Where the same is to be done as well. */
  readonly also: readonly Place[];
  /** Undefined for a step that no rule asks for. */
  readonly rule: string | undefined;
  /** What the first fix does, when there is one. */
  readonly fix: string | undefined;
}

/** What is not bounded by anything that is in the code. */
const ENDLESS =
  /^(go|rust)\/(unbounded-\w+|decompression-bomb|untrusted-capacity|leak|goroutine-leak|reference-cycle)$/;
const RANK: Readonly<Record<Risk['kind'], number>> = {
  fails: 0,
  unbounded: 1,
  node: 2,
  bytes: 3,
  'not-known': 4,
};

/** The steps of a subject. Advice about speed and about style is among the findings, and no step. */
export function nextSteps(
  subject: Subject,
  manifests: Manifests,
  tierOf: (rule: string) => Tier | undefined,
): Step[] {
  const findings = subject.judged.flatMap(({ fate, finding }) => (fate === 'shown' ? [finding] : []));
  const steps = findings
    .filter((f) => isStep(f, tierOf(f.rule)))
    .map((finding) => ({
      finding,
      risk: riskOf(finding, subject.containers, manifests, tierOf(finding.rule)),
    }))
    .sort(
      (a, b) =>
        RANK[a.risk.kind] - RANK[b.risk.kind] ||
        bytesOf(b.risk) - bytesOf(a.risk) ||
        SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity) ||
        confidence(a.finding) - confidence(b.finding),
    )
    .map(
      ({ finding, risk }): Step => ({
        title: finding.message,
        risk,
        at: placeOf(finding),
        also: [],
        rule: finding.rule,
        fix: finding.fixes[0]?.title,
      }),
    );
  const sizeless = subject.containers[0]?.ledger.items.filter((i) => i.class === 'unknown') ?? [];
  const say = sizeless.map(
    (item): Step => ({
      title: `Say how large \`${item.name}\` gets (\`headroom: budget 64MiB -- why\`): ${item.why}`,
      risk: { kind: 'not-known' },
      at: item.at,
      also: [],
      rule: undefined,
      fix: undefined,
    }),
  );
  if (subject.containers.length === 0) return together(steps);
  const isMeasured = subject.containers.every(({ measured: m }) => m && /[AB]/.test(gradeOf(m)));
  return [...together(steps), ...say, ...(isMeasured ? [] : [MEASURE])];
}

const MEASURE: Step = {
  title:
    'Measure: `memory.peak` of a fresh container when it is ready, under a burst, and after a week, and import it with `headroom measure`. Peaks kill pods, averages do not',
  risk: { kind: 'not-known' },
  at: undefined,
  also: [],
  rule: undefined,
  fix: undefined,
};

/** The same thing to do in one manifest after the other is one step. */
function together(steps: readonly Step[]): Step[] {
  const first = new Map<string, Step & { also: Place[] }>();
  for (const step of steps) {
    const key = /^(k8s|compose)\//.test(step.rule ?? '')
      ? `${step.rule} ${step.risk.kind}`
      : `${first.size} ${step.title}`;
    const same = first.get(key);
    if (same && step.at) same.also.push(step.at);
    else first.set(key, { ...step, also: [] });
  }
  return [...first.values()];
}

function placeOf({ file, span }: Finding): Place {
  return { file, span };
}

function isStep(finding: Finding, tier: Tier | undefined): boolean {
  // That something has no bound is said where it grows.
  if (finding.rule === 'budget/unbounded' || tier === 'C' || tier === 'H') return false;
  return finding.severity === 'error' || finding.severity === 'warning';
}

function riskOf(
  finding: Finding,
  containers: readonly Service[],
  manifests: Manifests,
  tier: Tier | undefined,
): Risk {
  if (tier === 'M' && finding.severity === 'error') return { kind: 'fails' };
  if (ENDLESS.test(finding.rule)) return { kind: 'unbounded' };
  if (/^(k8s\/limit-missing|compose\/no-limit)$/.test(finding.rule)) return { kind: 'node' };
  const about = containers.filter(({ unit, limit }) => isOf(unit.at, finding) || isOf(limit?.where, finding));
  const most = (read: (service: Service) => number) =>
    Math.max(0, ...(about.length > 0 ? about : containers).map((s) => Math.round(read(s))));
  const bytes = (() => {
    switch (finding.rule) {
      case 'k8s/measured-over':
      case 'k8s/oom-seen':
        return most(({ limit, measured: m, unit }) => {
          const need = m && needed(m, manifests.headroom(unit.at.file));
          return limit && need !== undefined ? Number(need - limit.bytes) : 0;
        });
      case 'budget/tight':
        return most(({ ledger, limit, unit }) => {
          const room = 1 + manifests.headroom(unit.at.file) / 100;
          return limit ? ledger.total.high * room - Number(limit.bytes) : 0;
        });
      case 'k8s/gomemlimit-missing':
      case 'k8s/gogc-off':
        return most(({ ledger }) => ledger.pacing);
      case 'k8s/memory-emptydir':
      case 'k8s/memory-emptydir-budget':
        return most(({ ledger }) => ledger.tmpfs);
      default:
        return 0;
    }
  })();
  return bytes > 0 ? { kind: 'bytes', bytes } : { kind: 'not-known' };
}

/** The finding stands in the same file, near enough to be about the same object. */
function isOf(place: Place | undefined, finding: Finding): boolean {
  return place !== undefined && place.file === finding.file && place.span.start === finding.span.start;
}

function bytesOf(risk: Risk): number {
  return risk.kind === 'bytes' ? risk.bytes : 0;
}

function confidence(finding: Finding): number {
  return ['high', 'medium', 'low'].indexOf(finding.confidence);
}
