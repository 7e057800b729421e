import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkStart, spikeExemptions, spikeMessages } from '../shared/startup-spike.ts';

export default defineRule({
  id: 'rust/startup-spike',
  tier: 'B',
  severity: 'warning',
  summary: 'Much memory is loaded or allocated at once before the service answers',
  note: {
    why: 'The peak of the start decides the limit of the container, although the service needs less from then on. When the data has grown, the service is killed before it answers, and every restart is killed as well.',
    arithmetic: 'the file or table as it is read + what is made of it, at the same time',
    myth: 'average-for-limits',
  },
  messages: spikeMessages,
  exemptions: spikeExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    checkStart(pkg, report);
  },
});
