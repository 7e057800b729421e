/** Sizes as Docker and compose read them. */

const POWERS = ['', 'k', 'm', 'g', 't', 'p'];

/**
 * Reads a size as compose does: units are binary and their case does not matter, so `512m`, `512M`, `512MB` and
 * `512MiB` are all 512 MiB. Source: docker/go-units, `RAMInBytes`.
 * @returns undefined when compose rejects the text
 */
export function parseComposeBytes(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?\s?(?:([kmgtp])i?b?|b)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const scale = 1024n ** BigInt(POWERS.indexOf(unit.toLowerCase()));
  return (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
}
