import { openingCalls, timeLimits } from '../../knowledge/provenance.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';
import { callName } from './call-name.ts';

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

/** A local holds a connection that its function has opened: whoever answers was chosen by the program. */
export function isOpened(fn: Fn, name: NodeId): boolean {
  if (fn.package.language !== 'rust' || fn.code.kind(name) !== Kind.Name) return false;
  const scope = Values.of(fn.package.program).scope(fn);
  const b = scope.lookup(fn.code.name(name), fn.code.start(name));
  return b !== undefined && b.value >= 0 && opensConnection(fn.code, b.value);
}
