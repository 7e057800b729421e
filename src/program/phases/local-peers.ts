import { acceptCalls, peerReads } from '../../knowledge/handlers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { CallSite } from '../calls/calls.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { isOfOwnMachine } from './own-machine.ts';
import { awaitedBefore } from './spawn-rounds.ts';

/**
 * Go: the connections or datagrams that a loop takes before it comes to a node come over a socket in the file system, or to an
 * address that is written as that of the machine itself: whoever sends them runs on the same machine.
 */
export function isOfLocalPeers(fn: Fn, loop: NodeId, node: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || loop < 0) return false;
  for (const n of awaitedBefore(fn, loop, node))
    if (code.kind(n) === Kind.MethodCall && takes(callName(code, n)))
      return isOfOwnMachine(fn, code.child(n, Role.Object));
  return false;
}

function takes(name: string): boolean {
  return acceptCalls.test(name) || peerReads.test(name);
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
          if (decl) local.set(decl, local.get(decl) !== false && isServedAt(fn, n, at));
        }
      }
    }
  return new Set([...local].flatMap(([decl, is]) => (is ? [decl] : [])));
}

/**
 * Go: a handler is registered with a router that serves at listeners of the machine itself and at no others, in the function
 * that makes both: `mux.Handle("/x", http.HandlerFunc(s.x)); srv := &http.Server{Handler: mux}; srv.Serve(listener)`.
 */
export function isRegisteredLocally({ fn, node }: CallSite): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go') return false;
  const call = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.MethodCall && /^Handle(Func)?$/.test(code.name(a)),
  );
  const router = call < fn.first ? -1 : code.child(call, Role.Object);
  if (!code.is(router, Kind.Name)) return false;
  const mux = code.name(router);
  let isServed = false;
  for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
    const [at = -1, served = -1] = code.all(n, Role.Arg);
    if (!code.is(n, Kind.MethodCall) || !/^(Serve(TLS)?|ListenAndServe(TLS)?)$/.test(code.name(n))) continue;
    if (!mentions(fn, served, mux) && !mentions(fn, code.child(n, Role.Object), mux)) continue;
    if (!isServedAt(fn, n, at)) return false;
    isServed = true;
  }
  return isServed;
}

/** An expression mentions a local name, or the local name that it is was set to something that does. */
function mentions(fn: Fn, n: NodeId, name: string): boolean {
  const { code } = fn;
  const b = code.is(n, Kind.Name)
    ? Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))
    : undefined;
  for (const root of [n, b?.value ?? -1])
    for (let m = root; root >= 0 && m < code.after(root); m++) if (code.is(m, Kind.Name, name)) return true;
  return false;
}

/**
 * Go: `http.Serve(l, h)` of a listener of the machine itself. An address that is only written where one serves,
 * `http.ListenAndServe("localhost:8080", h)`, is often an example for the real one.
 */
function isServedAt(fn: Fn, call: NodeId, at: NodeId): boolean {
  return !callName(fn.code, call).startsWith('Listen') && isOfOwnMachine(fn, at);
}
