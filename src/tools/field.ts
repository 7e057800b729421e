/**
 * What a change of the rules means for real code: `npm run field -- REPO_DIR… [--update]`. Scans checked-out
 * repositories and prints the findings that are new or gone since the last run on this machine (kept in `out/field/`),
 * and the counts by rule that differ from `test/field/summary.json`. `--update` writes the summary: counts by
 * repository and rule, and nothing of the code.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  type Counts,
  countByRule,
  differingCounts,
  type FieldFinding,
  missingFrom,
} from './field/compare.ts';

const summaryFile = 'test/field/summary.json';
const lastRuns = 'out/field';

const args = process.argv.slice(2);
const folders = args
  .filter((a) => a !== '--update')
  .map((folder) => resolve(process.env.INIT_CWD ?? '.', folder));
if (folders.length === 0) {
  console.error('usage: npm run field -- REPO_DIR [REPO_DIR…] [--update]');
  process.exit(2);
}

execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
mkdirSync(lastRuns, { recursive: true });
const summary: Record<string, Counts> = readJson(summaryFile) ?? {};

for (const folder of folders) {
  const name = basename(folder);
  const findings = scan(folder);
  const counts = countByRule(findings);
  const last = join(lastRuns, `${name}.json`);
  const before: FieldFinding[] | undefined = readJson(last);
  console.log(`\n${name}: ${findings.length} findings`);
  for (const difference of differingCounts(summary[name] ?? {}, counts)) console.log(`  ${difference}`);
  if (before) {
    print('gone', missingFrom(findings, before));
    print('new', missingFrom(before, findings));
  }
  writeFileSync(last, JSON.stringify(findings));
  summary[name] = counts;
}

if (args.includes('--update')) {
  mkdirSync(dirname(summaryFile), { recursive: true });
  const sorted = Object.fromEntries(Object.entries(summary).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(summaryFile, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Everything that the default profile shows in a repository. */
function scan(folder: string): FieldFinding[] {
  const cli = resolve('dist/cli.js');
  const run = spawnSync(process.execPath, [cli, 'scan', '.', '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (run.status !== 0 && run.status !== 1)
    throw new Error(`headroom scan ended with ${run.status}: ${run.stderr}`);
  const { findings } = JSON.parse(run.stdout) as {
    findings: { rule: string; file: string; message: string; range: { start: { line: number } } }[];
  };
  return findings.map((f) => ({
    rule: f.rule,
    file: relative(folder, resolve(folder, f.file)),
    line: f.range.start.line,
    message: f.message,
  }));
}

function print(what: string, findings: readonly FieldFinding[]): void {
  for (const f of findings) console.log(`  ${what.padEnd(4)} ${f.file}:${f.line} ${f.rule} ${f.message}`);
}

function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}
