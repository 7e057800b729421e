import type { Severity } from '../../core/finding.ts';
import type { Places, Report } from './report.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: 'critical',
  warning: 'major',
  information: 'minor',
  hint: 'info',
};

/** GitLab's Code Quality report. https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function gitlabReport(report: Report, places: Places): string {
  const fingerprints = places.fingerprints(report.findings);
  const issues = report.findings.map((f, i) => {
    const { start, end } = places.range(f.file, f.span);
    return {
      description: f.message,
      check_name: f.rule,
      fingerprint: fingerprints[i],
      severity: SEVERITIES[f.severity],
      location: { path: places.name(f.file), lines: { begin: start.line, end: end.line } },
    };
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}
