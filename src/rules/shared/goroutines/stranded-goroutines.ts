/** Goroutines that wait for ever at a channel their maker has left: sends nobody receives, receives nobody ends. */
import { loopEndNames, stoppingContexts, timeEnds } from '../../../knowledge/endings.ts';
import { runsAtOnce } from '../../../knowledge/go-channels.ts';
import { endsProcess, isDeadEnd, testedError } from '../../../program/calls/never-fails.ts';
import {
  bodyFor,
  type ChannelUse,
  GoChannels,
  type LocalChannel,
} from '../../../program/channels/go-channels.ts';
import { type Exit, pathExits } from '../../../program/channels/paths.ts';
import { Lifetimes } from '../../../program/lifetime/lifetime.ts';
import { sameText } from '../../../program/places/effects.ts';
import type { Fn } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import type { Code } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { leavesEarly } from './abandoned-generators.ts';

/** Keys of the rule's exemption table that this shape can give. */
export type StrandedReason = 'received' | 'buffered' | 'optional' | 'closed' | 'handed-on';

/** A goroutine that waits for ever once its maker takes one way out. */
export interface Stranded {
  readonly channel: LocalChannel;
  readonly waits: 'send' | 'receive';
  /** The `go` statement. */
  readonly started: NodeId;
  /** The send, receive or loop where it stays. */
  readonly use: ChannelUse;
  /** How its maker leaves. */
  readonly exit: Exit;
  /** How many values are sent in all; Infinity where a loop sends. */
  readonly sends: number;
  /** The goroutine sends something whichever way it runs, and not only what it may come upon. */
  readonly always: boolean;
}

export type StrandedVerdict =
  | { readonly stranded: Stranded }
  | { readonly exempt: StrandedReason; readonly at: NodeId; readonly by: string };

/** Judges every goroutine that waits at a channel; nothing where no goroutine does. */
export function judgeStranded(channel: LocalChannel): StrandedVerdict | undefined {
  return new ChannelJudge(channel).judge();
}

class ChannelJudge {
  readonly #channel: LocalChannel;
  readonly #fn: Fn;
  readonly #channels: GoChannels;
  /** Each `go` statement with the code it runs. */
  readonly #started: readonly NodeId[];

  constructor(channel: LocalChannel) {
    this.#channel = channel;
    this.#fn = channel.fn;
    this.#channels = GoChannels.of(channel.fn.package.program);
    this.#started = [...new Set(channel.uses.map((u) => u.started).filter((n) => n >= 0))];
  }

  judge(): StrandedVerdict | undefined {
    const { binding, uses, make } = this.#channel;
    if (this.#started.length === 0) return undefined;
    const reach = this.#channels.reach(this.#fn, binding);
    if (!reach || uses.some(isOutOfSight)) {
      const out = uses.find((u) => u.kind === 'escape' || isOutOfSight(u) || u.kind === 'pass');
      return { exempt: 'handed-on', at: make, by: out ? this.#wordsFor(out) : 'other code' };
    }
    return this.#judgeSends() ?? this.#judgeReceives();
  }

  #wordsFor(use: ChannelUse): string {
    const code = this.#fn.code;
    const up = code.parent(use.node);
    if (use.callback) return 'a function value';
    return up >= 0 && code.kind(up) === Kind.Return ? 'its result' : 'code that keeps it';
  }

  // --- sends

  #judgeSends(): StrandedVerdict | undefined {
    const { make, room, binding } = this.#channel;
    const sends = new Map<NodeId, number>();
    let optional: ChannelUse | undefined;
    for (const go of this.#started) {
      const most = this.#demand(go, 'send');
      if (most === undefined) return undefined;
      if (most > 0 && !this.#isToldToLeave(go)) sends.set(go, most);
      else optional ??= this.#useIn(go, (u) => u.kind === 'send' && (u.optional || most > 0));
    }
    if (sends.size === 0)
      return optional && { exempt: 'optional', at: make, by: 'another way on in its `select`' };
    if (room === Infinity)
      return { exempt: 'buffered', at: make, by: 'a buffer whose size is computed for it' };
    const elsewhere = this.#started.some((go) => this.#useIn(go, isReceive) !== undefined);
    if (elsewhere) return { exempt: 'received', at: make, by: 'another goroutine' };
    const settles = this.#settlesAll(sends.keys());
    const exits = this.#exits((n) => {
      const sent = sends.get(n);
      if (sent !== undefined) return -sent;
      return settles(n)
        ? Infinity
        : this.#gain(n, (u) => (isReceive(u) ? 1 : u.kind === 'close' ? Infinity : 0));
    });
    if (!exits) return undefined;
    const worst = this.#worstOf(exits, room);
    if (worst && worst.total + room < 0) {
      const started = [...sends.keys()].find((go) => !isAfter(this.#fn, go, worst.node)) ?? -1;
      const go = started >= 0 ? started : (sends.keys().next().value as NodeId);
      const use = this.#useIn(go, (u) => u.kind === 'send' && !u.optional);
      let all = 0;
      for (const [node, sent] of sends) all += this.#repeats(node) ? Infinity : sent;
      if (use)
        return {
          stranded: {
            channel: this.#channel,
            waits: 'send',
            started: go,
            use,
            exit: worst,
            sends: all,
            always: this.#alwaysSends(go),
          },
        };
    }
    return worst && worst.total < 0
      ? { exempt: 'buffered', at: make, by: `its buffer of ${room}` }
      : {
          exempt: 'received',
          at: make,
          by: `\`${this.#fn.label}\`, on every way out of \`${binding.name}\`'s block`,
        };
  }

  // --- receives

  #judgeReceives(): StrandedVerdict | undefined {
    const { make } = this.#channel;
    for (const go of this.#started) {
      const most = this.#demand(go, 'receive');
      if (most === undefined || most === 0) continue;
      const others = this.#started.filter((g) => g !== go);
      const ends = (u: ChannelUse) => u.kind === 'close' || (most !== Infinity && u.kind === 'send');
      const helper =
        others.find((g) => this.#useIn(g, ends) !== undefined) ?? (this.#useIn(go, ends) ? go : undefined);
      if (helper !== undefined) return { exempt: 'closed', at: make, by: 'another goroutine' };
      const settles = this.#settlesAll([go], most === Infinity);
      const exits = this.#exits((n) => {
        if (n === go) return most === Infinity ? -1 : -most;
        if (settles(n)) return Infinity;
        return this.#gain(n, (u) =>
          u.kind === 'close' ? Infinity : u.kind === 'send' && most !== Infinity ? 1 : 0,
        );
      });
      const worst = exits && this.#worstOf(exits, 0);
      if (!worst) continue;
      const use = this.#useIn(go, (u) => isReceive(u) && !u.optional);
      if (worst.total < 0 && use)
        return {
          stranded: {
            channel: this.#channel,
            waits: 'receive',
            started: go,
            use,
            exit: worst,
            sends: 0,
            always: true,
          },
        };
      return { exempt: 'closed', at: make, by: `\`${this.#fn.label}\`, whichever way it leaves` };
    }
    return undefined;
  }

  // --- what runs where

  #exits(weigh: (n: NodeId) => number): readonly Exit[] | undefined {
    const values = Values.of(this.#fn.package.program);
    const isLast = (n: NodeId) => endsProcess(values, this.#fn, n);
    return pathExits(this.#fn.code, this.#channel.block, weigh, 'least', undefined, isLast)?.map((exit) =>
      this.#isClosed(exit) || this.#hasEnded(exit) || this.#isDead(exit)
        ? { ...exit, total: Infinity }
        : exit,
    );
  }

  /** `v, ok := <-c; if !ok { return }`: who sends to the channel has closed it, and waits no longer. */
  #isClosed(exit: Exit): boolean {
    const { code, package: pkg } = this.#fn;
    const test = code.ancestor(exit.node, (a) => code.kind(a) === Kind.If);
    const condition = test > this.#channel.block ? code.child(test, Role.Condition) : -1;
    if (!code.is(condition, Kind.Unary, '!') || !code.within(exit.node, code.child(test, Role.Then)))
      return false;
    const ok = code.child(condition, Role.Object);
    if (!code.is(ok, Kind.Name)) return false;
    const b = Values.of(pkg.program).scope(this.#fn).lookup(code.name(ok), code.start(ok));
    return (
      b !== undefined &&
      code.is(b.value, Kind.Unary, '<-') &&
      code.is(code.child(b.value, Role.Object), Kind.Name, this.#channel.binding.name)
    );
  }

  /**
   * `case err := <-failed: if err != nil { return err }`: the only goroutine ends with every error that it sends, so that
   * there is nobody left to wait.
   */
  #hasEnded(exit: Exit): boolean {
    const [go, ...others] = this.#started;
    if (go === undefined || others.length > 0 || this.#repeats(go)) return false;
    const from = this.#receivedFrom(testedError(this.#fn, exit.node, this.#channel.block));
    if (from === '') return false;
    const sends = this.#codeOf(go).flatMap(({ fn, body }) => {
      const name = fn === this.#fn ? from : this.#nameIn(fn, go, from);
      return signsOf(fn, name)
        .filter((n) => fn.code.within(n, body))
        .map((n) => ({ fn, n }));
    });
    return (
      sends.length > 0 &&
      sends.every(
        (s) => s.fn.code.is(s.fn.code.child(s.n, Role.Value), Kind.Literal, 'nil') || leavesBehind(s.fn, s.n),
      )
    );
  }

  /**
   * `defer close(done)` in the maker, and in the goroutine `select { case <-done: return; case m := <-in: answers <- m;
   * return }`: it sends once, where it would as well have left, whichever way its maker leaves.
   */
  #isToldToLeave(go: NodeId): boolean {
    const code = this.#fn.code;
    const closed = new Set<string>();
    for (let n = this.#channel.block; n < go; n++)
      if (code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
        if (code.kind(code.parent(n)) === Kind.Defer) closed.add(code.name(code.child(n, Role.Arg)));
    if (closed.size === 0) return false;
    return this.#codeOf(go).every(({ fn, body, binding }) => {
      const ends = new Set([...closed].map((name) => (fn === this.#fn ? name : this.#nameIn(fn, go, name))));
      return signsOf(fn, binding.name)
        .filter((n) => fn.code.within(n, body) && fn.code.kind(n) === Kind.Send)
        .every((n) => leavesBehind(fn, n) && hasArmFor(fn, n, ends));
    });
  }

  /** The worst way out, one that is taken while the service runs before one at its end. */
  #worstOf(exits: readonly Exit[], room: number): Exit | undefined {
    const open = leastOf(exits.filter((e) => !endsWithOwner(this.#fn, e.node)));
    return open && open.total + room < 0 ? open : leastOf(exits);
  }

  /** `if err := subscribe(); err != nil { return err }` behind a call that never fails is no way out. */
  #isDead(exit: Exit): boolean {
    return isDeadEnd(Values.of(this.#fn.package.program), this.#fn, exit.node, this.#channel.block);
  }

  /** The channel out of which an error was received, or `""`. */
  #receivedFrom(error: ReturnType<typeof testedError>): string {
    const code = this.#fn.code;
    return error?.isFirst && code.is(error.value, Kind.Unary, '<-')
      ? code.name(code.child(error.value, Role.Object))
      : '';
  }

  /** What a function that is started calls the channel it is given under a name here. */
  #nameIn(fn: Fn, go: NodeId, channel: string): string {
    const code = this.#fn.code;
    const call = code.kind(go) === Kind.Spawn ? code.child(go, Role.Object) : go;
    const index = code.all(call, Role.Arg).findIndex((arg) => code.is(arg, Kind.Name, channel));
    const param = index < 0 ? undefined : fn.fact.params[index];
    return param === undefined ? '' : fn.code.name(fn.code.child(param, Role.Pattern));
  }

  /** The most values that a goroutine sends, or waits for, without another way on. */
  #demand(go: NodeId, what: 'send' | 'receive'): number | undefined {
    let sum = 0;
    // What a goroutine calls may call back as often as it likes.
    if (what === 'send' && this.#channel.uses.some((u) => u.started === go && isCalledBack(u)))
      return Infinity;
    for (const root of this.#codeOf(go)) {
      const most =
        what === 'send'
          ? this.#channels.mostSends(root.fn, root.body, root.binding)
          : this.#channels.mostReceives(root.fn, root.body, root.binding);
      if (most === undefined) return undefined;
      sum += most;
    }
    return sum;
  }

  /** A goroutine that sends an error where it fails and its answer where not does; one that sends what it may find does not. */
  #alwaysSends(go: NodeId): boolean {
    if (this.#channel.uses.some((u) => u.started === go && isCalledBack(u))) return true;
    const handsOn = new Set(this.#channel.uses.filter((u) => u.to).map((u) => u.node));
    return this.#codeOf(go).some(({ fn: { code }, body }) => {
      const weigh = (n: NodeId) =>
        handsOn.has(n) || (code.kind(n) === Kind.Send && !isOptional(code, n)) ? 1 : 0;
      return pathExits(code, body, weigh, 'least')?.every((e) => e.total > 0) === true;
    });
  }

  /** The code of a goroutine with the name it has for the channel there. */
  #codeOf(
    go: NodeId,
  ): { readonly fn: Fn; readonly body: NodeId; readonly binding: LocalChannel['binding'] }[] {
    const fn = this.#fn;
    const code = fn.code;
    const call = code.kind(go) === Kind.Spawn ? code.child(go, Role.Object) : go;
    const callee = code.child(call, Role.Callee);
    const closure =
      callee >= 0 && code.kind(callee) === Kind.Closure
        ? callee
        : code.all(call, Role.Arg).find((a) => code.kind(a) === Kind.Closure);
    const out = [];
    if (closure !== undefined)
      out.push({ fn, body: code.child(closure, Role.Body), binding: this.#channel.binding });
    for (const use of this.#channel.uses)
      if (use.to && use.node === call)
        out.push({ fn: use.to.fn, body: bodyFor(fn, call, use.to), binding: use.to.binding });
    return out;
  }

  /** The first use of a kind in a goroutine or in what it calls. */
  #useIn(go: NodeId, test: (use: ChannelUse) => boolean): ChannelUse | undefined {
    for (const use of this.#channel.uses) {
      if (use.started !== go) continue;
      const found = this.#firstOf(use, test);
      if (found) return found;
    }
    return undefined;
  }

  #firstOf(use: ChannelUse, test: (use: ChannelUse) => boolean): ChannelUse | undefined {
    if (!use.to) return test(use) ? use : undefined;
    return this.#channels.reach(use.to.fn, use.to.binding)?.find(test);
  }

  /** What the maker does at a node for those who wait. */
  #gain(n: NodeId, weigh: (use: ChannelUse) => number): number {
    const use = this.#channel.uses.find((u) => u.node === n && u.started < 0);
    if (!use) return this.#gainInside(n, weigh);
    if (!use.to) return weigh(use);
    // What is called may do it in a loop, or start somebody who does.
    const reach = this.#channels.reach(use.to.fn, use.to.binding);
    return reach?.some((u) => weigh(u) > 0) && !leavesItsPeer(reach) ? Infinity : 0;
  }

  /** `db.View(func(tx) error { defer close(queue); … })`: what a closure does that is run there and then. */
  #gainInside(n: NodeId, weigh: (use: ChannelUse) => number): number {
    const code = this.#fn.code;
    if (code.kind(n) !== Kind.MethodCall || !runsAtOnce.test(code.name(n))) return 0;
    const uses = this.#channel.uses.filter((u) => u.started < 0 && code.within(u.node, n));
    return uses.some((u) => weigh(u) > 0) ? Infinity : 0;
  }

  /**
   * Waiting for a goroutine's end, or for a sign it gives besides: nothing is owed then.
   * @param endless the goroutine takes one value after the other: what it says after each of them is no end
   */
  #settlesAll(starts: Iterable<NodeId>, endless = false): (n: NodeId) => boolean {
    const code = this.#fn.code;
    const signs = new Set<string>();
    const told = endless ? this.#toldInLoops() : new Set<string>();
    for (const go of starts)
      for (let n = go; n < code.after(go); n++) {
        const kind = code.kind(n);
        if (kind === Kind.Send) {
          if (!endless || code.ancestor(n, (a) => a > go && code.kind(a) === Kind.Loop) < go)
            signs.add(lastName(this.#fn, code.child(n, Role.Object)));
        } else if (kind === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
          signs.add(lastName(this.#fn, code.child(n, Role.Arg)));
        else if (code.role(n) === Role.Arg && (kind === Kind.Name || kind === Kind.Field))
          if (!told.has(code.name(n))) signs.add(code.name(n));
      }
    signs.delete(this.#channel.binding.name);
    if (!endless) for (const name of this.#closedAfterAll()) signs.add(name);
    return (n) => {
      if (code.kind(n) === Kind.MethodCall)
        return (
          code.name(n) === 'Wait' && !(endless && this.#isDoneInLoops(starts, code.child(n, Role.Object)))
        );
      return code.is(n, Kind.Unary, '<-') && signs.has(lastName(this.#fn, code.child(n, Role.Object)));
    };
  }

  /** `go func() { group.Wait(); close(done) }()`: what is closed when all of a group have ended. */
  #closedAfterAll(): readonly string[] {
    const { code } = this.#fn;
    const { block } = this.#channel;
    const out: string[] = [];
    for (let go = block; go < code.after(block); go++) {
      if (code.kind(go) !== Kind.Spawn) continue;
      let hasWaited = false;
      for (let n = go; n < code.after(go); n++) {
        if (code.is(n, Kind.MethodCall, 'Wait')) hasWaited = true;
        const closes = code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'close');
        if (hasWaited && closes) out.push(lastName(this.#fn, code.child(n, Role.Arg)));
      }
    }
    return out;
  }

  /** `for job := range jobs { …; pending.Done() }`: the group counts what was worked off, not the goroutines. */
  #isDoneInLoops(starts: Iterable<NodeId>, group: NodeId): boolean {
    const code = this.#fn.code;
    let found = false;
    for (const go of starts)
      for (let n = go; n < code.after(go); n++) {
        if (!code.is(n, Kind.MethodCall, 'Done') || !sameText(code, code.child(n, Role.Object), group))
          continue;
        if (code.kind(code.parent(n)) === Kind.Defer) return false;
        if (code.ancestor(n, (a) => code.kind(a) === Kind.Loop) < go) return false;
        found = true;
      }
    return found;
  }

  /** Names of the arguments that the goroutines' functions send to in their loops, and never close or send to after. */
  #toldInLoops(): ReadonlySet<string> {
    const code = this.#fn.code;
    const told = new Set<string>();
    for (const use of this.#channel.uses) {
      if (!use.to || use.started < 0) continue;
      const { fn } = use.to;
      code.all(use.node, Role.Arg).forEach((arg, index) => {
        const param = fn.fact.params[index];
        const name = param === undefined ? '' : fn.code.name(fn.code.child(param, Role.Pattern));
        const sends = signsOf(fn, name);
        if (
          sends.length > 0 &&
          sends.every((n) => fn.code.ancestor(n, (a) => fn.code.kind(a) === Kind.Loop) >= 0)
        )
          told.add(code.name(arg));
      });
    }
    return told;
  }

  /** The goroutine is started in a loop behind the channel's declaration. */
  #repeats(go: NodeId): boolean {
    const { block } = this.#channel;
    return this.#fn.code.ancestor(go, (a) => a > block && this.#fn.code.kind(a) === Kind.Loop) > block;
  }
}

/**
 * `case <-s.shutdown: return` in a method of what lives as long as the service: whoever is left waiting then ends with the
 * process.
 */
export function endsWithOwner(fn: Fn, exit: NodeId): boolean {
  const { code, fact } = fn;
  const arm = code.ancestor(exit, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const comm = arm < 0 ? -1 : code.child(arm, Role.Comm);
  if (!code.is(comm, Kind.Unary, '<-') || fact.receiver === '') return false;
  let isEnd = false;
  let n = code.child(comm, Role.Object);
  for (; n >= 0 && !code.is(n, Kind.Name); n = code.child(n, Role.Object))
    isEnd ||= loopEndNames.test(code.name(n)) || stoppingContexts.test(code.name(n));
  if (!isEnd || n < 0 || code.name(n) !== fact.receiver) return false;
  const decl = Values.of(fn.package.program).ownerType(fn)?.decl;
  const lifetime = decl && Lifetimes.of(fn.package.program).ofType(decl);
  return lifetime?.verdict === 'long' && lifetime.strength === 'proven';
}

/** Another arm of its `select` may run instead. */
function isOptional(code: Code, send: NodeId): boolean {
  const arm = code.parent(send);
  return code.kind(arm) === Kind.Arm && code.all(code.parent(arm), Role.Arm).length > 1;
}

/** Where a function sends to, or closes, what it has under a name. */
function signsOf({ code, first, after }: Fn, name: string): NodeId[] {
  const out: NodeId[] = [];
  for (let n = first; name !== '' && n < after; n++) {
    const sent = code.kind(n) === Kind.Send ? code.child(n, Role.Object) : -1;
    const closed =
      code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'close')
        ? code.child(n, Role.Arg)
        : -1;
    if ((sent >= 0 && code.name(sent) === name) || (closed >= 0 && code.name(closed) === name)) out.push(n);
  }
  return out;
}

/** A node stands in an arm of a `select` another arm of which receives from one of these names. */
function hasArmFor({ code }: Fn, node: NodeId, names: ReadonlySet<string>): boolean {
  const select = code.ancestor(node, (a) => code.kind(a) === Kind.Select);
  return (
    select >= 0 &&
    code.all(select, Role.Arm).some((arm) => {
      const comm = code.child(arm, Role.Comm);
      return code.is(comm, Kind.Unary, '<-') && names.has(code.name(code.child(comm, Role.Object)));
    })
  );
}

/** A `return` stands right behind a statement, or it is the last thing that its function does. */
function leavesBehind({ code, range: [body] }: Fn, statement: NodeId): boolean {
  const block = code.parent(statement);
  const next = code.children(block).find((n) => n > statement);
  return next === undefined ? block === body : code.kind(next) === Kind.Return;
}

/** A closure that is handed on uses it, and nobody can tell when: unless that is a send while a goroutine runs. */
function isOutOfSight(use: ChannelUse): boolean {
  return use.callback && !(use.kind === 'send' && use.started >= 0);
}

/** `run(ctx, func(c chunk) { out <- c })` in a goroutine. */
function isCalledBack(use: ChannelUse): boolean {
  return use.callback && use.kind === 'send' && use.started >= 0 && !use.optional;
}

/**
 * What is called receives in one loop, and leaves that loop for another reason than the end of what is sent: `for { select {
 * case <-ctx.Done(): return; case v, ok := <-in: … } }`, `for v := range in { if write(v) != nil { return } }`.
 */
function leavesItsPeer(reach: readonly ChannelUse[]): boolean {
  const [use, ...others] = reach.filter((u) => u.kind !== 'measure');
  if (!use || others.length > 0 || use.started >= 0 || use.callback) return false;
  const { code, first } = use.fn;
  if (use.kind === 'range') return leavesEarly(code, use.node) >= 0;
  const arm =
    use.kind === 'receive' && use.optional ? code.ancestor(use.node, (a) => code.kind(a) === Kind.Arm) : -1;
  const select = arm < 0 ? -1 : code.parent(arm);
  const loop = select < 0 ? -1 : code.ancestor(select, (a) => code.kind(a) === Kind.Loop);
  const leaves = (a: NodeId) => {
    const comm = code.child(a, Role.Comm);
    // Once, it is the time that is over which makes it leave.
    const isOver = code.is(comm, Kind.Unary, '<-') && timeEnds.test(code.name(code.child(comm, Role.Object)));
    return (
      (loop >= first || isOver) && code.is(code.children(code.child(a, Role.Body)).at(-1) ?? -1, Kind.Return)
    );
  };
  return select >= 0 && code.all(select, Role.Arm).some((a) => a !== arm && leaves(a));
}

function isReceive(use: ChannelUse): boolean {
  return use.kind === 'receive' || use.kind === 'range';
}

function leastOf(exits: readonly Exit[]): Exit | undefined {
  let least: Exit | undefined;
  for (const e of exits) if (!least || e.total < least.total) least = e;
  return least;
}

function isAfter(fn: Fn, node: NodeId, exit: NodeId): boolean {
  return fn.code.start(node) > fn.code.end(exit);
}

function lastName(fn: Fn, n: NodeId): string {
  return n < 0 ? '' : fn.code.name(n);
}
