import { Worker } from 'node:worker_threads';
import { JobQueue } from './job-queue.ts';
import { parseProblem, type SourceJob } from './read-source.ts';
import type { ThreadResult } from './scan.ts';
import type { WorkerReply, WorkerRequest } from './worker.ts';

/** Files sent to a worker at once: enough to keep it busy, few enough that one large file holds up little. */
const BATCH = 8;

/** A parser's memory never shrinks; a worker that holds more than this is replaced. */
const MEMORY_CAP = 96 * 2 ** 20;

/**
 * Large files come first, while there are few facts. Before the many small ones the workers are replaced, so that
 * what the large ones needed is given back before the facts need the room.
 */
const LARGE = 128 * 2 ** 10;
const SMALL = 64 * 2 ** 10;

/** Milliseconds. No file of the size that is read takes a tenth of this. */
const FILE_TIMEOUT = 20_000;
const START_TIMEOUT = 60_000;

export interface PoolOptions {
  readonly jobs: readonly SourceJob[];
  readonly workers: number;
  /** Files that come before all others; another set when those are others. */
  readonly wanted?: () => ReadonlySet<string>;
  /** The worker's bundle. */
  readonly entry: string;
  /** Called for each file, in no particular order. */
  readonly onResult: (result: ThreadResult) => void;
  readonly isCancelled?: () => boolean;
  /** Milliseconds after which a file counts as one that hangs. */
  readonly fileTimeout?: number;
}

/**
 * Parses files on several threads. A file that kills its thread or takes too long becomes a notice, the thread is
 * replaced and the others go on.
 * @throws when a worker cannot even start
 */
export async function runPool(options: PoolOptions): Promise<void> {
  const queue = new JobQueue(options.jobs, options.wanted);
  const lanes = Array.from({ length: Math.min(options.workers, Math.ceil(queue.length / BATCH)) }, () =>
    runLane(queue, options),
  );
  await Promise.all(lanes);
}

/** Keeps one thread busy until the queue is empty. */
async function runLane(queue: JobQueue, options: PoolOptions): Promise<void> {
  while (queue.length > 0 && !options.isCancelled?.()) await runWorker(queue, options);
}

/** One thread's life: until the queue is empty, or until the thread has to be replaced. */
function runWorker(queue: JobQueue, options: PoolOptions): Promise<void> {
  return new Promise((done, fail) => {
    // A small young generation: facts are sent away at once, and what is left of a file is garbage.
    const worker = new Worker(options.entry, {
      resourceLimits: { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 512 },
    });
    let largest = 0;
    /** Sent and not answered, in the order in which the worker takes them. */
    const waiting: SourceJob[] = [];
    let ready = false;
    let over = false;
    let timer: NodeJS.Timeout | undefined;

    const finish = (error?: Error) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      // Whoever takes these next does not need to know that they were here.
      queue.giveBack(waiting);
      worker.terminate().then(
        () => (error ? fail(error) : done()),
        () => (error ? fail(error) : done()),
      );
    };
    const lose = (error: unknown) => {
      if (over) return;
      const job = waiting.shift();
      // A thread that cannot start would fail again and again.
      if (!job) {
        finish(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      options.onResult({
        file: job.file,
        bytes: 0,
        notices: [{ file: job.file, message: parseProblem(error) }],
      });
      finish();
    };
    const watch = () => {
      clearTimeout(timer);
      // Nothing is read before the parser is there, which takes long on a busy machine.
      const timeout = ready ? (options.fileTimeout ?? FILE_TIMEOUT) : START_TIMEOUT;
      timer = setTimeout(() => lose(new Error(`took longer than ${timeout / 1000} s`)), timeout);
    };
    const send = () => {
      while (waiting.length < BATCH && queue.length > 0 && !options.isCancelled?.()) {
        const batch: SourceJob[] = [];
        for (let job = queue.take(); job; job = batch.length < BATCH ? queue.take() : undefined)
          batch.push(job);
        waiting.push(...batch);
        worker.postMessage(batch satisfies WorkerRequest);
      }
      if (waiting.length === 0) finish();
      else watch();
    };

    worker.on('message', (reply: WorkerReply) => {
      if (over) return;
      if (reply === 'ready') {
        ready = true;
        send();
        return;
      }
      largest = Math.max(largest, waiting.shift()?.bytes ?? 0);
      options.onResult(reply.result);
      const next = waiting[0] ?? queue.next;
      if (reply.memory > MEMORY_CAP || (largest >= LARGE && next && next.bytes < SMALL)) finish();
      else send();
    });
    worker.on('error', lose);
    worker.on('exit', () => lose(new Error('the thread ended')));
    // Nothing is sent before the thread says that it is there, so that an error before that is never a file's fault.
    watch();
  });
}
