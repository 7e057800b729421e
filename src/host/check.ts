import { availableParallelism } from 'node:os';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Said } from '../analysis/run-rules.ts';
import type { CheckPlan, CheckResult, Workspace } from '../analysis/workspace.ts';
import type { ReviewRequest } from '../budget/program-review.ts';
import { finish } from '../core/steps.ts';
import { findAsset } from './assets.ts';
import type { CheckerData, CheckReply, CheckRequest, CheckTask, PlainSaid } from './checker.ts';
import { type PackedFacts, packedBytes } from './packed-facts.ts';

/** Requests a thread holds at once, so that it never waits for the next. */
const AHEAD = 2;

/** What a review of a neighbourhood's programs costs, as a part of checking all its packages. */
const REVIEW = 0.15;

/** A thread joins another one's neighbourhood only where more is left than it costs to unpack all of it. */
const WORTH_JOINING = 0.4;

/** What is to do in one neighbourhood, the largest package last. */
interface Work {
  readonly id: string;
  readonly files: readonly PackedFacts[];
  readonly bytes: number;
  readonly left: { readonly task: CheckTask; readonly bytes: number }[];
  /** Bytes of what nobody took yet. */
  remaining: number;
  taken: boolean;
}

/**
 * Checks everything, with as many threads as there are jobs. What a thread cannot answer is checked in this one; the
 * result is the same.
 * @param packed the facts of the workspace's source files; packages of other files are checked in this thread
 */
export async function check(
  workspace: Workspace,
  packed: readonly PackedFacts[],
  jobs: number = availableParallelism(),
): Promise<CheckResult> {
  const entry = packed.length === 0 ? undefined : findAsset('checker.js');
  if (entry !== undefined) {
    const { neighbourhoods, ...data } = workspace.plan();
    const works = plan(neighbourhoods, packed);
    const resourceLimits = heapLimits(works[0]?.bytes ?? 0);
    const threads = Math.min(
      jobs,
      works.reduce((sum, work) => sum + work.left.length, 0),
    );
    const running = Array.from({ length: threads }, () =>
      runChecker(entry, { workerData: data, resourceLimits }, works, workspace),
    );
    // While they begin, this thread does what takes no program: what manifests say, and what they run.
    finish(workspace.checkManifests());
    for (const [id, review] of workspace.planReviews()) {
      const work = works.find((work) => work.id === id);
      if (work) addReview(work, review);
    }
    await Promise.all(running);
  }
  return workspace.check();
}

/**
 * Limits for a thread, by the bytes of the largest neighbourhood. A program and what is derived from it take about
 * twice its packed bytes. V8 collects often where the limit is near 256 MB and lets the heap double where it is far,
 * and new objects are mostly garbage, of which little has to lie around.
 */
function heapLimits(bytes: number): ResourceLimits {
  const megabytes = bytes / 2 ** 20;
  return { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: Math.max(256, Math.ceil(16 * megabytes)) };
}

function plan(neighbourhoods: CheckPlan['neighbourhoods'], packed: readonly PackedFacts[]): Work[] {
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
function addReview(work: Work, review: ReviewRequest): void {
  const bytes = work.bytes * REVIEW;
  work.left.unshift({ task: { review }, bytes });
  work.remaining += bytes;
}

/** The neighbourhood a thread goes on with: its own, else the largest that nobody began, else one that is worth it. */
function choose(works: readonly Work[], own: Work | undefined): Work | undefined {
  if (own && own.left.length > 0) return own;
  return (
    works.find((work) => !work.taken) ??
    [...works]
      .sort((a, b) => b.remaining - a.remaining)
      .find((work) => work.left.length > 0 && work.remaining > work.bytes * WORTH_JOINING)
  );
}

/** What rules said, as if they had said it in this thread. */
function whole(said: PlainSaid): Said {
  const findings = said.findings.map((finding) => ({
    ...finding,
    fixes: finding.fixes.map((fix) => ({ ...fix, edits: () => fix.edits })),
  }));
  return { ...said, findings };
}

/** One thread's life, until nothing is left for it. Resolves also when it breaks: its packages are simply not there. */
function runChecker(
  entry: string,
  options: { readonly workerData: CheckerData; readonly resourceLimits: ResourceLimits },
  works: readonly Work[],
  workspace: Workspace,
): Promise<void> {
  return new Promise((done) => {
    const worker = new Worker(entry, options);
    let own: Work | undefined;
    /** Neighbourhoods of what was sent and is not answered. */
    const waiting: Work[] = [];
    const finish = () => void worker.terminate().then(() => done());
    const send = () => {
      while (waiting.length < AHEAD) {
        const work = choose(works, own);
        const next = work?.left.pop();
        if (!work || !next) break;
        const request: CheckRequest = {
          ...next.task,
          ...(work === own ? {} : { neighbourhood: work.files }),
        };
        worker.postMessage(request);
        work.taken = true;
        work.remaining -= next.bytes;
        own = work;
        waiting.push(work);
      }
      if (waiting.length === 0) finish();
    };
    worker.on('message', (reply: CheckReply) => {
      const work = waiting.shift() as Work;
      if ('reviewed' in reply) workspace.takeReview(work.id, reply.reviewed);
      else workspace.takeSaid(work.id, reply.package, whole(reply.said));
      send();
    });
    worker.on('error', finish);
    worker.on('exit', finish);
    send();
  });
}
