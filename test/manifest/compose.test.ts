import { describe, expect, it } from 'vitest';
import { limitOf } from '../../src/manifest/compose.ts';
import { parseComposeBytes } from '../../src/manifest/compose-bytes.ts';
import { interpolate } from '../../src/manifest/compose-variables.ts';
import { Manifests } from '../../src/manifest/manifests.ts';
import { readManifest } from '../../src/manifest/read.ts';

describe('compose sizes', () => {
  it.each([
    ['512m', 512n << 20n],
    ['512M', 512n << 20n],
    ['512MB', 512n << 20n],
    ['512MiB', 512n << 20n],
    ['1.5g', 1536n << 20n],
    ['64 kb', 64n << 10n],
    ['100', 100n],
    ['100b', 100n],
    ['512Mib', 512n << 20n],
  ])('%s', (text, bytes) => expect(parseComposeBytes(text)).toBe(bytes));

  it.each(['', '512Mx', 'm', '-1', '1..5g'])('rejects "%s"', (text) =>
    expect(parseComposeBytes(text)).toBeUndefined(),
  );
});

/** The tests write `@` for `$`, which would read like a hole of a template string. */
const dollar = (text: string) => text.replaceAll('@', '$');

describe('compose variables', () => {
  const variables = new Map([
    ['MEM', '256m'],
    ['EMPTY', ''],
  ]);
  it.each([
    ['@MEM', '256m'],
    ['@{MEM}', '256m'],
    ['@{MEM:-1g}', '256m'],
    ['@{EMPTY:-1g}', '1g'],
    ['@{EMPTY-1g}', ''],
    ['@{NONE:-512m}', '512m'],
    ['@{MEM:+1g}', '1g'],
    ['@{NONE+1g}', ''],
    ['@@MEM', '$MEM'],
    ['@{NONE}', undefined],
    ['@{NONE:?say how much}', undefined],
    ['@{NONE:-@{MEM}}', undefined],
  ])('%s', (text, expected) => expect(interpolate(dollar(text), variables)).toBe(expected));
});

describe('compose services', () => {
  const services = (files: Record<string, string>) =>
    new Manifests(Object.entries(files).map(([file, text]) => readManifest(file, text))).composeServices;
  const limits = (files: Record<string, string>) =>
    Object.fromEntries(services(files).map((s) => [s.name.text, limitOf(s)?.bytes]));

  it('take limits from extension fields, merge keys and `.env`', () => {
    const compose =
      'x-small: &small\n  mem_limit: 128m\nservices:\n  a: {<<: *small, image: i}\n  b:\n    image: i\n    deploy: {resources: {limits: {memory: "@{B_MEMORY}"}}}\n  c: {image: i, mem_limit: $UNKNOWN, profiles: [debug]}\n';
    expect(
      limits({ 'compose.yaml': dollar(compose), '.env': '# sizes\nexport B_MEMORY="1g" # why\n' }),
    ).toEqual({
      a: 128n << 20n,
      b: 1n << 30n,
      c: undefined,
    });
  });

  it('look for a missing limit in the service they extend', () => {
    const files = {
      'compose.yaml':
        'services:\n  a: {image: i, extends: {service: base}}\n  b: {image: i, extends: {file: common.yaml, service: base}}\n  c: {image: i, extends: {file: elsewhere.yaml, service: base}}\n  d: {image: i, extends: open}\n  base: {image: i, mem_limit: 1g}\n  open: {image: i}\n',
      'common.yaml': 'services:\n  base: {image: i}\n',
    };
    const found = Object.fromEntries(
      services(files).map((s) => [s.name.text, typeof s.memoryLimit === 'object' ? 'found' : s.memoryLimit]),
    );
    expect(found).toMatchObject({ a: 'found', b: undefined, c: 'unknown', d: undefined });
  });

  it('read the sizes of tmpfs mounts', () => {
    const [service] = services({
      'compose.yaml':
        'services:\n  a:\n    image: i\n    tmpfs: ["/run:size=64m,mode=755", /tmp]\n    volumes:\n    - {type: tmpfs, target: /x, tmpfs: {size: 1048576}}\n    - data:/data\n',
    });
    expect(service!.tmpfs.map((t) => t.bytes)).toEqual([64n << 20n, 1n << 20n]);
  });
});
