/**
 * Keeps what was derived for the keys asked for last; what was forgotten is derived again. A workspace has tens of
 * thousands of functions, rules look closely at few of them, and one after the other.
 */
export class Recent<K, V> {
  readonly #make: (key: K) => V;
  readonly #limit: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  /** Most questions are about what the last one was about. */
  #lastKey: K | undefined;
  #last: V | undefined;

  /** @param limit at least so many keys are kept, and never more than twice as many */
  constructor(make: (key: K) => V, limit = 32) {
    this.#make = make;
    this.#limit = limit;
  }

  get(key: K): V {
    if (key === this.#lastKey && this.#last !== undefined) return this.#last;
    const value = this.#young.get(key) ?? this.#renew(key);
    this.#lastKey = key;
    this.#last = value;
    return value;
  }

  /** Everything is derived anew from now on. */
  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#lastKey = undefined;
    this.#last = undefined;
  }

  #renew(key: K): V {
    const value = this.#old.get(key) ?? this.#make(key);
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
}
