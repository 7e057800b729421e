/** Fixes of manifests as minimal edits, each saying what else it changes. */

import type { Applicability, Edit, Fix } from '../core/finding.ts';
import { MI, writeQuantity } from '../core/quantity.ts';
import {
  appendItem,
  type Fragment,
  insertEntry,
  replaceEntry,
  replaceScalar,
  setAt,
  type TextEdit,
} from './edit.ts';
import { recommendedGoMemoryLimit, writeGoMemoryLimit } from './gomemlimit.ts';
import type { Amount, Container, EnvVar, Found, ManifestFile, Volume } from './model.ts';
import { regionAt } from './template.ts';
import type { Anchor, YamlMap } from './yaml.ts';
import { cross, entriesOf, lookUp } from './yaml.ts';

/**
 * What to write where only a measurement can tell. It is valid YAML that the API server rejects, so it cannot be
 * deployed by accident.
 */
export const LIMIT_PLACEHOLDER = '<measured-peak-plus-25-percent>';
export const REQUEST_PLACEHOLDER = '<measured-steady-use>';
export const SIZE_PLACEHOLDER = '<largest-use>';

/** A fix from text edits, or undefined when the text gives no safe place for them. */
export function fixOf(
  file: ManifestFile,
  title: string,
  applicability: Applicability,
  edits: TextEdit[] | undefined,
  shared: readonly Anchor[] = [],
): Fix | undefined {
  if (!edits) return undefined;
  const names = shared.map((anchor) => `*${anchor.name}`).join(' and ');
  const full = names
    ? `${title} (also changes what ${names} ${shared.length > 1 ? 'refer' : 'refers'} to)`
    : title;
  const result: readonly Edit[] = edits.map((e) => ({ file: file.file, span: e.span, newText: e.newText }));
  return {
    title: full,
    applicability: names && applicability === 'machine-applicable' ? 'maybe-incorrect' : applicability,
    edits: () => result,
  };
}

/** Those of the fixes that are possible. */
export function possible(...fixes: readonly (Fix | '' | undefined)[]): Fix[] {
  return fixes.filter((f): f is Fix => typeof f === 'object');
}

/** Writes another quantity in the place of one. */
export function writeAmount(
  file: ManifestFile,
  amount: Amount,
  value: string,
  title: string,
  applicability: Applicability = 'maybe-incorrect',
): Fix | undefined {
  return fixOf(file, title, applicability, replaceScalar(amount.scalar, value), amount.shared);
}

/** The edits, unless a template renders their place under other conditions than the container. */
function unconditional(container: Container, edits: TextEdit[] | undefined): TextEdit[] | undefined {
  const { file } = container.workload.object;
  if (!edits || !file.template) return edits;
  const region = regionAt(file.blanked, container.node.span.start);
  return edits.every((e) => regionAt(file.blanked, e.span.start) === region) ? edits : undefined;
}

/** Sets `resources.<side>.memory` of a container, with the parents that are missing. */
export function setContainerMemory(
  container: Container,
  side: 'limits' | 'requests',
  value: string,
  title: string,
  applicability: Applicability,
): Fix | undefined {
  const { file } = container.workload.object;
  const { found } = container.resources;
  if (found === 'unknown') return undefined;
  const own = side === 'limits' ? container.resources.memoryLimit : container.resources.memoryRequest;
  if (own === 'unknown') return undefined;
  if (own) return fixOf(file, title, applicability, replaceScalar(own.scalar, value), own.shared);
  if (!found) {
    const fragment: Fragment = { map: [[side, { map: [['memory', value]] }]] };
    return fixOf(
      file,
      title,
      applicability,
      unconditional(container, insertEntry(file, container.node, 'resources', fragment, 'image')),
      cross(container.node, container.shared),
    );
  }
  if (found.value?.kind !== 'map') {
    return fixOf(
      file,
      title,
      applicability,
      unconditional(container, setAt(file, found.map, ['resources', side, 'memory'], value)),
      found.shared,
    );
  }
  // The side may come from an anchor of its own: the edit goes where the text is.
  const inner = lookUp(found.value, side, found.shared);
  if (inner === 'unknown') return undefined;
  const target = inner ? inner.map : found.value;
  const shared = inner ? inner.shared : cross(found.value, found.shared);
  const edits = unconditional(container, setAt(file, target, [side, 'memory'], value));
  return fixOf(file, title, applicability, edits, shared);
}

/** The fix for a limit nobody has measured: a placeholder the author must fill. */
export function placeholderLimit(container: Container): Fix | undefined {
  return setContainerMemory(
    container,
    'limits',
    LIMIT_PLACEHOLDER,
    'Set a memory limit: fill in the measured peak plus 25 %',
    'has-placeholders',
  );
}

/** 90 % of a limit for the Go runtime, as it writes it; undefined when nothing sensible remains. */
export function goMemoryLimitFor(limit: bigint, others: bigint): string | undefined {
  const bytes = recommendedGoMemoryLimit(limit, others);
  return bytes >= MI ? writeInMi(bytes) : undefined;
}

function writeInMi(bytes: bigint): string {
  return bytes % MI === 0n ? `${bytes / MI}MiB` : writeGoMemoryLimit(bytes);
}

/** Sets an environment variable that the container has, in whatever form, or adds it. */
export function setEnv(
  container: Container,
  name: string,
  value: string,
  title: string,
  applicability: Applicability = 'maybe-incorrect',
): Fix | undefined {
  const { file } = container.workload.object;
  const quoted = JSON.stringify(value);
  const known = container.env.find((e) => e.name === name);
  if (known) return rewriteEnv(file, known, value, title, applicability);
  if (container.workload.object.kind === 'Compose')
    return fixOf(file, title, applicability, composeVariable(container, name, value));
  const env = lookUp(container.node, 'env', container.shared);
  if (env === 'unknown') return undefined;
  const item: Fragment = {
    map: [
      ['name', name],
      ['value', quoted],
    ],
  };
  if (!env) {
    return fixOf(
      file,
      title,
      applicability,
      unconditional(container, insertEntry(file, container.node, 'env', { list: [item] }, 'image')),
      cross(container.node, container.shared),
    );
  }
  const { value: node } = env;
  // A chart's values may hold variables as a map, which a template turns into a list.
  if (node?.kind === 'map' && node.entries.length > 0)
    return fixOf(file, title, applicability, setAt(file, node, [name], value), env.shared);
  const edits =
    node?.kind === 'list' ? appendItem(file, node, item) : setAt(file, env.map, ['env'], { list: [item] });
  return fixOf(file, title, applicability, unconditional(container, edits), env.shared);
}

/** Adds a variable to `environment`, in the form the service has. */
function composeVariable(container: Container, name: string, value: string): TextEdit[] | undefined {
  const { file } = container.workload.object;
  const environment = lookUp(container.node, 'environment');
  if (environment === 'unknown') return undefined;
  const { value: node } = environment ?? {};
  return node?.kind === 'list'
    ? appendItem(file, node, `${name}=${value}`)
    : setAt(file, container.node, ['environment', name], value);
}

function rewriteEnv(
  file: ManifestFile,
  variable: EnvVar,
  value: string,
  title: string,
  applicability: Applicability,
): Fix | undefined {
  if (variable.value)
    return fixOf(file, title, applicability, replaceScalar(variable.value, value), variable.shared);
  const from = entriesOf(variable.node, 'valueFrom').at(-1);
  if (!from) return undefined;
  const edits = replaceEntry(file, variable.node, from, [['value', JSON.stringify(value)]]);
  return fixOf(file, title, applicability, edits, variable.shared);
}

/** Adds `sizeLimit` to an `emptyDir`: a quarter of the limit where that is known, else a placeholder. */
export function setSizeLimit(file: ManifestFile, volume: Volume, limit: bigint | undefined): Fix | undefined {
  const found: Found | undefined = volume.emptyDir;
  if (found?.value?.kind !== 'map') return undefined;
  const map: YamlMap = found.value;
  const shared = cross(map, found.shared);
  const quarter = limit === undefined ? undefined : quarterOf(limit);
  return quarter === undefined
    ? fixOf(
        file,
        'Limit the tmpfs: fill in its largest use',
        'has-placeholders',
        insertEntry(file, map, 'sizeLimit', SIZE_PLACEHOLDER, 'medium'),
        shared,
      )
    : fixOf(
        file,
        `Limit the tmpfs to ${quarter}, a quarter of the memory limit`,
        'maybe-incorrect',
        insertEntry(file, map, 'sizeLimit', quarter, 'medium'),
        shared,
      );
}

function quarterOf(limit: bigint): string | undefined {
  const bytes = limit / 4n;
  return bytes >= MI ? writeQuantity((bytes / MI) * MI) : undefined;
}
