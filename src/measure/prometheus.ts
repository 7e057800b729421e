/** Reads what the HTTP API of Prometheus (and of Thanos, Mimir and VictoriaMetrics) answers to a query. */

import * as z from 'zod/mini';
import { type Reading, type Sample, type Series, UnusableError } from './reading.ts';

/** Seconds since 1970, and the value as text. */
const Pair = z.tuple([z.number(), z.string()]);

/** https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries */
const Answer = z.object({
  status: z.string(),
  error: z.optional(z.string()),
  data: z.optional(
    z.object({
      resultType: z.string(),
      result: z.array(
        z.object({
          metric: z.record(z.string(), z.string()),
          values: z.optional(z.array(Pair)),
          value: z.optional(Pair),
        }),
      ),
    }),
  ),
});

const RESTARTS = 'kube_pod_container_status_restarts_total';
const OOM = /^(container_oom_events_total|kube_pod_container_status_last_terminated_reason)$/;
const LIMIT = /^(container_spec_memory_limit_bytes|kube_pod_container_resource_limits)$/;
/** Without a limit the kernel, and cAdvisor after it, give a number near 2^63. */
const NO_LIMIT = 2 ** 60;

/**
 * Reads a saved answer of `query_range` or `query`. Series without a name count as memory: an expression drops it.
 * @throws UnusableError when it is no answer, holds an error, or holds no series
 */
export function readPrometheus(text: string): Reading {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new UnusableError(
      `is not JSON (${(error as Error).message}); save the whole answer, for instance with \`curl --output\``,
    );
  }
  const parsed = Answer.safeParse(raw);
  if (!parsed.success)
    throw new UnusableError(
      'is not an answer of the Prometheus API; save what `/api/v1/query_range` returns, as it is',
    );
  const { status, error, data } = parsed.data;
  if (status !== 'success' || !data)
    throw new UnusableError(`holds an error of Prometheus, not data (${error ?? status}); correct the query`);
  const series: Series[] = [];
  const restarts: Series[] = [];
  const metrics = new Set<string>();
  let oomKills = 0;
  let limit: number | undefined;
  for (const { metric, values, value } of data.result) {
    const name = metric.__name__ ?? '';
    const { pod = '', container } = metric;
    // The pause container and the sum over a pod stand beside the containers in what cAdvisor exports.
    if (container === 'POD' || (container === '' && metric.id !== undefined)) continue;
    const samples = (values ?? (value ? [value] : [])).flatMap(([at, number]): Sample[] => {
      const bytes = Number(number);
      return Number.isFinite(bytes) ? [{ at, bytes }] : [];
    });
    if (samples.length === 0) continue;
    const id = metric.id ?? metric.name;
    const one: Series = { pod, container: container ?? '', ...(id === undefined ? {} : { id }), samples };
    const rise = risesOf(samples);
    if (name === RESTARTS) restarts.push(one);
    else if (OOM.test(name)) {
      if (name.startsWith('container_')) oomKills += rise;
      else if (metric.reason === 'OOMKilled' && samples.some((s) => s.bytes > 0))
        oomKills += Math.max(1, rise);
    } else if (LIMIT.test(name)) {
      if (metric.resource !== undefined && metric.resource !== 'memory') continue;
      const most = Math.max(...samples.map((s) => s.bytes));
      if (most > 0 && most < NO_LIMIT) limit = Math.max(limit ?? 0, most);
    } else {
      series.push(one);
      if (name !== '') metrics.add(name);
    }
  }
  if (series.length + restarts.length === 0 && oomKills === 0 && limit === undefined)
    throw new UnusableError(
      'holds no series of a container; query `container_memory_working_set_bytes{container="NAME"}` over the last days',
    );
  return {
    source: 'prometheus',
    metric: [...metrics].sort().join(', '),
    series,
    restarts,
    oomKills,
    ...(limit === undefined ? {} : { limit }),
  };
}

/** How much a counter or a flag rose in all; what it was before counts for nothing. */
function risesOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, s, i) => sum + Math.max(0, s.bytes - (samples[i - 1] ?? s).bytes), 0);
}
