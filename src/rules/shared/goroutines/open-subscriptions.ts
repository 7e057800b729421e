/** Goroutines that read what they have subscribed to: who takes the subscription back does not close its channel. */
import { returnsOf } from '../../../program/calls/exits.ts';
import { isMakeChannel } from '../../../program/channels/go-channels.ts';
import type { Fn, Package } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import { peel, type TypeRef } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { CALLS, kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const SPAWNS = kinds(Kind.Spawn);

/** A goroutine that ranges over a channel which another function has made and kept. */
export interface Subscription {
  readonly fn: Fn;
  /** The `go` statement. */
  readonly started: NodeId;
  /** The loop over the channel. */
  readonly loop: NodeId;
  readonly channel: string;
  readonly maker: Fn;
  /** The `make` in the maker. */
  readonly make: NodeId;
  /** What closes channels of this kind. */
  readonly closed: { readonly fn: Fn; readonly node: NodeId } | undefined;
}

/** `lines := broker.Subscribe(); go func() { for l := range lines { … } }()`, of all functions of a package. */
export function openSubscriptions(pkg: Package): Subscription[] {
  const out: Subscription[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (
      let n = code.next(SPAWNS, fn.first, fn.after);
      n < fn.after;
      n = code.next(SPAWNS, n + 1, fn.after)
    ) {
      const loop = lastingRange(fn, n);
      const found = loop < 0 ? undefined : subscribed(fn, n, loop);
      if (found) out.push(found);
    }
  }
  return out;
}

/** The loop over a name with which the closure of a `go` statement ends, unless something leaves it; or -1. */
function lastingRange({ code }: Fn, started: NodeId): NodeId {
  const closure = code.child(code.child(started, Role.Object), Role.Callee);
  const body = code.is(closure, Kind.Closure) ? code.child(closure, Role.Body) : -1;
  const loop = body < 0 ? -1 : (code.children(body).find((c) => code.kind(c) === Kind.Loop) ?? -1);
  if (loop < 0 || !code.is(code.child(loop, Role.Iter), Kind.Name)) return -1;
  for (let n = loop; n < code.after(loop); n++)
    if (code.kind(n) === Kind.Return || code.kind(n) === Kind.Break) return -1;
  return loop;
}

function subscribed(fn: Fn, started: NodeId, loop: NodeId): Subscription | undefined {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  const channel = code.child(loop, Role.Iter);
  const b = values.scope(fn).lookup(code.name(channel), code.start(channel));
  if (!b || b.value < 0 || b.value > started || CALLS[code.kind(b.value)] !== 1) return undefined;
  const [maker, ...others] = values.callees(fn, b.value);
  if (!maker || others.length > 0 || maker.fact.receiver === '' || maker.isTest) return undefined;
  const [kept, ...more] = returnsOf(maker, b.source === 'part' ? b.index : 0);
  const made =
    kept !== undefined && more.length === 0 && maker.code.is(kept, Kind.Name)
      ? values.scope(maker).lookup(maker.code.name(kept), maker.code.start(kept))
      : undefined;
  if (!made || made.value < 0 || !isMakeChannel(maker, made.value) || !isKept(maker, made)) return undefined;
  const element = values.typeOf(fn, channel)?.args[0];
  const closed = closing(maker.package, element);
  return { fn, started, loop, channel: b.name, maker, make: made.value, closed };
}

/** `b.subs[id] = ch`, `b.subs = append(b.subs, ch)`: others send to it from now on. It is handed to nobody else. */
function isKept(maker: Fn, made: Binding): boolean {
  const { code, fact } = maker;
  let kept = false;
  for (let n = made.value; n < maker.after; n++) {
    if (!code.is(n, Kind.Name, made.name) || n === made.node) continue;
    const up = code.parent(n);
    if (code.kind(up) === Kind.Return) continue;
    const assign = code.ancestor(n, (a) => code.kind(a) === Kind.Assign || code.kind(a) === Kind.Block);
    let target = code.kind(assign) === Kind.Assign ? code.child(assign, Role.Target) : -1;
    while (code.is(target, Kind.Index) || code.is(target, Kind.Field))
      target = code.child(target, Role.Object);
    if (!code.is(target, Kind.Name, fact.receiver)) return false;
    kept = true;
  }
  return kept;
}

/** What closes a channel of such elements in a package, or one of whose elements nothing is known. */
function closing(pkg: Package, element: TypeRef | undefined): Subscription['closed'] {
  const values = Values.of(pkg.program);
  for (const fn of pkg.functions) {
    const { code } = fn;
    if (fn.isTest) continue;
    for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
      if (!code.is(n, Kind.Call) || !code.is(code.child(n, Role.Callee), Kind.Name, 'close')) continue;
      const type = values.typeOf(fn, code.child(n, Role.Arg))?.args[0];
      const isSame = !type || !element || nameOf(type) === nameOf(element);
      if (isSame) return { fn, node: n };
    }
  }
  return undefined;
}

function nameOf(type: TypeRef): string {
  const { decl, name } = peel(type).type;
  return decl?.id ?? name;
}
