// The language server: look up, call, convert, return. All knowledge is behind `Parts`.
import {
  CompletionRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  TextDocumentSyncKind,
  WatchKind,
} from 'vscode-languageserver';
import { CODE_ACTION_KINDS } from './actions.ts';
import { readClient } from './client.ts';
import { Diagnostics } from './diagnostics.ts';
import type { Parts } from './parts.ts';
import { EXPLAIN, SOURCE } from './protocol.ts';
import { Readiness } from './readiness.ts';
import { listenToRequests } from './requests.ts';
import { Scanning } from './scanning.ts';
import { Session } from './session.ts';
import { readInlayKinds, readLenses, readSettings } from './settings.ts';
import { fileOf, uriOf } from './uris.ts';

/** Milliseconds in which changes on disk are collected. */
const DISK = 100;
const WATCHED =
  '**/{*.rs,*.go,*.yaml,*.yml,*.tpl,go.mod,Cargo.toml,headroom-baseline.json,.gitignore,.ignore,Dockerfile*,*.Dockerfile,Containerfile*,Tiltfile*,docker-bake*,Makefile,*.mk,justfile,.env}';

/** Answers on `connection` until it closes. The caller listens on it afterwards. */
export function startServer(connection: Connection, parts: Parts): void {
  const session = new Session(connection, parts);
  const readiness = new Readiness(session);
  const diagnostics = new Diagnostics(session, readiness);
  const scanning = new Scanning(session, diagnostics);
  const { documents } = session;

  documents.onDidOpen(({ document }) => {
    session.follow(document);
    diagnostics.changed(document);
    scanning.later();
  });
  documents.onDidChangeContent(({ document }) => {
    // The event also follows opening.
    const file = fileOf(document.uri);
    if (!session.followed.has(document.uri) || session.project?.text(file) === document.getText()) return;
    session.guarded('change', undefined, (project) => project.change(file, document.getText()));
    diagnostics.changed(document);
    scanning.later();
  });
  documents.onDidClose(({ document: { uri } }) => {
    if (!session.leave(uri)) return;
    session.project?.close(fileOf(uri)).then(
      () => scanning.later(),
      (error: unknown) => session.fail('close', error),
    );
  });
  documents.listen(connection);
  diagnostics.listen();
  listenToRequests(session, readiness);

  connection.onInitialize((params): InitializeResult => {
    const given: unknown = params.initializationOptions;
    session.options = typeof given === 'object' && given !== null ? given : {};
    session.client = readClient(params);
    session.folders = (params.workspaceFolders ?? []).map((folder) => fileOf(folder.uri));
    if (session.folders.length === 0 && params.rootUri) session.folders = [fileOf(params.rootUri)];
    return {
      serverInfo: { name: SOURCE, version: session.parts.version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
        hoverProvider: true,
        codeLensProvider: {},
        definitionProvider: true,
        inlayHintProvider: true,
        codeActionProvider: {
          codeActionKinds: CODE_ACTION_KINDS,
          resolveProvider: session.client.resolveEdits,
        },
        ...(session.client.pull
          ? {
              diagnosticProvider: {
                identifier: SOURCE,
                interFileDependencies: true,
                workspaceDiagnostics: true,
              },
            }
          : {}),
        ...(session.options.explains ? {} : { executeCommandProvider: { commands: [EXPLAIN] } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    if (session.client.watchFiles) {
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          { globPattern: WATCHED },
          // A deleted folder is reported by its own name only.
          { globPattern: '**', kind: WatchKind.Delete },
        ],
      });
    }
    if (session.client.configuration && session.client.registersConfiguration) {
      void connection.client.register(DidChangeConfigurationNotification.type, { section: SOURCE });
    }
    if (session.client.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map((folder) => fileOf(folder.uri)));
        const kept = session.folders.filter((folder) => !gone.has(folder));
        const more = added.map((folder) => fileOf(folder.uri)).filter((folder) => !kept.includes(folder));
        session.folders = [...kept, ...more];
        scanning.scanAnew().catch((error: unknown) => session.fail('scan', error));
      });
    }
    begin().catch((error: unknown) => {
      session.fail('start', error);
      scanning.sendStatus('failed', { reason: error instanceof Error ? error.message : String(error) });
      session.stages.openAll();
    });
  });

  async function begin(): Promise<void> {
    session.project = await session.parts.createProject();
    if (session.client.completes && !session.options.completes) {
      // For these files alone, so that nobody waits for Headroom while writing code.
      void connection.client.register(CompletionRequest.type, {
        documentSelector: session.project.completed.map((pattern) => ({ pattern })),
      });
    }
    await configure(session, session.options.settings).catch((error: unknown) =>
      session.fail('settings', error),
    );
    for (const document of documents.all()) session.follow(document);
    await scanning.scan();
  }

  connection.onDidChangeConfiguration(({ settings }) => {
    const given = (settings as Record<string, unknown> | null)?.[SOURCE];
    configure(session, given).then(
      () => scanning.later(),
      (error: unknown) => session.fail('settings', error),
    );
  });

  const changedOnDisk = new Set<string>();
  let diskTimer: ReturnType<typeof setTimeout> | undefined;
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const change of changes) changedOnDisk.add(fileOf(change.uri));
    clearTimeout(diskTimer);
    diskTimer = setTimeout(() => {
      const files = [...changedOnDisk].filter((file) => !session.openByFile(file));
      changedOnDisk.clear();
      if (files.length === 0) return;
      session.project?.reload(files).then(
        () => scanning.later(),
        (error: unknown) => session.fail('reload', error),
      );
    }, DISK);
  });

  connection.onShutdown(() => {
    clearTimeout(diskTimer);
    scanning.dispose();
    diagnostics.dispose();
    session.project?.dispose();
    session.project = undefined;
  });
}

/** Takes the settings of the client, or those that were given where it cannot be asked. */
async function configure(session: Session, given: unknown): Promise<void> {
  const { client, connection, folders } = session;
  let own = given;
  let perFolder: readonly unknown[] = [];
  if (client.configuration) {
    const asked = [undefined, ...folders.map(uriOf)].map((scopeUri) => ({
      section: SOURCE,
      ...(scopeUri === undefined ? {} : { scopeUri }),
    }));
    [own, ...perFolder] = await connection.workspace.getConfiguration(asked);
  }
  session.shows = { lenses: readLenses(own), inlays: readInlayKinds(own) };
  if (client.refreshInlays) void connection.languages.inlayHint.refresh();
  await session.project?.configure(
    readSettings(own),
    perFolder.map((section, i) => ({ folder: folders[i] as string, settings: readSettings(section) })),
  );
}
