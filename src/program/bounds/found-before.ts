/** Keys that were found in something else before they lead to an insert: there are only as many as of that. */

import { blockingCalls, sendingMethods } from '../../knowledge/channels.ts';
import { errorNames } from '../../knowledge/errors.ts';
import { churningObjects, costlessNames, keyFinders, partNames } from '../../knowledge/keys.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { KnownKeys } from '../origins/known-keys.ts';
import { Provenance } from '../origins/provenance.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, Effects, sameText } from '../places/effects.ts';
import { fieldPlace, type PlaceRef, Places } from '../places/places.ts';
import type { Fn, Program } from '../program.ts';
import { container, lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { converts, namesIn, partsOf, wordsOf } from './keys.ts';

/**
 * Rust: what is stored is the answer of a look-up that may fail, `if let Ok(head) = fetch_head(&remote).await? { heads.insert(repo,
 * head) }`, or is stored behind one that the key was given to: no entry is made for what does not exist. Names
 * that cost nothing, such as those of hosts and addresses of pages, exist in any number. The words for who has found it, or undefined.
 */
export function foundBefore(
  { fn, node, key, value }: Effect,
  place: PlaceRef,
  effects: readonly Effect[],
): string | undefined {
  const { code } = fn;
  const { program } = fn.package;
  if (fn.package.language === 'go') {
    // `if err != nil { tags[name] = "" }`: what was not found is remembered as well.
    const beside = effects.filter((e) => e.kind === 'grow' && e.fn === fn);
    const found = beside.map((e) => (e.key < 0 ? undefined : foundByKey(e, place, 0)));
    return found.includes(undefined) ? undefined : found[0];
  }
  if (key < 0) return undefined;
  // What an object was made of besides says nothing of one of its fields.
  const called = namesIn(fn, key, code.kind(bareKey(code, key)) === Kind.Field ? 1 : 0);
  if (called.flatMap(wordsOf).some((w) => costlessNames.has(w))) return undefined;
  const provenance = Provenance.of(program);
  if (partsOf(fn, key).some((part) => /^(fresh|made)$/.test(provenance.of(fn, part).who))) return undefined;
  let root = value;
  while (root >= 0 && code.kind(root) === Kind.MethodCall && converts(code.name(root)))
    root = code.child(root, Role.Object);
  const answer = root >= 0 && code.kind(root) === Kind.Name ? awaitedFor(fn, root, false, 0) : -1;
  const lookup =
    answer >= 0 && provenance.of(fn, value).who !== 'outside' ? answer : askedWith({ fn, node, key });
  return lookup < 0 ? demanded({ fn, node, key }, place, 0) : `\`${callName(code, lookup)}\``;
}

/**
 * Rust: `self.servers.get(&id).ok_or(Unknown)?`, `if !known.contains(&id) { return }`, `schema.create(&id)?` of which the first
 * thing is such a look-up, before the insert or before what leads to it wherever that is called: the words for what has it.
 */
function demanded(use: KeyUse, place: PlaceRef, depth: number): string | undefined {
  const { fn, node, key } = use;
  const { code } = fn;
  const { program } = fn.package;
  const names = new Set(namesIn(fn, key, 1));
  const isKey = (n: NodeId) => namesIn(fn, n).some((name) => names.has(name));
  const known = KnownKeys.of(program)
    .at(fn, node)
    .find((k) => k.in !== undefined && k.in.key !== place.key && isKey(k.key));
  if (known?.in) return `\`${known.in.name}\``;
  for (let n = code.next(CALLS, fn.first, node); n < node; n = code.next(CALLS, n + 1, node)) {
    if (code.within(node, n)) continue;
    const index = code.all(n, Role.Arg).findIndex(isKey);
    if (index < 0) continue;
    const object = code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1;
    const isItself = object >= 0 && Places.of(program).of(fn, object)?.key === place.key;
    if (!isItself && (isOptionDemanded(code, n) || (depth === 0 && refusesUnknown(fn, n, index, place))))
      return `\`${callName(code, n)}\``;
  }
  return inCallers(use, depth, (above) => demanded(above, place, depth + 1));
}

/**
 * What is said of a key where it comes from, when it is a parameter and all calls of the function say something of what they
 * give: the words of the first.
 * @param counts the calls that matter; default those outside tests
 */
export function inCallers(
  { fn, key }: KeyUse,
  depth: number,
  ask: (above: KeyUse) => string | undefined,
  counts: (site: CallSite) => boolean = (site) => !site.fn.isTest,
): string | undefined {
  if (depth >= FOUND_BEFORE) return undefined;
  const { code } = fn;
  const { program } = fn.package;
  const root = bareKey(code, key);
  const b = code.is(root, Kind.Name)
    ? Values.of(program).scope(fn).lookup(code.name(root), code.start(root))
    : undefined;
  if (b?.source !== 'parameter') return undefined;
  const above = Calls.of(program)
    .sitesOf(fn)
    .filter(counts)
    .map((site) => {
      // Go: a call that may be of another function gives nothing that is known.
      const isIt = site.kind === 'call' && !(site.guess && fn.package.language === 'go');
      const arg = isIt ? site.fn.code.all(site.node, Role.Arg)[b.index] : undefined;
      return arg === undefined ? undefined : ask({ fn: site.fn, node: site.node, key: arg });
    });
  return above.includes(undefined) ? undefined : above[0];
}

/** `table.get(&key).cloned().ok_or(Unknown)?`: there is one, or nobody comes further. */
function isOptionDemanded(code: Code, call: NodeId): boolean {
  let isOption = false;
  let up = code.parent(call);
  for (let n = call; code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object; ) {
    isOption ||= /^ok_or(_else)?$/.test(code.name(up));
    [n, up] = [up, code.parent(up)];
  }
  return isOption && code.is(up, Kind.Try);
}

/** A function of the program's own that is given the key looks it up first, and fails where it is not known. */
function refusesUnknown(fn: Fn, call: NodeId, index: number, place: PlaceRef): boolean {
  return Values.of(fn.package.program)
    .callees(fn, call)
    .some((target) => {
      const { code, fact } = target;
      const pattern = fact.params[index] === undefined ? -1 : code.child(fact.params[index], Role.Pattern);
      const last = target.first < target.after ? code.children(target.first).at(-1) : undefined;
      if (pattern < 0 || last === undefined || lastSegment(code.name(Math.max(fact.result, 0))) !== 'Result')
        return false;
      for (let n = target.first; n < target.after; n++)
        if (code.is(n, Kind.Name, code.name(pattern)))
          return demanded({ fn: target, node: last, key: n }, place, FOUND_BEFORE) !== undefined;
      return false;
    });
}

/**
 * Rust: `mirrors.fetch(&repo).await?;` before an insert, or `if let Ok(_) = fetch(&repo).await { … }` around it: somebody else was
 * asked for what the key stands for, and nobody comes to the insert where there is no such thing. The call, or -1.
 */
function askedWith({ fn, node, key }: KeyUse): NodeId {
  const { code } = fn;
  const closure = (n: NodeId) => code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
  const names = new Set(namesIn(fn, key, 1));
  for (let n = code.next(CALLS, fn.first, node); n < node; n = code.next(CALLS, n + 1, node)) {
    const wait = code.parent(n);
    const name = callName(code, n);
    if (code.kind(wait) !== Kind.Await || sendingMethods.has(name) || blockingCalls.test(name)) continue;
    const isGiven = code.all(n, Role.Arg).some((arg) => namesIn(fn, arg, 1).some((w) => names.has(w)));
    if (isGiven && closure(n) === closure(node) && onlyIfDone(code, wait, node)) return n;
  }
  return -1;
}

/**
 * `wait?` before a node, `if let Ok(_) = wait { node }`, `match wait { Ok(_) => node, … }`, and what leaves before it:
 * `let Some(x) = wait else { return };`, `let x = match wait { Ok(x) => x, Err(_) => return };`, `if wait.is_err() { return }`.
 */
export function onlyIfDone(code: Code, wait: NodeId, node: NodeId): boolean {
  const up = code.parent(wait);
  if (code.kind(up) === Kind.Try) return !code.within(node, up);
  if (code.kind(up) === Kind.Let && code.child(up, Role.Else) >= 0) return !code.within(node, up);
  const around = code.ancestor(wait, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Match);
  if (code.kind(up) === Kind.Let && isTakenApart(code, up, node)) return true;
  if (around < 0) return false;
  if (!code.within(node, around)) return up === around && leavesOnFailure(code, around, wait);
  const tested = code.child(around, code.kind(around) === Kind.If ? Role.Condition : Role.Subject);
  if (tested < 0 || !code.within(wait, tested)) return false;
  const arm = code.all(around, Role.Arm).find((a) => code.within(node, a));
  const test = arm === undefined ? code.child(around, Role.Condition) : code.child(arm, Role.Pattern);
  const isPassed = arm !== undefined || code.within(node, code.child(around, Role.Then));
  for (let n = test; isPassed && test >= 0 && n < code.after(test); n++)
    if (/(^|::)(Ok|Some)$/.test(code.name(n))) return true;
  return false;
}

/** `let found = wait; if let Some(x) = found { node }` */
function isTakenApart(code: Code, bound: NodeId, node: NodeId): boolean {
  const name = code.name(code.child(bound, Role.Pattern));
  const test = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.If && code.is(code.child(a, Role.Condition), Kind.LetCondition),
  );
  const condition = test > bound ? code.child(test, Role.Condition) : -1;
  return (
    name !== '' &&
    code.is(code.child(condition, Role.Value), Kind.Name, name) &&
    /(^|::)(Ok|Some)$/.test(code.name(code.child(condition, Role.Pattern))) &&
    code.within(node, code.child(test, Role.Then))
  );
}

/** Rust: a test of a result, or a match of it, whose branches for what has failed all leave. */
function leavesOnFailure(code: Code, test: NodeId, result: NodeId): boolean {
  if (code.kind(test) === Kind.If)
    return (
      code.is(result, Kind.MethodCall) &&
      /^is_(err|none)$/.test(code.name(result)) &&
      exits(code, code.child(test, Role.Then))
    );
  const done = (arm: NodeId) => /(^|::)(Ok|Some)$/.test(code.name(code.child(arm, Role.Pattern)));
  const arms = code.all(test, Role.Arm);
  return (
    code.role(result) === Role.Subject &&
    arms.some(done) &&
    arms.every((arm) => done(arm) || exits(code, code.child(arm, Role.Body)))
  );
}

/** Where a key is used, in the function of an insert or in one that leads to it. */
export type KeyUse = Pick<Effect, 'fn' | 'node' | 'key'>;

/** How many calls may lie between a look-up and the insert. */
const FOUND_BEFORE = 2;

/**
 * Go: nobody comes to the insert but with a key that was found in something else, `if err := r.Get(ctx, key, &object); err != nil {
 * return err }`, `ref, ok := s.refs[id]; if !ok { return nil }`, here or in whatever calls this function.
 */
function foundByKey(use: KeyUse, place: PlaceRef, depth: number): string | undefined {
  const { fn, key } = use;
  // What it is called says more than what it was made of.
  const called = namesIn(fn, key, 1).flatMap(wordsOf);
  if (called.some((w) => costlessNames.has(w))) return undefined;
  const found = lookupFor(use, place) ?? foundIn(fn, key, place) ?? lastingObject(fn, key);
  if (found !== undefined) return found;
  const phases = Phases.of(fn.package.program);
  return inCallers(
    use,
    depth,
    (above) => foundByKey(above, place, depth + 1),
    ({ fn: by, node }) => {
      const { startup, request, likely, api } = phases.at(by, node);
      return !startup || request !== undefined || likely !== undefined || api !== undefined;
    },
  );
}

/** What was asked for the key before, and had to have it. */
function lookupFor({ fn, node, key }: KeyUse, place: PlaceRef): string | undefined {
  const { code } = fn;
  const closure = (n: NodeId) => code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
  const own = bareKey(code, key);
  const isKey = (n: NodeId) => {
    const asked = bareKey(code, n);
    // `Get(ctx, request.NamespacedName, &object)` for `request.String()`
    const whole =
      code.kind(asked) === Kind.Field && partNames.test(code.name(asked))
        ? code.child(asked, Role.Object)
        : asked;
    return sameText(code, asked, own) || sameText(code, whole, own);
  };
  for (let n = code.next(LOOKUPS, fn.first, node); n < node; n = code.next(LOOKUPS, n + 1, node)) {
    // `if err := db.InTxn(func(txn Txn) error { … Load(txn, id) … }); err != nil { return err }`
    const leaving = closure(n) === closure(node) ? n : code.parent(closure(n));
    if (leaving < fn.first || code.within(node, leaving) || closure(leaving) !== closure(node)) continue;
    const isIndex = code.kind(n) === Kind.Index;
    const asked = isIndex ? [code.child(n, Role.Index)] : code.all(n, Role.Arg);
    if (!asked.some(isKey) || !leavesUnlessFound(fn, leaving, node)) continue;
    if (isIndex) {
      const table = code.child(n, Role.Object);
      if (isLastingTable(fn, table, place)) return `\`${code.name(table)}\``;
    } else if (isFinder(fn, n) && isLasting(fn, n, place)) return `\`${callName(code, n)}\``;
  }
  return undefined;
}

const LOOKUPS = kinds(Kind.Call, Kind.MethodCall, Kind.Index);

/**
 * It is called like what looks for something; what a parameter or a field
 * does, only those know who have set it: `load(key)`.
 */
function isFinder(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  const name = callName(code, call);
  if (!keyFinders.test(name)) return false;
  const values = Values.of(fn.package.program);
  if (code.kind(call) === Kind.MethodCall) {
    const owner = values.declOf(fn, code.child(call, Role.Object));
    return !owner?.fact.fields.some((f) => f.name === name);
  }
  const callee = code.child(call, Role.Callee);
  return !code.is(callee, Kind.Name) || !values.scope(fn).lookup(name, code.start(callee));
}

export function bareKey(code: Code, key: NodeId): NodeId {
  let n = key;
  while (code.kind(n) === Kind.MethodCall && converts(code.name(n))) n = code.child(n, Role.Object);
  return n;
}

/**
 * What a look-up asks is not the container itself: it is a table of the program's own, from which nothing is taken, or somebody
 * else, of whom the program is not told what has gone.
 */
function isLasting(fn: Fn, call: NodeId, place: PlaceRef): boolean {
  const { code } = fn;
  const { program } = fn.package;
  const values = Values.of(program);
  const object = code.kind(call) === Kind.MethodCall ? code.child(call, Role.Object) : -1;
  if (object >= 0 && Places.of(program).of(fn, object)?.key === place.key) return false;
  const tables = values.callees(fn, call).flatMap((callee) => {
    const out: boolean[] = [];
    for (let n = callee.first; n < callee.after; n++) {
      const table = callee.code.kind(n) === Kind.Index ? callee.code.child(n, Role.Object) : -1;
      const type = table < 0 ? undefined : values.typeOf(callee, table);
      if (type && container(values.types, type)?.row.shape === 'map')
        out.push(isLastingTable(callee, table, place));
    }
    return out;
  });
  return tables.length > 0 ? tables.every(Boolean) : !forgetsElsewhere(program, place);
}

/** Beside it stands another map, out of which entries are taken: things end, and the program is told so. */
function forgetsElsewhere(program: Program, { owner, field, depth }: PlaceRef): boolean {
  if (!owner || depth > 0) return false;
  const { types } = Values.of(program);
  return owner.fact.fields.some((f) => {
    const type = f.name === field ? undefined : types.at(owner.file, f.type);
    return (
      type !== undefined &&
      container(types, type)?.row.shape === 'map' &&
      Effects.of(program)
        .on(fieldPlace(owner, f.name))
        .some((e) => e.kind === 'remove' && !e.fn.isTest)
    );
  });
}

/** `lease.Name` of an object of Kubernetes that is no pod, nor anything else that workloads bring: somebody has created it. */
function lastingObject(fn: Fn, key: NodeId): string | undefined {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  let n = key;
  if (code.is(n, Kind.Name)) {
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    // `ns, name := lease.Namespace, lease.Name`
    const made = b && b.value >= 0 ? code.parent(b.value) : -1;
    const all = made < 0 ? [] : code.all(made, Role.Value);
    const at = b === undefined || all.length < 2 ? 0 : code.all(made, Role.Pattern).indexOf(b.node);
    n = all[at] ?? -1;
  }
  if (!code.is(n, Kind.Field, 'Name') && !code.is(n, Kind.MethodCall, 'GetName')) return undefined;
  const type = values.typeOf(fn, code.child(n, Role.Object));
  const name = type && peel(type).type.name;
  return name !== undefined && /^k8s\.io\/api\//.test(name) && !churningObjects.test(name)
    ? 'the API server'
    : undefined;
}

/** Another container of keys, from which nothing is taken out one by one: whoever comes and goes is not counted by it. */
export function isLastingTable(fn: Fn, table: NodeId, place: PlaceRef): boolean {
  const { program } = fn.package;
  const asked = Places.of(program).of(fn, table);
  return (
    asked !== undefined &&
    asked.key !== place.key &&
    asked.root !== 'unknown' &&
    !Effects.of(program)
      .on(asked)
      .some((e) => e.kind === 'remove' && !e.fn.isTest)
  );
}

/** `name, err := s.nameOf(event)`, where all that it gives stands in a table: which one. */
function foundIn(fn: Fn, key: NodeId, place: PlaceRef): string | undefined {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  const b = code.is(key, Kind.Name) ? values.scope(fn).lookup(code.name(key), code.start(key)) : undefined;
  if (b?.source !== 'value' || b.value < 0) return undefined;
  if (code.kind(b.value) === Kind.Index) {
    const table = code.child(b.value, Role.Object);
    const type = values.typeOf(fn, table);
    const isMap = type !== undefined && container(values.types, type)?.row.shape === 'map';
    return isMap && isLastingTable(fn, table, place) ? `\`${code.name(table)}\`` : undefined;
  }
  if (code.kind(b.value) !== Kind.Call && code.kind(b.value) !== Kind.MethodCall) return undefined;
  const [callee, ...others] = values.callees(fn, b.value);
  if (!callee || others.length > 0 || callee.fact.body < 0) return undefined;
  const answers = answersOf(callee, 0).filter((a) => callee.code.kind(a) !== Kind.String);
  return answers.length > 0 && answers.every((a) => isElementOfTable(callee, a, place))
    ? `\`${callee.fact.name}\``
    : undefined;
}

function isElementOfTable(fn: Fn, answer: NodeId, place: PlaceRef): boolean {
  const { code } = fn;
  if (code.kind(answer) === Kind.Index) return isLastingTable(fn, code.child(answer, Role.Object), place);
  const b = code.is(answer, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(answer), code.start(answer))
    : undefined;
  if (!b || b.value < 0) return false;
  const table = code.kind(b.value) === Kind.Index ? code.child(b.value, Role.Object) : b.value;
  return (b.source === 'element' || table !== b.value) && isLastingTable(fn, table, place);
}

/**
 * Behind a look-up stands a test of what it gave, `if err != nil { return err }`, `if !ok { continue }`, `if x == nil { return }`,
 * or around the node one that lets in what was found.
 */
export function leavesUnlessFound({ code, first }: Fn, lookup: NodeId, node: NodeId): boolean {
  const bound = code.ancestor(lookup, (a) =>
    [Kind.Let, Kind.Assign, Kind.If, Kind.Block].includes(code.kind(a) as never),
  );
  if (bound < first) return false;
  const given = [...code.all(bound, Role.Pattern), ...code.all(bound, Role.Target)].map((n) => code.name(n));
  const isGiven = (n: NodeId) => given.includes(code.name(n)) || code.within(lookup, n);
  const says = (n: NodeId, isFound: boolean): boolean => {
    if (code.is(n, Kind.Binary, isFound ? '&&' : '||'))
      return says(code.child(n, Role.Left), isFound) || says(code.child(n, Role.Right), isFound);
    if (code.is(n, Kind.Unary, '!')) return says(code.child(n, Role.Object), !isFound);
    const left = code.child(n, Role.Left);
    if (code.kind(n) === Kind.Binary && code.is(code.child(n, Role.Right), Kind.Literal, 'nil'))
      return isGiven(left) && ((code.name(n) === '!=') === isFound) !== errorNames.test(code.name(left));
    return isFound && (code.kind(n) === Kind.Name || n === lookup) && isGiven(n);
  };
  const start = code.kind(bound) === Kind.If ? bound : code.parent(bound);
  const from = start >= first && code.kind(start) === Kind.If ? start : bound;
  for (let test = from; test < node; test++) {
    if (code.kind(test) !== Kind.If) continue;
    const then = code.child(test, Role.Then);
    const condition = code.child(test, Role.Condition);
    if (
      code.within(node, test)
        ? code.within(node, then) && says(condition, true)
        : exits(code, then) && says(condition, false)
    )
      return true;
  }
  return false;
}

/** The call whose success a name holds, `let user = db.find(id).await?`, `if let Some(user) = …`, or -1. */
function awaitedFor(fn: Fn, name: NodeId, isFound: boolean, depth: number): NodeId {
  const { code } = fn;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(name), code.start(name));
  if (b?.source !== 'value' || b.value < 0 || depth > 3) return -1;
  const pattern = code.parent(b.node);
  let n = b.value;
  let mayFail = isFound || /(^|::)(Ok|Some)$/.test(code.name(pattern));
  let waits = false;
  for (;;) {
    const kind = code.kind(n);
    if (kind === Kind.Try) mayFail = true;
    else if (kind === Kind.Await) waits = true;
    else if (kind === Kind.Block) {
      const last = code.children(n).at(-1);
      if (last === undefined) return -1;
      n = last;
      continue;
    } else break;
    n = code.child(n, Role.Object);
  }
  if (code.kind(n) === Kind.Name) return awaitedFor(fn, n, mayFail, depth + 1);
  if (!mayFail) return -1;
  const isCall = code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall;
  return waits && isCall && code.child(n, Role.Arg) >= 0 ? n : -1;
}
