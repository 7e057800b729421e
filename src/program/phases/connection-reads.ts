/** Loops that take what the other end of a connection sends, in the standard library's own words. */

import { opening } from '../../knowledge/byte-sources.ts';
import { errorNames } from '../../knowledge/errors.ts';
import { connectionReads, rustConnectionItems, rustConnectionReads } from '../../knowledge/loops.ts';
import { goOpeningCalls } from '../../knowledge/provenance.ts';
import { connections, rustWrappers } from '../../knowledge/readers.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Writes } from '../places/writes.ts';
import type { Fn } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** A bare loop that reads from a connection and is left only when that fails: it serves whoever is at the other end. */
export function readsUntilItFails(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  const body = code.child(loop, Role.Body);
  let reads = false;
  for (let n = Math.max(body, 0); body >= 0 && n < code.after(body); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.Loop) n = code.after(n) - 1;
    else if (kind === Kind.Return || (kind === Kind.Break && leavesLoop(code, n, loop))) {
      if (!isAfterFailure(code, n, loop)) return false;
    } else if (!reads) reads = readsConnection(fn, n);
  }
  return reads;
}

/** A `break` that leaves the loop, not a switch or select in it. */
function leavesLoop(code: Code, n: NodeId, loop: NodeId): boolean {
  if (code.name(n) !== '') return true;
  const catches = (a: NodeId) => a === loop || code.kind(a) === Kind.Match || code.kind(a) === Kind.Select;
  return code.ancestor(n, catches) === loop;
}

/** A way out that stands in a branch which asks for an error. */
function isAfterFailure(code: Code, n: NodeId, loop: NodeId): boolean {
  return (
    code.ancestor(n, (a) => {
      const condition = code.kind(a) === Kind.If && code.within(a, loop) ? code.child(a, Role.Condition) : -1;
      for (let m = condition; m >= 0 && m < code.after(condition); m++)
        if (errorNames.test(code.name(m))) return true;
      return false;
    }) >= 0
  );
}

/** Rust: each round of a loop reads from a connection that was not opened here, until the other end says no more. */
export function readsEachRound(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  if (code.name(loop) === 'for') {
    // `for line in BufReader::new(stream).lines()`
    const iter = code.child(loop, Role.Iter);
    return (
      code.is(iter, Kind.MethodCall) &&
      rustConnectionItems.test(code.name(iter)) &&
      isOfRustConnection(fn, code.child(iter, Role.Object), 0)
    );
  }
  for (let n = loop + 1; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock || kind === Kind.Loop) n = code.after(n) - 1;
    else if (kind === Kind.MethodCall && readsConnection(fn, n)) return true;
  }
  return false;
}

/** `decoder.Decode(&query)`, `io.ReadFull(conn, head[:])`, where it is read from a connection that was not opened here. */
export function readsConnection(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (code.kind(call) !== Kind.MethodCall) return false;
  if (fn.package.language === 'rust')
    return (
      rustConnectionReads.test(code.name(call)) && isOfRustConnection(fn, code.child(call, Role.Object), 0)
    );
  if (!connectionReads.test(code.name(call))) return false;
  const object = code.child(call, Role.Object);
  const values = Values.of(fn.package.program);
  const from = values.goPackage(fn, object) === undefined ? object : code.child(call, Role.Arg);
  return from >= 0 && isOfConnection(fn, from, 0);
}

function isOfConnection(fn: Fn, n: NodeId, depth: number): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  const kind = code.kind(n);
  if (n < 0 || depth > 4) return false;
  if (kind === Kind.Unary) return isOfConnection(fn, code.child(n, Role.Object), depth);
  if (kind === Kind.Call || kind === Kind.MethodCall) {
    if (goOpeningCalls.test(callName(code, n)) || values.callees(fn, n).length > 0) return false;
    return code.all(n, Role.Arg).some((a) => isOfConnection(fn, a, depth + 1));
  }
  if (kind !== Kind.Name && kind !== Kind.Field) return false;
  const type = values.typeOf(fn, n);
  const inner = type && peel(type).type;
  const isConnection = inner !== undefined && !inner.decl && connections.test(inner.name);
  const sources = kind === Kind.Name ? boundTo(fn, n) : writtenTo(fn, n);
  if (sources.some((s) => isOpening(s.fn, s.value))) return false;
  return isConnection || sources.some((s) => isOfConnection(s.fn, s.value, depth + 1));
}

/** Rust: `stream`, `BufReader::new(stream)`, one of the halves that `stream.into_split()` gives. */
function isOfRustConnection(fn: Fn, n: NodeId, depth: number): boolean {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  if (n < 0 || depth > 6) return false;
  switch (code.kind(n)) {
    case Kind.Unary:
    case Kind.Await:
    case Kind.Try:
      return isOfRustConnection(fn, code.child(n, Role.Object), depth + 1);
    case Kind.MethodCall:
      return (
        !opening.test(code.name(n)) &&
        values.callees(fn, n).length === 0 &&
        isOfRustConnection(fn, code.child(n, Role.Object), depth + 1)
      );
    case Kind.Call:
      return (
        !opening.test(lastSegment(callName(code, n))) &&
        values.callees(fn, n).length === 0 &&
        isOfRustConnection(fn, code.child(n, Role.Arg), depth + 1)
      );
    case Kind.Name: {
      const b = values.scope(fn).lookup(code.name(n), code.start(n));
      if (b && b.value >= 0 && b.value !== n) {
        if (isOfRustConnection(fn, b.value, depth + 1)) return true;
        if (isOpenedHere(code, b.value)) return false;
      }
      return holdsConnection(values.typeOf(fn, n), 0);
    }
    case Kind.Field:
      return holdsConnection(values.typeOf(fn, n), 0);
    default:
      return false;
  }
}

/** Rust: `TcpStream::connect(address).await?` */
function isOpenedHere(code: Code, value: NodeId): boolean {
  for (let n = value; n < code.after(value); n++)
    if ((code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall) && opening.test(callName(code, n)))
      return true;
  return false;
}

/** Rust: a connection, or a reader over one: `BufReader<TcpStream>`. */
function holdsConnection(type: TypeRef | undefined, depth: number): boolean {
  if (!type || depth > 3) return false;
  const { name, decl, args } = peel(type).type;
  if (decl) return false;
  const last = lastSegment(name);
  return connections.test(last) || (rustWrappers.test(last) && holdsConnection(args[0], depth + 1));
}

interface Source {
  readonly fn: Fn;
  readonly value: NodeId;
}

function boundTo(fn: Fn, name: NodeId): readonly Source[] {
  const { code } = fn;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(name), code.start(name));
  return b && b.value >= 0 && b.value !== name ? [{ fn, value: b.value }] : [];
}

function writtenTo(fn: Fn, field: NodeId): readonly Source[] {
  const { code } = fn;
  const { program } = fn.package;
  const decl = Values.of(program).declOf(fn, code.child(field, Role.Object));
  if (!decl) return [];
  return Writes.of(program)
    .toField(decl, code.name(field))
    .flatMap(({ fn: by, value }) => (by && value >= 0 ? [{ fn: by, value }] : []));
}

/** `net.Dial("tcp", address)`, or a name that this was given. */
function isOpening(fn: Fn, value: NodeId, depth = 0): boolean {
  const { code } = fn;
  const kind = code.kind(value);
  if (kind === Kind.Call || kind === Kind.MethodCall)
    return (
      goOpeningCalls.test(callName(code, value)) ||
      code.all(value, Role.Arg).some((a) => isOpening(fn, a, depth + 1))
    );
  if (kind !== Kind.Name || depth > 2) return false;
  return boundTo(fn, value).some((s) => isOpening(s.fn, s.value, depth + 1));
}
