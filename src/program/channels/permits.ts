/** Permits that an item takes before it is put anywhere, so that no more wait than there are permits. */
import type { Place } from '../../core/span.ts';
import { messagePermits, semaphorePermits } from '../../knowledge/channels.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import type { Effect } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { takesPermit } from '../spawns/spawn-limits.ts';
import { lastSegment, peel, type TypeRef, type Types } from '../types/types.ts';
import { Values } from '../types/values.ts';

export interface Permit {
  /** What takes it, or carries it. */
  readonly by: string;
  readonly where: Place;
}

/** The permit of an item that is sent or added: taken before it, carried by it, or taken by every caller. */
export function permitOf(added: Effect): Permit | undefined {
  return permitBefore(added) ?? carriesPermit(added) ?? permitOfCallers(added.fn, 0);
}

/** A permit that is taken in the same function before it, and goes with it or comes back later. */
function permitBefore({ fn, node }: { readonly fn: Fn; readonly node: NodeId }): Permit | undefined {
  const code = fn.code;
  const { first: body } = fn;
  for (let n = body; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || !takesPermit(code, n)) continue;
    const kept = code.ancestor(n, (a) =>
      [Kind.Let, Kind.LetCondition, Kind.Closure, Kind.Block].includes(code.kind(a) as never),
    );
    // `slots.acquire().await?.forget()`: whoever takes the item out gives it back.
    if (kept >= 0 && code.kind(kept) === Kind.Block && !isForgotten(code, n)) continue;
    if (kept < 0 || code.kind(kept) === Kind.Closure || isFreedBehind(fn, kept, node)) continue;
    return { by: `\`${code.name(n)}\` in \`${fn.label}\``, where: fn.place(n) };
  }
  return undefined;
}

/** Nothing gives the permit back when it is dropped. */
function isForgotten(code: Code, taken: NodeId): boolean {
  for (let n = code.parent(taken); n >= 0 && code.kind(n) !== Kind.Block; n = code.parent(n))
    if (code.is(n, Kind.MethodCall, 'forget')) return true;
  return false;
}

/**
 * `let permit = slots.try_acquire_owned()?; tx.send(job); Ok(())`: nothing takes the permit over, and nothing is waited for
 * behind the send, so that it is free again while the message waits.
 */
function isFreedBehind({ code, after }: Fn, kept: NodeId, send: NodeId): boolean {
  if (code.kind(kept) !== Kind.Let) return false;
  const pattern = code.child(kept, Role.Pattern);
  let name = '';
  for (let n = pattern; n >= 0 && n < code.after(pattern); n++)
    if (code.kind(n) === Kind.Bind) name = code.name(n);
  for (let n = code.after(kept); n < after; n++) {
    if (code.is(n, Kind.Name, name) && !code.is(code.parent(n), Kind.Unary, '&')) return false;
    if (n > send && code.kind(n) === Kind.Await) return false;
  }
  return code.kind(code.parent(send)) !== Kind.Await;
}

/** The message brings a permit along, which is given back when it has been worked off. */
function carriesPermit({ fn, node, value }: Effect): Permit | undefined {
  const code = fn.code;
  const inside = (root: NodeId, depth: number): boolean => {
    for (let n = root; root >= 0 && n < code.after(root); n++) {
      const kind = code.kind(n);
      if (kind !== Kind.Name && kind !== Kind.FieldInit) continue;
      if (messagePermits.test(code.name(n))) return true;
      if (kind !== Kind.Name || depth > 0) continue;
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'value' && b.value >= 0 && inside(b.value, depth + 1)) return true;
    }
    return false;
  };
  const type = value < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, value);
  return inside(value, 0) || (type && holdsPermit(type, Values.of(fn.package.program).types, 0))
    ? { by: 'the permit that each carries', where: fn.place(node) }
    : undefined;
}

/** `struct Queued { block: Block, token: Token }`, where a `Token` is a type of the program's own around a permit. */
function holdsPermit({ name, decl }: TypeRef, types: Types, depth: number): boolean {
  if (!decl) return semaphorePermits.test(lastSegment(name));
  return (
    depth < 3 &&
    decl.file.facts.language === 'rust' &&
    decl.fact.fields.some((f) => {
      const type = types.at(decl.file, f.type);
      return type !== undefined && holdsPermit(peel(type).type, types, depth + 1);
    })
  );
}

/** Every caller takes a permit before it sends, itself or its callers. */
function permitOfCallers(fn: Fn, depth: number): Permit | undefined {
  if (depth > 2) return undefined;
  let found: Permit | undefined;
  for (const site of Calls.of(fn.package.program).sitesOf(fn)) {
    if (site.kind !== 'call' || site.guess) return undefined;
    found = permitBefore(site) ?? permitOfCallers(site.fn, depth + 1);
    if (!found) return undefined;
  }
  return found;
}
