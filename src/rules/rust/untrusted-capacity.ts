import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { authoredCapacityExemptions, capacityMessages, checkCapacity } from '../shared/untrusted-capacity.ts';

export default defineRule({
  id: 'rust/untrusted-capacity',
  tier: 'A',
  severity: 'warning',
  summary: 'A size that input decides is allocated before anything tests it',
  note: {
    why: 'The memory is asked for before the input has proven to be that long, so a header of four bytes can ask for 4 GiB. What is reserved counts once it is touched; zeroed or filled buffers are.',
    arithmetic: 'the number in the input × size of an element, per request in flight',
    myth: 'rust-unpredictable',
  },
  messages: capacityMessages,
  exemptions: authoredCapacityExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'rust') checkCapacity(pkg, report);
  },
});
