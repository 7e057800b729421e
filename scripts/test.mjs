// `npm test`: installs what is missing and runs everything, one line per step. Names as arguments run only those
// steps: `npm test -- unit vscode`. Needs Node 20 or newer and npm, nothing else.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = process.execPath;
const bin = (name, path) => [node, join(root, 'node_modules', name, path)];

/** A step fails when its command does. `shown` prints what it says while it runs; the others only when they fail. */
const STEPS = [
  { name: 'types', what: 'TypeScript', command: bin('typescript', 'bin/tsc'), args: ['--noEmit'] },
  { name: 'lint', what: 'Biome', command: bin('@biomejs/biome', 'bin/biome'), args: ['ci', '.'] },
  { name: 'knip', what: 'dead code', command: bin('knip', 'bin/knip.js'), args: ['--no-progress'] },
  { name: 'bundle', what: 'bundles', command: [node, 'scripts/build.mjs'], args: [] },
  {
    name: 'reference',
    what: 'native tree-sitter',
    command: [node, 'scripts/install-reference.mjs'],
    args: [],
  },
  {
    name: 'unit',
    what: 'everything outside VS Code',
    command: bin('vitest', 'vitest.mjs'),
    args: ['run'],
    shown: true,
  },
  { name: 'vscode', what: 'the real VS Code', command: [node, 'test/vscode/run.mjs'], args: [], shown: true },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((w) => !STEPS.some((s) => s.name === w));
if (unknown.length > 0) {
  stop(`there is no step "${unknown[0]}"; there are ${STEPS.map((s) => s.name).join(', ')}`, 2);
}
if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Node 20 or newer is needed, this is ${process.version}`, 2);

process.chdir(root);
const began = Date.now();
const failed = [];
if (!isInstalled(root)) {
  const npm = process.env.npm_execpath ? [node, process.env.npm_execpath] : ['npm'];
  const install = {
    name: 'install',
    what: 'packages',
    command: npm,
    args: ['ci', '--no-audit', '--no-fund'],
  };
  if (!(await runStep(install))) stop('the packages could not be installed; the reason stands above', 1);
}
for (const step of STEPS) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  if (!(await runStep(step))) failed.push(step.name);
}
const total = seconds(Date.now() - began);
if (failed.length > 0)
  stop(`failed after ${total}: ${failed.join(', ')}  (again: npm test -- ${failed.join(' ')})`, 1);
console.log(`all passed in ${total}`);

/** Runs one step and says how it went; resolves to whether it passed. */
function runStep({ name, what, command, args, shown }) {
  const start = Date.now();
  const title = `${name.padEnd(9)} ${what}`;
  process.stdout.write(process.stdout.isTTY && !shown ? `▸ ${title}` : `▸ ${title}\n`);
  return new Promise((resolve) => {
    const [file, ...first] = command;
    const child = spawn(file, [...first, ...args], {
      stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      // Without it the npm of a Windows machine is not found: it is a script.
      shell: file === 'npm' && process.platform === 'win32',
    });
    const said = [];
    child.stdout?.on('data', (data) => said.push(data));
    child.stderr?.on('data', (data) => said.push(data));
    const end = (passed, reason) => {
      if (process.stdout.isTTY && !shown) process.stdout.write('\r\x1b[K');
      if (!passed) process.stdout.write(Buffer.concat(said));
      console.log(`${passed ? '✓' : '✗'} ${title}  ${reason}${seconds(Date.now() - start)}`);
      resolve(passed);
    };
    child.on('error', (error) => end(false, `could not be started (${error.message})  `));
    child.on('exit', (code, signal) => end(code === 0, code === 0 ? '' : `ended with ${signal ?? code}  `));
  });
}

function seconds(milliseconds) {
  const s = milliseconds / 1000;
  return s < 60 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}

function stop(message, code) {
  console.error(message);
  process.exit(code);
}
