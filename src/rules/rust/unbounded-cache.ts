import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { evictBeforeInsert } from '../shared/evict-fix.ts';
import { checkGrowth, growthExemptions, growthMessages } from '../shared/unbounded-growth.ts';

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
      'entries are removed, the size is tested before an insert, the keys are a closed set, only start-up writes, or the container does not outlive the request',
    myth: 'rust-less-than-go',
  },
  messages: growthMessages,
  exemptions: growthExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'rust') checkGrowth(pkg, report, evictBeforeInsert);
  },
});
