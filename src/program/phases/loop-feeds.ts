/** Who brings what a loop waits for: peers, of whom there may be many, or the program itself. */
import {
  datagramStreams,
  localAccepts,
  localConnections,
  localListeners,
  peerReads,
  peerStreams,
  strangerReads,
} from '../../knowledge/handlers.ts';
import { streamNext } from '../../knowledge/loops.ts';
import { connections } from '../../knowledge/readers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { readsConnection } from './connection-reads.ts';
import { isOfOwnMachine } from './own-machine.ts';
import type { Round } from './reach.ts';
import { isMadeOf } from './serving-loops.ts';
import { awaitedBefore } from './spawn-rounds.ts';

/**
 * True when each round of a serving loop takes, before it comes to a node, what somebody outside sends: a connection, a
 * message of a socket, a broker or a stream. False for ticks and for channels that the program fills by itself.
 */
export function isFedByPeers(fn: Fn, loop: NodeId, node: NodeId): boolean {
  const code = fn.code;
  const iter = code.child(loop, Role.Iter);
  if (iter >= 0 && (isPeer(fn, iter) || isOfLibrary(fn, iter, 0))) return true;
  for (const n of awaitedBefore(fn, loop, node)) {
    // What comes over the connection comes from the same machine as well.
    if (CALLS[code.kind(n)] === 1 && acceptsLocally(fn, n)) return false;
    if (isPeer(fn, n)) return true;
    if (code.is(n, Kind.Unary, '<-') && isOfLibrary(fn, code.child(n, Role.Object), 0)) return true;
  }
  return false;
}

/**
 * A round takes a connection or a datagram: whoever sends it has come to the program by themselves. Where a stream of
 * messages comes from nobody sees: it is as often a server that the program has chosen.
 */
export function takesStrangers({ fn, loop, node }: Round): boolean {
  const { code } = fn;
  for (const n of [code.child(loop, Role.Iter), ...awaitedBefore(fn, loop, node)]) {
    if (n < 0 || (code.kind(n) !== Kind.MethodCall && code.kind(n) !== Kind.Call)) continue;
    if (strangerReads.test(callName(code, n))) return true;
    const object = code.child(n, Role.Object);
    if (
      object >= 0 &&
      /^(next|recv|recv_async|try_next)$/.test(callName(code, n)) &&
      (bringsConnections(fn, object) || isMadeOf(fn, object, datagramStreams))
    )
      return true;
  }
  return false;
}

function isPeer(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
  const name = callName(code, n);
  const object = code.child(n, Role.Object);
  if (acceptsLocally(fn, n)) return false;
  // The end of a channel of the program's own may be called after what it brings: `connection_requests.next()`.
  if (streamNext.test(name))
    return isTypedChannel(fn, object) ? bringsConnections(fn, object) : isMadeOf(fn, object, peerStreams);
  if (/^(recv|recv_many|recv_async|receive)$/.test(name))
    return object >= 0 && (!isChannel(fn, object) || bringsConnections(fn, object));
  return peerReads.test(name) || readsConnection(fn, n);
}

/**
 * Rust: who connects to a socket in the file system, or to an address that is written as that of the machine itself, runs on
 * the same machine, mostly to administer, extend or test the program.
 */
function acceptsLocally(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust' || !localAccepts.test(callName(code, n))) return false;
  // `listener.accept()`, `Peer::accept(&listener, magic)`
  const listener = code.child(n, code.kind(n) === Kind.MethodCall ? Role.Object : Role.Arg);
  if (listener < 0) return false;
  if (isOfOwnMachine(fn, listener)) return true;
  const type = Values.of(fn.package.program).typeOf(fn, listener);
  return type === undefined && isMadeOf(fn, listener, localListeners);
}

/** Rust: the end of a channel, or something of which nobody knows what it is. */
function isChannel(fn: Fn, object: NodeId): boolean {
  return Values.of(fn.package.program).typeOf(fn, object) === undefined || isTypedChannel(fn, object);
}

/** Rust: the end of a channel of a library: `&mut mpsc::Receiver<Job>`. */
function isTypedChannel(fn: Fn, object: NodeId): boolean {
  const type = object < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, object);
  return type !== undefined && /Receiver$/.test(lastSegment(peel(type).type.name));
}

/** Rust: each message is a connection, or holds one: `while let Some((stream, peer)) = accepted.recv().await`. */
function bringsConnections(fn: Fn, receiver: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const holds = (type: TypeRef | undefined, depth: number): boolean => {
    if (!type) return false;
    const { decl, name, args } = peel(type).type;
    if (connections.test(name)) return !localConnections.test(name);
    if (!decl) return name === 'tuple' && args.some((a) => holds(a, depth));
    return depth > 0 && decl.fact.fields.some((f) => holds(values.types.at(decl.file, f.type), depth - 1));
  };
  const type = fn.package.language === 'rust' ? values.typeOf(fn, receiver) : undefined;
  return type !== undefined && holds(peel(type).type.args[0], 1);
}

/** Go: a channel that a call outside the workspace has given: `for m := range consumer.Messages()`. */
function isOfLibrary(fn: Fn, channel: NodeId, depth: number): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || channel < 0 || depth > 2) return false;
  const values = Values.of(fn.package.program);
  if (code.kind(channel) === Kind.Name) {
    const b = values.scope(fn).lookup(code.name(channel), code.start(channel));
    return b !== undefined && b.value >= 0 && isOfLibrary(fn, b.value, depth + 1);
  }
  if (code.kind(channel) !== Kind.MethodCall) return false;
  const library = values.goPackage(fn, code.child(channel, Role.Object));
  if (library !== undefined ? STANDARD.test(library) : /^(Done|Err)$/.test(code.name(channel))) return false;
  return values.callees(fn, channel).length === 0;
}

/** Packages whose channels bring ticks and signals: https://pkg.go.dev/time#Tick */
const STANDARD = /^(time|os\/signal|context)$/;
