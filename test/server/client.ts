import { PassThrough } from 'node:stream';
import {
  type ClientCapabilities,
  createConnection,
  createProtocolConnection,
  type InitializeParams,
  type InitializeResult,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { Parts } from '../../src/server/parts.ts';
import { startServer } from '../../src/server/server.ts';

/** An editor with everything the server knows how to use. */
export const FULL: ClientCapabilities = {
  textDocument: {
    diagnostic: { relatedInformation: true },
    publishDiagnostics: { relatedInformation: true },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'source', 'refactor'] } },
      resolveSupport: { properties: ['edit'] },
      dataSupport: true,
    },
  },
  workspace: {
    diagnostics: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create'] },
    workspaceFolders: true,
  },
  window: {},
};

/** An editor that knows only the oldest words. */
export const PLAIN: ClientCapabilities = {};

export interface TestClient {
  readonly connection: ProtocolConnection;
  readonly server: InitializeResult;
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** Runs the server in this process over streams and shakes hands. `prepare` registers handlers before that. */
export async function connect(
  parts: Parts,
  params: Partial<InitializeParams> = {},
  prepare: (connection: ProtocolConnection) => void = () => {},
): Promise<TestClient> {
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer(server, parts);
  server.listen();
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const logged: string[] = [];
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    logged.push(message);
  });
  prepare(connection);
  connection.listen();
  const result = await connection.sendRequest<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    workspaceFolders: [{ uri: 'file:///shop', name: 'shop' }],
    capabilities: FULL,
    ...params,
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    server: result,
    logged,
    async stop() {
      await connection.sendRequest('shutdown');
      connection.dispose();
      server.dispose();
    },
  };
}

/** A promise that another place settles. */
export function signal<T = void>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}
