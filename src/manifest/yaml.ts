/** YAML as a small tree with exact offsets: aliases and merge keys stay shared, nothing is ever expanded. */

import type { Span } from '../core/span.ts';

/** `&name` on a node, and how often `*name` refers to it. */
export interface Anchor {
  readonly name: string;
  readonly span: Span;
  /** Number of aliases that refer to the node. */
  uses: number;
}

interface Common {
  readonly span: Span;
  readonly anchor: Anchor | undefined;
  /** Where a template may add entries or text that nobody can know here. */
  open: boolean;
}

export interface YamlScalar extends Common {
  readonly kind: 'scalar';
  /** The value as a string, whatever YAML would make of it. */
  readonly text: string;
  readonly style: 'plain' | 'single' | 'double' | 'block';
}

export interface YamlEntry {
  readonly key: YamlScalar;
  readonly value: YamlNode | undefined;
  /** The `*name` through which the value was reached. */
  readonly alias: YamlAlias | undefined;
  /** From the key to the end of the value's text in this place. */
  readonly span: Span;
}

export interface YamlAlias {
  readonly name: string;
  readonly span: Span;
}

export interface YamlMap extends Common {
  readonly kind: 'map';
  readonly flow: boolean;
  /** Column of the first key. */
  readonly column: number;
  readonly entries: readonly YamlEntry[];
  /** The maps of `<<`, strongest first. */
  readonly merges: readonly { readonly map: YamlNode | undefined; readonly alias: YamlAlias | undefined }[];
  /** Exclusive end of the text in which a template action could still add to this map. */
  readonly reach: number;
  index: Map<string, YamlEntry[]> | undefined;
}

export interface YamlItem {
  readonly node: YamlNode;
  readonly alias: YamlAlias | undefined;
  /** The item's text in this place, without the dash. */
  readonly span: Span;
}

export interface YamlList extends Common {
  readonly kind: 'list';
  readonly flow: boolean;
  /** Column of the dashes. */
  readonly column: number;
  readonly items: readonly YamlItem[];
  readonly reach: number;
}

export type YamlNode = YamlScalar | YamlMap | YamlList;

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
}

export interface YamlDocument {
  readonly root: YamlNode | undefined;
  readonly span: Span;
  readonly problems: readonly YamlProblem[];
  /** Keys given twice in one map: the first of them and their number. */
  readonly duplicates: { readonly key: YamlScalar; readonly count: number } | undefined;
}

/** An entry found under a key, and what was crossed on the way. */
export interface Found {
  readonly entry: YamlEntry;
  readonly value: YamlNode | undefined;
  /** The map that holds the entry. */
  readonly map: YamlMap;
  /** Anchors whose node is used in more than one place and holds what was found. */
  readonly shared: readonly Anchor[];
}

/**
 * Looks a key up, in the map itself and then in what `<<` merges into it.
 * @returns `unknown` when a template or a broken alias may supply the key.
 */
export function lookUp(
  node: YamlNode | undefined,
  key: string,
  shared: readonly Anchor[] = [],
): Found | 'unknown' | undefined {
  if (!node) return undefined;
  if (node.kind !== 'map') return node.open ? 'unknown' : undefined;
  return lookUpIn(node, key, shared, new Set());
}

function lookUpIn(
  map: YamlMap,
  key: string,
  shared: readonly Anchor[],
  seen: Set<YamlNode>,
): Found | 'unknown' | undefined {
  if (seen.has(map)) return undefined;
  seen.add(map);
  const here = cross(map, shared);
  const own = map.index?.get(key)?.at(-1);
  if (own && key !== '<<')
    return { entry: own, value: own.value, map, shared: own.value ? cross(own.value, here) : here };
  let unknown = map.open;
  for (const merge of map.merges) {
    if (!merge.map) continue;
    if (merge.map.kind !== 'map') {
      if (merge.map.open) unknown = true;
      continue;
    }
    const found = lookUpIn(merge.map, key, here, seen);
    if (found === 'unknown') unknown = true;
    else if (found) return found;
  }
  return unknown ? 'unknown' : undefined;
}

/** Adds a node's anchor to those crossed when other places use it too. */
export function cross(node: YamlNode, shared: readonly Anchor[]): readonly Anchor[] {
  return node.anchor && node.anchor.uses > 0 && !shared.includes(node.anchor)
    ? [...shared, node.anchor]
    : shared;
}

/** Every entry with the key in the map itself, in the order of the text: more than one only when it is given twice. */
export function entriesOf(map: YamlMap, key: string): readonly YamlEntry[] {
  return map.index?.get(key) ?? [];
}

/** The text of a scalar reached by a path of keys, when nothing on the way is unknown. */
export function textAt(node: YamlNode | undefined, ...path: readonly string[]): string | undefined {
  const found = scalarAt(node, ...path);
  return found && !found.open ? found.text : undefined;
}

/** The scalar reached by a path of keys. */
export function scalarAt(node: YamlNode | undefined, ...path: readonly string[]): YamlScalar | undefined {
  const found = nodeAt(node, ...path);
  return found?.kind === 'scalar' ? found : undefined;
}

/** The node reached by a path of keys. */
export function nodeAt(node: YamlNode | undefined, ...path: readonly string[]): YamlNode | undefined {
  let current = node;
  for (const key of path) {
    const found = lookUp(current, key);
    if (!found || found === 'unknown') return undefined;
    current = found.value;
  }
  return current;
}

/** The items of a list, or nothing. */
export function itemsAt(node: YamlNode | undefined, ...path: readonly string[]): readonly YamlItem[] {
  const found = nodeAt(node, ...path);
  return found?.kind === 'list' ? found.items : [];
}
