/** What waits in a channel of buffers: the buffer that each sender allocates for a message. */
import { sendingMethods } from '../../knowledge/channels.ts';
import { exits } from '../../program/calls/exits.ts';
import { sameText } from '../../program/places/effects.ts';
import type { Fn, Package, SourceFile } from '../../program/program.ts';
import { allocationAt } from '../../program/sizes/allocations.ts';
import type { Constants } from '../../program/sizes/constants.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { makerOf } from './makers.ts';

const SENDS = kinds(Kind.Send, Kind.MethodCall);
const COMPARISONS = kinds(Kind.Binary);
/** From so many bytes on a message is mostly its buffer. */
const BUFFER = 4096n;
/** Names and fields between a message and its buffer. */
const MAX_STEPS = 4;

/**
 * The bytes of the largest buffer that is sent into the channel that a call makes, as its senders allocate it or compare its
 * length with the largest they take; undefined where none is seen.
 */
export function sentBuffer(
  pkg: Package,
  file: SourceFile,
  make: NodeId,
  constants: Constants,
): bigint | undefined {
  let largest: bigint | undefined;
  for (const fn of pkg.serviceFunctions) {
    const { code, first, after } = fn;
    for (let n = code.next(SENDS, first, after); n < after; n = code.next(SENDS, n + 1, after)) {
      if (code.kind(n) === Kind.MethodCall && !sendingMethods.has(code.name(n))) continue;
      const buffer = bufferOf(
        fn,
        code.child(n, code.kind(n) === Kind.Send ? Role.Value : Role.Arg),
        constants,
        0,
      );
      if (buffer === undefined || buffer < BUFFER || (largest !== undefined && largest >= buffer)) continue;
      const maker = makerOf(fn, code.child(n, Role.Object));
      if (maker?.file === file && maker.node === make) largest = buffer;
    }
  }
  return largest;
}

/** `make([]byte, n)`, `vec![0; n]`, a name for it, a field of what is sent. */
function bufferOf(fn: Fn, n: NodeId, constants: Constants, steps: number): bigint | undefined {
  if (n < 0 || steps > MAX_STEPS) return undefined;
  const { code } = fn;
  const size = allocationAt(fn, n)?.sizes.at(-1);
  if (size !== undefined) return sizeOf(fn, size, constants);
  const next = (value: NodeId) => bufferOf(fn, value, constants, steps + 1);
  switch (code.kind(n)) {
    case Kind.Name: {
      const binding = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      return binding?.source === 'value' ? next(binding.value) : undefined;
    }
    case Kind.Unary:
    case Kind.Slice:
    case Kind.Try:
    case Kind.MethodCall:
      return next(code.child(n, Role.Object));
    case Kind.Call:
      // `Bytes::from(buffer)`, `Arc::new(buffer)`
      return code.all(n, Role.Arg).length === 1 ? next(code.child(n, Role.Arg)) : undefined;
    case Kind.Composite:
      for (const field of code.children(n)) {
        const found = code.kind(field) === Kind.FieldInit ? next(code.child(field, Role.Value)) : undefined;
        if (found) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

function sizeOf(fn: Fn, size: NodeId, constants: Constants): bigint | undefined {
  const { value, exact } = constants.in(fn, size);
  if (value !== undefined) return exact ? value : undefined;
  return comparedWith(fn, size, constants);
}

/** The number above which a length is refused: `if n > maxFrame { return }`. */
function comparedWith(fn: Fn, size: NodeId, constants: Constants): bigint | undefined {
  const { code, first } = fn;
  const text = code.kind(size) === Kind.Cast ? code.child(size, Role.Object) : size;
  for (let n = code.next(COMPARISONS, first, size); n < size; n = code.next(COMPARISONS, n + 1, size)) {
    if (!/^>=?$/.test(code.name(n)) || !sameText(code, code.child(n, Role.Left), text)) continue;
    const branch = code.ancestor(n, (a) => code.kind(a) === Kind.If);
    if (branch < 0 || !exits(code, code.child(branch, Role.Then))) continue;
    const { value, exact } = constants.in(fn, code.child(n, Role.Right));
    if (value !== undefined && exact) return value;
  }
  return undefined;
}
