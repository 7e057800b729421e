import type { SettingSchema } from '../analysis/config-complete.ts';
import { fileKind } from '../analysis/file-kind.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { type FileSystem, isAddress } from './file-system.ts';
import { IGNORE_FILES } from './ignore-files.ts';
import { type Helpers, isCode, LiveWorkspace, type ScanWatch } from './live-workspace.ts';
import { besideDisk, MirrorFileSystem } from './mirror-file-system.ts';

/** Who can read the files of folders that lie on no disk. */
export interface FileReader {
  /** The files below folders. */
  list(folders: readonly string[]): Promise<readonly string[]>;
  /** Their content; files that are not there are missing. */
  read(files: readonly string[]): Promise<readonly GivenFile[]>;
}

/** Files asked for at once. */
const BATCH = 100;

export interface GivenFile {
  readonly file: string;
  readonly content: Uint8Array;
}

/** A disk, and what it has to offer. */
export interface Disk extends Helpers {
  readonly fs: FileSystem;
}

/**
 * A workspace with folders on no disk, in a browser or on a desktop that shows a folder of somewhere else: somebody
 * else reads those files and hands them over, the manifests first.
 */
export class MirroredWorkspace extends LiveWorkspace {
  readonly #mirror: MirrorFileSystem;
  readonly #reader: FileReader;
  readonly #isMirrored: (path: string) => boolean;

  /** @param disk holds everything that is not named by an address; a browser has none */
  constructor(
    parser: SourceParser,
    readSchema: () => SettingSchema | undefined,
    reader: FileReader,
    disk?: Disk,
  ) {
    const mirror = new MirrorFileSystem();
    super(disk ? besideDisk(disk.fs, mirror) : mirror, parser, readSchema, disk);
    this.#mirror = mirror;
    this.#reader = reader;
    this.#isMirrored = disk ? isAddress : () => true;
  }

  override async scan(folders: readonly string[], watch: ScanWatch): Promise<void> {
    const mirrored = folders.filter(this.#isMirrored);
    const files = mirrored.length > 0 ? (await this.#reader.list(mirrored)).filter(isWanted) : [];
    this.#mirror.keep(files);
    const first = files.filter((file) => !isSource(file));
    for (let i = 0; i < first.length && !watch.isCancelled(); i += BATCH)
      await this.fetch(first.slice(i, i + BATCH));
    await super.scan(folders, watch);
  }

  protected override async fetch(files: readonly string[]): Promise<void> {
    const wanted = files.filter(this.#isMirrored);
    if (wanted.length === 0) return;
    const given = new Map((await this.#reader.read(wanted)).map(({ file, content }) => [file, content]));
    for (const file of wanted) this.#mirror.set(file, given.get(file));
  }

  override async reload(files: readonly string[]): Promise<void> {
    await this.fetch(files);
    await super.reload(files);
  }
}

function isSource(file: string): boolean {
  return fileKind(file) !== undefined && isCode(file);
}

function isWanted(file: string): boolean {
  return fileKind(file) !== undefined || IGNORE_FILES.includes(file.slice(file.lastIndexOf('/') + 1));
}
