import { ITEM_CLASSES, rangeText } from '../budget/describe.ts';
import type {
  AnswerEntry,
  ContainerEntry,
  FindingEntry,
  PartEntry,
  ReviewDocument,
  ServiceEntry,
  Spot,
  StepEntry,
} from '../review/document.ts';
import type { ReportFace } from './face.ts';
import { counted, headline, LANGUAGES, riskText, SIGNS } from './words.ts';

/** So much of a list is shown where the rest would bury what follows. */
const SHOWN = { steps: 10, evidence: 6, findings: 50 };

/** The review in Markdown, for a wiki, an issue or a file beside the code. */
export function markdownReview(review: ReviewDocument, face: ReportFace): string {
  return new Writer(face).review(review);
}

class Writer {
  readonly #face: ReportFace;

  constructor(face: ReportFace) {
    this.#face = face;
  }

  review(review: ReviewDocument): string {
    const { services, unrun, unlinked, others } = review;
    const out = ['# Memory review', '', `${headline(review)}.`, ''];
    for (const service of services) out.push(...this.#service(service), '');
    if (services.length > 0) out.push(`${sentence(review.notCounted)}.`, '');
    if (unrun && (unrun.findings.length > 0 || services.length === 0)) {
      out.push('## Code that no container here runs', '');
      const programs = unrun.programs.map((p) => `\`${code(p.name)}\` (${this.#place(p.main)})`);
      out.push(
        `${counted(unrun.files, 'file')}${programs.length > 0 ? ` with ${programs.join(', ')}` : ''}. No limit is known for it.`,
        '',
      );
      out.push(...this.#part(unrun), '');
    }
    if (unlinked.length > 0) {
      out.push('## Containers whose program could not be told', '');
      for (const u of unlinked) out.push(`- ${prose(u.name)} (${this.#place(u.at)}): ${prose(u.why)}`);
      out.push('');
    }
    if (others.length > 0)
      out.push('## Manifests that run nothing of this workspace', '', ...this.#findings(others), '');
    return `${out.join('\n').trimEnd()}\n`;
  }

  #service(service: ServiceEntry): string[] {
    const { name, language, main, containers } = service;
    const out = [
      `## ${prose(name)}`,
      '',
      `${LANGUAGES[language]} program of ${counted(service.files, 'file')} with ${this.#place(main)}, run by ${counted(containers.length, 'container')}.`,
      '',
      ...this.#part(service, () => ['### Budget', '', ...containers.flatMap((c) => this.#container(c))]),
    ];
    return out;
  }

  #part(part: PartEntry, middle: () => string[] = () => []): string[] {
    const out: string[] = [];
    if (part.next.length > 0) {
      out.push('### What to do next', '');
      part.next.slice(0, SHOWN.steps).forEach((step, i) => {
        out.push(`${i + 1}. ${this.#step(step)}`);
      });
      out.push('');
    }
    out.push('### Checklist', '', '| | Question | Answer |', '| --- | --- | --- |');
    for (const { status, question, reason } of part.checklist)
      out.push(`| ${SIGNS[status]} ${status} | ${cell(question)} | ${cell(reason)} |`);
    out.push('');
    for (const answer of part.checklist) out.push(...this.#evidence(answer));
    out.push(...middle(), '### Findings', '', ...this.#findings(part.findings));
    return out;
  }

  #step({ title, risk, at, also, rule, fix }: StepEntry): string {
    const text = riskText(risk);
    return [
      ...(text === '' ? [] : [`**${text}**:`]),
      prose(title),
      ...(at ? [`(${this.#place(at)}${rule === undefined ? '' : `, ${rule}`})`] : []),
      ...(also.length > 0 ? [`– and in ${counted(also.length, 'more place')}`] : []),
      ...(fix === undefined ? [] : [`– fix: ${prose(fix)}`]),
    ].join(' ');
  }

  #evidence({ question, evidence, more, status, findOut, page }: AnswerEntry): string[] {
    if (evidence.length === 0 && status === 'yes') return [];
    const shown = evidence.slice(0, SHOWN.evidence);
    const rest = evidence.length - shown.length + more;
    return [
      `**${prose(question)}**`,
      '',
      ...shown.map(
        ({ text, at, where }) =>
          `- ${prose(text)}${at ? ` (${this.#place(at)}${where && !isSame(at, where) ? `, by ${this.#place(where)}` : ''})` : ''}`,
      ),
      ...(rest > 0 ? [`- …and ${rest} more`] : []),
      ...(status === 'yes'
        ? []
        : [`- *To find out:* ${prose(findOut)} ([handbook](${this.#face.page(page)}))`]),
      '',
    ];
  }

  #container({ name, at, summary, measured, link, base, items, unbounded }: ContainerEntry): string[] {
    const seen = measured ? ` Measured, ${prose(measured.text)} (${this.#place(measured.at)}).` : '';
    const listed = ITEM_CLASSES.flatMap(([which]) => items.filter((i) => i.class === which));
    return [
      `**${prose(name)}** (${this.#place(at)}): ${prose(summary)}.${seen} ${sentence(link.confidence)} link: ${prose(link.evidence)}.`,
      '',
      '| Class | Bytes | What | Where | How it is counted |',
      '| --- | --- | --- | --- | --- |',
      `| base | ${rangeText(base)} | the program itself | | |`,
      ...listed.map(
        (i) =>
          `| ${i.class} | ${i.class === 'unknown' ? '?' : `${rangeText(i.bytes)}${i.atLeast ? ' or more' : ''}`} | \`${code(i.name)}\` | ${this.#place(i.at)} | ${cell(i.notes)} |`,
      ),
      ...unbounded.map((u) => `| no bound | – | \`${code(u.name)}\` | ${this.#place(u.at)} | ${u.rule} |`),
      '',
    ];
  }

  #findings(findings: readonly FindingEntry[]): string[] {
    if (findings.length === 0) return ['None.'];
    const shown = findings.slice(0, SHOWN.findings);
    return [
      ...shown.map(
        (f) =>
          `- **${f.severity}** ${prose(f.message)} (${this.#place(f.at)}, [${f.rule}](${this.#face.page(f.page)}))`,
      ),
      ...(findings.length > shown.length ? [`- …and ${findings.length - shown.length} more`] : []),
    ];
  }

  #place(spot: Spot): string {
    const href = this.#face.place(spot);
    const text = `${spot.file}:${spot.line}`;
    return href === undefined
      ? `\`${code(text)}\``
      : `[${prose(text)}](<${href.replace(/[<>]/g, encodeURIComponent)}>)`;
  }
}

function isSame(a: Spot, b: Spot): boolean {
  return a.file === b.file && a.line === b.line;
}

/** Text outside of code spans with what Markdown and HTML would take for markup escaped. */
function prose(text: string): string {
  return text
    .replaceAll('\n', ' ')
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[\\*_[\]<>#|~@]/g, '\\$&')))
    .join('');
}

/** Prose in a cell: a bar ends a cell in code spans as well. */
function cell(text: string): string {
  return prose(text).replace(/(?<!\\)\|/g, '\\|');
}

function code(text: string): string {
  return text.replace(/[`|\n]/g, '');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
