import { availableParallelism } from 'node:os';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { CheckResult, Workspace } from '../analysis/workspace.ts';
import { finish } from '../core/steps.ts';
import { findAsset } from './assets.ts';
import type { CheckerData, CheckReply, CheckRequest, CheckTask } from './checker.ts';
import { KnownAnswers, type OpenAnswers } from './known-answers.ts';
import type { PackedFacts } from './packed-facts.ts';
import { takeNext, type Work } from './works.ts';

/** Requests a thread holds at once, so that it never waits for the next. */
const AHEAD = 2;

export interface CheckOptions {
  /** The facts of the workspace's source files; packages of other files are checked in this thread. */
  readonly packed: readonly PackedFacts[];
  /** How many threads; default as many as the machine gives. */
  readonly jobs?: number | undefined;
  /** Gives what was answered in earlier runs. */
  readonly answers?: OpenAnswers | undefined;
}

/**
 * Checks everything, with as many threads as there are jobs. What a thread cannot answer is checked in this one, and
 * what is known of an earlier run is not checked at all; the result is the same.
 */
export async function check(workspace: Workspace, options: CheckOptions): Promise<CheckResult> {
  const { packed, jobs = availableParallelism(), answers } = options;
  const entry = packed.length === 0 ? undefined : findAsset('checker.js');
  if (entry !== undefined) {
    const known = new KnownAnswers(workspace, packed, answers);
    const { works, data: workerData } = known;
    const resourceLimits = heapLimits(works[0]?.bytes ?? 0);
    const running: Promise<void>[] = [];
    const start = () => {
      const tasks = works.reduce((sum, work) => sum + work.left.length, 0);
      while (running.length < Math.min(jobs, tasks))
        running.push(runChecker(entry, { workerData, resourceLimits }, known));
    };
    known.take();
    start();
    // While they begin, this thread does what takes no program: what manifests say, and what they run.
    finish(workspace.checkManifests());
    known.addReviews();
    start();
    await Promise.all(running);
    known.save();
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

/** One thread's life, until nothing is left for it. Resolves also when it breaks: its packages are simply not there. */
function runChecker(
  entry: string,
  options: { readonly workerData: CheckerData; readonly resourceLimits: ResourceLimits },
  known: KnownAnswers,
): Promise<void> {
  return new Promise((done) => {
    const worker = new Worker(entry, options);
    let own: Work | undefined;
    /** What was sent and is not answered. */
    const waiting: { readonly work: Work; readonly task: CheckTask }[] = [];
    const finish = () => {
      // Nobody waits until its heap is given back.
      void worker.terminate();
      done();
    };
    const send = () => {
      while (waiting.length < AHEAD) {
        const next = takeNext(known.works, own);
        if (!next) break;
        const { work, task } = next;
        const request: CheckRequest = { ...task, ...(work === own ? {} : { neighbourhood: work.files }) };
        worker.postMessage(request);
        own = work;
        waiting.push(next);
      }
      if (waiting.length === 0) finish();
    };
    worker.on('message', (reply: CheckReply) => {
      const { work, task } = waiting.shift() as (typeof waiting)[number];
      known.add(work, task, reply);
      send();
    });
    worker.on('error', finish);
    worker.on('exit', finish);
    send();
  });
}
