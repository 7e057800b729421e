/** The ledger of a program: what its code takes, by class, and what that adds up to in a container. */

import type { Place } from '../core/span.ts';
import type { FormulaId } from '../knowledge/budget.ts';
import type { Setting } from '../program/sizes/amount.ts';

/** Least and most bytes. */
export interface Bytes {
  readonly low: number;
  readonly high: number;
}

export const NOTHING: Bytes = { low: 0, high: 0 };

/**
 * When memory counts: `committed` at start, `filled` as it is used and then kept, `reserved` never before it is touched,
 * `unknown` when the size cannot be told. What has no bound at all is kept apart from the items.
 */
export type ItemClass = 'committed' | 'filled' | 'reserved' | 'unknown';

/** How sure the numbers of an item are. */
export type Certainty =
  /** Constants, or the container's own environment. */
  | 'fixed'
  /** A default that nothing in the manifest changes. */
  | 'default'
  /** Configuration that is not read here may change it. */
  | 'configured';

/** One thing in the code that takes memory. */
export interface LedgerItem {
  /** What a person calls it: `jobs`, `the block cache`. */
  readonly name: string;
  readonly at: Place;
  readonly class: ItemClass;
  readonly formula: FormulaId;
  /** The formula with its numbers: `16,384 × 65,544 bytes`. */
  readonly arithmetic: string;
  readonly bytes: Bytes;
  /** Values keep more memory elsewhere that the bytes do not count. */
  readonly atLeast: boolean;
  /** The bytes are for one worker, and there are as many as there are processors. */
  readonly perProcessor: boolean;
  /** Go's collector counts it. */
  readonly onHeap: boolean;
  readonly certainty: Certainty;
  readonly settings: readonly Setting[];
  /** Where the numbers are written, when that is elsewhere. */
  readonly sources: readonly Place[];
  /** Why the size is not known; empty when it is. */
  readonly why: string;
}

/** Something without a bound, as the rules about growth found it. */
export interface UnboundedItem {
  readonly name: string;
  readonly rule: string;
  readonly at: Place;
}

/** What a program takes in one container. */
export interface Ledger {
  /** Largest first. */
  readonly items: readonly LedgerItem[];
  readonly unbounded: readonly UnboundedItem[];
  readonly base: Bytes;
  /** Volumes in memory with a limit. */
  readonly tmpfs: number;
  /** Written at start: `base + committed`. */
  readonly committed: Bytes;
  /** What comes on top when everything with a bound is full. */
  readonly filled: Bytes;
  readonly reserved: number;
  /** What a Go program may grow to between two collections besides; 0 where its memory limit paces it. */
  readonly pacing: number;
  /** Committed at least, and everything with a bound at most. */
  readonly total: Bytes;
}

export interface LedgerInput {
  readonly items: readonly LedgerItem[];
  readonly unbounded: readonly UnboundedItem[];
  readonly base: Bytes;
  readonly tmpfs: number;
  /** Go: how much the heap may grow over what is live, `GOGC / 100`; 0 for others. */
  readonly growth: number;
  /** Go: GOMEMLIMIT in bytes, when it is set. */
  readonly memoryLimit: number | undefined;
}

/** Adds up the items of a container. */
export function ledgerOf(input: LedgerInput): Ledger {
  const items = [...input.items].sort(
    (a, b) =>
      b.bytes.high - a.bytes.high ||
      (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.span.start - b.at.span.start),
  );
  const sum = (which: ItemClass, test: (i: LedgerItem) => boolean = () => true): Bytes =>
    items.filter((i) => i.class === which && test(i)).reduce((total, i) => plus(total, i.bytes), NOTHING);
  const committed = plus(input.base, sum('committed'));
  const filled = sum('filled');
  const live = sum('committed', (i) => i.onHeap).high + sum('filled', (i) => i.onHeap).high;
  // With a limit the collector runs before it is reached, as long as what is live leaves room.
  const room =
    input.memoryLimit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, input.memoryLimit - live);
  const pacing = Math.round(Math.min(live * input.growth, room));
  return {
    items,
    unbounded: input.unbounded,
    base: input.base,
    tmpfs: input.tmpfs,
    committed,
    filled,
    reserved: sum('reserved').high,
    pacing,
    total: { low: committed.low, high: committed.high + filled.high + input.tmpfs },
  };
}

function plus(a: Bytes, b: Bytes): Bytes {
  return { low: a.low + b.low, high: a.high + b.high };
}
