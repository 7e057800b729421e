/** Channels that wait in a map for an answer, and are thrown away with it where the connection is gone. */
import { Calls } from '../../../program/calls/calls.ts';
import { isOptional } from '../../../program/channels/go-channels.ts';
import { type Effect, Effects } from '../../../program/places/effects.ts';
import { fieldPlace } from '../../../program/places/places.ts';
import type { Fn, Package, TypeDecl } from '../../../program/program.ts';
import { peel, type TypeRef } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

/** `c.pending = make(map[uint64]chan reply)`, while callers wait at what was in it. */
export interface ForgottenWaiters {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly field: string;
  /** Where a waiter is put into the map. */
  readonly added: Effect;
}

/** The maps of channels that a package empties without a word to who waits, in the order of their fields. */
export function forgottenWaiters(pkg: Package): ForgottenWaiters[] {
  const out: ForgottenWaiters[] = [];
  for (const owner of pkg.types) {
    if (owner.isTest || owner.fact.kind !== 'struct') continue;
    for (const { name, type } of owner.fact.fields) {
      const element = waitedFor(Values.of(pkg.program).types.at(owner.file, type));
      const found = element && forgottenIn(owner, name, element);
      if (found) out.push(found);
    }
  }
  return out;
}

/** What comes out of the channels of `map[K]chan T` and `map[K][]chan T`. */
function waitedFor(type: TypeRef | undefined): TypeRef | undefined {
  const value = type?.name === 'map' ? type.args[1] : undefined;
  const channel = value?.name === 'slice' ? value.args[0] : value;
  return channel?.name === 'chan' ? channel.args[0] : undefined;
}

function forgottenIn(owner: TypeDecl, field: string, element: TypeRef): ForgottenWaiters | undefined {
  const pkg = owner.file.package;
  const effects = Effects.of(pkg.program)
    .on(fieldPlace(owner, field))
    .filter((e) => !e.fn.isTest && e.fn.fact.owner === owner.fact.name);
  const added = effects.find((e) => e.kind === 'grow');
  const emptied = effects.find((e) => e.kind === 'reset' && e.verb === '=' && isForgetful(e, field));
  const isAnswered = effects.some((e) => e.kind === 'remove' && tells(e.fn));
  return added && emptied && isAnswered && waitsForGood(pkg, element)
    ? { fn: emptied.fn, node: emptied.node, field, added }
    : undefined;
}

/** The function only puts another map in its place: it neither keeps the old one, nor tells who waits, itself or by a helper. */
function isForgetful({ fn, node }: Effect, field: string): boolean {
  const { code } = fn;
  // `if c.pending == nil { c.pending = … }`
  if (code.ancestor(node, (a) => code.kind(a) === Kind.If) >= fn.first) return false;
  for (let n = fn.first; n < fn.after; n++)
    if (code.is(n, Kind.Field, field) && code.role(n) !== Role.Target) return false;
  if (tells(fn)) return false;
  const calls = Calls.of(fn.package.program);
  return fn.package.functions.every((f) => f === fn || !tells(f) || !calls.isCalledIn(f, fn));
}

/** Something is sent to a channel, or one is closed. */
function tells({ code, first, after }: Fn): boolean {
  for (let n = first; n < after; n++)
    if (
      code.kind(n) === Kind.Send ||
      (code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
    )
      return true;
  return false;
}

/** Somebody waits for such an answer and for nothing else. */
function waitsForGood(pkg: Package, element: TypeRef): boolean {
  const values = Values.of(pkg.program);
  const wanted = nameOf(element);
  return pkg.serviceFunctions.some((fn) => {
    const { code } = fn;
    for (let n = fn.first; n < fn.after; n++) {
      if (!code.is(n, Kind.Unary, '<-') || isOptional(fn, n)) continue;
      const from = values.typeOf(fn, code.child(n, Role.Object))?.args[0];
      if (from && nameOf(from) === wanted) return true;
    }
    return false;
  });
}

function nameOf(type: TypeRef): string {
  const { decl, name } = peel(type).type;
  return decl?.id ?? name;
}
