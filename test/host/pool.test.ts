import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParserThread } from '../../src/host/parser-thread.ts';
import { type PoolOptions, runPool } from '../../src/host/pool.ts';
import type { ThreadResult } from '../../src/host/read-sources.ts';

/** A worker that does to a file what its name says. */
const WORKER = `
const { parentPort, threadId } = require('node:worker_threads');
parentPort.on('message', (jobs) => {
  let results = [];
  const tell = (memory) => parentPort.postMessage({ results: results.splice(0), memory });
  for (const { file } of jobs) {
    if (file.startsWith('crash')) process.exit(3);
    if (file.startsWith('throw')) throw new Error('it broke');
    if (file.startsWith('hang')) for (;;);
    results.push({ file, bytes: threadId, notices: [] });
    if (file.startsWith('hungry')) tell(2 ** 30);
  }
  tell(0);
});
parentPort.postMessage('ready');
`;

let folder: string;
const entry = (text: string) => {
  const file = join(folder, 'worker.cjs');
  writeFileSync(file, text);
  return file;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function parse(files: readonly string[], options: Partial<PoolOptions> = {}): Promise<ThreadResult[]> {
  const results: ThreadResult[] = [];
  await runPool({
    jobs: files.map((file) => ({ file, language: 'go', bytes: 1, onlyForTests: false })),
    workers: 2,
    entry: options.entry ?? entry(WORKER),
    onResult: (r) => results.push(r),
    ...options,
  });
  return results.sort((a, b) => (a.file < b.file ? -1 : 1));
}

const many = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

describe('the pool', () => {
  it('answers for every file once', async () => {
    const files = many('f', 100);
    expect((await parse(files)).map((r) => r.file)).toEqual([...files].sort());
  });

  it('names the file that killed or threw in a thread, and reads the others', async () => {
    const files = [...many('a', 20), 'crash1', 'throw1', 'crash2', ...many('z', 20)];
    const results = await parse(files);
    expect(results.map((r) => r.file)).toEqual([...files].sort());
    const told = results.filter((r) => r.notices.length > 0);
    expect(told.map((r) => r.file)).toEqual(['crash1', 'crash2', 'throw1']);
    expect(told[2]?.notices[0]?.message).toBe(
      'could not be analysed and was left out (it broke). Leave it out with `exclude` in headroom.yaml, and please report it',
    );
  });

  it('gives up a file that hangs', async () => {
    const results = await parse(['a', 'hang', 'z'], { fileTimeout: 300 });
    expect(results.map((r) => [r.file, r.notices.length])).toEqual([
      ['a', 0],
      ['hang', 1],
      ['z', 0],
    ]);
    expect(results[1]?.notices[0]?.message).toContain('took longer than 0.3 s');
  });

  it('replaces a thread whose parser holds too much', async () => {
    const results = await parse(['hungry1', 'hungry2', 'hungry3'], { workers: 1 });
    expect(new Set(results.map((r) => r.bytes)).size).toBe(3);
  });

  it('takes threads that were started before, and ends those there is nothing to do for', async () => {
    const worker = entry(WORKER);
    const { threadId } = new Worker('', { eval: true });
    const started = [1, 2, 3].map(() => new ParserThread(worker));
    // What they say until somebody listens is not lost.
    await new Promise((next) => setTimeout(next, 300));
    const results = await parse(many('f', 40), { entry: worker, started });
    expect(results).toHaveLength(40);
    // Threads are counted: none but these has read anything.
    expect(results.every(({ bytes }) => bytes > threadId && bytes <= threadId + 3)).toBe(true);
    const answers: unknown[] = [];
    for (const thread of started) {
      thread.listen((event) => {
        if (!('reply' in event && event.reply === 'ready')) answers.push(event);
      });
      thread.send([{ file: 'late', language: 'go', bytes: 1, onlyForTests: false }]);
    }
    await new Promise((next) => setTimeout(next, 300));
    expect(answers).toEqual([]);
  });

  it('stops when asked to', async () => {
    let seen = 0;
    const results = await parse(many('f', 500), { onResult: () => seen++, isCancelled: () => seen >= 10 });
    expect(results).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(10);
    expect(seen).toBeLessThan(100);
  });

  it('fails when a thread cannot start', async () => {
    await expect(parse(['a'], { entry: entry('throw new Error("no grammar")') })).rejects.toThrow(
      'no grammar',
    );
  });
});
