/** What a service comes to hold by its work: rings that go round, and bodies of as many requests as are let in at once. */
import { admissionLayers, limitingCalls } from '../../knowledge/budget.ts';
import { wholeExtractors } from '../../knowledge/readers.ts';
import { callName } from '../../program/calls/call-name.ts';
import type { Fn, Global } from '../../program/program.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type Permits, permitsAt } from './permits.ts';

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

/** A body that is read whole, up to a limit, by as many requests at once as there are permits. */
export interface HeldBody {
  readonly permits: Permits;
  /** The expression that says how large it may be. */
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
  const permits = limit === undefined ? undefined : permitsAt(fn, read);
  return permits && limit !== undefined ? { permits, limit } : undefined;
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
  return slots >= 0 && takesWhole ? { permits: { file: fn.file, count: slots }, limit } : undefined;
}

/** What a name was bound to, or the expression itself. */
function written(fn: Fn, n: NodeId): NodeId {
  if (!fn.code.is(n, Kind.Name)) return n;
  return Values.of(fn.package.program).scope(fn).lookup(fn.code.name(n), fn.code.start(n))?.value ?? -1;
}
