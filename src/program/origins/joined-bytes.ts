/** Numbers that code puts together of bytes itself, where others call a function that decodes them. */
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import type { Binding } from '../types/scope.ts';

/** A byte that is shifted so far is one of at least four: what three can say is 16 MiB at most, as in MySQL's packets. */
const FAR = 24;

/** `uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24`, `(b[0] as usize) << 24 | …`: the bytes, or -1. */
export function joinedBytes(code: Code, n: NodeId): NodeId {
  if (!code.is(n, Kind.Binary) || !/^[|+^]$/.test(code.name(n))) return -1;
  for (const side of [Role.Left, Role.Right]) {
    let part = code.child(n, side);
    while (code.kind(part) === Kind.Unary) part = code.child(part, Role.Object);
    const found = code.is(part, Kind.Binary, '<<') ? shiftedByte(code, part) : joinedBytes(code, part);
    if (found >= 0) return found;
  }
  return -1;
}

/** The bytes of which `b[3] << 24` takes one, or -1. */
function shiftedByte(code: Code, shift: NodeId): NodeId {
  const distance = code.child(shift, Role.Right);
  if (code.kind(distance) !== Kind.Number || !(Number(code.name(distance)) >= FAR)) return -1;
  let byte = code.child(shift, Role.Left);
  for (let kind = code.kind(byte); byte >= 0 && kind !== Kind.Index; kind = code.kind(byte)) {
    if (kind === Kind.Call) byte = code.child(byte, Role.Arg);
    else if (kind === Kind.Cast || kind === Kind.Unary) byte = code.child(byte, Role.Object);
    else return -1;
  }
  return byte < 0 ? -1 : code.child(byte, Role.Object);
}

/**
 * `n = n<<8 | int(b)`, `n |= uint64(b&0x7f) << shift` in a loop before a use of the number: what it is put together
 * of. Without a loop it is as many bytes as stand there.
 */
export function shiftedTogether(
  fn: Fn,
  b: Binding,
  use: NodeId,
): { assign: NodeId; bytes: NodeId } | undefined {
  const { code } = fn;
  for (let n = Math.max(fn.first, b.node); n < use; n++) {
    if (code.kind(n) !== Kind.Assign || !code.is(code.child(n, Role.Target), Kind.Name, b.name)) continue;
    const value = code.child(n, Role.Value);
    const isOr = code.kind(value) === Kind.Binary && code.name(value) === '|';
    if (code.name(n) !== '|=' && !isOr) continue;
    if (code.ancestor(n, (a) => code.kind(a) === Kind.Loop) < fn.first) continue;
    let isShifted = false;
    let bytes = -1;
    for (let m = value; m < code.after(value); m++) {
      if (code.is(m, Kind.Binary, '<<')) isShifted = true;
      // The first name that is not the number itself, nor how far it is shifted.
      const isDistance = code.role(m) === Role.Right && code.is(code.parent(m), Kind.Binary, '<<');
      const isData = code.kind(m) === Kind.Name && code.name(m) !== b.name && !isDistance;
      if (isData && bytes < 0 && code.role(m) !== Role.Callee) bytes = m;
    }
    if (isShifted && bytes >= 0) return { assign: n, bytes };
  }
  return undefined;
}
