import { afterEach, expect, test, vi } from 'vitest';
import type {
  CodeAction,
  CodeLens,
  DocumentDiagnosticReport,
  Hover,
  InlayHint,
  Location,
  ProtocolConnection,
  PublishDiagnosticsParams,
  Registration,
  WorkspaceDiagnosticReport,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { rulePage } from '../../src/core/links.ts';
import type { ReviewDocument } from '../../src/review/document.ts';
import {
  REPORT,
  REVIEW,
  type ReportParams,
  SHOW_PLACES,
  STATUS,
  type Status,
} from '../../src/server/protocol.ts';
import { connect, FULL, PLAIN, signal, type TestClient } from './client.ts';
import { partsOf, RULE, WordProject } from './word-project.ts';

const URI = 'file:///shop/main.go';
const running: TestClient[] = [];

async function start(...args: Parameters<typeof connect>): Promise<TestClient> {
  const client = await connect(...args);
  running.push(client);
  return client;
}

afterEach(async () => {
  for (const client of running.splice(0)) await client.stop();
});

function open(connection: ProtocolConnection, text: string, uri = URI, languageId = 'go') {
  return connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId, version: 1, text },
  });
}

function pull(connection: ProtocolConnection, previousResultId?: string) {
  return connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
    textDocument: { uri: URI },
    ...(previousResultId ? { previousResultId } : {}),
  });
}

function items(report: DocumentDiagnosticReport) {
  if (report.kind !== 'full') throw new Error('expected a full report');
  return report.items;
}

function actions(connection: ProtocolConnection, character: number, only?: string[]) {
  return connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: URI },
    range: { start: { line: 0, character }, end: { line: 0, character } },
    context: { diagnostics: [], ...(only ? { only } : {}) },
  });
}

function newTexts(change: NonNullable<WorkspaceEdit['documentChanges']>[number] | undefined) {
  if (!change || !('edits' in change)) return [];
  return change.edits.map((edit) => ('newText' in edit ? edit.newText : undefined));
}

test('pull: a finding becomes a diagnostic with code, page and related places', async () => {
  const project = new WordProject();
  project.disk.set('/shop/deploy.yaml', 'limit');
  const { connection, server } = await start(partsOf(project));
  expect(server.capabilities.diagnosticProvider).toBeDefined();
  await open(connection, 'x := 1 // é𝄞\nLEAK(x) LEAK');
  const found = items(await pull(connection));
  expect(found).toHaveLength(2);
  expect(found[0]).toMatchObject({
    code: RULE,
    source: 'headroom',
    severity: 2,
    codeDescription: { href: rulePage(RULE) },
    range: { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } },
    relatedInformation: [
      { location: { uri: URI, range: { start: { line: 0, character: 0 } } }, message: 'declared here' },
    ],
  });
  expect(found[1]?.relatedInformation?.[0]?.location.uri).toBe('file:///shop/deploy.yaml');
});

test('pull: an unchanged result is not sent twice', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'LEAK');
  const first = await pull(connection);
  const second = await pull(connection, first.resultId);
  expect(second).toEqual({ kind: 'unchanged', resultId: first.resultId });
});

test('edits apply one after another, also across surrogate pairs', async () => {
  const project = new WordProject();
  const { connection, logged } = await start(partsOf(project));
  await open(connection, '𝄞 a\nb');
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [
      { range: { start: { line: 0, character: 2 }, end: { line: 0, character: 4 } }, text: ' LEAK' },
      { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 1 } }, text: 'LEAK' },
    ],
  });
  expect(items(await pull(connection))).toHaveLength(2);
  expect(project.text('/shop/main.go')).toBe('𝄞 LEAK\nLEAK');
  expect(logged).toEqual([]);
});

test('push: only for clients that cannot pull, and nothing twice', async () => {
  const project = new WordProject();
  const published: PublishDiagnosticsParams[] = [];
  const arrived = signal();
  const emptied = signal();
  const { connection, server } = await start(partsOf(project), { capabilities: PLAIN }, (c) => {
    c.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      published.push(params);
      if (params.diagnostics.length > 0) arrived.resolve();
      else emptied.resolve();
    });
  });
  expect(server.capabilities.diagnosticProvider).toBeUndefined();
  await open(connection, 'LEAK');
  await arrived.promise;
  expect(published.at(-1)).toMatchObject({ uri: URI, version: 1, diagnostics: [{ code: RULE }] });
  expect(published.at(-1)?.diagnostics[0]?.relatedInformation).toBeUndefined();
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: URI } });
  await emptied.promise;
  expect(published.filter((p) => p.diagnostics.length > 0)).toHaveLength(1);
});

test('push is silent for clients that pull', async () => {
  const project = new WordProject();
  const published: unknown[] = [];
  const { connection } = await start(partsOf(project), {}, (c) => {
    c.onNotification('textDocument/publishDiagnostics', (params) => {
      published.push(params);
    });
  });
  await open(connection, 'LEAK');
  await pull(connection);
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [{ text: 'fine' }],
  });
  expect(items(await pull(connection))).toEqual([]);
  expect(published).toEqual([]);
});

test('a verdict waits for the first scan', async () => {
  const project = new WordProject();
  const gate = signal();
  project.onScan = () => gate.promise;
  const { connection } = await start(partsOf(project));
  await open(connection, 'LEAK');
  let answered = false;
  const report = pull(connection).then((r) => {
    answered = true;
    return r;
  });
  // The server answers in order, so this round trip shows that the pull was seen and is waiting.
  await connection.sendRequest('textDocument/hover', {
    textDocument: { uri: URI },
    position: { line: 0, character: 0 },
  });
  expect(answered).toBe(false);
  gate.resolve();
  expect(items(await report)).toHaveLength(1);
  expect(project.scanned).toEqual(['/shop']);
});

test('manifests are told while code is read, the verdict about code comes next, the review last', async () => {
  const project = new WordProject();
  project.disk.set('/shop/deploy.yaml', 'LEAK');
  const [read, judged] = [signal(), signal()];
  project.onScan = async (watch) => {
    watch.onManifests?.();
    await read.promise;
  };
  project.onJudge = () => judged.promise;
  const { connection } = await start(partsOf(project));
  await open(connection, 'LEAK');
  const order: string[] = [];
  const note = (what: string) => () => void order.push(what);
  const code = pull(connection).then(note('code'));
  const review = connection.sendRequest(REVIEW).then(note('review'));
  const { items: early } = await connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', {
    previousResultIds: [],
  });
  expect(early.map((item) => item.uri)).toEqual(['file:///shop/deploy.yaml']);
  expect(order).toEqual([]);
  read.resolve();
  await code;
  expect(order).toEqual(['code']);
  judged.resolve();
  await review;
  expect(order).toEqual(['code', 'review']);
});

test('what an open document proves alone is told while code is read', async () => {
  const project = new WordProject();
  const [looked, read] = [signal(), signal()];
  project.onScan = async (watch) => {
    watch.onManifests?.();
    await looked.promise;
    project.glanced.add('/shop/main.go');
    watch.onGlance?.();
    await read.promise;
    project.glanced.clear();
  };
  const refreshed = signal();
  const { connection } = await start(partsOf(project), undefined, (c) => {
    c.onRequest('workspace/diagnostic/refresh', () => {
      refreshed.resolve();
      return null;
    });
  });
  await open(connection, 'LEAK');
  let isTold = false;
  const told = pull(connection).then((answer) => {
    isTold = true;
    return answer;
  });
  await connection.sendRequest('textDocument/hover', {
    textDocument: { uri: URI },
    position: { line: 0, character: 0 },
  });
  expect(isTold).toBe(false);
  looked.resolve();
  expect(items(await told)).toHaveLength(1);
  read.resolve();
  // The client asks again, because that was not all there is to say.
  await refreshed.promise;
});

test('findings are told package by package while everything is judged', async () => {
  const project = new WordProject();
  const [first, rest] = [signal(), signal()];
  project.onJudge = async (watch) => {
    await first.promise;
    project.disk.set('/shop/one.go', 'LEAK');
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    watch.progress(1, 2);
    vi.restoreAllMocks();
    await rest.promise;
  };
  const steps: (string | undefined)[] = [];
  const { connection } = await start(partsOf(project), { initializationOptions: { status: true } }, (c) => {
    c.onNotification(STATUS, ({ state, step }: Status) => void steps.push(step ?? state));
  });
  const report = connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', {
    previousResultIds: [],
  });
  first.resolve();
  expect((await report).items.map((item) => item.uri)).toEqual(['file:///shop/one.go']);
  expect(steps).toEqual(['reviewing']);
  rest.resolve();
  await connection.sendRequest(REVIEW);
  expect(steps).toEqual(['reviewing', 'ready']);
});

test('a pull can be cancelled while it waits', async () => {
  const project = new WordProject();
  project.onScan = () => new Promise(() => {});
  const { connection } = await start(partsOf(project));
  await open(connection, 'LEAK');
  const { CancellationTokenSource } = await import('vscode-languageserver/node');
  const source = new CancellationTokenSource();
  const report = connection.sendRequest(
    'textDocument/diagnostic',
    { textDocument: { uri: URI } },
    source.token,
  );
  await connection.sendRequest('textDocument/hover', {
    textDocument: { uri: URI },
    position: { line: 0, character: 0 },
  });
  source.cancel();
  await expect(report).rejects.toThrow(/cancel/i);
});

test('the first scan shows progress and can be cancelled', async () => {
  const project = new WordProject();
  const values: { kind: string; percentage?: number }[] = [];
  const cancelled = signal();
  project.onScan = async (watch) => {
    watch.progress(1, 4);
    watch.progress(2, 4);
    while (!watch.isCancelled()) await new Promise((resolve) => setTimeout(resolve, 1));
    cancelled.resolve();
  };
  const ended = signal();
  const states: string[] = [];
  const capabilities = { ...FULL, window: { workDoneProgress: true } };
  const options = { capabilities, initializationOptions: { status: true } };
  const { connection } = await start(partsOf(project), options, (c) => {
    c.onNotification(STATUS, ({ state }: Status) => void states.push(state));
    c.onRequest('window/workDoneProgress/create', () => null);
    c.onNotification(
      '$/progress',
      ({ token, value }: { token: string; value: { kind: string; percentage?: number } }) => {
        values.push(value);
        if (value.percentage === 25) void c.sendNotification('window/workDoneProgress/cancel', { token });
        if (value.kind === 'end') ended.resolve();
      },
    );
  });
  await cancelled.promise;
  await ended.promise;
  expect(values.map((v) => [v.kind, v.percentage])).toEqual([
    ['begin', 0],
    ['report', 12],
    ['report', 25],
    ['end', undefined],
  ]);
  // Nobody waits for a review that was stopped.
  await connection.sendRequest(REVIEW);
  expect(states).toEqual(['scanning', 'scanning', 'cancelled']);
});

test('completion is registered for settings files alone', async () => {
  const registered = signal<Registration[]>();
  const capabilities = {
    ...FULL,
    textDocument: { ...FULL.textDocument, completion: { dynamicRegistration: true } },
  };
  const { connection } = await start(partsOf(new WordProject()), { capabilities }, (c) => {
    c.onRequest('client/registerCapability', ({ registrations }: { registrations: Registration[] }) => {
      registered.resolve(registrations);
      return null;
    });
  });
  expect(await registered.promise).toMatchObject([
    {
      method: 'textDocument/completion',
      registerOptions: { documentSelector: [{ pattern: '**/headroom.yaml' }] },
    },
  ]);
  const uri = 'file:///shop/headroom.yaml';
  await open(connection, 'ru', uri, 'yaml');
  await pull(connection);
  const items = await connection.sendRequest('textDocument/completion', {
    textDocument: { uri },
    position: { line: 0, character: 2 },
  });
  expect(items).toMatchObject([
    {
      label: 'rules',
      textEdit: {
        newText: 'rules:',
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 2 } },
      },
    },
  ]);
});

test('a line above main tells the budget, and the definition leads to the container', async () => {
  const project = new WordProject();
  project.disk.set('/shop/deploy.yaml', 'kind: Pod\n');
  const { connection, server } = await start(partsOf(project), {
    initializationOptions: { showsPlaces: true },
  });
  expect(server.capabilities.codeLensProvider).toBeDefined();
  expect(server.capabilities.definitionProvider).toBe(true);
  await open(connection, 'func main');
  const lenses = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
    textDocument: { uri: URI },
  });
  expect(lenses).toHaveLength(1);
  expect(lenses[0]).toMatchObject({
    range: { start: { line: 0, character: 5 } },
    command: { title: 'budget 2Mi of 64Mi', command: SHOW_PLACES },
  });
  expect(lenses[0]?.command?.arguments?.[2]).toMatchObject([{ uri: 'file:///shop/deploy.yaml' }]);
  const definition = (character: number) =>
    connection.sendRequest<Location[] | null>('textDocument/definition', {
      textDocument: { uri: URI },
      position: { line: 0, character },
    });
  expect(await definition(6)).toMatchObject([{ uri: 'file:///shop/deploy.yaml' }]);
  expect(await definition(0)).toBeNull();
});

test('lines above main can be switched off, and lead nowhere where the client cannot follow', async () => {
  const project = new WordProject();
  const { connection } = await start(partsOf(project));
  await open(connection, 'func main');
  const lenses = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
    textDocument: { uri: URI },
  });
  expect(lenses[0]?.command?.command).toBe('');
  const off = await start(partsOf(new WordProject()), {
    initializationOptions: { settings: { codeLens: false } },
  });
  await open(off.connection, 'func main');
  expect(
    await off.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: URI } }),
  ).toBeNull();
});

test('hover', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'a LEAK');
  await pull(connection);
  const at = (character: number) =>
    connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri: URI },
      position: { line: 0, character },
    });
  expect(await at(3)).toEqual({
    range: { start: { line: 0, character: 2 }, end: { line: 0, character: 6 } },
    contents: { kind: 'markdown', value: '**why** it matters' },
  });
  expect(await at(0)).toBeNull();
});

test('while rules are asked about a file others are answered, and the newest text decides', async () => {
  const project = new WordProject();
  const { connection } = await start(partsOf(project), { capabilities: FULL });
  await open(connection, 'LEAK');
  expect(items(await pull(connection))).toHaveLength(1);
  const asked: ((isDone: boolean) => void)[] = [];
  project.onPrepare = () => new Promise((resolve) => asked.push(resolve));
  const report = pull(connection);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  const settings = 'file:///shop/headroom.yaml';
  await open(connection, 'r', settings, 'yaml');
  const where = { textDocument: { uri: settings }, position: { line: 0, character: 1 } };
  expect(await connection.sendRequest('textDocument/completion', where)).toHaveLength(1);
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [{ text: 'LEAK and LEAK' }],
  });
  await vi.waitFor(() => expect(project.text('/shop/main.go')).toBe('LEAK and LEAK'));
  asked[0]?.(false);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.(true);
  expect(items(await report)).toHaveLength(2);
});

test('code actions carry no edits until one is picked', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'a LEAK LEAK');
  const offered = await actions(connection, 3);
  expect(offered.map((a) => [a.title, a.edit, a.isPreferred ?? false])).toEqual([
    ['Bound it', undefined, true],
    ["Bound 'it' by hand, as 'x'", undefined, false],
    [`Ignore ${RULE} on this line (write the reason)`, undefined, false],
    [`Ignore ${RULE} in this workspace (headroom.yaml)`, undefined, false],
    [`Explain ${RULE}`, undefined, false],
    ['Set a limit', undefined, false],
  ]);
  const resolved = await connection.sendRequest<CodeAction>('codeAction/resolve', offered[0]);
  expect(resolved.edit).toEqual({
    documentChanges: [
      {
        textDocument: { uri: URI, version: 1 },
        edits: [
          { range: { start: { line: 0, character: 2 }, end: { line: 0, character: 6 } }, newText: 'KEEP' },
        ],
      },
    ],
  } satisfies WorkspaceEdit);
  const created = await connection.sendRequest<CodeAction>('codeAction/resolve', offered[3]);
  expect(created.edit?.documentChanges?.map((c) => ('kind' in c ? c.kind : newTexts(c)[0]))).toEqual([
    'create',
    `rules:\n  ${RULE}: off\n`,
  ]);
});

test('an action that the text has overtaken gives an error and no edit', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'LEAK');
  const [first] = await actions(connection, 1);
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [{ text: 'all well' }],
  });
  await expect(connection.sendRequest('codeAction/resolve', first)).rejects.toThrow(/changed/);
});

test('clients that cannot resolve get whole actions', async () => {
  const { connection } = await start(partsOf(new WordProject()), { capabilities: PLAIN });
  await open(connection, 'LEAK');
  const offered = await actions(connection, 1, ['quickfix']);
  expect(offered[0]?.edit?.changes?.[URI]?.[0]?.newText).toBe('KEEP');
  expect(offered.map((a) => a.title)).not.toContain(`Ignore ${RULE} in this workspace (headroom.yaml)`);
});

test('source.fixAll.headroom applies what is safe, on request only', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'LEAK LEAK');
  for (const only of ['source.fixAll.headroom', 'source.fixAll', 'source']) {
    const offered = await actions(connection, 0, [only]);
    expect(offered.map((a) => a.kind)).toEqual(['source.fixAll.headroom']);
    const { edit } = await connection.sendRequest<CodeAction>('codeAction/resolve', offered[0]);
    const change = edit?.documentChanges?.[0];
    expect(newTexts(change)).toEqual(['KEEP', 'KEEP']);
  }
  expect(await actions(connection, 0, ['source.organizeImports'])).toEqual([]);
});

test('settings: a rule is switched off, and nonsense changes nothing', async () => {
  const project = new WordProject();
  const { connection } = await start(partsOf(project), {
    initializationOptions: { settings: { profile: 'loud', rules: { [RULE]: 'fatal', 'go/x': 'hint' } } },
  });
  await open(connection, 'LEAK');
  expect(items(await pull(connection))).toHaveLength(1);
  expect(project.settings).toEqual({ profile: 'default', rules: { 'go/x': 'hint' } });
  await connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { headroom: { profile: 'pedantic', rules: { [RULE]: 'off' } } },
  });
  expect(items(await pull(connection))).toEqual([]);
  expect(project.settings?.profile).toBe('pedantic');
});

test('the workspace: closed files are reported, once, and taken back', async () => {
  const project = new WordProject();
  project.disk.set('/shop/closed.go', 'LEAK');
  const { connection } = await start(partsOf(project));
  await open(connection, 'LEAK');
  const workspace = (previousResultIds: { uri: string; value: string }[]) =>
    connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds });
  const first = await workspace([]);
  // The open document is asked for by itself.
  const uri = 'file:///shop/closed.go';
  expect(first.items.map((item) => item.uri)).toEqual([uri]);
  const resultId = first.items[0]?.resultId ?? '';
  let answered = false;
  const second = workspace([{ uri, value: resultId }]).then((report) => {
    answered = true;
    return report;
  });
  await pull(connection);
  expect(answered).toBe(false);
  project.disk.set('/shop/closed.go', 'fine');
  project.onReload = () => {};
  await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
  expect((await second).items).toMatchObject([{ uri, kind: 'full', items: [] }]);
});

test('push: closed files are reported, too', async () => {
  const project = new WordProject();
  project.disk.set('/shop/closed.go', 'LEAK');
  const published = signal<PublishDiagnosticsParams>();
  await start(partsOf(project), { capabilities: PLAIN }, (c) => {
    c.onNotification('textDocument/publishDiagnostics', published.resolve);
  });
  expect(await published.promise).toMatchObject({
    uri: 'file:///shop/closed.go',
    diagnostics: [{ code: RULE }],
  });
});

test('a change of a closed file refreshes what is open, and counts', async () => {
  const project = new WordProject();
  const counted = signal<Status>();
  const { connection } = await start(partsOf(project), { initializationOptions: { status: true } }, (c) => {
    c.onNotification(STATUS, (status: Status) => {
      if (status.state === 'ready' && status.findings === 2) counted.resolve(status);
    });
  });
  await open(connection, 'LEAK');
  await connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: 'file:///shop/other.go', type: 2 }],
  });
  expect(await counted.promise).toMatchObject({ findings: 2, filesWithFindings: 2, files: 1 });
});

test('no count is sent before the workspace was read once', async () => {
  const states: string[] = [];
  const asked = signal();
  const answer = signal();
  const ready = signal();
  const project = new WordProject();
  const capabilities = { ...FULL, workspace: { ...FULL.workspace, configuration: true } };
  const { connection } = await start(
    partsOf(project),
    { capabilities, initializationOptions: { status: true } },
    (c) => {
      c.onRequest('workspace/configuration', async () => {
        asked.resolve();
        await answer.promise;
        return [null, null];
      });
      c.onNotification(STATUS, ({ state }: Status) => {
        states.push(state);
        if (state === 'ready') ready.resolve();
      });
    },
  );
  await open(connection, 'LEAK');
  await asked.promise;
  // Longer than the quiet after which an editor is told the count.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(states).not.toContain('ready');
  answer.resolve();
  await ready.promise;
  expect(project.scanned).toEqual(['/shop']);
});

test('refresh is asked for when another document changes the verdict', async () => {
  const project = new WordProject();
  const refreshed = signal();
  const { connection } = await start(partsOf(project), {}, (c) => {
    c.onRequest('workspace/diagnostic/refresh', () => {
      refreshed.resolve();
      return null;
    });
  });
  await open(connection, 'LEAK');
  await pull(connection);
  project.settings = { profile: 'default', rules: { [RULE]: 'off' } };
  await open(connection, '', 'file:///shop/b.go');
  await refreshed.promise;
});

test('a folder that is added is scanned too', async () => {
  const project = new WordProject();
  const { connection } = await start(partsOf(project));
  await open(connection, 'LEAK');
  await pull(connection);
  await connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: 'file:///other', name: 'other' }], removed: [] },
  });
  await pull(connection);
  expect(project.scanned).toEqual(['/shop', '/other']);
});

test('documents Headroom does not read stay without diagnostics', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'LEAK', URI, 'plaintext');
  expect(items(await pull(connection))).toEqual([]);
});

test('a failing analysis is logged and the server goes on', async () => {
  const project = new WordProject();
  const { connection, logged } = await start(partsOf(project));
  await open(connection, 'LEAK');
  project.onFindings = () => {
    throw new Error('broken rule');
  };
  expect(items(await pull(connection))).toEqual([]);
  expect(logged.join('\n')).toContain('broken rule');
  project.onFindings = () => {};
  expect(items(await pull(connection))).toHaveLength(1);
});

test('bad input is answered, not died of', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'LEAK', 'not a uri', 'go');
  await open(connection, '\0\uD800LEAK', URI);
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [
      { range: { start: { line: 99, character: 9 }, end: { line: 3, character: 99 } }, text: ' LEAK' },
    ],
  });
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: 'file:///never/opened.go', version: 2 },
    contentChanges: [{ text: 'x' }],
  });
  expect(items(await pull(connection))).toHaveLength(2);
  const untouched = { title: 'x', data: { uri: URI, kind: 'fix', rule: 7 } };
  expect(await connection.sendRequest('codeAction/resolve', untouched)).toEqual(untouched);
  await expect(connection.sendRequest('no/such/request')).rejects.toThrow();
  expect(items(await pull(connection))).toHaveLength(2);
});

test('explain opens the page of the rule', async () => {
  const shown = signal<string>();
  const { connection, server } = await start(
    partsOf(new WordProject()),
    { capabilities: { ...FULL, window: { showDocument: { support: true } } } },
    (c) => {
      c.onRequest('window/showDocument', ({ uri }: { uri: string }) => {
        shown.resolve(uri);
        return { success: true };
      });
    },
  );
  expect(server.capabilities.executeCommandProvider?.commands).toEqual(['headroom.explain']);
  await connection.sendRequest('workspace/executeCommand', {
    command: 'headroom.explain',
    arguments: [RULE],
  });
  expect(await shown.promise).toBe(rulePage(RULE));
});

test('the review has addresses, and a report for a panel leads to them by commands', async () => {
  const { connection } = await start(partsOf(new WordProject()));
  await open(connection, 'a\n  LEAK');
  const review = await connection.sendRequest<ReviewDocument>(REVIEW);
  expect(review.others).toMatchObject([
    {
      rule: RULE,
      at: { file: 'main.go', line: 2, column: 3, uri: 'file:///shop/main.go' },
      related: [{ at: { file: 'deploy.yaml', line: 1, column: 1 } }],
    },
  ]);
  const report = (params: ReportParams) => connection.sendRequest<string>(REPORT, params);
  const panel = await report({
    format: 'panel',
    actions: [{ title: 'Export', command: 'headroom.exportReport', arguments: ['html'] }],
  });
  const place = encodeURIComponent(JSON.stringify(['file:///shop/main.go', 1, 2]));
  expect(panel).toContain(`<a class="place" href="command:headroom.openPlace?${place}">main.go:2</a>`);
  expect(panel).toContain(`command:headroom.page?${encodeURIComponent(JSON.stringify([`/rules/${RULE}`]))}`);
  expect(panel).toContain('<a href="command:headroom.exportReport?%5B%22html%22%5D">Export</a>');
  const html = await report({ format: 'html', service: 'nobody' });
  expect(html).toContain('<code class="place">main.go:2</code>');
  expect(html).not.toContain('command:');
  expect(await report({ format: 'markdown' })).toContain('[main.go:2](<main.go#L2>)');
});

test('accepting gives the baselines to write', async () => {
  const project = new WordProject();
  project.disk.set('/shop/main.go', 'LEAK LEAK');
  const { connection } = await start(partsOf(project));
  expect(await connection.sendRequest('headroom/accept')).toEqual([
    { uri: 'file:///shop/headroom-baseline.json', text: '{}', findings: 2 },
  ]);
});

test('inlay hints: those in the range, with the place they come from, as far as they are switched on', async () => {
  const project = new WordProject();
  project.disk.set('/shop/deploy.yaml', 'limit');
  const { connection, server } = await start(partsOf(project));
  expect(server.capabilities.inlayHintProvider).toBe(true);
  await open(connection, 'LEAK\nLEAK\nLEAK');
  const ask = () =>
    connection.sendRequest<InlayHint[]>('textDocument/inlayHint', {
      textDocument: { uri: URI },
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 9 } },
    });
  expect(await ask()).toEqual([
    {
      position: { line: 1, character: 4 },
      label: [
        {
          value: 'grows',
          location: {
            uri: 'file:///shop/deploy.yaml',
            range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
          },
          tooltip: { kind: 'markdown', value: '**grows**' },
        },
      ],
      tooltip: { kind: 'markdown', value: '**grows**' },
      paddingLeft: true,
    },
  ]);
  await connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { headroom: { inlayHints: { pod: false } } },
  });
  expect(await ask()).toEqual([]);
});
