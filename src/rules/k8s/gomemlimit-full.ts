import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import {
  goMemoryLimits,
  ninetyPercent,
  placeIn,
  relatedValue,
  SHARED_EXEMPTIONS,
  sourceOf,
} from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/gomemlimit-full',
  tier: 'M',
  severity: 'warning',
  summary: 'A GOMEMLIMIT that leaves no room below the memory limit',
  note: {
    why: 'GOMEMLIMIT bounds what the runtime counts; the binary, cgo, tmpfs, page cache and kernel memory come on top. Without room between the two the container is killed before the collector can hurry.',
    arithmetic: 'GOMEMLIMIT = 0.9 × limit − tmpfs − other processes',
    myth: 'low-heap-is-safe',
  },
  messages: {
    reference:
      'GOMEMLIMIT equals the limit of {container}. Memory the runtime does not see (binary, cgo, tmpfs, kernel) has no room',
    literal:
      'GOMEMLIMIT {text} is {percent} % of the limit {limit}{source}. Memory the runtime does not see (binary, cgo, tmpfs, kernel) has no room',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    'no-limit': 'the container has no memory limit, so the value is what the node can give',
    divisor: 'with this divisor the value is not the limit in bytes',
    'other-container': 'the value is the limit of another container',
    room: 'GOMEMLIMIT leaves {percent} % of the limit',
  },
  check(manifests: Manifests, report) {
    for (const go of goMemoryLimits(manifests)) {
      const { container, variable, file } = go;
      const limit = effectiveOrDefault(manifests, container, 'limits');
      const { fieldRef, value } = variable;
      if (fieldRef) {
        if (fieldRef.resource.text !== 'limits.memory') continue;
        const at = placeIn(file, fieldRef.resource.span);
        const other = fieldRef.container?.text;
        if (other !== undefined && container.name !== undefined && other !== container.name) {
          report.exempt({ reason: 'other-container', at });
        } else if (limit.state === 'none') {
          report.exempt({ reason: 'no-limit', at });
        } else if (fieldRef.divisor && !/^(0|1)?$/.test(fieldRef.divisor.text)) {
          report.exempt({ reason: 'divisor', at });
        } else {
          report.find({
            message: 'reference',
            at,
            confidence: 'high',
            data: { container: container.name === undefined ? 'the container' : `"${container.name}"` },
            related: relatedValue(limit, `the limit${sourceOf(limit)}`),
            fixes: possible(ninetyPercent(manifests, go)),
          });
        }
        continue;
      }
      if (!value || variable.unknown) continue;
      const memory = parseGoMemoryLimit(value.text);
      if (memory.kind !== 'bytes') continue;
      const at = placeIn(file, value.span);
      if (limit.state === 'unknown') {
        report.exempt({ reason: limit.reason, at });
        continue;
      }
      if (limit.state === 'none') continue;
      const bytes = bytesOf(limit.quantity);
      if (bytes === 0n || memory.bytes > bytes) continue;
      const percent = Number((memory.bytes * 100n) / bytes);
      if (memory.bytes * 100n < bytes * 95n) {
        report.exempt({ reason: 'room', at, where: limit.where, data: { percent: 100 - percent } });
        continue;
      }
      report.find({
        message: 'literal',
        at,
        confidence: 'high',
        data: { text: value.text, percent, limit: limit.text, source: sourceOf(limit) },
        related: relatedValue(limit, `the limit, ${formatBytes(bytes)}`),
        fixes: possible(ninetyPercent(manifests, go)),
      });
    }
  },
});
