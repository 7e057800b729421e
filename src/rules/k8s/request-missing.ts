import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setContainerMemory } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { requestFix } from '../../manifest/measured-fixes.ts';
import { requirements } from '../../manifest/policies.ts';
import {
  isImplausible,
  nameOf,
  placeIn,
  placeOf,
  presenceSeverity,
  relatedValue,
  SHARED_EXEMPTIONS,
} from '../shared/manifests/manifest.ts';
import { inSomeOverlays, lackingIn, relatedSetters } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/request-missing',
  tier: 'M',
  severity: 'warning',
  summary: 'The scheduler does not know how much memory a container needs',
  note: {
    why: 'The scheduler counts 0 bytes, so nodes are filled beyond what they have. Under pressure the kubelet evicts first whoever uses more than the request.',
    myth: 'average-for-limits',
  },
  messages: {
    missing:
      '{container} has no memory request{overlays}. The scheduler counts 0 bytes and the pod is evicted first (usage > request)',
    zero: '{container} requests 0 bytes of memory. The scheduler counts none and the pod is evicted first (usage > request)',
    defaulted:
      '{container} has no memory request, so the limit {limit} is reserved. Write it out, or request the steady use',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    'limit-range': 'a LimitRange of the namespace sets the request',
    'pod-level': 'the pod has a memory request of its own',
    patched: 'every kustomization that builds it sets the request',
    unit: 'the limit has a wrong unit, which is reported instead',
    quota: 'a quota refuses the pod for it, which k8s/quota-needs-value reports',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const own = container.resources.memoryRequest;
      if (own !== undefined && own !== 'unknown') {
        if (own.quantity?.nano === 0n)
          report.find({
            message: 'zero',
            at: placeIn(container.workload.object.file, own.span),
            confidence: 'high',
            severity: presenceSeverity(manifests, container),
            data: { container: nameOf(container) },
            fixes: possible(requestFix(manifests, container)),
          });
        continue;
      }
      const at = placeOf(container);
      const request = manifests.memoryRequest(container);
      if (request.state === 'unknown') {
        report.exempt({ reason: request.reason, at, ...(request.where ? { where: request.where } : {}) });
        continue;
      }
      if (manifests.isPatch(container)) {
        report.exempt({ reason: 'patch', at });
        continue;
      }
      if (request.state === 'known' && request.source !== 'limit') {
        const reason = request.source === 'pod-level' ? 'pod-level' : 'limit-range';
        report.exempt({ reason, at, where: request.where });
        continue;
      }
      const lacking = lackingIn(manifests, container, 'requests');
      if (lacking.set.length > 0 && lacking.without.length === 0) {
        report.exempt({ reason: 'patched', at, where: lacking.set[0]!.where });
        continue;
      }
      if (request.state === 'known' && isImplausible(request.quantity)) {
        report.exempt({ reason: 'unit', at, where: request.where });
        continue;
      }
      if (request.state === 'known') {
        const limit = formatBytes(bytesOf(request.quantity));
        report.find({
          message: 'defaulted',
          at,
          confidence: 'high',
          severity: 'information',
          data: { container: nameOf(container), limit },
          related: relatedValue(request, 'the limit that becomes the request'),
          fixes: possible(
            setContainerMemory(
              container,
              'requests',
              request.text,
              `Write out the memory request the limit implies: ${request.text}`,
              'maybe-incorrect',
            ),
          ),
        });
        continue;
      }
      const [quota] = requirements(manifests, container.workload.object);
      if (quota) {
        report.exempt({ reason: 'quota', at, where: placeIn(quota.quota.file, quota.amount.span) });
        continue;
      }
      report.find({
        message: 'missing',
        at,
        confidence: 'medium',
        severity: presenceSeverity(manifests, container),
        data: { container: nameOf(container), overlays: inSomeOverlays(lacking) },
        related: relatedSetters(lacking),
        fixes: possible(requestFix(manifests, container)),
      });
    }
  },
});
