// Runs a test entry inside the extension host of a real VS Code and says whether it passed. Green needs three things:
// the host said 0, a result file was written, and it names tests and no failure.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedFiles } from '../../scripts/package.mjs';
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
  return runIn({ folder, timeout, prepare: async () => ({ extension: root, tests }) });
}

/** The same in a window whose only folder lies on no disk: an extension of this suite shows `folder` there. */
export async function runVirtualSuite({ tests, folder, timeout }) {
  return runIn({
    folder,
    timeout,
    async prepare(data) {
      const workspace = join(data, 'shelf.code-workspace');
      await writeFile(workspace, JSON.stringify({ folders: [{ uri: 'shelf:/', name: 'shop' }] }));
      const shelf = join(root, 'test', 'vscode', 'virtual');
      // Beside the one under test, which is loaded from where it lies, an extension has to be installed.
      await cp(shelf, join(data, 'extensions', 'headroom-test.shelf-0.0.1'), { recursive: true });
      return { extension: root, tests, workspace };
    },
  });
}

/**
 * The same in a worker of the browser: of what the package holds, an extension that has no entry for Node. The tests
 * lie in its folder, so that they run where it runs.
 * @param {{
 *   tests: (entry: string, result: string) => Promise<void>,   writes the entry, which leaves the result
 *   folder: string,
 *   timeout: number,
 * }} options
 */
export async function runWebSuite({ tests, folder, timeout }) {
  return runIn({
    folder,
    timeout,
    async prepare(data, result) {
      const extension = join(data, 'extension');
      for (const file of await packagedFiles())
        if (existsSync(join(root, file))) await cp(join(root, file), join(extension, file));
      const { main, ...manifest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      await writeFile(join(extension, 'package.json'), JSON.stringify(manifest));
      await tests(join(extension, 'tests', 'index.js'), result);
      return { extension, tests: join(extension, 'tests', 'index.js') };
    },
  });
}

/** Runs what `prepare` gives: an extension, the tests that are loaded beside it, and what to open but the folder. */
async function runIn({ folder, timeout, prepare }) {
  const data = await mkdtemp(join(tmpdir(), 'headroom-host-'));
  const resultFile = join(data, 'result.json');
  await mkdir(join(data, 'tmp'), { recursive: true });
  const { extension, tests, workspace } = await prepare(data, resultFile);
  const server = await startCodeServer({
    data,
    automation: true,
    trusted: true,
    settings: {
      'extensions.ignoreRecommendations': true,
      // In a browser the editor saves after a second: on a busy machine before a test takes its edit back.
      'files.autoSave': 'off',
    },
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
      ['extensionDevelopmentPath', `${at}${extension}`],
      ['extensionTestsPath', `${at}${tests}`],
    ];
    await page.goto(folderUrl(server.origin, folder, { payload, workspace }));
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
