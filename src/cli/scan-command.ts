import { performance } from 'node:perf_hooks';
import type { Profile } from '../analysis/profile.ts';
import { type CheckResult, Workspace } from '../analysis/workspace.ts';
import { check } from '../host/check.ts';
import { startEngine } from '../host/engine.ts';
import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { type ScanResult, scan } from '../host/scan.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { applyFixes } from './apply-fixes.ts';
import { Places } from './report.ts';
import { jsonReport } from './report-json.ts';
import { textReport } from './report-text.ts';
import { colorsFor, progressLine, type Terminal } from './terminal.ts';

export interface ScanOptions {
  readonly format: 'text' | 'json';
  readonly fix?: boolean;
  readonly profile: Profile;
  readonly jobs?: number;
  readonly rule?: readonly string[];
}

export interface Scanned {
  readonly workspace: Workspace;
  readonly engine: () => Promise<SourceParser>;
  readonly scan: ScanResult;
  readonly result: CheckResult;
  /** Named paths that do not exist. */
  readonly missing: readonly string[];
}

/** Reads and checks what lies below the paths. */
export async function scanPaths(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: Omit<ScanOptions, 'format' | 'fix'>,
): Promise<Scanned> {
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
    ...(options.rule ? { only: options.rule } : {}),
  });
  const progress = progressLine(terminal);
  const scanned = await scan({
    workspace,
    fs,
    roots,
    engine,
    ...(options.jobs ? { jobs: options.jobs } : {}),
    onProgress: progress.update,
  });
  progress.clear();
  const result = await check(workspace, scanned.packed, options.jobs);
  return { workspace, engine, scan: scanned, result, missing };
}

/** `headroom scan`. Answers the exit code. */
export async function scanCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ScanOptions,
): Promise<number> {
  const started = performance.now();
  const scanned = await scanPaths(terminal, fs, paths, options);
  const { workspace, missing } = scanned;
  for (const path of missing)
    terminal.error(
      `headroom: ${path}: no such file or folder. Check the path; it is taken from ${terminal.cwd}\n`,
    );
  if (missing.length === paths.length) return 2;

  let { result } = scanned;
  const notices = [...scanned.scan.notices];
  if (options.fix) {
    const fixed = await applyFixes(workspace, fs, scanned.engine, result);
    result = fixed.result;
    notices.push(...fixed.notices);
    if (options.format === 'text' && fixed.applied > 0)
      terminal.error(
        `Applied ${fixed.applied} ${fixed.applied === 1 ? 'fix' : 'fixes'} in ${fixed.files.length} ${fixed.files.length === 1 ? 'file' : 'files'}\n`,
      );
  }
  const places = new Places(absolute('.', terminal.cwd), (file) => workspace.text(file));
  const report = {
    ...result,
    notices: [...notices, ...result.notices].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)),
    scan: scanned.scan,
    milliseconds: performance.now() - started,
  };
  terminal.out(
    options.format === 'json' ? jsonReport(report, places) : textReport(report, places, colorsFor(terminal)),
  );
  if (missing.length > 0) return 2;
  return result.findings.length > 0 ? 1 : 0;
}

function exists(fs: FileSystem, path: string): boolean {
  try {
    return fs.kind(path) !== undefined;
  } catch {
    // There is something; why it cannot be read is said when it is read.
    return true;
  }
}
