import { timeEnds, timeLimits, waitEnds } from '../../knowledge/endings.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Calls } from '../calls/calls.ts';
import { exits, returnsOf } from '../calls/exits.ts';
import { type Effect, sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import type { Values } from '../types/values.ts';

/** What runs at another time than where it is written, or at the end in any case. */
const ELSEWHERE: ReadonlySet<Kind> = new Set([Kind.Closure, Kind.AsyncBlock, Kind.Spawn, Kind.Defer]);

/**
 * `pending.insert(id, tx); send().await?; …; pending.remove(&id)`: whoever leaves in between leaves the entry behind. True
 * when one call adds and removes the same key and has a way out that removes nothing.
 */
export function isSkipped(e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
  const { fn, key } = e;
  const code = fn.code;
  if (fn !== growth.fn || key < 0 || growth.key < 0 || e.node < growth.node) return false;
  if (!sameKey(code, key, growth.key)) return false;
  const added = runOf(code, growth.node);
  const home = code.parent(added);
  if (!code.within(e.node, home) || isElsewhere(code, e.node, home)) return false;
  const removals = effects.filter((r) => r.fn === fn && (r.kind === 'remove' || r.kind === 'reset'));
  const removed = statementIn(code, e.node);
  for (let n = code.after(added); n < code.after(home); n++) {
    if (ELSEWHERE.has(code.kind(n))) {
      // A guard or a deferred call that takes it out does so on every way.
      if (removals.some((r) => code.within(r.node, n))) return false;
      n = code.after(n) - 1;
      continue;
    }
    if (!isWayOut(code, n, growth.node) || statementIn(code, n) === removed) continue;
    const isBehindRemoval = removals.some(
      (r) =>
        r.node > growth.node &&
        (code.within(r.node, n) || (r.node < n && code.within(n, blockOf(code, r.node)))),
    );
    if (!isBehindRemoval) return true;
  }
  return false;
}

/**
 * Rust: `jobs.insert(id, job); match run(&job).await { Ok(done) => { jobs.remove(&id); … } Err(e) => … }`: what has failed stays.
 */
export function isOnlySuccess(e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
  const { fn, key } = e;
  const { code } = fn;
  if (fn.package.language !== 'rust' || fn !== growth.fn || key < 0 || growth.key < 0) return false;
  if (e.node < growth.node || !sameKey(code, key, growth.key)) return false;
  const removes = (root: NodeId) =>
    effects.some((r) => r.fn === fn && r.kind !== 'grow' && r.node !== e.node && code.within(r.node, root));
  const home = code.parent(runOf(code, growth.node));
  if (removes(home)) return false;
  for (let n = e.node, up = code.parent(n); up > home; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (ELSEWHERE.has(kind) || kind === Kind.Loop) return false;
    if (kind === Kind.Match)
      return code.name(code.child(n, Role.Pattern)) === 'Ok' && code.all(up, Role.Arm).length > 1;
    if (kind === Kind.If && code.role(n) === Role.Then) {
      const test = code.child(up, Role.Condition);
      return code.is(test, Kind.LetCondition)
        ? code.name(code.child(test, Role.Pattern)) === 'Ok'
        : code.is(test, Kind.MethodCall, 'is_ok');
    }
  }
  return false;
}

/**
 * Go: `b.attach(c); for { if err := read(c); err != nil { return err }; …; b.detach(c) }`: the same as `isSkipped` with helpers
 * that add and remove. True when nobody else calls the one that removes.
 */
export function isSkippedByCallers(calls: Calls, values: Values, e: Effect, growth: Effect): boolean {
  if (e.fn.package.language !== 'go' || e.fn === growth.fn) return false;
  const removed = parameterOf(values, e.fn, e.key);
  const added = parameterOf(values, growth.fn, growth.key);
  if (!removed || !added || removed.field !== added.field) return false;
  const sites = calls.sitesOf(e.fn).filter((s) => !s.fn.isTest);
  const adders = calls.sitesOf(growth.fn);
  return (
    sites.length > 0 &&
    sites.every(({ kind, guess, fn, node }) => {
      const adder = adders.find((a) => a.fn === fn && a.kind === 'call' && a.node < node);
      const key = removed.at(fn, node);
      const put = adder ? added.at(fn, adder.node) : -1;
      if (kind !== 'call' || guess || !adder || key < 0 || put < 0) return false;
      const removals = sites.filter((s) => s.fn === fn).map((s) => ({ ...e, fn, node: s.node, key }));
      const at = removals.find((r) => r.node === node);
      return at !== undefined && isSkipped(at, { ...growth, fn, node: adder.node, key: put }, removals);
    })
  );
}

/**
 * `pending[id] = reply; …; case got := <-reply: return got; case <-ctx.Done(): s.drop(id); return err`: the same with a helper
 * that removes, where whoever adds is the only one that calls it. Also `tasks[t.id] = t; …; m.finish(t)`.
 */
export function isSkippedByAdder(calls: Calls, values: Values, e: Effect, growth: Effect): boolean {
  const { fn } = growth;
  const removed = e.fn === fn ? undefined : parameterOf(values, e.fn, e.key);
  const added = growth.key < 0 ? -1 : ofField(fn.code, growth.key, removed?.field ?? '');
  if (!removed || added < 0) return false;
  const removals: Effect[] = [];
  for (const site of calls.sitesOf(e.fn)) {
    if (site.fn.isTest) continue;
    const key = removed.at(fn, site.node);
    if (site.fn !== fn || site.kind !== 'call' || site.guess || key < 0) return false;
    removals.push({ ...e, fn, node: site.node, key });
  }
  const put = { ...growth, key: added };
  return removals.length > 0 && removals.every((r) => isSkipped(r, put, removals));
}

/** What a function is given for its key: `id` of `delete(m, id)`, `t` of `delete(m, t.id)`, its receiver. */
interface GivenKey {
  /** The field of it that is the key, or nothing. */
  readonly field: string;
  /** What a call hands over for it, or -1. */
  at(fn: Fn, call: NodeId): NodeId;
}

function parameterOf(values: Values, fn: Fn, key: NodeId): GivenKey | undefined {
  const { code } = fn;
  if (key < 0) return undefined;
  const field = code.is(key, Kind.Field) ? code.name(key) : '';
  const of = ofField(code, key, field);
  if (!code.is(of, Kind.Name)) return undefined;
  const b = values.scope(fn).lookup(code.name(of), code.start(of));
  if (!b && field !== '' && code.name(of) === fn.fact.receiver)
    return { field, at: (by, call) => by.code.child(call, Role.Object) };
  if (b?.source !== 'parameter') return undefined;
  return { field, at: (by, call) => by.code.all(call, Role.Arg)[b.index] ?? -1 };
}

/** `t` of `t.id` where the field is `id`; the node itself where there is none; or -1. */
function ofField(code: Code, key: NodeId, field: string): NodeId {
  if (field === '') return key;
  return code.is(key, Kind.Field, field) ? code.child(key, Role.Object) : -1;
}

/**
 * `waiting[id] = reply; select { case r := <-reply: …; case <-ctx.Done(): return … }`, and whoever brings the answer takes
 * the entry out: who stops waiting leaves it behind. True when one call adds the entry and may stop to wait for it.
 */
export function isOnlyAnswered(e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
  const { fn } = growth;
  // A guard that takes the entry out does so when the wait ends.
  if (e.fn === fn || growth.value < 0 || e.fn.fact.name === 'drop') return false;
  const removals = effects.filter((r) => r.fn === fn && (r.kind === 'remove' || r.kind === 'reset'));
  const kept = namesIn(fn.code, growth.value);
  if (fn.package.language === 'go') return removals.length === 0 && stopsWaiting(fn, growth.node, kept);
  const wait = timedWait(fn, growth.node, otherEnds(fn, growth.node, kept));
  // What could not be sent is taken back before anybody waits.
  return (
    wait >= 0 && !removals.some((r) => r.node > wait || isElsewhere(fn.code, r.node, growthHome(growth)))
  );
}

/**
 * Rust: `let reply = slots.open(id); …; timeout(limit, reply).await`, where `open` keeps the sending end and hands out the
 * other, and neither caller takes the entry out when the time is over. Or the caller limits a call that waits itself.
 */
export function isGivenUpByCaller(
  calls: Calls,
  e: Effect,
  growth: Effect,
  effects: readonly Effect[],
): boolean {
  const { fn } = growth;
  if (fn.package.language !== 'rust' || e.fn === fn || growth.value < 0 || e.fn.fact.name === 'drop')
    return false;
  const removers = effects.filter((r) => r.kind === 'remove' || r.kind === 'reset').map((r) => r.fn);
  if (removers.includes(fn)) return false;
  const ends = otherEnds(fn, growth.node, namesIn(fn.code, growth.value));
  if (ends.size === 0) return false;
  const isHandedOut = returnsOf(fn, 0).some((value) => ends.has(fn.code.name(value)));
  return calls.sitesOf(fn).some((site) => {
    if (site.kind !== 'call' || site.fn.isTest) return false;
    const { code } = site.fn;
    if (removers.some((r) => r === site.fn || calls.isCalledIn(r, site.fn))) return false;
    if (isTimed(code, site.node)) return true;
    const statement = code.ancestor(
      site.node,
      (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block,
    );
    const name = code.is(statement, Kind.Let) ? code.name(code.child(statement, Role.Pattern)) : '';
    return isHandedOut && name !== '' && timedWait(site.fn, site.node, new Set([name])) >= 0;
  });
}

/** Rust: a node is an argument of `timeout(limit, …)`. */
function isTimed(code: Code, node: NodeId): boolean {
  return (
    code.ancestor(
      node,
      (a) => code.kind(a) === Kind.Call && timeLimits.test(lastSegment(callName(code, a))),
    ) >= 0
  );
}

/** The function or closure body that an entry is added in. */
function growthHome({ fn, node }: Effect): NodeId {
  return Math.max(
    fn.first,
    fn.code.ancestor(node, (a) => ELSEWHERE.has(fn.code.kind(a))),
  );
}

/** Go: a `select` behind the entry that takes the answer, or leaves when the time is over. */
function stopsWaiting(fn: Fn, growth: NodeId, kept: ReadonlySet<string>): boolean {
  const code = fn.code;
  for (let n = growth; n < fn.after; n++) {
    if (code.kind(n) !== Kind.Select) continue;
    const arms = code.all(n, Role.Arm);
    const takes = (arm: NodeId, test: (m: NodeId) => boolean) => {
      const comm = code.child(arm, Role.Comm);
      for (let m = comm; comm >= 0 && m < code.after(comm); m++) if (test(m)) return true;
      return false;
    };
    const answers = arms.some((arm) =>
      takes(arm, (m) => code.is(m, Kind.Unary, '<-') && kept.has(code.name(code.child(m, Role.Object)))),
    );
    const leaves = arms.some(
      (arm) => exits(code, code.child(arm, Role.Body)) && takes(arm, (m) => timeEnds.test(code.name(m))),
    );
    if (answers && leaves) return true;
  }
  return false;
}

/** Rust: `rx` of `let (tx, rx) = oneshot::channel()`, where `tx` goes into the entry. */
function otherEnds(fn: Fn, growth: NodeId, kept: ReadonlySet<string>): ReadonlySet<string> {
  const code = fn.code;
  const ends = new Set<string>();
  for (let n = fn.first; n < growth; n++) {
    const pattern = code.kind(n) === Kind.Let ? code.child(n, Role.Pattern) : -1;
    const bound = pattern < 0 ? [] : code.children(pattern).map((p) => code.name(p));
    if (bound.length === 2 && kept.has(bound[0] as string)) ends.add(bound[1] as string);
  }
  return ends;
}

/** Rust: where something is waited for until the time is over: `timeout(limit, rx)`, `select! { … = rx => …, _ = sleep(d) => … }`; or -1. */
function timedWait(fn: Fn, from: NodeId, ends: ReadonlySet<string>): NodeId {
  const code = fn.code;
  const waitsIn = (root: NodeId) => [...namesIn(code, root)].some((name) => ends.has(name));
  for (let n = from; ends.size > 0 && n < fn.after; n++) {
    if (code.kind(n) === Kind.Call && timeLimits.test(lastSegment(callName(code, n)))) {
      if (code.all(n, Role.Arg).some(waitsIn)) return n;
    } else if (code.kind(n) === Kind.Select && waitsIn(n)) {
      for (let m = n; m < code.after(n); m++)
        if (CALLS[code.kind(m)] === 1 && waitEnds.test(lastSegment(callName(code, m)))) return n;
    }
  }
  return -1;
}

function namesIn(code: Code, root: NodeId): ReadonlySet<string> {
  const out = new Set<string>();
  for (let n = root; n < code.after(root); n++) if (code.kind(n) === Kind.Name) out.add(code.name(n));
  return out;
}

/** A return, a `?`, or what leaves the round that the entry was added in. */
function isWayOut(code: Code, n: NodeId, growth: NodeId): boolean {
  const kind = code.kind(n);
  if (kind === Kind.Return) return true;
  if (kind === Kind.Macro) return lastSegment(code.name(n)) === 'bail';
  if (kind === Kind.Try) {
    // A poisoned lock ends more than this call.
    const inner = code.child(n, Role.Object);
    return !/^(lock|read|write|borrow|borrow_mut)$/.test(callName(code, inner));
  }
  if (kind !== Kind.Break && kind !== Kind.Continue) return false;
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  return kind === Kind.Continue && loop >= 0 && code.within(growth, loop);
}

/** The statement of the block in whose run a node is added: plain blocks, which only hold a lock, are passed. */
function runOf(code: Code, node: NodeId): NodeId {
  let at = statementIn(code, node);
  for (let block = code.parent(at); code.kind(code.parent(block)) === Kind.Block; block = code.parent(at))
    at = statementIn(code, block);
  // `let lock = { let mut table = …; table.insert(…); … };`
  const outer = code.parent(code.parent(at));
  return code.kind(outer) === Kind.Let ? runOf(code, outer) : at;
}

/** The statement of a block that a node stands in. */
function statementIn(code: Code, node: NodeId): NodeId {
  let n = node;
  for (let up = code.parent(n); up >= 0 && code.kind(up) !== Kind.Block; up = code.parent(n)) n = up;
  return n;
}

function blockOf(code: Code, node: NodeId): NodeId {
  return code.parent(statementIn(code, node));
}

function isElsewhere(code: Code, node: NodeId, home: NodeId): boolean {
  return code.ancestor(node, (a) => ELSEWHERE.has(code.kind(a)) && code.within(a, home)) >= 0;
}

/** `id`, `&id`, `id.clone()`. */
export function sameKey(code: Code, a: NodeId, b: NodeId): boolean {
  return sameText(code, bareKey(code, a), bareKey(code, b));
}

function bareKey(code: Code, key: NodeId): NodeId {
  let n = key;
  while (
    code.kind(n) === Kind.Unary ||
    (code.kind(n) === Kind.MethodCall && /^(clone|to_owned|to_string|as_str|into|as_ref)$/.test(code.name(n)))
  )
    n = code.child(n, Role.Object);
  return n;
}
