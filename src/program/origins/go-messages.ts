/** Go: messages of WebSockets, which are as long as their sender likes until the connection is told otherwise. */
import type { Place } from '../../core/span.ts';
import { goMessageLimit, goMessageTakes } from '../../knowledge/readers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';

/** What the package of a function that reads messages says of the connections: a limit, and where they are upgraded. */
export function messageLimit(fn: Fn): {
  readonly limit?: { readonly fn: Fn; readonly node: NodeId };
  readonly upgrade?: Place;
} {
  let upgrade: Place | undefined;
  for (const other of fn.package.functions) {
    const { code, first, after } = other;
    if (other.isTest) continue;
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
      if (code.is(n, Kind.MethodCall, goMessageLimit) && (other === fn || !readsItself(other, n)))
        return { limit: { fn: other, node: n } };
      if (!upgrade && code.is(n, Kind.MethodCall, 'Upgrade')) upgrade = other.place(n);
    }
  }
  return upgrade ? { upgrade } : {};
}

/** `conn.SetReadLimit(n)` where the same function reads from the `conn` of its own: it says nothing of other connections. */
function readsItself({ code, first, after }: Fn, limit: NodeId): boolean {
  const conn = code.child(limit, Role.Object);
  if (!code.is(conn, Kind.Name)) return false;
  for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after))
    if (goMessageTakes.test(callName(code, n)) && sameText(code, code.child(n, Role.Object), conn))
      return true;
  return false;
}
