/** Rust: removals that take out what has been answered, cancelled or named, and leave what ends in another way. */
import { cancelHandles, cancelVerbs } from '../../knowledge/endings.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Calls } from '../calls/calls.ts';
import { Phases } from '../phases/phases.ts';
import type { Effect, Effects } from '../places/effects.ts';
import { fieldPlace, type PlaceRef, typeOfPlace } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { container, lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { sameKey } from './ways-out.ts';

/**
 * `while let Some(answer) = rx.recv().await { pending.lock().remove(&answer.id); } pending.lock().clear();`: one by one as long as
 * the other side lives, all of them only when it is gone.
 */
export function isBehindAnswers(e: Effect, effects: readonly Effect[]): boolean {
  const { fn, node } = e;
  const { code } = fn;
  if (fn.package.language !== 'rust' || e.single) return false;
  const phases = Phases.of(fn.package.program);
  return effects.some((r) => {
    if (r.fn !== fn || r.kind !== 'remove' || !r.single || r.node > node) return false;
    const loop = code.ancestor(r.node, (a) => code.kind(a) === Kind.Loop);
    return loop >= fn.first && !code.within(node, loop) && phases.isServiceLoop(fn, loop);
  });
}

/**
 * `self.cancels.insert(id, cancel); self.running.push(work(payload, cancelled));`, and nothing but `cancel(id)` takes the handle out:
 * of what ends by itself it stays.
 */
export function isOnlyCancelled(calls: Calls, e: Effect, growth: Effect): boolean {
  const { fn } = e;
  if (fn.package.language !== 'rust' || e.kind !== 'remove' || !e.single || fn === growth.fn) return false;
  if (!cancelVerbs.test(fn.fact.name) || !isParameter(fn, e.key) || !isCancelHandle(growth)) return false;
  return calls.sitesOf(fn).every((s) => s.fn.isTest || s.fn === fn || cancelVerbs.test(s.fn.fact.name));
}

/** What is kept ends the work that it was made with: an `AbortHandle`, a token, the other end of a channel. */
function isCancelHandle({ fn, value }: Effect): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  for (let n = Math.max(value, 0); value >= 0 && n < code.after(value); n++) {
    if (/cancel|abort/i.test(code.name(n))) return true;
    const type = code.is(n, Kind.Name) ? values.typeOf(fn, n) : undefined;
    if (type && cancelHandles.test(lastSegment(peel(type).type.name))) return true;
  }
  return false;
}

/**
 * `self.entries.insert(key, page); self.hits.insert(key, 0); self.evict();`, where `evict` takes from `entries` alone: what was
 * evicted is still counted. The other removals go along with those of the first map, for what is named.
 */
export function missesTheEvicted(
  effects: Effects,
  calls: Calls,
  { owner, field, depth }: PlaceRef,
  growth: Effect,
  on: readonly Effect[],
): boolean {
  if (!owner || field === undefined || depth > 0 || growth.fn.package.language !== 'rust') return false;
  const removers = new Set(on.filter((e) => isRemoval(e)).map((e) => e.fn));
  if (removers.size === 0 || removers.has(growth.fn)) return false;
  const values = Values.of(owner.file.package.program);
  return owner.fact.fields.some((f) => {
    if (f.name === field) return false;
    const place = fieldPlace(owner, f.name);
    if (container(values.types, typeOfPlace(values, place))?.row.shape !== 'map') return false;
    const beside = effects.on(place);
    if (!beside.some((b) => isAddedWith(b, growth))) return false;
    const others = beside.filter(isRemoval);
    return (
      [...removers].every((r) => others.some((o) => o.fn === r)) &&
      others.some((o) => !removers.has(o.fn) && isEviction(o) && evictsFor(calls, o.fn, growth.fn, removers))
    );
  });
}

/** Both get an entry under the same key. */
function isAddedWith(beside: Effect, { fn, key }: Effect): boolean {
  return (
    beside.kind === 'grow' &&
    beside.fn === fn &&
    key >= 0 &&
    beside.key >= 0 &&
    sameKey(fn.code, beside.key, key)
  );
}

function isRemoval({ kind, fn }: Effect): boolean {
  return (kind === 'remove' || kind === 'reset') && !fn.isTest;
}

/** In a loop or branch that asks how much there is, or how old it is: for no one that is named. */
function isEviction({ fn, node, key, single }: Effect): boolean {
  const { code } = fn;
  if (!single) return /^(retain|extract_if)$/.test(code.name(node));
  if (isParameter(fn, key)) return false;
  return (
    code.ancestor(node, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.If) >= fn.first ||
    /^(pop_first|pop_last|pop_lru)$/.test(code.name(node))
  );
}

/** The function that adds evicts, itself or by a call; or something that takes nothing of the other map does, by and by. */
function evictsFor(calls: Calls, evicting: Fn, adding: Fn, removers: ReadonlySet<Fn>): boolean {
  if (evicting === adding || calls.isCalledIn(evicting, adding)) return true;
  const sites = calls.sitesOf(evicting).filter((s) => !s.fn.isTest);
  return sites.length > 0 && !sites.some((s) => removers.has(s.fn));
}

/** `id`, `&id` that a function is given. */
function isParameter(fn: Fn, key: NodeId): boolean {
  const { code } = fn;
  const name = code.is(key, Kind.Unary) ? code.child(key, Role.Object) : key;
  if (!code.is(name, Kind.Name)) return false;
  return (
    Values.of(fn.package.program).scope(fn).lookup(code.name(name), code.start(name))?.source === 'parameter'
  );
}
