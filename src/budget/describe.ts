/** A ledger in words: ranges, the line that sums it up, and what decides an item. */

import { formatBytes } from '../core/quantity.ts';
import type { Bytes, LedgerItem } from './ledger.ts';
import type { Service } from './services.ts';

/** What no ledger counts, said with every one of them. */
export const NOT_COUNTED =
  'not counted: allocations that come and go, connections, page cache and what the allocator keeps; only a measurement sets a limit';

/** The classes of items in the order they are listed, each in words. */
export const ITEM_CLASSES: readonly (readonly [LedgerItem['class'], string])[] = [
  ['committed', 'written at start'],
  ['filled', 'fills with use, and stays'],
  ['reserved', 'address space until it is written'],
  ['unknown', 'size not known'],
];

/** `static 118Mi–470Mi of 512Mi (92 %); committed 118Mi; filled up to 352Mi; 2 without a bound`. */
export function summaryOf({ ledger, limit }: Pick<Service, 'ledger' | 'limit'>): string {
  const { total, committed, filled, unbounded } = ledger;
  const unknown = ledger.items.filter((i) => i.class === 'unknown').length;
  const of = limit
    ? ` of ${limit.text} (${Math.round((total.high * 100) / Number(limit.bytes))} %)`
    : ', and no limit is known';
  const parts = [
    `static ${rangeText(total)}${of}`,
    `committed ${rangeText(committed)}`,
    ...(filled.high > 0 ? [`filled up to ${bytesText(filled.high)}`] : []),
    ...(ledger.reserved > 0 ? [`reserved ${bytesText(ledger.reserved)}`] : []),
    ...(unknown > 0 ? [`${unknown} of unknown size`] : []),
    ...(unbounded.length > 0 ? [`${unbounded.length} without a bound`] : []),
  ];
  return parts.join('; ');
}

/** What decides the size of an item at run time; empty when nothing does. */
export function settingsText(item: LedgerItem): string {
  if (item.settings.length === 0) return '';
  const names = item.settings.map((s) =>
    s.fallback === undefined ? s.name : `${s.name} (default ${s.fallback.toString()})`,
  );
  return `set by ${names.join(', ')}${item.certainty === 'configured' ? ', which configuration may change' : ''}`;
}

/** `5Mi–12Mi`, or one number where both ends read the same. */
export function rangeText({ low, high }: Bytes): string {
  return bytesText(low) === bytesText(high) ? bytesText(low) : `${bytesText(low)}–${bytesText(high)}`;
}

export function bytesText(bytes: number): string {
  return formatBytes(BigInt(Math.max(0, Math.round(bytes))));
}
