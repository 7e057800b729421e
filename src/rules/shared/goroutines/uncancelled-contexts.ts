/** Go: contexts that are never cancelled, and that a parent which lives long keeps among its children. */
import { pathExits } from '../../../program/channels/paths.ts';
import { type Lifetime, Lifetimes } from '../../../program/lifetime/lifetime.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);

/** `ctx, cancel := context.WithCancel(s.ctx)` with a way out on which nobody calls `cancel`. */
export interface UncancelledContext {
  readonly fn: Fn;
  /** The call of `WithCancel`. */
  readonly node: NodeId;
  /** What the parent is called. */
  readonly parent: string;
  /** The way out that leaves it, or -1 where no way cancels it. */
  readonly exit: NodeId;
  /** How long what holds the parent lives. */
  readonly lifetime: Lifetime;
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
  const place = code.is(parent, Kind.Field) ? Places.of(fn.package.program).of(fn, parent) : undefined;
  if (!place?.owner || place.root !== 'field' || place.depth > 0) return undefined;
  const lifetime = Lifetimes.of(fn.package.program).ofType(place.owner);
  if (lifetime.verdict !== 'long' || lifetime.perRequest || lifetime.fleeting) return undefined;
  const base = { fn, node, parent: `${code.name(code.child(parent, Role.Object))}.${place.name}`, lifetime };
  if (code.kind(cancel) === Kind.Wildcard || code.name(cancel) === '_') return { ...base, exit: -1 };
  const binding = values.scope(fn).lookup(code.name(cancel), code.end(declared));
  const calls = binding?.node === cancel ? callsOf(fn, binding, values) : undefined;
  if (!calls) return undefined;
  const exits = pathExits(code, block, (n) => (calls.has(n) ? Infinity : 0), 'least');
  // What is made behind the first way out is not there yet.
  const open = exits?.filter((e) => e.total === 0 && (e.node === block || e.node > node));
  const [first] = open ?? [];
  if (!first) return undefined;
  return { ...base, exit: calls.size === 0 ? -1 : first.node };
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
