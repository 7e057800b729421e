import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { resourceMetrics, scaledWorkload } from '../../manifest/autoscalers.ts';
import { replaceScalar } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { placeIn, relatedValue } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/hpa-after-oom',
  tier: 'M',
  severity: 'warning',
  summary: 'An autoscaler that scales out only when the container is already killed',
  note: {
    why: 'Utilisation is a percentage of the request. When it asks for as much as the limit allows, the kernel kills before the autoscaler acts.',
    arithmetic: 'target = averageUtilization ÷ 100 × request, and must stay below the limit',
    myth: 'average-for-limits',
  },
  messages: {
    late: 'Scales out at {target}, but "{container}" is killed at {limit}',
  },
  exemptions: {
    room: 'it scales out at {percent} % of the limit',
    'other-workload': 'the workload it scales is not in the workspace',
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects) {
      for (const metric of resourceMetrics(object)) {
        if (metric.resource !== 'memory') continue;
        const { utilization, averageValue } = metric;
        const spot =
          utilization ?? (averageValue && averageValue !== 'unknown' ? averageValue.scalar : undefined);
        if (!spot || spot.open) continue;
        const at = placeIn(object.file, spot.span);
        const workload = scaledWorkload(manifests, object);
        if (!workload) {
          report.exempt({ reason: 'other-workload', at });
          continue;
        }
        for (const container of workload.containers) {
          if (container.role === 'init' || (metric.container && metric.container !== container.name))
            continue;
          const limit = manifests.memoryLimit(container);
          const request = manifests.memoryRequest(container);
          if (limit.state !== 'known' || request.state !== 'known' || limit.quantity.nano <= 0n) continue;
          const [l, r] = [bytesOf(limit.quantity), bytesOf(request.quantity)];
          let target: bigint;
          if (utilization) {
            if (!/^\d{1,6}$/.test(utilization.text)) continue;
            target = (r * BigInt(utilization.text)) / 100n;
          } else if (averageValue && averageValue !== 'unknown' && averageValue.quantity) {
            target = bytesOf(averageValue.quantity);
          } else continue;
          const percent = Number((target * 100n) / l);
          // An average of several pods: a single one is above it, so 95 % is already too late.
          if (target * 100n < l * 95n) {
            report.exempt({ reason: 'room', at, where: limit.where, data: { percent } });
            continue;
          }
          const better = utilization && r > 0n ? ((l * 80n) / r).toString() : undefined;
          report.find({
            message: 'late',
            at,
            confidence: 'high',
            data: {
              target: formatBytes(target),
              container: container.name ?? 'container',
              limit: limit.text,
            },
            related: relatedValue(limit, `the limit, ${formatBytes(l)}`),
            fixes: possible(
              better && utilization
                ? fixOf(
                    object.file,
                    `Scale out at 80 % of the limit: averageUtilization ${better}`,
                    'maybe-incorrect',
                    replaceScalar(utilization, better)?.map((e) => ({ ...e, newText: better })),
                  )
                : undefined,
            ),
          });
          break;
        }
      }
    }
  },
});
