import { describe, expect, it } from 'vitest';
import { readCgroup } from '../../src/measure/cgroup.ts';
import { readCsv } from '../../src/measure/csv.ts';
import { isKubectlTop, readKubectlTop } from '../../src/measure/kubectl-top.ts';
import { readPrometheus } from '../../src/measure/prometheus.ts';

const answer = (...result: { metric: Record<string, string>; values: [number, string][] }[]) =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
const working = { __name__: 'container_memory_working_set_bytes', pod: 'a', container: 'api' };

describe('a saved answer of Prometheus', () => {
  it('gives a series for each container of each pod', () => {
    const reading = readPrometheus(
      answer(
        {
          metric: working,
          values: [
            [100, '1048576'],
            [115, '2.097152e+06'],
          ],
        },
        { metric: { ...working, pod: 'b' }, values: [[100, '7']] },
      ),
    );
    expect(reading).toMatchObject({
      source: 'prometheus',
      metric: 'container_memory_working_set_bytes',
      oomKills: 0,
    });
    expect(reading.series.map((s) => [s.pod, s.container, s.samples])).toEqual([
      [
        'a',
        'api',
        [
          { at: 100, bytes: 1048576 },
          { at: 115, bytes: 2097152 },
        ],
      ],
      ['b', 'api', [{ at: 100, bytes: 7 }]],
    ]);
  });

  it('leaves out the pause container, the sum over a pod and what is no number', () => {
    const reading = readPrometheus(
      answer(
        { metric: { ...working, container: 'POD' }, values: [[1, '1']] },
        { metric: { ...working, container: '', id: '/kubepods/pod1' }, values: [[1, '9']] },
        {
          metric: working,
          values: [
            [1, 'NaN'],
            [2, '+Inf'],
            [3, '5'],
          ],
        },
      ),
    );
    expect(reading.series).toEqual([{ pod: 'a', container: 'api', samples: [{ at: 3, bytes: 5 }] }]);
  });

  it('takes an answer to an instant query, and an expression without a name', () => {
    const text = JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { container: 'api' }, value: [9, '64'] }] },
    });
    expect(readPrometheus(text)).toMatchObject({ metric: '', series: [{ samples: [{ at: 9, bytes: 64 }] }] });
  });

  it('reads restarts, kills and limits beside the memory', () => {
    const reading = readPrometheus(
      answer(
        { metric: working, values: [[1, '5']] },
        {
          metric: { ...working, __name__: 'kube_pod_container_status_restarts_total' },
          values: [
            [1, '2'],
            [61, '3'],
          ],
        },
        {
          metric: { ...working, __name__: 'container_oom_events_total' },
          values: [
            [1, '4'],
            [61, '6'],
          ],
        },
        { metric: { ...working, __name__: 'container_spec_memory_limit_bytes' }, values: [[1, '536870912']] },
        {
          metric: { ...working, __name__: 'container_spec_memory_limit_bytes' },
          values: [[1, '9.223372036854772e+18']],
        },
        {
          metric: { ...working, __name__: 'kube_pod_container_resource_limits', resource: 'cpu' },
          values: [[1, '2']],
        },
      ),
    );
    expect(reading).toMatchObject({ oomKills: 2, limit: 536870912 });
    expect(reading.restarts[0]?.samples.map((s) => s.bytes)).toEqual([2, 3]);
    expect(reading.series).toHaveLength(1);
  });

  it('counts a container that was last ended by the kernel as one kill', () => {
    const terminated = { ...working, __name__: 'kube_pod_container_status_last_terminated_reason' };
    const text = answer(
      {
        metric: { ...terminated, reason: 'OOMKilled' },
        values: [
          [1, '1'],
          [61, '1'],
        ],
      },
      { metric: { ...terminated, reason: 'Error' }, values: [[1, '1']] },
    );
    expect(readPrometheus(text).oomKills).toBe(1);
  });

  it.each([
    ['{"status":', /is not JSON.*save the whole answer/],
    ['{"hello": 1}', /is not an answer of the Prometheus API; save what/],
    [
      '{"status":"error","error":"parse error at char 3"}',
      /holds an error of Prometheus.*parse error at char 3.*correct the query/,
    ],
    [answer(), /holds no series of a container; query/],
    [answer({ metric: working, values: [[1, 'NaN']] }), /holds no series/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => readPrometheus(text)).toThrow(message);
  });
});

describe('CSV', () => {
  it('is read by the names of its columns, in any order', () => {
    const { series } = readCsv(
      'container;bytes;timestamp\napi;120Mi;2026-11-01T00:00:15Z\napi;1e6;2026-11-01 00:00\n',
    );
    expect(series).toEqual([
      {
        pod: '',
        container: 'api',
        samples: [
          { at: 1793491200, bytes: 1000000 },
          { at: 1793491215, bytes: 120 * 2 ** 20 },
        ],
      },
    ]);
  });

  it('is read by position without names; seconds and milliseconds are the same', () => {
    const { series } = readCsv(
      '\ufeff# exported\r\n1793491200,7,api\r\n1793491215000,8,api\r\n1793491230,,api\r\n',
    );
    expect(series[0]?.samples).toEqual([
      { at: 1793491200, bytes: 7 },
      { at: 1793491215, bytes: 8 },
    ]);
  });

  it.each([
    ['', /is empty; write lines of timestamp,bytes/],
    ['timestamp,bytes\n', /holds no sizes/],
    ['timestamp,cpu\n1,2\n', /line 1: no column is called "bytes" \(there are timestamp, cpu\); rename it/],
    ['timestamp,bytes\n1,2\nyesterday,3\n', /line 3: "yesterday" is no time; write seconds/],
    ['timestamp,bytes\n1,2 apples\n', /line 2: "2 apples" is no size/],
    ['timestamp,bytes\n1,-5\n', /line 2: "-5" is no size/],
    ['1,"2\n', /is not CSV/],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });
});

describe('files of a cgroup', () => {
  const files = (all: Record<string, string>) => new Map(Object.entries(all));

  it('give the peak, the kills and the limit', () => {
    const events = 'low 0\nhigh 0\nmax 31\noom 3\noom_kill 2\noom_group_kill 0\n';
    expect(
      readCgroup(
        files({ 'memory.peak': '450000000\n', 'memory.events': events, 'memory.max': '536870912\n' }),
      ),
    ).toEqual({
      source: 'cgroup',
      metric: 'memory.peak',
      series: [],
      kernelPeak: 450000000,
      restarts: [],
      oomKills: 2,
      limit: 536870912,
    });
  });

  it('know no limit where it is "max", and one moment where the kernel keeps no peak', () => {
    const reading = readCgroup(files({ 'memory.current': '77\n', 'memory.max': 'max\n' }));
    expect(reading).toMatchObject({
      metric: 'memory.current',
      series: [{ samples: [{ at: 0, bytes: 77 }] }],
    });
    expect(reading.limit).toBeUndefined();
  });

  it.each([
    [{ 'memory.max_usage_in_bytes': '9\n' }, /cgroup of version 1, whose peak counts page cache; import/],
    [{ 'memory.max': '9\n' }, /holds neither memory\.peak .* nor memory\.current; copy them/],
    [{ 'memory.peak': '' }, /memory\.peak holds "" and no number of bytes; copy/],
    [{ 'memory.peak': '1.2G\n' }, /memory\.peak holds "1\.2G"/],
    [{ 'memory.peak': '7\n', 'memory.events': 'low 0\n' }, /memory\.events has no line "oom_kill N"/],
  ])('that cannot be used: %j', (all, message) => {
    expect(() => readCgroup(files(all as Record<string, string>))).toThrow(message);
  });
});

describe('kubectl top', () => {
  const header = 'POD       NAME    CPU(cores)   MEMORY(bytes)\n';

  it('gives a value for each container, in whatever namespaces and however often it was run', () => {
    const text = `NAMESPACE   ${header}shop   web-1   api   2m   143Mi\nshop   web-1   proxy   1m   13Mi\n\nNAMESPACE   ${header}shop   web-1   api   2m   150Mi\n`;
    expect(isKubectlTop(text)).toBe(true);
    expect(readKubectlTop(text).series.map((s) => [s.pod, s.container, s.samples[0]?.bytes])).toEqual([
      ['web-1', 'api', 143 * 2 ** 20],
      ['web-1', 'proxy', 13 * 2 ** 20],
      ['web-1', 'api', 150 * 2 ** 20],
    ]);
  });

  it.each([
    [
      'NAME   CPU(cores)   MEMORY(bytes)\nweb-1   2m   143Mi\n',
      /lists whole pods; run `kubectl top pod --containers`/,
    ],
    [`${header}web-1   api   2m\n`, /line 2 is not pod, container, CPU and memory/],
    [`${header}error: Metrics API not available\n`, /line 2 is not pod/],
    [header, /lists no container; look at the namespace/],
  ])('says what is wrong with %j', (text, message) => {
    expect(isKubectlTop(text)).toBe(true);
    expect(() => readKubectlTop(text)).toThrow(message);
  });
});
