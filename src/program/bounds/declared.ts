import { parseDirective, targetLine } from '../../core/directive.ts';
import type { Place } from '../../core/span.ts';
import { LineIndex } from '../../core/text-position.ts';
import type { Program } from '../program.ts';

/** A person's word that something is bounded, and the comment that gives it. */
export interface Declaration {
  readonly reason: string;
  readonly at: Place;
}

interface FileDeclarations {
  readonly lines: LineIndex;
  readonly byLine: ReadonlyMap<number, Declaration>;
}

/** What `// headroom: bounded -- reason` says about lines of the program. */
export class Declared {
  readonly #program: Program;
  readonly #files = new Map<string, FileDeclarations | undefined>();

  constructor(program: Program) {
    this.#program = program;
  }

  static of(program: Program): Declared {
    return program.derive(makeDeclared);
  }

  /** The declaration about the line a place begins on, or undefined. */
  at(place: Place): Declaration | undefined {
    if (!this.#files.has(place.file)) this.#files.set(place.file, this.#read(place.file));
    const known = this.#files.get(place.file);
    return known?.byLine.get(known.lines.position(place.span.start).line);
  }

  #read(file: string): FileDeclarations | undefined {
    const directives = this.#program.file(file)?.facts.directives ?? [];
    const bounded = directives.flatMap((d) => {
      const body = parseDirective(d.text);
      return body.kind === 'bounded' && body.reason !== '' ? [{ ...d, reason: body.reason }] : [];
    });
    if (bounded.length === 0) return undefined;
    const lines = new LineIndex(this.#program.text(file));
    const byLine = bounded.map((d): [number, Declaration] => [
      targetLine(lines, d),
      { reason: d.reason, at: { file, span: d.span } },
    ]);
    return { lines, byLine: new Map(byLine) };
  }
}

function makeDeclared(program: Program): Declared {
  return new Declared(program);
}
