import { defineRule } from '../../core/rule.ts';
import { goUnlimitedCachesOf } from '../../program/bounds/unlimited-caches.ts';
import type { Package } from '../../program/program.ts';
import { evictBeforeInsert } from '../shared/fixes/evict-fix.ts';
import { nestedContexts } from '../shared/goroutines/nested-contexts.ts';
import { checkLabels, labelMessages } from '../shared/labels.ts';
import { checkGrowth, growthMessages, keyedGrowthExemptions } from '../shared/unbounded-growth.ts';

export default defineRule({
  id: 'go/unbounded-cache',
  tier: 'A',
  severity: 'warning',
  summary: 'A long-lived map, set or slice grows while the service runs and nothing bounds it',
  note: {
    why: 'Every entry stays until the process ends, so the heap follows the number of keys ever seen, not the load. The collector cannot free what is reachable: near the limit it takes up to half of the CPU, and then the kernel kills.',
    arithmetic: 'entries × (key + value), and twice that at the peak of a collection with GOGC=100',
    silence:
      'entries are removed, the size is tested before an insert, the keys are a closed set or nobody outside chooses them, only start-up writes, or the container does not outlive the request',
    myth: 'high-memory-means-leak',
  },
  messages: {
    ...growthMessages,
    ...labelMessages,
    unlimited: '`{verb}` makes a cache without a limit. It keeps whatever is put into it',
    nested: '`{name}` wraps itself in each round of `{fn}`: every context keeps all those before it',
  },
  exemptions: keyedGrowthExemptions,
  *check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    yield* checkGrowth(pkg, report, evictBeforeInsert);
    for (const { fn, node, verb, reach } of goUnlimitedCachesOf(pkg))
      report.find({
        message: 'unlimited',
        at: fn.place(node),
        confidence: 'medium',
        related: reach.request ? [{ ...reach.request.at, message: reach.request.why }] : [],
        data: { verb },
      });
    checkLabels(pkg, report);
    for (const { fn, node, name, loop } of nestedContexts(pkg))
      report.find({
        message: 'nested',
        at: fn.place(node),
        confidence: 'high',
        related: [{ ...fn.place(loop), message: 'this loop goes on' }],
        data: { name, fn: fn.label },
      });
  },
});
