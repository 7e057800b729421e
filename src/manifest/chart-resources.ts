/** What the default values of a Helm chart put where a template leaves the resources of a container to them. */

import type { Span } from '../core/span.ts';
import { amountIn, amountOf } from './amounts.ts';
import { chartOf } from './chart.ts';
import type { Effective, Manifests } from './manifests.ts';
import type { Amount, Container, ManifestFile, Stated } from './model.ts';
import { conditionsAt } from './template.ts';
import { entriesOf, type Found, lookUp, type YamlScalar } from './yaml.ts';

/**
 * The memory limit or request that a chart's `values.yaml` gives a container. Undefined when no template leaves it to
 * the values, when the values do not state it, or when the template does more with them than hand them on.
 */
export function chartDefault(
  manifests: Manifests,
  container: Container,
  side: 'limits' | 'requests',
): (Effective & { readonly state: 'known' }) | undefined {
  const stated = chartAmount(manifests, container, side);
  if (!stated?.amount.quantity) return undefined;
  const { amount } = stated;
  const where = { file: stated.file.file, span: amount.span };
  return {
    state: 'known',
    quantity: stated.amount.quantity,
    text: amount.text,
    source: 'values',
    where,
    amount,
  };
}

/** The amount of a chart's `values.yaml` that a template hands on to a container, valid or not. */
export function chartAmount(
  manifests: Manifests,
  container: Container,
  side: 'limits' | 'requests',
): { readonly file: ManifestFile; readonly amount: Amount } | undefined {
  const { file } = container.workload.object;
  const chart = file.template ? chartOf(manifests, file) : undefined;
  const amount = chart && amountOfChart(file, chart, container, side);
  return chart && amount && amount !== 'unknown' ? { file: chart, amount } : undefined;
}

/** What a container gets for its memory limit or request; in a chart the default where its template leaves it to them. */
export function effectiveOrDefault(
  manifests: Manifests,
  container: Container,
  side: 'limits' | 'requests',
): Effective {
  const effective = side === 'limits' ? manifests.memoryLimit(container) : manifests.memoryRequest(container);
  if (effective.state !== 'unknown' || effective.reason !== 'template-hole') return effective;
  return chartDefault(manifests, container, side) ?? effective;
}

/** The scalar of a chart's `values.yaml` that a value of a template hands on: `{{ .Values.goMemLimit | quote }}`. */
export function chartScalar(
  manifests: Manifests,
  file: ManifestFile,
  { start, end }: Span,
): { readonly file: ManifestFile; readonly scalar: YamlScalar } | undefined {
  const chart = file.template ? chartOf(manifests, file) : undefined;
  const found = chart && entryAt(chart, valuePath(file, start, end, SCALAR));
  if (!chart || !found || found === 'unknown') return undefined;
  const scalar = found.value?.kind === 'scalar' ? found.value : undefined;
  return scalar && scalar.text !== '' ? { file: chart, scalar } : undefined;
}

function amountOfChart(
  file: ManifestFile,
  chart: ManifestFile,
  container: Container,
  side: 'limits' | 'requests',
): Stated {
  const own = side === 'limits' ? container.resources.memoryLimit : container.resources.memoryRequest;
  if (own && own !== 'unknown') {
    // `memory: {{ .Values.resources.limits.memory }}`
    const found = entryAt(chart, valuePath(file, own.span.start, own.span.end, SCALAR));
    const amount =
      found && found !== 'unknown' ? amountOf(found.entry, found.value, found.shared) : undefined;
    // Helm takes zero for empty, too: what counts then is a default of the template.
    return amount && amount !== 'unknown' && amount.quantity?.nano === 0n ? undefined : amount;
  }
  // `resources: {{ toYaml .Values.resources | nindent 12 }}`
  const key = entriesOf(container.node, 'resources').at(-1)?.key;
  const hole = key && file.blanked.holes.find((h) => h.span.start >= key.span.end);
  if (!hole || file.blanked.text.slice(key.span.end, hole.span.start).replace(':', '').trim() !== '')
    return undefined;
  return amountIn(entryAt(chart, valuePath(file, hole.span.start, hole.span.end, WHOLE)), side, 'memory');
}

const PATH = String.raw`(\$?\.(?:\w+(?:\.\w+)*)?)`;
/** What hands a map on as it is. */
const WHOLE = new RegExp(
  String.raw`^(?:(?:toYaml|toJson)\s+\(?${PATH}\)?|${PATH}\s*\|\s*(?:toYaml|toJson))(?:\s*\|\s*(?:n?indent\s+\d+|trim))*$`,
);
const LITERAL = String.raw`(?:"[^"]*"|'[^']*'|\d+)`;
/** What hands a text on as it is, or quoted; a default takes the place of an empty one only. */
const SCALAR = new RegExp(
  String.raw`^(?:quote\s+|default\s+${LITERAL}\s+)?${PATH}(?:\s*\|\s*(?:quote|squote|toString|default\s+${LITERAL}))*$`,
);

/** The keys below `.Values` that an action hands on, when it does nothing else. */
function valuePath(file: ManifestFile, start: number, end: number, shape: RegExp): string[] | undefined {
  const action = /^["']?\{\{-?\s*([\s\S]*?)\s*-?\}\}["']?$/.exec(file.text.slice(start, end))?.[1];
  const written = action === undefined ? undefined : shape.exec(action)?.slice(1).find(Boolean);
  if (written === undefined) return undefined;
  if (/^\$?\.Values\./.test(written)) return written.replace(/^\$?\.Values\./, '').split('.');
  if (written.startsWith('$')) return undefined;
  // Inside `with .Values.a` a dot means that.
  const around = /^\$?\.Values\.(\w+(?:\.\w+)*)$/.exec(conditionsAt(file.blanked, start).at(-1) ?? '')?.[1];
  if (around === undefined) return undefined;
  return [...around.split('.'), ...written.slice(1).split('.')].filter((part) => part !== '');
}

function entryAt(chart: ManifestFile, path: readonly string[] | undefined): Found | 'unknown' | undefined {
  if (!path || !chart.root) return undefined;
  let found: Found | 'unknown' | undefined;
  for (const [i, part] of path.entries()) {
    if (found === 'unknown') return found;
    found = i === 0 ? lookUp(chart.root, part) : lookUp(found?.value, part, found?.shared);
    if (!found) return undefined;
  }
  return found;
}
