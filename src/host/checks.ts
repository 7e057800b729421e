/** What a thread that checks does: gets packed facts of a neighbourhood, sends what rules say about packages in it. */
import { parentPort, workerData } from 'node:worker_threads';
import { finish } from '../core/steps.ts';
import type { PackedFacts } from './packed-facts.ts';
import { type CheckerData, type CheckTask, ProgramChecker } from './program-checker.ts';

/** To a checker: one thing to do in the neighbourhood that was sent last. It sends a `CheckReply` for each. */
export type CheckRequest = CheckTask & { readonly neighbourhood?: readonly PackedFacts[] };

const checker = new ProgramChecker(workerData as CheckerData);
parentPort?.on('message', ({ neighbourhood, ...task }: CheckRequest) => {
  if (neighbourhood) checker.enter(neighbourhood);
  parentPort?.postMessage(finish(checker.answer(task)));
});
