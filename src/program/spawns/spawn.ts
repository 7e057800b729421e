import type { Place } from '../../core/span.ts';
import type { SpawnRow } from '../../knowledge/spawns.ts';
import type { NodeId } from '../../syntax/node.ts';
import type { Evidence } from '../phases/reach.ts';
import type { Fn } from '../program.ts';

/** A statement that starts a thread, a task or a goroutine. */
export interface SpawnSite {
  readonly fn: Fn;
  /** The spawning call or `go` statement. */
  readonly node: NodeId;
  readonly row: SpawnRow;
  /** As written, for messages: `tokio::spawn`, `go`, `g.Go`. */
  readonly verb: string;
  /** The closure, async block or call that is started, or -1. */
  readonly work: NodeId;
}

/** Keys of the spawn rules' exemption tables. */
export type SpawnBoundReason =
  | 'permit'
  | 'group-limit'
  | 'counted'
  | 'admission'
  | 'fixed-number'
  | 'joined'
  | 'start-up-only'
  | 'timer'
  | 'request-scoped'
  | 'one-at-a-time'
  // Go
  | 'ends-process'
  | 'owned'
  | 'once-per-key'
  | 'lock-step'
  | 'on-change'
  | 'helper'
  | 'brief';

export interface SpawnBound {
  readonly reason: SpawnBoundReason;
  readonly by: string;
  readonly where?: Place;
}

/** How often an unlimited spawn runs. */
export interface SpawnRate {
  /** What each one is started for: `connection`, `message`, `request`, `item`, `call` of what is offered. */
  readonly per: string;
  readonly evidence: Evidence;
  /** `likely` rests on names, on callers outside, or on what the program itself brings to a loop; of the `unknown` nobody can tell how many there are. */
  readonly sure: 'proven' | 'likely' | 'unknown';
  /** The loop it stands in, or -1. */
  readonly loop: NodeId;
}

export type SpawnVerdict = { readonly bound: SpawnBound } | { readonly rate: SpawnRate };
