/** A measurement: what is left of samples once they are summed up, and what it is worth. */

import { roundUpBytes } from '../core/quantity.ts';
import type { SourceKind } from './reading.ts';

/** What one source said of one service. Sizes in bytes, times in seconds. */
export interface Measurement {
  readonly source: SourceKind;
  /** As the source calls it; empty when it does not say. */
  readonly metric: string;
  /** The day of the last sample, `2026-11-29`; empty when it is not known. */
  readonly until: string;
  /** How long the data covers. */
  readonly window: number;
  /** Between two samples; undefined where the kernel keeps the peak or there is one sample. */
  readonly step: number | undefined;
  /** Starts of a container that the data shows. */
  readonly starts: number;
  /** Highest use until the service was ready. */
  readonly startup: number | undefined;
  /** Highest use after that. */
  readonly traffic: number | undefined;
  /** Low steady use: the 5th percentile after start-up. */
  readonly idle: number | undefined;
  /** 95th percentile after start-up. */
  readonly p95: number | undefined;
  readonly oomKills: number;
  /** The memory limit while it was measured; where something was killed, the least that it needed. */
  readonly limit: number | undefined;
}

/** All that was measured of one service. */
export interface Measured {
  readonly name: string;
  /** At least one, and one of each source. */
  readonly measurements: readonly Measurement[];
}

/**
 * A: the kernel's peak with start and a week of load. B: a fine series of a week with starts. C: less than that, an
 * estimate. D: something was killed, so that the peak is only known from below.
 */
export type Grade = 'A' | 'B' | 'C' | 'D';

const MINUTE = 60;
export const DAY = 24 * 60 * MINUTE;
/** A full cycle of traffic: weekdays and a weekend. */
export const WHOLE_WINDOW = 7 * DAY;
/** Peaks between two samples go unseen; this far apart few do. */
const FINE_STEP = 15;
const FEW_STARTS = 2;
const WORKING_SET = /^(|working set|container_memory_working_set_bytes)$/;
/** Per cent above the peak of a series, whose samples may miss it. */
const ROOM_FOR_SAMPLES = 30;

/** What a service's measurements are worth together. */
export function gradeOf({ measurements }: Measured): Grade {
  if (measurements.some((m) => m.oomKills > 0)) return 'D';
  if (measurements.some(isWholePeak)) return 'A';
  return measurements.some(isFineSeries) ? 'B' : 'C';
}

/** The kernel's peak counts from the start of the container on, and so holds the start-up. */
function isWholePeak(m: Measurement): boolean {
  return m.metric === 'memory.peak' && m.traffic !== undefined && m.window >= WHOLE_WINDOW;
}

function isFineSeries(m: Measurement): boolean {
  return (
    m.step !== undefined &&
    m.step <= FINE_STEP &&
    m.window >= WHOLE_WINDOW &&
    m.starts >= FEW_STARTS &&
    WORKING_SET.test(m.metric)
  );
}

/** The highest use that is known, and when it was. */
export interface Peak {
  readonly bytes: number;
  readonly phase: 'start-up' | 'traffic' | 'killed';
  readonly from: Measurement;
}

/** The peak: the maximum of all, never a percentile. Undefined when nothing but kills without a limit is known. */
export function peakOf({ measurements }: Measured): Peak | undefined {
  const all = measurements.flatMap((from): Peak[] => [
    // The first of equals counts: what was killed at its limit has used all of it.
    ...(from.oomKills > 0 && from.limit !== undefined
      ? [{ bytes: from.limit, phase: 'killed' as const, from }]
      : []),
    ...(from.traffic === undefined ? [] : [{ bytes: from.traffic, phase: 'traffic' as const, from }]),
    ...(from.startup === undefined ? [] : [{ bytes: from.startup, phase: 'start-up' as const, from }]),
  ]);
  return all.reduce<Peak | undefined>((a, b) => (a === undefined || b.bytes > a.bytes ? b : a), undefined);
}

/** The largest value of a field over all sources. */
export function most(
  { measurements }: Measured,
  field: 'startup' | 'traffic' | 'idle' | 'p95',
): number | undefined {
  const known = measurements.flatMap((m) => m[field] ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Per cent of room above the peak: what is set, and more where samples may have missed it. */
export function roomFor(measured: Measured, headroom: number): number {
  return gradeOf(measured) === 'B' ? Math.max(headroom, ROOM_FOR_SAMPLES) : headroom;
}

/** Peak and room, not yet rounded; undefined without a peak. */
export function needed(measured: Measured, headroom: number): bigint | undefined {
  const peak = peakOf(measured);
  return peak && BigInt(Math.ceil((peak.bytes * (100 + roomFor(measured, headroom))) / 100));
}

/** The limit to set: peak and room, rounded up to what a person would write. */
export function recommendedLimit(measured: Measured, headroom: number): bigint | undefined {
  const bytes = needed(measured, headroom);
  return bytes === undefined ? undefined : roundUpBytes(bytes);
}

/** A request below the limit: the steady use and a tenth. Undefined when no steady use was measured. */
export function steadyRequest(measured: Measured): bigint | undefined {
  const p95 = most(measured, 'p95');
  return p95 === undefined ? undefined : roundUpBytes(BigInt(Math.ceil(p95 * 1.1)));
}

/** What the measurements do not cover, each in words that follow "not measured:". */
export function gapsOf({ measurements }: Measured): string[] {
  const kernel = measurements.some((m) => m.metric === 'memory.peak');
  const longest = Math.max(...measurements.map((m) => m.window));
  const finest = Math.min(...measurements.map((m) => m.step ?? Number.POSITIVE_INFINITY));
  const gaps: string[] = [];
  if (!kernel && measurements.every((m) => m.startup === undefined)) gaps.push('a start');
  else if (!kernel && finest >= MINUTE)
    gaps.push(`a peak between two samples ${Number.isFinite(finest) ? durationText(finest) : 'far'} apart`);
  if (measurements.every((m) => m.traffic === undefined)) gaps.push('load');
  else if (longest < WHOLE_WINDOW)
    gaps.push(`a week of traffic (${longest === 0 ? 'one moment' : durationText(longest)} so far)`);
  return gaps;
}

/** Seconds as a person writes them: `9d`, `36h`, `15s`; the largest unit that divides them, or the nearest one. */
export function durationText(seconds: number): string {
  for (const [unit, size] of UNITS) {
    if (seconds >= 2 * size || seconds === size) {
      const count = Math.round((seconds * 10) / size) / 10;
      return `${Number.isInteger(count) || count < 10 ? count : Math.round(count)}${unit}`;
    }
  }
  return `${Math.round(seconds)}s`;
}

/** Reads `9d`, `1.5h`, `15s`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)([smhdw])$/.exec(text.trim()) ?? [];
  const size = { s: 1, m: MINUTE, h: 60 * MINUTE, d: DAY, w: 7 * DAY }[unit ?? ''];
  return number === undefined || size === undefined ? undefined : Number(number) * size;
}

const UNITS = [
  ['d', DAY],
  ['h', 60 * MINUTE],
  ['m', MINUTE],
  ['s', 1],
] as const;
