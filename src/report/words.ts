/** Words that the reports share. */

import { bytesText } from '../budget/describe.ts';
import { SEVERITIES, type Severity } from '../core/finding.ts';
import type { Status } from '../review/checklist.ts';
import type { ReviewDocument } from '../review/document.ts';
import type { Risk } from '../review/next-steps.ts';

export { bytesText } from '../budget/describe.ts';

/** A sign for each answer, besides its word. */
export const SIGNS: Readonly<Record<Status, string>> = { yes: '✓', no: '✗', unknown: '?' };

export const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = {
  error: '✗',
  warning: '▲',
  information: 'i',
  hint: '·',
};

export const LANGUAGES = { rust: 'Rust', go: 'Go' } as const;

/** What is at risk, in a few words. */
export function riskText(risk: Risk): string {
  switch (risk.kind) {
    case 'fails':
      return 'fails now';
    case 'unbounded':
      return 'no bound';
    case 'node':
      return 'the node';
    case 'bytes':
      return bytesText(risk.bytes);
    default:
      return '';
  }
}

/** `2 services in 10 containers; 3 errors, 12 warnings`. */
export function headline({ summary }: ReviewDocument): string {
  const { services, containers, findings } = summary;
  const counts = SEVERITIES.filter((s) => findings[s] > 0).map((s) => counted(findings[s], s));
  const run =
    services === 0
      ? 'No container here runs a program of this workspace'
      : `${counted(services, 'service')} in ${counted(containers, 'container')}`;
  return `${run}; ${counts.length > 0 ? counts.join(', ') : 'no findings'}`;
}

/** `1 file`, `2 files`, `3 information`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 || noun === 'information' ? '' : 's'}`;
}
