import type { Fn, Package, Program } from './program.ts';

/** Which packages end up in one program. One per program under review. */
export class Linkage {
  /** For each package the programs that have it, by number. */
  readonly #programs = new Map<Package, Set<number>>();
  readonly #program: Program;
  readonly #imports = new Map<Package, Set<Package>>();
  #importers: Map<Package, Package[]> | undefined;
  /** For each package those whose interfaces its types may stand behind. */
  readonly #implementing = new Map<Package, Set<Package>>();
  /** Rust: the crates that name a crate among what they depend on. */
  #dependents: ReadonlyMap<string, readonly Package[]> | undefined;

  constructor(program: Program) {
    this.#program = program;
    let number = 0;
    for (const pkg of program.packages) {
      if (pkg.language !== 'go' || !isMain(pkg)) continue;
      const id = number++;
      const queue = [pkg];
      for (let next = queue.pop(); next; next = queue.pop()) {
        let programs = this.#programs.get(next);
        if (!programs) {
          programs = new Set();
          this.#programs.set(next, programs);
        }
        if (programs.has(id)) continue;
        programs.add(id);
        queue.push(...this.#importsOf(next));
      }
    }
  }

  static of(program: Program): Linkage {
    return program.derive(makeLinkage);
  }

  /** Some program has both, or one of them is in no program of the workspace, so that nobody here knows. */
  canMeet(a: Package, b: Package): boolean {
    if (a === b) return true;
    if (a.language === 'rust') {
      const [withA, withB] = [this.programsWith(a), this.programsWith(b)];
      return withA.length === 0 || withB.length === 0 || withA.some((main) => withB.includes(main));
    }
    const [ofA, ofB] = [this.#programs.get(a), this.#programs.get(b)];
    if (!ofA || !ofB) return true;
    for (const id of ofA) if (ofB.has(id)) return true;
    return false;
  }

  /**
   * Go: some package can put a value of a type of `home` behind an interface that `of` declares: it imports `home`, or is
   * it, and knows the interface or a package that takes one.
   */
  mayImplement(home: Package, of: Package): boolean {
    if (home === of) return true;
    let behind = this.#implementing.get(home);
    if (!behind) {
      behind = new Set([home, ...this.#importersOf(home)]);
      for (const by of [...behind])
        for (const known of this.#importsOf(by)) {
          behind.add(known);
          for (const taken of this.#importsOf(known)) behind.add(taken);
        }
      this.#implementing.set(home, behind);
    }
    return behind.has(of);
  }

  /** Go: the packages of the workspace that a package imports outside its tests. */
  #importsOf(pkg: Package): ReadonlySet<Package> {
    let imports = this.#imports.get(pkg);
    if (!imports) {
      imports = new Set();
      for (const file of pkg.files) {
        if (file.facts.test) continue;
        for (const { path } of file.facts.imports) {
          const imported = this.#program.packageAt(path);
          if (imported) imports.add(imported);
        }
      }
      this.#imports.set(pkg, imports);
    }
    return imports;
  }

  #importersOf(pkg: Package): readonly Package[] {
    if (!this.#importers) {
      this.#importers = new Map();
      for (const by of this.#program.packages)
        if (by.language === 'go')
          for (const imported of this.#importsOf(by)) {
            const list = this.#importers.get(imported);
            if (list) list.push(by);
            else this.#importers.set(imported, [by]);
          }
    }
    return this.#importers.get(pkg) ?? [];
  }

  /** Go: the package at a module's root, whose import path is the module's own, is what others import, or needs this one. */
  isOffered(pkg: Package): boolean {
    const above = new Set([pkg]);
    for (const by of above) {
      if (by.project !== undefined && by.dir === by.project.dir && !isMain(by)) return true;
      for (const importer of this.#importersOf(by)) above.add(importer);
    }
    return false;
  }

  /** Go: a program begins in the package. */
  isProgram(pkg: Package): boolean {
    return pkg.language === 'go' && isMain(pkg);
  }

  /** The functions with which the programs begin that a package is a part of: those of Go, or the binaries of Rust. */
  programsWith(pkg: Package): readonly Fn[] {
    if (pkg.language === 'rust') return this.#dependentsOf(pkg).flatMap(mainsOf);
    const ids = this.#programs.get(pkg);
    if (!ids) return [];
    const mains = this.#program.packages.filter((p) => p.language === 'go' && isMain(p));
    return mains.filter((_, id) => ids.has(id)).flatMap(mainsOf);
  }

  /** A crate, and all that depend on it, directly or through others. */
  #dependentsOf(crate: Package): readonly Package[] {
    if (!this.#dependents) {
      const dependents = new Map<string, Package[]>();
      for (const pkg of this.#program.packages)
        for (const name of pkg.language === 'rust' ? (pkg.project?.dependencies ?? []) : []) {
          const path = name.replaceAll('-', '_');
          const list = dependents.get(path);
          if (list) list.push(pkg);
          else dependents.set(path, [pkg]);
        }
      this.#dependents = dependents;
    }
    const found = new Set([crate]);
    for (const pkg of found) for (const other of this.#dependents.get(pkg.path) ?? []) found.add(other);
    return [...found];
  }
}

function mainsOf(pkg: Package): readonly Fn[] {
  return pkg.functionsNamed('main').filter((f) => f.fact.owner === '' && !f.isTest);
}

/** A program of Go begins in this package. */
function isMain(pkg: Package): boolean {
  return (
    pkg.files.some((file) => file.facts.packageName === 'main') &&
    pkg.functionsNamed('main').some((f) => f.fact.owner === '' && !f.isTest)
  );
}

/** The workspace has a program in the package's language: what nobody there calls is left over, or for tests. */
export function isService(pkg: Package): boolean {
  return pkg.program.derive(pkg.language === 'go' ? hasGoProgram : hasRustProgram);
}

function hasGoProgram(program: Program): boolean {
  return program.packages.some((p) => p.language === 'go' && isMain(p));
}

function hasRustProgram(program: Program): boolean {
  return program.packages.some(
    (p) => p.language === 'rust' && p.functionsNamed('main').some((f) => !f.isTest),
  );
}

function makeLinkage(program: Program): Linkage {
  return new Linkage(program);
}
