/** `npm run bless`: brings everything generated up to date. Look at the difference before you commit it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readCases } from './fixtures/cases.ts';
import { createLint } from './fixtures/engine.ts';
import { generatedTexts } from './generate/all.ts';
import { writeFixed } from './generate/fixed.ts';

const lint = await createLint();
const only = process.argv[2];
for (const fixture of readCases('.')) {
  if (!only || fixture.rule === only) writeFixed('.', fixture, lint);
}
for (const [path, text] of generatedTexts('.', readCases('.'), lint)) {
  const old = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (old === text) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`${old === undefined ? 'wrote' : 'updated'} ${path}`);
}
