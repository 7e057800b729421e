import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { fileFace, type ReportFace } from '../report/face.ts';
import { htmlReport } from '../report/html.tsx';
import { markdownReview } from '../report/markdown.ts';
import { counted, headline, LANGUAGES, riskText, SIGNS } from '../report/words.ts';
import type { Status } from '../review/checklist.ts';
import {
  type AnswerEntry,
  documentOf,
  type FindingEntry,
  onlyService,
  type PartEntry,
  type ReviewDocument,
  type ServiceEntry,
  type Spot,
} from '../review/document.ts';
import { Places } from './reporters/report.ts';
import { visible } from './reporters/text.ts';
import { scanPaths } from './scan-command.ts';
import { colorsFor, type Terminal } from './terminal.ts';

export const REVIEW_FORMATS = ['text', 'markdown', 'html', 'json'] as const;

export interface ReviewOptions {
  readonly format: (typeof REVIEW_FORMATS)[number];
  readonly service?: string;
  /** Address of a place, with `{file}` and `{line}`. */
  readonly link?: string;
  readonly jobs?: number;
  /** False: nothing of earlier runs is used, and nothing is kept for later ones. */
  readonly cache?: boolean;
}

/** `headroom review`: the checklist of every service with evidence, ledgers, findings, and what to do next. Answers the exit code. */
export async function reviewCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ReviewOptions,
): Promise<number> {
  const { workspace, missing } = await scanPaths(terminal, fs, paths, {
    profile: 'default',
    ...(options.jobs ? { jobs: options.jobs } : {}),
    ...(options.cache === false ? { cache: false } : {}),
  });
  if (missing.length === paths.length) return 2;
  const places = new Places(absolute('.', terminal.cwd), (file) => workspace.text(file));
  const all = documentOf(workspace.review(), {
    spot: ({ file, span }) => ({ file: places.name(file), ...places.range(file, span).start }),
    text: ({ file, span }) => workspace.text(file).slice(span.start, span.end),
  });
  const review = options.service === undefined ? all : onlyService(all, options.service);
  if (!review) {
    const known = all.services.map((s) => s.name).sort();
    terminal.error(
      known.length === 0
        ? 'headroom: no container here runs a program of this workspace; `headroom services` says why\n'
        : `headroom: no service is called "${options.service}". There are ${known.join(', ')}\n`,
    );
    return 2;
  }
  terminal.out(write(review, options, terminal));
  return missing.length > 0 ? 2 : 0;
}

function write(review: ReviewDocument, { format, link }: ReviewOptions, terminal: Terminal): string {
  const face: ReportFace = fileFace(link ?? linkFromEnvironment(terminal.env));
  switch (format) {
    case 'json':
      return `${JSON.stringify(review, undefined, 2)}\n`;
    case 'html':
      return htmlReport(review, face);
    case 'markdown':
      return markdownReview(review, face);
    default:
      return new TextView(terminal).review(review);
  }
}

/** In CI a place links to the commit that was reviewed; elsewhere nobody knows where the report will lie. */
function linkFromEnvironment(env: Terminal['env']): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, CI_PROJECT_URL, CI_COMMIT_SHA } = env;
  if (GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_SHA)
    return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/blob/${GITHUB_SHA}/{file}#L{line}`;
  if (CI_PROJECT_URL && CI_COMMIT_SHA) return `${CI_PROJECT_URL}/-/blob/${CI_COMMIT_SHA}/{file}#L{line}`;
  return undefined;
}

/** So much of a list a terminal shows; the other formats show all. */
const SHOWN = { steps: 8, evidence: 3, findings: 15 };

class TextView {
  readonly #colors: ReturnType<typeof colorsFor>;
  /** Questions of which was said how to find out: once is enough. */
  readonly #explained = new Set<string>();

  constructor(terminal: Terminal) {
    this.#colors = colorsFor(terminal);
  }

  review(review: ReviewDocument): string {
    const { bold, dim } = this.#colors;
    const { services, unrun, unlinked, others } = review;
    const out = [bold(headline(review)), ''];
    for (const service of services) out.push(...this.#service(service), '');
    if (services.length > 0) out.push(dim(review.notCounted), '');
    if (unrun && (unrun.findings.length > 0 || services.length === 0)) {
      const programs = unrun.programs.map((p) => `${visible(p.name)} ${dim(at(p.main))}`);
      out.push(
        bold('Code that no container here runs'),
        `  ${counted(unrun.files, 'file')}${programs.length > 0 ? ` with ${programs.join(', ')}` : ''}`,
      );
      out.push(...this.#part(unrun, []), '');
    }
    if (unlinked.length > 0) {
      out.push(bold('Containers whose program could not be told'));
      for (const u of unlinked) out.push(`  ${visible(u.name)}  ${dim(at(u.at))}`, `    ${visible(u.why)}`);
      out.push('');
    }
    if (others.length > 0)
      out.push(bold('Manifests that run nothing of this workspace'), ...this.#findings(others), '');
    return `${out.join('\n').trimEnd()}\n`;
  }

  #service(service: ServiceEntry): string[] {
    const { bold, dim, cyan } = this.#colors;
    const { name, language, main, containers } = service;
    return [
      `${bold(visible(name))}  ${dim(`${LANGUAGES[language]}, ${at(main)}`)}`,
      ...this.#part(service, [
        `  ${cyan('Budget')}`,
        ...containers.flatMap((c) => [
          `    ${visible(c.name)}  ${dim(at(c.at))}`,
          `      ${visible(c.summary)}`,
          ...(c.measured ? [`      measured, ${visible(c.measured.text)}`] : []),
        ]),
      ]),
    ];
  }

  #part(part: PartEntry, budget: readonly string[]): string[] {
    const { cyan, dim } = this.#colors;
    const out: string[] = [];
    if (part.next.length > 0) {
      out.push(`  ${cyan('What to do next')}`);
      part.next.slice(0, SHOWN.steps).forEach((step, i) => {
        const risk = riskText(step.risk);
        out.push(`    ${i + 1}. ${risk === '' ? '' : `[${risk}] `}${visible(step.title)}`);
        if (step.at)
          out.push(
            dim(`       ${at(step.at)}${step.fix === undefined ? '' : `  fix: ${visible(step.fix)}`}`),
          );
      });
      if (part.next.length > SHOWN.steps) out.push(dim(`       and ${part.next.length - SHOWN.steps} more`));
    }
    out.push(`  ${cyan('Checklist')}`);
    for (const answer of part.checklist) out.push(...this.#answer(answer));
    out.push(...budget);
    out.push(`  ${cyan('Findings')}`, ...this.#findings(part.findings));
    return out;
  }

  #answer({ id, status, question, reason, evidence, more, findOut }: AnswerEntry): string[] {
    const { dim } = this.#colors;
    const explains = status === 'unknown' && !this.#explained.has(id);
    if (explains) this.#explained.add(id);
    const rest = evidence.length + more - SHOWN.evidence;
    return [
      `    ${this.#status(status)} ${question}`,
      `      ${visible(reason)}`,
      ...evidence
        .slice(0, SHOWN.evidence)
        .map((e) => dim(`      – ${visible(e.text)}${e.at ? `  ${at(e.at)}` : ''}`)),
      ...(rest > 0 ? [dim(`      – and ${rest} more`)] : []),
      ...(explains ? [dim(`      To find out: ${findOut}`)] : []),
    ];
  }

  #status(status: Status): string {
    const { green, red, yellow } = this.#colors;
    const text = `${SIGNS[status]} ${status.padEnd(7)}`;
    return status === 'yes' ? green(text) : status === 'no' ? red(text) : yellow(text);
  }

  #findings(findings: readonly FindingEntry[]): string[] {
    const { dim } = this.#colors;
    if (findings.length === 0) return ['    none'];
    const shown = findings.slice(0, SHOWN.findings);
    return [
      ...shown.flatMap((f) => [
        `    ${f.severity}: ${visible(f.message)}`,
        dim(`      ${at(f.at)} [${f.rule}]`),
      ]),
      ...(findings.length > shown.length
        ? [dim(`      and ${findings.length - shown.length} more; \`headroom scan\` shows all`)]
        : []),
    ];
  }
}

function at(spot: Spot): string {
  return `${visible(spot.file)}:${spot.line}`;
}
