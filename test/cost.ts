/**
 * How many times the processor time of `small` the work `large` needs: the least of three tries each, so that a busy
 * machine does not count. Tests compare costs in one run, never with a clock.
 */
export function costRatio(small: () => unknown, large: () => unknown): number {
  // Once without counting: code is compiled while it runs for the first time.
  small();
  return leastCost(large) / leastCost(small);
}

/** Milliseconds of processor time. */
function leastCost(work: () => unknown): number {
  const tries = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.max(0.1, Math.min(...tries));
}
