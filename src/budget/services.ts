/** The services of a workspace: each container with the program that runs in it, its settings and its ledger. */

import type { Place } from '../core/span.ts';
import { baseOfProgram } from '../knowledge/budget.ts';
import { parseGoMemoryLimit } from '../manifest/gomemlimit.ts';
import type { Manifests } from '../manifest/manifests.ts';
import type { MeasuredService } from '../manifest/measured.ts';
import { lookUp, type YamlScalar } from '../manifest/yaml.ts';
import { commandVariables } from '../workload/command-variables.ts';
import type { Link, LinkedUnit } from '../workload/link.ts';
import { limitOf, requestOf, type Unit, type UnitLimit } from '../workload/units.ts';
import { type Bytes, type Ledger, type LedgerItem, ledgerOf, type UnboundedItem } from './ledger.ts';
import type { ProgramSummary, Variables } from './program-review.ts';

/** Everything of a program that its code tells, independent of where it runs. */
export interface ProgramReview extends ProgramSummary {
  readonly unbounded: readonly UnboundedItem[];
}

/** A setting of the environment: what it is and where it stands. */
export interface Variable {
  /** Undefined when something else supplies it. */
  readonly value: string | undefined;
  readonly at: Place;
  /** True when it is baked into the image. */
  readonly inImage: boolean;
}

/** A container or compose service with a program of the workspace in it. */
export interface Service {
  readonly unit: Unit;
  readonly link: Link;
  readonly review: ProgramReview;
  readonly limit: UnitLimit | undefined;
  readonly request: Omit<UnitLimit, 'effective'> | undefined;
  readonly ledger: Ledger;
  /** What was measured of the container. */
  readonly measured: MeasuredService | undefined;
  /** Every other unit that runs the same program. */
  readonly others: readonly Unit[];
}

/** What rules about code and manifests together take. */
export interface Services {
  readonly manifests: Manifests;
  readonly services: readonly Service[];
  /** Units with what is linked to them, and why nothing is. */
  readonly units: readonly LinkedUnit[];
}

/** The variables a unit's program sees, as far as they are written down. */
export function variableOf(unit: Unit, link: Link | undefined, name: string): Variable | undefined {
  const node = unit.kind === 'container' ? unit.container.node : unit.service.node;
  // What the command sets replaces what the container is given.
  const set = commandVariables(node).get(name);
  if (set) return { value: set.value, at: { file: unit.at.file, span: set.span }, inImage: false };
  if (unit.kind === 'container') {
    const { container } = unit;
    const entry = container.env.findLast((e) => e.name === name);
    const { file } = container.workload.object.file;
    if (entry) {
      const value = entry.unknown || !entry.value ? undefined : entry.value.text;
      return { value, at: { file, span: entry.nameScalar.span }, inImage: false };
    }
    const from = lookUp(container.node, 'envFrom');
    if (from) {
      const span = from === 'unknown' ? container.at : from.entry.key.span;
      // Any variable may come from there; only those an image sets are certain to exist at all.
      if (imageVariable(link, name)) return { value: undefined, at: { file, span }, inImage: false };
    }
  } else {
    const entry = composeVariables(unit).get(name);
    if (entry) return entry;
  }
  return imageVariable(link, name);
}

function imageVariable(link: Link | undefined, name: string): Variable | undefined {
  const contents = link?.contents;
  const env = contents?.env.findLast((e) => e.name === name);
  if (!contents || !env) return undefined;
  const value = /\$/.test(env.value) ? undefined : env.value;
  return { value, at: { file: contents.dockerfile.file, span: env.span }, inImage: true };
}

/** The variables under `environment`, which is a map or a list of `NAME=value`. */
function composeVariables(unit: Unit & { kind: 'service' }): ReadonlyMap<string, Variable> {
  const out = new Map<string, Variable>();
  const found = lookUp(unit.service.node, 'environment');
  if (!found || found === 'unknown' || !found.value) return out;
  const add = (name: string, scalar: YamlScalar, text: string | undefined) => {
    const value = text === undefined || /\$/.test(text) ? undefined : text;
    out.set(name, { value, at: { file: unit.at.file, span: scalar.span }, inImage: false });
  };
  if (found.value.kind === 'map')
    for (const { key, value } of found.value.entries)
      add(key.text, key, value?.kind === 'scalar' ? value.text : undefined);
  else if (found.value.kind === 'list')
    for (const { node } of found.value.items) {
      if (node.kind !== 'scalar') continue;
      const equals = node.text.indexOf('=');
      const name = equals < 0 ? node.text : node.text.slice(0, equals);
      if (!out.has(name)) add(name, node, equals < 0 ? undefined : node.text.slice(equals + 1));
    }
  return out;
}

/** True when a unit takes variables from somewhere that is not read here. */
export function takesMoreVariables(unit: Unit): boolean {
  const node = unit.kind === 'container' ? unit.container.node : unit.service.node;
  return lookUp(node, unit.kind === 'container' ? 'envFrom' : 'env_file') !== undefined || node.open;
}

/** The values a unit gives to the variables of its program, as far as they are written down. */
export function environmentOf(unit: Unit, link: Link): Variables {
  const names = new Set(link.contents?.env.map((e) => e.name));
  if (unit.kind === 'container') for (const { name } of unit.container.env) names.add(name);
  else for (const name of composeVariables(unit).keys()) names.add(name);
  const node = unit.kind === 'container' ? unit.container.node : unit.service.node;
  for (const name of commandVariables(node).keys()) names.add(name);
  const values = new Map<string, string>();
  for (const name of names) {
    const value = variableOf(unit, link, name)?.value;
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** Puts one service together. */
export function serviceOf(
  manifests: Manifests,
  unit: Unit,
  link: Link,
  review: ProgramReview,
  items: readonly LedgerItem[],
  others: readonly Unit[],
): Service {
  const limit = limitOf(manifests, unit);
  const isGo = review.executable.language === 'go';
  const [low, high] = baseOfProgram[isGo ? (review.facts.servesHttp ? 'go-http' : 'go') : 'rust'];
  const base: Bytes = { low, high };
  const gogc = variableOf(unit, link, 'GOGC')?.value;
  const growth = isGo
    ? gogc === 'off'
      ? 0
      : Number.isNaN(Number(gogc ?? 100))
        ? 1
        : Number(gogc ?? 100) / 100
    : 0;
  const set = isGo ? parseGoMemoryLimit(variableOf(unit, link, 'GOMEMLIMIT')?.value ?? '') : undefined;
  const own = review.facts.ownMemoryLimit && limit ? Number(limit.bytes) * 0.9 : undefined;
  const ledger = ledgerOf({
    items: items.map((item) => ({ ...item, certainty: certaintyIn(unit, link, item) })),
    unbounded: review.unbounded,
    base,
    tmpfs: unit.kind === 'container' ? Number(manifests.memoryVolumeBytes(unit.container)) : 0,
    growth,
    memoryLimit: set?.kind === 'bytes' ? Number(set.bytes) : own,
  });
  return {
    unit,
    link,
    review,
    limit,
    request: requestOf(manifests, unit),
    ledger,
    measured: unit.kind === 'container' ? manifests.measured(unit.container) : undefined,
    others,
  };
}

/** What the manifest may change without saying to what makes a default no more than configured. */
function certaintyIn(unit: Unit, link: Link, item: LedgerItem): LedgerItem['certainty'] {
  if (item.certainty !== 'default') return item.certainty;
  const words = [...(unit.command ?? []), ...(unit.arguments ?? [])].join(' ');
  const changed = item.settings.some((s) => {
    if (s.kind === 'flag') return new RegExp(`(^|\\s)--?${s.name.replace(/^-+/, '')}\\b`).test(words);
    if (s.kind !== 'env') return true;
    const variable = variableOf(unit, link, s.name);
    return variable ? variable.value === undefined : takesMoreVariables(unit);
  });
  return changed ? 'configured' : 'default';
}
