/** What importers make of a text: the use of containers in time, or the peak that the kernel kept. */

export const SOURCES = ['cgroup', 'prometheus', 'csv', 'kubectl-top'] as const;

/** Where numbers come from. */
export type SourceKind = (typeof SOURCES)[number];

export interface Sample {
  /** Seconds since 1970; 0 where the source does not say. */
  readonly at: number;
  readonly bytes: number;
}

/** One container in one pod, as far as the source keeps them apart. */
export interface Series {
  /** Empty where the source does not say. */
  readonly pod: string;
  /** Empty where the source does not say. */
  readonly container: string;
  /** Tells containers of one name in one pod apart, as a restart leaves them; absent where the source does not. */
  readonly id?: string;
  /** In the order of time. */
  readonly samples: readonly Sample[];
}

/** What one source tells. */
export interface Reading {
  readonly source: SourceKind;
  /** What was read, as the source calls it: `container_memory_working_set_bytes`, `memory.peak`; empty when it does not say. */
  readonly metric: string;
  readonly series: readonly Series[];
  /** The highest use that the kernel kept, in bytes. */
  readonly kernelPeak?: number;
  /** Counters of restarts, with 0 where a container began. */
  readonly restarts: readonly Series[];
  /** Kills for lack of memory. */
  readonly oomKills: number;
  /** The memory limit while this was read, in bytes. */
  readonly limit?: number;
}

/** A text that cannot be used; the message says why and what to do. */
export class UnusableError extends Error {}
