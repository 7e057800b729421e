// The review as a person sees it: the Memory view, the report, and what both lead to.
import * as assert from 'node:assert/strict';
import { type Tab, TabInputWebview, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Row } from '../../../src/extension/memory-tree.ts';
import { command } from './commands.ts';
import { api, replace, revert, show, until, uriOf } from './state.ts';

const GROWS = 's.seen[user] = true';
const BOUNDED = 'delete(s.seen, "oldest")\n\ts.seen[user] = true';

/** All rows of the view, the inner ones after their parents. */
function all(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => [row, ...all(row.children)]);
}

async function rowsWhen(ready: (rows: readonly Row[]) => boolean): Promise<Row[]> {
  const { rows, onRows } = await api();
  return until('the rows', onRows, () => (ready(rows()) ? all(rows()) : undefined));
}

const isReport = (tab: Tab | undefined) =>
  tab?.input instanceof TabInputWebview && tab.input.viewType.endsWith('headroom.report');

function reportTab(): Tab | undefined {
  return window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => isReport(tab));
}

/** Opens the report, and waits until it is the active editor and shows a page that `holds` accepts. */
async function openReport(service?: Row, holds: (html: string) => boolean = () => true): Promise<string> {
  const { report, onReport } = await api();
  await (service ? command('headroom.openReport', service) : command('headroom.openReport'));
  await until('the tab', window.tabGroups.onDidChangeTabs, () =>
    isReport(window.tabGroups.activeTabGroup.activeTab) ? true : undefined,
  );
  return until('the page', onReport, () => (report() !== '' && holds(report()) ? report() : undefined));
}

function untilNamed(name: string): Promise<true> {
  return until(name, window.tabGroups.onDidChangeTabs, () =>
    reportTab()?.label === name ? (true as const) : undefined,
  );
}

suite('The review in VS Code', () => {
  suiteSetup(async () => {
    const { onStatus, status } = await api();
    await until('the scan', onStatus, () => (status().state === 'ready' ? true : undefined));
    await command('headroom.memory.focus');
  });

  teardown(async () => {
    await command('workbench.action.closeAllEditors');
  });

  test('the view shows the service with its checklist, budget and findings', async () => {
    const rows = await rowsWhen((r) => r.some((row) => row.look === 'service'));
    const service = rows.find((row) => row.look === 'service');
    assert.equal(service?.label, 'sessions');
    assert.deepEqual(
      service.children.map((row) => row.label),
      ['What to do next', 'Checklist', 'Budget', 'Findings'],
    );
    const caches = rows.find((row) => row.label === 'Caches bounded');
    assert.equal(caches?.look, 'no');
    assert.match(caches.children[1]?.label ?? '', /^s\.seen grows with every request|^seen grows/);
    assert.match(caches.children[1]?.spot?.uri ?? '', /store\/store\.go$/);
    for (const { id } of rows) assert.equal(rows.filter((row) => row.id === id).length, 1, id);
  });

  test('the view follows an edit', async () => {
    await rowsWhen((r) => all(r).some((row) => row.label === 'Caches bounded' && row.look === 'no'));
    const store = await show('store/store.go');
    await replace(store, GROWS, BOUNDED);
    const rows = await rowsWhen((r) =>
      all(r).some((row) => row.label === 'Caches bounded' && row.look === 'yes'),
    );
    const caches = rows.find((row) => row.label === 'Caches bounded');
    assert.match(caches?.children[1]?.label ?? '', /seen: bounded by delete in Store\.Add$/);
    await revert(store);
    await rowsWhen((r) => all(r).some((row) => row.label === 'Caches bounded' && row.look === 'no'));
  });

  test('a row leads to its manifest, and a place to its line', async () => {
    const rows = await rowsWhen((r) => r.length > 0);
    await command(
      'headroom.openManifest',
      rows.find((row) => row.look === 'service'),
    );
    assert.equal(window.activeTextEditor?.document.uri.path, uriOf('deployment.yaml').path);
    assert.match(
      window.activeTextEditor.document.lineAt(window.activeTextEditor.selection.active.line).text,
      /name: sessions # the only one/,
    );
    const found = rows.find((row) => row.look === 'warning' && /seen/.test(row.label));
    assert.ok(found?.spot);
    await command('headroom.openPlace', found.spot.uri, found.spot.line - 1, found.spot.column - 1);
    assert.equal(window.activeTextEditor?.document.uri.path, uriOf('store/store.go').path);
    assert.equal(window.activeTextEditor.selection.active.line, found.spot.line - 1);
  });

  test('the report opens, needs no script, and only its own commands run in it', async () => {
    const html = await openReport();
    assert.match(html, /default-src 'none'; style-src 'sha256-/);
    assert.ok(!/<script|\son\w+=/i.test(html));
    assert.match(html, /Are caches bounded\?/);
    const links = [...html.matchAll(/href="command:([\w.]+)/g)].map((m) => m[1]);
    assert.deepEqual([...new Set(links)].sort(), [
      'headroom.exportReport',
      'headroom.openPlace',
      'headroom.page',
    ]);
  });

  test('the report of one service leads back to all', async () => {
    const rows = await rowsWhen((r) => r.length > 0);
    const service = rows.find((row) => row.look === 'service');
    await openReport(service, (html) => html.includes('All services'));
    await untilNamed('Memory Report: sessions');
    await openReport(undefined, (html) => !html.includes('All services'));
    await untilNamed('Memory Report');
  });

  test('a place of the report opens beside it, and the report stays', async () => {
    await openReport();
    await command('headroom.openPlace', uriOf('main.go').toString(), 8, 0);
    assert.equal(window.activeTextEditor?.document.uri.path, uriOf('main.go').path);
    assert.ok(isReport(reportTab()));
    assert.equal(window.tabGroups.all.length, 2);
  });

  test('the report follows an edit without taking the focus', async () => {
    const { report, onReport } = await api();
    await openReport();
    await command('headroom.openPlace', uriOf('store/store.go').toString(), 0, 0);
    const { document } = await window.showTextDocument(uriOf('store/store.go'), {
      viewColumn: ViewColumn.Two,
    });
    // A panel that has just been opened may take the focus once more, when its frame is there, which nobody tells: then the
    // next page shows whether it takes it again.
    let stayed = false;
    for (let i = 0; i < 4 && !stayed; i++) {
      const isBounded = i % 2 === 0;
      await window.showTextDocument(document, ViewColumn.Two);
      await replace(document, isBounded ? GROWS : BOUNDED, isBounded ? BOUNDED : GROWS);
      await until('the new page', onReport, () =>
        report().includes('is bounded') === isBounded ? true : undefined,
      );
      stayed = window.activeTextEditor?.document === document;
    }
    assert.ok(stayed, 'the code has the focus');
    await revert(document);
  });

  for (const [name, start] of [
    ['memory-review.html', '<!doctype html>'],
    ['memory-review.md', '# Memory review'],
  ] as const) {
    test(`the report is exported as ${name}`, async () => {
      const target = uriOf(name);
      await command('headroom.exportReport', target);
      const text = new TextDecoder().decode(await workspace.fs.readFile(target));
      await workspace.fs.delete(target);
      assert.ok(text.startsWith(start), text.slice(0, 80));
      assert.match(text, /Are caches bounded\?/);
      assert.ok(!text.includes('command:'), 'a file has no commands');
      const folder = Uri.joinPath(target, '..');
      assert.ok(!text.includes(folder.toString()), 'a file names no address');
      // The folder may be all there is, as on a file system of an extension.
      if (folder.path !== '/')
        assert.ok(!text.includes(folder.path), 'a file names no folder of this machine');
    });
  }

  test('pages open: the handbook, and what a link names', async () => {
    const preview = (name: string) => () =>
      window.tabGroups.activeTabGroup.activeTab?.label.includes(name) ? true : undefined;
    await command('headroom.handbook');
    await until('the handbook', window.tabGroups.onDidChangeTabs, preview('contents.md'));
    await command('headroom.page', '/handbook/sizing-limits');
    await until('the chapter', window.tabGroups.onDidChangeTabs, preview('sizing-limits.md'));
  });

  test('the walkthrough opens', async () => {
    await command('headroom.walkthrough');
    const labels = () => window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.label);
    await until('the walkthrough', window.tabGroups.onDidChangeTabs, () =>
      labels().some((label) => /Walkthrough|Welcome/.test(label)) ? true : undefined,
    ).catch(() => assert.fail(labels().join(' | ')));
  });

  test('the output opens', async () => {
    await command('headroom.showOutput');
  });
});
