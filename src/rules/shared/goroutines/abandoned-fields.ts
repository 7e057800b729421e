/** Channels in a field that a goroutine fills for whoever holds the value, who stops listening before the end. */
import { Calls } from '../../../program/calls/calls.ts';
import { type FieldChannel, fieldChannelsOf } from '../../../program/channels/go-field-channels.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import type { Fn, Package, TypeDecl } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { usesOf } from '../go-locals.ts';

/** A goroutine that waits at a field for somebody who does not listen, or need not. */
export interface AbandonedField {
  readonly channel: FieldChannel;
  readonly send: { readonly fn: Fn; readonly node: NodeId };
  /** The function that starts the goroutine, and the `go` statement. */
  readonly starter: Fn;
  readonly started: NodeId;
  readonly caller: Fn;
  /** Where the caller leaves; or the call whose result it hands on to whom a method promises a signal. */
  readonly exit: NodeId;
  readonly isHandedOn: boolean;
}

/** The abandoned channels in fields of a package's types, in the order of their fields. */
export function abandonedFields(pkg: Package): AbandonedField[] {
  const out: AbandonedField[] = [];
  for (const channel of fieldChannelsOf(pkg).values()) {
    const [send, ...others] = channel.uses.filter((u) => u.kind === 'send');
    if (!send || others.length > 0 || send.optional || channel.rooms.length === 0) continue;
    if (channel.rooms.some((r) => r > 0)) continue;
    const given = accessorsOf(channel);
    const start = given && starterOf(channel, send);
    const found = start && leftBy({ channel, send, ...start }, given);
    if (found) out.push(found);
  }
  return out;
}

/** The methods that do nothing but give the channel out; undefined where somebody else has it, or takes from it inside. */
function accessorsOf(channel: FieldChannel): ReadonlySet<string> | undefined {
  const out = new Set<string>();
  for (const { kind, fn, node } of channel.uses) {
    if (kind === 'send' || kind === 'close' || kind === 'measure') continue;
    const isGiven = kind === 'escape' && fn.code.is(fn.code.parent(node), Kind.Return);
    if (!isGiven || fn.fact.owner !== channel.owner.fact.name) return undefined;
    out.add(fn.fact.name);
  }
  return out.size > 0 ? out : undefined;
}

/** The function that makes the owner and starts what sends: a method of the owner, or a closure of its own. */
function starterOf(
  { owner }: FieldChannel,
  { fn: sender, node: send }: AbandonedField['send'],
): Pick<AbandonedField, 'starter' | 'started'> | undefined {
  const spawnOf = (fn: Fn, n: NodeId) => fn.code.ancestor(n, (a) => fn.code.is(a, Kind.Spawn));
  if (sender.fact.owner === '') {
    const started = spawnOf(sender, send);
    return started > sender.first && makes(sender, owner) ? { starter: sender, started } : undefined;
  }
  for (const { kind, fn, node } of Calls.of(sender.package.program).sitesOf(sender)) {
    const started = kind === 'call' ? fn.code.parent(node) : -1;
    if (fn.code.is(started, Kind.Spawn) && fn.fact.owner === '' && makes(fn, owner))
      return { starter: fn, started };
  }
  return undefined;
}

/** It makes one, and gives it back as what it is or as an interface. */
function makes(fn: Fn, decl: TypeDecl): boolean {
  const values = Values.of(fn.package.program);
  for (let n = fn.first; fn.fact.result >= 0 && n < fn.after; n++)
    if (fn.code.is(n, Kind.Composite) && values.declOf(fn, n) === decl) return true;
  return false;
}

/** The first caller that leaves while the goroutine may still send. */
function leftBy(
  found: Omit<AbandonedField, 'caller' | 'exit' | 'isHandedOn'>,
  accessors: ReadonlySet<string>,
): AbandonedField | undefined {
  const { send, starter } = found;
  const { code } = send.fn;
  const isRepeated = code.ancestor(send.node, (a) => code.kind(a) === Kind.Loop) > 0;
  for (const { kind, fn, node } of Calls.of(starter.package.program).sitesOf(starter)) {
    if (kind !== 'call' || fn.isTest) continue;
    const up = fn.code.parent(node);
    if (fn.code.is(up, Kind.Let)) {
      const exit = leavesListening(fn, up, accessors, isRepeated);
      if (exit >= 0) return { ...found, caller: fn, exit, isHandedOn: false };
    } else if (!isRepeated && accessors.has('Done') && fn.code.role(node) === Role.Arg)
      return { ...found, caller: fn, exit: node, isHandedOn: true };
  }
  return undefined;
}

/** A way out of the block of `c := start()` before `c` has given all there is, if nobody else has `c`; or -1. */
function leavesListening(fn: Fn, made: NodeId, accessors: ReadonlySet<string>, isRepeated: boolean): NodeId {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const pattern = code.child(made, Role.Pattern);
  const binding = pattern < 0 ? undefined : values.scope(fn).lookup(code.name(pattern), code.end(made));
  if (!binding || binding.node !== pattern || !code.is(code.parent(made), Kind.Block)) return -1;
  const received = new Set<NodeId>();
  for (const use of usesOf(values, fn, binding)) {
    if (use === pattern) continue;
    const call = code.parent(use);
    const listens =
      code.is(call, Kind.MethodCall) && code.role(use) === Role.Object && accessors.has(code.name(call));
    const taken = listens ? code.parent(call) : -1;
    const isRange = code.is(taken, Kind.Loop) && code.role(call) === Role.Iter;
    if (!isRange && !code.is(taken, Kind.Unary, '<-')) return -1;
    received.add(taken);
  }
  if (received.size === 0) return -1;
  const owed = isRepeated ? Number.NEGATIVE_INFINITY : -1;
  const weigh = (n: NodeId) => (n === made ? owed : received.has(n) ? 1 : 0);
  const open = pathExits(code, code.parent(made), weigh, 'least')?.find(
    (e) => e.total < 0 && code.is(e.node, Kind.Return) && !isToldEnd(fn, e.node, received),
  );
  return open?.node ?? -1;
}

/** `v, ok := <-c.Next(); if !ok { return }`: the channel is closed there. */
function isToldEnd({ code }: Fn, exit: NodeId, received: ReadonlySet<NodeId>): boolean {
  const test = code.ancestor(exit, (a) => code.kind(a) === Kind.If);
  const condition = test < 0 ? -1 : code.child(test, Role.Condition);
  for (const taken of received) {
    const ok = code.all(code.parent(taken), Role.Pattern)[1];
    for (let n = condition; ok !== undefined && n >= 0 && n < code.after(condition); n++)
      if (code.is(n, Kind.Name, code.name(ok))) return true;
  }
  return false;
}
