import { isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { lineEndOf } from '../core/edits.ts';
import type { Edit } from '../core/finding.ts';

/**
 * The edit that sets a rule to a level in a `headroom.yaml`, keeping everything else as it is written. An empty text
 * stands for a file that does not exist yet.
 * @returns undefined when the text is broken or is built in a way that cannot be edited safely
 */
export function setRuleLevel(file: string, text: string, rule: string, level: string): Edit | undefined {
  const insert = (offset: number, newText: string): Edit => ({
    file,
    span: { start: offset, end: offset },
    newText,
  });
  const end = lineEndOf(text);
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  if (document.errors.length > 0) return undefined;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    const newLine = text === '' || text.endsWith('\n') ? '' : end;
    return insert(text.length, `${newLine}rules:${end}  ${rule}: ${level}${end}`);
  }
  if (!isMap(root)) return undefined;
  const rules = pairOf(root, 'rules');
  if (!rules) {
    if (root.flow)
      return insert(root.range![1] - 1, `${root.items.length > 0 ? ', ' : ''}rules: { ${rule}: ${level} }`);
    const at = contentEnd(text, root);
    return insert(at, `${end}${indentOf(text, root)}rules:${end}${indentOf(text, root)}  ${rule}: ${level}`);
  }
  const map = rules.value;
  if (map === null || (isScalar(map) && map.value === null)) {
    const key = rules.key as Node;
    const colon = text.indexOf(':', key.range![1]);
    return insert(colon + 1, `${end}${indentOf(text, root)}  ${rule}: ${level}`);
  }
  if (!isMap(map)) return undefined;
  const own = pairOf(map, rule)?.value;
  if (isScalar(own) && own.range) {
    return { file, span: { start: own.range[0], end: own.range[1] }, newText: level };
  }
  if (own !== undefined) return undefined;
  if (map.flow) return insert(map.range![1] - 1, `${map.items.length > 0 ? ', ' : ' '}${rule}: ${level} `);
  return insert(contentEnd(text, map), `${end}${indentOf(text, map)}${rule}: ${level}`);
}

function pairOf(map: YAMLMap, key: string): Pair<unknown, unknown> | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Where the line with the last value of a block map ends; comments behind it belong to that line. */
function contentEnd(text: string, map: YAMLMap): number {
  let last: unknown = map;
  while (isMap(last) && !last.flow && last.items.length > 0) {
    const pair: Pair = last.items.at(-1)!;
    last = pair.value === null || (isScalar(pair.value) && pair.value.value === null) ? pair.key : pair.value;
  }
  const from = (last as Node).range![1];
  const line = text.indexOf('\n', Math.max(0, from - 1));
  if (line < 0) return text.length;
  return text[line - 1] === '\r' ? line - 1 : line;
}

/** The white space before the first key of a block map. */
function indentOf(text: string, map: YAMLMap): string {
  const start = map.range![0];
  const line = text.lastIndexOf('\n', start - 1) + 1;
  return /^ */.exec(text.slice(line, start))![0];
}
