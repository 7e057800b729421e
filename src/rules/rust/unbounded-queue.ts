import { defineRule } from '../../core/rule.ts';
import { channelSizes } from '../../program/channels/channels.ts';
import { Origins } from '../../program/origins/origins.ts';
import type { Package } from '../../program/program.ts';
import { checkQueues, queueExemptions, queueMessages } from '../shared/unbounded-queue.ts';

export default defineRule({
  id: 'rust/unbounded-queue',
  tier: 'A',
  severity: 'warning',
  summary: 'A list used as a queue takes work without a limit while its consumer may fall behind',
  note: {
    why: 'Work that waits is memory. As long as the consumer keeps up the list is short; on the day it gets slow, it grows at the rate of the producers until the kernel kills.',
    arithmetic: '(items in per second − items out per second) × size of an item × seconds of slowness',
    myth: 'high-memory-means-leak',
  },
  messages: {
    ...queueMessages,
    size: '`{verb}` makes a channel as long as input asks for: {what}',
  },
  exemptions: { ...queueExemptions, bounded: 'bounded by {by}' },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    checkQueues(pkg, report);
    const origins = Origins.of(pkg.program);
    for (const { fn, node, size, verb } of channelSizes(pkg)) {
      const origin = origins.ofSize(fn, size, node);
      if (origin.kind === 'input')
        report.find({
          message: 'size',
          at: fn.place(node),
          // A number that is written as text is what somebody has set, more often than not.
          confidence: origin.form === 'text' ? 'low' : 'medium',
          related: [{ ...origin.at, message: `the size is ${origin.what}` }],
          data: { verb, what: origin.what },
        });
      else if (origin.kind === 'bounded' && origin.plain !== 'written' && origin.plain !== 'named')
        report.exempt({
          reason: 'bounded',
          at: fn.place(node),
          where: origin.where,
          data: { by: origin.by },
        });
    }
  },
});
