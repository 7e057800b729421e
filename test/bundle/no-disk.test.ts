/**
 * The bundle of the server where folders lie on no disk: in a worker of a browser, which is a world with no Node in it,
 * and in a process of a desktop.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { build } from '../../scripts/build.mjs';
import type { Uris } from '../../src/server/protocol.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const FOLDER = 'vscode-vfs://github/shop/shop';
const GO = `package server

import "net/http"

var seen = map[string]bool{}

func Handle(w http.ResponseWriter, r *http.Request) {
	seen[r.URL.Path] = true
}
`;
const POD = `apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers:
    - name: api
      image: example.com/api:1
      resources:
        limits:
          memory: 512m
`;
const SWEEP =
  'package server\n\nfunc Sweep() {\n\tfor path := range seen {\n\t\tdelete(seen, path)\n\t}\n}\n';

const dist = mkdtempSync(join(tmpdir(), 'headroom-browser-'));
beforeAll(() => build(dist));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** A server somewhere, and the files its client has. */
type Server = ReturnType<typeof startWorker>;

/** A client that hands over files. */
function clientOf(files: Record<string, string>, send: (data: unknown) => void, isText: boolean) {
  const read: string[] = [];
  const waiting = new Map<number, (result: unknown) => void>();
  const refreshed = vi.fn();
  let before: (uris: readonly string[]) => Promise<void> = async () => {};
  const contentOf = (uri: string) => {
    const content = new TextEncoder().encode(files[uri] ?? '');
    return { uri, content: isText ? Buffer.from(content).toString('base64') : content };
  };

  async function answer(method: string, params: Uris): Promise<unknown> {
    if (method === 'headroom/list') return Object.keys(files);
    if (method !== 'headroom/read') return null;
    await before(params.uris);
    read.push(...params.uris);
    return params.uris.filter((uri) => uri in files).map(contentOf);
  }

  let last = 0;
  return {
    read,
    refreshed,
    /** Called with what is going to be read. */
    beforeRead(call: typeof before) {
      before = call;
    },
    receive({ id, method, params, result }: Message): void {
      if (method === undefined) {
        waiting.get(id as number)?.(result);
        return;
      }
      if (method === 'workspace/diagnostic/refresh') refreshed();
      if (id === undefined) return;
      void answer(method, params as Uris).then((said) => send({ jsonrpc: '2.0', id, result: said }));
    },
    notify: (method: string, params: unknown) => send({ jsonrpc: '2.0', method, params }),
    request<T>(method: string, params: unknown): Promise<T> {
      const id = ++last;
      send({ jsonrpc: '2.0', id, method, params });
      return new Promise((answer) => waiting.set(id, (result) => answer(result as T)));
    },
  };
}

/** The server in a process, as a desktop starts it. */
function startProcess(files: Record<string, string>) {
  const process = fork(join(dist, 'server.js'), ['--node-ipc'], { stdio: 'inherit' });
  const client = clientOf(files, (data) => process.send(data as object), true);
  process.on('message', (message) => client.receive(message as Message));
  return { ...client, load: async () => {}, end: () => void process.kill() };
}

/** The server in a worker. */
function startWorker(files: Record<string, string>) {
  const worker = Object.assign(new EventTarget(), {
    onmessage: undefined as ((event: { readonly data: unknown }) => void) | undefined,
    postMessage: (message: Message) => void setTimeout(() => receive(message)),
  });
  const context = createContext({
    self: worker,
    ...{
      TextDecoder,
      TextEncoder,
      WebAssembly,
      performance,
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
    },
    // What a message brings is made in the world of the worker; here it comes from outside.
    ...{ URL, console, queueMicrotask, Uint8Array, ArrayBuffer },
  });
  const send = (data: unknown) => worker.onmessage?.({ data });
  const client = clientOf(files, send, false);
  const receive = client.receive;
  return {
    ...client,
    async load() {
      runInContext(readFileSync(join(dist, 'server.js'), 'utf8'), context);
      await vi.waitFor(() => expect(worker.onmessage).toBeDefined());
      const bytes = (name: string) => new Uint8Array(readFileSync(join('grammars', name)));
      send({
        grammars: {
          runtime: bytes('web-tree-sitter.wasm'),
          rust: bytes('tree-sitter-rust.wasm'),
          go: bytes('tree-sitter-go.wasm'),
          flatten: bytes('flatten.wasm'),
        },
        schema: '{}',
      });
    },
    end() {},
  };
}

const started: Server[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.end();
});

async function open(server: Server): Promise<void> {
  started.push(server);
  await server.load();
  await server.request('initialize', {
    processId: null,
    rootUri: null,
    workspaceFolders: [{ uri: FOLDER, name: 'shop' }],
    capabilities: {
      workspace: { workspaceFolders: true, diagnostics: { refreshSupport: true } },
      textDocument: { diagnostic: {} },
    },
  });
  server.notify('initialized', {});
}

const places = [
  ['a worker', startWorker],
  ['a process', startProcess],
] as const;

it.each(places)('%s: reads what the client hands over, and follows what changes', async (_, start) => {
  const uri = `${FOLDER}/store.go`;
  const files: Record<string, string> = {
    [`${FOLDER}/go.mod`]: 'module shop\n',
    [uri]: GO,
    [`${FOLDER}/logo.png`]: 'not read',
  };
  const worker = start(files);
  await open(worker);

  const rules = async () => {
    const { items } = await worker.request<{ items: readonly { code: string }[] }>(
      'textDocument/diagnostic',
      {
        textDocument: { uri },
      },
    );
    return items.map((item) => item.code);
  };
  expect(await rules()).toEqual(['go/unbounded-cache']);
  expect(worker.read).toEqual([`${FOLDER}/go.mod`, uri]);

  const sweeper = `${FOLDER}/sweep.go`;
  files[sweeper] = SWEEP;
  worker.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: sweeper, type: 1 }] });
  await vi.waitFor(async () => expect(await rules()).toEqual([]), { timeout: 10_000 });
  expect(worker.read.at(-1)).toBe(sweeper);

  delete files[sweeper];
  worker.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: sweeper, type: 3 }] });
  await vi.waitFor(async () => expect(await rules()).toEqual(['go/unbounded-cache']), { timeout: 10_000 });
});

it.each(places)('%s: speaks of manifests before it asks for any code', async (_, start) => {
  const pod = `${FOLDER}/pod.yaml`;
  const files: Record<string, string> = {
    [`${FOLDER}/store.go`]: GO,
    [`${FOLDER}/.gitignore`]: 'gen/\n',
    [`${FOLDER}/gen/store.go`]: GO,
    [`${FOLDER}/go.mod`]: 'module shop\n',
    [pod]: POD,
  };
  const server = start(files);
  const told = vi.fn();
  // Code is not handed over before the finding in the manifest is there.
  server.beforeRead(async (uris) => {
    if (uris.some((uri) => uri.endsWith('.go')))
      await vi.waitFor(() => expect(told).toHaveBeenCalled(), { timeout: 30_000 });
  });
  await open(server);
  const { items } = await server.request<{
    items: readonly { uri: string; items: readonly { code: string }[] }[];
  }>('workspace/diagnostic', { previousResultIds: [] });
  expect(items.map((item) => [item.uri, item.items.map(({ code }) => code)])).toEqual([
    [pod, ['k8s/milli-suffix']],
  ]);
  expect(server.read.filter((name) => name.endsWith('.go'))).toEqual([]);
  told();
  await server.request('headroom/review', undefined);
  expect(server.read.filter((name) => name.endsWith('.go'))).toEqual([`${FOLDER}/store.go`]);
});

it.each(places)('%s: follows a build out of its folder, as on a disk', async (_, start) => {
  const server = start({
    [`${FOLDER}/go.mod`]: 'module shop\n',
    [`${FOLDER}/cmd/api/main.go`]: 'package main\n\nfunc main() {}\n',
    [`${FOLDER}/build/Dockerfile`]:
      'FROM golang AS build\nCOPY . /src\nWORKDIR /src\nRUN go build -o /api ./cmd/api\nFROM scratch\nCOPY --from=build /api /api\nENTRYPOINT ["/api"]\n',
    [`${FOLDER}/deploy/compose.yaml`]:
      'services:\n  web:\n    build: { context: .., dockerfile: build/Dockerfile }\n    mem_limit: 64m\n',
  });
  await open(server);
  const { services } = await server.request<{
    services: readonly { name: string; containers: readonly { at: { file: string; uri: string } }[] }[];
  }>('headroom/review', undefined);
  expect(services.map(({ name, containers }) => [name, containers[0]?.at])).toEqual([
    ['api', expect.objectContaining({ file: 'deploy/compose.yaml', uri: `${FOLDER}/deploy/compose.yaml` })],
  ]);
});
