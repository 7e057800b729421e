import {
  administrativeFiles,
  administrativeFolders,
  administrativeGuards,
  administrativeNames,
  administrativePermissions,
  administrativeRoutes,
  administrativeSetUps,
  debuggingNames,
  debugRoutes,
} from '../../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { CallSite } from '../calls/calls.ts';
import type { Fn } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** A handler serves those who run the program, by its name or where it stands; in Rust also by its route or its guards. */
export function isForAdministrators(fn: Fn): boolean {
  if (administrativeNames.test(fn.fact.name)) return true;
  if (fn.package.language !== 'rust')
    return administrativeFolders.test(fn.file.facts.file.slice(fn.package.program.root.length));
  const { fact, code } = fn;
  return (
    administrativeFiles.test(fn.file.facts.file) ||
    fact.attributes.some(
      (a) => administrativeRoutes.test(a) || wordsOf(a).some((word) => administrativeGuards.test(word)),
    ) ||
    [fact.owner, lastSegment(fact.trait)].some((name) => administrativeGuards.test(name)) ||
    fact.params.some((p) => namesGuard(fn, code.child(p, Role.Type))) ||
    asksForAdministrator(fn)
  );
}

/** Rust: a handler is registered under a route of administrators, or where a middleware lets nobody else through. */
export function isRegisteredForAdministrators({ fn, node }: CallSite): boolean {
  const code = fn.code;
  if (fn.package.language !== 'rust') return isBehindGuard(fn, node);
  if (administrativeGuards.test(fn.fact.name) || administrativeFiles.test(fn.file.facts.file)) return true;
  for (let up = code.parent(node), i = 0; up >= fn.first && i < 64; up = code.parent(up), i++) {
    if (code.kind(up) !== Kind.Call && code.kind(up) !== Kind.MethodCall) continue;
    const args = code.all(up, Role.Arg);
    if (args.some((a) => code.kind(a) === Kind.String && administrativeRoutes.test(code.name(a))))
      return true;
    // `.layer(from_fn(admin_middleware))` behind the routes is about all of them.
    if (
      /^(layer|route_layer|wrap|guard|with)$/.test(callName(code, up)) &&
      args.some((a) => namesGuard(fn, a))
    )
      return true;
  }
  return false;
}

/**
 * `if config.debug.log_bodies { router = router.layer(from_fn(log_body)); }`: where the condition stands under which a
 * node runs while somebody looks for a fault, or develops.
 */
export function debuggingAround({ fn, node }: Pick<CallSite, 'fn' | 'node'>): NodeId {
  const { code } = fn;
  for (let n = node, up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    const says =
      kind === Kind.If && code.role(n) === Role.Then
        ? code.child(up, Role.Condition)
        : kind === Kind.Arm && code.role(n) === Role.Body
          ? code.child(up, Role.Pattern)
          : -1;
    if (says < 0 || code.is(says, Kind.Unary, '!')) continue;
    for (let m = says; m < code.after(says); m++)
      if (debuggingNames.test(lastSegment(code.name(m)))) return says;
  }
  return -1;
}

/**
 * Go: `m.Handle("/debug/cache", …)`, `adminOnly(handler)`, or `r.Use(auth.AdminOnly)` of the same router before it. A route
 * of administrators alone is no guard: anybody may call it.
 */
function isBehindGuard(fn: Fn, node: NodeId): boolean {
  const { code } = fn;
  if (administrativeSetUps.test(fn.fact.name)) return true;
  for (
    let n = node, up = code.parent(n);
    up >= fn.first && !code.is(up, Kind.Block);
    n = up, up = code.parent(up)
  ) {
    if (code.kind(up) !== Kind.Call && code.kind(up) !== Kind.MethodCall) continue;
    if (isGuard(fn, callName(code, up), up) || asksPermission(fn, up)) return true;
    const [route = -1, ...handlers] = code.all(up, Role.Arg);
    // `pages.POST("/users", auth(), admin(), addUser)`
    if (n === node && handlers.some((h) => h !== n && namesGuard(fn, h))) return true;
    if (route !== n && code.is(route, Kind.String) && debugRoutes.test(code.name(route))) return true;
    const router = code.is(up, Kind.MethodCall) ? code.child(up, Role.Object) : -1;
    if (code.is(router, Kind.Name) && usesGuard(fn, code.name(router), up)) return true;
  }
  return false;
}

/** `adminOnly(handler)`, or a wrapper of the function's own that says `return adminOnly(next)`. */
function isGuard(fn: Fn, name: string, at: NodeId): boolean {
  if (administrativeGuards.test(name)) return true;
  const made = Values.of(fn.package.program).scope(fn).lookup(name, fn.code.start(at))?.value ?? -1;
  return fn.code.is(made, Kind.Closure) && namesGuard(fn, made);
}

/** `pm(handler, "settings:manage")` */
function asksPermission({ code }: Fn, call: NodeId): boolean {
  return code
    .all(call, Role.Arg)
    .slice(1)
    .some((a) => code.is(a, Kind.String) && administrativePermissions.test(code.name(a)));
}

/** `r.Use(…)` with a middleware that lets nobody but administrators through stands before a registration. */
function usesGuard(fn: Fn, router: string, before: NodeId): boolean {
  const { code } = fn;
  const block = code.ancestor(before, (a) => code.kind(a) === Kind.Block);
  for (let n = Math.max(block, fn.first); n < before; n++)
    if (code.is(n, Kind.MethodCall, 'Use') && code.is(code.child(n, Role.Object), Kind.Name, router))
      if (code.all(n, Role.Arg).some((a) => namesGuard(fn, a))) return true;
  return false;
}

/** `require_admin(&user)?`, `if !user.is_admin() { return … }` at the beginning of a handler. */
function asksForAdministrator({ code, first: body, after }: Fn): boolean {
  const first = body < 0 ? [] : code.children(body).slice(0, 4);
  return first.some((statement) => {
    for (let n = statement; n < Math.min(code.after(statement), after); n++)
      if (
        ((code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall) &&
          administrativeGuards.test(callName(code, n))) ||
        (code.kind(n) === Kind.Field && administrativeGuards.test(code.name(n)))
      )
        return true;
    return false;
  });
}

/** Some part of an expression or type is named like what lets nobody but administrators through. */
function namesGuard({ code }: Fn, root: NodeId): boolean {
  for (let n = root; root >= 0 && n < code.after(root); n++)
    if (administrativeGuards.test(lastSegment(code.name(n)))) return true;
  return false;
}

/** The identifiers in an attribute: `graphql(guard = "AdminGuard")`. */
function wordsOf(attribute: string): readonly string[] {
  return attribute.match(/[A-Za-z_]\w*/g) ?? [];
}
