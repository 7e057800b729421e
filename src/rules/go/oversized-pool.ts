import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkPools, goPoolExemptions, poolMessages } from '../shared/oversized-pool.ts';

export default defineRule({
  id: 'go/oversized-pool',
  tier: 'B',
  severity: 'warning',
  summary: 'A pool takes buffers back however large one input has made them',
  note: {
    why: 'One large request makes one buffer large, the pool hands that buffer to small requests for ever after, and in time every buffer in the pool has met a large request.',
    arithmetic: 'buffers in use at the same time × the largest content one of them ever had',
  },
  messages: poolMessages,
  exemptions: goPoolExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkPools(pkg, report);
  },
});
