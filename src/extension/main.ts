// VS Code's side: starts the bundled server, shows its state, opens rule pages. Runs nothing from the workspace.
import {
  commands,
  type Event,
  EventEmitter,
  type ExtensionContext,
  Position,
  Range,
  TabInputWebview,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import type {
  BaseLanguageClient,
  Location as ProtocolLocation,
  Position as ProtocolPosition,
} from 'vscode-languageclient';
import type { ReviewDocument } from '../review/document.ts';
import {
  EXPLAIN,
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

const NOTHING_YET: Status = { state: 'scanning', findings: 0, grave: 0, filesWithFindings: 0, files: 0 };

let running: Promise<BaseLanguageClient> | undefined;

export function activate(context: ExtensionContext): HeadroomApi {
  const output = window.createOutputChannel('Headroom', { log: true });
  const pages = new Pages(context.extensionUri, ruleIds(context.extension.packageJSON));
  const selector = selectorOf(workspace.workspaceFolders?.map(({ uri }) => uri.scheme) ?? []);
  const item = new StatusItem(selector);
  const changed = new EventEmitter<Status>();
  let status = NOTHING_YET;
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

  /** The client and its library, which take longer to load than everything here: after what was asked for is there. */
  const client = new Promise<BaseLanguageClient>((resolve, reject) => {
    setTimeout(() => {
      import('./client.ts')
        .then(({ createHeadroomClient }) =>
          createHeadroomClient(context, {
            selector,
            output,
            onStarting: () => show(NOTHING_YET),
            onStopped: () => show({ ...status, state: 'failed', reason: 'The server is not running' }),
          }),
        )
        .then(resolve, reject);
    });
  });
  running = client;
  const ask = async <Answer>(method: string, params?: ReportParams): Promise<Answer> => {
    const started = await client;
    // One without parameters is another request than one with none given.
    return params ? started.sendRequest<Answer>(method, params) : started.sendRequest<Answer>(method);
  };
  const memory = new MemoryView(context, () => ask<ReviewDocument | null>(REVIEW), failed);
  const report = new ReportPanel(
    context,
    (params: ReportParams) => ask<string | null>(REPORT, params),
    failed,
  );
  view = memory;
  panel = report;
  memory.show(status);

  context.subscriptions.push(
    output,
    item,
    changed,
    commands.registerCommand('headroom.restart', () => client.then(restart).catch(failed)),
    commands.registerCommand('headroom.acceptFindings', () => client.then(acceptFindings).catch(failed)),
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
      async (uri: string, position: ProtocolPosition, places: ProtocolLocation[]) => {
        const { protocol2CodeConverter: read } = await client;
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
  client
    .then((started) => {
      context.subscriptions.push(started.onNotification(STATUS, show));
      return started.start();
    })
    .catch(failed);
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
  await (await running)?.dispose();
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
