/** Line and column of a text, both from 1; columns count UTF-16 units. Made for the faces: the core has offsets. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds lines in one text. */
export class LineIndex {
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1);
  }

  get lines(): number {
    return this.#starts.length;
  }

  /** An offset behind the end counts as the end. */
  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.min(offset, this.text.length) - (this.#starts[low] as number) + 1 };
  }

  /** Where a line (from 1) begins; the end of the text for a line behind the last. */
  start(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  /** A line without its end. */
  line(line: number): string {
    return this.text.slice(this.start(line), this.start(line + 1)).replace(/\r?\n$/, '');
  }
}
