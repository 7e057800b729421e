/** What `go.mod` and `Cargo.toml` say, as far as the program needs it. Read by the analysis, handed in as data. */
export interface Project {
  /** The manifest file itself. */
  readonly file: string;
  /** Its folder; empty for the root, no trailing slash. */
  readonly dir: string;
  readonly kind: 'go' | 'cargo';
  /** Go module path or Cargo package name; a virtual Cargo workspace has an empty name. */
  readonly name: string;
  /** `go 1.22` of `go.mod`, as `1.22`; empty when absent or Rust. */
  readonly goVersion: string;
  /** Names of the dependencies as written: module paths, crate names. */
  readonly dependencies: readonly string[];
  /** Cargo: programs that the manifest names itself, with their source file. */
  readonly binaries?: readonly CargoBinary[];
  /** Cargo: the packages that its code is made of, and those that only its tests need. */
  readonly uses?: readonly string[];
  readonly devUses?: readonly string[];
  /** Cargo: what its code can do without, under the names by which it imports them; left out where there is none. */
  readonly optional?: readonly string[];
  /** Cargo: the features that the manifest switches on, by crate; crates without any are left out. */
  readonly features?: Readonly<Record<string, readonly string[]>>;
  /** Cargo: the workspace that begins here, or lies elsewhere by what the manifest says. */
  readonly workspace?: CargoWorkspace;
  /** Cargo: the folders that it has other crates from, in the terms of the workspace. */
  readonly paths?: readonly string[];
}

/** A `[workspace]` of a `Cargo.toml`; without members that are listed it has the crates that its own depends on. */
export interface CargoWorkspace {
  /** Patterns of folders below its own. */
  readonly members: readonly string[];
  /** Folders that are no part of it. */
  readonly exclude: readonly string[];
}

/** A `[[bin]]` of a `Cargo.toml`. */
export interface CargoBinary {
  readonly name: string;
  /** In the terms of the workspace; undefined where Cargo's own convention decides. */
  readonly file: string | undefined;
}

/** The folder part of a `/`-separated file name; empty for a file at the root. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? '' : file.slice(0, slash);
}

/** True when `file` lies in `dir` or below it; the empty folder holds everything. */
export function liesIn(file: string, dir: string): boolean {
  return dir === '' || file.startsWith(`${dir}/`);
}

/**
 * Finds the project that a file belongs to: of those whose folder it lies in, the nearest. Many files lie in one folder, of
 * which it is asked once.
 */
export function nearestProject(projects: Iterable<Project>): (file: string) => Project | undefined {
  const nearest = new Map<string, Project | undefined>();
  for (const project of projects) if (!nearest.has(project.dir)) nearest.set(project.dir, project);
  const inFolder = (folder: string): Project | undefined => {
    if (folder === '' || nearest.has(folder)) return nearest.get(folder);
    const found = inFolder(folderOf(folder));
    nearest.set(folder, found);
    return found;
  };
  return (file) => inFolder(folderOf(file));
}

/** The Go module and the crate that a file belongs to; what holds nothing but a workspace is no crate. */
export interface Homes {
  readonly module: (file: string) => Project | undefined;
  readonly crate: (file: string) => Project | undefined;
}

export function homesOf(projects: Iterable<Project>): Homes {
  const all = [...projects];
  return {
    module: nearestProject(all.filter((p) => p.kind === 'go')),
    crate: nearestProject(all.filter((p) => p.kind === 'cargo' && p.name !== '')),
  };
}
