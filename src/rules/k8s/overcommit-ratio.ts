import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setContainerMemory } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { requestFix } from '../../manifest/measured-fixes.ts';
import { isAlwaysPatched } from '../../manifest/overlay.ts';
import { isImplausible, placeIn, relatedValue } from '../shared/manifests/manifest.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

/** A limit of more than this many times the request is reported. Kyverno's policy allows 2.5, Headroom 2. */
const MAX_RATIO = 2n;

export default defineRule({
  id: 'k8s/overcommit-ratio',
  tier: 'M',
  severity: 'information',
  summary: 'A memory limit of many times the request: memory the node does not keep',
  note: {
    why: 'The scheduler fills the node by requests. When the others on it use what they may, the kubelet evicts first whoever uses more than it requested.',
    arithmetic: 'evicted first: use − request, largest first, within one priority',
    myth: 'average-for-limits',
  },
  messages: {
    ratio:
      'The limit is {ratio} × the request ({request} → {limit}). Under node pressure the pod is evicted once it uses more than {request}',
  },
  exemptions: {
    near: 'the limit is {ratio} × the request',
    unit: 'one of the two has a wrong unit, which is reported instead',
    ...OVERLAID,
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const own = container.resources.memoryLimit;
      if (!own || own === 'unknown' || !own.quantity || manifests.isPatch(container)) continue;
      const request = manifests.memoryRequest(container);
      if (request.state !== 'known' || request.source === 'limit' || request.quantity.nano <= 0n) continue;
      const { file } = container.workload.object;
      const at = placeIn(file, own.span);
      const [l, r] = [bytesOf(own.quantity), bytesOf(request.quantity)];
      if (l < r) continue;
      const ratio = ratioOf(l, r);
      if (isImplausible(own.quantity) || isImplausible(request.quantity)) {
        report.exempt({ reason: 'unit', at });
        continue;
      }
      if (l <= r * MAX_RATIO) {
        report.exempt({ reason: 'near', at, data: { ratio } });
        continue;
      }
      if (isAlwaysPatched(manifests, container, ['limits', 'requests'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      report.find({
        message: 'ratio',
        at,
        confidence: 'high',
        data: { ratio, request: request.text, limit: own.text },
        related: relatedValue(request, 'the request'),
        fixes: possible(
          setContainerMemory(
            container,
            'requests',
            own.text,
            `Raise the request to the limit, ${own.text}: the node then keeps it`,
            'maybe-incorrect',
          ),
          requestFix(manifests, container),
        ),
      });
    }
  },
});

function ratioOf(limit: bigint, request: bigint): string {
  // Rounded up: what is above two times must not read as two.
  const tenths = (limit * 10n + request - 1n) / request;
  return tenths % 10n === 0n || tenths >= 100n ? `${tenths / 10n}` : `${tenths / 10n}.${tenths % 10n}`;
}
