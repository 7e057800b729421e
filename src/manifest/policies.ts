/** What LimitRanges and ResourceQuotas of a namespace ask of its pods. */

import type { Quantity } from '../core/quantity.ts';
import { amountIn } from './amounts.ts';
import type { Manifests } from './manifests.ts';
import type { Amount, KubeObject, Stated } from './model.ts';
import { itemsAt, lookUp, scalarAt, textAt } from './yaml.ts';

/** One item of a LimitRange, as far as memory is concerned. */
export interface MemoryRange {
  readonly object: KubeObject;
  readonly type: string;
  readonly max: Amount | undefined;
  readonly min: Amount | undefined;
  /** Largest ratio of limit to request, in thousandths. */
  readonly ratio: { readonly thousandths: bigint; readonly text: string } | undefined;
}

/** The items of the LimitRanges that an object is created under. */
export function memoryRanges(manifests: Manifests, object: KubeObject): MemoryRange[] {
  return manifests.limitRangesFor(object).flatMap((range) =>
    itemsAt(range.root, 'spec', 'limits').map(({ node }) => ({
      object: range,
      type: textAt(node, 'type') ?? '',
      max: known(amountIn(lookUp(node, 'max'), 'memory')),
      min: known(amountIn(lookUp(node, 'min'), 'memory')),
      ratio: ratioOf(scalarAt(node, 'maxLimitRequestRatio', 'memory')?.text),
    })),
  );
}

function known(stated: Stated): (Amount & { readonly quantity: Quantity }) | undefined {
  return stated && stated !== 'unknown' && stated.quantity
    ? { ...stated, quantity: stated.quantity }
    : undefined;
}

function ratioOf(text: string | undefined): MemoryRange['ratio'] {
  const match = /^(\d{1,6})(?:\.(\d{1,3}))?$/.exec(text ?? '');
  if (!match) return undefined;
  return { thousandths: BigInt(match[1]!) * 1000n + BigInt((match[2] ?? '').padEnd(3, '0')), text: match[0] };
}

/** Keys of `spec.hard` that are about memory, and what they count. */
export const QUOTA_SIDES = [
  { key: 'limits.memory', side: 'limits' },
  { key: 'requests.memory', side: 'requests' },
  { key: 'memory', side: 'requests' },
] as const;

/** True for a quota that counts some pods only: which ones cannot be told. */
export function isScoped(quota: KubeObject): boolean {
  const spec = lookUp(quota.root, 'spec');
  return (
    spec === 'unknown' ||
    (spec !== undefined &&
      (lookUp(spec.value, 'scopes') !== undefined || lookUp(spec.value, 'scopeSelector') !== undefined))
  );
}

/** A quota that makes the API server refuse pods whose containers state no memory limit (or request). */
export interface Requirement {
  readonly quota: KubeObject;
  readonly side: 'limits' | 'requests';
  readonly amount: Amount;
}

/** What the quotas of its namespace require every container of an object to state; limits first. */
export function requirements(manifests: Manifests, object: KubeObject): Requirement[] {
  const quotas = manifests
    .objectsOf('ResourceQuota')
    .filter((q) => !isScoped(q) && manifests.sameNamespace(q, object));
  return QUOTA_SIDES.flatMap(({ key, side }) =>
    quotas.flatMap((quota) => {
      const amount = amountIn(lookUp(quota.root, 'spec'), 'hard', key);
      return amount && amount !== 'unknown' ? [{ quota, side, amount }] : [];
    }),
  );
}
