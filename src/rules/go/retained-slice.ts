import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkSlices, sliceExemptions, sliceMessages } from '../shared/retained-slice.ts';

export default defineRule({
  id: 'go/retained-slice',
  tier: 'B',
  severity: 'warning',
  summary: 'A small part of a large buffer is stored and keeps all of it in memory',
  note: {
    why: 'A part shares the memory of the whole it was cut from. As long as a cache holds a few bytes of it, the whole body or file stays, once for every entry.',
    arithmetic: 'entries × size of the body or file each was cut from, instead of entries × size of the part',
  },
  messages: sliceMessages,
  exemptions: sliceExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkSlices(pkg, report);
  },
});
