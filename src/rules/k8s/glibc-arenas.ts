import type { Services } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { nameOf, relatedValue, sourceOf } from '../shared/manifest.ts';
import { linkedContainers, mi, SETTING_EXEMPTIONS, SMALL_LIMIT, setElsewhere } from '../shared/services.ts';

export default defineRule({
  id: 'k8s/glibc-arenas',
  tier: 'M',
  severity: 'information',
  summary: 'glibc’s allocator with many threads in a small container',
  note: {
    why: 'glibc may create 8 arenas for each CPU of the node, whatever the CPU limit says; newer versions (2026) create fewer. Memory that is freed in one arena is not used by another and is given back late.',
    arithmetic:
      'arenas ≤ 8 × CPUs of the node; MALLOC_ARENA_MAX limits address space and fragmentation across arenas, it does not give back fragmented pages',
    myth: 'rust-unpredictable',
  },
  messages: {
    arenas:
      '{container} runs several threads ({threads}) on glibc in {limit}. Up to 8 arenas per CPU of the node keep what was freed apart',
  },
  exemptions: {
    'unknown-limit': 'the memory limit is not known here',
    ...SETTING_EXEMPTIONS,
    allocator: 'the program has another allocator, {name}',
    musl: 'the program is linked with musl',
    'one-thread': 'nothing shows that the program has several threads',
    'unknown-libc': 'the C library of the image is not known',
    large: 'the limit {limit} leaves room',
  },
  check({ manifests, services }: Services, report) {
    for (const linked of linkedContainers(services, 'rust')) {
      const { container, service, at } = linked;
      const { allocator, threads } = service.review.facts;
      const limit = effectiveOrDefault(manifests, container, 'limits');
      if (limit.state === 'unknown') {
        report.exempt({ reason: 'unknown-limit', at });
        continue;
      }
      if (limit.state === 'none') continue;
      if (allocator) {
        report.exempt({
          reason: 'allocator',
          at,
          data: { name: allocator.name },
          ...(allocator.at ? { where: allocator.at } : {}),
        });
        continue;
      }
      const libc = service.link.contents?.libc;
      if (libc !== 'glibc') {
        report.exempt({ reason: libc === 'musl' ? 'musl' : 'unknown-libc', at });
        continue;
      }
      if (!threads) {
        report.exempt({ reason: 'one-thread', at });
        continue;
      }
      if (bytesOf(limit.quantity) > SMALL_LIMIT) {
        report.exempt({ reason: 'large', at, data: { limit: limit.text } });
        continue;
      }
      const set = setElsewhere(manifests, linked, ['MALLOC_ARENA_MAX', 'GLIBC_TUNABLES', 'LD_PRELOAD']);
      if (set) {
        report.exempt({ reason: set.reason, at, where: set.where });
        continue;
      }
      report.find({
        message: 'arenas',
        at,
        confidence: 'medium',
        data: {
          container: nameOf(container),
          threads: threads.what,
          limit: mi(Number(bytesOf(limit.quantity))),
        },
        related: [
          { ...threads.at, message: 'the program starts its threads here' },
          ...relatedValue(limit, `the limit${sourceOf(limit)}`),
        ],
        fixes: possible(setEnv(container, 'MALLOC_ARENA_MAX', '2', 'Set MALLOC_ARENA_MAX to 2')),
      });
    }
  },
});
