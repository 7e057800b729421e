import type { Severity } from '../../core/finding.ts';
import { bytesOf, formatBytes, writeQuantity } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { possible, setContainerMemory } from '../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import type { Amount, Container, Workload } from '../../manifest/model.ts';
import { podMemory } from '../../manifest/pod-memory.ts';
import { type MemoryRange, memoryRanges } from '../../manifest/policies.ts';
import { isImplausible, nameOf, placeIn, placeOf } from '../shared/manifests/manifest.ts';

const messages = {
  above: 'Memory {side} {value} of {object} is above the max {bound} of {range}. Its pods are refused (403)',
  below: 'Memory {side} {value} of {object} is below the min {bound} of {range}. Its pods are refused (403)',
  ratio: 'The limit of {object} is {ratio} × the request, {range} allows {bound}. Its pods are refused (403)',
  absent: '{object} has no memory {side}, and {range} bounds it. Its pods are refused (403)',
} as const;
const exemptions = {
  within: 'within what LimitRange "{name}" allows',
  unknown: 'a template or patch supplies the value',
  unit: 'the value has a wrong unit, which is reported instead',
} as const;
type Report = Reporter<typeof messages, typeof exemptions>;
type Known = Extract<Effective, { state: 'known' }>;

export default defineRule({
  id: 'k8s/limitrange-violated',
  tier: 'M',
  severity: 'error',
  summary: 'Memory that a LimitRange of the namespace forbids: the pod is refused',
  note: {
    why: 'A LimitRange is checked when a pod is created. The Deployment is accepted and its pods are refused one by one, so a roll-out hangs without an error where one looks.',
    arithmetic: 'min ≤ request, limit ≤ max, limit ÷ request ≤ maxLimitRequestRatio',
  },
  messages,
  exemptions,
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const ranges = memoryRanges(manifests, workload.object);
      if (ranges.length === 0 || workload.containers.some((c) => manifests.isPatch(c))) continue;
      for (const range of ranges) {
        // Without a written namespace the two are only taken to meet.
        const certain = workload.object.namespace !== undefined && range.object.namespace !== undefined;
        const severity = certain ? 'error' : 'warning';
        if (range.type === 'Container')
          for (const container of workload.containers)
            checkContainer(manifests, report, container, range, severity);
        else if (range.type === 'Pod') checkPod(manifests, report, workload, range, severity);
      }
    }
  },
});

function nameOfRange({ object, type }: MemoryRange): string {
  const name = object.name === undefined ? 'the LimitRange' : `LimitRange "${object.name}"`;
  return type === 'Pod' ? `${name} for pods` : name;
}

function checkContainer(
  manifests: Manifests,
  report: Report,
  container: Container,
  range: MemoryRange,
  severity: Severity,
): void {
  const limit = manifests.memoryLimit(container);
  const request = manifests.memoryRequest(container);
  const at = placeOf(container);
  const where = placeIn(range.object.file, range.object.at);
  if (limit.state === 'unknown' || request.state === 'unknown') {
    report.exempt({ reason: 'unknown', at, where });
    return;
  }
  // Values the LimitRange itself supplies are within it, and those of the pod are not the container's.
  const l = isOwn(limit) ? limit : undefined;
  const r = isOwn(request) ? request : undefined;
  if ([l, r].some((v) => v && isImplausible(v.quantity))) {
    report.exempt({ reason: 'unit', at, where });
    return;
  }
  const object = nameOf(container).replace(/^\w/, (c) => c.toLowerCase());
  const data = (value: Known, bound: Amount, side: string) => ({
    side,
    value: value.text,
    bound: bound.text,
    object,
    range: nameOfRange(range),
  });
  const common = (value: Known, bound: Amount) => ({
    at: placeIn(container.workload.object.file, value.amount.span),
    confidence: 'high' as const,
    severity,
    related: [{ ...placeIn(range.object.file, bound.span), message: `the bound, ${bound.text}` }],
  });
  const set = (side: 'limits' | 'requests', bound: Amount) =>
    possible(
      setContainerMemory(
        container,
        side,
        bound.text,
        `Set the ${side === 'limits' ? 'limit' : 'request'} to ${bound.text}`,
        'maybe-incorrect',
      ),
    );
  const { max, min, ratio } = range;
  let broken = false;
  if (max && l && l.quantity.nano > max.quantity!.nano) {
    broken = true;
    report.find({
      message: 'above',
      data: data(l, max, 'limit'),
      fixes: set('limits', max),
      ...common(l, max),
    });
  } else if (max && r && r.quantity.nano > max.quantity!.nano && r.source !== 'limit') {
    broken = true;
    report.find({
      message: 'above',
      data: data(r, max, 'request'),
      fixes: set('requests', max),
      ...common(r, max),
    });
  }
  if (min && r && r.quantity.nano < min.quantity!.nano) {
    broken = true;
    const side = r.source === 'limit' ? 'limits' : 'requests';
    report.find({
      message: 'below',
      data: data(r, min, side === 'limits' ? 'limit' : 'request'),
      fixes: set(side, min),
      ...common(r, min),
    });
  }
  if (ratio && l && r && r.quantity.nano > 0n) {
    const [bytes, requested] = [bytesOf(l.quantity), bytesOf(r.quantity)];
    if (bytes * 1000n > requested * ratio.thousandths) {
      broken = true;
      const enough = writeQuantity((bytes * 1000n + ratio.thousandths - 1n) / ratio.thousandths);
      report.find({
        message: 'ratio',
        ...common(l, l.amount),
        related: [{ ...where, message: `allows ${ratio.text}` }],
        data: {
          object,
          ratio: `${Number((bytes * 10n) / requested) / 10}`,
          bound: ratio.text,
          range: nameOfRange(range),
        },
        fixes: possible(
          setContainerMemory(
            container,
            'requests',
            enough,
            `Raise the request to ${enough}`,
            'maybe-incorrect',
          ),
        ),
      });
    }
  }
  if (!broken && (l || r))
    report.exempt({ reason: 'within', at, where, data: { name: range.object.name ?? 'unnamed' } });
}

function isOwn(value: Effective): value is Known {
  return value.state === 'known' && ['own', 'limit', 'base'].includes(value.source);
}

/** The bounds for a whole pod are checked against the sum of its containers. */
function checkPod(
  manifests: Manifests,
  report: Report,
  workload: Workload,
  range: MemoryRange,
  severity: Severity,
): void {
  const at = placeIn(workload.object.file, workload.object.at);
  const object = `${workload.object.kind} "${workload.object.name ?? 'unnamed'}"`;
  for (const [bound, side, message] of [
    [range.max, 'limits', 'above'],
    [range.min, 'requests', 'below'],
  ] as const) {
    if (!bound) continue;
    const name = side === 'limits' ? 'limit' : 'request';
    const where = placeIn(range.object.file, bound.span);
    const memory = podMemory(manifests, workload, side);
    const values = workload.containers.map((c) =>
      side === 'limits' ? manifests.memoryLimit(c) : manifests.memoryRequest(c),
    );
    const related = [{ ...where, message: `the bound, ${bound.text}` }];
    if (values.some((v) => v.state === 'unknown')) {
      report.exempt({ reason: 'unknown', at, where });
    } else if (!memory) {
      if (values.some((v) => v.state === 'none'))
        report.find({
          message: 'absent',
          at,
          confidence: 'medium',
          severity: 'warning',
          data: { object: `A container of ${object}`, side: name, range: nameOfRange(range) },
          related,
        });
    } else {
      const limit = bytesOf(bound.quantity!);
      const broken = side === 'limits' ? memory.total > limit : memory.total < limit;
      if (!broken) {
        report.exempt({ reason: 'within', at, where, data: { name: range.object.name ?? 'unnamed' } });
        continue;
      }
      report.find({
        message,
        at,
        confidence: 'high',
        severity,
        data: {
          object,
          side: name,
          value: formatBytes(memory.total),
          bound: bound.text,
          range: nameOfRange(range),
        },
        related,
      });
    }
  }
}
