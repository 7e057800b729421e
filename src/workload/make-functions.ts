/** Functions of a Makefile: what `define` names and `$(call …)` puts in its place. */

/** The text a call stands for, with where the call is written. */
export interface Expansion {
  readonly text: string;
  readonly span: { readonly start: number; readonly end: number };
}

/** How many functions may call each other in a chain. */
const MAX_DEPTH = 6;
/** A file with more calls than this is not written by hand. */
const MAX_CALLS = 500;

/** What the calls of a text stand for; those inside of functions count where the function is called. */
export function expansionsIn(text: string): Expansion[] {
  const bodies = new Map<string, string>();
  const definitions = /^define[^\S\n]+([\w.-]+)[^\n]*\n([\s\S]*?)^endef\b/gm;
  // Blanks in place of the definitions keep every offset.
  const calling = text.replace(definitions, (whole, name: string, body: string) => {
    bodies.set(name, body);
    return ' '.repeat(whole.length);
  });
  if (bodies.size === 0) return [];
  let left = MAX_CALLS;
  const expand = (call: Call, depth: number): string => {
    const body = bodies.get(call.name);
    if (body === undefined || depth > MAX_DEPTH || left-- <= 0) return '';
    const put = body.replace(
      /\$(?:\((\d)\)|\{(\d)\}|(\d))/g,
      (_, a, b, c) => call.words[Number(a ?? b ?? c) - 1] ?? '',
    );
    const inner = callsIn(put).map((c) => expand(c, depth + 1));
    return [put, ...inner].join('\n');
  };
  return callsIn(calling).map((call) => ({ text: expand(call, 0), span: call.span }));
}

interface Call {
  readonly name: string;
  readonly words: readonly string[];
  readonly span: { readonly start: number; readonly end: number };
}

function callsIn(text: string): Call[] {
  return [...text.matchAll(/\$[({]call[^\S\n]+([\w.-]+)[^\S\n]*/g)].flatMap((match) => {
    const words: string[] = [];
    let depth = 1;
    let from = match.index + match[0].length;
    // The name may be followed by its arguments, or by the end of the call.
    if (text[from] === ',') from++;
    for (let at = from; at < text.length && text[at] !== '\n'; at++) {
      const c = text[at];
      if (c === '(' || c === '{') depth++;
      else if (c === ')' || c === '}') depth--;
      if (depth === 0 || (c === ',' && depth === 1)) {
        words.push(text.slice(from, at).trim());
        from = at + 1;
      }
      if (depth === 0) return [{ name: match[1]!, words, span: { start: match.index, end: at + 1 } }];
    }
    return [];
  });
}
