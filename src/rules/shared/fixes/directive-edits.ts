import type { DirectiveFile, JudgedDirective } from '../../../core/directive.ts';
import type { Edit } from '../../../core/finding.ts';
import type { Span } from '../../../core/span.ts';

/** Where a word stands in the comment; the whole comment when it cannot be found. */
export function spanOfWord(input: DirectiveFile, directive: JudgedDirective, word: string): Span {
  const at = input.text.slice(directive.span.start, directive.span.end).indexOf(word);
  if (at < 0) return directive.span;
  const start = directive.span.start + at;
  return { start, end: start + word.length };
}

/**
 * Takes rules out of an ignore. When none is left the comment goes: with its line if it stands alone, else
 * with the blanks before it.
 */
export function withoutRules(
  input: DirectiveFile,
  directive: JudgedDirective,
  gone: readonly string[],
): Edit[] {
  const { body } = directive;
  if (body.kind !== 'ignore' && body.kind !== 'ignore-file') return [withoutComment(input, directive)];
  const left = body.rules.filter((r) => !gone.includes(r));
  if (left.length === 0) return [withoutComment(input, directive)];
  const first = spanOfWord(input, directive, body.rules[0] as string);
  const last = spanOfWord(input, directive, body.rules.at(-1) as string);
  return [{ file: input.file, span: { start: first.start, end: last.end }, newText: left.join(', ') }];
}

/** Removes the whole comment. */
export function withoutComment(input: DirectiveFile, directive: JudgedDirective): Edit {
  const { text } = input;
  let { start, end } = directive.span;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  if (directive.alone) {
    if (text[end] === '\r') end++;
    if (text[end] === '\n') end++;
  }
  return { file: input.file, span: { start, end }, newText: '' };
}
