/**
 * Entry of the command line. The commands are a bundle of their own, which takes a tenth of a second to load: a first
 * parser starts meanwhile.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { findAsset } from '../host/assets.ts';
import { CacheFolder } from '../host/cache/cache-folder.ts';
import { loadBundle } from '../host/load-bundle.ts';
import { ParserThread } from '../host/parser-thread.ts';

const args = process.argv.slice(2);

// A scan lives for seconds in several threads, and each of them compiles for itself: a quarter of the processor time went
// into that. What is optimised later, with the shortest of the functions it calls alone and only where it is short, leaves
// a scan of 25 MB a fifth less of it, and a longer one is no slower. A server lives for hours and is worth the whole effort.
if (args[0] !== 'lsp') {
  for (const flag of [
    '--max-inlined-bytecode-size-cumulative=0',
    '--max-optimized-bytecode-size=700',
    '--interrupt-budget=300000',
    // Every core has a thread with work of its own.
    '--no-parallel-scavenge',
    // A heap that doubles is mostly garbage, and its peak is what a container has to have room for.
    '--heap-growing-percent=30',
  ])
    setFlagsFromString(flag);
}

// Whoever reads our output may stop early (`headroom scan | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

/** A parser for a scan that nothing is known for of an earlier one, where a core is free for it. */
function startAhead(): ParserThread | undefined {
  const entry = findAsset('worker.js');
  if (args[0] !== 'scan' || entry === undefined || availableParallelism() < 2) return undefined;
  const keeps = !args.includes('--no-cache');
  if (keeps && !CacheFolder.ofUser()?.isEmpty()) return undefined;
  return new ParserThread(entry, keeps);
}

const bundle = findAsset('commands.js');
if (bundle === undefined) {
  process.stderr.write('headroom: commands.js is missing beside cli.js: install Headroom again\n');
  process.exitCode = 2;
} else {
  const ahead = startAhead();
  const { start } = loadBundle(bundle) as typeof import('./commands.ts');
  void start(args, ahead);
}
