import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { bombExemptions, bombMessages, checkDecompression } from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'go/decompression-bomb',
  tier: 'A',
  severity: 'warning',
  summary: 'Decompressed data is collected in memory without a limit behind the decoder',
  messages: bombMessages,
  exemptions: bombExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'go') checkDecompression(pkg, report);
  },
});
