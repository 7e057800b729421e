/** Keys that somebody may have refused before they lead to an insert: whoever is asked first may know all there are. */

import { costlessNames, openingCalls, spellingCalls } from '../../knowledge/keys.ts';
import { CALLS, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Provenance } from '../origins/provenance.ts';
import { type Effect, sameText } from '../places/effects.ts';
import { type PlaceRef, Places } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';
import { bareKey, inCallers, type KeyUse, leavesUnlessFound, onlyIfDone } from './found-before.ts';
import { namesIn, partsOf, wordsOf } from './keys.ts';

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
  return (
    refusal(use, place) ?? equality(use) ?? inCallers(use, depth, (above) => refused(above, place, depth + 1))
  );
}

/** The call that is given the key before a node, and whose failure leaves. */
function refusal({ fn, node, key }: KeyUse, place: PlaceRef): string | undefined {
  const { code } = fn;
  const parts = [key, madeOf(fn, key)].flatMap((k) => [k, ...partsOf(fn, k)]).map((k) => bareKey(code, k));
  const isCostless = namesIn(fn, key, 1)
    .flatMap(wordsOf)
    .some((w) => costlessNames.has(w));
  const isKey = (arg: NodeId) => {
    const given = code.kind(arg) === Kind.Unary ? code.child(arg, Role.Object) : arg;
    return parts.some((part) => sameText(code, bareKey(code, given), part));
  };
  const isGo = fn.package.language === 'go';
  const closure = (n: NodeId) => code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
  for (let n = code.next(CALLS, fn.first, node); n < node; n = code.next(CALLS, n + 1, node)) {
    const name = callName(code, n);
    if (code.within(node, n) || spellingCalls.test(name) || (isCostless && !openingCalls.test(name)))
      continue;
    if (!code.all(n, Role.Arg).some(isKey)) continue;
    const object = code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1;
    if (object >= 0 && Places.of(fn.package.program).of(fn, object)?.key === place.key) continue;
    // `if err := db.InTxn(func(txn Txn) error { … txn.Load(id) … }); err != nil { return err }`
    const leaving = closure(n) === closure(node) ? n : code.parent(closure(n));
    if (leaving < fn.first || code.within(node, leaving)) continue;
    if (isGo ? leavesUnlessFound(fn, leaving, node) : leavesUnlessDone(fn, n, node)) return `\`${name}\``;
  }
  return undefined;
}

/** `key := kind + "/" + name`: what a local was made of, or the key itself. */
function madeOf(fn: Fn, key: NodeId): NodeId {
  const { code } = fn;
  const b = code.is(key, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key))
    : undefined;
  return b?.source === 'value' && b.value >= 0 && code.kind(b.value) === Kind.Binary ? b.value : key;
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
