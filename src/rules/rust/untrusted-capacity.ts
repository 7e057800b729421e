import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { capacityExemptions, capacityMessages, checkCapacity } from '../shared/untrusted-capacity.ts';

export default defineRule({
  id: 'rust/untrusted-capacity',
  tier: 'A',
  severity: 'warning',
  summary: 'A size that input decides is allocated before anything tests it',
  messages: capacityMessages,
  exemptions: capacityExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'rust') checkCapacity(pkg, report);
  },
});
