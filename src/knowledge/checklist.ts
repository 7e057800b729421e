/** The questions of the review: when the answer is yes, and how to find out where no code can tell. */

import type { ChapterId } from './handbook.ts';

export type QuestionId =
  | 'stable'
  | 'caches'
  | 'concurrency'
  | 'limit'
  | 'runtime'
  | 'reserved'
  | 'streamed'
  | 'autoscaling'
  | 'measured';

export interface Question {
  /** Yes is the good answer to each of them. */
  readonly question: string;
  /** In a word or two, for lists. */
  readonly short: string;
  /** What to do to be sure, one sentence without its full stop. */
  readonly findOut: string;
  /** The chapter of the handbook that says more. */
  readonly chapter: ChapterId;
  /** Only of programs in this language. */
  readonly language?: 'go';
}

/** In the order they are asked, as on `docs/handbook/checklist.md`. */
export const questions: Readonly<Record<QuestionId, Question>> = {
  stable: {
    question: 'Does memory stabilise after start-up?',
    short: 'stable after start-up',
    findOut:
      'Run it for hours at a steady load with new keys and compare `memory.peak` of the first hour with that of the last: equal is stable, a slope is growth',
    chapter: 'load-testing-for-spikes',
  },
  caches: {
    question: 'Are caches bounded?',
    short: 'caches bounded',
    findOut:
      'Give each cache, map and queue that outlives a request a number of entries or bytes; `headroom explain FILE:LINE` says why Headroom is silent about one',
    chapter: 'stable-by-design',
  },
  concurrency: {
    question: 'Are threads, tasks and goroutines bounded?',
    short: 'concurrency bounded',
    findOut:
      'Go from idle to several times the normal load within a second and count threads or goroutines while it lasts',
    chapter: 'load-testing-for-spikes',
  },
  limit: {
    question: 'Is the limit above the peak by 20–30 %, and not derived from an average?',
    short: 'limit above the peak',
    findOut:
      'Start a fresh container, read `memory.peak` when it is ready and after a full cycle of traffic: the limit is the larger of both plus 20–30 %. Peaks kill pods, averages do not',
    chapter: 'sizing-limits',
  },
  runtime: {
    question: 'Does the runtime know the limit?',
    short: 'runtime knows the limit',
    findOut:
      'Go does not read the memory limit of its container: set `GOMEMLIMIT` to about 90 % of it and less what other memory the container holds',
    chapter: 'sizing-limits',
    language: 'go',
  },
  reserved: {
    question: 'Do we tell reserved from used?',
    short: 'reserved set apart',
    findOut:
      'Size by `memory.current` or the working set, never by `VmSize`, stack sizes or capacities: what is only reserved is never charged to the container',
    chapter: 'rss-heap-and-allocator',
  },
  streamed: {
    question: 'Is data streamed?',
    short: 'data streamed',
    findOut:
      'Send the largest body, file or batch that the service accepts, several at once, to a fresh container and read `memory.peak`',
    chapter: 'load-testing-for-spikes',
  },
  autoscaling: {
    question: 'Does autoscaling leave start-up out of its signal?',
    short: 'scaling by load',
    findOut:
      'Look at what the autoscaler of this workload follows: memory seldom falls, and new replicas are at the peak of their start while the average is taken',
    chapter: 'autoscaling',
  },
  measured: {
    question: 'Was it measured under a burst, and for long enough?',
    short: 'measured under a burst',
    findOut:
      'Run five loads against one replica (cold start, burst, large input, slow consumers, long run), read `memory.peak` after each, and a week of production after that',
    chapter: 'load-testing-for-spikes',
  },
};
