import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { limitGoroutines } from '../shared/fixes/limit-spawn-fix.ts';
import { checkSpawns, goSpawnExemptions, spawnMessages } from '../shared/unbounded-spawn.ts';

export default defineRule({
  id: 'go/unbounded-spawn',
  tier: 'A',
  severity: 'warning',
  summary: 'A goroutine per connection, message, request or item, and no limit to how many',
  note: {
    why: 'Clients decide how many goroutines there are. When what they wait for gets slow they pile up, with everything they hold, until the kernel kills.',
    arithmetic: 'goroutines × about 2.6 KiB, plus what each one holds',
    silence:
      'a semaphore, a group limit, a counter, a limit to connections or a fixed number of workers holds them back, or what was started is awaited before more is',
    myth: 'low-heap-is-safe',
  },
  messages: spawnMessages,
  exemptions: goSpawnExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'go') checkSpawns(pkg, report, limitGoroutines);
  },
});
