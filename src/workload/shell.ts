/** Enough of a shell's grammar to see which commands a build step or an entry point runs. */

/** One simple command: its words without quotes, variable assignments in front taken off. */
export interface ShellCommand {
  readonly words: readonly string[];
  readonly assignments: ReadonlyMap<string, string>;
}

/** The simple commands of a script in order, whatever joins them. Substitutions stay in the words as written. */
export function shellCommands(text: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  const finish = () => {
    const assignments = new Map<string, string>();
    let at = 0;
    for (; at < words.length; at++) {
      const word = words[at]!;
      const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
      if (assigned) assignments.set(assigned[1]!, assigned[2]!);
      else if (!/^(if|then|else|elif|do|while|until|!|\{|env|exec|time|sudo|nohup|@|export)$/.test(word))
        break;
    }
    if (at < words.length || assignments.size > 0) commands.push({ words: words.slice(at), assignments });
    words = [];
  };
  let word = '';
  let inWord = false;
  const endWord = () => {
    if (inWord) words.push(word);
    word = '';
    inWord = false;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "'" || c === '"') {
      const close = closingQuote(text, i);
      word += text.slice(i + 1, close);
      inWord = true;
      i = close;
    } else if (c === '\\') {
      if (text[i + 1] === '\n' || text[i + 1] === '\r') i += text[i + 1] === '\r' ? 2 : 1;
      else {
        word += text[++i] ?? '';
        inWord = true;
      }
    } else if (c === '$' && (text[i + 1] === '(' || text[i + 1] === '{')) {
      const close = closingBracket(text, i + 1);
      word += text.slice(i, close + 1);
      inWord = true;
      i = close;
    } else if (c === '&' && (/[<>]/.test(text[i - 1] ?? '') || text[i + 1] === '>')) {
      // `2>&1` and `&>file` say where output goes.
      word += c;
      inWord = true;
    } else if (/[;&|\n()]/.test(c)) {
      endWord();
      finish();
    } else if (/\s/.test(c)) endWord();
    else if (c === '#' && !inWord) {
      while (i + 1 < text.length && text[i + 1] !== '\n') i++;
    } else {
      word += c;
      inWord = true;
    }
  }
  endWord();
  finish();
  return commands;
}

/** True when a script puts a command into the background. */
export function hasBackground(script: string): boolean {
  return /(?<=[^&<>])&(?![&>])/.test(script);
}

function closingQuote(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\' && text[open] === '"') i++;
    else if (text[i] === text[open]) return i;
  }
  return text.length;
}

function closingBracket(text: string, open: number): number {
  const [from, to] = text[open] === '(' ? ['(', ')'] : ['{', '}'];
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === from) depth++;
    else if (text[i] === to && --depth === 0) return i;
  }
  return text.length;
}

/** Puts values in the place of `$NAME`, `${NAME}`, `${NAME:-default}` and make's `$(NAME)`; what is not known stays. */
export function substitute(text: string, value: (name: string) => string | undefined): string {
  let result = text;
  for (let round = 0; round < 4; round++) {
    const next = result.replace(
      /\$\{(\w+)(?::?([-+?])([^{}]*))?\}|\$\((\w+)\)|\$(\w+)/g,
      (
        all,
        braced: string | undefined,
        operator: string | undefined,
        other: string,
        make: string,
        bare: string,
      ) => {
        const known = value((braced ?? make ?? bare) as string);
        if (operator === '+') return known ? other : '';
        return known ?? (operator === '-' ? other : all);
      },
    );
    if (next === result) break;
    result = next;
  }
  return result;
}
