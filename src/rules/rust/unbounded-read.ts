import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkDisabledLimits, checkReads, readExemptions, readMessages } from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'rust/unbounded-read',
  tier: 'A',
  severity: 'warning',
  summary: 'A body, connection or file of any length is read into memory as a whole',
  messages: readMessages,
  exemptions: readExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    checkReads(pkg, report);
    checkDisabledLimits(pkg, report);
  },
});
