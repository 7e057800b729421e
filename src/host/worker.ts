/** Entry of a worker thread: gets names of source files, sends their facts. */
import { parentPort } from 'node:worker_threads';
import { digestOf } from './cache/digest.ts';
import { startEngine } from './engine.ts';
import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { pack } from './packed-facts.ts';
import { readSource, type SourceJob } from './read-source.ts';
import type { ThreadResult } from './read-sources.ts';

/** To a worker: files to read, in this order. */
export type WorkerRequest = readonly SourceJob[];

/** From a worker: `ready` once, then the result of each file with the bytes its parser holds. */
export type WorkerReply = 'ready' | { readonly result: ThreadResult; readonly memory: number };

/** The same file system, and the digest of what was read of it last. */
function digesting(fs: FileSystem): { readonly fs: FileSystem; readonly digest: () => string | undefined } {
  let last: Uint8Array | undefined;
  const read = (file: string) => {
    last = fs.read(file);
    return last;
  };
  return { fs: { ...fs, read }, digest: () => last && digestOf(last) };
}

async function serve(send: (reply: WorkerReply) => void): Promise<void> {
  const parser = await startEngine();
  parentPort?.on('message', (jobs: WorkerRequest) => {
    for (const job of jobs) {
      const { fs, digest } = digesting(nodeFileSystem);
      const { facts, ...result } = readSource(fs, parser, job);
      const of = digest();
      const packed = facts && pack(facts, of ?? '');
      send({
        result: { ...result, ...(packed && { packed }), ...(of !== undefined && { digest: of }) },
        memory: parser.memoryBytes(),
      });
    }
  });
  send('ready');
}

void serve((reply) => parentPort?.postMessage(reply));
