import { requestScope, rootContexts } from '../../knowledge/endings.ts';
import { bodyReads, rustRequestBodies } from '../../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { opensConnection } from '../origins/opened.ts';
import { Phases } from '../phases/phases.ts';
import type { Fn, TypeDecl } from '../program.ts';
import { RustValues } from '../types/rust-values.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';

/** What is started in a handler ends with the request: it holds its context, connection or channel. */
export function endsWithRequest(site: SpawnSite): SpawnBound | undefined {
  const { fn, work } = site;
  const values = Values.of(fn.package.program);
  const holder = holdsResponse(site);
  if (holder)
    return {
      reason: 'request-scoped',
      by: `the response that \`${holder.fact.name}\` holds`,
      where: holder.file.place(holder.fact.nameSpan),
    };
  const driven = drivesConnection(site);
  if (driven)
    return {
      reason: 'request-scoped',
      by: `the connection \`${driven.name}\`, which ends with what it was opened for`,
      where: fn.place(driven.node),
    };
  const body = readsBody(site);
  if (body)
    return { reason: 'request-scoped', by: `the body of \`${body.name}\``, where: fn.place(body.node) };
  for (let n = Math.max(work, 0); work >= 0 && n < fn.code.after(work); n++) {
    const kind = fn.code.kind(n);
    if (
      (kind === Kind.Name || kind === Kind.Field || kind === Kind.MethodCall) &&
      requestScope.test(fn.code.name(n)) &&
      !isPlain(fn, n) &&
      // `context.Background()` names a package.
      values.goPackage(fn, n) === undefined &&
      !isDetached(fn, n) &&
      !isOlder(site, n)
    )
      return {
        reason: 'request-scoped',
        by: `the request, through \`${fn.code.name(n)}\``,
        where: fn.place(n),
      };
  }
  return undefined;
}

/**
 * Rust: `let (sender, connection) = handshake(io).await?; spawn(async move { connection.await })`: the task moves the bytes of
 * a connection that the function has opened, and ends with the other half.
 */
function drivesConnection({ fn, work }: SpawnSite): Binding | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = Math.max(work, 0); work >= 0 && n < code.after(work); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = scope.lookup(code.name(n), code.start(n));
    const isSecond = b?.source === 'part' && b.index === 1 && b.value >= 0;
    if (
      b &&
      isSecond &&
      (n === work || code.kind(code.parent(n)) === Kind.Await) &&
      opensConnection(code, b.value)
    )
      return b;
  }
  return undefined;
}

/**
 * Rust: the task is handed the request itself, and copies its body: it ends with that. One that takes the connection over
 * lives on.
 */
function readsBody({ fn, work }: SpawnSite): Binding | undefined {
  const { code } = fn;
  if (fn.package.language !== 'rust' || work < 0) return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  let request: Binding | undefined;
  let reads = false;
  for (let n = work; n < code.after(work); n++) {
    const kind = code.kind(n);
    if ((kind === Kind.Call || kind === Kind.MethodCall) && /upgrade/i.test(code.name(n) + callName(code, n)))
      return undefined;
    if ((kind === Kind.Call || kind === Kind.MethodCall) && bodyReads.test(callName(code, n))) reads = true;
    const b = kind === Kind.Name ? scope.lookup(code.name(n), code.start(n)) : undefined;
    const type = b?.source === 'parameter' && b.type >= 0 ? lastSegment(code.name(b.type)) : '';
    if (rustRequestBodies.test(type)) request ??= b;
  }
  return reads ? request : undefined;
}

/** Go: the method that is started belongs to a type that holds the response: it ends with it. */
function holdsResponse({ fn, work }: SpawnSite): TypeDecl | undefined {
  if (fn.package.language !== 'go' || work < 0 || fn.code.kind(work) !== Kind.MethodCall) return undefined;
  const { program } = fn.package;
  const values = Values.of(program);
  const decl = values.declOf(fn, fn.code.child(work, Role.Object));
  const holds = decl?.fact.fields.some((f) => {
    const type = values.types.at(decl.file, f.type);
    return type !== undefined && Phases.of(program).handlers.isHandlerType(type, 'go');
  });
  return holds ? decl : undefined;
}

/** Go: a context that comes from `context.Background()` does not end with the request, nor does its cancel. */
function isDetached(fn: Fn, n: NodeId): boolean {
  if (fn.package.language !== 'go' || fn.code.kind(n) !== Kind.Name) return false;
  const code = fn.code;
  const values = Values.of(fn.package.program);
  let at = n;
  for (let i = 0; i < 6 && at >= 0; i++) {
    if (code.kind(at) === Kind.Name) {
      const b = values.scope(fn).lookup(code.name(at), code.start(at));
      at = b?.value ?? -1;
    } else if (code.kind(at) === Kind.MethodCall) {
      if (values.goPackage(fn, code.child(at, Role.Object)) !== 'context') return false;
      if (rootContexts.test(code.name(at))) return true;
      at = code.child(at, Role.Arg);
    } else return false;
  }
  return false;
}

/** Go: `subscribe("jobs", func(m *Msg) { go run(ctx, m) })`: what was there before the handler does not end with a message. */
function isOlder({ fn, node }: SpawnSite, use: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || code.kind(use) !== Kind.Name) return false;
  const phases = Phases.of(fn.package.program);
  const handler = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.Closure && phases.context(fn, a).request === undefined,
  );
  if (handler < 0 || phases.context(fn, node).request === undefined) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(use), code.start(use));
  return b !== undefined && !code.within(b.node, handler);
}

/** Text, numbers and collections end with nothing, whatever their name. */
function isPlain(fn: Fn, n: NodeId): boolean {
  const { program } = fn.package;
  const type =
    fn.package.language === 'rust' ? RustValues.of(program).typeOf(fn, n) : Values.of(program).typeOf(fn, n);
  const name = type && lastSegment(peel(type).type.name);
  return (
    name !== undefined &&
    /^(str|String|string|bool|u?int(8|16|32|64)?|[iu](8|16|32|64|128|size)|Vec|HashMap|slice|map|Uuid)$/.test(
      name,
    )
  );
}
