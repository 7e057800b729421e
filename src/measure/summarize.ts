/** Readings → measurements: what a person, a rule and a limit need of thousands of samples. */

import { DAY, type Measurement } from './measurement.ts';
import { type Reading, type Sample, type Series, type SourceKind, UnusableError } from './reading.ts';

export interface SummaryOptions {
  /** Name of the container; the service's own where nobody says another one. */
  readonly container: string;
  /** Seconds in which a container that started is ready. */
  readonly startup: number;
  /** What a peak of the kernel covers: from the start until it is ready, or from the start on under load. */
  readonly phase: 'start' | 'load';
  /** Seconds that the source does not tell: how long the container ran, how long outputs were collected. */
  readonly window: number | undefined;
  /** The day of what bears no time, `2026-11-29`. */
  readonly today: string;
}

/** A pause this many steps long is one in which a container may have been replaced. */
const PAUSE = 2;

/**
 * Sums up the readings of one service, one measurement for each source.
 * @throws UnusableError when a reading holds several containers and none of the name
 */
export function summarize(readings: readonly Reading[], options: SummaryOptions): Measurement[] {
  const bySource = new Map<SourceKind, Reading[]>();
  for (const reading of readings)
    bySource.set(reading.source, [...(bySource.get(reading.source) ?? []), reading]);
  return [...bySource].map(([source, own]) => summaryOf(source, own, options));
}

function summaryOf(source: SourceKind, readings: readonly Reading[], options: SummaryOptions): Measurement {
  const chosen = readings.map((r) => ({ ...r, series: seriesOf(r.series, options.container) }));
  const series = together(chosen.flatMap((r) => r.series));
  const restarts = together(
    readings.flatMap((r) => (r.restarts.length > 0 ? seriesOf(r.restarts, options.container) : [])),
  );
  const timed = series.flatMap((s) => s.samples).filter((s) => s.at > 0);
  const first = timed.reduce((a, s) => Math.min(a, s.at), Number.POSITIVE_INFINITY);
  const last = timed.reduce((a, s) => Math.max(a, s.at), 0);
  const step = medianStep(series);
  const starts = startsIn(series, restarts, first, step ?? 0);
  const early: number[] = [];
  const later: number[] = [];
  for (const one of series)
    for (const sample of one.samples) {
      const isEarly = (starts.get(one) ?? []).some(
        (at) => sample.at >= at && sample.at <= at + options.startup,
      );
      (isEarly ? early : later).push(sample.bytes);
    }
  later.sort((a, b) => a - b);
  const kernel = largest(chosen.flatMap((r) => r.kernelPeak ?? []));
  const isStart = options.phase === 'start';
  const limits = chosen.flatMap((r) => r.limit ?? []);
  const hasSteady = timed.length > 0 && later.length > 0;
  return {
    source,
    metric: [...new Set(chosen.map((r) => r.metric).filter((m) => m !== ''))].join(', '),
    until: last > 0 ? dayOf(last) : options.today,
    window: last > 0 ? Math.max(last - first, 0) : isStart ? 0 : (options.window ?? 0),
    step,
    starts: [...starts.values()].reduce(
      (sum, all) => sum + all.length,
      kernel !== undefined && isStart ? 1 : 0,
    ),
    startup: largest([...early, ...(kernel !== undefined && isStart ? [kernel] : [])]),
    traffic: largest([...later.slice(-1), ...(kernel !== undefined && !isStart ? [kernel] : [])]),
    idle: hasSteady ? percentile(later, 5) : undefined,
    p95: hasSteady ? percentile(later, 95) : undefined,
    oomKills: readings.reduce((sum, r) => sum + r.oomKills, 0),
    limit: largest(limits),
  };
}

/** Parts of one series, saved a day at a time, as the one they are. */
function together(parts: readonly Series[]): readonly Series[] {
  const whole = new Map<string, Series>();
  for (const part of parts) {
    const key = [part.pod, part.container, part.id].join('\0');
    const before = whole.get(key);
    const samples = before ? [...before.samples, ...part.samples].sort((a, b) => a.at - b.at) : part.samples;
    whole.set(key, { ...part, samples });
  }
  return [...whole.values()];
}

/** The series of a container: those of its name, or all where only one container is there. */
function seriesOf(all: readonly Series[], container: string): readonly Series[] {
  const named = all.filter((s) => s.container === container);
  if (named.length > 0) return named;
  const names = [...new Set(all.map((s) => s.container))].sort();
  if (names.length <= 1) return all;
  throw new UnusableError(
    `holds the containers ${names.map((n) => n || '(without a name)').join(', ')} and none is "${container}"; say which with --container`,
  );
}

/** When the containers of each series started, as far as the data shows: seconds since 1970. */
function startsIn(
  series: readonly Series[],
  restarts: readonly Series[],
  first: number,
  step: number,
): ReadonlyMap<Series, readonly number[]> {
  const starts = new Map<Series, number[]>();
  for (const one of series) {
    const own: number[] = [];
    const { samples } = one;
    const [head] = samples;
    // Whoever was there before the data begins started before it.
    if (head && step > 0 && head.at > first + 1.5 * step) own.push(head.at);
    for (let i = 1; i < samples.length; i++) {
      const [before, after] = [samples[i - 1] as Sample, samples[i] as Sample];
      const paused = step > 0 && after.at - before.at > PAUSE * step;
      if (paused && after.bytes < before.bytes / 2) own.push(after.at);
    }
    for (const { pod, samples: counts } of restarts) {
      if (pod !== one.pod && pod !== '' && one.pod !== '') continue;
      for (let i = 1; i < counts.length; i++) {
        const [before, after] = [counts[i - 1] as Sample, counts[i] as Sample];
        const known = own.some((at) => at >= before.at - PAUSE * step && at <= after.at + PAUSE * step);
        const seen = samples.find((s) => s.at >= before.at);
        if (after.bytes > before.bytes && !known && seen) own.push(seen.at);
      }
    }
    if (own.length > 0) starts.set(one, own);
  }
  return starts;
}

/** The usual distance of two samples in seconds. */
function medianStep(series: readonly Series[]): number | undefined {
  const steps = series
    .flatMap(({ samples }) => samples.slice(1).map((s, i) => s.at - (samples[i] as Sample).at))
    .filter((d) => d > 0)
    .sort((a, b) => a - b);
  return steps[steps.length >> 1];
}

/** By nearest rank, of sorted numbers. */
function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Without spreading the numbers: there may be more than a call takes arguments. */
function largest(all: readonly number[]): number | undefined {
  return all.reduce<number | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
}

/** The day of a time in seconds since 1970, in UTC: `2026-11-29`. */
export function dayOf(seconds: number): string {
  const day = Math.floor(seconds / DAY);
  return new Date(day * DAY * 1000).toISOString().slice(0, 10);
}
