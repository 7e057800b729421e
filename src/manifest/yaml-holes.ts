/** Where in a tree the actions of a template may add something nobody can know here. */

import type { Span } from '../core/span.ts';
import type { Hole } from './template.ts';
import type { YamlList, YamlMap, YamlNode } from './yaml.ts';

/** Marks the nodes to which a template action may add something. */
export function markHole(root: YamlNode, hole: Hole): void {
  const at = hole.span.start;
  let node: YamlNode = root;
  for (;;) {
    if (node.kind === 'scalar') {
      if (at < node.span.end || node.span.start === node.span.end) node.open = true;
      return;
    }
    if (hole.kind === 'block' && hole.indent === undefined) node.open = true;
    const next: YamlNode | 'here' = node.kind === 'map' ? stepMap(node, hole) : stepList(node, hole);
    if (next === 'here') {
      node.open = true;
      return;
    }
    node = next;
  }
}

function stepMap(map: YamlMap, hole: Hole): YamlNode | 'here' {
  const at = hole.span.start;
  const entry = lastBefore(map.entries, at);
  if (!entry) return 'here';
  if (at < entry.key.span.end) return 'here';
  const value = entry.alias ? undefined : entry.value;
  if (hole.kind === 'inline') return value ?? 'here';
  if (!value) return 'here';
  if (value.kind === 'scalar') {
    // `env:` followed by an action on its own line: the action is the value. Lists may stand at the key's column.
    if (value.text === '' && value.style === 'plain') {
      if (hole.indent === undefined || hole.indent === map.column) map.open = true;
      if (hole.indent === undefined || hole.indent >= map.column) return value;
    }
    return at < value.span.end ? value : 'here';
  }
  if (at < value.span.end && value.flow) return value;
  if (hole.indent === undefined || hole.indent > map.column) return value;
  // A list at the column of its key: the action may add items or keys.
  if (value.kind === 'list' && value.column === map.column && hole.indent === map.column) {
    value.open = true;
    return 'here';
  }
  return 'here';
}

function stepList(list: YamlList, hole: Hole): YamlNode | 'here' {
  const item = lastBefore(list.items, hole.span.start);
  if (!item || item.alias) return 'here';
  if (hole.kind === 'inline') return item.node;
  if (item.node.kind === 'scalar') return hole.span.start < item.node.span.end ? item.node : 'here';
  return hole.indent === undefined || hole.indent > list.column ? item.node : 'here';
}

/** The last of the sorted parts that starts at or before an offset. */
function lastBefore<T extends { readonly span: Span }>(parts: readonly T[], offset: number): T | undefined {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle]!.span.start <= offset) low = middle + 1;
    else high = middle;
  }
  return parts[low - 1];
}
