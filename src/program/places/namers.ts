import type { Fn, Program, SourceFile } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { type PlaceRef, Places } from './places.ts';

/** Which functions may name a place. Whoever asks about few places reads these, and not all code. One per program. */
export class Namers {
  readonly #program: Program;
  readonly #places: Places;
  readonly #byName = new Map<string, readonly Fn[]>();
  #all: readonly Fn[] | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#places = Places.of(program);
  }

  static of(program: Program): Namers {
    return program.derive(makeNamers);
  }

  /** In the order of the program; others may be among them, of tests too. */
  of(place: PlaceRef): readonly Fn[] {
    if ((place.root === 'local' || place.root === 'parameter') && place.fn) return [place.fn];
    if (!isNamed(place)) {
      this.#all ??= [...this.#program.files()].flatMap((file) => file.functions);
      return this.#all;
    }
    let known = this.#byName.get(place.name);
    if (!known) {
      known = this.#find(place.name);
      this.#byName.set(place.name, known);
    }
    return known;
  }

  /** Those that name it, and those that call what hands it out: `self.buffer_mut().clear()`. */
  #find(name: string): readonly Fn[] {
    const names = new Set([name]);
    for (;;) {
      const before = names.size;
      const found: Fn[] = [];
      for (const file of this.#program.files()) {
        const written = writtenIn(file, names);
        for (const fn of written.size > 0 ? file.functions : []) if (mentions(fn, written)) found.push(fn);
      }
      for (const fn of found) if (this.#places.returnedBy(fn)?.name === name) names.add(fn.fact.name);
      if (names.size === before) return found;
    }
  }
}

function makeNamers(program: Program): Namers {
  return new Namers(program);
}

/** Its name stands wherever it is used: not what a type holds that a handler gets, an embedded field, or one by position. */
function isNamed({ root, name, owner, field }: PlaceRef): boolean {
  if (root === 'state' || /^\d|\./.test(name)) return false;
  return !owner?.fact.fields.some((f) => f.name === field && f.embedded);
}

/** What stands in a file that ends with one of the names, and what it calls them: `use pool::scratch as take;`. */
function writtenIn({ facts }: SourceFile, names: ReadonlySet<string>): ReadonlySet<string> {
  const written = new Set<string>();
  for (const name of facts.names) if (names.has(name) || names.has(lastSegment(name))) written.add(name);
  for (const { alias, path } of facts.imports) if (names.has(lastSegment(path))) written.add(alias);
  return written;
}

function mentions({ code, first, after }: Fn, names: ReadonlySet<string>): boolean {
  for (let n = first; n < after; n++) if (names.has(code.name(n))) return true;
  return false;
}
