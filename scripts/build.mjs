// Bundles the faces into dist/ and puts the grammars beside them. `--watch` is not offered: a build takes a second.
// Sizes are printed and returned by `build`; what does not exist yet is not built.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** File in dist/ → entry. All are CommonJS: package.json names no module type. */
export const ENTRIES = {
  'extension.cjs': 'src/extension/main.ts',
  'server.js': 'src/server/main.ts',
  'cli.js': 'src/cli/main.ts',
  'worker.js': 'src/host/worker.ts',
  'checker.js': 'src/host/checker.ts',
};

/**
 * Builds into `outdir` and gives the bytes of every file by name.
 * @param {string} outdir
 * @returns {Promise<Record<string, number>>}
 */
export async function build(outdir = join(root, 'dist')) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const require = createRequire(import.meta.url);
  const present = Object.entries(ENTRIES).filter(([, entry]) => existsSync(join(root, entry)));
  await Promise.all(
    present.map(([file, entry]) =>
      esbuild.build({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile: join(outdir, file),
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        external: ['vscode'],
        // The ES module of web-tree-sitter asks for import.meta.url, which is empty in CommonJS: it would bundle
        // without a word and fail when it is first used.
        alias: { 'web-tree-sitter': require.resolve('web-tree-sitter') },
        banner: file === 'cli.js' ? { js: '#!/usr/bin/env node' } : {},
        legalComments: 'none',
        logLevel: 'warning',
      }),
    ),
  );
  if (existsSync(join(outdir, 'cli.js'))) chmodSync(join(outdir, 'cli.js'), 0o755);
  for (const file of readdirSync(join(root, 'grammars')).filter((name) => name.endsWith('.wasm'))) {
    copyFileSync(join(root, 'grammars', file), join(outdir, file));
  }
  return Object.fromEntries(readdirSync(outdir).map((file) => [file, statSync(join(outdir, file)).size]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, bytes] of Object.entries(await build())) {
    console.log(`dist/${file}  ${(bytes / 1024).toFixed(0)} KB`);
  }
}
