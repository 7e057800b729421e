// `npm start [-- FOLDER] [--desktop]`: builds Headroom, installs it into a real VS Code and opens a folder in it.
// Needs Node and npm only. Until the packages are installed nothing but Node itself may be imported.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderUrl, installExtension, startCodeServer } from '../test/vscode/code-server.mjs';
import { Missing, npm, setUp } from '../test/vscode/setup.mjs';
import { isInstalled } from './packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = `usage: npm start [-- FOLDER] [-- --desktop]
  FOLDER     what to open; default is examples/
  --desktop  use the VS Code of this machine (\`code\` on the PATH) instead of one in the browser`;

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopped.abort());

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!stopped.signal.aborted) {
    console.error(error instanceof Missing ? `headroom: ${error.message}` : error);
    process.exitCode = 1;
  }
}

async function main(args) {
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--desktop');
  const folders = args.filter((arg) => !arg.startsWith('-'));
  if (unknown || folders.length > 1) throw new Missing(`${unknown ?? folders[1]}: not understood\n${usage}`);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Missing(`Node 20 or newer is needed, this is ${process.versions.node}`);
  // Under npm the working directory is the repository; INIT_CWD is where the person stood.
  const folder = folders[0]
    ? resolve(process.env.INIT_CWD ?? process.cwd(), folders[0])
    : join(root, 'examples');
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Missing(`${folder}: no such folder`);
  const desktop = args.includes('--desktop');
  if (desktop) await code(['--version']);

  await step('packages', async (say) => {
    if (!isInstalled(root)) {
      say('installing from the npm registry');
      await npm(root, ['ci'], stopped.signal);
    }
  });
  await step('build', async () => {
    const { build } = await import('./build.mjs');
    await build();
  });
  const { vsix } = await step('extension', async () => {
    const { packageExtension } = await import('./package.mjs');
    const { path, bytes } = await packageExtension();
    return { vsix: path, done: `${relative(root, path)}, ${Math.ceil(bytes / 1024)} KB` };
  });
  if (desktop) await openDesktop(vsix, folder);
  else await openBrowser(vsix, folder);
}

async function openDesktop(vsix, folder) {
  await step('VS Code', async () => {
    await code(['--install-extension', vsix, '--force']);
    await code([folder]);
    return { done: 'opened' };
  });
  await summary(folder);
}

async function code(args) {
  await new Promise((done, fail) => {
    const windows = process.platform === 'win32';
    const child = spawn('code', args, { stdio: 'ignore', signal: stopped.signal, shell: windows });
    child.once('error', () =>
      fail(
        new Missing(
          '`code` is not on the PATH. In VS Code run "Shell Command: Install \'code\' command in PATH", or leave out --desktop',
        ),
      ),
    );
    child.once('exit', (exit) =>
      exit === 0 ? done() : fail(new Missing(`code ${args[0]} ended with ${exit}`)),
    );
  });
}

async function openBrowser(vsix, folder) {
  const data = join(root, '.vscode-test', 'start');
  await step('VS Code', async (say) => {
    await setUp({ browser: false, say, signal: stopped.signal });
    await installExtension(data, vsix);
  });
  stopped.signal.throwIfAborted();
  const token = randomBytes(16).toString('hex');
  const server = await startCodeServer({
    data,
    token,
    // The examples are ours; for any other folder VS Code asks.
    trusted: folder === join(root, 'examples'),
    settings: {
      'workbench.startupEditor': 'readme',
      'extensions.ignoreRecommendations': true,
      'git.openRepositoryInParentFolders': 'never',
    },
  });
  try {
    await summary(folder);
    console.log(`\n  Open   ${folderUrl(server.origin, folder, { token })}\n  Stop   Ctrl+C\n`);
    const ended = await Promise.race([server.ended, aborted()]);
    if (ended !== undefined) throw new Missing(`the editor's server ended:\n${ended}`);
  } finally {
    await server.stop();
  }
}

function aborted() {
  return new Promise((done) => {
    if (stopped.signal.aborted) done(undefined);
    stopped.signal.addEventListener('abort', () => done(undefined));
  });
}

/** What the command line finds in the folder, on one screen. */
async function summary(folder) {
  const report = await scan(folder);
  const rows = Math.max(6, (process.stdout.rows ?? 40) - 16);
  const width = (process.stdout.columns ?? 120) - 1;
  const { findings } = report;
  const files = new Set(findings.map((f) => f.file)).size;
  console.log(`\n  ${findings.length} findings in ${files} files of ${relative(root, folder) || folder}\n`);
  const order = { error: 0, warning: 1, information: 2, hint: 3 };
  const first = [...findings].sort((a, b) => order[a.severity] - order[b.severity]).slice(0, rows);
  for (const { severity, file, range, message } of first) {
    const place = `${file}:${range.start.line}`;
    console.log(`  ${severity.padEnd(12)}${place}  ${message}`.slice(0, width));
  }
  if (findings.length > first.length) console.log(`  … and ${findings.length - first.length} more`);
  for (const { file, message } of report.notices.slice(0, 3)) console.log(`  note: ${file}: ${message}`);
}

async function scan(folder) {
  const { exit, out, err } = await run(
    join(root, 'dist', 'cli.js'),
    ['scan', '.', '--format', 'json'],
    folder,
    [0, 1],
  );
  try {
    return JSON.parse(out);
  } catch {
    throw new Missing(`the scan of ${folder} gave no report (${exit}):\n${err.trim()}`);
  }
}

/** Runs a script with Node; a code that is not in `good` is an error with what it said. */
async function run(script, args, cwd, good = [0]) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: stopped.signal,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const exit = await new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (!good.includes(exit)) {
    throw new Missing(`${relative(root, script)} failed (${exit}):\n${(err || out).trim().slice(-2000)}`);
  }
  return { exit, out, err };
}

/**
 * Runs one step and shows how long it took.
 * @template T
 * @param {string} name
 * @param {(say: (what: string) => void) => Promise<T>} body
 * @returns {Promise<T>}
 */
async function step(name, body) {
  const started = Date.now();
  const live = process.stdout.isTTY;
  let what = '';
  const show = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stdout.write(`\r\x1b[K  ${name.padEnd(10)} ${what} ${seconds > 1 ? `${seconds} s` : ''}`);
  };
  const timer = live ? setInterval(show, 500) : undefined;
  if (live) show();
  try {
    const result = await body((text) => {
      what = text;
      if (live) show();
      else console.log(`  ${name.padEnd(10)} ${text}`);
    });
    if (live) process.stdout.write('\r\x1b[K');
    const took = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`  ${name.padEnd(10)} ${result?.done ?? 'ready'} (${took} s)`);
    return result;
  } catch (error) {
    if (live) process.stdout.write('\n');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
