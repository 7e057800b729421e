/**
 * Go: transports that a function makes for itself and leaves. The connections they keep for the next request wait for ever,
 * with two goroutines each: https://pkg.go.dev/net/http#Transport says to make one and use it again.
 */

import type { Fn, Package } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const COMPOSITES = kinds(Kind.Composite);

/** A transport that nobody has once its function has returned. */
export interface OwnTransport {
  readonly fn: Fn;
  /** The literal. */
  readonly node: NodeId;
  /** The declaration of what has it, and its name where that can close what is idle. */
  readonly declared: NodeId;
  readonly name: string | undefined;
}

/** Fields of a transport, and what may be set or called later, by which its connections end. */
const ENDS: ReadonlySet<string> = new Set(['DisableKeepAlives', 'IdleConnTimeout', 'CloseIdleConnections']);

/** The transports of a package that stay in the function that makes them, outside tests. */
export function ownTransports(pkg: Package): OwnTransport[] {
  const out: OwnTransport[] = [];
  const values = Values.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (
      let n = code.next(COMPOSITES, fn.first, fn.after);
      n < fn.after;
      n = code.next(COMPOSITES, n + 1, fn.after)
    ) {
      if (code.kind(n) !== Kind.Composite || !code.name(code.child(n, Role.Type)).endsWith('.Transport'))
        continue;
      const type = values.typeOf(fn, n);
      if (!type || peel(type).type.name !== 'net/http.Transport' || ends(fn) || leavesUnread(fn)) continue;
      const declared = ownerOf(fn, n, 0);
      if (declared < 0) continue;
      const pattern = code.child(declared, Role.Pattern);
      const b = values.scope(fn).lookup(code.name(pattern), code.end(declared));
      const owner = b && values.bindingType(fn, b);
      const closes = owner && /^net\/http\.(Client|Transport)$/.test(peel(owner).type.name);
      out.push({ fn, node: n, declared, name: closes ? code.name(pattern) : undefined });
    }
  }
  return out;
}

/**
 * All that is done with an answer is `resp.Body.Close()`: a connection is kept only when its answer was read to the end
 * (https://pkg.go.dev/net/http#Client.Do).
 */
function leavesUnread({ code, first, after }: Fn): boolean {
  const answers = new Set<string>();
  for (let n = first; n < after; n++) {
    if (!code.is(n, Kind.Field, 'Body')) continue;
    if (!code.is(code.parent(n), Kind.MethodCall, 'Close')) return false;
    answers.add(code.name(code.child(n, Role.Object)));
  }
  for (let n = first; n < after; n++)
    if (code.kind(n) === Kind.Name && answers.has(code.name(n)) && code.role(n) !== Role.Object) return false;
  return answers.size > 0;
}

function ends({ code, first, after }: Fn): boolean {
  for (let n = first; n < after; n++) {
    if (ENDS.has(code.name(n))) return true;
    // `request.Close = true`: the connection is not kept.
    if (code.is(n, Kind.Field, 'Close') && code.role(n) === Role.Target) return true;
    // `MaxIdleConnsPerHost: -1`
    if (
      code.is(n, Kind.FieldInit, 'MaxIdleConnsPerHost') &&
      code.kind(code.child(n, Role.Value)) === Kind.Unary
    )
      return true;
  }
  return false;
}

/** The declaration of the local that a value ends up in, when it leaves it for nothing but a client that stays as well; or -1. */
function ownerOf(fn: Fn, value: NodeId, depth: number): NodeId {
  const { code } = fn;
  let n = value;
  let up = code.parent(n);
  for (; code.is(up, Kind.Unary, '&'); up = code.parent(up)) n = up;
  if (depth > 3) return -1;
  if (code.is(up, Kind.FieldInit, 'Transport')) return ownerOf(fn, code.parent(up), depth + 1);
  if (code.kind(up) === Kind.Let && code.all(up, Role.Value).length === 1)
    return whereItStays(fn, up, code.child(up, Role.Pattern), depth);
  // `proxy.Transport = &http.Transport{}` of a local
  const target = code.kind(up) === Kind.Assign ? code.child(up, Role.Target) : -1;
  if (target < 0 || !code.is(target, Kind.Field, 'Transport')) return -1;
  const object = code.child(target, Role.Object);
  const b = code.is(object, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(object), code.start(object))
    : undefined;
  const declared = b?.source === 'value' ? code.parent(b.node) : -1;
  return b && code.kind(declared) === Kind.Let ? whereItStays(fn, declared, b.node, depth) : -1;
}

/** The declaration of a local that is used for nothing but calls and settings of its own, or of the client it is put into. */
function whereItStays(fn: Fn, declared: NodeId, pattern: NodeId, depth: number): NodeId {
  const { code } = fn;
  const scope = Values.of(fn.package.program).scope(fn);
  let owner = declared;
  for (let m = code.after(declared); m < fn.after; m++) {
    if (!code.is(m, Kind.Name, code.name(pattern))) continue;
    if (scope.lookup(code.name(m), code.start(m))?.node !== pattern) continue;
    const user = code.parent(m);
    const isOwnMember =
      code.role(m) === Role.Object && (code.kind(user) === Kind.MethodCall || code.kind(user) === Kind.Field);
    if (isOwnMember) continue;
    owner = code.is(user, Kind.FieldInit, 'Transport') ? ownerOf(fn, code.parent(user), depth + 1) : -1;
    if (owner < 0) return -1;
  }
  return owner;
}
