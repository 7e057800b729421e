/** The head of an inline module that is there only in tests, at the start of a line. */
const TEST_MODULE =
  /^#\[cfg\((?:test|all\(test\b[^\n]*\))\)\]\n(?:#\[[^\n]*\]\n)*(?:pub(?:\([a-z]+\))? )?mod \w+ \{\n/gm;

/**
 * Where the module of tests begins that a Rust file ends with, in UTF-16 units; the length of the text where it ends
 * with none, or with one that is not plainly to be told from other code without a parser: everything in it has to be
 * indented. It is often a third of the file, and nothing outside tests can name what it declares.
 */
export function endBeforeTests(text: string): number {
  const end = text.trimEnd();
  if (!end.endsWith('\n}')) return text.length;
  TEST_MODULE.lastIndex = 0;
  for (let head = TEST_MODULE.exec(end); head; head = TEST_MODULE.exec(end)) {
    const start = startWithAttributes(text, head.index);
    const body = end.slice(head.index + head[0].length, -2);
    if (start !== undefined && !/^\S/m.test(body)) return start;
  }
  return text.length;
}

/** The start of the lines of attributes and comments right above a line; undefined where an attribute began earlier. */
function startWithAttributes(text: string, line: number): number | undefined {
  let start = line;
  while (start > 0) {
    const before = text.lastIndexOf('\n', start - 2) + 1;
    const content = text.slice(before, start - 1);
    if (/^(#\[.*\]|\/\/.*)$/.test(content)) start = before;
    else return /\]\s*$/.test(content) ? undefined : start;
  }
  return start;
}
