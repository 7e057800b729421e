// Bundles the faces into dist/ and puts the grammars beside them. `--watch` is not offered: a build takes a second.
// Sizes are printed and returned by `build`; what does not exist yet is not built.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** File in dist/ → entry. All are CommonJS: package.json names no module type. */
export const ENTRIES = {
  'extension.js': 'src/extension/main.ts',
  'server.js': 'src/server/entry.ts',
  'cli.js': 'src/cli/main.ts',
  'commands.js': 'src/cli/commands.ts',
  'worker.js': 'src/host/worker.ts',
  'checker.js': 'src/host/checker.ts',
  'checks.js': 'src/host/checks.ts',
};

/**
 * The parts of the protocol's libraries for a browser, beside those for Node: the condition under which packages
 * export them is not that of the platform.
 */
const browserParts = {
  name: 'browser-parts',
  setup(build) {
    build.onResolve({ filter: /^vscode-[\w-]+\/browser$/ }, async ({ path, resolveDir, kind }) => {
      const name = path.slice(0, path.lastIndexOf('/'));
      // As the importer sees it: there may be two versions.
      const main = await build.resolve(name, { resolveDir, kind });
      const folder = join('node_modules', name);
      const end = main.path.lastIndexOf(folder) + folder.length;
      return { path: join(main.path.slice(0, end), 'lib/browser/main.js') };
    });
  },
};

/** The parser of Dockerfiles asks for one of Node's classes to make bytes of a character, which browsers do as well. */
const dockerfilesAnywhere = {
  name: 'dockerfiles-anywhere',
  setup(build) {
    build.onLoad({ filter: /dockerfile-ast[\\/]lib[\\/]util\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace('Buffer.from(char, "UTF-8")', 'new TextEncoder().encode(char)');
      if (contents === text) throw new Error(`${path} has changed: see whether it still needs Node`);
      return { contents, loader: 'js' };
    });
  },
};

/** A name for everything that goes into the bundles: what one build has computed is of no use to another. */
function identity() {
  const hash = createHash('sha256');
  const files = ['src', 'grammars'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
  );
  for (const file of ['package-lock.json', ...files.sort()]) {
    if (statSync(join(root, file)).isFile()) hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

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
        alias: {
          'web-tree-sitter': require.resolve('web-tree-sitter'),
          // The build for browsers does the same without Node's buffers and warnings.
          yaml: join(root, 'node_modules/yaml/browser/dist/index.js'),
        },
        plugins: [browserParts, dockerfilesAnywhere],
        define: { HEADROOM_BUILD: JSON.stringify(identity()) },
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
