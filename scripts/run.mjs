// Runs a development tool written in TypeScript: `node scripts/run.mjs src/tools/bench.ts ARGS`. Node 20 cannot
// strip types by itself, so esbuild bundles the tool (packages stay outside) and this process imports the result.
// The tool runs in the repository's root; `INIT_CWD` says where the person stood, as under `npm run`.
import { mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [tool, ...args] = process.argv.slice(2);
if (!tool) {
  console.error('usage: node scripts/run.mjs TOOL.ts [ARGS]');
  process.exit(2);
}
const from = resolve(tool);
process.env.INIT_CWD ??= process.cwd();
process.chdir(root);
mkdirSync('out/tools', { recursive: true });
const outfile = join(root, 'out/tools', relative(root, from).replace(/[\\/]/g, '-').replace(/\.ts$/, '.mjs'));
await build({
  entryPoints: [from],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.argv[0], from, ...args];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
