import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fileFace, type ReportFace } from '../../src/report/face.ts';
import { htmlReport } from '../../src/report/html.tsx';
import { markdownReview } from '../../src/report/markdown.ts';
import type { ReviewDocument } from '../../src/review/document.ts';
import { deployment, GO_MOD, GROWS, LIMITED, review } from '../review/shop.ts';

const document = review({
  'go.mod': GO_MOD,
  'cmd/cart/main.go': GROWS,
  'deploy.yaml': deployment('cart', LIMITED),
});
const html = htmlReport(document, fileFace(undefined));

/** The text of the page as a reader gets it. */
function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

describe('the page', () => {
  it('allows nothing but its own style', () => {
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(/<script|\son\w+=|<link|<img|<iframe|\sstyle=|@import|url\(http/i);
    expect([...html.matchAll(/<style/g)]).toHaveLength(1);
  });

  it('says what the review says', () => {
    const text = textOf(html);
    for (const part of [
      '1 service in 1 container;',
      'deployment/cart, container cart',
      'What to do next',
      'Are caches bounded?',
      'limit 256Mi',
      'without a bound: 1',
    ])
      expect(text).toContain(part);
  });

  it('tells the drawing in words, and nothing by colour alone', () => {
    expect(html).toMatch(
      /<svg[^>]* role="img" aria-labelledby="(cart-budget-1-chart-title)"><title id="\1">Memory of deployment\/cart, container cart; committed: written at start, 5Mi–12Mi; filled: with use, and stays, up to 64Mi; .*limit 256Mi; 1 without a bound<\/title>/,
    );
    for (const [, word] of html.matchAll(/class="status"><span aria-hidden="true">.<\/span> (\w+)/g))
      expect(word).toMatch(/^(yes|no|unknown)$/);
  });

  it('has every id once, and every address in it leads somewhere', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/(?:href="|url\()#([^")]+)/g)) expect(ids).toContain(id);
    for (const [, list = ''] of html.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(list);
  });

  it('shows names of the workspace as text, whatever they hold', () => {
    const hostile = '"><script>alert(1)</script><b x="';
    const turned = JSON.parse(
      JSON.stringify(document).replaceAll('cart', JSON.stringify(hostile).slice(1, -1)),
    );
    const page = htmlReport(turned as ReviewDocument, fileFace('https://x.example/{file}#L{line}'));
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/<b\s/);
    expect(page).toContain('&lt;script>');
  });

  it('links places where the face knows an address', () => {
    expect(html).not.toContain('href="https://x');
    const linked = htmlReport(document, fileFace('https://x.example/{file}#L{line}'));
    expect(linked).toContain(
      '<a class="place" href="https://x.example/cmd/cart/main.go#L9">cmd/cart/main.go:9</a>',
    );
  });

  it('shows the actions of a panel', () => {
    const face: ReportFace = { ...fileFace(undefined), actions: [{ title: 'Export', href: 'command:x' }] };
    expect(htmlReport(document, face)).toContain('<a href="command:x">Export</a>');
    expect(html).not.toContain('class="actions"');
  });
});

describe('the Markdown', () => {
  const markdown = markdownReview(document, fileFace('{file}#L{line}'));

  it('says what the review says', () => {
    expect(markdown).toMatch(/^# Memory review\n\n1 service in 1 container; /);
    expect(markdown).toContain(
      '| ✗ no | Are caches bounded? | One place that outlives a request has no bound |',
    );
    expect(markdown).toContain('[cmd/cart/main.go:9](<cmd/cart/main.go#L9>)');
    expect(markdown).toMatch(/\n\| filled \| 64Mi \| `ring` \| \[cmd\/cart\/main\.go:15\]/);
  });

  it('keeps its tables whole and its names text', () => {
    const hostile = 'a|b<script>\n`x`';
    const turned = JSON.parse(
      JSON.stringify(document).replaceAll('cart', JSON.stringify(hostile).slice(1, -1)),
    );
    const page = markdownReview(turned as ReviewDocument, fileFace(undefined));
    const rows = page.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length).toBeGreaterThan(10);
    expect(page.replace(/`[^`]*`/g, '')).not.toMatch(/(?<!\\)<script/);
    const widths = page
      .split('\n\n')
      .filter((block) => block.startsWith('| '))
      .map((block) => block.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length));
    for (const table of widths) expect(new Set(table).size).toBe(1);
  });
});
