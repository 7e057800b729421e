/** Where numbers come from, as far as it can be said. */
import type { Place } from '../../core/span.ts';
import type { NodeId } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import type { Author } from './provenance.ts';

/** Where a number comes from. */
export type Origin =
  /** Somebody outside decides it. */
  | {
      readonly kind: 'input';
      readonly what: string;
      /** How the number was written, where it was made of something else. */
      readonly form?: 'bytes' | 'text';
      readonly at: Place;
      /** Who wrote what the number was read from, where that could be followed. */
      readonly author?: Author;
      /** A server that was asked says it of its answer. */
      readonly announced?: true;
      /** It was divided by another number: how many parts of some size there are. */
      readonly divided?: true;
      /** The request was handed to whoever takes the number out of it: it may have been looked at before. */
      readonly handed?: true;
    }
  /** It cannot be large, or it is tested. */
  | {
      readonly kind: 'bounded';
      readonly by: string;
      readonly where: Place;
      /** So plain a bound that nobody needs to be told: it stands there, has a name, or measures what is in memory. */
      readonly plain?: 'written' | 'named' | 'length';
    }
  | { readonly kind: 'unknown' };

export const UNKNOWN: Origin = { kind: 'unknown' };

/** A number that somebody outside decides, which appears at a node; `what` it is, in words. */
export function input(fn: Fn, n: NodeId, what: string, form?: 'bytes' | 'text'): Origin {
  return { kind: 'input', what, at: fn.place(n), ...(form && { form }) };
}

/** Input counts for more than unknown, and unknown for more than bounded. */
export function worst(origins: readonly Origin[]): Origin {
  return (
    origins.find((o) => o.kind === 'input' && o.author?.who === 'outside') ??
    origins.find((o) => o.kind === 'input' && o.author?.who !== 'own' && o.author?.who !== 'peer') ??
    origins.find((o) => o.kind === 'input') ??
    origins.find((o) => o.kind === 'unknown') ??
    origins.find((o) => o.kind === 'bounded' && o.plain === undefined) ??
    origins.find((o) => o.kind === 'bounded') ??
    UNKNOWN
  );
}
