import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';

const TESTS = kinds(Kind.If, Kind.Loop);

/** Takes everything out of a list, or so many as are told. */
const empties = /^(drain|clear|split_off|pop|pop_front|remove|swap_remove)$/;

/**
 * Rust: `round.push(start(item)); if round.len() >= 16 { join_all(round.drain(..)).await; }`: what is started is waited
 * for whenever there are so many, before the loop goes on. `settle(&mut round).await` may do both.
 * @param name of the list that a loop fills
 * @param after where the list is filled, in the loop
 * @returns the test of its length, or -1
 */
export function settledInRounds(fn: Fn, loop: NodeId, name: string, after: NodeId): NodeId {
  const { code } = fn;
  const end = code.after(loop);
  for (let n = code.next(TESTS, after, end); name !== '' && n < end; n = code.next(TESTS, n + 1, end)) {
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, code.kind(n) === Kind.If ? Role.Then : Role.Body);
    if (condition < 0 || then < 0 || !reachesLimit(code, condition, name)) continue;
    if (waits(fn, then) && leavesRoom(code, then, name)) return condition;
  }
  return -1;
}

/** A list that a loop fills, and the node behind what fills it; an empty name where there is none. */
interface FilledList {
  readonly name: string;
  readonly at: NodeId;
}

export const NO_LIST: FilledList = { name: '', at: -1 };

/** The list that gets what a call starts: `round.push(spawn(…))`, `let task = spawn(…); round.push(task)`. */
export function listOfStarted({ code }: Fn, loop: NodeId, node: NodeId): FilledList {
  const let_ = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
  const handle = let_ >= 0 && code.within(let_, loop) ? code.name(code.child(let_, Role.Pattern)) : '';
  for (let up = code.parent(node); up > loop; up = code.parent(up))
    if (isPush(code, up)) return { name: code.name(code.child(up, Role.Object)), at: code.after(up) };
  for (let n = code.after(node); handle !== '' && n < code.after(loop); n++)
    if (isPush(code, n) && code.is(code.child(n, Role.Arg), Kind.Name, handle))
      return { name: code.name(code.child(n, Role.Object)), at: code.after(n) };
  return NO_LIST;
}

function isPush(code: Code, n: NodeId): boolean {
  return (
    code.kind(n) === Kind.MethodCall &&
    /^push(_back)?$/.test(code.name(n)) &&
    code.kind(code.child(n, Role.Object)) === Kind.Name
  );
}

/** `round.len() >= LIMIT`, `LIMIT <= round.len()`; that there is anything at all is no limit. */
function reachesLimit(code: Code, condition: NodeId, name: string): boolean {
  const isLength = (n: NodeId) =>
    code.is(n, Kind.MethodCall, 'len') && code.is(code.child(n, Role.Object), Kind.Name, name);
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary) continue;
    const [left, right] = [code.child(n, Role.Left), code.child(n, Role.Right)];
    const isMore = /^(>=?|==)$/.test(code.name(n)) && isLength(left) && !isZero(code, right);
    const isLess = /^(<=?|==)$/.test(code.name(n)) && isLength(right) && !isZero(code, left);
    if (isMore || isLess) return true;
  }
  return false;
}

function isZero(code: Code, n: NodeId): boolean {
  return code.is(n, Kind.Number) && code.name(n) === '0';
}

/** Rust: what stands below a node waits for something, by itself or in a function that it calls. */
export function waits(fn: Fn, root: NodeId): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  for (let n = root; n >= 0 && n < code.after(root); n++) {
    if (code.kind(n) === Kind.Await) return true;
    if (CALLS[code.kind(n)] !== 1) continue;
    if (joins(code, n) || values.callees(fn, n).some(joinsInside)) return true;
  }
  return false;
}

function joinsInside({ code, first, after }: Fn): boolean {
  for (let n = first; n < after; n++) if (joins(code, n)) return true;
  return false;
}

/** `thread.join()`, `runtime.block_on(task)`: `paths.join("/")` is another one. */
function joins(code: Code, n: NodeId): boolean {
  if (code.is(n, Kind.MethodCall, 'block_on')) return true;
  return code.is(n, Kind.MethodCall, 'join') && code.child(n, Role.Arg) < 0;
}

/** A list is emptied, set anew, or lent to a function that may empty it: `std::mem::take(&mut round)`. */
function leavesRoom(code: Code, block: NodeId, name: string): boolean {
  const isList = (n: NodeId) => code.is(n, Kind.Name, name);
  for (let n = block; n < code.after(block); n++) {
    if (code.kind(n) === Kind.MethodCall && empties.test(code.name(n)) && isList(code.child(n, Role.Object)))
      return true;
    if (code.kind(n) === Kind.Assign && isList(code.child(n, Role.Target))) return true;
    if (CALLS[code.kind(n)] !== 1) continue;
    const args = code.all(n, Role.Arg);
    if (args.some((a) => code.is(a, Kind.Unary, '&mut') && isList(code.child(a, Role.Object)))) return true;
  }
  return false;
}
