import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chapterOf, chapters } from '../../src/knowledge/handbook.ts';
import { myths } from '../../src/knowledge/myths.ts';
import { ruleIds } from '../../src/tools/generate/registry.ts';
import { repositoryFiles } from '../architecture/source-files.ts';

const pages = repositoryFiles().filter((f) => f.endsWith('.md') && !/^test\/(fixtures|corpus)\//.test(f));

/** Where the links of a page lead, code left out. */
function linksOf(page: string): string[] {
  const prose = readFileSync(page, 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!);
}

/** The names under which the headings of a page can be linked to. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map((m) =>
    m[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (page) => {
    const dead = linksOf(page).filter((link) => {
      if (/^https:\/\//.test(link)) return false;
      const [path, anchor] = link.split('#', 2) as [string, string?];
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

describe('the handbook', () => {
  const contents = readFileSync('docs/handbook/contents.md', 'utf8');

  it.each(Object.entries(chapters))('has the chapter %s, sourced and in the contents', (id, title) => {
    const text = readFileSync(`docs/handbook/${id}.md`, 'utf8');
    expect(text.startsWith(`# ${title}\n`)).toBe(true);
    expect(contents).toContain(`[${title}](${id}.md)`);
    if (id !== 'myths' && id !== 'checklist') expect(text).toMatch(/\]\(https:\/\/|measured/);
  });

  it('has no page that is not a chapter', () => {
    const names = pages.filter((f) => f.startsWith('docs/handbook/')).map((f) => f.slice(14, -3));
    expect(names.sort()).toEqual([...Object.keys(chapters), 'contents'].sort());
  });

  it('names every myth', () => {
    for (const id of Object.keys(myths))
      expect(linksOf('docs/handbook/myths.md')).toContain(`../myths/${id}.md`);
  });

  it('is linked from every rule, and each chapter from somewhere', () => {
    const ids = ruleIds('.').filter((id) => !id.startsWith('headroom/'));
    for (const id of ids) expect([id, chapterOf(id)]).not.toContain(undefined);
    const linked = new Set(pages.flatMap((page) => linksOf(page).map((link) => link.replace(/^.*\//, ''))));
    for (const id of Object.keys(chapters)) expect(linked).toContain(`${id}.md`);
  });
});
