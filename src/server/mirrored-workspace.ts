import type { SettingSchema } from '../analysis/config-complete.ts';
import { LiveWorkspace, type ScanWatch } from '../host/live-workspace.ts';
import { MirrorFileSystem } from '../host/mirror-file-system.ts';
import type { SourceParser } from '../syntax/parser.ts';
import type { MirroredFile, MirrorQuery } from './protocol.ts';
import { fileOf, uriOf } from './uris.ts';

/** Asks the client for files. */
export type AskForFiles = (query: MirrorQuery) => Promise<readonly MirroredFile[]>;

/** A workspace without a disk: the client reads the files and hands them over. */
export class MirroredWorkspace extends LiveWorkspace {
  readonly #mirror: MirrorFileSystem;
  readonly #ask: AskForFiles;

  constructor(parser: SourceParser, schema: SettingSchema | undefined, ask: AskForFiles) {
    const mirror = new MirrorFileSystem();
    super(mirror, parser, () => schema);
    this.#mirror = mirror;
    this.#ask = ask;
  }

  override async scan(folders: readonly string[], watch: ScanWatch): Promise<void> {
    const files = await this.#ask({ folders: folders.map(uriOf) });
    if (watch.isCancelled()) return;
    this.#mirror.clear();
    for (const { uri, content } of files) this.#mirror.set(fileOf(uri), content);
    await super.scan(folders, watch);
  }

  override async reload(files: readonly string[]): Promise<void> {
    const read = new Map(
      (await this.#ask({ files: files.map(uriOf) })).map(({ uri, content }) => [fileOf(uri), content]),
    );
    for (const file of files) this.#mirror.set(file, read.get(file));
    await super.reload(files);
  }
}
