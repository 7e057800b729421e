/** Go: work that a tick starts and that may still run when the next one comes. */

import type { Place } from '../../core/span.ts';
import { askingMethods, commandRuns, timeBounds } from '../../knowledge/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { isService } from '../linkage.ts';
import { type Write, Writes } from '../places/writes.ts';
import type { Fn } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

const MAX_FUNCTIONS = 12;

/** Where the work waits for a server or a command that nothing gives a time to answer in; undefined where it has one. */
export function waitsWithoutLimit(fn: Fn, work: NodeId): Place | undefined {
  const values = Values.of(fn.package.program);
  const queue: { readonly fn: Fn; readonly from: NodeId; readonly to: NodeId }[] = [
    { fn, from: work, to: work < 0 ? work : fn.code.after(work) },
  ];
  const seen = new Set<Fn>([fn]);
  let found: Place | undefined;
  for (const part of queue) {
    const { code } = part.fn;
    for (let n = part.from; n >= 0 && n < part.to; n++) {
      if (timeBounds.test(code.name(n))) return undefined;
      const kind = code.kind(n);
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      if (!found && asksWithoutLimit(values, part.fn, n)) found = part.fn.place(n);
      for (const target of values.callees(part.fn, n)) {
        if (seen.has(target) || seen.size > MAX_FUNCTIONS || target.fact.body < 0) continue;
        seen.add(target);
        queue.push({ fn: target, from: target.first, to: target.after });
      }
    }
  }
  return found;
}

/** `http.Get(url)`, `c.client.Do(req)` of a client without a timeout, `exec.Command(…).Run()`. */
function asksWithoutLimit(values: Values, fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (code.kind(call) !== Kind.MethodCall) return false;
  const object = code.child(call, Role.Object);
  const name = callName(code, call);
  const pkg = values.goPackage(fn, object);
  if (pkg !== undefined) return pkg === 'net/http' && askingMethods.test(name);
  const isRun = commandRuns.test(name);
  if (!isRun && !askingMethods.test(name)) return false;
  const type = values.typeOf(fn, object);
  const of = type && peel(type).type.name;
  if (isRun) return of === 'os/exec.Cmd' && !isMadeWithContext(values, fn, object);
  return of === 'net/http.Client' && neverTimesOut(values, fn, object);
}

function isMadeWithContext(values: Values, fn: Fn, command: NodeId): boolean {
  const { code } = fn;
  const b =
    code.kind(command) === Kind.Name
      ? values.scope(fn).lookup(code.name(command), code.start(command))
      : undefined;
  const made = b ? b.value : command;
  return made >= 0 && code.name(made) === 'CommandContext';
}

/** Every value that the client is seen to get, if any, is made there without a time to answer in, and it is given none later. */
function neverTimesOut(values: Values, fn: Fn, client: NodeId): boolean {
  const { code } = fn;
  if (code.is(client, Kind.Field, 'DefaultClient'))
    return values.goPackage(fn, code.child(client, Role.Object)) === 'net/http';
  const made = valuesOf(values, fn, client);
  // Whoever uses a library hands a client in, and nobody in sight gives it a time.
  if (made.length === 0 && isService(fn.package)) return false;
  return made.every(isMadeWithoutTime) && !isGivenTime(fn, code.name(client));
}

/** What is written to a local name, a variable of the package or a field. */
function valuesOf(values: Values, fn: Fn, client: NodeId): Pick<Write, 'file' | 'value'>[] {
  const { code, file } = fn;
  const name = code.name(client);
  const writes = Writes.of(fn.package.program);
  if (code.kind(client) === Kind.Field) {
    const decl = values.declOf(fn, code.child(client, Role.Object));
    return decl ? [...writes.toField(decl, name)] : [];
  }
  if (code.kind(client) !== Kind.Name) return [];
  const local = values.scope(fn).lookup(name, code.start(client));
  if (local) return [{ file, value: local.value }];
  const global = fn.package.globalMeant(fn.file, name);
  return global ? [{ file: global.file, value: global.fact.value }, ...writes.toGlobal(global)] : [];
}

/** `&http.Client{}`, `new(http.Client)` */
function isMadeWithoutTime({ file: { code }, value }: Pick<Write, 'file' | 'value'>): boolean {
  if (value < 0) return false;
  const made = code.is(value, Kind.Unary, '&') ? code.child(value, Role.Object) : value;
  const isNew = code.is(made, Kind.Call) && code.is(code.child(made, Role.Callee), Kind.Name, 'new');
  if (!isNew && !code.is(made, Kind.Composite)) return false;
  for (let n = made; n < code.after(made); n++) if (timeBounds.test(code.name(n))) return false;
  return true;
}

/** `client.Timeout = time.Second` */
function isGivenTime(fn: Fn, client: string): boolean {
  return fn.package.serviceFunctions.some(({ code, first, after }) => {
    for (let n = first; n < after; n++)
      if (
        code.is(n, Kind.Field) &&
        code.role(n) === Role.Target &&
        timeBounds.test(code.name(n)) &&
        code.name(code.child(n, Role.Object)) === client
      )
        return true;
    return false;
  });
}
