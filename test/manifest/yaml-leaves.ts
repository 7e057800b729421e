import { expect } from 'vitest';
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';

/** All comments of a text in order; quotes and block scalars of these texts hold no `#`. */
export function comments(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => /(?:^|\s)(#.*)$/.exec(line)?.[1] ?? []);
}

/** What a text says, as lines `path = value`, aliases by name and merge keys as they stand. */
export function leaves(text: string): string[] {
  const out: string[] = [];
  const walk = (node: Node | null, path: string): void => {
    if (isAlias(node)) out.push(`${path} = *${node.source}`);
    else if (isMap(node)) {
      if (node.anchor) out.push(`${path} &${node.anchor}`);
      if (node.items.length === 0) out.push(`${path} = {}`);
      for (const pair of node.items)
        walk(pair.value as Node | null, `${path}/${(pair.key as { value?: unknown }).value}`);
    } else if (isSeq(node)) {
      for (const [i, item] of node.items.entries()) walk(item as Node, `${path}/${i}`);
    } else out.push(`${path} = ${isScalar(node) ? String(node.value) : ''}`);
  };
  const documents = parseAllDocuments(text, { uniqueKeys: false, schema: 'failsafe', logLevel: 'silent' });
  for (const [i, document] of (documents as Exclude<typeof documents, { empty: true }>).entries()) {
    expect(document.errors).toEqual([]);
    walk(document.contents as Node | null, String(i));
  }
  return out;
}
