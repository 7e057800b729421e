import picomatch from 'picomatch';
import { liesIn, type Project } from './project.ts';

/**
 * Rust: crates in the folder of a workspace that lists its members, of which they are none, and that none of those depends
 * on: Cargo refuses to build them. What a workspace leaves out is built by itself, and so is what says that it is its own.
 * https://doc.rust-lang.org/cargo/reference/workspaces.html
 * @param root the folder that holds everything under review: what lies above it is not known whole
 */
export function strayCrates(projects: readonly Project[], root: string): ReadonlySet<Project> {
  const cargo = projects.filter((p) => p.kind === 'cargo');
  const strays = new Set<Project>();
  const byDir = new Map(cargo.map((p) => [p.dir, p]));
  for (const home of cargo) {
    const { workspace, dir } = home;
    if (!workspace || workspace.members.length === 0 || !liesIn(home.file, root)) continue;
    const patterns = workspace.members.filter((m) => m !== '');
    const isListed = picomatch(patterns.length > 0 ? patterns : dir || '.');
    const below = cargo.filter((p) => p !== home && liesIn(p.file, dir) && p.dir !== dir);
    const members = new Set([
      home,
      ...below.filter((p) => isListed(p.dir.slice(dir === '' ? 0 : dir.length + 1))),
    ]);
    const named = new Set<string>();
    for (const member of members) {
      for (const name of member.uses ?? []) named.add(name);
      for (const path of member.paths ?? []) {
        const used = byDir.get(path);
        if (used) members.add(used);
      }
    }
    for (const crate of below)
      if (
        crate.name !== '' &&
        !members.has(crate) &&
        !named.has(crate.name) &&
        !isApart(crate, home, cargo) &&
        !workspace.exclude.some((folder) => liesIn(crate.file, folder))
      )
        strays.add(crate);
  }
  return strays;
}

/** The crate is a workspace, or says where its own is, or one begins between it and the other. */
function isApart(crate: Project, home: Project, cargo: readonly Project[]): boolean {
  return cargo.some(
    (p) => p.workspace && p !== home && liesIn(p.file, home.dir) && liesIn(crate.file, p.dir),
  );
}
