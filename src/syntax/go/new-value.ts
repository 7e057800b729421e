/**
 * Go 1.26 takes a value in `new(…)`; the grammar knows only the type that stood there before. The parser therefore reads
 * such a call under another name of the same length: every offset stays true, and names are read from the text itself.
 */

const CALL = 'new(';
/** The end of nearly every call: a type by its name. */
const NAMED = /\*?[A-Za-z_]\w*(?:\.\w+)?\)/y;
/** No longer argument is looked at: what has no end within it is not closed yet. In UTF-16 units. */
const MAX_ARGUMENT = 2000;

/** What may stand in front of a type's name. */
const PREFIX = /^(?:\*|\[[^[\]]*\]|map\[[^[\]]*\]|<-\s*chan\b|chan\b(?:\s*<-)?|\s)+/;
const TYPE = /^(?:[^\W\d]\w*(?:\.\w+)?(?:\[[^()]*\])?|(?:func|struct|interface)\b.*|\([\w.*\s]*\))\s*,?$/s;

/** The text with every `new` of a value replaced by a name that is no keyword of the grammar. */
export function withoutNewValues(text: string): string {
  let read = '';
  let copied = 0;
  for (let at = text.indexOf(CALL); at >= 0; at = text.indexOf(CALL, at + CALL.length)) {
    if (!isCall(text, at) || !isValue(text, at + CALL.length)) continue;
    read += `${text.slice(copied, at)}nev(`;
    copied = at + CALL.length;
  }
  return copied === 0 ? text : read + text.slice(copied);
}

/** False for the end of another name. */
function isCall(text: string, at: number): boolean {
  return at === 0 || !/[\w.]/.test(text[at - 1] as string);
}

/** True when the argument that begins at an offset can be no type. */
function isValue(text: string, start: number): boolean {
  NAMED.lastIndex = start;
  if (NAMED.test(text)) return false;
  let depth = 0;
  for (let i = start; i < Math.min(text.length, start + MAX_ARGUMENT); i++) {
    const c = text[i] as string;
    if (c === '"' || c === '`' || c === "'") i = endOfText(text, i);
    else if (c === '(' || c === '{' || c === '[') depth++;
    else if ((c === ')' || c === '}' || c === ']') && depth-- === 0) {
      const argument = text.slice(start, i).trim();
      return argument !== '' && !TYPE.test(argument.replace(PREFIX, ''));
    }
  }
  return false;
}

/** Offset of the quote that closes the one at `open`. */
function endOfText(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\' && text[open] !== '`') i++;
    else if (text[i] === text[open]) return i;
  }
  return text.length;
}
