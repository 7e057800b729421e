import type { Fix } from '../../core/finding.ts';
import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setContainerMemory } from '../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { isImplausible, placeIn, placeOf, relatedValue, sourceOf } from '../shared/manifest.ts';

type Known = Extract<Effective, { state: 'known' }>;

export default defineRule({
  id: 'k8s/request-over-limit',
  tier: 'M',
  severity: 'error',
  summary: 'A memory request above the limit: the API server rejects the object',
  note: {
    why: 'The API server rejects a pod that requests more than its limit, so nothing is started or updated.',
    arithmetic: 'M = 1 000 000 bytes, Mi = 1 048 576 bytes: 512M is 488Mi',
  },
  messages: {
    over: 'Request {request}{requestSource} > limit {limit}{limitSource}: rejected by the API server',
  },
  exemptions: {
    unit: 'the limit has a wrong unit, which is reported instead',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const { memoryLimit, memoryRequest } = container.resources;
      if (!memoryLimit && !memoryRequest) continue;
      const limit = manifests.memoryLimit(container);
      const request = manifests.memoryRequest(container);
      if (limit.state !== 'known' || request.state !== 'known') continue;
      if (limit.quantity.nano === 0n || request.quantity.nano <= limit.quantity.nano) continue;
      const { file } = container.workload.object;
      const own = [request, limit].find((v) => v.source === 'own');
      const at = own ? placeIn(file, own.amount.span) : placeOf(container);
      if (isImplausible(limit.quantity)) {
        report.exempt({ reason: 'unit', at, where: limit.where });
        continue;
      }
      report.find({
        message: 'over',
        at,
        confidence: 'high',
        data: {
          request: both(request),
          requestSource: sourceOf(request),
          limit: both(limit),
          limitSource: sourceOf(limit),
        },
        related:
          own === request
            ? relatedValue(limit, `the limit, ${formatBytes(bytesOf(limit.quantity))}`)
            : relatedValue(request, `the request, ${formatBytes(bytesOf(request.quantity))}`),
        fixes: repairs(container, request, limit),
      });
    }
  },
});

/** As written, with the bytes where the unit hides them: `512M (488.3Mi)`. */
function both({ text, quantity }: Known): string {
  const bytes = formatBytes(bytesOf(quantity));
  return text === bytes ? text : `${text} (${bytes})`;
}

function repairs(container: Container, request: Known, limit: Known): Fix[] {
  return possible(
    setContainerMemory(
      container,
      'limits',
      request.text,
      `Raise the limit to ${request.text}`,
      'maybe-incorrect',
    ),
    setContainerMemory(
      container,
      'requests',
      limit.text,
      `Lower the request to ${limit.text}`,
      'maybe-incorrect',
    ),
  );
}
