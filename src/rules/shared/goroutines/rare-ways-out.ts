/** Ways out that are taken seldom, however much is asked of the service: what they leave waiting is little. */

import { ownerEnds } from '../../../knowledge/endings.ts';
import { errorNames } from '../../../knowledge/errors.ts';
import { diskPackages, processes } from '../../../knowledge/go-channels.ts';
import { callName } from '../../../program/calls/call-name.ts';
import { testedError } from '../../../program/calls/never-fails.ts';
import type { ChannelUseKind } from '../../../program/channels/go-channels.ts';
import type { Fn } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { CALLS } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import type { Stranded } from './stranded-goroutines.ts';

/**
 * The maker of a channel gave up waiting for it: in an arm of a `select`, after it has received some of what is sent, or since
 * the client's request is not what it should be. Otherwise something else has failed before it came to wait, which is seldom.
 */
export function gaveUpWaiting({ channel, exit }: Stranded): boolean {
  const { fn, block, uses } = channel;
  const { code } = fn;
  return (
    isInSelect(fn, exit.node, block) ||
    uses.some((u) => u.started < 0 && WAITS.has(u.kind) && u.node < code.after(exit.node)) ||
    refusesRequest(fn, exit.node, block)
  );
}

/** `if err := work(ctx); err != nil { failed <- err }`: what its maker has given up waiting for mostly fails, too. */
export function failsOnceGivenUp({ channel, use, exit }: Stranded): boolean {
  const { fn, block, uses } = channel;
  return (
    sendsFailure(use.fn, use.node) &&
    // An arm that leaves the `select` and not the function comes to the end of the block.
    (isInSelect(fn, exit.node, block) ||
      (exit.node === block && uses.some((u) => u.started < 0 && u.optional)))
  );
}

/** What a maker that has begun to wait has done: it has handed the channel to whoever receives, at least. */
const WAITS: ReadonlySet<ChannelUseKind> = new Set(['receive', 'range', 'pass']);

/** `case <-ctx.Done(): return` */
function isInSelect({ code }: Fn, exit: NodeId, block: NodeId): boolean {
  const arm = code.ancestor(exit, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  return arm >= block;
}

/** `if err := r.ParseForm(); err != nil { return }`, `if err := json.NewDecoder(r.Body).Decode(&order); err != nil { return }` */
export function refusesRequest(fn: Fn, exit: NodeId, block: NodeId): boolean {
  const error = testedError(fn, exit, block);
  return error !== undefined && readsRequest(fn, error.value);
}

/** It asks the request that the function was given, for more than its context; one that it sends itself is its own. */
function readsRequest(fn: Fn, value: NodeId): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  for (let n = value; n < code.after(value); n++) {
    const b = code.kind(n) === Kind.Name ? values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
    const type = b?.source === 'parameter' ? values.typeOf(fn, n) : undefined;
    if (
      type &&
      peel(type).type.name === 'net/http.Request' &&
      !code.is(code.parent(n), Kind.MethodCall, 'Context')
    )
      return true;
  }
  return false;
}

/** Why a way out is seldom taken, or undefined. */
export function rareWayOut({ channel, started, use, exit }: Stranded): string | undefined {
  const { fn, uses } = channel;
  const { fact } = fn;
  const sends = uses.filter((u) => u.started === started && u.kind === 'send');
  const takesLast = uses.some((u) => u.kind === 'receive' && fn.code.within(u.node, exit.node));
  if (use.kind === 'send' && (channel.room > 0 || takesLast) && sends.every((u) => u.callback))
    return 'what the goroutine calls would have to call back more than once';
  if (use.kind === 'send' && channel.room > 0 && sends.every((u) => sendsFailure(u.fn, u.node)))
    return 'more would have to fail than the buffer has room for';
  if (use.kind === 'send' && channel.room > 1) return 'the queue would have to be full just then';
  if (use.kind === 'send' && isPicked(fn, use.node, started))
    return 'what is sent would have to be none of what was left out before';
  if (
    (ownerEnds.test(fact.name) || /^(quit|kill|terminate)/i.test(fact.name)) &&
    waitsForProcess(fn, started)
  )
    return 'a process that is ended would have to go on';
  return failsOnDisk(fn, exit.node, channel.block);
}

/** `if err != nil && !errors.Is(err, net.ErrClosed) { failed <- err }`: only some of what may come is sent. */
function isPicked({ code }: Fn, send: NodeId, started: NodeId): boolean {
  const test = code.ancestor(send, (a) => code.kind(a) === Kind.If && code.role(a) !== Role.Else);
  const condition = test < started ? -1 : code.child(test, Role.Condition);
  if (!code.is(condition, Kind.Binary, '&&')) return false;
  for (let n = condition; n < code.after(condition); n++)
    if (code.is(n, Kind.Unary, '!') && CALLS[code.kind(code.child(n, Role.Object))] === 1) return true;
  return false;
}

/** `if err != nil { failed <- err }` */
function sendsFailure({ code }: Fn, send: NodeId): boolean {
  const test = code.ancestor(send, (a) => code.kind(a) === Kind.If);
  const condition = test < 0 ? -1 : code.child(test, Role.Condition);
  const then = test < 0 ? -1 : code.child(test, Role.Then);
  return (
    code.is(condition, Kind.Binary, '!=') &&
    code.within(send, then) &&
    errorNames.test(code.name(code.child(condition, Role.Left))) &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil')
  );
}

/** The way out is what a failing disk takes, and nobody outside: the words for it, or undefined. */
export function failsOnDisk(fn: Fn, exit: NodeId, from: NodeId): string | undefined {
  const error = testedError(fn, exit, from)?.value ?? -1;
  const { code } = fn;
  if (error < 0 || !code.is(error, Kind.MethodCall)) return undefined;
  const object = code.child(error, Role.Object);
  const values = Values.of(fn.package.program);
  const of = values.goPackage(fn, object);
  const type = of === undefined ? values.typeOf(fn, object) : undefined;
  const isOfDisk =
    of === undefined ? type !== undefined && peel(type).type.name === 'os.File' : diskPackages.has(of);
  return isOfDisk ? `\`${callName(code, error)}\` fails only where the disk does` : undefined;
}

/** `go func() { done <- cmd.Wait() }()` */
function waitsForProcess(fn: Fn, go: NodeId): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  for (
    let n = code.next(CALLS, go, code.after(go));
    n < code.after(go);
    n = code.next(CALLS, n + 1, code.after(go))
  ) {
    if (!code.is(n, Kind.MethodCall, 'Wait')) continue;
    const type = values.typeOf(fn, code.child(n, Role.Object));
    if (type && processes.has(peel(type).type.name)) return true;
  }
  return false;
}
