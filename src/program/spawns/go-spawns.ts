/** Go: reasons for which a spawn that runs again and again does not add up. */

import type { Steps } from '../../core/steps.ts';
import { goProcessEnds } from '../../knowledge/endings.ts';
import { keepsCalls, pipeMakers, streamClients } from '../../knowledge/go-channels.ts';
import { quicLibrary, quicStreamLimits } from '../../knowledge/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import type { Round } from '../phases/reach.ts';
import { awaitedBefore } from '../phases/spawn-rounds.ts';
import { sameText } from '../places/effects.ts';
import type { Fn, Program } from '../program.ts';
import { parseSize } from '../sizes/number-text.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import {
  claimed,
  endsTheLast,
  endsWithItsRound,
  flagged,
  oncePerKey,
  oneAtATime,
  onlyWhenChanged,
  refusesSecond,
  restartsEnded,
} from './start-guards.ts';

/** A function that runs what it is given in a goroutine: `func (s *Server) GoAttach(f func())`. */
export interface SpawnHelper {
  readonly fn: Fn;
  /** The position of the function among the parameters. */
  readonly index: number;
  /** The `go` statement, or the call of another helper. */
  readonly node: NodeId;
}

/** The helpers of a program, by function. */
export function spawnHelpers(program: Program): ReadonlyMap<Fn, SpawnHelper> {
  return program.deriveAll(findHelpers).byFn;
}

/** A function of this name may be a helper: asked before the call is resolved. */
export function mayBeHelper(program: Program, name: string): boolean {
  return program.deriveAll(findHelpers).names.has(name);
}

interface SpawnHelpers {
  readonly byFn: ReadonlyMap<Fn, SpawnHelper>;
  readonly names: ReadonlySet<string>;
}

/** Reads all code, a function a step. */
export function* findHelpers(program: Program): Steps<SpawnHelpers> {
  const byFn = new Map<Fn, SpawnHelper>();
  const names = new Set<string>();
  const values = Values.of(program);
  // `safe.Go(f)` hands on to `GoWithRecover(f, …)`, which has the `go` statement.
  for (let round = 0; round < 2; round++)
    for (const pkg of program.packages) {
      if (pkg.language !== 'go') continue;
      for (const fn of pkg.functions) {
        yield;
        if (fn.isTest || byFn.has(fn)) continue;
        const index = fn.fact.params.findIndex((p) => isFunction(fn, p));
        const helper = index < 0 ? undefined : helperOf(values, fn, index, byFn);
        if (helper) byFn.set(fn, helper);
      }
    }
  for (const fn of byFn.keys()) names.add(fn.fact.name);
  return { byFn, names };
}

function isFunction(fn: Fn, param: NodeId): boolean {
  const type = fn.code.child(param, Role.Type);
  return type >= 0 && fn.code.name(type) === 'fn';
}

function helperOf(
  values: Values,
  fn: Fn,
  index: number,
  known: ReadonlyMap<Fn, SpawnHelper>,
): SpawnHelper | undefined {
  const code = fn.code;
  const pattern = code.child(fn.fact.params[index] as NodeId, Role.Pattern);
  const name = pattern < 0 ? '' : code.name(pattern);
  if (name === '' || name === '_' || !onlyStarts(fn)) return undefined;
  for (let n = fn.first; n < fn.after; n++) {
    const kind = code.kind(n);
    const isGo = kind === Kind.Spawn;
    const isCall = kind === Kind.Call || kind === Kind.MethodCall;
    if (!isGo && !isCall) continue;
    if (code.ancestor(n, (a) => code.kind(a) === Kind.Loop && a >= fn.first) >= 0) continue;
    if (isGo && (callsName(fn, n, name) || runsIt(values, fn, n, name))) return { fn, index, node: n };
    if (!isCall || known.size === 0) continue;
    const at = code.all(n, Role.Arg).findIndex((a) => code.is(a, Kind.Name, name));
    if (at < 0) continue;
    const [target, ...others] = values.callees(fn, n);
    if (target && others.length === 0 && known.get(target)?.index === at) return { fn, index, node: n };
  }
  return undefined;
}

/** `go run(onPanic, f)`, where `run` calls `f`. */
function runsIt(values: Values, fn: Fn, spawn: NodeId, name: string): boolean {
  const { code } = fn;
  const call = code.child(spawn, Role.Object);
  const at = call < 0 ? -1 : code.all(call, Role.Arg).findIndex((a) => code.is(a, Kind.Name, name));
  const [run, ...others] = at < 0 ? [] : values.callees(fn, call);
  const param = run?.fact.params[at];
  if (!run || others.length > 0 || param === undefined || run.fact.body < 0) return false;
  return callsName(run, run.fact.body, run.code.name(run.code.child(param, Role.Pattern)));
}

/** It gives nothing back but whether it could, and waits for nothing. */
function onlyStarts(fn: Fn): boolean {
  const code = fn.code;
  const { result } = fn.fact;
  if (result >= 0 && !/^(bool|error)$/.test(code.name(result))) return false;
  const looks: NodeId[] = [];
  for (let n = fn.first; n < fn.after; n++) {
    const kind = code.kind(n);
    if (kind === Kind.Spawn) n = code.after(n) - 1;
    else if (kind === Kind.Select) {
      // With a default it only looks: `select { case <-s.stopping: return; default: }`.
      if (!code.all(n, Role.Arm).some((arm) => code.child(arm, Role.Comm) < 0)) return false;
      for (const arm of code.all(n, Role.Arm)) looks.push(code.child(arm, Role.Comm));
    } else if (code.is(n, Kind.MethodCall, 'Wait')) return false;
    else if (code.is(n, Kind.Unary, '<-') && !looks.some((comm) => comm >= 0 && code.within(n, comm)))
      return false;
  }
  return true;
}

function callsName(fn: Fn, root: NodeId, name: string): boolean {
  const code = fn.code;
  for (let n = root; n < code.after(root); n++)
    if (code.is(n, Kind.Name, name) && code.role(n) === Role.Callee) return true;
  return false;
}

/** Why a spawn happens once, or has to end before the next one: undefined when nothing says so. */
export function goSpawnBound(site: SpawnSite, round: NodeId): SpawnBound | undefined {
  if (site.fn.package.language !== 'go') return undefined;
  return (
    endsProcess(site) ??
    oneAtATime(site, round) ??
    oncePerKey(site, round) ??
    claimed(site, round) ??
    refusesSecond(site, round) ??
    endsTheLast(site, round) ??
    endsWithItsRound(site, round) ??
    onlyWhenChanged(site) ??
    restartsEnded(site) ??
    acceptsStreams(site, round) ??
    givesBackWhatItTook(site) ??
    lockStep(site, round) ??
    feedsPipe(site) ??
    watches(site)
  );
}

/** `go a.shutdownFn()`, `go func() { time.Sleep(delay); os.Exit(1) }()`: there is no second time. */
function endsProcess({ fn, work }: SpawnSite): SpawnBound | undefined {
  if (work < 0) return undefined;
  const here = endsIn(fn, work, fn.code.after(work));
  if (here) return here;
  // `go web.finishUpdate(ctx)`: what it calls.
  const kind = fn.code.kind(work);
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
  const [only, ...others] = Values.of(fn.package.program).callees(fn, work);
  return only && others.length === 0 ? endsIn(only, ...only.range) : undefined;
}

function endsIn(fn: Fn, from: NodeId, to: NodeId): SpawnBound | undefined {
  const code = fn.code;
  for (let n = Math.max(from, 0); n < to; n++) {
    const kind = code.kind(n);
    if (
      (kind === Kind.Call || kind === Kind.MethodCall) &&
      goProcessEnds.test(callName(code, n)) &&
      // `defer func() { if e := recover(); e != nil { log.Fatal(e) } }()`: when it breaks, not at its end.
      code.ancestor(n, (a) => a >= from && code.kind(a) === Kind.Defer) < 0
    )
      return {
        reason: 'ends-process',
        by: `\`${callName(code, n)}\`, which ends the process`,
        where: fn.place(n),
      };
  }
  return undefined;
}

/** `func NewPush(…) *Push { …; go p.run(); return p }`: one for each value that is made, and it belongs to that. */
export function ofItsOwner({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (
    fn.package.language !== 'go' ||
    !/^([nN]ew|[sS]pawn|[sS]tart|[oO]pen|[mM]ake)/.test(fn.fact.name) ||
    work < 0 ||
    // `go p.run()`, and `spawn(p.run)` by a helper.
    (code.kind(work) !== Kind.MethodCall && code.kind(work) !== Kind.Field)
  )
    return undefined;
  const owner = code.child(work, Role.Object);
  if (owner < 0 || code.kind(owner) !== Kind.Name) return undefined;
  const given = returnsOf(fn, 0).find((r) =>
    code.is(code.kind(r) === Kind.Unary ? code.child(r, Role.Object) : r, Kind.Name, code.name(owner)),
  );
  return given === undefined
    ? undefined
    : {
        reason: 'owned',
        by: `the \`${code.name(owner)}\` that \`${fn.label}\` makes`,
        where: fn.place(given),
      };
}

/**
 * `ctx, cancel := context.WithCancel(…); s.cancel = cancel; go s.refresh(ctx)`: whoever holds the cancel ends it, and a
 * place or key for one of them has one at a time.
 */
export function endsWithItsOwner({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'go') return undefined;
  const values = Values.of(fn.package.program);
  for (let n = node; n < code.after(node); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    const made = b?.value ?? -1;
    if (made < 0 || made > node || code.kind(made) !== Kind.MethodCall) continue;
    if (values.goPackage(fn, code.child(made, Role.Object)) !== 'context') continue;
    const cancel =
      code.all(code.parent(made), Role.Pattern)[1] ?? code.all(code.parent(made), Role.Target)[1] ?? -1;
    const kept = cancel < 0 ? -1 : keptAt(fn, code.name(cancel), made);
    if (kept >= 0)
      return { reason: 'owned', by: `whoever holds \`${code.name(cancel)}\``, where: fn.place(kept) };
  }
  return undefined;
}

/** Where a local is put into a field or under a key: `s.cancel = cancel`, `s.cancels.Store(key, cancel)`; or -1. */
function keptAt(fn: Fn, name: string, from: NodeId): NodeId {
  const code = fn.code;
  for (let n = from; n < fn.after; n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    const up = code.parent(n);
    if (code.kind(up) === Kind.Assign && code.role(n) === Role.Value) {
      const target = code.child(up, Role.Target);
      if (code.kind(target) === Kind.Field || code.kind(target) === Kind.Index) return up;
    }
    if (code.kind(up) === Kind.MethodCall && keepsCalls.test(code.name(up))) return up;
  }
  return -1;
}

/** `c.AcceptStream(ctx)` of a QUIC connection, which takes a number of streams at a time unless a program says more. */
function acceptsStreams({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const most = fn.package.program.derive(quicStreams);
  for (let n = round; n < node; n++)
    if (acceptsStream(fn, n))
      return typeof most === 'number'
        ? {
            reason: 'admission',
            by: `${most} streams of a connection at a time${most === USUAL_STREAMS ? ', as QUIC has it unless told otherwise' : ''}`,
            where: fn.place(n),
          }
        : undefined;
  return undefined;
}

/** Streams of a connection that QUIC takes at a time: https://pkg.go.dev/github.com/quic-go/quic-go#Config */
const USUAL_STREAMS = 100;

/** So many are as good as no limit. */
const MANY_STREAMS = 1000;

/**
 * The streams that a round accepts, itself or through a method of the program's own, are those of a QUIC connection, and how
 * many it takes at a time is configured: not written down as more than anybody opens.
 */
export function takesConfiguredStreams({ fn, loop, node }: Round): boolean {
  const values = Values.of(fn.package.program);
  if (loop < 0 || fn.package.program.derive(quicStreams) !== 'configured') return false;
  for (const n of awaitedBefore(fn, loop, node)) {
    if (acceptsStream(fn, n)) return true;
    if (!isStreamAccept(fn, n)) continue;
    for (const target of values.callees(fn, n))
      for (let m = target.first; m < target.after; m++) if (acceptsStream(target, m)) return true;
  }
  return false;
}

/** Of QUIC: it is given a context, or the library is there. Other multiplexers have the name and no limit. */
function acceptsStream(fn: Fn, n: NodeId): boolean {
  return (
    isStreamAccept(fn, n) &&
    (fn.code.child(n, Role.Arg) >= 0 || fn.file.facts.imports.some((i) => quicLibrary.test(i.path)))
  );
}

function isStreamAccept({ code }: Fn, n: NodeId): boolean {
  return code.kind(n) === Kind.MethodCall && /^Accept(Uni)?Stream$/.test(code.name(n));
}

/** How many streams QUIC takes at a time, the largest number that is written; or that it is configured, or a great many. */
function quicStreams(program: Program): 'no QUIC' | 'raised' | 'configured' | number {
  let found: 'no QUIC' | 'configured' | number = 'no QUIC';
  let written = 0;
  for (const file of program.files()) {
    if (file.isTest || !file.facts.imports.some((i) => quicLibrary.test(i.path))) continue;
    if (found === 'no QUIC') found = USUAL_STREAMS;
    const { code } = file;
    for (const fn of file.functions)
      for (let n = fn.first; n < fn.after; n++) {
        if (!quicStreamLimits.has(code.name(n))) continue;
        if (code.is(n, Kind.Field)) found = 'configured';
        if (!code.is(n, Kind.FieldInit)) continue;
        const value = code.child(n, Role.Value);
        const most = code.is(value, Kind.Number) ? Number(parseSize(code.name(value))) : Number.NaN;
        if (most <= MANY_STREAMS) written = Math.max(written, most);
        else if (code.is(value, Kind.Number) || code.is(value, Kind.Binary)) return 'raised';
        else found = 'configured';
      }
  }
  return typeof found === 'number' && written > 0 ? written : found;
}

/** `go func() { s.queue <- job }()` for what was taken out of that queue: there are as many as there were. */
function givesBackWhatItTook({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  const body = work >= 0 && code.kind(work) === Kind.Closure ? code.child(work, Role.Body) : -1;
  const [send, ...others] = body < 0 ? [] : code.children(body);
  const queue =
    send !== undefined && others.length === 0 && code.kind(send) === Kind.Send
      ? code.child(send, Role.Object)
      : -1;
  if (queue < 0 || code.kind(queue) !== Kind.Field) return undefined;
  const takes = (by: Fn): boolean => {
    for (let n = by.first; n < by.after; n++) {
      const from = by.code.is(n, Kind.Unary, '<-') ? by.code.child(n, Role.Object) : -1;
      if (from >= 0 && by.code.is(from, Kind.Field, code.name(queue))) return true;
    }
    return false;
  };
  const taker = callersOf(fn, 2).find(takes);
  return taker && taker.package === fn.package
    ? {
        reason: 'one-at-a-time',
        by: `\`${code.name(queue)}\`, which gets back what was taken out of it`,
        where: taker.file.place(taker.fact.nameSpan),
      }
    : undefined;
}

/** A function and those that call it, so many calls away at most. */
function callersOf(fn: Fn, calls: number): readonly Fn[] {
  const above = calls === 0 ? [] : Calls.of(fn.package.program).sitesOf(fn);
  return [fn, ...above.flatMap((site) => callersOf(site.fn, calls - 1))];
}

/** `return func() { go s.remove(key) }`: what is handed back runs when and as often as somebody else likes. */
export function handedBack({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'go') return undefined;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  return closure >= fn.first && returnsClosure(fn, closure)
    ? {
        reason: 'helper',
        by: `whoever calls what \`${fn.label}\` returns`,
        where: fn.place(closure),
      }
    : undefined;
}

function returnsClosure(fn: Fn, closure: NodeId): boolean {
  const code = fn.code;
  return code.role(closure) === Role.Value && code.kind(code.parent(closure)) === Kind.Return;
}

/** `if s.client == nil { s.client, err = s.connect() }`: the call that leads to a spawn is made when there is none. */
export function guardedCall({ fn, node }: CallSite, round: NodeId): SpawnBound | undefined {
  return fn.package.language === 'go' ? flagged(fn, round, node) : undefined;
}

/** The server of a stream gets its answer to one message before it sends the next: `c.Recv()` here, `c.Send(…)` in it. */
function lockStep({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  for (let n = round; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || code.name(n) !== 'Recv') continue;
    const stream = code.child(n, Role.Object);
    const type = values.typeOf(fn, stream);
    if (!type || !streamClients.test(peel(type).type.name)) continue;
    for (let m = Math.max(work, node); m < code.after(node); m++)
      if (code.is(m, Kind.MethodCall, 'Send') && sameText(code, code.child(m, Role.Object), stream))
        return {
          reason: 'lock-step',
          by: `the server of \`${code.name(stream)}\`, which is answered message by message`,
          where: fn.place(m),
        };
  }
  return undefined;
}

/**
 * `r, w, err := newPipe()`, then `go func() { …; w.Close() }()` and `return r`: what is started writes as long as whoever
 * got the other end reads, and fails when that is closed.
 */
function feedsPipe({ fn, node, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  /** The call that made what a name stands for, through a wrapper of it: `p := NewPipeReader(r)`. */
  const pipeOf = (n: NodeId, depth = 0): NodeId => {
    const b = code.kind(n) === Kind.Name ? scope.lookup(code.name(n), code.start(n)) : undefined;
    if (!b || b.value < 0 || (code.kind(b.value) !== Kind.Call && code.kind(b.value) !== Kind.MethodCall))
      return -1;
    if (pipeMakers.test(callName(code, b.value)) && code.child(b.value, Role.Arg) < 0) return b.value;
    const made = code.all(code.parent(b.value), Role.Pattern).length;
    if (made > 1 && pipeMakers.test(callName(code, b.value))) return b.value;
    const inner = depth < 2 ? code.child(b.value, Role.Arg) : -1;
    return inner < 0 ? -1 : pipeOf(inner, depth + 1);
  };
  for (let n = Math.max(work, 0); work >= 0 && n < code.after(work); n++) {
    const pipe = pipeOf(n);
    if (pipe < 0) continue;
    for (let m = code.after(node); m < fn.after; m++)
      if (
        code.kind(m) === Kind.Name &&
        pipeOf(m) === pipe &&
        code.ancestor(m, (a) => code.kind(a) === Kind.Return) >= 0
      )
        return {
          reason: 'request-scoped',
          by: `the pipe whose other end \`${fn.label}\` hands back`,
          where: fn.place(m),
        };
  }
  return undefined;
}

/** `go func() { <-job.ctx.Done(); finished <- job }()`: it is there as long as what it watches. */
function watches({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  const body = work >= 0 && code.kind(work) === Kind.Closure ? code.child(work, Role.Body) : -1;
  const first = body < 0 ? undefined : code.children(body)[0];
  if (first === undefined) return undefined;
  const wait = code.is(first, Kind.Unary, '<-')
    ? first
    : code.children(first).find((c) => code.is(c, Kind.Unary, '<-'));
  const done = wait === undefined ? -1 : code.child(wait, Role.Object);
  if (done < 0 || !code.is(done, Kind.MethodCall, 'Done')) return undefined;
  const context = code.child(done, Role.Object);
  return code.kind(context) === Kind.Field || code.kind(context) === Kind.MethodCall
    ? { reason: 'request-scoped', by: `the context of what it waits for`, where: fn.place(done) }
    : undefined;
}
