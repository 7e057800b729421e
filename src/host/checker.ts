/** Entry of a worker thread: gets packed facts of a neighbourhood, sends what rules say about packages in it. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkPackage, registry } from '../analysis/run-rules.ts';
import type { CheckPlan } from '../analysis/workspace.ts';
import { type ReviewedProgram, type ReviewRequest, reviewPrograms } from '../budget/program-review.ts';
import { finish } from '../core/steps.ts';
import { type Package, Program } from '../program/program.ts';
import { Recent } from '../program/recent.ts';
import { readTextFile } from './decode.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { type PackedFacts, unpack } from './packed-facts.ts';
import { type PlainSaid, plain } from './plain-said.ts';

/** What a checker is started with. */
export type CheckerData = Omit<CheckPlan, 'neighbourhoods'>;

/** To a checker: one thing to do in the neighbourhood that was sent last. */
export type CheckRequest = CheckTask & { readonly neighbourhood?: readonly PackedFacts[] };

/** A package to check, or the programs of the neighbourhood to review. */
export type CheckTask = { readonly package: string } | { readonly review: ReviewRequest };

/** From a checker, for each request. */
export type CheckReply =
  | { readonly package: string; readonly said: PlainSaid }
  | { readonly reviewed: readonly ReviewedProgram[] };

function serve({ profile, only, projects, root }: CheckerData): void {
  const texts = new Recent((file: string) => readTextFile(nodeFileSystem, file).text ?? '', 4);
  let program = new Program({ files: [], projects, root, text: () => '' });
  const answer = (task: CheckTask): CheckReply => {
    if ('review' in task) return { reviewed: finish(reviewPrograms(program, task.review)) };
    const pkg = program.packages.find((p) => p.id === task.package) as Package;
    return { package: pkg.id, said: plain(finish(checkPackage(pkg, registry, { only })), profile) };
  };
  parentPort?.on('message', ({ neighbourhood, ...task }: CheckRequest) => {
    if (neighbourhood) {
      // The last one makes room before the next is unpacked.
      program = new Program({ files: [], projects, root, text: () => '' });
      const files = neighbourhood.map(unpack);
      program = new Program({ files, projects, root, text: (file) => texts.get(file) });
    }
    parentPort?.postMessage(answer(task));
  });
}

serve(workerData as CheckerData);
