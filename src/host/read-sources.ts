import type { Source, Workspace } from '../analysis/workspace.ts';
import type { Notice } from '../core/finding.ts';
import { type FileFacts, headOf } from '../syntax/facts.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { readTextFile } from './decode.ts';
import { FactsPool } from './facts-pool.ts';
import { type FileSystem, isAddress } from './file-system.ts';
import { type Audience, FirstPackages } from './first-packages.ts';
import type { PackedFacts } from './packed-facts.ts';
import { readSource, type SourceJob, type SourceResult } from './read-source.ts';
import { turn } from './turn.ts';

/** Files fetched at once: enough that asking costs little, few enough that progress is seen. */
const FETCHED = 100;

/** Files after which whoever else has work gets a turn: the editor's messages have to get through. */
const TURN = 16;

/** Below this many source files a thread costs more than it gives. */
const FILES_PER_WORKER = 60;

/** Threads that read and parse files of the disk by themselves. */
export interface ParserThreads {
  /** As many as the machine gives. */
  readonly count: number;
  /** Starts threads for `parse`, which takes them a while. */
  start(threads: number): void;
  /**
   * Reads and parses files, in no particular order.
   * @throws when no thread can start; files that were not told of are left
   */
  parse(
    jobs: readonly SourceJob[],
    threads: number,
    options: {
      readonly onResult: (result: ThreadResult) => void;
      readonly isCancelled: () => boolean;
      /** Files that come before all others; another set when those are others. */
      readonly wanted?: () => ReadonlySet<string>;
    },
  ): Promise<void>;
  unpack(packed: PackedFacts): FileFacts;
}

/** What became of one source file in a thread. */
export type ThreadResult = Omit<SourceResult, 'facts'> & { readonly packed?: PackedFacts };

/** Who reads source files, and who is told of it. */
export interface ReadingRequest {
  readonly workspace: Workspace;
  readonly fs: FileSystem;
  /** Starts the parser of this thread; called only when it is needed. */
  readonly engine: () => Promise<SourceParser>;
  /** Left out where there are none, or where they cannot read this file system. */
  readonly threads?: ParserThreads | undefined;
  /** How many threads; default as many as the machine gives. Few files are parsed in the calling thread. */
  readonly jobs?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Gets source files that are about to be read in this thread, where that takes more than a disk. */
  readonly fetch?: (files: readonly string[]) => Promise<void>;
  readonly isCancelled?: () => boolean;
  /** Hears of packages before all is read. */
  readonly audience?: Audience;
}

/** What came of reading so far. */
export interface Tally {
  /** Files that were read. */
  files: number;
  /** Their size on disk. */
  bytes: number;
  readonly notices: Notice[];
}

/** How many threads are worth it for so many source files. One for many is, too: what its parser took is given back at its end. */
export function threadsFor({ jobs, threads }: ReadingRequest, sources: number): number {
  if (sources < 2 * FILES_PER_WORKER) return 0;
  return Math.min(jobs ?? threads?.count ?? 0, Math.floor(sources / FILES_PER_WORKER));
}

/**
 * Reads and parses source files into the workspace: first the packages that somebody wants to hear of, in this
 * thread, then the others in threads, where that is worth it, and at last here what no thread has read.
 * @returns the facts that were packed in threads, for threads
 */
export async function readSources(
  request: ReadingRequest,
  sources: readonly SourceJob[],
  tally: Tally,
): Promise<readonly PackedFacts[]> {
  const reading = new Reading(request, sources, tally);
  const first = await reading.first();
  const left = await reading.inThreads(sources.filter((job) => !first.has(job)));
  await reading.here(left);
  return reading.packed;
}

class Reading {
  readonly packed: PackedFacts[] = [];
  readonly #request: ReadingRequest;
  readonly #sources: readonly SourceJob[];
  readonly #tally: Tally;
  readonly #packages: FirstPackages | undefined;
  readonly #pool = new FactsPool();
  #done = 0;

  constructor(request: ReadingRequest, sources: readonly SourceJob[], tally: Tally) {
    this.#request = request;
    this.#sources = sources;
    this.#tally = tally;
    const { audience, workspace, fs } = request;
    const peek = (file: string) => (isAddress(file) ? undefined : readTextFile(fs, file).text);
    this.#packages = audience && new FirstPackages(sources, workspace.projects, audience, peek);
  }

  /**
   * Reads what comes before all others. A thread takes longer to start than such a package to be read, and would keep
   * whoever looks at it from doing so.
   */
  async first(): Promise<ReadonlySet<SourceJob>> {
    const first = new Set<SourceJob>();
    for await (const part of this.#packages?.parts() ?? []) {
      for (const job of part) first.add(job);
      await this.here(part);
    }
    return first;
  }

  async here(jobs: readonly SourceJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { fs, engine, fetch, isCancelled } = this.#request;
    const parser = await engine();
    for (const [i, job] of jobs.entries()) {
      if (isCancelled?.()) return;
      if (i % FETCHED === 0) await fetch?.(jobs.slice(i, i + FETCHED).map(({ file }) => file));
      const result = readSource(fs, parser, job);
      const facts = result.facts && this.#pool.add(result.facts);
      this.#take(result, facts && { head: headOf(facts), facts: () => facts });
      if (i % TURN === 0) await turn();
    }
  }

  /** Gives those that no thread read. */
  async inThreads(jobs: readonly SourceJob[]): Promise<readonly SourceJob[]> {
    const onDisk = jobs.filter((job) => !isAddress(job.file));
    const { threads, isCancelled } = this.#request;
    const count = threadsFor(this.#request, onDisk.length);
    if (!threads || count === 0) return jobs;
    const packages = this.#packages;
    const read = new Set<string>();
    try {
      await threads.parse(onDisk, count, {
        onResult: ({ packed, ...result }) => {
          read.add(result.file);
          if (packed) this.packed.push(packed);
          this.#take(result, packed && { head: packed.head, facts: unpackOnce(packed, threads, this.#pool) });
        },
        isCancelled: () => isCancelled?.() === true,
        ...(packages && { wanted: () => packages.wanted() }),
      });
    } catch {
      // A machine that gives no thread is slower, not worse.
    }
    return jobs.filter((job) => !read.has(job.file));
  }

  #take(result: Omit<SourceResult, 'facts'>, source: Omit<Source, 'readText'> | undefined): void {
    const { workspace, fs, onProgress } = this.#request;
    this.#tally.notices.push(...result.notices);
    if (source || result.passed) {
      this.#tally.files++;
      this.#tally.bytes += result.bytes;
    }
    if (source) workspace.setSource({ ...source, readText: () => readTextFile(fs, result.file).text ?? '' });
    this.#packages?.read(result.file);
    onProgress?.(++this.#done, this.#sources.length);
  }
}

/** The facts when somebody asks for them, from then on kept in place of what they were packed in. */
function unpackOnce(packed: PackedFacts, threads: ParserThreads, pool: FactsPool): () => FileFacts {
  let from: PackedFacts | FileFacts = packed;
  return () => {
    if ('rest' in from) from = pool.add(threads.unpack(from));
    return from;
  };
}
