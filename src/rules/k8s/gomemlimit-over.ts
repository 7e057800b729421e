import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import {
  goMemoryLimits,
  isImplausible,
  ninetyPercent,
  placeIn,
  relatedValue,
  SHARED_EXEMPTIONS,
  sourceOf,
} from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/gomemlimit-over',
  tier: 'M',
  severity: 'error',
  summary: 'A GOMEMLIMIT above the memory limit: the container is killed before it has an effect',
  note: {
    why: 'The collector begins to hurry at GOMEMLIMIT, the kernel kills at the limit, and the limit comes first. The setting has no effect before the kill.',
    arithmetic: 'GOMEMLIMIT = 0.9 × limit − tmpfs − other processes',
  },
  messages: {
    over: 'GOMEMLIMIT {text} > limit {limit}{source}: without effect before the OOM kill',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    unit: 'the limit has a wrong unit, which is reported instead',
  },
  check(manifests: Manifests, report) {
    for (const go of goMemoryLimits(manifests)) {
      const { container, variable, file } = go;
      const { value } = variable;
      if (!value || variable.unknown) continue;
      const memory = parseGoMemoryLimit(value.text);
      if (memory.kind !== 'bytes') continue;
      const at = placeIn(file, value.span);
      const limit = effectiveOrDefault(manifests, container, 'limits');
      if (limit.state === 'unknown') {
        report.exempt({ reason: limit.reason, at });
        continue;
      }
      if (limit.state === 'none' || limit.quantity.nano === 0n) continue;
      const bytes = bytesOf(limit.quantity);
      if (memory.bytes <= bytes) continue;
      if (isImplausible(limit.quantity)) {
        report.exempt({ reason: 'unit', at, where: limit.where });
        continue;
      }
      report.find({
        message: 'over',
        at,
        confidence: 'high',
        data: { text: value.text, limit: limit.text, source: sourceOf(limit) },
        related: relatedValue(limit, `the limit, ${formatBytes(bytes)}`),
        fixes: possible(ninetyPercent(manifests, go)),
      });
    }
  },
});
