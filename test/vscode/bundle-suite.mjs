// Bundles the suites for the extension host.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

/** @returns {Promise<string>} the entry that the host loads */
export async function bundleSuite() {
  const from = join(root, 'test', 'vscode', 'suite');
  const outdir = join(root, 'out', 'vscode-suite');
  const suites = readdirSync(from).filter((name) => name.endsWith('.test.ts'));
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: [join(from, 'index.ts'), ...suites.map((name) => join(from, name))],
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    define: { SUITES: JSON.stringify(suites.map((name) => name.replace(/\.ts$/, '.cjs'))) },
    logLevel: 'warning',
  });
  return join(outdir, 'index.cjs');
}

/**
 * Bundles the same suites for a browser's extension host, which knows no files beside the entry.
 * @param {string} outfile
 * @param {string} result path of the file the run leaves
 */
export async function bundleWebSuite(outfile, result) {
  const folder = join(root, 'test', 'vscode', 'web');
  await build({
    entryPoints: [join(folder, 'index.ts')],
    outfile,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode'],
    alias: { 'node:assert/strict': join(folder, 'assert.ts') },
    define: { RESULT: JSON.stringify(result) },
    logLevel: 'warning',
  });
}
