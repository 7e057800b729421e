import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import {
  capacityKeptExemptions,
  checkKeptCapacity,
  checkRegrown,
  regrownMessages,
} from '../shared/retained-capacity.ts';

export default defineRule({
  id: 'go/retained-capacity',
  tier: 'B',
  severity: 'warning',
  summary: 'A reused buffer keeps the room of the largest content it ever had',
  note: {
    why: 'Emptying a buffer keeps its allocation. One large message makes it large, and from then on each owner of such a buffer holds that much for as long as it lives.',
    arithmetic: 'owners of such a buffer × the largest content each has met',
    myth: 'memory-falls-after-load',
  },
  messages: regrownMessages,
  exemptions: capacityKeptExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkKeptCapacity(pkg, report);
    checkRegrown(pkg, report);
  },
});
