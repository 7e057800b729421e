/** Code that no program of the workspace runs, as far as can be seen: what is left over, or is there for tests. */

import { contains, type Span } from '../../core/span.ts';
import { isService, Linkage } from '../linkage.ts';
import { isForDevelopment } from '../phases/commands.ts';
import type { Fn, Package, Program, SourceFile, TypeDecl } from '../program.ts';
import { liesIn, type Project } from '../project.ts';
import { Constructions } from './constructions.ts';

/** Asked last and of what is left: each question may read the names of all files. One per program. */
export class LeftOut {
  readonly #program: Program;
  readonly #packages = new Map<Package, boolean>();
  readonly #types = new Map<TypeDecl, boolean>();

  constructor(program: Program) {
    this.#program = program;
  }

  static of(program: Program): LeftOut {
    return program.derive(makeLeftOut);
  }

  /** True for a place in a package that no program has, or in a method of a type of which tests alone make values. */
  has(file: SourceFile, span: Span): boolean {
    const pkg = file.package;
    if (!isService(pkg)) return false;
    if (pkg.language === 'go') return this.#isInNoProgram(pkg);
    const fn = file.functions.find((f) => contains(f.fact.span, span));
    const owner = fn && ownerOf(fn);
    return owner !== undefined && this.#isNeverMade(owner);
  }

  /**
   * Go: the module has a program that is no tool, or lies in one that has and needs it, and no program imports the package.
   * In a module that stands by itself without a program the package is what the module is for, and so is what the package
   * at the module's root needs; without a module nobody knows what an import means.
   */
  #isInNoProgram(pkg: Package): boolean {
    let left = this.#packages.get(pkg);
    if (left === undefined) {
      const linkage = Linkage.of(this.#program);
      left =
        pkg.project !== undefined &&
        linkage.programsWith(pkg).length === 0 &&
        !linkage.isOffered(pkg) &&
        this.#program.packages.some(
          (p) => isPartOf(pkg.project, p.project) && linkage.isProgram(p) && !isForDevelopment(p),
        );
      this.#packages.set(pkg, left);
    }
    return left;
  }

  /** Rust: nobody makes a value of the type, and no other file names it but to hand its name on. */
  #isNeverMade(type: TypeDecl): boolean {
    let never = this.#types.get(type);
    if (never === undefined) {
      never = isPlain(type) && Constructions.of(this.#program).isNeverMade(type) && !this.#isNamed(type);
      this.#types.set(type, never);
    }
    return never;
  }

  #isNamed({ file: own, fact: { name } }: TypeDecl): boolean {
    const isIt = (written: string) => written.includes(name) && written.split('::').includes(name);
    for (const file of this.#program.files())
      if (file !== own && !file.isTest && file.facts.language === 'rust' && file.facts.names.some(isIt))
        return true;
    return false;
  }
}

/** Go: a module is another one, or lies in its folder and is among what that needs. */
function isPartOf(part: Project | undefined, whole: Project | undefined): boolean {
  return (
    part === whole ||
    (part !== undefined &&
      whole !== undefined &&
      liesIn(part.file, whole.dir) &&
      whole.dependencies.includes(part.name))
  );
}

/** The type a method belongs to, in the file it is declared in. */
function ownerOf({ fact: { owner, module }, file }: Fn): TypeDecl | undefined {
  return owner === ''
    ? undefined
    : file.types.find((t) => t.fact.name === owner && t.fact.module.join() === module.join());
}

/** A struct with named fields that nothing but code makes: no derive and no attribute makes one of text or of defaults. */
function isPlain({ fact: { fields, attributes } }: TypeDecl): boolean {
  return (
    fields.some((f) => !/^\d/.test(f.name)) &&
    attributes.every((a) =>
      /^(derive\([\s,]*((Debug|Clone|PartialEq|Eq|Hash)[\s,]*)*\)|allow|doc|must_use)/.test(a),
    )
  );
}

function makeLeftOut(program: Program): LeftOut {
  return new LeftOut(program);
}
