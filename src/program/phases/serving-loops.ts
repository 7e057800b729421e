import {
  deadlineMakers,
  loopEndNames,
  readDeadlines,
  sourceEnds,
  stoppingContexts,
} from '../../knowledge/endings.ts';
import { adaptors, goAccepts, takesNext, takesWork, waiting } from '../../knowledge/handlers.ts';
import { eitherWaits, iteratorCalls, retryWaits, streamNext } from '../../knowledge/loops.ts';
import { rustAccepts } from '../../knowledge/readers.ts';
import { loadWords } from '../../knowledge/rust-spawn.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { answers, exits } from '../calls/exits.ts';
import { sameText } from '../places/effects.ts';
import type { Fn, Program } from '../program.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { readsUntilItFails } from './connection-reads.ts';

/**
 * `endless`: nothing but a stop ends it; `drain`: it ends with its channel; `stream`: it ends with a stream, which may
 * be that of one request.
 */
type LoopKind = 'endless' | 'drain' | 'stream';

/** Which loops serve, and what ends them. One per program. */
export class ServingLoops {
  readonly #values: Values;
  readonly #kinds = new Map<Fn, Map<NodeId, LoopKind | undefined>>();

  constructor(program: Program) {
    this.#values = Values.of(program);
  }

  /** How a loop ends that waits for connections, messages or ticks; undefined for any other. */
  kindOf(fn: Fn, loop: NodeId): LoopKind | undefined {
    let known = this.#kinds.get(fn);
    if (!known) {
      known = new Map();
      this.#kinds.set(fn, known);
    }
    if (!known.has(loop)) known.set(loop, this.#classifyLoop(fn, loop));
    return known.get(loop);
  }

  #classifyLoop(fn: Fn, loop: NodeId): LoopKind | undefined {
    const kind = this.#waitingLoop(fn, loop);
    return kind === 'endless' &&
      (answers(fn, loop) ||
        leavesWhenIdle(fn, loop) ||
        waitsForItsOwn(fn, loop) ||
        countsItsRounds(fn, loop) ||
        asksUntilSo(fn, loop) ||
        endsAtDeadline(fn, loop))
      ? undefined
      : kind;
  }

  /** What a loop waits for tells when it ends. */
  #waitingLoop(fn: Fn, loop: NodeId): LoopKind | undefined {
    const code = fn.code;
    const rust = fn.package.language === 'rust';
    const name = code.name(loop);
    const body = code.child(loop, Role.Body);
    if (name === 'for' && !countsForEver(code, loop)) {
      let iter = code.child(loop, Role.Iter);
      // `listener.incoming().flatten()`, `rx.iter().filter(…)`
      while (iter >= 0 && code.kind(iter) === Kind.MethodCall && adaptors.has(code.name(iter)))
        iter = code.child(iter, Role.Object);
      if (iter < 0) return undefined;
      if (code.kind(iter) === Kind.MethodCall && code.name(iter) === 'incoming') return 'endless';
      const type = this.#values.typeOf(fn, iter);
      const inner = type && peel(type).type;
      if (!inner || inner.decl) return undefined;
      // A ticker's channel is never closed.
      if (inner.name === 'chan' && inner.args[0]?.name === 'time.Time') return 'endless';
      return inner.name === 'chan' || /^(Receiver|UnboundedReceiver)$/.test(lastSegment(inner.name))
        ? 'drain'
        : undefined;
    }
    if (name === 'while') {
      const condition = code.child(loop, Role.Condition);
      if (condition < 0) return undefined;
      if (code.kind(condition) === Kind.LetCondition) {
        if (!waitsIn(code, condition, true)) return undefined;
        // What does not wait ends when there is nothing more.
        if (rust && mentions(code, condition, /^try_recv$/) && !mentions(code, condition, /^recv/))
          return undefined;
        if (!mentions(code, condition, rust ? takesNext : /^(next|try_next)$/)) return 'endless';
        return rust ? 'stream' : 'drain';
      }
      // `for ctx.Err() == nil`, `while !stopped`: as endless as the service is.
      const untilStopped =
        code.kind(condition) === Kind.Literal ||
        mentions(
          code,
          condition,
          /^(Err|Done|stopp?ed|closed|running|shutdown|is_cancelled|is_shutdown|alive|load)$/,
        );
      if (rust && body >= 0 && untilStopped && triesAgain(code, loop)) return undefined;
      if (
        body >= 0 &&
        (untilStopped
          ? waitsIn(code, body, false)
          : mentions(code, body, /^accept$/) || mentions(code, body, goAccepts))
      )
        return 'endless';
      return undefined;
    }
    if (!waitsIn(code, body, false)) return !rust && readsUntilItFails(fn, loop) ? 'endless' : undefined;
    if (rust && triesAgain(code, loop)) return undefined;
    return rust && onlyNext(code, body) ? 'stream' : 'endless';
  }
}

/** Rust: `for id in 0.. { let (stream, _) = listener.accept().await?; … }` is a `loop` that numbers its rounds. */
export function countsForEver(code: Fn['code'], loop: NodeId): boolean {
  const iter = code.child(loop, Role.Iter);
  return code.kind(iter) === Kind.Range && code.child(iter, Role.High) < 0;
}

/**
 * True when the function of a loop over a channel closes that channel itself as soon as those who send have ended:
 * `go func() { workers.Wait(); close(results) }()`.
 */
export function endsWithItsWorkers({ code, first: body, after }: Fn, loop: NodeId): boolean {
  const channel = code.child(loop, Role.Iter);
  for (let n = body; n < after; n++) {
    if (!code.is(n, Kind.Call) || !code.is(code.child(n, Role.Callee), Kind.Name, 'close')) continue;
    const closed = code.child(n, Role.Arg);
    if (closed < 0 || code.kind(closed) !== code.kind(channel) || code.name(closed) !== code.name(channel))
      continue;
    const closure = code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
    if (closure >= body && mentions(code, closure, /^Wait$/)) return true;
  }
  return false;
}

/** Go: `select { case x := <-c: …; default: return }` takes what there is. */
function leavesWhenIdle(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'go') return false;
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Select)
      for (const arm of code.all(n, Role.Arm))
        if (code.child(arm, Role.Comm) < 0 && code.is(lastIn(fn, code.child(arm, Role.Body)), Kind.Return))
          return true;
  }
  return false;
}

/**
 * Go: a moment that was set before the loop ends it: `conn.SetReadDeadline(time.Now().Add(d))` of what it reads from, an arm
 * that leaves when `time.After(d)` or a context with a timeout says so. What is set anew in a round only ends idleness.
 */
function endsAtDeadline(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go') return false;
  let last = -1;
  for (let n = code.next(CALLS, fn.first, loop); n < loop; n = code.next(CALLS, n + 1, loop))
    if (readDeadlines.test(callName(code, n)) && !isDeferred(code, n)) last = n;
  if (
    last >= 0 &&
    isSoon(code, code.child(last, Role.Arg)) &&
    readsFrom(code, loop, code.child(last, Role.Object))
  )
    return true;
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Arm && leavesLoopAt(code, n, loop) && waitsForDeadline(fn, n, loop))
      return true;
  }
  return false;
}

function isDeferred(code: Fn['code'], call: NodeId): boolean {
  return (
    code.kind(code.parent(call)) === Kind.Defer ||
    code.ancestor(call, (a) => code.kind(a) === Kind.Closure) >= 0
  );
}

/** `time.Now().Add(d)`, not the zero time, which takes a deadline away. */
function isSoon(code: Fn['code'], moment: NodeId): boolean {
  return code.is(moment, Kind.MethodCall, 'Add') && mentions(code, moment, /^Now$/);
}

/** The loop reads from what has a deadline, and sets no other. */
function readsFrom(code: Fn['code'], loop: NodeId, object: NodeId): boolean {
  let reads = false;
  for (
    let n = code.next(CALLS, loop, code.after(loop));
    n < code.after(loop);
    n = code.next(CALLS, n + 1, code.after(loop))
  ) {
    if (readDeadlines.test(callName(code, n))) return false;
    reads ||=
      code.kind(n) === Kind.MethodCall &&
      /^Read/.test(code.name(n)) &&
      sameText(code, code.child(n, Role.Object), object);
  }
  return reads;
}

/** The last statement of an arm leaves the loop, not only the `select` it stands in. */
function leavesLoopAt(code: Fn['code'], arm: NodeId, loop: NodeId): boolean {
  const body = code.child(arm, Role.Body);
  const last = body < 0 ? undefined : code.kind(body) === Kind.Block ? code.children(body).at(-1) : body;
  if (last === undefined) return false;
  return (
    code.is(last, Kind.Return) ||
    (code.is(last, Kind.Break) && code.name(last) !== '' && code.within(arm, loop))
  );
}

/** `<-timeout` of `timeout := time.After(d)`, `<-timer.C`, `<-ctx.Done()` of a context with a timeout, made before the loop. */
function waitsForDeadline(fn: Fn, arm: NodeId, loop: NodeId): boolean {
  const { code } = fn;
  const comm = code.child(arm, Role.Comm);
  if (comm < 0 || !code.is(comm, Kind.Unary, '<-')) return false;
  let from = code.child(comm, Role.Object);
  const how = code.kind(from) === Kind.Name ? '' : code.name(from);
  if (how !== '') from = code.child(from, Role.Object);
  const b =
    code.kind(from) === Kind.Name
      ? Values.of(fn.package.program).scope(fn).lookup(code.name(from), code.start(from))
      : undefined;
  if (!b || b.value < 0 || code.within(b.value, loop) || b.value > loop) return false;
  const maker = code.kind(b.value) === Kind.MethodCall ? code.name(b.value) : '';
  if (deadlineMakers[maker] !== how) return false;
  for (
    let n = code.next(CALLS, loop, code.after(loop));
    n < code.after(loop);
    n = code.next(CALLS, n + 1, code.after(loop))
  )
    if (code.is(n, Kind.MethodCall, 'Reset') && code.is(code.child(n, Role.Object), Kind.Name, b.name))
      return false;
  // Another one for each round.
  for (let n = loop; n < code.after(loop); n++)
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, b.name)))
      return false;
  return true;
}

/**
 * Go: all that a loop waits for are channels that each round makes anew, for what it starts itself: it works something
 * off, however long that takes.
 */
function waitsForItsOwn(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'go') return false;
  const values = Values.of(fn.package.program);
  let own = false;
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure) n = code.after(n) - 1;
    else if (code.is(n, Kind.Unary, '<-')) {
      const from = code.child(n, Role.Object);
      if (code.is(from, Kind.MethodCall, 'Done')) continue;
      const b = code.is(from, Kind.Name)
        ? values.scope(fn).lookup(code.name(from), code.start(from))
        : undefined;
      const made = b?.value ?? -1;
      if (!code.within(made, loop) || !code.is(made, Kind.Call) || callName(code, made) !== 'make')
        return false;
      own = true;
    } else if ((kind === Kind.Call || kind === Kind.MethodCall) && waiting.has(callName(code, n)))
      return false;
  }
  return own;
}

/** Go: `for { if step >= len(steps) { return }; …; step++ }` has as many rounds as there are steps. */
function countsItsRounds(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  const body = code.child(loop, Role.Body);
  const first = body < 0 ? undefined : code.children(body)[0];
  if (fn.package.language !== 'go' || first === undefined || code.kind(first) !== Kind.If) return false;
  const condition = code.child(first, Role.Condition);
  if (!/^>=?$/.test(code.name(condition)) || !exits(code, code.child(first, Role.Then))) return false;
  const count = code.child(condition, Role.Left);
  for (let n = code.after(first); n < code.after(loop); n++)
    if (
      code.kind(n) === Kind.Assign &&
      /^(\+\+|\+=)$/.test(code.name(n)) &&
      sameText(code, code.child(n, Role.Target), count)
    )
      return true;
  return false;
}

function lastIn(fn: Fn, block: NodeId): NodeId {
  return block < 0 ? -1 : (fn.code.children(block).at(-1) ?? -1);
}

/** The names of the calls in a loop that wait, closures and inner tasks left out. */
function waitsFor(code: Fn['code'], root: NodeId): Set<string> {
  const out = new Set<string>();
  for (let n = root; root >= 0 && n < code.after(root); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.Select) out.add('select');
    else if (kind === Kind.MethodCall || kind === Kind.Call) {
      const name = callName(code, n);
      if (isWaiting(code, n, name)) out.add(name);
    }
  }
  return out;
}

/** Rust: `loop { match stream.next().await { Some(x) => …, None => break } }` */
function onlyNext(code: Fn['code'], body: NodeId): boolean {
  const names = waitsFor(code, body);
  return names.size > 0 && [...names].every((n) => streamNext.test(n));
}

/**
 * Rust: a loop that only sleeps between its rounds and is left as soon as something has worked: it tries again, it
 * does not serve. `if stop.load() { break }` is no success.
 */
function triesAgain(code: Fn['code'], loop: NodeId): boolean {
  const body = code.child(loop, Role.Body);
  const names = waitsFor(code, body);
  if (names.size === 0 || ![...names].every((n) => retryWaits.test(n))) return false;
  if (names.has('select') || !(names.has('sleep') || names.has('sleep_until'))) return false;
  for (let n = body; n < code.after(body); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock || kind === Kind.Loop) {
      n = code.after(n) - 1;
      continue;
    }
    if (kind !== Kind.Break && kind !== Kind.Return) continue;
    let stops = false;
    for (let at = n, up = code.parent(n); up >= loop && at !== loop; at = up, up = code.parent(up)) {
      const test =
        code.kind(up) === Kind.If
          ? code.child(up, Role.Condition)
          : code.kind(up) === Kind.Arm
            ? code.child(up, Role.Pattern)
            : -1;
      // Behind the else of `if let Err(…)` something has worked.
      const says = code.role(at) === Role.Else ? loopEndNames : STOPS;
      if (test >= 0 && mentions(code, test, says)) stops = true;
    }
    if (!stops) return true;
  }
  return false;
}

/**
 * Go: a loop that only sleeps between its rounds, and is left when what it has asked for is so: `if n <= least { return }`.
 * That something failed or is to stop ends a loop that serves as well.
 */
function asksUntilSo({ code, package: { language } }: Fn, loop: NodeId): boolean {
  const body = code.child(loop, Role.Body);
  if (language !== 'go' || code.name(loop) === 'for') return false;
  const names = waitsFor(code, body);
  if (names.size !== 1 || !names.has('Sleep')) return false;
  for (let n = body; n < code.after(body); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.Loop) n = code.after(n) - 1;
    else if (kind === Kind.Return || (kind === Kind.Break && leavesPlainly(code, n, loop))) {
      let asked = false;
      let stops = false;
      for (let at = n, up = code.parent(n); up >= loop && at !== loop; at = up, up = code.parent(up)) {
        if (code.kind(up) === Kind.Arm) stops = true;
        if (code.kind(up) !== Kind.If) continue;
        // Behind the else of `if err != nil` something has worked.
        asked ||= code.role(at) === Role.Then;
        const test = code.child(up, Role.Condition);
        if (mentions(code, test, code.role(at) === Role.Else ? ENDS : GO_STOPS)) stops = true;
      }
      if (asked && !stops) return true;
    }
  }
  return false;
}

/** No `switch` or `select` lies between a `break` and the loop. */
function leavesPlainly(code: Fn['code'], at: NodeId, loop: NodeId): boolean {
  return code.name(at) !== '' || code.ancestor(at, (a) => code.kind(a) === Kind.Arm) < loop;
}

const ENDS = new RegExp(`${loopEndNames.source}|done|context|ctx|enabled|active`, 'i');
const GO_STOPS = new RegExp(`${ENDS.source}|err`, 'i');

const STOPS = new RegExp(
  `${loopEndNames.source}|upgrade|(^|::)(Err|None|Closed|Disconnected)$|is_err|is_none`,
  'i',
);

/**
 * A loop that ends with what it reads: Go's stream that says `io.EOF`, Rust's channel whose sender the same function has
 * dropped.
 */
export function endsWithSource(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language === 'go') {
    for (let n = loop; n < code.after(loop); n++)
      if (code.kind(n) === Kind.If && exits(code, code.child(n, Role.Then)))
        for (let m = code.child(n, Role.Condition), end = code.after(m); m >= 0 && m < end; m++)
          if (sourceEnds.test(code.name(m))) return true;
    return false;
  }
  const source = code.child(loop, Role.Condition) >= 0 ? code.child(loop, Role.Condition) : loop;
  for (let n = source; n < code.after(source); n++) {
    if (code.kind(n) !== Kind.MethodCall || !/^recv/.test(code.name(n))) continue;
    const receiver = code.child(n, Role.Object);
    return code.kind(receiver) === Kind.Name && dropsSender(fn, code.name(receiver), code.start(loop));
  }
  return false;
}

/** Rust: `let (tx, mut rx) = channel(8); …; drop(tx);` before an offset. */
function dropsSender(fn: Fn, receiver: string, before: number): boolean {
  const code = fn.code;
  for (let n = fn.first; n < fn.after && code.start(n) < before; n++) {
    if (code.kind(n) !== Kind.Let || !code.is(code.child(n, Role.Pattern), Kind.Destructure, 'tuple'))
      continue;
    const [sender, other] = code.children(code.child(n, Role.Pattern));
    if (sender === undefined || other === undefined || code.name(other) !== receiver) continue;
    for (let m = n; m < fn.after && code.start(m) < before; m++)
      if (
        code.kind(m) === Kind.Call &&
        callName(code, m) === 'drop' &&
        code.is(code.child(m, Role.Arg), Kind.Name, code.name(sender))
      )
        return true;
  }
  return false;
}

/** Go: the loop reads what its function has put into a channel of its own: it ends with that, like any other. */
export function drainsLocal(values: Values, fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  const iter = code.child(loop, Role.Iter);
  if (fn.package.language !== 'go' || iter < 0 || code.kind(iter) !== Kind.Name) return false;
  const b = values.scope(fn).lookup(code.name(iter), code.start(iter));
  const made = b?.value ?? -1;
  return (
    made >= 0 && code.kind(made) === Kind.Call && code.is(code.child(made, Role.Callee), Kind.Name, 'make')
  );
}

/** A call that waits for the next piece of work, by its name alone or because it can be told to stop waiting. */
function isWaiting(code: Fn['code'], call: NodeId, name: string): boolean {
  if (waiting.has(name)) return true;
  const first = code.child(call, Role.Arg);
  // `listener.AcceptKCP()`; what is given something accepts that.
  if (goAccepts.test(name) && first < 0) return code.kind(call) === Kind.MethodCall;
  if (!takesWork.test(name) && !goAccepts.test(name)) return false;
  return (
    code.kind(code.parent(call)) === Kind.Await || (first >= 0 && stoppingContexts.test(code.name(first)))
  );
}

/** A call that waits, a receive or a select, in a loop's own body (not in a closure or an inner loop's closure). */
function waitsIn(code: Fn['code'], root: NodeId, strict: boolean): boolean {
  if (root < 0) return false;
  const after = code.after(root);
  for (let n = root; n < after; n++) {
    switch (code.kind(n)) {
      case Kind.Closure:
      case Kind.AsyncBlock:
        n = code.after(n) - 1;
        break;
      case Kind.Select:
        return true;
      case Kind.Unary:
        if (code.name(n) === '<-') return true;
        break;
      case Kind.MethodCall:
      case Kind.Call: {
        const name = callName(code, n);
        if (!isWaiting(code, n, name)) break;
        // A condition variable, a group, a limiter: Go's `Wait` blocks, Rust's takes what it waits for.
        if (name === 'Wait' || (name === 'wait' && code.child(n, Role.Arg) >= 0)) return true;
        // `iter.next()` ends; `stream.next().await` waits.
        if (eitherWaits.test(name)) {
          const up = code.parent(n);
          if (up >= 0 && code.kind(up) === Kind.Await) return true;
          // Without a context `Next` is an iterator's.
          if (!strict && iteratorCalls.test(name) && code.child(n, Role.Arg) >= 0) return true;
          break;
        }
        return true;
      }
    }
  }
  return false;
}

/** Some name in an expression or statement is one of these. */
export function mentions(code: Fn['code'], root: NodeId, names: RegExp): boolean {
  for (let n = root; n < code.after(root); n++) if (names.test(code.name(n))) return true;
  return false;
}

/** Rust: each round takes a connection: `for stream in listener.incoming()`, `loop { listener.accept().await }`. */
export function acceptsConnections(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'rust') return false;
  const iter = code.child(loop, Role.Iter);
  const from = iter >= 0 ? iter : loop;
  for (let n = from; n < code.after(from); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.MethodCall && rustAccepts.test(code.name(n))) return true;
  }
  return false;
}

/**
 * Rust: the loop takes who waits without waiting itself, and leaves when nobody does: whoever polls starts it again, with
 * nothing of the last time. https://doc.rust-lang.org/std/io/enum.ErrorKind.html#variant.WouldBlock
 */
export function leavesWhenNobodyWaits(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind !== Kind.Arm && kind !== Kind.If) continue;
    const says = code.child(n, kind === Kind.Arm ? Role.Pattern : Role.Condition);
    const guard = kind === Kind.Arm ? code.child(n, Role.Guard) : -1;
    if (![says, guard].some((part) => part >= 0 && mentions(code, part, /(^|::)WouldBlock$/))) continue;
    const body = code.child(n, kind === Kind.Arm ? Role.Body : Role.Then);
    const last = lastIn(fn, body);
    const leaves = last < 0 ? body : last;
    const left = code.is(body, Kind.Break) || code.is(body, Kind.Return) ? body : leaves;
    if (
      left >= 0 &&
      (code.is(left, Kind.Return) || (code.is(left, Kind.Break) && isOfLoop(code, left, loop)))
    )
      return true;
  }
  return false;
}

/** No other loop stands between a `break` and the loop it leaves. */
function isOfLoop(code: Fn['code'], node: NodeId, loop: NodeId): boolean {
  return code.ancestor(node, (a) => code.kind(a) === Kind.Loop) === loop;
}

/** Rust: the loop's stream brings what somebody sends: by the names and types of what it is made of. */
export function bringsLoad(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  const condition = code.child(loop, Role.Condition);
  const root = condition >= 0 ? condition : code.child(loop, Role.Body);
  for (let n = root; n < code.after(root); n++)
    if (code.kind(n) === Kind.MethodCall && streamNext.test(code.name(n)))
      return isMadeOf(fn, code.child(n, Role.Object), loadWords);
  return false;
}

/** Rust: words in what a stream is made of, or in its type. */
export function isMadeOf(fn: Fn, stream: NodeId, words: RegExp, depth = 0): boolean {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  for (let n = stream; stream >= 0 && n < code.after(stream); n++) {
    if (words.test(code.name(n))) return true;
    if (code.kind(n) !== Kind.Name || depth > 3) continue;
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b) continue;
    if (b.type >= 0 && mentions(code, b.type, words)) return true;
    if (b.value >= 0 && b.value !== stream && isMadeOf(fn, b.value, words, depth + 1)) return true;
  }
  return false;
}
