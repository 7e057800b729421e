/** Go: removals that run in one mode of the program alone, or under a test that what was just added never passes. */
import { ageTests } from '../../knowledge/endings.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { type Effect, type Effects, sameText } from '../places/effects.ts';
import { fieldPlace, type PlaceRef } from '../places/places.ts';
import { Writes } from '../places/writes.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';

/** A condition under which a node runs, and whether it has to hold for that. */
interface Guard {
  readonly branch: NodeId;
  readonly condition: NodeId;
  readonly holds: boolean;
}

/**
 * `if c.cfg.Temporality == Delta { c.series = map[string]*series{} }`: what is set when the program is made decides whether
 * anything is ever taken out, and what is added does not ask for it.
 */
export function isOfOneMode(e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
  const { fn } = e;
  if (fn.package.language !== 'go') return false;
  return guardsOf(e).some(({ branch, condition, holds }) => {
    const setting = settingIn(fn, condition);
    if (setting === undefined || mentionsField(growth.fn, setting)) return false;
    // In the other mode something else is taken out.
    const others = effects.filter(
      (r) => r !== e && (r.kind === 'remove' || r.kind === 'reset') && !r.fn.isTest,
    );
    return others.every((r) => {
      if (r.fn !== fn) return mentionsField(r.fn, setting);
      return fn.code.within(r.node, branch) && !fn.code.within(r.node, otherSide(fn, branch, holds));
    });
  });
}

/** The branch that is taken where the one with a removal is not; or -1. */
function otherSide({ code }: Fn, branch: NodeId, holds: boolean): NodeId {
  return code.kind(branch) === Kind.If ? code.child(branch, holds ? Role.Else : Role.Then) : -1;
}

/** The branches around a removal, and those before it that leave. */
function guardsOf({ fn, node }: Effect): readonly Guard[] {
  const { code, first } = fn;
  const out: Guard[] = [];
  for (let n = node, up = code.parent(n); up >= first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure) break;
    if (kind === Kind.If && code.role(n) !== Role.Condition)
      out.push({ branch: up, condition: code.child(up, Role.Condition), holds: code.role(n) === Role.Then });
    // `switch e.mode { case delta: … }`
    if (kind === Kind.Match && code.child(up, Role.Subject) >= 0 && code.kind(n) === Kind.Arm)
      out.push({ branch: up, condition: code.child(up, Role.Subject), holds: true });
    if (kind !== Kind.Block) continue;
    for (const s of code.children(up)) {
      if (s >= n) break;
      if (code.kind(s) === Kind.If && exits(code, code.child(s, Role.Then)))
        out.push({ branch: s, condition: code.child(s, Role.Condition), holds: false });
    }
  }
  return out;
}

/**
 * The name of the field that a condition asks and nothing else: `c.cfg.Delta`, `!c.delta`, `c.mode == delta`, of which nothing but
 * where the value is made decides.
 */
function settingIn(fn: Fn, condition: NodeId): string | undefined {
  const { code } = fn;
  let n = condition;
  if (code.is(n, Kind.Unary, '!')) n = code.child(n, Role.Object);
  if (code.kind(n) === Kind.Binary && /^[!=]=$/.test(code.name(n))) {
    const right = code.child(n, Role.Right);
    if (code.kind(right) === Kind.Number || code.is(right, Kind.Literal, 'nil')) return undefined;
    if (![Kind.Name, Kind.Field, Kind.String, Kind.Literal].includes(code.kind(right) as never))
      return undefined;
    n = code.child(n, Role.Left);
  }
  if (code.kind(n) !== Kind.Field) return undefined;
  let root = n;
  while (code.kind(root) === Kind.Field) root = code.child(root, Role.Object);
  if (!code.is(root, Kind.Name, fn.fact.receiver) || fn.fact.receiver === '') return undefined;
  const values = Values.of(fn.package.program);
  const decl = values.declOf(fn, code.child(n, Role.Object));
  const field = decl && values.field(decl, code.name(n));
  if (!field || !isMode(fn, n)) return undefined;
  const writes = Writes.of(fn.package.program).toField(field.decl, code.name(n));
  const isSetLater = writes.some(
    ({ fn: by, node }) => by && !by.isTest && by.code.kind(node) === Kind.Assign,
  );
  return isSetLater ? undefined : code.name(n);
}

/** A flag, or one of the program's own constants: not a pointer, a limit or a time. */
function isMode(fn: Fn, field: NodeId): boolean {
  const type = Values.of(fn.package.program).typeOf(fn, field);
  if (!type) return false;
  if (/^(bool|string)$/.test(type.name)) return true;
  const { decl } = type;
  return (
    decl?.fact.kind === 'defined' &&
    /^(u?int(8|16|32|64)?|string|byte)$/.test(decl.file.code.name(decl.fact.target))
  );
}

function mentionsField({ code, first, after }: Fn, field: string): boolean {
  for (let n = first; n < after; n++) if (code.is(n, Kind.Field, field)) return true;
  return false;
}

/**
 * `m[n] = now; for len(order) > 1 { if now.Sub(m[n]) < window { break }; delete(m, oldest) }`: the age that is asked for is that of
 * what was just added, which is none.
 */
export function asksAgeOfNew(e: Effect, growth: Effect): boolean {
  const { fn } = e;
  if (fn.package.language !== 'go' || fn !== growth.fn || e.node < growth.node || growth.key < 0)
    return false;
  return guardsOf(e).some(({ branch, condition }) => {
    if (branch < growth.node || condition < 0) return false;
    const asked = agesIn(fn, condition);
    return asked >= 0 && isAboutNew(fn, asked, growth, branch);
  });
}

/** The call is given the new entry, by its key or by the name that was put in, and not one of another round. */
function isAboutNew(fn: Fn, call: NodeId, growth: Effect, before: NodeId): boolean {
  const { code } = fn;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = call; n < code.after(call); n++) {
    if (code.kind(n) === Kind.Index && sameText(code, code.child(n, Role.Index), growth.key))
      return isUntouched(fn, growth.key, growth.node, before);
    const value = growth.value;
    if (value < 0 || !code.is(value, Kind.Name) || !code.is(n, Kind.Name, code.name(value))) continue;
    const [put, asked] = [value, n].map((m) => scope.lookup(code.name(m), code.start(m)));
    const isNew = put !== undefined && put === asked && code.is(code.parent(n), Kind.Field);
    if (isNew && put.node >= fn.first && code.is(code.parent(put.node), Kind.Let)) return true;
  }
  return false;
}

/** The key that was added is still the same: nothing is assigned to it in between, and no loop binds it anew. */
function isUntouched(fn: Fn, key: NodeId, from: NodeId, to: NodeId): boolean {
  const { code } = fn;
  if (!code.is(key, Kind.Name) && !code.is(key, Kind.Unary)) return false;
  const name = code.is(key, Kind.Unary) ? code.child(key, Role.Object) : key;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = from; n < to; n++)
    if (
      code.is(n, Kind.Assign) &&
      n > code.after(from) &&
      code.all(n, Role.Target).some((t) => sameText(code, t, name))
    )
      return false;
  const b = scope.lookup(code.name(name), code.start(name));
  return b !== undefined && scope.lookup(code.name(name), code.start(to)) === b;
}

/**
 * A sweep takes out of one map what is too old, and leaves what was added to another one together with it: `byPeer[p] = …` beside
 * `byMessage[m] = …`, of which only the second is swept. Whoever names the entry takes it out of both.
 */
export function missesTheSweep(
  effects: Effects,
  place: PlaceRef,
  growth: Effect,
  on: readonly Effect[],
): boolean {
  const { owner, field, depth } = place;
  if (growth.fn.package.language !== 'go' || !owner || field === undefined || depth > 0) return false;
  const removals = on.filter((e) => (e.kind === 'remove' || e.kind === 'reset') && !e.fn.isTest);
  if (removals.length === 0 || removals.some((e) => !e.single || e.key < 0 || isSweep(e))) return false;
  const calls = Calls.of(growth.fn.package.program);
  return owner.fact.fields.some(({ name }) => {
    if (name === field) return false;
    const beside = effects.on(fieldPlace(owner, name));
    const isTwin = beside.some((e) => e.kind === 'grow' && e.fn === growth.fn);
    const sweep = isTwin ? beside.find((e) => e.kind === 'remove' && !e.fn.isTest && isSweep(e)) : undefined;
    return (
      sweep !== undefined &&
      removals.every((r) => r.fn !== sweep.fn && !calls.isCalledIn(r.fn, sweep.fn)) &&
      beside.some(
        (e) => e.kind === 'remove' && removals.some((r) => r.fn === e.fn || calls.isCalledIn(r.fn, e.fn)),
      )
    );
  });
}

/** `for id, s := range m { if now.After(s.expires) { delete(m, id) } }` */
function isSweep({ fn, node }: Effect): boolean {
  const { code, first } = fn;
  let sweep = -1;
  for (let up = code.parent(node); up >= first; up = code.parent(up))
    if (code.kind(up) === Kind.Loop && code.child(up, Role.Iter) >= 0) sweep = up;
  return sweep >= 0 && agesIn(fn, sweep) >= 0;
}

/** Where something asks how old something is, or -1. */
function agesIn({ code }: Fn, root: NodeId): NodeId {
  const end = code.after(root);
  let found = -1;
  for (let n = code.next(CALLS, root, end); n < end; n = code.next(CALLS, n + 1, end))
    if (callName(code, n) === 'Sub' || ageTests.test(callName(code, n))) found = n;
  return found;
}
