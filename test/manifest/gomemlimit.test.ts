import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseGoMemoryLimit,
  recommendedGoMemoryLimit,
  repairGoMemoryLimit,
  writeGoMemoryLimit,
} from '../../src/manifest/gomemlimit.ts';

describe('GOMEMLIMIT', () => {
  it.each([
    ['512', 512n],
    ['512B', 512n],
    ['512KiB', 524_288n],
    ['460MiB', 482_344_960n],
    ['1GiB', 1n << 30n],
    ['1TiB', 1n << 40n],
  ])('%s', (text, bytes) => expect(parseGoMemoryLimit(text)).toEqual({ kind: 'bytes', bytes }));

  it.each(['off', ''])('%j is no limit', (text) => expect(parseGoMemoryLimit(text).kind).toBe('off'));

  it.each([
    '512Mi',
    '512M',
    '512MB',
    '512m',
    '0.5GiB',
    '1 GiB',
    '-1',
    '80%',
    '512mib',
    'OFF',
    '99999999999TiB',
    '1PiB',
  ])('%s aborts the process', (text) => expect(parseGoMemoryLimit(text).kind).toBe('malformed'));

  it.each([
    ['512Mi', '512MiB', true],
    ['1Gi', '1GiB', true],
    ['512M', '488MiB', false],
    ['512MB', '488MiB', false],
    ['0.5GiB', '512MiB', true],
    ['1.5Gi', '1536MiB', true],
    ['512m', '512MiB', false],
    ['1 GiB', '1GiB', true],
  ])('%s meant %s', (text, value, certain) => expect(repairGoMemoryLimit(text)).toEqual({ value, certain }));

  it.each(['80%', 'lots', '512Q', '0Mi'])('does not guess what %s meant', (text) =>
    expect(repairGoMemoryLimit(text)).toBeUndefined(),
  );

  it('writes what the runtime reads back, and repairs never give more than was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 60n) - 1n }), (bytes) => {
        expect(parseGoMemoryLimit(writeGoMemoryLimit(bytes))).toEqual({ kind: 'bytes', bytes });
      }),
    );
  });

  it('leaves a tenth, and what tmpfs takes', () => {
    const mi = (n: number) => BigInt(n) << 20n;
    expect(recommendedGoMemoryLimit(mi(512), 0n)).toBe(mi(460));
    expect(recommendedGoMemoryLimit(mi(768), 0n)).toBe(mi(691));
    expect(recommendedGoMemoryLimit(mi(512), mi(128))).toBe(mi(332));
    expect(recommendedGoMemoryLimit(mi(100), mi(128))).toBe(0n);
  });
});
