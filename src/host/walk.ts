import { FILES_READ, type FileKind, fileKind } from '../analysis/file-kind.ts';
import type { Notice } from '../core/finding.ts';
import { folderOf } from '../program/project.ts';
import { readTextFile } from './decode.ts';
import { type Entry, type FileSystem, readProblem } from './file-system.ts';
import { IGNORE_FILES, IgnoreRules } from './ignore-files.ts';

export interface Found {
  readonly file: string;
  readonly kind: FileKind;
}

/** Settings that decide what is walked; asked anew for each path, so that settings found on the way count. */
export interface WalkFilter {
  excludesFolder(folder: string): boolean;
  takes(file: string): boolean;
}

/**
 * Finds the files Headroom reads below the given files and folders, in the order of their names. Before them come
 * the project and settings files of the folders above, outermost first, and in each folder its settings come
 * first. Links are not followed unless they are named. What cannot be read becomes a notice.
 */
export function* walk(
  fs: FileSystem,
  roots: readonly string[],
  filter: WalkFilter,
  notice: (notice: Notice) => void,
): Generator<Found> {
  const seen = new Set<string>();
  const take = function* (file: string, kind: FileKind): Generator<Found> {
    if (seen.has(file)) return;
    seen.add(file);
    yield { file, kind };
  };

  function* below(folder: string, rules: IgnoreRules): Generator<Found> {
    if (seen.has(`${folder}/`)) return;
    seen.add(`${folder}/`);
    const entries = listSorted(fs, folder, notice);
    if (!entries) return;
    const here = withIgnoreFiles(fs, folder, entries, rules);
    for (const pass of ['context', 'rest'] as const)
      for (const { name, kind } of entries) {
        const path = `${folder}/${name}`;
        if (kind === 'file') {
          const what = fileKind(path);
          if (what === undefined || isContext(what) !== (pass === 'context')) continue;
          if (here.leavesOut(path, false) || (what !== 'config' && !filter.takes(path))) continue;
          yield* take(path, what);
        } else if (pass === 'rest' && kind === 'folder') {
          if (isSkipped(fs, folder, name, entries) || here.leavesOut(path, true)) continue;
          if (filter.excludesFolder(path)) continue;
          yield* below(path, here);
        } else if (pass === 'rest' && kind === 'link') {
          const problem = linkProblem(fs, path);
          if (problem !== undefined && !here.leavesOut(path, false)) notice({ file: path, message: problem });
        }
      }
  }

  for (const root of roots) {
    const kind = fs.kind(root);
    let rules = IgnoreRules.none;
    for (const above of foldersAbove(fs, root)) {
      const entries = listSorted(fs, above, () => {});
      if (!entries) continue;
      for (const entry of entries) {
        const path = `${above}/${entry.name}`;
        const what = entry.kind === 'file' ? fileKind(path) : undefined;
        if (what !== undefined && isContext(what)) yield* take(path, what);
      }
      rules = withIgnoreFiles(fs, above, entries, rules);
    }
    if (kind === 'folder') {
      // Who names a folder wants it read, also when git does not keep it.
      yield* below(root, rules.leavesOut(root, true) ? IgnoreRules.none : rules);
    } else {
      const what = fileKind(root);
      if (what === undefined)
        notice({
          file: root,
          message: `is not a file Headroom reads. It reads ${FILES_READ}`,
        });
      else yield* take(root, what);
    }
  }
}

function isContext(kind: FileKind): boolean {
  return (
    kind === 'config' || kind === 'baseline' || kind === 'measured' || kind === 'go-mod' || kind === 'cargo'
  );
}

function listSorted(
  fs: FileSystem,
  folder: string,
  notice: (notice: Notice) => void,
): readonly Entry[] | undefined {
  try {
    return [...fs.list(folder)].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  } catch (error) {
    notice({ file: folder, message: readProblem(error) });
    return undefined;
  }
}

/** Settings come before everything they may leave out. */
function rank(entry: Entry): number {
  return fileKind(entry.name) === 'config' ? 0 : 1;
}

function withIgnoreFiles(
  fs: FileSystem,
  folder: string,
  entries: readonly Entry[],
  rules: IgnoreRules,
): IgnoreRules {
  let out = rules;
  for (const name of IGNORE_FILES)
    if (entries.some((e) => e.name === name && e.kind === 'file')) {
      const { text } = readTextFile(fs, `${folder}/${name}`);
      if (text !== undefined) out = out.with(folder, text);
    }
  return out;
}

/** The folders above a path that belong to the same repository, outermost first. */
function foldersAbove(fs: FileSystem, root: string): string[] {
  const out: string[] = [];
  let folder = root;
  while (folder !== '') {
    if (exists(fs, `${folder}/.git`)) break;
    const up = folderOf(folder);
    if (up === folder || /^[A-Za-z]:$/.test(folder)) break;
    out.unshift(up);
    folder = up;
  }
  return out;
}

function exists(fs: FileSystem, path: string): boolean {
  try {
    return fs.kind(path) !== undefined;
  } catch {
    return false;
  }
}

/** Folders that hold what others wrote or a compiler made. */
function isSkipped(fs: FileSystem, folder: string, name: string, siblings: readonly Entry[]): boolean {
  if (name === '.git' || name === '.hg' || name === '.svn' || name === '.jj') return true;
  if (name === 'vendor' || name === 'node_modules') return true;
  if (name !== 'target') return false;
  // A Go package or a Rust module may have this name, too; a build folder holds no source directly.
  if (siblings.some((s) => s.name === 'target.rs')) return false;
  try {
    return !fs.list(`${folder}/target`).some((e) => e.name === 'mod.rs' || e.name.endsWith('.go'));
  } catch {
    return true;
  }
}

/** What a person should know of a link: files it leads to are read where they are. */
function linkProblem(fs: FileSystem, path: string): string | undefined {
  try {
    if (fs.kind(path) !== 'folder') return undefined;
    return 'is a link to a folder and was not followed. Name the folder it leads to if it should be scanned';
  } catch (error) {
    return readProblem(error);
  }
}
