/**
 * Go templates in YAML (Helm charts): actions are replaced by filler of equal length so that the rest parses and
 * every offset stays true, and what was there is remembered.
 */

import type { Span } from '../core/span.ts';

/** An action that renders text nobody can know here. */
export interface Hole {
  readonly span: Span;
  /** `inline`: part of a scalar or key. `block`: stands alone and may render whole entries. */
  readonly kind: 'inline' | 'block';
  /** Column at which the rendered text lands, when the action says so (`nindent 8`) or stands there. */
  readonly indent: number | undefined;
}

export interface Blanked {
  /** As long as the original, line for line. */
  readonly text: string;
  readonly holes: readonly Hole[];
  /** True when the file holds at least one action. */
  readonly template: boolean;
  /** Offsets at which a branch begins or ends, with an id that is equal where the same conditions hold. */
  readonly regions: readonly Region[];
}

export interface Region {
  readonly offset: number;
  readonly region: number;
  /** What must hold here, outermost first: the text behind `if` or `with`; undefined for anything else. */
  readonly conditions: readonly (string | undefined)[];
}

interface Action {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  readonly body: string;
}

const CONTROL = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'break', 'continue', '']);

/** Blanks the actions of a Go template; a text without `{{` comes back as it is. */
export function blankTemplate(text: string): Blanked {
  if (!text.includes('{{')) return { text, holes: [], template: false, regions: [] };
  const actions = findActions(text);
  if (actions.length === 0) return { text, holes: [], template: false, regions: [] };
  const parts: string[] = [];
  const holes: Hole[] = [];
  let done = 0;
  for (let i = 0; i < actions.length; ) {
    // Actions that share a line are judged together: a line of actions only renders whole lines.
    let last = i;
    while (
      last + 1 < actions.length &&
      !text.slice(actions[last]!.end, actions[last + 1]!.start).includes('\n')
    )
      last++;
    const group = actions.slice(i, last + 1);
    const lineStart = text.lastIndexOf('\n', group[0]!.start - 1) + 1;
    const newline = text.indexOf('\n', group.at(-1)!.end);
    const lineEnd = newline < 0 ? text.length : newline;
    const alone = outside(text, lineStart, lineEnd, group).trim() === '';
    const leads = text.slice(lineStart, group[0]!.start).trim() === '';
    for (const [n, action] of group.entries()) {
      parts.push(text.slice(done, action.start), filler(text.slice(action.start, action.end), alone));
      done = action.end;
      const control = CONTROL.has(action.word) || /^\$\w*\s*:?=/.test(action.body);
      const span = { start: action.start, end: action.end };
      const column = action.start - lineStart;
      if (alone) {
        if (!control) holes.push({ span, kind: 'block', indent: indentOf(action.body, column) });
      } else {
        holes.push({ span, kind: 'inline', indent: undefined });
        // `{{ if x }}memory: 1Gi{{ end }}`: the filler garbles the key, so the map has a key nobody can name.
        if (n === 0 && leads && control) holes.push({ span, kind: 'block', indent: column });
      }
    }
    i = last + 1;
  }
  parts.push(text.slice(done));
  return { text: parts.join(''), holes, template: true, regions: findRegions(actions) };
}

/** The region an offset lies in: two offsets with the same region are rendered under the same conditions. */
export function regionAt(blanked: Blanked, offset: number): number {
  return entryAt(blanked, offset)?.region ?? 0;
}

/** The conditions under which a template renders what stands at an offset. */
export function conditionsAt(blanked: Blanked, offset: number): readonly (string | undefined)[] {
  return entryAt(blanked, offset)?.conditions ?? [];
}

function entryAt(blanked: Blanked, offset: number): Region | undefined {
  let found: Region | undefined;
  for (const entry of blanked.regions) {
    if (entry.offset > offset) break;
    found = entry;
  }
  return found;
}

function findActions(text: string): Action[] {
  const actions: Action[] = [];
  for (let start = text.indexOf('{{'); start >= 0; ) {
    const end = endOfAction(text, start);
    if (end < 0) break;
    const body = text
      .slice(start + 2, end - 2)
      .replace(/^-|-$/g, '')
      .trim();
    const word = body.startsWith('/*') ? '' : (/^[\w$.]*/.exec(body)?.[0] ?? '');
    actions.push({
      start,
      end,
      word: word.startsWith('$') || word.startsWith('.') ? 'value' : word || 'value',
      body,
    });
    if (body === '' || body.startsWith('/*')) actions[actions.length - 1] = { start, end, word: '', body };
    start = text.indexOf('{{', end);
  }
  return actions;
}

function endOfAction(text: string, start: number): number {
  const comment = /^\{\{-?\s*\/\*/.exec(text.slice(start, start + 40));
  if (comment) {
    const close = text.indexOf('*/', start + comment[0].length);
    const end = close < 0 ? -1 : text.indexOf('}}', close);
    return end < 0 ? -1 : end + 2;
  }
  let quote = '';
  for (let i = start + 2; i < text.length; i++) {
    const c = text[i];
    if (quote) {
      if (c === '\\' && quote === '"') i++;
      else if (c === quote) quote = '';
      else if (c === '\n' && quote === '"') quote = '';
    } else if (c === '"' || c === '`') quote = c;
    else if (c === '}' && text[i + 1] === '}') return i + 2;
  }
  // A quote that never closes must not swallow the file.
  const plain = text.indexOf('}}', start);
  return plain < 0 ? -1 : plain + 2;
}

function outside(text: string, from: number, to: number, actions: readonly Action[]): string {
  let rest = '';
  let at = from;
  for (const action of actions) {
    rest += text.slice(at, action.start);
    at = action.end;
  }
  return rest + text.slice(at, to);
}

/** Letters where the action stands within a line, blanks elsewhere: both keep YAML's structure around them. */
function filler(action: string, alone: boolean): string {
  const newline = action.indexOf('\n');
  if (alone || newline < 0) return action.replace(/[^\r\n]/g, alone ? ' ' : 'x');
  return action.slice(0, newline).replace(/[^\r]/g, 'x') + action.slice(newline).replace(/[^\r\n]/g, ' ');
}

function indentOf(body: string, column: number): number | undefined {
  const explicit = /\bn?indent\s+\(?(\d+)/.exec(body);
  if (explicit) return Number(explicit[1]);
  return column > 0 ? column : undefined;
}

function findRegions(actions: readonly Action[]): Blanked['regions'] {
  const regions: Region[] = [];
  const stack: { id: number; condition: string | undefined }[] = [];
  let next = 1;
  for (const { word, body, end } of actions) {
    if (word === 'if' || word === 'with')
      stack.push({ id: next++, condition: body.slice(word.length).trim() });
    else if (word === 'range' || word === 'define' || word === 'block') {
      stack.push({ id: next++, condition: undefined });
    } else if (word === 'else') {
      if (stack.length > 0) stack[stack.length - 1] = { id: next++, condition: undefined };
    } else if (word === 'end') {
      stack.pop();
    } else continue;
    regions.push({ offset: end, region: stack.at(-1)?.id ?? 0, conditions: stack.map((s) => s.condition) });
  }
  return regions;
}
