/** Kubernetes quantities in exact arithmetic: no floating point between the text and the byte. */

/**
 * A parsed quantity. Kubernetes keeps nothing finer than a billionth and rounds what is finer up, so an integer
 * number of nano-units holds every value exactly.
 */
export interface Quantity {
  /** The value in billionths of a byte (or of a core). */
  readonly nano: bigint;
  /** The suffix as written: `Mi`, `m`, `e3`, or empty. */
  readonly suffix: string;
}

export const KI = 1024n;
export const MI = 1024n * KI;
export const GI = 1024n * MI;
const NANO = 1_000_000_000n;
/** Kubernetes caps larger values. */
const CAP = ((1n << 63n) - 1n) * NANO;

const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/**
 * Reads a quantity as the API server does: `<sign><digits>[.<digits>]<suffix>`, where the suffix is one of
 * `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, `e<int>` or `E<int>`. Blanks around it are ignored, as in JSON.
 * @returns undefined when the API server would reject the text.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*(?:[+-]?\d+)?)$/.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (text.trim() === '' || (whole === '' && fraction === '' && suffix === '')) return undefined;
  // A suffix alone is zero to the API server; nobody means that, and it is as useless as a rejected value.
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  let nano: bigint;
  const power = BINARY[suffix];
  if (power !== undefined) {
    nano = divideUp((digits * NANO) << power, 10n ** BigInt(fraction.length));
  } else {
    const exponent = decimalExponent(suffix);
    if (exponent === undefined) return undefined;
    const scale = exponent + 9 - fraction.length;
    // Beyond these bounds the value is capped or rounded to one billionth; the power itself need not be computed.
    if (digits === 0n) nano = 0n;
    else if (scale > 60) nano = CAP;
    else if (scale < -(whole.length + fraction.length + 1)) nano = 1n;
    else nano = scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale));
  }
  if (nano > CAP) nano = CAP;
  return { nano: sign === '-' ? -nano : nano, suffix };
}

function decimalExponent(suffix: string): number | undefined {
  const known = Object.hasOwn(DECIMAL, suffix) ? DECIMAL[suffix] : undefined;
  if (known !== undefined) return known;
  const match = /^[eE]([+-]?\d{1,18})$/.exec(suffix);
  return match ? Number(match[1]) : undefined;
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Whole bytes, rounded up as the kubelet does when it writes a limit. */
export function bytesOf(quantity: Quantity): bigint {
  return quantity.nano >= 0n ? divideUp(quantity.nano, NANO) : quantity.nano / NANO;
}

/** The value without rounding: `0.512 bytes`, `1 byte`, `536,870,912 bytes`. */
export function exactBytes(quantity: Quantity | bigint): string {
  const nano = typeof quantity === 'bigint' ? quantity * NANO : quantity.nano;
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  const whole = (size / NANO).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = (size % NANO).toString().padStart(9, '0').replace(/0+$/, '');
  const number = `${sign}${whole}${fraction ? `.${fraction}` : ''}`;
  return `${number} ${number === '1' ? 'byte' : 'bytes'}`;
}

/**
 * Bytes for a person: whole `Gi`, else `Mi` with at most one decimal, below that `Ki` or bytes. For exact values
 * use {@link exactBytes}.
 */
export function formatBytes(bytes: bigint): string {
  if (bytes < 0n) return `-${formatBytes(-bytes)}`;
  if (bytes >= GI && bytes % GI === 0n) return `${bytes / GI}Gi`;
  if (bytes >= MI) return `${oneDecimal(bytes, MI)}Mi`;
  if (bytes >= KI) return `${oneDecimal(bytes, KI)}Ki`;
  return exactBytes(bytes);
}

function oneDecimal(value: bigint, unit: bigint): string {
  const tenths = (value * 10n + unit / 2n) / unit;
  return tenths % 10n === 0n ? `${tenths / 10n}` : `${tenths / 10n}.${tenths % 10n}`;
}

/**
 * A quantity a person would write for at least `bytes`: steps of 16Mi below 512Mi and of 64Mi above, whole `Gi`
 * where it is one.
 */
export function roundUpBytes(bytes: bigint): bigint {
  const step = bytes <= 512n * MI ? 16n * MI : 64n * MI;
  return divideUp(bytes, step) * step;
}

/** The shortest binary quantity that is exactly `bytes`: `1Gi`, `1536Mi`, `100Ki`, `12345`. */
export function writeQuantity(bytes: bigint): string {
  for (const [unit, suffix] of [
    [GI, 'Gi'],
    [MI, 'Mi'],
    [KI, 'Ki'],
  ] as const) {
    if (bytes !== 0n && bytes % unit === 0n) return `${bytes / unit}${suffix}`;
  }
  return bytes.toString();
}

/** How much larger `a` is than `b` in per cent, rounded down; negative when it is smaller. */
export function percentAbove(a: bigint, b: bigint): number {
  if (b === 0n) return 0;
  const tenths = ((a - b) * 1000n) / b;
  const value = Number(tenths) / 10;
  return Math.abs(value) >= 10 ? Math.trunc(value) : value;
}
