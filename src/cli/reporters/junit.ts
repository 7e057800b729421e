import { XMLBuilder } from 'fast-xml-parser';
import type { Finding } from '../../core/finding.ts';
import { rulePage } from '../../core/links.ts';
import type { Places, Report } from './report.ts';
import { visible } from './text.ts';

/** JUnit's XML as CI servers read it: a suite for each file with findings, a failed case for each finding. */
export function junitReport(report: Report, places: Places): string {
  const byFile = new Map<string, Finding[]>();
  for (const f of report.findings) byFile.set(f.file, [...(byFile.get(f.file) ?? []), f]);
  const count = report.findings.length;
  const suites = [...byFile].map(([file, findings]) => ({
    '@name': places.name(file),
    '@tests': findings.length,
    '@failures': findings.length,
    testcase: findings.map((f) => testCase(f, places)),
  }));
  // A report without a case counts as one that was not made.
  const clean = {
    '@name': 'headroom',
    '@tests': 1,
    '@failures': 0,
    testcase: [{ '@name': `${report.scan.files} files without findings`, '@classname': 'headroom' }],
  };
  const builder = new XMLBuilder({
    attributeNamePrefix: '@',
    ignoreAttributes: false,
    format: true,
    suppressBooleanAttributes: false,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': 'headroom',
      '@tests': Math.max(count, 1),
      '@failures': count,
      '@time': (report.milliseconds / 1000).toFixed(3),
      testsuite: suites.length > 0 ? suites : [clean],
    },
  });
}

function testCase(finding: Finding, places: Places): object {
  const name = places.name(finding.file);
  const { line, column } = places.range(finding.file, finding.span).start;
  const related = finding.related.map(
    (r) => `${places.name(r.file)}:${places.range(r.file, r.span).start.line}: ${r.message}`,
  );
  const text = [`${name}:${line}:${column}: ${finding.message}`, ...related, rulePage(finding.rule)];
  return {
    '@name': `${finding.rule} at line ${line}`,
    '@classname': name,
    '@file': name,
    '@line': line,
    failure: {
      '@type': finding.severity,
      '@message': visible(finding.message),
      '#text': visible(text.join('\n')),
    },
  };
}
