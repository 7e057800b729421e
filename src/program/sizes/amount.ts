import type { Place } from '../../core/span.ts';

/** What decides a number at run time. */
export interface Setting {
  readonly kind: 'env' | 'flag' | 'field';
  /** The variable, the flag, or `Config.items`. */
  readonly name: string;
  /** What it is when nobody sets it, where the program says so. */
  readonly fallback: bigint | undefined;
  readonly at: Place;
}

/** A number as far as the program tells it. */
export interface Amount {
  /** The number, or the default of one that is configured; undefined when it cannot be told. */
  readonly value: bigint | undefined;
  /** False when `value` is only the largest it can be. */
  readonly exact: boolean;
  /** Nothing but a limit, `n.min(MAX)`, of a number that nothing tells: it may as well be far less. */
  readonly isCeiling?: boolean;
  /** Where the number, or what decides it, is written. */
  readonly at: Place;
  /** What can change it at run time; empty for a constant. */
  readonly settings: readonly Setting[];
  /** Why `value` is not known; empty when it is. */
  readonly why: string;
  /** The container's environment gave it. */
  readonly given?: boolean;
}

export function known(value: bigint, at: Place): Amount {
  return { value, exact: true, at, settings: [], why: '' };
}

export function unknown(why: string, at: Place): Amount {
  return { value: undefined, exact: false, at, settings: [], why };
}

/** A number that is not known here because it is decided at run time. */
export function configured(setting: Setting, at: Place): Amount {
  return {
    value: undefined,
    exact: false,
    at,
    settings: [setting],
    why: `configured at run time: ${setting.name}`,
  };
}

/**
 * One of several: what they agree on, else the largest as an upper limit. Zero stands for "not set" beside another
 * value; one that nothing tells makes all unknown; one that is configured has the others for its default.
 */
export function choose(amounts: readonly Amount[], at: Place): Amount {
  const given = amounts.find((a) => a.given);
  if (given) return given;
  const lost = amounts.find((a) => a.value === undefined && a.settings.length === 0);
  if (lost) return lost;
  const stated = amounts.filter((a) => a.value !== undefined);
  const set = stated.some((a) => a.value !== 0n) ? stated.filter((a) => a.value !== 0n) : stated;
  const [first] = set;
  if (!first) return amounts[0] ?? unknown('nothing gives it', at);
  const most = set.reduce((a, b) => ((b.value as bigint) > (a.value as bigint) ? b : a), first);
  return {
    value: most.value,
    exact: set.every((a) => a.exact && a.value === most.value),
    at: most.at,
    settings: merge(amounts, most.value),
    why: '',
    ...(most.isCeiling ? { isCeiling: true } : {}),
  };
}

/** The least of several: known as soon as one of them is. */
export function atMost(amounts: readonly Amount[], at: Place): Amount {
  const stated = amounts.filter((a) => a.value !== undefined);
  const [first] = stated;
  if (!first)
    return amounts.find((a) => a.settings.length > 0) ?? amounts[0] ?? unknown('nothing gives it', at);
  const least = stated.reduce((a, b) => ((b.value as bigint) < (a.value as bigint) ? b : a), first);
  return {
    ...least,
    exact: stated.length === amounts.length && stated.every((a) => a.exact),
    settings: stated.length === amounts.length ? merge(amounts, undefined) : least.settings,
    ...(stated.length < amounts.length || least.isCeiling ? { isCeiling: true } : {}),
  };
}

/** Two numbers joined by an operator of Rust or Go, `**` for a power. */
export function calculate(operator: string, left: Amount, right: Amount, at: Place): Amount {
  if (left.value === undefined || right.value === undefined) {
    const lost = [left, right].find((a) => a.value === undefined) as Amount;
    const hard = [left, right].find((a) => a.value === undefined && a.settings.length === 0);
    return hard ?? { ...lost, settings: merge([left, right], undefined) };
  }
  const value = compute(operator, left.value, right.value);
  // Less is taken from, or divided by, a number that is only a limit: nothing follows for the result.
  if (value === undefined || (!right.exact && !/^(\+|\*|<<|\*\*)$/.test(operator)))
    return unknown('it is computed', at);
  return {
    value,
    exact: left.exact && right.exact,
    at,
    settings: merge([left, right], undefined),
    why: '',
    ...(left.given || right.given ? { given: true } : {}),
    ...(left.isCeiling || right.isCeiling ? { isCeiling: true } : {}),
  };
}

/** A number put through a function. */
export function measured(amount: Amount, by: (n: bigint) => bigint): Amount {
  return amount.value === undefined ? amount : { ...amount, value: by(amount.value) };
}

/** The value of an operation, or undefined when it has none. */
export function compute(operator: string, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '<<':
      return b < 0n || b > 127n ? undefined : a << b;
    case '>>':
      return b < 0n ? undefined : a >> b;
    case '**':
      return b < 0n || b > 127n ? undefined : a ** b;
    case '|':
      return a | b;
    case '&':
      return a & b;
    default:
      return undefined;
  }
}

/** All settings once; those without a default get this one. */
function merge(amounts: readonly Amount[], fallback: bigint | undefined): Setting[] {
  const out = new Map<string, Setting>();
  for (const { settings } of amounts)
    for (const s of settings) {
      const key = `${s.kind} ${s.name}`;
      if (!out.has(key)) out.set(key, { ...s, fallback: s.fallback ?? fallback });
    }
  return [...out.values()];
}
