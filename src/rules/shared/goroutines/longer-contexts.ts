/** Go: goroutines that wait for the end of a context that outlives the call which starts them, and for nothing else. */

import { Calls } from '../../../program/calls/calls.ts';
import { Lifetimes } from '../../../program/lifetime/lifetime.ts';
import { Phases } from '../../../program/phases/phases.ts';
import { sameText } from '../../../program/places/effects.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { type Code, kinds } from '../../../syntax/code.ts';
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
      const found = longerWait(fn, n);
      if (found) out.push(found);
    }
  }
  return out;
}

function longerWait(fn: Fn, started: NodeId): LongerWait | undefined {
  const { code } = fn;
  const call = code.child(started, Role.Object);
  const callee = code.child(call, Role.Callee);
  if (!code.is(callee, Kind.Closure)) return givenNone(fn, started, call);
  const wait = endOf(fn, code.child(callee, Role.Body));
  const done = code.is(wait, Kind.Unary, '<-') ? code.child(wait, Role.Object) : -1;
  const isContext = code.is(done, Kind.MethodCall, 'Done');
  const signal = isContext ? code.child(done, Role.Object) : done;
  const loop = signal < 0 ? -1 : loopWithin(fn, started, signal);
  const isLonger = loop >= 0 ? isContext || onlySignals(fn, signal) : isContext && outlivesCall(fn, signal);
  return isLonger ? { fn, started, wait, signal, loop } : undefined;
}

/** `go s.watch(context.Background(), out)`, which waits for the end of what it is given. */
function givenNone(fn: Fn, started: NodeId, call: NodeId): LongerWait | undefined {
  const { code } = fn;
  const args = code.all(call, Role.Arg);
  const none = args.findIndex((arg) => isNoContext(fn, arg));
  const signal = args[none];
  const [target, ...others] = signal === undefined ? [] : Values.of(fn.package.program).callees(fn, call);
  const param = target?.fact.params[none];
  if (!target || param === undefined || signal === undefined || others.length > 0) return undefined;
  const c = target.code;
  const done = c.child(endOf(target, target.range[0]), Role.Object);
  const isIts =
    c.is(done, Kind.MethodCall, 'Done') &&
    c.is(c.child(done, Role.Object), Kind.Name, c.name(c.child(param, Role.Pattern)));
  return isIts ? { fn, started, wait: signal, signal, loop: -1 } : undefined;
}

/** What a body waits for before all else, or in an endless loop that it leaves for nothing else; or -1. */
function endOf({ code }: Fn, body: NodeId): NodeId {
  const statements = body < 0 ? [] : code.children(body);
  const last = statements.at(-1) ?? -1;
  return code.is(last, Kind.Loop) && code.children(last).length === 1
    ? onlyEnd(code, last)
    : (statements.find((s) => code.kind(s) !== Kind.Defer) ?? -1);
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

/** The receive that all ways out of an endless loop stand behind, or -1. */
function onlyEnd(code: Code, loop: NodeId): NodeId {
  let end = -1;
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure) n = code.after(n) - 1;
    const leaves = kind === Kind.Return || (kind === Kind.Break && code.name(n) !== '');
    if (!leaves) continue;
    const arm = code.ancestor(n, (a) => code.kind(a) === Kind.Arm);
    const comm = arm < loop ? -1 : code.child(arm, Role.Comm);
    if (comm < 0 || (end >= 0 && !sameText(code, comm, end))) return -1;
    end = comm;
  }
  return end;
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
      return given !== undefined && !site.fn.isTest && isNoContext(site.fn, given);
    });
}

/** `context.Background()` */
function isNoContext({ code }: Fn, n: NodeId): boolean {
  return (
    code.is(n, Kind.MethodCall) &&
    /^(Background|TODO)$/.test(code.name(n)) &&
    code.is(code.child(n, Role.Object), Kind.Name, 'context')
  );
}
