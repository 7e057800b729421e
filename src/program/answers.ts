import type { NodeId } from '../syntax/node.ts';
import type { Fn } from './program.ts';
import { Recent } from './recent.ts';

/** Questions that lead to questions are followed this far: deeper than code is written, not so deep as the stack. */
const MAX_DEPTH = 64;

/**
 * Answers about nodes of functions that rest on answers about other nodes. Whoever is asked first, the answer is the
 * same: where a question leads back to itself it has no answer on that way, and what was found on the way is not kept
 * for those who come from elsewhere.
 */
export class Answers<T> {
  readonly #kept = new Recent((_: Fn) => new Map<NodeId, T | number | undefined>());
  /** Questions that wait for an answer. */
  #depth = 0;
  /** The outermost of them that a question led back to. */
  #back = Number.POSITIVE_INFINITY;

  /** @param make finds the answer; an answer is an object */
  get(fn: Fn, n: NodeId, make: () => T | undefined): T | undefined {
    const kept = this.#kept.get(fn);
    const known = kept.get(n);
    if (typeof known === 'number') {
      this.#back = Math.min(this.#back, known);
      return undefined;
    }
    if (known !== undefined || kept.has(n)) return known;
    if (this.#depth >= MAX_DEPTH) {
      this.#back = 0;
      return undefined;
    }
    const depth = this.#depth++;
    const before = this.#back;
    this.#back = Number.POSITIVE_INFINITY;
    kept.set(n, depth);
    let isKept = false;
    try {
      const answer = make();
      isKept = this.#back >= depth;
      if (isKept) {
        kept.set(n, answer);
        this.#back = Number.POSITIVE_INFINITY;
      }
      return answer;
    } finally {
      if (!isKept) kept.delete(n);
      this.#back = Math.min(this.#back, before);
      this.#depth = depth;
    }
  }
}
