import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkReads, readExemptions, readMessages } from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'go/unbounded-read',
  tier: 'A',
  severity: 'warning',
  summary: 'A body, connection or file of any length is read into memory as a whole',
  messages: readMessages,
  exemptions: readExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkReads(pkg, report);
  },
});
