/**
 * Measures each stage against bare parsing in the same run: `npm run bench -- DIR [DIR…]`. Ratios say more than
 * seconds, which depend on the machine and on who else uses it. Bare parsing is one thread calling web-tree-sitter and
 * deleting the tree; stages run in one thread as well and are compared in processor time. A scan uses all threads, so
 * its time on the clock is compared with bare parsing in one thread and in as many as the scan has.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { measureKeystrokes } from './bench/keystrokes.ts';
import { measureManifests } from './bench/manifests.ts';
import { measureScan } from './bench/scan.ts';
import { measureStages } from './bench/stages.ts';

const folders = process.argv.slice(2).map((folder) => resolve(process.env.INIT_CWD ?? '.', folder));
if (folders.length === 0) {
  console.error('usage: npm run bench -- DIR [DIR…]');
  process.exit(2);
}

const row = (name: string, value: string, ratio = '') =>
  console.log(`${name.padEnd(40)}${value.padStart(16)}${ratio.padStart(12)}`);
const ms = (n: number) => `${n.toFixed(n < 100 ? 1 : 0)} ms`;
const times = (n: number) => `${n.toFixed(2)} ×`;

execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
const threads = availableParallelism();
const { sources, stages, rules, bare, megabytes } = await measureStages(folders);
row(`${sources.length} files, ${megabytes.toFixed(1)} MB, one thread`, 'processor time', 'to parsing');
for (const { name, milliseconds } of stages)
  row(name, ms(milliseconds), times(milliseconds / bare.processor));
for (const { name, milliseconds } of rules)
  row(`  ${name}`, ms(milliseconds), times(milliseconds / bare.processor));

const { first: scan, again } = await measureScan(folders);
row(`whole scan, ${threads} threads`, 'on the clock', 'to parsing');
row('  to bare parsing in one thread', ms(scan.milliseconds), times(scan.milliseconds / bare.clock));
row(
  `  to bare parsing in ${threads} threads, ideally`,
  ms(scan.milliseconds),
  times((scan.milliseconds * threads) / bare.clock),
);
row('  processor time, all threads', ms(scan.processor), times(scan.processor / bare.processor));
row('  speed', `${(megabytes / (scan.milliseconds / 1000)).toFixed(1)} MB/s`);
row('  peak memory', `${(scan.peakBytes / 2 ** 20).toFixed(0)} MB`);
row('  again, nothing changed', ms(again.milliseconds), times(again.milliseconds / bare.clock));
row('  again, peak memory', `${(again.peakBytes / 2 ** 20).toFixed(0)} MB`);

for (const language of ['rust', 'go'] as const) {
  const result = await measureKeystrokes(language, sources, folders);
  if (!result) continue;
  const { lines, edits, parse, whole, neighbours } = result;
  row(`${language}: ${edits} keystrokes, ${lines} lines`, 'p50 / p95', 'to parsing');
  const both = ({ p50, p95 }: { p50: number; p95: number }) => `${p50.toFixed(1)} / ${p95.toFixed(1)} ms`;
  row('  bare incremental parse', both(parse));
  row('  to diagnostics', both(whole), times(whole.p50 / parse.p50));
  row(
    `  to diagnostics, ${neighbours.files} files around`,
    both(neighbours),
    times(neighbours.p50 / parse.p50),
  );
}

const manifests = measureManifests(folders);
if (manifests) {
  const { files, megabytes, bare, whole, key } = manifests;
  row(`${files} manifests, ${megabytes.toFixed(1)} MB`, 'processor time', 'to parsing');
  row('  bare parse by `yaml`', ms(bare));
  row('  read and checked', ms(whole), times(whole / bare));
  row('  a key in 1,000 lines, p50 / p95', `${key.p50.toFixed(1)} / ${key.p95.toFixed(1)} ms`);
}
