import type { SettingSchema } from '../analysis/config-complete.ts';
import { fileKind } from '../analysis/file-kind.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { IGNORE_FILES } from './ignore-files.ts';
import { LiveWorkspace, type ScanWatch } from './live-workspace.ts';
import { MirrorFileSystem } from './mirror-file-system.ts';

/** Who can read the files of a workspace that has no disk. */
export interface FileReader {
  /** The files below folders. */
  list(folders: readonly string[]): Promise<readonly string[]>;
  /** Their content; files that are not there are missing. */
  read(files: readonly string[]): Promise<readonly GivenFile[]>;
}

/** Files asked for at once: enough that asking costs little, few enough that progress is seen. */
const BATCH = 100;

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
    const files = (await this.#reader.list(folders)).filter(isWanted);
    const given: GivenFile[] = [];
    for (let i = 0; i < files.length; i += BATCH) {
      if (watch.isCancelled()) return;
      watch.progress(i, 2 * files.length);
      given.push(...(await this.#reader.read(files.slice(i, i + BATCH))));
    }
    this.#mirror.clear();
    for (const { file, content } of given) this.#mirror.set(file, content);
    await super.scan(folders, {
      // To read was the first half.
      progress: (done, total) => watch.progress(total + done, 2 * total),
      isCancelled: () => watch.isCancelled(),
    });
  }

  override async reload(files: readonly string[]): Promise<void> {
    const given = new Map((await this.#reader.read(files)).map(({ file, content }) => [file, content]));
    for (const file of files) this.#mirror.set(file, given.get(file));
    await super.reload(files);
  }
}

function isWanted(file: string): boolean {
  return fileKind(file) !== undefined || IGNORE_FILES.includes(file.slice(file.lastIndexOf('/') + 1));
}
