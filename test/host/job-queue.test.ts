import { expect, test } from 'vitest';
import { JobQueue } from '../../src/host/job-queue.ts';
import type { SourceJob } from '../../src/host/read-source.ts';

const job = (file: string, bytes: number): SourceJob => ({
  file,
  bytes,
  language: 'go',
  onlyForTests: false,
});
const all = (queue: JobQueue) => {
  const names: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) names.push(next.file);
  return names;
};
const jobs = [job('b', 1), job('c', 9), job('a', 1), job('d', 5)];

test('large files come first, those of one size by name', () => {
  expect(all(new JobQueue(jobs))).toEqual(['c', 'd', 'a', 'b']);
});

test('what is wanted comes before, also when it is wanted later', () => {
  let wanted = new Set(['b']);
  const queue = new JobQueue(jobs, () => wanted);
  expect(queue.take()?.file).toBe('b');
  expect(queue.take()?.file).toBe('c');
  wanted = new Set(['a']);
  expect(all(queue)).toEqual(['a', 'd']);
});

test('what is given back comes next', () => {
  const queue = new JobQueue(jobs);
  const taken = [queue.take(), queue.take()].filter((taken) => taken !== undefined);
  queue.giveBack(taken);
  expect(queue.length).toBe(4);
  expect(all(queue)).toEqual(['c', 'd', 'a', 'b']);
});

test('one of those that killed a thread comes alone', () => {
  const queue = new JobQueue(jobs);
  const batch = queue.takeBatch(2);
  queue.suspect(batch.slice(1));
  queue.giveBack(batch);
  const batches = [1, 2, 3].map(() => queue.takeBatch(8).map(({ file }) => file));
  expect(batches).toEqual([['c'], ['d'], ['a', 'b']]);
  expect(queue.takeBatch(8)).toEqual([]);
});
