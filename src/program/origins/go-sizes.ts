/** Go: sizes that only look bounded: differences that begin at the top again, products of small numbers, fields that others fill. */
import { unpackingCalls } from '../../knowledge/sizes.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { sameText } from '../places/effects.ts';
import type { Fn, TypeDecl } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

const COMPARISONS = kinds(Kind.Binary);

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
    const onLeft = mentions(code, code.child(n, Role.Left), number);
    const isAbout =
      /^[<>=!]=?$/.test(operator) && (onLeft || mentions(code, code.child(n, Role.Right), number));
    if (!isAbout) continue;
    // `size > max` alone asks for the other end; `size > 8` around the use, for this one.
    if (!/^[<>]/.test(operator) || operator.startsWith('<') === onLeft || mentions(code, n, off)) return true;
    const isAround = (a: NodeId) =>
      (code.kind(a) === Kind.If || code.kind(a) === Kind.Loop) &&
      code.within(n, code.child(a, Role.Condition));
    if (code.ancestor(before, isAround) >= 0) return true;
  }
  return false;
}

function mentions(code: Code, root: NodeId, number: NodeId): boolean {
  for (let n = root; root >= 0 && n < code.after(root); n++) if (sameText(code, n, number)) return true;
  return false;
}

function madeOf(fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  if (!code.is(n, Kind.Name)) return n;
  return Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
}

/**
 * `binary.Read(r, order, &f.header)` in one method, where another one uses `f.header.Size`: what is taken apart into the field
 * of the receiver, or into the receiver itself.
 */
export function filledByMethod(
  fn: Fn,
  object: NodeId,
): { readonly what: string; readonly fn: Fn; readonly from: NodeId } | undefined {
  const { code, fact } = fn;
  const field = code.is(object, Kind.Field) ? code.name(object) : '';
  const root = field === '' ? object : code.child(object, Role.Object);
  if (fact.owner === '' || fact.receiver === '' || !code.is(root, Kind.Name, fact.receiver)) return undefined;
  for (const method of fn.package.methodsOn(fact.owner)) {
    if (method.isTest) continue;
    const from = unpackedInto(method, field);
    if (from >= 0) return { what: `a field decoded into \`${field || fact.owner}\``, fn: method, from };
  }
  return undefined;
}

function unpackedInto({ code, fact, first, after }: Fn, field: string): NodeId {
  for (let n = first; n < after; n++) {
    if (code.kind(n) !== Kind.MethodCall || !unpackingCalls.test(code.name(n))) continue;
    const args = code.all(n, Role.Arg);
    let into = args.at(-1) ?? -1;
    if (code.is(into, Kind.Unary, '&')) into = code.child(into, Role.Object);
    const root = field !== '' && code.is(into, Kind.Field, field) ? code.child(into, Role.Object) : into;
    if ((root !== into || field === '') && code.is(root, Kind.Name, fact.receiver))
      return args.length > 1 ? (args[0] as NodeId) : code.child(n, Role.Object);
  }
  return -1;
}

/** A field of a type is compared with something anywhere in its package: it may have been refused. */
export function isComparedAnywhere(fn: Fn, decl: TypeDecl, field: string): boolean {
  const values = Values.of(fn.package.program);
  return decl.file.package.functions.some((by) => {
    const { code, first, after } = by;
    for (let n = first; n < after; n++) {
      if (!code.is(n, Kind.Field, field)) continue;
      const test = code.ancestor(n, (a) => code.kind(a) !== Kind.Call && code.kind(a) !== Kind.Field);
      if (
        (code.kind(test) === Kind.Binary && /^[<>]=?$/.test(code.name(test))) ||
        code.kind(test) === Kind.Arm
      )
        if (values.declOf(by, code.child(n, Role.Object)) === decl) return true;
    }
    return false;
  });
}
