import { Kind, type NodeId, Role } from '../syntax/node.ts';
import type { Fn } from './program.ts';
import type { Values } from './values.ts';

/** How many calls deep an error is followed. */
const MAX_DEPTH = 4;

/** Go: whatever a call may reach gives no error on any way out, by what the workspace's own functions return. */
export function neverFails(values: Values, fn: Fn, call: NodeId, depth = 0): boolean {
  const kind = fn.code.kind(call);
  if (depth >= MAX_DEPTH || (kind !== Kind.Call && kind !== Kind.MethodCall)) return false;
  const targets = values.isGuess(fn, call) ? [] : values.callees(fn, call);
  return targets.length > 0 && targets.every((target) => givesNoError(values, target, depth));
}

function givesNoError(values: Values, fn: Fn, depth: number): boolean {
  const code = fn.code;
  const [body, after] = fn.range;
  let ways = 0;
  for (let n = body; n < after; n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Return) {
      ways++;
      const error = code.all(n, Role.Value).at(-1) ?? -1;
      if (!code.is(error, Kind.Literal, 'nil') && !neverFails(values, fn, error, depth + 1)) return false;
    }
  }
  return ways > 0;
}
