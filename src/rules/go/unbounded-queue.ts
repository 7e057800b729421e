import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { checkQueues, queueExemptions, queueMessages } from '../shared/unbounded-queue.ts';

export default defineRule({
  id: 'go/unbounded-queue',
  tier: 'A',
  severity: 'warning',
  summary: 'A list used as a queue takes work without a limit while its consumer may fall behind',
  messages: queueMessages,
  exemptions: queueExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'go') checkQueues(pkg, report);
  },
});
