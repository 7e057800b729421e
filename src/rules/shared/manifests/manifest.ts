/** What the manifest rules share: how a container is named, where things stand, which amounts there are. */

import type { Applicability, Fix, RelatedPlace, Severity } from '../../../core/finding.ts';
import { bytesOf, MI, type Quantity } from '../../../core/quantity.ts';
import type { Place, Span } from '../../../core/span.ts';
import { amountIn } from '../../../manifest/amounts.ts';
import { resourceMetrics } from '../../../manifest/autoscalers.ts';
import { chartAmount, chartScalar } from '../../../manifest/chart-resources.ts';
import { replaceScalar } from '../../../manifest/edit.ts';
import { fixOf, goMemoryLimitFor, setEnv } from '../../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../../manifest/manifests.ts';
import type { Amount, Container, EnvVar, KubeObject, ManifestFile } from '../../../manifest/model.ts';
import { valueAt } from '../../../manifest/overlay.ts';
import { itemsAt, lookUp } from '../../../manifest/yaml.ts';

/** No process of Rust or Go, and no container runtime, starts in less. In billionths of a byte. */
export const SMALLEST_PLAUSIBLE = 4n * MI * 1_000_000_000n;

/** `Container "api"`, `Init container "migrate"`, `Sidecar "proxy"`. */
export function nameOf(container: Container): string {
  const role = { container: 'Container', init: 'Init container', sidecar: 'Sidecar' }[container.role];
  return container.name === undefined ? role : `${role} "${container.name}"`;
}

export function placeIn(file: ManifestFile, span: Span): Place {
  return { file: file.file, span };
}

/** Where a finding about a whole container stands. */
export function placeOf(container: Container): Place {
  return placeIn(container.workload.object.file, container.at);
}

/** Presence alone is worth a warning only where the workspace holds the program that runs there. */
export function presenceSeverity(manifests: Manifests, container: Container): Severity {
  return manifests.linkedLanguage(container) ? 'warning' : 'information';
}

/** ` from LimitRange "mem"`, or nothing for a value the container states itself. */
export function sourceOf(effective: Effective): string {
  if (effective.state !== 'known') return '';
  switch (effective.source) {
    case 'limit-range':
      return ' from the LimitRange';
    case 'pod-level':
      return ' of the pod';
    case 'base':
      return ' from the base';
    case 'values':
      return ' of the default values';
    default:
      return '';
  }
}

/** Points at an effective value that is not where the finding stands. */
export function relatedValue(effective: Effective, message: string): RelatedPlace[] {
  return effective.state === 'known' ? [{ ...effective.where, message }] : [];
}

/** What an amount is for. */
export type AmountRole = 'limit' | 'request' | 'sizeLimit' | 'policy';

export interface PlacedAmount {
  readonly amount: Amount;
  readonly role: AmountRole;
  readonly object: KubeObject;
  readonly container: Container | undefined;
}

/** Every memory amount of the files in scope, each place once, however many aliases lead to it. */
export function memoryAmounts(manifests: Manifests): PlacedAmount[] {
  const found: PlacedAmount[] = [];
  const seen = new Set<string>();
  const add = (object: KubeObject, role: AmountRole, amount: unknown, container?: Container) => {
    const value = amount as ReturnType<typeof amountIn>;
    if (!value || value === 'unknown') return;
    const key = `${object.file.file}\0${value.span.start}`;
    if (seen.has(key)) return;
    seen.add(key);
    found.push({ amount: value, role, object, container });
  };
  for (const workload of manifests.workloads) {
    const { object, podResources } = workload;
    for (const container of workload.containers) {
      add(object, 'limit', container.resources.memoryLimit, container);
      add(object, 'request', container.resources.memoryRequest, container);
    }
    add(object, 'limit', podResources.memoryLimit);
    add(object, 'request', podResources.memoryRequest);
    for (const volume of workload.volumes) add(object, 'sizeLimit', volume.sizeLimit);
  }
  for (const container of manifests.statedContainers) {
    const { object } = container.workload;
    if (object.kind !== 'Values') continue;
    add(object, 'limit', container.resources.memoryLimit, container);
    add(object, 'request', container.resources.memoryRequest, container);
  }
  // Whatever is asked about, a template says what the values of its chart are for.
  for (const file of manifests.files.values())
    for (const { object, containers } of file.template ? file.workloads : [])
      for (const container of containers)
        for (const side of ['limits', 'requests'] as const) {
          const stated = chartAmount(manifests, container, side);
          if (!stated || !manifests.inScope(stated.file.file)) continue;
          const role = side === 'limits' ? 'limit' : 'request';
          add({ ...object, file: stated.file }, role, stated.amount, container);
        }
  for (const { base, patches } of manifests.overlays) {
    for (const patch of patches) {
      if (!manifests.inScope(patch.file.file)) continue;
      const object = { ...base.object, file: patch.file };
      for (const operation of patch.operations) {
        const side = /\/resources(?:\/(limits|requests)(\/memory)?)?$/.exec(operation.path.text);
        if (!side) continue;
        for (const key of ['limits', 'requests']) {
          if (side[1] !== undefined && side[1] !== key) continue;
          const path = side[2] ? [] : side[1] ? ['memory'] : [key, 'memory'];
          add(object, key === 'limits' ? 'limit' : 'request', valueAt(operation, path));
        }
      }
    }
  }
  for (const object of manifests.objects) {
    if (object.kind === 'LimitRange') {
      for (const item of itemsAt(object.root, 'spec', 'limits'))
        for (const key of ['default', 'defaultRequest', 'max', 'min'])
          add(object, 'policy', amountIn(lookUp(item.node, key), 'memory'));
    } else if (object.kind === 'ResourceQuota') {
      const spec = lookUp(object.root, 'spec');
      for (const key of ['limits.memory', 'requests.memory', 'memory'])
        add(object, 'policy', amountIn(spec, 'hard', key));
    } else if (object.kind === 'HorizontalPodAutoscaler') {
      for (const metric of resourceMetrics(object))
        if (metric.resource === 'memory') add(object, 'policy', metric.averageValue);
    } else if (object.kind === 'VerticalPodAutoscaler') {
      for (const item of itemsAt(object.root, 'spec', 'resourcePolicy', 'containerPolicies'))
        for (const key of ['minAllowed', 'maxAllowed'])
          add(object, 'policy', amountIn(lookUp(item.node, key), 'memory'));
    }
  }
  return found;
}

/** The suffix a template's text leaves behind its last action, such as `m` in `{{ .Values.mb }}m`. */
export function suffixAfterAction(
  file: ManifestFile,
  amount: Amount,
): { text: string; span: Span } | undefined {
  if (!amount.scalar.open) return undefined;
  const { start, end } = amount.span;
  const match = /\}\}([A-Za-z]+)["']?$/.exec(file.text.slice(start, end));
  if (!match) return undefined;
  const from = start + match.index + 2;
  return { text: match[1]!, span: { start: from, end: from + match[1]!.length } };
}

/** The number of a quantity without its suffix, as written. */
export function numberOf(text: string): string {
  return /^[+-]?[\d.]+/.exec(text.trim())?.[0] ?? '';
}

/** True when no program starts in a value. Zero is not: it stands for "none". */
export function isImplausible(quantity: Quantity): boolean {
  return quantity.nano > 0n && quantity.nano < SMALLEST_PLAUSIBLE;
}

/** Numbers with a decimal and with a binary unit. */
export const DECIMAL = /^\d+(?:\.\d+)?[kMGT]$/;
export const BINARY = /^\d+(?:\.\d+)?[KMGT]i$/;

/** True for `512M` and `512Mi`: the same digits, a few per cent apart. */
export function differOnlyByUnit(decimal: Amount, binary: Amount): boolean {
  if (!DECIMAL.test(decimal.text)) return false;
  const letter = decimal.text.at(-1)!.toUpperCase();
  return `${decimal.text.slice(0, -1)}${letter}i` === binary.text;
}

/** How the exemptions that several rules share are worded. */
export const SHARED_EXEMPTIONS = {
  'template-hole': 'a template or variable supplies the value',
  patch: 'part of a patch: the object it changes is judged instead',
  broken: 'the document has a syntax error, so what seems missing may only be unread',
  invalid: 'the value is not a quantity, which k8s/invalid-quantity reports',
} as const;

/** A GOMEMLIMIT that a container gets. */
export interface GoLimit {
  readonly container: Container;
  /** Written in a ConfigMap, it looks as if the container stated it. */
  readonly variable: EnvVar;
  /** Where the value is written. */
  readonly file: ManifestFile;
}

/** Every GOMEMLIMIT of the containers in scope, ConfigMaps of the workspace included; the last one of a name counts. */
export function goMemoryLimits(manifests: Manifests): GoLimit[] {
  const seen = new Set<string>();
  const stated = manifests.statedContainers;
  const readers = manifests.suppliesVariables ? manifests.everyContainer : [];
  return [...stated, ...readers].flatMap((container) => {
    const found = goMemoryLimit(manifests, container);
    if (!found || !manifests.inScope(found.file.file)) return [];
    const { file } = container.workload.object;
    const key = `${file.file}\0${found.variable.nameScalar.span.start}\0${container.at.start}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [found];
  });
}

function goMemoryLimit(manifests: Manifests, container: Container): GoLimit | undefined {
  const own = container.env.findLast((e) => e.name === 'GOMEMLIMIT');
  if (own && !own.keyRef) {
    const { file } = container.workload.object;
    const given = own.unknown && own.value ? chartScalar(manifests, file, own.value.span) : undefined;
    if (!given) return { container, variable: own, file };
    return { container, variable: { ...own, value: given.scalar, unknown: false }, file: given.file };
  }
  const literal = manifests.environment(container).variables.get('GOMEMLIMIT')?.literal;
  if (!literal) return undefined;
  const { file, scalar } = literal;
  const variable: EnvVar = {
    name: 'GOMEMLIMIT',
    nameScalar: scalar,
    node: container.node,
    value: scalar,
    unknown: false,
    fieldRef: undefined,
    keyRef: undefined,
    shared: [],
  };
  return { container, variable, file };
}

/** Writes another value in the place of a GOMEMLIMIT, wherever it is written. */
export function setGoMemoryLimit(
  { container, variable, file }: GoLimit,
  value: string,
  title: string,
  applicability: Applicability = 'maybe-incorrect',
): Fix | undefined {
  if (container.env.includes(variable) && container.workload.object.kind !== 'Compose')
    return setEnv(container, 'GOMEMLIMIT', value, title, applicability);
  return fixOf(
    file,
    title,
    applicability,
    variable.value && replaceScalar(variable.value, value),
    variable.shared,
  );
}

/** Sets a GOMEMLIMIT to 90 % of the limit, less the tmpfs of the container; undefined when nothing sensible remains. */
export function ninetyPercent(manifests: Manifests, go: GoLimit): Fix | undefined {
  const limit = manifests.memoryLimit(go.container);
  if (limit.state !== 'known') return undefined;
  const value = goMemoryLimitFor(bytesOf(limit.quantity), manifests.memoryVolumeBytes(go.container));
  return (value && setGoMemoryLimit(go, value, `Set GOMEMLIMIT to ${value}, 90 % of the limit`)) || undefined;
}
