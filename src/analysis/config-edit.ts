import { lineEndOf } from '../core/edits.ts';
import type { Edit } from '../core/finding.ts';
import { setAt } from '../manifest/edit.ts';
import { cutDocuments, parseSlice } from '../manifest/parse-yaml.ts';

/**
 * The edits that set a rule to a level in a `headroom.yaml`, keeping everything else as it is written. A text without
 * content stands for a file that does not exist yet.
 * @returns undefined when the text is broken or is built in a way that cannot be edited safely
 */
export function setRuleLevel(
  file: string,
  text: string,
  rule: string,
  level: string,
): readonly Edit[] | undefined {
  const source = cutDocuments(text);
  const documents = source.slices.flatMap((slice) => parseSlice(source, slice));
  if (documents.some((document) => document.problems.length > 0)) return undefined;
  const root = documents.find((document) => document.root)?.root;
  if (!root || (root.kind === 'scalar' && root.text === '')) {
    const newLine = lineEndOf(text);
    const gap = text === '' || text.endsWith('\n') ? '' : newLine;
    const span = { start: text.length, end: text.length };
    return [{ file, span, newText: `${gap}rules:${newLine}  ${rule}: ${level}${newLine}` }];
  }
  if (root.kind !== 'map') return undefined;
  return setAt({ text, blanked: source.blanked, objects: [{ root }] }, root, ['rules', rule], level)?.map(
    (edit) => ({
      file,
      ...edit,
    }),
  );
}
