/** Whether a Helm chart renders a part of a template with its default values. */

import type { Manifests } from './manifests.ts';
import type { ManifestFile } from './model.ts';
import { directoryOf } from './paths.ts';
import { amountIn } from './read.ts';
import { conditionsAt } from './template.ts';
import { type Found, lookUp, type YamlNode, type YamlScalar } from './yaml.ts';

/** What the default values say of a place: rendered, not rendered, or beyond what can be told here. */
export type Rendered =
  | {
      readonly state: 'yes' /** The values that switch it on, innermost last. */;
      readonly values: readonly ChartValue[];
    }
  | { readonly state: 'no'; readonly value: ChartValue | undefined }
  | { readonly state: 'unknown' };

export interface ChartValue {
  readonly file: ManifestFile;
  readonly scalar: YamlScalar;
}

/** True for `.Values.a.b` alone: other conditions are not evaluated. */
const VALUE = /^\$?\.Values((?:\.\w+)+)$/;

/** Decides by the conditions around an offset and the chart's `values.yaml`. */
export function renderedByDefault(manifests: Manifests, file: ManifestFile, offset: number): Rendered {
  const conditions = conditionsAt(file.blanked, offset);
  if (conditions.length === 0) return { state: 'yes', values: [] };
  const chart = chartOf(manifests, file);
  const values: ChartValue[] = [];
  for (const condition of conditions) {
    const path = condition === undefined ? null : VALUE.exec(condition);
    if (!path || !chart) return { state: 'unknown' };
    const value = valueAt(chart, path[1]!.slice(1).split('.'));
    if (value === 'unknown') return { state: 'unknown' };
    if (value === undefined) return { state: 'no', value: undefined };
    if (value.kind !== 'scalar') {
      // Empty maps and lists are false to a template.
      const empty = value.kind === 'map' ? value.entries.length === 0 : value.items.length === 0;
      if (empty) return { state: 'no', value: undefined };
      continue;
    }
    if (isFalse(value)) return { state: 'no', value: { file: chart, scalar: value } };
    values.push({ file: chart, scalar: value });
  }
  return { state: 'yes', values };
}

/** A `resources` of a chart's default values that gives a container no memory limit. */
export interface OpenDefault {
  readonly file: ManifestFile;
  /** Keys down to `resources`, joined by dots. */
  readonly path: string;
  readonly found: Found;
  /** A template of the chart that renders it. */
  readonly usedBy: ManifestFile | undefined;
}

/** Every such `resources` of the `values.yaml` files in scope. */
export function openDefaults(manifests: Manifests): OpenDefault[] {
  return [...manifests.files.values()].flatMap((file) => {
    const { root } = file;
    if (!root || !/(^|\/)values\.ya?ml$/.test(file.file) || !manifests.inScope(file.file)) return [];
    const result: OpenDefault[] = [];
    const seen = new Set<YamlNode>();
    const walk = (node: YamlNode | undefined, path: readonly string[]): void => {
      if (path.some((key) => !/^\w+$/.test(key))) return;
      if (node?.kind !== 'map' || path.length > 8 || seen.has(node)) return;
      seen.add(node);
      for (const entry of node.entries) {
        const inner = [...path, entry.key.text];
        if (entry.key.text === 'resources') {
          const found = lookUp(node, 'resources');
          if (found && found !== 'unknown' && givesNoLimit(found)) {
            const name = inner.join('.');
            result.push({ file, path: name, found, usedBy: templateUsing(manifests, file, name) });
          }
        } else walk(entry.value, inner);
      }
    };
    walk(root, []);
    return result;
  });
}

function givesNoLimit(found: Found): boolean {
  const { value } = found;
  if (!value || value.open) return !value;
  if (value.kind === 'scalar') return isFalse(value);
  if (value.kind !== 'map') return false;
  const shaped = value.entries.every((e) => ['limits', 'requests', 'claims'].includes(e.key.text));
  return shaped && value.merges.length === 0 && amountIn(found, 'limits', 'memory') === undefined;
}

function templateUsing(manifests: Manifests, values: ManifestFile, path: string): ManifestFile | undefined {
  const folder = directoryOf(values.file);
  const templates = `${folder === '' ? '' : `${folder}/`}templates/`;
  const value = `\\$?\\.Values\\.${path.replaceAll('.', '\\.')}(?![.\\w])`;
  // Only as it stands: a helper may expect another shape than that of a container.
  const reference = new RegExp(
    `\\btoYaml\\s+\\(?${value}|${value}\\s*\\|\\s*toYaml|\\bwith\\s+${value}\\s*-?\\}\\}[^{}]{0,200}\\{\\{-?\\s*(?:toYaml\\s+\\.|\\.\\s*\\|\\s*toYaml)(?!\\w)`,
  );
  for (const file of manifests.files.values())
    if (file.file.startsWith(templates) && file.workloads.length > 0 && reference.test(file.text))
      return file;
  return undefined;
}

/** The `values.yaml` of the chart whose templates hold a file. */
function chartOf(manifests: Manifests, file: ManifestFile): ManifestFile | undefined {
  for (let folder = directoryOf(file.file); ; folder = directoryOf(folder)) {
    const prefix = folder === '' ? '' : `${folder}/`;
    const values = manifests.files.get(`${prefix}values.yaml`) ?? manifests.files.get(`${prefix}values.yml`);
    if (values) return values;
    if (folder === '') return undefined;
  }
}

function valueAt(chart: ManifestFile, path: readonly string[]): YamlNode | 'unknown' | undefined {
  let node: YamlNode | undefined = chart.root;
  if (!node) return 'unknown';
  for (const key of path) {
    const found = lookUp(node, key);
    if (found === 'unknown') return 'unknown';
    if (!found) return undefined;
    node = found.value;
  }
  return node;
}

function isFalse(scalar: YamlScalar): boolean {
  if (scalar.style !== 'plain') return scalar.text === '';
  return /^(~|null|false|0|0\.0)?$/i.test(scalar.text);
}

/** How deep variables of a template are followed. */
const MAX_HOPS = 3;

/**
 * The text of a scalar that a template supplies, with the default values of the chart put in; `*` stands for what no
 * default tells. Undefined when nothing at all is known.
 */
export function templatedText(
  manifests: Manifests,
  file: ManifestFile,
  scalar: YamlScalar,
): string | undefined {
  const written = file.text.slice(scalar.span.start, scalar.span.end).replace(/^(['"])([\s\S]*)\1$/, '$2');
  if (!written.includes('{{')) return scalar.open ? undefined : scalar.text;
  const chart = chartOf(manifests, file);
  const text = written.replace(/\{\{-?([\s\S]*?)-?\}\}/g, (_, body: string) =>
    chart ? valueOfAction(file, chart, body, scalar.span.start, MAX_HOPS) : '*',
  );
  return /[^*:/@.\s-]/.test(text) ? text : undefined;
}

function valueOfAction(
  file: ManifestFile,
  chart: ManifestFile,
  body: string,
  before: number,
  hops: number,
): string {
  const format = /\bprintf\s+"([^"]*)"([\s\S]*)$/.exec(body);
  if (format) {
    const parts = operandsOf(format[2]!);
    let next = 0;
    return format[1]!.replace(/%[sdv]/g, () => {
      const part = parts[next++];
      return part === undefined ? '*' : valueOfAction(file, chart, part, before, hops);
    });
  }
  for (const [reference, path, variable] of body.matchAll(/\.Values((?:\.\w+)+)|\$(\w+)(?![\w.])/g)) {
    if (path !== undefined) {
      const value = valueAt(chart, path.slice(1).split('.'));
      if (value && value !== 'unknown' && value.kind === 'scalar' && !value.open && value.text !== '')
        return value.text;
    } else if (hops > 0 && reference) {
      const assigned = [
        ...file.text.slice(0, before).matchAll(new RegExp(`\\$${variable}\\s*:?=\\s*([^{}]*?)-?\\}\\}`, 'g')),
      ].at(-1);
      const value = assigned && valueOfAction(file, chart, assigned[1]!, assigned.index, hops - 1);
      if (value && value !== '*') return value;
    }
  }
  return '*';
}

/** The operands of a call in a template: words, strings and what stands in parentheses. */
function operandsOf(text: string): string[] {
  return text.match(/"[^"]*"|\((?:[^()]|\([^()]*\))*\)|[^\s()|]+/g) ?? [];
}
