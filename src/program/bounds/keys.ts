import { errorNames } from '../../knowledge/errors.ts';
import {
  admissionCalls,
  brokerParts,
  churningObjects,
  clientChannels,
  closedKeyWords,
  configuredNames,
  digestCalls,
  grantTypes,
  keyConversions,
  loginCalls,
  openKeyWords,
  registeredKeyWords,
  schemaTypes,
  tenantNames,
  tokenRequests,
  vagueKeyWords,
} from '../../knowledge/keys.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import type { Lifetime } from '../lifetime/lifetime.ts';
import { broughtByOutsider, isWrittenByOutsider } from '../origins/outsiders.ts';
import { type Author, Provenance } from '../origins/provenance.ts';
import { isFedByPeers } from '../phases/loop-feeds.ts';
import type { Reach } from '../phases/reach.ts';
import { type Effect, sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { GrowingPlace } from './growth.ts';

/**
 * Why an insert brings few keys: the deployment decides how many there are, or nothing says that somebody outside
 * chooses them. Undefined when somebody outside does, when each insert makes a new one, and for what has no keys.
 */
export function fewKeys(
  growing: GrowingPlace,
  growth: Effect,
  reach: Reach,
  lifetime: Lifetime,
): string | undefined {
  if (lifetime.perRequest && !isGivenThere(growth, reach))
    return 'what one request brings, since it is gone with the stream or connection that it is kept for';
  const schema = schemaOf(growing);
  if (schema) return schema;
  const value = growing.container.value && peel(growing.container.value).type;
  if (value && !value.decl && clientChannels.test(value.name)) return 'servers that the program connects to';
  if (growing.container.row.shape === 'list')
    return isOfLoop(reach) && growth.fn.package.language === 'go' ? ownItems(growth, reach) : undefined;
  // A type names what it is a key of; a variable only may.
  const written = writtenKey(growing);
  if (written !== undefined && closedWord(wordsOf(written))) return deployed(written);
  const { fn } = growth;
  // `map.extend(others)` has no key to follow, but something that the keys come with.
  const key = growth.key >= 0 ? growth.key : growth.value;
  if (key < 0) return UNSAID;
  const provenance = Provenance.of(fn.package.program);
  if (namesChurningObject(growing)) return undefined;
  const parts = partsOf(fn, key);
  if (parts.every((part) => isOfBroker(fn, part))) return 'the partitions that the broker has';
  if (reach.request && parts.some((part) => isOfChurningObject(fn, part))) return undefined;
  if (parts.some((part) => isNewObject(fn, part))) return undefined;
  const authors = parts.map((part) => authorOfKey(provenance, fn, part));
  if (authors.some((a) => a.who === 'fresh')) return undefined;
  const strangers = authors.filter((a) => a.who === 'outside');
  const policies = strangers.map((a) => admission(fn, a));
  if (policies.length > 0 && !policies.includes(undefined))
    return `the names that \`${policies[0]}\` lets in`;
  if (strangers.some((a) => isIn(fn, a))) return undefined;
  const name = deployedName(growing, growth);
  if (name !== undefined && !strangers.some((a) => isRenamed(fn, parts, a))) return deployed(name);
  // Of a library nobody in sight is the service: whoever calls it chooses, also what its loops wait for.
  const { request } = reach;
  const offered = request ? request.own === true : reach.api !== undefined || reach.likely !== undefined;
  // What a loop takes out of a channel that others fill comes from them, also where a helper of the loop inserts it.
  const takes = (a: Author) =>
    a.offered === fn || (a.offered !== undefined && a.offered === request?.round?.fn);
  if (authors.some((a) => a.who === 'outside' || (a.who === 'caller' && (offered || takes(a)))))
    return undefined;
  const [author] = authors;
  return author?.who === 'own' ? `keys that come from ${author.why}` : UNSAID;
}

/** Go: `pod.key()`, `resourceKey(batch.Resource)`: who brings what a key is made of has chosen it, however it is put together. */
function authorOfKey(provenance: Provenance, fn: Fn, part: NodeId): Author {
  const author = provenance.of(fn, part);
  const { code } = fn;
  if (fn.package.language !== 'go' || (author.who !== 'unknown' && author.who !== 'own')) return author;
  // What a local holds that was made so.
  const b = code.is(part, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(part), code.start(part))
    : undefined;
  if (b?.source === 'parameter') return authorFromCallers(provenance, fn, b.index) ?? author;
  const call = b && b.value >= 0 ? b.value : part;
  return authorOfMade(provenance, fn, call) ?? author;
}

/** Who brings what a function of the workspace makes a key of. */
function authorOfMade(provenance: Provenance, fn: Fn, call: NodeId): Author | undefined {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  if (call < 0 || CALLS[code.kind(call)] !== 1 || values.callees(fn, call).length !== 1) return undefined;
  const object = code.kind(call) === Kind.MethodCall ? code.child(call, Role.Object) : -1;
  // What is asked of a part of its own, `t.clusters.PatternOf(path)`, may be one of few.
  if (object >= 0 && (!code.is(object, Kind.Name) || code.is(object, Kind.Name, fn.fact.receiver)))
    return undefined;
  const given = [object, ...code.all(call, Role.Arg)].filter(
    (n) => n >= 0 && values.goPackage(fn, n) === undefined,
  );
  return given
    .filter((n) => !code.is(n, Kind.Name, fn.fact.receiver))
    .map((n) => provenance.of(fn, n))
    .find((a) => a.who === 'outside' || a.who === 'caller');
}

/** `c.getOrCreate(resourceKey(batch.Resource))`: what a helper is handed for its key. */
function authorFromCallers(provenance: Provenance, fn: Fn, index: number): Author | undefined {
  for (const site of Calls.of(fn.package.program).sitesOf(fn)) {
    const arg =
      site.kind === 'call' && !site.guess ? site.fn.code.all(site.node, Role.Arg)[index] : undefined;
    const author = arg === undefined ? undefined : authorOfMade(provenance, site.fn, arg);
    if (author) return author;
  }
  return undefined;
}

/**
 * What makes one entry more each time is seen: the text of somebody outside in the key, or a new key or item for each of their
 * requests. What was looked up, configured or kept elsewhere there are only as many of as of that.
 */
export function isFilledByOutsider(growing: GrowingPlace, { fn, key, value }: Effect, reach: Reach): boolean {
  if (!broughtByOutsider(reach)) return false;
  if (growing.container.row.shape === 'list') return true;
  const from = key >= 0 ? key : value;
  if (from < 0) return false;
  const provenance = Provenance.of(fn.package.program);
  return partsOf(fn, from).some((part) => {
    const author = provenance.of(fn, part);
    return isWrittenByOutsider(author) || author.who === 'fresh' || isNewObject(fn, part);
  });
}

/** The key is called after something that is registered before it is used, `org_id`, and after nothing else that is many. */
export function isRegistered({ fn, key }: Effect): boolean {
  // What it is called says more than what it was made of: `let tenant_id = tenant_of(&request);`
  const called = key < 0 ? [] : namesIn(fn, key, 1).flatMap(wordsOf);
  const isCalledSo = called.some((w) => registeredKeyWords.has(w));
  const words = key < 0 || isCalledSo ? called : namesIn(fn, key).flatMap(wordsOf);
  return (
    words.some((w) => registeredKeyWords.has(w)) &&
    words.every((w) => registeredKeyWords.has(w) || vagueKeyWords.has(w) || !openKeyWords.has(w))
  );
}

/**
 * Rust: `record(request.uri().path())` of `fn record(route: &str)`: who calls knows it as something of which there are many,
 * and takes it from outside itself. What the parameter is called says less than that.
 */
function isRenamed(fn: Fn, parts: readonly NodeId[], author: Author): boolean {
  if (fn.package.language !== 'rust') return false;
  const { code } = fn;
  const { program } = fn.package;
  return parts.some((part) => {
    let root = part;
    while (code.kind(root) === Kind.MethodCall && converts(code.name(root)))
      root = code.child(root, Role.Object);
    const b = code.is(root, Kind.Name)
      ? Values.of(program).scope(fn).lookup(code.name(root), code.start(root))
      : undefined;
    if (b?.source !== 'parameter') return false;
    return Calls.of(program)
      .sitesOf(fn)
      .some((s) => {
        if (s.kind !== 'call' || s.guess || !isIn(s.fn, author)) return false;
        const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
        const words = arg === undefined ? [] : namesIn(s.fn, arg).flatMap(wordsOf);
        return words.some((w) => openKeyWords.has(w)) && !words.some((w) => closedKeyWords.has(singular(w)));
      });
  });
}

/**
 * Go: `if err := policy(ctx, name); err != nil { return … }` in the function that takes the name from outside, before it
 * leads to the insert: the name of the call that lets it in.
 */
function admission(fn: Fn, { at }: Author): string | undefined {
  if (fn.package.language !== 'go') return undefined;
  const { program } = fn.package;
  const taker = program.file(at.file)?.functions.find((f) => isIn(f, { at }));
  const code = taker?.code;
  for (let n = taker?.first ?? 0; taker && code && n < taker.after; n++) {
    const kind = code.kind(n);
    if ((kind !== Kind.Call && kind !== Kind.MethodCall) || !admissionCalls.test(callName(code, n))) continue;
    const branch = code.ancestor(n, (a) => code.kind(a) === Kind.If);
    const isTested = branch >= taker.first && !code.within(n, code.child(branch, Role.Then));
    if (!isTested || !exits(code, code.child(branch, Role.Then))) continue;
    // A policy of the program's own is asked about something else.
    if (code.all(n, Role.Arg).some((arg) => Provenance.of(program).of(taker, arg).who === 'outside'))
      return callName(code, n);
  }
  return undefined;
}

/** Go: `m[key] = nil` takes away what was kept, and `m[key] = 0` starts again what another insert counts: only the key stays. */
export function emptiesEntry({ fn, node, value }: Effect, effects: readonly Effect[]): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || value < 0 || code.kind(node) !== Kind.Assign) return false;
  if (isOfNewKey(fn, node)) return false;
  if (code.is(value, Kind.Literal, 'nil') || isShorter(code, value, code.child(node, Role.Target)))
    return true;
  const isZero = (n: NodeId, of = code) =>
    /^(0|0\.0|false|""|``|)$/.test(of.name(n)) && ZEROS.includes(of.kind(n));
  return (
    isZero(value) &&
    effects.some(
      (e) =>
        e.kind === 'grow' && e.node !== node && !e.fn.isTest && e.value >= 0 && !isZero(e.value, e.fn.code),
    )
  );
}

/** `if _, ok := m[key]; !ok { m[key] = nil }` */
function isOfNewKey({ code, first }: Fn, node: NodeId): boolean {
  const test = code.ancestor(node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Closure);
  if (test < first || code.kind(test) !== Kind.If || !code.within(node, code.child(test, Role.Then)))
    return false;
  const condition = code.child(test, Role.Condition);
  return (
    code.is(condition, Kind.Unary, '!') ||
    (code.is(condition, Kind.Binary, '==') && code.is(code.child(condition, Role.Right), Kind.Literal, 'nil'))
  );
}

/** `m[key] = m[key][n:]`, `m[key] = slices.Delete(m[key], i, i+1)` */
function isShorter(code: Fn['code'], value: NodeId, target: NodeId): boolean {
  const isDeletion = code.is(value, Kind.MethodCall) && /^Delete(Func)?$/.test(code.name(value));
  const from =
    code.kind(value) === Kind.Slice
      ? code.child(value, Role.Object)
      : isDeletion
        ? code.child(value, Role.Arg)
        : -1;
  return from >= 0 && target >= 0 && sameText(code, from, target);
}

const ZEROS: readonly Kind[] = [Kind.Number, Kind.Literal, Kind.String];

/**
 * Go: the entry is stored after a login at another server has worked that was given the key, or something that holds it:
 * there are as many entries as there are accounts that somebody can log in to. The name of the login that lets it in.
 */
export function loginBefore({ fn, node, key }: Effect): string | undefined {
  const { code } = fn;
  if (fn.package.language !== 'go' || key < 0) return undefined;
  const closure = (n: NodeId) => code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
  const names = new Set(namesIn(fn, key));
  const holds = (n: NodeId) => n >= 0 && namesIn(fn, n).some((name) => names.has(name));
  for (let n = code.next(CALLS, fn.first, node); n < node; n = code.next(CALLS, n + 1, node)) {
    if (code.within(node, n) || closure(n) !== closure(node)) continue;
    const isLogin = loginCalls.test(callName(code, n));
    if (!isLogin && !asksForToken(fn, n)) continue;
    const given = isLogin
      ? [...code.all(n, Role.Arg), code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1]
      : code.all(n, Role.Arg);
    if (given.some(holds) && failureLeaves(fn, n, node)) return callName(code, n);
  }
  return undefined;
}

/** A request for a token in the words of OAuth: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 */
function asksForToken({ code, first }: Fn, call: NodeId): boolean {
  if (!tokenRequests.test(callName(code, call))) return false;
  for (let n = first; n < code.after(call); n++)
    if (code.kind(n) === Kind.String && grantTypes.test(code.name(n))) return true;
  return false;
}

/** `if err := login(key); err != nil { return … }`, or that branch as the next one behind the call, before a node. */
function failureLeaves({ code, first }: Fn, call: NodeId, node: NodeId): boolean {
  const around = code.ancestor(call, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Block);
  let test = around >= first && code.kind(around) === Kind.If ? around : call;
  while (test < node && code.kind(test) !== Kind.If) test++;
  if (test >= node || code.within(node, test)) return false;
  const condition = code.child(test, Role.Condition);
  const then = code.child(test, Role.Then);
  const last = then < 0 ? undefined : code.children(then).at(-1);
  return (
    code.is(condition, Kind.Binary, '!=') &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil') &&
    errorNames.test(code.name(code.child(condition, Role.Left))) &&
    last !== undefined &&
    code.kind(last) === Kind.Return
  );
}

/** What brings the growth is a loop that waits for something: for clients, or for the program itself. */
function isOfLoop({ request }: Reach): boolean {
  return request?.loop === true;
}

/** Go: a list in a loop that waits grows with what the program sends to itself, or undefined. */
function ownItems({ fn, node, value }: Effect, reach: Reach): string | undefined {
  if (value < 0) return undefined;
  const { who } = Provenance.of(fn.package.program).of(fn, value);
  const isOwn = who === 'made' || who === 'own';
  // `for range ticker.C { points = append(points, sample()) }` makes one more each time.
  if (isOwn && reach.calls === 0 && !isReceived(fn, node)) return undefined;
  return isOwn || who === 'unknown' ? 'what the program makes for itself, as far as can be seen' : undefined;
}

/** The node stands in the arm of a `select` that takes a value. */
function isReceived({ code }: Fn, node: NodeId): boolean {
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  return arm >= 0 && code.kind(code.child(arm, Role.Comm)) !== Kind.Unary;
}

/**
 * What is added comes from outside in the very function that adds it, or with what each round of its loop takes from the
 * peer: its own client decides how much there is.
 */
function isGivenThere({ fn, key, value }: Effect, { request }: Reach): boolean {
  const provenance = Provenance.of(fn.package.program);
  const { round } = request ?? {};
  const isFed = () => round?.fn === fn && isFedByPeers(fn, round.loop, round.node);
  return [key, value].some((n) => {
    if (n < 0) return false;
    const author = provenance.of(fn, n);
    return author.who === 'outside' && (isIn(fn, author) || isFed());
  });
}

/** What a key is put together from: `(user, path)`, `user + "/" + path`, `format!("{user}/{path}")`. */
export function partsOf(fn: Fn, key: NodeId): readonly NodeId[] {
  const code = fn.code;
  const kind = code.kind(key);
  if (kind === Kind.Unary && code.kind(code.child(key, Role.Object)) !== Kind.Composite)
    return partsOf(fn, code.child(key, Role.Object));
  const parts: readonly Kind[] = [Kind.Sequence, Kind.Macro, Kind.Binary, Kind.Composite];
  if (!parts.includes(kind)) return [key];
  const inner = code.children(key).filter((c) => code.role(c) !== Role.Type);
  return inner.length === 0
    ? [key]
    : inner.flatMap((c) => partsOf(fn, code.kind(c) === Kind.FieldInit ? code.child(c, Role.Value) : c));
}

function deployed(name: string): string {
  return `\`${name}\`, of which the deployment decides how many there are`;
}

export const UNSAID = 'keys of which nothing says that somebody outside chooses them';

/** Whoever chooses a key is met in the very function that inserts it: no name says more. */
function isIn(fn: Fn, { at }: Pick<Author, 'at'>): boolean {
  const { start, end } = fn.fact.span;
  return at.file === fn.file.facts.file && start <= at.span.start && at.span.end <= end;
}

/** Go: `map[types.UID]T`, `map[podPort]T` with a pod in each: pods come and go however few run at a time. */
function namesChurningObject({ container }: GrowingPlace): boolean {
  const key = container.key && peel(container.key).type;
  if (key?.file.facts.language !== 'go') return false;
  if (churningObjects.test(key.name)) return true;
  const { decl } = key;
  if (decl?.fact.kind !== 'struct') return false;
  const { types } = Values.of(decl.file.package.program);
  return decl.fact.fields.some((f) => {
    const type = types.at(decl.file, f.type);
    return type !== undefined && churningObjects.test(peel(type).type.name);
  });
}

/** Go: `pod.Name`, `string(job.GetUID())` */
function isOfChurningObject(fn: Fn, part: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'go') return false;
  let n = part;
  while (code.kind(n) === Kind.Call && code.all(n, Role.Arg).length === 1) n = code.child(n, Role.Arg);
  if (code.kind(n) !== Kind.Field && code.kind(n) !== Kind.MethodCall) return false;
  const type = Values.of(fn.package.program).typeOf(fn, code.child(n, Role.Object));
  return type !== undefined && churningObjects.test(peel(type).type.name);
}

/** `m.Partition`, `message.partition()`: whoever sends a message does not say how many of these there are. */
function isOfBroker({ code }: Fn, part: NodeId): boolean {
  let n = part;
  while (code.kind(n) === Kind.Call || code.kind(n) === Kind.Cast)
    n = code.kind(n) === Kind.Call ? code.child(n, Role.Arg) : code.child(n, Role.Object);
  const kind = n < 0 ? -1 : code.kind(n);
  return (kind === Kind.Field || kind === Kind.MethodCall) && brokerParts.test(code.name(n));
}

/** `client := &Client{…}` before `clients[client] = true`: what is made anew is a key like no other. */
function isNewObject(fn: Fn, key: NodeId): boolean {
  const code = fn.code;
  const b =
    fn.package.language === 'go' && code.kind(key) === Kind.Name
      ? Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key))
      : undefined;
  if (!b || b.value < 0) return false;
  return code.is(b.value, Kind.Unary, '&')
    ? code.kind(code.child(b.value, Role.Object)) === Kind.Composite
    : code.kind(b.value) === Kind.Call && code.is(code.child(b.value, Role.Callee), Kind.Name, 'new');
}

/**
 * The name of a key that says what there are few of, as a reviewer would read it: `tier`, `ShardId`, `component_key` are
 * configured, `userID` is not. Names prove nothing; they only weigh against a key that comes from far away.
 */
function deployedName(growing: GrowingPlace, { fn, key }: Effect): string | undefined {
  const names = key < 0 ? [] : namesIn(fn, key);
  const closed = closedWord(names.flatMap(wordsOf));
  if (closed !== undefined) return closed;
  // What is configured for a tenant is as much as there are tenants; what a tenant does is not.
  const configures = configuredNames.test(growing.place.name);
  return configures && names.length > 0 && names.every((n) => tenantNames.test(n)) ? names[0] : undefined;
}

/** The name of the key type: `TableId` of `HashMap<TableId, V>`, which may be another name of a number. */
function writtenKey({ place, container }: GrowingPlace): string | undefined {
  const type = container.key && peel(container.key).type;
  if (type?.decl) return type.decl.fact.name;
  const field = place.owner?.fact.fields.find((f) => f.name === place.field);
  if (!place.owner || !field || place.depth > 0) return undefined;
  const { code } = place.owner.file;
  for (let n = field.type; n < code.after(field.type); n++)
    if (code.kind(n) === Kind.Type && /(Map|Set)$/.test(code.name(n))) {
      const first = code.children(n)[0];
      return first === undefined ? undefined : code.name(first).split('::').at(-1);
    }
  return undefined;
}

/** Of `ShardId`, `component_key` the word for what there are few of, when none stands for what there are many of. */
function closedWord(words: readonly string[]): string | undefined {
  return words.some((w) => openKeyWords.has(w) && !vagueKeyWords.has(w))
    ? undefined
    : words.find((w) => closedKeyWords.has(singular(w)));
}

/** The container is a part of a schema or configuration, which has as many parts as somebody has written down. */
function schemaOf({ place }: GrowingPlace): string | undefined {
  const name = place.owner?.fact.name ?? '';
  return schemaTypes.test(name)
    ? `\`${name}\`, which has as many parts as somebody has written down`
    : undefined;
}

/** The names a key is written with; of a local also those of what it was made of: `cursorKey := "d:" + jobType`. */
export function namesIn(fn: Fn, key: NodeId, depth = 0): string[] {
  const code = fn.code;
  const out: string[] = [];
  for (let n = key; n < code.after(key); n++) {
    const kind = code.kind(n);
    const isName = kind === Kind.Name || kind === Kind.Field || kind === Kind.MethodCall;
    const says =
      isName && code.name(n) !== fn.fact.receiver && !(kind === Kind.MethodCall && converts(code.name(n)));
    if (says) out.push(code.name(n));
    if (isDigest(fn, n)) {
      n = code.after(n) - 1;
      continue;
    }
    const b =
      kind === Kind.Name && depth < 1
        ? Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))
        : undefined;
    if (b && b.source === 'value' && b.value >= 0) out.push(...namesIn(fn, b.value, depth + 1));
    // What a method is asked of says nothing of what it gives: `request.tier()`.
    if (kind === Kind.MethodCall && says && code.child(n, Role.Object) === n + 1) n = code.after(n + 1) - 1;
  }
  return out;
}

/** Go: however few kinds go into a digest, there are as many as there are texts. */
function isDigest({ code, package: { language } }: Fn, n: NodeId): boolean {
  return language === 'go' && CALLS[code.kind(n)] === 1 && digestCalls.test(callName(code, n));
}

export function converts(method: string): boolean {
  return keyConversions.test(method);
}

/** `storeName` → `store`, `name`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter(Boolean)
    .map((w) => w.toLowerCase());
}

function singular(word: string): string {
  return word.endsWith('s') && !closedKeyWords.has(word) ? word.slice(0, -1) : word;
}
