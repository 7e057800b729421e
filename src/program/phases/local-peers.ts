import { acceptCalls, loopback } from '../../knowledge/handlers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { awaitedBefore } from './spawn-rounds.ts';

const MAX_DEPTH = 3;

/**
 * Go: the connections that a loop accepts before it comes to a node come over a socket in the file system, or to an address
 * that is written as that of the machine itself: whoever connects runs on the same machine.
 */
export function isOfLocalPeers(fn: Fn, loop: NodeId, node: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || loop < 0) return false;
  for (const n of awaitedBefore(fn, loop, node))
    if (code.kind(n) === Kind.MethodCall && acceptCalls.test(callName(code, n)))
      return isLocal(fn, code.child(n, Role.Object), 0);
  return false;
}

/**
 * Go: the types whose values serve HTTP at listeners of the machine itself and at no others: `http.Serve(l, &registry)`.
 */
export function localServers(program: Program): ReadonlySet<TypeDecl> {
  const local = new Map<TypeDecl, boolean>();
  const values = Values.of(program);
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'go' ? pkg.serviceFunctions : []) {
      const { code, first, after } = fn;
      for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
        if (!/^(Serve(TLS)?|ListenAndServe(TLS)?|Handle)$/.test(callName(code, n))) continue;
        const [at = -1, ...served] = code.all(n, Role.Arg);
        for (const arg of served) {
          const type = values.typeOf(fn, arg);
          const decl = type && peel(type).type.decl;
          if (decl) local.set(decl, local.get(decl) !== false && isLocal(fn, at, 0));
        }
      }
    }
  return new Set([...local].flatMap(([decl, is]) => (is ? [decl] : [])));
}

/** Every way in which a listener is seen to be made makes such a socket, and one is seen. */
function isLocal(fn: Fn, listener: NodeId, depth: number): boolean {
  const { code } = fn;
  const { program } = fn.package;
  if (listener < 0 || depth > MAX_DEPTH) return false;
  const all = (sources: readonly { readonly fn: Fn; readonly value: NodeId }[]) =>
    sources.length > 0 && sources.every((s) => isLocal(s.fn, s.value, depth + 1));
  switch (code.kind(listener)) {
    case Kind.Call:
    case Kind.MethodCall:
      return (
        callName(code, listener) === 'ListenUnix' ||
        (callName(code, listener) === 'Listen' &&
          code
            .all(listener, Role.Arg)
            .some(
              (a) =>
                code.is(a, Kind.String) &&
                (/^"?unix(packet)?"?$/.test(code.name(a)) || loopback.test(code.name(a))),
            ))
      );
    case Kind.Name: {
      const b = Values.of(program).scope(fn).lookup(code.name(listener), code.start(listener));
      if (b?.source !== 'parameter')
        return b !== undefined && b.value >= 0 && isLocal(fn, b.value, depth + 1);
      const sites = Calls.of(program)
        .sitesOf(fn)
        .filter((s) => !s.fn.isTest);
      return (
        sites.every((s) => s.kind === 'call') &&
        all(sites.map((s) => ({ fn: s.fn, value: s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1 })))
      );
    }
    case Kind.Field: {
      const decl = Values.of(program).declOf(fn, code.child(listener, Role.Object));
      const writes = decl ? Writes.of(program).toField(decl, code.name(listener)) : [];
      return all(
        writes.flatMap(({ fn: by, value }) =>
          by && !(value >= 0 && by.code.is(value, Kind.Literal, 'nil')) ? [{ fn: by, value }] : [],
        ),
      );
    }
    default:
      return false;
  }
}
