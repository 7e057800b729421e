// Puts VS Code in a browser (code-server's copy) and, for tests, a browser into node_modules/.cache, from the npm registry
// alone. Nothing is compiled and no install script runs; what those would do is done here.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(dirname(here));
/** Where everything is installed: no tool that walks the repository looks in there. */
export const home = join(root, 'node_modules', '.cache', 'headroom-vscode');

/** A reason why it cannot go on that a person can act on; shown without a stack. */
export class Missing extends Error {}

/**
 * Installs the editor, and with `browser` what the UI tests need; does nothing when it is there.
 * @param {{ browser: boolean, say: (line: string) => void, signal?: AbortSignal }} options
 */
export async function setUp({ browser, say, signal }) {
  if (process.platform === 'win32') {
    throw new Missing('VS Code in a browser does not run on Windows; use: npm start -- --desktop');
  }
  const lock = await readFile(join(here, 'package-lock.json'));
  const mark = join(home, `.ready-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  const ready = await readFile(mark, 'utf8').catch(() => '');
  if (ready === 'browser' || (ready === 'editor' && !browser)) return;
  await rm(mark, { force: true });
  await mkdir(home, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    await copyFile(join(here, name), join(home, name));
  say(`installing VS Code${browser ? ' and a browser' : ''} from the npm registry (once, about 350 MB)`);
  await npm(home, ['ci', '--ignore-scripts', ...(browser ? [] : ['--omit=dev'])], signal);
  const vscode = join(home, 'node_modules', 'code-server', 'lib', 'vscode');
  for (const folder of [vscode, join(vscode, 'extensions')]) {
    await npm(folder, ['install', '--omit=dev', '--ignore-scripts'], signal);
  }
  await symlink('node_modules', join(vscode, 'node_modules.asar')).catch(() => {});
  await placeRipgrep(vscode);
  if (browser && !(await findInstalledBrowser())) await unpackChromium();
  await writeFile(mark, browser ? 'browser' : 'editor');
}

/** Runs npm quietly; what it said is shown when it fails. */
export async function npm(cwd, args, signal) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // Under `npm run` the very npm that runs is used, without looking for one.
  const [command, ...first] = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  await new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...quiet], {
      cwd,
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => reject(new Missing(`npm could not be started: ${error.message}`)));
    child.on('exit', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Missing(`npm ${args[0]} failed in ${cwd}:\n${output.trim().slice(-2000)}`));
    });
  });
}

/** The extension host's file search calls this binary; its package would download it in an install script. */
async function placeRipgrep(vscode) {
  const from = join(
    home,
    'node_modules',
    '@vscode',
    `ripgrep-${process.platform}-${process.arch}`,
    'bin',
    'rg',
  );
  const to = join(vscode, 'node_modules', '@vscode', 'ripgrep', 'bin', 'rg');
  await mkdir(dirname(to), { recursive: true });
  // Without it the editor works, only the search across files does not.
  await copyFile(from, to).catch(() => {});
}

/** The packaged browser, when no other is installed. */
const chromium = join(home, 'chromium');

async function unpackChromium() {
  const packed = join(home, 'node_modules', '@sparticuz', 'chromium', 'bin', 'chromium.br');
  await pipeline(
    createReadStream(packed),
    createBrotliDecompress(),
    createWriteStream(chromium, { mode: 0o755 }),
  );
}

async function findInstalledBrowser() {
  const candidates = [
    '/usr/lib/chromium/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  for (const path of candidates) {
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The browser for the tests: `HEADROOM_BROWSER`, an installed one, the packaged one. */
export async function findBrowser() {
  const wanted = process.env.HEADROOM_BROWSER;
  if (wanted) {
    if (await isExecutable(wanted)) return wanted;
    throw new Missing(`HEADROOM_BROWSER names ${wanted}, which cannot be run`);
  }
  const installed = await findInstalledBrowser();
  if (installed) return installed;
  if (!(await isExecutable(chromium))) await unpackChromium();
  await promisify(execFile)(chromium, ['--version'], { timeout: 20_000 }).catch((error) => {
    throw new Missing(
      `the packaged browser does not start here; name one in HEADROOM_BROWSER (${String(error.message).split('\n')[0]})`,
    );
  });
  return chromium;
}

/** Loads a package that was installed by `setUp`. */
export const requireInstalled = createRequire(join(home, 'package.json'));
