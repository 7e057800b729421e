import { joiningCalls, joinsAll, looksWithoutWaiting, responseStreams } from '../../knowledge/rust-spawn.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import { Phases } from '../phases/phases.ts';
import { inOtherArm, perOf } from '../phases/spawn-rounds.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';
import { listOfStarted, NO_LIST, settledInRounds, waits } from './rounds.ts';
import { answered, handsBack } from './rust-spawns.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';

/** Tells of one spawn site where what it starts is waited for. */
export class SpawnJoins {
  readonly #site: SpawnSite;
  readonly #phases: Phases;
  readonly #values: Values;

  constructor(site: SpawnSite) {
    const { program } = site.fn.package;
    this.#site = site;
    this.#phases = Phases.of(program);
    this.#values = Values.of(program);
  }

  /** Each round of the loop waits for a timer, or for what it has started. */
  paced(fn: Fn, loop: NodeId, node: NodeId): { readonly bound: SpawnBound } | undefined {
    const code = fn.code;
    if (perOf(fn, loop, node) === 'tick')
      return { bound: { reason: 'timer', by: 'the timer that paces the loop', where: fn.place(loop) } };
    const up = code.parent(node);
    const isHandle = node === this.#site.node || handsBack(this.#site);
    if (isHandle && up >= 0 && code.kind(up) === Kind.Await)
      return { bound: { reason: 'joined', by: 'waiting for it at once', where: fn.place(up) } };
    const drained = fn.package.language === 'rust' ? this.#drained(fn, loop, node) : -1;
    if (drained >= 0)
      return {
        bound: { reason: 'joined', by: 'waiting for it before the next round', where: fn.place(drained) },
      };
    const answer = answered(this.#site, node, code.after(loop));
    if (answer >= 0)
      return {
        bound: { reason: 'joined', by: 'waiting for what it sends', where: fn.place(answer) },
      };
    const { name, at } = fn.package.language === 'rust' ? listOfStarted(fn, loop, node) : NO_LIST;
    const settled = settledInRounds(fn, loop, name, at);
    if (settled >= 0)
      return {
        bound: {
          reason: 'joined',
          by: `waiting for \`${name}\` when it has so many`,
          where: fn.place(settled),
        },
      };
    const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
    const let_ = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
    const handle = let_ >= 0 ? code.name(code.child(let_, Role.Pattern)) : '';
    for (let n = code.after(node); block >= 0 && n < code.after(block); n++) {
      const kind = code.kind(n);
      const waited =
        fn.package.language === 'go'
          ? (kind === Kind.Unary && code.name(n) === '<-' && !isTakenBack(code, loop, node, n)) ||
            (kind === Kind.MethodCall && code.name(n) === 'Wait') ||
            this.#readsPipe(fn, n) ||
            ((kind === Kind.MethodCall || kind === Kind.Call) && this.#awaitedIn(fn, n))
          : (kind === Kind.Await && this.#isOf(fn, code.child(n, Role.Object), handle)) ||
            (kind === Kind.MethodCall &&
              /^(join|join_next)$/.test(code.name(n)) &&
              !isOfEnded(code, block, n));
      if (waited)
        return {
          bound: { reason: 'joined', by: 'waiting for it before the next round', where: fn.place(n) },
        };
    }
    return undefined;
  }

  /** The function waits for what it has started, or the caller's stream ends it. */
  joined(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const up = code.parent(node);
    // `Builder::spawn(work)?` of a thread only says whether it could be started: `Builder::spawn(work)?.join()` waits.
    const outer = code.is(up, Kind.Try) ? code.parent(up) : up;
    if (code.is(outer, Kind.Await) || (code.is(outer, Kind.MethodCall, 'join') && outer < node))
      return { reason: 'joined', by: 'waiting for it at once', where: fn.place(outer) };
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    const end = closure >= 0 ? code.after(closure) : fn.after;
    const pipe = fn.package.language === 'go' ? this.#closesPipe(fn, node) : -1;
    if (pipe >= 0)
      return { reason: 'request-scoped', by: 'the pipe that the function closes', where: fn.place(pipe) };
    const answer = answered(this.#site, node, end);
    if (answer >= 0)
      return { reason: 'joined', by: `\`${fn.label}\` waiting for what it sends`, where: fn.place(answer) };
    const let_ = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
    const bound = let_ >= 0 ? code.name(code.child(let_, Role.Pattern)) : '';
    for (let n = code.after(node); n < end; n++) {
      const kind = code.kind(n);
      if (fn.package.language === 'go') {
        if (
          kind === Kind.Select ||
          (kind === Kind.Unary && code.name(n) === '<-') ||
          (kind === Kind.MethodCall && code.name(n) === 'Wait') ||
          this.#readsPipe(fn, n) ||
          ((kind === Kind.MethodCall || kind === Kind.Call) && this.#awaitedIn(fn, n))
        )
          return { reason: 'joined', by: `\`${fn.label}\` waiting for it`, where: fn.place(n) };
        if (kind === Kind.Loop && code.child(n, Role.Iter) >= 0 && this.#phases.isServiceLoop(fn, n))
          return { reason: 'joined', by: `\`${fn.label}\` reading its results`, where: fn.place(n) };
      } else {
        if (
          kind === Kind.Name &&
          bound !== '' &&
          bound !== '_' &&
          !bound.startsWith('_') &&
          code.name(n) === bound
        )
          return { reason: 'joined', by: `\`${bound}\` being kept`, where: fn.place(n) };
        if ((kind === Kind.Path || kind === Kind.Call) && responseStreams.test(code.name(n)))
          return { reason: 'request-scoped', by: 'the response stream it feeds', where: fn.place(n) };
        if (kind === Kind.Select || (kind === Kind.MethodCall && joiningCalls.test(code.name(n))))
          return { reason: 'joined', by: `\`${fn.label}\` waiting for it`, where: fn.place(n) };
      }
    }
    return undefined;
  }

  /**
   * Where the set that a task joins is emptied in the same round: `while set.join_next().await.is_some() {}`; or -1. Another
   * arm of the `select` that brings the task takes one that has ended, whenever that is.
   */
  #drained(fn: Fn, loop: NodeId, node: NodeId): NodeId {
    const code = fn.code;
    if (node !== this.#site.node || code.kind(node) !== Kind.MethodCall) return -1;
    const set = nameOf(code, code.child(node, Role.Object));
    for (let n = code.after(node); set !== '' && n < code.after(loop); n++)
      if (
        code.kind(n) === Kind.MethodCall &&
        /^(join_next|join_all)$/.test(code.name(n)) &&
        nameOf(code, code.child(n, Role.Object)) === set &&
        !inOtherArm(code, n, node)
      )
        return n;
    return -1;
  }

  /** Rust: what is waited for is a handle, or made of it: `join_all(tasks)`, `Guarded::new(task).done()`, `settle(tasks)`. */
  #isOf(fn: Fn, future: NodeId, handle: string): boolean {
    const { code } = fn;
    let at = future;
    while (code.kind(at) === Kind.MethodCall) at = code.child(at, Role.Object);
    if (code.kind(at) !== Kind.Call) return handle !== '' && code.is(at, Kind.Name, handle);
    if (!code.all(at, Role.Arg).some((a) => code.is(a, Kind.Name, handle))) return false;
    return (
      at !== future ||
      joinsAll.test(callName(code, at)) ||
      this.#values.callees(fn, at).some((t) => waits(t, t.fact.body))
    );
  }

  /** `pr, pw := io.Pipe()`: what is started fills one end, and the other end is used behind it. */
  #readsPipe(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    if (code.kind(n) !== Kind.Name) return false;
    const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b || b.value < 0 || code.kind(b.value) !== Kind.MethodCall || code.name(b.value) !== 'Pipe')
      return false;
    const ends = code.all(code.parent(b.value), Role.Pattern).map((p) => code.name(p));
    const { node } = this.#site;
    for (let m = node; m < code.after(node); m++)
      if (code.kind(m) === Kind.Name && code.name(m) !== b.name && ends.includes(code.name(m))) return true;
    return false;
  }

  /** `defer pr.Close()` before what is started writes into the other end: the write fails when the function is left. */
  #closesPipe(fn: Fn, node: NodeId): NodeId {
    const code = fn.code;
    for (let n = fn.first; n < node; n++)
      if (
        code.is(n, Kind.MethodCall, 'Close') &&
        code.kind(code.parent(n)) === Kind.Defer &&
        this.#readsPipe(fn, code.child(n, Role.Object))
      )
        return n;
    return -1;
  }

  /** Go: what is started answers through a channel or pipe, and a function that is called next waits for the answer. */
  #awaitedIn(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    const values = this.#values;
    const args = code.all(call, Role.Arg);
    for (const [i, arg] of args.entries()) {
      if (code.kind(arg) !== Kind.Name || !this.workTouches(fn, this.#site.node, code.name(arg), 'send'))
        continue;
      const targets = values.callees(fn, call);
      const waits = targets.some((t) => {
        const p = t.fact.params[i];
        const pattern = p === undefined ? -1 : t.code.child(p, Role.Pattern);
        return pattern >= 0 && receives(t.code, ...t.range, t.code.name(pattern));
      });
      if (waits) return true;
      const closure = this.#localClosure(fn, code.child(call, Role.Callee));
      const given = closure < 0 ? undefined : code.all(closure, Role.Param)[i];
      const pattern = given === undefined ? -1 : code.child(given, Role.Pattern);
      if (pattern >= 0 && receives(code, closure, code.after(closure), code.name(pattern))) return true;
    }
    return false;
  }

  /** What is started gives back to, or takes from, the same channel. */
  workTouches(fn: Fn, node: NodeId, channel: string, how: 'send' | 'receive'): boolean {
    if (channel === '') return false;
    const work = node === this.#site.node ? this.#site.work : -1;
    if (work < 0) return false;
    if (touches(fn.code, work, fn.code.after(work), channel, how)) return true;
    return this.#values.callees(fn, work).some((t) => touches(t.code, ...t.range, channel, how));
  }

  /** The closure that a local name stands for, or -1. */
  #localClosure(fn: Fn, callee: NodeId): NodeId {
    const code = fn.code;
    if (callee < 0 || code.kind(callee) !== Kind.Name) return -1;
    const b = this.#values.scope(fn).lookup(code.name(callee), code.start(callee));
    return b && b.value >= 0 && code.kind(b.value) === Kind.Closure ? b.value : -1;
  }
}

/** Go: `slots <- struct{}{}; go work(); <-slots` in a loop over items: the loop takes back what it has given itself. */
function isTakenBack(code: Code, loop: NodeId, node: NodeId, receive: NodeId): boolean {
  if (code.child(loop, Role.Iter) < 0) return false;
  const channel = nameOf(code, code.child(receive, Role.Object));
  return channel === '' || touches(code, loop, node, channel, 'send');
}

/** Rust: `while let Ok(id) = ended.try_recv() { threads.remove(&id)?.join() }` takes what has ended, and waits for nothing. */
export function isOfEnded(code: Code, around: NodeId, node: NodeId): boolean {
  for (let up = code.parent(node); up > around; up = code.parent(up)) {
    const kind = code.kind(up);
    const condition = kind === Kind.If || kind === Kind.Loop ? code.child(up, Role.Condition) : -1;
    for (let n = condition; condition >= 0 && n < code.after(condition); n++)
      if (code.kind(n) === Kind.MethodCall && looksWithoutWaiting.test(code.name(n))) return true;
  }
  return false;
}

/** A statement in a range of nodes sends to, or receives from, a channel of this name. */
function touches(code: Code, from: NodeId, to: NodeId, channel: string, how: 'send' | 'receive'): boolean {
  for (let n = from; n < to; n++) {
    const kind = code.kind(n);
    if (how === 'send' && kind === Kind.Send && nameOf(code, code.child(n, Role.Object)) === channel)
      return true;
    if (how === 'send' && code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
      if (nameOf(code, code.child(n, Role.Arg)) === channel) return true;
    if (
      how === 'receive' &&
      kind === Kind.Unary &&
      code.name(n) === '<-' &&
      nameOf(code, code.child(n, Role.Object)) === channel
    )
      return true;
  }
  return false;
}

/** A function takes from a channel it was given: `<-results`, `for r := range results`. */
function receives(code: Code, from: NodeId, to: NodeId, channel: string): boolean {
  if (touches(code, from, to, channel, 'receive')) return true;
  for (let n = from; n < to; n++)
    if (code.kind(n) === Kind.Loop && code.is(code.child(n, Role.Iter), Kind.Name, channel)) return true;
  return false;
}
