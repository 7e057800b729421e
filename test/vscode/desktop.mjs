// The suites in a desktop VS Code, which is downloaded: for people's own machines. `node test/vscode/desktop.mjs`
// takes the newest; a version as argument (1.100.0) takes that one.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from '../../scripts/build.mjs';
import { bundleSuite } from './bundle-suite.mjs';
import { root } from './setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'headroom-desktop-'));
try {
  cpSync(join(root, 'test', 'vscode', 'workspace'), folder, { recursive: true });
  await build();
  process.exitCode = await runTests({
    version: process.argv[2] ?? 'stable',
    extensionDevelopmentPath: root,
    extensionTestsPath: await bundleSuite(),
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
