/** Go: streams that a loop gathers piece by piece, and programs whose whole output is kept. */
import { goPieces, goStreamDecoders, goStreamSteps } from '../../knowledge/readers.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { peel } from '../types/types.ts';
import type { Values } from '../types/values.ts';

/**
 * `buf.Write(chunk.Data)`, `data = append(data, chunk.Data...)` in a loop over `stream.Recv()` of a call that a client
 * answers once, at its end: the stream, when nothing in the loop looks at how much has come. Otherwise -1.
 */
export function gatheredStream(values: Values, fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  const isAppend = code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'append');
  if (!isAppend && !goPieces.has(code.name(n))) return -1;
  const args = code.all(n, Role.Arg);
  const target = isAppend ? (args[0] ?? -1) : code.child(n, Role.Object);
  const piece = args.at(-1) ?? -1;
  if (target < 0 || code.kind(target) !== Kind.Name || (isAppend && args.length !== 2)) return -1;
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  const scope = values.scope(fn);
  const into = scope.lookup(code.name(target), code.start(target));
  if (loop < fn.first || !into || into.node < fn.first || code.within(into.node, loop)) return -1;
  const message = rootName(code, piece);
  const b = message < 0 ? undefined : scope.lookup(code.name(message), code.start(message));
  if (!b || !code.is(b.value, Kind.MethodCall, 'Recv') || !code.within(b.value, loop)) return -1;
  const stream = code.child(b.value, Role.Object);
  if (!answersOnce(fn, stream) || !isText(values, fn, target)) return -1;
  for (let m = loop; m < code.after(loop); m++) {
    // Whoever compares anything may count, and whoever hands the buffer on may empty it.
    if (code.kind(m) === Kind.Binary && /^[<>]=?$/.test(code.name(m))) return -1;
    const isTarget = code.is(m, Kind.Name, code.name(target)) && !code.within(m, n);
    if (isTarget && !(isAppend && code.role(m) === Role.Target && code.parent(m) === code.parent(n)))
      return -1;
  }
  return stream;
}

/**
 * `n, err := r.Read(buf); out = append(out, buf[:n]...)` in a loop that looks at nothing but errors: the stream that is read to
 * its end. Otherwise -1.
 */
export function gatheredReads(values: Values, fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  const isAppend = code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'append');
  if (!isAppend && !code.is(n, Kind.MethodCall, 'Write')) return -1;
  const args = code.all(n, Role.Arg);
  const target = isAppend ? (args[0] ?? -1) : code.child(n, Role.Object);
  const spread = args.at(-1) ?? -1;
  const piece = code.is(spread, Kind.Unary) ? code.child(spread, Role.Object) : spread;
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.first || target < 0 || !code.is(target, Kind.Name) || !code.is(piece, Kind.Slice)) return -1;
  const buffer = code.child(piece, Role.Object);
  const into = values.scope(fn).lookup(code.name(target), code.start(target));
  if (!into || into.node < fn.first || code.within(into.node, loop) || !isText(values, fn, target)) return -1;
  const kept = code.parent(n);
  // `conn.Write(append(head, buf[:n]...))` keeps nothing.
  if (isAppend && !(code.is(kept, Kind.Assign) && sameText(code, code.child(kept, Role.Target), target)))
    return -1;
  let stream = -1;
  for (let m = loop; m < code.after(loop); m++) {
    const isRead = code.is(m, Kind.MethodCall, 'Read') && sameText(code, code.child(m, Role.Arg), buffer);
    if (isRead) stream = code.child(m, Role.Object);
    const isSize = code.kind(m) === Kind.Binary && /^[<>]=?$/.test(code.name(m));
    // `n > 0`
    if (isSize && !/^[01]$/.test(code.name(code.child(m, Role.Right)))) return -1;
    // Whoever is handed the text may empty it.
    const isTarget = code.is(m, Kind.Name, code.name(target)) && !code.within(m, n);
    if (isTarget && code.role(m) === Role.Arg) return -1;
    if (isTarget && code.role(m) === Role.Object && !code.is(code.parent(m), Kind.Unary)) return -1;
  }
  return stream;
}

/** The name an expression starts with: `chunk` of `chunk.GetData()`; or -1. */
function rootName(code: Code, n: NodeId): NodeId {
  let at = n;
  for (let i = 0; i < 6 && at >= 0 && code.kind(at) !== Kind.Name; i++)
    at = [Kind.Field, Kind.MethodCall, Kind.Slice, Kind.Unary].includes(code.kind(at) as never)
      ? code.child(at, Role.Object)
      : -1;
  return at >= 0 && code.kind(at) === Kind.Name ? at : -1;
}

/** `stream.SendAndClose(reply)`: https://grpc.io/docs/languages/go/basics/#client-side-streaming-rpc */
function answersOnce({ code, first, after }: Fn, stream: NodeId): boolean {
  for (let n = first; n < after; n++)
    if (code.is(n, Kind.MethodCall, 'SendAndClose') && sameText(code, code.child(n, Role.Object), stream))
      return true;
  return false;
}

function isText(values: Values, fn: Fn, n: NodeId): boolean {
  const type = values.typeOf(fn, n);
  return type !== undefined && /^(bytes\.Buffer|strings\.Builder|slice)$/.test(peel(type).type.name);
}

/** `exec.Command("git", "show", ref).Output()`, also by way of a name: what the program is started with. */
export function startedCommand(values: Values, fn: Fn, command: NodeId): readonly NodeId[] | undefined {
  const { code } = fn;
  const b = code.is(command, Kind.Name)
    ? values.scope(fn).lookup(code.name(command), code.start(command))
    : undefined;
  const made = b ? b.value : command;
  if (made < 0 || code.kind(made) !== Kind.MethodCall || !/^Command(Context)?$/.test(code.name(made)))
    return undefined;
  return values.goPackage(fn, code.child(made, Role.Object)) === 'os/exec'
    ? code.all(made, Role.Arg)
    : undefined;
}

/** `cmd.Stdout = &out`: what the program writes is gathered in a text of this one's. */
export function gathersOutput(values: Values, fn: Fn, command: NodeId): boolean {
  const { code } = fn;
  const name = code.name(command);
  for (let n = fn.first; n < fn.after; n++) {
    if (code.kind(n) !== Kind.Assign) continue;
    const target = code.child(n, Role.Target);
    if (
      !/^Std(out|err)$/.test(code.name(target)) ||
      !code.is(code.child(target, Role.Object), Kind.Name, name)
    )
      continue;
    const text = code.child(n, Role.Value);
    if (isText(values, fn, code.kind(text) === Kind.Unary ? code.child(text, Role.Object) : text))
      return true;
  }
  return false;
}

/**
 * What makes the decoder of `json.NewDecoder(r.Body).Decode(&v)`, or of one with a name: all of a value is in memory before it is
 * decoded. Values that a loop takes one by one are as long as each of them: -1.
 */
export function decoderOfStream(values: Values, fn: Fn, decode: NodeId): NodeId {
  const { code } = fn;
  if (code.ancestor(decode, (a) => code.kind(a) === Kind.Loop) >= fn.first) return -1;
  const decoder = code.child(decode, Role.Object);
  const b = code.is(decoder, Kind.Name)
    ? values.scope(fn).lookup(code.name(decoder), code.start(decoder))
    : undefined;
  const made = b ? b.value : decoder;
  if (!code.is(made, Kind.MethodCall, 'NewDecoder')) return -1;
  const type = values.typeOf(fn, made);
  if (!type || !goStreamDecoders.has(peel(type).type.name)) return -1;
  for (let n = made; b && n < fn.after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      goStreamSteps.test(code.name(n)) &&
      code.is(code.child(n, Role.Object), Kind.Name, b.name)
    )
      return -1;
  return made;
}
