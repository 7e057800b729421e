/** Lists that keep what could not be delivered: put back after a failure, or emptied only after a success. */

import type { Place } from '../../core/span.ts';
import { errorNames } from '../../knowledge/errors.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { attemptNames, takesAll, takesFirst } from '../../knowledge/retries.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, sameText } from '../places/effects.ts';
import { type PlaceRef, Places } from '../places/places.ts';
import type { Fn, Package } from '../program.ts';
import { Values } from '../types/values.ts';
import type { GrowingPlace } from './growth.ts';
import { isCutToSize, isLimit } from './size-tests.ts';

/** What a list keeps when the other side is down. */
export interface Retained {
  readonly way:
    | 'put-back'
    | 'kept'
    /** It is worked off one by one, and ends with the first that fails: the others wait for another time. */
    | 'first-kept';
  readonly fn: Fn;
  /** Where it is put back, or emptied after a success. */
  readonly at: Place;
}

/** How a list keeps what could not be delivered while nothing caps it, or undefined. */
export function retainedBy(pkg: Package, growing: GrowingPlace): Retained | undefined {
  const back = putBack(pkg, growing);
  if (back) return isCapped(growing) || !isFed(pkg, growing) ? undefined : back;
  const kept = keptOnFailure(pkg, growing);
  return kept && !isCapped(growing, kept.removals) ? kept.retained : undefined;
}

/**
 * Something adds to a list besides a walk that takes from it and finds more, and whoever makes it: another function, a
 * loop that serves, or what the function is given.
 */
function isFed(pkg: Package, { effects }: GrowingPlace): boolean {
  const phases = Phases.of(pkg.program);
  const takers = new Set(effects.filter((e) => e.kind === 'remove' || e.kind === 'reset').map((e) => e.fn));
  return effects.some((e) => {
    if (e.kind !== 'grow' || setUpNames.test(e.fn.fact.name)) return false;
    if (!takers.has(e.fn)) return true;
    const { request, likely } = phases.context(e.fn, e.node);
    return request !== undefined || likely !== undefined || mentionsAny(e.fn.code, e.node, givenTo(e.fn));
  });
}

/** The names of what a function is given. */
function givenTo({ fact, code }: Fn): ReadonlySet<string> {
  return new Set(
    fact.params
      .map((p) => code.name(code.child(p, Role.Pattern)))
      .filter((name) => name !== '' && name !== fact.receiver),
  );
}

/** The node of a function at which something happens: in itself, or in a function it calls. */
interface Step {
  readonly fn: Fn;
  readonly node: NodeId;
}

function stepsOf(pkg: Package, e: Effect): Step[] {
  const calls = Calls.of(pkg.program).sitesOf(e.fn);
  const out: Step[] = [{ fn: e.fn, node: e.node }];
  for (const s of calls) if (s.kind === 'call' && !s.fn.isTest) out.push({ fn: s.fn, node: s.node });
  return out;
}

function putBack(pkg: Package, growing: GrowingPlace): Retained | undefined {
  const taken = growing.effects.filter(
    (e) =>
      (e.kind === 'remove' || e.kind === 'reset') &&
      (takesAll.test(e.verb) || takesFirst.test(e.verb) || isSwap(e)),
  );
  if (taken.length === 0) return undefined;
  const growths = growing.effects.filter((e) => e.kind === 'grow');
  for (const take of taken)
    for (const out of stepsOf(pkg, take))
      for (const growth of growths)
        for (const back of stepsOf(pkg, growth)) {
          if (back.fn !== out.fn || back.node <= out.node) continue;
          const code = back.fn.code;
          const branch = failureBranch(back.fn, back.node);
          if (branch < 0 || isCountedIn(code, back.node, branch)) continue;
          if (!carries(pkg, out, back, branch)) continue;
          return { way: 'put-back', fn: back.fn, at: back.fn.place(back.node) };
        }
  return triedAgain(pkg, taken, growths);
}

/** `for e := range again { d.send(e) }`, where `send` puts what it was given back after a failure. */
function triedAgain(
  pkg: Package,
  taken: readonly Effect[],
  growths: readonly Effect[],
): Retained | undefined {
  const calls = Calls.of(pkg.program);
  for (const growth of growths)
    for (const back of stepsOf(pkg, growth)) {
      const code = back.fn.code;
      const branch = failureBranch(back.fn, back.node);
      if (branch < 0 || isCountedIn(code, back.node, branch)) continue;
      const given = givenTo(back.fn);
      const args = code.all(back.node, Role.Arg).concat(code.all(back.node, Role.Value));
      if (!args.some((a) => mentionsAny(code, a, given))) continue;
      for (const site of calls.sitesOf(back.fn)) {
        if (site.kind !== 'call' || site.guess) continue;
        const out = taken.find((t) => t.fn === site.fn && t.node < site.node);
        if (out && carries(pkg, out, site, site.node))
          return { way: 'put-back', fn: back.fn, at: back.fn.place(back.node) };
      }
    }
  return undefined;
}

/** Go's `batch := s.items; s.items = nil`. */
function isSwap(e: Effect): boolean {
  return e.kind === 'reset' && e.verb === '=' && e.fn.package.language === 'go';
}

const NONE: ReadonlySet<Effect> = new Set();
const BINDS: ReadonlySet<Kind> = new Set([Kind.Let, Kind.LetCondition, Kind.Loop]);

/** What is put back mentions what was taken out, or what the failure hands back. */
function carries(pkg: Package, out: Step, back: Step, branch: NodeId): boolean {
  const { fn } = out;
  const code = fn.code;
  const names = new Set<string>();
  const statement = code.ancestor(out.node, (a) => BINDS.has(code.kind(a)));
  if (statement >= 0)
    for (const p of code.all(statement, Role.Pattern)) for (const n of boundIn(code, p)) names.add(n);
  for (const n of boundIn(code, branch)) names.add(n);
  const scope = Places.of(pkg.program).values.scope(fn);
  // `again := d.failed; d.failed = nil`
  const emptied = code.kind(out.node) === Kind.Assign ? code.child(out.node, Role.Target) : -1;
  if (emptied >= 0)
    for (const b of scope.all())
      if (b.value >= 0 && b.value < out.node && sameText(code, b.value, emptied)) names.add(b.name);
  for (const b of scope.all())
    if (b.value >= 0 && b.value > out.node && mentionsAny(code, b.value, names)) names.add(b.name);
  return code
    .all(back.node, Role.Arg)
    .concat(code.all(back.node, Role.Value))
    .some((a) => mentionsAny(code, a, names));
}

/** The names bound by a pattern, or by the patterns of a branch. */
function boundIn(code: Code, root: NodeId): string[] {
  const out: string[] = [];
  for (let n = root; n < code.after(root); n++) if (code.kind(n) === Kind.Bind) out.push(code.name(n));
  return out;
}

function mentionsAny(code: Code, root: NodeId, names: ReadonlySet<string>): boolean {
  for (let n = root; n < code.after(root); n++)
    if (code.kind(n) === Kind.Name && names.has(code.name(n))) return true;
  return false;
}

/** The statement of which a node stands in the branch for failure, or -1. */
function failureBranch(fn: Fn, node: NodeId): NodeId {
  return branchOf(fn, node, false);
}

/** The `if`, `match` arm or `let … else` that decides by the outcome of a call, and in whose branch a node stands. */
function branchOf(fn: Fn, node: NodeId, success: boolean): NodeId {
  const { code } = fn;
  for (let n = node, up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock) return -1;
    if (kind === Kind.If) {
      const outcome = outcomeOf(fn, code.child(up, Role.Condition));
      const role = code.role(n);
      if (outcome !== undefined && (role === Role.Then || role === Role.Else))
        if ((role === Role.Then) === (outcome === success)) return up;
    } else if (kind === Kind.Arm) {
      const wanted = success ? /(^|::)Ok$/ : /(^|::)Err$/;
      if (code.all(up, Role.Pattern).some((p) => wanted.test(code.name(p)))) return up;
    } else if (kind === Kind.Let && code.role(n) === Role.Else && !success) return up;
  }
  return -1;
}

/** What a condition says when it holds: that a call succeeded, that it failed, or neither. */
function outcomeOf(fn: Fn, condition: NodeId): boolean | undefined {
  if (condition < 0) return undefined;
  const { code } = fn;
  for (let n = condition; n < code.after(condition); n++) {
    const kind = code.kind(n);
    if (kind === Kind.LetCondition) {
      const name = code.name(code.child(n, Role.Pattern));
      if (/(^|::)Err$/.test(name)) return false;
      if (/(^|::)Ok$/.test(name)) return true;
    } else if (kind === Kind.MethodCall && /^is_(err|ok)$/.test(code.name(n))) {
      const negated = code.is(code.parent(n), Kind.Unary, '!');
      return (code.name(n) === 'is_ok') !== negated;
    } else if (kind === Kind.Binary && /^[!=]=$/.test(code.name(n))) {
      if (code.is(code.child(n, Role.Right), Kind.Literal, 'nil'))
        return isError(fn, code.child(n, Role.Left)) ? code.name(n) === '==' : undefined;
    } else if (kind === Kind.Unary && code.name(n) === '!' && isAttempt(code, code.child(n, Role.Object)))
      return false;
  }
  return undefined;
}

/** `err`, or Go's `o.post(ctx, d)`, which gives nothing but an error. */
function isError(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  if (errorNames.test(code.name(n)) && !code.is(n, Kind.MethodCall)) return true;
  const isCall = code.is(n, Kind.Call) || code.is(n, Kind.MethodCall);
  return (
    isCall && fn.package.language === 'go' && Values.of(fn.package.program).typeOf(fn, n)?.name === 'error'
  );
}

/** `!c.deliver(message)`: a call that says whether something was taken. */
function isAttempt(code: Code, n: NodeId): boolean {
  return (code.is(n, Kind.Call) || code.is(n, Kind.MethodCall)) && attemptNames.test(callName(code, n));
}

/** Inside the branch something is compared before it is put back: a number of attempts, a size. */
function isCountedIn(code: Code, node: NodeId, branch: NodeId): boolean {
  if (comparesOrder(code, code.child(branch, Role.Condition))) return true;
  const guard = code.ancestor(
    node,
    (a) =>
      code.kind(a) === Kind.If &&
      code.within(a, branch) &&
      comparesOrder(code, code.child(a, Role.Condition)),
  );
  if (guard >= 0) return true;
  for (let n = branch + 1; n < node; n++)
    if (
      code.kind(n) === Kind.If &&
      exits(code, code.child(n, Role.Then)) &&
      comparesOrder(code, code.child(n, Role.Condition))
    )
      return true;
  return false;
}

function comparesOrder(code: Code, root: NodeId): boolean {
  for (let n = root; root >= 0 && n < code.after(root); n++)
    if (code.kind(n) === Kind.Binary && /^[<>]=?$/.test(code.name(n))) return true;
  return false;
}

/** Everything that takes out of the list runs only after what is in it has been delivered. */
function keptOnFailure(
  pkg: Package,
  growing: GrowingPlace,
): { readonly retained: Retained; readonly removals: ReadonlySet<Effect> } | undefined {
  const places = Places.of(pkg.program);
  const removals = new Set<Effect>();
  let found: Retained | undefined;
  for (const e of growing.effects) {
    if (e.kind !== 'remove' && e.kind !== 'reset') continue;
    const isWhole = !e.single && e.verb !== 'retain';
    const branch = isWhole ? Math.max(branchOf(e.fn, e.node, true), matchedOk(e)) : -1;
    const isKept =
      (branch >= 0 && attempts(places, e, branch, growing.place)) ||
      (isWhole && givesUpBefore(places, e, growing.place));
    if (!isKept && !deliversFirst(places, e, growing.place)) return undefined;
    found ??= { way: isKept ? 'kept' : 'first-kept', fn: e.fn, at: e.fn.place(e.node) };
    removals.add(e);
  }
  return found && { retained: found, removals };
}

/** The branch `if matches!(sent, Ok(ref answer) if answer.status().is_success())` that a removal stands in, or -1. */
function matchedOk({ fn, node }: Effect): NodeId {
  const { code } = fn;
  return code.ancestor(node, (a) => {
    const condition = code.kind(a) === Kind.If ? code.child(a, Role.Condition) : -1;
    if (!code.is(condition, Kind.Macro, 'matches') || !code.within(node, code.child(a, Role.Then)))
      return false;
    const { start, end } = code.span(condition);
    return /,\s*Ok\b/.test(fn.package.text(fn.file.facts.file).slice(start, end));
  });
}

/** What the branch depends on works on the list itself, or on a copy of it. */
function attempts(places: Places, e: Effect, branch: NodeId, place: PlaceRef): boolean {
  const code = e.fn.code;
  const tested =
    code.kind(branch) === Kind.Arm
      ? code.child(code.parent(branch), Role.Subject)
      : code.child(branch, Role.Condition);
  return tested >= 0 && worksOn(places, e, tested, place);
}

/**
 * `if err := send(batch); err != nil { log.Print(err); return }; items = items[len(batch):]`: it is emptied behind a failure
 * that the function keeps to itself, so that nobody else ends because of it.
 */
function givesUpBefore(places: Places, e: Effect, place: PlaceRef): boolean {
  const { fn } = e;
  const { code, fact, first } = fn;
  if (fact.result >= 0) return false;
  for (let n = first; n < e.node; n++) {
    if (code.kind(n) !== Kind.If || code.within(e.node, n)) continue;
    const condition = code.child(n, Role.Condition);
    if (outcomeOf(fn, condition) !== false || !exits(code, code.child(n, Role.Then))) continue;
    const tried = [code.child(n, Role.Init), condition];
    // `err := send(batch)` in the statement before.
    const error = code.is(condition, Kind.Binary) ? code.child(condition, Role.Left) : -1;
    if (code.is(error, Kind.Name))
      tried.push(places.values.scope(e.fn).lookup(code.name(error), code.start(error))?.value ?? -1);
    if (tried.some((t) => worksOn(places, e, t, place))) return true;
  }
  return false;
}

/** `for len(q) > 0 { if err := send(q[0]); err != nil { return err }; q = q[1:] }`: the first stays until it is delivered. */
function deliversFirst(places: Places, e: Effect, place: PlaceRef): boolean {
  const { fn } = e;
  const { code } = fn;
  const loop = code.ancestor(e.node, (a) => code.kind(a) === Kind.Loop);
  if (!takesFirst.test(e.verb) || loop < e.fn.first) return false;
  for (let n = loop; n < e.node; n++)
    if (
      code.kind(n) === Kind.If &&
      !code.within(e.node, n) &&
      outcomeOf(fn, code.child(n, Role.Condition)) === false &&
      exits(code, code.child(n, Role.Then)) &&
      (worksOn(places, e, code.child(n, Role.Init), place) ||
        worksOn(places, e, code.child(n, Role.Condition), place))
    )
      return true;
  return false;
}

/** An expression works on the list itself, on a copy of it, or on what was made of that: `send(&batch).await` in a name. */
function worksOn(places: Places, e: Effect, tested: NodeId, place: PlaceRef, depth = 0): boolean {
  const { fn } = e;
  const code = fn.code;
  const isList = (n: NodeId) => {
    const of = places.of(fn, n);
    return of !== undefined && (of.key === place.key || of.key === e.place.key);
  };
  for (let n = tested; tested >= 0 && n < code.after(tested); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Field && isList(n)) return true;
    if (kind !== Kind.Name) continue;
    if (isList(n)) return true;
    const b = places.values.scope(fn).lookup(code.name(n), code.start(n));
    if (b && b.value >= 0 && depth < 2 && worksOn(places, e, b.value, place, depth + 1)) return true;
  }
  return false;
}

/** `list.drain(..list.len().saturating_sub(MAX))`, not as many as `batch.len()` of what was sent. */
function isDrainedToSize({ fn: { code }, node, verb }: Effect): boolean {
  const range = verb === 'drain' ? code.child(node, Role.Arg) : -1;
  const list = code.child(node, Role.Object);
  for (let n = range; range >= 0 && n < code.after(range); n++)
    if (code.is(n, Kind.MethodCall, 'len') && sameText(code, code.child(n, Role.Object), list)) return true;
  return false;
}

/**
 * Something keeps the list short: a test that refuses or cuts, not one that only asks for a flush.
 * @param afterSuccess what takes out only what has been delivered
 */
function isCapped(growing: GrowingPlace, afterSuccess: ReadonlySet<Effect> = NONE): boolean {
  for (const e of growing.effects) {
    if (e.kind === 'remove' && (e.verb === 'truncate' || isDrainedToSize(e))) return true;
    if (isCutToSize(e)) return true;
    if (e.kind === 'size-test' && isLimit(e) && askedAt(e).some((at) => decides(growing, at, afterSuccess)))
      return true;
  }
  return false;
}

/** Where a test of the size is asked: where it stands, by the name it is given, or by the calls of what answers it, `self.full()`. */
function askedAt(test: Effect): Step[] {
  const { fn, node } = test;
  const { code } = fn;
  const out: Step[] = [{ fn, node }];
  const bound = code.ancestor(node, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
  const name = code.is(bound, Kind.Let) ? code.name(code.child(bound, Role.Pattern)) : '';
  for (let n = code.after(bound); name !== '' && n < fn.after; n++)
    if (code.is(n, Kind.Name, name)) out.push({ fn, node: n });
  if (answersOf(fn, 0).some((answer) => code.within(node, answer)))
    for (const site of Calls.of(fn.package.program).sitesOf(fn))
      if (site.kind === 'call' && !site.guess && !site.fn.isTest) out.push(site);
  return out;
}

/** A branch or loop that a test of the size decides leaves, adds, or makes room. */
function decides(growing: GrowingPlace, { fn, node }: Step, afterSuccess: ReadonlySet<Effect>): boolean {
  const { code } = fn;
  const branch = code.ancestor(node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Loop);
  if (branch < 0 || !code.within(node, code.child(branch, Role.Condition))) return false;
  if (code.kind(branch) === Kind.Loop || exits(code, code.child(branch, Role.Then))) return true;
  return growing.effects.some(
    (x) =>
      x.fn === fn &&
      code.within(x.node, branch) &&
      (x.kind === 'grow' || (x.kind === 'remove' && !takesAll.test(x.verb) && !afterSuccess.has(x))),
  );
}
