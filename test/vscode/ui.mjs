// A person's way through the packaged extension: see the squiggle, read the hover, open the quick fixes, apply one,
// save, and find the change on disk. The pictures it takes are those of the README.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleFont, FONT, launchBrowser } from './browser.mjs';
import { folderUrl, installExtension, startCodeServer, writeSettings } from './code-server.mjs';
import { root } from './setup.mjs';

const settings = {
  'editor.fontFamily': `'${FONT}'`,
  'editor.fontSize': 14,
  // Below the line, so that what it is about is in the picture.
  'editor.hover.above': false,
  'editor.minimap.enabled': false,
  'editor.occurrencesHighlight': 'off',
  'editor.renderLineHighlight': 'none',
  'editor.stickyScroll.enabled': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.sideBar.location': 'right',
  'workbench.startupEditor': 'none',
};

/** Every theme the report has to look well in. The first is that of the README. */
const THEMES = [
  { name: 'dark', label: 'Default Dark Modern' },
  { name: 'light', label: 'Default Light Modern' },
  { name: 'contrast', label: 'Default High Contrast' },
];

/**
 * @param {{
 *   vsix: string,
 *   pictures: string,        folder for the screenshots
 *   say: (line: string) => void,
 * }} options
 */
export async function runUiTest({ vsix, pictures, say }) {
  const temporary = await realpath(await mkdtemp(join(tmpdir(), 'headroom-ui-')));
  const data = join(temporary, 'data');
  const shop = join(temporary, 'shop');
  await mkdir(pictures, { recursive: true });
  await cp(join(root, 'examples'), shop, { recursive: true });
  const found = await scan(shop);
  await installExtension(data, vsix);
  const server = await startCodeServer({ data, settings, trusted: true });
  const browser = await launchBrowser().catch(async (error) => {
    await server.stop();
    throw error;
  });
  try {
    const context = await browser.newContext({
      viewport: { width: 1100, height: 680 },
      deviceScaleFactor: 1.5,
      colorScheme: 'dark',
    });
    await bundleFont(context);
    const page = await context.newPage();
    const visit = { page, shop, server, found, pictures, say };
    for (const theme of THEMES) await showReview(visit, { theme, data });
    await showExport(visit);
    // The first theme comes last, because then the fixes are applied.
    for (const theme of THEMES.toReversed()) {
      await writeSettings(data, { ...settings, 'workbench.colorTheme': theme.label });
      const applies = theme === THEMES[0];
      for (const [rule, marker, picture, height] of [
        ['go/unbounded-cache', 'warning', 'finding', 620],
        ['k8s/gomemlimit-malformed', 'error', 'manifest', 640],
      ])
        await fixFinding(visit, { rule, marker, picture, height, theme: theme.name, applies });
    }
  } catch (error) {
    const shot = join(root, 'out', 'ui-failure.png');
    await browser.contexts()[0]?.pages()[0]?.screenshot({ path: shot });
    error.message += `\nthe screen at that moment: ${shot}`;
    throw error;
  } finally {
    await browser.close();
    await server.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The findings of the command line in the same folder: where to go and what to expect. */
async function scan(folder) {
  const cli = join(root, 'dist', 'cli.js');
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'scan', '.', '--format', 'json'], {
    cwd: folder,
  }).catch((error) => {
    if (error.code === 1) return error;
    throw error;
  });
  return JSON.parse(stdout).findings;
}

async function fixFinding(
  { page, shop, server, found, pictures, say },
  { rule, marker, picture, height, theme, applies },
) {
  const finding = found.find((f) => f.rule === rule && f.fixes.length > 0);
  assert.ok(finding, `the examples have a ${rule} with a fix`);
  const [fix] = finding.fixes;
  const clip = { x: 0, y: 0, width: page.viewportSize().width, height };
  const file = join(shop, finding.file);
  const { line, column } = finding.range.start;
  const step = (name, act) => retriedOnce(`${rule} in ${theme}: ${name}`, act, page, say);
  const at = `vscode-remote://127.0.0.1:${server.port}`;
  const open = [['openFile', `${at}${file}`]];

  await step('the squiggle', async () => {
    await page.goto(folderUrl(server.origin, shop, { payload: open }));
    await page.locator('.editor-instance .view-lines').first().waitFor();
    // The editor remembers from the last visit that it is hidden.
    const explorer = page.locator('.part.sidebar');
    await explorer.waitFor({ state: 'attached' });
    if (await explorer.isVisible()) await page.keyboard.press('Control+b');
    await explorer.waitFor({ state: 'hidden' });
    await goTo(page, line, column);
    await page.locator(`.squiggly-${marker}`).first().waitFor();
    // Room for the hover below the line.
    await page.mouse.move(500, 300);
    await page.mouse.wheel(0, 600);
  });

  const hover = page.locator('.monaco-hover:not(.hidden)').filter({ hasText: `About ${rule}` });
  await step('the hover', async () => {
    // A finding is shown before its container is known, and an open hover keeps the words it was opened with.
    await eventually(async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.keyboard.press('Control+i');
      await hover.waitFor();
      const text = (await hover.textContent()).replaceAll(/\s+/g, ' ');
      for (const { message } of [finding, ...finding.related])
        assert.ok(text.includes(plain(message)), `${message} in: ${text}`);
    });
    await page.screenshot({
      path: join(pictures, `${picture}-hover-${theme}.png`),
      clip,
      animations: 'disabled',
    });
  });
  await page.keyboard.press('Escape');

  const menu = page.locator('.action-widget');
  const openMenu = async () => {
    await goTo(page, line, column);
    await page.keyboard.press('Control+.');
    await menu.waitFor();
  };
  await step('the quick fixes', async () => {
    await openMenu();
    const offered = await menu.textContent();
    for (const title of [inMenu(fix.title), 'on this line', 'in this workspace', `Explain ${rule}`]) {
      assert.ok(offered.includes(title), `${title} among: ${offered}`);
    }
    await page.screenshot({
      path: join(pictures, `${picture}-fixes-${theme}.png`),
      clip,
      animations: 'disabled',
    });
  });

  if (!applies) {
    await page.keyboard.press('Escape');
    return;
  }
  await step('applying the fix', async () => {
    if (!(await menu.isVisible())) await openMenu();
    const row = menu
      .locator('.monaco-list-row')
      .filter({ hasText: inMenu(fix.title) })
      .first();
    // Until the pointer moves, the editor keeps it from choosing something by accident.
    await row.hover({ force: true });
    await row.click();
    await menu.waitFor({ state: 'hidden' });
    await page.locator('.tab.active.dirty').waitFor();
  });

  await step('saving', async () => {
    await page.keyboard.press('Control+s');
    await page.locator('.tab.active:not(.dirty)').waitFor();
    assert.equal(await readFile(file, 'utf8'), await applied(fix, finding.file));
  });
}

/** The Memory view beside the code, and the report: opened from the palette, read, and followed into the code. */
async function showReview({ page, shop, server, pictures, say }, { theme, data }) {
  const step = (name, act) => retriedOnce(`${theme.name}: ${name}`, act, page, say);
  const shoot = (name) =>
    page.screenshot({
      path: join(pictures, `${name}-${theme.name}.png`),
      clip: { x: 0, y: 0, width: 1100, height: 600 },
      animations: 'disabled',
    });
  await writeSettings(data, {
    ...settings,
    'workbench.colorTheme': theme.label,
    'workbench.activityBar.location': 'default',
    'workbench.sideBar.location': 'left',
  });
  const at = `vscode-remote://127.0.0.1:${server.port}`;
  await page.setViewportSize({ width: 1100, height: 720 });

  const view = page.locator('.part.sidebar');
  const row = (label) => view.locator('.monaco-list-row').filter({ hasText: label }).first();
  await step('the memory view', async () => {
    await page.goto(
      folderUrl(server.origin, shop, { payload: [['openFile', `${at}${join(shop, 'catalog/main.go')}`]] }),
    );
    await page.locator('.editor-instance .view-lines').first().waitFor();
    // The palette does not wait for what an extension brings.
    await page.locator('.activitybar [aria-label^="Headroom"]').first().waitFor({ timeout: 60_000 });
    await runCommand(page, 'Headroom: Focus on Memory View');
    await row('catalog').waitFor();
    await unfold(row('catalog'));
    await unfold(row('Checklist'));
    await row('Caches bounded').waitFor();
    await shoot('memory-view');
  });

  const frame = page
    .frameLocator('iframe.webview.ready')
    .frameLocator('iframe#active-frame[title="Memory Report"]');
  await step('the report', async () => {
    await runCommand(page, 'Headroom: Open the Memory Report');
    await frame.getByRole('heading', { name: 'Memory review' }).waitFor();
    await page.keyboard.press('Control+b');
    await view.waitFor({ state: 'hidden' });
    await shoot('report');
    await frame.getByRole('heading', { name: 'Budget' }).first().scrollIntoViewIfNeeded();
    await frame.locator('figure.ledger').nth(1).scrollIntoViewIfNeeded();
    await shoot('report-budget');
  });

  // By the keyboard in one theme, by the mouse in the others.
  await step('from the report into the code', async () => {
    const place = frame.locator('a.place').first();
    if (theme.name === 'contrast') {
      await place.focus();
      await page.keyboard.press('Enter');
    } else await place.click();
    await page
      .locator('.tab.active')
      .filter({ hasText: /\.(go|rs|yaml)/ })
      .waitFor();
  });

  await step('the walkthrough', async () => {
    await runCommand(page, 'View: Close All Editors');
    await runCommand(page, 'Headroom: Open the Walkthrough');
    await page.getByText('Get to Know Headroom').first().waitFor();
    await page.getByText('Answer the checklist').first().click();
    const picture = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await picture.locator('svg[aria-label^="The report"]').waitFor();
    await shoot('walkthrough');
  });
}

/** The exported report in a browser: light, dark and on paper, where no rule of accessibility may be broken. */
async function showExport({ page, shop, pictures, say }) {
  const cli = join(root, 'dist', 'cli.js');
  const args = [cli, 'review', '.', '--format', 'html', '--link', 'https://example.com/{file}#L{line}'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: shop, maxBuffer: 2 ** 24 });
  const file = join(shop, '..', 'review.html');
  await writeFile(file, stdout);
  // Its policy allows no script, and the checker is one.
  const context = await page
    .context()
    .browser()
    .newContext({ bypassCSP: true, viewport: { width: 1000, height: 900 } });
  const own = await context.newPage();
  try {
    const said = [];
    own.on('console', (message) => said.push(message.text()));
    for (const colorScheme of ['light', 'dark']) {
      await own.emulateMedia({ colorScheme });
      await own.goto(`file://${file}`);
      await own.screenshot({ path: join(pictures, `export-${colorScheme}.png`) });
      await own.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
      const { violations } = await own.evaluate(() => globalThis.axe.run());
      assert.deepEqual(
        violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map((n) => n.html)
              .join(' | ')}`,
        ),
        [],
        colorScheme,
      );
    }
    assert.deepEqual(said, []);
    await own.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await own.screenshot({ path: join(pictures, 'export-print.png') });
    // The page's own margins.
    await own.pdf({ path: join(pictures, 'export.pdf'), format: 'A4', preferCSSPageSize: true });
  } finally {
    await context.close();
  }
  say('the exported report breaks no rule of accessibility');
}

/** Runs a command by its name in the palette. */
async function runCommand(page, name) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget:not(.hidden) input');
  await input.waitFor();
  await input.fill(`>${name}`);
  await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().waitFor();
  await page.keyboard.press('Enter');
}

/** A click unfolds a row, and folds it again. */
async function unfold(row) {
  await row.waitFor();
  if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
}

/** The file of the examples after the edits of a fix. */
async function applied(fix, name) {
  const text = await readFile(join(root, 'examples', name), 'utf8');
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  const offset = ({ line, column }) => starts[line - 1] + column - 1;
  return fix.edits
    .toSorted((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((t, e) => t.slice(0, offset(e.range.start)) + e.newText + t.slice(offset(e.range.end)), text);
}

async function goTo(page, line, column) {
  await page.keyboard.press('Control+g');
  const input = page.locator('.quick-input-widget:not(.hidden) input');
  await input.waitFor();
  await input.fill(`:${line}:${column + 1}`);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
  await page.locator('.statusbar').getByText(`Ln ${line}, `).waitFor();
}

/** Repeats what may come too early, until it holds or half a minute has passed. */
async function eventually(act) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** A step through a user interface may need a second try; then it says so. */
async function retriedOnce(name, act, page, say) {
  page.setDefaultTimeout(15_000);
  try {
    await act();
  } catch (error) {
    say(`second try of ${name}: ${error.message.split('\n')[0]}`);
    await page.keyboard.press('Escape');
    await act().catch((again) => {
      again.message = `${name}: ${again.message}`;
      throw again;
    });
  }
}

/** A title as the menu shows it, which knows no Markdown. */
function inMenu(title) {
  return title.replaceAll('`', "'");
}

/** A message as the hover shows it: white space folded. */
function plain(message) {
  return message.replaceAll(/\s+/g, ' ');
}
