/** At least this many keys are kept, and never more than twice as many. */
const LIMIT = 32;

/**
 * Keeps what was derived for the keys asked for last; what was forgotten is derived again. A workspace has tens of
 * thousands of functions, rules look closely at few of them, and one after the other.
 */
export class Recent<K, V> {
  readonly #make: (key: K) => V;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(make: (key: K) => V) {
    this.#make = make;
  }

  get(key: K): V {
    let value = this.#young.get(key);
    if (value !== undefined) return value;
    value = this.#old.get(key) ?? this.#make(key);
    if (this.#young.size >= LIMIT) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
}
