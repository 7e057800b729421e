import type { Confidence } from '../../core/finding.ts';
import { listenerEvents } from '../../knowledge/handlers.ts';
import { numberTexts, removers } from '../../knowledge/keys.ts';
import { streamNext } from '../../knowledge/loops.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { type Lifetime, Lifetimes } from '../lifetime/lifetime.ts';
import { isService } from '../linkage.ts';
import { ASKED } from '../origins/outsiders.ts';
import { Provenance } from '../origins/provenance.ts';
import { debuggingAround } from '../phases/administrators.ts';
import { isOfLocalPeers } from '../phases/local-peers.ts';
import { takesStrangers } from '../phases/loop-feeds.ts';
import { isUncalled, Phases } from '../phases/phases.ts';
import type { Reach } from '../phases/reach.ts';
import { isMadeOf } from '../phases/serving-loops.ts';
import { type Effect, Effects, sameText } from '../places/effects.ts';
import {
  element,
  fieldPlace,
  globalPlace,
  memberPlace,
  membersOf,
  type PlaceRef,
  Places,
  typeOfPlace,
} from '../places/places.ts';
import type { Fn, Package } from '../program.ts';
import { Recent } from '../recent.ts';
import { boundedBy, type ContainerType, container, goText, lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { Bound } from './bound.ts';
import { Bounds } from './bounds.ts';
import { foundBefore } from './found-before.ts';
import { emptiesEntry, fewKeys, isFilledByOutsider, isRegistered, loginBefore, UNSAID } from './keys.ts';
import { askedOnTheWay, refusedBefore } from './refused-before.ts';
import { isCutToSize, isLimit } from './size-tests.ts';

/** A growable container of a package with everything that is done to it. */
export interface GrowingPlace {
  readonly place: PlaceRef;
  readonly container: ContainerType;
  /** Effects under every name of the place, in source order. */
  readonly effects: readonly Effect[];
  /** The map whose values these lists are. */
  readonly within?: GrowingPlace;
}

/** What is known of one growth: its bound, or why it has none. */
export interface GrowthVerdict {
  readonly growth: Effect;
  readonly bound: Bound | undefined;
}

/** A container without a bound, and how sure that is. */
export interface Unbounded {
  readonly growth: Effect;
  readonly lifetime: Lifetime;
  readonly reach: Reach;
  readonly confidence: Confidence;
  /** Why there are probably few entries. */
  readonly few?: string;
  /** What else is only likely. */
  readonly doubt?: string;
}

/** The containers declared in a package (fields, globals, locals) that something is added to, in source order. */
export function growingPlaces(pkg: Package): readonly GrowingPlace[] {
  return pkg.program.derive(keepGrowing).get(pkg);
}

/** Several rules ask for those of one package, one after the other. */
const keepGrowing = () => new Recent(findGrowing, 1);

function findGrowing(pkg: Package): readonly GrowingPlace[] {
  const values = Values.of(pkg.program);
  const effects = Effects.of(pkg.program);
  const candidates: PlaceRef[] = [];
  const fieldNames = new Map<string, PlaceRef[]>();
  for (const g of pkg.globals)
    if (!g.fact.test && !g.file.isTest && g.fact.kind !== 'const') candidates.push(globalPlace(g));
  for (const t of pkg.types) {
    if (t.isTest || t.file.facts.generated) continue;
    for (const f of t.fact.fields) {
      const place = fieldPlace(t, f.name);
      candidates.push(place);
      const same = fieldNames.get(f.name);
      if (same) same.push(place);
      else fieldNames.set(f.name, [place]);
    }
  }
  for (const place of Places.of(pkg.program).states(pkg)) candidates.push(place);
  for (const place of effects.grownLocals(pkg)) candidates.push(place);
  const out: GrowingPlace[] = [];
  for (const place of candidates) {
    const type = typeOfPlace(values, place);
    // `var cache struct { sync.Mutex; m map[string]T }`
    if (type && (place.members?.length ?? 0) < 3)
      for (const member of membersOf(type)) candidates.push(memberPlace(place, member.name));
    const c = container(values.types, type) ?? (isKept(place) ? goText(type) : undefined);
    if (!c) continue;
    const all = effects.on(place);
    // An object of unknown type with a field of this name: this one, when no other type has such a field.
    if (place.root === 'field' && !place.members && fieldNames.get(place.name)?.length === 1)
      for (const e of effects.onUnknown(place.name))
        if (e.fn.package === pkg && (e.kind !== 'grow' || e.place.root === 'unknown')) all.push(e);
    if (!all.some((e) => e.kind === 'grow')) continue;
    all.sort(bySource);
    const growing = { place, container: c, effects: all };
    out.push(growing);
    const lists = listsIn(values, effects, growing);
    if (lists) out.push(lists);
  }
  return out;
}

/** A field or global: what a local gathers goes with it. */
function isKept({ root }: PlaceRef): boolean {
  return root === 'field' || root === 'global';
}

/** The lists that are the values of a map, when something is added to them: `m[kind] = append(m[kind], x)`. */
function listsIn(values: Values, effects: Effects, map: GrowingPlace): GrowingPlace | undefined {
  const list = container(values.types, map.container.value);
  if (map.container.row.shape !== 'map' || list?.row.shape !== 'list' || map.place.depth > 0)
    return undefined;
  const all = effects.onElements(map.place);
  if (!all.some((e) => e.kind === 'grow')) return undefined;
  // With its entry the list goes too.
  for (const e of map.effects) if (e.kind === 'remove' || e.kind === 'reset') all.push(e);
  all.sort(bySource);
  return { place: element(map.place), container: list, effects: all, within: map };
}

/**
 * What takes something out of the containers that are the values of a map: `m.get_mut(topic)?.remove(&id)`. A window that is
 * pruned where it is added to says nothing of how many there are.
 */
export function valueRemoval(
  pkg: Package,
  { place, container: map, effects }: GrowingPlace,
): Effect | undefined {
  if (map.row.shape !== 'map' || !container(Values.of(pkg.program).types, map.value)) return undefined;
  const grows = effects.filter((e) => e.kind === 'grow');
  const emptying = grows.filter((e) => emptiesEntry(e, effects));
  const adds = new Set(grows.filter((e) => !emptying.includes(e)).map((e) => e.fn));
  const takes = Effects.of(pkg.program)
    .onElements(place)
    .filter((e) => e.kind === 'remove' || e.kind === 'reset');
  return [...takes, ...emptying].find((e) => !e.fn.isTest && !adds.has(e.fn));
}

/** Fields and globals of a package whose type bounds itself, with the words that say how. */
export function selfBounded(pkg: Package): { place: PlaceRef; by: string }[] {
  const values = Values.of(pkg.program);
  const out: { place: PlaceRef; by: string }[] = [];
  for (const g of pkg.globals) {
    if (g.fact.test || g.file.isTest) continue;
    const by = boundedBy(values.globalType(g.file, g.fact.type, g.fact.value));
    if (by) out.push({ place: globalPlace(g), by });
  }
  for (const t of pkg.types) {
    if (t.isTest) continue;
    for (const f of t.fact.fields) {
      const by = boundedBy(values.types.at(t.file, f.type));
      if (by) out.push({ place: fieldPlace(t, f.name), by });
    }
  }
  return out;
}

function bySource(a: Effect, b: Effect): number {
  const x = a.fn.file.facts.file;
  const y = b.fn.file.facts.file;
  return x < y ? -1 : x > y ? 1 : a.fn.code.start(a.node) - b.fn.code.start(b.node);
}

/** No further key comes to a map while the service runs, so that only what its entries hold can grow. */
export function hasClosedKeys(pkg: Package, map: GrowingPlace): boolean {
  for (const { bound } of boundsOf(pkg, map))
    if (bound?.reason !== 'closed-keys' && bound?.reason !== 'start-up-only') return false;
  return true;
}

/**
 * The bound of each growth of a place, found when it is asked for.
 * @param matters growths of which nobody wants to know the bound are left out: default none
 */
export function* boundsOf(
  pkg: Package,
  growing: GrowingPlace,
  matters: (growth: Effect) => boolean = () => true,
): Iterable<GrowthVerdict> {
  const bounds = Bounds.of(pkg.program);
  for (const growth of growing.effects)
    if (growth.kind === 'grow' && !growth.fn.isTest && matters(growth))
      yield { growth, bound: bounds.of(growing.place, growth, growing.effects) };
}

/** What is added is soon gone with its container. Of most growths that is so, and is told sooner than what bounds them. */
export function livesShortly(pkg: Package, growing: GrowingPlace, growth: Effect): boolean {
  const { verdict } = Lifetimes.of(pkg.program).of(growing.place, growth.fn, growth.node);
  return verdict === 'short' && handlesOfStream(pkg, growing, growth) === undefined;
}

/**
 * How sure it is that an unbounded growth matters: the owner lives long, and the growth goes on after start-up.
 * Both proven is high, one of them likely is medium, less is low; an owner that lives shortly is nothing.
 */
export function judge(pkg: Package, growing: GrowingPlace, growth: Effect): Unbounded | Lifetime {
  const lifetime = Lifetimes.of(pkg.program).of(growing.place, growth.fn, growth.node);
  if (lifetime.verdict === 'short') return handlesOfStream(pkg, growing, growth) ?? lifetime;
  const isList = growing.container.row.shape === 'list';
  const sure = (r: Reach) =>
    confidenceOf(lifetime, r, isList, isService(pkg), () => !isList && addsEachTime(growth));
  const nearest = Phases.of(pkg.program).at(growth.fn, growth.node);
  // A loop of the program's own may stand nearer than the request that fills it as well.
  const further = nearest.stronger && { ...nearest, ...nearest.stronger };
  const reach = further && sure(further) === 'high' ? further : nearest;
  const byNameOnly =
    pkg.language === 'rust' &&
    !reach.request &&
    !reach.likely &&
    reach.api !== undefined &&
    Calls.of(pkg.program).mayBeMentioned(reach.api);
  const confidence =
    byNameOnly || isUncalled(pkg, reach)
      ? 'low'
      : lifetime.verdict === 'long' && keepsWhatItMakes(growth)
        ? atLeastLikely(sure(reach))
        : sure(reach);
  const { owner } = growing.place;
  const isStandIn =
    confidence === 'high' && owner && isService(pkg) && Lifetimes.of(pkg.program).isNeverMade(owner);
  const few = isStandIn
    ? `\`${owner.fact.name}\` being made by tests alone`
    : confidence === 'low' || keepsWhatItMakes(growth)
      ? undefined
      : fewKeys(growing, growth, reach, lifetime);
  if (few === UNSAID && comesAndGoes(growing))
    return { growth, lifetime, reach, confidence: 'medium', doubt: 'nothing says who chooses its keys' };
  if (few) return { growth, lifetime, reach, confidence, few };
  const doubt =
    confidence === 'high'
      ? (doubtOf(growing, growth) ??
        doubtOfPeers(reach) ??
        doubtOfOutsiders(growing, growth, reach) ??
        doubtOfAsked(growing, growth))
      : undefined;
  return doubt
    ? { growth, lifetime, reach, confidence: 'medium', doubt }
    : { growth, lifetime, reach, confidence };
}

function atLeastLikely(confidence: Confidence): Confidence {
  return confidence === 'low' ? 'medium' : confidence;
}

/**
 * Go: `return func() (Parser, error) { p := &running{…}; c.parsers = append(c.parsers, p); return p, nil }`: a function that is handed
 * out makes one more each time somebody calls it, and the list keeps them all.
 */
function keepsWhatItMakes({ fn, node, value }: Effect): boolean {
  const { code } = fn;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  if (
    fn.package.language !== 'go' ||
    isService(fn.package) ||
    closure < fn.first ||
    !code.is(value, Kind.Name)
  )
    return false;
  if (code.kind(code.parent(closure)) !== Kind.Return) return false;
  const made = Values.of(fn.package.program).scope(fn).lookup(code.name(value), code.start(value));
  if (!made || !code.within(made.node, closure) || made.value < 0) return false;
  for (let n = node; n < code.after(closure); n++)
    if (code.is(n, Kind.Return) && code.all(n, Role.Value).some((v) => code.is(v, Kind.Name, made.name)))
      return true;
  return false;
}

/** Go: an entry is taken out by its key somewhere, though not always: the keys are no fixed set that fills up once. */
function comesAndGoes({ container: { row }, effects }: GrowingPlace): boolean {
  return (
    row.shape === 'map' &&
    effects.some((e) => e.kind === 'remove' && e.single && !e.fn.isTest && e.fn.package.language === 'go')
  );
}

/** Whoever brings it runs on the same machine, and may be the machine's own user. */
function doubtOfPeers({ request }: Reach): string | undefined {
  if (request?.local)
    return 'where nobody has configured another address, whoever asks runs on the same machine';
  const round = request?.round;
  return round && isOfLocalPeers(round.fn, round.loop, round.node)
    ? 'whoever connects runs on the same machine'
    : undefined;
}

/** Nobody outside is seen who makes one more of them. */
function doubtOfOutsiders(growing: GrowingPlace, growth: Effect, reach: Reach): string | undefined {
  if (!isFilledByOutsider(growing, growth, reach)) return 'nobody outside is seen who chooses what is added';
  const { request, calls = 0 } = reach;
  if (calls > ASKED) return `${calls} calls lie between that and what clients ask`;
  const { round } = request ?? {};
  if (round && round.fn.package.language === 'rust' && growth.key >= 0 && !takesStrangers(round))
    return 'who sends the messages that it takes its keys from is not seen';
  if (request?.request || request?.loop) return undefined;
  return `${request?.why ?? 'something'}, and what it waits for is not known`;
}

/** Why a growth that is proven may stay small all the same. */
function doubtOf({ place, effects }: GrowingPlace, growth: Effect): string | undefined {
  const bounds = Bounds.of(growth.fn.package.program);
  if (bounds.mayBeRemoved(place, growth, effects)) return 'what is removed may be all that is added';
  const event = ownEventAround(growth);
  if (event !== undefined) return `\`${event}\` tells of what the program itself listens at`;
  if (emptiesEntry(growth, effects)) return 'this empties an entry, of which only the key stays';
  if (isRegistered(growth))
    return 'its keys are registered before they are used, and there may be few of them';
  const remover = namedRemoval(place, growth, effects);
  if (remover) return `\`${remover.label}\` works on it as well, and may take out what is added`;
  const found = foundBefore(growth, place, effects);
  if (found !== undefined) return `an entry is made only for what ${found} has found`;
  const beside = effects.filter((e) => e.kind === 'grow' && e.fn === growth.fn);
  // `if err != nil { tags[name] = "" }`: what was refused is remembered as well.
  const refuser = ofAll(beside, (e) => refusedBefore(e, place));
  if (refuser !== undefined) return `an entry is made only for what ${refuser} lets through`;
  if (growth.fn.package.language === 'go' && debuggingAround(growth) >= 0)
    return 'it is filled only under a condition that speaks of debugging';
  const login = loginBefore(growth);
  return login === undefined ? undefined : `each entry is an account for which \`${login}\` has worked`;
}

/** Whoever is asked before may let in few, in all ways in which something is added there. */
function doubtOfAsked({ effects }: GrowingPlace, { fn }: Effect): string | undefined {
  const asked = ofAll(
    effects.filter((e) => e.kind === 'grow' && e.fn === fn),
    askedOnTheWay,
  );
  return asked === undefined
    ? undefined
    : `${asked} is asked on the way, and may let in only what there are few of`;
}

/** What is said of the first, where something is said of each. */
function ofAll<T>(all: readonly T[], say: (one: T) => string | undefined): string | undefined {
  const said = all.map(say);
  return said.includes(undefined) ? undefined : said[0];
}

/** Rust: the event of the program's own listeners in whose arm something grows: `SwarmEvent::NewListenAddr { address, .. } => …`. */
function ownEventAround({ fn, node }: Effect): string | undefined {
  const { code } = fn;
  if (fn.package.language !== 'rust') return undefined;
  for (let up = code.parent(node); up >= fn.first; up = code.parent(up)) {
    const kind = code.kind(up);
    const test =
      kind === Kind.Arm
        ? code.child(up, Role.Pattern)
        : kind === Kind.If
          ? code.child(up, Role.Condition)
          : -1;
    for (let n = test; test >= 0 && n < code.after(test); n++) {
      const name = lastSegment(code.name(n));
      if (listenerEvents.test(name)) return name;
    }
  }
  return undefined;
}

/**
 * Rust: a method whose name says that it takes something out works on the field, in a way that is not understood:
 * `self.groups.get_mut(&name).map(|(_, members)| members.remove(&id))`.
 */
function namedRemoval(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Fn | undefined {
  const { owner, field, depth } = place;
  if (growth.fn.package.language !== 'rust' || !owner || field === undefined || depth > 0) return undefined;
  if (effects.some((e) => e.kind === 'remove' && !e.fn.isTest)) return undefined;
  return owner.file.package.methodsOn(owner.fact.name).find((fn) => {
    if (fn.isTest || fn === growth.fn || !removers.test(fn.fact.name)) return false;
    for (let n = fn.first; n < fn.after; n++) if (fn.code.is(n, Kind.Field, field)) return true;
    return false;
  });
}

/**
 * Rust: `while let Some(x) = stream.next().await { tasks.push(tokio::spawn(work(x))) }`: the handles of what has finished
 * are kept until the stream ends, which may be never.
 */
function handlesOfStream(pkg: Package, growing: GrowingPlace, growth: Effect): Unbounded | undefined {
  const { fn, node, value } = growth;
  const { place, container: held } = growing;
  if (pkg.language !== 'rust' || place.root !== 'local' || held.row.shape !== 'list') return undefined;
  const kept = held.value ?? (value < 0 ? undefined : Values.of(pkg.program).typeOf(fn, value));
  if (!/(^|::)JoinHandle$/.test(kept?.name ?? '') && !startsTask(fn, value)) return undefined;
  const phases = Phases.of(pkg.program);
  const loop = phases
    .context(fn, node)
    .loops.find((l) => phases.endsWithStream(fn, l) && !isOverList(fn, l) && !isWithin(fn, l, place));
  if (loop === undefined) return undefined;
  const lifetime: Lifetime = {
    verdict: 'long',
    strength: 'likely',
    why: `it keeps the handles of what has finished until the stream in \`${fn.label}\` ends`,
    at: fn.place(loop),
  };
  return { growth, lifetime, reach: phases.at(fn, node), confidence: 'medium' };
}

/** `tokio::spawn(…)`, `thread::spawn(…)`, `runtime.spawn_blocking(…)`, also by a name. */
function startsTask(fn: Fn, value: NodeId): boolean {
  const { code } = fn;
  let n = value;
  if (n >= 0 && code.kind(n) === Kind.Name)
    n = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
  if (n < 0 || (code.kind(n) !== Kind.Call && code.kind(n) !== Kind.MethodCall)) return false;
  return /(^|::)spawn(_blocking|_local)?$/.test(callName(code, n));
}

/** `stream::iter(list)` ends with its list: https://docs.rs/futures/latest/futures/stream/fn.iter.html */
function isOverList(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  const condition = code.child(loop, Role.Condition);
  const root = condition >= 0 ? condition : loop;
  for (let n = root; n < code.after(root); n++)
    if (code.kind(n) === Kind.MethodCall && streamNext.test(code.name(n)))
      return isMadeOf(fn, code.child(n, Role.Object), /^((futures(_util)?|tokio_stream)::)?(stream::)?iter$/);
  return false;
}

/** The list is made anew in each turn of the loop. */
function isWithin({ code }: Fn, loop: NodeId, { binding }: PlaceRef): boolean {
  return binding !== undefined && code.within(binding.node, loop);
}

/**
 * Likely facts are enough only of a library: nobody in sight says how long its values live and when its code runs. What
 * the program itself brings to a loop may be as much as it has been given to look after.
 */
function confidenceOf(
  lifetime: Lifetime,
  reach: Reach,
  isList: boolean,
  service: boolean,
  addsAlways: () => boolean,
): Confidence {
  const lives = lifetime.verdict !== 'long' ? 0 : lifetime.strength === 'proven' ? 2 : 1;
  const runs = timesOf(reach, isList, service);
  // Of a library's own key that is never used again nobody takes the entry out, however long the owner lives.
  if (lives === 0 && runs >= 1 && !isList && !service && lifetime.verdict === 'unknown' && addsAlways())
    return 'medium';
  if (lives === 0 || runs === 0) return 'low';
  if (lives === 2 && runs === 2) return reach.request?.own ? 'medium' : 'high';
  if (service) return 'low';
  // Lists are filled for many reasons; a name alone proves nothing about them.
  const told = lives + runs + (lives + runs === 2 && addsAlways() ? 0.5 : 0);
  return told >= (isList ? 3 : 2) ? 'medium' : 'low';
}

/** Each insert makes a new key, so that no caller can ask for the same one twice: Go's `m[c.next()] = reply`. */
function addsEachTime({ fn, key }: Effect): boolean {
  if (fn.package.language !== 'go' || key < 0) return false;
  const { code } = fn;
  const authors = Provenance.of(fn.package.program);
  const isFresh = (n: NodeId) => authors.of(fn, n).who === 'fresh';
  if (isFresh(key)) return true;
  const made = code.is(key, Kind.Name)
    ? (Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key))?.value ?? -1)
    : key;
  // `fmt.Sprintf("stmt_%d", c.seq)`
  return (
    code.kind(made) === Kind.MethodCall &&
    numberTexts.test(code.name(made)) &&
    code.all(made, Role.Arg).some(isFresh)
  );
}

/** So many calls away from a request a growth is as likely as not to be somebody else's. */
const FAR = 3;

/** How much speaks for it that something runs again and again under load: 2 is proof. */
function timesOf(
  { request, calls = 0, likely, api, startup }: Reach,
  isList: boolean,
  service: boolean,
): number {
  if (request?.administrative) return 0.5;
  // Far from the request the value is often one that the request has made for itself.
  if (request) return calls > (isList ? 1 : FAR) && service ? 0.75 : 2;
  if (likely) return likely.ends && service ? 0.75 : 1.5;
  return api && !startup ? 1 : 0;
}

/** A test of a container's size that can be a limit, anywhere. */
export function sizeLimit(growing: GrowingPlace): Effect | undefined {
  return (
    growing.effects.find((e) => (e.kind === 'size-test' && isLimit(e)) || isCutToSize(e)) ??
    growing.effects.find((e) => e.kind === 'remove' && (makesRoomFor(growing, e) || keepsToBudget(e)))
  );
}

/**
 * `for c.bytes > c.limit { …; c.order.Remove(e); c.bytes -= e.size }`, `while self.bytes > self.budget && let Some(old) =
 * self.sent.pop_front() { … }`: what is kept is weighed, not counted.
 */
function keepsToBudget({ fn, node }: Effect): boolean {
  const { code } = fn;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  const condition = loop < fn.first ? -1 : code.child(loop, Role.Condition);
  for (let n = condition; condition >= 0 && n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^>=?$/.test(code.name(n))) continue;
    if (code.kind(code.child(n, Role.Right)) === Kind.Number) continue;
    if (isTakenFrom(code, loop, code.child(n, Role.Left))) return true;
  }
  return false;
}

/** `self.bytes -= old.len()`, `self.bytes = self.bytes.saturating_sub(old.len())` */
function isTakenFrom(code: Code, loop: NodeId, weight: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) !== Kind.Assign || !sameText(code, code.child(n, Role.Target), weight)) continue;
    const value = code.child(n, Role.Value);
    if (code.name(n) === '-=' || code.is(value, Kind.Binary, '-')) return true;
    if (code.kind(value) === Kind.MethodCall && /_sub$/.test(code.name(value))) return true;
  }
  return false;
}

/** Go: `if len(s.entries) >= max { s.order.Remove(s.order.Back()) }` before an insert: what is kept beside it is counted. */
function makesRoomFor(growing: GrowingPlace, removal: Effect): boolean {
  const { fn, node } = removal;
  const code = fn.code;
  if (fn.package.language !== 'go') return false;
  const test = code.ancestor(node, (a) => code.kind(a) === Kind.If);
  const condition = test < fn.first ? -1 : code.child(test, Role.Condition);
  if (condition < 0 || code.kind(condition) !== Kind.Binary || !/^>=?$/.test(code.name(condition)))
    return false;
  const length = code.child(condition, Role.Left);
  const limit = code.child(condition, Role.Right);
  return (
    code.kind(length) === Kind.Call &&
    code.is(code.child(length, Role.Callee), Kind.Name, 'len') &&
    !(code.kind(limit) === Kind.Number && /^[01]$/.test(code.name(limit))) &&
    growing.effects.some((e) => e.kind === 'grow' && e.fn === fn && e.node > test)
  );
}
