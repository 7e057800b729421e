/** Measurements in words. */

import { formatBytes } from '../core/quantity.ts';
import { durationText, gradeOf, type Measured, type Measurement, most, peakOf } from './measurement.ts';

/** `start-up 96Mi, traffic 430Mi, idle 74Mi, p95 310Mi (prometheus, 9d, until 2026-11-29)`. */
export function describeMeasured(measured: Measured): string {
  const sizes = (['startup', 'traffic', 'idle', 'p95'] as const).flatMap((field) => {
    const bytes = most(measured, field);
    return bytes === undefined ? [] : [`${LABELS[field]} ${sizeOf(bytes)}`];
  });
  const kills = measured.measurements.reduce((sum, m) => sum + m.oomKills, 0);
  return [...sizes, ...(kills > 0 ? [`killed ${timesText(kills)}`] : [])]
    .join(', ')
    .concat(` (${measured.measurements.map(sourceText).join('; ')})`);
}

/** `grade B: start-up 96Mi, traffic 430Mi (prometheus, 9d)`. */
export function measuredText(measured: Measured): string {
  return `grade ${gradeOf(measured)}: ${describeMeasured(measured)}`;
}

/** `measured 430Mi`; empty where no peak is known. */
export function peakText(measured: Measured | undefined): string {
  const peak = measured && peakOf(measured);
  return peak ? `${peak.phase === 'killed' ? 'killed at' : 'measured'} ${sizeOf(peak.bytes)}` : '';
}

/** `once`, `3 times`. */
export function timesText(n: number): string {
  return n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`;
}

const LABELS = { startup: 'start-up', traffic: 'traffic', idle: 'idle', p95: 'p95' } as const;

function sourceText({ source, window, step, until }: Measurement): string {
  return [
    source,
    ...(window > 0 ? [durationText(window)] : []),
    ...(step === undefined ? [] : [`a value each ${durationText(step)}`]),
    ...(until === '' ? [] : [`until ${until}`]),
  ].join(', ');
}

function sizeOf(bytes: number): string {
  return formatBytes(BigInt(Math.ceil(bytes)));
}
