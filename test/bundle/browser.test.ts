/** The bundle of the server in a worker of a browser: a world with no Node in it, only what browsers have. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
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

/** A worker with the server in it, and the files its client has. */
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
  const read: string[] = [];
  const waiting = new Map<number, (result: unknown) => void>();
  const refreshed = vi.fn();
  const send = (data: unknown) => worker.onmessage?.({ data });
  const contentOf = (uri: string) => ({ uri, content: new TextEncoder().encode(files[uri] ?? '') });

  function receive({ id, method, params, result }: Message): void {
    if (method === undefined) {
      waiting.get(id as number)?.(result);
      return;
    }
    if (method === 'workspace/diagnostic/refresh') refreshed();
    if (id === undefined) return;
    send({ jsonrpc: '2.0', id, result: answer(method, params as Uris) });
  }

  function answer(method: string, params: Uris): unknown {
    if (method === 'headroom/list') return Object.keys(files);
    if (method !== 'headroom/read') return null;
    read.push(...params.uris);
    return params.uris.filter((uri) => uri in files).map(contentOf);
  }

  let last = 0;
  return {
    read,
    refreshed,
    load() {
      runInContext(readFileSync(join(dist, 'server.js'), 'utf8'), context);
      return vi.waitFor(() => expect(worker.onmessage).toBeDefined());
    },
    send,
    notify: (method: string, params: unknown) => send({ jsonrpc: '2.0', method, params }),
    request<T>(method: string, params: unknown): Promise<T> {
      const id = ++last;
      send({ jsonrpc: '2.0', id, method, params });
      return new Promise((answer) => waiting.set(id, (result) => answer(result as T)));
    },
  };
}

it('reads what the client hands over, says the same as ever, and follows what changes', async () => {
  const uri = `${FOLDER}/store.go`;
  const files: Record<string, string> = {
    [`${FOLDER}/go.mod`]: 'module shop\n',
    [uri]: GO,
    [`${FOLDER}/logo.png`]: 'not read',
  };
  const worker = startWorker(files);
  await worker.load();
  const bytes = (name: string) => new Uint8Array(readFileSync(join('grammars', name)));
  worker.send({
    grammars: {
      runtime: bytes('web-tree-sitter.wasm'),
      rust: bytes('tree-sitter-rust.wasm'),
      go: bytes('tree-sitter-go.wasm'),
      flatten: bytes('flatten.wasm'),
    },
    schema: '{}',
  });
  await worker.request('initialize', {
    processId: null,
    rootUri: null,
    workspaceFolders: [{ uri: FOLDER, name: 'shop' }],
    capabilities: {
      workspace: { workspaceFolders: true, diagnostics: { refreshSupport: true } },
      textDocument: { diagnostic: {} },
    },
  });
  worker.notify('initialized', {});

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
