// Runs a test entry inside the extension host of a real VS Code and says whether it passed. Green needs three things:
// the host said 0, a result file was written, and it names tests and no failure.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { folderUrl, startCodeServer } from './code-server.mjs';
import { root } from './setup.mjs';

/**
 * @param {{
 *   tests: string,       absolute path of the entry with `run()`
 *   folder: string,      the folder that is opened
 *   timeout: number,     milliseconds for the whole run
 * }} options
 * @returns {Promise<{ passed: number, output: string }>} with the report of the test runner
 * @throws when anything failed, with that report, or with what the host said last when there is none
 */
export async function runHostSuite({ tests, folder, timeout }) {
  const data = await mkdtemp(join(tmpdir(), 'headroom-host-'));
  const resultFile = join(data, 'result.json');
  await mkdir(join(data, 'tmp'), { recursive: true });
  const server = await startCodeServer({
    data,
    automation: true,
    trusted: true,
    settings: { 'extensions.ignoreRecommendations': true },
    env: { HEADROOM_TEST_RESULT: resultFile, HEADROOM_TEST_FOLDER: folder },
  });
  const browser = await launchBrowser().catch(async (error) => {
    await server.stop();
    throw error;
  });
  const said = [];
  let timer;
  try {
    const page = await browser.newPage();
    const exited = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no end after ${timeout / 1000} s\n${tail(said)}`)), timeout);
      page.on('crash', () => reject(new Error('the page crashed')));
      page.on('close', () => reject(new Error('the page was closed')));
      void page.exposeFunction('codeAutomationExit', (code) => resolve(code));
    });
    // Both are awaited below; until then a failure must not count as unhandled.
    exited.catch(() => {});
    await page.exposeFunction('codeAutomationLog', (_type, parts) => {
      said.push(parts.map(String).join(' ').trimEnd());
    });
    const at = `vscode-remote://127.0.0.1:${server.port}`;
    const payload = [
      ['extensionDevelopmentPath', `${at}${root}`],
      ['extensionTestsPath', `${at}${tests}`],
    ];
    await page.goto(folderUrl(server.origin, folder, { payload }));
    const code = await exited;
    const result = await readFile(resultFile, 'utf8').then(JSON.parse, () => undefined);
    if (!result) throw new Error(`the extension host ended with ${code} before the tests did\n${tail(said)}`);
    const { passes, failures, output } = result;
    if (code !== 0 || failures > 0 || !(passes > 0)) {
      throw new Error(`${passes} passed, ${failures} failed, exit ${code}\n${output}`);
    }
    return { passed: passes, output };
  } finally {
    clearTimeout(timer);
    await browser.close();
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** The last lines, without those of modules that this copy of the editor does without. */
function tail(lines) {
  return lines
    .filter((line) => !/spdlog|watchdog|open-vsx|socket|Service ?Worker/i.test(line))
    .slice(-20)
    .join('\n');
}
