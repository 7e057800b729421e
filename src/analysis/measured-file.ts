/**
 * `headroom-measured.yaml`: what was measured of the services of a folder. It is a file of its own because a program
 * writes it, again and again, and a person writes the settings; and it is committed, so that whoever reviews a limit
 * sees what it rests on. It holds summaries only, never samples.
 */

import { Document, isMap, parseDocument, type YAMLMap } from 'yaml';
import type { Notice } from '../core/finding.ts';
import { bytesOf, MI, parseQuantity, writeQuantity } from '../core/quantity.ts';
import type { MeasuredService } from '../manifest/measured.ts';
import { durationText, type Measurement, parseDuration } from '../measure/measurement.ts';
import { SOURCES, type SourceKind } from '../measure/reading.ts';
import { type MeasuredNumbers, MeasuredSchema } from './measured-schema.ts';
import { readSettings, type SettingIssue } from './settings-file.ts';

/** Reads such a file. What is broken gives no services, and notices with line and remedy. */
export function readMeasured(
  file: string,
  text: string,
): { readonly services: readonly MeasuredService[]; readonly notices: readonly Notice[] } {
  const read = readSettings(file, text, MeasuredSchema, problemOf, 'no measurement counts');
  if (!read.values) return { services: [], notices: read.notices };
  const services: MeasuredService[] = [];
  const notices: Notice[] = [];
  for (const [name, { container, workload, ...sources }] of Object.entries(read.values.services)) {
    const start = read.offsetOf(['services', name]);
    const measurements = SOURCES.flatMap((source) => {
      const numbers = sources[source];
      return numbers ? [fromNumbers(source, numbers)] : [];
    });
    if (measurements.length === 0) {
      const message = `line ${read.lineOf(start)}: nothing is said of "${name}"; import a measurement with \`headroom measure FILE --service ${name}\`, or remove the name`;
      notices.push({ file, message });
      continue;
    }
    services.push({
      name,
      ...(container === undefined ? {} : { container }),
      ...(workload === undefined ? {} : { workload }),
      at: { file, span: { start, end: start + name.length } },
      measurements,
    });
  }
  return { services, notices };
}

function problemOf(issue: SettingIssue, path: readonly (string | number)[]): string {
  const name = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known =
      path.length <= 1
        ? ['services']
        : path.length === 3
          ? ['container', 'workload', ...SOURCES]
          : Object.keys(EXPECTED).filter((key) => key !== 'services');
    return `"${name}" is not known here; known are ${known.join(', ')}`;
  }
  const key = String(path.at(-1) ?? 'services');
  return `"${name || 'the document'}" must be ${EXPECTED[key] ?? 'a mapping'}`;
}

const A_SIZE = 'a size, such as 430Mi';
const A_DURATION = 'a duration, such as 9d, 36h or 15s';
const A_NUMBER = 'a whole number';

/** What the schema wants, in words, by key. */
const EXPECTED: Readonly<Record<string, string>> = {
  services: 'a mapping of names to what was measured',
  metric: 'a text',
  until: 'a day, such as 2026-11-29',
  window: A_DURATION,
  step: A_DURATION,
  starts: A_NUMBER,
  startup: A_SIZE,
  traffic: A_SIZE,
  idle: A_SIZE,
  p95: A_SIZE,
  oomKills: A_NUMBER,
  limit: A_SIZE,
};

function fromNumbers(source: SourceKind, n: MeasuredNumbers): Measurement {
  return {
    source,
    metric: n.metric ?? '',
    until: n.until ?? '',
    window: secondsOf(n.window) ?? 0,
    step: secondsOf(n.step),
    starts: n.starts ?? 0,
    startup: sizeOf(n.startup),
    traffic: sizeOf(n.traffic),
    idle: sizeOf(n.idle),
    p95: sizeOf(n.p95),
    oomKills: n.oomKills ?? 0,
    limit: sizeOf(n.limit),
  };
}

function sizeOf(text: string | undefined): number | undefined {
  const quantity = text === undefined ? undefined : parseQuantity(text);
  return quantity && Number(bytesOf(quantity));
}

function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

const HEADER = ` yaml-language-server: $schema=https://headroom.dev/headroom-measured.schema.json
 Memory that services of this folder and all below it were measured to use. \`headroom measure\` writes these
 summaries, \`headroom size\` makes limits of them, and the rules k8s/measured-* compare the manifests with them.
   startup   highest use until it was ready      idle   5th percentile after that
   traffic   highest use after that              p95    95th percentile after that
 A limit follows the larger of the first two: peaks kill pods, averages do not.`;

/** Who measured a service anew, and what it may be called in the manifests. */
export interface MeasuredUpdate {
  readonly name: string;
  readonly container?: string;
  readonly workload?: string;
  readonly measurements: readonly Measurement[];
}

/**
 * The text of the file with a service's measurements in it; an empty text stands for a file that does not exist yet.
 * Comments and what other sources said stay. Of the kernel's peaks at start and under load each is kept until it is
 * read anew.
 * @returns undefined when the text is no mapping and cannot be added to
 */
export function writeMeasured(text: string, update: MeasuredUpdate): string | undefined {
  const document = text.trim() === '' ? startDocument() : parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const path = ['services', update.name];
  for (const key of ['container', 'workload'] as const)
    if (update[key] !== undefined) document.setIn([...path, key], update[key]);
  for (const measurement of update.measurements) {
    const at = [...path, measurement.source];
    const before = document.getIn(at);
    const isPart = measurement.source === 'cgroup' && isMap(before);
    const numbers = toNumbers(measurement);
    const own = isPart ? (before as YAMLMap) : document.createNode({});
    for (const [key, value] of Object.entries(numbers)) own.set(key, value);
    if (!isPart) document.setIn(at, own);
  }
  return document.toString({ lineWidth: 0 });
}

function startDocument(): Document {
  const document = new Document({ services: {} });
  document.commentBefore = HEADER;
  return document;
}

/** As a person reads it; what is not known is left out. */
function toNumbers(m: Measurement): MeasuredNumbers {
  const size = (bytes: number | undefined) => (bytes === undefined ? undefined : sizeText(bytes));
  const all: { readonly [Key in keyof MeasuredNumbers]: MeasuredNumbers[Key] | undefined } = {
    metric: m.metric || undefined,
    until: m.until || undefined,
    window: m.window > 0 ? durationText(m.window) : undefined,
    step: m.step === undefined ? undefined : durationText(m.step),
    starts: m.starts || undefined,
    startup: size(m.startup),
    traffic: size(m.traffic),
    idle: size(m.idle),
    p95: size(m.p95),
    oomKills: m.oomKills,
    limit: size(m.limit),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as MeasuredNumbers;
}

/** Whole Mi, rounded up: no measurement is finer. Below ten of them whole Ki. */
function sizeText(bytes: number): string {
  const unit = bytes >= 10 * Number(MI) ? MI : 1024n;
  return writeQuantity(((BigInt(Math.ceil(bytes)) + unit - 1n) / unit) * unit);
}
