/** Channels that a function fills for its caller, who stops listening before the end. */
import { Calls } from '../../../program/calls/calls.ts';
import { exits } from '../../../program/calls/exits.ts';
import {
  type ChannelUse,
  GoChannels,
  isOptional,
  type LocalChannel,
} from '../../../program/channels/go-channels.ts';
import type { Fn } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import type { Code } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

/** A goroutine that goes on sending to a caller who has left. */
export interface Abandoned {
  readonly channel: LocalChannel;
  /** The `go` statement. */
  readonly started: NodeId;
  /** The send where it stays. */
  readonly send: ChannelUse;
  readonly caller: Fn;
  /** Where the caller leaves its loop. */
  readonly exit: NodeId;
  /** It leaves a loop in which it asks again and again: the sender may just not be sending. */
  readonly maybe: boolean;
}

/** `for v := range generate() { if found { return } }`, `case v := <-start():` beside another arm: the first caller that leaves early, if the sender cannot tell. */
export function abandonedBy(channel: LocalChannel): Abandoned | undefined {
  const { fn, binding, uses, room } = channel;
  const code = fn.code;
  // It is made, filled by goroutines of its own, perhaps closed, and returned: nobody else has it.
  const others = uses.filter((u) => u.started < 0 && u.kind !== 'close' && u.kind !== 'measure');
  if (others.length === 0 || others.some((u) => !isReturned(code, u.node))) return undefined;
  const send = uses.find((u) => u.started >= 0 && u.kind === 'send' && !u.optional);
  if (!send || send.fn !== fn) return undefined;
  const closure = code.ancestor(send.node, (a) => code.kind(a) === Kind.Closure);
  const body = closure < 0 ? -1 : code.child(closure, Role.Body);
  const most = body < 0 ? undefined : GoChannels.of(fn.package.program).mostSends(fn, body, binding);
  if (most === undefined || most <= room) return undefined;
  for (const site of Calls.of(fn.package.program).sitesOf(fn)) {
    if (site.kind !== 'call' || site.fn.isTest) continue;
    const loop = most > 1 ? listeningLoop(site.fn, site.node) : -1;
    const arm = loop < 0 ? otherArm(site.fn, site.node) : undefined;
    const atLast = (way: NodeId) => leavesAtLast(fn, body, binding.name, site.fn, way);
    const open = loop < 0 ? -1 : leavesEarly(site.fn.code, loop, atLast);
    const exit = loop < 0 ? (arm?.exit ?? -1) : open >= 0 ? open : leavesEarly(site.fn.code, loop);
    const isLast = loop >= 0 && open < 0;
    const maybe = isLast || arm?.isAskedAgain === true;
    const base = { channel, started: send.started, send, caller: site.fn, maybe };
    if (exit >= 0) return { ...base, exit };
  }
  return undefined;
}

/**
 * `if result.Err != nil { return result.Err }` in the caller, and whatever is sent with an `Err` is the last that is sent:
 * there is nobody left to wait.
 */
function leavesAtLast({ code }: Fn, body: NodeId, channel: string, caller: Fn, exit: NodeId): boolean {
  const of = caller.code;
  const test = of.ancestor(exit, (a) => of.kind(a) === Kind.If);
  const condition = test < caller.first ? -1 : of.child(test, Role.Condition);
  if (!of.is(condition, Kind.Binary, '!=') || !of.is(of.child(condition, Role.Right), Kind.Literal, 'nil'))
    return false;
  const field = of.child(condition, Role.Left);
  if (of.kind(field) !== Kind.Field || !of.within(exit, of.child(test, Role.Then))) return false;
  let told = 0;
  for (let n = body; n < code.after(body); n++) {
    if (code.kind(n) !== Kind.Send || code.name(code.child(n, Role.Object)) !== channel) continue;
    let isTold = false;
    for (let m = n; m < code.after(n); m++) isTold ||= code.is(m, Kind.FieldInit, of.name(field));
    if (!isTold) continue;
    const next = code.children(code.parent(n)).find((c) => c > n);
    if (next === undefined ? code.parent(n) !== body : !exits(code, next)) return false;
    told++;
  }
  return told > 0;
}

/**
 * `select { case err := <-start(): …; case <-timer.C: return }`, or the same with `c := start()`, which nothing else receives
 * from: the arm that is taken without the answer.
 */
function otherArm(
  fn: Fn,
  call: NodeId,
): { readonly exit: NodeId; readonly isAskedAgain: boolean } | undefined {
  const code = fn.code;
  const up = code.parent(call);
  const receive = code.is(up, Kind.Unary, '<-') ? up : onlyReceive(fn, call);
  if (receive < 0 || !isOptional(fn, receive)) return undefined;
  const arm = code.ancestor(receive, (a) => code.kind(a) === Kind.Arm);
  const select = code.parent(arm);
  const declared = receive === up ? call : code.parent(call);
  const loop = code.ancestor(select, (a) => code.kind(a) === Kind.Loop);
  // What is not left is asked again.
  const isAskedAgain = loop >= fn.first && !code.within(declared, loop);
  for (const other of code.all(select, Role.Arm)) {
    if (other === arm) continue;
    const body = code.child(other, Role.Body);
    if (isAskedAgain && !exits(code, body)) continue;
    return { exit: body < 0 ? other : (code.children(body).at(-1) ?? other), isAskedAgain };
  }
  return undefined;
}

/** The one use of the name that a call is bound to, where that is a receive; or -1. */
function onlyReceive(fn: Fn, call: NodeId): NodeId {
  const only = onlyUse(fn, call);
  return only?.kind === 'receive' && only.started < 0 ? only.node : -1;
}

function isReturned(code: Code, n: NodeId): boolean {
  return code.kind(code.parent(n)) === Kind.Return;
}

/** The one loop that takes what a call gives: `range f()`, or `c := f(); for v := range c`, and nothing else; or -1. */
function listeningLoop(fn: Fn, call: NodeId): NodeId {
  const code = fn.code;
  const up = code.parent(call);
  if (code.kind(up) === Kind.Loop && code.role(call) === Role.Iter) return up;
  const only = onlyUse(fn, call);
  return only?.kind === 'range' && only.started < 0 ? only.node : -1;
}

/** What is done with the name that a call is bound to, where that is one thing. */
function onlyUse(fn: Fn, call: NodeId): ChannelUse | undefined {
  const code = fn.code;
  const up = code.parent(call);
  if (code.kind(up) !== Kind.Let || code.all(up, Role.Value).length !== 1) return undefined;
  const [pattern] = code.all(up, Role.Pattern);
  if (pattern === undefined) return undefined;
  const binding = Values.of(fn.package.program).scope(fn).lookup(code.name(pattern), code.end(up));
  const [only, ...others] = binding ? GoChannels.of(fn.package.program).usesOf(fn, binding) : [];
  return others.length === 0 ? only : undefined;
}

/** A `return`, or a `break` of this very loop, in its body, of which `isLast` does not know that it ends what is sent; or -1. */
export function leavesEarly(
  code: Code,
  loop: NodeId,
  isLast: (way: NodeId) => boolean = () => false,
): NodeId {
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure) n = code.after(n) - 1;
    else if (kind === Kind.Return) {
      if (!isLast(n)) return n;
    } else if (kind === Kind.Break && code.name(n) === '') {
      const from = code.ancestor(n, (a) =>
        [Kind.Loop, Kind.Match, Kind.Select].includes(code.kind(a) as never),
      );
      if (from === loop && !isLast(n)) return n;
    }
  }
  return -1;
}
