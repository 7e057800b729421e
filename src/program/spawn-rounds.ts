/** What each round of a loop that starts something waits for. */
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { callName } from './call-name.ts';
import type { Fn } from './program.ts';

/** What each round of a serving loop takes before it comes to a node: a connection, a tick, a message. */
export function perOf(fn: Fn, loop: NodeId, node: NodeId): string {
  const code = fn.code;
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const comm = arm >= 0 && code.within(arm, loop) ? code.child(arm, Role.Comm) : -1;
  const [from, to] = comm >= 0 ? [comm, code.after(comm)] : [loop, node];
  let ticks = comm < 0 && code.child(loop, Role.Iter) >= 0 && paces(fn, code.child(loop, Role.Iter));
  for (let n = from; n < to; n++) {
    const kind = code.kind(n);
    if (comm < 0 && kind === Kind.Arm && code.child(n, Role.Comm) >= 0) {
      // What the other arms of an earlier select do says nothing, unless it gives what the round works on:
      // `let (stream, _) = select! { accepted = listener.accept() => accepted?, … }`.
      if (isValue(code, code.parent(n)) && accepts(code, code.child(n, Role.Comm))) return 'connection';
      n = code.after(n) - 1;
      continue;
    }
    if (paces(fn, n)) {
      if (isOnTheWay(code, n, node) && !inOtherBranch(code, n, node)) ticks = true;
    } else if (kind === Kind.MethodCall || kind === Kind.Call) {
      if (ACCEPTS.test(callName(code, n))) return 'connection';
    }
  }
  return ticks ? 'tick' : 'message';
}

/** Calls that take the next connection. */
const ACCEPTS = /^(accept|incoming|Accept)/;

function accepts(code: Code, root: NodeId): boolean {
  for (let n = root; n < code.after(root); n++)
    if ((code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) && ACCEPTS.test(callName(code, n)))
      return true;
  return false;
}

/** A select is what a local is set to. */
function isValue(code: Code, select: NodeId): boolean {
  const statement = code.ancestor(select, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
  return statement >= 0 && code.kind(statement) === Kind.Let;
}

/** A call or receive that waits for time to pass. */
function paces(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind === Kind.MethodCall || kind === Kind.Call)
    return /^(tick|Tick|sleep|Sleep|After)$/.test(callName(code, n));
  return kind === Kind.Field && code.name(n) === 'C' && fn.package.language === 'go';
}

/** `if err { sleep; continue }`: a branch that the node is not in. */
function inOtherBranch(code: Code, n: NodeId, node: NodeId): boolean {
  const branch = code.ancestor(n, (a) => {
    const role = code.role(a);
    return (
      role === Role.Then ||
      role === Role.Else ||
      (role === Role.Body && code.kind(code.parent(a)) === Kind.Arm)
    );
  });
  return branch >= 0 && !code.within(node, branch);
}

/** False for what stands in a loop, closure or task of its own before the node. */
export function isOnTheWay(code: Code, before: NodeId, node: NodeId): boolean {
  for (let n = before, up = code.parent(n); up >= 0 && !code.within(node, up); n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock || kind === Kind.Spawn) return false;
    if (kind === Kind.Loop && code.role(n) === Role.Body) return false;
  }
  return true;
}

/** What stands behind a loop in the round of the loop around it waits: for results, for handles, for a group. */
export function waitsBetween(fn: Fn, loop: NodeId, around: NodeId): boolean {
  const code = fn.code;
  const go = fn.package.language === 'go';
  for (let n = code.after(loop); n < code.after(around); n++) {
    const kind = code.kind(n);
    if (go ? code.is(n, Kind.Unary, '<-') : kind === Kind.Await) return true;
    if (kind === Kind.MethodCall && (go ? code.name(n) === 'Wait' : /^join(_next|_all)?$/.test(code.name(n))))
      return true;
  }
  return false;
}
