import * as z from 'zod/mini';

/** What sizes and durations look like, for editors; the program reads them itself. */
export const SIZE = /^\d+(\.\d+)?([KMGT]i?)?$/;
export const DURATION = /^\d+(\.\d+)?[smhdw]$/;
export const DAY = /^\d{4}-\d{2}-\d{2}$/;

const size = (what: string) =>
  z.optional(z.string().check(z.regex(SIZE))).check(z.describe(`${what}, such as 430Mi.`));
const duration = (what: string) =>
  z.optional(z.string().check(z.regex(DURATION))).check(z.describe(`${what}, such as 9d or 15s.`));
const count = (what: string) =>
  z.optional(z.number().check(z.gte(0), z.multipleOf(1))).check(z.describe(`${what}.`));

const Numbers = z.strictObject({
  metric: z
    .optional(z.string())
    .check(z.describe('What was read, as the source calls it, such as container_memory_working_set_bytes.')),
  until: z
    .optional(z.string().check(z.regex(DAY)))
    .check(z.describe('The day of the last value, such as 2026-11-29.')),
  window: duration('How long the values cover'),
  step: duration('The time between two values'),
  starts: count('Starts of a container that the values show'),
  startup: size('The highest use until the service was ready'),
  traffic: size('The highest use after that'),
  idle: size('Low steady use: the 5th percentile after start-up'),
  p95: size('The 95th percentile after start-up'),
  oomKills: count('How often a container was killed for lack of memory'),
  limit: size('The memory limit while it was measured'),
});

const Name = z.string().check(z.minLength(1));
const Service = z.strictObject({
  container: z
    .optional(Name)
    .check(z.describe('The name of the container, where it is not that of the service.')),
  workload: z.optional(Name).check(z.describe('The name of the Deployment or other workload.')),
  cgroup: z.optional(Numbers).check(z.describe("The kernel's own files: memory.peak, memory.events.")),
  prometheus: z.optional(Numbers).check(z.describe('A saved answer of the Prometheus API.')),
  csv: z.optional(Numbers).check(z.describe('A table of times and sizes.')),
  'kubectl-top': z.optional(Numbers).check(z.describe('Outputs of `kubectl top pod --containers`.')),
});

/** The shape of `headroom-measured.yaml`; the JSON schema for editors is made of this very object. */
export const MeasuredSchema = z.strictObject({
  services: z
    .record(z.string(), Service)
    .check(z.describe('What was measured, by the name of the container, the workload or the program.')),
});

export type MeasuredNumbers = z.infer<typeof Numbers>;
