/** Go: goroutines that wait for the end of a context that outlives the call which starts them, and for nothing else. */

import { Calls } from '../../../program/calls/calls.ts';
import { Lifetimes } from '../../../program/lifetime/lifetime.ts';
import { Phases } from '../../../program/phases/phases.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const SPAWNS = kinds(Kind.Spawn);

/** `go func() { <-s.ctx.Done(); conn.Close() }()`: it stays when the connection is long gone. */
export interface LongerWait {
  readonly fn: Fn;
  /** The `go` statement. */
  readonly started: NodeId;
  /** The receive that it stays in. */
  readonly wait: NodeId;
  /** The context, or the channel that says when to stop. */
  readonly signal: NodeId;
  /** The loop that starts one in each of its rounds and outlives none of them, or -1. */
  readonly loop: NodeId;
}

/** All of them in a package, outside tests, in source order. */
export function longerWaits(pkg: Package): LongerWait[] {
  const out: LongerWait[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code, first, after } = fn;
    for (let n = code.next(SPAWNS, first, after); n < after; n = code.next(SPAWNS, n + 1, after)) {
      const callee = code.child(code.child(n, Role.Object), Role.Callee);
      const body = code.is(callee, Kind.Closure) ? code.child(callee, Role.Body) : -1;
      const wait = body < 0 ? -1 : (code.children(body).find((s) => code.kind(s) !== Kind.Defer) ?? -1);
      const done = code.is(wait, Kind.Unary, '<-') ? code.child(wait, Role.Object) : -1;
      const isContext = code.is(done, Kind.MethodCall, 'Done');
      const signal = isContext ? code.child(done, Role.Object) : done;
      const loop = signal < 0 ? -1 : loopWithin(fn, n, signal);
      const isLonger =
        loop >= 0 ? isContext || onlySignals(fn, signal) : isContext && outlivesCall(fn, signal);
      if (isLonger) out.push({ fn, started: n, wait, signal, loop });
    }
  }
  return out;
}

/** `for { go func() { <-stop; cancel() }() }`: the lasting loop around a goroutine that its signal was there before, or -1. */
function loopWithin(fn: Fn, started: NodeId, signal: NodeId): NodeId {
  const { code } = fn;
  const { program } = fn.package;
  const phases = Phases.of(program);
  const b = code.is(signal, Kind.Name)
    ? Values.of(program).scope(fn).lookup(code.name(signal), code.start(signal))
    : undefined;
  const [loop] = b ? phases.context(fn, started).loops : [];
  return b && loop !== undefined && b.node < loop && phases.isLastingLoop(fn, loop) ? loop : -1;
}

/** `stop <-chan struct{}`, to which the function sends nothing. */
function onlySignals(fn: Fn, channel: NodeId): boolean {
  const { code, first, after } = fn;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(channel), code.start(channel));
  const type = Values.of(fn.package.program).typeOf(fn, channel);
  if (!b || type?.name !== 'chan' || type.args[0]?.name !== 'struct') return false;
  for (let n = first; n < after; n++)
    if (code.is(n, Kind.Send) && code.is(code.child(n, Role.Object), Kind.Name, b.name)) return false;
  return true;
}

/** A context that something long-lived has, or that was taken out of the values of another one. */
function outlivesCall(fn: Fn, context: NodeId): boolean {
  const { code } = fn;
  const { program } = fn.package;
  if (code.is(context, Kind.Name)) {
    const b = Values.of(program).scope(fn).lookup(code.name(context), code.start(context));
    let value = b?.value ?? -1;
    while (code.is(value, Kind.Cast)) value = code.child(value, Role.Object);
    if (b?.source === 'parameter') return isGivenNone(fn, b.index);
    return code.is(value, Kind.MethodCall, 'Value') && code.all(value, Role.Arg).length === 1;
  }
  const place = code.is(context, Kind.Field) ? Places.of(program).of(fn, context) : undefined;
  if (place?.root !== 'field' && place?.root !== 'global') return false;
  const lifetime = Lifetimes.of(program).of(place, fn, context);
  return lifetime.verdict === 'long' && lifetime.strength === 'proven';
}

/** `e.ExecuteContext(context.Background(), p)`: a caller hands in the context that never ends. */
function isGivenNone(fn: Fn, parameter: number): boolean {
  return Calls.of(fn.package.program)
    .sitesOf(fn)
    .some((site) => {
      const given = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[parameter] : undefined;
      return (
        given !== undefined &&
        !site.fn.isTest &&
        site.fn.code.is(given, Kind.MethodCall) &&
        /^(Background|TODO)$/.test(site.fn.code.name(given)) &&
        site.fn.code.is(site.fn.code.child(given, Role.Object), Kind.Name, 'context')
      );
    });
}
