/** Go: sizes that only look bounded: differences that begin at the top again, and fields that others fill. */
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Package } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { mentionsSame } from './size-guards.ts';

const COMPARISONS = kinds(Kind.Binary);
const FIELDS = kinds(Kind.Field);

/** A number of 32 bits or more without a sign: less than nothing of it is nearly all there is. */
export function isUnsigned(fn: Fn, n: NodeId): boolean {
  const type = Values.of(fn.package.program).typeOf(fn, n);
  if (type) return /^uint(32|64|ptr)?$/.test(peel(type).type.name);
  const made = madeOf(fn, n);
  return fn.code.is(made, Kind.MethodCall) && /^(Uint(32|64)|(Read)?Uvarint)$/.test(fn.code.name(made));
}

/** `if size < headerLen { return … }` before a node: somebody asks whether a number is large enough for what is taken off. */
export function isTestedBelow({ code, first }: Fn, difference: NodeId, before: NodeId): boolean {
  const number = code.child(difference, Role.Left);
  const off = code.child(difference, Role.Right);
  for (let n = code.next(COMPARISONS, first, before); n < before; n = code.next(COMPARISONS, n + 1, before)) {
    const operator = code.name(n);
    const onLeft = mentionsSame(code, code.child(n, Role.Left), number);
    const isAbout =
      /^[<>=!]=?$/.test(operator) && (onLeft || mentionsSame(code, code.child(n, Role.Right), number));
    if (!isAbout) continue;
    // `size > max` alone asks for the other end; `size > 8` around the use, for this one.
    if (!/^[<>]/.test(operator) || operator.startsWith('<') === onLeft || mentionsSame(code, n, off))
      return true;
    const isAround = (a: NodeId) =>
      (code.kind(a) === Kind.If || code.kind(a) === Kind.Loop) &&
      code.within(n, code.child(a, Role.Condition));
    if (code.ancestor(before, isAround) >= 0) return true;
  }
  return false;
}

function madeOf(fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  if (!code.is(n, Kind.Name)) return n;
  return Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
}

/** A field of this name is compared with something in a package: it may have been refused. */
export function isComparedAnywhere(pkg: Package, field: string): boolean {
  return pkg.functions.some(({ code, first, after }) => {
    for (let n = code.next(FIELDS, first, after); n < after; n = code.next(FIELDS, n + 1, after)) {
      if (code.name(n) !== field) continue;
      const test = code.ancestor(n, (a) => code.kind(a) !== Kind.Call && code.kind(a) !== Kind.Field);
      if (/^[<>]=?$/.test(code.name(test)) || code.kind(test) === Kind.Arm) return true;
    }
    return false;
  });
}
