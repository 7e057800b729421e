/** Entry of the command line. */
import { setFlagsFromString } from 'node:v8';
import { nodeFileSystem } from '../host/node-file-system.ts';
import { run } from './run.ts';
import { startServer } from './start-server.ts';

// A scan lives for seconds in several threads, and each of them compiles for itself: a quarter of the processor time went
// into that. What is optimised later, with the shortest of the functions it calls alone and only where it is short, leaves
// a scan of 25 MB a fifth less of it, and a longer one is no slower. A server lives for hours and is worth the whole effort.
if (process.argv[2] !== 'lsp') {
  for (const flag of [
    '--max-inlined-bytecode-size-cumulative=0',
    '--max-optimized-bytecode-size=700',
    '--interrupt-budget=300000',
    // Every core has a thread with work of its own.
    '--no-parallel-scavenge',
    // A heap that doubles is mostly garbage, and its peak is what a container has to have room for.
    '--heap-growing-percent=50',
  ])
    setFlagsFromString(flag);
}

// Whoever reads our output may stop early (`headroom scan | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

run(process.argv.slice(2), {
  fs: nodeFileSystem,
  startServer,
  terminal: {
    cwd: process.cwd(),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  },
}).then((exit) => {
  process.exitCode = exit;
});
