import { readFileSync } from 'node:fs';
import { FILES_READ, fileKind } from '../analysis/file-kind.ts';
import { shows } from '../analysis/profile.ts';
import { rulePage } from '../core/links.ts';
import { nearest } from '../core/nearest.ts';
import type { Rule, RuleMeta } from '../core/rule.ts';
import type { Place } from '../core/span.ts';
import { findAsset } from '../host/assets.ts';
import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { folderOf } from '../program/project.ts';
import { allRules } from '../rules/registry.ts';
import { Places } from './reporters/report.ts';
import { findingText, visible } from './reporters/text.ts';
import { scanPaths } from './scan-command.ts';
import { colorsFor, type Terminal } from './terminal.ts';

/** `headroom explain RULE | FILE:LINE`. Answers the exit code. */
export async function explainCommand(terminal: Terminal, fs: FileSystem, what: string): Promise<number> {
  const rules: readonly Rule<never>[] = allRules;
  const rule = rules.find((r) => r.meta.id === what);
  if (rule) {
    terminal.out(ruleText(rule.meta));
    return 0;
  }
  const place = /^(.+?):(\d+)(?::\d+)?$/.exec(what);
  if (place) return explainPlace(terminal, fs, place[1] as string, Number(place[2]));
  const like = nearest(
    what,
    rules.map((r) => r.meta.id),
  );
  terminal.error(
    like
      ? `headroom: "${what}" is neither a rule (did you mean ${like}?) nor FILE:LINE\n`
      : `headroom: "${what}" is neither a rule nor FILE:LINE. Rules:\n${rules
          .map((r) => `  ${r.meta.id}  ${r.meta.summary}\n`)
          .join('')}`,
  );
  return 2;
}

/** The rule's page; what the rule itself says where the pages are not installed. */
function ruleText(meta: RuleMeta): string {
  const page = findAsset(`docs/rules/${meta.id}.md`);
  if (page !== undefined) return readFileSync(page, 'utf8');
  const list = (templates: Readonly<Record<string, string>>) =>
    Object.values(templates).map((t) => `  - ${t}`);
  const silent = list(meta.exemptions);
  return [
    `${meta.id} (${meta.severity})`,
    meta.summary,
    '',
    'It says:',
    ...list(meta.messages),
    ...(silent.length > 0
      ? ['', 'It is silent where it can tell that the growth is bounded:', ...silent]
      : []),
    '',
    rulePage(meta.id),
    '',
  ].join('\n');
}

async function explainPlace(terminal: Terminal, fs: FileSystem, name: string, line: number): Promise<number> {
  const file = absolute(name, terminal.cwd);
  if (fs.kind(file) !== 'file') {
    terminal.error(`headroom: ${name}: no such file. Check the path; it is taken from ${terminal.cwd}\n`);
    return 2;
  }
  if (fileKind(file) === undefined) {
    terminal.error(`headroom: ${name}: is not a file Headroom reads. It reads ${FILES_READ}\n`);
    return 2;
  }
  // What bounds a collection may stand anywhere in its package, so all of the project is read.
  const { workspace, result, scan } = await scanPaths(terminal, fs, [projectFolder(fs, file)], {
    profile: 'pedantic',
  });
  const places = new Places(absolute('.', terminal.cwd), (f) => workspace.text(f));
  const colors = colorsFor(terminal);
  const onLine = (place: Place) => {
    if (place.file !== file) return false;
    const { start, end } = places.range(file, place.span);
    return start.line <= line && line <= Math.max(start.line, end.line);
  };
  const startsOnLine = (place: Place) =>
    place.file === file && places.range(file, place.span).start.line === line;

  const out: string[] = [];
  for (const finding of result.findings) {
    if (!startsOnLine(finding) && !finding.related.some(startsOnLine)) continue;
    out.push(findingText(finding, places, colors));
    const tier = (allRules as readonly Rule<never>[]).find((r) => r.meta.id === finding.rule)?.meta.tier;
    if (tier && !shows('default', tier, finding))
      out.push(`  ${colors.dim('shown only with --profile pedantic')}`);
    out.push('');
  }
  for (const exemption of result.exemptions) {
    if (!onLine(exemption) && !(exemption.where && startsOnLine(exemption.where))) continue;
    const where = exemption.where
      ? ` in ${places.name(exemption.where.file)}:${places.range(exemption.where.file, exemption.where.span).start.line}`
      : '';
    const at = places.range(exemption.file, exemption.span).start;
    out.push(
      `${colors.green('silent')} ${colors.dim(`[${exemption.rule}]`)} ${places.name(exemption.file)}:${at.line}: ${visible(exemption.message)}${where}`,
      '',
    );
  }
  for (const notice of [...scan.notices, ...result.notices])
    if (notice.file === file)
      out.push(`${colors.cyan('note')} ${places.name(file)} ${visible(notice.message)}`, '');
  if (out.length === 0)
    out.push(`Nothing is said about ${places.name(file)}:${line}: no rule saw a candidate there`, '');
  terminal.out(out.join('\n'));
  return 0;
}

/** The outermost folder with a project file, up to the repository's root; else the file's own folder. */
function projectFolder(fs: FileSystem, file: string): string {
  let best = folderOf(file);
  for (let folder = best; ; folder = folderOf(folder)) {
    if (fs.kind(`${folder}/go.mod`) === 'file' || fs.kind(`${folder}/Cargo.toml`) === 'file') best = folder;
    if (fs.kind(`${folder}/.git`) !== undefined) return folder;
    if (folder === '' || folderOf(folder) === folder) return best;
  }
}
