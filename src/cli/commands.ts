/** The commands of the command line: what `main.ts` loads when everything that takes long is under way. */

import { nodeFileSystem } from '../host/node-file-system.ts';
import type { ParserThread } from '../host/parser-thread.ts';
import { startedAhead } from '../host/parser-threads.ts';
import { run } from './run.ts';
import { startServer } from './start-server.ts';

/**
 * Runs the command line and sets the exit code of the process.
 * @param ahead a parser that is starting already
 */
export async function start(args: readonly string[], ahead: ParserThread | undefined): Promise<void> {
  startedAhead(ahead);
  process.exitCode = await run(args, {
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
  });
}
