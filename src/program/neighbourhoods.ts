import type { FileFacts } from '../syntax/facts.ts';
import { liesIn, nearestProject, type Project } from './project.ts';

/** Projects of one language that can see each other, with their files: what a program has to hold together. */
export interface Neighbourhood {
  /** The same as long as the projects are. */
  readonly id: string;
  readonly files: readonly string[];
}

/**
 * Parts a workspace into neighbourhoods. Two modules or crates are neighbours when one depends on the other by name, or
 * when one lies below the other; no code can reach from one neighbourhood into another.
 */
export function neighbourhoods(
  sources: Iterable<Pick<FileFacts, 'file' | 'language'>>,
  projects: readonly Project[],
): Neighbourhood[] {
  const sorted = [...projects].sort((a, b) => b.dir.length - a.dir.length || (a.file < b.file ? -1 : 1));
  const leader = new Map<Project, Project>(sorted.map((p) => [p, p]));
  const find = (p: Project): Project => {
    let at = p;
    while (leader.get(at) !== at) at = leader.get(at) as Project;
    leader.set(p, at);
    return at;
  };
  const join = (a: Project, b: Project) => {
    const [x, y] = [find(a), find(b)];
    if (x !== y) leader.set(x, y);
  };
  const named = new Map(sorted.map((p) => [`${p.kind} ${nameOf(p.name)}`, p]));
  for (const p of sorted) {
    for (const dependency of p.dependencies) {
      const other = named.get(`${p.kind} ${nameOf(dependency)}`);
      if (other) join(p, other);
    }
    for (const above of sorted)
      if (above !== p && above.kind === p.kind && liesIn(p.file, above.dir) && above.dir !== p.dir)
        join(p, above);
  }
  const nearest = {
    go: nearestProject(sorted.filter((p) => p.kind === 'go')),
    rust: nearestProject(sorted.filter((p) => p.kind === 'cargo')),
  };
  const groups = new Map<string, string[]>();
  for (const { file, language } of sources) {
    const home = nearest[language](file);
    const id = home ? `${language} ${find(home).file}` : language;
    const group = groups.get(id);
    if (group) group.push(file);
    else groups.set(id, [file]);
  }
  return [...groups].map(([id, files]) => ({ id, files })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Crates are written with `-` or `_`. */
function nameOf(name: string): string {
  return name.replaceAll('-', '_');
}
