/** `npm run new-rule go/x`: a rule, a fixture and a page to begin with. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { newPage } from './generate/page.ts';
import { REGISTRY, registryText, ruleIds, serviceRuleIds } from './generate/registry.ts';
import { fixtureText, ruleText, scaffoldProblem } from './generate/scaffold.ts';

const id = process.argv[2] ?? '';
const problem = scaffoldProblem(id);
if (problem) {
  console.error(`${problem}\nusage: npm run new-rule go/unbounded-thing`);
  process.exit(2);
}
const fixture = fixtureText(id);
const files = new Map([
  [`src/rules/${id}.ts`, ruleText(id)],
  [`test/fixtures/${id}/${fixture.name}`, fixture.text],
  [`docs/rules/${id}.md`, newPage(id)],
]);
for (const path of files.keys()) {
  if (existsSync(path)) {
    console.error(`${path} exists already; choose another name or go on from there`);
    process.exit(1);
  }
}
for (const [path, text] of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
writeFileSync(REGISTRY, registryText(ruleIds('.'), serviceRuleIds('.')));
console.log(`updated ${REGISTRY}

Next: write a hazard with a marker in the fixture, then the detection, then \`npm run bless\`.
\`npx vitest run test/rules -t ${id}\` says what is missing.`);
