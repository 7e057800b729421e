import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  exactBytes,
  formatBytes,
  parseQuantity,
  percentAbove,
  roundUpBytes,
  writeQuantity,
} from '../../src/core/quantity.ts';

const NANO = 1_000_000_000n;

describe('parseQuantity', () => {
  it.each([
    ['0', 0n],
    ['512Mi', 536_870_912n * NANO],
    ['512M', 512_000_000n * NANO],
    ['512m', 512_000_000n],
    ['1u', 1000n],
    ['1n', 1n],
    ['0.1n', 1n], // finer than a billionth is rounded up
    ['262144k', 262_144_000n * NANO],
    ['129e6', 129_000_000n * NANO],
    ['3E8', 300_000_000n * NANO],
    ['1e-3', 1_000_000n],
    ['1e+3', 1000n * NANO],
    ['1E', 10n ** 18n * NANO],
    ['0.5Gi', 536_870_912n * NANO],
    ['1.5Gi', 1_610_612_736n * NANO],
    ['.5Gi', 536_870_912n * NANO],
    ['1.Gi', 1_073_741_824n * NANO],
    ['+1Ki', 1024n * NANO],
    ['-1Ki', -1024n * NANO],
    ['128974848000m', 128_974_848n * NANO],
    ['0.1Ki', 102_400_000_000n],
    [' 512Mi ', 536_870_912n * NANO],
  ])('%s is %d billionths', (text, nano) => expect(parseQuantity(text)?.nano).toBe(nano));

  it.each([
    '512MB',
    '1GB',
    '512mi',
    '1 Gi',
    '1K',
    '',
    ' ',
    'Mi',
    '1e',
    '1e2.5',
    '1.2.3',
    '--1',
    '1ki',
    'e3',
    '0x10',
    '5Mib',
  ])('rejects %j', (text) => expect(parseQuantity(text)).toBeUndefined());

  it('caps what is larger than 64 bits, without computing its power', () => {
    expect(bytesOf(parseQuantity('1e999999999999')!)).toBe((1n << 63n) - 1n);
    expect(bytesOf(parseQuantity('100Ei')!)).toBe((1n << 63n) - 1n);
    expect(parseQuantity('1e-999999999999')?.nano).toBe(1n);
    expect(parseQuantity('0e999999999999')?.nano).toBe(0n);
  });

  it('reads back what writeQuantity writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }), (bytes) => {
        expect(bytesOf(parseQuantity(writeQuantity(bytes))!)).toBe(bytes);
      }),
    );
  });

  it('agrees with exact fractions for every decimal suffix', () => {
    const powers: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12 };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999 }),
        fc.integer({ min: 0, max: 999 }),
        fc.constantFrom(...Object.keys(powers)),
        (whole, fraction, suffix) => {
          const text = `${whole}.${String(fraction).padStart(3, '0')}${suffix}`;
          const thousandths = BigInt(whole) * 1000n + BigInt(fraction);
          const scale = 9 - 3 + powers[suffix]!;
          const expected = scale >= 0 ? thousandths * 10n ** BigInt(scale) : (thousandths + 999n) / 1000n;
          expect(parseQuantity(text)?.nano).toBe(expected);
        },
      ),
    );
  });
});

describe('for people', () => {
  it.each([
    ['512m', '0.512 bytes'],
    ['1000m', '1 byte'],
    ['512Mi', '536,870,912 bytes'],
    ['0.0000001m', '0.000000001 bytes'],
  ])('exact bytes of %s: %s', (text, exact) => expect(exactBytes(parseQuantity(text)!)).toBe(exact));

  it.each([
    ['512M', '488.3Mi'],
    ['1Gi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['64Ki', '64Ki'],
    ['512', '512 bytes'],
    ['100Mi', '100Mi'],
  ])('%s is shown as %s', (text, shown) => expect(formatBytes(bytesOf(parseQuantity(text)!))).toBe(shown));

  it('rounds a recommendation up to steps a person would write', () => {
    const mi = (n: number) => BigInt(n) << 20n;
    expect(roundUpBytes(mi(115))).toBe(mi(128));
    expect(roundUpBytes(mi(512))).toBe(mi(512));
    expect(roundUpBytes(mi(575))).toBe(mi(576));
  });

  it('gives one decimal only where it matters', () => {
    expect(percentAbove(250n, 230n)).toBe(8.6);
    expect(percentAbove(300n, 200n)).toBe(50);
    expect(percentAbove(90n, 100n)).toBe(-10);
  });
});
