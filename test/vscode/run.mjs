// The suites inside a real VS Code: code-server's copy, driven by a browser. `npm test -- vscode` runs all of it;
// `node test/vscode/run.mjs driver|host|virtual|web|ui` one part. Set HEADROOM_SCREENSHOTS=1 to renew the README's pictures.
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';
import { packageExtension } from '../../scripts/package.mjs';
import { toWebp } from './browser.mjs';
import { bundleSuite, bundleWebSuite } from './bundle-suite.mjs';
import { runHostSuite, runVirtualSuite, runWebSuite } from './host-suite.mjs';
import { Missing, root, setUp } from './setup.mjs';
import { runUiTest } from './ui.mjs';

const say = (line) => console.log(`  ${line}`);
const parts = { driver, host, virtual, web, ui };
const wanted = process.argv.slice(2);

try {
  const unknown = wanted.find((name) => !(name in parts));
  if (unknown) throw new Missing(`${unknown}: there are ${Object.keys(parts).join(', ')}`);
  await setUp({ browser: true, say });
  await build();
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const started = Date.now();
    await part();
    say(`${name} passed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
} catch (error) {
  console.error(error instanceof Missing ? error.message : error);
  process.exitCode = 1;
}

/** A driver that cannot fail proves nothing: what is red must end red. */
async function driver() {
  const folder = await mkdtemp(join(tmpdir(), 'headroom-driver-'));
  const expected = {
    'red.cjs': /1 failed/,
    'load-error.cjs': /no-such-file/,
    'early-exit.cjs': /before the tests did/,
    'quiet.cjs': /before the tests did/,
  };
  try {
    for (const [name, reason] of Object.entries(expected)) {
      const tests = join(root, 'test', 'vscode', 'driver', name);
      const outcome = await runHostSuite({ tests, folder, timeout: 60_000 }).then(
        () => 'passed',
        (error) => error.message,
      );
      if (!reason.test(outcome)) throw new Error(`${name} should fail with ${reason}, but: ${outcome}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same suites where there is no Node. */
async function web() {
  await inWorkspace((folder) => runWebSuite({ tests: bundleWebSuite, folder, timeout: 300_000 }));
}

async function host() {
  await inWorkspace(async (folder) => runHostSuite({ tests: await bundleSuite(), folder, timeout: 300_000 }));
}

/** The same suites beside a disk, for a folder that lies on none. */
async function virtual() {
  await inWorkspace(async (folder) =>
    runVirtualSuite({ tests: await bundleSuite(), folder, timeout: 300_000 }),
  );
}

/** Runs a suite in a copy of the workspace for tests, and prints its report. */
async function inWorkspace(run) {
  // The real path: the editor reports files under it.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'headroom-workspace-')));
  try {
    await cp(join(root, 'test', 'vscode', 'workspace'), folder, { recursive: true });
    const { output } = await run(folder);
    console.log(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ui() {
  const vsix = join(root, 'out', 'headroom-ui.vsix');
  await packageExtension(vsix);
  const pictures = join(root, 'out', 'screenshots');
  await runUiTest({ vsix, pictures, say });
  if (process.env.HEADROOM_SCREENSHOTS !== '1') return;
  // Large enough to be read, small enough for the package.
  for (const [name, from] of Object.entries({
    'finding-hover': 'finding-hover-dark',
    'manifest-fixes': 'manifest-fixes-dark',
    'memory-view': 'memory-view-dark',
    report: 'report-budget-dark',
  })) {
    const target = join(root, 'docs', 'images', `${name}.webp`);
    await writeFile(target, await toWebp(join(pictures, `${from}.png`)));
    say(`docs/images/${name}.webp is new`);
  }
}
