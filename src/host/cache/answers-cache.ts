import { deserialize, serialize } from 'node:v8';
import type { Answers } from '../known-answers.ts';
import type { PackedFacts } from '../packed-facts.ts';
import type { CheckerData, CheckReply, CheckTask } from '../program-checker.ts';
import type { CacheFolder } from './cache-folder.ts';
import { digestOf } from './digest.ts';

/**
 * What checkers answered in the last run over the same roots. A question is known by everything that its answer depends
 * on, so that an answer holds as long as it is found.
 */
export class AnswersCache implements Answers {
  readonly #folder: CacheFolder;
  readonly #name: string;
  /** What all programs are made with, besides their files. */
  readonly #common: string;
  readonly #before: ReadonlyMap<string, CheckReply>;
  readonly #now = new Map<string, CheckReply>();
  /** Of the programs of a neighbourhood. */
  readonly #digests = new WeakMap<readonly PackedFacts[], string>();

  /** @param texts of the files that `data` was read from: a fix may edit them */
  constructor(folder: CacheFolder, roots: readonly string[], data: CheckerData, texts: readonly string[]) {
    this.#folder = folder;
    this.#name = `answers ${digestOf(serialize([data.profile, data.only, data.explain, [...roots].sort()]))}`;
    this.#common = digestOf(serialize([data, texts]));
    this.#before = read(folder, this.#name);
  }

  find(files: readonly PackedFacts[], task: CheckTask): CheckReply | undefined {
    const question = this.#question(files, task);
    const reply = this.#before.get(question);
    if (reply) this.#now.set(question, reply);
    return reply;
  }

  add(files: readonly PackedFacts[], task: CheckTask, reply: CheckReply): void {
    this.#now.set(this.#question(files, task), reply);
  }

  save(): void {
    const isSame =
      this.#now.size === this.#before.size && [...this.#now.keys()].every((q) => this.#before.has(q));
    if (!isSame) this.#folder.write(this.#name, [serialize(this.#now)]);
  }

  #question(files: readonly PackedFacts[], task: CheckTask): string {
    let digest = this.#digests.get(files);
    if (digest === undefined) {
      const all = files.map(({ head, digest }) => `${head.file}\n${digest}\n`).sort();
      digest = digestOf(this.#common, ...all);
      this.#digests.set(files, digest);
    }
    return digestOf(digest, serialize(task));
  }
}

function read(folder: CacheFolder, name: string): Map<string, CheckReply> {
  const bytes = folder.read(name);
  try {
    // A copy: what threads share is not deserialised.
    return bytes ? deserialize(Uint8Array.from(bytes)) : new Map();
  } catch {
    return new Map();
  }
}
