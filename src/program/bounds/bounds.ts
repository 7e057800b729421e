import { Kind, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { Phases } from '../phases/phases.ts';
import type { Effect } from '../places/effects.ts';
import { declarationOf, type PlaceRef, Places } from '../places/places.ts';
import type { Program } from '../program.ts';
import type { Bound } from './bound.ts';
import { ClosedKeys } from './closed-keys.ts';
import { Declared } from './declared.ts';
import { FreshValues } from './fresh-values.ts';
import { Removals } from './removals.ts';
import { sizeTested } from './size-tests.ts';
import { givenAway } from './texts.ts';

/** The one recogniser of bounds. It answers for each growth of a container *bounded by what, where*. */
export class Bounds {
  readonly #places: Places;
  readonly #phases: Phases;
  readonly #calls: Calls;
  readonly #declared: Declared;
  readonly #fresh: FreshValues;
  readonly #keys: ClosedKeys;
  readonly #removals: Removals;
  /** By the key of a place of text. */
  readonly #given = new Map<string, ReturnType<typeof givenAway>>();

  constructor(program: Program) {
    this.#places = Places.of(program);
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
    this.#declared = Declared.of(program);
    this.#fresh = new FreshValues(program);
    this.#keys = new ClosedKeys(program, (place, growth, effects) => this.of(place, growth, effects));
    this.#removals = new Removals(program);
  }

  static of(program: Program): Bounds {
    return program.derive(makeBounds);
  }

  /** What bounds one growth of a place, or undefined. `effects` are all effects on the place. */
  of(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    return (
      this.#declaredBounded(place, growth) ??
      this.#fresh.of(place, growth, effects) ??
      this.#keys.ofExisting(growth) ??
      this.#keys.of(place, growth) ??
      this.#removals.of(place, growth, effects) ??
      this.#removals.ofSlots(place, growth) ??
      sizeTested(this.#calls, growth, effects) ??
      this.#whenThereIsNone(place, growth) ??
      this.#startUpOnly(growth) ??
      this.#keys.ofAuthor(growth) ??
      this.#givenAway(place)
    );
  }

  /** Something is taken out again, and it is not proven that this does not bound the place. */
  mayBeRemoved(place: PlaceRef, growth: Effect, effects: readonly Effect[]): boolean {
    return effects.some((e) => this.#removals.mayHelp(place, e, growth, effects));
  }

  /** `// headroom: bounded -- reason` at the declaration or at the insert. */
  #declaredBounded(place: PlaceRef, growth: Effect): Bound | undefined {
    const declaration = declarationOf(place);
    const word =
      (declaration && this.#declared.at(declaration)) ?? this.#declared.at(growth.fn.place(growth.node));
    return word && { reason: 'declared-bounded', by: `the author's word: ${word.reason}`, where: word.at };
  }

  /** Go: `if blocks == nil { for … { blocks = append(blocks, b) } }` fills it once. */
  #whenThereIsNone(place: PlaceRef, growth: Effect): Bound | undefined {
    const { fn, node } = growth;
    const { code } = fn;
    if (fn.package.language !== 'go') return undefined;
    for (let n = node, up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
      if (code.kind(up) === Kind.Closure) return undefined;
      if (code.kind(up) !== Kind.If || code.role(n) !== Role.Then) continue;
      const test = code.child(up, Role.Condition);
      if (!code.is(test, Kind.Binary, '==') || !code.is(code.child(test, Role.Right), Kind.Literal, 'nil'))
        continue;
      if (this.#places.of(fn, code.child(test, Role.Left))?.key === place.key)
        return {
          reason: 'size-tested',
          by: `a test in \`${fn.label}\` that there is none yet`,
          where: fn.place(test),
        };
    }
    return undefined;
  }

  /** Go: text that somebody else is given may be emptied there. */
  #givenAway(place: PlaceRef): Bound | undefined {
    if (!this.#given.has(place.key)) this.#given.set(place.key, givenAway(this.#places, place));
    const use = this.#given.get(place.key);
    return (
      use && {
        reason: 'removed',
        by: `whoever is given it in \`${use.fn.label}\``,
        where: use.fn.place(use.node),
      }
    );
  }

  #startUpOnly(growth: Effect): Bound | undefined {
    const reach = this.#phases.at(growth.fn, growth.node);
    if (reach.request || reach.likely || reach.api || !reach.startup) return undefined;
    return {
      reason: 'start-up-only',
      by: `\`${growth.fn.label}\` running only while the program starts`,
      where: growth.fn.file.place(growth.fn.fact.nameSpan),
    };
  }
}

function makeBounds(program: Program): Bounds {
  return new Bounds(program);
}
