/** Goroutines without a way to end: no exit at all, or one behind a channel that nobody closes. */

import type { Place } from '../../../core/span.ts';
import { type FieldChannel, fieldChannelsOf } from '../../../program/channels/go-field-channels.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const SPAWNS = kinds(Kind.Spawn);

/** A `go` statement whose goroutine cannot end. */
export interface EndlessGoroutine {
  readonly fn: Fn;
  /** The `go` statement. */
  readonly started: NodeId;
  /** Where it stays: its loop, or the receive that cannot happen. */
  readonly stays: Place;
  /** The field that nobody closes; empty where there is no way out at all. */
  readonly field: string;
  /** The arm for the end of a context that does not leave the loop, with the function it stands in. */
  readonly deaf?: { readonly fn: Fn; readonly arm: NodeId };
}

/** All goroutines of a package that cannot end, outside tests, in source order. */
export function endlessGoroutines(pkg: Package): EndlessGoroutine[] {
  const out: EndlessGoroutine[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(SPAWNS, body, after); n < after; n = code.next(SPAWNS, n + 1, after)) {
      const found = judgeGoroutine(fn, n);
      if (found) out.push(found);
    }
  }
  return out;
}

function judgeGoroutine(fn: Fn, started: NodeId): EndlessGoroutine | undefined {
  const run = codeOf(fn, fn.code.child(started, Role.Object), 0);
  if (!run) return undefined;
  const { code } = run.fn;
  const exits = pathExits(
    code,
    run.body,
    () => 0,
    'least',
    (loop) => isTickLoop(run.fn, loop),
  );
  if (!exits) return undefined;
  if (exits.length === 0) {
    const loop = firstWait(run.fn, run.body);
    const arm = deafArm(run.fn, run.body);
    const deaf = arm < 0 ? {} : { deaf: { fn: run.fn, arm } };
    return loop < 0 ? undefined : { fn, started, stays: run.fn.place(loop), field: '', ...deaf };
  }
  // Each way out stands behind a receive that nobody answers.
  let silent: { readonly channel: FieldChannel; readonly at: NodeId } | undefined;
  for (const exit of exits) {
    const found = unansweredBefore(run.fn, exit.node);
    if (!found) return undefined;
    silent ??= found;
  }
  return silent && { fn, started, stays: run.fn.place(silent.at), field: silent.channel.field };
}

/** The code a call runs: a closure's body, or that of the only function it can mean; calls that stand alone are followed. */
function codeOf(fn: Fn, call: NodeId, depth: number): { readonly fn: Fn; readonly body: NodeId } | undefined {
  const code = fn.code;
  const callee = code.child(call, Role.Callee);
  let run: { readonly fn: Fn; readonly body: NodeId };
  if (callee >= 0 && code.kind(callee) === Kind.Closure) run = { fn, body: code.child(callee, Role.Body) };
  else {
    const targets = Values.of(fn.package.program).callees(fn, call);
    const [target] = targets;
    if (!target || targets.length > 1 || target.fact.body < 0) return undefined;
    run = { fn: target, body: target.fact.body };
  }
  const statements = run.fn.code.children(run.body).filter((s) => run.fn.code.kind(s) !== Kind.Defer);
  const [only] = statements;
  const isCall =
    only !== undefined &&
    statements.length === 1 &&
    (run.fn.code.kind(only) === Kind.Call || run.fn.code.kind(only) === Kind.MethodCall);
  return (isCall && depth < 2 && codeOf(run.fn, only, depth + 1)) || run;
}

/** `for range ticker.C`: a ticker's channel is never closed. */
function isTickLoop(fn: Fn, loop: NodeId): boolean {
  const iter = fn.code.child(loop, Role.Iter);
  const type = iter < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, iter);
  const inner = type && peel(type).type;
  return inner?.name === 'chan' && inner.args[0]?.name === 'time.Time';
}

/** `case <-ctx.Done():` that goes on with the loop: a `break` there leaves only the `select`. Its arm, or -1. */
function deafArm(fn: Fn, body: NodeId): NodeId {
  const code = fn.code;
  for (let n = body; n < code.after(body); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    if (code.kind(n) !== Kind.Arm) continue;
    const comm = code.child(n, Role.Comm);
    const channel = code.is(comm, Kind.Unary, '<-') ? code.child(comm, Role.Object) : -1;
    if (code.is(channel, Kind.MethodCall, 'Done')) return n;
  }
  return -1;
}

/** The loop or empty `select` a body stays in, or -1. */
function firstWait(fn: Fn, body: NodeId): NodeId {
  const code = fn.code;
  for (let n = body; n < code.after(body); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure) n = code.after(n) - 1;
    else if (kind === Kind.Loop || (kind === Kind.Select && code.child(n, Role.Arm) < 0)) return n;
  }
  return -1;
}

/** The receive from a field without any sender or `close` that stands before an exit. */
function unansweredBefore(
  fn: Fn,
  exit: NodeId,
): { readonly channel: FieldChannel; readonly at: NodeId } | undefined {
  const code = fn.code;
  const arm = code.kind(exit) === Kind.Arm ? exit : code.ancestor(exit, (a) => code.kind(a) === Kind.Arm);
  const comm = arm < 0 ? -1 : code.child(arm, Role.Comm);
  for (let n = comm; comm >= 0 && n < code.after(comm); n++) {
    if (!code.is(n, Kind.Unary, '<-')) continue;
    const place = Places.of(fn.package.program).of(fn, code.child(n, Role.Object));
    const channel = place && fieldChannelsOf(fn.package).get(place.key);
    if (!channel || channel.rooms.length === 0) return undefined;
    const isAnswered = channel.uses.some(
      (u) => u.kind === 'close' || u.kind === 'send' || u.kind === 'escape',
    );
    return isAnswered ? undefined : { channel, at: n };
  }
  return undefined;
}

/** The method by which a type promises to end what it has started: `Close` of what a constructor or method belongs to. */
export function endOf(fn: Fn): Fn | undefined {
  const values = Values.of(fn.package.program);
  const { result, owner } = fn.fact;
  const types = owner !== '' ? [owner] : resultsOf(fn, result).map((t) => t);
  for (const name of types) {
    const decl = values.types.declaration(fn.file, name);
    if (!decl || decl.file.package !== fn.package) continue;
    const found = ENDS.map((end) => fn.package.methodsOf(decl.fact.name, end)[0]).find((f) => f);
    if (found) return found;
  }
  return undefined;
}

const ENDS = ['Stop', 'Close', 'Shutdown', 'stop', 'close', 'shutdown'];

/** The names of the types a function gives back, pointers taken off. */
function resultsOf(fn: Fn, result: NodeId): string[] {
  const code = fn.code;
  const out: string[] = [];
  for (let n = result; result >= 0 && n < code.after(result); n++)
    if (code.kind(n) === Kind.Type && /^\w+$/.test(code.name(n)) && code.name(n) !== 'tuple')
      out.push(code.name(n));
  return out;
}

/**
 * A test of what has been started already around or before a `go` statement: `if s.running { return }`, or of whether
 * there is something to start at all.
 */
export function startedOnce(fn: Fn, started: NodeId): NodeId {
  const code = fn.code;
  const places = Places.of(fn.package.program);
  const closure = code.ancestor(started, (a) => code.kind(a) === Kind.Closure);
  for (let n = Math.max(fn.first, closure); n < started; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const init = code.child(n, Role.Init);
    for (const root of [condition, init])
      for (let m = root; root >= 0 && m < code.after(root); m++) {
        const kind = code.kind(m);
        if (kind !== Kind.Field && kind !== Kind.Name && kind !== Kind.Index) continue;
        const place = places.of(fn, m);
        if (place && (place.root === 'field' || place.root === 'global')) return n;
      }
  }
  return -1;
}
