import { parse, type TomlTable } from 'smol-toml';
import type { Notice } from '../core/finding.ts';
import { type CargoBinary, type CargoWorkspace, folderOf, type Project } from '../program/project.ts';

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
  const optional = new Set<string>();
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
        if (table(value)?.optional === true) optional.add(crate.replaceAll('-', '_'));
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
  const workspace = workspaceOf(toml, base.dir);
  const paths = pathsOf([toml, table(toml.workspace), ...targets], toml, base.dir);
  return {
    project: {
      ...base,
      name: typeof name === 'string' ? name : '',
      dependencies: [...dependencies].sort(),
      binaries: binariesOf(toml, base.dir),
      features,
      uses: [...uses].sort(),
      devUses: [...devUses].filter((crate) => !uses.has(crate)).sort(),
      ...(optional.size > 0 ? { optional: [...optional].sort() } : {}),
      ...(workspace ? { workspace } : {}),
      ...(paths.length > 0 ? { paths } : {}),
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

/** https://doc.rust-lang.org/cargo/reference/workspaces.html: a manifest may also name the folder of its workspace. */
function workspaceOf(toml: TomlTable, dir: string): CargoWorkspace | undefined {
  const own = table(toml.workspace);
  if (!own) return table(toml.package)?.workspace === undefined ? undefined : { members: [], exclude: [] };
  return {
    members: texts(own.members).map((m) => joined('', m)),
    exclude: texts(own.exclude).map((folder) => joined(dir, folder)),
  };
}

/** Where dependencies of all kinds, and what is put in the place of others, lie in folders. */
function pathsOf(owners: readonly (TomlTable | undefined)[], toml: TomlTable, dir: string): string[] {
  const kinds = ['dependencies', 'build-dependencies', 'dev-dependencies'];
  const tables = owners.flatMap((owner) => kinds.map((kind) => table(owner?.[kind])));
  tables.push(table(toml.replace), ...Object.values(table(toml.patch) ?? {}).map(table));
  const paths = new Set<string>();
  for (const dependencies of tables)
    for (const value of Object.values(dependencies ?? {})) {
      const path = table(value)?.path;
      if (typeof path === 'string') paths.add(joined(dir, path));
    }
  return [...paths].sort();
}

/** A folder as a path from another one gives it, in the terms of that: `crates/a` and `../b` make `crates/b`. */
function joined(dir: string, path: string): string {
  const parts = dir === '' ? [] : dir.split('/');
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.join('/');
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];
}

function table(value: unknown): TomlTable | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as TomlTable)
    : undefined;
}
