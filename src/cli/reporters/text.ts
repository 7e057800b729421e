import type { createColors } from 'picocolors';
import type { Finding, Notice, Severity } from '../../core/finding.ts';
import { rulePage } from '../../core/links.ts';
import type { Span } from '../../core/span.ts';
import type { Places, Report } from './report.ts';
import { countsText, plural } from './severity.ts';

type Colors = ReturnType<typeof createColors>;

/** Longer lines are cut around the finding. */
const WIDTH = 140;

/** The report a person reads: every finding with its code, related places and fixes, then a summary. */
export function textReport(report: Report, places: Places, colors: Colors): string {
  const out: string[] = [];
  for (const finding of report.findings) out.push(findingText(finding, places, colors), '');
  out.push(...noticeLines(report.notices, places, colors));
  if (report.notices.length > 0) out.push('');
  out.push(summary(report, colors));
  return `${out.join('\n')}\n`;
}

/** More notices of one kind than this are counted instead of printed; the JSON report has them all. */
const NOTICES_PER_KIND = 5;

function noticeLines(notices: readonly Notice[], places: Places, colors: Colors): string[] {
  const kinds = new Map<string, Notice[]>();
  for (const notice of notices) {
    const kind = notice.message.replace(/\d+/g, '#');
    const same = kinds.get(kind);
    if (same) same.push(notice);
    else kinds.set(kind, [notice]);
  }
  const out: string[] = [];
  for (const same of kinds.values()) {
    const shown = same.length > NOTICES_PER_KIND + 1 ? same.slice(0, NOTICES_PER_KIND) : same;
    for (const { file, message } of shown)
      out.push(`${colors.cyan('note')} ${colors.bold(visible(places.name(file)))} ${visible(message)}`);
    if (shown.length < same.length)
      out.push(colors.dim(`     the same of ${same.length - shown.length} more; --format json lists them`));
  }
  return out;
}

/** One finding with its code frame. */
export function findingText(finding: Finding, places: Places, colors: Colors): string {
  const paint = severityPaint(finding.severity, colors);
  const out = [
    `${paint(finding.severity)} ${colors.bold(visible(finding.message))} ${colors.dim(`[${finding.rule}]`)}`,
    ...frame(finding.file, finding.span, places, colors, paint),
  ];
  for (const related of finding.related) {
    out.push(`  ${colors.dim('·')} ${visible(related.message)}`);
    out.push(...frame(related.file, related.span, places, colors, colors.blue));
  }
  for (const fix of finding.fixes)
    out.push(
      `  ${colors.green('fix')} ${visible(fix.title)}${fix.applicability === 'machine-applicable' ? colors.dim(' (--fix applies it)') : ''}`,
    );
  out.push(`  ${colors.dim(rulePage(finding.rule))}`);
  return out.join('\n');
}

/** `  --> file:line:column` and the line with the place underlined. */
function frame(
  file: string,
  span: Span,
  places: Places,
  colors: Colors,
  paint: (text: string) => string,
): string[] {
  const { start, end } = places.range(file, span);
  const lines = places.lines(file);
  const full = lines.line(start.line);
  const number = String(start.line);
  const gutter = ' '.repeat(number.length);
  const until = end.line > start.line ? full.length + 1 : end.column;
  // Far to the right in a very long line: show the part around the place.
  const from = start.column > WIDTH - 40 ? start.column - 41 : 0;
  const shown = full.slice(from, from + WIDTH);
  const width = Math.max(1, Math.min(until, from + shown.length + 1) - start.column);
  const before = shown.slice(0, start.column - 1 - from).replace(/[^\t]/g, ' ');
  return [
    `  ${colors.dim('-->')} ${visible(places.name(file))}:${start.line}:${start.column}`,
    `  ${colors.dim(`${number} |`)} ${visible(shown)}`,
    `  ${colors.dim(`${gutter} |`)} ${before}${paint('^'.repeat(width))}`,
  ];
}

/** Control characters of a file or its name must not reach the terminal. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

function summary({ findings, accepted, scan, milliseconds }: Report, colors: Colors): string {
  const counts = countsText(findings, (severity, text) => severityPaint(severity, colors)(text));
  const old = accepted > 0 ? `, ${accepted} accepted by the baseline` : '';
  const files = `${plural(scan.files, 'file')}, ${(scan.bytes / 1e6).toFixed(1)} MB, ${(milliseconds / 1000).toFixed(1)} s`;
  if (findings.length === 0) return `${colors.green('No findings')}${old} ${colors.dim(`(${files})`)}`;
  const fixable = findings.filter((f) =>
    f.fixes.some((x) => x.applicability === 'machine-applicable'),
  ).length;
  const hint = fixable > 0 ? `; --fix repairs ${fixable}` : '';
  return `${counts}${old}${hint} ${colors.dim(`(${files})`)}`;
}

function severityPaint(severity: Severity, colors: Colors): (text: string) => string {
  switch (severity) {
    case 'error':
      return colors.red;
    case 'warning':
      return colors.yellow;
    case 'information':
      return colors.blue;
    case 'hint':
      return colors.dim;
  }
}
