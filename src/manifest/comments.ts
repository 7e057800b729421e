/** What people write about memory in comments: "peak 92Mi under load", "OOMKilled at 256Mi". */

import { parseQuantity, type Quantity } from '../core/quantity.ts';
import type { Span } from '../core/span.ts';
import type { ManifestFile } from './model.ts';

export interface StatedPeak {
  readonly quantity: Quantity;
  readonly text: string;
  readonly span: Span;
}

const AMOUNT = /(?<![\w.#/])(\d+(?:[.,]\d+)?)\s?(Ki|Mi|Gi|Ti|[KMGT]iB|[KMGTk]B|[KMGTk]|mb|gb)(?![\w])/g;
/** Compose writes `900m`, in steps of 1024; the units of the API are read as they stand. */
const COMPOSE_AMOUNT =
  /(?<![\w.#/])(\d+(?:[.,]\d+)?)\s?(Ki|Mi|Gi|Ti|[KMGT]iB|[KMGTk]B|[KMGTkmg]|mb|gb)(?![\w])/g;
const PEAK =
  /\b(peak(?:s|ed|ing)?|spik(?:e|es|ed|ing)|high[- ]?water(?:[- ]?mark)?|oom(?:[- ]?kill(?:ed|s|ing)?)?|out of memory)\b/gi;
/** `max` alone may be a setting; with one of these in the sentence it is an observation. */
const MAXIMUM = /\bmax(?:imum)?\b/i;
const OBSERVED =
  /\b(us(?:e|es|ed|age|ing)|rss|working set|observed|measured|seen|reach(?:es|ed)?|consum\w+|footprint)\b/i;
/** The number is a wish or a setting, not what was seen. */
const HYPOTHETICAL =
  /\b(without|never|avoid\w*|prevent\w*|quota|limitrange|nodes?|cluster|all pods|allowed|at most|xmx|heap size)\b/i;

/** The largest peak that the comments in a part of a file state, or undefined. */
export function statedPeak(file: ManifestFile, part: Span): StatedPeak | undefined {
  let largest: StatedPeak | undefined;
  const amounts = file.kind === 'compose' ? COMPOSE_AMOUNT : AMOUNT;
  for (const comment of commentsIn(file.text, part)) {
    for (const peak of peaksIn(comment, amounts))
      if (!largest || peak.quantity.nano > largest.quantity.nano) largest = peak;
  }
  return largest;
}

/**
 * The lines of a node with the comment lines directly above it: where people explain a value.
 */
export function withCommentsAbove(text: string, span: Span): Span {
  let start = text.lastIndexOf('\n', span.start - 1) + 1;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!/^\s*#/.test(text.slice(above, start - 1))) break;
    start = above;
  }
  const newline = text.indexOf('\n', span.end);
  return { start, end: newline < 0 ? text.length : newline };
}

interface Comment {
  /** Blanks between lines keep every offset true. */
  readonly text: string;
  readonly start: number;
}

/** Comments in a part of a text; those on consecutive lines are one. */
function commentsIn(text: string, part: Span): Comment[] {
  const comments: { text: string; start: number; alone: boolean }[] = [];
  let offset = part.start;
  for (const line of text.slice(part.start, part.end).split('\n')) {
    const match = /(?:^|\s)#(?!\{)(.*)$/.exec(line.replace(/\r$/, ' '));
    if (match) {
      const body = match[1]!;
      const start = offset + line.replace(/\r$/, ' ').length - body.length;
      const alone = line.trimStart().startsWith('#');
      const last = comments.at(-1);
      if (
        last &&
        alone &&
        last.alone &&
        text.slice(last.start + last.text.length, start).split('\n').length === 2
      )
        last.text += ' '.repeat(start - last.start - last.text.length) + body;
      else comments.push({ text: body, start, alone });
    }
    offset += line.length + 1;
  }
  return comments;
}

function peaksIn(comment: Comment, written: RegExp): StatedPeak[] {
  const found: StatedPeak[] = [];
  for (const sentence of comment.text.matchAll(/(?:[^.;!?]|[.;!?](?=\S))+/g)) {
    const words = sentence[0];
    const keywords = [...words.matchAll(PEAK)];
    const maximum = keywords.length === 0 && OBSERVED.test(words) ? MAXIMUM.exec(words) : null;
    if (maximum) keywords.push(maximum);
    if (HYPOTHETICAL.test(words)) continue;
    const amounts = [...words.matchAll(written)];
    for (const keyword of keywords) {
      const chosen = choose(words, keyword.index, amounts);
      const quantity =
        chosen &&
        parseQuantity(
          chosen[1]!.replace(',', '.') +
            (written === COMPOSE_AMOUNT ? binary(chosen[2]!) : unitOf(chosen[2]!)),
        );
      if (!chosen || !quantity) continue;
      const start = comment.start + sentence.index + chosen.index;
      found.push({ quantity, text: chosen[0], span: { start, end: start + chosen[0].length } });
    }
  }
  return found;
}

/** Which of a sentence's amounts is the peak: the first one after the word, else the last one before it. */
function choose(words: string, at: number, amounts: RegExpExecArray[]): RegExpExecArray | undefined {
  const raised = /\b(rais|increas|bump|doubl|lift|set to|moved|grew|chang)\w*/i.test(words);
  if (raised) {
    // "raised from 256Mi to 512Mi after an OOM": what was too small is the first, what is set now the second.
    const from = /\bfrom\s*$/i;
    return amounts.find(
      (m) => from.test(words.slice(0, m.index)) || /\b(?:at|with)\s*$/i.test(words.slice(0, m.index)),
    );
  }
  return amounts.find((m) => m.index > at) ?? amounts.filter((m) => m.index < at).at(-1);
}

/** Compose counts in steps of 1024, whatever the unit is called. */
function binary(unit: string): string {
  return `${unit[0]!.toUpperCase()}i`;
}

/** Prose writes `MB` for what Kubernetes calls `M`, and `MiB` for `Mi`. */
function unitOf(unit: string): string {
  if (/iB?$/.test(unit)) return unit.replace(/B$/, '');
  const letter = unit[0]!.toUpperCase();
  return letter === 'K' ? 'k' : letter;
}
