import { createHash } from 'node:crypto';

/** A name for content that no other content has. Texts are taken as UTF-8; where one part ends does not count. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
