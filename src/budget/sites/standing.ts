/** What a service comes to hold by its work: rings that go round, and bodies of as many requests as are let in at once. */
import { admissionLayers, limitingCalls } from '../../knowledge/budget.ts';
import { wholeExtractors } from '../../knowledge/readers.ts';
import { callName } from '../../program/calls/call-name.ts';
import { isMakeChannel } from '../../program/channels/go-channels.ts';
import { sameText } from '../../program/places/effects.ts';
import { Writes } from '../../program/places/writes.ts';
import type { Fn, Global, SourceFile } from '../../program/program.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** `slot := &ring[head%size]`, `table[hash&mask] = entry`: in time, each element of the array is written. */
export function isWrittenAround({ file, fact: { name } }: Global): boolean {
  return file.package.serviceFunctions.some((fn) => {
    const { code, first, after } = fn;
    for (let n = first; n < after; n++)
      if (
        code.is(n, Kind.Index) &&
        code.is(code.child(n, Role.Object), Kind.Name, name) &&
        goesRound(code, code.child(n, Role.Index)) &&
        isWritten(fn, n) &&
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

/** It, or a part of it, is assigned to, or its address is taken to write there: Rust only reads through `&`. */
function isWritten({ code, package: { language } }: Fn, element: NodeId): boolean {
  const address = language === 'rust' ? '&mut' : '&';
  let n = element;
  while (
    code.role(n) === Role.Object &&
    [Kind.Field, Kind.Index].includes(code.kind(code.parent(n)) as never)
  )
    n = code.parent(n);
  return code.role(n) === Role.Target || code.is(code.parent(n), Kind.Unary, address);
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
  const from = Values.of(fn.package.program).goPackage(fn, code.child(read, Role.Object));
  if (from !== 'io' && from !== 'io/ioutil') return undefined;
  const reader = written(fn, code.child(read, Role.Arg));
  if (reader < 0 || !limitingCalls.test(callName(code, reader))) return undefined;
  const limit = code.all(reader, Role.Arg).at(-1);
  for (let n = fn.first; limit !== undefined && n < read; n++) {
    const channel = code.is(n, Kind.Send) ? code.child(n, Role.Object) : -1;
    if (channel < 0 || !isGivenBack(fn, channel)) continue;
    const made = roomOf(fn, channel);
    if (made) return { ...made, limit };
  }
  return undefined;
}

/**
 * Rust: `.layer(DefaultBodyLimit::max(LARGEST)).layer(ConcurrencyLimitLayer::new(N))` on a router one of whose handlers takes
 * the whole body. `call` is what says how large.
 */
export function heldBodyOfRouter(fn: Fn, call: NodeId): HeldBody | undefined {
  const { code } = fn;
  const callee = code.is(call, Kind.Call) ? code.child(call, Role.Callee) : -1;
  const limit = code.child(call, Role.Arg);
  if (callee < 0 || limit < 0 || !/(^|::)DefaultBodyLimit::max$/.test(code.name(callee))) return undefined;
  let router = call;
  for (let up = code.parent(call); code.kind(up) === Kind.MethodCall || code.kind(up) === Kind.Call; )
    [router, up] = [up, code.parent(up)];
  let slots = -1;
  let takesWhole = false;
  const values = Values.of(fn.package.program);
  for (let n = router; n < code.after(router); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Call && admissionLayers.test(code.name(code.child(n, Role.Callee))))
      slots = code.child(n, Role.Arg);
    else if ((kind === Kind.Name || kind === Kind.Path) && code.role(n) === Role.Arg)
      takesWhole ||= values
        .functionsOf(fn, n)
        .some((h) =>
          h.fact.params.some((p) =>
            wholeExtractors.test(lastSegment(h.code.name(h.code.child(p, Role.Type)))),
          ),
        );
  }
  return slots >= 0 && takesWhole ? { slots, slotsFile: fn.file, limit } : undefined;
}

/** What a name was bound to, or the expression itself. */
function written(fn: Fn, n: NodeId): NodeId {
  if (!fn.code.is(n, Kind.Name)) return n;
  return Values.of(fn.package.program).scope(fn).lookup(fn.code.name(n), fn.code.start(n))?.value ?? -1;
}

function isGivenBack({ code, first, after }: Fn, channel: NodeId): boolean {
  for (let n = first; n < after; n++)
    if (code.is(n, Kind.Unary, '<-') && sameText(code, code.child(n, Role.Object), channel)) return true;
  return false;
}

/** The room that a channel of the package, of a field or around a handler is made with. */
function roomOf(fn: Fn, channel: NodeId): Omit<HeldBody, 'limit'> | undefined {
  const { code } = fn;
  const { program } = fn.package;
  const values = Values.of(program);
  const name = code.name(channel);
  const room = (file: SourceFile, make: NodeId) => {
    const [, slots] = make >= 0 && isMakeChannel(file, make) ? file.code.all(make, Role.Arg) : [];
    return slots === undefined ? undefined : { slots, slotsFile: file };
  };
  if (code.is(channel, Kind.Name)) {
    const own = values.scope(fn).lookup(name, code.start(channel));
    if (own) {
      // Made beside the handler that it is handed to, not by each request.
      const handler = code.ancestor(channel, (a) => code.kind(a) === Kind.Closure);
      return handler >= fn.first && own.node < handler ? room(fn.file, own.value) : undefined;
    }
    const global = fn.package.globalMeant(fn.file, name);
    return global && room(global.file, global.fact.value);
  }
  const decl = code.is(channel, Kind.Field) ? values.declOf(fn, code.child(channel, Role.Object)) : undefined;
  const [write, ...others] = decl ? Writes.of(program).toField(decl, name) : [];
  return write && others.length === 0 ? room(write.file, write.value) : undefined;
}
