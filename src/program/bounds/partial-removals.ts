/** Removals that reach some entries alone, so that the others stay: of what is asked for again, of what has failed. */
import { ageTests, partingNames } from '../../knowledge/endings.ts';
import { errorNames } from '../../knowledge/errors.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { Provenance } from '../origins/provenance.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, type Effects, sameText } from '../places/effects.ts';
import { fieldPlace, type PlaceRef, typeOfPlace } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { container, lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

/**
 * `func (c *cache) Get(key string) { e, ok := c.m[key]; …; if now.After(e.expires) { delete(c.m, key) } }`: an entry that is
 * too old goes when somebody asks for it again. Those that nobody asks for stay.
 */
export function expiresWhenAsked(calls: Calls, e: Effect): boolean {
  const { fn, node } = e;
  const code = fn.code;
  // Rust: `self.entries.remove(&key)`
  const key = code.is(e.key, Kind.Unary, '&') ? code.child(e.key, Role.Object) : e.key;
  if (e.kind !== 'remove' || !code.is(key, Kind.Name)) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key));
  // It is forgotten of what is asked for, and not of everything in turn.
  if (b?.source !== 'parameter' || isRepeated(code, fn.first, node)) return false;
  if (conditionAround(fn, node) < 0 || !looksUp(fn, key, node) || !comparesAge(fn, node)) return false;
  const sites = calls.sitesOf(fn);
  return sites.every((s) => s.kind === 'call' && !isRepeated(s.fn.code, s.fn.first, s.node));
}

/**
 * `pending.Store(p.seq, p); if err := write(p); err != nil { forget(p.seq); return err }`, and nothing else calls `forget`:
 * what has failed at once is taken back, and no more.
 */
export function takesBackFailures(calls: Calls, e: Effect, growth: Effect): boolean {
  const { fn, key } = e;
  if (fn.package.language !== 'go' || fn === growth.fn || !fn.code.is(key, Kind.Name)) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(fn.code.name(key), fn.code.start(key));
  const sites = b?.source === 'parameter' ? calls.sitesOf(fn).filter((s) => !s.fn.isTest) : [];
  return (
    sites.length > 0 &&
    sites.every((s) => {
      if (s.kind !== 'call') return false;
      const added =
        s.fn === growth.fn
          ? growth.node
          : (calls.sitesOf(growth.fn).find((g) => g.fn === s.fn && g.kind === 'call')?.node ?? -1);
      return added >= 0 && added < s.node && isAfterFailure(s.fn, s.node, added);
    })
  );
}

/**
 * `Lookup` refuses an entry that is too old and leaves it where it is, and `Logout(id)` forgets the one that somebody names:
 * whoever goes away without a word leaves an entry behind, and its time being over takes nothing out.
 */
export function forgetsOnlyTheNamed(
  calls: Calls,
  { owner, field, depth }: PlaceRef,
  e: Effect,
  growth: Effect,
  effects: readonly Effect[],
): boolean {
  const { fn, key, node } = e;
  const { code } = fn;
  if (fn.package.language !== 'go' || e.kind !== 'remove' || fn === growth.fn) return false;
  if (!owner || field === undefined || depth > 0 || !code.is(key, Kind.Name)) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key));
  if (b?.source !== 'parameter' || !runsOnceInPlace(fn, node)) return false;
  const isOutdated = (by: Fn) =>
    by === fn
      ? // `delete(s.m, id); return p, ok && time.Since(p.begun) < limit`
        readsEntry(by, field) && comparesAge(by, by.after) && conditionAround(by, node) < 0
      : !by.isTest &&
        !effects.some((x) => x.fn === by && (x.kind === 'remove' || x.kind === 'reset')) &&
        readsEntry(by, field) &&
        comparesAge(by, by.after);
  if (!owner.file.package.methodsOn(owner.fact.name).some(isOutdated)) return false;
  // Whoever adds an entry and takes it out in one go is done with it.
  const adders = calls.sitesOf(growth.fn);
  return calls.sitesOf(fn).every((s) => {
    const home = roundOf(s.fn, s.node);
    return (
      s.kind === 'call' &&
      runsOnceInPlace(s.fn, s.node) &&
      adders.every((a) => a.fn !== s.fn || roundOf(a.fn, a.node) !== home)
    );
  });
}

/**
 * `Message::Disconnect(id) => { self.clients.remove(&id); }`, while another map that keeps the same clients, by what they have
 * subscribed to, is only told when one of them unsubscribes: whoever is gone stays in that one.
 */
export function missesTheGone(effects: Effects, place: PlaceRef, on: readonly Effect[]): boolean {
  const { owner, field, depth } = place;
  if (!owner || field === undefined || depth > 0) return false;
  const values = Values.of(owner.file.package.program);
  const heldBy = (name: string) => {
    const map = container(values.types, typeOfPlace(values, fieldPlace(owner, name)));
    if (map?.row.shape !== 'map' || !map.value) return undefined;
    // `Arc<Client>`, `*client`: the same one lies in both.
    const { type, wrappers } = peel(map.value);
    return wrappers.some((w) => /^(Arc|Rc|\*)$/.test(w)) ? type.decl : undefined;
  };
  const held = heldBy(field);
  const removals = on.filter((e) => (e.kind === 'remove' || e.kind === 'reset') && !e.fn.isTest);
  if (!held || removals.some((e) => !e.single || partingAround(e) >= 0)) return false;
  return owner.fact.fields.some(
    (f) =>
      f.name !== field &&
      heldBy(f.name) === held &&
      effects
        .on(fieldPlace(owner, f.name))
        .some(
          (e) =>
            e.kind === 'remove' &&
            e.single &&
            partingAround(e) >= 0 &&
            removals.every((r) => r.fn !== e.fn || !r.fn.code.within(r.node, partingAround(e))),
        ),
  );
}

/** The arm or function in which somebody has gone, by its name; or -1. */
function partingAround({ fn, node }: Effect): NodeId {
  const { code } = fn;
  for (let up = code.parent(node); up >= fn.first; up = code.parent(up)) {
    const pattern = code.kind(up) === Kind.Arm ? code.child(up, Role.Pattern) : -1;
    if (pattern >= 0 && partingNames.test(lastSegment(code.name(pattern)))) return up;
  }
  return partingNames.test(fn.fact.name) ? fn.first : -1;
}

/**
 * Rust: `tokio::spawn(run(rx)); self.sessions.insert(id, tx)`, where `run` ends by itself when nothing comes for a while, and
 * nothing but a request that names the entry takes it out: of whoever stops asking the worker ends and the entry stays.
 */
export function outlivesItsTask(calls: Calls, e: Effect, growth: Effect): boolean {
  return (
    e.fn.package.language === 'rust' &&
    e.kind === 'remove' &&
    e.single &&
    e.fn !== growth.fn &&
    e.fn.fact.name !== 'drop' &&
    startsWhatEndsIdle(growth.fn) &&
    isNamedByRequest(calls, e)
  );
}

/**
 * Rust: `if codes.get(mail) == Some(code) { codes.remove(mail); }` in what handles a request that names the entry and proves
 * something: of whoever never comes back with the proof the entry stays.
 */
export function waitsForProof(calls: Calls, e: Effect, growth: Effect): boolean {
  const { fn, key, node } = e;
  const { code } = fn;
  if (fn.package.language !== 'rust' || e.kind !== 'remove' || !e.single || fn === growth.fn) return false;
  const test = conditionAround(fn, node);
  if (test < 0 || !looksUpRust(fn, key, test)) return false;
  for (let n = test; n < code.after(test); n++)
    if (code.is(n, Kind.Binary, '==')) return isNamedByRequest(calls, e);
  return false;
}

/** The condition itself looks the entry up: `codes.get(mail).map(|c| c == code)`. */
function looksUpRust({ code }: Fn, key: NodeId, test: NodeId): boolean {
  const name = code.name(code.is(key, Kind.Unary) ? code.child(key, Role.Object) : key);
  for (let n = test; n < code.after(test); n++)
    if (code.is(n, Kind.MethodCall, 'get'))
      for (let m = n; m < code.after(n); m++) if (code.is(m, Kind.Name, name)) return true;
  return false;
}

/** Rust: the entry that is taken out is the one that a request names, here or wherever the function is called. */
function isNamedByRequest(calls: Calls, { fn, key, node }: Effect): boolean {
  const { program } = fn.package;
  const { handlers } = Phases.of(program);
  const authors = Provenance.of(program);
  const isNamed = (by: Fn, at: NodeId, named: NodeId) =>
    handlers.evidenceOf(by) !== undefined &&
    by.code.ancestor(at, (a) => [Kind.Loop, Kind.AsyncBlock].includes(by.code.kind(a) as never)) < by.first &&
    authors.of(by, named).who === 'outside';
  if (isNamed(fn, node, key)) return true;
  const { code } = fn;
  const name = code.is(key, Kind.Unary) ? code.child(key, Role.Object) : key;
  const b = code.is(name, Kind.Name)
    ? Values.of(program).scope(fn).lookup(code.name(name), code.start(name))
    : undefined;
  const sites = b?.source === 'parameter' ? calls.sitesOf(fn).filter((s) => !s.fn.isTest) : [];
  return (
    sites.length > 0 &&
    sites.every((s) => {
      const arg = s.kind === 'call' && b ? s.fn.code.all(s.node, Role.Arg)[b.index] : undefined;
      return arg !== undefined && isNamed(s.fn, s.node, arg);
    })
  );
}

/** The function starts something that leaves its loop when nothing has come for a while. */
function startsWhatEndsIdle(fn: Fn): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
    const work = /^spawn(_local)?$/.test(callName(code, n)) ? code.child(n, Role.Arg) : -1;
    if (work < 0) continue;
    if (endsIdle(code, work, code.after(work))) return true;
    for (let m = work; m < code.after(work); m++)
      if (
        CALLS[code.kind(m)] === 1 &&
        values.callees(fn, m).some((target) => endsIdle(target.code, target.first, target.after))
      )
        return true;
  }
  return false;
}

/** `while let Ok(Some(cell)) = timeout(IDLE, cells.recv()).await`, or a `timeout` in a loop that has a way out. */
function endsIdle(code: Code, from: NodeId, to: NodeId): boolean {
  for (let n = code.next(CALLS, Math.max(from, 0), to); n < to; n = code.next(CALLS, n + 1, to)) {
    if (!/^(timeout|timeout_at|recv_timeout)$/.test(callName(code, n))) continue;
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
    if (loop < from) continue;
    if (code.within(n, code.child(loop, Role.Condition))) return true;
    for (let m = loop; m < code.after(loop); m++)
      if (code.kind(m) === Kind.Break || code.kind(m) === Kind.Return || code.kind(m) === Kind.Try)
        return true;
  }
  return false;
}

/** Neither in a loop, nor at the end or beside what goes on. */
function runsOnceInPlace({ code, first }: Fn, node: NodeId): boolean {
  return (
    code.ancestor(node, (a) => [Kind.Loop, Kind.Defer, Kind.Spawn].includes(code.kind(a) as never)) < first
  );
}

/** The closure that a node stands in, or the body of its function. */
function roundOf({ code, first }: Fn, node: NodeId): NodeId {
  return Math.max(
    code.ancestor(node, (a) => code.kind(a) === Kind.Closure),
    first,
  );
}

/** `s.byID[id]`, `s.byID.Load(id)` */
function readsEntry({ code, first, after }: Fn, field: string): boolean {
  for (let n = first; n < after; n++) {
    const isRead =
      (code.kind(n) === Kind.Index && code.role(n) !== Role.Target) ||
      (code.kind(n) === Kind.MethodCall && code.name(n) === 'Load');
    if (isRead && code.is(code.child(n, Role.Object), Kind.Field, field)) return true;
  }
  return false;
}

/** The node stands in `if err != nil { …; return }` behind another node, outside the loops that the other one is not in. */
function isAfterFailure({ code, first }: Fn, node: NodeId, behind: NodeId): boolean {
  const branch = code.ancestor(node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Closure);
  if (branch < first || code.kind(branch) !== Kind.If || code.within(behind, branch)) return false;
  const then = code.child(branch, Role.Then);
  const condition = code.child(branch, Role.Condition);
  const loop = code.ancestor(branch, (a) => code.kind(a) === Kind.Loop);
  return (
    code.within(node, then) &&
    exits(code, then) &&
    (loop < first || code.within(behind, loop)) &&
    code.is(condition, Kind.Binary, '!=') &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil') &&
    errorNames.test(code.name(code.child(condition, Role.Left)))
  );
}

/** In a loop over something: for each of many. */
function isRepeated(code: Code, body: NodeId, node: NodeId): boolean {
  return code.ancestor(node, (a) => code.kind(a) === Kind.Loop) >= body;
}

function conditionAround({ code, first }: Fn, node: NodeId): NodeId {
  const branch = code.ancestor(node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Arm);
  return branch < first
    ? -1
    : code.child(branch, code.kind(branch) === Kind.If ? Role.Condition : Role.Pattern);
}

/** The entry was looked up under the same key: `m[key]`, `m.Load(key)`. */
function looksUp({ code, first }: Fn, key: NodeId, before: NodeId): boolean {
  for (let n = first; n < before; n++) {
    if (code.kind(n) === Kind.Index && code.role(n) !== Role.Target) {
      if (sameText(code, code.child(n, Role.Index), key)) return true;
    } else if (code.is(n, Kind.MethodCall) && /^(Load|Get|Peek|get|get_mut|peek)$/.test(code.name(n)))
      if (
        code
          .all(n, Role.Arg)
          .some((a) => sameText(code, code.is(a, Kind.Unary, '&') ? code.child(a, Role.Object) : a, key))
      )
        return true;
  }
  return false;
}

/** A time is compared on the way: `now.After(e.expires)`, `time.Since(e.seen) > ttl`, `now > e.expiry`, `e.dead(now)`. */
function comparesAge(fn: Fn, before: NodeId, depth = 0): boolean {
  const { code, first } = fn;
  for (let n = first; n < before; n++) {
    const kind = code.kind(n);
    if (kind === Kind.MethodCall || kind === Kind.Call) {
      if (ageTests.test(callName(code, n)) || (depth === 0 && isAgeTest(fn, n))) return true;
    }
    if (kind !== Kind.Binary || !/^[<>]=?$/.test(code.name(n))) continue;
    // `now.Sub(t) < window`
    if ([Role.Left, Role.Right].some((r) => code.is(code.child(n, r), Kind.MethodCall, 'Sub'))) return true;
    for (let m = n; m < code.after(n); m++) if (/^(expir|deadline)/i.test(code.name(m))) return true;
  }
  return false;
}

/** A call of a function of the program that gives what a comparison of times says: `return now.After(it.expires)`. */
function isAgeTest(fn: Fn, call: NodeId): boolean {
  const targets = Values.of(fn.package.program).callees(fn, call);
  return targets.length > 0 && targets.every((t) => givesOne(t) && comparesAge(t, t.after, 1));
}

/** The function is one expression. */
function givesOne({ code, fact }: Fn): boolean {
  const [only, ...others] = fact.body < 0 ? [] : code.children(fact.body);
  return only !== undefined && others.length === 0 && code.kind(only) !== Kind.If;
}
