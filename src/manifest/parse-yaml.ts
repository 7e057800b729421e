/** YAML text → the tree of `yaml.ts`, with the offsets of the text as it stands. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node as LibraryNode,
  parseAllDocuments,
} from 'yaml';
import type { Span } from '../core/span.ts';
import { type Blanked, blankTemplate } from './template.ts';
import type {
  Anchor,
  YamlAlias,
  YamlDocument,
  YamlEntry,
  YamlItem,
  YamlList,
  YamlMap,
  YamlNode,
  YamlProblem,
  YamlScalar,
} from './yaml.ts';
import { markHole } from './yaml-holes.ts';

const TOO_DEEP = 'nested too deeply to be read';
/** No manifest is deeper; below it the converter stops, at the same place on every machine. */
const MAX_DEPTH = 200;

/** A part of a file between two `---`. */
export interface YamlSlice {
  readonly start: number;
  readonly end: number;
}

/** A text ready to be read: template actions blanked, cut into documents. */
export interface YamlText {
  readonly text: string;
  readonly blanked: Blanked;
  readonly slices: readonly YamlSlice[];
}

/**
 * Cuts a text into documents without parsing it: `---` at the start of a line always separates documents, in
 * scalars too.
 */
export function cutDocuments(text: string): YamlText {
  const blanked = blankTemplate(text);
  const slices: YamlSlice[] = [];
  const separator = /^---(?=\s|$)/gm;
  let start = blanked.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let match = separator.exec(blanked.text); match; match = separator.exec(blanked.text)) {
    if (match.index > start) slices.push({ start, end: match.index });
    start = match.index;
  }
  slices.push({ start, end: blanked.text.length });
  return { text, blanked, slices };
}

/** Parses one part of a file. Broken text gives what could be read and a problem, never an exception. */
export function parseSlice(source: YamlText, slice: YamlSlice): YamlDocument[] {
  let text = source.blanked.text.slice(slice.start, slice.end);
  const span = { start: slice.start, end: slice.end };
  try {
    let documents = parse(text);
    if (documents.some((d) => d.errors.some((e) => e.code === 'BAD_INDENT'))) {
      const joined = joinFlowLines(text);
      const again = joined === text ? documents : parse(joined);
      if (again !== documents && errorsOf(again) < errorsOf(documents)) {
        documents = again;
        text = joined;
      }
    }
    return documents.map((document) => {
      const problems = document.errors.map((error) => ({
        offset: slice.start + Math.min(error.pos[0], text.length),
        message: /call stack/i.test(error.message)
          ? TOO_DEEP
          : error.message.replace(/\s+at line \d+, column \d+:[\s\S]*$/, ''),
      }));
      const converter = new Converter(text, slice.start);
      const root = document.contents
        ? converter.node(document.contents as LibraryNode, text.length)
        : undefined;
      const holes = source.blanked.holes.filter(
        (h) => h.span.start >= slice.start && h.span.end <= slice.end,
      );
      if (root) for (const hole of holes) markHole(root.node, hole);
      return {
        root: root?.node,
        span,
        problems: [...problems, ...converter.problems].sort((a, b) => a.offset - b.offset),
        duplicates: converter.duplicates,
      };
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The library recurses: 20,000 levels of nesting end here.
    return [
      {
        root: undefined,
        span,
        problems: [{ offset: slice.start, message: TOO_DEEP }],
        duplicates: undefined,
      },
    ];
  }
}

function parse(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
    schema: 'failsafe',
    stringKeys: false,
  });
  return Array.isArray(documents) ? documents : [];
}

function errorsOf(documents: readonly Document.Parsed[]): number {
  return documents.reduce((n, d) => n + d.errors.length, 0);
}

/**
 * YAML wants every line of `[ … ]` indented deeper than its key; the reader of Kubernetes does not insist, and
 * many manifests end such a list in the key's column. Line ends and comments inside become blanks, so every offset
 * stays true.
 */
function joinFlowLines(text: string): string {
  const opener = /(?:^|[\s:])[[{][ \t]*(?:#[^\n]*)?$/gm;
  let out = '';
  let from = 0;
  for (let match = opener.exec(text); match; match = opener.exec(text)) {
    const start = match.index + match[0].search(/[[{]/);
    const end = closeOf(text, start);
    if (end === undefined) break;
    out += text.slice(from, start) + blankLines(text.slice(start, end));
    from = end;
    opener.lastIndex = end;
  }
  return out + text.slice(from);
}

/** Offset behind the bracket that closes the one at `start`. */
function closeOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"' || c === "'") {
      const end = text.indexOf(c, i + 1);
      if (end < 0) return undefined;
      i = end;
    } else if (c === '#' && /\s/.test(text[i - 1] ?? ' ')) {
      const end = text.indexOf('\n', i);
      if (end < 0) return undefined;
      i = end;
    } else if (c === '[' || c === '{') depth++;
    else if ((c === ']' || c === '}') && --depth === 0) return i + 1;
  }
  return undefined;
}

function blankLines(flow: string): string {
  return flow
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'|(?<=\s)#[^\n]*/g, (part) =>
      part[0] === '#' ? ' '.repeat(part.length) : part,
    )
    .replace(/[\r\n]/g, ' ');
}

class Converter {
  readonly text: string;
  readonly offset: number;
  readonly anchors = new Map<string, YamlNode>();
  readonly problems: YamlProblem[] = [];
  duplicates: { key: YamlScalar; count: number } | undefined;
  depth = 0;

  constructor(text: string, offset: number) {
    this.text = text;
    this.offset = offset;
  }

  /** Reads a node whose text ends before `reach`, an offset in the slice at which the next sibling begins. */
  node(source: LibraryNode, reach: number): YamlItem | undefined {
    const range = source.range;
    if (!range) return undefined;
    const span = this.span(range[0], range[1]);
    if (isAlias(source)) {
      const target = this.anchors.get(source.source);
      const alias = { name: source.source, span };
      if (!target) {
        this.problem(range[0], `Unresolved alias *${alias.name}`);
        return { node: this.unreadable(span), alias, span };
      }
      if (target.anchor) target.anchor.uses++;
      return { node: target, alias, span };
    }
    if (isScalar(source)) {
      const node: YamlScalar = {
        kind: 'scalar',
        span,
        anchor: this.anchorOf(source, range[0]),
        open: false,
        text: typeof source.value === 'string' ? source.value : (source.source ?? ''),
        style: styleOf(source.type),
      };
      this.remember(node);
      return { node, alias: undefined, span };
    }
    if (!isMap(source) && !isSeq(source)) return undefined;
    if (this.depth >= MAX_DEPTH) {
      if (!this.problems.some((p) => p.message === TOO_DEEP)) this.problem(range[0], TOO_DEEP);
      return { node: this.unreadable(span), alias: undefined, span };
    }
    this.depth++;
    const item = isMap(source) ? this.map(source, span, reach) : this.list(source, span, reach);
    this.depth--;
    return item;
  }

  private map(source: unknown, span: Span, reach: number): YamlItem {
    const entries: YamlEntry[] = [];
    const merges: { map: YamlNode | undefined; alias: YamlAlias | undefined }[] = [];
    const collection = source as Collection;
    const node: YamlMap = {
      kind: 'map',
      span,
      anchor: this.anchorOf(collection, span.start - this.offset),
      open: false,
      flow: collection.flow === true,
      column: this.column(span.start - this.offset),
      entries,
      merges,
      reach: this.offset + reach,
      index: undefined,
    };
    // Known before its content is read: an alias inside may refer to the map itself.
    this.remember(node);
    const pairs = collection.items as { key: LibraryNode | null; value: LibraryNode | null }[];
    for (const [i, pair] of pairs.entries()) {
      if (!isScalar(pair.key) || !pair.key.range) continue;
      const key = this.node(pair.key, pair.key.range[1])?.node;
      if (key?.kind !== 'scalar') continue;
      const next = pairs[i + 1]?.key?.range?.[0] ?? reach;
      const value = pair.value ? this.node(pair.value, next) : undefined;
      const end = value ? Math.max(value.span.end, key.span.end) : key.span.end;
      const entry: YamlEntry = {
        key,
        value: value?.node,
        alias: value?.alias,
        span: { start: key.span.start, end },
      };
      if (key.text === '<<' && key.style === 'plain') {
        if (value?.node.kind === 'list')
          for (const item of value.node.items) merges.push({ map: item.node, alias: item.alias });
        else merges.push({ map: value?.node, alias: value?.alias });
      }
      entries.push(entry);
    }
    node.index = this.indexOf(entries);
    return { node, alias: undefined, span };
  }

  private list(source: unknown, span: Span, reach: number): YamlItem {
    const items: YamlItem[] = [];
    const collection = source as Collection;
    const node: YamlList = {
      kind: 'list',
      span,
      anchor: this.anchorOf(collection, span.start - this.offset),
      open: false,
      flow: collection.flow === true,
      column: this.column(span.start - this.offset),
      items,
      reach: this.offset + reach,
    };
    this.remember(node);
    const sources = collection.items as LibraryNode[];
    for (const [i, item] of sources.entries()) {
      const next = sources[i + 1]?.range?.[0] ?? reach;
      const read = this.node(item, next);
      if (read) items.push(read);
    }
    return { node, alias: undefined, span };
  }

  private indexOf(entries: readonly YamlEntry[]): Map<string, YamlEntry[]> {
    const index = new Map<string, YamlEntry[]>();
    for (const entry of entries) {
      const known = index.get(entry.key.text);
      if (!known) index.set(entry.key.text, [entry]);
      else {
        known.push(entry);
        this.duplicates ??= { key: entry.key, count: 0 };
        this.duplicates.count++;
      }
    }
    return index;
  }

  private problem(at: number, message: string): void {
    this.problems.push({ offset: this.offset + at, message });
  }

  private remember(node: YamlNode): void {
    if (node.anchor) this.anchors.set(node.anchor.name, node);
  }

  private anchorOf(source: { anchor?: string }, start: number): Anchor | undefined {
    if (!source.anchor) return undefined;
    const at = this.text.lastIndexOf(`&${source.anchor}`, start);
    const from = at < 0 ? start : at;
    return { name: source.anchor, span: this.span(from, from + source.anchor.length + 1), uses: 0 };
  }

  private unreadable(span: Span): YamlScalar {
    return { kind: 'scalar', span, anchor: undefined, open: true, text: '', style: 'plain' };
  }

  private span(start: number, end: number): Span {
    return { start: this.offset + start, end: this.offset + end };
  }

  private column(at: number): number {
    return at - (this.text.lastIndexOf('\n', at - 1) + 1);
  }
}

interface Collection {
  readonly anchor?: string;
  readonly flow?: boolean;
  readonly items: unknown[];
}

function styleOf(type: string | null | undefined): YamlScalar['style'] {
  if (type === 'QUOTE_SINGLE') return 'single';
  if (type === 'QUOTE_DOUBLE') return 'double';
  return type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED' ? 'block' : 'plain';
}
