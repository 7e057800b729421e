import { performance } from 'node:perf_hooks';
import { type Baseline, readBaseline, writeBaseline } from '../analysis/baseline.ts';
import { BASELINE_FILE } from '../analysis/file-kind.ts';
import type { Profile } from '../analysis/profile.ts';
import { type CheckResult, Workspace } from '../analysis/workspace.ts';
import type { Severity } from '../core/finding.ts';
import { AnswersCache } from '../host/cache/answers-cache.ts';
import { CacheFolder } from '../host/cache/cache-folder.ts';
import { check } from '../host/check.ts';
import { readTextFile } from '../host/decode.ts';
import { startEngine } from '../host/engine.ts';
import type { FileSystem } from '../host/file-system.ts';
import type { OpenAnswers } from '../host/known-answers.ts';
import { absolute, nodeFileSystem } from '../host/node-file-system.ts';
import { parserThreads } from '../host/parser-threads.ts';
import { type ScanResult, scan } from '../host/scan.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { applyFixes } from './apply-fixes.ts';
import { changedSince } from './changed-since.ts';
import { Places } from './reporters/report.ts';
import { type Format, reporters } from './reporters/reporters.ts';
import { isAtLeast, plural } from './reporters/severity.ts';
import { saveFile } from './save-file.ts';
import type { Terminal } from './terminal.ts';
import { progressLine } from './terminal.ts';

/** A report that goes to a file besides the one that is printed. */
export interface ReportFile {
  readonly format: Format;
  readonly file: string;
}

export interface ScanOptions {
  readonly format: Format;
  readonly report?: readonly ReportFile[];
  readonly fix?: boolean;
  readonly profile: Profile;
  readonly jobs?: number;
  /** False: nothing of earlier runs is used, and nothing is kept for later ones. */
  readonly cache?: boolean;
  readonly rule?: readonly string[];
  readonly changedSince?: string;
  /** A file, or false where accepted findings are shown as well. */
  readonly baseline?: string | boolean;
  /** A file, or true for the usual one in the working directory. */
  readonly writeBaseline?: string | boolean;
  readonly failOn: Severity | 'never';
}

/** What is read and which rules run. */
export type ScanScope = Pick<ScanOptions, 'profile' | 'jobs' | 'cache' | 'rule'> & {
  readonly baseline?: Baseline | 'none';
  /** It is asked why rules are silent; default true. */
  readonly explain?: boolean;
};

export interface Read {
  readonly workspace: Workspace;
  readonly engine: () => Promise<SourceParser>;
  readonly scan: ScanResult;
  /** Gives what was answered in earlier runs over the same paths. */
  readonly answers: OpenAnswers | undefined;
  /** Named paths that do not exist. */
  readonly missing: readonly string[];
}

export interface Scanned extends Read {
  readonly result: CheckResult;
}

/** Reads and checks what lies below the paths. */
export async function scanPaths(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ScanScope,
): Promise<Scanned> {
  const read = await readPaths(terminal, fs, paths, options);
  const { workspace, scan, answers } = read;
  return { ...read, result: await check(workspace, { packed: scan.packed, jobs: options.jobs, answers }) };
}

/** Reads what lies below the paths; those that do not exist are named on standard error. */
export async function readPaths(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ScanScope,
): Promise<Read> {
  const missing: string[] = [];
  const roots = paths
    .map((p) => absolute(p, terminal.cwd))
    .filter((root, i) => {
      if (exists(fs, root)) return true;
      missing.push(paths[i] as string);
      return false;
    });
  let parser: Promise<SourceParser> | undefined;
  const engine = () => {
    parser ??= startEngine();
    return parser;
  };
  const workspace = new Workspace({
    profile: options.profile,
    explain: options.explain ?? true,
    ...(options.rule ? { only: options.rule } : {}),
    ...(options.baseline ? { baseline: options.baseline } : {}),
  });
  const isDisk = fs === nodeFileSystem;
  const folder = isDisk && options.cache !== false ? CacheFolder.ofUser(terminal.env) : undefined;
  const progress = progressLine(terminal);
  const scanned = await scan({
    workspace,
    fs,
    roots,
    engine,
    threads: isDisk ? parserThreads(folder) : undefined,
    ...(options.jobs ? { jobs: options.jobs } : {}),
    onProgress: progress.update,
  });
  progress.clear();
  for (const path of missing)
    terminal.error(
      `headroom: ${path}: no such file or folder. Check the path; it is taken from ${terminal.cwd}\n`,
    );
  const answers: OpenAnswers | undefined =
    folder && ((data, texts) => new AnswersCache(folder, roots, data, texts));
  return { workspace, engine, scan: scanned, answers, missing };
}

/** `headroom scan`. Answers the exit code. */
export async function scanCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ScanOptions,
): Promise<number> {
  const started = performance.now();
  const here = absolute('.', terminal.cwd);
  // Both may fail, and a scan takes longer than to say so.
  const { baseline: _, ...scope } = options;
  const accepted = baselineOf(terminal, fs, options);
  const isChanged =
    options.changedSince === undefined ? undefined : await changedSince(fs, here, options.changedSince);

  const scanned = await scanPaths(terminal, fs, paths, { ...scope, ...accepted, explain: false });
  const { workspace, missing } = scanned;
  if (missing.length === paths.length) return 2;

  let { result } = scanned;
  const notices = [...scanned.scan.notices];
  if (options.fix) {
    const fixed = await applyFixes(workspace, fs, scanned.engine, result);
    result = fixed.result;
    notices.push(...fixed.notices);
    if (options.format === 'text' && fixed.applied > 0)
      terminal.error(
        `Applied ${fixed.applied} ${fixed.applied === 1 ? 'fix' : 'fixes'} in ${plural(fixed.files.length, 'file')}\n`,
      );
  }
  if (options.writeBaseline) {
    const file = absolute(
      options.writeBaseline === true ? BASELINE_FILE : options.writeBaseline,
      terminal.cwd,
    );
    saveFile(
      fs,
      file,
      writeBaseline(file, result.findings, (name) => workspace.text(name)),
    );
    terminal.error(`Accepted ${plural(result.findings.length, 'finding')} in ${file}\n`);
    return missing.length > 0 ? 2 : 0;
  }
  const findings = isChanged
    ? result.findings.filter((f) => isChanged(f.file) || f.related.some((r) => isChanged(r.file)))
    : result.findings;
  const places = new Places(here, (file) => workspace.text(file));
  const report = {
    ...result,
    findings,
    notices: [...notices, ...result.notices].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)),
    scan: scanned.scan,
    milliseconds: performance.now() - started,
  };
  terminal.out(reporters[options.format](report, places, terminal));
  for (const { format, file } of options.report ?? [])
    saveFile(fs, absolute(file, terminal.cwd), reporters[format](report, places, plain(terminal)));
  if (missing.length > 0) return 2;
  const { failOn } = options;
  return failOn !== 'never' && findings.some((f) => isAtLeast(f.severity, failOn)) ? 1 : 0;
}

/**
 * The baseline the command line asks for, where it does not leave the choice to the files.
 * @throws an Error that names the file when it cannot be used
 */
function baselineOf(
  terminal: Terminal,
  fs: FileSystem,
  { baseline, writeBaseline }: ScanOptions,
): Pick<ScanScope, 'baseline'> {
  if (baseline === false || writeBaseline) return { baseline: 'none' };
  if (typeof baseline !== 'string') return {};
  const file = absolute(baseline, terminal.cwd);
  if (fs.kind(file) !== 'file')
    throw new Error(
      `${baseline}: no such file. Write it with \`headroom scan --write-baseline ${baseline}\``,
    );
  const { text, problem } = readTextFile(fs, file);
  if (text === undefined) throw new Error(`${baseline} ${problem}`);
  const read = readBaseline(file, text);
  if (!read.baseline) throw new Error(`${baseline} ${read.notices[0]?.message}`);
  return { baseline: read.baseline };
}

/** The same without a screen: nothing in a file is coloured. */
function plain(terminal: Terminal): Terminal {
  return { ...terminal, isTerminal: false, env: {} };
}

function exists(fs: FileSystem, path: string): boolean {
  try {
    return fs.kind(path) !== undefined;
  } catch {
    // There is something; why it cannot be read is said when it is read.
    return true;
  }
}
