/** The programs of a workspace: what an image can run. */

import type { Place } from '../core/span.ts';
import { folderOf, type Homes, homesOf, type Project } from '../program/project.ts';
import { isTestFile } from '../program/test-code.ts';
import type { FileFacts, Language } from '../syntax/facts.ts';

export interface Executable {
  /** Unique in the workspace: the file of `main` and the name. */
  readonly id: string;
  readonly language: Language;
  /** What the build tool calls it. */
  readonly name: string;
  /** What its folder is called, when that is another name. */
  readonly alias: string | undefined;
  /** True for tools of the repository, which are seldom what a container runs. */
  readonly auxiliary: boolean;
  /** True for a program that has the system put another one in its place (`CommandExt::exec`), as launchers do. */
  readonly givesWay: boolean;
  /** Folder of the Go package or of the Rust crate. */
  readonly dir: string;
  /** The file that holds `main`. */
  readonly file: string;
  /** The name of `main`. */
  readonly main: Place;
  readonly project: Project | undefined;
}

/** The programs, sorted by file. Tests, benchmarks and examples are none. */
export function executablesOf(
  sources: Iterable<FileFacts>,
  projects: readonly Project[],
  root: string,
): Executable[] {
  const homes = homesOf(projects);
  const found = new Map<string, Executable>();
  for (const facts of [...sources].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const main = facts.functions.find(
      (f) => f.name === 'main' && f.owner === '' && f.module.length === 0 && f.parent < 0 && !f.test,
    );
    if (!main || main.body < 0 || isTestFile(facts, root)) continue;
    const place = { file: facts.file, span: main.nameSpan };
    const programs =
      facts.language === 'go' ? goPrograms(facts, place, homes) : rustPrograms(facts, place, homes);
    for (const program of programs) {
      // A folder is one Go program, however many files say `main` for different systems.
      const key = facts.language === 'go' ? `go ${program.dir}` : program.id;
      if (!found.has(key)) found.set(key, program);
    }
  }
  return [...found.values()];
}

/** What mage runs to build the others: its file says `main`, and no image holds it. */
const MAGE = /(^|\/)(mage(file)?\.go|magefiles\/[^/]+\.go)$/;

function goPrograms(facts: FileFacts, main: Place, homes: Homes): Executable[] {
  if (facts.packageName !== 'main' || MAGE.test(facts.file)) return [];
  const dir = folderOf(facts.file);
  const project = homes.module(facts.file);
  // `controller/cmd` is the program of `controller`.
  const folder = /(^|\/)(cmd|main)$/.test(dir) && folderOf(dir) !== '' ? folderOf(dir) : dir;
  const name = project && project.dir === folder ? moduleName(project.name) : lastOf(folder);
  const other = lastOf(folder);
  return [
    {
      id: `${facts.file} ${name}`,
      language: 'go',
      name,
      alias: other === name || folder === '' ? undefined : other,
      auxiliary: isAuxiliary(dir),
      givesWay: false,
      dir,
      file: facts.file,
      main,
      project,
    },
  ];
}

/** What `go build` calls the program of a module: the last segment that is not a major version. */
export function moduleName(module: string): string {
  return lastOf(module.replace(/\/v\d+$/, ''));
}

/** The trait whose `exec` puts another program into the place of this one. */
const EXEC = 'std::os::unix::process::CommandExt';

function rustPrograms(facts: FileFacts, main: Place, homes: Homes): Executable[] {
  const project = homes.crate(facts.file);
  if (!project) return [];
  const { dir } = project;
  const program = (name: string): Executable => ({
    id: `${facts.file} ${name}`,
    language: 'rust',
    name,
    alias: undefined,
    auxiliary: isAuxiliary(dir),
    givesWay: facts.imports.some((i) => i.path === EXEC) && facts.names.includes('exec'),
    dir,
    file: facts.file,
    main,
    project,
  });
  const below = dir === '' ? facts.file : facts.file.slice(dir.length + 1);
  const conventional =
    below === 'src/main.rs' ? project.name : /^src\/bin\/([^/]+?)(?:\.rs|\/main\.rs)$/.exec(below)?.[1];
  const named = (project.binaries ?? []).filter(
    (b) => b.file === facts.file || (b.file === undefined && b.name === conventional),
  );
  if (named.length > 0) return named.map((b) => program(b.name));
  return conventional === undefined ? [] : [program(conventional)];
}

function isAuxiliary(dir: string): boolean {
  return /(^|\/)(hack|tools?|scripts?|contrib|docs?|third_party|build|buildscripts|ci|dev|gen|xtask)(\/|$)/.test(
    dir,
  );
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
