import type { Point } from 'web-tree-sitter';

/** One replacement that turns an old text into a new one, in the shape tree-sitter wants. Offsets are UTF-16. */
export interface TextEdit {
  readonly startIndex: number;
  readonly oldEndIndex: number;
  readonly newEndIndex: number;
  readonly startPosition: Point;
  readonly oldEndPosition: Point;
  readonly newEndPosition: Point;
}

/** The smallest single replacement between two texts, or undefined when they are equal. */
export function textEdit(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  const start = commonStart(before, after, shorter);
  let tail = commonEnd(before, after, shorter - start);
  let from = start;
  // A pair of surrogates is one character to the lexer.
  if (from > 0 && isHighSurrogate(before.charCodeAt(from - 1))) from--;
  if (tail > 0 && isLowSurrogate(before.charCodeAt(before.length - tail))) tail--;
  const oldEndIndex = before.length - tail;
  const newEndIndex = after.length - tail;
  const startPosition = pointAt(before, from, 0, { row: 0, column: 0 });
  return {
    startIndex: from,
    oldEndIndex,
    newEndIndex,
    startPosition,
    oldEndPosition: pointAt(before, oldEndIndex, from, startPosition),
    newEndPosition: pointAt(after, newEndIndex, from, startPosition),
  };
}

/** Units compared at once: comparing slices is what the engine is fast at, comparing units is not. */
const BLOCK = 4096;

/** Length of the start two texts share, at most `limit`. */
function commonStart(a: string, b: string, limit: number): number {
  let i = 0;
  while (i + BLOCK <= limit && a.slice(i, i + BLOCK) === b.slice(i, i + BLOCK)) i += BLOCK;
  while (i < limit && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** Length of the end two texts share, at most `limit`. */
function commonEnd(a: string, b: string, limit: number): number {
  let i = 0;
  while (
    i + BLOCK <= limit &&
    a.slice(a.length - i - BLOCK, a.length - i) === b.slice(b.length - i - BLOCK, b.length - i)
  )
    i += BLOCK;
  while (i < limit && a.charCodeAt(a.length - 1 - i) === b.charCodeAt(b.length - 1 - i)) i++;
  return i;
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** Row and column of `offset`, counted on from a place before it. */
function pointAt(text: string, offset: number, from: number, at: Point): Point {
  let { row } = at;
  let lineStart = from - at.column;
  for (let i = text.indexOf('\n', from); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
    row++;
    lineStart = i + 1;
  }
  return { row, column: offset - lineStart };
}
