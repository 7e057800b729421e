/** Goroutines without a way to end: no exit at all, or one behind a channel that nobody closes. */

import type { Place } from '../../../core/span.ts';
import { callName } from '../../../program/calls/call-name.ts';
import { type FieldChannel, fieldChannelsOf } from '../../../program/channels/go-field-channels.ts';
import { type Exit, pathExits } from '../../../program/channels/paths.ts';
import { Effects } from '../../../program/places/effects.ts';
import { type PlaceRef, Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { type Code, kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const SPAWNS = kinds(Kind.Spawn);
const METHOD_CALLS = kinds(Kind.MethodCall);

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
  /** Where the ticker is stopped whose ticks it waits for: `Stop` closes no channel. */
  readonly stopped?: { readonly fn: Fn; readonly node: NodeId };
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
  const run = codeOf(fn, fn.code.child(started, Role.Object));
  if (!run) return undefined;
  const { code } = run.fn;
  const exits = pathExits(
    code,
    run.body,
    () => 0,
    'least',
    (loop) => isTickLoop(run.fn, loop) || unclosedRange(run.fn, loop) !== undefined,
  );
  if (!exits) return undefined;
  if (exits.length === 0) {
    if (endsByPanic(run)) return undefined;
    const loop = firstWait(run.fn, run.body);
    const arm = deafArm(run.fn, run.body);
    const deaf = arm < 0 ? {} : { deaf: { fn: run.fn, arm } };
    const field = loop < 0 ? '' : (unclosedRange(run.fn, loop)?.field ?? '');
    return loop < 0 ? undefined : { fn, started, stays: run.fn.place(loop), field, ...deaf };
  }
  const silenced = stoppedTicks(fn, started, run, exits);
  if (silenced) return { fn, started, field: '', ...silenced };
  // Each way out stands behind a receive that nobody answers.
  let silent: { readonly channel: FieldChannel; readonly at: NodeId } | undefined;
  for (const exit of exits) {
    const found = unansweredBefore(run.fn, exit.node);
    if (!found) return undefined;
    silent ??= found;
  }
  return silent && { fn, started, stays: run.fn.place(silent.at), field: silent.channel.field };
}

/** The code that a goroutine runs. */
export interface Run {
  readonly fn: Fn;
  readonly body: NodeId;
}

/** The code a call runs: a closure's body, or that of the only function it can mean; calls that stand alone are followed. */
export function codeOf(fn: Fn, call: NodeId, depth = 0): Run | undefined {
  const code = fn.code;
  const callee = code.child(call, Role.Callee);
  let run: Run;
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

/** `for job := range p.jobs`, and no code of the package closes `jobs` or hands it on. */
function unclosedRange(fn: Fn, loop: NodeId): FieldChannel | undefined {
  const iter = fn.code.child(loop, Role.Iter);
  const place = iter < 0 ? undefined : Places.of(fn.package.program).of(fn, iter);
  const channel = place && fieldChannelsOf(fn.package).get(place.key);
  if (!channel || channel.rooms.length === 0) return undefined;
  return channel.uses.some((u) => u.kind === 'close' || u.kind === 'escape') ? undefined : channel;
}

/**
 * `go func() { for range beat.C { if send() != nil { return } } }()` and, outside of it, `defer beat.Stop()`: each way out
 * stands behind a tick, and there is none any more once the ticker is stopped.
 */
function stoppedTicks(
  fn: Fn,
  started: NodeId,
  run: Run,
  exits: readonly Exit[],
): Pick<EndlessGoroutine, 'stays' | 'stopped'> | undefined {
  const { code } = run.fn;
  const loop = code.ancestor(
    exits[0]?.node ?? -1,
    (a) => code.kind(a) === Kind.Loop && isTickLoop(run.fn, a),
  );
  if (loop < run.body || exits.some((e) => !code.within(e.node, loop))) return undefined;
  const ticks = code.child(loop, Role.Iter);
  if (!code.is(ticks, Kind.Field, 'C') || tellsItsEnd(fn.code, started)) return undefined;
  const given = tickerGiven(fn, started, run, code.child(ticks, Role.Object));
  const stopped = given && stopOf(given.fn, given.node, run);
  return stopped && { stays: run.fn.place(loop), stopped };
}

/** The ticker as the starter of a goroutine calls it: what a function is handed as a parameter stands in its call. */
function tickerGiven(
  fn: Fn,
  started: NodeId,
  run: Run,
  ticker: NodeId,
): { fn: Fn; node: NodeId } | undefined {
  const { code } = run.fn;
  if (run.fn === fn || !code.is(ticker, Kind.Name)) return { fn: run.fn, node: ticker };
  const b = Values.of(fn.package.program).scope(run.fn).lookup(code.name(ticker), code.start(ticker));
  const index = run.fn.fact.params.findIndex((p) => code.child(p, Role.Pattern) === b?.node);
  const node = index < 0 ? undefined : fn.code.all(fn.code.child(started, Role.Object), Role.Arg)[index];
  return node === undefined ? undefined : { fn, node };
}

/** Where the same ticker is stopped by other code than the goroutine: in its function, or, of a field, in its package. */
function stopOf(fn: Fn, ticker: NodeId, run: Run): EndlessGoroutine['stopped'] {
  const places = Places.of(fn.package.program);
  const place = places.of(fn, ticker);
  if (!place) return undefined;
  for (const by of place.root === 'field' ? fn.package.serviceFunctions : [fn]) {
    const { code, first, after } = by;
    for (
      let n = code.next(METHOD_CALLS, first, after);
      n < after;
      n = code.next(METHOD_CALLS, n + 1, after)
    ) {
      if (code.name(n) !== 'Stop' || (by === run.fn && code.within(n, run.body))) continue;
      if (places.of(by, code.child(n, Role.Object))?.key === place.key) return { fn: by, node: n };
    }
  }
  return undefined;
}

/** `defer wg.Done()`, `close(done)`: somebody may wait for its end before the ticker is stopped. */
function tellsItsEnd(code: Code, started: NodeId): boolean {
  for (let n = started; n < code.after(started); n++)
    if (
      code.is(n, Kind.Send) ||
      code.is(n, Kind.MethodCall, 'Done') ||
      (code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
    )
      return true;
  return false;
}

/** `case <-ctx.Done():` that goes on with the loop: a `break` there leaves only the `select`. Its arm, or -1. */
function deafArm(fn: Fn, body: NodeId): NodeId {
  const code = fn.code;
  for (let n = body; n < code.after(body); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    if (code.kind(n) !== Kind.Arm) continue;
    const comm = code.child(n, Role.Comm);
    const channel = code.is(comm, Kind.Unary, '<-') ? code.child(comm, Role.Object) : -1;
    if (code.is(channel, Kind.MethodCall, 'Done') && !isOfItem(fn, channel)) return n;
  }
  return -1;
}

/** `for req := range queue { select { case <-req.ctx.Done(): continue … } }`: what ends is one of those the loop works on. */
function isOfItem(fn: Fn, done: NodeId): boolean {
  const { code } = fn;
  let root = code.child(done, Role.Object);
  while (code.kind(root) === Kind.Field) root = code.child(root, Role.Object);
  const b = code.is(root, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(root), code.start(root))
    : undefined;
  const loop = code.ancestor(done, (a) => code.kind(a) === Kind.Loop);
  return b !== undefined && loop >= fn.first && code.within(b.node, loop);
}

/** `defer func() { if x := recover(); x == nil || x == stop { return } … }()`: what is called in the loop ends it so. */
function endsByPanic({ fn, body }: Run): boolean {
  const { code } = fn;
  return code.children(body).some((statement) => {
    if (code.kind(statement) !== Kind.Defer) return false;
    let recovers = false;
    let compares = false;
    for (let n = statement; n < code.after(statement); n++) {
      recovers ||= code.is(n, Kind.Call) && callName(code, n) === 'recover';
      compares ||= code.is(n, Kind.Binary, '==') && !comparesNil(code, n);
    }
    return recovers && compares;
  });
}

function comparesNil(code: Code, n: NodeId): boolean {
  return [Role.Left, Role.Right].some((side) => code.is(code.child(n, side), Kind.Literal, 'nil'));
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
        // What has been taken out of a map is started once more under the same key.
        if (isForgottenEntry(fn, m)) {
          m = code.after(m) - 1;
          continue;
        }
        const place = places.of(fn, m);
        if (place && (place.root === 'field' || place.root === 'global')) return n;
      }
  }
  return -1;
}

/** `hub.users[name]`, or a name for it, of a map that something else takes entries out of. */
function isForgottenEntry(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const { program } = fn.package;
  const b = code.is(n, Kind.Name)
    ? Values.of(program).scope(fn).lookup(code.name(n), code.start(n))
    : undefined;
  const entry = b ? b.value : n;
  if (entry < 0 || !code.is(entry, Kind.Index)) return false;
  const map: PlaceRef | undefined = Places.of(program).of(fn, code.child(entry, Role.Object));
  return (
    map !== undefined &&
    map.root === 'field' &&
    Effects.of(program)
      .on(map)
      .some((e) => e.kind === 'remove' && e.fn !== fn && !e.fn.isTest)
  );
}
