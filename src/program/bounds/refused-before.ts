/** Keys that somebody may have refused before they lead to an insert: whoever is asked first may know all there are. */

import { costlessNames, existenceCalls, openingCalls, spellingCalls } from '../../knowledge/keys.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Provenance } from '../origins/provenance.ts';
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
  const { fn, key } = growth;
  if (key < 0) return undefined;
  const provenance = Provenance.of(fn.package.program);
  if (partsOf(fn, key).some((part) => /^(fresh|made)$/.test(provenance.of(fn, part).who))) return undefined;
  return refused(growth, place, 0);
}

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
  const isCostless = namesIn(fn, key, 1)
    .flatMap(wordsOf)
    .some((w) => costlessNames.has(w));
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
    if (spellingCalls.test(name) || (isCostless && !saysSo) || !code.all(n, Role.Arg).some(isKey)) continue;
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
  return onlyIfDone(code, n, node);
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
