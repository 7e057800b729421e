import { CONFIG_FILE, MEASURED_FILE } from '../analysis/file-kind.ts';
import { readMeasured, writeMeasured } from '../analysis/measured-file.ts';
import { formatBytes, writeQuantity } from '../core/quantity.ts';
import { decode } from '../host/decode.ts';
import { type FileSystem, readProblem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { CGROUP_FILES, OLD_CGROUP_FILES, readCgroup } from '../measure/cgroup.ts';
import { readCsv } from '../measure/csv.ts';
import { describeMeasured } from '../measure/describe.ts';
import { isKubectlTop, readKubectlTop } from '../measure/kubectl-top.ts';
import {
  gapsOf,
  gradeOf,
  type Measured,
  peakOf,
  recommendedLimit,
  roomFor,
  steadyRequest,
} from '../measure/measurement.ts';
import { readPrometheus } from '../measure/prometheus.ts';
import type { Reading } from '../measure/reading.ts';
import { summarize } from '../measure/summarize.ts';
import { visible } from './reporters/text.ts';
import { saveFile } from './save-file.ts';
import { colorsFor, type Terminal } from './terminal.ts';

export interface MeasureOptions {
  readonly service: string;
  readonly container?: string;
  readonly workload?: string;
  readonly phase: 'start' | 'load';
  /** Seconds. */
  readonly window?: number;
  /** Seconds. */
  readonly startup: number;
  readonly into?: string;
  readonly dryRun?: boolean;
}

const ALL_CGROUP_FILES: readonly string[] = [...CGROUP_FILES, ...OLD_CGROUP_FILES];
/** Per cent of room where nothing is set. */
const HEADROOM = 25;

/**
 * `headroom measure`: imports what a person saved, prints its summary and writes it into `headroom-measured.yaml`.
 * Answers the exit code.
 * @throws an Error that names the file when one cannot be used
 */
export function measureCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: MeasureOptions,
): number {
  const readings = readAll(terminal, fs, paths);
  const measurements = named(paths.join(', '), () =>
    summarize(readings, {
      container: options.container ?? options.service,
      startup: options.startup,
      phase: options.phase,
      window: options.window,
      today: new Date().toISOString().slice(0, 10),
    }),
  );
  const target = targetOf(terminal, fs, options.into);
  const before = fs.kind(target) === 'file' ? textOf(fs, target) : '';
  const after = writeMeasured(before, {
    name: options.service,
    ...(options.container === undefined || options.container === options.service
      ? {}
      : { container: options.container }),
    ...(options.workload === undefined ? {} : { workload: options.workload }),
    measurements,
  });
  const read = after === undefined ? undefined : readMeasured(target, after);
  const measured = read?.services.find((s) => s.name === options.service);
  if (after === undefined || !measured)
    throw new Error(
      `${target} cannot be added to (${read?.notices[0]?.message ?? 'it is no mapping'}); correct it, or remove it and import again`,
    );
  terminal.out(report(measured, terminal));
  if (options.dryRun) {
    terminal.out(`Nothing was written (--dry-run); it would be ${target}\n`);
    return 0;
  }
  saveFile(fs, target, after);
  terminal.out(
    `Wrote ${target}\nNext: \`headroom size --service ${visible(options.service)}\` compares it with the manifests\n`,
  );
  return 0;
}

/** The readings of all paths: files by their content, folders and files of a cgroup together. */
function readAll(terminal: Terminal, fs: FileSystem, paths: readonly string[]): Reading[] {
  const readings: Reading[] = [];
  const groups = new Map<string, Map<string, string>>();
  const addTo = (folder: string, name: string, text: string) =>
    groups.set(folder, (groups.get(folder) ?? new Map<string, string>()).set(name, text));
  for (const path of paths) {
    const full = absolute(path, terminal.cwd);
    const kind = fs.kind(full);
    if (kind === undefined)
      throw new Error(`${path}: no such file or folder. Check the path; it is taken from ${terminal.cwd}`);
    if (kind === 'folder') {
      const names = fs.list(full).flatMap(({ name }) => (ALL_CGROUP_FILES.includes(name) ? [name] : []));
      if (names.length === 0)
        throw new Error(
          `${path}: holds no file of a cgroup (${CGROUP_FILES.join(', ')}); name the saved file itself, or copy them from /sys/fs/cgroup`,
        );
      for (const name of names) addTo(full, name, textOf(fs, `${full}/${name}`));
      continue;
    }
    const slash = full.lastIndexOf('/');
    const name = full.slice(slash + 1);
    if (ALL_CGROUP_FILES.includes(name)) addTo(full.slice(0, slash), name, textOf(fs, full));
    else readings.push(named(path, () => readText(textOf(fs, full))));
  }
  for (const [folder, files] of groups) readings.push(named(folder, () => readCgroup(files)));
  return readings;
}

function readText(text: string): Reading {
  if (/^\s*[{[]/.test(text)) return readPrometheus(text);
  return isKubectlTop(text) ? readKubectlTop(text) : readCsv(text);
}

function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path} ${(error as Error).message}`);
  }
}

function textOf(fs: FileSystem, file: string): string {
  let content: Uint8Array;
  try {
    content = fs.read(file);
  } catch (error) {
    throw new Error(`${file} ${readProblem(error)}`);
  }
  const { text, problem } = decode(content);
  if (text === undefined) throw new Error(`${file} ${problem}`);
  return text;
}

/** Where measurements go: beside what is there of them, else beside the settings, in this folder or one above. */
function targetOf(terminal: Terminal, fs: FileSystem, into: string | undefined): string {
  if (into !== undefined) {
    const folder = absolute(into, terminal.cwd);
    if (fs.kind(folder) !== 'folder')
      throw new Error(`${into}: no such folder. Make it, or name the one that --into means`);
    return `${folder}/${MEASURED_FILE}`;
  }
  const here = absolute('.', terminal.cwd);
  const above: string[] = [];
  for (let at = here; ; at = at.slice(0, at.lastIndexOf('/'))) {
    above.push(at);
    if (!at.includes('/') || fs.kind(`${at}/.git`) !== undefined) break;
  }
  const folder =
    [MEASURED_FILE, CONFIG_FILE]
      .map((name) => above.find((at) => fs.kind(`${at}/${name}`) === 'file'))
      .find((found) => found !== undefined) ?? here;
  return `${folder}/${MEASURED_FILE}`;
}

/** The summary and what follows from it. */
function report(measured: Measured, terminal: Terminal): string {
  const colors = colorsFor(terminal);
  const grade = gradeOf(measured);
  const out = [
    `${colors.bold(visible(measured.name))}  ${describeMeasured(measured)}`,
    `  ${colors.cyan('grade')} ${grade}: ${GRADES[grade]}`,
  ];
  const gaps = gapsOf(measured);
  if (gaps.length > 0) out.push(`  ${colors.yellow('not measured')}: ${gaps.join(', ')}`);
  const [peak, limit, steady] = [
    peakOf(measured),
    recommendedLimit(measured, HEADROOM),
    steadyRequest(measured),
  ];
  if (peak && limit !== undefined) {
    const what = peak.phase === 'killed' ? 'the limit it was killed at' : `the ${peak.phase} peak`;
    out.push(
      `  ${colors.cyan('limit')} ${writeQuantity(limit)}: ${what} ${formatBytes(BigInt(Math.ceil(peak.bytes)))} + ${roomFor(measured, HEADROOM)} %`,
      `  ${colors.cyan('request')} ${writeQuantity(limit)}${steady === undefined || steady >= limit ? '' : `, or ${writeQuantity(steady)} (p95 + 10 %), which may be taken away under pressure`}`,
    );
  } else out.push('  no peak is known, so that no limit follows from it');
  return `${out.join('\n')}\n`;
}

/** What each grade is worth, after the handbook's chapter on sizing. */
const GRADES = {
  A: "the kernel's peak over a week without a kill: set the limit by it",
  B: 'a fine series of a week with starts: set the limit by it, with 30 % of room',
  C: 'an estimate: too short, too coarse or without a start',
  D: 'it was killed: a lower bound, never lower a limit by it',
} as const;
