/** How compose puts variables into a text. */

export type Variables = ReadonlyMap<string, string>;

const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\}|\$([A-Za-z_]\w*)/g;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and their kin as compose does with these variables and an empty
 * environment.
 * @returns undefined when the person who starts it must supply a variable
 */
export function interpolate(text: string, variables: Variables): string | undefined {
  let known = true;
  const result = text.replace(
    VARIABLE,
    (whole, braced?: string, operator?: string, word = '', plain?: string) => {
      if (whole === '$$') return '$';
      const value = variables.get(braced ?? plain ?? '');
      const isSet = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
      if (operator?.endsWith('+')) return isSet ? word : '';
      if (isSet) return value!;
      if (operator?.endsWith('-')) return word;
      known = false;
      return '';
    },
  );
  return known && !/\$\{/.test(result) ? result : undefined;
}
