import type { Services } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { nameOf, relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import {
  cpuLimitOf,
  linkedContainers,
  SETTING_EXEMPTIONS,
  SMALL_LIMIT,
  setElsewhere,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/jemalloc-tight',
  tier: 'M',
  severity: 'information',
  summary: 'jemalloc with its defaults in a small container',
  note: {
    why: 'jemalloc makes 4 arenas for each CPU and keeps freed pages for 10 s; without its background thread they are given back only when the program allocates again. One service took 65–70 MB where glibc took 30 MB.',
    arithmetic: 'narenas = 4 × CPUs',
    myth: 'rust-unpredictable',
  },
  messages: {
    defaults:
      '{container} runs jemalloc with its defaults in {limit}. It makes 4 arenas per CPU, and freed pages stay until the program allocates',
  },
  exemptions: {
    'unknown-limit': 'the memory limit is not known here',
    ...SETTING_EXEMPTIONS,
    code: 'the program configures jemalloc itself',
    large: 'the limit {limit} leaves room',
    dependency: 'nothing shows that the program allocates with it',
  },
  check({ manifests, services }: Services, report) {
    for (const linked of linkedContainers(services, 'rust')) {
      const { container, service, at } = linked;
      const { allocator, unprefixedJemalloc, ownAllocatorSettings } = service.review.facts;
      if (allocator?.kind !== 'jemalloc') continue;
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
      if (ownAllocatorSettings) {
        report.exempt({ reason: 'code', at, where: ownAllocatorSettings });
        continue;
      }
      const set = setElsewhere(manifests, linked, ['_RJEM_MALLOC_CONF', 'MALLOC_CONF']);
      if (set) {
        report.exempt({ reason: set.reason, at, where: set.where });
        continue;
      }
      const name = unprefixedJemalloc ? 'MALLOC_CONF' : '_RJEM_MALLOC_CONF';
      const cpu = cpuLimitOf(container);
      const arenas = cpu === undefined ? '' : `narenas:${Math.max(1, Math.ceil(cpu / 1000))},`;
      const value = `background_thread:true,${arenas}dirty_decay_ms:5000,muzzy_decay_ms:0`;
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
          setEnv(container, name, value, `Set ${name}: fewer arenas, pages given back in the background`),
        ),
      });
    }
  },
});
