import { type Finding, SEVERITIES } from '../../core/finding.ts';
import { rulePage } from '../../core/links.ts';
import type { Places, Report } from './report.ts';
import { countsText, plural } from './severity.ts';

/** Comments on a pull request must not be longer than 65,536 characters; room is left for what a script adds. */
const MAX_LENGTH = 60_000;

/** A report for a comment on a pull request: a table by severity, with the places and what can be done. */
export function markdownReport(report: Report, places: Places): string {
  const files = plural(report.scan.files, 'file');
  if (report.findings.length === 0) return `### Headroom\n\nNo findings in ${files}.\n`;
  const head = `### Headroom: ${countsText(report.findings)}\n\n`;
  const foot = `\n<sub>${files}. “Ignore” a finding on its line with \`headroom: ignore RULE -- reason\`.</sub>\n`;
  const ordered = SEVERITIES.flatMap((severity) => report.findings.filter((f) => f.severity === severity));
  const sections: string[] = [];
  let length = head.length + foot.length;
  let shown = 0;
  for (const finding of ordered) {
    const section = findingSection(finding, places);
    if (length + section.length > MAX_LENGTH) break;
    sections.push(section);
    length += section.length;
    shown++;
  }
  const left = ordered.length - shown;
  if (left > 0) sections.push(`\n…and ${plural(left, 'finding')} more.\n`);
  return head + sections.join('\n') + foot;
}

function findingSection(finding: Finding, places: Places): string {
  const lines = [
    `- **${finding.severity}** ${prose(finding.message)} ([${finding.rule}](${rulePage(finding.rule)}))`,
    `  ${place(finding.file, finding.span, places)}`,
    ...finding.related.map((r) => `  - ${prose(r.message)} (${place(r.file, r.span, places)})`),
    ...finding.fixes.map((fix) => `  - fix: ${prose(fix.title)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function place(file: string, span: { start: number; end: number }, places: Places): string {
  return `\`${places.name(file).replace(/`/g, '')}:${places.range(file, span).start.line}\``;
}

/** Text outside of code spans with what Markdown and HTML would take for markup escaped. */
function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[\\*_[\]<>#|~@]/g, '\\$&')))
    .join('');
}
