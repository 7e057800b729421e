import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { limitFix, requestFix } from '../../manifest/measured-fixes.ts';
import { requirements } from '../../manifest/policies.ts';
import { nameOf, placeIn, placeOf, relatedValue, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/quota-needs-value',
  tier: 'M',
  severity: 'warning',
  summary: 'A container without memory values in a namespace whose quota demands them',
  note: {
    why: 'A quota on memory makes the API server refuse every pod whose containers do not state it. The Deployment is accepted and none of its pods ever starts.',
    myth: 'fix-without-measuring',
  },
  messages: {
    needed:
      '{container} has no memory {side}, but the quota "{quota}" demands one. Its pods are refused (403)',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    defaulted: 'a LimitRange or the pod supplies the {side}',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const needs = requirements(manifests, workload.object);
      if (needs.length === 0) continue;
      for (const container of workload.containers) {
        const at = placeOf(container);
        for (const { quota, side, amount } of needs) {
          const name = side === 'limits' ? 'limit' : 'request';
          const value =
            side === 'limits' ? manifests.memoryLimit(container) : manifests.memoryRequest(container);
          if (value.state === 'unknown') {
            report.exempt({ reason: value.reason, at });
            break;
          }
          if (value.state === 'known') {
            if (value.source === 'limit-range' || value.source === 'pod-level')
              report.exempt({ reason: 'defaulted', at, where: value.where, data: { side: name } });
            continue;
          }
          if (manifests.isPatch(container) || manifests.patchesOf(workload.object).length > 0) {
            report.exempt({ reason: 'patch', at });
            break;
          }
          report.find({
            message: 'needed',
            at,
            confidence: 'medium',
            data: { container: nameOf(container), side: name, quota: quota.name ?? 'unnamed' },
            related: [
              { ...placeIn(quota.file, amount.span), message: `the quota, ${amount.text}` },
              ...relatedValue(manifests.memoryRequest(container), 'the request alone is not enough'),
            ],
            fixes: possible(
              side === 'limits' ? limitFix(manifests, container) : requestFix(manifests, container),
            ),
          });
          break;
        }
      }
    }
  },
});
