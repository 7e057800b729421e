/** `.env` files: what compose puts in the place of `${NAME}`. */

export const VARIABLES_NAME = /(^|\/)(\.env|[\w-]+\.env)$/;

/** Reads `NAME=value` lines; later ones win, as compose reads them. Comments, `export` and quotes are dropped. */
export function readVariables(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    const value = match[2]!;
    const quoted = /^(["'])(.*?)\1/.exec(value);
    variables.set(match[1]!, quoted ? quoted[2]! : value.replace(/(^|\s+)#.*$/, ''));
  }
  return variables;
}
