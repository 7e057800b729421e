import { limiterMethods } from '../knowledge/spawns.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { chosenLength, mentionsLength } from './counts.ts';
import { callName } from './phases.ts';
import type { Fn, Package } from './program.ts';
import { lastSegment, peel } from './types.ts';
import { Values } from './values.ts';

/** A call that lets many futures run at once. */
export interface ConcurrencySite {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly verb: string;
  /** `chosen`: the program says no limit; `input`: as many as a collection has. */
  readonly limit:
    | { readonly kind: 'none'; readonly node: NodeId }
    | { readonly kind: 'input' }
    | { readonly kind: 'chosen'; readonly by: string };
}

/** Adapters that take a limit as their first argument. */
const LIMITED =
  /^(for_each_concurrent|try_for_each_concurrent|buffer_unordered|buffered|try_buffer_unordered|try_buffered|flatten_unordered|flat_map_unordered)$/;

/** Functions that run everything they are given. */
const ALL = /^(join_all|try_join_all)$/;

/** All such calls of a Rust crate outside tests, in source order. */
export function concurrencySites(pkg: Package): ConcurrencySite[] {
  const out: ConcurrencySite[] = [];
  for (const fn of pkg.functions) {
    if (fn.isTest || fn.file.facts.generated) continue;
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      const name = callName(code, n);
      const first = code.child(n, Role.Arg);
      if (kind === Kind.MethodCall && name === 'collect') {
        const set = collectedInto(fn, n);
        if (set)
          out.push({
            fn,
            node: n,
            verb: `collect::<${set}>`,
            limit: permitsInside(code, n) ?? lengthOf(fn, code.child(n, Role.Object), 0),
          });
      }
      if (first < 0) continue;
      if (kind === Kind.MethodCall && LIMITED.test(name))
        out.push({ fn, node: n, verb: name, limit: limitOf(fn, first) });
      else if (kind === Kind.Call && ALL.test(name))
        out.push({ fn, node: n, verb: name, limit: permitsInside(code, first) ?? lengthOf(fn, first, 0) });
      else if (kind === Kind.MethodCall && /^push(_back|_front)?$/.test(name)) {
        const limit = pushedInto(fn, n, first);
        if (limit) out.push({ fn, node: n, verb: `${setName(fn, n)}::${name}`, limit });
      }
    }
  }
  return out;
}

/** Sets of futures that are polled together: https://docs.rs/futures/latest/futures/stream/struct.FuturesUnordered.html */
const SETS = /^(FuturesUnordered|FuturesOrdered)$/;

/** The type of the set that a method is called on. */
function setName(fn: Fn, call: NodeId): string | undefined {
  const type = Values.of(fn.package.program).typeOf(fn, fn.code.child(call, Role.Object));
  const name = type && lastSegment(peel(type).type.name);
  return name !== undefined && SETS.test(name) ? name : undefined;
}

/** `.collect::<FuturesUnordered<_>>()`, or into a name of that type. */
function collectedInto(fn: Fn, call: NodeId): string | undefined {
  const code = fn.code;
  const up = code.parent(call);
  const written =
    code.child(call, Role.TypeArg) >= 0
      ? code.child(call, Role.TypeArg)
      : code.kind(up) === Kind.Let
        ? code.child(up, Role.Type)
        : -1;
  const name = written < 0 ? '' : lastSegment(code.name(written));
  return SETS.test(name) ? name : undefined;
}

/**
 * How many futures a set holds at once that a loop fills: as many as the loop has rounds, unless its length is looked
 * at before. Undefined when it is not filled in a loop of the same function.
 */
function pushedInto(fn: Fn, call: NodeId, future: NodeId): ConcurrencySite['limit'] | undefined {
  const code = fn.code;
  if (setName(fn, call) === undefined) return undefined;
  const object = code.child(call, Role.Object);
  const name = code.name(object);
  const loop = code.ancestor(call, (a) => code.kind(a) === Kind.Loop);
  if (loop < 0) return undefined;
  const [body, after] = fn.range;
  for (let n = body; n < after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      code.name(n) === 'len' &&
      code.is(code.child(n, Role.Object), code.kind(object), name)
    )
      return { kind: 'chosen', by: 'a test of how many there are' };
  const permits = permitsInside(code, future) ?? permitsInside(code, loop);
  if (permits) return permits;
  // One in for each that came out, or a loop that waits for work: the set is what is in flight.
  const iter = code.child(loop, Role.Iter);
  if (iter < 0) return undefined;
  const refilled = code.ancestor(
    loop,
    (a) => code.kind(a) === Kind.Loop && mentionsNext(code, a, name) && code.name(a) !== 'for',
  );
  return refilled >= 0 ? undefined : lengthOf(fn, iter, 0);
}

function mentionsNext(code: Code, loop: NodeId, name: string): boolean {
  for (let n = loop; n < code.after(loop); n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(next|try_next|select_next_some)$/.test(code.name(n)) &&
      code.name(code.child(n, Role.Object)) === name
    )
      return true;
  return false;
}

/** The futures take a permit each before they do anything. */
function permitsInside(code: Code, root: NodeId): ConcurrencySite['limit'] | undefined {
  for (let n = root; n < code.after(root); n++)
    if (code.kind(n) === Kind.MethodCall && limiterMethods.has(code.name(n)))
      return { kind: 'chosen', by: `\`${code.name(n)}\` in each` };
  return undefined;
}

/** `None`, `usize::MAX` and numbers beyond any number of cores are no limit; a length is as many as there are. */
function limitOf(fn: Fn, limit: NodeId): ConcurrencySite['limit'] {
  const { code } = fn;
  if (mentionsLength(fn, limit) && !/^(min|clamp)$/.test(code.name(limit))) return { kind: 'input' };
  const none =
    code.is(limit, Kind.Name, 'None') ||
    (code.kind(limit) === Kind.Path && /(^|::)(None|MAX)$/.test(code.name(limit)));
  const large =
    code.kind(limit) === Kind.Number &&
    Number(
      code
        .name(limit)
        .replaceAll('_', '')
        .replace(/[a-z]\w*$/, ''),
    ) > 10_000;
  return none || large ? { kind: 'none', node: limit } : { kind: 'chosen', by: 'the limit it is given' };
}

/** How many futures a collection of them holds: as many as what they were mapped from. */
function lengthOf(fn: Fn, n: NodeId, depth: number): ConcurrencySite['limit'] {
  const code = fn.code;
  let at = n;
  for (let i = 0; i < 12; i++) {
    if (code.kind(at) === Kind.Unary || code.kind(at) === Kind.Await || code.kind(at) === Kind.Try)
      at = code.child(at, Role.Object);
    else if (
      code.kind(at) === Kind.MethodCall &&
      /^(map|iter|into_iter|iter_mut|filter|filter_map|enumerate|zip|cloned|copied|collect|drain|values|keys|into_values|chain|rev|flat_map)$/.test(
        code.name(at),
      )
    )
      at = code.child(at, Role.Object);
    else break;
  }
  if (at < 0) return { kind: 'input' };
  const chosen = chosenLength(fn, at);
  if (chosen) return { kind: 'chosen', by: chosen };
  if (code.kind(at) === Kind.Sequence || code.kind(at) === Kind.Macro)
    return { kind: 'chosen', by: 'a list written in the program' };
  if (code.kind(at) === Kind.Name && depth < 3) {
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(at), code.start(at));
    if (b && b.value >= 0 && b.source === 'value') {
      // A list that is filled by hand: as long as its pushes, or as the loops around them.
      if (
        code.kind(b.value) === Kind.Macro ||
        (code.kind(b.value) === Kind.Call &&
          /(^|::)(new|with_capacity)$/.test(lastSegment(code.name(code.child(b.value, Role.Callee)))))
      )
        return pushedInLoop(fn, code.name(at))
          ? { kind: 'input' }
          : { kind: 'chosen', by: 'the number of pushes' };
      return lengthOf(fn, b.value, depth + 1);
    }
  }
  return { kind: 'input' };
}

function pushedInLoop(fn: Fn, name: string): boolean {
  const code = fn.code;
  const [body, after] = fn.range;
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.MethodCall || !/^(push|extend)$/.test(code.name(n))) continue;
    if (!code.is(code.child(n, Role.Object), Kind.Name, name)) continue;
    if (code.name(n) === 'extend') return true;
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
    const iter = loop < 0 ? -1 : code.child(loop, Role.Iter);
    if (loop >= 0 && (iter < 0 || !chosenLength(fn, iter))) return true;
  }
  return false;
}
