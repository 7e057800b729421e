/** The grammar of the Go runtime's GOMEMLIMIT, which is not that of a Kubernetes quantity. */

import { MI } from '../core/quantity.ts';

export type GoMemoryLimit =
  | { readonly kind: 'bytes'; readonly bytes: bigint }
  | { readonly kind: 'off' }
  /** The runtime aborts at start with "malformed GOMEMLIMIT". */
  | { readonly kind: 'malformed' };

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  B: 1n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
  TiB: 1n << 40n,
};
const MAX = (1n << 63n) - 1n;

/** Reads a value of GOMEMLIMIT as the Go runtime does: an integer with `B`, `KiB`, `MiB`, `GiB`, `TiB` or nothing. */
export function parseGoMemoryLimit(text: string): GoMemoryLimit {
  if (text === '' || text === 'off') return { kind: 'off' };
  const match = /^(\d+)(B|KiB|MiB|GiB|TiB)?$/.exec(text);
  if (!match || match[1]!.length > 19) return { kind: 'malformed' };
  const bytes = BigInt(match[1]!) * UNITS[match[2] ?? '']!;
  return bytes > MAX ? { kind: 'malformed' } : { kind: 'bytes', bytes };
}

/** Writes bytes in the largest unit that is exact, so that no memory is gained or lost: `460MiB`. */
export function writeGoMemoryLimit(bytes: bigint): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    if (bytes !== 0n && bytes % UNITS[unit]! === 0n) return `${bytes / UNITS[unit]!}${unit}`;
  }
  return `${bytes}B`;
}

/**
 * 90 % of a container limit, less what other memory of the container takes, in whole MiB (KiB below 16 MiB). The
 * tenth is for what the runtime does not see: the binary's pages, cgo, sockets, page cache.
 */
export function recommendedGoMemoryLimit(limit: bigint, others: bigint): bigint {
  const bytes = (limit * 9n) / 10n - others;
  if (bytes <= 0n) return 0n;
  const unit = bytes >= 16n * MI ? MI : 1024n;
  return (bytes / unit) * unit;
}

/**
 * What the author of a malformed value meant, in the runtime's grammar and never more than written.
 * `certain` is true when only one reading is sensible.
 */
export function repairGoMemoryLimit(
  text: string,
): { readonly value: string; readonly certain: boolean } | undefined {
  const match = /^\s*(\d+)(?:\.(\d+))?\s*([a-zA-Z]*)\s*$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const scale = unitBytes(unit);
  if (scale === undefined) return undefined;
  const bytes = (BigInt(whole + fraction) * scale.bytes) / 10n ** BigInt(fraction.length);
  if (bytes === 0n) return undefined;
  // Whole MiB where it is enough memory: nobody writes 500000KiB.
  const value = writeGoMemoryLimit(bytes >= 16n * MI ? (bytes / MI) * MI : bytes);
  return { value, certain: scale.certain };
}

function unitBytes(unit: string): { readonly bytes: bigint; readonly certain: boolean } | undefined {
  const letter = unit.slice(0, 1).toUpperCase();
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(letter);
  if (unit === '') return { bytes: 1n, certain: true };
  if (unit.toUpperCase() === 'B') return { bytes: 1n, certain: true };
  if (power < 1) return undefined;
  const rest = unit.slice(1).toLowerCase();
  // `512m` is 512 MiB to Docker and half a byte to Kubernetes; nobody means the latter.
  if (unit === 'm' || rest === 'i' || rest === 'ib')
    return { bytes: 1024n ** BigInt(power), certain: unit !== 'm' };
  if (rest === '' || rest === 'b') return { bytes: 1000n ** BigInt(power), certain: false };
  return undefined;
}
