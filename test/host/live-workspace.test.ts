import { afterEach, expect, test, vi } from 'vitest';
import { applyEdits } from '../../src/core/edits.ts';
import { MAX_SOURCE_BYTES } from '../../src/host/decode.ts';
import { startEngine } from '../../src/host/engine.ts';
import { LiveWorkspace, type ScanWatch } from '../../src/host/live-workspace.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

const STORE = `package store

import "sync"

type Store struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *Store) Add(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[user] = true
}
`;
const MAIN = `package main

import (
	"net/http"

	"example.com/shop/store"
)

func main() {
	all := &store.Store{}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		all.Add(r.URL.Path)
	})
	_ = http.ListenAndServe(":80", nil)
}
`;
const SWEEP = 'package store\n\nfunc (s *Store) Forget(user string) {\n\tdelete(s.seen, user)\n}\n';
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
const RULE = 'go/unbounded-cache';
const quiet: ScanWatch = { progress() {}, isCancelled: () => false };
const settings = { profile: 'default', rules: {} } as const;
const opened: LiveWorkspace[] = [];

function shop(more: Record<string, string> = {}): MemoryFileSystem {
  return new MemoryFileSystem({
    '/shop/go.mod': 'module example.com/shop\n\ngo 1.22\n',
    '/shop/main.go': MAIN,
    '/shop/store/store.go': STORE,
    ...more,
  });
}

async function scanned(fs: MemoryFileSystem, roots = ['/shop']): Promise<LiveWorkspace> {
  const live = new LiveWorkspace(fs, await startEngine());
  opened.push(live);
  await live.scan(roots, quiet);
  return live;
}

const rules = (live: LiveWorkspace, file = '/shop/store/store.go') => live.findings(file).map((f) => f.rule);

afterEach(() => {
  for (const live of opened.splice(0)) live.dispose();
});

test('reads the folders and joins their files', async () => {
  const live = await scanned(shop());
  expect(rules(live)).toEqual([RULE]);
  expect(live.all().map((f) => f.file)).toEqual(['/shop/store/store.go']);
  expect(live.size()).toEqual({ files: 2 });
});

test('the text of the editor counts, and that of the disk again after closing', async () => {
  const live = await scanned(shop());
  expect(live.open('/shop/store/store.go', 'go', STORE)).toBe(true);
  live.change('/shop/store/store.go', STORE.replace('s.seen[user] = true', 'delete(s.seen, user)'));
  expect(rules(live)).toEqual([]);
  expect(live.text('/shop/store/store.go')).toContain('delete(');
  await live.close('/shop/store/store.go');
  expect(rules(live)).toEqual([RULE]);
});

test('an open document survives a scan, also when it came before it', async () => {
  const live = new LiveWorkspace(shop(), await startEngine());
  opened.push(live);
  live.open('/shop/store/store.go', 'go', STORE.replace('s.seen[user] = true', ''));
  await live.scan(['/shop'], quiet);
  expect(rules(live)).toEqual([]);
});

test('a document without a file is read by its language', async () => {
  const live = await scanned(shop());
  expect(live.open('untitled:Untitled-1', 'go', 'package main\n')).toBe(true);
  expect(live.findings('untitled:Untitled-1')).toEqual([]);
  expect(live.open('untitled:Untitled-2', 'markdown', '# Title')).toBe(false);
});

test('code of others is left alone: outside the folders, ignored, vendored, excluded, or too large', async () => {
  const fs = shop({
    '/shop/.gitignore': 'generated/\n',
    '/shop/generated/store.go': STORE,
    '/shop/vendor/x/store.go': STORE,
    '/shop/old/store.go': STORE,
    '/shop/headroom.yaml': 'exclude: [old]\n',
    '/go/pkg/mod/x/store.go': STORE,
  });
  const live = await scanned(fs);
  for (const file of [
    '/shop/generated/store.go',
    '/shop/vendor/x/store.go',
    '/shop/old/store.go',
    '/go/pkg/mod/x/store.go',
  ]) {
    expect([file, live.open(file, 'go', STORE)]).toEqual([file, false]);
  }
  expect(live.open('/shop/big.go', 'go', `package shop\n${' '.repeat(MAX_SOURCE_BYTES)}`)).toBe(false);
  expect(live.open('/shop/store/new.go', 'go', SWEEP)).toBe(true);
  expect(rules(live)).toEqual([]);
});

test('follows files that are created, changed and deleted', async () => {
  const fs = shop();
  const live = await scanned(fs);
  fs.files.set('/shop/store/sweep.go', SWEEP);
  await live.reload(['/shop/store/sweep.go']);
  expect(rules(live)).toEqual([]);
  fs.files.delete('/shop/store/sweep.go');
  await live.reload(['/shop/store/sweep.go']);
  expect(rules(live)).toEqual([RULE]);
  fs.files.delete('/shop/store/store.go');
  // A deleted folder is reported by its own name.
  await live.reload(['/shop/store']);
  expect(live.all()).toEqual([]);
});

test('a changed file that is ignored stays out', async () => {
  const fs = shop({ '/shop/.gitignore': 'generated/\n' });
  const live = await scanned(fs);
  fs.files.set('/shop/generated/sweep.go', SWEEP);
  await live.reload(['/shop/generated/sweep.go']);
  expect(rules(live)).toEqual([RULE]);
});

test('a change on disk does not touch an open document', async () => {
  const fs = shop();
  const live = await scanned(fs);
  live.open('/shop/store/store.go', 'go', STORE);
  fs.files.set('/shop/store/store.go', SWEEP);
  await live.reload(['/shop/store/store.go']);
  expect(rules(live)).toEqual([RULE]);
});

test('settings on disk and what git ignores are read anew', async () => {
  const fs = shop();
  const live = await scanned(fs);
  fs.files.set('/shop/headroom.yaml', `rules:\n  ${RULE}: off\n`);
  await live.reload(['/shop/headroom.yaml']);
  expect(rules(live)).toEqual([]);
  fs.files.delete('/shop/headroom.yaml');
  fs.files.set('/shop/.gitignore', 'store\n');
  await live.reload(['/shop/headroom.yaml', '/shop/.gitignore']);
  expect(live.all()).toEqual([]);
});

test('an unsaved headroom.yaml counts, and what is wrong in it is said', async () => {
  const live = await scanned(shop());
  live.open('/shop/headroom.yaml', 'yaml', `rules:\n  ${RULE}: hint\n`);
  expect(live.findings('/shop/store/store.go').map((f) => f.severity)).toEqual(['hint']);
  live.change('/shop/headroom.yaml', 'rules:\n  go/unbounded-cash: off\n');
  expect(live.notices('/shop/headroom.yaml').map((n) => n.message)).toEqual([
    'line 2: there is no rule "go/unbounded-cash"; did you mean "go/unbounded-cache"?',
  ]);
  expect(rules(live)).toEqual([RULE]);
});

test('the editor decides severities, per folder', async () => {
  const other = { '/other/go.mod': 'module example.com/shop\n', '/other/main.go': MAIN };
  const live = await scanned(shop({ ...other, '/other/store/store.go': STORE }), ['/shop', '/other']);
  await live.configure({ ...settings, rules: { [RULE]: 'off' } }, [
    { folder: '/other', settings: { ...settings, rules: { [RULE]: 'error' } } },
  ]);
  expect(live.all().map((f) => [f.file, f.severity])).toEqual([['/other/store/store.go', 'error']]);
});

test('another profile reads the workspace anew', async () => {
  const live = await scanned(shop());
  live.open('/shop/store/store.go', 'go', STORE);
  await live.configure({ ...settings, profile: 'pedantic' }, []);
  expect(rules(live)).toContain(RULE);
});

test('a scan can be cancelled', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`/shop/p${i}/a.go`, `package p${i}\n`]),
  );
  const live = new LiveWorkspace(shop(files), await startEngine());
  opened.push(live);
  let done = 0;
  const watch = {
    progress: (n: number) => {
      done = n;
    },
    isCancelled: () => done >= 5,
  };
  await live.scan(['/shop'], watch);
  expect(done).toBe(5);
});

test('manifests are spoken of before any code is read, and code only when all of it is', async () => {
  const fs = shop({ '/shop/pod.yaml': POD });
  const live = new LiveWorkspace(fs, await startEngine());
  opened.push(live);
  live.open('/shop/store/store.go', 'go', STORE);
  const early: unknown[] = [];
  await live.scan(['/shop'], {
    ...quiet,
    onManifests() {
      early.push([rules(live, '/shop/pod.yaml'), rules(live), [...live.found()]]);
    },
    progress() {
      early.push(rules(live));
    },
  });
  // Once for those that are reported on, once when all are read.
  const told = [['k8s/milli-suffix'], [], ['/shop/pod.yaml']];
  expect(early).toEqual([told, told, [], []]);
  expect(rules(live)).toEqual([RULE]);
});

const UPLOAD = `package upload

import (
	"io"
	"net/http"
)

var names = map[string]bool{}

func Serve(w http.ResponseWriter, r *http.Request) {
	names[r.URL.Path] = true
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(body)
}
`;
const ROUTES = `package main

import (
	"net/http"

	"example.com/shop/upload"
)

func init() {
	http.HandleFunc("/upload", upload.Serve)
}
`;

test('the package of an open document is read first, and what it proves alone is said before the rest is', async () => {
  const more = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`/shop/a${i}/a.go`, `package a${i}\n`]),
  );
  const fs = shop({ ...more, '/shop/routes.go': ROUTES, '/shop/upload/upload.go': UPLOAD });
  const live = new LiveWorkspace(fs, await startEngine());
  opened.push(live);
  live.open('/shop/upload/upload.go', 'go', UPLOAD);
  const glances: unknown[] = [];
  let read = 0;
  await live.scan(['/shop'], {
    progress(done) {
      read = done;
    },
    isCancelled: () => false,
    onGlance() {
      glances.push([
        read,
        rules(live, '/shop/upload/upload.go'),
        live.isGlanced('/shop/upload/upload.go'),
        live.isGlanced('/shop/main.go'),
      ]);
    },
  });
  expect(glances).toEqual([[1, ['go/unbounded-read'], true, false]]);
  expect(rules(live, '/shop/upload/upload.go')).toEqual(['go/unbounded-cache', 'go/unbounded-read']);
  expect(live.isGlanced('/shop/upload/upload.go')).toBe(false);
});

test('where no document is open, packages in which strangers come in are looked at first', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`/shop/a${i}/a.go`, `package a${i}\n\n// ${'x'.repeat(500)}\n`]),
  );
  const fs = shop({ ...many, '/shop/routes.go': ROUTES, '/shop/upload/upload.go': UPLOAD });
  const live = new LiveWorkspace(fs, await startEngine());
  opened.push(live);
  const glances: unknown[] = [];
  let read = 0;
  await live.scan(['/shop'], {
    progress(done) {
      read = done;
    },
    isCancelled: () => false,
    onGlance() {
      glances.push([read, rules(live, '/shop/upload/upload.go'), [...live.found()]]);
    },
  });
  expect(glances).toEqual([[1, ['go/unbounded-read'], ['/shop/upload/upload.go']]]);
});

test('what was said of a text at first sight is taken back when the text changes', async () => {
  const fs = shop({ '/shop/routes.go': ROUTES, '/shop/upload/upload.go': UPLOAD });
  const live = new LiveWorkspace(fs, await startEngine());
  opened.push(live);
  live.open('/shop/upload/upload.go', 'go', UPLOAD);
  let said: string[] | undefined;
  await live.scan(['/shop'], {
    ...quiet,
    onGlance() {
      live.change('/shop/upload/upload.go', 'package upload\n');
      said = rules(live, '/shop/upload/upload.go');
    },
  });
  expect(said).toEqual([]);
  expect(rules(live, '/shop/upload/upload.go')).toEqual([]);
});

test('everything is judged in turns: open documents first, and anew after a change', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [
      `/shop/p${i}/a.go`,
      `package p${i}\n\nimport "net/http"\n\nvar seen = map[string]bool{}\n\nfunc init() {\n\thttp.HandleFunc("/${i}", func(w http.ResponseWriter, r *http.Request) {\n\t\tseen[r.URL.Path] = true\n\t})\n}\n`,
    ]),
  );
  const live = await scanned(shop(many));
  live.open('/shop/p4/a.go', 'go', many['/shop/p4/a.go'] as string);
  const found: string[][] = [];
  const seen = { progress: () => void found.push([...live.found()]), isCancelled: () => false };
  expect(await live.judge(seen)).toBe(true);
  expect(found.find((files) => files.length > 0)).toEqual(['/shop/p4/a.go']);
  expect(found.at(-1)).toHaveLength(7);
  expect([...live.found()].sort()).toEqual(live.all().map((f) => f.file));

  live.change('/shop/p4/a.go', 'package p4\n');
  const stopped = live.judge({ progress() {}, isCancelled: () => true });
  live.change('/shop/p4/a.go', 'package p4 // empty\n');
  expect(await Promise.all([stopped, live.judge(quiet)])).toEqual([expect.any(Boolean), true]);
  expect([...live.found()]).not.toContain('/shop/p4/a.go');
});

test('a file is judged in turns, once however many ask, until the next key', async () => {
  const file = '/shop/store/store.go';
  const live = await scanned(shop());
  live.open(file, 'go', STORE);
  // Every look at the clock ends a turn.
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
  let others = 0;
  const between = setInterval(() => others++);
  expect(live.isPrepared(file)).toBe(false);
  expect(await Promise.all([live.prepare(file), live.prepare(file)])).toEqual([true, true]);
  expect(others).toBeGreaterThan(5);
  expect(live.isPrepared(file)).toBe(true);
  expect(rules(live)).toEqual([RULE]);

  live.change(file, `${STORE}// a`);
  const interrupted = live.prepare(file);
  live.change(file, `${STORE}// ab`);
  expect(await Promise.all([interrupted, live.prepare(file)])).toEqual([false, true]);
  clearInterval(between);
  clock.mockRestore();
  expect(rules(live)).toEqual([RULE]);
});

test('what grows in a file of another package is said in that file', async () => {
  const fs = shop({
    '/shop/store/store.go': 'package store\n\ntype Store struct {\n\tSeen map[string]bool\n}\n',
    '/shop/main.go': MAIN.replace('all.Add(r.URL.Path)', 'all.Seen[r.URL.Path] = true'),
  });
  const live = await scanned(fs);
  live.open('/shop/main.go', 'go', fs.files.get('/shop/main.go') as string);
  await live.judge(quiet);
  expect(live.all().map((f) => [f.file, f.rule])).toEqual([['/shop/main.go', RULE]]);
  expect(rules(live, '/shop/main.go')).toEqual([RULE]);
});

test('a first look that is cancelled leaves code alone: half a program proves nothing', async () => {
  const live = new LiveWorkspace(shop({ '/shop/pod.yaml': POD }), await startEngine());
  opened.push(live);
  let done = 0;
  const watch = {
    progress(n: number) {
      done = n;
    },
    isCancelled: () => done > 0,
  };
  await live.scan(['/shop'], watch);
  live.open('/shop/store/store.go', 'go', STORE);
  expect(rules(live)).toEqual([]);
  expect(live.all().map((f) => f.file)).toEqual(['/shop/pod.yaml']);
  expect(await live.judge(quiet)).toBe(false);
});

test('a text that takes too long is parsed when somebody asks', async () => {
  const live = await scanned(shop());
  const long = STORE + 'func f() { g(h(1), "x") }\n'.repeat(20_000);
  live.open('/shop/store/store.go', 'go', long);
  live.change('/shop/store/store.go', `${long.slice(0, 20)}{{{{{{{{${long.slice(20)}`);
  live.change('/shop/store/store.go', long);
  expect(rules(live)).toEqual([RULE]);
  expect(live.isBehind('/shop/store/store.go')).toBe(false);
});

test('ignoring on the line silences the finding, in code and in YAML', async () => {
  const live = await scanned(shop({ '/shop/pod.yaml': POD }));
  for (const file of ['/shop/store/store.go', '/shop/pod.yaml']) {
    const text = live.text(file) ?? '';
    live.open(file, file.endsWith('.go') ? 'go' : 'yaml', text);
    const [finding] = live.findings(file);
    expect(finding).toBeDefined();
    const changed = applyEdits(text, live.ignoreOnLine(finding!));
    live.change(file, changed);
    expect([file, rules(live, file).filter((rule) => rule === finding!.rule)]).toEqual([file, []]);
  }
});

test('ignoring in the workspace writes the nearest headroom.yaml, or a new one in the root', async () => {
  const fs = shop();
  const live = await scanned(fs);
  const at = (file: string) => live.ignoreInWorkspace(RULE, file)?.map((e) => [e.file, e.newText]);
  expect(at('/shop/store/store.go')).toEqual([['/shop/headroom.yaml', `rules:\n  ${RULE}: off\n`]]);
  fs.files.set('/shop/store/headroom.yaml', '');
  expect(at('/shop/store/store.go')?.[0]?.[0]).toBe('/shop/store/headroom.yaml');
  expect(at('/elsewhere/a.go')).toBeUndefined();
  fs.files.set('/shop/store/headroom.yaml', 'rules: [');
  expect(at('/shop/store/store.go')).toBeUndefined();
});

test('notices are told once', async () => {
  const fs = shop({ '/shop/wide.go': '\0package' });
  const live = await scanned(fs);
  expect(live.takeNotices().map((n) => n.file)).toEqual(['/shop/wide.go']);
  await live.scan(['/shop'], quiet);
  expect(live.takeNotices()).toEqual([]);
});

test('a root that is gone is no error', async () => {
  const live = await scanned(shop(), ['/shop', '/gone']);
  expect(rules(live)).toEqual([RULE]);
});

test('accepts what there is, below each root, and shows only what is new', async () => {
  const fs = shop({ '/shop/pod.yaml': POD });
  const workspace = await scanned(fs);
  const before = workspace.all().length;
  expect(before).toBeGreaterThan(1);
  const [baseline, ...others] = workspace.acceptAll();
  expect(others).toEqual([]);
  expect(baseline).toMatchObject({ file: '/shop/headroom-baseline.json', findings: before });
  fs.files.set(baseline!.file, baseline!.text);
  await workspace.reload([baseline!.file]);
  expect(workspace.all()).toEqual([]);
  // Accepting again keeps what is accepted already.
  expect(workspace.acceptAll()).toEqual([baseline]);
  workspace.open('/shop/pod.yaml', 'yaml', POD.replace('512m', '500m'));
  expect(workspace.findings('/shop/pod.yaml').map((f) => f.rule)).toContain('k8s/milli-suffix');
  workspace.open('/shop/pod.yaml', 'yaml', `# moved\n${POD}`);
  expect(workspace.findings('/shop/pod.yaml')).toEqual([]);
});
