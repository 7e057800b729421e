/** What a service comes to hold by its work: rings that go round, and bodies of as many requests as are let in at once. */
import { limitingCalls } from '../knowledge/budget.ts';
import { callName } from '../program/calls/call-name.ts';
import { sameText } from '../program/places/effects.ts';
import type { Fn, Global, SourceFile } from '../program/program.ts';
import { Values } from '../program/types/values.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';

/** `slot := &ring[head%size]`, `table[hash&mask] = entry`: in time, each element of the array is written. */
export function isWrittenAround({ file, fact: { name } }: Global): boolean {
  return file.package.serviceFunctions.some((fn) => {
    const { code, range } = fn;
    for (let n = range[0]; n < range[1]; n++)
      if (
        code.is(n, Kind.Index) &&
        code.is(code.child(n, Role.Object), Kind.Name, name) &&
        goesRound(code, code.child(n, Role.Index)) &&
        isWritten(code, n) &&
        !Values.of(fn.package.program).scope(fn).lookup(name, code.start(n))
      )
        return true;
    return false;
  });
}

function goesRound(code: Code, index: NodeId): boolean {
  for (let n = index; n < code.after(index); n++)
    if (code.is(n, Kind.Binary, '%') || code.is(n, Kind.Binary, '&')) return true;
  return false;
}

/** It, or a part of it, is assigned to, or its address is taken. */
function isWritten(code: Code, element: NodeId): boolean {
  let n = element;
  while (
    code.role(n) === Role.Object &&
    [Kind.Field, Kind.Index].includes(code.kind(code.parent(n)) as never)
  )
    n = code.parent(n);
  return code.role(n) === Role.Target || code.is(code.parent(n), Kind.Unary, '&');
}

/** A body that is read whole, up to a limit, by as many requests at once as a channel has slots. */
export interface HeldBody {
  /** The expressions that say how many, with its file, and how large. */
  readonly slots: NodeId;
  readonly slotsFile: SourceFile;
  readonly limit: NodeId;
}

/** `slots <- struct{}{}; …; body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, max)); …; <-slots` */
export function heldBody(fn: Fn, read: NodeId): HeldBody | undefined {
  const { code } = fn;
  if (!code.is(read, Kind.MethodCall, 'ReadAll')) return undefined;
  const reader = written(fn, code.child(read, Role.Arg));
  if (reader < 0 || !limitingCalls.test(callName(code, reader))) return undefined;
  const limit = code.all(reader, Role.Arg).at(-1);
  for (let n = fn.range[0]; limit !== undefined && n < read; n++) {
    const channel = code.is(n, Kind.Send) ? code.child(n, Role.Object) : -1;
    if (channel < 0 || !isGivenBack(fn, channel)) continue;
    const made = roomOf(fn, channel);
    if (made) return { ...made, limit };
  }
  return undefined;
}

/** What a name was bound to, or the expression itself. */
function written(fn: Fn, n: NodeId): NodeId {
  if (!fn.code.is(n, Kind.Name)) return n;
  return Values.of(fn.package.program).scope(fn).lookup(fn.code.name(n), fn.code.start(n))?.value ?? -1;
}

function isGivenBack({ code, range }: Fn, channel: NodeId): boolean {
  for (let n = range[0]; n < range[1]; n++)
    if (code.is(n, Kind.Unary, '<-') && sameText(code, code.child(n, Role.Object), channel)) return true;
  return false;
}

/** The room that a channel of the package or of a field is made with. */
function roomOf(fn: Fn, channel: NodeId): Omit<HeldBody, 'limit'> | undefined {
  const name = fn.code.name(channel);
  const room = (file: SourceFile, make: NodeId) => {
    const [type, slots] = file.code.is(make, Kind.Call) ? file.code.all(make, Role.Arg) : [];
    const isChannel = type !== undefined && slots !== undefined && file.code.is(type, Kind.Type, 'chan');
    return isChannel ? { slots, slotsFile: file } : undefined;
  };
  if (fn.code.is(channel, Kind.Name)) {
    const [global] = fn.package.globalsNamed(name);
    return global && room(global.file, global.fact.value);
  }
  for (const { code, range, file } of fn.package.serviceFunctions)
    for (let n = range[0]; n < range[1]; n++) {
      const found = code.is(n, Kind.FieldInit, name) ? room(file, code.child(n, Role.Value)) : undefined;
      if (found) return found;
    }
  return undefined;
}
