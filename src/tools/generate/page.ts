/** The generated parts of a rule's page: they quote the rule, its fixtures and what the rule says about them. */
import { structuredPatch } from 'diff';
import { type RuleMeta, severityOf } from '../../core/rule.ts';
import { chapterOf, chapters } from '../../knowledge/handbook.ts';
import type { FixtureCase } from '../fixtures/cases.ts';
import { type Lint, textsOf } from '../fixtures/verify.ts';
import { handWritten, replaceRegion } from './regions.ts';

/** A page without its generated parts, for a new rule. */
export function newPage(id: string): string {
  return `# ${id}

<!-- generated: summary -->
<!-- end -->

## What it finds

${TODO}: what must be proven before a finding is shown.

## Why it matters

${TODO}: one fact with its source, and what it means in a container with a limit.

## Example

<!-- generated: example -->
<!-- end -->

## When it is silent

<!-- generated: silence -->
<!-- end -->

## How to fix it

<!-- generated: fixes -->
<!-- end -->

${TODO}: how to fix it by hand, and how to see that it helped.
`;
}

const TODO = 'TODO';
const SECTIONS = ['What it finds', 'Why it matters', 'How to fix it'];

/** What is missing in the hand-written part of a page. */
export function pageProblems(page: string, meta: RuleMeta): string[] {
  const prose = handWritten(page);
  const problems: string[] = [];
  if (!page.startsWith(`# ${meta.id}\n`)) problems.push(`the page must begin with "# ${meta.id}"`);
  if (prose.includes(TODO)) problems.push(`the page still says ${TODO}`);
  for (const section of SECTIONS) {
    const body = prose.split(`## ${section}\n`)[1]?.split('\n## ')[0]?.trim() ?? '';
    if (body.length < 40) problems.push(`the section "${section}" has no hand-written text`);
  }
  const why = prose.split('## Why it matters\n')[1]?.split('\n## ')[0] ?? '';
  // A rule about Headroom's own comments rests on no fact about memory.
  if (meta.tier !== 'H' && !/https?:\/\/|measured|`[\w/.-]+\.(go|rs|c|md)`|KEP-\d+/i.test(why)) {
    problems.push('the section "Why it matters" names no source');
  }
  return problems;
}

/** The page with its generated parts brought up to date. */
export function updatePage(page: string, meta: RuleMeta, cases: readonly FixtureCase[], lint: Lint): string {
  const file = `docs/rules/${meta.id}.md`;
  const example = exampleOf(cases);
  let out = replaceRegion(page, 'summary', summary(meta), file);
  out = replaceRegion(out, 'example', example ? exampleText(example, lint) : '', file);
  out = replaceRegion(out, 'silence', silence(meta, cases, lint), file);
  return replaceRegion(out, 'fixes', fixes(meta, cases, lint), file);
}

/** The case whose headers say `example`, else the first with a finding. */
function exampleOf(cases: readonly FixtureCase[]): FixtureCase | undefined {
  const found = cases.filter((c) =>
    c.files.some((f) => f.marked.expectations.some((e) => e.kind === 'finding')),
  );
  return found.find((c) => c.headers.has('example')) ?? found[0];
}

function summary(meta: RuleMeta): string {
  const tiers = { A: 'growth', B: 'retention', C: 'hot path', M: 'manifest', H: "Headroom's own" };
  const chapter = chapterOf(meta.id);
  const more = chapter ? ` Handbook: [${chapters[chapter]}](../../handbook/${chapter}.md).` : '';
  return `**${meta.summary}.** Family: ${tiers[meta.tier]}. Default severity: ${severities(meta)}.${more}\n`;
}

function severities(meta: RuleMeta): string {
  const likely = severityOf(meta, 'medium');
  return likely === meta.severity
    ? meta.severity
    : `${meta.severity} where it is proven, ${likely} where it is likely`;
}

function exampleText(example: FixtureCase, lint: Lint): string {
  const texts = textsOf(example);
  const { findings } = lint(texts, example.rule);
  const shown = example.files.filter(
    (f) => f.marked.expectations.length > 0 || findings.some((x) => x.related.some((r) => r.file === f.path)),
  );
  const blocks = shown.map((f) => {
    const text = f.marked.text.trimEnd();
    const name = shown.length > 1 ? `\`${f.path}\`\n\n` : '';
    return `${name}\`\`\`${fence(f.path)}\n${text}\n\`\`\`\n`;
  });
  const said = findings.map((f) => {
    const line = texts.get(f.file)!.slice(0, f.span.start).split('\n').length;
    return `- ${shown.length > 1 ? `\`${f.file}\` line` : 'line'} ${line}, ${f.severity}: ${f.message}\n`;
  });
  return `${blocks.join('\n')}\nHeadroom says:\n\n${said.join('')}\nFrom \`${example.source}\`.\n`;
}

function silence(meta: RuleMeta, cases: readonly FixtureCase[], lint: Lint): string {
  const keys = Object.keys(meta.exemptions);
  if (keys.length === 0) return 'The rule knows no exemption: where its conditions hold, it speaks.\n';
  const rows = keys.map((key) => {
    const witness = cases.find((c) =>
      c.files.some((f) => f.marked.expectations.some((e) => e.kind === 'exemption' && e.reason === key)),
    );
    if (!witness) return `- \`${key}\`: ${withoutHoles(meta.exemptions[key]!)}\n`;
    const said = lint(textsOf(witness), meta.id).exemptions.find((e) => e.reason === key);
    const words = said?.message ?? withoutHoles(meta.exemptions[key]!);
    return `- \`${key}\`: ${words}, as in [${witness.name}](../../../${witness.source})\n`;
  });
  return rows.join('');
}

function withoutHoles(template: string): string {
  return template.replace(/\{\w+\}/g, '…');
}

function fixes(meta: RuleMeta, cases: readonly FixtureCase[], lint: Lint): string {
  const seen = new Map<string, string>();
  // The example first: its reader knows the code already.
  const shown = [...cases].sort(
    (a, b) => Number(b.headers.has('example')) - Number(a.headers.has('example')),
  );
  for (const c of shown.filter((x) => x.fixed.length > 0)) {
    const texts = textsOf(c);
    const { findings } = lint(texts, meta.id);
    for (const fixed of [...c.fixed].sort((a, b) => a.fix - b.fix)) {
      const fix = findings.map((f) => f.fixes[fixed.fix - 1]).find((f) => f !== undefined);
      if (!fix) continue;
      const kind = fix.title.replace(/`[^`]*`|"[^"]*"|\d+/g, '…');
      if (seen.has(kind)) continue;
      const diffs = [...fixed.files].map(([path, text]) => difference(texts.get(path) ?? '', text));
      seen.set(kind, `**${fix.title}** (${fix.applicability})\n\n\`\`\`diff\n${diffs.join('\n')}\`\`\`\n`);
    }
  }
  if (seen.size === 0) return 'There is no automatic fix.\n';
  return [...seen.values()].join('\n');
}

function difference(before: string, after: string): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 1 });
  return hunks.map((h) => `${h.lines.filter((l) => !l.startsWith('\\')).join('\n')}\n`).join('\n');
}

function fence(path: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return ({ rs: 'rust', yml: 'yaml', mod: 'text' } as Record<string, string>)[extension] ?? extension;
}
