import { acceptCalls, loopback, unixListens } from '../../knowledge/handlers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
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
    if (!isLocal(fn, at, 0)) return false;
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

/** `net.ListenUnix("unix", addr)`, containerd's `shim.NewSocket(address)`. */
function opensSocket(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  const name = callName(code, call);
  const home = Object.hasOwn(unixListens, name) ? unixListens[name] : undefined;
  const path = Values.of(fn.package.program).goPackage(fn, code.child(call, Role.Object));
  return home !== undefined && path !== undefined && path.slice(path.lastIndexOf('/') + 1) === home;
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
        opensSocket(fn, listener) ||
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
