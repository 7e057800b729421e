import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import {
  channelMessages,
  checkChannelLengths,
  checkQueues,
  queueExemptions,
  queueMessages,
} from '../shared/unbounded-queue.ts';

export default defineRule({
  id: 'go/unbounded-queue',
  tier: 'A',
  severity: 'warning',
  summary: 'A list used as a queue takes work without a limit while its consumer may fall behind',
  note: {
    why: 'Work that waits is memory. As long as the consumer keeps up the list is short; on the day it gets slow, it grows at the rate of the producers until the kernel kills.',
    arithmetic:
      '(items in per second − items out per second) × size of an item × seconds of slowness, and twice that with GOGC=100',
    myth: 'high-memory-means-leak',
  },
  messages: { ...queueMessages, ...channelMessages },
  exemptions: queueExemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    checkQueues(pkg, report);
    checkChannelLengths(pkg, report);
  },
});
