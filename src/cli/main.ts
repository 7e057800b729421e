/** Entry of the command line. */
import { setFlagsFromString } from 'node:v8';
import { nodeFileSystem } from '../host/node-file-system.ts';
import { run } from './run.ts';
import { startServer } from './start-server.ts';

// A scan lives for seconds in several threads, and each of them compiles for itself. V8 optimises what is run often;
// with four times its patience it leaves out what never pays, and a scan of 24.8 MB takes a sixth less processor time.
setFlagsFromString('--interrupt-budget=300000');

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
