/** What the rules about services share: how they are named, where a limit stands, what of a ledger is certain. */

import type { Ledger, LedgerItem } from '../../../budget/ledger.ts';
import { type Service, variableOf } from '../../../budget/services.ts';
import type { Fix, RelatedPlace, Severity } from '../../../core/finding.ts';
import { bytesOf, formatBytes, MI, roundUpBytes, writeQuantity } from '../../../core/quantity.ts';
import type { Place } from '../../../core/span.ts';
import { formulas } from '../../../knowledge/budget.ts';
import { removeItem } from '../../../manifest/edit.ts';
import { fixOf, writeAmount } from '../../../manifest/fixes.ts';
import type { Language, Manifests } from '../../../manifest/manifests.ts';
import type { Container, EnvVar, ManifestFile } from '../../../manifest/model.ts';
import { builtContainers, variableIn } from '../../../manifest/overlay.ts';
import { lookUp } from '../../../manifest/yaml.ts';
import type { UnitLimit } from '../../../workload/units.ts';

/** A smaller limit is a mistake of units, which other rules report. */
const SMALLEST_LIMIT = 4n * MI;

/** A service whose memory limit is known. */
export type LimitedService = Service & { readonly limit: UnitLimit };

export function isLimited(service: Service): service is LimitedService {
  return service.limit !== undefined && service.limit.bytes >= SMALLEST_LIMIT;
}

/** `container "auth"`, `compose service "auth"`. */
export function unitLabel({ unit }: Pick<Service, 'unit'>): string {
  const what = unit.kind === 'container' ? 'container' : 'compose service';
  return unit.name === undefined ? `a ${what}` : `${what} "${unit.name}"`;
}

/** `deployment/auth`, for telling containers of one name apart. */
export function workloadLabel({ unit }: Pick<Service, 'unit'>): string {
  if (unit.kind === 'service') return `the compose service "${unit.name}"`;
  const { kind } = unit.container.workload.object;
  return unit.workload === undefined ? unitLabel({ unit }) : `${kind.toLowerCase()}/${unit.workload}`;
}

/** Bytes as the manifests write them, with at most one decimal. */
export function mi(bytes: number): string {
  return formatBytes(BigInt(Math.max(0, Math.round(bytes))));
}

/** Items whose numbers nothing that is not read here can change. */
export function certainItems(ledger: Ledger, which: readonly LedgerItem['class'][]): LedgerItem[] {
  return ledger.items.filter((i) => which.includes(i.class) && i.certainty !== 'configured');
}

export function sumLow(items: readonly LedgerItem[]): number {
  return items.reduce((sum, i) => sum + i.bytes.low, 0);
}

export function sumHigh(items: readonly LedgerItem[]): number {
  return items.reduce((sum, i) => sum + i.bytes.high, 0);
}

/** The items that make up most of a sum, largest first: what a person has to look at. */
export function mostOf(items: readonly LedgerItem[], share = 0.6): LedgerItem[] {
  const sorted = [...items].sort((a, b) => b.bytes.low - a.bytes.low);
  const total = sumLow(sorted);
  const most: LedgerItem[] = [];
  for (const item of sorted) {
    if (most.length > 0 && sumLow(most) >= total * share) break;
    most.push(item);
  }
  return most;
}

/** `"jobs" 98Mi, "cache" 512Mi and 2 more`. */
export function listOf(items: readonly LedgerItem[]): string {
  const named = [...items]
    .sort((a, b) => b.bytes.low - a.bytes.low)
    .map((i) => `\`${i.name}\` ${mi(i.bytes.low)}`);
  return named.length <= 3
    ? named.join(', ')
    : `${named.slice(0, 3).join(', ')} and ${named.length - 3} more`;
}

/** Points at items of a ledger with their arithmetic. */
export function relatedItems(items: readonly LedgerItem[]): RelatedPlace[] {
  return items.slice(0, 5).map((i) => ({
    ...i.at,
    message: `\`${i.name}\`: ${i.arithmetic}. ${formulas[i.formula].what}`,
  }));
}

/** Points at where the numbers of an item are written, and at what the container is limited to. */
export function relatedLimit(service: LimitedService, item: LedgerItem): RelatedPlace[] {
  return [
    { ...service.limit.where, message: `${unitLabel(service)} is limited to ${service.limit.text}` },
    ...item.sources.map((place) => ({ ...place, message: 'its size is written here' })),
  ];
}

/** A link that only names suggest is worth a hint, not a warning. */
export function severityOf(service: Service, severity: Severity): Severity {
  return service.link.confidence === 'weak' ? 'information' : severity;
}

/** Of several services that run one piece of code, the one with the smallest limit for each place. */
export function bySmallestLimit<T extends { readonly service: LimitedService; readonly item: LedgerItem }>(
  found: readonly T[],
): T[] {
  const smallest = new Map<string, T>();
  for (const one of found) {
    const key = placeKey(one.item.at);
    const known = smallest.get(key);
    if (!known || one.service.limit.bytes < known.service.limit.bytes) smallest.set(key, one);
  }
  return [...smallest.values()];
}

export function placeKey({ file, span }: Place): string {
  return `${file}\0${span.start}\0${span.end}`;
}

/** Whole per cent of a limit. */
export function percentOf(bytes: number, { limit }: LimitedService): number {
  return Math.round((bytes * 100) / Number(limit.bytes));
}

/** The limit that leaves room above what the code may take, as a fix where the limit is written. */
export function raiseLimit(manifests: Manifests, service: LimitedService, need: number): Fix | undefined {
  const { unit, limit } = service;
  if (unit.kind !== 'container' || limit.effective === undefined) return undefined;
  const { amount, where } = limit.effective;
  const file = manifests.files.get(where.file);
  if (!file) return undefined;
  const percent = manifests.headroom(where.file);
  const wanted = roundUpBytes(BigInt(Math.ceil(need * (1 + percent / 100))));
  if (wanted <= limit.bytes) return undefined;
  const text = writeQuantity(wanted);
  return writeAmount(
    file,
    amount,
    text,
    `Raise the limit to ${text}, what the code may take plus ${percent} % (estimate)`,
  );
}

/** The services that a rule about limits can judge, each place of a limit once for each program. */
export function limitedServices(services: readonly Service[]): LimitedService[] {
  const seen = new Set<string>();
  return services.filter(isLimited).filter((service) => {
    const key = `${placeKey(service.limit.where)}\0${service.review.executable.id}\0${service.unit.name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * Services as they are deployed: with the limit of their own file, and with that of each overlay which sets another one. An
 * overlay that also sets a variable which sizes depend on is left out: what the program takes there is not known.
 */
export function deployedServices(manifests: Manifests, services: readonly Service[]): LimitedService[] {
  const overlaid = services.filter(isLimited).flatMap((service) => {
    const { unit, ledger } = service;
    if (unit.kind !== 'container') return [];
    const isResized = ledger.items.some((item) =>
      item.settings.some(
        (s) => s.kind === 'env' && variableIn(manifests, unit.container, [s.name])?.set.length,
      ),
    );
    if (isResized) return [];
    return builtContainers(manifests, unit.container).flatMap(({ limit: { value, change } }) =>
      change?.kind === 'set' && value.state === 'known'
        ? [
            {
              ...service,
              limit: {
                bytes: bytesOf(value.quantity),
                text: value.text,
                where: change.where,
                effective: value,
              },
            },
          ]
        : [],
    );
  });
  return limitedServices([...services, ...overlaid]);
}

/** A container of a pod with a program of the workspace in it. */
export interface LinkedContainer {
  readonly service: Service;
  readonly container: Container;
  readonly file: ManifestFile;
  /** The container's name. */
  readonly at: Place;
}

/** The containers whose program is known by more than a likeness of names; each once. */
export function linkedContainers(services: readonly Service[], language: Language): LinkedContainer[] {
  const seen = new Set<Container>();
  return services.flatMap((service) => {
    const { unit, link, review } = service;
    if (unit.kind !== 'container' || link.confidence === 'weak' || review.executable.language !== language)
      return [];
    if (seen.has(unit.container)) return [];
    seen.add(unit.container);
    return [{ service, container: unit.container, file: unit.container.workload.object.file, at: unit.at }];
  });
}

/** The compose services whose program is known by more than a likeness of names. */
export function linkedComposeServices(services: readonly Service[], language: Language): Service[] {
  return services.filter(
    ({ unit, link, review }) =>
      unit.kind === 'service' && link.confidence !== 'weak' && review.executable.language === language,
  );
}

/** Why a variable counts as set although the container does not state it: the key of an exemption, and where. */
export function setElsewhere(
  manifests: Manifests,
  { service, container }: Pick<LinkedContainer, 'service' | 'container'>,
  names: readonly string[],
): { readonly reason: 'set' | 'elsewhere'; readonly where: Place } | undefined {
  for (const name of names) {
    const variable = variableOf(service.unit, service.link, name);
    if (variable) return { reason: 'set', where: variable.at };
  }
  return variablesElsewhere(manifests, container, names);
}

/** What sets a variable of a container beside its own `env`, or may: `envFrom`, a template, a patch. */
export function variablesElsewhere(
  manifests: Manifests,
  container: Container,
  names: readonly string[],
): { readonly reason: 'set' | 'elsewhere'; readonly where: Place } | undefined {
  const { file } = container.workload.object;
  const env = lookUp(container.node, 'env');
  if (env === 'unknown' || (env && env.value?.open !== false)) {
    const span = env === 'unknown' ? container.at : env.entry.key.span;
    return { reason: 'elsewhere', where: { file: file.file, span } };
  }
  const environment = manifests.environment(container);
  const supplied = names.flatMap((name) => environment.variables.get(name) ?? []).find((v) => !v.own);
  if (supplied) return { reason: 'set', where: supplied.where };
  const from = environment.open && lookUp(container.node, 'envFrom');
  if (from) {
    const span = from === 'unknown' ? container.at : from.entry.key.span;
    return { reason: 'elsewhere', where: { file: file.file, span } };
  }
  const [where] = patchedVariable(manifests, container, names);
  return where && { reason: 'elsewhere', where };
}

/** Where patches set a variable of a container, when they do so in every kustomization that builds it. */
function patchedVariable(
  manifests: Manifests,
  container: Container,
  names: readonly string[],
): readonly Place[] {
  const patched = variableIn(manifests, container, names);
  return patched && patched.without.length === 0 ? patched.set : [];
}

/** The CPU limit of a container in thousandths of a core; undefined when it has none or none that is known. */
export function cpuLimitOf(container: Container): number | undefined {
  const { cpuLimit } = container.resources;
  if (!cpuLimit || cpuLimit === 'unknown' || !cpuLimit.quantity) return undefined;
  return Number(cpuLimit.quantity.nano / 1_000_000n);
}

/** True when a version such as `1.22` or `1.21rc2` is at least another one; an unknown one is not. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((v) => /^(\d+)\.(\d+)/.exec(v)?.slice(1).map(Number));
  if (!a || !b) return false;
  return (a[0] as number) > (b[0] as number) || (a[0] === b[0] && (a[1] as number) >= (b[1] as number));
}

/** Containers below this have little room for what an allocator keeps. */
export const SMALL_LIMIT = 512n * MI;

/** Wordings that the rules about settings of a runtime share. */
export const SETTING_EXEMPTIONS = {
  set: 'the variable is set',
  elsewhere: 'something that is not read here may set the variable: envFrom, a template or a patch',
} as const;

/** Takes a variable out of a container; undefined when it is the only one or stands elsewhere. */
export function removeVariable(container: Container, variable: EnvVar, title: string): Fix | undefined {
  const env = lookUp(container.node, 'env');
  if (!env || env === 'unknown' || env.value?.kind !== 'list') return undefined;
  const list = env.value;
  const item = list.items.find((i) => i.node === variable.node);
  const { file } = container.workload.object;
  return item && fixOf(file, title, 'maybe-incorrect', removeItem(file, list, item), env.shared);
}
