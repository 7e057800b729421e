import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { capacityExemptions, capacityMessages, checkCapacity } from '../shared/untrusted-capacity.ts';

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
  exemptions: {
    ...capacityExemptions,
    'own-data': 'decoded from {by}: the program itself has written it',
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    checkCapacity(pkg, report, (at, { by, where }) =>
      report.exempt({ reason: 'own-data', at, where, data: { by } }),
    );
  },
});
