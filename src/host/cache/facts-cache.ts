import { deserialize, serialize } from 'node:v8';
import { MAX_SOURCE_BYTES } from '../decode.ts';
import type { FileSystem } from '../file-system.ts';
import type { PackedFacts } from '../packed-facts.ts';
import type { SourceJob } from '../read-source.ts';
import type { ParserThreads, ThreadResult } from '../read-sources.ts';
import { turn } from '../turn.ts';
import type { CacheFolder } from './cache-folder.ts';
import { digestOf } from './digest.ts';

/** Files after which whoever else has work gets a turn. */
const TURN = 64;

/** What became of a file when it was parsed. Who asks for it again names what it had been given. */
interface Kept {
  readonly onlyForTests: boolean;
  readonly result: ThreadResult;
}

/** `Kept` as it is written: the bytes of its facts follow after all entries, in their order. */
interface Entry {
  readonly onlyForTests: boolean;
  readonly result: Omit<ThreadResult, 'packed'>;
  readonly packed?: Omit<PackedFacts, 'nodes' | 'rest' | 'texts'> & {
    /** Of `nodes`, `rest` and `texts`, in bytes. */
    readonly lengths: readonly [number, number, number];
  };
}

/** Numbers lie where a number may. */
const ALIGNED = 4;
const padding = (bytes: number) => (ALIGNED - (bytes % ALIGNED)) % ALIGNED;

/**
 * Threads that parse only what changed since the last run over the same roots: what a file's content was parsed into
 * stands in the cache.
 */
export function keepingFacts(threads: ParserThreads, folder: CacheFolder, fs: FileSystem): ParserThreads {
  const known = new Map<string, Map<string, Kept>>();
  const keptOf = (roots: readonly string[]) => {
    const name = nameOf(roots);
    let kept = known.get(name);
    if (!kept) {
      kept = read(folder, name);
      known.set(name, kept);
    }
    return kept;
  };
  return {
    ...threads,
    keeps: { knows: (roots) => keptOf(roots).size > 0 },
    start(count, roots) {
      // Where most is known, a thread would start for nothing.
      if (keptOf(roots).size === 0) threads.start(count, roots);
    },
    async parse(jobs, count, options) {
      const { roots, onResult, isCancelled } = options;
      const kept = keptOf(roots);
      known.clear();
      const next = new Map<string, Kept>();
      const left: SourceJob[] = [];
      for (const [i, job] of jobs.entries()) {
        if (isCancelled()) return;
        const before = find(kept, job, fs);
        if (before) {
          next.set(job.file, before);
          onResult(before.result);
        } else {
          left.push(job);
        }
        if (i % TURN === 0) await turn();
      }
      const jobOf = new Map(left.map((job) => [job.file, job]));
      await threads.parse(left, count, {
        ...options,
        onResult(result) {
          const { onlyForTests = false } = jobOf.get(result.file) ?? {};
          if (result.digest !== undefined) next.set(result.file, { onlyForTests, result });
          onResult(result);
        },
      });
      const isNew = left.length > 0 || next.size !== kept.size;
      if (isNew && !isCancelled()) folder.write(nameOf(roots), encode([...next.values()]));
    },
  };
}

function nameOf(roots: readonly string[]): string {
  return `facts ${[...roots].sort().join('\n')}`;
}

function find(kept: ReadonlyMap<string, Kept>, job: SourceJob, fs: FileSystem): Kept | undefined {
  const before = kept.get(job.file);
  if (!before || before.onlyForTests !== job.onlyForTests || job.bytes > MAX_SOURCE_BYTES) return undefined;
  try {
    return digestOf(fs.read(job.file)) === before.result.digest ? before : undefined;
  } catch {
    // Why it cannot be read is said by whoever parses it.
    return undefined;
  }
}

/** Nothing where there is nothing, or nothing that can be read. */
function read(folder: CacheFolder, name: string): Map<string, Kept> {
  const bytes = folder.read(name);
  try {
    return new Map((bytes ? decode(bytes) : []).map((kept) => [kept.result.file, kept]));
  } catch {
    return new Map();
  }
}

/** The length of the list of entries, that list, and the facts of each entry. */
export function encode(all: readonly Kept[]): Uint8Array[] {
  const facts: Uint8Array[] = [];
  const add = (bytes: Uint8Array) => facts.push(bytes, new Uint8Array(padding(bytes.byteLength)));
  const entries = all.map(({ onlyForTests, result: { packed, ...result } }): Entry => {
    if (!packed) return { onlyForTests, result };
    const { nodes, rest, texts, ...others } = packed;
    for (const { buffer, byteOffset, byteLength } of [nodes, rest, texts])
      add(new Uint8Array(buffer, byteOffset, byteLength));
    const lengths = [nodes.byteLength, rest.byteLength, texts.byteLength] as const;
    return { onlyForTests, result, packed: { ...others, lengths } };
  });
  const list = serialize(entries);
  const length = new Uint8Array(Uint32Array.of(list.byteLength).buffer);
  return [length, list, new Uint8Array(padding(list.byteLength)), ...facts];
}

/**
 * The facts stay where they are in `bytes`.
 * @throws when it is not what `encode` makes
 */
export function decode(bytes: Uint8Array): Kept[] {
  const { buffer } = bytes;
  const [length = 0] = new Uint32Array(buffer, 0, 1);
  let at = ALIGNED;
  // A copy: what threads share is not deserialised.
  const entries: readonly Entry[] = deserialize(Uint8Array.from(bytes.subarray(at, at + length)));
  at += length + padding(length);
  const take = (length: number): number => {
    const from = at;
    at += length + padding(length);
    return from;
  };
  const kept = entries.map(({ onlyForTests, result, packed }): Kept => {
    if (!packed) return { onlyForTests, result };
    const { lengths, ...others } = packed;
    const [nodes, rest, texts] = lengths;
    return {
      onlyForTests,
      result: {
        ...result,
        packed: {
          ...others,
          nodes: new Int32Array(buffer, take(nodes), nodes / ALIGNED),
          rest: new Uint8Array(buffer, take(rest), rest),
          texts: new Uint8Array(buffer, take(texts), texts),
        },
      },
    };
  });
  if (at !== bytes.byteLength) throw new Error('the file is of another length than it says');
  return kept;
}
