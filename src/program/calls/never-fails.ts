import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import type { Values } from '../types/values.ts';
import { exits } from './exits.ts';

/** How many calls deep an error is followed. */
const MAX_DEPTH = 6;

/** Go: whatever a call may reach gives no error on any way out, by what the workspace's own functions return. */
function neverFails(values: Values, fn: Fn, call: NodeId, depth: number): boolean {
  const kind = fn.code.kind(call);
  if (depth >= MAX_DEPTH || (kind !== Kind.Call && kind !== Kind.MethodCall)) return false;
  if (values.isGuess(fn, call)) return false;
  // An interface declares a method that others have.
  const targets = values.callees(fn, call).filter((target) => target.fact.body >= 0);
  return targets.length > 0 && targets.every((target) => givesNoError(values, target, depth));
}

function givesNoError(values: Values, fn: Fn, depth: number): boolean {
  const code = fn.code;
  const { first: body, after } = fn;
  let ways = 0;
  for (let n = body; n < after; n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Return) {
      ways++;
      const error = code.all(n, Role.Value).at(-1) ?? -1;
      if (
        !code.is(error, Kind.Literal, 'nil') &&
        !neverFails(values, fn, error, depth + 1) &&
        !isDeadEnd(values, fn, n, body, depth + 1)
      )
        return false;
    }
  }
  return ways > 0;
}

/** Go: `if err := subscribe(); err != nil { return err }` behind a call that never fails is no way out. */
export function isDeadEnd(values: Values, fn: Fn, end: NodeId, from: NodeId, depth = 0): boolean {
  const error = testedError(fn, end, from);
  return error !== undefined && neverFails(values, fn, error.value, depth);
}

/** Go: a call of a function of the workspace whose last statement ends the process: `exitf("…")`. */
export function endsProcess(values: Values, fn: Fn, call: NodeId): boolean {
  if (fn.code.kind(call) !== Kind.Call) return false;
  const targets = values.callees(fn, call).filter((target) => target.fact.body >= 0);
  return (
    targets.length > 0 &&
    targets.every(({ code, first }) => {
      const last = code.children(first).at(-1);
      return last !== undefined && code.kind(last) === Kind.MethodCall && exits(code, last);
    })
  );
}

/**
 * Go: what was assigned last, behind `from`, to the `err` of the `if err != nil { return }` that a node stands in, and
 * whether it is all that was assigned there.
 */
export function testedError(
  { code }: Fn,
  node: NodeId,
  from: NodeId,
): { readonly value: NodeId; readonly isFirst: boolean } | undefined {
  const test = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.If && code.within(node, code.child(a, Role.Then)),
  );
  const condition = test < 0 ? -1 : code.child(test, Role.Condition);
  if (
    !code.is(condition, Kind.Binary, '!=') ||
    !code.is(code.child(condition, Role.Right), Kind.Literal, 'nil')
  )
    return undefined;
  const name = code.name(code.child(condition, Role.Left));
  for (let n = condition; n > from; n--) {
    const kind = code.kind(n);
    if (kind !== Kind.Let && kind !== Kind.Assign) continue;
    const named = [...code.all(n, Role.Pattern), ...code.all(n, Role.Target)];
    if (named.some((target) => code.name(target) === name))
      return { value: code.child(n, Role.Value), isFirst: code.name(named[0] as NodeId) === name };
  }
  return undefined;
}
