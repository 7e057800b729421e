import { fileKind } from '../analysis/file-kind.ts';
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
import { walk } from './walk.ts';

/** Files fetched at once: enough that asking costs little, few enough that progress is seen. */
const FETCHED = 100;

/** Files after which whoever else has work gets a turn. */
const TURN = 64;

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

export interface ScanRequest {
  readonly workspace: Workspace;
  readonly fs: FileSystem;
  /** Absolute files and folders. */
  readonly roots: readonly string[];
  /** Starts the parser of this thread; called only when it is needed. */
  readonly engine: () => Promise<SourceParser>;
  /** Left out where there are none, or where they cannot read this file system. */
  readonly threads?: ParserThreads | undefined;
  /** How many threads; default as many as the machine gives. Few files are parsed in the calling thread. */
  readonly jobs?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called when everything but the source files is in the workspace; they are read after it. */
  readonly onManifests?: () => Promise<void>;
  /** Gets source files that are about to be read in this thread, where that takes more than a disk. */
  readonly fetch?: (files: readonly string[]) => Promise<void>;
  readonly isCancelled?: () => boolean;
  /** Hears of packages before all is read. */
  readonly audience?: Audience;
}

export interface ScanResult {
  /** Files that were read. */
  readonly files: number;
  /** Their size on disk. */
  readonly bytes: number;
  readonly notices: readonly Notice[];
  /** The facts of the source files that were parsed in threads, for threads. */
  readonly packed: readonly PackedFacts[];
}

/** Reads everything below the roots into the workspace. What cannot be read becomes a notice. */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const { workspace, fs } = request;
  const notices: Notice[] = [];
  let files = 0;
  let bytes = 0;
  const notice = (n: Notice) => notices.push(n);

  const found: Omit<SourceJob, 'onlyForTests'>[] = [];
  const filter = {
    excludesFolder: (folder: string) => workspace.configs.excludesFolder(folder),
    takes: (file: string) => workspace.configs.for(file).included,
  };
  /** One thread for many files is worth it, too: what its parser took is given back at its end. */
  const threadsFor = (sources: number) =>
    sources < 2 * FILES_PER_WORKER
      ? 0
      : Math.min(request.jobs ?? request.threads?.count ?? 0, Math.floor(sources / FILES_PER_WORKER));
  let seen = 0;
  for (const { file, kind } of walk(fs, request.roots, filter, notice)) {
    if (++seen % TURN === 0) {
      await turn();
      if (request.isCancelled?.()) break;
    }
    if (kind === 'rust' || kind === 'go') {
      found.push({ file, language: kind, bytes: sizeOf(fs, file) });
      // They start while this thread walks on; not where a package is read before all others, which they would be in the way of.
      if (!request.audience && !isAddress(file)) request.threads?.start(threadsFor(found.length));
      continue;
    }
    const read = readTextFile(fs, file);
    if (read.problem !== undefined) notice({ file, message: read.problem });
    if (read.text === undefined) continue;
    if (kind === 'manifest') {
      files++;
      bytes += read.bytes;
    }
    workspace.setText(file, read.text);
  }

  await request.onManifests?.();
  // Only now is it known which folders hold a crate.
  const onlyForTests = workspace.onlyForTests(found.map(({ file }) => file));
  const sources = found.map((job) => ({ ...job, onlyForTests: onlyForTests(job.file) }));
  const peek = (file: string) => (isAddress(file) ? undefined : readTextFile(fs, file).text);
  const packages = request.audience && new FirstPackages(sources, workspace.projects, request.audience, peek);
  let done = 0;
  const packed: PackedFacts[] = [];
  const pool = new FactsPool();
  const take = (result: Omit<SourceResult, 'facts'>, source: Omit<Source, 'readText'> | undefined) => {
    notices.push(...result.notices);
    if (source || result.passed) {
      files++;
      bytes += result.bytes;
    }
    if (source) workspace.setSource({ ...source, readText: () => readTextFile(fs, result.file).text ?? '' });
    packages?.read(result.file);
    request.onProgress?.(++done, sources.length);
  };
  const readHere = async (jobs: readonly SourceJob[]) => {
    if (jobs.length === 0) return;
    const parser = await request.engine();
    for (const [i, job] of jobs.entries()) {
      if (request.isCancelled?.()) return;
      if (i % FETCHED === 0) await request.fetch?.(jobs.slice(i, i + FETCHED).map(({ file }) => file));
      const result = readSource(fs, parser, job);
      const facts = result.facts && pool.add(result.facts);
      take(result, facts && { head: headOf(facts), facts: () => facts });
      // The editor's messages have to get through while a workspace is read.
      if (i % 16 === 0) await turn();
    }
  };
  /** Gives those that no thread read. */
  const readInThreads = async (jobs: readonly SourceJob[]): Promise<readonly SourceJob[]> => {
    const onDisk = jobs.filter((job) => !isAddress(job.file));
    const { threads } = request;
    const count = threadsFor(onDisk.length);
    if (!threads || count === 0) return jobs;
    const read = new Set<string>();
    try {
      await threads.parse(onDisk, count, {
        onResult({ packed: bytes, ...result }) {
          read.add(result.file);
          if (bytes) packed.push(bytes);
          take(result, bytes && { head: bytes.head, facts: unpackOnce(bytes, threads, pool) });
        },
        isCancelled: () => request.isCancelled?.() === true,
        ...(packages && { wanted: () => packages.wanted() }),
      });
    } catch {
      // A machine that gives no thread is slower, not worse.
    }
    return jobs.filter((job) => !read.has(job.file));
  };
  const first = new Set<SourceJob>();
  // A thread takes longer to start than a package to be read, and would keep whoever looks at it from doing so.
  for await (const part of packages?.parts() ?? []) {
    for (const job of part) first.add(job);
    await readHere(part);
  }
  const left = await readInThreads(sources.filter((job) => !first.has(job)));
  await readHere(left);
  notices.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  return { files, bytes, notices, packed };
}

/** Lets everybody else do what waits. */
function turn(): Promise<void> {
  return new Promise((next) => setTimeout(next));
}

/** Reads one file anew after it changed on disk, or forgets it when it is gone. */
export async function reread(request: Omit<ScanRequest, 'roots'>, file: string): Promise<readonly Notice[]> {
  const { workspace, fs } = request;
  const kind = fileKind(file);
  if (kind === undefined) return [];
  if (fs.kind(file) !== 'file') {
    workspace.remove(file);
    return [];
  }
  if (kind === 'rust' || kind === 'go') {
    const result = readSource(fs, await request.engine(), {
      file,
      language: kind,
      bytes: 0,
      onlyForTests: workspace.onlyForTests()(file),
    });
    if (result.facts) workspace.setFacts(result.facts, () => readTextFile(fs, file).text ?? '');
    else workspace.remove(file);
    return result.notices;
  }
  const { text, problem } = readTextFile(fs, file);
  if (text === undefined) workspace.remove(file);
  else workspace.setText(file, text);
  return problem === undefined ? [] : [{ file, message: problem }];
}

/** The facts when somebody asks for them, from then on kept in place of what they were packed in. */
function unpackOnce(packed: PackedFacts, threads: ParserThreads, pool: FactsPool): () => FileFacts {
  let from: PackedFacts | FileFacts = packed;
  return () => {
    if ('rest' in from) from = pool.add(threads.unpack(from));
    return from;
  };
}

/** Bytes of a file; 0 where the disk does not say, which is reported when the file is read. */
function sizeOf(fs: FileSystem, file: string): number {
  try {
    return fs.size(file);
  } catch {
    return 0;
  }
}
