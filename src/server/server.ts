// The language server: look up, call, convert, return. All knowledge is behind `Parts`.
import {
  type CancellationToken,
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  CompletionRequest,
  type Connection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DocumentDiagnosticReportKind,
  type InitializeResult,
  type Location,
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  WatchKind,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { handbookPage, mythPage, rulePage } from '../core/links.ts';
import type { Place } from '../core/span.ts';
import { isCode } from '../host/live-workspace.ts';
import { CODE_ACTION_KINDS, editsOf, offers, readKey } from './actions.ts';
import { readClient } from './client.ts';
import {
  closedDocument,
  noticeDiagnostic,
  rangeOf,
  spanOf,
  type Texts,
  toDiagnostic,
  toInlayHint,
  toWorkspaceEdit,
} from './convert.ts';
import type { Parts, Project } from './parts.ts';
import {
  ACCEPT,
  type AcceptedFile,
  EXPLAIN,
  type InitializationOptions,
  progressText,
  REPORT,
  REVIEW,
  type ReportParams,
  SHOW_PLACES,
  SOURCE,
  STATUS,
  type Status,
} from './protocol.ts';
import { type Report, Reports } from './reports.ts';
import { reviewDocument, writeReport } from './review.ts';
import { readInlayKinds, readLenses, readSettings } from './settings.ts';
import { Stages } from './stages.ts';
import { displayName, fileOf, uriOf } from './uris.ts';
import { pause, unlessCancelled } from './waiting.ts';

/** Milliseconds without a change after which the whole workspace is looked at again. */
const IDLE = 300;
/** Milliseconds without a cancellation after which a text that takes long to parse is parsed after all. */
const QUIET = 200;
/** Milliseconds a check may take without keystrokes being collected before the next one. */
const CHEAP = 40;
/** Milliseconds between two keys of somebody who types fast: a dear check is not begun for each of them. */
const BETWEEN_KEYS = 100;
/** Milliseconds in which findings of the first look are collected. */
const TELLING = 400;
/** Milliseconds in which changes on disk are collected. */
const DISK = 100;
const WATCHED =
  '**/{*.rs,*.go,*.yaml,*.yml,*.tpl,go.mod,Cargo.toml,headroom-baseline.json,.gitignore,.ignore,Dockerfile*,*.Dockerfile,Containerfile*,Tiltfile*,docker-bake*,Makefile,*.mk,justfile,.env}';

/** Answers on `connection` until it closes. The caller listens on it afterwards. */
export function startServer(connection: Connection, parts: Parts): void {
  let options: InitializationOptions = {};
  let client: ReturnType<typeof readClient> = readClient(undefined);
  let folders: string[] = [];
  let project: Project | undefined;
  let stages = new Stages();
  /** The person wants lines above containers and `main`. */
  let lenses = true;
  let scanning: { cancelled: boolean } | undefined;
  /** The whole workspace is being judged; what began earlier stops. */
  let judging: { cancelled: boolean } | undefined;
  /** The workspace was read as a whole, so that a count means something. */
  let isRead = false;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let diskTimer: ReturnType<typeof setTimeout> | undefined;
  const changedOnDisk = new Set<string>();
  /** Documents the analysis has something to say about. */
  const followed = new Set<string>();
  const reports = new Reports();
  let inlayKinds = readInlayKinds(undefined);
  /** The addresses of open documents by file: editors write the same address in different ways. */
  const openUris = new Map<string, string>();
  /** Those who wait for a change in the workspace. */
  const waiting = new Set<() => void>();
  /** Milliseconds the last check of a document and of the whole workspace took. */
  let documentCost = 0;
  let workspaceCost = 0;
  const pushes = new Map<string, ReturnType<typeof setTimeout>>();

  const fail = (what: string, error: unknown) => {
    connection.console.error(
      `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    parts.onError(error);
  };
  /** One broken request must not take the server along. */
  const guarded = <T>(what: string, fallback: T, body: (project: Project) => T): T => {
    if (!project) return fallback;
    try {
      return body(project);
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      fail(what, error);
      return fallback;
    } finally {
      for (const notice of project.takeNotices()) {
        connection.console.warn(`${displayName(notice.file, folders)}: ${notice.message}`);
      }
    }
  };

  // Documents -------------------------------------------------------------------------------------------------

  const documents = new TextDocuments(TextDocument);
  documents.onDidOpen(({ document }) => {
    openUris.set(fileOf(document.uri), document.uri);
    guarded('open', undefined, (p) => open(p, document));
    afterChange(document);
  });
  documents.onDidChangeContent(({ document }) => {
    // The event also follows opening.
    const file = fileOf(document.uri);
    if (!followed.has(document.uri) || project?.text(file) === document.getText()) return;
    guarded('change', undefined, (p) => p.change(file, document.getText()));
    afterChange(document);
  });
  documents.onDidClose(({ document: { uri } }) => {
    const file = fileOf(uri);
    openUris.delete(file);
    if (!followed.delete(uri)) return;
    project?.close(file).then(
      () => later(),
      (error: unknown) => fail('close', error),
    );
  });
  documents.listen(connection);

  function open(p: Project, document: TextDocument): void {
    const file = fileOf(document.uri);
    if (p.open(file, document.languageId, document.getText())) followed.add(document.uri);
  }

  const addressOf = (file: string) => openUris.get(file) ?? uriOf(file);
  const openByFile = (file: string) => documents.get(addressOf(file));
  const texts: Texts = {
    document(file) {
      const open = openByFile(file);
      if (open) return open;
      const text = project?.text(file);
      return text === undefined ? undefined : closedDocument(file, text);
    },
  };

  const reviewNames = { display: (file: string) => displayName(file, folders), address: addressOf };

  // Diagnostics -----------------------------------------------------------------------------------------------

  /** The addresses of pages, as the client wants them. */
  const localise = (text: string) => {
    if (!options.pages) return text;
    return text
      .replaceAll(rulePage(''), `${options.pages}rules/`)
      .replaceAll(mythPage(''), `${options.pages}myths/`)
      .replaceAll(handbookPage(''), `${options.pages}handbook/`);
  };
  const page = (rule: string) => localise(rulePage(rule));

  /** What the client should show for a document, open or not. */
  function report(uri: string): Report {
    const file = fileOf(uri);
    const items = guarded<Diagnostic[]>('diagnostics', [], (p) => {
      // An open document that Headroom does not read has findings only on disk.
      if (documents.get(uri) && !followed.has(uri)) return [];
      const findings = p.findings(file);
      const notices = p.notices(file);
      const document = findings.length + notices.length > 0 ? texts.document(file) : undefined;
      if (!document) return [];
      return [
        ...findings.map((finding) =>
          toDiagnostic(finding, document, texts, { related: client.related, page }),
        ),
        ...notices.map((notice) => noticeDiagnostic(notice, document)),
      ];
    });
    return reports.take(uri, items);
  }

  /** All documents with something to say about, and those with something to take back. */
  function reportable(): Set<string> {
    const found = [...(project?.found() ?? [])].map(addressOf);
    return new Set([...found, ...documents.keys(), ...reports.withItems()]);
  }

  function push(uri: string): void {
    const { items, isNew } = report(uri);
    const version = documents.get(uri)?.version;
    if (isNew) {
      void connection.sendDiagnostics({
        uri,
        diagnostics: [...items],
        ...(version === undefined ? {} : { version }),
      });
    }
  }

  function afterChange(document: TextDocument): void {
    if (!client.pull && isRead && project) {
      clearTimeout(pushes.get(document.uri));
      pushes.set(
        document.uri,
        setTimeout(() => {
          pushes.delete(document.uri);
          untilPrepared(fileOf(document.uri)).then(
            () => documents.get(document.uri) === document && push(document.uri),
            (error: unknown) => fail('push', error),
          );
        }, patience(document.uri)),
      );
    }
    later();
  }

  /** How long to wait for the next keystroke before a document is checked: where a check is dear, as long as one takes. */
  function patience(uri: string): number {
    if (project?.isBehind(fileOf(uri))) return QUIET;
    return documentCost > CHEAP ? BETWEEN_KEYS : 0;
  }

  /** Waits until questions about a file can be answered at once, for the text that is there by then. */
  async function untilPrepared(file: string, token?: CancellationToken): Promise<void> {
    const started = performance.now();
    try {
      while (project && !(await unlessCancelled(project.prepare(file), token)));
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      fail('prepare', error);
    }
    documentCost = performance.now() - started;
  }

  /** Looks at the whole workspace when nothing changes any more: other documents, the count. */
  function later(): void {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (!scanning && isRead) judge(() => {}).catch((error: unknown) => fail('judge', error));
    }, IDLE + workspaceCost);
  }

  /**
   * Judges everything and tells what is new, while requests are answered in between. Whatever changes meanwhile asks for
   * it again.
   */
  async function judge(
    show: (done: number, total: number) => void,
    isCancelled = () => false,
  ): Promise<boolean> {
    if (!project) return true;
    if (judging) judging.cancelled = true;
    const mine = { cancelled: false };
    judging = mine;
    const started = performance.now();
    let told = { at: started, files: project.found().size };
    const isWhole = await project.judge({
      progress(done, total) {
        show(done, total);
        const now = { at: performance.now(), files: project?.found().size ?? 0 };
        if (now.files === told.files || now.at - told.at < TELLING) return;
        told = now;
        tell();
      },
      isCancelled: () => mine.cancelled || isCancelled(),
    });
    if (judging === mine) judging = undefined;
    if (!isWhole || !project) return isWhole;
    workspaceCost = performance.now() - started;
    stages.judged.open();
    sendStatus('ready');
    tell();
    return true;
  }

  /** True when no rule has to be asked for what is said of a document. */
  function isKnown(uri: string): boolean {
    return project?.isPrepared(fileOf(uri)) === true;
  }

  /** Tells what is known of documents that nobody asks for. */
  function tell(): void {
    if (client.pull) {
      const stale = documents.keys().filter((uri) => reports.has(uri) && isKnown(uri) && report(uri).isNew);
      if (stale.length > 0 && client.refresh) void connection.languages.diagnostics.refresh();
      if (stale.length > 0 && client.refreshInlays) void connection.languages.inlayHint.refresh();
    } else {
      for (const uri of reportable()) if (isKnown(uri)) push(uri);
    }
    for (const wake of waiting) wake();
  }

  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }, token) => {
    await untilKnown(fileOf(textDocument.uri), token);
    const wait = patience(textDocument.uri);
    if (wait > 0) await pause(wait, token);
    await untilPrepared(fileOf(textDocument.uri), token);
    const { items, id } = report(textDocument.uri);
    if (previousResultId === id) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: id };
    return { kind: DocumentDiagnosticReportKind.Full, resultId: id, items: [...items] };
  });

  // Answers when there is something new; until then the client's request stays open.
  connection.languages.diagnostics.onWorkspace(async ({ previousResultIds }, token) => {
    const before = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
    for (;;) {
      await until('manifests', token);
      // What was judged once and has changed is judged in turns first, not all at once for this answer.
      const isPending = stages.judged.isPassed && project?.isSettled() === false;
      const news: WorkspaceDocumentDiagnosticReport[] = [];
      for (const uri of isPending ? [] : new Set([...before.keys(), ...reportable()])) {
        // The client asks for open documents one by one, and would not take them from here.
        if (documents.get(uri)) continue;
        // What was said at first sight stands until all is judged, in turns.
        if (isRead && !stages.judged.isPassed && isCode(fileOf(uri)) && !isKnown(uri)) continue;
        const { id, items } = report(uri);
        if (before.get(uri) === id || (items.length === 0 && !before.has(uri))) continue;
        news.push({
          kind: DocumentDiagnosticReportKind.Full,
          uri,
          version: null,
          resultId: id,
          items: [...items],
        });
      }
      if (news.length > 0) return { items: news };
      await untilTold(token);
    }
  });

  /** Waits until something is told. */
  async function untilTold(token: CancellationToken): Promise<void> {
    let wake = () => {};
    const telling = new Promise<void>((resolve) => {
      wake = resolve;
    });
    waiting.add(wake);
    await unlessCancelled(telling, token).finally(() => waiting.delete(wake));
  }

  /**
   * Waits until everything is read that decides about a file: of a manifest the manifests, of code all code, because a
   * verdict without the other files would be a guess. What is known without them comes before it.
   */
  async function untilKnown(file: string, token: CancellationToken): Promise<void> {
    if (!isCode(file)) return until('manifests', token);
    while (!stages.read.isPassed && !project?.isGlanced(file))
      await Promise.race([stages.read.passed, untilTold(token)]);
    await pause(0, token);
  }

  /** Waits for a stage. Then lets cancellations and changes that are already on their way overtake. */
  async function until(stage: 'manifests' | 'read' | 'judged', token: CancellationToken): Promise<void> {
    await unlessCancelled(stages[stage].passed, token);
    await pause(0, token);
  }

  /** Waits until everything is judged as it stands, for what takes the programs of all containers to say. */
  async function untilSettled(token: CancellationToken): Promise<void> {
    await until('judged', token);
    while (isRead && project?.isSettled() === false) await untilTold(token);
  }

  // Requests --------------------------------------------------------------------------------------------------

  connection.onHover(async ({ textDocument, position }, token) => {
    await untilPrepared(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    const hover = guarded('hover', undefined, (p) =>
      p.hover(fileOf(textDocument.uri), document.offsetAt(position), {
        linkTo: (place, line) => `${uriOf(place.file)}#L${line}`,
        showsFindings: options.showsFindings === true,
      }),
    );
    if (!hover) return null;
    return {
      range: rangeOf(document, hover.span),
      contents: { kind: MarkupKind.Markdown, value: localise(hover.markdown) },
    };
  });

  connection.onCodeLens(async ({ textDocument }, token) => {
    await untilSettled(token);
    const document = documents.get(textDocument.uri);
    if (!document || !lenses) return null;
    return guarded('lenses', [], (p) =>
      p.lenses(fileOf(textDocument.uri)).map(({ span, title, targets }): CodeLens => {
        const locations = targets.flatMap((place) => locationOf(place) ?? []);
        const range = rangeOf(document, span);
        // A client that cannot show places still shows the line.
        const command = options.showsPlaces ? SHOW_PLACES : '';
        return { range, command: { title, command, arguments: [textDocument.uri, range.start, locations] } };
      }),
    );
  });

  connection.onDefinition(async ({ textDocument, position }, token) => {
    await untilSettled(token);
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    return guarded('definition', null, (p) => {
      const places = p.linkedPlaces(fileOf(textDocument.uri), document.offsetAt(position));
      const found = places.flatMap((place) => locationOf(place) ?? []);
      return found.length > 0 ? found : null;
    });
  });

  function locationOf(place: Place): Location | undefined {
    const target = texts.document(place.file);
    return target && { uri: addressOf(place.file), range: rangeOf(target, place.span) };
  }

  connection.languages.inlayHint.on(async ({ textDocument, range }, token) => {
    await untilKnown(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document || !followed.has(textDocument.uri)) return [];
    const wanted = spanOf(document, range);
    return guarded('inlay hints', [], (p) =>
      p
        .inlays(fileOf(textDocument.uri))
        .filter(({ offset, kind }) => wanted.start <= offset && offset <= wanted.end && inlayKinds.has(kind))
        .map((inlay) => toInlayHint(inlay, document, texts)),
    );
  });

  connection.onCompletion(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    return guarded('completion', [], (p) =>
      p.complete(fileOf(textDocument.uri), document.offsetAt(position)).map(
        ({ label, description, newText, span }): CompletionItem => ({
          label,
          kind: newText.includes(':') ? CompletionItemKind.Property : CompletionItemKind.EnumMember,
          ...(description ? { documentation: { kind: MarkupKind.Markdown, value: description } } : {}),
          textEdit: { range: rangeOf(document, span), newText },
        }),
      ),
    );
  });

  connection.onCodeAction(async ({ textDocument, range, context }, token) => {
    await untilKnown(fileOf(textDocument.uri), token);
    await untilPrepared(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document) return [];
    const file = fileOf(textDocument.uri);
    return guarded('code actions', [], (p) =>
      offers(p, file, textDocument.uri, spanOf(document, range), context).flatMap(
        ({ action, key }): CodeAction[] => {
          if (!key) return [action];
          if (client.resolveEdits) return [{ ...action, data: key }];
          const edit = workspaceEdit(p, file, key);
          return edit ? [{ ...action, edit }] : [];
        },
      ),
    );
  });

  connection.onCodeActionResolve(async (action, token) => {
    const key = readKey(action.data);
    if (!key) return action;
    await untilPrepared(fileOf(key.uri), token);
    const edit = guarded('code action', undefined, (p) => workspaceEdit(p, fileOf(key.uri), key));
    if (!edit) throw new ResponseError(LSPErrorCodes.ContentModified, 'The text has changed; ask again.');
    return { ...action, edit };
  });

  function workspaceEdit(p: Project, file: string, key: NonNullable<ReturnType<typeof readKey>>) {
    const edits = editsOf(p, file, key);
    if (!edits) return undefined;
    return toWorkspaceEdit(edits, texts, {
      documentChanges: client.documentChanges,
      create: client.createFiles,
      version: (f) => openByFile(f)?.version ?? null,
    });
  }

  connection.onExecuteCommand(async ({ command, arguments: args }) => {
    const rule: unknown = args?.[0];
    if (command !== EXPLAIN || typeof rule !== 'string') return null;
    const uri = page(rule);
    if (client.showDocument) await connection.window.showDocument({ uri, external: true });
    return uri;
  });

  connection.onRequest(ACCEPT, async (token: CancellationToken): Promise<AcceptedFile[]> => {
    await untilSettled(token);
    return guarded('accept', [], (p) =>
      p.acceptAll().map(({ file, text, findings }) => ({ uri: uriOf(file), text, findings })),
    );
  });

  connection.onRequest(REVIEW, async (token: CancellationToken) => {
    await untilSettled(token);
    return guarded('review', null, (p) => reviewDocument(p, texts, reviewNames));
  });

  connection.onRequest(REPORT, async (params: ReportParams, token: CancellationToken) => {
    await untilSettled(token);
    const review = guarded('report', undefined, (p) => reviewDocument(p, texts, reviewNames));
    return review ? writeReport(review, params) : null;
  });

  // Life ------------------------------------------------------------------------------------------------------

  connection.onInitialize((params): InitializeResult => {
    const given: unknown = params.initializationOptions;
    options = typeof given === 'object' && given !== null ? given : {};
    client = readClient(params);
    folders = (params.workspaceFolders ?? []).map((folder) => fileOf(folder.uri));
    if (folders.length === 0 && params.rootUri) folders = [fileOf(params.rootUri)];
    return {
      serverInfo: { name: SOURCE, version: parts.version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
        hoverProvider: true,
        codeLensProvider: {},
        definitionProvider: true,
        inlayHintProvider: true,
        codeActionProvider: { codeActionKinds: CODE_ACTION_KINDS, resolveProvider: client.resolveEdits },
        ...(client.pull
          ? {
              diagnosticProvider: {
                identifier: SOURCE,
                interFileDependencies: true,
                workspaceDiagnostics: true,
              },
            }
          : {}),
        ...(options.explains ? {} : { executeCommandProvider: { commands: [EXPLAIN] } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    if (client.watchFiles) {
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          { globPattern: WATCHED },
          // A deleted folder is reported by its own name only.
          { globPattern: '**', kind: WatchKind.Delete },
        ],
      });
    }
    if (client.configuration && client.registersConfiguration) {
      void connection.client.register(DidChangeConfigurationNotification.type, { section: SOURCE });
    }
    if (client.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map((folder) => fileOf(folder.uri)));
        folders = folders.filter((folder) => !gone.has(folder));
        folders.push(
          ...added.map((folder) => fileOf(folder.uri)).filter((folder) => !folders.includes(folder)),
        );
        stages = new Stages();
        scan().catch((error: unknown) => fail('scan', error));
      });
    }
    begin().catch((error: unknown) => {
      fail('start', error);
      sendStatus('failed', { reason: error instanceof Error ? error.message : String(error) });
      stages.openAll();
    });
  });

  async function begin(): Promise<void> {
    project = await parts.createProject();
    if (client.completes && !options.completes) {
      // For these files alone, so that nobody waits for Headroom while writing code.
      void connection.client.register(CompletionRequest.type, {
        documentSelector: project.completed.map((pattern) => ({ pattern })),
      });
    }
    await configure(options.settings).catch((error: unknown) => fail('settings', error));
    for (const document of documents.all()) guarded('open', undefined, (p) => open(p, document));
    await scan();
  }

  async function configure(given: unknown): Promise<void> {
    let own = given;
    let perFolder: readonly unknown[] = [];
    if (client.configuration) {
      const asked = [undefined, ...folders.map(uriOf)].map((scopeUri) => ({
        section: SOURCE,
        ...(scopeUri === undefined ? {} : { scopeUri }),
      }));
      [own, ...perFolder] = await connection.workspace.getConfiguration(asked);
    }
    lenses = readLenses(own);
    inlayKinds = readInlayKinds(own);
    if (client.refreshInlays) void connection.languages.inlayHint.refresh();
    await project?.configure(
      readSettings(own),
      perFolder.map((section, i) => ({ folder: folders[i] as string, settings: readSettings(section) })),
    );
  }

  connection.onDidChangeConfiguration(({ settings }) => {
    const given = (settings as Record<string, unknown> | null)?.[SOURCE];
    configure(given).then(
      () => later(),
      (error: unknown) => fail('settings', error),
    );
  });

  /** Reads everything and judges it; what is known is told on the way, manifests first. */
  async function scan(): Promise<void> {
    if (!project) return;
    if (scanning) scanning.cancelled = true;
    const mine = { cancelled: false };
    scanning = mine;
    isRead = false;
    const own = stages;
    const progress = client.progress ? await connection.window.createWorkDoneProgress() : undefined;
    progress?.begin('Headroom', 0, 'Reading the workspace', true);
    const isCancelled = () => mine.cancelled || progress?.token.isCancellationRequested === true;
    let shown = '';
    const show = (step: NonNullable<Status['step']>, done: number, total: number) => {
      // To read is about half of it.
      const part = total > 0 ? done / total : 1;
      const percent = Math.floor(50 * (step === 'reading' ? part : 1 + part));
      if (shown === `${step} ${percent}`) return;
      shown = `${step} ${percent}`;
      const filesWithFindings = project?.found().size ?? 0;
      progress?.report(percent, progressText({ step, done, total, filesWithFindings }));
      sendStatus('scanning', { step, done, total });
    };
    let isGlanced = false;
    let isWhole = false;
    try {
      await project.scan(folders, {
        progress: (done, total) => show('reading', done, total),
        isCancelled,
        onManifests() {
          own.manifests.open();
          tell();
        },
        onGlance() {
          isGlanced = true;
          tell();
        },
      });
      if (!isCancelled()) {
        isRead = true;
        own.manifests.open();
        own.read.open();
        tell();
        // What was said of code so far is not all there is to say.
        if (isGlanced && client.pull && client.refresh) void connection.languages.diagnostics.refresh();
      }
      while (!isWhole && !isCancelled()) {
        isWhole = await judge((done, total) => show('reviewing', done, total), isCancelled);
        // Somebody is typing.
        if (!isWhole) await pause(IDLE);
      }
    } finally {
      progress?.done();
      own.openAll();
      if (scanning === mine) {
        scanning = undefined;
        if (!isWhole && isCancelled()) sendStatus('cancelled');
      }
    }
  }

  function sendStatus(state: Status['state'], more: Partial<Status> = {}): void {
    if (!options.status) return;
    const status = guarded<Status>(
      'status',
      { state, findings: 0, grave: 0, filesWithFindings: 0, files: 0, ...more },
      (p) => {
        const all = state === 'ready' ? p.all() : [];
        return {
          state,
          findings: all.length,
          grave: all.filter((f) => f.severity === 'error' || f.severity === 'warning').length,
          filesWithFindings: p.found().size,
          files: p.size().files,
          ...more,
        };
      },
    );
    void connection.sendNotification(STATUS, status);
  }

  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const change of changes) changedOnDisk.add(fileOf(change.uri));
    clearTimeout(diskTimer);
    diskTimer = setTimeout(() => {
      const files = [...changedOnDisk].filter((file) => !openByFile(file));
      changedOnDisk.clear();
      if (files.length === 0) return;
      project?.reload(files).then(
        () => later(),
        (error: unknown) => fail('reload', error),
      );
    }, DISK);
  });

  connection.onShutdown(() => {
    for (const timer of [idle, diskTimer, ...pushes.values()]) clearTimeout(timer);
    if (scanning) scanning.cancelled = true;
    project?.dispose();
    project = undefined;
  });
}
