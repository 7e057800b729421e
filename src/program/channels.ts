import {
  asideCalls,
  backlogReads,
  boundedChannels,
  lookCalls,
  messagePermits,
  receiverTakes,
  replyChannels,
  replyMakers,
  sharedLocks,
  terminalCrates,
  type UnboundedChannel,
  unboundedChannels,
} from '../knowledge/channels.ts';
import { setUpOrEnd } from '../knowledge/endings.ts';
import { setUpNames } from '../knowledge/handlers.ts';
import { limiterMethods } from '../knowledge/spawns.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import type { Bound } from './bound.ts';
import { callName } from './call-name.ts';
import { Calls } from './calls.ts';
import { chosenCount } from './counts.ts';
import { type Effect, Effects } from './effects.ts';
import { exits } from './exits.ts';
import { isUncalled, Phases } from './phases.ts';
import { local } from './places.ts';
import type { Fn, Package } from './program.ts';
import type { Evidence } from './reach.ts';
import { isHighest } from './readers.ts';
import { perOf } from './spawn-rounds.ts';
import { lastSegment } from './types.ts';
import { Values } from './values.ts';

/** A channel without a bound, where it is made, and who sends into it. */
export interface ChannelSite {
  readonly fn: Fn;
  /** The constructor call. */
  readonly node: NodeId;
  readonly kind: UnboundedChannel;
  /** The name of the sending end, or what the channel is called otherwise. */
  readonly name: string;
  readonly sends: readonly Effect[];
}

/** All unbounded channels a package makes outside tests, in source order. */
export function unboundedChannelSites(pkg: Package): ChannelSite[] {
  const out: ChannelSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      if (code.kind(n) !== Kind.Call) continue;
      const kind = constructorOf(fn, n);
      if (!kind || hasNoReceiver(fn, n)) continue;
      const sender = endOf(fn, n, 0);
      const sends = sender
        ? Effects.of(pkg.program)
            .on(sender)
            .filter((e) => e.kind === 'send')
        : [];
      out.push({ fn, node: n, kind, name: sender?.name ?? 'the channel', sends });
    }
  }
  return out;
}

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
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
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

/** The path of a constructor as the imports complete it. */
function constructorPath(fn: Fn, call: NodeId): string | undefined {
  const code = fn.code;
  const callee = code.child(call, Role.Callee);
  if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
  const written = code.name(callee);
  const first = written.split('::')[0] as string;
  const imported = fn.file.importPath(first);
  return imported === undefined ? written : imported + written.slice(first.length);
}

function constructorOf(fn: Fn, call: NodeId): UnboundedChannel | undefined {
  const path = constructorPath(fn, call);
  if (path === undefined) return undefined;
  const size = fn.code.child(call, Role.Arg);
  if (size >= 0)
    return boundedChannels.test(path) && isHighest(fn.code, size) ? { ...HIGHEST, name: path } : undefined;
  const key = Object.keys(unboundedChannels).find((k) => path === k || path.endsWith(`::${k}`));
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

/** The place of the sending end, the first name of `let (tx, rx) = …`, or of the receiving end, the second. */
function endOf(fn: Fn, call: NodeId, index: 0 | 1): ReturnType<typeof local> | undefined {
  const code = fn.code;
  const statement = code.parent(call);
  if (statement < 0 || code.kind(statement) !== Kind.Let) return undefined;
  const pattern = code.child(statement, Role.Pattern);
  const end = pattern < 0 ? undefined : code.children(pattern)[index];
  if (end === undefined) return undefined;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(end), code.end(statement));
  return b && local(fn, b);
}

/** How messages arrive in a channel. */
export interface Arrival {
  readonly send: Effect;
  readonly evidence: Evidence;
  readonly proven: boolean;
}

/** The first send that repeats without a limit, or what keeps every send in bounds. */
export function arrivalOf(site: ChannelSite): Arrival | Bound | undefined {
  const found = sendsOf(site);
  const consumer = found && !('reason' in found) ? readyConsumer(site) : undefined;
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
    if (isOneOfTask(site, send)) {
      bound ??= {
        reason: 'fresh-value',
        by: `one message for each task that \`${site.fn.label}\` starts and waits for`,
        where: send.fn.place(send.node),
      };
      continue;
    }
    if (waitsForAnswer(send)) {
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
    const counted =
      countedBefore(send) ?? permitBefore(send) ?? carriesPermit(send) ?? permitOfCallers(send.fn, 0);
    if (counted) {
      bound ??= counted;
      continue;
    }
    const context = phases.context(send.fn, send.node);
    const reach = phases.at(send.fn, send.node);
    const paced = pacedBy(send);
    if (paced) {
      bound ??= paced;
      continue;
    }
    if (reach.request) {
      const arrival = {
        send,
        evidence: reach.request,
        proven: (reach.calls ?? 0) <= FAR,
      };
      if (arrival.proven) return arrival;
      likely ??= arrival;
    }
    const loop = context.loops[0];
    if (loop !== undefined && !reach.startup && !reach.request)
      likely ??= {
        send,
        evidence: { why: `a loop in \`${send.fn.label}\` sends`, at: send.fn.place(loop) },
        proven: false,
      };
    if (reach.likely) likely ??= { send, evidence: reach.likely, proven: false };
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
        proven: false,
      };
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
  for (let n = fn.range[0]; n < fn.range[1]; n++) {
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

/** The names that a constructor's two ends are bound to. */
function endsOf(
  code: Code,
  call: NodeId,
): { readonly sender: string; readonly receiver: string } | undefined {
  const statement = code.parent(call);
  const pattern = code.kind(statement) === Kind.Let ? code.child(statement, Role.Pattern) : -1;
  const [sender, receiver] = pattern < 0 ? [] : code.children(pattern).map((c) => code.name(c));
  return sender && receiver ? { sender, receiver } : undefined;
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
  for (let n = fn.range[0]; n < fn.range[1]; n++)
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

/** So many calls away from a request a message is as likely as not one that the program sends itself now and then. */
const FAR = 3;

/** One message for each turn of a timer: `loop { sleep(period).await; tx.send(Renew).ok(); }`. */
function pacedBy({ fn, node }: Effect): Bound | undefined {
  const [loop] = Phases.of(fn.package.program).context(fn, node).loops;
  return loop !== undefined && perOf(fn, loop, node) === 'tick'
    ? { reason: 'size-tested', by: `the timer that paces \`${fn.label}\``, where: fn.place(loop) }
    : undefined;
}

/** The file reads a keyboard: https://docs.rs/crossterm/latest/crossterm/event/index.html */
function isTerminal(fn: Fn): boolean {
  return fn.file.facts.imports.some((i) => terminalCrates.test(i.path));
}

/** The function that makes the channel sends once into it: an answer, not a queue. */
function isOneMessage(site: ChannelSite, send: Effect): boolean {
  if (send.fn !== site.fn) return false;
  const code = site.fn.code;
  return code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && !code.within(site.node, a)) < 0;
}

/** Where a function itself takes from the receiving end it has made, or a task that it starts. */
function takesOf(site: ChannelSite): NodeId[] {
  const { fn } = site;
  const code = fn.code;
  const ends = endsOf(code, site.node);
  const out: NodeId[] = [];
  for (let n = site.node; ends && n < fn.range[1]; n++) {
    const takes =
      (code.kind(n) === Kind.MethodCall && receiverTakes.test(code.name(n)) && code.child(n, Role.Object)) ||
      (code.kind(n) === Kind.Loop && code.child(n, Role.Iter)) ||
      -1;
    if (takes >= 0 && code.is(takes, Kind.Name, ends.receiver)) out.push(n);
  }
  return out;
}

const isTask = (code: Code) => (n: NodeId) =>
  code.kind(n) === Kind.AsyncBlock || code.kind(n) === Kind.Closure;

/** Each task sends once, and whoever started them takes what they send: as many messages as tasks. */
function isOneOfTask(site: ChannelSite, send: Effect): boolean {
  if (send.fn !== site.fn) return false;
  const code = site.fn.code;
  const task = code.ancestor(send.node, isTask(code));
  if (task < site.node) return false;
  if (code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop && code.within(a, task)) >= 0) return false;
  return takesOf(site).some((n) => code.ancestor(n, isTask(code)) < site.node);
}

/** Where messages are taken out of a channel. */
interface Take {
  readonly fn: Fn;
  readonly node: NodeId;
}

/** Every place that takes from the receiving end, wherever it went. */
function consumersOf(site: ChannelSite): readonly Take[] {
  const { fn, node } = site;
  const out: Take[] = takesOf(site).map((n) => ({ fn, node: n }));
  const place = endOf(fn, node, 1);
  for (const e of place ? Effects.of(fn.package.program).on(place) : [])
    if (e.kind === 'take' && !out.some((t) => t.fn === e.fn && t.node === e.node))
      out.push({ fn: e.fn, node: e.node });
  return out;
}

/**
 * `while let Some(job) = rx.recv().await { tokio::spawn(job); }`, `new = rx.recv() => running.push(new)`: a consumer that
 * only starts or keeps what it takes never falls behind; or undefined.
 */
function readyConsumer(site: ChannelSite): { readonly take: Take; readonly does: string } | undefined {
  const takes = consumersOf(site);
  const [first] = takes;
  const ways = takes.map(({ fn, node }) => waysOf(fn.code, node));
  if (!first || ways.some((w) => w.waits)) return undefined;
  if (ways.every((w) => w.starts && (w.isAsync || w.keeps)))
    return { take: first, does: 'starts a task for each message and waits for none' };
  if (ways.every((w) => w.keeps))
    return { take: first, does: 'only puts each message aside and waits for none' };
  return undefined;
}

/** What the loop around a take does with each message; what blocks a task is no way to wait. */
function waysOf(
  code: Code,
  take: NodeId,
): { readonly isAsync: boolean; readonly starts: boolean; readonly keeps: boolean; readonly waits: boolean } {
  const loop = code.kind(take) === Kind.Loop ? take : code.ancestor(take, (a) => code.kind(a) === Kind.Loop);
  let isAsync = false;
  let starts = false;
  let stores = false;
  let others = loop < 0;
  let waits = loop < 0;
  for (let n = loop; loop >= 0 && n < code.after(loop); n++) {
    const kind = code.kind(n);
    // The take itself, and what a select waits for beside it.
    if (n === take && kind !== Kind.Loop) continue;
    if (code.role(n) === Role.Comm) {
      if (code.within(take, n)) isAsync = true;
      n = code.after(n) - 1;
      continue;
    }
    if (kind === Kind.Await) {
      if (code.within(take, n)) isAsync = true;
      else if (!sharedLocks.test(callName(code, code.child(n, Role.Object)))) waits = true;
    } else if (kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.Call || kind === Kind.MethodCall) {
      const name = callName(code, n);
      if (/^(spawn|spawn_local|spawn_on)$/.test(name)) {
        starts = true;
        n = code.after(n) - 1;
      } else if (asideCalls.test(name)) stores = true;
      else if (!lookCalls.test(name)) others = true;
    }
  }
  return { isAsync, starts, keeps: (stores || starts) && !others, waits };
}

/** `tx.send(Get(key, reply)); answer.await`: whoever asks has one question pending. */
function waitsForAnswer({ fn, node }: Effect): boolean {
  const code = fn.code;
  const [body, after] = fn.range;
  for (let n = body; n < node; n++) {
    if (code.kind(n) !== Kind.Let) continue;
    const pattern = code.child(n, Role.Pattern);
    const value = code.child(n, Role.Value);
    if (pattern < 0 || value < 0 || code.kind(value) !== Kind.Call) continue;
    const [reply, answer] = code.children(pattern);
    const made = calleeOf(code, value);
    if (
      reply === undefined ||
      answer === undefined ||
      !(replyChannels.test(fn.file.fullPath(made)) || replyMakers.test(lastSegment(made)))
    )
      continue;
    if (
      carries(fn, node, code.name(reply), 0) &&
      mentionsName(code, code.after(node), after, code.name(answer))
    )
      return true;
  }
  return false;
}

/** A node mentions a name, or a local that was made with it: `let request = Get(key, reply); tx.send(request)`. */
function carries(fn: Fn, node: NodeId, name: string, depth: number): boolean {
  const code = fn.code;
  if (mentionsName(code, node, code.after(node), name)) return true;
  for (let n = node; depth < 2 && n < code.after(node); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
    if (b?.source === 'value' && b.value >= 0 && b.value < node && carries(fn, b.value, name, depth + 1))
      return true;
  }
  return false;
}

function mentionsName(code: Code, from: NodeId, to: NodeId, name: string): boolean {
  for (let n = from; n < to; n++) if (code.is(n, Kind.Name, name)) return true;
  return false;
}

function calleeOf(code: Code, call: NodeId): string {
  const callee = code.child(call, Role.Callee);
  return callee < 0 ? '' : code.name(callee);
}

/** A permit that is taken in the same function before the send, and goes with the message or comes back later. */
function permitBefore({ fn, node }: { readonly fn: Fn; readonly node: NodeId }): Bound | undefined {
  const code = fn.code;
  const [body] = fn.range;
  for (let n = body; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || !limiterMethods.has(code.name(n))) continue;
    // `reserve(n)` of a vector is no permit.
    if (code.name(n) === 'reserve' && code.child(n, Role.Arg) >= 0) continue;
    const kept = code.ancestor(n, (a) =>
      [Kind.Let, Kind.LetCondition, Kind.Closure].includes(code.kind(a) as never),
    );
    if (kept < 0 || code.kind(kept) === Kind.Closure) continue;
    return {
      reason: 'size-tested',
      by: `\`${code.name(n)}\` before the send`,
      where: fn.place(n),
    };
  }
  return undefined;
}

/** The message brings a permit along, which is given back when it has been worked off. */
function carriesPermit({ fn, node, value }: Effect): Bound | undefined {
  const code = fn.code;
  const inside = (root: NodeId, depth: number): boolean => {
    for (let n = root; root >= 0 && n < code.after(root); n++) {
      const kind = code.kind(n);
      if (kind !== Kind.Name && kind !== Kind.FieldInit) continue;
      if (messagePermits.test(code.name(n))) return true;
      if (kind !== Kind.Name || depth > 0) continue;
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'value' && b.value >= 0 && inside(b.value, depth + 1)) return true;
    }
    return false;
  };
  return inside(value, 0)
    ? { reason: 'size-tested', by: 'the permit that each message carries', where: fn.place(node) }
    : undefined;
}

/** Every caller takes a permit before it sends, itself or its callers. */
function permitOfCallers(fn: Fn, depth: number): Bound | undefined {
  if (depth > 2) return undefined;
  let found: Bound | undefined;
  for (const site of Calls.of(fn.package.program).sitesOf(fn)) {
    if (site.kind !== 'call' || site.guess) return undefined;
    found = permitBefore(site) ?? permitOfCallers(site.fn, depth + 1);
    if (!found) return undefined;
  }
  return found;
}

/** A test of how much is pending, with a way out, before the send. */
function countedBefore(send: Effect): Bound | undefined {
  const code = send.fn.code;
  const [body] = send.fn.range;
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

function comparesSize(fn: Fn, condition: NodeId): boolean {
  const code = fn.code;
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^(<|>|<=|>=)$/.test(code.name(n))) continue;
    for (let m = n + 1; m < code.after(n); m++) if (backlogReads.test(code.name(m))) return true;
  }
  return false;
}
