import { packageFolder } from '../program/program.ts';
import type { Project } from '../program/project.ts';
import type { SourceJob } from './read-source.ts';

/** The packages of files that a person has in front of them, while the workspace is read. */
export class ShownPackages {
  readonly #folderOf = new Map<string, string>();
  /** The files of each package's folder. */
  readonly #files = new Map<string, string[]>();
  readonly #unread = new Map<string, number>();
  readonly #shown: () => readonly string[];
  readonly #onRead: (files: readonly string[]) => Promise<void>;
  readonly #hearing: Promise<void>[] = [];
  readonly #told = new Set<string>();
  #wantedFor: readonly string[] | undefined;
  #wanted: ReadonlySet<string> = new Set();

  /**
   * @param shown the files; another array when those are others
   * @param onRead called once for each package in which one of them lies, when all of it was read
   */
  constructor(
    jobs: readonly SourceJob[],
    projects: readonly Project[],
    shown: () => readonly string[],
    onRead: (files: readonly string[]) => Promise<void>,
  ) {
    this.#shown = shown;
    this.#onRead = onRead;
    const folder = packageFolder(projects);
    for (const job of jobs) {
      if (job.onlyForTests) continue;
      const key = `${job.language} ${folder(job)}`;
      this.#folderOf.set(job.file, key);
      const files = this.#files.get(key);
      if (files) files.push(job.file);
      else this.#files.set(key, [job.file]);
      this.#unread.set(key, (this.#unread.get(key) ?? 0) + 1);
    }
  }

  /** The files of these packages; another set when those are others. */
  wanted(): ReadonlySet<string> {
    const shown = this.#shown();
    if (shown !== this.#wantedFor) {
      this.#wantedFor = shown;
      this.#wanted = new Set(this.#keys(shown).flatMap((key) => this.#files.get(key) ?? []));
      this.#tell();
    }
    return this.#wanted;
  }

  /** Notes that a file was read, or that it cannot be. */
  read(file: string): void {
    const key = this.#folderOf.get(file);
    if (key === undefined) return;
    this.#unread.set(key, (this.#unread.get(key) ?? 0) - 1);
    this.#tell();
  }

  /**
   * Resolves when those who were told so far have done what they do with it, or after so many milliseconds: somebody who
   * types makes them begin anew.
   */
  async heard(patience: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([Promise.all(this.#hearing), over]);
    clearTimeout(timer);
  }

  #keys(shown: readonly string[]): string[] {
    return [...new Set(shown.flatMap((file) => this.#folderOf.get(file) ?? []))];
  }

  #tell(): void {
    for (const key of this.#keys(this.#shown())) {
      if (this.#unread.get(key) !== 0 || this.#told.has(key)) continue;
      this.#told.add(key);
      this.#hearing.push(this.#onRead(this.#files.get(key) ?? []));
    }
  }
}
