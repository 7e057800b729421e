import { bytesOf, formatBytes, writeQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { scaledWorkload, verticalPolicy } from '../../manifest/autoscalers.ts';
import { possible, setContainerMemory, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Amount, Stated } from '../../manifest/model.ts';
import { nameOf, placeIn, relatedValue, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/pod-level',
  tier: 'M',
  severity: 'error',
  summary: 'Memory of a pod as a whole that contradicts the memory of its containers',
  note: {
    why: 'The API server rejects a pod whose containers request more together than the pod, or whose container may use more than the pod.',
    arithmetic: 'Σ container requests ≤ request of the pod; every container limit ≤ limit of the pod',
  },
  messages: {
    requests: 'The containers request {sum} together, the pod {pod}: rejected by the API server',
    limit: '{container} has the limit {limit}, above {pod} of the pod: rejected by the API server',
    vpa: 'The VPA "{vpa}" does not support a pod with memory of its own. It changes containers and leaves the pod at {pod}',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    fits: 'the containers request {sum} together',
    off: 'the VPA only recommends',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const { file } = workload.object;
      const { memoryRequest, memoryLimit } = workload.podResources;
      const request = known(memoryRequest);
      const limit = known(memoryLimit);
      if (request) {
        const at = placeIn(file, request.span);
        const parts = workload.containers
          .filter((c) => c.role !== 'init')
          .map((c) => manifests.memoryRequest(c))
          .filter((r) => r.state !== 'known' || r.source !== 'pod-level');
        const sum = parts.reduce((n, r) => n + (r.state === 'known' ? bytesOf(r.quantity) : 0n), 0n);
        if (sum > bytesOf(request.quantity)) {
          const value = writeQuantity(sum);
          report.find({
            message: 'requests',
            at,
            confidence: 'high',
            data: { sum: formatBytes(sum), pod: request.text },
            related: parts.flatMap((r) => relatedValue(r, 'part of the sum')),
            fixes: possible(
              writeAmount(file, request, value, `Raise the request of the pod to ${value}, the sum`),
            ),
          });
        } else if (parts.some((r) => r.state === 'unknown')) report.exempt({ reason: 'template-hole', at });
        else report.exempt({ reason: 'fits', at, data: { sum: formatBytes(sum) } });
      }
      if (limit) {
        for (const container of workload.containers) {
          const own = known(container.resources.memoryLimit);
          if (!own || own.quantity.nano <= limit.quantity.nano) continue;
          report.find({
            message: 'limit',
            at: placeIn(file, own.span),
            confidence: 'high',
            data: { container: nameOf(container), limit: own.text, pod: limit.text },
            related: [{ ...placeIn(file, limit.span), message: `the limit of the pod, ${limit.text}` }],
            fixes: possible(
              setContainerMemory(
                container,
                'limits',
                limit.text,
                `Lower the limit to that of the pod, ${limit.text}`,
                'maybe-incorrect',
              ),
              writeAmount(file, limit, own.text, `Raise the limit of the pod to ${own.text}`),
            ),
          });
        }
      }
    }
    for (const vpa of manifests.objectsOf('VerticalPodAutoscaler')) {
      const workload = scaledWorkload(manifests, vpa);
      const { memoryLimit, memoryRequest } = workload?.podResources ?? {};
      const pod = known(memoryLimit) ?? known(memoryRequest);
      if (!workload || !pod || !manifests.inScope(workload.object.file.file)) continue;
      const policy = verticalPolicy(vpa);
      const at = placeIn(workload.object.file, pod.span);
      const where = placeIn(vpa.file, vpa.at);
      if (!policy?.acts) {
        report.exempt({ reason: 'off', at, where });
        continue;
      }
      report.find({
        message: 'vpa',
        at,
        confidence: 'high',
        severity: 'warning',
        data: { vpa: vpa.name ?? 'of the chart', pod: pod.text },
        related: [{ ...where, message: 'changes the containers' }],
      });
    }
  },
});

function known(stated: Stated) {
  if (!stated || stated === 'unknown' || !stated.quantity) return undefined;
  return stated as Amount & { readonly quantity: NonNullable<Amount['quantity']> };
}
