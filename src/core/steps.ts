/**
 * Work in steps. Whoever drives it decides when to go on, and may never: a thread that also answers questions does so
 * between two steps, everybody else is done with `finish`.
 */
export type Steps<T = void> = Generator<void, T, void>;

/** Does all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
