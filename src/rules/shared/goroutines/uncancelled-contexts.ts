/** Go: contexts that are never cancelled: a parent which lives long keeps them, or a goroutine waits for their end. */

import type { Place } from '../../../core/span.ts';
import { rootContexts } from '../../../knowledge/endings.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import { type Lifetime, Lifetimes } from '../../../program/lifetime/lifetime.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { codeOf, type Run } from './endless-goroutines.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);
const SPAWNS = kinds(Kind.Spawn);

/** `ctx, cancel := context.WithCancel(s.ctx)` with a way out on which nobody calls `cancel`. */
export interface UncancelledContext {
  readonly fn: Fn;
  /** The call of `WithCancel`. */
  readonly node: NodeId;
  /** The way out that leaves it, or -1 where no way cancels it. */
  readonly exit: NodeId;
  /** The parent that keeps it, and how long what holds that one lives. */
  readonly kept?: { readonly parent: string; readonly lifetime: Lifetime };
  /** The name of a context that has no parent to end it, with the goroutine that waits for nothing else, and where. */
  readonly awaited?: { readonly context: string; readonly started: NodeId; readonly wait: Place };
}

/** The contexts that functions of a package leave uncancelled, outside tests, in source order. */
export function uncancelledContexts(pkg: Package): UncancelledContext[] {
  const out: UncancelledContext[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code, first, after } = fn;
    for (
      let n = code.next(METHOD_CALLS, first, after);
      n < after;
      n = code.next(METHOD_CALLS, n + 1, after)
    ) {
      if (!/^WithCancel(Cause)?$/.test(code.name(n))) continue;
      const found = leftUncancelled(fn, n);
      if (found) out.push(found);
    }
  }
  return out;
}

function leftUncancelled(fn: Fn, node: NodeId): UncancelledContext | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  if (values.goPackage(fn, code.child(node, Role.Object)) !== 'context') return undefined;
  const declared = code.parent(node);
  const block = code.parent(declared);
  const [, cancel] = code.kind(declared) === Kind.Let ? code.all(declared, Role.Pattern) : [];
  if (cancel === undefined || code.kind(block) !== Kind.Block) return undefined;
  const parent = code.child(node, Role.Arg);
  const kept = keptBy(fn, parent);
  const isRoot = code.is(parent, Kind.MethodCall) && rootContexts.test(code.name(parent));
  const awaited = kept || !isRoot ? undefined : awaitedBy(fn, declared);
  if (!kept && !awaited) return undefined;
  const base = { fn, node, ...(kept ? { kept } : {}), ...(awaited ? { awaited } : {}) };
  const from = awaited?.started ?? node;
  if (code.kind(cancel) === Kind.Wildcard || code.name(cancel) === '_') return { ...base, exit: -1 };
  const binding = values.scope(fn).lookup(code.name(cancel), code.end(declared));
  const calls = binding?.node === cancel ? callsOf(fn, binding, values) : undefined;
  if (!calls) return undefined;
  const weigh = (n: NodeId) => (calls.has(n) ? Infinity : n === awaited?.started ? -1 : 0);
  const exits = pathExits(code, block, weigh, 'least');
  // What is made behind the first way out is not there yet.
  const open = exits?.filter(
    (e) => (awaited ? e.total < 0 : e.total === 0) && (e.node === block || e.node > from),
  );
  const [first] = open ?? [];
  if (!first) return undefined;
  return { ...base, exit: calls.size === 0 ? -1 : first.node };
}

/** A field of something that lives long. */
function keptBy(fn: Fn, parent: NodeId): UncancelledContext['kept'] {
  const { code } = fn;
  const place = code.is(parent, Kind.Field) ? Places.of(fn.package.program).of(fn, parent) : undefined;
  if (!place?.owner || place.root !== 'field' || place.depth > 0) return undefined;
  const lifetime = Lifetimes.of(fn.package.program).ofType(place.owner);
  if (lifetime.verdict !== 'long' || lifetime.perRequest || lifetime.fleeting) return undefined;
  return { parent: `${code.name(code.child(parent, Role.Object))}.${place.name}`, lifetime };
}

/** The goroutine that is given a context, and each of whose ways out stands behind the end of it. */
function awaitedBy(fn: Fn, declared: NodeId): UncancelledContext['awaited'] {
  const { code } = fn;
  const [context] = code.all(declared, Role.Pattern);
  if (context === undefined || code.is(context, Kind.Wildcard)) return undefined;
  const block = code.parent(declared);
  for (
    let n = code.next(SPAWNS, declared, code.after(block));
    n < code.after(block);
    n = code.next(SPAWNS, n + 1, code.after(block))
  ) {
    const call = code.child(n, Role.Object);
    const run = codeOf(fn, call);
    if (!run) continue;
    const index = code.all(call, Role.Arg).findIndex((a) => isNameOf(fn, a, context));
    const parameter = index < 0 ? -1 : (run.fn.fact.params[index] ?? -1);
    const name = run.fn === fn ? context : parameter < 0 ? -1 : run.fn.code.child(parameter, Role.Pattern);
    const wait = name < 0 ? -1 : onlyWait(run, name);
    if (wait >= 0) return { context: code.name(context), started: n, wait: run.fn.place(wait) };
  }
  return undefined;
}

/** Where code waits for the end of a context, if it has no other way out; or -1. */
function onlyWait({ fn, body }: Run, context: NodeId): NodeId {
  const { code } = fn;
  const mentions = (root: NodeId) => {
    for (let n = root; root >= 0 && n < code.after(root); n++)
      if (code.kind(n) === Kind.MethodCall && /^(Done|Err)$/.test(code.name(n)))
        if (isNameOf(fn, code.child(n, Role.Object), context)) return n;
    return -1;
  };
  let wait = -1;
  // `for ctx.Err() == nil { … }`
  const isUntilEnd = (loop: NodeId) => {
    const at = mentions(code.child(loop, Role.Condition));
    if (at >= 0) wait = at;
    return at >= 0;
  };
  const exits = pathExits(code, body, () => 0, 'least', isUntilEnd);
  for (const { node } of exits ?? []) {
    const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
    // `<-ctx.Done()` in front of all that follows.
    const before = code.children(body).find((s) => code.is(s, Kind.Unary, '<-') && mentions(s) >= 0);
    const at = arm > body ? mentions(code.child(arm, Role.Comm)) : (before ?? -1);
    if (at < 0) return -1;
    wait = at;
  }
  return wait;
}

function isNameOf(fn: Fn, n: NodeId, declared: NodeId): boolean {
  const { code } = fn;
  if (!code.is(n, Kind.Name, code.name(declared))) return false;
  return Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.node === declared;
}

/** Where a function calls what cancels; undefined where somebody else is given it. */
function callsOf(fn: Fn, { name, node }: Binding, values: Values): ReadonlySet<NodeId> | undefined {
  const code = fn.code;
  const scope = values.scope(fn);
  const out = new Set<NodeId>();
  for (let n = fn.first; n < fn.after; n++) {
    if (n === node || !code.is(n, Kind.Name, name) || scope.lookup(name, code.start(n))?.node !== node)
      continue;
    const closure = code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
    const isInside = closure >= 0 && !code.within(node, closure);
    // `time.AfterFunc(limit, cancel)`: only who is late is cancelled.
    const late = isInside ? code.parent(closure) : code.parent(n);
    if (code.is(late, Kind.MethodCall, 'AfterFunc') && code.role(isInside ? closure : n) === Role.Arg)
      continue;
    const isCall = code.role(n) === Role.Callee && code.kind(code.parent(n)) === Kind.Call;
    const isDeferred = isInside && code.kind(code.parent(code.parent(closure))) === Kind.Defer;
    if (!isCall || (isInside && !isDeferred)) return undefined;
    out.add(code.parent(n));
  }
  return out;
}
