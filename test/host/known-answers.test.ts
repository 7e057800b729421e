/** What an editor's workspace takes from an earlier run, and what it leaves for the next. */
import { expect, test } from 'vitest';
import { digestOf } from '../../src/host/cache/digest.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { Answers } from '../../src/host/known-answers.ts';
import { LiveWorkspace } from '../../src/host/live-workspace.ts';
import { pack, unpack } from '../../src/host/packed-facts.ts';
import type { CheckReply } from '../../src/host/program-checker.ts';
import type { ParserThreads } from '../../src/host/read-sources.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

const parser = await startEngine();
const RULE = 'go/unbounded-cache';
const STORE = '/shop/store/store.go';
const GROWS = `package main

import "net/http"

var seen = map[string]bool{}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		seen[r.URL.Path] = true
	})
	_ = http.ListenAndServe(":80", nil)
}
`;
const BOUNDED = GROWS.replace('seen[r.URL.Path] = true', 'clear(seen)\n\t\tseen[r.URL.Path] = true');

/** Two programs, each alone, and enough files that threads are worth it. */
function disk(): MemoryFileSystem {
  const files: Record<string, string> = {
    '/shop/store/go.mod': 'module example.com/store\n\ngo 1.22\n',
    [STORE]: GROWS,
    '/shop/other/go.mod': 'module example.com/other\n\ngo 1.22\n',
    '/shop/other/main.go': GROWS,
  };
  for (let i = 0; i < 150; i++)
    files[`/shop/other/p${i}/p.go`] = `package p${i}\n\nfunc F() int { return ${i} }\n`;
  return new MemoryFileSystem(files);
}

/** Parses in this thread. */
function threads(fs: MemoryFileSystem, kept: Kept): ParserThreads {
  return {
    count: 1,
    start() {},
    parse: async (jobs, _, { onResult }) => {
      for (const { file, language } of jobs) {
        const content = fs.read(file);
        const digest = digestOf(content);
        const facts = parser.extract(file, language, new TextDecoder().decode(content));
        onResult({ file, bytes: content.length, notices: [], digest, packed: pack(facts, digest) });
      }
    },
    unpack,
    keeps: { knows: () => kept.answers.size > 0 },
  };
}

/** What one run leaves for the next, by question. */
class Kept {
  answers = new Map<string, CheckReply>();
  /** Packages that were asked for and not known, in the last run. */
  asked: string[] = [];

  open(): Answers {
    const now = new Map<string, CheckReply>();
    this.asked = [];
    const key = (...[files, task]: Parameters<Answers['find']>) =>
      digestOf(JSON.stringify([files.map((f) => [f.head.file, f.digest]).sort(), task]));
    return {
      find: (files, task) => {
        const reply = this.answers.get(key(files, task));
        if (reply) now.set(key(files, task), reply);
        else if ('package' in task) this.asked.push(task.package);
        return reply;
      },
      add: (files, task, reply) => now.set(key(files, task), structuredClone(reply)),
      save: () => {
        this.answers = now;
      },
    };
  }
}

async function open(fs: MemoryFileSystem, kept: Kept): Promise<LiveWorkspace> {
  const live = new LiveWorkspace(fs, parser, undefined, {
    threads: threads(fs, kept),
    answersOf: () => () => kept.open(),
  });
  await live.configure({ profile: 'default', rules: {} }, []);
  return live;
}

const watch = { progress() {}, isCancelled: () => false };
const found = (live: LiveWorkspace) => live.all().map((f) => `${f.file} ${f.rule}`);
const BOTH = [`/shop/other/main.go ${RULE}`, `${STORE} ${RULE}`];

async function judged(live: LiveWorkspace): Promise<string[]> {
  await live.scan(['/shop'], watch);
  expect(await live.judge(watch)).toBe(true);
  return found(live);
}

test('what nothing changed in is not asked again, and what is said is the same', async () => {
  const fs = disk();
  const kept = new Kept();
  const first = await open(fs, kept);
  expect(await judged(first)).toEqual(BOTH);
  expect(kept.asked.length).toBeGreaterThan(150);
  const second = await open(fs, kept);
  expect(await judged(second)).toEqual(BOTH);
  expect(kept.asked).toEqual([]);
  expect(
    second.all().map(({ fixes, ...f }) => ({ ...f, fixes: fixes.map((x) => [x.title, x.edits()]) })),
  ).toEqual(first.all().map(({ fixes, ...f }) => ({ ...f, fixes: fixes.map((x) => [x.title, x.edits()]) })));
  fs.files.set(STORE, BOUNDED);
  expect(await judged(await open(fs, kept))).toEqual(BOTH.slice(0, 1));
  expect(kept.asked).toHaveLength(1);
});

test('a document that is open counts, and leaves nothing behind that the disk does not say', async () => {
  const fs = disk();
  const kept = new Kept();
  await judged(await open(fs, kept));
  const live = await open(fs, kept);
  live.open(STORE, 'go', BOUNDED);
  expect(await judged(live)).toEqual(BOTH.slice(0, 1));
  const same = await open(fs, kept);
  same.open(STORE, 'go', GROWS);
  expect(await judged(same)).toEqual(BOTH);
  expect(kept.asked).toEqual([]);
  // From then on it is typed in.
  same.change(STORE, BOUNDED);
  expect(await same.judge(watch)).toBe(true);
  expect(found(same)).toEqual(BOTH.slice(0, 1));
});

test('what changes before everything was judged is not kept', async () => {
  const fs = disk();
  for (const change of ['typed', 'saved', 'project'] as const) {
    const kept = new Kept();
    const live = await open(fs, kept);
    live.open(STORE, 'go', GROWS);
    await live.scan(['/shop'], watch);
    if (change === 'typed') live.change(STORE, BOUNDED);
    if (change === 'saved') await live.reload(['/shop/other/p7/p.go']);
    if (change === 'project') await live.reload(['/shop/other/go.mod']);
    expect(await live.judge(watch)).toBe(true);
    const next = await open(fs, kept);
    expect(await judged(next)).toEqual(BOTH);
    const expected = { typed: 1, saved: 151, project: 152 }[change];
    expect(kept.asked.length, change).toBe(expected);
  }
});
