import { sizeUnits } from '../../knowledge/numbers.ts';
import { compute } from './amount.ts';

/**
 * A whole number, as a literal of Rust or Go (`1_000usize`, `0x10`, `1e6`, `0755`) or as a size a person writes
 * (`64MiB`, `512 KB`); undefined for anything else. Units of bytes: `MB` is a million, `MiB` and `Mi` are 2^20.
 */
export function parseSize(text: string): bigint | undefined {
  const plain = text.trim().replaceAll('_', '');
  const literal = /^(0[xX][0-9a-fA-F]+?|0[oO][0-7]+|0[bB][01]+|\d+)([ui](?:8|16|32|64|128|size))?$/.exec(
    plain,
  );
  if (literal) {
    const digits = literal[1] as string;
    // Go's old octal; Rust has leading zeros too, and nobody writes them for sizes.
    return BigInt(
      /^0\d+$/.test(digits) ? `0o${digits.slice(1)}`.replace(/[89].*/, '0') : digits.toLowerCase(),
    );
  }
  const sized = /^(\d+)(?:\.(\d+))?\s*(?:[eE]\+?(\d{1,2})|([a-zA-Z]{1,3}))?$/.exec(plain);
  if (!sized) return undefined;
  const [, whole = '', fraction = '', exponent, unit = ''] = sized;
  const key = unit.toLowerCase();
  const factor = exponent === undefined ? own(key) : 10n ** BigInt(exponent);
  if (factor === undefined) return undefined;
  const scaled = BigInt(whole + fraction) * factor;
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? scaled / divisor : undefined;
}

/** Longest operators first. */
const TOKEN = /\s*(?:(\d[\w.]*)|([A-Za-z_][\w:]*)|(<<|>>|[-+*/%()]))/y;
const STRENGTH: Readonly<Record<string, number>> = {
  '<<': 1,
  '>>': 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '%': 3,
};

/** An expression of an attribute, such as `64 * 1024` or `DEFAULT_ITEMS`; `name` gives the values of constants. */
export function evaluateText(text: string, name: (path: string) => bigint | undefined): bigint | undefined {
  const tokens: string[] = [];
  const trimmed = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const m = TOKEN.exec(trimmed);
    // What is no expression may still be a size: `64 MiB`.
    if (!m) return parseSize(trimmed);
    tokens.push(m[1] ?? m[2] ?? (m[3] as string));
  }
  let at = 0;
  const primary = (): bigint | undefined => {
    const token = tokens[at++];
    if (token === undefined) return undefined;
    if (token === '(') {
      const inner = expression(0);
      return tokens[at++] === ')' ? inner : undefined;
    }
    if (/^\d/.test(token)) return parseSize(token);
    // `1000 as usize` reads as a name behind a number, which ends the expression.
    return /^[A-Za-z_]/.test(token) ? name(token) : undefined;
  };
  const expression = (least: number): bigint | undefined => {
    let left = primary();
    for (;;) {
      const operator = tokens[at];
      const strength = operator === undefined ? undefined : STRENGTH[operator];
      if (operator === undefined || strength === undefined || strength < least + 1) return left;
      at++;
      const right = expression(strength);
      left = left === undefined || right === undefined ? undefined : compute(operator, left, right);
    }
  };
  const value = expression(0);
  if (tokens[at] === 'as') at += 2;
  return at >= tokens.length ? value : parseSize(trimmed);
}

function own(unit: string): bigint | undefined {
  return Object.hasOwn(sizeUnits, unit) ? sizeUnits[unit] : undefined;
}
