import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the bundled command line on the folders; its own process tells how much memory it had at the most. */
export async function measureScan(
  folders: readonly string[],
): Promise<{ milliseconds: number; processor: number; peakBytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
  try {
    const hook = join(folder, 'peak.cjs');
    const result = join(folder, 'peak');
    writeFileSync(
      hook,
      `if (require('node:worker_threads').isMainThread) process.on('exit', () =>
         require('node:fs').writeFileSync(${JSON.stringify(result)}, JSON.stringify(process.resourceUsage())));`,
    );
    const begun = performance.now();
    const code = await new Promise<number | null>((done, fail) => {
      const args = ['--require', hook, 'dist/cli.js', 'scan', ...folders, '--format', 'json'];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      child.on('error', fail);
      child.on('exit', done);
    });
    const milliseconds = performance.now() - begun;
    if (code !== 0 && code !== 1) throw new Error(`headroom scan ended with ${code}`);
    const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(result, 'utf8'));
    // Kilobytes and microseconds.
    return { milliseconds, processor: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
