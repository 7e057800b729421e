import { type Service, type Services, takesMoreVariables, variableOf } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { nameOf, relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import {
  linkedComposeServices,
  linkedContainers,
  mi,
  SETTING_EXEMPTIONS,
  SMALL_LIMIT,
  setElsewhere,
} from '../shared/manifests/services.ts';

const messages = {
  arenas:
    '{container} runs several threads ({threads}) on glibc in {limit}. Up to 8 arenas per CPU of the node keep what was freed apart',
} as const;
const exemptions = {
  'unknown-limit': 'the memory limit is not known here',
  ...SETTING_EXEMPTIONS,
  allocator: 'the program has another allocator, {name}',
  musl: 'the program is linked with musl',
  'one-thread': 'nothing shows that the program has several threads',
  'unknown-libc': 'the C library of the image is not known',
  large: 'the limit {limit} leaves room',
} as const;
type Report = Reporter<typeof messages, typeof exemptions>;

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
  messages,
  exemptions,
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
    for (const service of linkedComposeServices(services, 'rust')) checkCompose(service, report);
  },
});

/** The same of a compose service, whose limit is its own or none. */
function checkCompose(service: Service, report: Report): void {
  const { unit, limit, link, review } = service;
  const { allocator, threads } = review.facts;
  const names = ['MALLOC_ARENA_MAX', 'GLIBC_TUNABLES', 'LD_PRELOAD'];
  if (!limit || allocator || !threads || link.contents?.libc !== 'glibc' || limit.bytes > SMALL_LIMIT) return;
  const set = names.map((name) => variableOf(unit, link, name)).find(Boolean);
  if (set || takesMoreVariables(unit)) {
    report.exempt({ reason: set ? 'set' : 'elsewhere', at: unit.at, where: set?.at ?? unit.at });
    return;
  }
  report.find({
    message: 'arenas',
    at: unit.at,
    confidence: 'medium',
    data: {
      container: `The service "${unit.name}"`,
      threads: threads.what,
      limit: mi(Number(limit.bytes)),
    },
    related: [
      { ...threads.at, message: 'the program starts its threads here' },
      { ...limit.where, message: 'the limit' },
    ],
  });
}
