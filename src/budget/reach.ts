/** Which packages of the workspace are in a program. */

import type { Package, Program } from '../program/program.ts';
import { folderOf, liesIn } from '../program/project.ts';
import type { Executable } from '../workload/executables.ts';

/** The packages that are compiled into a program, its own first. */
export function packagesOf(program: Program, executable: Executable): Package[] {
  const home = program.file(executable.file)?.package;
  if (!home) return [];
  const found = new Set<Package>([home]);
  for (const pkg of found) {
    const paths = pkg.language === 'go' ? importsOf(pkg) : cratesOf(pkg);
    for (const path of paths) {
      const other = program.packageAt(path);
      if (other && other.language === pkg.language) found.add(other);
    }
  }
  return [...found];
}

function importsOf(pkg: Package): Set<string> {
  return new Set(pkg.files.filter((f) => !f.isTest).flatMap((f) => f.facts.imports.map((i) => i.path)));
}

function cratesOf(pkg: Package): string[] {
  return (pkg.project?.dependencies ?? []).map((name) => name.replaceAll('-', '_'));
}

/** True for a file that belongs to another program, of the same crate or of one it depends on. */
export function isOtherProgram(file: string, executable: Executable, all: readonly Executable[]): boolean {
  if (file === executable.file || executable.language === 'go') return false;
  return all.some((other) => {
    if (other.file === executable.file) return false;
    if (file === other.file) return true;
    // `src/bin/tool/main.rs` has its modules beside it.
    const folder = folderOf(other.file);
    return /(^|\/)src\/bin\/[^/]+$/.test(folder) && liesIn(file, folder);
  });
}
