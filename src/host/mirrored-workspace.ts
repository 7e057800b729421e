import type { SettingSchema } from '../analysis/config-complete.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { LiveWorkspace, type ScanWatch } from './live-workspace.ts';
import { MirrorFileSystem } from './mirror-file-system.ts';

/** Who can read the files of a workspace that has no disk. */
export interface FileReader {
  /** All files Headroom reads below folders. */
  below(folders: readonly string[]): Promise<readonly GivenFile[]>;
  /** Just these files; those that are not there are missing. */
  of(files: readonly string[]): Promise<readonly GivenFile[]>;
}

export interface GivenFile {
  readonly file: string;
  readonly content: Uint8Array;
}

/** A workspace without a disk: somebody else reads the files and hands them over. */
export class MirroredWorkspace extends LiveWorkspace {
  readonly #mirror: MirrorFileSystem;
  readonly #reader: FileReader;

  constructor(parser: SourceParser, schema: SettingSchema | undefined, reader: FileReader) {
    const mirror = new MirrorFileSystem();
    super(mirror, parser, () => schema);
    this.#mirror = mirror;
    this.#reader = reader;
  }

  override async scan(folders: readonly string[], watch: ScanWatch): Promise<void> {
    const given = await this.#reader.below(folders);
    if (watch.isCancelled()) return;
    this.#mirror.clear();
    for (const { file, content } of given) this.#mirror.set(file, content);
    await super.scan(folders, watch);
  }

  override async reload(files: readonly string[]): Promise<void> {
    const given = new Map((await this.#reader.of(files)).map(({ file, content }) => [file, content]));
    for (const file of files) this.#mirror.set(file, given.get(file));
    await super.reload(files);
  }
}
