import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { evictBeforeInsert } from '../shared/evict-fix.ts';
import { checkGrowth, growthExemptions, growthMessages } from '../shared/unbounded-growth.ts';

export default defineRule({
  id: 'rust/unbounded-cache',
  tier: 'A',
  severity: 'warning',
  summary: 'A long-lived map, set or vector grows while the service runs and nothing bounds it',
  messages: growthMessages,
  exemptions: growthExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'rust') checkGrowth(pkg, report, evictBeforeInsert);
  },
});
