import { signalChannels } from '../../knowledge/endings.ts';
import {
  countingGates,
  countReads,
  lendingReturns,
  lendingTakes,
  limiterNames,
  limiterObjects,
  limiterQuestions,
  limiterTypes,
  mostConnections,
  poolNames,
  poolTakes,
  runningCounts,
  rustExchanges,
  takesOut,
  waitsForPeer,
} from '../../knowledge/guards.ts';
import { goAccepts } from '../../knowledge/handlers.ts';
import {
  admissionLimits,
  limiterMethods,
  permitNames,
  permitTakes,
  permitTypes,
  permitUnwraps,
  poolOptions,
  prefetchLimits,
  rateMethods,
} from '../../knowledge/spawns.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { isOnTheWay } from '../phases/spawn-rounds.ts';
import { sameText } from '../places/effects.ts';
import { Places } from '../places/places.ts';
import type { Fn, Package } from '../program.ts';
import { Recent } from '../recent.ts';
import { RustValues } from '../types/rust-values.ts';
import { lastSegment, peel, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import { SpawnJoins } from './spawn-joins.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);
const BINARIES = kinds(Kind.Binary);
const WANTED = kinds(Kind.FieldInit, Kind.MethodCall);
const FIELD_INITS = kinds(Kind.FieldInit);
const ASSIGNS = kinds(Kind.Assign);
const IFS = kinds(Kind.If);

/** Tells of one spawn site what limits how many there are at once. */
export class SpawnLimits {
  readonly #site: SpawnSite;
  readonly #joins: SpawnJoins;
  readonly #phases: Phases;
  readonly #places: Places;

  constructor(site: SpawnSite) {
    const { program } = site.fn.package;
    this.#site = site;
    this.#joins = new SpawnJoins(site);
    this.#phases = Phases.of(program);
    this.#places = Places.of(program);
  }

  /** What limits how many there are, at the spawn itself or at a call that leads to it. */
  at(fn: Fn, node: NodeId): SpawnBound | undefined {
    return (
      this.#groupLimit(fn, node) ??
      this.#permit(fn, node) ??
      this.#counted(fn, node) ??
      this.#countedDown(fn, node) ??
      this.#countedOut(fn, node) ??
      this.#admission(fn)
    );
  }

  /**
   * Go: what is started waits for a slot before it does anything: `go func() { slots <- struct{}{}; … }`. There are as many
   * as there are items, but few of them work, so that what they hold while they wait is all there is.
   */
  waitsInside(): boolean {
    const { fn, work } = this.#site;
    const { code } = fn;
    const closure = work >= 0 && code.kind(work) === Kind.Call ? code.child(work, Role.Callee) : work;
    const body = closure >= 0 && code.kind(closure) === Kind.Closure ? code.child(closure, Role.Body) : -1;
    const first = body < 0 ? undefined : code.children(body).find((n) => code.kind(n) !== Kind.Defer);
    if (first === undefined) return false;
    for (let n = first; n < code.after(first); n++) {
      if (code.kind(n) === Kind.Send && permitNames.test(nameOf(code, code.child(n, Role.Object))))
        return true;
      if (code.kind(n) === Kind.MethodCall && limiterMethods.has(code.name(n))) return true;
    }
    return false;
  }

  /** Where the current round begins: the body of the innermost loop around the node, or of the function. */
  roundOf(fn: Fn, node: NodeId): NodeId {
    const { loops } = this.#phases.context(fn, node);
    const code = fn.code;
    const loop = loops[0];
    if (loop !== undefined) {
      const body = code.child(loop, Role.Body);
      if (body >= 0) return loop;
    }
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    return closure >= 0 ? closure : fn.first;
  }

  /** `g.SetLimit(n)` on the group, wherever it stands; a `JoinSet` whose length is tested. */
  #groupLimit(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    if (code.kind(node) !== Kind.MethodCall) return undefined;
    const group = this.#places.of(fn, code.child(node, Role.Object));
    if (!group) return undefined;
    const made = this.#madeLimited(fn, code.child(node, Role.Object));
    if (made) return made;
    for (const other of fn.package.functions) {
      const c = other.code;
      const { first: body, after } = other;
      for (let n = c.next(METHOD_CALLS, body, after); n < after; n = c.next(METHOD_CALLS, n + 1, after)) {
        const name = c.name(n);
        const counts =
          name === 'len' &&
          fn.package.language === 'rust' &&
          isCompared(c, n) &&
          (other === fn || waitsForRoom(c, n));
        if (name !== 'SetLimit' && !counts) continue;
        const same = this.#places.of(other, c.child(n, Role.Object));
        if (
          same &&
          (same.key === group.key ||
            (same.root === 'unknown' && same.name === group.name) ||
            storedAs(other, n, group.name))
        )
          return {
            reason: 'group-limit',
            by: name === 'len' ? `a test of how many \`${group.name}\` runs` : '`SetLimit`',
            where: other.place(n),
          };
      }
    }
    return undefined;
  }

  /** Go: `g, ctx := newGroup(parent)`, which calls `SetLimit` on the group that it returns. */
  #madeLimited(fn: Fn, group: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const { values } = this.#places;
    if (fn.package.language !== 'go' || !code.is(group, Kind.Name)) return undefined;
    const call = values.scope(fn).lookup(code.name(group), code.start(group))?.value ?? -1;
    const kind = call < 0 ? -1 : code.kind(call);
    if ((kind !== Kind.Call && kind !== Kind.MethodCall) || values.isGuess(fn, call)) return undefined;
    for (const maker of values.callees(fn, call))
      for (let n = maker.first; n < maker.after; n++)
        if (maker.code.is(n, Kind.MethodCall, 'SetLimit'))
          return { reason: 'group-limit', by: `\`SetLimit\` in \`${maker.label}\``, where: maker.place(n) };
    return undefined;
  }

  /** A permit is taken before the spawn, in the same round of the loop. */
  #permit(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const round = this.roundOf(fn, node);
    for (let n = round; n < node; n++) {
      const kind = code.kind(n);
      if (kind !== Kind.MethodCall && kind !== Kind.Call && kind !== Kind.Send && kind !== Kind.Unary)
        continue;
      // `for { select { case slots <- 1: break; case e := <-errs: … } }` goes on when there is a slot.
      const isTried = kind === Kind.Send && code.role(n) === Role.Comm;
      if (!isTried && !isOnTheWay(code, n, node)) continue;
      if (node === this.#site.node && isGivenBackFirst(fn, n, node)) continue;
      if (kind === Kind.MethodCall || kind === Kind.Call) {
        const name = callName(code, n);
        if (
          takesPermit(code, n, name) ||
          this.#limitsByObject(fn, n, name) ||
          this.#givesPermit(fn, n) ||
          (lendingTakes.test(name) && this.#givenBack(fn, n, node))
        )
          return { reason: 'permit', by: `\`${name}\` before the spawn`, where: fn.place(n) };
        const inside = this.#limiterIn(fn, n) ?? this.#waitsForEnd(fn, n);
        if (inside) return inside;
      }
      if (kind === Kind.Send && code.start(n) < code.start(node)) {
        const channel = code.child(n, Role.Object);
        if (
          permitNames.test(nameOf(code, channel)) ||
          this.#joins.workTouches(fn, node, nameOf(code, channel), 'receive')
        )
          return { reason: 'permit', by: `a slot of \`${nameOf(code, channel)}\``, where: fn.place(n) };
      }
      if (kind === Kind.Unary && code.name(n) === '<-') {
        const channel = code.child(n, Role.Object);
        if (this.#joins.workTouches(fn, node, nameOf(code, channel), 'send'))
          return { reason: 'permit', by: `a token of \`${nameOf(code, channel)}\``, where: fn.place(n) };
      }
    }
    return undefined;
  }

  /**
   * Rust: `self.replace_client(id).await` before the spawn, which waits until the task has said that it ends, by a `Notify`:
   * https://docs.rs/tokio/latest/tokio/sync/struct.Notify.html
   */
  #waitsForEnd(fn: Fn, call: NodeId): SpawnBound | undefined {
    const { fn: home, work } = this.#site;
    const { code } = fn;
    if (fn.package.language !== 'rust' || work < 0 || !code.is(code.parent(call), Kind.Await))
      return undefined;
    const awaited = this.#mentioned(fn, call, code.after(call), 'notified', 2);
    if (awaited.size === 0) return undefined;
    const told = this.#mentioned(home, work, home.code.after(work), 'notify_one', 1);
    const by = [...awaited].find((name) => told.has(name));
    return by === undefined
      ? undefined
      : { reason: 'permit', by: `\`${by}\`, by which the task says that it ends`, where: fn.place(call) };
  }

  /** The names of what a method is called on in a range of nodes, and in what is called there, so many calls away. */
  #mentioned(
    fn: Fn,
    from: NodeId,
    to: NodeId,
    method: string,
    depth: number,
    out = new Set<string>(),
  ): Set<string> {
    const { code } = fn;
    for (let n = code.next(CALLS, from, to); n < to; n = code.next(CALLS, n + 1, to)) {
      if (code.is(n, Kind.MethodCall, method)) out.add(nameOf(code, code.child(n, Role.Object)));
      else if (depth > 0 && !this.#places.values.isGuess(fn, n)) {
        const [target, ...others] = this.#places.values.callees(fn, n);
        if (target && others.length === 0 && target.fact.body >= 0)
          this.#mentioned(target, target.first, target.after, method, depth - 1, out);
      }
    }
    return out;
  }

  /** `limiter.Wait(ctx)`, `limiter.Allow()`; `pool.get().await`: as many as the pool has connections. */
  #limitsByObject(fn: Fn, call: NodeId, method: string): boolean {
    const code = fn.code;
    const object = code.kind(call) === Kind.MethodCall ? code.child(call, Role.Object) : -1;
    if (object < 0) return false;
    const name = nameOf(code, object);
    if (rateMethods.has(method)) {
      const type = this.#places.values.typeOf(fn, object);
      return limiterNames.test(name) || (type !== undefined && limiterTypes.test(peel(type).type.name));
    }
    const awaited = code.parent(call) >= 0 && code.kind(code.parent(call)) === Kind.Await;
    return awaited && poolNames.test(name) && poolTakes.test(method);
  }

  /** `pool.Take()` before the spawn, `defer pool.Give()` inside. */
  #givenBack(fn: Fn, call: NodeId, node: NodeId): boolean {
    const code = fn.code;
    if (node !== this.#site.node || code.kind(call) !== Kind.MethodCall) return false;
    const pool = code.child(call, Role.Object);
    if (this.#lendsAny(fn, pool)) return false;
    for (let n = node; n < code.after(node); n++)
      if (
        code.kind(n) === Kind.MethodCall &&
        lendingReturns.test(code.name(n)) &&
        sameText(code, code.child(n, Role.Object), pool)
      )
        return true;
    return false;
  }

  /** Go: `sync.Pool`, or what is made of one, makes another where all are lent. */
  #lendsAny(fn: Fn, pool: NodeId): boolean {
    const { values } = this.#places;
    const type = values.typeOf(fn, pool);
    if (!type) return false;
    const { name, decl } = peel(type).type;
    const isPool = (of: string | undefined) => of === 'sync.Pool';
    return (
      isPool(name) ||
      (decl?.fact.fields.some((f) => isPool(values.types.at(decl.file, f.type)?.name)) ?? false)
    );
  }

  /** Rust: what a call before the spawn gives has a permit in it: `SshChannel { inner, _permit }`. */
  #givesPermit(fn: Fn, call: NodeId): boolean {
    if (fn.package.language !== 'rust') return false;
    const { values } = this.#places;
    const given = RustValues.of(fn.package.program).typeOf(fn, call);
    const decl = given && unwrapped(given).decl;
    return (
      decl?.fact.fields.some((f) => permitTypes.test(values.types.at(decl.file, f.type)?.name ?? '')) ?? false
    );
  }

  /** A function of the workspace that is called before the spawn and takes a permit or counts. */
  #limiterIn(fn: Fn, call: NodeId): SpawnBound | undefined {
    const targets = this.#places.values.callees(fn, call);
    if (targets.length !== 1) return undefined;
    const target = targets[0] as Fn;
    const code = target.code;
    const { first: body, after } = target;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      if (kind === Kind.Closure || kind === Kind.Spawn) n = code.after(n) - 1;
      else if (kind === Kind.MethodCall) {
        const name = code.name(n);
        if (takesPermit(code, n, name) || countingGates.test(name) || waitsAndCounts(target, n))
          return { reason: 'permit', by: `\`${name}\` in \`${target.label}\``, where: target.place(n) };
      } else if (kind === Kind.Send || code.is(n, Kind.Unary, '<-')) {
        const slots = code.child(n, Role.Object);
        if (this.#carriesPermits(target, slots))
          return {
            reason: 'permit',
            by: `a slot of \`${nameOf(code, slots)}\`, taken in \`${target.label}\``,
            where: target.place(n),
          };
      }
    }
    const refusal = isAsked(fn, call) ? this.#refusalIn(target) : -1;
    return refusal < 0
      ? undefined
      : {
          reason: 'counted',
          by: `a count that \`${target.label}\` tests before the spawn`,
          where: target.place(refusal),
        };
  }

  /**
   * A channel whose elements say nothing, `chan struct{}`, `chan bool`: a field of the receiver, a variable of the package,
   * or the receiver itself: `type gate chan struct{}`.
   */
  #carriesPermits(fn: Fn, channel: NodeId): boolean {
    const code = fn.code;
    const { values } = this.#places;
    const { receiver } = fn.fact;
    if (channel < 0 || signalChannels.test(code.name(channel))) return false;
    const isOfReceiver =
      receiver !== '' &&
      code.is(
        code.kind(channel) === Kind.Field ? code.child(channel, Role.Object) : channel,
        Kind.Name,
        receiver,
      );
    const isGlobal =
      code.kind(channel) === Kind.Name &&
      !values.scope(fn).lookup(code.name(channel), code.start(channel)) &&
      fn.package.globalsNamed(code.name(channel)).length > 0;
    if (!isOfReceiver && !isGlobal) return false;
    const type = values.typeOf(fn, channel);
    const decl = type && peel(type).type.decl;
    const under = decl?.fact.kind === 'defined' ? values.types.at(decl.file, decl.fact.target) : type;
    const inner = under && peel(under).type;
    return inner?.name === 'chan' && /^(struct|bool|int|any)$/.test(inner.args[0]?.name ?? '');
  }

  /** `if active >= MAX { …; continue }` before the spawn. */
  #counted(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const round = this.roundOf(fn, node);
    for (let n = round; n < node; n++) {
      const kind = code.kind(n);
      // `match slots.compare_exchange(free, free - 1, …)` takes one of a number of slots.
      if (kind === Kind.MethodCall && rustExchanges.test(code.name(n)) && takesOne(code, n))
        return { reason: 'counted', by: 'a slot that is taken before the spawn', where: fn.place(n) };
      if (kind !== Kind.If && kind !== Kind.Loop) continue;
      const condition = code.child(n, Role.Condition);
      if (condition < 0) continue;
      if (!this.#counts(fn, condition)) {
        const refused = kind === Kind.If && !code.within(node, n) && this.#refused(fn, n);
        if (refused) return refused;
        continue;
      }
      const before = !code.within(node, n);
      const then = code.child(n, Role.Then);
      if (
        before
          ? kind === Kind.Loop ||
            exits(code, then) ||
            (fn.package.language === 'rust' && makesRoom(code, then))
          : kind === Kind.If
      )
        return {
          reason: 'counted',
          by: 'a count that is tested before the spawn',
          where: fn.place(condition),
        };
    }
    return undefined;
  }

  /**
   * What is started leaves at once when there are too many: `go s.handle(conn)`, which begins with `if !s.admits(addr) {
   * conn.Close(); return }`. For a moment there is one more than the limit says, and then it has ended.
   */
  refusedInside(): SpawnBound | undefined {
    const { fn, work } = this.#site;
    const { code } = fn;
    if (work < 0) return undefined;
    const closure = code.kind(work) === Kind.Call ? code.child(work, Role.Callee) : work;
    if (code.kind(closure) === Kind.Closure || code.kind(closure) === Kind.AsyncBlock)
      return this.#refusesFirst(fn, code.child(closure, Role.Body));
    const [target, ...others] = this.#places.values.callees(fn, work);
    return target && others.length === 0 ? this.#refusesFirst(target, target.fact.body) : undefined;
  }

  /**
   * Rust: what is started takes a permit, asks a limiter or counts, itself or in what it calls, before it serves in a loop:
   * how many wait there at once is another matter than how many are served. What waits for its peer before is limited by nothing.
   */
  asksInside(): boolean {
    const { fn, work } = this.#site;
    if (fn.package.language !== 'rust' || work < 0) return false;
    const seen = new Set<Fn>();
    let isRead = false;
    const asks = (at: Fn, from: NodeId, to: NodeId, depth: number): boolean => {
      const { code } = at;
      for (let n = from; n < to && !isRead; n++) {
        const kind = code.kind(n);
        if (kind === Kind.Loop || kind === Kind.Select) return false;
        // Whoever sends nothing stays before it.
        isRead = kind === Kind.Await && readsPeer(code, code.child(n, Role.Object));
        if (kind === Kind.If && depth < 2) {
          const condition = code.child(n, Role.Condition);
          if (condition >= 0 && this.#counts(at, condition) && exits(code, code.child(n, Role.Then)))
            return true;
        }
        if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
        if (kind === Kind.MethodCall && asksLimiter(code, n)) return true;
        if (depth >= 2 || this.#places.values.isGuess(at, n)) continue;
        const [target, ...others] = this.#places.values.callees(at, n);
        if (!target || others.length > 0 || target.fact.body < 0 || seen.has(target)) continue;
        seen.add(target);
        if (asks(target, target.first, target.after, depth + 1)) return true;
      }
      return false;
    };
    return asks(fn, work, fn.code.after(work), 0);
  }

  /** The test among the first statements of a body, before any that waits, that leaves when there are too many. */
  #refusesFirst(fn: Fn, body: NodeId): SpawnBound | undefined {
    const { code } = fn;
    for (const statement of body < 0 ? [] : code.children(body)) {
      if (code.kind(statement) === Kind.If && exits(code, code.child(statement, Role.Then))) {
        const condition = code.child(statement, Role.Condition);
        if (this.#counts(fn, condition) || this.#asksForRoom(fn, condition, 0))
          return {
            reason: 'counted',
            by: 'a count that it tests before anything else',
            where: fn.place(condition),
          };
      }
      for (let n = statement; n < code.after(statement); n++)
        if ([Kind.Loop, Kind.Select, Kind.Await].includes(code.kind(n) as never)) return undefined;
    }
    return undefined;
  }

  /** A condition, or the value of a name in it, calls a function that refuses when there are too many. */
  #asksForRoom(fn: Fn, condition: NodeId, depth: number): boolean {
    const { code } = fn;
    const { values } = this.#places;
    for (let n = condition; depth < 3 && n < code.after(condition); n++) {
      const b = code.kind(n) === Kind.Name ? values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
      const call = b?.source === 'value' && b.value >= 0 ? b.value : n;
      const isCall = code.kind(call) === Kind.Call || code.kind(call) === Kind.MethodCall;
      if (!isCall || values.isGuess(fn, call)) continue;
      for (const target of values.callees(fn, call))
        if (this.#refusalIn(target) >= 0 || this.#handsRefusalOn(target, depth + 1)) return true;
    }
    return false;
  }

  /** `if err := s.hasRoom(); err != nil { return false }` */
  #handsRefusalOn(fn: Fn, depth: number): boolean {
    const { code } = fn;
    for (let n = fn.first; n < fn.after; n++)
      if (
        code.kind(n) === Kind.If &&
        exits(code, code.child(n, Role.Then)) &&
        this.#asksForRoom(fn, code.child(n, Role.Condition), depth)
      )
        return true;
    return false;
  }

  /** Go: `if err := s.admit(conn); err != nil { continue }`, `if !s.enter() { return }`, where that fails when there are too many. */
  #refused(fn: Fn, test: NodeId): SpawnBound | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go' || !exits(code, code.child(test, Role.Then))) return undefined;
    const { values } = this.#places;
    const condition = code.child(test, Role.Condition);
    for (let n = condition; n < code.after(condition); n++) {
      if (code.is(n, Kind.Unary, '!')) {
        const full = this.#refusedBy(fn, code.child(n, Role.Object));
        if (full) return full;
      }
      const error = code.is(n, Kind.Binary, '!=') ? code.child(n, Role.Left) : -1;
      if (!code.is(error, Kind.Name) || !code.is(code.child(n, Role.Right), Kind.Literal, 'nil')) continue;
      const call = values.scope(fn).lookup(code.name(error), code.start(error))?.value ?? -1;
      const full = this.#refusedBy(fn, call);
      if (full) return full;
    }
    return undefined;
  }

  /** What is called leaves because there are too many: it fails, or answers no. */
  #refusedBy(fn: Fn, call: NodeId): SpawnBound | undefined {
    const { values } = this.#places;
    if (call < 0 || values.isGuess(fn, call)) return undefined;
    for (const target of values.callees(fn, call)) {
      const counted = this.#refusalIn(target);
      if (counted >= 0)
        return {
          reason: 'counted',
          by: `a count that \`${target.label}\` tests before the spawn`,
          where: target.place(counted),
        };
    }
    return undefined;
  }

  /** The condition on which a function leaves because there are too many, or -1. */
  #refusalIn(fn: Fn): NodeId {
    const code = fn.code;
    for (let n = fn.first; n < fn.after; n++) {
      const condition = code.kind(n) === Kind.If ? code.child(n, Role.Condition) : -1;
      if (condition >= 0 && this.#counts(fn, condition) && exits(code, code.child(n, Role.Then)))
        return condition;
    }
    return -1;
  }

  /** `Some(job) = rx.recv(), if free > 0 => { free -= 1; spawn(…) }`: the guard of a select's arm counts down. */
  #countedDown(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    if (fn.package.language !== 'rust') return undefined;
    const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Guard) >= 0);
    const guard = arm < 0 ? -1 : code.child(arm, Role.Guard);
    // `job = jobs.recv(), if running.len() < MAX => running.push(spawn(…))`
    if (guard >= 0 && comparesLength(code, guard))
      return { reason: 'counted', by: 'a count that is tested before the spawn', where: fn.place(guard) };
    for (let n = guard; guard >= 0 && n < code.after(guard); n++) {
      if (code.kind(n) !== Kind.Name && code.kind(n) !== Kind.Field) continue;
      for (let m = code.after(guard); m < code.after(arm); m++)
        if (
          code.kind(m) === Kind.Assign &&
          /^[-+]=$/.test(code.name(m)) &&
          sameText(code, code.child(m, Role.Target), n)
        )
          return { reason: 'counted', by: 'a count that is tested before the spawn', where: fn.place(guard) };
    }
    return undefined;
  }

  /** Rust: `left -= 1; if left == 0 { break; }`: the loop is left after so many rounds, however much comes. */
  #countedOut(fn: Fn, node: NodeId): SpawnBound | undefined {
    const { code } = fn;
    const loop = fn.package.language === 'rust' ? this.roundOf(fn, node) : -1;
    if (!code.is(loop, Kind.Loop)) return undefined;
    const body = code.child(loop, Role.Body);
    for (
      let n = code.next(ASSIGNS, loop, code.after(loop));
      n < code.after(loop);
      n = code.next(ASSIGNS, n + 1, code.after(loop))
    ) {
      // In a branch it counts what goes wrong.
      if (code.parent(n) !== body || !/^[-+]=$/.test(code.name(n))) continue;
      if (!code.is(code.child(n, Role.Value), Kind.Number, '1')) continue;
      const count = code.child(n, Role.Target);
      const end = endsAtCount(code, loop, count);
      if (end >= 0) return { reason: 'counted', by: 'a count that ends the loop', where: fn.place(end) };
    }
    return undefined;
  }

  /** A condition counts what runs, itself or through a local: `let full = self.in_flight >= max; if full { … }`. */
  #counts(fn: Fn, condition: NodeId): boolean {
    const code = fn.code;
    if (isCount(code, condition)) return true;
    if (fn.package.language === 'go') return asksForGoroutines(code, condition);
    for (let n = condition; n < code.after(condition); n++) {
      if (code.kind(n) !== Kind.Name) continue;
      const b = this.#places.values.scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'value' && b.value >= 0 && isCount(code, b.value)) return true;
    }
    return false;
  }

  /** A limit on accepted connections or requests in the same package. */
  #admission(fn: Fn): SpawnBound | undefined {
    const { limits } = fn.package.program.derive(makeAdmissions).get(fn.package);
    // The nearest says most of what is limited.
    return limits.find((l) => l.where?.file === fn.file.facts.file) ?? limits[0] ?? prefetch(fn);
  }
}

/** Go: `if runtime.NumGoroutine() >= max`: https://pkg.go.dev/runtime#NumGoroutine */
/** The condition in a loop under which it is left for a count of its rounds, or -1. */
function endsAtCount(code: Code, loop: NodeId, count: NodeId): NodeId {
  for (
    let n = code.next(IFS, loop, code.after(loop));
    n < code.after(loop);
    n = code.next(IFS, n + 1, code.after(loop))
  ) {
    const condition = code.child(n, Role.Condition);
    if (!code.is(condition, Kind.Binary) || !/^(==|>=?|<=?)$/.test(code.name(condition))) continue;
    if (sameText(code, code.child(condition, Role.Left), count) && leavesLoop(code, code.child(n, Role.Then)))
      return condition;
  }
  return -1;
}

function leavesLoop(code: Code, block: NodeId): boolean {
  const last = block < 0 ? undefined : code.children(block).at(-1);
  return last !== undefined && (code.kind(last) === Kind.Break || code.kind(last) === Kind.Return);
}

function asksForGoroutines(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (code.is(n, Kind.MethodCall, 'NumGoroutine')) return true;
  return false;
}

/** `while *free == 0 { freed.wait(&mut free) }; *free -= 1`, `for p.free == 0 { p.cond.Wait() }; p.free--`: a permit of the program's own. */
function waitsAndCounts({ code, first, after }: Fn, call: NodeId): boolean {
  if (!/^(wait|wait_while|Wait)$/.test(code.name(call))) return false;
  const loop = code.ancestor(call, (a) => code.kind(a) === Kind.Loop);
  if (loop >= first && code.child(loop, Role.Condition) < 0) return false;
  if (loop < first && code.name(call) !== 'wait_while') return false;
  for (let n = call; n < after; n++)
    if (
      code.kind(n) === Kind.Assign &&
      /^[-+]=$/.test(code.name(n)) &&
      code.is(code.child(n, Role.Value), Kind.Number, '1')
    )
      return true;
  return false;
}

/** A call takes a permit: `permits.acquire().await`; `buffer.reserve(n)` makes room. */
export function takesPermit(code: Code, call: NodeId, name = code.name(call)): boolean {
  return limiterMethods.has(name) && !(name === 'reserve' && code.child(call, Role.Arg) >= 0);
}

/** `stream.read(&mut buffer)`, `reader.read_u32()`; a lock's `read()` is given nothing. */
function readsPeer(code: Code, call: NodeId): boolean {
  const name = code.is(call, Kind.MethodCall) ? code.name(call) : '';
  return waitsForPeer.test(name) && (name !== 'read' || code.child(call, Role.Arg) >= 0);
}

/** `slots.acquire()`, `self.limiter.is_allowed()`; a connection out of a pool is another limit. */
function asksLimiter(code: Code, call: NodeId): boolean {
  const object = nameOf(code, code.child(call, Role.Object));
  if (poolNames.test(object)) return false;
  return takesPermit(code, call) || (limiterObjects.test(object) && limiterQuestions.test(code.name(call)));
}

/** Rust: the packages in which a number of connections is compared with the most there may be. */
export function testsConnections(pkg: Package): boolean {
  return pkg.program.derive(makeConnectionTests).get(pkg).tests;
}

function makeConnectionTests(): Recent<Package, { readonly tests: boolean }> {
  return new Recent((pkg) => ({
    tests: pkg.functions.some((fn) => {
      const { code } = fn;
      if (fn.isTest) return false;
      for (
        let n = code.next(BINARIES, fn.first, fn.after);
        n < fn.after;
        n = code.next(BINARIES, n + 1, fn.after)
      )
        if (/^[<>]=?$/.test(code.name(n)) && namesMost(code, n) && countsIn(code, n)) return true;
      return false;
    }),
  }));
}

/** `config.max_connections` in a comparison. */
function namesMost(code: Code, test: NodeId): boolean {
  for (let n = test; n < code.after(test); n++)
    if (mostConnections.test(lastSegment(code.name(n)))) return true;
  return false;
}

/** `clients.len()`, `active.load(…)` in a comparison. */
function countsIn(code: Code, test: NodeId): boolean {
  for (let n = test; n < code.after(test); n++)
    if (
      code.kind(n) === Kind.MethodCall
        ? code.name(n) === 'len' || countReads.test(code.name(n))
        : (code.kind(n) === Kind.Field || code.kind(n) === Kind.Name) &&
          runningCounts.test(code.name(n)) &&
          !mostConnections.test(code.name(n))
    )
      return true;
  return false;
}

/** Rust: `while self.running.len() >= MAX { self.running.join_next().await; }`, which a method of its own may do before the spawn. */
function waitsForRoom(code: Code, length: NodeId): boolean {
  const branch = code.ancestor(length, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.If);
  return (
    branch >= 0 &&
    code.within(length, code.child(branch, Role.Condition)) &&
    makesRoom(code, code.child(branch, code.kind(branch) === Kind.If ? Role.Then : Role.Body))
  );
}

/** Rust: `set.len() < MAX`; not what is only printed, or told from nothing. */
function isCompared(code: Code, length: NodeId): boolean {
  const up = code.parent(length);
  return (
    code.kind(up) === Kind.Binary &&
    /^(<|>|<=|>=|==|!=)$/.test(code.name(up)) &&
    !code.is(code.child(up, Role.Right), Kind.Number, '0')
  );
}

/** The receiver of a call ends up in a field of this name: `g.SetLimit(n); return &T{g: g}`. */
function storedAs(fn: Fn, call: NodeId, field: string): boolean {
  const code = fn.code;
  const object = code.child(call, Role.Object);
  if (object < 0 || code.kind(object) !== Kind.Name) return false;
  const { first: body, after } = fn;
  for (let n = code.next(FIELD_INITS, body, after); n < after; n = code.next(FIELD_INITS, n + 1, after))
    if (code.kind(n) === Kind.FieldInit && code.name(n) === field) {
      const value = code.child(n, Role.Value);
      const inner = value >= 0 && code.kind(value) === Kind.Unary ? code.child(value, Role.Object) : value;
      if (inner >= 0 && code.is(inner, Kind.Name, code.name(object))) return true;
    }
  return false;
}

/** A permit is free again before what is spawned has ended: it limits nothing. */
function isGivenBackFirst(fn: Fn, take: NodeId, spawn: NodeId): boolean {
  return fn.package.language === 'rust' ? isDropped(fn, take, spawn) : isReleasedBehind(fn, take, spawn);
}

/** Rust: `let _ = slots.acquire().await`, or a name that neither the task nor anything else takes over. */
function isDropped(fn: Fn, take: NodeId, spawn: NodeId): boolean {
  const { code, after } = fn;
  if (!permitTakes.test(callName(code, take))) return false;
  // A gate of the program's own that counts hands nothing out that could be dropped.
  const own = Values.of(fn.package.program).callees(fn, take);
  if (own.length > 0 && own.every((f) => f.fact.result < 0)) return false;
  let value = take;
  for (let up = code.parent(value); up >= 0; value = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Await || kind === Kind.Try) continue;
    if (kind === Kind.MethodCall && code.role(value) === Role.Object) {
      if (permitUnwraps.test(code.name(up))) continue;
      return false;
    }
    if (kind === Kind.Block) return code.role(value) === Role.Statement;
    if (kind !== Kind.Let) return false;
    const pattern = code.child(up, Role.Pattern);
    let name = '';
    for (let n = pattern; n >= 0 && n < code.after(pattern); n++)
      if (code.kind(n) === Kind.Bind || code.kind(n) === Kind.Name) name = code.name(n);
    for (let n = code.after(up); name !== '' && n < after; n++)
      if (code.is(n, Kind.Name, name) && (code.within(n, spawn) || !isDropCall(code, code.parent(n))))
        return false;
    return true;
  }
  return false;
}

function isDropCall(code: Code, call: NodeId): boolean {
  return code.kind(call) === Kind.Call && /(^|::)drop$/.test(callName(code, call));
}

/** Go: `sem.Acquire(…); go work(); sem.Release(1)`, or the same with a channel, beside the spawn and not in it. */
function isReleasedBehind({ code }: Fn, take: NodeId, spawn: NodeId): boolean {
  const object = code.child(take, Role.Object);
  const block = code.ancestor(spawn, (a) => code.kind(a) === Kind.Block);
  if (object < 0 || block < 0) return false;
  const gives = (n: NodeId) =>
    (code.kind(take) === Kind.Send
      ? code.is(n, Kind.Unary, '<-')
      : code.kind(n) === Kind.MethodCall && lendingReturns.test(code.name(n))) &&
    sameText(code, code.child(n, Role.Object), object);
  let isBehind = false;
  for (let n = spawn; n < code.after(block); n++) {
    if (!gives(n)) continue;
    if (code.within(n, spawn)) return false;
    isBehind ||= code.parent(n) === block || code.parent(code.parent(n)) === block;
  }
  return isBehind;
}

/** The new value of an exchange is one less, or one more, than the old one. */
function takesOne(code: Code, exchange: NodeId): boolean {
  const next = code.all(exchange, Role.Arg)[1];
  return (
    next !== undefined &&
    code.kind(next) === Kind.Binary &&
    /^[-+]$/.test(code.name(next)) &&
    code.is(code.child(next, Role.Right), Kind.Number, '1')
  );
}

/** A comparison of how many there are with something else than nothing. */
function comparesLength(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (
      code.kind(n) === Kind.Binary &&
      /^(<|<=|!=)$/.test(code.name(n)) &&
      code.is(code.child(n, Role.Left), Kind.MethodCall, 'len') &&
      !code.is(code.child(n, Role.Right), Kind.Number, '0')
    )
      return true;
  return false;
}

/** A comparison of something that counts what runs. */
function isCount(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^(<|>|<=|>=|==)$/.test(code.name(n))) continue;
    const right = code.child(n, Role.Right);
    if (right >= 0 && (code.is(right, Kind.Number, '0') || code.kind(right) === Kind.Literal)) continue;
    for (let m = n + 1; m < code.after(n); m++)
      if (countReads.test(code.name(m)) || runningCounts.test(code.name(m))) return true;
  }
  return false;
}

/** Rust: `let Some(slot) = peers.admit() else { continue }`, `if !gate.enter() { return }`, `let slot = gate.enter()?`. */
function isAsked({ code, package: { language } }: Fn, call: NodeId): boolean {
  if (language !== 'rust') return false;
  let n = call;
  for (let up = code.parent(n); ; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Try) return true;
    if (kind === Kind.Let) return code.child(up, Role.Else) >= 0;
    if (kind === Kind.If) return code.role(n) === Role.Condition && exits(code, code.child(up, Role.Then));
    if (kind !== Kind.Await && kind !== Kind.Unary && kind !== Kind.LetCondition) return false;
  }
}

/** A branch that waits for one of what runs to end: `if running.len() == MAX { running.pop_front().await; }`. */
function makesRoom(code: Code, block: NodeId): boolean {
  for (let n = block; block >= 0 && n < code.after(block); n++)
    if (code.kind(n) === Kind.MethodCall && takesOut.test(code.name(n))) return true;
  return false;
}

/** The limits on accepted work, by package. */
function makeAdmissions(): Recent<Package, { readonly limits: readonly SpawnBound[] }> {
  return new Recent((pkg) => ({
    limits: pkg.functions.flatMap((fn) => (fn.isTest ? [] : (admissionIn(fn) ?? []))),
  }));
}

/** Rust: `PgPoolOptions::new().max_connections(10)` limits what the program opens, and nothing that comes in. */
function isOfPool(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  let n = call;
  while (code.kind(n) === Kind.MethodCall) n = code.child(n, Role.Object);
  if (n < 0) return false;
  const callee = code.child(n, Role.Callee);
  const type = callee < 0 ? Places.of(fn.package.program).values.typeOf(fn, n) : undefined;
  return poolOptions.test(type ? peel(type).type.name : callee < 0 ? code.name(n) : code.name(callee));
}

/**
 * A broker that was told how many messages may be unacknowledged, by the file that consumes them: unless they count as
 * acknowledged when they are sent, or are acknowledged before the work.
 */
function prefetch({ file }: Fn): SpawnBound | undefined {
  const { code } = file;
  let limit: SpawnBound | undefined;
  for (let n = code.next(WANTED, 0, code.size); n < code.size; n = code.next(WANTED, n + 1, code.size)) {
    const kind = code.kind(n);
    if (
      kind === Kind.FieldInit &&
      code.name(n) === 'no_ack' &&
      code.is(code.child(n, Role.Value), Kind.Literal, 'true')
    )
      return undefined;
    if (kind !== Kind.MethodCall) continue;
    const args = code.all(n, Role.Arg);
    // `ch.Consume(queue, consumer, autoAck, …)`
    if (code.name(n) === 'Consume' && code.is(args[2] ?? -1, Kind.Literal, 'true')) return undefined;
    if (prefetchLimits.has(code.name(n)) && args.length > 1 && !code.is(args[0] ?? -1, Kind.Number, '0'))
      limit ??= { reason: 'admission', by: `\`${code.name(n)}\``, where: file.place(code.span(n)) };
  }
  return limit;
}

/** A package makes values of a type for itself: what it only offers may never be used. */
function isUsedHere(pkg: Package, owner: string): boolean {
  const calls = Calls.of(pkg.program);
  return pkg.functions.some(
    (fn) =>
      !fn.isTest &&
      makes(fn, owner) &&
      (!fn.fact.exported || calls.sitesOf(fn).some((s) => s.fn.package === pkg && !s.fn.isTest)),
  );
}

function makes({ code, first: body, after }: Fn, type: string): boolean {
  for (let n = body; n < after; n++)
    if (code.kind(n) === Kind.Composite && code.name(code.child(n, Role.Type)) === type) return true;
  return false;
}

/** Go: an `Accept` of the package's own that takes a slot of its listener before a connection, as `netutil.LimitListener` does. */
function ownListener(fn: Fn): SpawnBound | undefined {
  const code = fn.code;
  const { receiver, owner } = fn.fact;
  if (fn.package.language !== 'go' || receiver === '' || !goAccepts.test(fn.fact.name)) return undefined;
  if (!isUsedHere(fn.package, owner)) return undefined;
  for (let n = fn.first; n < fn.after; n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Send) {
      const slots = code.child(n, Role.Object);
      if (code.is(slots, Kind.Field) && code.is(code.child(slots, Role.Object), Kind.Name, receiver))
        return {
          reason: 'admission',
          by: `\`${code.name(slots)}\`, of which \`${owner}\` takes a slot for each connection`,
          where: fn.place(n),
        };
    } else if (code.kind(n) === Kind.MethodCall && takesPermit(code, n))
      return { reason: 'admission', by: `\`${code.name(n)}\` in \`${fn.label}\``, where: fn.place(n) };
  }
  return undefined;
}

function admissionIn(fn: Fn): SpawnBound | undefined {
  const code = fn.code;
  const { first: body, after } = fn;
  const listener = ownListener(fn);
  if (listener) return listener;
  for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
    const callee = code.child(n, Role.Callee);
    const name = callName(code, n);
    const type = callee < 0 ? '' : (code.name(callee).split('::').at(-2) ?? '');
    if ((admissionLimits.has(name) && !isOfPool(fn, n)) || admissionLimits.has(type))
      return {
        reason: 'admission',
        by: `\`${admissionLimits.has(name) ? name : type}\``,
        where: fn.place(n),
      };
  }
  return undefined;
}
