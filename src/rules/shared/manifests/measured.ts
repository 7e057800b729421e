/** What the rules about measurements share: which limits they judge, and how they name a measurement. */

import type { RelatedPlace } from '../../../core/finding.ts';
import { bytesOf, formatBytes } from '../../../core/quantity.ts';
import type { Place } from '../../../core/span.ts';
import { effectiveOrDefault } from '../../../manifest/chart-resources.ts';
import type { Manifests } from '../../../manifest/manifests.ts';
import type { MeasuredService } from '../../../manifest/measured.ts';
import type { Amount, Container } from '../../../manifest/model.ts';
import { measuredText } from '../../../measure/describe.ts';
import type { Peak } from '../../../measure/measurement.ts';
import { placeIn } from './manifest.ts';

/** A limit that is written down, with what was measured of its container. */
export interface MeasuredLimit {
  readonly container: Container;
  readonly measured: MeasuredService;
  readonly amount: Amount;
  readonly bytes: bigint;
  readonly at: Place;
}

/**
 * The written limits of containers that were measured; those of patches stand for the containers they change, those of
 * a chart's values for the containers of its templates.
 */
export function measuredLimits(manifests: Manifests): MeasuredLimit[] {
  return manifests.statedContainers.flatMap((container) => {
    const measured = manifests.measured(container);
    if (!measured) return [];
    const own = container.resources.memoryLimit;
    const effective = effectiveOrDefault(manifests, container, 'limits');
    const isInValues = effective.state === 'known' && effective.source === 'values';
    const amount = isInValues ? effective.amount : own;
    if (!amount || amount === 'unknown' || !amount.quantity || amount.quantity.nano <= 0n) return [];
    const at = isInValues ? effective.where : placeIn(container.workload.object.file, amount.span);
    return [{ container, measured, amount, bytes: bytesOf(amount.quantity), at }];
  });
}

/** `start-up, 2026-08-01`: when a peak was. */
export function momentOf({ phase, from }: Peak): string {
  return from.until === '' ? phase : `${phase}, until ${from.until}`;
}

/** Bytes as the manifests write them. */
export function measuredBytes(bytes: number | bigint): string {
  return formatBytes(typeof bytes === 'bigint' ? bytes : BigInt(Math.ceil(bytes)));
}

/** Points at the measurement. */
export function relatedMeasurement(measured: MeasuredService): RelatedPlace[] {
  return [{ ...measured.at, message: `measured, ${measuredText(measured)}` }];
}
