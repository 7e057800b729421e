import { rulePage } from '../../core/links.ts';
import type { Places, Report } from './report.ts';

/** The machine-readable report. Its shape is a contract: fields are added, never changed. */
export function jsonReport(report: Report, places: Places): string {
  const at = (file: string, span: { start: number; end: number }) => ({
    file: places.name(file),
    range: places.range(file, span),
  });
  return `${JSON.stringify({
    version: 1,
    findings: report.findings.map((f) => ({
      rule: f.rule,
      severity: f.severity,
      confidence: f.confidence,
      message: f.message,
      ...at(f.file, f.span),
      related: f.related.map((r) => ({ ...at(r.file, r.span), message: r.message })),
      fixes: f.fixes.map((fix) => ({
        title: fix.title,
        applicability: fix.applicability,
        edits: fix.edits().map((e) => ({ ...at(e.file, e.span), newText: e.newText })),
      })),
      url: rulePage(f.rule),
    })),
    notices: report.notices.map((n) => ({ file: places.name(n.file), message: n.message })),
    summary: {
      files: report.scan.files,
      bytes: report.scan.bytes,
      milliseconds: Math.round(report.milliseconds),
    },
  })}\n`;
}
