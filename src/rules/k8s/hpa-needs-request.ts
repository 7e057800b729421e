import { defineRule } from '../../core/rule.ts';
import { resourceMetrics, scaledWorkload } from '../../manifest/autoscalers.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { requestFix } from '../../manifest/measured-fixes.ts';
import { placeIn, placeOf } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/hpa-needs-request',
  tier: 'M',
  severity: 'warning',
  summary: 'An autoscaler on memory utilisation for containers without a memory request',
  note: {
    why: 'Utilisation is use divided by the request. Without a request in every container the autoscaler cannot compute it, and does nothing.',
    myth: 'average-for-limits',
  },
  messages: {
    missing: 'Memory utilisation cannot be computed: "{container}" has no memory request',
  },
  exemptions: {
    'other-workload': 'the workload it scales is not in the workspace',
    unknown: 'a template or patch supplies the request',
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects) {
      for (const metric of resourceMetrics(object)) {
        if (metric.resource !== 'memory' || !metric.utilization) continue;
        const at = placeIn(object.file, metric.name.span);
        const workload = scaledWorkload(manifests, object);
        if (!workload) {
          report.exempt({ reason: 'other-workload', at });
          continue;
        }
        for (const container of workload.containers) {
          if (container.role === 'init' || (metric.container && metric.container !== container.name))
            continue;
          const request = manifests.memoryRequest(container);
          if (request.state === 'unknown' || manifests.patchesOf(workload.object).length > 0) {
            if (request.state !== 'known') report.exempt({ reason: 'unknown', at });
            continue;
          }
          if (request.state === 'known') continue;
          report.find({
            message: 'missing',
            at,
            confidence: 'high',
            data: { container: container.name ?? 'a container' },
            related: [{ ...placeOf(container), message: 'has no memory request' }],
            fixes: possible(requestFix(manifests, container)),
          });
          break;
        }
      }
    }
  },
});
