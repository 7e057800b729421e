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
 * From a worker: `ready` once, then the results of some files in the order in which they were asked for, with the bytes its
 * parser holds. A message a file would cost both sides more than most files are long.
 */
export type WorkerReply = 'ready' | { readonly results: readonly WorkerResult[]; readonly memory: number };

/** What became of a file, with the buffer in which facts lie from then on where it is another one. */
interface WorkerResult extends Omit<ThreadResult, 'packed'> {
  readonly packed?: PlacedFacts;
  readonly buffer?: SharedArrayBuffer;
}

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
  const answer = (job: SourceJob): WorkerResult => {
    const { fs, digest } = digests ? digesting(nodeFileSystem) : { fs: nodeFileSystem, digest: undefined };
    const { facts, ...result } = readSource(fs, parser, job);
    const of = digest?.();
    const packed = facts && pack(facts, of ?? '', (bytes) => arena.take(bytes));
    const isNew = packed && packed.nodes.buffer !== buffer;
    if (isNew) buffer = packed.nodes.buffer as SharedArrayBuffer;
    return {
      ...result,
      ...(packed && { packed: placed(packed) }),
      ...(of !== undefined && { digest: of }),
      ...(isNew && buffer && { buffer }),
    };
  };
  parentPort?.on('message', (jobs: WorkerRequest) => {
    let results: WorkerResult[] = [];
    const memory = parser.memoryBytes();
    const tell = () => {
      if (results.length > 0) send({ results, memory: parser.memoryBytes() });
      results = [];
    };
    try {
      for (const job of jobs) {
        results.push(answer(job));
        // Whoever watches it has to know soon.
        if (parser.memoryBytes() > memory) tell();
      }
    } finally {
      tell();
    }
  });
  send('ready');
}

void serve(workerData as WorkerData, (reply) => parentPort?.postMessage(reply));
