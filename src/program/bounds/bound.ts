import type { Place } from '../../core/span.ts';

/** Why a container cannot grow without end. Keys of the growth rules' exemption tables. */
export type BoundReason =
  | 'removed'
  | 'size-tested'
  | 'closed-keys'
  | 'existing-keys'
  | 'start-up-only'
  | 'fresh-value'
  | 'declared-bounded';

/** What bounds a growth, in words that finish "bounded by …", and where it stands. */
export interface Bound {
  readonly reason: BoundReason;
  readonly by: string;
  readonly where?: Place;
}
