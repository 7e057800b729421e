// VS Code's side: starts the bundled server, shows its state, opens rule pages. Runs nothing from the workspace.
import {
  commands,
  type Event,
  EventEmitter,
  type ExtensionContext,
  env,
  extensions,
  MarkdownString,
  Position,
  Range,
  TabInputWebview,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import {
  type BaseLanguageClient,
  DiagnosticPullMode,
  type LanguageClientOptions,
  type Location as ProtocolLocation,
  type Position as ProtocolPosition,
  State,
} from 'vscode-languageclient';
import type { ReviewDocument } from '../review/document.ts';
import {
  EXPLAIN,
  type InitializationOptions,
  OPEN_PLACE,
  PAGE,
  REPORT,
  REVIEW,
  type ReportParams,
  SHOW_PLACES,
  STATUS,
  type Status,
} from '../server/protocol.ts';
import { acceptFindings } from './accept.ts';
import type { Row } from './memory-tree.ts';
import { MemoryView } from './memory-view.ts';
import { Pages } from './pages.ts';
import { EXPORT, OPEN_REPORT, ReportPanel } from './report-panel.ts';
import { StatusItem } from './status-item.ts';

/** What `activate` returns; for tests and other extensions. */
export interface HeadroomApi {
  readonly onStatus: Event<Status>;
  status(): Status;
  /** The rows of the Memory view. */
  rows(): readonly Row[];
  readonly onRows: Event<unknown>;
  /** The page of the report that is open; empty without one. */
  report(): string;
  readonly onReport: Event<unknown>;
}

const LANGUAGES = ['rust', 'go', 'yaml', 'dockerfile', 'dockercompose', 'helm'];

/** A process of Node runs the server, or a worker where there is only a browser. */
const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

let client: BaseLanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<HeadroomApi> {
  const output = window.createOutputChannel('Headroom', { log: true });
  const pages = new Pages(context.extensionUri, ruleIds(context.extension.packageJSON));
  const selector = selectorOf(workspace.workspaceFolders?.map(({ uri }) => uri.scheme) ?? []);
  const item = new StatusItem(selector);
  const changed = new EventEmitter<Status>();
  let status: Status = { state: 'scanning', findings: 0, grave: 0, filesWithFindings: 0, files: 0 };
  let view: MemoryView | undefined;
  let panel: ReportPanel | undefined;
  const show = (next: Status) => {
    status = next;
    item.show(next);
    view?.show(next);
    panel?.update(next);
    changed.fire(next);
  };
  const failed = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    output.error(reason);
    show({ ...status, state: 'failed', reason });
  };

  const address = `${env.uriScheme}://${context.extension.id.toLowerCase()}/`;
  const initializationOptions: InitializationOptions = {
    pages: address,
    explains: true,
    showsFindings: true,
    // It takes the schema from our package.json.
    completes: extensions.getExtension('redhat.vscode-yaml') !== undefined,
    showsPlaces: true,
    status: true,
  };
  const options: LanguageClientOptions = {
    documentSelector: selector,
    outputChannel: output,
    initializationOptions,
    markdown: { isTrusted: { enabledCommands: [PAGE] } },
    middleware: {
      async provideHover(document, position, token, next) {
        const hover = await next(document, position, token);
        for (const part of hover?.contents ?? []) {
          if (part instanceof MarkdownString) part.value = withPageCommands(part.value, address);
        }
        return hover;
      },
    },
    diagnosticPullOptions: {
      onChange: true,
      onSave: true,
      // Asked each time, so that the setting counts at once.
      filter: (document, mode) => {
        const onSave = workspace.getConfiguration('headroom', document.uri).get('run') === 'onSave';
        return mode === (onSave ? DiagnosticPullMode.onType : DiagnosticPullMode.onSave);
      },
    },
  };
  const { createClient } = await (isNode ? import('./node-client.ts') : import('./browser-client.ts'));
  const started = createClient(context.extensionUri, options);
  client = started;
  const memory = new MemoryView(context, () => started.sendRequest<ReviewDocument | null>(REVIEW), failed);
  const report = new ReportPanel(
    context,
    (params: ReportParams) => started.sendRequest<string | null>(REPORT, params),
    failed,
  );
  view = memory;
  panel = report;
  memory.show(status);

  context.subscriptions.push(
    output,
    item,
    changed,
    started.onNotification(STATUS, show),
    started.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) show({ ...status, state: 'scanning' });
      if (newState === State.Stopped)
        show({ ...status, state: 'failed', reason: 'The server is not running' });
    }),
    commands.registerCommand('headroom.restart', () => restart(started).catch(failed)),
    commands.registerCommand('headroom.acceptFindings', () => acceptFindings(started).catch(failed)),
    commands.registerCommand(OPEN_REPORT, (row?: Row) => report.open(row?.service).catch(failed)),
    commands.registerCommand(EXPORT, (target?: unknown) => report.export(target).catch(failed)),
    commands.registerCommand(OPEN_PLACE, openPlace),
    commands.registerCommand('headroom.openManifest', (row?: Row) => {
      const { manifest } = row ?? {};
      return manifest?.uri === undefined
        ? undefined
        : openPlace(manifest.uri, manifest.line - 1, manifest.column - 1);
    }),
    commands.registerCommand('headroom.showOutput', () => output.show()),
    commands.registerCommand(
      SHOW_PLACES,
      (uri: string, position: ProtocolPosition, places: ProtocolLocation[]) => {
        const { protocol2CodeConverter: read } = started;
        return commands.executeCommand(
          'editor.action.goToLocations',
          read.asUri(uri),
          read.asPosition(position),
          places.map((place) => read.asLocation(place)),
          'goto',
          'Nothing is linked here',
        );
      },
    ),
    commands.registerCommand(EXPLAIN, (rule?: unknown) => pages.explain(rule)),
    commands.registerCommand('headroom.walkthrough', () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false),
    ),
    commands.registerCommand('headroom.handbook', () => pages.show('/handbook/contents')),
    commands.registerCommand(PAGE, (path: unknown) => pages.show(String(path))),
    commands.registerCommand('headroom.fixAll', () =>
      commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.headroom', apply: 'first' }),
    ),
    window.registerUriHandler({ handleUri: ({ path }) => pages.show(path) }),
  );
  // Not waited for: the editor has other extensions to start, and everything here asks the server when it is there.
  void started.start().catch(failed);
  return {
    onStatus: changed.event,
    status: () => status,
    rows: () => memory.rows,
    onRows: memory.onDidChangeTreeData,
    report: () => report.html,
    onReport: report.onDidShow,
  };
}

/** Documents of the workspace's folders, wherever they lie, and those that are not saved yet. */
function selectorOf(schemes: readonly string[]) {
  return [...new Set(['file', 'untitled', ...schemes])].flatMap((scheme) =>
    LANGUAGES.map((language) => ({ scheme, language })),
  );
}

/** The rules that can be set. */
function ruleIds(manifest: { contributes: { configuration: readonly { properties: object }[] } }): string[] {
  const prefix = 'headroom.rules.';
  return manifest.contributes.configuration
    .flatMap((part) => Object.keys(part.properties))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort();
}

async function restart(running: BaseLanguageClient): Promise<void> {
  if (running.isRunning()) await running.stop();
  await running.start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}

/** Opens a file at a place; a click on a row or in the report asks for it. */
async function openPlace(uri: unknown, line: unknown, character: unknown): Promise<void> {
  const at = new Position(Math.max(0, Number(line) || 0), Math.max(0, Number(character) || 0));
  // Beside the report rather than in its place.
  const beside = window.tabGroups.activeTabGroup.activeTab?.input instanceof TabInputWebview;
  await window.showTextDocument(Uri.parse(String(uri)), {
    selection: new Range(at, at),
    ...(beside ? { viewColumn: ViewColumn.Beside } : {}),
  });
}

/** Hovers allow only few kinds of links; a command is one of them. */
function withPageCommands(markdown: string, address: string): string {
  return markdown
    .split(`](${address}`)
    .map((part, i) =>
      i === 0
        ? part
        : part.replace(
            /^[\w/-]+/,
            (path) => `](command:${PAGE}?${encodeURIComponent(JSON.stringify([`/${path}`]))}`,
          ),
    )
    .join('');
}
