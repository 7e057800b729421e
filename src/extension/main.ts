// VS Code's side: starts the bundled server, shows its state, opens rule pages. Runs nothing from the workspace.
import {
  commands,
  type Event,
  EventEmitter,
  type ExtensionContext,
  env,
  extensions,
  MarkdownString,
  window,
  workspace,
} from 'vscode';
import {
  DiagnosticPullMode,
  LanguageClient,
  type LanguageClientOptions,
  type Location as ProtocolLocation,
  type Position as ProtocolPosition,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import { EXPLAIN, type InitializationOptions, SHOW_PLACES, STATUS, type Status } from '../server/protocol.ts';
import { acceptFindings } from './accept.ts';
import { Pages } from './pages.ts';
import { StatusItem } from './status-item.ts';

/** What `activate` returns; for tests and other extensions. */
export interface HeadroomApi {
  readonly onStatus: Event<Status>;
  status(): Status;
}

const selector = ['rust', 'go', 'yaml', 'dockerfile', 'dockercompose', 'helm'].flatMap((language) => [
  { scheme: 'file', language },
  { scheme: 'untitled', language },
]);

/** Opens a page by its path; only hovers call it. */
const PAGE = 'headroom.page';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<HeadroomApi> {
  const output = window.createOutputChannel('Headroom', { log: true });
  const pages = new Pages(context.extensionUri);
  const item = new StatusItem(selector);
  const changed = new EventEmitter<Status>();
  let status: Status = { state: 'scanning', findings: 0, filesWithFindings: 0, files: 0 };
  const show = (next: Status) => {
    status = next;
    item.show(next);
    changed.fire(next);
  };
  const failed = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    output.error(reason);
    show({ ...status, state: 'failed', reason });
  };

  const server = context.asAbsolutePath('dist/server.js');
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
  const started = new LanguageClient(
    'headroom',
    'Headroom',
    { module: server, transport: TransportKind.ipc },
    options,
  );
  client = started;

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
    commands.registerCommand('headroom.restart', () => started.restart().catch(failed)),
    commands.registerCommand('headroom.acceptFindings', () => acceptFindings(started).catch(failed)),
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
    commands.registerCommand('headroom.handbook', () => pages.show('/handbook/contents')),
    commands.registerCommand(PAGE, (path: unknown) => pages.show(String(path))),
    commands.registerCommand('headroom.fixAll', () =>
      commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.headroom', apply: 'first' }),
    ),
    window.registerUriHandler({ handleUri: ({ path }) => pages.show(path) }),
  );
  await started.start().catch(failed);
  return { onStatus: changed.event, status: () => status };
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
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
