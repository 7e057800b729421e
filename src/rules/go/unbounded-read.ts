import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkReads, goReadExemptions, readMessages } from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'go/unbounded-read',
  tier: 'A',
  severity: 'warning',
  summary: 'A body, connection or file of any length is read into memory as a whole',
  note: {
    why: 'The sender decides how long the body, connection or file is, and every request in flight holds its own. A few large ones at the same time are the peak that the container is killed at.',
    arithmetic: 'largest input × requests in flight, and up to twice that with GOGC=100',
    myth: 'average-for-limits',
  },
  messages: readMessages,
  exemptions: goReadExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkReads(pkg, report);
  },
});
