/** What the Memory view shows: the review as a tree of plain rows. */

import type { Severity } from '../core/finding.ts';
import { bytesText, counted, LANGUAGES, riskText } from '../report/words.ts';
import type { Status } from '../review/checklist.ts';
import type {
  AnswerEntry,
  ContainerEntry,
  EvidenceEntry,
  FindingEntry,
  PartEntry,
  ReviewDocument,
  ServiceEntry,
  Spot,
} from '../review/document.ts';

/** What a row is, for its icon. */
export type Look =
  | Status
  | Severity
  | 'service'
  | 'next'
  | 'checklist'
  | 'budget'
  | 'findings'
  | 'container'
  | 'item'
  | 'unbounded'
  | 'elsewhere';

export interface Row {
  /** Unique in the tree and the same for the same thing, so that what is open stays open. */
  readonly id: string;
  readonly label: string;
  readonly look: Look;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  /** What a screen reader says instead of the label. */
  readonly spoken?: string;
  /** Where a click leads. */
  readonly spot?: Spot;
  /** For the actions beside the row: `service` has a report and a manifest, `manifest` is in one. */
  readonly context?: 'service' | 'manifest';
  /** The service's id in reports. */
  readonly service?: string;
  /** Where its manifest is. */
  readonly manifest?: Spot;
  readonly children: readonly Row[];
  readonly open?: boolean;
}

/** More findings of one rule than these are one row that unfolds. */
const ALIKE = 3;

/** More findings are counted, and shown in the report. */
const SHOWN = 100;

/** The rows of a review, services first. */
export function memoryTree(review: ReviewDocument): Row[] {
  const { services, unrun, others, unlinked } = review;
  const rows = services.map((s) => serviceRow(s, services.length === 1));
  if (unrun && (unrun.findings.length > 0 || services.length === 0) && unrun.files > 0)
    rows.push({
      id: 'unrun',
      label: 'Code in no container',
      look: 'elsewhere',
      description: counted(unrun.files, 'file'),
      tooltip:
        'Code that no container here runs: no limit is known for it. Say what a container runs with the annotation `headroom.dev/source: ./cmd/api` on its workload, or under `services:` in `headroom.yaml`.',
      children: partRows('unrun', unrun),
      open: services.length === 0,
    });
  if (unlinked.length > 0)
    rows.push({
      id: 'unlinked',
      label: 'Containers of unknown programs',
      look: 'elsewhere',
      description: String(unlinked.length),
      children: unlinked.map(({ name, at, why }, i) => ({
        id: `unlinked/${i}`,
        label: name,
        look: 'unknown',
        description: why,
        tooltip: why,
        spot: at,
        children: [],
      })),
    });
  if (others.length > 0)
    rows.push({
      id: 'others',
      label: 'Other manifests',
      look: 'elsewhere',
      description: counted(others.length, 'finding'),
      tooltip: 'Manifests that run nothing of this workspace',
      children: findingRows('others', others),
    });
  return rows;
}

function serviceRow(service: ServiceEntry, open: boolean): Row {
  const { id, name, language, main, containers, checklist, findings } = service;
  const [first] = containers;
  const no = checklist.filter((a) => a.status === 'no').length;
  const count = (severity: Severity) => findings.filter((f) => f.severity === severity).length;
  const about: string[] = [];
  for (const severity of ['error', 'warning'] as const)
    if (count(severity) > 0) about.push(counted(count(severity), severity));
  return {
    id: `service/${id}`,
    label: name,
    look: 'service',
    description: about.length === 0 ? 'no warnings' : about.join(' · '),
    tooltip: `**${name}**: ${LANGUAGES[language]} program with \`${main.file}:${main.line}\`, run by ${counted(containers.length, 'container')}\n\n${no} of ${checklist.length} questions of the checklist are answered with no.`,
    spoken: `Service ${name}, ${about.length === 0 ? 'no warnings' : about.join(', ')}`,
    context: 'service',
    service: id,
    ...(first ? { manifest: first.at } : {}),
    spot: main,
    children: partRows(`service/${id}`, service, [budgetRow(`service/${id}`, containers)]),
    open,
  };
}

function partRows(id: string, part: PartEntry, more: readonly Row[] = []): Row[] {
  const { next, checklist, findings } = part;
  const rows: Row[] = [];
  if (next.length > 0)
    rows.push({
      id: `${id}/next`,
      label: 'What to do next',
      look: 'next',
      description: next.length > 1 ? `${next.length} steps` : '1 step',
      children: next.map((step, i) => {
        const risk = riskText(step.risk);
        const more = step.also.length > 0 ? `, and in ${counted(step.also.length, 'more place')}` : '';
        return {
          id: `${id}/next/${i}`,
          label: `${i + 1}. ${plain(step.title)}`,
          look: 'item',
          ...(risk === '' ? {} : { description: risk }),
          tooltip: [
            step.title,
            ...(step.at ? [`\`${step.at.file}:${step.at.line}\`${more}`] : []),
            ...(step.fix === undefined ? [] : [`Fix: ${step.fix}`]),
          ].join('\n\n'),
          ...(step.at ? { spot: step.at } : {}),
          children: step.also.map((spot, k) => ({
            id: `${id}/next/${i}/${k}`,
            label: `${spot.file}:${spot.line}`,
            look: 'item',
            spot,
            children: [],
          })),
        };
      }),
    });
  rows.push(
    {
      id: `${id}/checklist`,
      label: 'Checklist',
      look: 'checklist',
      description: (['no', 'unknown', 'yes'] as const)
        .map((status) => [status, checklist.filter((a) => a.status === status).length] as const)
        .flatMap(([status, n]) => (n > 0 ? [`${n} ${status}`] : []))
        .join(' · '),
      children: checklist.map((answer) => answerRow(`${id}/checklist`, answer)),
    },
    ...more,
    {
      id: `${id}/findings`,
      label: 'Findings',
      look: 'findings',
      description: findings.length === 0 ? 'none' : String(findings.length),
      children: findingRows(`${id}/findings`, findings),
    },
  );
  return rows;
}

function answerRow(id: string, answer: AnswerEntry): Row {
  const { status, question, short, reason, evidence, more, findOut } = answer;
  return {
    id: `${id}/${answer.id}`,
    label: `${short.charAt(0).toUpperCase()}${short.slice(1)}`,
    look: status,
    description: status,
    tooltip: `**${question}**\n\n**${status}**: ${reason}.${status === 'yes' ? '' : `\n\n${findOut}.`}`,
    spoken: `${status}: ${question} ${reason}`,
    children: [
      {
        id: `${id}/${answer.id}/reason`,
        label: plain(reason),
        look: 'item',
        tooltip: `${reason}.`,
        children: [],
      },
      ...evidence.map((e, i) => evidenceRow(`${id}/${answer.id}/${i}`, e)),
      ...(more > 0
        ? [{ id: `${id}/${answer.id}/more`, label: `${more} more`, look: 'item' as const, children: [] }]
        : []),
    ],
  };
}

function evidenceRow(id: string, { text, at, where }: EvidenceEntry): Row {
  return {
    id,
    label: plain(text),
    look: 'item',
    ...(at ? { description: `${lastOf(at.file)}:${at.line}`, spot: at } : {}),
    tooltip: `${text}${where ? `\n\nby \`${where.file}:${where.line}\`` : ''}`,
    children: [],
  };
}

function budgetRow(id: string, containers: readonly ContainerEntry[]): Row {
  return {
    id: `${id}/budget`,
    label: 'Budget',
    look: 'budget',
    description: counted(containers.length, 'container'),
    children: containers.map((container, i) => containerRow(`${id}/budget/${i}`, container)),
  };
}

function containerRow(id: string, container: ContainerEntry): Row {
  const { name, at, summary, measured, items, unbounded, limit } = container;
  return {
    id,
    label: name,
    look: 'container',
    description: summary.split(';', 1)[0] ?? '',
    tooltip: [...summary.split('; '), ...(measured ? [`measured, ${measured.text}`] : [])].join('\n\n'),
    spot: limit?.at ?? at,
    context: 'manifest',
    manifest: at,
    children: [
      ...unbounded.map(
        (u, i): Row => ({
          id: `${id}/unbounded/${i}`,
          label: u.name,
          look: 'unbounded',
          description: `no bound · ${lastOf(u.at.file)}:${u.at.line}`,
          tooltip: `\`${u.name}\` has no bound (${u.rule})`,
          spot: u.at,
          children: [],
        }),
      ),
      ...items.map(
        (item, i): Row => ({
          id: `${id}/items/${i}`,
          label: item.name,
          look: 'item',
          description: `${item.class}${item.class === 'unknown' ? '' : ` ${bytesText(item.bytes.high)}${item.atLeast ? ' or more' : ''}`} · ${lastOf(item.at.file)}:${item.at.line}`,
          tooltip: [item.notes, item.what].filter((t) => t !== '').join('\n\n'),
          spot: item.at,
          children: [],
        }),
      ),
    ],
  };
}

function findingRows(id: string, findings: readonly FindingEntry[]): Row[] {
  const shown = findings.slice(0, SHOWN);
  const alike = new Map<string, FindingEntry[]>();
  for (const f of shown) {
    const kind = `${f.severity} ${f.rule}`;
    alike.set(kind, [...(alike.get(kind) ?? []), f]);
  }
  const rows = [...alike.values()].flatMap((group): Row[] => {
    const [first] = group as [FindingEntry];
    if (group.length <= ALIKE) return group.map((f) => findingRow(id, f, findings.indexOf(f)));
    const name = `${first.severity}/${first.rule}`;
    return [
      {
        id: `${id}/${name}`,
        label: first.rule,
        look: first.severity,
        description: counted(group.length, 'place'),
        tooltip: `${group.length} findings like “${first.message}”`,
        spoken: `${first.severity}: ${first.rule} in ${counted(group.length, 'place')}`,
        children: group.map((f, i) => placeRow(`${id}/${name}/${i}`, f)),
      },
    ];
  });
  const left = findings.length - shown.length;
  return left > 0
    ? [...rows, { id: `${id}/more`, label: `${left} more in the report`, look: 'item', children: [] }]
    : rows;
}

function findingRow(id: string, f: FindingEntry, i: number): Row {
  return {
    id: `${id}/${i}`,
    label: plain(f.message),
    look: f.severity,
    description: `${lastOf(f.at.file)}:${f.at.line}`,
    tooltip: `${f.message}\n\n\`${f.at.file}:${f.at.line}\` (${f.rule})`,
    spoken: `${f.severity}: ${plain(f.message)}`,
    spot: f.at,
    children: [],
  };
}

/** A finding among its like: where it is tells it from the others. */
function placeRow(id: string, f: FindingEntry): Row {
  const place = `${lastOf(f.at.file)}:${f.at.line}`;
  return {
    ...findingRow(id, f, 0),
    id,
    label: place,
    look: 'item',
    description: plain(f.message),
    spoken: `${place}: ${plain(f.message)}`,
  };
}

/** Text without the marks of code, which a row cannot show. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
