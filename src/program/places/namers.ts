import type { Fn, Program, SourceFile } from '../program.ts';
import { type PlaceRef, Places } from './places.ts';

/** Looked for so often, names cost more than reading all code. */
const SEARCHES = 8;

/** Which functions may name a place. Whoever asks about few places reads these, and not all code. One per program. */
export class Namers {
  readonly #program: Program;
  readonly #places: Places;
  readonly #byName = new Map<string, readonly Fn[]>();
  readonly #expected = new Set<string>();
  #searches = 0;
  #all: readonly Fn[] | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#places = Places.of(program);
  }

  static of(program: Program): Namers {
    return program.derive(makeNamers);
  }

  /** Will be asked for: what is expected is looked for in one go. */
  expect(place: PlaceRef): void {
    if (!isLocal(place) && hasName(place)) this.#expected.add(place.name);
  }

  /** In the order of the program; others may be among them, of tests too. */
  of(place: PlaceRef): readonly Fn[] {
    if (isLocal(place)) return [place.fn];
    const known = this.#byName.get(place.name);
    if (known && hasName(place)) return known;
    if (!hasName(place) || this.#searches >= SEARCHES) {
      this.#all ??= [...this.#program.files()].flatMap((file) => file.functions);
      return this.#all;
    }
    this.#searches++;
    this.#expected.add(place.name);
    this.#search([...this.#expected]);
    this.#expected.clear();
    return this.#byName.get(place.name) ?? [];
  }

  /** Finds those that name a place, and those that call what hands it out: `self.buffer_mut().clear()`. */
  #search(names: readonly string[]): void {
    const meant: Meanings = new Map(names.map((name) => [name, new Set([name])]));
    for (let isNew = true; isNew; ) {
      isNew = false;
      const found = this.#mentions(meant);
      for (const name of names) {
        const fns = found.get(name) ?? [];
        this.#byName.set(name, fns);
        for (const fn of fns)
          if (this.#places.returnedBy(fn)?.name === name && mean(meant, fn.fact.name, name)) isNew = true;
      }
    }
  }

  /** The functions that mention what may stand for a place, by the name of the place. */
  #mentions(meant: Meanings): Map<string, Fn[]> {
    const found = new Map<string, Fn[]>();
    for (const file of this.#program.files()) {
      const here = meantIn(file, meant);
      for (const fn of here.size > 0 ? file.functions : [])
        for (const name of namesIn(fn, here)) {
          const fns = found.get(name);
          if (fns) fns.push(fn);
          else found.set(name, [fn]);
        }
    }
    return found;
  }
}

/** What is written, and the names of the places that it may stand for. */
type Meanings = Map<string, Set<string>>;

function makeNamers(program: Program): Namers {
  return new Namers(program);
}

function isLocal(place: PlaceRef): place is PlaceRef & { readonly fn: Fn } {
  return (place.root === 'local' || place.root === 'parameter') && place.fn !== undefined;
}

/** Its name stands wherever it is used: not what a type holds that a handler gets, an embedded field, or one by position. */
function hasName({ root, name, owner, field }: PlaceRef): boolean {
  if (root === 'state' || /^\d|\./.test(name)) return false;
  return !owner?.fact.fields.some((f) => f.name === field && f.embedded);
}

/** Adds a meaning; false when it has it already. */
function mean(meant: Meanings, written: string, name: string): boolean {
  const names = meant.get(written);
  if (names?.has(name)) return false;
  if (names) names.add(name);
  else meant.set(written, new Set([name]));
  return true;
}

/** What stands in a file that means a place, by itself or at the end of a path, or as `use pool::scratch as take;` calls it. */
function meantIn({ facts }: SourceFile, meant: Meanings): Meanings {
  const here: Meanings = new Map();
  const add = (written: string, path: string) => {
    const colon = path.lastIndexOf(':');
    const names = meant.get(colon < 0 ? path : path.slice(colon + 1));
    if (names) for (const name of names) mean(here, written, name);
  };
  for (const name of facts.names) add(name, name);
  for (const { alias, path } of facts.imports) add(alias, path);
  return here;
}

function namesIn({ code, first, after }: Fn, meant: Meanings): ReadonlySet<string> {
  const found = new Set<string>();
  for (let n = first; n < after; n++) {
    const names = meant.get(code.name(n));
    if (names) for (const name of names) found.add(name);
  }
  return found;
}
