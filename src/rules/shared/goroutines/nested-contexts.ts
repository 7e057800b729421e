/** Go: contexts that wrap themselves in each round of a loop: each keeps the one before it, and a cancellable one its place there. */

import { isRareIn, Phases } from '../../../program/phases/phases.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const ASSIGNS = kinds(Kind.Assign);

/** `ctx = context.WithValue(ctx, …)` in a loop that goes on. */
export interface NestedContext {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly name: string;
  /** The loop, in whose rounds the chain grows. */
  readonly loop: NodeId;
}

/** The chains of contexts that loops of a package build, outside tests. */
export function nestedContexts(pkg: Package): NestedContext[] {
  const out: NestedContext[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { first: body, after } = fn;
    for (let n = fn.code.next(ASSIGNS, body, after); n < after; n = fn.code.next(ASSIGNS, n + 1, after)) {
      const loop = fn.code.kind(n) === Kind.Assign ? chainingLoop(fn, n) : -1;
      if (loop >= 0) out.push({ fn, node: n, name: fn.code.name(fn.code.child(n, Role.Target)), loop });
    }
  }
  return out;
}

/** The loop that goes on, around an assignment that wraps what it assigns to; or -1. */
function chainingLoop(fn: Fn, assign: NodeId): NodeId {
  const code = fn.code;
  const target = code.child(assign, Role.Target);
  const value = code.child(assign, Role.Value);
  if (code.name(assign) !== '=' || !code.is(target, Kind.Name) || !wrapsContext(fn, value)) return -1;
  if (!code.is(code.child(value, Role.Arg), Kind.Name, code.name(target))) return -1;
  const scope = Values.of(fn.package.program).scope(fn);
  const declaredBy = (n: NodeId) => scope.lookup(code.name(n), code.start(n))?.node;
  const declared = declaredBy(target);
  const isAgain = (n: NodeId) =>
    n !== assign &&
    code.kind(n) === Kind.Assign &&
    code
      .all(n, Role.Target)
      .some((t) => code.is(t, Kind.Name, code.name(target)) && declaredBy(t) === declared);
  const phases = Phases.of(fn.package.program);
  for (const loop of phases.context(fn, assign).loops) {
    if (declared === undefined || code.within(declared, loop)) return -1;
    for (let n = loop; n < code.after(loop); n++) if (isAgain(n)) return -1;
    // `case <-signals: ctx, cancel = context.WithTimeout(…); server.Shutdown(ctx); return`
    if (isRareIn(fn, assign, loop)) return -1;
    if (phases.isLastingLoop(fn, loop)) return loop;
  }
  return -1;
}

/** `context.WithValue(…)`, `context.WithTimeout(…)` */
function wrapsContext(fn: Fn, value: NodeId): boolean {
  const { code } = fn;
  return (
    value >= 0 &&
    code.kind(value) === Kind.MethodCall &&
    code.name(value).startsWith('With') &&
    code.child(value, Role.Arg) >= 0 &&
    Values.of(fn.package.program).goPackage(fn, code.child(value, Role.Object)) === 'context'
  );
}
