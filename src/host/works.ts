import type { CheckPlan } from '../analysis/workspace.ts';
import type { ReviewRequest } from '../budget/program-review.ts';
import { type PackedFacts, packedBytes } from './packed-facts.ts';
import type { CheckTask } from './program-checker.ts';

/** What a review of a neighbourhood's programs costs, as a part of checking all its packages. */
const REVIEW = 0.15;

/**
 * A thread joins another one's neighbourhood only where so much is left. Two threads that share one take 0.4 of it more than
 * one that does it alone (processor time of both against that of one, the packages parted at several places, in four
 * repositories of 2 to 10 MB): with less than that left nobody is done earlier, and with little more hardly.
 */
const WORTH_JOINING = 0.6;

/** What is to do in one neighbourhood. */
export interface Work {
  readonly id: string;
  readonly files: readonly PackedFacts[];
  readonly bytes: number;
  /** What nobody took yet; the largest package last. */
  readonly left: { readonly task: CheckTask; readonly bytes: number }[];
  /** Bytes of what nobody took yet. */
  remaining: number;
  taken: boolean;
}

/** The neighbourhoods whose files are all packed, the largest first. */
export function worksOf(neighbourhoods: CheckPlan['neighbourhoods'], packed: readonly PackedFacts[]): Work[] {
  const byFile = new Map(packed.map((p) => [p.head.file, p]));
  return neighbourhoods
    .flatMap(({ id, packages }): Work[] => {
      const files = packages.flatMap((pkg) => pkg.files.map((file) => byFile.get(file)));
      // All of a neighbourhood or nothing: a part of a program would be judged otherwise.
      if (!files.every((file) => file !== undefined)) return [];
      const left: Work['left'] = packages
        .map((pkg) => ({
          task: { package: pkg.id },
          bytes: pkg.files.reduce((sum, file) => sum + packedBytes(byFile.get(file) as PackedFacts), 0),
        }))
        .sort((a, b) => a.bytes - b.bytes);
      const bytes = left.reduce((sum, pkg) => sum + pkg.bytes, 0);
      return [{ id, files, bytes, left, remaining: bytes, taken: false }];
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** It comes last: most of what it asks has then been derived for the rules. */
export function addReview(work: Work, review: ReviewRequest): void {
  const bytes = work.bytes * REVIEW;
  work.left.unshift({ task: { review }, bytes });
  work.remaining += bytes;
}

/** Takes out of a neighbourhood what somebody else has done. */
export function leaveOut(work: Work, isDone: (task: CheckTask) => boolean): void {
  const left = work.left.filter(({ task }) => !isDone(task));
  work.left.splice(0, work.left.length, ...left);
  work.remaining = left.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Gives the next thing to do: of its own neighbourhood, else of the largest that nobody began, else of one that is worth it. */
export function takeNext(
  works: readonly Work[],
  own: Work | undefined,
): { readonly work: Work; readonly task: CheckTask; readonly bytes: number } | undefined {
  const work = own && own.left.length > 0 ? own : chooseOther(works);
  const next = work?.left.pop();
  if (!work || !next) return undefined;
  work.taken = true;
  work.remaining -= next.bytes;
  return { work, ...next };
}

function chooseOther(works: readonly Work[]): Work | undefined {
  const open = works.filter((work) => work.left.length > 0);
  return (
    open.find((work) => !work.taken) ??
    open.sort((a, b) => b.remaining - a.remaining).find((work) => work.remaining > work.bytes * WORTH_JOINING)
  );
}
