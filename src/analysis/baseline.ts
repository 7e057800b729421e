import * as z from 'zod/mini';
import type { Finding, Notice } from '../core/finding.ts';
import { fingerprints, lineAround } from '../core/fingerprint.ts';
import { folderOf } from '../program/project.ts';
import { within } from './file-kind.ts';

const BaselineSchema = z.object({
  version: z.literal(1),
  findings: z.array(
    z.object({ rule: z.string(), file: z.string(), message: z.string(), fingerprint: z.string() }),
  ),
});

/** Findings somebody accepted: they stay away until their line, file or rule changes. */
export interface Baseline {
  readonly file: string;
  readonly accepted: ReadonlySet<string>;
}

/** Reads a baseline. One that is broken accepts nothing and says what to do. */
export function readBaseline(
  file: string,
  text: string,
): { readonly baseline?: Baseline; readonly notices: readonly Notice[] } {
  const remedy = 'write it anew with `headroom scan --write-baseline`';
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { notices: [{ file, message: `is not valid JSON, so it accepts no finding; ${remedy}` }] };
  }
  const parsed = BaselineSchema.safeParse(raw);
  if (!parsed.success)
    return {
      notices: [{ file, message: `is not a baseline of this version, so it accepts no finding; ${remedy}` }],
    };
  const accepted = new Set(parsed.data.findings.map((f) => f.fingerprint));
  return { baseline: { file, accepted }, notices: [] };
}

/** The text of a baseline at `file` that accepts these findings; the order is theirs, so that a diff can be read. */
export function writeBaseline(
  file: string,
  findings: readonly Finding[],
  text: (file: string) => string,
): string {
  const folder = folderOf(file);
  const names = identify(folder, findings, text);
  const entries = findings.map((f, i) => ({
    rule: f.rule,
    file: within(folder, f.file) ?? f.file,
    message: f.message,
    fingerprint: names[i] as string,
  }));
  return `${JSON.stringify({ version: 1, findings: entries }, null, 2)}\n`;
}

/** The findings below the baseline's folder that it does not accept, and all others. */
export function withoutAccepted(
  { file, accepted }: Baseline,
  findings: readonly Finding[],
  text: (file: string) => string,
): Finding[] {
  const names = identify(folderOf(file), findings, text);
  return findings.filter((_, i) => !accepted.has(names[i] as string));
}

function identify(folder: string, findings: readonly Finding[], text: (file: string) => string): string[] {
  return fingerprints(
    findings,
    (name) => within(folder, name) ?? name,
    (place) => lineAround(text(place.file), place.span.start),
  );
}
