/** Goroutines that range over a channel which its owner hands out and never closes, though what sends to it ends. */
import { Calls } from '../../../program/calls/calls.ts';
import { type FieldChannel, fieldChannelsOf } from '../../../program/channels/go-field-channels.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const LOOPS = kinds(Kind.Loop);

/** `for ev := range w.Events() { … }` in a goroutine, where nothing closes what `Events` gives. */
export interface GivenChannel {
  readonly channel: FieldChannel;
  readonly accessor: Fn;
  /** The loop, and the function that it stands in. */
  readonly fn: Fn;
  readonly loop: NodeId;
  /** The `go` statement, and the function that it stands in. */
  readonly starter: Fn;
  readonly started: NodeId;
}

/** The goroutines of a package that stay behind at such a channel, in source order. */
export function givenChannels(pkg: Package): GivenChannel[] {
  const values = Values.of(pkg.program);
  const out: GivenChannel[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (let n = code.next(LOOPS, fn.first, fn.after); n < fn.after; n = code.next(LOOPS, n + 1, fn.after)) {
      const call = code.child(n, Role.Iter);
      if (!code.is(call, Kind.MethodCall) || code.child(call, Role.Arg) >= 0) continue;
      const [accessor, ...others] = values.callees(fn, call);
      const channel = accessor && others.length === 0 ? channelOf(accessor) : undefined;
      if (!accessor || !channel || leaves(fn, n) || !endsUnclosed(channel)) continue;
      for (const start of startsOf(fn, n)) out.push({ channel, accessor, fn, loop: n, ...start });
    }
  }
  return out;
}

/** The channel in a field of its owner that a method gives out and does nothing else. */
function channelOf(accessor: Fn): FieldChannel | undefined {
  for (const channel of fieldChannelsOf(accessor.package).values())
    if (channel.uses.some((u) => u.fn === accessor && u.kind === 'escape')) return channel;
  return undefined;
}

/** What sends to it leaves where another arm of its `select` says so, and nothing closes it or has it but who is given it. */
function endsUnclosed({ uses, rooms, owner }: FieldChannel): boolean {
  const sends = uses.filter((u) => u.kind === 'send');
  return (
    rooms.length > 0 &&
    sends.length > 0 &&
    sends.every((u) => u.optional && returnsBeside(u.fn, u.node)) &&
    uses.every(
      ({ kind, fn, node }) =>
        kind === 'send' ||
        kind === 'measure' ||
        (kind === 'escape' &&
          fn.fact.owner === owner.fact.name &&
          fn.code.is(fn.code.parent(node), Kind.Return)),
    )
  );
}

/** Another arm of the `select` around a send leaves the function. */
function returnsBeside({ code }: Fn, send: NodeId): boolean {
  const select = code.ancestor(send, (a) => code.kind(a) === Kind.Select);
  return code.all(select, Role.Arm).some((arm) => {
    for (let n = arm; n < code.after(arm); n++)
      if (code.kind(n) === Kind.Return) return !code.within(send, arm);
    return false;
  });
}

/** A loop is left from inside. */
function leaves({ code }: Fn, loop: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Return || code.kind(n) === Kind.Break) return true;
  }
  return false;
}

/** Where goroutines are started that run a loop: around it, or with the function that it stands in. */
function startsOf(fn: Fn, loop: NodeId): Pick<GivenChannel, 'starter' | 'started'>[] {
  const { code } = fn;
  const around = code.ancestor(loop, (a) => code.kind(a) === Kind.Spawn);
  if (around >= fn.first) return [{ starter: fn, started: around }];
  return Calls.of(fn.package.program)
    .sitesOf(fn)
    .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest && s.fn.package === fn.package)
    .map((s) => ({ starter: s.fn, started: s.fn.code.parent(s.node) }))
    .filter(({ starter, started }) => starter.code.is(started, Kind.Spawn));
}
