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
  /**
   * Starts threads for `parse`, which takes them a while.
   * @param roots what is read
   */
  start(threads: number, roots: readonly string[]): void;
  /**
   * Reads and parses files, in no particular order.
   * @throws when no thread can start; files that were not told of are left
   */
  parse(
    jobs: readonly SourceJob[],
    threads: number,
    options: {
      /** What is read: the same folders are read again and again. */
      readonly roots: readonly string[];
      readonly onResult: (result: ThreadResult) => void;
      readonly isCancelled: () => boolean;
      /** Files that come before all others; another set when those are others. */
      readonly wanted?: () => ReadonlySet<string>;
    },
  ): Promise<void>;
  unpack(packed: PackedFacts): FileFacts;
  /** Where what they parse is kept for the next run. */
  readonly keeps?: {
    /** True when there was an earlier run over these roots, so that little has to be parsed. */
    knows(roots: readonly string[]): boolean;
  };
}

/** What became of one source file in a thread. */
export type ThreadResult = Omit<SourceResult, 'facts'> & {
  readonly packed?: PackedFacts;
  /** Of the file's bytes; left out where they were not read. */
  readonly digest?: string;
};

/** Who reads source files, and who is told of it. */
export interface ReadingRequest {
  /** Absolute files and folders. */
  readonly roots: readonly string[];
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
  const { keeps } = request.threads ?? {};
  const reading = new Reading(request, sources, tally);
  if (!keeps?.knows(request.roots)) await reading.first();
  // What is to be kept is what threads make of all files; those that were read first are few.
  await reading.inThreads(keeps ? sources : reading.left());
  await reading.here(reading.left());
  return reading.packed;
}

class Reading {
  readonly packed: PackedFacts[] = [];
  readonly #request: ReadingRequest;
  readonly #sources: readonly SourceJob[];
  readonly #tally: Tally;
  readonly #packages: FirstPackages | undefined;
  readonly #pool = new FactsPool();
  readonly #read = new Set<string>();

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
  async first(): Promise<void> {
    for await (const part of this.#packages?.parts() ?? []) await this.here(part);
  }

  /** What was not read yet. */
  left(): SourceJob[] {
    return this.#sources.filter(({ file }) => !this.#read.has(file));
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

  /** Reads what threads can read, where that is worth it. */
  async inThreads(jobs: readonly SourceJob[]): Promise<void> {
    const onDisk = jobs.filter((job) => !isAddress(job.file));
    const { threads, roots, isCancelled } = this.#request;
    const count = threadsFor(this.#request, onDisk.length);
    if (!threads || count === 0) return;
    const packages = this.#packages;
    try {
      await threads.parse(onDisk, count, {
        roots,
        onResult: ({ packed, ...result }) => {
          if (packed) this.packed.push(packed);
          if (this.#read.has(result.file)) return;
          this.#take(result, packed && { head: packed.head, facts: unpackOnce(packed, threads, this.#pool) });
        },
        isCancelled: () => isCancelled?.() === true,
        ...(packages && { wanted: () => packages.wanted() }),
      });
    } catch {
      // A machine that gives no thread is slower, not worse.
    }
  }

  #take(result: Omit<SourceResult, 'facts'>, source: Omit<Source, 'readText'> | undefined): void {
    const { workspace, fs, onProgress } = this.#request;
    this.#read.add(result.file);
    this.#tally.notices.push(...result.notices);
    if (source || result.passed) {
      this.#tally.files++;
      this.#tally.bytes += result.bytes;
    }
    if (source) workspace.setSource({ ...source, readText: () => readTextFile(fs, result.file).text ?? '' });
    this.#packages?.read(result.file);
    onProgress?.(this.#read.size, this.#sources.length);
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
