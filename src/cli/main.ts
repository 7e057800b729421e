/** Entry of the command line. */
import { nodeFileSystem } from '../host/node-file-system.ts';
import { run } from './run.ts';
import { startServer } from './start-server.ts';

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
