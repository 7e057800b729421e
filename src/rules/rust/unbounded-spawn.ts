import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { limitTasks } from '../shared/fixes/limit-spawn-fix.ts';
import { checkSpawns, rustSpawnExemptions, spawnMessages } from '../shared/unbounded-spawn.ts';

export default defineRule({
  id: 'rust/unbounded-spawn',
  tier: 'A',
  severity: 'warning',
  summary: 'A thread or task per connection, message, request or item, and no limit to how many',
  note: {
    why: 'Clients decide how many threads or tasks there are. When what they wait for gets slow they pile up, with everything they hold, until the kernel kills.',
    arithmetic:
      'threads × about 10 KiB touched (2 MiB reserved) and a kernel stack; tasks × the size of their future; plus what each one holds',
    silence:
      'a semaphore, a group limit, a counter, a limit to connections or a fixed number of workers holds them back, or what was started is awaited before more is',
    myth: 'rust-unpredictable',
  },
  messages: spawnMessages,
  exemptions: rustSpawnExemptions,
  check(pkg: Package, report) {
    if (pkg.language === 'rust') checkSpawns(pkg, report, limitTasks);
  },
});
