import { fileKind } from '../analysis/file-kind.ts';
import type { Notice } from '../core/finding.ts';
import { readTextFile } from './decode.ts';
import { type FileSystem, isAddress } from './file-system.ts';
import type { PackedFacts } from './packed-facts.ts';
import { readSource, type SourceJob } from './read-source.ts';
import { type ReadingRequest, readSources, type Tally, threadsFor } from './read-sources.ts';
import { turn } from './turn.ts';
import { walk } from './walk.ts';

/** Files after which whoever else has work gets a turn. */
const TURN = 64;

export interface ScanRequest extends ReadingRequest {
  /** Called when everything but the source files is in the workspace; they are read after it. */
  readonly onManifests?: () => Promise<void>;
}

export interface ScanResult {
  /** Files that were read. */
  readonly files: number;
  /** Their size on disk. */
  readonly bytes: number;
  readonly notices: readonly Notice[];
  /** The facts of the source files that were parsed in threads, for threads. */
  readonly packed: readonly PackedFacts[];
}

/** Reads everything below the roots into the workspace. What cannot be read becomes a notice. */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const tally: Tally = { files: 0, bytes: 0, notices: [] };
  const found = await find(request, tally);
  await request.onManifests?.();
  // Only now is it known which folders hold a crate.
  const onlyForTests = request.workspace.onlyForTests(found.map(({ file }) => file));
  const sources = found.map((job) => ({ ...job, onlyForTests: onlyForTests(job.file) }));
  const packed = await readSources(request, sources, tally);
  tally.notices.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  return { ...tally, packed };
}

/** Walks the roots: what is not source goes into the workspace, source files are given for reading later. */
async function find(request: ScanRequest, tally: Tally): Promise<Omit<SourceJob, 'onlyForTests'>[]> {
  const { workspace, fs } = request;
  const sources: Omit<SourceJob, 'onlyForTests'>[] = [];
  const notice = (n: Notice) => tally.notices.push(n);
  const filter = {
    excludesFolder: (folder: string) => workspace.configs.excludesFolder(folder),
    takes: (file: string) => workspace.configs.for(file).included,
  };
  let seen = 0;
  for (const { file, kind } of walk(fs, request.roots, filter, notice)) {
    if (++seen % TURN === 0) {
      await turn();
      if (request.isCancelled?.()) break;
    }
    if (kind === 'rust' || kind === 'go') {
      sources.push({ file, language: kind, bytes: sizeOf(fs, file) });
      // They start while this thread walks on; not where a package is read before all others, which they would be in the way of.
      if (!request.audience && !isAddress(file))
        request.threads?.start(threadsFor(request, sources.length), request.roots);
      continue;
    }
    const { text, bytes, problem } = readTextFile(fs, file);
    if (problem !== undefined) notice({ file, message: problem });
    if (text === undefined) continue;
    if (kind === 'manifest') {
      tally.files++;
      tally.bytes += bytes;
    }
    workspace.setText(file, text);
  }
  return sources;
}

/** Reads one file anew after it changed on disk, or forgets it when it is gone. */
export async function reread(request: Omit<ScanRequest, 'roots'>, file: string): Promise<readonly Notice[]> {
  const { workspace, fs } = request;
  const kind = fileKind(file);
  if (kind === undefined) return [];
  if (fs.kind(file) !== 'file') {
    workspace.remove(file);
    return [];
  }
  if (kind === 'rust' || kind === 'go') {
    const result = readSource(fs, await request.engine(), {
      file,
      language: kind,
      bytes: 0,
      onlyForTests: workspace.onlyForTests()(file),
    });
    if (result.facts) workspace.setFacts(result.facts, () => readTextFile(fs, file).text ?? '');
    else workspace.remove(file);
    return result.notices;
  }
  const { text, problem } = readTextFile(fs, file);
  if (text === undefined) workspace.remove(file);
  else workspace.setText(file, text);
  return problem === undefined ? [] : [{ file, message: problem }];
}

/** Bytes of a file; 0 where the disk does not say, which is reported when the file is read. */
function sizeOf(fs: FileSystem, file: string): number {
  try {
    return fs.size(file);
  } catch {
    return 0;
  }
}
