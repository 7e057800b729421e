/** Whether what a workspace ships says that something is served to others than the machine itself. */
import type { LocalDefault } from '../core/finding.ts';
import { isTestPath } from '../program/test-code.ts';

/** All networks (and no range of addresses), or a port without an address: `0.0.0.0:80`, `--listen=:8080`, `"[::]"`. */
const PUBLIC = /(?<![\d.])0\.0\.0\.0(?![\d.]|\/\d)|\[::\]|(^|[\s"'=,[]):\d{2,5}(?=$|[\s"',\]])/m;

/**
 * A file that is shipped names all networks, the port of one of the addresses, or what sets another: then the program is
 * meant to be reached from outside.
 * @param shipped files and their texts
 */
export function isPublished(
  { addresses, settings }: LocalDefault,
  shipped: readonly (readonly [string, string])[],
  root: string,
): boolean {
  const words = [...addresses.flatMap((a) => /(?<=:)\d{2,5}(?=\D*$)/.exec(a) ?? []), ...settings];
  const named =
    words.length > 0
      ? new RegExp(`(?<![\\w-])(${words.map((w) => w.replace(/\W/g, '\\$&')).join('|')})(?![\\w-])`)
      : undefined;
  return shipped.some(([file, text]) => {
    if (isTestPath(file, root) || /(^|\/)\.github\//.test(file)) return false;
    const said = text.replace(/^\s*#.*$/gm, '');
    return PUBLIC.test(said) || named?.test(said) === true;
  });
}
