import { defineRule } from '../../core/rule.ts';
import { placeholderLimit, possible } from '../../manifest/fixes.ts';
import { limitsMemory } from '../../manifest/kustomize.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { nameOf, placeIn, placeOf, presenceSeverity, SHARED_EXEMPTIONS } from '../shared/manifest.ts';

export default defineRule({
  id: 'k8s/limit-missing',
  tier: 'M',
  severity: 'warning',
  summary: 'A container may use all the memory of its node',
  note: {
    why: 'Without a limit the container may use all memory of the node. The kernel then kills by `oom_score_adj`, which need not hit the container that grew.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    missing:
      '{container} has no memory limit. It may use the whole node; the kernel then kills by oom_score_adj',
    zero: '{container} has a memory limit of 0, which means none. It may use the whole node; the kernel then kills by oom_score_adj',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    'limit-range': 'LimitRange "{name}" of the namespace sets the limit',
    'pod-level': 'the pod has a memory limit of its own',
    patched: 'a kustomize patch sets the limit',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const own = container.resources.memoryLimit;
      const zero = own !== undefined && own !== 'unknown' && own.quantity?.nano === 0n;
      if (own && own !== 'unknown' && !zero) continue;
      const at = placeOf(container);
      if (zero) {
        report.find({
          message: 'zero',
          at: placeIn(container.workload.object.file, own.span),
          confidence: 'high',
          severity: presenceSeverity(manifests, container),
          data: { container: nameOf(container) },
          fixes: possible(placeholderLimit(container)),
        });
        continue;
      }
      const limit = manifests.memoryLimit(container);
      if (limit.state === 'unknown') {
        report.exempt({ reason: limit.reason, at, ...(limit.where ? { where: limit.where } : {}) });
        continue;
      }
      if (limit.state === 'known') {
        const { where } = limit;
        if (limit.source === 'limit-range') {
          const name = manifests.limitRangesFor(container.workload.object)[0]?.name ?? 'unnamed';
          report.exempt({ reason: 'limit-range', at, where, data: { name } });
        } else report.exempt({ reason: limit.source === 'pod-level' ? 'pod-level' : 'patch', at, where });
        continue;
      }
      if (manifests.isPatch(container)) {
        report.exempt({ reason: 'patch', at });
        continue;
      }
      const patch = manifests
        .patchesOf(container.workload.object)
        .find((p) => limitsMemory(p, container, 'limits'));
      if (patch) {
        report.exempt({ reason: 'patched', at, where: patch.where });
        continue;
      }
      report.find({
        message: 'missing',
        at,
        // A LimitRange or an admission webhook that is not in the workspace could still set one.
        confidence: 'medium',
        severity: presenceSeverity(manifests, container),
        data: { container: nameOf(container) },
        fixes: possible(placeholderLimit(container)),
      });
    }
  },
});
