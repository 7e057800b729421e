/** Reads what `kubectl top pod --containers` prints, once or several times over. */

import { bytesOf, parseQuantity } from '../core/quantity.ts';
import { type Reading, type Series, UnusableError } from './reading.ts';

const HEADER = /^(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/;

/** True for a text that begins as such an output does. */
export function isKubectlTop(text: string): boolean {
  return HEADER.test(text.trimStart());
}

/**
 * Reads the memory of each container. It is the working set at one moment, so that a peak between two outputs is not
 * in it.
 * @throws UnusableError that names the line
 */
export function readKubectlTop(text: string): Reading {
  const series: Series[] = [];
  let pod = -1;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const words = line.trim().split(/\s+/);
    if (HEADER.test(line.trim())) {
      pod = words.indexOf('POD');
      if (pod < 0)
        throw new UnusableError(
          'lists whole pods; run `kubectl top pod --containers`, which tells their containers',
        );
      continue;
    }
    const [name, container, , memory = ''] = words.slice(Math.max(0, pod));
    const quantity = parseQuantity(memory);
    if (name === undefined || container === undefined || !quantity || quantity.nano < 0n)
      throw new UnusableError(
        `line ${i + 1} is not pod, container, CPU and memory; save the output as it is`,
      );
    series.push({ pod: name, container, samples: [{ at: 0, bytes: Number(bytesOf(quantity)) }] });
  }
  if (series.length === 0)
    throw new UnusableError('lists no container; look at the namespace and the selector');
  return { source: 'kubectl-top', metric: 'working set', series, restarts: [], oomKills: 0 };
}
