/** The limit and the request of a container as they follow from what was measured; placeholders where nothing was. */

import type { Fix } from '../core/finding.ts';
import { roundUpBytes, writeQuantity } from '../core/quantity.ts';
import { gradeOf, type Measured, needed, peakOf, roomFor, steadyRequest } from '../measure/measurement.ts';
import { effectiveOrDefault } from './chart-resources.ts';
import { placeholderLimit, REQUEST_PLACEHOLDER, setContainerMemory, writeAmount } from './fixes.ts';
import type { Manifests } from './manifests.ts';
import type { Container } from './model.ts';

/** What GOMEMLIMIT is of a limit, and how much of it the peak of a Go program may be, in per cent. */
const GO = { share: 90, peak: 110 };

/**
 * The limit for a container in bytes: its measured peak and room, rounded up. That of a Go program is at least what
 * leaves GOMEMLIMIT, nine tenths of it, a tenth above the peak. Undefined when no peak was measured.
 */
export function measuredLimit(manifests: Manifests, container: Container): bigint | undefined {
  const measured = manifests.measured(container);
  const peak = measured && peakOf(measured);
  const bytes = measured && needed(measured, manifests.headroom(container.workload.object.file.file));
  if (!peak || bytes === undefined) return undefined;
  const forGo =
    manifests.linkedLanguage(container) === 'go' ? BigInt(Math.ceil((peak.bytes * GO.peak) / GO.share)) : 0n;
  return roundUpBytes(bytes > forGo ? bytes : forGo);
}

/** ` (estimate)` for what a measurement is too weak to decide. */
export function estimateNote(measured: Measured): string {
  return /[AB]/.test(gradeOf(measured)) ? '' : ' (estimate)';
}

/** Sets the limit to what was measured and room; undefined when nothing was, or when it is that already. */
export function setMeasuredLimit(manifests: Manifests, container: Container): Fix | undefined {
  const measured = manifests.measured(container);
  const bytes = measuredLimit(manifests, container);
  if (!measured || bytes === undefined) return undefined;
  const value = writeQuantity(bytes);
  const stated = effectiveOrDefault(manifests, container, 'limits');
  if (stated.state === 'known' && stated.text === value) return undefined;
  const room = roomFor(measured, manifests.headroom(container.workload.object.file.file));
  const what = peakOf(measured)?.phase === 'killed' ? 'the limit it was killed at' : 'the measured peak';
  const title = `Set the memory limit to ${value}: ${what} plus ${room} %${estimateNote(measured)}`;
  return setOwnMemory(manifests, container, 'limits', value, title);
}

/** Writes a limit or request where the container states it, or where the values of its chart do. */
export function setOwnMemory(
  manifests: Manifests,
  container: Container,
  side: 'limits' | 'requests',
  value: string,
  title: string,
): Fix | undefined {
  const effective = effectiveOrDefault(manifests, container, side);
  const values = effective.state === 'known' && effective.source === 'values' ? effective : undefined;
  const file = values && manifests.files.get(values.where.file);
  if (values && file) return writeAmount(file, values.amount, value, title);
  return setContainerMemory(container, side, value, title, 'maybe-incorrect');
}

/** The fix for a limit: what was measured; nothing where that is set; else a placeholder the author must fill. */
export function limitFix(manifests: Manifests, container: Container): Fix | undefined {
  return measuredLimit(manifests, container) === undefined
    ? placeholderLimit(container)
    : setMeasuredLimit(manifests, container);
}

/** The fix for a request below the limit: the measured steady use, else a placeholder the author must fill. */
export function requestFix(manifests: Manifests, container: Container): Fix | undefined {
  const measured = manifests.measured(container);
  const bytes = measured && steadyRequest(measured);
  if (measured && bytes !== undefined) {
    const value = writeQuantity(bytes);
    const title = `Request ${value}: the measured steady use (95th percentile) plus 10 %${estimateNote(measured)}`;
    return setContainerMemory(container, 'requests', value, title, 'maybe-incorrect');
  }
  return setContainerMemory(
    container,
    'requests',
    REQUEST_PLACEHOLDER,
    'Set a memory request: fill in the measured steady use',
    'has-placeholders',
  );
}
