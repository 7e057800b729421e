/** Hovers on findings and on candidates that stay silent. */
import type { Exemption, Finding } from '../core/finding.ts';
import { handbookPage, rulePage } from '../core/links.ts';
import { fill, type RuleMeta } from '../core/rule.ts';
import { chapterOf, chapters } from '../knowledge/handbook.ts';
import { isMyth, mythSection, type PlaceName } from './markdown.ts';

const CERTAINTY = {
  high: 'Proven as far as the workspace shows.',
  medium: 'Likely, not proven.',
  low: 'A pattern without proof.',
} as const;

/**
 * Why a finding matters, how much it is, what would make it silent.
 * @param shown the reader sees message and related places already
 */
export function findingSection(
  finding: Finding,
  meta: RuleMeta | undefined,
  nameOf: PlaceName,
  shown = false,
): string {
  const note = meta?.note;
  const lines = shown ? [] : [`**${finding.rule}** — ${finding.message}`];
  const why = [note?.why, CERTAINTY[finding.confidence]].filter(Boolean);
  lines.push(why.join(' '));
  if (note?.arithmetic) lines.push(`*How much:* ${note.arithmetic}.`);
  if (!shown && finding.related.length > 0) {
    lines.push(finding.related.map((r) => `- ${r.message}: ${nameOf(r)}`).join('\n'));
  }
  const silence = note?.silence ?? silenceOf(meta);
  if (silence) lines.push(`*Silent when* ${silence}.`);
  const chapter = chapterOf(finding.rule);
  const handbook = chapter ? ` · [Handbook: ${chapters[chapter]}](${handbookPage(chapter)})` : '';
  lines.push(`[About ${shown ? finding.rule : 'this rule'}](${rulePage(finding.rule)})${handbook}`);
  if (isMyth(note?.myth)) lines.push(mythSection(note.myth));
  return lines.join('\n\n');
}

/** Why nothing is said about a candidate. */
export function exemptionSection(exemption: Exemption, nameOf: PlaceName): string {
  const where = exemption.where ? ` (${nameOf(exemption.where)})` : '';
  return `**${exemption.rule}** is silent here: ${exemption.message}${where}. [About this rule](${rulePage(exemption.rule)})`;
}

/** The reasons a rule knows, without doubles: several keys may share a wording. */
function silenceOf(meta: RuleMeta | undefined): string {
  if (!meta) return '';
  const texts = Object.entries(meta.exemptions).map(([key, template]) => {
    const holes = Object.fromEntries([...template.matchAll(/\{(\w+)\}/g)].map((m) => [m[1], '…']));
    // A wording that is all hole says less than the key.
    const text = fill(template, holes);
    return text.endsWith('…') && text.length < 40 ? key.replaceAll('-', ' ') : text;
  });
  return [...new Set(texts)].join('; ');
}
