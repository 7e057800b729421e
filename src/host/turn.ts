/** Lets everybody else do what waits. */
export function turn(): Promise<void> {
  return new Promise((next) => setTimeout(next));
}
