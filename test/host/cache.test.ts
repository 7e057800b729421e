import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswersCache } from '../../src/host/cache/answers-cache.ts';
import { CacheFolder } from '../../src/host/cache/cache-folder.ts';
import { digestOf } from '../../src/host/cache/digest.ts';
import { keepingFacts } from '../../src/host/cache/facts-cache.ts';
import { startEngine } from '../../src/host/engine.ts';
import { nodeFileSystem } from '../../src/host/node-file-system.ts';
import { pack, unpack } from '../../src/host/packed-facts.ts';
import type { CheckerData, CheckReply } from '../../src/host/program-checker.ts';
import type { SourceJob } from '../../src/host/read-source.ts';
import type { ParserThreads, ThreadResult } from '../../src/host/read-sources.ts';

const parser = await startEngine();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headroom-cache-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined) =>
  content && new TextDecoder().decode(Uint8Array.from(content));
const sizes = (folder: string) =>
  readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

describe('the folder', () => {
  const folderOf = (most?: number, build = 'one') =>
    new CacheFolder(join(root, 'deep', 'cache'), build, most);

  it('gives back what was written under a name, in memory that threads share', () => {
    folderOf().write('a', [bytes('first '), bytes('second')]);
    const content = folderOf().read('a');
    expect(text(content)).toBe('first second');
    expect(content?.buffer).toBeInstanceOf(SharedArrayBuffer);
    folderOf().write('a', [bytes('third')]);
    expect(text(folderOf().read('a'))).toBe('third');
    expect(readdirSync(join(root, 'deep', 'cache'))).toHaveLength(1);
  });

  it('takes many parts', () => {
    const parts = Array.from({ length: 2000 }, (_, i) => bytes(`${i} `));
    folderOf().write('a', parts);
    expect(text(folderOf().read('a'))).toBe(parts.map(text).join(''));
  });

  it('has nothing of another name or another build', () => {
    folderOf().write('a', [bytes('x')]);
    expect(folderOf().read('b')).toBeUndefined();
    expect(folderOf(undefined, 'two').read('a')).toBeUndefined();
  });

  it('stays below its bound: what was not used for the longest time goes first', () => {
    const folder = folderOf(250);
    const content = [new Uint8Array(100)];
    const age = (name: string, seconds: number) => {
      const [newest] = readdirSync(join(root, 'deep', 'cache')).filter((file) => !known.has(file));
      known.set(newest as string, name);
      utimesSync(join(root, 'deep', 'cache', newest as string), seconds, seconds);
    };
    const known = new Map<string, string>();
    folder.write('old', content);
    age('old', 1000);
    folder.write('older', content);
    age('older', 500);
    // Whoever reads, uses.
    expect(folder.read('older')).toBeDefined();
    folder.write('new', content);
    expect(folder.read('old')).toBeUndefined();
    expect(folder.read('older')).toBeDefined();
    expect(folder.read('new')).toBeDefined();
    folder.write('huge', [new Uint8Array(300)]);
    expect(folder.read('huge')).toBeUndefined();
    expect(sizes(join(root, 'deep', 'cache'))).toBe(200);
  });

  it('takes away drafts that nobody finished', () => {
    const folder = folderOf();
    folder.write('a', [bytes('x')]);
    const [left, fresh] = ['left.tmp', 'fresh.tmp'].map((name) => join(root, 'deep', 'cache', name)) as [
      string,
      string,
    ];
    for (const draft of [left, fresh]) writeFileSync(draft, 'half');
    utimesSync(left, 1000, 1000);
    folder.write('b', [bytes('y')]);
    expect(readdirSync(join(root, 'deep', 'cache')).filter((file) => file.endsWith('.tmp'))).toEqual([
      'fresh.tmp',
    ]);
  });

  it('keeps nothing where nothing can be written, and says nothing of it', () => {
    writeFileSync(join(root, 'file'), '');
    const folder = new CacheFolder(join(root, 'file', 'cache'), 'one');
    folder.write('a', [bytes('x')]);
    expect(folder.read('a')).toBeUndefined();
  });
});

describe('facts', () => {
  const source = (name: string) => join(root, 'src', name);
  const job = (name: string, more: Partial<SourceJob> = {}): SourceJob => ({
    file: source(name),
    language: 'go',
    bytes: 1,
    onlyForTests: false,
    ...more,
  });
  let parsed: string[];
  let started: number;

  /** Threads that note what they are asked. */
  const threads: ParserThreads = {
    count: 2,
    start: () => {
      started++;
    },
    parse: async (jobs, _, { onResult }) => {
      for (const { file, language, onlyForTests } of jobs) {
        parsed.push(basename(file));
        const content = readFileSync(file);
        const digest = digestOf(content);
        const common = { file, bytes: content.length, notices: [], digest };
        if (onlyForTests) onResult({ ...common, passed: 'only-for-tests' });
        else
          onResult({ ...common, packed: pack(parser.extract(file, language, content.toString()), digest) });
      }
    },
    unpack,
  };

  /** One run over these files, as a process of its own. */
  async function run(
    jobs: readonly SourceJob[],
    options: { isCancelled?: boolean } = {},
  ): Promise<ThreadResult[]> {
    parsed = [];
    started = 0;
    const keeping = keepingFacts(threads, new CacheFolder(join(root, 'cache'), 'one'), nodeFileSystem);
    const results: ThreadResult[] = [];
    keeping.start(2, [root]);
    await keeping.parse(jobs, 2, {
      roots: [root],
      onResult: (result) => results.push(result),
      isCancelled: () => options.isCancelled === true,
    });
    return results.sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  beforeEach(() => {
    mkdirSync(join(root, 'src'));
    for (const name of ['a', 'b', 'c'])
      writeFileSync(source(`${name}.go`), `package p\n\nvar ${name} = "ä ${name}"\n`);
  });

  it('are those that were parsed, of every file that did not change', async () => {
    const jobs = ['a.go', 'b.go', 'c.go'].map((name) => job(name));
    const first = await run(jobs);
    expect(parsed).toEqual(['a.go', 'b.go', 'c.go']);
    expect(started).toBe(1);
    const second = await run(jobs);
    expect(parsed).toEqual([]);
    expect(started).toBe(0);
    expect(second).toEqual(first);
    expect(second.map(({ packed }) => packed && unpack(packed).globals[0]?.name)).toEqual(['a', 'b', 'c']);

    writeFileSync(source('b.go'), 'package p\n\nvar other = 1\n');
    const third = await run(jobs);
    expect(parsed).toEqual(['b.go']);
    expect(third.map(({ packed }) => packed && unpack(packed).globals[0]?.name)).toEqual(['a', 'other', 'c']);
    await run(jobs);
    expect(parsed).toEqual([]);
  });

  it('are forgotten with a file that is gone', async () => {
    const jobs = ['a.go', 'b.go'].map((name) => job(name));
    await run(jobs);
    await run(jobs.slice(1));
    expect(parsed).toEqual([]);
    await run(jobs);
    expect(parsed).toEqual(['a.go']);
  });

  it('are parsed anew where a file is read for something else', async () => {
    await run([job('a.go'), job('b.go')]);
    const results = await run([job('a.go', { onlyForTests: true }), job('b.go')]);
    expect(parsed).toEqual(['a.go']);
    expect(results[0]?.passed).toBe('only-for-tests');
    await run([job('a.go', { onlyForTests: true }), job('b.go')]);
    expect(parsed).toEqual([]);
  });

  it('of a run that was cancelled are not kept', async () => {
    await run([job('a.go')], { isCancelled: true });
    await run([job('a.go')]);
    expect(parsed).toEqual(['a.go']);
  });

  it('are parsed anew where what was kept is broken', async () => {
    const jobs = ['a.go', 'b.go'].map((name) => job(name));
    const whole = await run(jobs);
    const [file] = readdirSync(join(root, 'cache'));
    const kept = join(root, 'cache', file as string);
    truncateSync(kept, statSync(kept).size - 3);
    expect(await run(jobs)).toEqual(whole);
    expect(parsed).toEqual(['a.go', 'b.go']);
    writeFileSync(kept, 'not what it was');
    expect(await run(jobs)).toEqual(whole);
    expect(parsed).toEqual(['a.go', 'b.go']);
    writeFileSync(kept, '');
    expect(await run(jobs)).toEqual(whole);
    expect(parsed).toEqual(['a.go', 'b.go']);
  });
});

describe('answers', () => {
  const data: CheckerData = {
    profile: 'default',
    only: undefined,
    explain: true,
    projects: [],
    root: '/shop',
  };
  const files = ['package a\n', 'package b\n'].map((content, i) =>
    pack(parser.extract(`/shop/${i}.go`, 'go', content), digestOf(content)),
  );
  const reply: CheckReply = { package: 'p', said: { findings: [], exemptions: [], notices: [] } };
  const task = { package: 'p' };
  const open = (more: Partial<CheckerData> = {}, texts: readonly string[] = ['module shop']) =>
    new AnswersCache(new CacheFolder(root, 'one'), ['/shop'], { ...data, ...more }, texts);

  beforeEach(() => {
    const answers = open();
    answers.add(files, task, reply);
    answers.save();
  });

  it('are found by the same question about the same files', () => {
    expect(open().find(files, task)).toEqual(reply);
    expect(open().find([...files].reverse(), task)).toEqual(reply);
  });

  it('are not found when anything they rest on is another', () => {
    expect(open().find(files, { package: 'q' })).toBeUndefined();
    expect(open().find(files.slice(1), task)).toBeUndefined();
    const changed = [
      { ...(files[0] as (typeof files)[0]), digest: digestOf('package other\n') },
      ...files.slice(1),
    ];
    expect(open().find(changed, task)).toBeUndefined();
    expect(open({}, ['module shop // renamed']).find(files, task)).toBeUndefined();
    expect(open({ profile: 'pedantic' }).find(files, task)).toBeUndefined();
    expect(open({ only: new Set(['go/unbounded-cache']) }).find(files, task)).toBeUndefined();
    const project = {
      file: '/shop/go.mod',
      dir: '/shop',
      kind: 'go',
      name: 'shop',
      goVersion: '1.22',
      dependencies: [],
    } as const;
    expect(open({ projects: [project] }).find(files, task)).toBeUndefined();
  });

  it('that nobody asked for again are forgotten', () => {
    const other = open();
    other.add(files, { package: 'q' }, reply);
    other.save();
    expect(open().find(files, task)).toBeUndefined();
    expect(open().find(files, { package: 'q' })).toEqual(reply);
  });
});
