import type { Edit } from './finding.ts';
import { overlaps } from './span.ts';

/** The line end a text uses: that of its first line, `\n` when it has only one. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

/** The first two edits of one file that overlap, or undefined. Two equal edits do not count: they are one. */
export function overlappingEdits(edits: readonly Edit[]): readonly [Edit, Edit] | undefined {
  const sorted = distinct(edits).sort(byPlace);
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (a.file === b.file && overlaps(a.span, b.span)) return [a, b];
  }
  return undefined;
}

/**
 * Applies the edits of one file to its text. Inserted text gets the line ends the text already has, so a fix need
 * not know about CRLF.
 * @throws when edits overlap or lie outside the text.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const clash = overlappingEdits(edits);
  if (clash) {
    throw new Error(
      `edits of ${clash[0].file} overlap at ${clash[0].span.start}–${clash[0].span.end} and ${clash[1].span.start}–${clash[1].span.end}`,
    );
  }
  const end = lineEndOf(text);
  let out = '';
  let from = 0;
  for (const edit of distinct(edits).sort(byPlace)) {
    const { start, end: to } = edit.span;
    if (start < 0 || to < start || to > text.length) {
      throw new Error(`edit ${start}–${to} lies outside ${edit.file} (${text.length} characters)`);
    }
    out += text.slice(from, start) + edit.newText.replace(/\r?\n/g, end);
    from = to;
  }
  return out + text.slice(from);
}

function byPlace(a: Edit, b: Edit): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.span.start - b.span.start || a.span.end - b.span.end;
}

function distinct(edits: readonly Edit[]): Edit[] {
  const seen = new Map<string, Edit>();
  for (const e of edits) seen.set(JSON.stringify([e.file, e.span.start, e.span.end, e.newText]), e);
  return [...seen.values()];
}
