/** Values whose goroutine only ends when they are told to stop, dropped by a function that never tells them. */

import { fieldChannelsOf } from '../../../program/channels/go-field-channels.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package, Program, TypeDecl } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { usesOf } from '../go-locals.ts';

const LETS = kinds(Kind.Let);
const SPAWNS = kinds(Kind.Spawn);
const METHOD_CALLS = kinds(Kind.MethodCall);
const LEAVES: ReadonlySet<number> = new Set([Kind.Return, Kind.Continue, Kind.Break]);

/** A type that starts a goroutine, and the method that ends it. */
interface Stoppable {
  /** The constructor or method that starts the goroutine. */
  readonly starter: Fn;
  readonly started: NodeId;
  readonly stop: Fn;
  /** Names of the methods that end it: that one, and those that call it. */
  readonly ends: ReadonlySet<string>;
}

/** A local of such a type. */
export interface OwnedSite {
  readonly fn: Fn;
  /** The statement that makes it, and the name it has. */
  readonly made: NodeId;
  readonly name: string;
  readonly stoppable: Stoppable;
}

export type OwnedVerdict =
  /** A way out without the call; the block itself where there is no call at all. */
  | { readonly leaks: NodeId; readonly never: boolean }
  | { readonly exempt: 'stopped' | 'handed-on'; readonly by: string };

/** The locals of a package that have started a goroutine of their own and must be stopped, in source order. */
export function ownedSites(pkg: Package): OwnedSite[] {
  const stoppables = pkg.program.derive(readStoppables);
  if (stoppables.size === 0) return [];
  const values = Values.of(pkg.program);
  const out: OwnedSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(LETS, body, after); n < after; n = code.next(LETS, n + 1, after)) {
      const value = code.child(n, Role.Value);
      const pattern = code.child(n, Role.Pattern);
      if (value < 0 || pattern < 0) continue;
      const kind = code.kind(value);
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      const [made, ...others] = values.callees(fn, value);
      if (!made || others.length > 0) continue;
      const decl = resultOf(values, made);
      const stoppable = decl && stoppables.get(decl);
      if (stoppable && made.fact.owner === '' && made !== fn)
        out.push({ fn, made: n, name: code.name(pattern), stoppable });
    }
  }
  return out;
}

/** Says whether a local is stopped on every way out; nothing where it has not started anything. */
export function judgeOwned(site: OwnedSite): OwnedVerdict | undefined {
  const { fn, made, name, stoppable } = site;
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const binding = values.scope(fn).lookup(name, code.end(made));
  const block = code.parent(made);
  if (!binding || code.kind(block) !== Kind.Block || code.child(made, Role.Pattern) !== binding.node)
    return undefined;
  const starterName = stoppable.starter.fact.owner === '' ? '' : stoppable.starter.fact.name;
  let start = starterName === '' ? made : -1;
  const stops = new Set<NodeId>();
  for (const use of usesOf(values, fn, binding)) {
    if (use === binding.node) continue;
    const up = code.parent(use);
    const isMethod = code.kind(up) === Kind.MethodCall && code.role(use) === Role.Object;
    const isRead =
      code.kind(up) === Kind.Field || (code.kind(up) === Kind.Binary && code.role(use) === Role.Left);
    if (isMethod && code.name(up) === starterName) start = up;
    else if (isMethod && stoppable.ends.has(code.name(up))) stops.add(up);
    else if (code.kind(up) === Kind.Field && stoppable.ends.has(code.name(up)))
      return { exempt: 'handed-on', by: 'whoever gets its method' };
    else if (!isMethod && !isRead) return { exempt: 'handed-on', by: 'other code' };
  }
  if (start < 0) return undefined;
  const isDeferred = [...stops].some((s) => code.ancestor(s, (a) => code.kind(a) === Kind.Closure) > block);
  if (isDeferred) return { exempt: 'stopped', by: `\`${stoppable.stop.fact.name}\`` };
  const failed = failureOf(fn, made, start);
  const exits = pathExits(
    code,
    block,
    (n) => (n === start ? -1 : stops.has(n) || n === failed ? Infinity : 0),
    'least',
  );
  const open = exits?.find((e) => e.total < 0);
  if (open) return { leaks: open.node, never: stops.size === 0 };
  return stops.size > 0 ? { exempt: 'stopped', by: `\`${stoppable.stop.fact.name}\`` } : undefined;
}

/** `x, err := New(); if err != nil { return err }`: nothing was made where the error is tested. Its `return` or `continue`, or -1. */
function failureOf(fn: Fn, made: NodeId, start: NodeId): NodeId {
  const code = fn.code;
  if (start !== made || code.all(made, Role.Pattern).length < 2) return -1;
  const next = code.after(made);
  if (!code.is(next, Kind.If)) return -1;
  const then = code.child(next, Role.Then);
  const last = code.children(then).at(-1);
  return last !== undefined && LEAVES.has(code.kind(last)) ? last : -1;
}

/** Types whose goroutine waits for a field that one of their methods closes. */
function readStoppables(program: Program): ReadonlyMap<TypeDecl, Stoppable> {
  const out = new Map<TypeDecl, Stoppable>();
  const values = Values.of(program);
  for (const pkg of program.packages) {
    if (pkg.language !== 'go') continue;
    const channels = fieldChannelsOf(pkg);
    if (channels.size === 0) continue;
    for (const fn of pkg.functions) {
      if (fn.isTest) continue;
      const { first: body, after } = fn;
      for (let n = fn.code.next(SPAWNS, body, after); n < after; n = fn.code.next(SPAWNS, n + 1, after)) {
        const decl = fn.fact.owner === '' ? resultOf(values, fn) : values.ownerType(fn)?.decl;
        if (!decl || out.has(decl)) continue;
        const stop = stopOf(fn, n, decl);
        if (stop) out.set(decl, { starter: fn, started: n, stop, ends: endsOf(values, decl, stop) });
      }
    }
  }
  return out;
}

/** The method of a type that closes the field a goroutine waits for. */
function stopOf(fn: Fn, started: NodeId, decl: TypeDecl): Fn | undefined {
  const program = fn.package.program;
  const places = Places.of(program);
  const channels = fieldChannelsOf(fn.package);
  const call = fn.code.child(started, Role.Object);
  const callee = fn.code.child(call, Role.Callee);
  const runs: { fn: Fn; from: NodeId; to: NodeId }[] =
    callee >= 0 && fn.code.kind(callee) === Kind.Closure
      ? [{ fn, from: callee, to: fn.code.after(callee) }]
      : Values.of(program)
          .callees(fn, call)
          .map((t) => ({ fn: t, from: t.first, to: t.after }));
  for (const run of runs) {
    if (run.fn.package !== fn.package) continue;
    for (let n = run.from; n < run.to; n++) {
      if (!run.fn.code.is(n, Kind.Unary, '<-')) continue;
      const place = places.of(run.fn, run.fn.code.child(n, Role.Object));
      if (place?.owner !== decl) continue;
      const close = channels.get(place.key)?.uses.find((u) => u.kind === 'close');
      if (close && close.fn.fact.owner === decl.fact.name && ENDS.test(close.fn.fact.name)) return close.fn;
    }
  }
  return undefined;
}

/** A `Close` that calls `Stop` ends the goroutine as well. */
function endsOf(values: Values, decl: TypeDecl, stop: Fn): Set<string> {
  const ends = new Set([stop.fact.name]);
  for (const fn of decl.file.package.functions) {
    if (fn.fact.owner !== decl.fact.name || fn === stop) continue;
    const { first: body, after } = fn;
    for (
      let n = fn.code.next(METHOD_CALLS, body, after);
      n < after;
      n = fn.code.next(METHOD_CALLS, n + 1, after)
    )
      if (fn.code.is(n, Kind.MethodCall, stop.fact.name) && values.callees(fn, n).includes(stop))
        ends.add(fn.fact.name);
  }
  return ends;
}

const ENDS = /^(Stop|Close|Shutdown|Quit|Terminate|Cancel|End|Dispose|Release|stop|close|shutdown)$/;

/** The declared type a function gives back first. */
function resultOf(values: Values, fn: Fn): TypeDecl | undefined {
  const result = fn.fact.result < 0 ? undefined : values.types.at(fn.file, fn.fact.result);
  const first = result?.name === 'tuple' ? result.args[0] : result;
  return first && peel(first).type.decl;
}
