/** Tests before a spawn that let a second one start only when the first has ended, or, in Go, one for each of a few keys. */
import { cancelNames } from '../../knowledge/endings.ts';
import {
  atomicGates,
  keepsByKey,
  looksUpByKey,
  releasesOne,
  runningNames,
  takesOne,
} from '../../knowledge/guards.ts';
import { formerValues } from '../../knowledge/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { exits } from '../calls/exits.ts';
import { Provenance } from '../origins/provenance.ts';
import { sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';

/** A flag is tested and set before the spawn, or as the first thing that is started does. */
export function oneAtATime({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const flag = flagged(fn, round, node);
  if (flag) return flag;
  const asked = asksWhetherOneRuns(fn, round, node);
  if (asked >= 0)
    return {
      reason: 'one-at-a-time',
      by: `\`${callName(fn.code, asked)}\`, which is asked before`,
      where: fn.place(asked),
    };
  const code = fn.code;
  if (work < 0) return undefined;
  if (code.kind(work) === Kind.Closure) {
    const body = code.child(work, Role.Body);
    const inside = body < 0 ? -1 : flagAtStart(fn, body);
    return inside < 0 ? undefined : leavesAtOnce(fn, inside);
  }
  const [target, ...others] = Values.of(fn.package.program).callees(fn, work);
  if (!target || others.length > 0 || target.fact.body < 0) return undefined;
  const inside = flagAtStart(target, target.fact.body);
  return inside < 0 ? undefined : leavesAtOnce(target, inside);
}

/** A flag is tested before a node, and set there. */
export function flagged(fn: Fn, round: NodeId, node: NodeId): SpawnBound | undefined {
  const flag = flagBetween(fn, round, node, node);
  return flag < 0
    ? undefined
    : { reason: 'one-at-a-time', by: 'a flag that is tested and set before it', where: fn.place(flag) };
}

function leavesAtOnce(fn: Fn, at: NodeId): SpawnBound {
  return { reason: 'one-at-a-time', by: `\`${fn.label}\`, which leaves when one runs`, where: fn.place(at) };
}

/** One of the first statements of a block leaves when a flag is set, and sets it; or -1. */
function flagAtStart(fn: Fn, body: NodeId): NodeId {
  const statements = fn.code.children(body);
  const last = statements[Math.min(statements.length, 6) - 1];
  return last === undefined ? -1 : flagBetween(fn, body, fn.code.after(last), -1);
}

/** The test of a flag that is set between two nodes; `inside` may stand in the branch of the test. Or -1. */
function flagBetween(fn: Fn, from: NodeId, to: NodeId, inside: NodeId): NodeId {
  const code = fn.code;
  for (let n = from; n < to; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    if (condition < 0 || then < 0) continue;
    const isAround = inside >= 0 && code.within(inside, then);
    const other = code.child(n, Role.Else);
    // `if s.busy { s.queue = append(s.queue, f) } else { s.busy = true; go s.run(f) }`
    const isElse = inside >= 0 && other >= 0 && code.within(inside, other);
    if (!isAround && !isElse && !exits(code, then)) continue;
    if (!isElse && gates(fn, condition)) return condition;
    const [start, end] = isAround
      ? [then, code.after(then)]
      : isElse
        ? [other, code.after(other)]
        : [code.after(n), to];
    for (const flag of flagsIn(fn, condition, isAround))
      for (let m = start; m < end; m++) if (sets(fn, m, flag, isAround)) return condition;
  }
  return -1;
}

/** `!busy.CompareAndSwap(false, true)`, `mu.TryLock()` */
function gates(fn: Fn, condition: NodeId): boolean {
  const code = fn.code;
  for (let n = condition; n < code.after(condition); n++)
    if (
      (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) &&
      atomicGates.test(callName(code, n))
    )
      return true;
  return false;
}

/** The state that a condition asks for: `s.running`, `!s.running.Load() && ready`, `s.cancel != nil`. */
function flagsIn(fn: Fn, condition: NodeId, holds: boolean): NodeId[] {
  const code = fn.code;
  // Inside its branch every part of `a && b` holds, and behind a branch that leaves no part of `a || b`.
  if (code.is(condition, Kind.Binary, holds ? '&&' : '||'))
    return [code.child(condition, Role.Left), code.child(condition, Role.Right)].flatMap((c) =>
      flagsIn(fn, c, holds),
    );
  let n = condition;
  if (code.is(n, Kind.Unary, '!')) n = code.child(n, Role.Object);
  const compared =
    code.kind(n) === Kind.Binary && /^[!=]=$/.test(code.name(n)) ? code.child(n, Role.Right) : -1;
  if (compared >= 0 && code.kind(compared) === Kind.Literal) n = code.child(n, Role.Left);
  if (code.is(n, Kind.MethodCall, 'Load')) n = code.child(n, Role.Object);
  if (code.kind(n) === Kind.Field) return [n];
  // A local is a flag for the rounds of a loop that it lives around; the next request has another.
  return compared < 0 && code.kind(n) === Kind.Name && livesAroundLoop(fn, n) ? [n] : [];
}

/** A local name that was made before the loop it stands in. */
export function livesAroundLoop(fn: Fn, name: NodeId): boolean {
  const code = fn.code;
  const loop = code.ancestor(name, (a) => code.kind(a) === Kind.Loop);
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(name), code.start(name));
  return loop >= fn.first && b !== undefined && !code.within(b.node, loop);
}

/** `s.running = true`, `s.running.Store(true)` */
function sets(fn: Fn, n: NodeId, flag: NodeId, inside: boolean): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.Assign) {
    const value = code.child(n, Role.Value);
    // `if first { go …; first = false }` takes the flag down.
    const down = inside && code.role(flag) === Role.Condition && code.kind(flag) === Kind.Name;
    return (
      !code.is(value, Kind.Literal, 'nil') &&
      code.is(value, Kind.Literal, 'false') === down &&
      code.all(n, Role.Target).some((t) => sameText(code, t, flag))
    );
  }
  return (
    code.kind(n) === Kind.MethodCall &&
    /^(Store|Swap)$/.test(code.name(n)) &&
    sameText(code, code.child(n, Role.Object), flag)
  );
}

/** `if worker.Running() { return }`, `if !worker.Running() { go … }`: the call that asks, or -1. */
function asksWhetherOneRuns(fn: Fn, from: NodeId, node: NodeId): NodeId {
  const code = fn.code;
  for (let n = from; n < node; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    const isAround = code.within(node, then);
    if (isAround ? !code.is(condition, Kind.Unary, '!') : !exits(code, then)) continue;
    const call = isAround ? code.child(condition, Role.Object) : condition;
    const kind = call < 0 ? undefined : code.kind(call);
    if (
      (kind === Kind.Call || kind === Kind.MethodCall) &&
      code.child(call, Role.Arg) < 0 &&
      runningNames.test(callName(code, call))
    )
      return call;
  }
  return -1;
}

/** `if _, ok := s.loops[k]; ok { return }; s.loops[k] = l; go l.run()`: one for each key, and no client makes keys. */
export function oncePerKey({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = Math.max(round, block); n < code.after(block); n++) {
    if (code.kind(n) !== Kind.Assign || code.name(n) !== '=' || code.parent(n) !== block) continue;
    const target = code.child(n, Role.Target);
    if (target < 0 || code.kind(target) !== Kind.Index || !isLookedUp(fn, target, round, n)) continue;
    const key = code.children(target)[1] ?? -1;
    const author = Provenance.of(fn.package.program).of(fn, key);
    if (author.who === 'outside') return undefined;
    return oneForEach(fn, code.child(target, Role.Object), n);
  }
  return oncePerKept(fn, node, round) ?? oncePerElement(fn, node, round);
}

function oneForEach(fn: Fn, container: NodeId, at: NodeId): SpawnBound {
  const name = fn.code.name(container);
  return { reason: 'once-per-key', by: `the keys of \`${name}\`, one for each`, where: fn.place(at) };
}

/** `if _, ok := s.running.Get(k); !ok { go s.tail(k); s.running.Set(k, …) }`: a type of its own keeps the keys. */
function oncePerKept(fn: Fn, node: NodeId, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = Math.max(round, block); n < code.after(block); n++) {
    if (code.kind(n) !== Kind.MethodCall || !keepsByKey.test(code.name(n))) continue;
    const key = code.child(n, Role.Arg);
    const kept = code.child(n, Role.Object);
    if (key < 0 || kept < 0 || code.ancestor(n, (a) => code.kind(a) === Kind.Closure) > block) continue;
    for (let m = round; m < node; m++)
      if (
        code.kind(m) === Kind.MethodCall &&
        looksUpByKey.test(code.name(m)) &&
        sameText(code, code.child(m, Role.Object), kept) &&
        code.child(m, Role.Arg) >= 0 &&
        sameText(code, code.child(m, Role.Arg), key) &&
        decides(fn, m, node)
      )
        return Provenance.of(fn.package.program).of(fn, key).who === 'outside'
          ? undefined
          : oneForEach(fn, kept, n);
  }
  return undefined;
}

/** The branch around a spawn hangs on a call, or one that leaves before it does. */
function decides(fn: Fn, call: NodeId, node: NodeId): boolean {
  const code = fn.code;
  for (let n = call; n < node; n++) {
    if (code.kind(n) === Kind.If && (code.within(node, n) || exits(code, code.child(n, Role.Then))))
      return true;
  }
  const around = code.ancestor(call, (a) => code.kind(a) === Kind.If);
  return around >= 0 && (code.within(node, around) || exits(code, code.child(around, Role.Then)));
}

/**
 * `for _, w := range s.watched { if w.Name == name { found = true } }; if !found { go …; s.watched = append(s.watched, …) }`:
 * one for each element of a list that is searched before.
 */
function oncePerElement(fn: Fn, node: NodeId, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const around = code.ancestor(node, (a) => code.kind(a) === Kind.If);
  if (around < round) return undefined;
  let flag = code.child(around, Role.Condition);
  if (code.is(flag, Kind.Unary, '!')) flag = code.child(flag, Role.Object);
  if (flag < 0 || code.kind(flag) !== Kind.Name) return undefined;
  for (let n = round; n < around; n++) {
    const list = code.kind(n) === Kind.Loop ? code.child(n, Role.Iter) : -1;
    if (list < 0 || !assigns(fn, n, flag)) continue;
    for (let m = code.after(node); m < code.after(around); m++)
      if (
        code.kind(m) === Kind.Assign &&
        sameText(code, code.child(m, Role.Target), list) &&
        code.kind(code.child(m, Role.Value)) === Kind.Call &&
        callName(code, code.child(m, Role.Value)) === 'append'
      )
        return {
          reason: 'once-per-key',
          by: `the elements of \`${code.name(list)}\`, one for each`,
          where: fn.place(m),
        };
  }
  return undefined;
}

function assigns(fn: Fn, root: NodeId, name: NodeId): boolean {
  const code = fn.code;
  for (let n = root; n < code.after(root); n++)
    if (code.kind(n) === Kind.Assign && sameText(code, code.child(n, Role.Target), name)) return true;
  return false;
}

/**
 * `if !s.scans.AddUser(name) { return }` before the spawn, and `defer s.scans.RemoveUser(name)` in what is started: what
 * refuses a second one is given back when the first has ended.
 */
export function refusesSecond({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const { program } = fn.package;
  // In a loop over names each is another one.
  if (code.ancestor(node, (a) => code.kind(a) === Kind.Loop && code.child(a, Role.Iter) >= 0) >= fn.first)
    return undefined;
  const values = Values.of(program);
  const started = work < 0 ? [] : values.callees(fn, work);
  for (let n = round; n < node; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const isAround = code.within(node, code.child(n, Role.Then));
    if (!isAround && (!code.is(condition, Kind.Unary, '!') || !exits(code, code.child(n, Role.Then))))
      continue;
    const call = isAround ? condition : code.child(condition, Role.Object);
    if (call < 0 || code.kind(call) !== Kind.MethodCall || !takesOne.test(code.name(call))) continue;
    const kept = code.child(call, Role.Object);
    const givesBack = (by: Fn, from: NodeId, to: NodeId): boolean => {
      for (let m = from; m < to; m++)
        if (
          by.code.kind(m) === Kind.MethodCall &&
          releasesOne.test(by.code.name(m)) &&
          by.code.name(by.code.child(m, Role.Object)) === code.name(kept)
        )
          return true;
      return false;
    };
    if (givesBack(fn, node, code.after(node)) || started.some((t) => givesBack(t, ...t.range)))
      return {
        reason: 'one-at-a-time',
        by: `\`${code.name(call)}\`, which refuses a second`,
        where: fn.place(call),
      };
  }
  return undefined;
}

/**
 * `if _, busy := m.LoadOrStore(k, …); busy { return }` before the spawn, and `m.Delete(k)` in what is started: one at a
 * time for each key.
 */
export function claimed({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  for (let n = round; n < node; n++) {
    if (!code.is(n, Kind.MethodCall, 'LoadOrStore')) continue;
    const map = code.child(n, Role.Object);
    const test = code.ancestor(n, (a) => code.kind(a) === Kind.If);
    const left = test >= round && !code.within(node, test) && exits(code, code.child(test, Role.Then));
    if (!left && !leavesBehind(fn, n, node)) continue;
    for (let m = Math.max(work, node); m < code.after(node); m++)
      if (/^(Delete|LoadAndDelete)$/.test(code.name(m)) && sameText(code, code.child(m, Role.Object), map))
        return {
          reason: 'once-per-key',
          by: `the keys of \`${code.name(map)}\`, one for each`,
          where: fn.place(n),
        };
  }
  return undefined;
}

/** `_, busy := m.LoadOrStore(k, …)`, and then `if busy { return }`. */
function leavesBehind(fn: Fn, call: NodeId, node: NodeId): boolean {
  const code = fn.code;
  const loaded = code.all(code.parent(call), Role.Pattern)[1];
  for (let n = code.after(call); loaded !== undefined && n < node; n++)
    if (
      code.kind(n) === Kind.If &&
      code.is(code.child(n, Role.Condition), Kind.Name, code.name(loaded)) &&
      exits(code, code.child(n, Role.Then))
    )
      return true;
  return false;
}

/** `close(stop)`, `cancel()` for the one before, and then `stop = make(…)`, `ctx, cancel = …` for this one. */
export function endsTheLast({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  for (let n = round; n < node; n++) {
    if (code.kind(n) !== Kind.Call) continue;
    const callee = code.child(n, Role.Callee);
    const closes = code.is(callee, Kind.Name, 'close');
    const end = closes ? code.child(n, Role.Arg) : callee;
    if (end < 0 || (code.kind(end) !== Kind.Name && code.kind(end) !== Kind.Field)) continue;
    if (!closes && !cancelNames.test(code.name(end))) continue;
    if (code.kind(end) === Kind.Name && !livesAroundLoop(fn, end)) continue;
    for (let m = n; m < code.after(node); m++)
      if (
        code.kind(m) === Kind.Assign &&
        code.all(m, Role.Target).some((t) => sameText(code, t, end)) &&
        !code.is(code.child(m, Role.Value), Kind.Literal, 'nil')
      )
        return {
          reason: 'one-at-a-time',
          by: `\`${code.name(end)}\`, which ends the one before`,
          where: fn.place(n),
        };
  }
  return undefined;
}

/**
 * `ctx, cancel := context.WithCancel(parent); go watch(ctx); …; cancel()` in a loop: each round ends what it has started
 * before the next one begins.
 */
export function endsWithItsRound({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const loop =
    code.kind(round) === Kind.Loop && code.child(round, Role.Iter) < 0
      ? round
      : code.ancestor(node, (a) => code.kind(a) === Kind.Loop && code.child(a, Role.Iter) < 0);
  const body = loop < fn.first ? -1 : code.child(loop, Role.Body);
  if (body < 0) return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = node; n < code.after(node); n++) {
    const b = code.kind(n) === Kind.Name ? scope.lookup(code.name(n), code.start(n)) : undefined;
    if (
      !b ||
      b.value < 0 ||
      !code.within(b.node, body) ||
      !/^With(Cancel|Timeout|Deadline)/.test(callName(code, b.value))
    )
      continue;
    const cancel = code.all(code.parent(b.value), Role.Pattern)[1] ?? -1;
    for (const statement of code.children(body))
      if (
        cancel >= 0 &&
        statement > node &&
        code.kind(statement) === Kind.Call &&
        code.is(code.child(statement, Role.Callee), Kind.Name, code.name(cancel))
      )
        return {
          reason: 'one-at-a-time',
          by: `\`${code.name(cancel)}\`, which ends it with its round`,
          where: fn.place(statement),
        };
  }
  return undefined;
}

/**
 * `case end := <-s.ended: go s.run(end.index)` with `s.ended <- …` in what is started: what has ended is started again, also
 * by way of a list of those that wait.
 */
export function restartsEnded({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  const started =
    work < 0 || code.kind(work) === Kind.Closure ? [] : Values.of(fn.package.program).callees(fn, work);
  if (started.length !== 1) return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  /** The channel out of which a value was received, itself or with those of a list. */
  const channelOf = (n: NodeId, depth: number): NodeId => {
    let root = n;
    while (code.kind(root) === Kind.Field) root = code.child(root, Role.Object);
    const b = code.kind(root) === Kind.Name ? scope.lookup(code.name(root), code.start(root)) : undefined;
    if (!b || b.value < 0) return -1;
    if (code.is(b.value, Kind.Unary, '<-')) return code.child(b.value, Role.Object);
    if (b.source !== 'element' || depth > 0 || code.kind(b.value) !== Kind.Name) return -1;
    for (let m = fn.first; m < fn.after; m++) {
      const added = code.kind(m) === Kind.Call && callName(code, m) === 'append' ? code.all(m, Role.Arg) : [];
      if (added.length === 2 && sameText(code, added[0] as NodeId, b.value))
        return channelOf(added[1] as NodeId, depth + 1);
    }
    return -1;
  };
  for (const arg of code.all(work, Role.Arg)) {
    const channel = channelOf(arg, 0);
    if (channel < 0 || code.kind(channel) !== Kind.Field) continue;
    const [run] = started as readonly [Fn];
    for (let m = run.first; m < run.after; m++)
      if (
        run.code.kind(m) === Kind.Send &&
        run.code.is(run.code.child(m, Role.Object), Kind.Field, code.name(channel))
      )
        return {
          reason: 'one-at-a-time',
          by: `\`${code.name(channel)}\`, which tells that the one before has ended`,
          where: run.place(m),
        };
  }
  return undefined;
}

/** `if state != lastState { go notify(state) }`: as often as something changes, however often it is looked at. */
export function onlyWhenChanged({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  for (let n = node, up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure || kind === Kind.Loop) return undefined;
    if (kind !== Kind.If || code.role(n) !== Role.Then) continue;
    const condition = code.child(up, Role.Condition);
    for (let m = condition; m < code.after(condition); m++) {
      if (!code.is(m, Kind.Binary, '!=')) continue;
      const sides = [code.child(m, Role.Left), code.child(m, Role.Right)];
      const former = sides.find((s) => formerValues.test(code.name(s)));
      const isValue = sides.every((s) => code.kind(s) === Kind.Name || code.kind(s) === Kind.Field);
      if (former !== undefined && isValue)
        return {
          reason: 'on-change',
          by: `\`${code.name(former)}\``,
          where: fn.place(m),
        };
    }
  }
  return undefined;
}

/** `if m[k]`, `if !m[k]` */
function isTested(code: Fn['code'], n: NodeId): boolean {
  const up = code.parent(n);
  return (
    code.role(n) === Role.Condition || (code.is(up, Kind.Unary, '!') && code.role(up) === Role.Condition)
  );
}

/** The entry that is set was looked up before: `s, ok := m[k]`. */
function isLookedUp(fn: Fn, target: NodeId, from: NodeId, to: NodeId): boolean {
  const code = fn.code;
  for (let n = from; n < to; n++)
    if (
      n !== target &&
      code.kind(n) === Kind.Index &&
      (code.role(n) === Role.Value || isTested(code, n)) &&
      sameText(code, n, target)
    )
      return true;
  return false;
}
