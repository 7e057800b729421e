import type { Finding, Severity } from '../../core/finding.ts';
import type { Places, Report } from './report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/**
 * Workflow commands that GitHub turns into annotations on the changed lines, one a line.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubReport(report: Report, places: Places): string {
  return report.findings.map((f) => `${annotation(f, places)}\n`).join('');
}

function annotation(finding: Finding, places: Places): string {
  const { start, end } = places.range(finding.file, finding.span);
  const properties = {
    file: places.name(finding.file),
    line: start.line,
    endLine: end.line,
    // GitHub takes columns only for places within one line.
    ...(end.line === start.line ? { col: start.column, endColumn: end.column } : {}),
    title: `Headroom: ${finding.rule}`,
  };
  const head = Object.entries(properties)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`)
    .join(',');
  const related = finding.related.map((r) => {
    const at = places.range(r.file, r.span).start;
    return `${places.name(r.file)}:${at.line}: ${r.message}`;
  });
  return `::${COMMANDS[finding.severity]} ${head}::${escapeData([finding.message, ...related].join('\n'))}`;
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
