/** What the editor shows of the link between code and containers: lenses, the ledger in hovers, where to go. */
import type { Ledger, LedgerItem } from '../budget/ledger.ts';
import type { Service, Services } from '../budget/services.ts';
import { formatBytes } from '../core/quantity.ts';
import type { Place, Span } from '../core/span.ts';
import { formulas } from '../knowledge/budget.ts';
import { measuredText, peakText } from '../measure/describe.ts';
import type { LinkedUnit } from '../workload/link.ts';
import type { Section } from './code-hover.ts';
import type { PlaceName } from './markdown.ts';

/** A line above a place of the text, and where a click on it leads. */
export interface Lens {
  readonly span: Span;
  readonly title: string;
  readonly targets: readonly Place[];
}

/** So many items of a ledger fit a hover. */
const SHOWN = 5;

/** The lenses of a file: over containers what they run, over `main` where it runs. */
export function serviceLenses({ services }: Services, file: string): Lens[] {
  const lenses: Lens[] = services
    .filter((s) => s.unit.at.file === file)
    .map((s) => ({
      span: s.unit.at.span,
      title: `${budgetOf(s)} · runs ${s.review.executable.name}`,
      targets: [s.review.executable.main],
    }));
  const here = services.filter((s) => s.review.executable.file === file);
  const [first] = here;
  if (!first) return lenses;
  const smallest = here
    .filter((s) => s.limit)
    .reduce<Service>((a, b) => (!a.limit || (b.limit && b.limit.bytes < a.limit.bytes) ? b : a), first);
  const more = here.length > 1 ? ` and ${here.length - 1} more` : '';
  lenses.push({
    span: first.review.executable.main.span,
    title: `${budgetOf(smallest)} · runs in ${unitName(smallest)}${more}`,
    targets: here.map((s) => s.unit.at),
  });
  return lenses;
}

/** `budget 118Mi–470Mi of 512Mi · measured 430Mi · 2 without a bound`. */
function budgetOf({ ledger, limit, measured }: Service): string {
  return [
    `budget ${rangeOf(ledger)}${limit ? ` of ${limit.text}` : ''}`,
    peakText(measured),
    ledger.unbounded.length > 0 ? `${ledger.unbounded.length} without a bound` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Where a container's program begins, and where a program runs. */
export function linkedPlaces({ services }: Services, file: string, offset: number): Place[] {
  const isAt = (place: Place) =>
    place.file === file && place.span.start <= offset && offset <= place.span.end;
  return [
    ...services.filter((s) => isAt(s.unit.at)).map((s) => s.review.executable.main),
    ...services.filter((s) => isAt(s.review.executable.main)).map((s) => s.unit.at),
  ];
}

/** The ledger of the service whose container, limit or `main` stands at an offset. */
export function ledgerSection(
  { services }: Services,
  file: string,
  offset: number,
  nameOf: PlaceName,
): Section | undefined {
  const isAt = (place: Place | undefined) =>
    place !== undefined && place.file === file && place.span.start <= offset && offset <= place.span.end;
  const service = services.find(
    (s) => isAt(s.unit.at) || isAt(s.limit?.where) || isAt(s.review.executable.main),
  );
  if (!service) return undefined;
  const { ledger, link, review, limit } = service;
  const span = [service.unit.at, limit?.where, review.executable.main].find((p) => isAt(p))!.span;
  const shown = ledger.items.filter((i) => i.class !== 'reserved').slice(0, SHOWN);
  const lines = [
    `**Budget of \`${review.executable.name}\`**: ${rangeOf(ledger)}${limit ? ` of ${limit.text}` : ''} (${link.confidence}: ${link.evidence})`,
    ...(service.measured
      ? [`- **measured**, ${measuredText(service.measured)} ${nameOf(service.measured.at)}`]
      : []),
    `- base ${mi(ledger.base.low)}–${mi(ledger.base.high)}`,
    ...shown.map((i) => `- ${itemLine(i)} ${nameOf(i.at)}`),
    ...(ledger.items.length > shown.length ? [`- ${ledger.items.length - shown.length} more items`] : []),
    ...(ledger.tmpfs > 0 ? [`- filled: ${mi(ledger.tmpfs)} of volumes in memory`] : []),
    ...ledger.unbounded.slice(0, SHOWN).map((u) => `- without a bound: \`${u.name}\` ${nameOf(u.at)}`),
    '',
    'Not counted: allocations that come and go, connections, page cache, what the allocator keeps. A sum is not a peak: only a measurement sets a limit.',
  ];
  return { span, markdown: lines.join('\n') };
}

function itemLine(item: LedgerItem): string {
  if (item.class === 'unknown') return `size not known: \`${item.name}\` (${item.why})`;
  const { low, high } = item.bytes;
  const range = mi(low) === mi(high) ? mi(low) : `${mi(low)}–${mi(high)}`;
  return `${item.class}: ${range}${item.atLeast ? ' or more' : ''} \`${item.name}\` (${item.arithmetic}; ${formulas[item.formula].what.toLowerCase()})`;
}

function rangeOf({ total }: Ledger): string {
  return mi(total.low) === mi(total.high) ? mi(total.low) : `${mi(total.low)}–${mi(total.high)}`;
}

/** `deployment/auth`, or the service of a compose file. */
function unitName({ unit }: Pick<LinkedUnit, 'unit'>): string {
  if (unit.kind === 'service') return `compose service ${unit.name}`;
  const { kind } = unit.container.workload.object;
  return [kind.toLowerCase(), unit.workload].filter(Boolean).join('/') || (unit.name ?? 'a container');
}

function mi(bytes: number): string {
  return formatBytes(BigInt(Math.max(0, Math.round(bytes))));
}
