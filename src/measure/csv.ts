/** Reads lines of `timestamp,bytes[,container]`, with or without a line of names above them. */

import { parse } from 'csv-parse/sync';
import { bytesOf, parseQuantity } from '../core/quantity.ts';
import { type Reading, type Sample, UnusableError } from './reading.ts';

const NAMES = {
  at: /^(time(stamp)?|date|ts)$/i,
  bytes: /^(bytes|memory(_bytes)?|value|rss|working_?set(_bytes)?|container_memory_\w+)$/i,
  container: /^(container(_name)?|name)$/i,
  pod: /^(pod(_name)?|instance)$/i,
};

/** Seconds above this are milliseconds: the year 5138. */
const LATEST_SECONDS = 100_000_000_000;

/**
 * Reads a table. Times are seconds or milliseconds since 1970 or ISO 8601; sizes are bytes or quantities (`120Mi`).
 * Empty sizes are gaps.
 * @throws UnusableError that names the line
 */
export function readCsv(text: string): Reading {
  let rows: { readonly record: string[]; readonly info: { readonly lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
      delimiter: [',', ';', '\t'],
      comment: '#',
      comment_no_infix: true,
    }) as unknown as typeof rows;
  } catch (error) {
    throw new UnusableError(
      `is not CSV (${(error as Error).message}); write lines of timestamp,bytes[,container]`,
    );
  }
  const [first] = rows;
  if (!first) throw new UnusableError('is empty; write lines of timestamp,bytes[,container]');
  // A line of values holds a time.
  const named = first.record.every((cell) => secondsOf(cell) === undefined);
  const column = (what: keyof typeof NAMES, fallback: number) =>
    named ? first.record.findIndex((cell) => NAMES[what].test(cell)) : fallback;
  const columns = {
    at: column('at', 0),
    bytes: column('bytes', 1),
    container: column('container', 2),
    pod: column('pod', 3),
  };
  if (columns.at < 0 || columns.bytes < 0)
    throw new UnusableError(
      `line 1: no column is called ${columns.at < 0 ? '"timestamp"' : '"bytes"'} (there are ${first.record.join(', ')}); rename it`,
    );
  const series = new Map<string, { pod: string; container: string; samples: Sample[] }>();
  for (const { record, info } of named ? rows.slice(1) : rows) {
    const [time = '', size = ''] = [record[columns.at], record[columns.bytes]];
    if (size === '') continue;
    const at = secondsOf(time);
    const quantity = parseQuantity(size);
    if (at === undefined)
      throw new UnusableError(
        `line ${info.lines}: "${time}" is no time; write seconds since 1970 or 2026-11-29T08:00:00Z`,
      );
    if (!quantity || quantity.nano < 0n)
      throw new UnusableError(`line ${info.lines}: "${size}" is no size; write bytes, or a quantity (120Mi)`);
    const [container = '', pod = ''] = [record[columns.container], record[columns.pod]];
    const key = `${pod}\0${container}`;
    const one = series.get(key) ?? { pod, container, samples: [] };
    one.samples.push({ at, bytes: Number(bytesOf(quantity)) });
    series.set(key, one);
  }
  if (series.size === 0)
    throw new UnusableError('holds no sizes; write lines of timestamp,bytes[,container]');
  for (const { samples } of series.values()) samples.sort((a, b) => a.at - b.at);
  return { source: 'csv', metric: '', series: [...series.values()], restarts: [], oomKills: 0 };
}

function secondsOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number > LATEST_SECONDS ? number / 1000 : number;
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  // A time without a zone is taken as UTC, so that the same file says the same everywhere.
  const iso = text.replace(' ', 'T');
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(iso) || !iso.includes('T') ? iso : `${iso}Z`;
  const milliseconds = Date.parse(zoned);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
