import type { RelatedPlace } from '../../core/finding.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { type ResourceMetric, resourceMetrics, scaledWorkload } from '../../manifest/autoscalers.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { most } from '../../measure/measurement.ts';
import { placeIn } from '../shared/manifests/manifest.ts';
import { measuredBytes, relatedMeasurement } from '../shared/manifests/measured.ts';

export default defineRule({
  id: 'k8s/hpa-idle-over',
  tier: 'M',
  severity: 'warning',
  summary: 'An autoscaler whose memory target is below what the pod uses when idle',
  note: {
    why: 'Each new replica uses its idle memory at once, so the average never falls below the target, however many there are. The autoscaler goes to maxReplicas and stays there.',
    arithmetic: 'Σ idle use of the containers ≥ averageUtilization ÷ 100 × Σ requests',
    silence: 'nothing was measured of the containers it looks at',
    myth: 'average-for-limits',
  },
  messages: {
    idle: 'Idle use {idle} is not below the target {target}. The autoscaler stays at maxReplicas',
  },
  exemptions: {
    room: 'idle use is {percent} % of the target',
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects)
      for (const metric of resourceMetrics(object)) {
        if (metric.resource !== 'memory') continue;
        const { utilization, averageValue } = metric;
        const spot =
          utilization ?? (averageValue && averageValue !== 'unknown' ? averageValue.scalar : undefined);
        const workload = spot && !spot.open ? scaledWorkload(manifests, object) : undefined;
        if (!spot || !workload) continue;
        const containers = workload.containers.filter(
          (c) => c.role !== 'init' && (metric.container === undefined || metric.container === c.name),
        );
        const target = targetOf(manifests, metric, containers);
        const related: RelatedPlace[] = [];
        let idle = 0;
        for (const container of containers) {
          const measured = manifests.measured(container);
          const own = measured && most(measured, 'idle');
          if (!measured || own === undefined) continue;
          // What was not measured uses something, too: the sum is the least there is.
          idle += own;
          related.push(...relatedMeasurement(measured));
        }
        if (target === undefined || target <= 0n || idle === 0) continue;
        const at = placeIn(object.file, spot.span);
        if (BigInt(Math.floor(idle)) < target) {
          const percent = Math.round((idle * 100) / Number(target));
          report.exempt({ reason: 'room', at, data: { percent } });
          continue;
        }
        report.find({
          message: 'idle',
          at,
          confidence: 'high',
          data: { idle: measuredBytes(idle), target: measuredBytes(target) },
          related,
        });
      }
  },
});

/** What the average is compared with, in bytes; undefined where a request is not known. */
function targetOf(
  manifests: Manifests,
  { utilization, averageValue }: ResourceMetric,
  containers: readonly Container[],
): bigint | undefined {
  if (!utilization)
    return averageValue && averageValue !== 'unknown' && averageValue.quantity
      ? bytesOf(averageValue.quantity)
      : undefined;
  if (!/^\d{1,6}$/.test(utilization.text)) return undefined;
  let requested = 0n;
  for (const container of containers) {
    const request = manifests.memoryRequest(container);
    if (request.state !== 'known') return undefined;
    requested += bytesOf(request.quantity);
  }
  return (requested * BigInt(utilization.text)) / 100n;
}
