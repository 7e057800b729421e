/** One place of a program that takes memory, and what both languages need to say how much. */

import type { Place } from '../../core/span.ts';
import { type ByteCacheRow, CACHE_ENTRY, type FormulaId } from '../../knowledge/budget.ts';
import type { Fn, Program, SourceFile } from '../../program/program.ts';
import type { Amount } from '../../program/sizes/amount.ts';
import type { Constants } from '../../program/sizes/constants.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Bytes, ItemClass } from '../ledger.ts';
import type { DeepSize } from './elements.ts';
import { sentBuffer } from './messages.ts';
import type { HeldBody } from './standing.ts';

/** One place with what it takes, before anybody asks how often it runs. */
export interface Site {
  readonly name: string;
  readonly fn: Fn | undefined;
  readonly node: NodeId;
  readonly at: Place;
  readonly formula: FormulaId;
  readonly class: ItemClass;
  /** How many elements, or how many bytes when `element` is absent. */
  readonly amount: Amount | undefined;
  /** Bytes of one element; a text says why they are not known. */
  readonly element: DeepSize | string | undefined;
  /** From count and element to bytes. */
  readonly bytes: (count: number, element: Bytes) => Bytes;
  readonly onHeap: boolean;
}

/** As many as there are, each of them so large. */
export const times = (count: number, element: Bytes): Bytes => ({
  low: count * element.low,
  high: count * element.high,
});

/** What the sizes of one program are read with. */
export class Sizing {
  readonly program: Program;
  readonly constants: Constants;
  readonly values: Values;

  constructor(program: Program, constants: Constants) {
    this.program = program;
    this.constants = constants;
    this.values = Values.of(program);
  }

  /** The number an expression of a function, or outside of one, stands for. */
  amount(file: SourceFile, fn: Fn | undefined, n: NodeId): Amount {
    return fn ? this.constants.in(fn, n) : this.constants.inFile(file, n);
  }

  /** As many bodies as there are permits, each as large as the limit lets it be; there is one set of them. */
  held(fn: Fn, { permits, limit }: HeldBody, base: Pick<Site, 'name' | 'at' | 'bytes' | 'onHeap'>): Site {
    const { value, exact } = this.constants.in(fn, limit);
    const size = Number(value ?? 0n);
    return {
      ...base,
      fn: undefined,
      node: -1,
      formula: 'held-bodies',
      class: 'filled',
      amount: this.constants.inFile(permits.file, permits.count),
      // What comes and goes is no heap that stays.
      onHeap: false,
      element: exact ? { bytes: { low: size, high: size }, atLeast: false } : 'its limit is not known here',
    };
  }

  /** A message of a channel with the buffer that its sender makes for it, where that is most of it. */
  sent(
    file: SourceFile,
    make: NodeId,
    slot: DeepSize | string,
  ): Pick<Site, 'formula' | 'element'> | undefined {
    if (typeof slot === 'string' || !slot.atLeast) return undefined;
    const buffer = sentBuffer(file.package, file, make, this.constants);
    if (buffer === undefined) return undefined;
    const [low, high] = [slot.bytes.low + Number(buffer), slot.bytes.high + Number(buffer)];
    return { formula: 'sent-buffers', element: { bytes: { low, high }, atLeast: false } };
  }
}

/** What a cache that is told how many bytes it may keep takes. */
export function byteCache(row: ByteCacheRow): Pick<Site, 'formula' | 'class' | 'element' | 'bytes'> {
  const overhead = row.formula === 'cache-bytes' ? 1.3 : 1;
  return {
    formula: row.formula,
    class: row.when,
    element: undefined,
    bytes: (amount) => ({ low: amount * row.unit, high: amount * row.unit * overhead }),
  };
}

/** A key and a value with what a cache adds to them. */
export function entry(
  key: DeepSize | string | undefined,
  value: DeepSize | string | undefined,
): DeepSize | string {
  const both = pair(key ?? 'its keys are not known', value ?? 'its values are not known');
  if (typeof both === 'string') return both;
  return {
    bytes: { low: both.bytes.low + CACHE_ENTRY[0], high: both.bytes.high + CACHE_ENTRY[1] },
    atLeast: both.atLeast,
  };
}

/** Two values beside each other. */
export function pair(a: DeepSize | string, b: DeepSize | string): DeepSize | string {
  if (typeof a === 'string') return a;
  if (typeof b === 'string') return b;
  return {
    bytes: { low: a.bytes.low + b.bytes.low, high: a.bytes.high + b.bytes.high },
    atLeast: a.atLeast || b.atLeast,
  };
}

/** What a declaration is called that a call's value goes to: a variable, a field, or the function that returns it. */
export function nameOf(file: SourceFile, fn: Fn, n: NodeId): string | undefined {
  const { code } = file;
  for (let at = n, steps = 0; steps < 6; steps++) {
    const parent = code.parent(at);
    if (parent < 0) return undefined;
    switch (code.kind(parent)) {
      case Kind.Let: {
        const pattern = code.child(parent, Role.Pattern);
        const bind = pattern < 0 ? -1 : firstBind(file, pattern);
        return bind < 0 ? undefined : code.name(bind);
      }
      case Kind.Assign: {
        const target = code.child(parent, Role.Target);
        return target < 0 ? undefined : lastSegment(code.name(target)) || undefined;
      }
      case Kind.FieldInit:
        return code.name(parent);
      case Kind.Return:
        return fn.label;
      case Kind.Block:
        return code.role(at) === Role.Value ? fn.label : undefined;
      default:
        at = parent;
    }
  }
  return undefined;
}

function firstBind(file: SourceFile, pattern: NodeId): NodeId {
  for (let n = pattern; n < file.code.after(pattern); n++)
    if (file.code.kind(n) === Kind.Bind || file.code.kind(n) === Kind.Name) return n;
  return -1;
}

/** The row of a table, and nothing that every object has. */
export function own<T>(rows: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(rows, key) ? rows[key] : undefined;
}

export function nextPowerOfTwo(n: number): number {
  return n <= 1 ? 1 : 2 ** Math.ceil(Math.log2(n));
}
