// The client, with everything it takes its library for. Loaded when the editor has no more to wait for.
import {
  type ExtensionContext,
  env,
  extensions,
  type LogOutputChannel,
  MarkdownString,
  workspace,
} from 'vscode';
import {
  type BaseLanguageClient,
  DiagnosticPullMode,
  type LanguageClientOptions,
  State,
} from 'vscode-languageclient';
import { type InitializationOptions, PAGE } from '../server/protocol.ts';

/** A process of Node runs the server, or a worker where there is only a browser. */
const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

interface ClientOptions {
  readonly selector: { scheme: string; language: string }[];
  readonly output: LogOutputChannel;
  readonly onStarting: () => void;
  readonly onStopped: () => void;
}

/** A client that is not started yet. */
export async function createHeadroomClient(
  context: ExtensionContext,
  { selector, output, onStarting, onStopped }: ClientOptions,
): Promise<BaseLanguageClient> {
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
  const client = createClient(context.extensionUri, options);
  context.subscriptions.push(
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) onStarting();
      if (newState === State.Stopped) onStopped();
    }),
  );
  return client;
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
