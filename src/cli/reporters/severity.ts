import { type Finding, SEVERITIES, type Severity } from '../../core/finding.ts';

/** True when `severity` is as grave as `least` or graver. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

/** `2 errors, 1 warning`; empty without findings. */
export function countsText(
  findings: readonly Finding[],
  paint: (severity: Severity, text: string) => string = (_, text) => text,
): string {
  return SEVERITIES.map((severity) => ({
    severity,
    n: findings.filter((f) => f.severity === severity).length,
  }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => paint(severity, plural(n, severity)))
    .join(', ');
}

/** `1 file`, `2 files`, `3 information`. */
export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 || noun === 'information' ? '' : 's'}`;
}
