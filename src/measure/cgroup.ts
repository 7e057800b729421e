/** Reads the files the kernel shows of a cgroup (version 2), live or copied. */

import { type Reading, UnusableError } from './reading.ts';

/** The files that are read. https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files */
export const CGROUP_FILES = ['memory.peak', 'memory.current', 'memory.events', 'memory.max'] as const;

/** Files of version 1, which keeps no peak without the page cache. */
export const OLD_CGROUP_FILES = ['memory.usage_in_bytes', 'memory.max_usage_in_bytes'] as const;

/**
 * Reads the files of one container by their names.
 * @throws UnusableError when none of them tells how much was used
 */
export function readCgroup(files: ReadonlyMap<string, string>): Reading {
  if (!CGROUP_FILES.some((name) => files.has(name)) && OLD_CGROUP_FILES.some((name) => files.has(name)))
    throw new UnusableError(
      'is a cgroup of version 1, whose peak counts page cache; import container_memory_working_set_bytes from Prometheus instead',
    );
  const peak = numberIn(files, 'memory.peak');
  const current = numberIn(files, 'memory.current');
  const events = files.get('memory.events');
  if (peak === undefined && current === undefined && events === undefined)
    throw new UnusableError(
      'holds neither memory.peak (Linux 5.19 and newer) nor memory.current; copy them from /sys/fs/cgroup inside of the container',
    );
  const kills = events === undefined ? undefined : /^oom_kill (\d+)$/m.exec(events)?.[1];
  if (events !== undefined && kills === undefined)
    throw new UnusableError('memory.events has no line "oom_kill N"; copy the file as it is');
  const limit = files.get('memory.max')?.trim() === 'max' ? undefined : numberIn(files, 'memory.max');
  return {
    source: 'cgroup',
    metric: peak === undefined ? 'memory.current' : 'memory.peak',
    series:
      peak === undefined && current !== undefined
        ? [{ pod: '', container: '', samples: [{ at: 0, bytes: current }] }]
        : [],
    ...(peak === undefined ? {} : { kernelPeak: peak }),
    restarts: [],
    oomKills: Number(kills ?? 0),
    ...(limit === undefined ? {} : { limit }),
  };
}

function numberIn(
  files: ReadonlyMap<string, string>,
  name: (typeof CGROUP_FILES)[number],
): number | undefined {
  const text = files.get(name)?.trim();
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new UnusableError(
      `${name} holds ${JSON.stringify(text.slice(0, 40))} and no number of bytes; copy the file as it is`,
    );
  return Number(text);
}
