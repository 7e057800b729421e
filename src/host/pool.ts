import { JobQueue } from './job-queue.ts';
import { ParserThread } from './parser-thread.ts';
import { parseProblem, type SourceJob } from './read-source.ts';
import type { ThreadResult } from './read-sources.ts';

/** Files sent to a worker at once: enough to keep it busy, few enough that one large file holds up little. */
const BATCH = 8;

/** Batches that a worker has at once: it does not wait for the next. */
const AHEAD = 2;

/** A parser's memory never shrinks; a worker that holds more than this is replaced. */
const MEMORY_CAP = 96 * 2 ** 20;

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
  /** The digest of each file is asked for. */
  readonly digests?: boolean;
  /** Threads that were started already; all of them are ended. */
  readonly started?: readonly ParserThread[];
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
  const started = [...(options.started ?? [])];
  const lanes = Array.from({ length: Math.min(options.workers, Math.ceil(queue.length / BATCH)) }, () =>
    runLane(queue, started, options),
  );
  try {
    await Promise.all(lanes);
  } finally {
    for (const thread of started) await thread.end();
  }
}

/** Keeps one thread busy until the queue is empty. */
async function runLane(queue: JobQueue, started: ParserThread[], options: PoolOptions): Promise<void> {
  while (queue.length > 0 && !options.isCancelled?.())
    await runThread(started.pop() ?? new ParserThread(options.entry, options.digests), queue, options);
}

/** One thread's life: until the queue is empty, or until the thread has to be replaced. */
function runThread(thread: ParserThread, queue: JobQueue, options: PoolOptions): Promise<void> {
  return new Promise((done, fail) => {
    /** Sent and not answered, in the order in which the worker takes them; it tells of each batch before it takes the next. */
    const waiting: SourceJob[][] = [];
    let ready = false;
    let over = false;
    let timer: NodeJS.Timeout | undefined;

    const finish = (error?: Error) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      // Whoever takes these next does not need to know that they were here.
      queue.giveBack(waiting.flat());
      thread.end().then(
        () => (error ? fail(error) : done()),
        () => (error ? fail(error) : done()),
      );
    };
    const lose = (error: unknown) => {
      if (over) return;
      const [job, ...others] = waiting[0] ?? [];
      // A thread that cannot start would fail again and again.
      if (!job) {
        finish(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (others.length > 0) {
        queue.suspect([job, ...others]);
        finish();
        return;
      }
      waiting.shift();
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
      while (waiting.length < AHEAD && queue.length > 0 && !options.isCancelled?.()) {
        const batch = queue.takeBatch(BATCH);
        waiting.push(batch);
        thread.send(batch);
      }
      if (waiting.length === 0) finish();
      else watch();
    };

    thread.listen((event) => {
      if (over) return;
      if ('lost' in event) {
        lose(event.lost);
      } else if (event.reply === 'ready') {
        ready = true;
        send();
      } else {
        for (const result of event.reply.results) {
          waiting[0]?.shift();
          options.onResult(result);
        }
        if (waiting[0]?.length === 0) waiting.shift();
        if (event.reply.memory > MEMORY_CAP) finish();
        else send();
      }
    });
    // Nothing is sent before the thread says that it is there, so that an error before that is never a file's fault.
    if (!ready && !over) watch();
  });
}
