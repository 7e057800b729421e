import { availableParallelism } from 'node:os';
import { findAsset } from './assets.ts';
import type { CacheFolder } from './cache/cache-folder.ts';
import { keepingFacts } from './cache/facts-cache.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { unpack } from './packed-facts.ts';
import { ParserThread } from './parser-thread.ts';
import { runPool } from './pool.ts';
import type { ParserThreads } from './read-sources.ts';

let ahead: ParserThread | undefined;

/** Leaves a thread that whoever parses first takes. */
export function startedAhead(thread: ParserThread | undefined): void {
  ahead = thread;
}

/**
 * Worker threads of Node, for files of `nodeFileSystem`; undefined without a bundle, as in a development run.
 * @param cache keeps what they parse for the next run
 */
export function parserThreads(cache?: CacheFolder): ParserThreads | undefined {
  // The package of the extension has one bundle for both.
  const entry = findAsset('worker.js') ?? findAsset('server.js');
  if (entry === undefined) return undefined;
  const started = ahead ? [ahead] : [];
  ahead = undefined;
  const threads: ParserThreads = {
    count: availableParallelism(),
    start(threads) {
      while (started.length < threads) started.push(new ParserThread(entry, cache !== undefined));
    },
    parse: (jobs, workers, options) =>
      runPool({ jobs, workers, entry, digests: cache !== undefined, started: started.splice(0), ...options }),
    unpack,
  };
  return cache ? keepingFacts(threads, cache, nodeFileSystem) : threads;
}
