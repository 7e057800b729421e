import type { SourceJob } from './read-source.ts';

/** Files to parse: what somebody waits for first, then large files before small ones. */
export class JobQueue {
  /** The next one last. */
  #jobs: SourceJob[];
  readonly #wanted: () => ReadonlySet<string>;
  #sortedFor: ReadonlySet<string> | undefined;
  readonly #suspects = new Set<string>();

  /** @param wanted files that come before all others; another set when those are others */
  constructor(jobs: readonly SourceJob[], wanted: () => ReadonlySet<string> = () => NONE) {
    this.#jobs = [...jobs].sort((a, b) => a.bytes - b.bytes || (a.file < b.file ? 1 : -1));
    this.#wanted = wanted;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** The next one, or undefined when none is left. */
  take(): SourceJob | undefined {
    this.#arrange();
    return this.#jobs.pop();
  }

  /** The next ones, at most so many; one under suspicion comes alone. */
  takeBatch(most: number): SourceJob[] {
    const batch: SourceJob[] = [];
    while (batch.length < most) {
      const job = this.take();
      if (!job) break;
      const isSuspect = this.#suspects.has(job.file);
      if (isSuspect && batch.length > 0) {
        this.giveBack([job]);
        break;
      }
      batch.push(job);
      if (isSuspect) break;
    }
    return batch;
  }

  /** One of these has killed its thread. */
  suspect(jobs: readonly SourceJob[]): void {
    for (const { file } of jobs) this.#suspects.add(file);
  }

  /** Puts back what was taken and not parsed; it comes next, in the order in which it was taken. */
  giveBack(jobs: readonly SourceJob[]): void {
    this.#jobs.push(...[...jobs].reverse());
  }

  #arrange(): void {
    const wanted = this.#wanted();
    if (wanted === this.#sortedFor) return;
    this.#sortedFor = wanted;
    const isWanted = (job: SourceJob) => wanted.has(job.file);
    this.#jobs = [...this.#jobs.filter((job) => !isWanted(job)), ...this.#jobs.filter(isWanted)];
  }
}

const NONE: ReadonlySet<string> = new Set();
