/** The bundles, away from the repository: what is not in them or beside them is not there. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { build, ENTRIES } from '../../scripts/build.mjs';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const RUST = `use std::collections::HashMap;
use std::sync::Mutex;

pub struct Sessions {
    seen: Mutex<HashMap<String, Vec<u8>>>,
}

impl Sessions {
    pub async fn handle_request(&self, user: String, body: Vec<u8>) {
        self.seen.lock().unwrap().insert(user, body);
    }
}
`;

const GO = `package server

import (
	"io"
	"net/http"
)

var seen = map[string][]byte{}

func Handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	seen[r.URL.Path] = body
}
`;

const folder = mkdtempSync(join(tmpdir(), 'headroom-bundle-'));
const dist = join(folder, 'dist');
const project = join(folder, 'project');
let sizes: Record<string, number>;

beforeAll(async () => {
  sizes = await build(dist);
  const files: Record<string, string> = {
    'rust/Cargo.toml': '[package]\nname = "sessions"\nversion = "0.1.0"\nedition = "2021"\n',
    'rust/src/lib.rs': RUST,
    'go/go.mod': 'module example.org/server\n\ngo 1.22\n',
    'go/server.go': GO,
  };
  // Enough files that threads are worth starting.
  for (let i = 0; i < 200; i++) files[`go/p${i}/p.go`] = `package p${i}\n\nfunc F() int { return ${i} }\n`;
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(project, file, '..'), { recursive: true });
    writeFileSync(join(project, file), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly findings: readonly {
    readonly rule: string;
    readonly file: string;
    readonly fixes: readonly unknown[];
  }[];
  readonly notices: readonly unknown[];
  readonly summary: { readonly files: number };
}

function scan(...args: string[]): Promise<{ code: number; report: Report; errors: string }> {
  return new Promise((done) => {
    const whole = [join(dist, 'cli.js'), 'scan', '--format', 'json', ...args];
    execFile(process.execPath, whole, { cwd: project }, (error, out, errors) =>
      done({ code: error ? Number(error.code) : 0, report: JSON.parse(out || '{}'), errors }),
    );
  });
}

it('has a bundle for every face, and the engine beside them', () => {
  const engine = ['flatten.wasm', 'tree-sitter-go.wasm', 'tree-sitter-rust.wasm', 'web-tree-sitter.wasm'];
  expect(Object.keys(sizes).sort()).toEqual([...Object.keys(ENTRIES), ...engine].sort());
});

it('finds in a Rust and in a Go file what the sources find, in one thread', async () => {
  const { code, report, errors } = await scan('rust', 'go/server.go', '--jobs', '1');
  expect(errors).toBe('');
  expect(report.notices).toEqual([]);
  expect(report.findings.map((f) => `${f.file} ${f.rule}`).sort()).toEqual([
    'go/server.go go/unbounded-cache',
    'rust/src/lib.rs rust/unbounded-cache',
  ]);
  expect(code).toBe(1);
});

it('says the same of what it knows from an earlier run, of what changed since, and of what is broken', async () => {
  const cache = join(folder, 'cache');
  const again = async (...args: string[]) => (await scan('.', ...args)).report.findings;
  const before = process.env.HEADROOM_CACHE_DIR;
  process.env.HEADROOM_CACHE_DIR = cache;
  try {
    const first = await again();
    expect(first.length).toBeGreaterThan(1);
    const kept = readdirSync(cache);
    expect(kept).toHaveLength(2);
    // A thread that begins would say so, and end.
    const started = join(project, 'started-again');
    const whole = new Map(
      ['checker.js', 'worker.js'].map((b) => [join(dist, b), readFileSync(join(dist, b))]),
    );
    const write = `require('node:fs').writeFileSync(${JSON.stringify(started)}, ''); process.exit(3);`;
    for (const bundle of whole.keys()) writeFileSync(bundle, write);
    expect(await again()).toEqual(first);
    expect(existsSync(started)).toBe(false);
    await again('--no-cache');
    expect(existsSync(started)).toBe(true);
    for (const [bundle, content] of whole) writeFileSync(bundle, content);

    const file = join(project, 'go/server.go');
    writeFileSync(file, GO.replace('seen[r.URL.Path] = body', 'seen["last"] = body'));
    const changed = await again();
    expect(changed.map((f) => f.rule)).toEqual(['rust/unbounded-cache']);
    expect(changed).toEqual(await again('--no-cache'));
    writeFileSync(file, GO);
    for (const name of kept) writeFileSync(join(cache, name), 'not what it was');
    expect(await again()).toEqual(first);
  } finally {
    process.env.HEADROOM_CACHE_DIR = before;
  }
});

it('finds the same with threads, however many, which need the worker, its engine and the checker', async () => {
  const alone = await scan('rust', 'go/server.go');
  const one = await scan('.', '--jobs', '1');
  expect(one.errors).toBe('');
  expect(one.report.findings).toEqual(alone.report.findings);
  expect(one.report.findings.every((f) => f.fixes.length > 0)).toBe(true);
  expect(one.report.summary.files).toBe(202);
  for (const jobs of ['2', '3']) {
    const more = await scan('.', '--jobs', jobs);
    expect(more.errors).toBe('');
    expect(more.report.findings).toEqual(one.report.findings);
  }
  // The bundles beside the command line are what the threads run: another one in the place of each is started
  // instead, and when it fails the scan goes on without threads.
  for (const bundle of ['checker.js', 'worker.js']) {
    const started = join(project, `started-${bundle}`);
    const write = `import('node:fs').then((fs) => { fs.writeFileSync(${JSON.stringify(started)}, ''); process.exit(3); });`;
    rmSync(join(dist, bundle));
    writeFileSync(join(dist, bundle), write);
    const broken = await scan('.', '--jobs', '2');
    expect(existsSync(started)).toBe(true);
    expect(broken.report.findings).toEqual(one.report.findings);
  }
});

it('has all that the command line loads in the package that the pre-commit hook installs', () => {
  for (const file of ['package.json', '.npmignore']) copyFileSync(file, join(folder, file));
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{ files }] = JSON.parse(execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' }));
  const packed = files.map(({ path }: { path: string }) => path);
  const missing = readdirSync(dist).filter((file) => !packed.includes(`dist/${file}`));
  expect(missing.sort()).toEqual(['extension.js', 'server.js']);
});

it('serves an editor', async () => {
  const server = spawn(process.execPath, [join(dist, 'server.js'), '--stdio'], { cwd: project });
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.listen();
  try {
    const textDocument = { uri: pathToFileURL(join(project, 'go/server.go')).href };
    const capabilities = { textDocument: { diagnostic: {} } };
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities });
    await connection.sendNotification('initialized', {});
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { ...textDocument, languageId: 'go', version: 1, text: GO },
    });
    const answer = await connection.sendRequest<{ items: { code: string }[] }>('textDocument/diagnostic', {
      textDocument,
    });
    expect(answer.items.map((item) => item.code)).toEqual(['go/unbounded-cache']);
  } finally {
    connection.dispose();
    server.kill();
  }
});

it('is small: what the package ships leaves room below 1.5 MB', () => {
  const shipped = readdirSync(dist).filter((file) => !/^(cli|commands|checker|checks)\.js$/.test(file));
  const packed = shipped.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
  expect(packed).toBeLessThan(1.1 * 1024 * 1024);
  for (const file of Object.keys(ENTRIES)) expect(sizes[file], file).toBeLessThan(2350 * 1024);
  expect(readdirSync(dist).filter((file) => file.endsWith('.map'))).toEqual([]);
  // One letter of another alphabet, and each thread keeps its bundle in two bytes a letter.
  for (const file of Object.keys(ENTRIES))
    expect(
      readFileSync(join(dist, file)).findIndex((byte) => byte > 127),
      file,
    ).toBe(-1);
});
