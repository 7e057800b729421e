import { formatBytes, writeQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setContainerMemory } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { podMemory } from '../../manifest/pod-memory.ts';
import { placeIn, placeOf, relatedValue } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/init-dominates',
  tier: 'M',
  severity: 'information',
  summary: 'An init container makes the pod reserve more than its program needs, for its whole life',
  note: {
    why: 'The scheduler reserves the larger of the two: what one init container needs, or what all containers need together. The node keeps it for as long as the pod lives, not only while the init container runs.',
    arithmetic: 'max( max(init + sidecars started before it), Σ sidecars + Σ containers ) + overhead',
    myth: 'average-for-limits',
  },
  messages: {
    dominates:
      'Init container "{init}" makes the pod reserve {bytes} for its whole life. Its containers request {sum}',
  },
  exemptions: {
    smaller: 'the containers request more, {sum} together',
    'pod-level': 'the pod states what is reserved',
    unknown: 'a request is not known here',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const inits = workload.containers.filter((c) => c.role === 'init');
      const [first] = inits;
      if (!first || workload.containers.some((c) => manifests.isPatch(c))) continue;
      const memory = podMemory(manifests, workload, 'requests');
      if (!memory?.start) {
        report.exempt({ reason: 'unknown', at: placeOf(first) });
        continue;
      }
      const { container, bytes } = memory.start;
      const request = manifests.memoryRequest(container);
      const at =
        request.state === 'known' && request.source !== 'limit-range'
          ? placeIn(workload.object.file, request.amount.span)
          : placeOf(container);
      if (workload.podResources.memoryRequest !== undefined) {
        report.exempt({ reason: 'pod-level', at });
        continue;
      }
      if (bytes <= memory.running) {
        report.exempt({ reason: 'smaller', at, data: { sum: formatBytes(memory.running) } });
        continue;
      }
      const before = bytes - (memory.parts.find((p) => p.container === container)?.bytes ?? 0n);
      const enough = memory.running - before;
      const value = enough > 0n ? writeQuantity(enough) : undefined;
      report.find({
        message: 'dominates',
        at,
        confidence: 'high',
        data: {
          init: container.name ?? 'unnamed',
          bytes: formatBytes(bytes),
          sum: formatBytes(memory.running),
        },
        related: memory.parts
          .filter((p) => p.container.role !== 'init')
          .flatMap((p) =>
            relatedValue(manifests.memoryRequest(p.container), `requests ${formatBytes(p.bytes)}`),
          ),
        fixes: possible(
          value &&
            setContainerMemory(
              container,
              'requests',
              value,
              `Lower the request to ${value}: the pod then reserves what its containers need`,
              'maybe-incorrect',
            ),
        ),
      });
    }
  },
});
