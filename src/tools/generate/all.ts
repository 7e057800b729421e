/** Everything that is generated from the rules, as path and text, so that it can be written or compared. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { ConfigSchema } from '../../analysis/config-schema.ts';
import { MeasuredSchema } from '../../analysis/measured-schema.ts';
import { myths } from '../../knowledge/myths.ts';
import { allRules } from '../../rules/registry.ts';
import type { FixtureCase } from '../fixtures/cases.ts';
import type { Lint } from '../fixtures/verify.ts';
import { mythText } from './myth-page.ts';
import { newPage, updatePage } from './page.ts';
import { replaceRegion } from './regions.ts';
import { configSchema, measuredSchema, ruleTables, withRuleSettings } from './settings.ts';

/** Metadata of all rules by id. */
export const metas = allRules.map((r) => r.meta).sort((a, b) => (a.id < b.id ? -1 : 1));

/** Path in the repository to the text that belongs there. */
export function generatedTexts(root: string, cases: readonly FixtureCase[], lint: Lint): Map<string, string> {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const fixable = new Set(cases.filter((c) => c.fixed.length > 0).map((c) => c.rule));
  const out = new Map([
    ['package.json', withRuleSettings(read('package.json'), metas)],
    [
      'schemas/headroom.schema.json',
      configSchema(z.toJSONSchema(ConfigSchema, { target: 'draft-7' }), metas),
    ],
    [
      'schemas/headroom-measured.schema.json',
      measuredSchema(z.toJSONSchema(MeasuredSchema, { target: 'draft-7' })),
    ],
    [
      'README.md',
      replaceRegion(read('README.md'), 'rules', `\n${ruleTables(metas, fixable)}\n`, 'README.md'),
    ],
  ]);
  for (const [id, myth] of Object.entries(myths)) out.set(`docs/myths/${id}.md`, mythText(myth));
  for (const meta of metas) {
    const path = `docs/rules/${meta.id}.md`;
    const page = existsSync(join(root, path)) ? read(path) : newPage(meta.id);
    out.set(
      path,
      updatePage(
        page,
        meta,
        cases.filter((c) => c.rule === meta.id),
        lint,
      ),
    );
  }
  return out;
}
