import { goDialing, openingCalls, timeLimits } from '../../knowledge/provenance.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { returnsOf } from '../calls/exits.ts';
import { assignmentsTo } from '../places/assignments.ts';
import type { Fn } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { Values } from '../types/values.ts';

/**
 * Rust: an expression opens a connection: `TcpStream::connect(address).await?`, `Builder::new().handshake(io).await`, also
 * behind a time limit or as the subject of a match that hands it on.
 */
export function opensConnection(code: Code, value: NodeId): boolean {
  let n = value;
  for (let i = 0; i < 12 && n >= 0; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Call || kind === Kind.MethodCall) {
      if (openingCalls.test(callName(code, n))) return true;
      n =
        kind === Kind.MethodCall
          ? code.child(n, Role.Object)
          : timeLimits.test(callName(code, n))
            ? (code.all(n, Role.Arg)[1] ?? -1)
            : code.child(n, Role.Arg);
    } else if (kind === Kind.Match) n = code.child(n, Role.Subject);
    else if (kind === Kind.Await || kind === Kind.Try || kind === Kind.Unary) n = code.child(n, Role.Object);
    else return false;
  }
  return false;
}

/** A local holds a connection that its function, or one that it calls, has opened: whoever answers was chosen by the program. */
export function isOpened(fn: Fn, name: NodeId, depth = 0): boolean {
  if (fn.code.kind(name) !== Kind.Name) return false;
  const values = Values.of(fn.package.program);
  const b = values.scope(fn).lookup(fn.code.name(name), fn.code.start(name));
  if (b === undefined) return false;
  if (fn.package.language === 'go') return isDialed(fn, b);
  if (b.value < 0) return false;
  return opensConnection(fn.code, b.value) || (depth < 2 && isHandedOutOpen(fn, b.value, depth));
}

/** Go: `conn, err := net.Dial(network, address)`, `conn, err = d.DialContext(…)`, and nothing else. */
function isDialed(fn: Fn, b: Binding): boolean {
  const { code } = fn;
  const given = [...(b.value < 0 ? [] : [b.value]), ...assignmentsTo(fn, b)];
  const dials = (n: NodeId) =>
    (code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall) && goDialing.test(callName(code, n));
  return given.length > 0 && given.every(dials);
}

/** `let mut stream = dial(host).await?`, where `dial` gives a connection that it has opened. */
function isHandedOutOpen(fn: Fn, value: NodeId, depth: number): boolean {
  const { code } = fn;
  let n = value;
  while (code.kind(n) === Kind.Await || code.kind(n) === Kind.Try) n = code.child(n, Role.Object);
  if (code.kind(n) !== Kind.Call && code.kind(n) !== Kind.MethodCall) return false;
  const targets = Values.of(fn.package.program).callees(fn, n);
  const opens = (target: Fn) =>
    target !== fn &&
    returnsOf(target, 0).some((r) => {
      for (let m = r; m < target.code.after(r); m++)
        if (target.code.kind(m) === Kind.Name && isOpened(target, m, depth + 1)) return true;
      return opensConnection(target.code, r);
    });
  return targets.length > 0 && targets.every(opens);
}
