import { describe, expect, it } from 'vitest';
import { MI } from '../../src/core/quantity.ts';
import {
  durationText,
  gapsOf,
  gradeOf,
  type Measurement,
  parseDuration,
  peakOf,
  recommendedLimit,
  steadyRequest,
} from '../../src/measure/measurement.ts';
import type { Reading, Sample } from '../../src/measure/reading.ts';
import { type SummaryOptions, summarize } from '../../src/measure/summarize.ts';

const DAY = 86_400;
const mi = (n: number) => n * Number(MI);
const options: SummaryOptions = {
  container: 'api',
  startup: 60,
  phase: 'load',
  window: undefined,
  today: '2026-11-29',
};

/** A value each `step` seconds; `at` gives it in Mi. */
function samples(from: number, to: number, step: number, at: (t: number) => number): Sample[] {
  const out: Sample[] = [];
  for (let t = from; t <= to; t += step) out.push({ at: 1_790_000_000 + t, bytes: mi(at(t)) });
  return out;
}

function reading(series: Reading['series'], more: Partial<Reading> = {}): Reading {
  return { source: 'prometheus', metric: '', series, restarts: [], oomKills: 0, ...more };
}

const one = (readings: Reading[], changed: Partial<SummaryOptions> = {}): Measurement => {
  const [measurement, ...rest] = summarize(readings, { ...options, ...changed });
  expect(rest).toEqual([]);
  return measurement as Measurement;
};

describe('a summary', () => {
  it('tells the peak of starts from that of traffic, and takes the maximum of each', () => {
    const old = samples(0, 8 * DAY, 60, (t) => (t === 600 ? 300 : 100));
    const fresh = samples(DAY, 8 * DAY, 60, (t) => (t - DAY <= 60 ? 250 + (t - DAY) / 60 : 90));
    const m = one([
      reading([
        { pod: 'a', container: 'api', samples: old },
        { pod: 'b', container: 'api', samples: fresh },
      ]),
    ]);
    expect(m).toMatchObject({
      starts: 1,
      startup: mi(251),
      traffic: mi(300),
      p95: mi(100),
      idle: mi(90),
      step: 60,
      window: 8 * DAY,
      until: '2026-09-29',
    });
  });

  it('takes what was saved a day at a time as one series', () => {
    const day = (n: number) =>
      reading([
        { pod: 'a', container: 'api', samples: samples(n * DAY, (n + 1) * DAY - 60, 60, () => 100 + n) },
      ]);
    expect(one([day(1), day(0), day(2)])).toMatchObject({
      starts: 0,
      startup: undefined,
      traffic: mi(102),
      window: 3 * DAY - 60,
    });
  });

  it('does not take who was there before the data for a start', () => {
    const m = one([reading([{ pod: 'a', container: 'api', samples: samples(0, DAY, 60, () => 100) }])]);
    expect(m).toMatchObject({ starts: 0, startup: undefined, traffic: mi(100) });
  });

  it('sees a start in a pause after which less is used, and none in a pause alone', () => {
    const use = (t: number) => (t < 3600 ? 100 : t < 7200 ? 100 : 30);
    const all = samples(0, 10_800, 15, use).filter(({ at }) => {
      const t = at - 1_790_000_000;
      return !(t > 3600 && t < 3700) && !(t > 7100 && t < 7200);
    });
    expect(one([reading([{ pod: 'a', container: 'api', samples: all }])])).toMatchObject({
      starts: 1,
      startup: mi(30),
    });
  });

  it('sees a start where a counter of restarts rises', () => {
    const memory = {
      pod: 'a',
      container: 'api',
      samples: samples(0, 7200, 15, (t) => (t >= 3600 && t < 3660 ? 180 : 100)),
    };
    const restarts = [
      {
        pod: 'a',
        container: 'api',
        samples: samples(0, 7200, 60, (t) => (t < 3630 ? 2 : 3)).map((s) => ({
          at: s.at,
          bytes: s.bytes / mi(1),
        })),
      },
    ];
    expect(one([reading([memory]), reading([], { restarts })])).toMatchObject({
      starts: 1,
      startup: mi(180),
      traffic: mi(100),
    });
  });

  it('takes the containers of the name, and asks which where there are several others', () => {
    const series = (container: string, bytes: number) => ({
      pod: 'a',
      container,
      samples: [{ at: 5, bytes }],
    });
    expect(one([reading([series('api', 7), series('proxy', 9)])]).traffic).toBe(7);
    expect(one([reading([series('only', 7)])]).traffic).toBe(7);
    expect(() => one([reading([series('web', 7), series('proxy', 9)])])).toThrow(
      'holds the containers proxy, web and none is "api"; say which with --container',
    );
  });

  it("puts the kernel's peaks where the person says they belong", () => {
    const kernel = {
      source: 'cgroup',
      metric: 'memory.peak',
      series: [],
      kernelPeak: 9,
      restarts: [],
      oomKills: 0,
    } as const;
    expect(one([kernel], { phase: 'start' })).toMatchObject({
      startup: 9,
      traffic: undefined,
      starts: 1,
      window: 0,
    });
    expect(one([kernel], { window: 8 * DAY })).toMatchObject({
      startup: undefined,
      traffic: 9,
      window: 8 * DAY,
      until: '2026-11-29',
    });
  });

  it('takes more samples than a call takes arguments', () => {
    const many = samples(0, 300_000, 1, (t) => (t === 7 ? 50 : 10));
    expect(one([reading([{ pod: '', container: '', samples: many }])]).traffic).toBe(mi(50));
  }, 20_000);
});

const measurement = (more: Partial<Measurement>): Measurement => ({
  source: 'csv',
  metric: '',
  until: '',
  window: 0,
  step: undefined,
  starts: 0,
  startup: undefined,
  traffic: undefined,
  idle: undefined,
  p95: undefined,
  oomKills: 0,
  limit: undefined,
  ...more,
});
const measured = (...all: Partial<Measurement>[]) => ({ name: 'api', measurements: all.map(measurement) });

describe('grades', () => {
  const week = { window: 7 * DAY, startup: mi(50), traffic: mi(60) };
  const series = { ...week, step: 15, starts: 2, metric: 'container_memory_working_set_bytes' };
  it.each([
    ['A', { ...week, metric: 'memory.peak' }],
    ['C', { ...week, metric: 'memory.peak', window: 6 * DAY }],
    ['C', { ...week, metric: 'memory.peak', traffic: undefined }],
    ['B', series],
    ['C', { ...series, step: 16 }],
    ['C', { ...series, starts: 1 }],
    ['C', { ...series, window: 6.9 * DAY }],
    ['C', { ...series, metric: 'container_memory_rss' }],
    ['C', { traffic: mi(60) }],
    ['D', { ...week, metric: 'memory.peak', oomKills: 1 }],
  ] as const)('%s: %j', (grade, m) => {
    expect(gradeOf(measured(m))).toBe(grade);
  });

  it('come from the best source, unless something was killed', () => {
    expect(gradeOf(measured({ traffic: 1 }, series))).toBe('B');
    expect(gradeOf(measured({ traffic: 1, oomKills: 1 }, series))).toBe('D');
  });
});

describe('what follows', () => {
  it('is the larger peak plus 25 %, rounded up to 16Mi, and to 64Mi above 512Mi', () => {
    expect(recommendedLimit(measured({ startup: mi(100), traffic: mi(90) }), 25)).toBe(128n * MI);
    expect(recommendedLimit(measured({ startup: mi(100), traffic: mi(460) }), 25)).toBe(576n * MI);
    expect(recommendedLimit(measured({ startup: mi(100) }), 20)).toBe(128n * MI);
  });

  it('has 30 % of room where samples may have missed the peak', () => {
    const series = { window: 7 * DAY, startup: mi(100), traffic: mi(90), step: 15, starts: 2 };
    expect(recommendedLimit(measured(series), 25)).toBe(144n * MI);
  });

  it('starts from the limit at which something was killed', () => {
    const m = measured({ traffic: mi(500), oomKills: 1, limit: mi(512) });
    expect(peakOf(m)).toMatchObject({ phase: 'killed', bytes: mi(512) });
    expect(recommendedLimit(m, 25)).toBe(640n * MI);
    expect(peakOf(measured({ traffic: mi(512), oomKills: 1, limit: mi(512) }))?.phase).toBe('killed');
  });

  it('is nothing without a peak', () => {
    expect(recommendedLimit(measured({ oomKills: 1 }), 25)).toBeUndefined();
    expect(steadyRequest(measured({ traffic: 1 }))).toBeUndefined();
  });

  it('is a request of the 95th percentile and a tenth', () => {
    expect(steadyRequest(measured({ p95: mi(310) }))).toBe(352n * MI);
  });
});

describe('gaps', () => {
  it.each([
    [{ metric: 'memory.peak', window: 8 * DAY, traffic: 1 }, []],
    [{ metric: 'memory.peak', traffic: 1 }, ['a week of traffic (one moment so far)']],
    [{ metric: 'memory.peak', startup: 1 }, ['load']],
    [{ window: 2 * DAY, step: 15, traffic: 1 }, ['a start', 'a week of traffic (2d so far)']],
    [{ window: 8 * DAY, step: 60, startup: 1, traffic: 1 }, ['a peak between two samples 1m apart']],
  ] as const)('of %j', (m, gaps) => {
    expect(gapsOf(measured(m))).toEqual(gaps);
  });
});

describe('durations', () => {
  it.each([
    ['9d', 9 * DAY],
    ['36h', 1.5 * DAY],
    ['15s', 15],
    ['1.5h', 5400],
    ['2w', 14 * DAY],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '9', 'd', '-1d', '1 day', '1e9s'])('not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('are written so that they can be read again', () => {
    for (const seconds of [1, 15, 59, 60, 90, 3600, 5000, DAY, 8 * DAY, 8.26 * DAY]) {
      const again = parseDuration(durationText(seconds));
      expect(Math.abs((again as number) - seconds) / seconds, durationText(seconds)).toBeLessThan(0.05);
    }
  });
});
