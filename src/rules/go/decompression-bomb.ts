import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { authoredBombExemptions, bombMessages, checkDecompression } from '../shared/unbounded-read.ts';

export default defineRule({
  id: 'go/decompression-bomb',
  tier: 'A',
  severity: 'warning',
  summary: 'Decompressed data is collected in memory without a limit behind the decoder',
  note: {
    why: 'A limit on the compressed bytes does not bound what comes out of the decoder: a few kilobytes may become gigabytes. One request is then enough to have the container killed.',
    arithmetic: 'compressed size × ratio, which the sender chooses',
    myth: 'low-heap-is-safe',
  },
  messages: bombMessages,
  exemptions: authoredBombExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'go') checkDecompression(pkg, report);
  },
});
