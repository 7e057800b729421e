import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { FileSystem } from '../host/file-system.ts';
import { readProblem } from '../host/file-system.ts';

const run = promisify(execFile);

/** Enough for the list of files of very large repositories. */
const MAX_OUTPUT = 2 ** 29;

/**
 * Tells which files differ from what they were where the present branch left `revision`.
 *
 * git is only asked for names and hashes of what it keeps; the files are hashed here. `git diff` and `git status` would
 * run filters and monitors that the repository's own configuration names, and nothing from a workspace is ever executed.
 * @param folder absolute, inside the repository
 * @throws an Error that says what to do when git is missing, the folder is in no repository or the revision unknown
 */
export async function changedSince(
  fs: FileSystem,
  folder: string,
  revision: string,
): Promise<(file: string) => boolean> {
  const git = async (...args: string[]) => {
    const options = { cwd: folder, maxBuffer: MAX_OUTPUT, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } };
    return (await run('git', ['--no-pager', ...args], options)).stdout;
  };
  let root: string;
  try {
    root = (await git('rev-parse', '--show-toplevel')).trim();
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    throw new Error(
      missing
        ? '--changed-since asks git, which was not found. Install git, or leave the option out'
        : `--changed-since needs a git repository, and ${folder} is in none git accepts (${firstLine(error)})`,
    );
  }
  let base: string;
  try {
    // `--end-of-options`: a revision that looks like an option stays a revision.
    const commit = (
      await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
    ).trim();
    base = await git('merge-base', 'HEAD', commit).then(
      (text) => text.trim(),
      // A shallow clone does not know where the branches parted.
      () => commit,
    );
  } catch {
    throw new Error(
      `--changed-since: there is no revision "${revision}" here. Check its name; in CI it has to be fetched first (\`git fetch origin ${revision.replace(/^origin\//, '')}\`)`,
    );
  }
  const then = new Map<string, string>();
  for (const entry of (await git('ls-tree', '-r', '-z', '--full-tree', base)).split('\0')) {
    const [head, name] = entry.split('\t', 2);
    const hash = head?.split(' ')[2];
    if (name !== undefined && hash !== undefined) then.set(`${root}/${name}`, hash);
  }
  const known = new Map<string, boolean>();
  return (file) => {
    let changed = known.get(file);
    if (changed === undefined) {
      changed = !isSame(fs, file, then.get(file));
      known.set(file, changed);
    }
    return changed;
  };
}

/** The file's bytes have this git hash, as they are or with the line ends that git keeps. */
function isSame(fs: FileSystem, file: string, hash: string | undefined): boolean {
  if (hash === undefined) return false;
  let bytes: Buffer;
  try {
    bytes = Buffer.from(fs.read(file));
  } catch (error) {
    throw new Error(`${file} ${readProblem(error)}`);
  }
  if (gitHash(bytes, hash.length) === hash) return true;
  if (!bytes.includes('\r\n')) return false;
  return (
    gitHash(Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), hash.length) === hash
  );
}

/** The name git gives to a blob; repositories have SHA-1 (40 digits) or SHA-256 (64). */
function gitHash(content: Buffer, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr || message || String(error)).trim().split('\n', 1)[0] as string;
}
