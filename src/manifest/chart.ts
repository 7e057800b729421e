/** Whether a Helm chart renders a part of a template with its default values. */

import type { Manifests } from './manifests.ts';
import type { ManifestFile } from './model.ts';
import { directoryOf } from './paths.ts';
import { conditionsAt } from './template.ts';
import { lookUp, type YamlNode, type YamlScalar } from './yaml.ts';

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
