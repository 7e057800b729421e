import type { NodeId } from '../syntax/node.ts';
import type { Fn } from './program.ts';
import { Recent } from './recent.ts';

/** Questions that lead to questions are followed this far: deeper than code is written, not so deep as the stack. */
const MAX_DEPTH = 64;

/**
 * Questions that rest on answers to other questions. Whoever is asked first, the answer is the same: where a question
 * leads back to itself it has no answer on that way, and what was found on the way is not kept for those who come from
 * elsewhere.
 */
export class Questions {
  readonly #limit: number;
  /** Questions that wait for an answer. */
  #depth = 0;
  /** The outermost of them that a question led back to. */
  #back = Number.POSITIVE_INFINITY;

  /** @param limit how many questions may wait for one another */
  constructor(limit = MAX_DEPTH) {
    this.#limit = limit;
  }

  /**
   * The answer to one question, or undefined when there is none on this way.
   * @param kept answers of questions of one kind, and the depth of those that wait
   * @param make finds the answer; an answer is an object
   * @param about what it is asked about besides the key: a closure for each question would cost more than most answers
   */
  ask<K, C, T extends object>(
    kept: Map<K, T | number | undefined>,
    key: K,
    make: (about: C, key: K) => T | undefined,
    about: C,
  ): T | undefined {
    const known = kept.get(key);
    if (typeof known === 'number') {
      this.#back = Math.min(this.#back, known);
      return undefined;
    }
    if (known !== undefined || kept.has(key)) return known;
    if (this.#depth >= this.#limit) {
      this.#back = 0;
      return undefined;
    }
    const depth = this.#depth++;
    const before = this.#back;
    this.#back = Number.POSITIVE_INFINITY;
    kept.set(key, depth);
    let isKept = false;
    try {
      const answer = make(about, key);
      isKept = this.#back >= depth;
      if (isKept) {
        kept.set(key, answer);
        this.#back = Number.POSITIVE_INFINITY;
      }
      return answer;
    } finally {
      if (!isKept) kept.delete(key);
      this.#back = Math.min(this.#back, before);
      this.#depth = depth;
    }
  }
}

/** Functions whose answers are kept: about as many as a large package has, so that each rule finds those of the last one. */
const KEPT = 256;

/** Answers about nodes of the functions asked for last. */
export class Answers<T extends object> {
  readonly #questions = new Questions();
  readonly #kept = new Recent((_: Fn) => new Map<NodeId, T | number | undefined>(), KEPT);

  /** @param make finds the answer */
  get(fn: Fn, n: NodeId, make: (fn: Fn, n: NodeId) => T | undefined): T | undefined {
    return this.#questions.ask(this.#kept.get(fn), n, make, fn);
  }

  /** Only while no question waits for an answer. */
  clear(): void {
    this.#kept.clear();
  }
}
