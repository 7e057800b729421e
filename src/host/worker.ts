/** Entry of a worker thread: gets names of source files, sends their facts. */
import { parentPort } from 'node:worker_threads';
import { startEngine } from './engine.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { pack } from './packed-facts.ts';
import { readSource, type SourceJob } from './read-source.ts';
import type { ThreadResult } from './read-sources.ts';

/** To a worker: files to read, in this order. */
export type WorkerRequest = readonly SourceJob[];

/** From a worker: `ready` once, then the result of each file with the bytes its parser holds. */
export type WorkerReply = 'ready' | { readonly result: ThreadResult; readonly memory: number };

async function serve(send: (reply: WorkerReply) => void): Promise<void> {
  const parser = await startEngine();
  parentPort?.on('message', (jobs: WorkerRequest) => {
    for (const job of jobs) {
      const { facts, ...result } = readSource(nodeFileSystem, parser, job);
      send({ result: facts ? { ...result, packed: pack(facts) } : result, memory: parser.memoryBytes() });
    }
  });
  send('ready');
}

void serve((reply) => parentPort?.postMessage(reply));
