// Starts code-server's copy of VS Code on the loopback interface and stops it again.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { home, Missing } from './setup.mjs';

const main = join(home, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');

/** A port nobody listens on now. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * @param {{
 *   data: string,             folder for settings and logs
 *   token?: string,           required from a browser; without it anyone on this machine may connect
 *   settings?: object,        user settings to start with
 *   env?: Record<string, string>,
 *   automation?: boolean,     let a page drive the extension host's tests
 *   trusted?: boolean,        do not ask whether the folder's authors are trusted
 * }} options
 * @returns {Promise<{
 *   port: number,
 *   origin: string,
 *   ended: Promise<string>,   settles with the log when the server ends by itself
 *   stop: () => Promise<void>,
 * }>}
 */
export async function startCodeServer({
  data,
  token,
  settings,
  env = {},
  automation = false,
  trusted = false,
}) {
  const temporary = join(data, 'tmp');
  await mkdir(temporary, { recursive: true });
  if (settings) await writeSettings(data, settings);
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      main,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      ...(token ? ['--connection-token', token] : ['--without-connection-token']),
      '--accept-server-license-terms',
      '--server-data-dir',
      data,
      '--extensions-dir',
      join(data, 'extensions'),
      '--telemetry-level',
      'off',
      ...(trusted ? ['--disable-workspace-trust'] : []),
      ...(automation ? ['--enable-smoke-test-driver'] : []),
    ],
    {
      // A group of its own, so that the extension hosts it starts end with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary, XDG_RUNTIME_DIR: temporary, ...env },
    },
  );
  let log = '';
  const listening = new Promise((resolve, reject) => {
    const read = (chunk) => {
      log = (log + chunk).slice(-200_000);
      if (log.includes('Extension host agent listening')) resolve(undefined);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => reject(error));
    child.once('exit', (code) =>
      reject(new Missing(`the editor's server ended (${code}):\n${log.trim().slice(-2000)}`)),
    );
  });
  const ended = new Promise((resolve) => child.once('exit', () => resolve(log.trim().slice(-2000))));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      signalGroup(child, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 3000);
      await gone;
      clearTimeout(timer);
    }
    // The server is gone; whatever it left behind in its group goes too.
    signalGroup(child, 'SIGKILL');
  };
  try {
    await listening;
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, origin: `http://127.0.0.1:${port}`, ended, stop };
}

/** Writes the user settings of servers that use the same `data`. */
export async function writeSettings(data, settings) {
  const folder = join(data, 'data', 'Machine');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings, null, 2));
}

function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

/** Installs a `.vsix` for servers that use the same `data`. */
export async function installExtension(data, vsix) {
  await mkdir(data, { recursive: true });
  const args = [main, '--install-extension', vsix, '--force', '--server-data-dir', data];
  args.push('--extensions-dir', join(data, 'extensions'));
  let log = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => {
      log += chunk;
    });
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0 || !/successfully installed/.test(log)) {
    throw new Missing(`${vsix} could not be installed:\n${log.trim()}`);
  }
}

/** The address of a folder in the editor at `origin`, or of the file of a workspace. */
export function folderUrl(origin, folder, { payload, token, workspace } = {}) {
  const url = new URL(origin);
  if (token) url.searchParams.set('tkn', token);
  if (workspace) url.searchParams.set('workspace', workspace);
  else url.searchParams.set('folder', folder);
  if (payload) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
