/** Go: work that a tick starts and that may still run when the next one comes. */

import type { Place } from '../../core/span.ts';
import { askingMethods, commandRuns, timeBounds } from '../../knowledge/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Writes } from '../places/writes.ts';
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
        queue.push({ fn: target, from: target.range[0], to: target.range[1] });
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
  return of === 'net/http.Client' && !hasTimeout(values, fn, object);
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

/** The client is made with a timeout, as far as the workspace shows. */
function hasTimeout(values: Values, fn: Fn, client: NodeId): boolean {
  const { code } = fn;
  const { program } = fn.package;
  const isLimited = (by: Fn, value: NodeId) => {
    for (let n = Math.max(value, 0); value >= 0 && n < by.code.after(value); n++)
      if (timeBounds.test(by.code.name(n))) return true;
    return false;
  };
  if (code.kind(client) === Kind.Name) {
    const b = values.scope(fn).lookup(code.name(client), code.start(client));
    return b !== undefined && isLimited(fn, b.value);
  }
  const decl =
    code.kind(client) === Kind.Field ? values.declOf(fn, code.child(client, Role.Object)) : undefined;
  if (!decl) return false;
  return Writes.of(program)
    .toField(decl, code.name(client))
    .some((w) => w.fn !== undefined && isLimited(w.fn, w.value));
}
