import { lineEndOf } from '../core/edits.ts';
import type { Edit } from '../core/finding.ts';
import { type Fragment, setAt } from '../manifest/edit.ts';
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
  return setInConfig(file, text, ['rules', rule], level, `rules:\n  ${rule}: ${level}\n`);
}

/**
 * The edits that say in a `headroom.yaml` what a container runs; `source` is relative to the file. As for a rule, a
 * text without content stands for a file that does not exist yet.
 */
export function setService(
  file: string,
  text: string,
  service: { readonly name: string; readonly source: string; readonly workload: string | undefined },
): readonly Edit[] | undefined {
  const { name, source, workload } = service;
  const entries: [string, string][] = [['source', JSON.stringify(source)]];
  if (workload !== undefined)
    entries.push(['container', JSON.stringify(name)], ['workload', JSON.stringify(workload)]);
  const whole = `services:\n  ${name}:\n${entries.map(([k, v]) => `    ${k}: ${v}\n`).join('')}`;
  return setInConfig(file, text, ['services', name], { map: entries }, whole);
}

/** Sets a value in the settings, or writes `whole` where there is no content yet. */
function setInConfig(
  file: string,
  text: string,
  path: readonly string[],
  value: Fragment,
  whole: string,
): readonly Edit[] | undefined {
  const source = cutDocuments(text);
  const documents = source.slices.flatMap((slice) => parseSlice(source, slice));
  if (documents.some((document) => document.problems.length > 0)) return undefined;
  const root = documents.find((document) => document.root)?.root;
  if (!root || (root.kind === 'scalar' && root.text === '')) {
    const newLine = lineEndOf(text);
    const gap = text === '' || text.endsWith('\n') ? '' : newLine;
    const span = { start: text.length, end: text.length };
    return [{ file, span, newText: `${gap}${whole.replaceAll('\n', newLine)}` }];
  }
  if (root.kind !== 'map') return undefined;
  return setAt({ text, blanked: source.blanked, objects: [{ root }] }, root, path, value)?.map((edit) => ({
    file,
    ...edit,
  }));
}
