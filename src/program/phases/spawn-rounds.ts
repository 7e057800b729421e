/** What each round of a loop that starts something waits for. */
import {
  acceptCalls,
  connectionNames,
  connectionSources,
  paceCalls,
  waiting,
} from '../../knowledge/handlers.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import type { Fn } from '../program.ts';

/**
 * The nodes of a serving loop that a round comes by before a node: of a `select` only what its own arm takes, and
 * nothing of what the arms of an earlier one do.
 */
export function* awaitedBefore(fn: Fn, loop: NodeId, node: NodeId): Iterable<NodeId> {
  const code = fn.code;
  const comm = commAround(fn, loop, node);
  const [from, to] = comm >= 0 ? [comm, code.after(comm)] : [loop, node];
  for (let n = from; n < to; n++) {
    if (comm < 0 && code.kind(n) === Kind.Arm && code.child(n, Role.Comm) >= 0) {
      if (isValue(code, code.parent(n))) yield* given(fn, code.child(n, Role.Comm));
      n = code.after(n) - 1;
    } else yield n;
  }
}

/**
 * What an arm of a `select` that a local is set to gives the round to work on:
 * `let (stream, _) = select! { accepted = listener.accept() => accepted?, … }`. How long it waits beside it says nothing.
 */
function* given(fn: Fn, comm: NodeId): Iterable<NodeId> {
  for (let n = comm; n < fn.code.after(comm); n++) if (!paces(fn, n)) yield n;
}

/** A select is what a local is set to. */
function isValue(code: Code, select: NodeId): boolean {
  const statement = code.ancestor(select, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
  return statement >= 0 && code.kind(statement) === Kind.Let;
}

/** What the arm of a `select` takes in which a node stands, or -1. */
function commAround({ code }: Fn, loop: NodeId, node: NodeId): NodeId {
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  return arm >= 0 && code.within(arm, loop) ? code.child(arm, Role.Comm) : -1;
}

/** A node stands in one arm of a `select`, and another node in another arm of it. */
export function inOtherArm(code: Code, n: NodeId, node: NodeId): boolean {
  const arm = code.ancestor(n, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  return arm >= 0 && code.within(node, code.parent(arm)) && !code.within(node, arm);
}

/** What each round of a serving loop takes before it comes to a node: a connection, a tick, a message. */
export function perOf(fn: Fn, loop: NodeId, node: NodeId): 'connection' | 'tick' | 'message' {
  const code = fn.code;
  const iter = code.child(loop, Role.Iter);
  let ticks = iter >= 0 && commAround(fn, loop, node) < 0 && paces(fn, iter);
  for (const n of awaitedBefore(fn, loop, node)) {
    const kind = code.kind(n);
    if (paces(fn, n)) {
      if (isOnTheWay(code, n, node) && !inOtherBranch(code, n, node)) ticks = true;
    } else if (kind === Kind.MethodCall || kind === Kind.Call) {
      if (acceptCalls.test(callName(code, n))) return 'connection';
    }
  }
  if (ticks) return 'tick';
  return fn.package.language === 'rust' && receivesConnection(fn, loop, node) ? 'connection' : 'message';
}

/**
 * Rust: what a round has received before a node is called a connection, or what it comes from is:
 * `while let Some(socket) = sockets.next().await`, `Some(Ok(connection)) = handshakes.join_next() => …`,
 * `while let Ok((tls, peer)) = connections.recv().await`.
 */
function receivesConnection({ code }: Fn, loop: NodeId, node: NodeId): boolean {
  for (let n = code.next(CALLS, loop, node); n < node; n = code.next(CALLS, n + 1, node)) {
    const waits =
      code.kind(n) === Kind.MethodCall && (waiting.has(code.name(n)) || code.name(n) === 'join_next');
    if (!waits || inOtherArm(code, n, node)) continue;
    if (connectionSources.test(nameOf(code, code.child(n, Role.Object)))) return true;
    // Only what the round has in hand at the node: the names between here and there that patterns bind.
    const round = code.ancestor(n, (a) => code.within(node, a));
    for (let m = round; m < node; m++)
      if (code.kind(m) === Kind.Bind && connectionNames.test(code.name(m)) && !isCopied(code, m)) return true;
  }
  return false;
}

/** `let socket = socket.clone()`, `let socket = Arc::clone(&socket)`: it was there before the round. */
function isCopied(code: Code, bind: NodeId): boolean {
  const statement = code.ancestor(bind, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Arm);
  const value = code.kind(statement) === Kind.Let ? code.child(statement, Role.Value) : -1;
  return value >= 0 && CALLS[code.kind(value)] === 1 && callName(code, value) === 'clone';
}

/** A call or receive that waits for time to pass. */
function paces(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind === Kind.MethodCall || kind === Kind.Call) return paceCalls.test(callName(code, n));
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
