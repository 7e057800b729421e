/** What the menu of an editor offers over the whole example shop, and that every offer gives edits when it is picked. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CodeAction, Range } from 'vscode-languageserver/node';
import { startEngine } from '../../src/host/engine.ts';
import { LiveWorkspace } from '../../src/host/live-workspace.ts';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { CODE_ACTION_KINDS, FIX_ALL, plainTitle } from '../../src/server/actions.ts';
import { closedDocument, rangeOf } from '../../src/server/convert.ts';
import { REVIEW } from '../../src/server/protocol.ts';
import { uriOf } from '../../src/server/uris.ts';
import { connect, type TestClient } from './client.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SHOP = resolve('examples').replaceAll('\\', '/');
let live: LiveWorkspace;
let client: TestClient;

beforeAll(async () => {
  live = new LiveWorkspace(nodeFileSystem, await startEngine());
  client = await connect(
    { createProject: async () => live, version: '0.0.0', onError() {} },
    {
      workspaceFolders: [{ uri: uriOf(SHOP), name: 'shop' }],
      initializationOptions: { settings: { profile: 'pedantic' } },
    },
  );
  await client.connection.sendRequest(REVIEW);
  for (const file of new Set(live.all().map((f) => f.file)))
    await client.connection.sendNotification('textDocument/didOpen', {
      textDocument: {
        uri: uriOf(file),
        languageId: languageOf(file),
        version: 1,
        text: readFileSync(file, 'utf8'),
      },
    });
  await client.connection.sendRequest(REVIEW);
});
afterAll(() => client.stop());

function languageOf(file: string): string {
  if (file.endsWith('.go')) return 'go';
  if (file.endsWith('.rs')) return 'rust';
  return file.endsWith('ile') ? 'dockerfile' : 'yaml';
}

async function offered(file: string, range: Range, only: string): Promise<CodeAction[]> {
  return client.connection.sendRequest('textDocument/codeAction', {
    textDocument: { uri: uriOf(file) },
    range,
    context: { diagnostics: [], only: [only] },
  });
}

/** Picks an action: true when it changes something. */
async function changes(action: CodeAction): Promise<boolean> {
  const { edit } = await client.connection.sendRequest<CodeAction>('codeAction/resolve', action);
  return (edit?.documentChanges ?? []).some((change) => 'edits' in change && change.edits.length > 0);
}

const placeOf = (file: string, span: { start: number; end: number }) =>
  rangeOf(closedDocument(file, readFileSync(file, 'utf8')), span);

test('every fix of every finding is offered by a title without Markdown, and gives edits', async () => {
  const withFixes = new Set<string>();
  for (const finding of live.all()) {
    const menu = await offered(finding.file, placeOf(finding.file, finding.span), 'quickfix');
    const titles = menu.map((action) => action.title);
    for (const fix of finding.fixes) {
      withFixes.add(finding.rule);
      const title = plainTitle(fix.title);
      expect(title).not.toContain('`');
      const action = menu.find((a) => a.title === title);
      expect(action, `${title} among ${titles.join(' | ')}`).toBeDefined();
      expect(await changes(action as CodeAction), `${finding.file}: ${title}`).toBe(true);
    }
    for (const title of ['on this line (write the reason)', 'in this workspace (headroom.yaml)']) {
      const ignore = menu.find((a) => a.title === `Ignore ${finding.rule} ${title}`);
      expect(ignore && (await changes(ignore)), `${finding.file}: ${finding.rule} ${title}`).toBe(true);
    }
    expect(titles).toContain(`Explain ${finding.rule}`);
  }
  // What the other rules repair is held by their fixtures.
  expect(withFixes.size).toBeGreaterThan(50);
});

test('all safe problems of a file are offered where there is one, and nowhere else', async () => {
  for (const file of new Set(live.all().map((f) => f.file))) {
    const isSafe = live
      .findings(file)
      .some((f) => f.fixes.some((fix) => fix.applicability === 'machine-applicable'));
    const menu = await offered(file, placeOf(file, { start: 0, end: 0 }), FIX_ALL);
    expect(
      menu.map((a) => a.title),
      file,
    ).toEqual(isSafe ? ['Fix all safe problems'] : []);
    for (const action of menu) expect(await changes(action), file).toBe(true);
  }
});

test('memory values can be rewritten without a finding', async () => {
  const families = new Set<string>();
  for (const file of live
    .all()
    .map((f) => f.file)
    .filter((f) => /\.ya?ml$/.test(f))) {
    const text = readFileSync(file, 'utf8');
    for (const line of text.matchAll(/memory|GOMEMLIMIT|name: |emptyDir|mem_limit/g)) {
      const menu = await offered(
        file,
        placeOf(file, { start: line.index, end: line.index }),
        'refactor.rewrite',
      );
      for (const action of menu) {
        families.add(action.title.replace(/[\d.]+ ?\w+|"[^"]*"|'[^']*'/g, '…'));
        if (!(await changes(action))) throw new Error(`${file}: ${action.title} changes nothing`);
      }
    }
  }
  expect([...families].sort()).toEqual([
    'Set GOMEMLIMIT to …, … % of the limit',
    'Set GOMEMLIMIT to …, … % of the limit (for a Go program)',
    'Set a memory limit: fill in the measured peak plus … %',
    'Set a memory request: fill in the measured steady use',
    'Set the memory limit to …: the limit it was killed at plus … % (estimate)',
    'Set the memory limit to …: the measured peak plus … %',
    'Set the memory limit to …: the measured peak plus … % (estimate)',
    'Set the memory request to the limit, …',
    'Write … (…, … % more)',
    'Write …: the same bytes',
  ]);
  expect(CODE_ACTION_KINDS).toEqual(['quickfix', 'refactor.rewrite', FIX_ALL]);
});
