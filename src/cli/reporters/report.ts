import type { CheckResult } from '../../analysis/workspace.ts';
import type { Finding } from '../../core/finding.ts';
import { fingerprints } from '../../core/fingerprint.ts';
import type { Span } from '../../core/span.ts';
import { LineIndex, type Position } from '../../core/text-position.ts';
import type { ScanResult } from '../../host/scan.ts';

/** What a reporter shows. */
export interface Report extends CheckResult {
  readonly scan: Pick<ScanResult, 'files' | 'bytes'>;
  /** Findings that a baseline accepts and that are therefore not among `findings`. */
  readonly accepted: number;
  readonly milliseconds: number;
}

/** Names and lines of files as a person in some folder writes them. */
export class Places {
  readonly #folder: string;
  readonly #text: (file: string) => string;
  readonly #lines = new Map<string, LineIndex>();

  /** @param folder the working directory, absolute with `/` separators */
  constructor(folder: string, text: (file: string) => string) {
    this.#folder = folder;
    this.#text = text;
  }

  /** The path relative to the working directory, with `/`. A file on another drive keeps its full name. */
  name(file: string): string {
    const from = this.#folder.split('/');
    const to = file.split('/');
    let same = 0;
    while (same < from.length && same < to.length && from[same] === to[same]) same++;
    if (same === 0) return file;
    return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.';
  }

  lines(file: string): LineIndex {
    let index = this.#lines.get(file);
    if (!index) {
      // Findings come sorted by file, and their related places are mostly nearby.
      if (this.#lines.size >= 16) this.#lines.delete(this.#lines.keys().next().value as string);
      index = new LineIndex(this.#text(file));
      this.#lines.set(file, index);
    }
    return index;
  }

  range(file: string, span: Span): { readonly start: Position; readonly end: Position } {
    const lines = this.lines(file);
    return { start: lines.position(span.start), end: lines.position(span.end) };
  }

  /** What stays the same of each finding when lines move; the findings are sorted by place. */
  fingerprints(findings: readonly Finding[]): string[] {
    return fingerprints(
      findings,
      (file) => this.name(file),
      ({ file, span }) => {
        const lines = this.lines(file);
        return lines.line(lines.position(span.start).line);
      },
    );
  }
}
