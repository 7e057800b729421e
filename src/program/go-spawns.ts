/** Go: reasons for which a spawn that runs again and again does not add up. */
import type { Steps } from '../core/steps.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { callName } from './call-name.ts';
import { sameText } from './effects.ts';
import { exits, returnsOf } from './exits.ts';
import type { Fn, Program } from './program.ts';
import { Provenance } from './provenance.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import { peel } from './types.ts';
import { Values } from './values.ts';

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
  for (let n = fn.range[0]; n < fn.range[1]; n++) {
    const kind = code.kind(n);
    const isGo = kind === Kind.Spawn;
    const isCall = kind === Kind.Call || kind === Kind.MethodCall;
    if (!isGo && !isCall) continue;
    if (code.ancestor(n, (a) => code.kind(a) === Kind.Loop && a >= fn.range[0]) >= 0) continue;
    if (isGo && callsName(fn, n, name)) return { fn, index, node: n };
    if (!isCall || known.size === 0) continue;
    const at = code.all(n, Role.Arg).findIndex((a) => code.is(a, Kind.Name, name));
    if (at < 0) continue;
    const [target, ...others] = values.callees(fn, n);
    if (target && others.length === 0 && known.get(target)?.index === at) return { fn, index, node: n };
  }
  return undefined;
}

/** It gives nothing back but whether it could, and waits for nothing. */
function onlyStarts(fn: Fn): boolean {
  const code = fn.code;
  const { result } = fn.fact;
  if (result >= 0 && !/^(bool|error)$/.test(code.name(result))) return false;
  const looks: NodeId[] = [];
  for (let n = fn.range[0]; n < fn.range[1]; n++) {
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
    endsTheLast(site, round) ??
    lockStep(site, round)
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
    if ((kind === Kind.Call || kind === Kind.MethodCall) && ENDS.test(callName(code, n)))
      return {
        reason: 'ends-process',
        by: `\`${callName(code, n)}\`, which ends the process`,
        where: fn.place(n),
      };
  }
  return undefined;
}

/** Calls after which nothing is started any more. */
const ENDS =
  /^(Exit|Fatal|Fatalf|Fatalln|exit(Fn|Func)?|(graceful)?[sS]hut_?[dD]own(Fn|Func|Server|Srv|Process)?|[tT]erminate|[rR]e(start|launch)\w*|[qQ]uit|triggerShutdown|TriggerShutdown)$/;

/** `func NewPush(…) *Push { …; go p.run(); return p }`: one for each value that is made, and it belongs to that. */
export function ofItsOwner({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (
    fn.package.language !== 'go' ||
    !/^[nN]ew/.test(fn.fact.name) ||
    work < 0 ||
    code.kind(work) !== Kind.MethodCall
  )
    return undefined;
  const owner = code.child(work, Role.Object);
  if (owner < 0 || code.kind(owner) !== Kind.Name) return undefined;
  const given = returnsOf(fn, 0).find((r) => code.is(r, Kind.Name, code.name(owner)));
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
  for (let n = from; n < fn.range[1]; n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    const up = code.parent(n);
    if (code.kind(up) === Kind.Assign && code.role(n) === Role.Value) {
      const target = code.child(up, Role.Target);
      if (code.kind(target) === Kind.Field || code.kind(target) === Kind.Index) return up;
    }
    if (code.kind(up) === Kind.MethodCall && /^(Store|LoadOrStore|Swap|Set)$/.test(code.name(up))) return up;
  }
  return -1;
}

/** A flag is tested and set before the spawn, or as the first thing that is started does. */
function oneAtATime({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const flag = flagBetween(fn, round, node, node);
  if (flag >= 0)
    return { reason: 'one-at-a-time', by: 'a flag that is tested and set before it', where: fn.place(flag) };
  const code = fn.code;
  if (work < 0) return undefined;
  if (code.kind(work) === Kind.Closure) {
    const body = code.child(work, Role.Body);
    const inside = body < 0 ? -1 : flagAtStart(fn, body);
    return inside < 0 ? undefined : leavesAtOnce(fn, inside);
  }
  const [target, ...others] = Values.of(fn.package.program).callees(fn, work);
  if (!target || others.length > 0 || target.fact.body < 0) return undefined;
  const inside = flagAtStart(target, target.fact.body);
  return inside < 0 ? undefined : leavesAtOnce(target, inside);
}

function leavesAtOnce(fn: Fn, at: NodeId): SpawnBound {
  return { reason: 'one-at-a-time', by: `\`${fn.label}\`, which leaves when one runs`, where: fn.place(at) };
}

/** One of the first statements of a block leaves when a flag is set, and sets it; or -1. */
function flagAtStart(fn: Fn, body: NodeId): NodeId {
  const statements = fn.code.children(body);
  const last = statements[Math.min(statements.length, 6) - 1];
  return last === undefined ? -1 : flagBetween(fn, body, fn.code.after(last), -1);
}

/** The test of a flag that is set between two nodes; `inside` may stand in the branch of the test. Or -1. */
function flagBetween(fn: Fn, from: NodeId, to: NodeId, inside: NodeId): NodeId {
  const code = fn.code;
  for (let n = from; n < to; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    if (condition < 0 || then < 0) continue;
    const isAround = inside >= 0 && code.within(inside, then);
    if (!isAround && !exits(code, then)) continue;
    if (gates(fn, condition)) return condition;
    const [start, end] = isAround ? [then, code.after(then)] : [code.after(n), to];
    for (const flag of flagsIn(fn, condition, isAround))
      for (let m = start; m < end; m++) if (sets(fn, m, flag)) return condition;
  }
  return -1;
}

/** `!busy.CompareAndSwap(false, true)`, `mu.TryLock()` */
function gates(fn: Fn, condition: NodeId): boolean {
  const code = fn.code;
  for (let n = condition; n < code.after(condition); n++)
    if (
      (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) &&
      /^(CompareAndSwap(U?[iI]nt(32|64)|Pointer)?|TryLock|CAS)$/.test(callName(code, n))
    )
      return true;
  return false;
}

/** The state that a condition asks for: `s.running`, `!s.running.Load() && ready`, `s.cancel != nil`. */
function flagsIn(fn: Fn, condition: NodeId, holds: boolean): NodeId[] {
  const code = fn.code;
  // Inside its branch every part of `a && b` holds.
  if (holds && code.is(condition, Kind.Binary, '&&'))
    return [code.child(condition, Role.Left), code.child(condition, Role.Right)].flatMap((c) =>
      flagsIn(fn, c, true),
    );
  let n = condition;
  if (code.is(n, Kind.Unary, '!')) n = code.child(n, Role.Object);
  const compared =
    code.kind(n) === Kind.Binary && /^[!=]=$/.test(code.name(n)) ? code.child(n, Role.Right) : -1;
  if (compared >= 0 && code.kind(compared) === Kind.Literal) n = code.child(n, Role.Left);
  if (code.is(n, Kind.MethodCall, 'Load')) n = code.child(n, Role.Object);
  if (code.kind(n) === Kind.Field) return [n];
  // A local is a flag for the rounds of a loop that it lives around; the next request has another.
  return compared < 0 && code.kind(n) === Kind.Name && livesAroundLoop(fn, n) ? [n] : [];
}

function livesAroundLoop(fn: Fn, name: NodeId): boolean {
  const code = fn.code;
  const loop = code.ancestor(name, (a) => code.kind(a) === Kind.Loop);
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(name), code.start(name));
  return loop >= fn.range[0] && b !== undefined && !code.within(b.node, loop);
}

/** `s.running = true`, `s.running.Store(true)` */
function sets(fn: Fn, n: NodeId, flag: NodeId): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.Assign) {
    const value = code.child(n, Role.Value);
    return (
      !code.is(value, Kind.Literal, 'nil') &&
      !code.is(value, Kind.Literal, 'false') &&
      code.all(n, Role.Target).some((t) => sameText(code, t, flag))
    );
  }
  return (
    code.kind(n) === Kind.MethodCall &&
    /^(Store|Swap)$/.test(code.name(n)) &&
    sameText(code, code.child(n, Role.Object), flag)
  );
}

/** `if _, ok := s.loops[k]; ok { return }; s.loops[k] = l; go l.run()`: one for each key, and no client makes keys. */
function oncePerKey({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = Math.max(round, block); n < code.after(block); n++) {
    if (code.kind(n) !== Kind.Assign || code.name(n) !== '=' || code.parent(n) !== block) continue;
    const target = code.child(n, Role.Target);
    if (target < 0 || code.kind(target) !== Kind.Index || !isLookedUp(fn, target, round, n)) continue;
    const key = code.children(target)[1] ?? -1;
    const author = Provenance.of(fn.package.program).of(fn, key);
    if (author.who === 'outside') return undefined;
    const map = code.name(code.child(target, Role.Object));
    return { reason: 'once-per-key', by: `the keys of \`${map}\`, one for each`, where: fn.place(n) };
  }
  return undefined;
}

/**
 * `if _, busy := m.LoadOrStore(k, …); busy { return }` before the spawn, and `m.Delete(k)` in what is started: one at a
 * time for each key.
 */
function claimed({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  for (let n = round; n < node; n++) {
    if (!code.is(n, Kind.MethodCall, 'LoadOrStore')) continue;
    const map = code.child(n, Role.Object);
    const test = code.ancestor(n, (a) => code.kind(a) === Kind.If);
    const left = test >= round && !code.within(node, test) && exits(code, code.child(test, Role.Then));
    if (!left && !leavesBehind(fn, n, node)) continue;
    for (let m = Math.max(work, node); m < code.after(node); m++)
      if (/^(Delete|LoadAndDelete)$/.test(code.name(m)) && sameText(code, code.child(m, Role.Object), map))
        return {
          reason: 'once-per-key',
          by: `the keys of \`${code.name(map)}\`, one for each`,
          where: fn.place(n),
        };
  }
  return undefined;
}

/** `_, busy := m.LoadOrStore(k, …)`, and then `if busy { return }`. */
function leavesBehind(fn: Fn, call: NodeId, node: NodeId): boolean {
  const code = fn.code;
  const loaded = code.all(code.parent(call), Role.Pattern)[1];
  for (let n = code.after(call); loaded !== undefined && n < node; n++)
    if (
      code.kind(n) === Kind.If &&
      code.is(code.child(n, Role.Condition), Kind.Name, code.name(loaded)) &&
      exits(code, code.child(n, Role.Then))
    )
      return true;
  return false;
}

/** `close(stop)`, `cancel()` for the one before, and then `stop = make(…)`, `ctx, cancel = …` for this one. */
function endsTheLast({ fn, node }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  for (let n = round; n < node; n++) {
    if (code.kind(n) !== Kind.Call) continue;
    const callee = code.child(n, Role.Callee);
    const closes = code.is(callee, Kind.Name, 'close');
    const end = closes ? code.child(n, Role.Arg) : callee;
    if (end < 0 || (code.kind(end) !== Kind.Name && code.kind(end) !== Kind.Field)) continue;
    if (!closes && !/cancel|stop/i.test(code.name(end))) continue;
    if (code.kind(end) === Kind.Name && !livesAroundLoop(fn, end)) continue;
    for (let m = n; m < code.after(node); m++)
      if (
        code.kind(m) === Kind.Assign &&
        code.all(m, Role.Target).some((t) => sameText(code, t, end)) &&
        !code.is(code.child(m, Role.Value), Kind.Literal, 'nil')
      )
        return {
          reason: 'one-at-a-time',
          by: `\`${code.name(end)}\`, which ends the one before`,
          where: fn.place(n),
        };
  }
  return undefined;
}

/** The entry that is set was looked up before: `s, ok := m[k]`. */
function isLookedUp(fn: Fn, target: NodeId, from: NodeId, to: NodeId): boolean {
  const code = fn.code;
  for (let n = from; n < to; n++)
    if (
      n !== target &&
      code.kind(n) === Kind.Index &&
      code.role(n) === Role.Value &&
      sameText(code, n, target)
    )
      return true;
  return false;
}

/** The server of a stream gets its answer to one message before it sends the next: `c.Recv()` here, `c.Send(…)` in it. */
function lockStep({ fn, node, work }: SpawnSite, round: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  for (let n = round; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || code.name(n) !== 'Recv') continue;
    const stream = code.child(n, Role.Object);
    const type = values.typeOf(fn, stream);
    if (!type || !/_\w+Client$/.test(peel(type).type.name)) continue;
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
