/** Rust: who takes messages out of a channel, and what is done with them. */
import {
  asideCalls,
  blockingCalls,
  blockingPaths,
  lookCalls,
  printingMacros,
  receiverTakes,
  sharedLocks,
} from '../../knowledge/channels.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Phases } from '../phases/phases.ts';
import { Effects } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { isOfEnded } from '../spawns/spawn-joins.ts';
import { siteAt } from '../spawns/spawn-sites.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { endOf, endsOf } from './channel-ends.ts';
import type { ChannelSite } from './channels.ts';

/** Where a function itself takes from the receiving end it has made, or a task that it starts. */
export function takesOf(site: ChannelSite): NodeId[] {
  const { fn } = site;
  const code = fn.code;
  const ends = endsOf(code, site.node);
  const out: NodeId[] = [];
  for (let n = site.node; ends && n < fn.after; n++) {
    const takes =
      (code.kind(n) === Kind.MethodCall && receiverTakes.test(code.name(n)) && code.child(n, Role.Object)) ||
      (code.kind(n) === Kind.Loop && code.child(n, Role.Iter)) ||
      -1;
    if (takes >= 0 && code.is(takes, Kind.Name, ends.receiver)) out.push(n);
  }
  return out;
}

/** Where messages are taken out of a channel. */
export interface Take {
  readonly fn: Fn;
  readonly node: NodeId;
}

/** Every place that takes from the receiving end, wherever it went. */
export function consumersOf(site: ChannelSite): readonly Take[] {
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
export function readyConsumer(site: ChannelSite): { readonly take: Take; readonly does: string } | undefined {
  const takes = consumersOf(site);
  const [first] = takes;
  const ways = takes.map(({ fn, node }) =>
    waysOf(
      fn,
      node,
      takes.filter((t) => t.fn === fn).map((t) => t.node),
    ),
  );
  if (!first || ways.some((w) => w.waits)) return undefined;
  if (ways.every((w) => w.starts && (w.isAsync || w.keeps)))
    return { take: first, does: 'starts a task for each message and waits for none' };
  // `append(&mut log, &record)` of the program's own may write to a disk.
  if (ways.every((w) => w.keeps) && !takes.some(({ fn, node }) => blocksRound(fn, node)))
    return { take: first, does: 'only puts each message aside and waits for none' };
  return undefined;
}

/**
 * Who takes the messages is seen, and falls behind: what is done with a message waits for something, or holds up its thread;
 * what other arms of a `select!` wait for may come seldom. What a request is answered with, as a stream, waits for the client.
 */
export function fallsBehind(site: ChannelSite): boolean {
  return (
    consumersOf(site).some(({ fn, node }, _, takes) => {
      const work = workOf(fn, node);
      if (work < 0) return false;
      const own = takes.filter((t) => t.fn === fn).map((t) => t.node);
      return waysOf(fn, node, own, work).waits || mayBlock(fn, work);
    }) ||
    (isStreamed(site) && Phases.of(site.fn.package.program).of(site.fn).request?.request === true)
  );
}

/** What is done with a message that is taken: the arm of a `select!` that takes it, or the loop around. Or -1. */
function workOf(fn: Fn, take: NodeId): NodeId {
  const { code } = fn;
  const loop = roundsOf(fn, take);
  const arm =
    loop < 0 ? -1 : code.ancestor(take, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  return code.within(arm, loop) && code.within(take, code.child(arm, Role.Comm))
    ? code.child(arm, Role.Body)
    : loop;
}

/** A function of the program's own that the loop around a take calls may hold up its thread. */
function blocksRound(fn: Fn, node: NodeId): boolean {
  const { code } = fn;
  const loop = roundsOf(fn, node);
  const values = Values.of(fn.package.program);
  for (let n = loop; loop >= 0 && n < code.after(loop); n++)
    if (code.kind(n) === Kind.Call)
      for (const target of values.callees(fn, n))
        if (!target.fact.isAsync && target.fact.body >= 0 && mayBlock(target, target.fact.body)) return true;
  return false;
}

/** In the loop around one of the takes a thread or task is started, and nothing is waited for. */
export function startsForEach(site: ChannelSite): boolean {
  return consumersOf(site).some(({ fn, node }, _, takes) => {
    const { starts, waits } = waysOf(
      fn,
      node,
      takes.filter((t) => t.fn === fn).map((t) => t.node),
    );
    return starts && !waits;
  });
}

/** `UnboundedReceiverStream::new(rx)`, `rx.into_stream()`. */
function isStreamed({ fn, node }: ChannelSite): boolean {
  const code = fn.code;
  const receiver = endsOf(code, node)?.receiver;
  for (let n = code.after(node); receiver !== undefined && n < fn.after; n++) {
    if (!code.is(n, Kind.Name, receiver)) continue;
    const up = code.parent(n);
    const role = code.role(n);
    if (
      (role === Role.Arg &&
        code.kind(up) === Kind.Call &&
        /ReceiverStream::new$/.test(code.name(code.child(up, Role.Callee)))) ||
      (role === Role.Object && code.kind(up) === Kind.MethodCall && /^(into_)?stream$/.test(code.name(up)))
    )
      return true;
  }
  return false;
}

/** Something in a node, or in what is called there, holds up its thread: it writes, asks a database, or sleeps. */
function mayBlock(fn: Fn, root: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const seen = new Set<Fn>();
  const blocks = (at: Fn, n: NodeId): boolean => {
    const { code } = at;
    const kind = code.kind(n);
    if (kind === Kind.Macro) return printingMacros.test(lastSegment(code.name(n)));
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
    if (blockingCalls.test(callName(code, n))) return true;
    const callee = code.child(n, Role.Callee);
    if (callee >= 0 && blockingPaths.test(code.name(callee))) return true;
    for (const target of values.callees(at, n)) if (!target.fact.isAsync) seen.add(target);
    return false;
  };
  for (let n = root; n < fn.code.after(root); n++) if (blocks(fn, n)) return true;
  for (const at of seen) {
    if (seen.size > MAX_READ) return true;
    for (let n = at.first; n < at.after; n++) if (blocks(at, n)) return true;
  }
  return false;
}

const MAX_READ = 60;

interface Ways {
  readonly isAsync: boolean;
  readonly starts: boolean;
  readonly keeps: boolean;
  /** It calls something that may take its time. */
  readonly others: boolean;
  readonly waits: boolean;
}

/** What the loop around a take does with each message; to wait for the next one is no way to fall behind. */
function waysOf(fn: Fn, take: NodeId, takes: readonly NodeId[], loop = roundsOf(fn, take)): Ways {
  const { code } = fn;
  let isAsync = false;
  let starts = false;
  let stores = false;
  let others = loop < 0;
  let waits = loop < 0;
  for (let n = loop; loop >= 0 && n < code.after(loop); n++) {
    const kind = code.kind(n);
    // The takes themselves, and what a select waits for beside them.
    if (takes.includes(n) && kind !== Kind.Loop) continue;
    if (code.role(n) === Role.Comm) {
      if (code.within(take, n)) isAsync = true;
      n = code.after(n) - 1;
      continue;
    }
    if (kind === Kind.Await) {
      if (code.within(take, n)) isAsync = true;
      else if (takes.some((t) => code.within(t, n))) continue;
      else if (!sharedLocks.test(callName(code, code.child(n, Role.Object)))) waits = true;
    } else if (kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.Call || kind === Kind.MethodCall) {
      const name = callName(code, n);
      if (/^(spawn|spawn_local|spawn_on)$/.test(name) || siteAt(Values.of(fn.package.program), fn, code, n)) {
        starts = true;
        n = code.after(n) - 1;
      } else if (asideCalls.test(name) || passesOn(fn, n)) stores = true;
      else if (!lookCalls.test(name) && !isOfEnded(code, loop, n)) others = true;
    }
  }
  return { isAsync, starts, keeps: (stores || starts) && !others, others, waits };
}

/** The loop around a take; `rx.try_iter().for_each(|job| …)` is one as well. Or -1. */
function roundsOf({ code }: Fn, take: NodeId): NodeId {
  if (code.kind(take) === Kind.Loop) return take;
  const call = code.parent(take);
  if (code.is(call, Kind.MethodCall, 'for_each') && code.role(take) === Role.Object) return call;
  return code.ancestor(take, (a) => code.kind(a) === Kind.Loop);
}

/** `next_tx.send(message)` into a channel that has no bound either, and is judged itself. */
function passesOn(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (!code.is(call, Kind.MethodCall, 'send')) return false;
  const sender = code.child(call, Role.Object);
  const values = Values.of(fn.package.program);
  const type = values.typeOf(fn, sender);
  if (type && lastSegment(peel(type).type.name) === 'UnboundedSender') return true;
  const b =
    code.kind(sender) === Kind.Name
      ? values.scope(fn).lookup(code.name(sender), code.start(sender))
      : undefined;
  return b !== undefined && b.value >= 0 && /^unbounded(_channel)?$/.test(callName(code, b.value));
}
