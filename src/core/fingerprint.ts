import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Place } from './span.ts';

/** A finding as far as its identity goes. */
export type Identified = Place & { readonly rule: string };

/**
 * One name for each finding that stays the same when lines move: made of the rule, the file and the text of the line,
 * with a number for findings that agree in all of these. 32 hexadecimal digits, then `:1`, `:2`, ….
 * @param findings sorted by place
 * @param name the file as it is called wherever the fingerprints are kept
 * @param lineAt the text of the line on which a place begins
 */
export function fingerprints(
  findings: readonly Identified[],
  name: (file: string) => string,
  lineAt: (place: Place) => string,
): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const line = lineAt(finding).trim().replace(/\s+/g, ' ');
    const parts = [finding.rule, name(finding.file), line].join('\0');
    const digest = bytesToHex(sha256(utf8ToBytes(parts))).slice(0, 32);
    const nth = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, nth);
    return `${digest}:${nth}`;
  });
}

/** The line of a text in which an offset lies, without its end. */
export function lineAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? text.length : end);
}
