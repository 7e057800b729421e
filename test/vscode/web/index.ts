// The entry a browser's extension host loads: runs the same suites as in a process of Node and leaves a result.
import 'mocha/mocha.js';
import { workspace } from 'vscode';

/** The path of the file for the result, on the machine that serves the folder. */
declare const RESULT: string;

export async function run(): Promise<void> {
  const output: string[] = [];
  class Report {
    constructor(runner: Mocha.Runner) {
      runner.on('suite', (suite) => output.push(`  ${suite.title}`));
      runner.on('pass', (test) => output.push(`    ✔ ${test.title} (${test.duration}ms)`));
      runner.on('pending', (test) => output.push(`    - ${test.title}`));
      runner.on('fail', (test, error) => output.push(`    ✘ ${test.title}\n${error.stack ?? error.message}`));
    }
  }
  mocha.setup({ ui: 'tdd', reporter: Report as never, timeout: 30_000, forbidOnly: true });
  // Only now are there `suite` and `test`.
  await import('../suite/headroom.test.ts');
  await import('../suite/review.test.ts');
  await import('../suite/uncovered.test.ts');
  const { passes, failures } = await new Promise<{ passes: number; failures: number }>((done) => {
    const runner = mocha.run((failed) => done({ passes: runner.stats?.passes ?? 0, failures: failed }));
  });
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const text = JSON.stringify({ passes, failures, output: output.join('\n') });
  if (folder) await workspace.fs.writeFile(folder.with({ path: RESULT }), new TextEncoder().encode(text));
  if (failures > 0) throw new Error(`${failures} failed`);
}
