import { topologyNames } from '../../knowledge/counts.ts';
import { listenerNames } from '../../knowledge/handlers.ts';
import { requestParts } from '../../knowledge/provenance.ts';
import { rustAccepts } from '../../knowledge/readers.ts';
import {
  fileSizes,
  futureSets,
  limitedAdaptors,
  listings,
  nextFuture,
  nextItem,
  passesAll,
  runsAll,
  sentTypes,
} from '../../knowledge/rust-streams.ts';
import { requestExtractors, requestTypes } from '../../knowledge/sizes.ts';
import { limiterMethods } from '../../knowledge/spawns.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { isService } from '../linkage.ts';
import { Provenance } from '../origins/provenance.ts';
import { sameText } from '../places/effects.ts';
import { stateExtractors } from '../places/places.ts';
import type { Fn, Package } from '../program.ts';
import { chosenLength, mentionsLength } from '../sizes/counts.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { settledInRounds } from './rounds.ts';

/** A call that lets many futures run at once. */
export interface ConcurrencySite {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly verb: string;
  /** `chosen`: the program says no limit; `input`: as many as a collection has. */
  readonly limit:
    | { readonly kind: 'none'; readonly node: NodeId }
    /**
     * `known`: the collection comes from a caller, a listing or a query; else nothing tells how long it is. `sent`: a
     * client lists it in its request, or it is filled until a stream has no more.
     */
    | { readonly kind: 'input'; readonly known: boolean; readonly sent?: true }
    | { readonly kind: 'chosen'; readonly by: string };
}

/** All such calls of a Rust crate outside tests, in source order. */
export function concurrencySites(pkg: Package): ConcurrencySite[] {
  const out: ConcurrencySite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
      const kind = code.kind(n);
      const name = callName(code, n);
      const first = code.child(n, Role.Arg);
      if (kind === Kind.MethodCall && name === 'collect') {
        const set = collectedInto(fn, n);
        if (set)
          out.push({
            fn,
            node: n,
            verb: `collect::<${set}>`,
            limit: permitsInside(code, n) ?? lengthOf(fn, code.child(n, Role.Object), 0),
          });
      }
      if (first < 0) continue;
      if (kind === Kind.MethodCall && limitedAdaptors.test(name))
        out.push({ fn, node: n, verb: name, limit: limitOf(fn, first, code.child(n, Role.Object)) });
      else if (kind === Kind.Call && runsAll.test(name))
        out.push({
          fn,
          node: n,
          verb: name,
          limit: permitsInside(code, first) ?? permitsBefore(fn, first) ?? lengthOf(fn, first, 0),
        });
      else if (kind === Kind.MethodCall && /^push(_back|_front)?$/.test(name)) {
        const limit = pushedInto(fn, n, first);
        if (limit) out.push({ fn, node: n, verb: `${setName(fn, n)}::${name}`, limit });
      }
    }
  }
  return out;
}

/** The type of the set that a method is called on. */
function setName(fn: Fn, call: NodeId): string | undefined {
  const type = Values.of(fn.package.program).typeOf(fn, fn.code.child(call, Role.Object));
  const name = type && lastSegment(peel(type).type.name);
  return name !== undefined && futureSets.test(name) ? name : undefined;
}

/** `.collect::<FuturesUnordered<_>>()`, or into a name of that type. */
function collectedInto(fn: Fn, call: NodeId): string | undefined {
  const code = fn.code;
  const up = code.parent(call);
  const written =
    code.child(call, Role.TypeArg) >= 0
      ? code.child(call, Role.TypeArg)
      : code.kind(up) === Kind.Let
        ? code.child(up, Role.Type)
        : -1;
  const name = written < 0 ? '' : lastSegment(code.name(written));
  return futureSets.test(name) ? name : undefined;
}

/**
 * How many futures a set holds at once that a loop fills: as many as the loop has rounds, unless its length is looked
 * at before. Undefined when it is not filled in a loop of the same function.
 */
function pushedInto(fn: Fn, call: NodeId, future: NodeId): ConcurrencySite['limit'] | undefined {
  const code = fn.code;
  if (setName(fn, call) === undefined) return undefined;
  const object = code.child(call, Role.Object);
  const name = code.name(object);
  const loop = code.ancestor(call, (a) => code.kind(a) === Kind.Loop);
  if (loop < 0) return undefined;
  const { first: body, after } = fn;
  for (let n = body; n < after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      code.name(n) === 'len' &&
      code.is(code.child(n, Role.Object), code.kind(object), name)
    )
      return { kind: 'chosen', by: 'a test of how many there are' };
  const permits = permitsInside(code, future) ?? permitsInside(code, loop);
  if (permits) return permits;
  // One in for each that came out, or a loop that waits for work: the set is what is in flight.
  const iter = code.child(loop, Role.Iter);
  if (iter < 0 && accepts(code, loop, call)) return SENT_LIST;
  if (iter < 0) return isListed(fn, loop) && waitsOnlyBehind(code, loop, name, after) ? INPUT : undefined;
  const refilled = code.ancestor(
    loop,
    (a) => code.kind(a) === Kind.Loop && mentionsNext(code, a, name) && code.name(a) !== 'for',
  );
  return refilled >= 0 ? undefined : lengthOf(fn, iter, 0);
}

/** `loop { select! { peer = listener.accept() => peers.push(serve(peer)), _ = peers.next() => … } }`: one for each that connects. */
function accepts(code: Code, loop: NodeId, call: NodeId): boolean {
  for (let n = loop; n < call; n++)
    if (code.kind(n) === Kind.MethodCall && rustAccepts.test(code.name(n))) return true;
  return false;
}

/** `while let Some(object) = listing.try_next().await?`: a round for each of what is listed elsewhere. */
function isListed(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  const condition = code.child(loop, Role.Condition);
  const value = code.kind(condition) === Kind.LetCondition ? code.child(condition, Role.Value) : -1;
  let n = value;
  while (n >= 0 && !(code.kind(n) === Kind.MethodCall && nextItem.test(code.name(n))))
    n =
      code.kind(n) === Kind.Await || code.kind(n) === Kind.Try || code.kind(n) === Kind.MethodCall
        ? code.child(n, Role.Object)
        : -1;
  return n >= 0;
}

/** Nothing waits for the futures of a set while a loop fills it, and something does behind the loop. */
function waitsOnlyBehind(code: Code, loop: NodeId, set: string, after: NodeId): boolean {
  const around = code.ancestor(loop, (a) => code.kind(a) === Kind.Loop);
  for (let n = around < 0 ? loop : around; n < code.after(loop); n++)
    if (waitsForSet(code, n, set)) return false;
  for (let n = code.after(loop); n < after; n++)
    if (waitsForSet(code, n, set)) return around < 0 || !code.within(n, around);
  return false;
}

/** `set.next()`, `set.collect::<Vec<_>>()`: any use of the set but an insertion. */
function waitsForSet(code: Code, n: NodeId, set: string): boolean {
  return (
    code.is(n, Kind.Name, set) &&
    !(
      code.kind(code.parent(n)) === Kind.MethodCall && /^push(_back|_front)?$/.test(code.name(code.parent(n)))
    )
  );
}

function mentionsNext(code: Code, loop: NodeId, name: string): boolean {
  for (let n = loop; n < code.after(loop); n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      nextFuture.test(code.name(n)) &&
      code.name(code.child(n, Role.Object)) === name
    )
      return true;
  return false;
}

/** The futures take a permit each before they do anything. */
function permitsInside(code: Code, root: NodeId): ConcurrencySite['limit'] | undefined {
  for (let n = root; n < code.after(root); n++)
    // `reserve(n)` of a vector is no permit.
    if (
      code.kind(n) === Kind.MethodCall &&
      limiterMethods.has(code.name(n)) &&
      (code.name(n) !== 'reserve' || code.child(n, Role.Arg) < 0)
    )
      return { kind: 'chosen', by: `\`${code.name(n)}\` in each` };
  return undefined;
}

/** What is waited for was put together behind permits: `let permit = slots.acquire().await; handles.push(spawn(…))`. */
function permitsBefore(fn: Fn, futures: NodeId): ConcurrencySite['limit'] | undefined {
  const code = fn.code;
  const b = bindingOf(fn, itemsOf(code, futures));
  for (let n = fn.first; b && n < futures; n++) {
    if (code.kind(n) !== Kind.MethodCall || code.name(n) !== 'push') continue;
    if (!code.is(code.child(n, Role.Object), Kind.Name, b.name)) continue;
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
    const permits = loop < fn.first ? undefined : permitsInside(code, loop);
    if (permits) return permits;
  }
  return undefined;
}

/** `None`, `usize::MAX` and numbers beyond any number of cores are no limit; a length is as many as there are. */
function limitOf(fn: Fn, written: NodeId, stream: NodeId): ConcurrencySite['limit'] {
  const { code } = fn;
  const b = bindingOf(fn, written);
  const limit = b?.source === 'value' && b.value >= 0 ? b.value : written;
  if (mentionsLength(fn, limit) && !/^(min|clamp)$/.test(code.name(limit))) return lengthOfStream(fn, stream);
  const none =
    code.is(limit, Kind.Name, 'None') ||
    (code.kind(limit) === Kind.Path && /(^|::)(None|MAX)$/.test(code.name(limit)));
  const large =
    code.kind(limit) === Kind.Number &&
    Number(
      code
        .name(limit)
        .replaceAll('_', '')
        .replace(/[a-z]\w*$/, ''),
    ) > 10_000;
  if (none && mentionsListeners(fn, stream)) return { kind: 'chosen', by: 'what it listens on' };
  if (!none && !large) return { kind: 'chosen', by: 'the limit it is given' };
  const list = listOf(fn, stream);
  if (list < 0) return { kind: 'none', node: written };
  if (none && isOwn(fn, itemsOf(code, list))) return { kind: 'chosen', by: 'what the program itself keeps' };
  const length = lengthOf(fn, list);
  if (length.kind === 'chosen') return length;
  return { kind: 'none', node: written };
}

/** `stream::iter(listeners.map(TcpListenerStream::new))`: one for each address that is configured. */
function mentionsListeners({ code }: Fn, stream: NodeId): boolean {
  for (let n = stream; n < code.after(stream); n++) if (listenerNames.test(code.name(n))) return true;
  return false;
}

/** How many a stream gives: `stream::iter(nodes).map(…)` as many as there are nodes. */
function lengthOfStream(fn: Fn, stream: NodeId): ConcurrencySite['limit'] {
  const items = listOf(fn, stream);
  return items < 0 ? INPUT : lengthOf(fn, items, 0);
}

/** `nodes` of `stream::iter(nodes).map(…)`, or -1. */
function listOf({ code }: Fn, stream: NodeId): NodeId {
  let at = stream;
  while (at >= 0 && code.kind(at) === Kind.MethodCall) at = code.child(at, Role.Object);
  return at >= 0 && code.kind(at) === Kind.Call && callName(code, at) === 'iter'
    ? code.child(at, Role.Arg)
    : -1;
}

/** The list comes out of what the program keeps: its members, its own rows, its configuration. */
function isOwn(fn: Fn, list: NodeId): boolean {
  if (list < 0) return false;
  const { who, why } = Provenance.of(fn.package.program).of(fn, list);
  return who === 'own' && /state|database|configuration/.test(why);
}

/** How many items a collection holds, or futures: as many as what they were mapped from. */
export function lengthOf(fn: Fn, n: NodeId, depth = 0): ConcurrencySite['limit'] {
  const code = fn.code;
  const at = itemsOf(code, n);
  if (at < 0) return UNKNOWN;
  // `let probes = urls.iter().map(…)`, `Json(hosts): Json<Vec<String>>`: what a client lists is as long as it likes, whatever it is called.
  if (code.kind(at) === Kind.Name && topologyNames.test(code.name(at)) && isExtracted(fn, at)) {
    const b = bindingOf(fn, at);
    const tested = testedBefore(fn, at);
    if (tested) return { kind: 'chosen', by: tested };
    return b?.source === 'value' && b.type < 0 && depth < 4 ? lengthOf(fn, b.value, depth + 1) : SENT_LIST;
  }
  const given = topologyGiven(fn, at, depth);
  if (given) return given;
  const limit = lengthOfItems(fn, at, depth);
  if (limit.kind !== 'input' || limit.sent) return limit;
  return isExtracted(fn, at) ? SENT_LIST : limit;
}

/**
 * `fn check(hosts: Vec<String>)`, also `let probes = hosts.iter().map(…)`: what a list that is handed on is called tells less of
 * its length than whoever hands it on. Undefined where nothing is handed on.
 */
function topologyGiven(fn: Fn, at: NodeId, depth: number): ConcurrencySite['limit'] | undefined {
  const { code } = fn;
  const b = topologyNames.test(code.name(at)) && depth < 4 ? bindingOf(fn, at) : undefined;
  if (!b || testedBefore(fn, at)) return undefined;
  if (b.source === 'value' && b.type < 0 && b.value >= 0) {
    const from = itemsOf(code, b.value);
    return from === at ? undefined : topologyGiven(fn, from, depth + 1);
  }
  // `State(replicas): State<Arc<Vec<Replica>>>` is the program's own.
  const isState = b.type >= 0 && stateExtractors.has(lastSegment(code.name(b.type)));
  if (b.source !== 'parameter' || isState) return undefined;
  const type = Values.of(fn.package.program).bindingType(fn, b);
  return type && /^(Vec|slice)$/.test(lastSegment(peel(type).type.name))
    ? lengthOfLocal(fn, b, depth)
    : undefined;
}

/** What a client lists in its own request: `Json(ids): Json<Vec<u64>>`, or a field of that. */
function isExtracted(fn: Fn, at: NodeId): boolean {
  const { code } = fn;
  let root = at;
  while (root >= 0 && (code.kind(root) === Kind.Field || code.kind(root) === Kind.MethodCall))
    root = code.child(root, Role.Object);
  const b = bindingOf(fn, root);
  if (b === undefined) return false;
  if (b.type >= 0) return requestExtractors.test(code.name(b.type)) || requestTypes.test(code.name(b.type));
  return b.source === 'value' && b.value >= 0 && b.value < at && isExtracted(fn, b.value);
}

/** What iterators, results and borrows lead back to. */
function itemsOf(code: Code, n: NodeId): NodeId {
  let at = n;
  for (let i = 0; i < 20 && at >= 0; i++) {
    const kind = code.kind(at);
    const passes =
      kind === Kind.Unary ||
      kind === Kind.Await ||
      kind === Kind.Try ||
      (kind === Kind.MethodCall && passesAll.test(code.name(at)));
    if (!passes) break;
    at = code.child(at, Role.Object);
  }
  return at;
}

function lengthOfItems(fn: Fn, at: NodeId, depth: number): ConcurrencySite['limit'] {
  const code = fn.code;
  const chosen = chosenLength(fn, at) ?? testedBefore(fn, at);
  if (chosen) return { kind: 'chosen', by: chosen };
  switch (code.kind(at)) {
    case Kind.Sequence:
    case Kind.Macro:
      return { kind: 'chosen', by: 'a list written in the program' };
    case Kind.Call:
    case Kind.MethodCall:
      return listings.test(callName(code, at)) ? INPUT : lengthOfAnswer(fn, at, depth);
    case Kind.Field: {
      // A field of what the function was given: `request.into_inner().keys`.
      let of = code.child(at, Role.Object);
      while (code.kind(of) === Kind.MethodCall && requestParts.test(code.name(of)))
        of = code.child(of, Role.Object);
      const b = bindingOf(fn, of);
      if (b?.source === 'value' && b.type < 0) return isLoaded(fn, b) ? INPUT : UNKNOWN;
      if (!b || b.type < 0) return UNKNOWN;
      const type = Values.of(fn.package.program).bindingType(fn, b);
      const inner = type && peel(type).type;
      return (inner && [inner, ...inner.args].some((t) => sentTypes.test(lastSegment(t.name)))) ||
        isBroughtIn(fn, at)
        ? INPUT
        : UNKNOWN;
    }
    case Kind.Name: {
      const b = bindingOf(fn, at);
      return b && depth < 4 ? lengthOfLocal(fn, b, depth) : UNKNOWN;
    }
    case Kind.Range:
      return isSizedByFile(fn, at, 0) ? INPUT : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/**
 * `let clips = clips(folder).await?`: as many as the function has gathered, where it has one way to answer; as many as there
 * are elsewhere, where nobody in sight answers: `source.versions(name).await?`.
 */
function lengthOfAnswer(fn: Fn, call: NodeId, depth: number): ConcurrencySite['limit'] {
  const [target, ...others] = depth < 3 ? Values.of(fn.package.program).callees(fn, call) : [];
  const isFar = fn.code.kind(call) === Kind.MethodCall && fn.code.kind(fn.code.parent(call)) === Kind.Await;
  if (!target || target.fact.body < 0) return isFar && depth < 3 ? INPUT : UNKNOWN;
  if (others.length > 0) return UNKNOWN;
  const [answer, ...more] = answersOf(target, 0);
  if (answer === undefined || more.length > 0) return UNKNOWN;
  const { code } = target;
  const isOk = code.is(answer, Kind.Call) && callName(code, answer) === 'Ok';
  const list = isOk ? code.child(answer, Role.Arg) : answer;
  const b = bindingOf(target, list);
  const limit = b?.source === 'value' ? lengthOf(target, list, depth + 1) : UNKNOWN;
  return limit.kind === 'input' && limit.known ? INPUT : UNKNOWN;
}

/** `let record = store.get(id).await?`: it was waited for, so that it lies elsewhere; configuration is as long as somebody has written. */
function isLoaded(fn: Fn, { value }: Binding): boolean {
  const { code } = fn;
  let at = value;
  while (code.is(at, Kind.Try) || (code.is(at, Kind.MethodCall) && passesAll.test(code.name(at))))
    at = code.child(at, Role.Object);
  const call = code.is(at, Kind.Await) ? code.child(at, Role.Object) : -1;
  return CALLS[code.kind(call)] === 1 && !topologyNames.test(callName(code, call)) && !isOwn(fn, at);
}

/** `certificate.required_blobs` of what whoever uses a library hands in: as many as stand in what others have written. */
function isBroughtIn(fn: Fn, list: NodeId): boolean {
  return !isService(fn.package) && Provenance.of(fn.package.program).of(fn, list).who === 'caller';
}

/** `0..metadata(path).await?.len().div_ceil(PART)`: as many as a file has parts. */
function isSizedByFile(fn: Fn, root: NodeId, depth: number): boolean {
  const { code } = fn;
  for (let n = root; n < code.after(root); n++) {
    if (CALLS[code.kind(n)] === 1 && fileSizes.test(callName(code, n))) return true;
    const b = depth < 3 ? bindingOf(fn, n) : undefined;
    if (b?.source === 'value' && b.value >= 0 && isSizedByFile(fn, b.value, depth + 1)) return true;
  }
  return false;
}

/** `if request.ids.len() > MAX { return Err(…) }` before the collection is used. */
function testedBefore(fn: Fn, collection: NodeId): string | undefined {
  const { code } = fn;
  for (let n = fn.first; n < collection; n++) {
    if (code.kind(n) !== Kind.If || !exits(code, code.child(n, Role.Then))) continue;
    const condition = code.child(n, Role.Condition);
    for (let m = condition; m >= 0 && m < code.after(condition); m++) {
      if (code.kind(m) !== Kind.Binary || !/^>=?$/.test(code.name(m))) continue;
      const left = code.child(m, Role.Left);
      // `let count = ids.len(); if count > MAX { … }`
      const length = bindingOf(fn, left)?.value ?? left;
      const limit = code.child(m, Role.Right);
      if (!code.is(length, Kind.MethodCall, 'len') || /^[01]$/.test(code.name(limit))) continue;
      if (sameText(code, code.child(length, Role.Object), collection)) return 'a test of how many there are';
    }
  }
  return undefined;
}

const INPUT: ConcurrencySite['limit'] = { kind: 'input', known: true };
const SENT_LIST: ConcurrencySite['limit'] = { kind: 'input', known: true, sent: true };
const UNKNOWN: ConcurrencySite['limit'] = { kind: 'input', known: false };

function bindingOf(fn: Fn, n: NodeId): Binding | undefined {
  const { code } = fn;
  if (n < 0 || code.kind(n) !== Kind.Name) return undefined;
  return Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
}

function lengthOfLocal(fn: Fn, b: Binding, depth: number): ConcurrencySite['limit'] {
  const code = fn.code;
  if (b.source === 'parameter' || (b.source === 'part' && b.type >= 0)) {
    const passed = Calls.of(fn.package.program)
      .sitesOf(fn)
      .filter((s) => s.kind === 'call' && !s.fn.isTest)
      .map((s) => {
        const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
        return arg === undefined ? UNKNOWN : lengthOf(s.fn, arg, depth + 1);
      });
    // Whoever calls it from outside decides; of calls that only its name leads to nothing is known.
    const limit = passed.length > 0 ? most(passed) : undefined;
    // What a library offers has more callers than one sees.
    if (limit === UNKNOWN && fn.fact.exported && !isService(fn.package)) return INPUT;
    if (limit) return limit;
    return Calls.of(fn.package.program).isMentioned(fn) ? UNKNOWN : INPUT;
  }
  if (b.value < 0 || b.source !== 'value') return UNKNOWN;
  // A list that is filled by hand: as long as its pushes, or as the loops around them.
  const isEmpty =
    code.kind(b.value) === Kind.Macro ||
    (code.kind(b.value) === Kind.Call &&
      /(^|::)(new|with_capacity|default)$/.test(lastSegment(code.name(code.child(b.value, Role.Callee)))));
  return isEmpty ? lengthOfPushes(fn, b.name, depth) : lengthOf(fn, b.value, depth + 1);
}

/** What input decides counts for more than what is not known, and that for more than what is chosen. */
function most(limits: readonly ConcurrencySite['limit'][]): ConcurrencySite['limit'] {
  return (
    limits.find((l) => l.kind === 'input' && l.sent) ??
    limits.find((l) => l.kind === 'input' && l.known) ??
    limits.find((l) => l.kind !== 'chosen') ??
    limits[0] ??
    UNKNOWN
  );
}

/** A list is as long as the loops that push to it. */
function lengthOfPushes(fn: Fn, name: string, depth: number): ConcurrencySite['limit'] {
  const code = fn.code;
  const { first: body, after } = fn;
  const found: ConcurrencySite['limit'][] = [{ kind: 'chosen', by: 'the number of pushes' }];
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.MethodCall || !/^(push|extend)$/.test(code.name(n))) continue;
    if (!code.is(code.child(n, Role.Object), Kind.Name, name)) continue;
    if (code.name(n) === 'extend') {
      found.push(lengthOf(fn, code.child(n, Role.Arg), depth + 1));
      continue;
    }
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
    if (loop < 0) continue;
    if (settledInRounds(fn, loop, name, code.after(n)) >= 0) {
      found.push({ kind: 'chosen', by: 'a test of how many there are' });
      continue;
    }
    const iter = code.child(loop, Role.Iter);
    // `while let Some(entry) = entries.next().await`: until there is no more.
    found.push(iter < 0 ? SENT_LIST : lengthOf(fn, iter, depth + 1));
  }
  return most(found);
}
