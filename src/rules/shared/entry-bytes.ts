/** How many bytes one more element takes, as the messages about growth say it. */

import type { Fn, Package } from '../../program/program.ts';
import { type AllocationSite, readerInto } from '../../program/sizes/allocations.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import { RustValues } from '../../program/types/rust-values.ts';
import type { ContainerType, TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/**
 * A second sentence such as `. An entry takes at least 40 bytes, and the heap that hangs on it`; empty where the size
 * is not known. It is the least: the container's own tables come on top.
 */
export function entryBytes(pkg: Package, { key, value }: ContainerType): string {
  const parts = [key, value].filter((t) => t !== undefined);
  const size = sum(pkg, parts);
  // Of bytes there are as many as were added.
  if (!size || size.low <= 1) return '';
  return `. An entry takes at least ${size.low} bytes${size.heap ? ', and the heap that hangs on it' : ''}`;
}

/** A second sentence about the elements that an allocation makes room for: their bytes, and when those count. */
export function elementBytes({ fn, node }: AllocationSite): string {
  const { code } = fn;
  const go = fn.package.language === 'go';
  const { program } = fn.package;
  let element: TypeRef | undefined;
  if (go) {
    const made = code.is(node, Kind.Call) ? Values.of(program).typeOf(fn, node) : undefined;
    element = Values.of(program).elementType(made);
  } else {
    const made = RustValues.of(program).typeOf(fn, node);
    element = isPlainNumber(fn, node) ? elementByUse(fn, node) : made?.args[0];
  }
  const size = element && sum(fn.package, [element]);
  if (!size || size.high === 0) return '';
  const bytes = size.low === size.high ? `${size.low}` : `${size.low}–${size.high}`;
  const when = go
    ? 'which the collector counts at once'
    : 'reserved at once and resident when they are written';
  return `. Each takes ${bytes} ${bytes === '1' ? 'byte' : 'bytes'}, ${when}`;
}

/** Rust: `vec![0; n]`: a number that does not say of which type it is. */
function isPlainNumber({ code }: Fn, made: NodeId): boolean {
  const element = code.is(made, Kind.Macro, 'vec') ? code.child(made, Role.Arg) : -1;
  return code.is(element, Kind.Number) && /^\d+$/.test(code.name(element));
}

/** Rust: the type that a local is declared with, or bytes where something is read into it. */
function elementByUse(fn: Fn, made: NodeId): TypeRef | undefined {
  const { code, package: pkg } = fn;
  const statement = code.parent(made);
  if (!code.is(statement, Kind.Let)) return undefined;
  const type = code.child(statement, Role.Type);
  if (type >= 0) return Values.of(pkg.program).types.at(fn.file, type)?.args[0];
  return readerInto(fn, made) === undefined
    ? undefined
    : { name: 'u8', args: [], decl: undefined, file: fn.file, node: made };
}

function sum(
  pkg: Package,
  types: readonly TypeRef[],
): { low: number; high: number; heap: boolean } | undefined {
  const sizes = types.map((t) => Layouts.of(pkg.program).sizeOf(t));
  if (sizes.length === 0 || !sizes.every(isKnown)) return undefined;
  return {
    low: sizes.reduce((n, s) => n + s.low, 0),
    high: sizes.reduce((n, s) => n + s.high, 0),
    heap: sizes.some((s) => s.heap),
  };
}
