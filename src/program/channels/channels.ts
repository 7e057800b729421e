import type { Place } from '../../core/span.ts';
import {
  backlogReads,
  boundedChannels,
  singleTakes,
  terminalCrates,
  type UnboundedChannel,
  unboundedChannels,
} from '../../knowledge/channels.ts';
import { setUpOrEnd } from '../../knowledge/endings.ts';
import { rustExchanges } from '../../knowledge/guards.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Bound } from '../bounds/bound.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { Linkage } from '../linkage.ts';
import { Messages } from '../origins/messages.ts';
import { isHighest, wholeReadsIn } from '../origins/readers.ts';
import { useOfFile } from '../origins/start-loads.ts';
import { isUncalled, Phases } from '../phases/phases.ts';
import type { Evidence, Round } from '../phases/reach.ts';
import { perOf } from '../phases/spawn-rounds.ts';
import { type Effect, Effects } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package } from '../program.ts';
import { chosenCount } from '../sizes/counts.ts';
import { ofSignals } from '../spawns/rust-spawns.ts';
import { byLastSegment, container, keyOf } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { answersAwaited, waitsForAnswer } from './channel-answers.ts';
import { consumersOf, readyConsumer, takesOf } from './channel-consumers.ts';
import { constructorPath, endOf, endsOf } from './channel-ends.ts';
import { permitOf } from './permits.ts';

const FUNCTION_CALLS = kinds(Kind.Call);

/** A channel without a bound, where it is made, and who sends into it. */
export interface ChannelSite {
  readonly fn: Fn;
  /** The constructor call. */
  readonly node: NodeId;
  readonly kind: UnboundedChannel;
  /** The name of the sending end, or what the channel is called otherwise. */
  readonly name: string;
  readonly sends: readonly Effect[];
  /** The constructor itself, where a helper makes the channel and `node` is a call of the helper. */
  readonly made?: { readonly fn: Fn; readonly node: NodeId };
}

/** All unbounded channels a package makes outside tests, in source order. */
export function unboundedChannelSites(pkg: Package): ChannelSite[] {
  const out: ChannelSite[] = [];
  const linkage = Linkage.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (
      let n = code.next(FUNCTION_CALLS, body, after);
      n < after;
      n = code.next(FUNCTION_CALLS, n + 1, after)
    ) {
      const kind = constructorOf(fn, n);
      if (!kind || hasNoReceiver(fn, n)) continue;
      const calls = isHandedOut(fn, n) ? callsOf(fn) : [];
      if (calls.length > 0)
        for (const call of calls) out.push({ ...siteAt(call.fn, call.node, kind), made: { fn, node: n } });
      else out.push(siteAt(fn, n, kind));
    }
  }
  return out;

  function siteAt(fn: Fn, node: NodeId, kind: UnboundedChannel): ChannelSite {
    const sender = endOf(fn, node, 0);
    const sends = sender
      ? Effects.of(pkg.program)
          .on(sender)
          .filter((e) => e.kind === 'send')
      : [];
    // What another program sends it sends into a channel of its own.
    const near = sends.filter((s) => linkage.canMeet(pkg, s.fn.package));
    return { fn, node, kind, name: sender?.name ?? 'the channel', sends: near.length > 0 ? near : sends };
  }
}

/** `fn pipe<T>() -> (Sender<T>, Receiver<T>) { mpsc::channel() }`: both ends go to whoever calls. */
function isHandedOut(fn: Fn, call: NodeId): boolean {
  return answersOf(fn, 0).includes(call);
}

/** Where a helper that makes channels is called with a `let` that names both ends. */
function callsOf(helper: Fn): readonly CallSite[] {
  return Calls.of(helper.package.program)
    .sitesOf(helper)
    .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest && endsOf(s.fn.code, s.node) !== undefined)
    .slice(0, MAX_CALLS);
}

/** Of the channels that one helper makes so many are looked at. */
const MAX_CALLS = 16;

/** A channel with a size, and the expression that says it. */
export interface ChannelSize {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly size: NodeId;
  /** As written. */
  readonly verb: string;
}

/** All channels with a size that a package makes outside tests, in source order. */
export function channelSizes(pkg: Package): ChannelSize[] {
  const out: ChannelSize[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (
      let n = code.next(FUNCTION_CALLS, body, after);
      n < after;
      n = code.next(FUNCTION_CALLS, n + 1, after)
    ) {
      const size = code.kind(n) === Kind.Call ? code.child(n, Role.Arg) : -1;
      if (size < 0) continue;
      const path = constructorPath(fn, n);
      if (path !== undefined && boundedChannels.test(path))
        out.push({ fn, node: n, size, verb: code.name(code.child(n, Role.Callee)) });
    }
  }
  return out;
}

/** A channel whose size is the highest there is: no fix renames its constructor. */
const HIGHEST: Omit<UnboundedChannel, 'name'> = {
  bounded: '',
  asyncSend: false,
  source: 'https://docs.rs/tokio/latest/tokio/sync/struct.Semaphore.html#associatedconstant.MAX_PERMITS',
};

const constructors = byLastSegment(unboundedChannels);

function constructorOf(fn: Fn, call: NodeId): UnboundedChannel | undefined {
  const path = constructorPath(fn, call);
  if (path === undefined) return undefined;
  const size = fn.code.child(call, Role.Arg);
  if (size >= 0)
    return boundedChannels.test(path) && isHighest(fn.code, size) ? { ...HIGHEST, name: path } : undefined;
  const key = keyOf(constructors, path);
  return key === undefined ? undefined : unboundedChannels[key];
}

/** `let (tx, _) = unbounded()`: nothing can be sent into it. */
function hasNoReceiver(fn: Fn, call: NodeId): boolean {
  const code = fn.code;
  const statement = code.parent(call);
  const pattern = code.kind(statement) === Kind.Let ? code.child(statement, Role.Pattern) : -1;
  const second = pattern < 0 ? undefined : code.children(pattern)[1];
  return second !== undefined && (code.kind(second) === Kind.Wildcard || code.name(second) === '_');
}

/** How messages arrive in a channel. */
export interface Arrival {
  readonly send: Effect;
  readonly evidence: Evidence;
  /**
   * `proven`: with each request or connection, or whatever else somebody outside sends. `loop`: a loop that waits for
   * something the program may do for itself, or one message for a request that some calls lead to, as a command of an
   * operator is. `likely`: by a name, or from far away.
   */
  readonly sure: 'proven' | 'loop' | 'likely';
}

/** The first send that repeats without a limit, or what keeps every send in bounds. */
export function arrivalOf(site: ChannelSite): Arrival | Bound | undefined {
  const found = sendsOf(site);
  if (!found || 'reason' in found) return found;
  const awaited = awaitedHere(site);
  if (awaited) return awaited;
  const consumer = readyConsumer(site);
  if (!consumer) return found;
  const { take, does } = consumer;
  return { reason: 'size-tested', by: `its consumer, which ${does}`, where: take.fn.place(take.node) };
}

/** The first send that repeats without a limit, or what keeps every send in bounds, whoever takes them. */
function sendsOf(site: ChannelSite): Arrival | Bound | undefined {
  const phases = Phases.of(site.fn.package.program);
  let bound: Bound | undefined;
  let likely: Arrival | undefined;
  const answers = answersTo(site);
  if (answers) return answers;
  const pool = site.sends.find((s) => s.fn === site.fn && isFilledAtOnce(site, s));
  if (pool)
    return {
      reason: 'size-tested',
      by: `the pool that \`${site.fn.label}\` fills, which gets back what was taken`,
      where: pool.fn.place(pool.node),
    };
  for (const send of site.sends) {
    if (isOneMessage(site, send)) {
      bound ??= {
        reason: 'fresh-value',
        by: 'one message for each channel',
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (sendsList(site, send)) {
      bound ??= {
        reason: 'fresh-value',
        by: 'as many messages as a list in memory has, which is worked off here',
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (isOneOfTask(site, send)) {
      bound ??= {
        reason: 'fresh-value',
        by: `one message for each task that \`${site.fn.label}\` starts and waits for`,
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (waitsForAnswer(send) || answersAwaited(send)) {
      bound ??= {
        reason: 'fresh-value',
        by: `\`${send.fn.label}\` waiting for the answer to what it sends`,
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (send.fn.fact.name === 'drop') {
      bound ??= {
        reason: 'fresh-value',
        by: `one message when a \`${send.fn.fact.owner}\` ends`,
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (isSignal(send)) {
      bound ??= {
        reason: 'fresh-value',
        by: 'signals, which hold nothing but themselves',
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (putsBack(site, send)) {
      bound ??= {
        reason: 'fresh-value',
        by: `what \`${send.fn.label}\` has taken out before`,
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (isTerminal(send.fn)) {
      bound ??= {
        reason: 'size-tested',
        by: 'what a person types at a terminal',
        where: send.fn.place(send.node),
      };
      continue;
    }
    const permit = permitOf(send);
    const counted =
      countedBefore(send) ?? addedBefore(send) ?? (permit && { reason: 'size-tested', ...permit });
    if (counted) {
      bound ??= counted;
      continue;
    }
    const context = phases.context(send.fn, send.node);
    const reach = phases.at(send.fn, send.node);
    const paced = pacedBy(send) ?? signalled(send, context.loops[0] ?? -1);
    if (paced) {
      bound ??= paced;
      continue;
    }
    const request = reach.request && besidesItself(site, send, reach.request);
    if (request === undefined && reach.request)
      bound ??= {
        reason: 'fresh-value',
        by: isLast(phases, reach.request)
          ? `one message, with which \`${reach.request.round?.fn.label}\` leaves its loop`
          : `what \`${reach.request.round?.fn.label}\` has taken out before`,
        where: reach.request.at,
      };
    if (request) {
      const calls = reach.calls ?? 0;
      const isOne = !request.loop && context.loops.length === 0 && calls > NEAR;
      const sure = calls > FAR ? 'likely' : isOne && sureOf(request) === 'proven' ? 'loop' : sureOf(request);
      if (sure === 'proven') return { send, evidence: request, sure };
      const { stronger } = reach;
      const further =
        stronger && stronger.calls <= FAR ? besidesItself(site, send, stronger.request) : undefined;
      if (further && sureOf(further) === 'proven') return { send, evidence: further, sure: 'proven' };
      if (likely?.sure !== 'loop') likely = { send, evidence: request, sure };
    }
    const loop = context.loops[0];
    if (loop !== undefined && !reach.startup && !reach.request)
      likely ??= {
        send,
        evidence: { why: `a loop in \`${send.fn.label}\` sends`, at: send.fn.place(loop) },
        sure: 'likely',
      };
    if (reach.likely) likely ??= { send, evidence: reach.likely, sure: 'likely' };
    else if (
      reach.api &&
      // Whoever writes to what implements a trait may be a library.
      (reach.api.fact.trait || !isUncalled(send.fn.package, reach)) &&
      !setUpOrEnd.test(reach.api.fact.name) &&
      !setUpNames.test(reach.api.fact.name)
    )
      likely ??= {
        send,
        evidence: {
          why: `\`${reach.api.label}\` is called from outside`,
          at: reach.api.file.place(reach.api.fact.nameSpan),
        },
        sure: 'likely',
      };
    const file = reach.request ? undefined : fileSent(send, loop ?? -1);
    if (file)
      likely ??= { send, evidence: { why: 'each message holds a whole file', at: file }, sure: 'loop' };
    if (reach.startup && !reach.api && !reach.likely)
      bound ??= {
        reason: 'start-up-only',
        by: `\`${send.fn.label}\` sending only while the program starts or stops`,
        where: send.fn.place(send.node),
      };
  }
  return likely ?? bound;
}

/**
 * `let (tx, rx) = channel(8); let (done_tx, done_rx) = unbounded(); spawn(work(rx, done_tx)); Owner { tx, done_rx }`: each
 * message says that a job is done, whoever gives the jobs reads them, and what jobs there are has a bound.
 */
function answersTo(site: ChannelSite): Bound | undefined {
  const { fn, node } = site;
  const code = fn.code;
  const ends = endsOf(code, node);
  if (!ends) return undefined;
  for (let n = fn.first; n < fn.after; n++) {
    if (code.kind(n) !== Kind.Call || n === node) continue;
    const path = constructorPath(fn, n);
    const jobs = path !== undefined && boundedChannels.test(path) ? endsOf(code, n) : undefined;
    if (
      jobs &&
      meet(fn, Kind.Call, jobs.receiver, ends.sender) &&
      meet(fn, Kind.Composite, jobs.sender, ends.receiver)
    )
      return {
        reason: 'size-tested',
        by: `the jobs in \`${jobs.sender}\`, one message for each of them`,
        where: fn.place(n),
      };
  }
  return undefined;
}

/**
 * `rx.recv().await` once, in the function that makes the channel or in one that it lends the end to: what it does not take
 * is gone when it returns.
 */
function awaitedHere({ fn, node }: ChannelSite): Bound | undefined {
  const code = fn.code;
  const receiver = endsOf(code, node)?.receiver;
  const taken = receiver === undefined ? undefined : takenOnce(fn, code.after(node), receiver, node, 0);
  return (
    taken && { reason: 'fresh-value', by: `the one answer that \`${fn.label}\` waits for`, where: taken }
  );
}

/** Where a receiver is asked for one message, when that is all that is done with it behind a node. */
function takenOnce(fn: Fn, from: NodeId, receiver: string, made: NodeId, depth: number): Place | undefined {
  const code = fn.code;
  let taken: Place | undefined;
  for (let n = from; n < fn.after; n++) {
    if (!code.is(n, Kind.Name, receiver)) continue;
    const repeats = code.ancestor(n, (a) => code.kind(a) === Kind.Loop || isTask(code)(a)) > made;
    const up = code.parent(n);
    const asks = code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object;
    const lends = code.kind(up) === Kind.Unary && code.role(up) === Role.Arg && depth === 0;
    const found =
      asks && singleTakes.test(code.name(up))
        ? fn.place(up)
        : lends
          ? lentOnce(fn, code.parent(up), up)
          : undefined;
    if (repeats || !found) return undefined;
    taken ??= found;
  }
  return taken;
}

/** Where the one function that is lent a receiver asks it for one message. */
function lentOnce(fn: Fn, call: NodeId, lent: NodeId): Place | undefined {
  const [callee, ...others] = Values.of(fn.package.program).callees(fn, call);
  const param = callee?.fact.params[fn.code.all(call, Role.Arg).indexOf(lent)];
  if (!callee || others.length > 0 || param === undefined) return undefined;
  const pattern = callee.code.child(param, Role.Pattern);
  return pattern < 0 ? undefined : takenOnce(callee, callee.first, callee.code.name(pattern), -1, 1);
}

/** The sending end is put into a field that is set to another one elsewhere: who sends through it uses that one. */
export function isPlaceholder({ fn, node }: ChannelSite): boolean {
  const code = fn.code;
  const sender = endsOf(code, node)?.sender;
  const { program } = fn.package;
  for (let n = code.after(node); sender !== undefined && n < fn.after; n++) {
    if (code.kind(n) !== Kind.FieldInit || !code.is(code.child(n, Role.Value), Kind.Name, sender)) continue;
    const decl = Values.of(program).declOf(fn, code.parent(n));
    const writes = decl ? Writes.of(program).toField(decl, code.name(n)) : [];
    if (writes.some((w) => w.fn && w.fn !== fn && w.file.code.kind(w.node) === Kind.Assign)) return true;
  }
  return false;
}

/** One call, or one literal of a type, is given both, or references to them. */
function meet(fn: Fn, kind: Kind, one: string, other: string): boolean {
  const code = fn.code;
  const names = (n: NodeId, name: string): boolean =>
    code.children(n).some((c) => {
      const holds = code.kind(c) === Kind.FieldInit || code.kind(c) === Kind.Unary;
      const isInit = code.kind(c) === Kind.FieldInit;
      return code.is(c, Kind.Name, name) || (holds && (names(c, name) || (isInit && code.name(c) === name)));
    });
  for (let n = fn.first; n < fn.after; n++)
    if (code.kind(n) === kind && names(n, one) && names(n, other)) return true;
  return false;
}

/** Filled where it is made, by a loop that counts: what is sent later has been taken before. */
function isFilledAtOnce(site: ChannelSite, send: Effect): boolean {
  const code = site.fn.code;
  const loop = code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && !code.within(site.node, a));
  if (loop < 0 || site.sends.length < 2) return false;
  return (
    !Phases.of(site.fn.package.program).isServiceLoop(site.fn, loop) &&
    chosenCount(site.fn, loop) !== undefined
  );
}

/** `tx.send(())`, `tx.send(Command::Pause)`: a message without content takes a few bytes. */
function isSignal({ fn, node, value }: Effect): boolean {
  const code = fn.code;
  if (value < 0 || code.child(node, Role.Arg) !== value) return false;
  if (code.is(value, Kind.Sequence, 'tuple')) return code.children(value).length === 0;
  const [variant = '', type = ''] =
    code.kind(value) === Kind.Path ? code.name(value).split('::').reverse() : [];
  return /^[A-Z]/.test(variant) && /[a-z]/.test(variant) && /^[A-Z]/.test(type);
}

/** The loop that sends has taken a message from the same channel before: `task = rx.recv() => if failed { tx.send(task) }`. */
function putsBack(site: ChannelSite, send: Effect): boolean {
  const code = send.fn.code;
  const place = endOf(site.fn, site.node, 1);
  if (!place) return false;
  return Effects.of(site.fn.package.program)
    .on(place)
    .some((e) => {
      if (e.kind !== 'take' || e.fn !== send.fn) return false;
      const loop = code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop);
      return loop >= 0 && code.within(e.node, loop);
    });
}

/** Behind what sends the loop is left. */
function isLast(phases: Phases, { round }: Evidence): boolean {
  return round !== undefined && !phases.turns(round.fn, round.node).includes(round.loop);
}

/** The evidence, or other evidence where this is only the loop that takes messages out of the same channel, or its end. */
function besidesItself(site: ChannelSite, send: Effect, evidence: Evidence): Evidence | undefined {
  const phases = Phases.of(site.fn.package.program);
  const isOwn = (e: Evidence) =>
    e.round !== undefined && (isLast(phases, e) || takesBefore(site, send, e.round));
  const multiplies = phases.context(send.fn, send.node).loops.some((l) => !phases.isServiceLoop(send.fn, l));
  return !isOwn(evidence) || multiplies ? evidence : otherEvidence(send.fn, send.node, isOwn, 0);
}

/** Each turn takes a message of the same channel before it does what sends one; another arm of a select does not count. */
function takesBefore(site: ChannelSite, send: Effect, { fn, node, loop: turn }: Round): boolean {
  const code = fn.code;
  const isArm = (a: NodeId) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0;
  const arm = code.ancestor(node, isArm);
  const [loop] = Phases.of(fn.package.program).context(fn, node).loops;
  if (loop === undefined) return false;
  const own = consumersOf(site).filter((t) => t.fn === fn);
  const isOwn = (take: NodeId) =>
    own.some((t) => t.node === take) || (take !== loop && receives(fn, code.child(take, Role.Object), send));
  for (let n = turn; n < code.after(turn); n++) if (drains(code, n, turn) && isOwn(n)) return true;
  for (let n = loop; n < code.after(loop); n++) {
    if (n !== loop && (code.kind(n) !== Kind.MethodCall || !/^(try_|blocking_)?recv/.test(code.name(n))))
      continue;
    const around = code.ancestor(n, isArm);
    const isOther = code.within(around, loop) && around !== arm;
    // What a select gives before is what the round works on.
    if (isOther && (code.within(arm, loop) || code.after(around) > node)) continue;
    if (isOwn(n)) return true;
  }
  return false;
}

/** `while let Ok(message) = rx.try_recv()` in a loop: each of its turns takes all there is. */
function drains(code: Code, take: NodeId, loop: NodeId): boolean {
  if (!code.is(take, Kind.MethodCall, 'try_recv')) return false;
  const inner = code.ancestor(take, (a) => code.kind(a) === Kind.Loop);
  return inner !== loop && code.within(take, code.child(inner, Role.Condition));
}

/** A receiving end has such messages: the two ends need not be named together. */
function receives(fn: Fn, receiver: NodeId, send: Effect): boolean {
  return Messages.of(fn.package.program)
    .into(fn, receiver)
    .some((m) => m.fn === send.fn && m.value === send.value);
}

/** Evidence of another kind for what a node is reached by, call by call. */
function otherEvidence(
  fn: Fn,
  node: NodeId,
  isKnown: (evidence: Evidence) => boolean,
  depth: number,
): Evidence | undefined {
  const phases = Phases.of(fn.package.program);
  const own = phases.context(fn, node).request ?? phases.handlers.evidenceOf(fn);
  if (own) return isKnown(own) ? undefined : own;
  for (const site of depth > 2 ? [] : Calls.of(fn.package.program).sitesOf(fn)) {
    const found =
      site.guess || site.fn === fn ? undefined : otherEvidence(site.fn, site.node, isKnown, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** How sure it is that load brings the messages that a request, or a loop, sends. */
function sureOf({ round, own, administrative }: Evidence): Arrival['sure'] {
  if (administrative) return 'likely';
  if (!own) return 'proven';
  if (!round) return 'loop';
  return perOf(round.fn, round.loop, round.node) === 'tick' ? 'likely' : 'loop';
}

/** So many calls away from a request a message is as likely as not one that the program sends itself now and then. */
const FAR = 3;

/** From a handler itself, or from what it calls, a message goes with each request. */
const NEAR = 1;

/** One message for each turn of a timer: `loop { sleep(period).await; tx.send(Renew).ok(); }`. */
function pacedBy({ fn, node }: Effect): Bound | undefined {
  const [loop] = Phases.of(fn.package.program).context(fn, node).loops;
  return loop !== undefined && perOf(fn, loop, node) === 'tick'
    ? { reason: 'size-tested', by: `the timer that paces \`${fn.label}\``, where: fn.place(loop) }
    : undefined;
}

/**
 * One message for each signal that the process is sent: `sig = signals.next() => tx.send(sig)`, or what every arm of a select
 * has waited for: `let sig = select! { _ = hup.recv() => Reload, … }; tx.send(sig)`.
 */
function signalled({ fn, node, value }: Effect, loop: NodeId): Bound | undefined {
  const code = fn.code;
  const b = code.is(value, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(value), code.start(value))
    : undefined;
  const arms = b?.source === 'value' && b.value >= 0 ? code.all(b.value, Role.Arm) : [];
  const [first] = arms.map((arm) => ofSignals(fn, loop, code.child(arm, Role.Body)));
  const isAll = arms.length > 0 && arms.every((arm) => ofSignals(fn, loop, code.child(arm, Role.Body)));
  const signals = ofSignals(fn, loop, node) ?? (isAll ? first : undefined);
  return signals && { ...signals, reason: 'size-tested' };
}

/** The file reads a keyboard: https://docs.rs/crossterm/latest/crossterm/event/index.html */
function isTerminal(fn: Fn): boolean {
  return fn.file.facts.imports.some((i) => terminalCrates.test(i.path));
}

/**
 * `for path in paths { tx.send(fs::read(path)?) }`: a reader that is faster than what is done with the files holds all of them,
 * however short the program lives. Where the file is read.
 */
function fileSent({ fn, value }: Effect, loop: NodeId): Place | undefined {
  const { code } = fn;
  if (loop < 0 || value < 0 || chosenCount(fn, loop) !== undefined) return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  const reads = wholeReadsIn(fn).filter(
    (r) => r.path >= 0 && code.within(r.node, loop) && useOfFile(r).use !== 'small',
  );
  for (let n = value; reads.length > 0 && n < code.after(value); n++) {
    const from = code.kind(n) === Kind.Name ? (scope.lookup(code.name(n), code.start(n))?.value ?? -1) : n;
    const read = from < 0 ? undefined : reads.find((r) => code.within(r.node, from));
    if (read) return fn.place(read.node);
  }
  return undefined;
}

/** The function that makes the channel sends once into it: an answer, not a queue. */
function isOneMessage(site: ChannelSite, send: Effect): boolean {
  if (send.fn !== site.fn) return false;
  const code = site.fn.code;
  return code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && !code.within(site.node, a)) < 0;
}

/** `for item in items { tx.send(item) }` of a list that lay in memory before: each of its elements once. */
function sendsList(site: ChannelSite, send: Effect): boolean {
  if (send.fn !== site.fn) return false;
  const { code, package: pkg } = site.fn;
  const loop = code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && !code.within(site.node, a));
  const around = code.ancestor(loop, (a) => code.kind(a) === Kind.Loop && !code.within(site.node, a));
  if (loop < 0 || around >= 0 || code.name(loop) !== 'for') return false;
  let list = code.child(loop, Role.Iter);
  while (code.kind(list) === Kind.Unary || code.is(list, Kind.MethodCall, 'into_iter'))
    list = code.child(list, Role.Object);
  if (!code.is(list, Kind.Name)) return false;
  const values = Values.of(pkg.program);
  const b = values.scope(site.fn).lookup(code.name(list), code.start(list));
  const type = b?.source === 'value' ? values.bindingType(site.fn, b) : undefined;
  return type !== undefined && container(values.types, type) !== undefined;
}

const isTask = (code: Code) => (n: NodeId) =>
  code.kind(n) === Kind.AsyncBlock || (code.kind(n) === Kind.Closure && !opensScope(code, n));

/** `thread::scope(|scope| { … })`: its closure runs there and then. */
function opensScope(code: Code, closure: NodeId): boolean {
  const call = code.role(closure) === Role.Arg ? code.parent(closure) : -1;
  return code.is(call, Kind.Call) && /(^|::)scope$/.test(code.name(code.child(call, Role.Callee)));
}

/** Each task sends once, and whoever started them takes what they send: as many messages as tasks. */
function isOneOfTask(site: ChannelSite, send: Effect): boolean {
  if (send.fn !== site.fn) return false;
  const code = site.fn.code;
  const task = code.ancestor(send.node, isTask(code));
  if (task < site.node) return false;
  if (code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && code.within(a, task)) >= 0) return false;
  return takesOf(site).some((n) => code.ancestor(n, isTask(code)) < site.node);
}

/** A test of how much is pending, with a way out, before the send. */
function countedBefore(send: Effect): Bound | undefined {
  const code = send.fn.code;
  const { first: body } = send.fn;
  for (let n = body; n < send.node; n++) {
    if (code.kind(n) !== Kind.If || code.within(send.node, n)) continue;
    const condition = code.child(n, Role.Condition);
    if (condition < 0 || !exits(code, code.child(n, Role.Then)) || !comparesSize(send.fn, condition))
      continue;
    return {
      reason: 'size-tested',
      by: `a test of what is pending in \`${send.fn.label}\``,
      where: send.fn.place(condition),
    };
  }
  return undefined;
}

/** `if queued + n <= size { queued.compare_exchange(queued, queued + n)?; tx.send(item) }`: whoever takes it subtracts again. */
function addedBefore({ fn, node }: Effect): Bound | undefined {
  const code = fn.code;
  for (let n = fn.first; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || !rustExchanges.test(code.name(n))) continue;
    const compared = code.ancestor(n, (a) => {
      const condition = code.kind(a) === Kind.If ? code.child(a, Role.Condition) : -1;
      return condition >= 0 && /^[<>]=?$/.test(code.name(condition));
    });
    if (compared >= fn.first && code.within(node, compared))
      return {
        reason: 'size-tested',
        by: `a count of what is pending in \`${fn.label}\``,
        where: fn.place(n),
      };
  }
  return undefined;
}

function comparesSize(fn: Fn, condition: NodeId): boolean {
  const code = fn.code;
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^(<|>|<=|>=)$/.test(code.name(n))) continue;
    for (let m = n + 1; m < code.after(n); m++) if (backlogReads.test(code.name(m))) return true;
  }
  return false;
}
