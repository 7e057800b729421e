/** Sends to a loop that may have been stopped: whoever comes after that waits for ever. */
import { Calls } from '../../../program/calls/calls.ts';
import {
  type FieldChannel,
  type FieldChannelUse,
  fieldChannelsOf,
} from '../../../program/channels/go-field-channels.ts';
import { pathExits } from '../../../program/channels/paths.ts';
import { Places } from '../../../program/places/places.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

/** A send that nobody receives once the receiving loop has returned. */
export interface LateSend {
  readonly send: FieldChannelUse;
  readonly channel: FieldChannel;
  /** The arm that ends the loop, and the channel it listens to. */
  readonly stop: {
    readonly fn: Fn;
    readonly arm: NodeId;
    readonly field: string;
    /** It receives when it is asked to, one at a time, and not in a loop of its own. */
    readonly asked: boolean;
  };
}

/** All sends of a package to the stoppable loops of its types, in source order. */
export function lateSends(pkg: Package): LateSend[] {
  const out: LateSend[] = [];
  const channels = fieldChannelsOf(pkg);
  for (const channel of channels.values()) {
    const isBuffered = channel.rooms.some((r) => r > 0);
    if (channel.rooms.length === 0 || channel.rooms.includes(Infinity)) continue;
    if (channel.uses.some((u) => u.kind === 'escape' || u.kind === 'close')) continue;
    const receives = channel.uses.filter((u) => u.kind === 'receive' || u.kind === 'range');
    const stops = receives.map((r) => stopOf(r, channel, channels));
    const [stop] = stops;
    if (!stop || stops.some((s) => s?.fn !== stop.fn)) continue;
    for (const send of channel.uses)
      if (send.kind === 'send' && !send.optional && send.fn !== stop.fn && !send.fn.file.facts.generated)
        if (!(isBuffered || stop.asked) || isFedByGoroutine(send)) out.push({ send, channel, stop });
  }
  return out;
}

/** The arm beside a receive that ends the loop when a field of the same type is closed. */
function stopOf(
  receive: FieldChannelUse,
  channel: FieldChannel,
  channels: ReadonlyMap<string, FieldChannel>,
): LateSend['stop'] | undefined {
  const { fn, node } = receive;
  const code = fn.code;
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm);
  const select = arm < 0 ? -1 : code.parent(arm);
  const loop = select < 0 ? -1 : code.ancestor(select, (a) => code.kind(a) === Kind.Loop);
  const isComm = arm >= 0 && code.within(node, code.child(arm, Role.Comm));
  const asked = select >= 0 && loop < fn.first;
  if (!isComm || !(asked || code.is(loop, Kind.Loop, 'loop'))) return undefined;
  const places = Places.of(fn.package.program);
  for (const other of code.all(select, Role.Arm)) {
    if (other === arm) continue;
    const comm = code.child(other, Role.Comm);
    const received = receivedIn(fn, comm);
    const place = received < 0 ? undefined : places.of(fn, received);
    if (!place || place.owner !== channel.owner || place.root !== 'field' || place.depth > 0) continue;
    const isClosed = channels.get(place.key)?.uses.some((u) => u.kind === 'close');
    if (!isClosed || !leaves(fn, other)) continue;
    return { fn, arm: other, field: place.name, asked };
  }
  return undefined;
}

/** `for sc.Scan() { c.incoming <- sc.Text() }` in what is started with `go`: it sends until nobody takes any more. */
function isFedByGoroutine({ fn, node }: FieldChannelUse): boolean {
  const code = fn.code;
  const isGoing = (by: Fn, n: NodeId) =>
    by.code.ancestor(n, (a) => by.code.kind(a) === Kind.Spawn) >= by.first;
  return (
    code.ancestor(node, (a) => code.kind(a) === Kind.Loop) >= fn.first &&
    (isGoing(fn, node) ||
      Calls.of(fn.package.program)
        .sitesOf(fn)
        .some((s) => s.kind === 'call' && !s.fn.isTest && isGoing(s.fn, s.node)))
  );
}

/** The channel of `<-c` in an arm's communication. */
function receivedIn(fn: Fn, comm: NodeId): NodeId {
  const code = fn.code;
  for (let n = comm; comm >= 0 && n < code.after(comm); n++)
    if (code.is(n, Kind.Unary, '<-')) return code.child(n, Role.Object);
  return -1;
}

/** Every path through the arm returns at once: it does not go on receiving what is on its way. */
function leaves(fn: Fn, arm: NodeId): boolean {
  const code = fn.code;
  const body = code.child(arm, Role.Body);
  for (let n = body; n < code.after(body); n++)
    if (code.is(n, Kind.Unary, '<-') || code.kind(n) === Kind.Loop) return false;
  const exits = pathExits(code, body, () => 0, 'least');
  return exits !== undefined && exits.length > 0 && exits.every((e) => code.kind(e.node) === Kind.Return);
}
