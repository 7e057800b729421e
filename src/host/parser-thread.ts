import { Worker } from 'node:worker_threads';
import { found } from './packed-facts.ts';
import type { ThreadResult } from './read-sources.ts';
import type { WorkerData, WorkerReply, WorkerRequest } from './worker.ts';

/** The thread is there, or what became of some files and the bytes that its parser holds. */
type Reply = 'ready' | { readonly results: readonly ThreadResult[]; readonly memory: number };

type Event = { readonly reply: Reply } | { readonly lost: unknown };

/** A thread that parses. It may be started before there is work for it: what it says until then is kept. */
export class ParserThread {
  readonly #worker: Worker;
  readonly #early: Event[] = [];
  #listener: ((event: Event) => void) | undefined;
  /** In which the facts lie that come next. */
  #buffer = new SharedArrayBuffer(0);

  /**
   * @param entry the bundle of the worker
   * @param digests of each file are asked for
   */
  constructor(entry: string, digests = true) {
    const workerData: WorkerData = { digests };
    // A small young generation: facts are sent away at once, and what is left of a file is garbage. In a smaller one than this
    // what still lives of a large file is copied again and again.
    this.#worker = new Worker(entry, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 512 },
    });
    this.#worker.on('message', (reply: WorkerReply) => this.#take({ reply: this.#read(reply) }));
    this.#worker.on('error', (lost) => this.#take({ lost }));
    this.#worker.on('exit', () => this.#take({ lost: new Error('the thread ended') }));
    // Nobody waits for a thread that gets nothing to do.
    this.#worker.unref();
  }

  /** From now on there is work; tells of each reply, and of the end when it was not asked for. */
  listen(listener: (event: Event) => void): void {
    this.#worker.ref();
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }

  send(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  async end(): Promise<void> {
    this.#listener = () => {};
    await this.#worker.terminate();
  }

  #read(reply: WorkerReply): Reply {
    if (reply === 'ready') return reply;
    const results = reply.results.map(({ packed, buffer, ...result }) => {
      this.#buffer = buffer ?? this.#buffer;
      return { ...result, ...(packed && { packed: found(packed, this.#buffer) }) };
    });
    return { results, memory: reply.memory };
  }

  #take(event: Event): void {
    if (this.#listener) this.#listener(event);
    else this.#early.push(event);
  }
}
