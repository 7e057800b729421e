import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import {
  checkDisabledLimits,
  checkReads,
  liftedReadExemptions,
  readMessages,
} from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'rust/unbounded-read',
  tier: 'A',
  severity: 'warning',
  summary: 'A body, connection or file of any length is read into memory as a whole',
  note: {
    why: 'The sender decides how long the body, connection or file is, and every request in flight holds its own. A few large ones at the same time are the peak that the container is killed at.',
    arithmetic: 'largest input × requests in flight, up to twice that while the buffer grows by doubling',
    myth: 'average-for-limits',
  },
  messages: readMessages,
  exemptions: liftedReadExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    checkReads(pkg, report);
    checkDisabledLimits(pkg, report);
  },
});
