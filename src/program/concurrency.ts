import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { chosenLength } from './counts.ts';
import { callName } from './phases.ts';
import type { Fn, Package } from './program.ts';
import { lastSegment } from './types.ts';
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
      if (first < 0) continue;
      if (kind === Kind.MethodCall && LIMITED.test(name))
        out.push({ fn, node: n, verb: name, limit: limitOf(code, first) });
      else if (kind === Kind.Call && ALL.test(name))
        out.push({ fn, node: n, verb: name, limit: lengthOf(fn, first, 0) });
    }
  }
  return out;
}

/** `None`, `usize::MAX` and numbers beyond any number of cores are no limit. */
function limitOf(code: Code, limit: NodeId): ConcurrencySite['limit'] {
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
