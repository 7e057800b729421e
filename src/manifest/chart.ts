/** Whether a Helm chart renders a part of a template with its default values. */

import { amountIn } from './amounts.ts';
import type { Manifests } from './manifests.ts';
import type { Amount, ManifestFile } from './model.ts';
import { directoryOf } from './paths.ts';
import { conditionsAt } from './template.ts';
import { pathOf } from './values-overrides.ts';
import { type Found, lookUp, scalarAt, type YamlNode, type YamlScalar } from './yaml.ts';

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

/** Decides by the conditions around an offset and the chart's `values.yaml`. */
export function renderedByDefault(manifests: Manifests, file: ManifestFile, offset: number): Rendered {
  const conditions = conditionsAt(file.blanked, offset);
  if (conditions.length === 0) return { state: 'yes', values: [] };
  const chart = chartOf(manifests, file);
  if (!chart) return { state: 'unknown' };
  const values: ChartValue[] = [];
  let unknown = false;
  for (const condition of conditions) {
    const judged = condition === undefined ? UNKNOWN : evaluate(chart, condition);
    // What one condition rules out, no other brings back.
    if (judged.truth === false) return { state: 'no', value: judged.values[0] };
    if (judged.truth === undefined) unknown = true;
    values.push(...judged.values);
  }
  return unknown ? { state: 'unknown' } : { state: 'yes', values };
}

interface Judged {
  /** Undefined when it cannot be told. */
  readonly truth: boolean | undefined;
  /** The values that made it so. */
  readonly values: readonly ChartValue[];
}

const UNKNOWN: Judged = { truth: undefined, values: [] };

/** Judges `.Values.a.b`, `not`, `and` and `or` of such, with parentheses; anything else is not known. */
function evaluate(chart: ManifestFile, condition: string): Judged {
  const tokens = condition.match(/[()]|"[^"]*"|`[^`]*`|[^\s()]+/g) ?? [];
  let at = 0;
  const operand = (): Judged => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = expression();
      at++;
      return inner;
    }
    const path = /^\$?\.Values((?:\.\w+)+)$/.exec(token ?? '');
    return path ? judgeValue(chart, path[1]!.slice(1).split('.')) : UNKNOWN;
  };
  const expression = (): Judged => {
    const word = tokens[at];
    const combine = word === 'and' || word === 'or' || word === 'not' ? word : undefined;
    if (combine) at++;
    const parts: Judged[] = [];
    while (at < tokens.length && tokens[at] !== ')') parts.push(operand());
    if (combine === 'not') return parts.length === 1 ? negate(parts[0]!) : UNKNOWN;
    if (combine) return join(combine, parts);
    return parts.length === 1 ? parts[0]! : UNKNOWN;
  };
  const result = expression();
  return at < tokens.length ? UNKNOWN : result;
}

function negate({ truth, values }: Judged): Judged {
  return { truth: truth === undefined ? undefined : !truth, values };
}

function join(word: 'and' | 'or', parts: readonly Judged[]): Judged {
  const decisive = word === 'or';
  const found = parts.find((p) => p.truth === decisive);
  if (found) return found;
  if (parts.some((p) => p.truth === undefined)) return UNKNOWN;
  return { truth: !decisive, values: parts.flatMap((p) => p.values) };
}

function judgeValue(chart: ManifestFile, path: readonly string[]): Judged {
  const value = valueAt(chart, path);
  if (value === 'unknown') return UNKNOWN;
  if (value === undefined) return { truth: false, values: [] };
  // Empty maps and lists are false to a template.
  if (value.kind === 'map') return { truth: value.entries.length > 0, values: [] };
  if (value.kind === 'list') return { truth: value.items.length > 0, values: [] };
  return { truth: !isFalse(value), values: [{ file: chart, scalar: value }] };
}

/** A `resources` of a chart's default values that gives a container no memory limit. */
export interface OpenDefault {
  readonly file: ManifestFile;
  /** Keys down to `resources`, joined by dots. */
  readonly path: string;
  /** Keys from there to the limit, in the shape the chart has. */
  readonly limit: readonly string[];
  readonly found: Found;
  /** A template of the chart that renders it. */
  readonly usedBy: ManifestFile | undefined;
  /** The limit that the chart around this one gives it. */
  readonly parent: Amount | undefined;
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
            result.push({
              file,
              path: name,
              limit: ['limits', 'memory'],
              found,
              usedBy: templateUsing(manifests, file, toYaml(name)),
              parent: limitOfParent(manifests, file, [...inner, 'limits', 'memory']),
            });
          }
        } else walk(entry.value, inner);
      }
    };
    walk(root, []);
    return [...result, ...emptyShapes(manifests, file)];
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

/** Empty limits in shapes of the chart's own, which a template writes into a container by themselves. */
function emptyShapes(manifests: Manifests, file: ManifestFile): OpenDefault[] {
  return file.values.flatMap((container) => {
    const { found, memoryLimit, paths } = container.resources;
    if (!found || found === 'unknown' || memoryLimit !== undefined || paths.limits[0] === 'limits') return [];
    const base = pathOf(file, container);
    if (base === undefined) return [];
    const path = [...(base === '.' ? [] : [base]), found.entry.key.text].join('.');
    const value = ['', 'Values', path, ...paths.limits].join('.').replaceAll('.', '\\.');
    const usedBy = templateUsing(manifests, file, `${value}(?![.\\w])`);
    const keys = [...path.split('.'), ...paths.limits];
    return [{ file, path, limit: paths.limits, found, usedBy, parent: limitOfParent(manifests, file, keys) }];
  });
}

/** What the default values of the chart that holds a chart in its `charts/` folder state for one of its values. */
function limitOfParent(
  manifests: Manifests,
  { file }: ManifestFile,
  keys: readonly string[],
): Amount | undefined {
  const [, around = '', name = ''] = /^(.*?\/?)charts\/([^/]+)\/values\.ya?ml$/.exec(file) ?? [];
  const parent = name === '' ? undefined : manifests.files.get(`${around}values.yaml`);
  const amount = amountIn(parent?.root && lookUp(parent.root, name), ...keys);
  return amount === 'unknown' ? undefined : amount;
}

/** Only as it stands: a helper may expect another shape than that of a container. */
function toYaml(path: string): string {
  const value = `\\$?\\.Values\\.${path.replaceAll('.', '\\.')}(?![.\\w])`;
  return `\\btoYaml\\s+\\(?${value}|${value}\\s*\\|\\s*toYaml|\\bwith\\s+${value}\\s*-?\\}\\}[^{}]{0,200}\\{\\{-?\\s*(?:toYaml\\s+\\.|\\.\\s*\\|\\s*toYaml)(?!\\w)`;
}

/** A template of the chart with a workload whose text matches. */
function templateUsing(
  manifests: Manifests,
  values: ManifestFile,
  pattern: string,
): ManifestFile | undefined {
  const folder = directoryOf(values.file);
  const templates = `${folder === '' ? '' : `${folder}/`}templates/`;
  const reference = new RegExp(pattern);
  for (const file of manifests.files.values())
    if (file.file.startsWith(templates) && file.workloads.length > 0 && reference.test(file.text))
      return file;
  return undefined;
}

/** The `values.yaml` of the chart whose templates hold a file. */
export function chartOf(manifests: Manifests, file: ManifestFile): ManifestFile | undefined {
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
    chart
      ? (included(manifests, chart, body) ?? valueOfAction(file, chart, body, scalar.span.start, MAX_HOPS))
      : '*',
  );
  return /[^*:/@.\s-]/.test(text.replace(/[:@][^/]*$/, '')) ? text : undefined;
}

/**
 * The image that a helper of the chart makes, as far as its default values tell its name: of the values it is given,
 * else of those it takes itself.
 */
function included(manifests: Manifests, chart: ManifestFile, body: string): string | undefined {
  const call = /\b(?:include|template)\s+"([^"]+)"([\s\S]*)$/.exec(body);
  if (!call) return undefined;
  const [, name = '', given = ''] = call;
  return imageIn(chart, given) ?? imageIn(chart, helperOf(manifests, chart, name));
}

/** The first name of an image among the values that a text of a template takes. */
function imageIn(chart: ManifestFile, text: string | undefined): string | undefined {
  for (const [, path = ''] of text?.matchAll(/\.Values((?:\.\w+)+)/g) ?? []) {
    const keys = path.slice(1).split('.');
    const image = valueAt(chart, keys);
    if (!image || image === 'unknown') continue;
    // A map is an image when it names one: `image: {repository: x, tag: y}`.
    const named =
      image.kind === 'map'
        ? ['repository', 'name', 'image'].map((key) => scalarAt(image, key)).find((s) => s?.text)
        : /^(repository|repo|image|name|imageName|imageRepository)$/.test(keys.at(-1)!)
          ? image
          : undefined;
    if (named?.kind === 'scalar' && !named.open && /^[\w./:-]+$/.test(named.text)) return named.text;
  }
  return undefined;
}

/** The text of a helper that the chart defines. */
function helperOf(manifests: Manifests, chart: ManifestFile, name: string): string | undefined {
  const folder = directoryOf(chart.file);
  const templates = `${folder === '' ? '' : `${folder}/`}templates/`;
  // Nearly every chart has all of them in one file; the others are only looked through when it has not.
  const usual = manifests.files.get(`${templates}_helpers.tpl`);
  const found = usual && helperIn(usual.text, name);
  if (found !== undefined) return found;
  for (const { file, text } of manifests.files.values()) {
    const helper = file.startsWith(templates) ? helperIn(text, name) : undefined;
    if (helper !== undefined) return helper;
  }
  return undefined;
}

function helperIn(text: string, name: string): string | undefined {
  for (let at = text.indexOf(`"${name}"`); at >= 0; at = text.indexOf(`"${name}"`, at + 1)) {
    if (!/\{\{-?\s*define\s+$/.test(text.slice(Math.max(0, at - 40), at))) continue;
    const rest = text.slice(at + name.length + 2);
    const next = rest.search(/\{\{-?\s*define\b/);
    return next < 0 ? rest : rest.slice(0, next);
  }
  return undefined;
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
