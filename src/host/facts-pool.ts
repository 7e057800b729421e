import type { FileFacts } from '../syntax/facts.ts';

const NONE: readonly never[] = Object.freeze([]);

/**
 * Makes the facts of many files share what is equal: the same few names are written in every file, and most lists
 * are empty. Strings are copied out of the source text they were cut from, which can then be forgotten.
 */
export class FactsPool {
  readonly #strings = new Map<string, string>();

  /** Rewrites facts in place. They must be fresh, so that nobody else holds them. */
  add(facts: FileFacts): FileFacts {
    this.#share(facts as unknown as Record<string, unknown>);
    return facts;
  }

  #share(holder: Record<string, unknown> | unknown[]): void {
    if (Array.isArray(holder)) {
      for (let i = 0; i < holder.length; i++) holder[i] = this.#shared(holder[i]);
      return;
    }
    for (const key in holder) holder[key] = this.#shared(holder[key]);
  }

  #shared(value: unknown): unknown {
    if (typeof value === 'string') return this.#string(value);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value) && value.length === 0) return NONE;
    this.#share(value as Record<string, unknown>);
    return value;
  }

  #string(text: string): string {
    let kept = this.#strings.get(text);
    if (kept === undefined) {
      // A part of a string keeps the whole alive; a round trip makes it stand alone.
      kept = text.length > 12 ? (JSON.parse(JSON.stringify(text)) as string) : text;
      this.#strings.set(kept, kept);
    }
    return kept;
  }
}
