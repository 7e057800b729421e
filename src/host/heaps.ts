import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on heaps of this process stay small rather than fast: what is old is moved together when it is collected, and
 * what is new is collected by the megabyte, in threads that begin and in this one, which would let it grow to 32. Two thirds
 * of it are garbage by then. A thread that begins takes the last back, for all of them.
 */
export function keepHeapsSmall(): void {
  for (const flag of ['--optimize-for-size', '--semi-space-growth-factor=1', '--expose-gc'])
    setFlagsFromString(flag);
}

let collector: (() => void) | undefined;

/**
 * Collects the heap of this thread: much of it has just become garbage, and would lie there while another thread needs
 * room. Only after `keepHeapsSmall`; else it does nothing.
 */
export function collect(): void {
  // A context that is older than the flag does not know of it.
  collector ??= globalThis.gc ?? runInNewContext('globalThis.gc ?? (() => {})');
  collector?.();
}
