import { nearest } from './nearest.ts';
import type { Span } from './span.ts';
import type { LineIndex } from './text-position.ts';

/** What a `headroom:` comment says. Sizes are bytes. */
export type DirectiveBody =
  /** Silences rules on its line (`ignore`) or in its file (`ignore-file`). */
  | { readonly kind: 'ignore' | 'ignore-file'; readonly rules: readonly string[]; readonly reason: string }
  /** A bound that no reader of the package can prove. */
  | { readonly kind: 'bounded'; readonly reason: string }
  /** A function's phase by hand. */
  | { readonly kind: 'hot' | 'cold'; readonly reason: string }
  /** The owner's word for the size of a declaration. */
  | { readonly kind: 'budget'; readonly bytes: number; readonly reason: string }
  /** A sentence that is meant for people. */
  | { readonly kind: 'prose' }
  /** What could not be understood, and why. */
  | { readonly kind: 'malformed'; readonly problem: string };

/** A `headroom:` comment with its place; `alone` as in `DirectiveFact`. */
export interface Directive {
  /** The comment, delimiters included. */
  readonly span: Span;
  readonly alone: boolean;
  readonly body: DirectiveBody;
}

/** A directive after the rules ran: what the rules about directives look at. */
export interface JudgedDirective extends Directive {
  /** Rules it names that ran on this file and had nothing to silence. Empty for anything but an ignore. */
  readonly unused: readonly string[];
  /** Rules it names that do not exist. */
  readonly unknown: readonly string[];
}

/** The directives of one file; the input of the rules under `src/rules/headroom/`. */
export interface DirectiveFile {
  readonly file: string;
  readonly text: string;
  readonly directives: readonly JudgedDirective[];
  /** Ids of all rules, for suggestions. */
  readonly knownRules: readonly string[];
}

/** What a directive may begin with. */
const WORDS = ['ignore', 'ignore-file', 'bounded', 'hot', 'cold', 'budget'];

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|Ki|Mi|Gi|Ti|k|K|M|G|T)?$/;
const FACTOR: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  k: 1e3,
  K: 1e3,
  MB: 1e6,
  M: 1e6,
  GB: 1e9,
  G: 1e9,
  TB: 1e12,
  T: 1e12,
  Ki: 2 ** 10,
  KiB: 2 ** 10,
  Mi: 2 ** 20,
  MiB: 2 ** 20,
  Gi: 2 ** 30,
  GiB: 2 ** 30,
  Ti: 2 ** 40,
  TiB: 2 ** 40,
};

/** Reads a size such as `64MiB`; answers bytes, or undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (FACTOR[match[2] ?? ''] as number));
}

/**
 * Reads what follows `headroom:` in a comment. Never throws: what cannot be read becomes `malformed` with the
 * problem in words.
 */
export function parseDirective(text: string): DirectiveBody {
  const [head, reason] = splitReason(text.trim());
  const [word = '', ...rest] = head.split(/\s+/).filter((w) => w !== '');
  const argument = rest.join(' ');
  switch (word) {
    case 'ignore':
    case 'ignore-file': {
      const rules = [
        ...new Set(
          argument
            .split(',')
            .map((r) => r.trim())
            .filter((r) => r !== ''),
        ),
      ];
      if (rules.length === 0) return { kind: 'malformed', problem: `\`${word}\` names no rule` };
      return { kind: word, rules, reason };
    }
    case 'bounded':
    case 'hot':
    case 'cold':
      if (argument !== '')
        return {
          kind: 'malformed',
          problem: `\`${word}\` takes no argument; write the reason after \`--\``,
        };
      return { kind: word, reason };
    case 'budget': {
      const bytes = parseSize(argument);
      if (bytes === undefined)
        return { kind: 'malformed', problem: `\`${argument}\` is not a size such as \`64MiB\`` };
      return { kind: 'budget', bytes, reason };
    }
    case '':
      return { kind: 'malformed', problem: 'nothing follows `headroom:`' };
    default: {
      const meant = nearest(word, WORDS);
      // `headroom: this suite draws nothing` is a sentence of somebody's own.
      if (meant === undefined && rest.length > 0) return { kind: 'prose' };
      const hint = meant === undefined ? '' : `; \`${meant}\` is`;
      return { kind: 'malformed', problem: `\`${word}\` is not a directive${hint}` };
    }
  }
}

/** The part before a free-standing `--`, and the reason after it (empty when there is none). */
function splitReason(text: string): [string, string] {
  const match = /(?:^|\s)--(?:\s|$)/.exec(text);
  if (!match) return [text, ''];
  return [text.slice(0, match.index), text.slice(match.index + match[0].length).trim()];
}

/** The line a directive speaks about: its own, or the next one that is neither blank, comment nor attribute. */
export function targetLine(
  lines: LineIndex,
  directive: { readonly span: Span; readonly alone: boolean },
): number {
  const own = lines.position(directive.span.start).line;
  if (!directive.alone) return own;
  let line = lines.position(directive.span.end).line + 1;
  for (; line <= lines.lines; line++) {
    const content = lines.line(line).trim();
    if (content !== '' && !content.startsWith('//') && !content.startsWith('#')) break;
  }
  return line;
}
