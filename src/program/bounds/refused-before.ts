/** Keys that somebody may have refused before they lead to an insert: whoever is asked first may know all there are. */

import { stoppingContexts } from '../../knowledge/endings.ts';
import {
  costlessNames,
  existenceCalls,
  openingCalls,
  receivingCalls,
  spellingCalls,
} from '../../knowledge/keys.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { Provenance } from '../origins/provenance.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, sameText } from '../places/effects.ts';
import { type PlaceRef, Places } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { lastSegment, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';
import {
  bareKey,
  inCallers,
  isLastingTable,
  type KeyUse,
  leavesUnlessFound,
  onlyIfDone,
} from './found-before.ts';
import { namesIn, partsOf, wordsOf } from './keys.ts';

const LETS = kinds(Kind.Let);
const LOOKUPS = kinds(Kind.Call, Kind.MethodCall, Kind.Index);
const CALL_KINDS: ReadonlySet<Kind> = new Set([Kind.Call, Kind.MethodCall]);
/** Names and calls between a key and what it is made of. */
const MAX_STEPS = 3;
const TEXTS = /^(string|str|String|slice|array)$/;

/**
 * A call that may fail is given the key before the insert, `owner, err := s.ownerOf(id); if err != nil { return err }`,
 * `self.check(&id).await?`, or the key is compared with something there is, in the function of the insert or in all that lead
 * to it: nobody can tell whether it knows few keys or lets all of them through. The words for it, or undefined. What is made
 * anew for each insert nobody can know.
 */
export function refusedBefore(growth: Effect, place: PlaceRef): string | undefined {
  return growth.key < 0 || isMadeAnew(growth) ? undefined : refused(growth, place, 0);
}

/**
 * On all ways that lead from requests to an insert something is asked that may say no, whatever it is told: a store, a service, an
 * authority. It may let in only what there are few of. The words for it, or undefined where one way is open, and for keys of which
 * there are any number all the same.
 */
export function askedOnTheWay(growth: Effect): string | undefined {
  return isUncounted(growth) ? undefined : asked(growth, 0);
}

/** Made anew for each insert, or called after what exists in any number. */
function isUncounted(growth: Effect): boolean {
  return growth.key >= 0 && (isCostless(growth.fn, growth.key) || isMadeAnew(growth));
}

/** Some of the key is new with each insert. */
function isMadeAnew({ fn, key }: Effect): boolean {
  const provenance = Provenance.of(fn.package.program);
  return partsOf(fn, key).some((part) => /^(fresh|made)$/.test(provenance.of(fn, part).who));
}

function isCostless(fn: Fn, key: NodeId): boolean {
  return namesIn(fn, key, 1)
    .flatMap(wordsOf)
    .some((w) => costlessNames.has(w));
}

function asked({ fn, node }: Pick<Effect, 'fn' | 'node'>, depth: number): string | undefined {
  const { code } = fn;
  const { program } = fn.package;
  const phases = Phases.of(program);
  // What stands before a loop that serves was asked once.
  const from = phases.context(fn, node).loops.find((loop) => phases.isServiceLoop(fn, loop)) ?? fn.first;
  for (let n = code.next(CALLS, from, node); n < node; n = code.next(CALLS, n + 1, node)) {
    const name = callName(code, n);
    if (code.within(node, n) || spellingCalls.test(name) || receivingCalls.test(name)) continue;
    if (code.role(n) === Role.Arg || !code.all(n, Role.Arg).some((arg) => tellsSomething(fn, arg))) continue;
    const isGo = fn.package.language === 'go';
    if (isGo ? leavesUnlessFound(fn, n, node) : leavesUnlessDone(fn, n, node)) return `\`${name}\``;
  }
  if (depth >= MAX_STEPS || phases.at(fn, node).calls === 0) return undefined;
  const above = Calls.of(program)
    .sitesOf(fn)
    .filter((site) => site.kind === 'call' && !site.guess && !site.fn.isTest)
    .map((site) => asked(site, depth + 1));
  return above.includes(undefined) ? undefined : above[0];
}

/** Neither written there, nor a context, nor what the object itself keeps: what is asked of it may depend on who asks. */
function tellsSomething({ code, fact }: Fn, arg: NodeId): boolean {
  const n = code.kind(arg) === Kind.Unary ? code.child(arg, Role.Object) : arg;
  const kind = code.kind(n);
  if (kind === Kind.Field && code.is(code.child(n, Role.Object), Kind.Name, fact.receiver)) return false;
  if (kind === Kind.Name || kind === Kind.Field) return !stoppingContexts.test(code.name(n));
  return !WRITTEN.includes(kind as never);
}

const WRITTEN = [Kind.String, Kind.Number, Kind.Literal, Kind.Closure, Kind.Path];

function refused(use: KeyUse, place: PlaceRef, depth: number): string | undefined {
  const sources = sourcesOf(use.fn, use.key);
  const here = refusal(use, sources, place) ?? equality(use);
  if (here !== undefined) return here;
  for (const key of sources) {
    const above = inCallers({ ...use, key }, depth, (site) => refused(site, place, depth + 1));
    if (above !== undefined) return above;
  }
  return undefined;
}

/** The call that is given the key or what it is made of before a node, or the map it is looked up in, and whose failure leaves. */
function refusal({ fn, node, key }: KeyUse, sources: readonly NodeId[], place: PlaceRef): string | undefined {
  const { code } = fn;
  const places = Places.of(fn.package.program);
  const costless = isCostless(fn, key);
  const made = madeOf(fn, sources, node);
  const isKey = (arg: NodeId) => {
    for (let n = arg; n < code.after(arg); n++)
      if ((code.kind(n) === Kind.Name && made.has(code.name(n))) || sources.some((s) => sameText(code, n, s)))
        return true;
    return false;
  };
  const isGo = fn.package.language === 'go';
  const closure = (n: NodeId) => code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
  for (let n = code.next(LOOKUPS, fn.first, node); n < node; n = code.next(LOOKUPS, n + 1, node)) {
    if (code.within(node, n)) continue;
    const object = code.is(n, Kind.Call) ? -1 : code.child(n, Role.Object);
    if (object >= 0 && places.of(fn, object)?.key === place.key) continue;
    if (code.is(n, Kind.Index)) {
      const index = code.child(n, Role.Index);
      if (isGo && isKey(index) && isLastingTable(fn, object, place) && leavesUnlessFound(fn, n, node))
        return `\`${code.name(object)}\``;
      continue;
    }
    const name = callName(code, n);
    const saysSo = openingCalls.test(name) || existenceCalls.test(name);
    if (spellingCalls.test(name) || (costless && !saysSo) || !code.all(n, Role.Arg).some(isKey)) continue;
    // `if err := db.InTxn(func(txn Txn) error { … txn.Load(id) … }); err != nil { return err }`
    const leaving = closure(n) === closure(node) ? n : code.parent(closure(n));
    if (leaving < fn.first || code.within(node, leaving)) continue;
    if (isGo ? leavesUnlessFound(fn, leaving, node) : leavesUnlessDone(fn, n, node)) return `\`${name}\``;
  }
  return undefined;
}

/**
 * The key, its parts, and what they were made of: the `kind` and the `name` of `key := kind + "/" + name`, the `token` of
 * `id := hex.EncodeToString(token)`.
 */
function sourcesOf(fn: Fn, key: NodeId): readonly NodeId[] {
  const { code } = fn;
  const scope = Values.of(fn.package.program).scope(fn);
  const out: NodeId[] = [];
  const add = (n: NodeId, depth: number): void => {
    const bare = bareKey(code, n);
    if (out.some((known) => sameText(code, known, bare))) return;
    if (code.kind(bare) === Kind.Name || code.kind(bare) === Kind.Field || depth === 0) out.push(bare);
    if (depth > MAX_STEPS) return;
    for (const part of partsOf(fn, bare)) if (part !== bare) add(part, depth + 1);
    if (CALL_KINDS.has(code.kind(bare)))
      for (const arg of code.all(bare, Role.Arg)) if (isText(fn, arg)) add(arg, depth + 1);
    const bound = code.is(bare, Kind.Name) ? scope.lookup(code.name(bare), code.start(bare)) : undefined;
    if (bound?.source === 'value' && bound.value >= 0) add(bound.value, depth + 1);
  };
  add(key, 0);
  return out;
}

/** What a key is made of is text or bytes: no context, and no request. */
function isText(fn: Fn, n: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const type = values.typeOf(fn, n);
  const inner = type && unwrapped(type);
  const decl = inner?.decl;
  const under = decl && decl.fact.target >= 0 ? values.types.at(decl.file, decl.fact.target) : inner;
  return under !== undefined && TEXTS.test(lastSegment(under.name));
}

/** The locals that are made of a key before a node: the `raw` of `raw, err := hex.DecodeString(token)`. */
function madeOf({ code, first }: Fn, sources: readonly NodeId[], node: NodeId): ReadonlySet<string> {
  const out = new Set<string>();
  for (let n = code.next(LETS, first, node); n < node; n = code.next(LETS, n + 1, node)) {
    const value = code.child(n, Role.Value);
    if (!CALL_KINDS.has(code.kind(value)) || !spellingCalls.test(callName(code, value))) continue;
    if (code.all(value, Role.Arg).some((arg) => sources.some((s) => sameText(code, bareKey(code, arg), s))))
      out.add(code.name(code.child(n, Role.Pattern)));
  }
  return out;
}

/** `check(&key)?;`, `check(&key).await.map_err(…)?;` before a node, `if let Ok(_) = check(&key).await { node }`. */
function leavesUnlessDone({ code }: Fn, call: NodeId, node: NodeId): boolean {
  let n = call;
  let up = code.parent(n);
  while (code.kind(up) === Kind.Await || (code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object))
    [n, up] = [up, code.parent(up)];
  return onlyIfDone(code, n, node) || leavesUnlessTrue(code, n, node);
}

/** `if !registry.has(&key).await { return Err(Unknown) }` before a node. */
function leavesUnlessTrue(code: Code, asked: NodeId, node: NodeId): boolean {
  const not = code.parent(asked);
  const test = code.is(not, Kind.Unary, '!') ? code.parent(not) : -1;
  return code.is(test, Kind.If) && !code.within(node, test) && exits(code, code.child(test, Role.Then));
}

const TESTS = kinds(Kind.If);

/** `if build.key == key { cache[key] = build }`: what the key is compared with. */
function equality({ fn, node, key }: KeyUse): string | undefined {
  const { code } = fn;
  const own = bareKey(code, key);
  for (let n = code.next(TESTS, fn.first, node); n < node; n = code.next(TESTS, n + 1, node)) {
    const condition = code.child(n, Role.Condition);
    if (!code.within(node, code.child(n, Role.Then)) || !code.is(condition, Kind.Binary, '==')) continue;
    const sides = [code.child(condition, Role.Left), code.child(condition, Role.Right)];
    const other = sides.find((side) => !sameText(code, bareKey(code, side), own));
    const isNamed =
      other !== undefined && (code.kind(other) === Kind.Name || code.kind(other) === Kind.Field);
    if (isNamed && sides.some((side) => sameText(code, bareKey(code, side), own)))
      return `a comparison with \`${code.name(other)}\``;
  }
  return undefined;
}
