/** Entry of a worker thread: gets names of source files, sends their facts. */
import { parentPort, workerData } from 'node:worker_threads';
import { digestOf } from './cache/digest.ts';
import { startEngine } from './engine.ts';
import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { Arena, type PlacedFacts, pack, placed } from './packed-facts.ts';
import { readSource, type SourceJob } from './read-source.ts';
import type { ThreadResult } from './read-sources.ts';

/** To a worker: files to read, in this order. */
export type WorkerRequest = readonly SourceJob[];

/** What a worker is started with. */
export interface WorkerData {
  /** What it parses is kept by the digest of the file. */
  readonly digests: boolean;
}

/**
 * From a worker: `ready` once, then the result of each file with the bytes its parser holds, and the buffer in which the
 * facts lie from then on where it is another one.
 */
export type WorkerReply =
  | 'ready'
  | {
      readonly result: Omit<ThreadResult, 'packed'> & { readonly packed?: PlacedFacts };
      readonly memory: number;
      readonly buffer?: SharedArrayBuffer;
    };

/** The same file system, and the digest of what was read of it last. */
function digesting(fs: FileSystem): { readonly fs: FileSystem; readonly digest: () => string | undefined } {
  let last: Uint8Array | undefined;
  const read = (file: string) => {
    last = fs.read(file);
    return last;
  };
  return { fs: { ...fs, read }, digest: () => last && digestOf(last) };
}

async function serve({ digests }: WorkerData, send: (reply: WorkerReply) => void): Promise<void> {
  const parser = await startEngine();
  const arena = new Arena();
  let buffer: SharedArrayBuffer | undefined;
  parentPort?.on('message', (jobs: WorkerRequest) => {
    for (const job of jobs) {
      const { fs, digest } = digests ? digesting(nodeFileSystem) : { fs: nodeFileSystem, digest: undefined };
      const { facts, ...result } = readSource(fs, parser, job);
      const of = digest?.();
      const packed = facts && pack(facts, of ?? '', (bytes) => arena.take(bytes));
      const isNew = packed && packed.nodes.buffer !== buffer;
      if (isNew) buffer = packed.nodes.buffer as SharedArrayBuffer;
      send({
        result: {
          ...result,
          ...(packed && { packed: placed(packed) }),
          ...(of !== undefined && { digest: of }),
        },
        memory: parser.memoryBytes(),
        ...(isNew && buffer && { buffer }),
      });
    }
  });
  send('ready');
}

void serve(workerData as WorkerData, (reply) => parentPort?.postMessage(reply));
