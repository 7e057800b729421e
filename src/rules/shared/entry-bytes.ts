/** How many bytes one more element takes, as the messages about growth say it. */

import type { Package } from '../../program/program.ts';
import type { AllocationSite } from '../../program/sizes/allocations.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import { RustValues } from '../../program/types/rust-values.ts';
import type { ContainerType, TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Kind } from '../../syntax/node.ts';

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
    element = made?.args[0];
  }
  const size = element && sum(fn.package, [element]);
  if (!size || size.high === 0) return '';
  const bytes = size.low === size.high ? `${size.low}` : `${size.low}–${size.high}`;
  const when = go
    ? 'which the collector counts at once'
    : 'reserved at once and resident when they are written';
  return `. Each takes ${bytes} ${bytes === '1' ? 'byte' : 'bytes'}, ${when}`;
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
