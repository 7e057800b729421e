import {
  type OwningRow,
  rustCheapClones,
  rustCopies,
  rustCopyTypes,
  rustOwning,
  rustTransparentClones,
} from '../../knowledge/rust-ownership.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Program } from '../program.ts';
import { isReference, RustValues, substituteFields } from '../types/rust-values.ts';
import { lastSegment, type TypeRef } from '../types/types.ts';

/** What copying a value costs. `collection` may be of any size, `buffer` is one block of text or bytes. */
export type CopyCost = 'cheap' | 'buffer' | 'collection' | 'unknown';

/** An expression that makes an owned copy of something. */
export interface Copy {
  readonly node: NodeId;
  /** What is copied. */
  readonly source: NodeId;
  /** `clone`, `to_string`, `String::from`, … */
  readonly verb: string;
  /** The type of the copy. */
  readonly type: TypeRef;
  /** The type of the source expression, references kept. */
  readonly from: TypeRef;
  readonly cost: CopyCost;
}

/** Finds copies and what they cost. One per program. */
export class RustCopies {
  readonly values: RustValues;

  constructor(program: Program) {
    this.values = RustValues.of(program);
  }

  static of(program: Program): RustCopies {
    return program.derive(makeRustCopies);
  }

  /** The copy that a node makes, `'unknown'` when it looks like one of a type that cannot be told, or undefined. */
  at(fn: Fn, n: NodeId): Copy | 'unknown' | undefined {
    const code = fn.code;
    if (code.kind(n) === Kind.MethodCall) return this.#method(fn, n);
    if (code.kind(n) !== Kind.Call) return undefined;
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Path) return undefined;
    if (qualifiedClone.test(code.name(callee))) return this.#qualified(fn, n);
    if (code.name(callee) !== 'String::from') return undefined;
    const source = code.child(n, Role.Arg);
    const from = this.values.typeOf(fn, source);
    const type = this.values.typeOf(fn, n);
    if (!from || !type || !isReference(from) || !from.args[0] || !isText(from.args[0])) return undefined;
    return { node: n, source, verb: 'String::from', type, from, cost: 'buffer' };
  }

  /** `Clone::clone(&x)`, `<Vec<u8> as Clone>::clone(&x)`: the same as `x.clone()`. */
  #qualified(fn: Fn, n: NodeId): Copy | undefined {
    const { code } = fn;
    const given = code.child(n, Role.Arg);
    const isBorrowed = code.is(given, Kind.Unary, '&');
    const source = isBorrowed ? code.child(given, Role.Object) : given;
    const from = source < 0 ? undefined : this.values.typeOf(fn, source);
    const type = from && (isBorrowed ? from : isReference(from) ? from.args[0] : undefined);
    return from && type && { node: n, source, verb: 'clone', type, from, cost: this.costOf(type) };
  }

  #method(fn: Fn, n: NodeId): Copy | 'unknown' | undefined {
    const code = fn.code;
    const verb = code.name(n);
    if (!Object.hasOwn(rustCopies, verb) || code.child(n, Role.Arg) >= 0) return undefined;
    const source = code.child(n, Role.Object);
    if (source < 0) return undefined;
    const from = this.values.typeOf(fn, source);
    if (!from) return 'unknown';
    const row = rustCopies[verb] as (typeof rustCopies)[string];
    const chain = this.values.derefs(from);
    // The workspace's own method of that name may do anything.
    if (verb !== 'clone' && chain.some((t) => t.decl && this.values.hasMethod(t.decl, verb)))
      return undefined;
    if (row.of === 'text' && !chain.some(isText)) return undefined;
    if (row.of === 'slice' && !chain.some((t) => /^(slice|array|Vec)$/.test(lastSegment(t.name))))
      return undefined;
    if (row.of === 'cow' && lastSegment(from.name) !== 'Cow') return undefined;
    if (verb === 'cloned' && lastSegment(from.name) !== 'Option') return undefined;
    const type = this.values.typeOf(fn, n);
    if (!type) return 'unknown';
    return { node: n, source, verb, type, from, cost: this.costOf(type) };
  }

  /** What a clone of a value of the type costs. */
  costOf(type: TypeRef): CopyCost {
    return this.#cost(type, new Set());
  }

  #cost(type: TypeRef, seen: Set<unknown>): CopyCost {
    const { decl } = type;
    if (decl) {
      const derived = decl.fact.attributes.filter((a) => a.startsWith('derive'));
      if (derived.some((a) => /\bCopy\b/.test(a))) return 'cheap';
      // A clone written by hand may share what it likes.
      if (!derived.some((a) => /\bClone\b/.test(a))) return 'unknown';
      if (seen.has(decl)) return 'cheap';
      seen.add(decl);
      const cost = worst(
        substituteFields(decl, type, this.values).map((t) => (t ? this.#cost(t, seen) : 'unknown')),
      );
      seen.delete(decl);
      return cost;
    }
    const name = lastSegment(type.name);
    if (rustCopyTypes.has(name)) return 'cheap';
    const key = `${type.name.split('::')[0]}::${name}`;
    if (rustCheapClones.has(key) || rustCheapClones.has(name)) return 'cheap';
    const row: OwningRow | undefined = rowOf(rustOwning, key, name);
    if (row) return row.what;
    if (rustTransparentClones.has(name)) {
      const inner = worst(type.args.map((a) => (a.name === '_' ? 'cheap' : this.#cost(a, seen))));
      return name === 'Box' && inner === 'cheap' ? 'buffer' : inner;
    }
    return 'unknown';
  }
}

/** Handles are cloned so as a matter of style. */
const qualifiedClone = /(^|::)(?!(Arc|Rc|Weak)::)\w+::clone$/;

function makeRustCopies(program: Program): RustCopies {
  return new RustCopies(program);
}

function rowOf<T>(table: Readonly<Record<string, T>>, key: string, name: string): T | undefined {
  if (Object.hasOwn(table, key)) return table[key];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** What is known decides; an unknown part only where nothing else weighs more. */
function worst(costs: readonly CopyCost[]): CopyCost {
  for (const cost of ['collection', 'buffer', 'unknown'] as const) if (costs.includes(cost)) return cost;
  return 'cheap';
}

function isText(type: TypeRef): boolean {
  return !type.decl && /^(str|String|Cow|Path|PathBuf|OsStr|OsString)$/.test(lastSegment(type.name));
}
