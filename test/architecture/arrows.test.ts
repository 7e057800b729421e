import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importsOf, repositoryFiles, resolveImport } from './source-files.ts';

const sources = repositoryFiles().filter(
  (f) => f.startsWith('src/') && /\.tsx?$/.test(f) && !f.endsWith('.d.ts'),
);

/** Rooms and what they may import, from the table in ARCHITECTURE.md. */
const rooms = new Map(
  [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| `(\w+)` +\|[^|\n]*\|([^|\n]*)\|$/gm)].map(
    (row) => [row[1]!, new Set([...row[2]!.matchAll(/`(\w+)`/g)].map((m) => m[1]!))],
  ),
);

/** The rooms inside `program` and what they may import besides its base, from the second table. */
const inner = new Map(
  [
    ...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| `program\/(\w+)` +\|[^|\n]*\|([^|\n]*)\|$/gm),
  ].map((row) => [row[1]!, new Set([...row[2]!.matchAll(/`(\w+)`/g)].map((m) => m[1]!))]),
);

/** The room inside `program`; empty for its base, undefined for files of other rooms. */
const innerOf = (file: string) =>
  /^src\/program\/(?:(\w+)\/)?[^/]+$/
    .exec(file)
    ?.slice(1)
    .map((r) => r ?? '')[0];

/** Programs start here; they may use Node and hand its parts to the rooms. */
const ENTRIES = new Set(['src/extension/main.ts', 'src/server/entry.ts', 'src/server/main.ts']);

/** Files outside of src that are bundled as data. */
const DATA = new Set(['package.json', 'schemas/headroom.schema.json']);

const roomOf = (file: string) => file.split('/')[1]!;
const package_ = (from: string) =>
  from.startsWith('@') ? from.split('/', 2).join('/') : from.split('/', 1)[0]!;

/** One line per import that breaks a rule of `allowed`. */
function offences(allowed: (file: string, from: string, typeOnly: boolean) => boolean): string[] {
  return sources.flatMap((file) =>
    importsOf(file)
      .filter((i) => !allowed(file, i.from, i.typeOnly))
      .map((i) => `${file} imports ${i.from}`),
  );
}

describe('the rooms', () => {
  it('are the folders under src', () => {
    expect([...rooms.keys()].sort()).toEqual([...new Set(sources.map(roomOf))].sort());
  });

  it('import only as ARCHITECTURE.md says', () => {
    expect(
      offences((file, from) => {
        const target = resolveImport(file, from);
        if (target === undefined) return true;
        if (!target.startsWith('src/')) return roomOf(file) === 'tools' || DATA.has(target);
        return roomOf(target) === roomOf(file) || rooms.get(roomOf(file))!.has(roomOf(target));
      }),
    ).toEqual([]);
  });

  it('inside program are the folders there, and import only as the second table says', () => {
    const own = sources.map(innerOf).filter((room) => room !== undefined && room !== '');
    expect([...inner.keys()].sort()).toEqual([...new Set(own)].sort());
    expect(
      offences((file, from) => {
        const room = innerOf(file);
        const target = innerOf(resolveImport(file, from) ?? '');
        if (room === undefined || target === undefined || target === '' || target === room) return true;
        return inner.get(room)?.has(target) === true;
      }),
    ).toEqual([]);
  });

  it('have no circle of arrows', () => {
    for (const arrows of [rooms, inner]) {
      const visit = (room: string, path: readonly string[]): string[] => {
        if (path.includes(room)) return [[...path, room].join(' → ')];
        return [...(arrows.get(room) ?? [])].flatMap((next) => visit(next, [...path, room]));
      };
      expect([...arrows.keys()].flatMap((room) => visit(room, []))).toEqual([]);
    }
  });
});

describe('imports', () => {
  it('name files with their extension', () => {
    expect(offences((_, from) => !from.startsWith('.') || /\.(tsx?|json)$/.test(from))).toEqual([]);
  });

  it('of vscode stand only in the extension', () => {
    expect(offences((file, from) => from !== 'vscode' || roomOf(file) === 'extension')).toEqual([]);
  });

  it('of the language server library stand only in the server', () => {
    expect(
      offences((file, from) => !/^vscode-languageserver/.test(from) || roomOf(file) === 'server'),
    ).toEqual([]);
  });

  it('of Node stand only in host, cli, tools and entry files', () => {
    const outside = new Set(['host', 'cli', 'tools']);
    expect(
      offences((file, from) => !from.startsWith('node:') || outside.has(roomOf(file)) || ENTRIES.has(file)),
    ).toEqual([]);
  });

  it('of Node are written with node:', () => {
    const bare = /^(fs|path|os|url|util|child_process|worker_threads|crypto|events|stream|process)$/;
    expect(offences((_, from) => !bare.test(package_(from)))).toEqual([]);
  });

  it('between rules do not exist', () => {
    const isRule = (file: string | undefined) =>
      file !== undefined && /^src\/rules\/(?!shared\/)[^/]+\/[^/]+\.ts$/.test(file);
    expect(offences((file, from) => !isRule(file) || !isRule(resolveImport(file, from)))).toEqual([]);
  });

  it('of the tables of knowledge are types only', () => {
    expect(
      offences(
        (file, from, typeOnly) =>
          roomOf(file) !== 'knowledge' ||
          typeOnly ||
          resolveImport(file, from)?.startsWith('src/knowledge/') === true,
      ),
    ).toEqual([]);
  });
});

describe('the core', () => {
  const pure = [
    'core',
    'syntax',
    'knowledge',
    'program',
    'measure',
    'manifest',
    'review',
    'report',
    'rules',
    'hover',
    'analysis',
  ];

  it('asks no clock, chance, network or process', () => {
    const impure =
      /\b(Date\.now|new Date\b(?!\(\w)|performance\.now|Math\.random|fetch\(|process\.|setTimeout\(|setInterval\(|console\.)/;
    const found = sources
      .filter((f) => pure.includes(roomOf(f)))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, i) =>
            impure.test(line) && !/^\s*(\*|\/\/)/.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
          ),
      );
    expect(found).toEqual([]);
  });
});

describe('names', () => {
  it('of files are kebab-case, and none is a drawer for everything', () => {
    const bad = sources.filter((f) => {
      const name = f.split('/').at(-1)!;
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/.test(name) || /^(utils?|helpers?|misc|common)\.tsx?$/.test(name)
      );
    });
    expect(bad).toEqual([]);
  });

  it('of interfaces carry no I prefix', () => {
    const bad = sources.filter((f) => /\binterface I[A-Z][a-z]/.test(readFileSync(f, 'utf8')));
    expect(bad).toEqual([]);
  });
});
