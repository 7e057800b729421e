import { parse, type TomlTable } from 'smol-toml';
import type { Notice } from '../core/finding.ts';
import { type CargoBinary, folderOf, type Project } from '../program/project.ts';

/** Reads a `go.mod`. Directives that say nothing about names and versions are skipped; never throws. */
export function readGoMod(file: string, text: string): Project {
  let name = '';
  let goVersion = '';
  const dependencies: string[] = [];
  let block = '';
  for (const raw of text.split('\n')) {
    const words = raw
      .replace(/\/\/.*$/, '')
      .trim()
      .split(/\s+/);
    if (words[0] === '') continue;
    if (block !== '' && words[0] === ')') {
      block = '';
      continue;
    }
    if (block === '' && words[1] === '(') {
      block = words[0] as string;
      continue;
    }
    const [directive, value] = block === '' ? words : [block, words[0]];
    if (value === undefined) continue;
    const plain = value.replace(/^["`](.*)["`]$/, '$1');
    if (directive === 'module') name = plain;
    else if (directive === 'go') goVersion = plain;
    else if (directive === 'require') dependencies.push(plain);
  }
  return { file, dir: folderOf(file), kind: 'go', name, goVersion, dependencies };
}

/** Reads a `Cargo.toml`; a broken one still gives a project without name, with a notice. */
export function readCargo(
  file: string,
  text: string,
): { readonly project: Project; readonly notices: readonly Notice[] } {
  const base = { file, dir: folderOf(file), kind: 'cargo' as const, goVersion: '' };
  let toml: TomlTable;
  try {
    toml = parse(text);
  } catch (error) {
    const line = (error as { line?: number }).line;
    return {
      project: { ...base, name: '', dependencies: [] },
      notices: [
        {
          file,
          message: `${line ? `line ${line}: ` : ''}not valid TOML, so the crate's name and dependencies are unknown; correct it to get precise findings`,
        },
      ],
    };
  }
  const name = table(toml.package)?.name;
  const dependencies = new Set<string>();
  const features: Record<string, string[]> = {};
  const uses = new Set<string>();
  const devUses = new Set<string>();
  const use = (of: Set<string>, owner: TomlTable | undefined, key: string) => {
    for (const [crate, value] of Object.entries(table(owner?.[key]) ?? {})) {
      const named = table(value)?.package;
      of.add(typeof named === 'string' ? named : crate);
    }
  };
  const add = (owner: TomlTable | undefined) => {
    for (const key of ['dependencies', 'build-dependencies'])
      for (const [crate, value] of Object.entries(table(owner?.[key]) ?? {})) {
        dependencies.add(crate);
        const on = table(value)?.features;
        if (Array.isArray(on) && on.length > 0)
          features[crate] = [...(features[crate] ?? []), ...on.filter((f) => typeof f === 'string')];
      }
  };
  add(toml);
  add(table(toml.workspace));
  const targets = Object.values(table(toml.target) ?? {}).map(table);
  for (const target of targets) add(target);
  for (const owner of [toml, ...targets]) {
    use(uses, owner, 'dependencies');
    use(uses, owner, 'build-dependencies');
    use(devUses, owner, 'dev-dependencies');
  }
  return {
    project: {
      ...base,
      name: typeof name === 'string' ? name : '',
      dependencies: [...dependencies].sort(),
      binaries: binariesOf(toml, base.dir),
      features,
      uses: [...uses].sort(),
      devUses: [...devUses].filter((crate) => !uses.has(crate)).sort(),
    },
    notices: [],
  };
}

/** The `[[bin]]` tables that have a name. */
function binariesOf(toml: TomlTable, dir: string): CargoBinary[] {
  if (!Array.isArray(toml.bin)) return [];
  return toml.bin.flatMap((entry) => {
    const bin = table(entry);
    if (typeof bin?.name !== 'string') return [];
    const path = typeof bin.path === 'string' ? bin.path.replace(/^\.\//, '') : undefined;
    return [
      { name: bin.name, file: path === undefined ? undefined : `${dir === '' ? '' : `${dir}/`}${path}` },
    ];
  });
}

function table(value: unknown): TomlTable | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as TomlTable)
    : undefined;
}
