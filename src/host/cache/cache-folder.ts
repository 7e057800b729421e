import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { digestOf } from './digest.ts';

/** Bytes that all that is kept may take. What was not used for the longest time goes first. */
const MOST = 512 * 2 ** 20;

/** Milliseconds after which a draft belongs to nobody any more. */
const ABANDONED = 3_600_000;

/** A name for the parser, the grammars and the rules of this build; a development run, which is not built, has none. */
declare const HEADROOM_BUILD: string | undefined;

/**
 * A folder in which this user's runs leave each other what they have computed. It is never needed: what is missing,
 * broken or of another build is computed anew, and where nothing can be written nothing is kept.
 */
export class CacheFolder {
  readonly #folder: string;
  readonly #most: number;
  /** Of the running build; a name is looked for with it, so that another build's work is never taken. */
  readonly #build: string;

  /** @param most bytes that all files together may take */
  constructor(folder: string, build: string, most = MOST) {
    this.#folder = folder;
    this.#build = build;
    this.#most = most;
  }

  /** The folder for caches of this user, or the one that `HEADROOM_CACHE_DIR` names; undefined in a development run. */
  static ofUser(env: Readonly<Record<string, string | undefined>> = process.env): CacheFolder | undefined {
    if (typeof HEADROOM_BUILD === 'undefined') return undefined;
    const folder = env.HEADROOM_CACHE_DIR || envPaths('headroom', { suffix: '' }).cache;
    // What is written in the form of one version of the engine may not be read by another.
    return new CacheFolder(folder, `${HEADROOM_BUILD} ${process.versions.v8}`);
  }

  /** No run has left anything, of whatever roots. */
  isEmpty(): boolean {
    try {
      return readdirSync(this.#folder).length === 0;
    } catch {
      return true;
    }
  }

  /** The content of a name, in memory that threads share. */
  read(name: string): Uint8Array | undefined {
    const file = this.#path(name);
    let handle: number | undefined;
    try {
      handle = openSync(file, 'r');
      const { size } = fstatSync(handle);
      const bytes = new Uint8Array(new SharedArrayBuffer(size));
      for (let at = 0; at < size; ) {
        const read = readSync(handle, bytes, at, size - at, at);
        if (read === 0) return undefined;
        at += read;
      }
      const now = new Date();
      utimesSync(file, now, now);
      return bytes;
    } catch {
      return undefined;
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }

  /** Keeps content under a name; whoever reads meanwhile gets the former or the new one, never a part. */
  write(name: string, parts: readonly Uint8Array[]): void {
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (bytes > this.#most) return;
    const file = this.#path(name);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#makeRoom(bytes, file);
      replace(file, parts);
    } catch {
      // It is computed anew the next time.
    }
  }

  #path(name: string): string {
    return join(this.#folder, digestOf(this.#build, name));
  }

  /** @param replaced goes in any case */
  #makeRoom(bytes: number, replaced: string): void {
    const files = readdirSync(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() && path !== replaced ? [{ path, bytes: stats.size, used: stats.mtimeMs }] : [];
    });
    let all = bytes + files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.used - b.used)) {
      const isAbandoned = file.path.endsWith('.tmp') && Date.now() - file.used > ABANDONED;
      if (all <= this.#most && !isAbandoned) continue;
      rmSync(file.path, { force: true });
      all -= file.bytes;
    }
  }
}

/** Parts that the system takes at once. */
const AT_ONCE = 512;

/** @throws when the disk does not take all of it; then nothing has changed */
function replace(file: string, parts: readonly Uint8Array[]): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    try {
      for (let i = 0; i < parts.length; i += AT_ONCE) {
        const some = parts.slice(i, i + AT_ONCE);
        const expected = some.reduce((sum, part) => sum + part.byteLength, 0);
        // A full disk takes a part and says no more.
        if (writevSync(handle, some) !== expected) throw new Error('the disk took a part');
      }
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
