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
  /** Cargo: the features that the manifest switches on, by crate; crates without any are left out. */
  readonly features?: Readonly<Record<string, readonly string[]>>;
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
