/** Entry of a worker thread: gets names of source files, sends their facts. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { startEngine } from './engine.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { readSource, type SourceJob, type SourceResult } from './read-source.ts';

/** To a worker: files to read, in this order. */
export type WorkerRequest = readonly SourceJob[];

/** From a worker: `ready` once, then the result of each file with the bytes its parser holds. */
export type WorkerReply = 'ready' | { readonly result: SourceResult; readonly memory: number };

if (parentPort) void serve(parentPort);

async function serve(port: MessagePort): Promise<void> {
  const parser = await startEngine();
  const send = (reply: WorkerReply, transfer: ArrayBuffer[] = []) => port.postMessage(reply, transfer);
  port.on('message', (jobs: WorkerRequest) => {
    for (const job of jobs) {
      const result = readSource(nodeFileSystem, parser, job);
      send(
        { result, memory: parser.memoryBytes() },
        result.facts ? [result.facts.nodes.buffer as ArrayBuffer] : [],
      );
    }
  });
  send('ready');
}
