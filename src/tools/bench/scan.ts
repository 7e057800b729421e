import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of the command line took, in milliseconds on the clock and of all processors, and in bytes at the most. */
export interface ScanCost {
  readonly milliseconds: number;
  readonly processor: number;
  readonly peakBytes: number;
}

/**
 * Runs the bundled command line on the folders; its own process tells how much memory it had at the most.
 * @returns what it takes where nothing is known, and where the last run has left what it knows
 */
export async function measureScan(
  folders: readonly string[],
): Promise<{ readonly first: ScanCost; readonly again: ScanCost }> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
  try {
    const hook = join(folder, 'peak.cjs');
    const result = join(folder, 'peak');
    writeFileSync(
      hook,
      `if (require('node:worker_threads').isMainThread) process.on('exit', () =>
         require('node:fs').writeFileSync(${JSON.stringify(result)}, JSON.stringify(process.resourceUsage())));`,
    );
    const env = { ...process.env, HEADROOM_CACHE_DIR: join(folder, 'cache') };
    const run = async (...options: readonly string[]): Promise<ScanCost> => {
      const begun = performance.now();
      const code = await new Promise<number | null>((done, fail) => {
        const args = ['--require', hook, 'dist/cli.js', 'scan', ...folders, '--format', 'json', ...options];
        const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
        child.on('error', fail);
        child.on('exit', done);
      });
      const milliseconds = performance.now() - begun;
      if (code !== 0 && code !== 1) throw new Error(`headroom scan ended with ${code}`);
      const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(result, 'utf8'));
      // Kilobytes and microseconds.
      return { milliseconds, processor: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
    };
    const first = await run('--no-cache');
    await run();
    return { first, again: await run() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
