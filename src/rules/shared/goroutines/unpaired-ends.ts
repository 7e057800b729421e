/** Ways out that forget what somebody waits for: `Done` of a wait group, `Unlock` of a lock. */
import { endingTests } from '../../../knowledge/endings.ts';
import { lockers } from '../../../knowledge/guards.ts';
import { Calls } from '../../../program/calls/calls.ts';
import { isDeadEnd } from '../../../program/calls/never-fails.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import { sameText } from '../../../program/places/effects.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { type Code, kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { textOf } from '../fixes/statements.ts';

const SPAWNS = kinds(Kind.Spawn);
const METHOD_CALLS = kinds(Kind.MethodCall);

/** A way out of a piece of code behind which somebody waits for ever. */
export interface UnpairedEnd {
  readonly fn: Fn;
  /** What ends the wait elsewhere: `Done`, `Unlock`. */
  readonly end: NodeId;
  /** `wg`, `s.mu`. */
  readonly name: string;
  /** The way out; the end of the code itself where it is just reached. */
  readonly exit: NodeId;
  /** Where somebody waits: `wg.Wait()`, or the `Lock` whose next call waits. */
  readonly waits: NodeId;
  /** The `go` statement, where the code is that of a goroutine. */
  readonly started: NodeId;
}

/** `go func() { if err != nil { return }; wg.Done() }()`: goroutines of a package that leave without the word. */
export function missingDones(pkg: Package): UnpairedEnd[] {
  const out: UnpairedEnd[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(SPAWNS, body, after); n < after; n = code.next(SPAWNS, n + 1, after)) {
      const call = code.is(n, Kind.Spawn) ? code.child(n, Role.Object) : -1;
      const closure = call < 0 ? -1 : code.child(call, Role.Callee);
      if (closure < 0 || code.kind(closure) !== Kind.Closure) continue;
      const found = leavesUndone(fn, n, code.child(closure, Role.Body));
      if (found) out.push(found);
    }
  }
  return out;
}

function leavesUndone(fn: Fn, started: NodeId, body: NodeId): UnpairedEnd | undefined {
  const code = fn.code;
  const end = firstCall(code, body, code.after(body), 'Done');
  const group = end < 0 ? -1 : code.child(end, Role.Object);
  if (group < 0 || !isOf(fn, group, /^sync\.WaitGroup$/)) return undefined;
  // What is said in a loop counts what was worked off.
  if (code.ancestor(end, (a) => code.kind(a) === Kind.Loop) > body) return undefined;
  // A goroutine inside says it when it likes, whichever way this one leaves.
  if (code.ancestor(end, (a) => code.kind(a) === Kind.Spawn) > body) return undefined;
  const waits = callOn(code, fn.range, 'Wait', group);
  // Its own group it waits for itself, behind the way out.
  if (waits < 0 || code.within(waits, body)) return undefined;
  // Whoever else is given the group may say it.
  const says = (n: NodeId) => (code.kind(n) === code.kind(group) && sameText(code, n, group) ? 1 : 0);
  const exit = pathExits(code, body, says, 'least')?.find((e) => e.total < 1);
  if (!exit || isDead(fn, exit.node, body)) return undefined;
  return { fn, end, name: textOf(fn, group), exit: exit.node, waits, started };
}

/** `mu.Lock(); if err != nil { return err }; mu.Unlock()`: functions of a package that leave with what they have locked. */
export function heldLocks(pkg: Package): UnpairedEnd[] {
  const out: UnpairedEnd[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    if (lockers.test(fn.fact.name)) continue;
    for (let n = code.next(METHOD_CALLS, body, after); n < after; n = code.next(METHOD_CALLS, n + 1, after)) {
      if (!/^R?Lock$/.test(code.name(n))) continue;
      const found = leavesLocked(fn, n);
      if (found) out.push(found);
    }
  }
  return out;
}

/** A lock is taken in a block and given back at its end, and a way out lies between. */
function leavesLocked(fn: Fn, lock: NodeId): UnpairedEnd | undefined {
  const code = fn.code;
  const block = code.parent(lock);
  const object = code.child(lock, Role.Object);
  if (code.kind(block) !== Kind.Block || object < 0) return undefined;
  const unlock = `${code.name(lock) === 'RLock' ? 'R' : ''}Unlock`;
  const end = code
    .children(block)
    .find(
      (n) =>
        n > lock && code.is(n, Kind.MethodCall, unlock) && sameText(code, code.child(n, Role.Object), object),
    );
  if (end === undefined) return undefined;
  const held = pathExits(
    code,
    block,
    (n) => (n === lock ? 1 : n > lock && isUnlock(code, n, object, unlock) ? -Infinity : 0),
    'most',
  )?.find((e) => e.total > 0 && code.kind(e.node) === Kind.Return);
  if (
    !held ||
    isAtTheEnd(fn, held.node) ||
    isDead(fn, held.node, block) ||
    !isOf(fn, object, /^sync\.(RW)?Mutex$/)
  )
    return undefined;
  if (isGivenBackElsewhere(fn, block, object, unlock)) return undefined;
  return { fn, end, name: textOf(fn, object), exit: held.node, waits: lock, started: -1 };
}

/** `if s.isClosing() { return }`: what comes next is the end of the program, or of the owner, and nobody else. */
function isAtTheEnd({ code, first }: Fn, exit: NodeId): boolean {
  const test = code.ancestor(exit, (a) => code.kind(a) === Kind.If);
  const condition = test < first ? -1 : code.child(test, Role.Condition);
  return condition >= 0 && endingTests.test(code.name(condition));
}

function isUnlock(code: Code, n: NodeId, object: NodeId, unlock: string): boolean {
  return code.is(n, Kind.MethodCall, unlock) && sameText(code, code.child(n, Role.Object), object);
}

/** It is deferred, handed on as a value, or a function that is called, or that calls, gives it back. */
function isGivenBackElsewhere(fn: Fn, block: NodeId, object: NodeId, unlock: string): boolean {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const name = code.name(object);
  const callers = Calls.of(fn.package.program).sitesOf(fn);
  if (callers.some((site) => site.fn !== fn && unlocksFirst(site.fn, unlock, name))) return true;
  for (let n = fn.first; n < fn.after; n++) {
    if (code.is(n, Kind.Field, unlock)) return true;
    if (isUnlock(code, n, object, unlock) && code.ancestor(n, (a) => isDelayed(code, a)) > block) return true;
    const isCall = code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall;
    if (!isCall || !code.within(n, block)) continue;
    if (values.callees(fn, n).some((target) => target !== fn && unlocksFirst(target, unlock, name)))
      return true;
  }
  return false;
}

/** The function gives back what another one has locked, under the last part of its name. */
function unlocksFirst({ code, first: body, after }: Fn, unlock: string, name: string): boolean {
  const first = (method: string) => {
    for (let n = body; n < after; n++)
      if (code.is(n, Kind.MethodCall, method) && code.name(code.child(n, Role.Object)) === name) return n;
    return -1;
  };
  const end = first(unlock);
  const lock = first(unlock.replace('Unlock', 'Lock'));
  return end >= 0 && (lock < 0 || lock > end);
}

function isDelayed(code: Code, n: NodeId): boolean {
  return code.kind(n) === Kind.Defer || code.kind(n) === Kind.Closure || code.kind(n) === Kind.Spawn;
}

function isDead(fn: Fn, exit: NodeId, block: NodeId): boolean {
  return isDeadEnd(Values.of(fn.package.program), fn, exit, block);
}

function isOf(fn: Fn, n: NodeId, name: RegExp): boolean {
  const type = Values.of(fn.package.program).typeOf(fn, n);
  return type !== undefined && name.test(peel(type).type.name);
}

/** The first call of a method of that name, or -1. */
function firstCall(code: Code, from: NodeId, to: NodeId, name: string): NodeId {
  for (let n = from; n < to; n++) if (code.is(n, Kind.MethodCall, name)) return n;
  return -1;
}

function callOn(code: Code, [from, to]: readonly [NodeId, NodeId], name: string, object: NodeId): NodeId {
  for (let n = from; n < to; n++)
    if (code.is(n, Kind.MethodCall, name) && sameText(code, code.child(n, Role.Object), object)) return n;
  return -1;
}
