/**
 * True when an item with this attribute exists only in test builds: `#[test]` and its relatives (`tokio::test`,
 * `rstest`, `bench`, …), `#[cfg(test)]` and every `cfg` that cannot hold where `test`, features for testing and
 * what checks a build for development are off.
 */
export function isTestAttribute(attribute: string): boolean {
  const name = /^[\w:]+/.exec(attribute)?.[0] ?? '';
  const last = name.slice(name.lastIndexOf(':') + 1);
  if (last === 'cfg') return !new CfgReader(attribute).holds();
  return TEST_MACROS.has(last);
}

const TEST_MACROS = new Set([
  'test',
  'bench',
  'rstest',
  'test_case',
  'test_log',
  'quickcheck',
  'proptest',
  'wasm_bindgen_test',
  'traced_test',
]);

/**
 * Evaluates `cfg(…)` for a production build: `test` is off, and so is what only builds for development have; every other
 * option is on. https://doc.rust-lang.org/cargo/reference/profiles.html#debug-assertions
 */
class CfgReader {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/"[^"]*"|\w+|[(),=]/g) ?? [];
  }

  holds(): boolean {
    const name = this.#tokens[this.#at++] ?? '';
    const next = this.#tokens[this.#at];
    if (next === '(') {
      this.#at++;
      const parts: boolean[] = [];
      while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== ')') {
        parts.push(this.holds());
        if (this.#tokens[this.#at] === ',') this.#at++;
      }
      this.#at++;
      if (name === 'any') return parts.length === 0 || parts.includes(true);
      // What `not` excludes is unknown unless it is a test option.
      if (name === 'not') return true;
      return !parts.includes(false);
    }
    if (next === '=') {
      this.#at++;
      const value = this.#tokens[this.#at++] ?? '';
      return !(name === 'feature' && /test|bench|mock|fuzz/.test(value));
    }
    return !/^(test|fuzzing|loom|debug_assertions)$/.test(name);
  }
}
