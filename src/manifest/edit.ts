/**
 * Minimal edits of YAML text: a document is never written anew, so comments, quotes, anchors, flow style, line ends
 * and indentation stay as their author left them.
 */

import { lineEndOf } from '../core/edits.ts';
import type { Span } from '../core/span.ts';
import type { ManifestFile } from './model.ts';
import { regionAt } from './template.ts';
import type { YamlEntry, YamlItem, YamlList, YamlMap, YamlNode, YamlScalar } from './yaml.ts';

export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/** What to write: a scalar as it shall stand in the text, a map or a list. */
export type Fragment =
  | string
  | { readonly map: readonly (readonly [key: string, value: Fragment])[] }
  | { readonly list: readonly Fragment[] };

/** What an edit needs of a file. */
export type EditedFile = Pick<ManifestFile, 'text' | 'blanked'> & {
  /** Show how the author indents. */
  readonly objects: readonly { readonly root: YamlMap }[];
};

/** A file to edit and the indentation its author uses. */
interface Page {
  readonly file: EditedFile;
  readonly text: string;
  readonly newline: string;
}

function pageOf(file: EditedFile): Page {
  return { file, text: file.text, newline: lineEndOf(file.text) };
}

/**
 * Replaces a scalar's value and keeps its quotes.
 * @returns undefined for block scalars and for text a template renders.
 */
export function replaceScalar(scalar: YamlScalar, value: string): TextEdit[] | undefined {
  if (scalar.style === 'block' || scalar.open) return undefined;
  const { start, end } = scalar.span;
  if (scalar.style === 'single')
    return [{ span: { start, end }, newText: `'${value.replaceAll("'", "''")}'` }];
  if (scalar.style === 'double') return [{ span: { start, end }, newText: JSON.stringify(value) }];
  return [{ span: { start, end }, newText: quoteIfNeeded(value) }];
}

/** A scalar that YAML reads as this very string. */
export function quoteIfNeeded(value: string): string {
  return /^[A-Za-z0-9<][\w.<>%/+-]*$/.test(value) &&
    !/^([\d.+-]+([eE][+-]?\d+)?|0[xo][\da-fA-F]+|true|false|yes|no|on|off|null|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

/**
 * Sets the value at `path` below a map, creating what is missing on the way.
 * @returns undefined when the text gives no safe place, such as a value rendered by a template.
 */
export function setAt(
  file: EditedFile,
  map: YamlMap,
  path: readonly string[],
  value: Fragment,
): TextEdit[] | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  const entry = map.index?.get(key)?.at(-1);
  if (!entry) return insertEntry(file, map, key, nest(rest, value));
  const node = entry.value;
  if (rest.length > 0 && node?.kind === 'map') return setAt(file, node, rest, value);
  if (node && (node.open || !isEmpty(node))) {
    return rest.length === 0 && typeof value === 'string' && node.kind === 'scalar' && !entry.alias
      ? replaceText(node, value)
      : undefined;
  }
  return fillEntry(pageOf(file), map, entry, nest(rest, value));
}

function replaceText(scalar: YamlScalar, value: string): TextEdit[] | undefined {
  return scalar.style === 'block' || scalar.open ? undefined : [{ span: scalar.span, newText: value }];
}

function nest(path: readonly string[], value: Fragment): Fragment {
  return path.reduceRight<Fragment>((inner, key) => ({ map: [[key, inner]] }), value);
}

function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.style === 'plain' && /^(~|null|Null|NULL)?$/.test(node.text);
}

/** Adds an entry to a map: after `after` where that is given and possible, else at its end. */
export function insertEntry(
  file: EditedFile,
  map: YamlMap,
  key: string,
  value: Fragment,
  after?: string,
): TextEdit[] | undefined {
  const page = pageOf(file);
  if (map.flow) return insertIntoFlow(page, map, map.entries.at(-1)?.span, { map: [[key, value]] });
  const places = [
    after ? map.index?.get(after)?.at(-1) : undefined,
    map.entries.at(-1),
    ...[...map.entries].reverse(),
  ];
  for (const entry of places) {
    if (!entry) continue;
    const end = lineEndAfter(page, entryEnd(entry));
    if (end === undefined || !sameRegion(file, map, end)) continue;
    const text = writeBlock({ map: [[key, value]] }, map.column, stepOf(file, map), page.newline);
    return [{ span: { start: end, end }, newText: `${page.newline}${' '.repeat(map.column)}${text}` }];
  }
  return undefined;
}

/** Adds an item at the end of a list. */
export function appendItem(file: EditedFile, list: YamlList, value: Fragment): TextEdit[] | undefined {
  const page = pageOf(file);
  if (list.open) return undefined;
  const last = list.items.at(-1);
  if (list.flow) return insertIntoFlow(page, list, last?.span, { list: [value] });
  if (!last) return undefined;
  const end = lineEndAfter(page, itemEnd(last));
  if (end === undefined || !sameRegion(file, list, end)) return undefined;
  const text = writeBlock({ list: [value] }, list.column, stepOf(file, undefined), page.newline);
  return [{ span: { start: end, end }, newText: `${page.newline}${' '.repeat(list.column)}${text}` }];
}

/** Removes an item of a list with its lines; undefined when it is the only one. */
export function removeItem(file: EditedFile, list: YamlList, item: YamlItem): TextEdit[] | undefined {
  const page = pageOf(file);
  const { text } = page;
  const index = list.items.indexOf(item);
  if (list.items.length < 2 || index < 0) return undefined;
  const next = list.items[index + 1];
  if (list.flow) {
    const [start, end] = next
      ? [item.span.start, next.span.start]
      : [itemEnd(list.items[index - 1]!), itemEnd(item)];
    return start === undefined || end === undefined ? undefined : [{ span: { start, end }, newText: '' }];
  }
  const end = lineEndAfter(page, itemEnd(item));
  const dash = text.lastIndexOf('-', item.span.start);
  const lineStart = text.lastIndexOf('\n', dash) + 1;
  if (end === undefined || text.slice(lineStart, dash).trim() !== '') return undefined;
  if (file.blanked.template && regionAt(file.blanked, dash) !== regionAt(file.blanked, list.span.start))
    return undefined;
  const start = text[lineStart - 2] === '\r' ? lineStart - 2 : lineStart - 1;
  return [{ span: { start: Math.max(start, 0), end }, newText: '' }];
}

/** Replaces an entry, key and value, by other entries; comments between its lines move above them. */
export function replaceEntry(
  file: EditedFile,
  map: YamlMap,
  entry: YamlEntry,
  entries: readonly (readonly [key: string, value: Fragment])[],
): TextEdit[] | undefined {
  const page = pageOf(file);
  const end = entryEnd(entry);
  if (end === undefined) return undefined;
  const start = entry.key.span.start;
  if (map.flow)
    return [{ span: { start, end }, newText: writeFlow({ map: entries }, quotesKeys(map)).slice(1, -1) }];
  const indent = `${page.newline}${' '.repeat(map.column)}`;
  const comments = page.text
    .slice(start, end)
    .split(/\r?\n/)
    .flatMap((line) => /(?:^|\s)(#.*)$/.exec(line)?.[1] ?? []);
  const text = writeBlock({ map: entries }, map.column, stepOf(file, map), page.newline);
  return [{ span: { start, end }, newText: [...comments, text].join(indent) }];
}

/** Gives a value to an entry that has none (`resources:` or `resources: null`). */
function fillEntry(page: Page, map: YamlMap, entry: YamlEntry, value: Fragment): TextEdit[] | undefined {
  if (entry.alias) return undefined;
  const node = entry.value;
  const colon = page.text.indexOf(':', entry.key.span.end);
  if (colon < 0 || page.text.slice(entry.key.span.end, colon).trim() !== '') return undefined;
  const valueEnd = node && node.span.end > node.span.start ? node.span.end : colon + 1;
  if (node?.anchor) return undefined;
  if (map.flow) {
    return [{ span: { start: colon + 1, end: valueEnd }, newText: ` ${writeFlow(value, quotesKeys(map))}` }];
  }
  if (typeof value === 'string') {
    return [{ span: { start: colon + 1, end: valueEnd }, newText: ` ${value}` }];
  }
  const lineEnd = lineEndAfter(page, valueEnd);
  if (lineEnd === undefined || !sameRegion(page.file, map, lineEnd)) return undefined;
  const step = stepOf(page.file, map);
  const column = map.column + ('list' in value ? 0 : step);
  const text = `${page.newline}${' '.repeat(column)}${writeBlock(value, column, step, page.newline)}`;
  if (page.text.slice(valueEnd, lineEnd).trim() === '') {
    return [{ span: { start: colon + 1, end: lineEnd }, newText: text }];
  }
  const erase = valueEnd > colon + 1 ? [{ span: { start: colon + 1, end: valueEnd }, newText: '' }] : [];
  return [...erase, { span: { start: lineEnd, end: lineEnd }, newText: text }];
}

function insertIntoFlow(
  page: Page,
  into: YamlMap | YamlList,
  last: Span | undefined,
  value: Exclude<Fragment, string>,
): TextEdit[] | undefined {
  const { text } = page;
  const close = into.kind === 'map' ? '}' : ']';
  if (text[into.span.end - 1] !== close || into.open) return undefined;
  const quoted = quotesKeys(into);
  const inner = writeFlow(value, quoted).slice(1, -1);
  if (!last) {
    const start = into.span.start + 1;
    return text.slice(start, into.span.end - 1).trim() === ''
      ? [{ span: { start, end: into.span.end - 1 }, newText: inner }]
      : undefined;
  }
  const tail = text.slice(last.end, into.span.end - 1);
  const comma = /^\s*,/.exec(tail);
  if (comma) {
    const at = last.end + comma[0].length;
    return tail.slice(comma[0].length).trim() === ''
      ? [{ span: { start: at, end: at }, newText: ` ${inner}` }]
      : undefined;
  }
  const line = text.slice(text.lastIndexOf('\n', last.start - 1) + 1, last.start);
  if (/^\s*$/.test(line) && line !== '' && tail.includes('\n')) {
    // One entry a line: the comment behind the last one stays with it.
    const end = lineEndAfter(page, last.end);
    if (end === undefined) return undefined;
    const addition = `${page.newline}${line}${inner}`;
    return end === last.end
      ? [{ span: { start: end, end }, newText: `,${addition}` }]
      : [
          { span: { start: last.end, end: last.end }, newText: ',' },
          { span: { start: end, end }, newText: addition },
        ];
  }
  return [{ span: { start: last.end, end: last.end }, newText: `, ${inner}` }];
}

/** True when the author quotes keys, as JSON does. */
function quotesKeys(node: YamlMap | YamlList): boolean {
  let current: YamlNode | undefined = node;
  for (let depth = 0; current && depth < 4; depth++) {
    if (current.kind === 'list') current = current.items[0]?.node;
    else if (current.kind === 'map') {
      const first: YamlEntry | undefined = current.entries[0];
      if (first) return first.key.style === 'double';
      return false;
    } else return false;
  }
  return false;
}

function writeFlow(value: Fragment, quoted: boolean): string {
  if (typeof value === 'string')
    return quoted && !/^["'[{]|^-?\d+$/.test(value) ? JSON.stringify(value) : value;
  if ('list' in value) return `[${value.list.map((v) => writeFlow(v, quoted)).join(', ')}]`;
  return `{${value.map.map(([k, v]) => `${quoted ? JSON.stringify(k) : k}: ${writeFlow(v, quoted)}`).join(', ')}}`;
}

/** Writes a fragment in block style; the first line starts where the caller is, at `column`. */
function writeBlock(value: Fragment, column: number, step: number, newline: string): string {
  if (typeof value === 'string') return value;
  const indent = `${newline}${' '.repeat(column)}`;
  if ('list' in value)
    return value.list.map((v) => `- ${writeBlock(v, column + 2, step, newline)}`).join(indent);
  return value.map
    .map(([key, inner]) => {
      if (typeof inner === 'string') return `${key}: ${inner}`;
      const deeper = column + ('list' in inner ? 0 : step);
      return `${key}:${newline}${' '.repeat(deeper)}${writeBlock(inner, deeper, step, newline)}`;
    })
    .join(indent);
}

/** By how much the author indents: as in this map, else as in the whole object, else two. */
function stepOf(file: EditedFile, map: YamlMap | undefined): number {
  for (const node of [map, ...file.objects.map((o) => o.root)]) {
    for (const entry of node?.entries ?? []) {
      const value = entry.value;
      if (entry.alias || value?.kind !== 'map' || value.flow) continue;
      const step = value.column - node!.column;
      if (step > 0) return step;
    }
  }
  return 2;
}

/** Where the text of an entry ends in this place; undefined when a line after it would change its value. */
function entryEnd(entry: YamlEntry): number | undefined {
  if (entry.alias) return entry.alias.span.end;
  return entry.value ? nodeEnd(entry.value, entry.key.span.end) : entry.key.span.end;
}

function itemEnd(item: YamlItem): number | undefined {
  return item.alias ? item.alias.span.end : nodeEnd(item.node, item.span.start);
}

function nodeEnd(node: YamlNode, fallback: number): number | undefined {
  if (node.kind === 'scalar') {
    // A block scalar ends where its lines end; with `|+` the blank lines after it are its own.
    return node.style === 'block' ? undefined : node.span.end > node.span.start ? node.span.end : fallback;
  }
  if (node.flow) return node.span.end;
  if (node.kind === 'map') {
    const last = node.entries.at(-1);
    return last ? entryEnd(last) : undefined;
  }
  const last = node.items.at(-1);
  return last ? itemEnd(last) : undefined;
}

/** End of the line on which an entry ends, its comment included; undefined when something else follows. */
function lineEndAfter(page: Page, end: number | undefined): number | undefined {
  if (end === undefined) return undefined;
  const newline = page.text.indexOf('\n', end);
  let stop = newline < 0 ? page.text.length : newline;
  if (page.text[stop - 1] === '\r') stop--;
  const rest = page.text.slice(end, Math.max(stop, end));
  if (!/^\s*:?\s*(#.*)?$/.test(rest)) return undefined;
  return Math.max(stop, end);
}

/** True when a template renders the map's first key and this offset under the same conditions. */
function sameRegion(file: EditedFile, node: YamlNode, offset: number): boolean {
  return !file.blanked.template || regionAt(file.blanked, node.span.start) === regionAt(file.blanked, offset);
}
