import { readFileSync } from 'node:fs';
import type { Rule } from '../../core/rule.ts';
import { findAsset } from '../../host/assets.ts';
import { allRules } from '../../rules/registry.ts';
import type { Terminal } from '../terminal.ts';
import { colorsFor } from '../terminal.ts';
import { githubReport } from './github.ts';
import { gitlabReport } from './gitlab.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import type { Places, Report } from './report.ts';
import { sarifReport } from './sarif.ts';
import { textReport } from './text.ts';

export const FORMATS = ['text', 'json', 'sarif', 'github', 'gitlab', 'junit', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

type Reporter = (report: Report, places: Places, terminal: Terminal) => string;

/** What writes each format. */
export const reporters: Readonly<Record<Format, Reporter>> = {
  text: (report, places, terminal) => textReport(report, places, colorsFor(terminal)),
  json: jsonReport,
  sarif: (report, places) =>
    sarifReport(report, places, (rule) => {
      const { meta } = (allRules as readonly Rule<never>[]).find((r) => r.meta.id === rule) as Rule<never>;
      const file = findAsset(`docs/rules/${rule}.md`);
      return { meta, page: file === undefined ? undefined : readFileSync(file, 'utf8') };
    }),
  github: githubReport,
  gitlab: gitlabReport,
  junit: junitReport,
  markdown: markdownReport,
};
