import { checkPackage, registry } from '../analysis/run-rules.ts';
import type { CheckPlan } from '../analysis/workspace.ts';
import { type ReviewedProgram, type ReviewRequest, reviewPrograms } from '../budget/program-review.ts';
import type { Steps } from '../core/steps.ts';
import { forgetExpressions } from '../program/places/forget.ts';
import { type Package, Program } from '../program/program.ts';
import { Recent } from '../program/recent.ts';
import { readTextFile } from './decode.ts';
import { collect } from './heaps.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { type PackedFacts, packedBytes, unpack } from './packed-facts.ts';
import { type PlainSaid, plain } from './plain-said.ts';

/** What all programs are made with, besides their files. */
export type CheckerData = Omit<CheckPlan, 'neighbourhoods'>;

/** A package to check, or the programs of the neighbourhood to review. */
export type CheckTask = { readonly package: string } | { readonly review: ReviewRequest };

/** What came of a task. */
export type CheckReply =
  | { readonly package: string; readonly said: PlainSaid }
  | { readonly reviewed: readonly ReviewedProgram[] };

/** Texts that are kept: one rule after another looks at the same few files of a package. */
const TEXTS = 16;

/** Bytes of packed facts; what is derived of them takes a few times as much. */
const WORTH_COLLECTING = 2 ** 20;

/** Bytes of the code of a package. */
const WORTH_FORGETTING = 2 ** 18;

/** The disk is not asked for its size: it was parsed a moment ago. */
function textOf(file: string): string {
  return readTextFile(nodeFileSystem, file, 1).text ?? '';
}

/** Asks the rules about one neighbourhood after another, from packed facts, in whatever thread it is made. */
export class ProgramChecker {
  readonly #data: CheckerData;
  readonly #texts = new Recent(textOf, TEXTS);
  #program: Program;
  /** Of the facts that it was made of. */
  #bytes = 0;

  constructor(data: CheckerData) {
    this.#data = data;
    this.#program = this.#of([]);
  }

  /** What comes next is about these files. */
  enter(neighbourhood: readonly PackedFacts[]): void {
    // The last one makes room before the next is unpacked.
    this.#program = this.#of([]);
    if (this.#bytes > WORTH_COLLECTING) collect();
    this.#program = this.#of(neighbourhood);
    this.#bytes = neighbourhood.reduce((sum, file) => sum + packedBytes(file), 0);
  }

  /** Does one thing in the neighbourhood that was entered last. */
  *answer(task: CheckTask): Steps<CheckReply> {
    const program = this.#program;
    if ('review' in task) return { reviewed: yield* reviewPrograms(program, task.review) };
    const { only, explain, profile } = this.#data;
    const pkg = program.packages.find((p) => p.id === task.package) as Package;
    const said = plain(yield* checkPackage(pkg, registry, { only, explain }), profile);
    // A small one leaves little behind, and the next asks about the same types.
    if (pkg.files.reduce((sum, { facts }) => sum + facts.nodes.byteLength, 0) > WORTH_FORGETTING)
      forgetExpressions(program);
    return { package: pkg.id, said };
  }

  #of(neighbourhood: readonly PackedFacts[]): Program {
    const { projects, root } = this.#data;
    const files = neighbourhood.map(unpack);
    return new Program({ files, projects, root, text: (file) => this.#texts.get(file) });
  }
}
