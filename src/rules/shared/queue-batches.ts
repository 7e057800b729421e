/** Who takes what a queue holds: in a loop of its own, and all there is while more is added. */
import { sendsAway, ticks, waitsForLeave, wakes } from '../../knowledge/loops.ts';
import type { GrowingPlace } from '../../program/bounds/growth.ts';
import { isLimit } from '../../program/bounds/size-tests.ts';
import { callName } from '../../program/calls/call-name.ts';
import { type CallSite, Calls } from '../../program/calls/calls.ts';
import { returnsOf } from '../../program/calls/exits.ts';
import { Lifetimes } from '../../program/lifetime/lifetime.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Effect } from '../../program/places/effects.ts';
import { type PlaceRef, Places } from '../../program/places/places.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Values } from '../../program/types/values.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** An effect takes all there is, to work it off in a loop that waits for that. */
export function takesBatch(pkg: Package, growing: GrowingPlace, e: Effect): boolean {
  return takesWoken(pkg, e) || goesOnWithAll(pkg, growing, e) || isPolled(pkg, growing, e);
}

/**
 * Go: `logs := f.logs; f.logs = nil; return logs`, where each client has an `f` of its own that others fill: what it gathers is as
 * much as comes until the client asks, which may be never.
 */
function isPolled(pkg: Package, { place, effects }: GrowingPlace, e: Effect): boolean {
  const { fn, node } = e;
  if (pkg.language !== 'go' || e.kind !== 'reset' || e.verb !== '=' || fn.isTest || !place.owner)
    return false;
  if (!Lifetimes.of(pkg.program).isKeptByKey(place.owner) || sizeTestedIn(effects)) return false;
  const batch = new Set<string>();
  for (const b of Values.of(pkg.program).scope(fn).all())
    if (b.value >= 0 && b.value < node && mentionsPlace(pkg, fn, b.value, place)) batch.add(b.name);
  if (!returnsOf(fn, 0).some((value) => mentionsName(fn.code, value, batch))) return false;
  const { request, api, likely } = Phases.of(pkg.program).of(fn);
  const isAsked = request ? request.request === true : api === fn && !likely && fn.fact.exported;
  return isAsked && effects.every((g) => g.kind !== 'grow' || g.fn !== fn);
}

/** How many there are is asked somewhere. */
function sizeTestedIn(effects: readonly Effect[]): boolean {
  return effects.some((e) => e.kind === 'size-test' && e.verb !== 'is_empty' && !e.fn.isTest && isLimit(e));
}

/**
 * Rust: `ready.notified().await; let batch = mem::take(&mut *pending.lock()); file.write_all(&batch).await?`: a loop that is
 * woken for what is added takes all of it, and waits for what it does with it while the next is added. One that looks in
 * every few seconds gathers, and mostly loses what it cannot deliver.
 */
function takesWoken(pkg: Package, { kind, verb, fn, node }: Effect): boolean {
  if (kind !== 'reset' || !/^mem::(take|replace|swap)$/.test(verb) || fn.isTest) return false;
  const sites = Calls.of(pkg.program)
    .sitesOf(fn)
    .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest);
  const rounds = [{ fn, node }, ...sites].flatMap((at) => roundOf(at.fn, at.node) ?? []);
  return rounds.some((r) => r.isWoken) && rounds.some((r) => r.isBusy) && !rounds.some((r) => r.isTicking);
}

/** What the loop around a node waits for: to be woken, for a while, or behind the node for what is done there. */
function roundOf({ code, first }: Fn, node: NodeId) {
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  if (loop < first || code.name(loop) === 'for') return undefined;
  const round = { isWoken: false, isTicking: false, isBusy: false };
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) !== Kind.Await || code.within(node, n)) continue;
    const call = code.child(n, Role.Object);
    const name = code.kind(call) === Kind.Call ? callName(code, call) : code.name(call);
    if (wakes.test(name)) round.isWoken = true;
    else if (ticks.test(name)) round.isTicking = true;
    else if (n > node && !waitsForLeave.test(name)) round.isBusy = true;
  }
  return round;
}

/**
 * Go: `frames := c.outbox; c.outbox = nil; c.mu.Unlock(); frames.WriteTo(c.conn)`: a loop takes all there is and sends it
 * without the lock. However slow the other side is, more comes meanwhile.
 */
function goesOnWithAll(pkg: Package, { place }: GrowingPlace, e: Effect): boolean {
  const { fn, node } = e;
  const { code } = fn;
  if (pkg.language !== 'go' || e.kind !== 'reset' || e.verb !== '=' || fn.isTest) return false;
  const batch = new Set<string>();
  for (const b of Values.of(pkg.program).scope(fn).all())
    if (b.value >= 0 && b.value < node && mentionsPlace(pkg, fn, b.value, place)) batch.add(b.name);
  if (batch.size === 0) return false;
  let isUnlocked = false;
  for (let n = code.next(CALLS, node, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
    const name = callName(code, n);
    if (/^R?Unlock$/.test(name)) isUnlocked ||= code.kind(code.parent(n)) !== Kind.Defer;
    else if (isUnlocked && sendsAway.test(name) && isAbout(fn, n, batch)) return worksOff(pkg, e);
  }
  const isHandedOut = returnsOf(fn, 0).some((value) => mentionsName(code, value, batch));
  return isHandedOut && Calls.of(pkg.program).sitesOf(fn).some(sendsAnswer);
}

/**
 * Go: `n, err := conn.Write(c.pending); …; c.pending = c.pending[n:]`: whoever takes what is sent decides how much that is, in
 * what others call as often as more can be sent.
 */
export function sendsPart(pkg: Package, { place }: GrowingPlace, e: Effect): boolean {
  const { fn, node } = e;
  const { code } = fn;
  if (pkg.language !== 'go' || e.verb !== 'slicing off the front' || fn.isTest) return false;
  if (Phases.of(pkg.program).at(fn, node).api === undefined) return false;
  for (let n = code.next(CALLS, fn.first, node); n < node; n = code.next(CALLS, n + 1, node))
    if (sendsAway.test(callName(code, n)))
      if (code.all(n, Role.Arg).some((a) => mentionsPlace(pkg, fn, a, place))) return true;
  return false;
}

/** Go: `for _, t := range r.take() { enc.Encode(t) }` in a loop: what is handed out as a whole is sent before more is asked for. */
function sendsAnswer({ fn, node, kind, guess }: CallSite): boolean {
  const { code, first } = fn;
  if (kind !== 'call' || guess || fn.isTest) return false;
  const round = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.Loop && !code.within(node, code.child(a, Role.Iter)),
  );
  if (round < first) return false;
  const up = code.parent(node);
  const binder = [Kind.Let, Kind.Assign, Kind.Loop].includes(code.kind(up) as never) ? up : -1;
  const names = new Set<string>();
  for (const p of binder < 0 ? [] : [...code.all(binder, Role.Pattern), ...code.all(binder, Role.Target)])
    for (let n = p; n < code.after(p); n++) if (code.name(n) !== '') names.add(code.name(n));
  for (
    let n = code.next(CALLS, node + 1, code.after(round));
    n < code.after(round);
    n = code.next(CALLS, n + 1, code.after(round))
  )
    if (sendsAway.test(callName(code, n)) && (code.within(node, n) || isAbout(fn, n, names))) return true;
  return false;
}

/** An expression is the list of a place, or is made of it: `c.outbox`, `net.Buffers(c.outbox)`. */
function mentionsPlace(pkg: Package, fn: Fn, root: NodeId, { key, field }: PlaceRef): boolean {
  const { code } = fn;
  for (let n = root; n < code.after(root); n++)
    if (
      (field === undefined || code.is(n, Kind.Field, field)) &&
      Places.of(pkg.program).of(fn, n)?.key === key
    )
      return !measures(code, n);
  return false;
}

/** `len(c.outbox)` */
function measures(code: Code, list: NodeId): boolean {
  const up = code.parent(list);
  return code.is(up, Kind.Call) && /^(len|cap)$/.test(callName(code, up));
}

/** A call, or the loop that it stands in, mentions one of the names. */
function isAbout({ code, first }: Fn, call: NodeId, names: ReadonlySet<string>): boolean {
  if (mentionsName(code, call, names)) return true;
  const loop = code.ancestor(call, (a) => code.kind(a) === Kind.Loop);
  return loop >= first && mentionsName(code, code.child(loop, Role.Iter), names);
}

function mentionsName(code: Code, root: NodeId, names: ReadonlySet<string>): boolean {
  for (let n = root; root >= 0 && n < code.after(root); n++)
    if (code.kind(n) === Kind.Name && names.has(code.name(n))) return true;
  return false;
}

/** The consumer runs in a loop of its own, or is a method that is called in one: it can fall behind. */
export function worksOff(pkg: Package, { fn, node }: Effect): boolean {
  const phases = Phases.of(pkg.program);
  const isInLoop = (by: Fn, n: NodeId) => {
    const context = phases.context(by, n);
    return context.request !== undefined || context.likely !== undefined || context.loops.length > 0;
  };
  if (isInLoop(fn, node)) return true;
  const sites = Calls.of(pkg.program).sitesOf(fn);
  return sites.some((s) => s.kind === 'call' && !s.guess && isInLoop(s.fn, s.node));
}
