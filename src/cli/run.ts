import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../package.json';
import { SEVERITIES } from '../core/finding.ts';
import { nearest } from '../core/nearest.ts';
import type { Rule } from '../core/rule.ts';
import type { FileSystem } from '../host/file-system.ts';
import { parseDuration } from '../measure/measurement.ts';
import { allRules } from '../rules/registry.ts';
import { type BudgetOptions, budgetCommand } from './budget-command.ts';
import { companionCommand } from './companion-command.ts';
import { explainCommand } from './explain-command.ts';
import { initCommand } from './init-command.ts';
import { type MeasureOptions, measureCommand } from './measure-command.ts';
import { FORMATS } from './reporters/reporters.ts';
import { REVIEW_FORMATS, type ReviewOptions, reviewCommand } from './review-command.ts';
import { type ReportFile, type ScanOptions, scanCommand } from './scan-command.ts';
import { type ServicesOptions, servicesCommand } from './services-command.ts';
import { type SizeOptions, sizeCommand } from './size-command.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: clean, findings, could not run. */
export const Exit = { clean: 0, findings: 1, failed: 2 } as const;

export interface Faces {
  readonly terminal: Terminal;
  readonly fs: FileSystem;
  /** Serves an editor until it hangs up. */
  readonly startServer: () => Promise<void>;
}

/** Runs the command line. Answers the exit code; never throws. */
export async function run(args: readonly string[], faces: Faces): Promise<number> {
  const { terminal, fs } = faces;
  let exit: number = Exit.clean;
  const program = new Command('headroom')
    .description('Memory-aware review of Rust and Go services and the manifests that run them.')
    .version(version)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
    })
    .exitOverride();

  program
    .command('scan')
    .description('review files and folders')
    .argument('[paths...]', 'files and folders', ['.'])
    .addOption(new Option('--format <format>', 'how to report').choices(FORMATS).default('text'))
    .option('--report <format=file>', 'write another report to a file; may be repeated', reportFile)
    .option('--fix', 'apply the fixes that are safe without a look')
    .addOption(
      new Option('--profile <profile>', 'how much to say')
        .choices(['default', 'pedantic'])
        .default('default'),
    )
    .option('--jobs <n>', 'number of threads (default: as many as the machine has)', positive)
    .option('--no-cache', 'compute everything anew and keep nothing for the next run')
    .option('--rule <id...>', 'only these rules', knownRule)
    .option('--changed-since <revision>', 'only findings with a place in a file that changed since then')
    .option('--baseline <file>', 'leave out the findings this file accepts (default: headroom-baseline.json)')
    .option('--no-baseline', 'show accepted findings as well')
    .option('--write-baseline [file]', 'accept the findings there are now')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on')
        .choices([...SEVERITIES, 'never'])
        .default('hint'),
    )
    .action(async (paths: string[], options: ScanOptions) => {
      exit = await scanCommand(terminal, fs, paths, options);
    });

  program
    .command('explain')
    .description('print the page of a rule, or what is said and what is kept silent about a line')
    .argument('<what>', 'RULE or FILE:LINE')
    .action(async (what: string) => {
      exit = await explainCommand(terminal, fs, what);
    });

  program
    .command('services')
    .description('show which program of the workspace runs in which container, and why')
    .argument('[paths...]', 'files and folders', ['.'])
    .addOption(new Option('--format <format>', 'how to report').choices(['text', 'json']).default('text'))
    .option('--all', 'also list the containers whose images come from elsewhere')
    .action(async (paths: string[], options: ServicesOptions) => {
      exit = await servicesCommand(terminal, fs, paths, options);
    });

  program
    .command('budget')
    .description('add up what the code of each service takes against the limit of its container')
    .argument('[paths...]', 'files and folders', ['.'])
    .addOption(
      new Option('--format <format>', 'how to report').choices(['text', 'json', 'markdown']).default('text'),
    )
    .option('--service <name>', 'only the containers, workloads or programs of this name')
    .action(async (paths: string[], options: BudgetOptions) => {
      exit = await budgetCommand(terminal, fs, paths, options);
    });

  program
    .command('review')
    .description('answer the memory checklist for each service with evidence, and say what to do next')
    .argument('[paths...]', 'files and folders', ['.'])
    .addOption(new Option('--format <format>', 'how to report').choices(REVIEW_FORMATS).default('text'))
    .option('--service <name>', 'only the programs or containers of this name')
    .option(
      '--link <template>',
      'where places lead in HTML and Markdown, such as "https://example.org/blob/main/{file}#L{line}"; GitHub and GitLab say it in CI',
    )
    .option('--jobs <n>', 'number of threads (default: as many as the machine has)', positive)
    .option('--no-cache', 'compute everything anew and keep nothing for the next run')
    .action(async (paths: string[], options: ReviewOptions) => {
      exit = await reviewCommand(terminal, fs, paths, options);
    });

  program
    .command('measure')
    .description(
      'import what was measured of a service, print the summary and keep it in headroom-measured.yaml',
    )
    .argument(
      '<files...>',
      'saved answers of Prometheus (query_range), CSV (timestamp,bytes[,container]), outputs of `kubectl top pod --containers`, or files or folders of a cgroup (memory.peak, memory.events, memory.max)',
    )
    .requiredOption('--service <name>', 'the container, workload or program that was measured')
    .option('--container <name>', 'its name in the files, where it is not that of the service')
    .option('--workload <name>', 'its Deployment or other workload, where the name alone does not tell')
    .addOption(
      new Option('--phase <phase>', 'what memory.peak covers: until it was ready, or the load as well')
        .choices(['start', 'load'])
        .default('load'),
    )
    .option('--window <duration>', 'how long the container ran, where the files do not tell (8d)', duration)
    .option('--startup <duration>', 'how long a start takes', duration, 5 * 60)
    .option('--into <folder>', 'the folder of headroom-measured.yaml (default: that of headroom.yaml)')
    .option('--dry-run', 'write nothing')
    .action((files: string[], options: MeasureOptions) => {
      exit = measureCommand(terminal, fs, files, options);
    });

  program
    .command('size')
    .description('make limits, requests and GOMEMLIMIT of what was measured, and write them with --write')
    .argument('[paths...]', 'files and folders', ['.'])
    .option('--service <name>', 'only the containers, workloads or measurements of this name')
    .option('--burstable', 'request the steady use (p95 + 10 %) instead of the limit')
    .option('--write', 'edit the manifests')
    .action(async (paths: string[], options: SizeOptions) => {
      exit = await sizeCommand(terminal, fs, paths, options);
    });

  program
    .command('init')
    .description('write a headroom.yaml to start from')
    .argument('[folder]', 'where', '.')
    .action((folder: string) => {
      exit = initCommand(terminal, fs, folder);
    });

  program
    .command('companion')
    .description('settings of Clippy and golangci-lint for what Headroom leaves to them')
    .argument('[folder]', 'of a crate, workspace or module', '.')
    .option('--write', 'add what is missing to the files there are')
    .action((folder: string, options: { readonly write?: boolean }) => {
      exit = companionCommand(terminal, fs, folder, options);
    });

  program
    .command('lsp')
    .description('serve an editor over standard input and output')
    .option('--stdio', 'accepted because editors pass it; there is no other way')
    .action(() => faces.startServer());

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.clean : Exit.failed;
    terminal.error(`headroom: ${error instanceof Error ? error.message : String(error)}\n`);
    return Exit.failed;
  }
}

/** `sarif=out/headroom.sarif` */
function reportFile(text: string, before: readonly ReportFile[] = []): readonly ReportFile[] {
  const [, name, file] = /^(\w+)=(.+)$/.exec(text) ?? [];
  const format = FORMATS.find((f) => f === name);
  if (!format || file === undefined)
    throw new InvalidArgumentError(
      `Give a format and a file, such as sarif=headroom.sarif. Formats: ${FORMATS.join(', ')}.`,
    );
  return [...before, { format, file }];
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(text);
}

/** Seconds of `8d`, `36h` or `15s`. */
function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('Give a duration, such as 8d, 36h or 90s.');
  return seconds;
}

function knownRule(id: string, before: readonly string[] = []): readonly string[] {
  const ids = (allRules as readonly Rule<never>[]).map((r) => r.meta.id);
  if (!ids.includes(id)) {
    const like = nearest(id, ids);
    throw new InvalidArgumentError(
      `There is no such rule${like ? `; did you mean ${like}?` : '; `headroom explain x` lists them.'}`,
    );
  }
  return [...before, id];
}
