import type { CheckResult, Workspace } from '../analysis/workspace.ts';
import { applyEdits } from '../core/edits.ts';
import type { Edit, Finding, Notice } from '../core/finding.ts';
import { overlaps } from '../core/span.ts';
import { readTextFile } from '../host/decode.ts';
import { type FileSystem, readProblem } from '../host/file-system.ts';
import { reread } from '../host/scan.ts';
import type { SourceParser } from '../syntax/parser.ts';

/** A fix may make room for another one; more rounds than this mean that fixes undo each other. */
const MAX_ROUNDS = 10;

export interface Applied {
  /** What is left afterwards. */
  readonly result: CheckResult;
  /** Number of fixes applied. */
  readonly applied: number;
  /** Files that were written. */
  readonly files: readonly string[];
  readonly notices: readonly Notice[];
}

/**
 * Applies every machine-applicable fix to the files on disk, checks again, and goes on until there is none left.
 * Fixes that overlap wait for the next round. A file that cannot be written keeps its text and gets a notice.
 */
export async function applyFixes(
  workspace: Workspace,
  fs: FileSystem,
  engine: () => Promise<SourceParser>,
  first: CheckResult,
): Promise<Applied> {
  let result = first;
  let applied = 0;
  const files = new Set<string>();
  const notices = new Map<string, Notice>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { edits, fixes } = choose(result.findings, (file) => notices.has(file));
    if (fixes === 0) break;
    let written = 0;
    for (const [file, list] of edits) {
      const problem = writeEdits(workspace, fs, file, list);
      if (problem !== undefined) {
        notices.set(file, { file, message: problem });
        continue;
      }
      written++;
      files.add(file);
      for (const notice of await reread({ workspace, fs, engine }, file)) notices.set(file, notice);
    }
    if (written === 0) break;
    applied += fixes;
    result = workspace.check();
  }
  return { result, applied, files: [...files].sort(), notices: [...notices.values()] };
}

/** The first machine-applicable fix of each finding, as far as they do not overlap. */
function choose(
  findings: readonly Finding[],
  isLocked: (file: string) => boolean,
): { readonly edits: ReadonlyMap<string, Edit[]>; readonly fixes: number } {
  const edits = new Map<string, Edit[]>();
  let fixes = 0;
  for (const finding of findings) {
    const fix = finding.fixes.find((f) => f.applicability === 'machine-applicable');
    const own = fix?.edits() ?? [];
    if (own.length === 0) continue;
    const clashes = own.some(
      (e) => isLocked(e.file) || edits.get(e.file)?.some((other) => overlaps(other.span, e.span)),
    );
    if (clashes) continue;
    fixes++;
    for (const e of own) edits.set(e.file, [...(edits.get(e.file) ?? []), e]);
  }
  return { edits, fixes };
}

/** Writes edits of the text that a workspace holds to its file; answers what went wrong. */
export function writeEdits(
  workspace: Workspace,
  fs: FileSystem,
  file: string,
  edits: readonly Edit[],
): string | undefined {
  const { text, bom, problem } = readTextFile(fs, file);
  if (text === undefined || problem !== undefined) return `was not fixed: it ${problem ?? 'has no text'}`;
  if (text !== workspace.text(file)) return 'was not fixed: it changed while it was being checked. Run again';
  try {
    fs.replace(file, Buffer.from(`${bom ? '\ufeff' : ''}${applyEdits(text, edits)}`, 'utf8'));
    return undefined;
  } catch (error) {
    return `was not fixed: it ${readProblem(error).replace('read', 'written')}`;
  }
}
