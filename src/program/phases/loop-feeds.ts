/** Who brings what a loop waits for: peers, of whom there may be many, or the program itself. */
import {
  localAccepts,
  localConnections,
  localListeners,
  loopback,
  peerReads,
  peerStreams,
} from '../../knowledge/handlers.ts';
import { streamNext } from '../../knowledge/loops.ts';
import { connections } from '../../knowledge/readers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, SourceFile } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { readsConnection } from './connection-reads.ts';
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
    if (code.kind(n) === Kind.MethodCall && acceptsLocally(fn, code.name(n), code.child(n, Role.Object)))
      return false;
    if (isPeer(fn, n)) return true;
    if (code.is(n, Kind.Unary, '<-') && isOfLibrary(fn, code.child(n, Role.Object), 0)) return true;
  }
  return false;
}

function isPeer(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
  const name = callName(code, n);
  const object = code.child(n, Role.Object);
  if (acceptsLocally(fn, name, object)) return false;
  if (streamNext.test(name)) return isMadeOf(fn, object, peerStreams);
  if (/^(recv|recv_many|recv_async|receive)$/.test(name))
    return object >= 0 && (!isChannel(fn, object) || bringsConnections(fn, object));
  return peerReads.test(name) || readsConnection(fn, n);
}

/**
 * Rust: who connects to a socket in the file system, or to an address that is written as that of the machine itself, runs on
 * the same machine, mostly to administer, extend or test the program.
 */
function acceptsLocally(fn: Fn, name: string, object: NodeId): boolean {
  if (fn.package.language !== 'rust' || object < 0 || !localAccepts.test(name)) return false;
  if (bindsLoopback(fn, object, 0)) return true;
  const type = Values.of(fn.package.program).typeOf(fn, object);
  if (type) return localListeners.test(peel(type).type.name);
  return isMadeOf(fn, object, localListeners);
}

/**
 * `TcpListener::bind("127.0.0.1:8080").await?`: the address itself, a constant or a local name for it, wherever the listener
 * is handed on from; not what a configuration may replace.
 */
function bindsLoopback(fn: Fn, n: NodeId, depth: number): boolean {
  const { code } = fn;
  if (n < 0 || depth > 6) return false;
  const { program } = fn.package;
  const all = (sources: readonly { readonly fn: Fn; readonly value: NodeId }[]) =>
    sources.length > 0 && sources.every((s) => bindsLoopback(s.fn, s.value, depth + 1));
  const kind = code.kind(n);
  if (kind === Kind.Name) {
    const b = Values.of(program).scope(fn).lookup(code.name(n), code.start(n));
    if (b?.source === 'value') return b.value >= 0 && b.value < n && bindsLoopback(fn, b.value, depth + 1);
    const sites =
      b?.source === 'parameter'
        ? Calls.of(program)
            .sitesOf(fn)
            .filter((s) => !s.fn.isTest)
        : [];
    return (
      sites.every((s) => s.kind === 'call') &&
      all(sites.map((s) => ({ fn: s.fn, value: s.fn.code.all(s.node, Role.Arg)[b?.index ?? -1] ?? -1 })))
    );
  }
  if (kind === Kind.Call && /(^|::)bind$/.test(callName(code, n)))
    return isLoopback(fn.file, fn, code.child(n, Role.Arg), 0);
  const inner = code.child(n, Role.Object);
  if (kind === Kind.Field) {
    const decl = Values.of(program).declOf(fn, inner);
    const writes = decl ? Writes.of(program).toField(decl, code.name(n)) : [];
    return (
      writes.every((w) => w.fn) && all(writes.flatMap((w) => (w.fn ? [{ fn: w.fn, value: w.value }] : [])))
    );
  }
  return inner >= 0 && bindsLoopback(fn, inner, depth + 1);
}

/**
 * An address, written out: `"127.0.0.1:80"`, `&format!("localhost:{port}")`, `(Ipv4Addr::LOCALHOST, port)`, `([127, 0, 0, 1], port)`,
 * `SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), PORT)`.
 * @param fn the function it stands in; none for a constant's value
 */
function isLoopback(file: SourceFile, fn: Fn | undefined, n: NodeId, depth: number): boolean {
  const { code } = file;
  if (n < 0 || depth > 7) return false;
  const next = (m: NodeId | undefined) => isLoopback(file, fn, m ?? -1, depth + 1);
  const named = () => {
    const g = file.package.globalMeant(file, code.name(n));
    return g?.fact.kind === 'const' && isLoopback(g.file, undefined, g.fact.value, depth + 1);
  };
  switch (code.kind(n)) {
    case Kind.String:
      return loopback.test(code.name(n));
    case Kind.Number:
      return code.name(n) === '127';
    case Kind.Path:
      return /(^|::)LOCALHOST$/.test(code.name(n)) || named();
    case Kind.Unary:
      return next(code.child(n, Role.Object));
    case Kind.MethodCall:
      return /^(parse|into|unwrap|expect)$/.test(code.name(n)) && next(code.child(n, Role.Object));
    case Kind.Try:
      return next(code.child(n, Role.Object));
    case Kind.Macro:
    case Kind.Sequence:
      return next(code.children(n)[0]);
    case Kind.Call:
      return (
        /(^|::)((SocketAddr(V4|V6)?|Ip(v4|v6)?Addr)::(new|from|V4|V6))$/.test(
          code.name(code.child(n, Role.Callee)),
        ) && next(code.child(n, Role.Arg))
      );
    case Kind.Name: {
      const b = fn && Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      return b ? b.source === 'value' && b.value >= 0 && b.value < n && next(b.value) : named();
    }
    default:
      return false;
  }
}

/** Rust: the end of a channel, or something of which nobody knows what it is. */
function isChannel(fn: Fn, object: NodeId): boolean {
  const type = Values.of(fn.package.program).typeOf(fn, object);
  return type === undefined || /Receiver$/.test(lastSegment(peel(type).type.name));
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
