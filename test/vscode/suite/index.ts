// The entry the extension host loads: runs the suites and leaves a result, so that a host that ends early is noticed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

declare const SUITES: readonly string[];

export function run(): Promise<void> {
  const output: string[] = [];
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => {
    output.push(format(...parts));
  };
  const mocha = new Mocha({ ui: 'tdd', color: false, reporter: 'spec', timeout: 60_000, forbidOnly: true });
  for (const suite of SUITES) mocha.addFile(join(__dirname, suite));
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const passes = runner.stats?.passes ?? 0;
      const file = process.env.HEADROOM_TEST_RESULT;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, output: output.join('\n') }));
      else console.log(output.join('\n'));
      if (failures > 0) reject(new Error(`${failures} failed`));
      else resolve();
    });
  });
}
