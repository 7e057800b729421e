import type { Package, Program } from './program.ts';

/** Which Go packages end up in one program. One per program under review. */
export class Linkage {
  /** For each package the programs that have it, by number. */
  readonly #programs = new Map<Package, Set<number>>();

  constructor(program: Program) {
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
        for (const file of next.files) {
          if (file.facts.test) continue;
          for (const { path } of file.facts.imports) {
            const imported = program.packageAt(path);
            if (imported) queue.push(imported);
          }
        }
      }
    }
  }

  static of(program: Program): Linkage {
    return program.derive(makeLinkage);
  }

  /** Some program has both, or one of them is in no program of the workspace, so that nobody here knows. */
  canMeet(a: Package, b: Package): boolean {
    if (a === b) return true;
    const [ofA, ofB] = [this.#programs.get(a), this.#programs.get(b)];
    if (!ofA || !ofB) return true;
    for (const id of ofA) if (ofB.has(id)) return true;
    return false;
  }
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
