/** Memory amounts where they are written, and whether something beyond the file supplies them. */

import { parseQuantity } from '../core/quantity.ts';
import type { ResourcePaths, Resources, Stated } from './model.ts';
import {
  type Anchor,
  type Found,
  lookUp,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml.ts';

/** Where the API of Kubernetes has memory below `resources`. */
const STANDARD: ResourcePaths = { limits: ['limits', 'memory'], requests: ['requests', 'memory'] };

/** What a container or pod states below `resources`. */
export function resourcesOf(node: YamlMap, shared: readonly Anchor[]): Resources {
  return resourcesIn(lookUp(node, 'resources', shared), STANDARD);
}

/** What stands at the given paths below `resources`. */
export function resourcesIn(found: Found | 'unknown' | undefined, paths: ResourcePaths): Resources {
  return {
    found: found && found !== 'unknown' && isUnknownNode(found.value) ? 'unknown' : found,
    memoryLimit: amountIn(found, ...paths.limits),
    memoryRequest: amountIn(found, ...paths.requests),
    cpuLimit: amountIn(found, 'limits', 'cpu'),
    cpuRequest: amountIn(found, 'requests', 'cpu'),
    paths,
  };
}

function isUnknownNode(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && isSupplied(node);
}

/** The quantity below a field, following `path`. */
export function amountIn(found: Found | 'unknown' | undefined, ...path: readonly string[]): Stated {
  let current = found;
  for (const key of path) {
    if (current === 'unknown' || !current) return current;
    if (isUnknownNode(current.value)) return 'unknown';
    current = lookUp(current.value, key, current.shared);
  }
  if (current === 'unknown' || !current) return current;
  return amountOf(current.entry, current.value, current.shared);
}

/** The quantity an entry holds. */
export function amountOf(entry: YamlEntry, value: YamlNode | undefined, shared: readonly Anchor[]): Stated {
  if (!value) return undefined;
  if (value.kind !== 'scalar') return 'unknown';
  if (isSupplied(value)) {
    return {
      scalar: value,
      span: value.span,
      text: value.text,
      quantity: undefined,
      unknown: true,
      entry,
      shared,
    };
  }
  if (value.style === 'plain' && /^(~|null|Null|NULL)?$/.test(value.text)) return undefined;
  const text = value.style === 'plain' ? plainNumber(value.text) : value.text;
  return {
    scalar: value,
    span: value.span,
    text: value.text,
    quantity: parseQuantity(text),
    unknown: false,
    entry,
    shared,
  };
}

/** YAML numbers that JSON spells differently: the API server sees what the YAML reader made of them. */
function plainNumber(text: string): string {
  if (/^[+-]?\d[\d_]*$/.test(text)) return text.replaceAll('_', '');
  if (/^0x[\da-fA-F_]+$/.test(text)) return BigInt(text.replaceAll('_', '')).toString();
  return text;
}

/** True when something that is not in the file supplies the text: a template, a variable, a placeholder. */
export function isSupplied(scalar: YamlScalar): boolean {
  return scalar.open || /\$[({\w]|<[^>]*>|\{\{|%\w|@\w|__|^\$/.test(scalar.text);
}

/** The text of a scalar that the file itself states. */
export function knownText(scalar: YamlScalar | undefined): string | undefined {
  return scalar && scalar.text !== '' && !isSupplied(scalar) ? scalar.text : undefined;
}
