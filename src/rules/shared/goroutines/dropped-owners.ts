/** Goroutines without an end whose owner is dropped while the program runs: replaced by a new one, or taken out of a map. */
import { makers, renewals, setUpNames } from '../../../knowledge/handlers.ts';
import { Calls } from '../../../program/calls/calls.ts';
import { Phases } from '../../../program/phases/phases.ts';
import type { Evidence } from '../../../program/phases/reach.ts';
import { type PlaceRef, Places } from '../../../program/places/places.ts';
import type { Fn } from '../../../program/program.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const MAX_DEPTH = 2;

/** Where what a function makes, or belongs to, is dropped; undefined where nothing shows it. */
export function droppedBy(fn: Fn, depth = 0): Evidence | undefined {
  const { program } = fn.package;
  for (const { kind, guess, fn: by, node } of Calls.of(program).sitesOf(fn)) {
    if (kind !== 'call' || guess || by.isTest) continue;
    const found = lostFrom(by, node) ?? renewedIn(by, node);
    if (found) return found;
    const makes = setUpNames.test(by.fact.name) || makers.test(by.fact.name);
    const above = makes && depth < MAX_DEPTH ? droppedBy(by, depth + 1) : undefined;
    if (above) return above;
  }
  return undefined;
}

/** It is stored where other code takes it out again, or where each call puts another one. */
function lostFrom(fn: Fn, made: NodeId): Evidence | undefined {
  const places = Places.of(fn.package.program);
  const target = targetOf(fn, made);
  if (target < 0) return undefined;
  const { code } = fn;
  const isElement = code.is(target, Kind.Index);
  const place = places.of(fn, isElement ? code.child(target, Role.Object) : target);
  if (place?.root !== 'field' && place?.root !== 'global') return undefined;
  if (isElement) {
    const { startup, api, request } = Phases.of(fn.package.program).at(fn, made);
    return startup && !api && !request ? undefined : deletedFrom(fn, place);
  }
  const isRenewal = renewals.test(fn.fact.name) && !setUpNames.test(fn.fact.name);
  return isRenewal
    ? { why: `\`${fn.label}\` puts another one in its place`, at: fn.place(target) }
    : undefined;
}

/** `s.active[id] = newWatcher(…)`, also with a name or a literal between; or -1. */
function targetOf({ code, first, after }: Fn, made: NodeId): NodeId {
  const isStep = (n: NodeId) =>
    [Kind.Assign, Kind.Let, Kind.Block, Kind.Closure].includes(code.kind(n) as never);
  const statement = code.ancestor(made, isStep);
  if (code.is(statement, Kind.Assign)) return storing(code, statement);
  const object = code.is(made, Kind.MethodCall) ? code.child(made, Role.Object) : -1;
  const bound = code.is(statement, Kind.Let) ? code.child(statement, Role.Pattern) : object;
  const name = bound < 0 ? '' : code.name(bound);
  for (let n = first; name !== '' && n < after; n++) {
    if (!code.is(n, Kind.Assign) || storing(code, n) < 0) continue;
    const value = code.child(n, Role.Value);
    for (let m = value; m < code.after(value); m++)
      if (code.is(m, Kind.Name, name) && code.role(m) !== Role.Object) return storing(code, n);
  }
  return -1;
}

/** The target of an assignment that outlives its function, or -1. */
function storing(code: Fn['code'], assign: NodeId): NodeId {
  const target = code.child(assign, Role.Target);
  return code.is(target, Kind.Index) || code.is(target, Kind.Field) ? target : -1;
}

function deletedFrom(fn: Fn, map: PlaceRef): Evidence | undefined {
  const places = Places.of(fn.package.program);
  for (const by of fn.package.serviceFunctions) {
    const { code } = by;
    for (let n = by.first; n < by.after; n++) {
      if (!code.is(n, Kind.Call) || !code.is(code.child(n, Role.Callee), Kind.Name, 'delete')) continue;
      if (places.of(by, code.child(n, Role.Arg))?.key === map.key)
        return { why: `\`${by.label}\` takes its owner out of \`${map.name}\``, at: by.place(n) };
    }
  }
  return undefined;
}

/** `func (g *Gateway) Reload(…) { for … { c := newCache() } }`: each call makes as many new ones. */
function renewedIn(fn: Fn, made: NodeId): Evidence | undefined {
  const isRenewal =
    fn.fact.receiver !== '' &&
    renewals.test(fn.fact.name) &&
    Phases.of(fn.package.program).turns(fn, made).length > 0;
  return isRenewal ? { why: `\`${fn.label}\` makes new ones each time`, at: fn.place(made) } : undefined;
}
