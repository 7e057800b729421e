import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { authoredCapacityExemptions, capacityMessages, checkCapacity } from '../shared/untrusted-capacity.ts';

export default defineRule({
  id: 'go/untrusted-capacity',
  tier: 'A',
  severity: 'warning',
  summary: 'A size that input decides is allocated before anything tests it',
  note: {
    why: 'The memory is asked for before the input has proven to be that long, so a header of four bytes can ask for 4 GiB. It counts for the collector at once, and a length that is too large panics or kills.',
    arithmetic: 'the number in the input × size of an element, per request in flight',
    myth: 'low-heap-is-safe',
  },
  messages: capacityMessages,
  exemptions: authoredCapacityExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'go') checkCapacity(pkg, report);
  },
});
