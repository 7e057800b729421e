import { defineRule } from '../../core/rule.ts';
import { unlimitedCachesOf } from '../../program/bounds/unlimited-caches.ts';
import type { Package } from '../../program/program.ts';
import { evictBeforeInsert } from '../shared/fixes/evict-fix.ts';
import { checkLabels, labelMessages } from '../shared/labels.ts';
import { checkGrowth, growthMessages, keyedGrowthExemptions } from '../shared/unbounded-growth.ts';

export default defineRule({
  id: 'rust/unbounded-cache',
  tier: 'A',
  severity: 'warning',
  summary: 'A long-lived map, set or vector grows while the service runs and nothing bounds it',
  note: {
    why: 'Every entry stays until the process ends, so memory follows the number of keys ever seen, not the load. No limit is large enough: a larger one only moves the kill to a later hour.',
    arithmetic:
      'entries × size of (key, value), up to twice that for spare capacity, plus the heap the keys and values own',
    silence:
      'entries are removed, the size is tested before an insert, the keys are a closed set or nobody outside chooses them, only start-up writes, or the container does not outlive the request',
    myth: 'rust-less-than-go',
  },
  messages: {
    ...growthMessages,
    ...labelMessages,
    unlimited:
      '`{verb}` makes a cache without a capacity or a time to live. It keeps whatever is put into it',
  },
  exemptions: keyedGrowthExemptions,
  *check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    yield* checkGrowth(pkg, report, evictBeforeInsert);
    checkLabels(pkg, report);
    for (const { fn, node, verb, reach } of unlimitedCachesOf(pkg)) {
      // A function that keeps its results is filled by its callers; a constructor says nothing of who fills.
      if (node < 0 && !reach.request && !reach.likely && !reach.api) continue;
      const evidence = node < 0 ? (reach.request ?? reach.likely) : undefined;
      report.find({
        message: 'unlimited',
        at: node < 0 ? fn.file.place(fn.fact.nameSpan) : fn.place(node),
        confidence: reach.request && node < 0 ? 'high' : 'medium',
        related: evidence ? [{ ...evidence.at, message: evidence.why }] : [],
        data: { verb },
      });
    }
  },
});
