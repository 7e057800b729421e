import { defineRule } from '../../core/rule.ts';
import { labelValuesOf } from '../../program/bounds/label-values.ts';
import { goUnlimitedCachesOf } from '../../program/bounds/unlimited-caches.ts';
import type { Package } from '../../program/program.ts';
import { inCommand } from '../shared/commands.ts';
import { evictBeforeInsert } from '../shared/fixes/evict-fix.ts';
import { nestedContexts } from '../shared/goroutines/nested-contexts.ts';
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
    unlimited: '`{verb}` makes a cache without a limit. It keeps whatever is put into it',
    labels: '`{name}` keeps a series for every `{value}` of a request. Nothing removes any',
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
    for (const { fn, node, vector, value, author, dropped } of labelValuesOf(pkg)) {
      const at = fn.placeOfMethod(node);
      const command = inCommand(fn, node);
      if (command) report.exempt({ ...command, at });
      else if (dropped) {
        const by = `\`${dropped.fn.code.name(dropped.node)}\` in \`${dropped.fn.label}\``;
        report.exempt({ reason: 'removed', at, where: dropped.fn.place(dropped.node), data: { by } });
      } else
        report.find({
          message: 'labels',
          at,
          // Who is let in, and by which routes, may leave few of them.
          confidence: 'medium',
          related: [{ ...author.at, message: `it comes from ${author.why}` }],
          data: { name: vector, value },
        });
    }
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
