import type { Services } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { nameOf, relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import {
  linkedContainers,
  SETTING_EXEMPTIONS,
  SMALL_LIMIT,
  setElsewhere,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/mimalloc-tight',
  tier: 'M',
  severity: 'information',
  summary: 'mimalloc with its defaults in a small container',
  note: {
    why: 'mimalloc keeps freed pages for 10 ms (v2) or 1000 ms (v3). On one data set it peaked at 435–465 MB where musl took 137 MB, and was killed at 384 MB three times of three; with a purge delay of 0 it took 276–308 MB.',
    myth: 'rust-unpredictable',
  },
  messages: {
    defaults:
      '{container} runs mimalloc with its defaults in {limit}. Freed pages stay for 10 ms (v2) to 1000 ms (v3)',
  },
  exemptions: {
    'unknown-limit': 'the memory limit is not known here',
    ...SETTING_EXEMPTIONS,
    large: 'the limit {limit} leaves room',
    dependency: 'nothing shows that the program allocates with it',
  },
  check({ manifests, services }: Services, report) {
    for (const linked of linkedContainers(services, 'rust')) {
      const { container, service, at } = linked;
      const { allocator } = service.review.facts;
      if (allocator?.kind !== 'mimalloc') continue;
      const limit = effectiveOrDefault(manifests, container, 'limits');
      if (limit.state === 'unknown') {
        report.exempt({ reason: 'unknown-limit', at });
        continue;
      }
      if (limit.state === 'none') continue;
      if (!allocator.at) {
        report.exempt({ reason: 'dependency', at });
        continue;
      }
      if (bytesOf(limit.quantity) > SMALL_LIMIT) {
        report.exempt({ reason: 'large', at, data: { limit: limit.text } });
        continue;
      }
      const set = setElsewhere(manifests, linked, ['MIMALLOC_PURGE_DELAY']);
      if (set) {
        report.exempt({ reason: set.reason, at, where: set.where });
        continue;
      }
      report.find({
        message: 'defaults',
        at,
        confidence: 'medium',
        data: { container: nameOf(container), limit: limit.text },
        related: [
          { ...allocator.at, message: 'the allocator is set here' },
          ...relatedValue(limit, `the limit${sourceOf(limit)}`),
        ],
        fixes: possible(
          setEnv(
            container,
            'MIMALLOC_PURGE_DELAY',
            '0',
            'Set MIMALLOC_PURGE_DELAY to 0: give pages back at once',
          ),
        ),
      });
    }
  },
});
