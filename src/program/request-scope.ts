import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { Phases } from './phases.ts';
import type { Fn, TypeDecl } from './program.ts';
import { RustValues } from './rust-values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import { lastSegment, peel } from './types.ts';
import { Values } from './values.ts';

/** Names of what ends with the request: contexts, connections, channels back to the handler. */
const REQUEST_SCOPE =
  /^(\w*_)?(ctx|reqCtx|Context|Done|cancel|cancellation|stream|conn|ws|websocket|socket|session|tx|rx|sender|receiver|shutdown|stop|token|Wait|(done|quit|stop|close)_?(c|ch|chan))$/i;

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
  for (let n = Math.max(work, 0); work >= 0 && n < fn.code.after(work); n++) {
    const kind = fn.code.kind(n);
    if (
      (kind === Kind.Name || kind === Kind.Field || kind === Kind.MethodCall) &&
      REQUEST_SCOPE.test(fn.code.name(n)) &&
      !isPlain(fn, n) &&
      // `context.Background()` names a package.
      values.goPackage(fn, n) === undefined &&
      !isDetached(fn, n)
    )
      return {
        reason: 'request-scoped',
        by: `the request, through \`${fn.code.name(n)}\``,
        where: fn.place(n),
      };
  }
  return undefined;
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
      if (/^(Background|TODO|WithoutCancel)$/.test(code.name(at))) return true;
      at = code.child(at, Role.Arg);
    } else return false;
  }
  return false;
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
