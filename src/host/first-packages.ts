import { mayLetIn } from '../program/phases/handlers.ts';
import { packageFolder } from '../program/program.ts';
import type { Project } from '../program/project.ts';
import type { SourceJob } from './read-source.ts';

/** Whoever wants to hear of a package before all is read. */
export interface Audience {
  /** Source files that a person has in front of them; another array when those are others. */
  files(): readonly string[];
  /** Nobody was told anything yet. */
  isSilent(): boolean;
  /** Called once for each of the packages, when all its files are in the workspace. */
  onRead(files: readonly string[]): Promise<void>;
}

/** Bytes of source that are read before all others; more is for all threads together. */
const MOST = 2 ** 20;

/** Milliseconds for whoever is told of a package, and for all packages that nobody looks at. */
const PATIENCE = 1000;

/** Milliseconds to look for packages that are worth a look. */
const SEARCH = 200;

/**
 * The packages that are read before all others: those of files a person has in front of them; where nobody has one, small
 * ones, of which many are whole soon, those in which strangers come in before others, until there is something to say.
 */
export class FirstPackages {
  readonly #folderOf = new Map<string, string>();
  /** What is to be read of each package. */
  readonly #jobs = new Map<string, SourceJob[]>();
  readonly #unread = new Map<string, number>();
  readonly #shown: () => readonly string[];
  readonly #isSilent: () => boolean;
  readonly #peek: (file: string) => string | undefined;
  readonly #onRead: (files: readonly string[]) => Promise<void>;
  readonly #hearing: Promise<void>[] = [];
  readonly #told = new Set<string>();
  #wantedFor: readonly string[] | undefined;
  #wanted: ReadonlySet<string> = new Set();

  /** @param peek gives the text of a file where that costs little */
  constructor(
    jobs: readonly SourceJob[],
    projects: readonly Project[],
    { files, isSilent, onRead }: Audience,
    peek: (file: string) => string | undefined,
  ) {
    this.#peek = peek;
    this.#shown = files;
    this.#isSilent = isSilent;
    this.#onRead = onRead;
    const folder = packageFolder(projects);
    for (const job of jobs) {
      if (job.onlyForTests) continue;
      const key = `${job.language} ${folder(job)}`;
      this.#folderOf.set(job.file, key);
      const others = this.#jobs.get(key);
      if (others) others.push(job);
      else this.#jobs.set(key, [job]);
      this.#unread.set(key, (this.#unread.get(key) ?? 0) + 1);
    }
  }

  /**
   * Gives what is to be read first, in parts. Whoever reads a part says so of each file; before the next part, those who
   * were told of it have done what they do with it, or their time is over.
   */
  async *parts(): AsyncGenerator<readonly SourceJob[]> {
    const shown = this.#keys(this.#shown()).flatMap((key) => this.#jobs.get(key) ?? []);
    if (shown.length > 0) {
      if (bytesOf(shown) > MOST) return;
      yield shown;
      await this.#heard();
      return;
    }
    const end = performance.now() + PATIENCE;
    let bytes = 0;
    for (const [key, jobs] of this.#small()) {
      bytes += bytesOf(jobs);
      if (bytes > MOST || performance.now() > end || !this.#isSilent() || this.#shown().length > 0) return;
      yield jobs;
      this.#tell([key]);
      await this.#heard();
    }
  }

  /** Packages, small ones first: those in which strangers come in, as far as they are found in time, then the others. */
  #small(): (readonly [string, readonly SourceJob[]])[] {
    if (!this.#isSilent()) return [];
    const end = performance.now() + SEARCH;
    const isEntrance = ({ file }: SourceJob) => performance.now() < end && mayLetIn(this.#peek(file) ?? '');
    const small = [...this.#jobs].sort(([, a], [, b]) => bytesOf(a) - bytesOf(b));
    const first = new Set(small.filter(([, jobs]) => bytesOf(jobs) <= MOST && jobs.some(isEntrance)));
    return [...first, ...small.filter((one) => !first.has(one))];
  }

  /** The files of these packages; another set when those are others. */
  wanted(): ReadonlySet<string> {
    const shown = this.#shown();
    if (shown !== this.#wantedFor) {
      this.#wantedFor = shown;
      this.#wanted = new Set(this.#keys(shown).flatMap((key) => this.#filesOf(key)));
      this.#tell(this.#keys(shown));
    }
    return this.#wanted;
  }

  /** Notes that a file was read, or that it cannot be. */
  read(file: string): void {
    const key = this.#folderOf.get(file);
    if (key === undefined) return;
    this.#unread.set(key, (this.#unread.get(key) ?? 0) - 1);
    this.#tell(this.#keys(this.#shown()));
  }

  /**
   * Resolves when those who were told so far have done what they do with it, or when their time is over: somebody who
   * types makes them begin anew.
   */
  async #heard(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    await Promise.race([Promise.all(this.#hearing), over]);
    clearTimeout(timer);
  }

  #keys(files: readonly string[]): string[] {
    return [...new Set(files.flatMap((file) => this.#folderOf.get(file) ?? []))];
  }

  #filesOf(key: string): string[] {
    return (this.#jobs.get(key) ?? []).map(({ file }) => file);
  }

  #tell(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#unread.get(key) !== 0 || this.#told.has(key)) continue;
      this.#told.add(key);
      this.#hearing.push(this.#onRead(this.#filesOf(key)));
    }
  }
}

function bytesOf(jobs: readonly SourceJob[]): number {
  return jobs.reduce((sum, job) => sum + job.bytes, 0);
}
