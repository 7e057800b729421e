import { type FileKind, fileKind } from '../analysis/file-kind.ts';
import type { Workspace } from '../analysis/workspace.ts';
import type { ReviewedProgram, ReviewRequest } from '../budget/program-review.ts';
import type { PackedFacts } from './packed-facts.ts';
import { plain, whole } from './plain-said.ts';
import type { CheckerData, CheckReply, CheckTask } from './program-checker.ts';
import { addReview, leaveOut, type Work, worksOf } from './works.ts';

/** Files that programs are made of. */
const DECIDING = new Set<FileKind | undefined>(['rust', 'go', 'cargo', 'go-mod']);

/** What was answered in an earlier run. */
export interface Answers {
  /** @param files of the neighbourhood that the question is about */
  find(files: readonly PackedFacts[], task: CheckTask): CheckReply | undefined;
  add(files: readonly PackedFacts[], task: CheckTask, reply: CheckReply): void;
  /** Keeps for the next run what was found and added in this one. */
  save(): void;
}

/**
 * Gives the answers of earlier runs.
 * @param data what all programs are made with, besides their files
 * @param texts of the files that `data` was read from
 */
export type OpenAnswers = (data: CheckerData, texts: readonly string[]) => Answers;

/** What is to check in a workspace as it lies on the disk, and what of it is known of an earlier run. */
export class KnownAnswers {
  /** What has to be done. */
  readonly works: readonly Work[];
  /** What all programs are made with. */
  readonly data: CheckerData;
  readonly #workspace: Workspace;
  readonly #answers: Answers | undefined;
  readonly #workOf: ReadonlyMap<string, Work>;
  readonly #changed = new Set<Work>();

  /** @param packed the facts of its source files; neighbourhoods of other files are not among the works */
  constructor(workspace: Workspace, packed: readonly PackedFacts[], open?: OpenAnswers) {
    const { neighbourhoods, ...data } = workspace.plan();
    this.#workspace = workspace;
    this.data = data;
    this.works = worksOf(neighbourhoods, packed);
    this.#workOf = new Map(this.works.flatMap((work) => work.files.map(({ head }) => [head.file, work])));
    this.#answers = open?.(
      data,
      data.projects.map(({ file }) => workspace.text(file)),
    );
  }

  /** Hands the workspace what is known of the works; they are done. */
  take(): void {
    for (const work of this.works)
      leaveOut(work, (task) => {
        const reply = this.#answers?.find(work.files, task);
        if (reply) this.#hand(work, reply);
        return reply !== undefined;
      });
  }

  /** Adds the reviews that the workspace wants, as soon as its manifests are read, but for those that are known. */
  addReviews(): void {
    const reviews = this.#workspace.planReviews();
    for (const work of this.works) {
      const review = reviews.get(work.id);
      const known = review && this.review(work.id, review);
      if (known) this.#workspace.takeReview(work.id, known);
      else if (review) addReview(work, review);
    }
  }

  /** The review of a neighbourhood's programs, where it is known and nothing in it changed. */
  review(neighbourhood: string, review: ReviewRequest): readonly ReviewedProgram[] | undefined {
    const work = this.works.find(({ id }) => id === neighbourhood);
    if (!work || this.#changed.has(work)) return undefined;
    const reply = this.#answers?.find(work.files, { review });
    return reply && 'reviewed' in reply ? reply.reviewed : undefined;
  }

  /** Takes what a thread answered. */
  add(work: Work, task: CheckTask, reply: CheckReply): void {
    this.#answers?.add(work.files, task, reply);
    this.#hand(work, reply);
  }

  /** A source file as it lies on the disk is a part of the works. */
  holds(file: string): boolean {
    return this.#workOf.has(file);
  }

  /** Notes that a file is not what lies on the disk, or that it is not what lay there. */
  changed(file: string): void {
    if (!DECIDING.has(fileKind(file))) return;
    const work = this.#workOf.get(file);
    // Nobody knows where a file belongs that was not there, and all programs rest on what projects say.
    for (const one of work ? [work] : this.works) this.#changed.add(one);
  }

  /** Takes what the workspace found out itself. */
  addOwn(): void {
    for (const work of this.works) {
      if (this.#changed.has(work)) continue;
      for (const { task } of work.left) {
        if (!('package' in task)) continue;
        const said = this.#workspace.said(work.id, task.package);
        if (said) this.#answers?.add(work.files, task, { ...task, said: plain(said, this.data.profile) });
      }
      const reviewed = this.#workspace.reviewed(work.id);
      if (reviewed) {
        const { request, programs } = reviewed;
        this.#answers?.add(work.files, { review: request }, { reviewed: programs });
      }
    }
  }

  save(): void {
    this.#answers?.save();
  }

  #hand(work: Work, reply: CheckReply): void {
    if ('reviewed' in reply) this.#workspace.takeReview(work.id, reply.reviewed);
    else this.#workspace.takeSaid(work.id, reply.package, whole(reply.said));
  }
}
