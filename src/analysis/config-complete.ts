/** What may be written next in a `headroom.yaml`, told from the JSON schema and the lines around the cursor. */
import type { Span } from '../core/span.ts';

/** The part of JSON schema the settings are described with. */
export interface SettingSchema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly items?: SettingSchema;
  readonly enum?: readonly string[];
  /** `#/definitions/` and the name of one of the whole schema's. */
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, SettingSchema>>;
}

export interface Proposal {
  readonly label: string;
  readonly description: string;
  /** Replaces what stands at `span`. */
  readonly newText: string;
  readonly span: Span;
}

/**
 * Proposes keys and values. It looks at indentation alone, because a text that is being written is rarely valid.
 */
export function completeConfig(schema: SettingSchema, text: string, offset: number): Proposal[] {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, offset);
  if (/#/.test(line)) return [];
  const [, lead, key, typed] = /^([ \t]*(?:- +)?)(?:([\w/-]+):[ \t]+)?([\w/-]*)$/.exec(line) ?? [];
  if (lead === undefined || typed === undefined) return [];
  const span = { start: offset - typed.length, end: offset };
  const above = text.slice(0, start).split('\n').slice(0, -1);
  const parent = descend(schema, pathTo(above, lead.length));
  if (key !== undefined) {
    const value = parent?.properties?.[key];
    const choices = value?.enum ?? (value?.type === 'boolean' ? ['true', 'false'] : []);
    return choices.map((label) => ({ label, description: '', newText: label, span }));
  }
  const below = text.slice(start).split('\n').slice(1);
  const taken = new Set([...siblings(above.toReversed(), lead.length), ...siblings(below, lead.length)]);
  return Object.entries(parent?.properties ?? {})
    .filter(([label]) => !taken.has(label))
    .map(([label, part]) => {
      const { description = '', type, enum: choices } = referred(schema, part);
      const oneLine = choices || type === 'boolean' || type === 'number';
      return { label, description, newText: `${label}:${oneLine ? ' ' : ''}`, span };
    });
}

const KEY = /^([ \t]*(?:- +)?)([\w/-]+):/;

/** The keys around a line with this indentation, outermost first. */
function pathTo(above: readonly string[], column: number): string[] {
  const path: string[] = [];
  let limit = column;
  for (const line of above.toReversed()) {
    const [, lead, key] = KEY.exec(line) ?? [];
    // An item's dash may stand in the column of the key that holds the list.
    const dash = lead?.indexOf('-') ?? -1;
    if (lead === undefined || key === undefined || lead.length >= limit) continue;
    path.unshift(key);
    limit = dash >= 0 ? dash + 1 : lead.length;
  }
  return path;
}

function descend(schema: SettingSchema, path: readonly string[]): SettingSchema | undefined {
  let at: SettingSchema | undefined = schema;
  for (const key of path) {
    const child: SettingSchema | undefined = at?.properties?.[key];
    const next: SettingSchema | undefined = child && referred(schema, child);
    at = next?.items?.properties ? next.items : next;
  }
  return at;
}

/** What a `$ref` leads to. */
function referred(schema: SettingSchema, part: SettingSchema): SettingSchema {
  const name = part.$ref?.replace('#/definitions/', '');
  return (name !== undefined && schema.definitions?.[name]) || part;
}

/** The keys of the same map among lines that lead away from it. */
function siblings(lines: readonly string[], column: number): string[] {
  const keys: string[] = [];
  for (const line of lines) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [, lead, key] = KEY.exec(line) ?? [];
    const depth = lead?.length ?? line.length - line.trimStart().length;
    if (depth < column) break;
    if (depth === column && key !== undefined) keys.push(key);
    if (depth === column && lead?.includes('-')) break;
  }
  return keys;
}
