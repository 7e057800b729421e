/** The programs that stand beside those which images hold: what a person starts, and what developers or tests need. */

import { folderOf, homesOf, liesIn, type Project } from '../program/project.ts';
import { isTestPath } from '../program/test-code.ts';
import type { Language } from '../syntax/facts.ts';
import { contentsOf } from './contents.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { Executable } from './executables.ts';
import type { Recipes } from './recipes.ts';

export interface UnheldInput {
  readonly executables: readonly Executable[];
  readonly dockerfiles: readonly Dockerfile[];
  readonly recipes: readonly Recipes[];
  readonly projects: readonly Project[];
  /** Programs that are known to run in a container, by id. */
  readonly linked: ReadonlySet<string>;
  /** What says in words what images hold and containers run. */
  readonly texts: readonly string[];
  /** The folder that holds the workspace. */
  readonly root: string;
}

/**
 * Where the Dockerfiles of a workspace hold some of its programs, the others run in no service that it ships, unless
 * something names them.
 */
export class Unheld {
  readonly #input: UnheldInput;
  readonly #crateOf: (file: string) => Project | undefined;
  readonly #programs = new Map<Project, readonly Executable[]>();
  readonly #unheld = new Map<Language, ReadonlySet<Executable>>();

  constructor(input: UnheldInput) {
    this.#input = input;
    this.#crateOf = homesOf(input.projects).crate;
  }

  /** A program that a file is a part of, when no image holds any of those it is a part of. */
  with(file: string, language: Language): Executable | undefined {
    const programs = language === 'rust' ? this.#programsWith(file) : this.#programsIn(folderOf(file));
    if (programs.length === 0) return undefined;
    let unheld = this.#unheld.get(language);
    if (!unheld) {
      unheld = new Set(this.#find(language));
      this.#unheld.set(language, unheld);
    }
    return programs.every((e) => unheld.has(e)) ? programs[0] : undefined;
  }

  #find(language: Language): readonly Executable[] {
    const { executables, dockerfiles, recipes, linked, texts, root } = this.#input;
    const held = new Set(linked);
    let ships = false;
    for (const dockerfile of dockerfiles) {
      const before = held.size;
      let isOpaque = false;
      for (const folder of new Set([folderOf(dockerfile.file), root]))
        for (const target of [
          undefined,
          ...dockerfile.stages.flatMap((s) => (s.name === '' ? [] : [s.name])),
        ]) {
          const contents = contentsOf(dockerfile, { folder, target, args: new Map(), recipes }, executables);
          for (const e of contents?.all ?? []) if (e.language === language) held.add(e.id);
          isOpaque ||= contents?.opaque !== undefined;
        }
      // What nobody can read may hold any of them.
      if (isOpaque && held.size === before) return [];
      ships ||= held.size > before && !isTestPath(dockerfile.file, root);
    }
    if (!ships) return [];
    const isNamed = ({ name }: Executable) => {
      const word = new RegExp(`(?<![\\w-])${name.replace(/\W/g, '\\$&')}(?![\\w-])`);
      return texts.some((text) => text.includes(name) && word.test(text));
    };
    return executables.filter((e) => e.language === language && !held.has(e.id) && !isNamed(e));
  }

  /** Go: the program whose `main` a folder has; what other folders hold may be a part of any. */
  #programsIn(folder: string): readonly Executable[] {
    return this.#input.executables.filter((e) => e.language === 'go' && e.dir === folder);
  }

  /** Rust: a file with `main`, or one in the folder of such a file, is one program's; any other is a part of all that need its crate. */
  #programsWith(file: string): readonly Executable[] {
    const rust = this.#input.executables.filter((e) => e.language === 'rust');
    const own = rust.filter((e) => e.file === file || liesIn(file, binFolder(e) ?? e.file));
    const crate = own.length > 0 ? undefined : this.#crateOf(file);
    if (!crate) return own;
    let programs = this.#programs.get(crate);
    if (!programs) {
      const needing = new Set([crate]);
      for (const needed of needing)
        for (const project of this.#input.projects)
          if (project.kind === 'cargo' && project.uses?.includes(needed.name)) needing.add(project);
      programs = rust.filter((e) => e.project && needing.has(e.project));
      this.#programs.set(crate, programs);
    }
    return programs;
  }
}

/** The folder of a program that has one for itself: `src/bin/worker/main.rs`. */
function binFolder({ file }: Executable): string | undefined {
  return /^.*\/src\/bin\/[^/]+(?=\/main\.rs$)/.exec(file)?.[0];
}
