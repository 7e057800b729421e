import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { nameOf } from '../shared/manifests/manifest.ts';
import {
  cpuLimitOf,
  linkedContainers,
  mi,
  relatedItems,
  SETTING_EXEMPTIONS,
  setElsewhere,
} from '../shared/manifests/services.ts';

/** Smaller buffers do not matter, however many CPUs a node has. */
const LARGE = 1 << 20;

export default defineRule({
  id: 'k8s/threads-host',
  tier: 'M',
  severity: 'information',
  summary: 'Buffers for each worker, and as many workers as the node has CPUs',
  note: {
    why: 'Without a CPU limit the number of workers is that of the node, which nobody knows here. What each worker allocates is multiplied by 4 on one node and by 64 on another.',
    arithmetic: 'memory per worker × CPUs of the node',
    myth: 'fix-without-measuring',
  },
  messages: {
    host: '{container} takes {bytes} for each worker (`{name}`). There are as many workers as the node has CPUs',
  },
  exemptions: {
    ...SETTING_EXEMPTIONS,
    limited: 'the CPU limit decides how many there are',
    code: 'the code sets how many there are',
  },
  check({ manifests, services }: Services, report) {
    for (const language of ['rust', 'go'] as const)
      for (const linked of linkedContainers(services, language)) {
        const { container, service, at } = linked;
        const items = service.ledger.items.filter((i) => i.perProcessor && i.bytes.low >= LARGE);
        const [largest] = items;
        if (!largest) continue;
        if (cpuLimitOf(container) !== undefined) {
          report.exempt({ reason: 'limited', at, where: largest.at });
          continue;
        }
        const { ownWorkers, ownProcessors } = service.review.facts;
        const own = language === 'rust' ? ownWorkers : ownProcessors;
        if (own) {
          report.exempt({ reason: 'code', at, where: own });
          continue;
        }
        const names = language === 'rust' ? ['TOKIO_WORKER_THREADS', 'RAYON_NUM_THREADS'] : ['GOMAXPROCS'];
        const set = setElsewhere(manifests, linked, names);
        if (set) {
          report.exempt({ reason: set.reason, at, where: set.where });
          continue;
        }
        report.find({
          message: 'host',
          at,
          confidence: 'medium',
          data: { container: nameOf(container), bytes: mi(largest.bytes.low), name: largest.name },
          related: relatedItems(items),
          fixes:
            language === 'go'
              ? possible(
                  setEnv(
                    container,
                    'GOMAXPROCS',
                    '<cpus>',
                    'Set GOMAXPROCS: fill in how many',
                    'has-placeholders',
                  ),
                )
              : [],
        });
      }
  },
});
