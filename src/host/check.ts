import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { CheckResult, Workspace } from '../analysis/workspace.ts';
import { finish } from '../core/steps.ts';
import { findAsset } from './assets.ts';
import type { CheckRequest } from './checks.ts';
import { keepHeapsSmall } from './heaps.ts';
import { KnownAnswers, type OpenAnswers } from './known-answers.ts';
import type { PackedFacts } from './packed-facts.ts';
import { type CheckerData, type CheckReply, type CheckTask, ProgramChecker } from './program-checker.ts';

import { takeNext, type Work } from './works.ts';

/** Bytes of facts a thread has waiting at most, so that it goes on while this one is busy. */
const AHEAD = 2 ** 20;

/** The part of what is left that a thread may have waiting: at the end all are done at once. */
const SHARE = 0.1;

/** Milliseconds after which this thread looks whether others wait for it. */
const PATIENCE = 4;

export interface CheckOptions {
  /** The facts of the workspace's source files; packages of other files are checked as the workspace does it. */
  readonly packed: readonly PackedFacts[];
  /** How many threads; default as many as the machine gives. */
  readonly jobs?: number | undefined;
  /** Gives what was answered in earlier runs. */
  readonly answers?: OpenAnswers | undefined;
}

/**
 * Checks everything, with as many threads as there are jobs, of which this is one: its heap is there already. What is
 * known of an earlier run is not checked at all; the result is the same.
 */
export async function check(workspace: Workspace, options: CheckOptions): Promise<CheckResult> {
  const { packed, jobs = availableParallelism(), answers } = options;
  if (packed.length > 0) {
    const known = new KnownAnswers(workspace, packed, answers);
    const { works, data: workerData } = known;
    const entry = findAsset('checker.js');
    const resourceLimits = heapLimits(works[0]?.bytes ?? 0);
    const others: Promise<void>[] = [];
    keepHeapsSmall();
    const start = () => {
      const tasks = works.reduce((sum, work) => sum + work.left.length, 0);
      while (entry !== undefined && others.length < Math.min(jobs, tasks) - 1)
        others.push(runChecker(entry, { workerData, resourceLimits }, known));
    };
    known.take();
    start();
    // While they begin, this thread does what takes no program: what manifests say, and what they run.
    finish(workspace.checkManifests());
    known.addReviews();
    start();
    await checkHere(known);
    await Promise.all(others);
    known.save();
  }
  return workspace.check();
}

/** Takes part in this thread, until nothing is left for it. */
async function checkHere(known: KnownAnswers): Promise<void> {
  const checker = new ProgramChecker(known.data);
  let own: Work | undefined;
  let last = performance.now();
  for (let next = takeNext(known.works, own); next; next = takeNext(known.works, own)) {
    const { work, task } = next;
    if (work !== own) checker.enter(work.files);
    own = work;
    const steps = checker.answer(task);
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      if (performance.now() - last < PATIENCE) continue;
      await turn();
      last = performance.now();
    }
    known.add(work, task, step.value);
  }
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
    const waiting: { readonly work: Work; readonly task: CheckTask; readonly bytes: number }[] = [];
    const finish = () => {
      // Nobody waits until its heap is given back.
      void worker.terminate();
      done();
    };
    const send = () => {
      const ahead = Math.min(AHEAD, SHARE * known.works.reduce((sum, { remaining }) => sum + remaining, 0));
      while (waiting.length < 2 || waiting.reduce((sum, { bytes }) => sum + bytes, 0) < ahead) {
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
    worker.on('online', keepHeapsSmall);
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
