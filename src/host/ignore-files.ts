import ignore, { type Ignore } from 'ignore';
import { within } from '../analysis/file-kind.ts';

/** Files with patterns of what to leave out, in the syntax of git. */
export const IGNORE_FILES: readonly string[] = ['.gitignore', '.ignore'];

interface Level {
  readonly folder: string;
  readonly rules: Ignore;
  readonly above: Level | undefined;
}

/** The ignore rules in force in a folder: its own and those of the folders above, the nearest first. */
export class IgnoreRules {
  readonly #level: Level | undefined;

  private constructor(level: Level | undefined) {
    this.#level = level;
  }

  static readonly none = new IgnoreRules(undefined);

  /** These rules and those of one more ignore file, which is nearer. */
  with(folder: string, patterns: string): IgnoreRules {
    return new IgnoreRules({ folder, rules: ignore().add(patterns), above: this.#level });
  }

  /** True when the path is to be left out. Assumes that the folders above it are not. */
  leavesOut(path: string, isFolder: boolean): boolean {
    for (let level = this.#level; level; level = level.above) {
      const relative = within(level.folder, path);
      if (relative === undefined || relative === '') continue;
      const verdict = level.rules.test(isFolder ? `${relative}/` : relative);
      if (verdict.ignored) return true;
      if (verdict.unignored) return false;
    }
    return false;
  }
}
