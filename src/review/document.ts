/** The review as plain data with names and lines: what every face shows, and what `--format json` prints. */

import { NOT_COUNTED, settingsText, summaryOf } from '../budget/describe.ts';
import type { Bytes, ItemClass } from '../budget/ledger.ts';
import type { Service } from '../budget/services.ts';
import { type Finding, SEVERITIES, type Severity } from '../core/finding.ts';
import { handbookPage, rulePage } from '../core/links.ts';
import type { Place } from '../core/span.ts';
import { formulas } from '../knowledge/budget.ts';
import { type QuestionId, questions } from '../knowledge/checklist.ts';
import { measuredText } from '../measure/describe.ts';
import { peakOf } from '../measure/measurement.ts';
import type { Executable } from '../workload/executables.ts';
import type { LinkConfidence } from '../workload/link.ts';
import { unitName } from '../workload/unit-name.ts';
import type { Answer, Evidence, Status } from './checklist.ts';
import type { Risk, Step } from './next-steps.ts';
import type { PartReview, Review } from './review.ts';

/** Where something stands, as a person names it. */
export interface Spot {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** For an editor: the address of the file. */
  readonly uri?: string;
}

/** How a face names places. */
export interface Names {
  spot(place: Place): Spot;
  /** The text of a place. */
  text(place: Place): string;
}

export interface EvidenceEntry {
  readonly text: string;
  readonly at?: Spot;
  /** Where the reason stands. */
  readonly where?: Spot;
}

export interface AnswerEntry {
  readonly id: QuestionId;
  readonly question: string;
  readonly short: string;
  readonly status: Status;
  readonly reason: string;
  readonly evidence: readonly EvidenceEntry[];
  /** How many more there are than `evidence` lists. */
  readonly more: number;
  readonly findOut: string;
  /** Address of the chapter that says more. */
  readonly page: string;
}

export interface StepEntry {
  readonly title: string;
  readonly risk: Risk;
  readonly at?: Spot;
  /** Where the same is to be done as well. */
  readonly also: readonly Spot[];
  readonly rule?: string;
  readonly fix?: string;
}

export interface FindingEntry {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Spot;
  readonly related: readonly { readonly message: string; readonly at: Spot }[];
  readonly fixes: readonly string[];
  /** Address of the rule's page. */
  readonly page: string;
}

export interface ItemEntry {
  readonly name: string;
  readonly class: ItemClass;
  readonly bytes: Bytes;
  readonly atLeast: boolean;
  readonly at: Spot;
  /** The formula with its numbers, what decides them, or why they are not known. */
  readonly notes: string;
  /** What happens with the memory. */
  readonly what: string;
  readonly source: string;
}

export interface ContainerEntry {
  readonly name: string;
  readonly at: Spot;
  readonly link: { readonly confidence: LinkConfidence; readonly evidence: string; readonly at?: Spot };
  readonly limit?: { readonly bytes: number; readonly text: string; readonly at: Spot };
  readonly request?: { readonly bytes: number; readonly text: string };
  /** What was measured, and its peak. */
  readonly measured?: { readonly bytes?: number; readonly text: string; readonly at: Spot };
  /** The ledger in one line. */
  readonly summary: string;
  readonly base: Bytes;
  readonly committed: Bytes;
  readonly filled: Bytes;
  readonly reserved: number;
  readonly tmpfs: number;
  readonly betweenCollections: number;
  readonly total: Bytes;
  readonly items: readonly ItemEntry[];
  readonly unbounded: readonly { readonly name: string; readonly rule: string; readonly at: Spot }[];
}

export interface ProgramEntry {
  readonly name: string;
  readonly language: 'rust' | 'go';
  readonly main: Spot;
}

export interface PartEntry {
  readonly files: number;
  readonly checklist: readonly AnswerEntry[];
  readonly next: readonly StepEntry[];
  readonly findings: readonly FindingEntry[];
}

export interface ServiceEntry extends PartEntry, ProgramEntry {
  /** Unique in the document, fit for an address. */
  readonly id: string;
  readonly containers: readonly ContainerEntry[];
}

export interface ReviewDocument {
  readonly version: 1;
  readonly summary: {
    readonly services: number;
    readonly containers: number;
    /** By severity. */
    readonly findings: Readonly<Record<Severity, number>>;
  };
  readonly services: readonly ServiceEntry[];
  /** Code that no container here runs. */
  readonly unrun?: PartEntry & { readonly programs: readonly ProgramEntry[] };
  /** Findings about manifests that run nothing of this workspace. */
  readonly others: readonly FindingEntry[];
  /** Containers that may run something of this workspace, which could not be told. */
  readonly unlinked: readonly { readonly name: string; readonly at: Spot; readonly why: string }[];
  readonly notCounted: string;
}

/** More than these are counted, not listed. */
const EVIDENCE = 40;
/** A name longer than this is a whole statement, and no name. */
const LONGEST_NAME = 40;

/** Describes a review with the names of one face. */
export function documentOf(review: Review, names: Names): ReviewDocument {
  const ids = new Set<string>();
  const all = [
    ...review.services.flatMap((s) => s.findings),
    ...(review.unrun?.findings ?? []),
    ...review.others,
  ];
  const { unrun } = review;
  return {
    version: 1,
    summary: {
      services: review.services.length,
      containers: review.services.reduce((sum, s) => sum + s.containers.length, 0),
      findings: Object.fromEntries(
        SEVERITIES.map((severity) => [severity, new Set(all.filter((f) => f.severity === severity)).size]),
      ) as Record<Severity, number>,
    },
    services: review.services.map((part) => ({
      id: unique(part.executable.name, ids),
      ...programEntry(part.executable, names),
      containers: part.containers.map((c) => containerEntry(c, names)),
      ...partEntry(part, names),
    })),
    ...(unrun
      ? {
          unrun: {
            programs: unrun.programs.map((e) => programEntry(e, names)),
            ...partEntry(unrun, names),
          },
        }
      : {}),
    others: review.others.map((f) => findingEntry(f, names)),
    unlinked: review.unlinked.map(({ unit, problem }) => ({
      name: unitName(unit),
      at: names.spot(unit.at),
      why: problem ?? '',
    })),
    notCounted: NOT_COUNTED,
  };
}

/** A review of one service alone, by its id, its name or a part of a container's name; undefined when there is none. */
export function onlyService(review: ReviewDocument, name: string): ReviewDocument | undefined {
  const services =
    [
      review.services.filter((s) => s.id === name),
      review.services.filter((s) => s.name === name || s.containers.some((c) => c.name.includes(name))),
    ].find((found) => found.length > 0) ?? [];
  if (services.length === 0) return undefined;
  const { unrun: _, ...rest } = review;
  const count = (severity: Severity) =>
    services.reduce((sum, s) => sum + s.findings.filter((f) => f.severity === severity).length, 0);
  return {
    ...rest,
    services,
    others: [],
    unlinked: [],
    summary: {
      services: services.length,
      containers: services.reduce((sum, s) => sum + s.containers.length, 0),
      findings: {
        error: count('error'),
        warning: count('warning'),
        information: count('information'),
        hint: count('hint'),
      },
    },
  };
}

function partEntry(part: PartReview, names: Names): PartEntry {
  return {
    files: part.files.size,
    checklist: part.checklist.map((answer) => answerEntry(answer, names)),
    next: part.next.map((step) => stepEntry(step, names)),
    findings: part.findings.map((f) => findingEntry(f, names)),
  };
}

function programEntry({ name, language, main }: Executable, names: Names): ProgramEntry {
  return { name, language, main: names.spot(main) };
}

function answerEntry({ id, status, reason, evidence }: Answer, names: Names): AnswerEntry {
  const { question, short, findOut, chapter } = questions[id];
  return {
    id,
    question,
    short,
    status,
    reason,
    evidence: evidence.slice(0, EVIDENCE).map((e) => evidenceEntry(e, names)),
    more: Math.max(0, evidence.length - EVIDENCE),
    findOut,
    page: handbookPage(chapter),
  };
}

function evidenceEntry({ text, at, named, where }: Evidence, names: Names): EvidenceEntry {
  const name = named && at ? nameOf(names.text(at)) : '';
  return {
    text: name === '' ? text : `\`${name}\`: ${text}`,
    ...(at ? { at: names.spot(at) } : {}),
    ...(where ? { where: names.spot(where) } : {}),
  };
}

/** The first words of a place: all of it where it is a name, else what is called. */
function nameOf(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const [head = ''] = line.split(/[({]/);
  const name = line.length <= LONGEST_NAME && !/[({]$/.test(line) ? line : head;
  return name.replaceAll('`', '').trim().slice(0, LONGEST_NAME);
}

function stepEntry({ title, risk, at, also, rule, fix }: Step, names: Names): StepEntry {
  return {
    title,
    risk,
    ...(at ? { at: names.spot(at) } : {}),
    also: also.map((place) => names.spot(place)),
    ...(rule === undefined ? {} : { rule }),
    ...(fix === undefined ? {} : { fix }),
  };
}

function findingEntry(finding: Finding, names: Names): FindingEntry {
  return {
    rule: finding.rule,
    severity: finding.severity,
    message: finding.message,
    at: names.spot(finding),
    related: finding.related.map((r) => ({ message: r.message, at: names.spot(r) })),
    fixes: finding.fixes.map((fix) => fix.title),
    page: rulePage(finding.rule),
  };
}

function containerEntry(service: Service, names: Names): ContainerEntry {
  const { unit, link, limit, request, ledger, measured } = service;
  const peak = measured && peakOf(measured);
  return {
    name: unitName(unit),
    at: names.spot(unit.at),
    link: {
      confidence: link.confidence,
      evidence: link.evidence,
      ...(link.where ? { at: names.spot(link.where) } : {}),
    },
    ...(limit
      ? { limit: { bytes: Number(limit.bytes), text: limit.text, at: names.spot(limit.where) } }
      : {}),
    ...(request ? { request: { bytes: Number(request.bytes), text: request.text } } : {}),
    ...(measured
      ? {
          measured: {
            ...(peak ? { bytes: peak.bytes } : {}),
            text: measuredText(measured),
            at: names.spot(measured.at),
          },
        }
      : {}),
    summary: summaryOf(service),
    base: ledger.base,
    committed: ledger.committed,
    filled: ledger.filled,
    reserved: ledger.reserved,
    tmpfs: ledger.tmpfs,
    betweenCollections: ledger.pacing,
    total: ledger.total,
    items: ledger.items.map((item) => ({
      name: item.name,
      class: item.class,
      bytes: item.bytes,
      atLeast: item.atLeast,
      at: names.spot(item.at),
      notes: [item.arithmetic, settingsText(item), item.why].filter((text) => text !== '').join('; '),
      what: formulas[item.formula].what,
      source: formulas[item.formula].source,
    })),
    unbounded: ledger.unbounded.map(({ name, rule, at }) => ({ name, rule, at: names.spot(at) })),
  };
}

function unique(name: string, taken: Set<string>): string {
  const base = name.replace(/[^\w-]+/g, '-') || 'service';
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}
