import { collectingCalls } from '../../knowledge/keeping.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Program } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { AllocationSite } from './allocations.ts';
import { Constants } from './constants.ts';
import { isKnown, Layouts } from './layouts.ts';

/** How many bytes an allocation takes that is told how much. */
export interface Footprint {
  /** At least this many. */
  readonly bytes: bigint;
  readonly exact: boolean;
  /** Written, or counted by the garbage collector, at once; else only reserved until it is filled. */
  readonly atOnce: boolean;
  /** The variable, flag or field that can change the number; empty for constants. */
  readonly setting: string;
}

/** A number of elements or rounds. */
interface Count {
  readonly value: bigint;
  readonly setting: string;
}

/** How much memory code asks for, where numbers and types tell. One per program. */
export class Footprints {
  readonly #values: Values;
  readonly #layouts: Layouts;
  readonly #constants: Constants;

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#layouts = Layouts.of(program);
    this.#constants = Constants.of(program);
  }

  static of(program: Program): Footprints {
    return program.derive(makeFootprints);
  }

  /** The bytes of a sized allocation, with the loops and lists around it that make many of it; undefined where a number is missing. */
  of(site: AllocationSite): Footprint | undefined {
    const { fn, node, verb } = site;
    const counts = site.sizes.map((s) => this.count(fn, s)).filter((c) => c !== undefined);
    const count = counts.reduce<Count | undefined>((a, b) => (a && a.value >= b.value ? a : b), undefined);
    if (!count || count.value <= 0n) return undefined;
    const one = this.#allocation(site, count.value);
    if (!one) return undefined;
    const times = this.#times(fn, node);
    const go = fn.package.language === 'go';
    return {
      bytes: one.bytes * times.value,
      exact: one.exact,
      // Rust's zeroed and reserved memory is untouched until it is filled; Go's collector counts it from the start.
      atOnce: go || (verb === 'vec!' && !this.#isZero(fn, node)),
      setting: count.setting || times.setting,
    };
  }

  count(fn: Fn, n: NodeId): Count | undefined {
    const amount = this.#constants.in(fn, n);
    if (amount.value === undefined || amount.isCeiling) return undefined;
    return { value: amount.value, setting: amount.settings[0]?.name ?? '' };
  }

  /** How often a loop runs, when it counts to a number that is written in the program. */
  rounds(fn: Fn, loop: NodeId): Count | undefined {
    const code = fn.code;
    const iter = code.child(loop, Role.Iter);
    if (iter >= 0) return this.#length(fn, iter);
    const condition = code.child(loop, Role.Condition);
    if (condition < 0 || code.kind(condition) !== Kind.Binary) return undefined;
    const up = code.child(loop, Role.Update);
    const counts =
      up >= 0 && code.kind(up) === Kind.Assign && code.is(code.child(up, Role.Value), Kind.Number, '1');
    return counts && /^<=?$/.test(code.name(condition))
      ? this.count(fn, code.child(condition, Role.Right))
      : undefined;
  }

  /** The length of what is iterated: a range with known ends, a number. */
  #length(fn: Fn, iter: NodeId): Count | undefined {
    const code = fn.code;
    if (code.kind(iter) === Kind.Range) {
      const high = code.child(iter, Role.High);
      const low = code.child(iter, Role.Low);
      const to = high < 0 ? undefined : this.count(fn, high);
      const from = low < 0 ? undefined : this.count(fn, low);
      return to && from ? { value: to.value - from.value, setting: to.setting } : undefined;
    }
    if (fn.package.language === 'go') {
      const type = this.#values.typeOf(fn, iter);
      if (type && /^u?int(32|64)?$/.test(type.name)) return this.count(fn, iter);
      if (type?.name !== 'array') return this.madeLength(fn, iter);
      const length = type.file.code.child(type.node, Role.Count);
      const { value } = this.#constants.inFile(type.file, length);
      return value === undefined ? undefined : { value, setting: '' };
    }
    return undefined;
  }

  /** Go: `queues := make([]chan T, 16); for i := range queues`: the length that a list was made with before the loop. */
  madeLength(fn: Fn, iter: NodeId): Count | undefined {
    const code = fn.code;
    for (let n = iter - 1; n >= fn.first; n--) {
      const call = code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'make') ? n : -1;
      const [type, length] = call < 0 ? [] : code.all(call, Role.Arg);
      if (type === undefined || length === undefined || !code.is(type, Kind.Type, 'slice')) continue;
      const up = code.parent(call);
      const target = code.is(up, Kind.Let) ? code.child(up, Role.Pattern) : code.child(up, Role.Target);
      const isField = code.is(up, Kind.FieldInit) || code.is(target, Kind.Field);
      if (code.name(target < 0 ? up : target) === code.name(iter) && isField === code.is(iter, Kind.Field))
        return this.count(fn, length);
    }
    return undefined;
  }

  /** What one element of a container takes, or undefined. */
  elementSize(type: TypeRef): { readonly low: bigint; readonly exact: boolean } | undefined {
    const { type: inner } = peel(type);
    const name = lastSegment(inner.name);
    const map = name === 'map' || /Map$/.test(name);
    const sizes = (map ? inner.args.slice(0, 2) : inner.args.slice(0, 1)).map((a) => this.#layouts.sizeOf(a));
    if (sizes.length === 0 || (map && sizes.length < 2)) return undefined;
    let low = 0;
    let exact = true;
    for (const s of sizes) {
      if (!isKnown(s)) return undefined;
      low += s.low;
      exact &&= s.low === s.high;
    }
    return { low: BigInt(low), exact };
  }

  #allocation(site: AllocationSite, count: bigint): { bytes: bigint; exact: boolean } | undefined {
    const { fn, node, verb } = site;
    const code = fn.code;
    if (verb === 'Grow') return { bytes: count, exact: true };
    if (verb === 'make' || verb === 'new') {
      const type = this.#values.types.at(fn.file, code.child(node, Role.Arg));
      const size = type && this.elementSize(type);
      if (!size) return undefined;
      if (type.name !== 'map') return { bytes: count * size.low, exact: size.exact };
      // Buckets of eight entries, filled to 13/16 when the map is as large as was asked for.
      const buckets = powerOfTwo((count * 2n + 12n) / 13n);
      return { bytes: buckets * (16n + 8n * size.low), exact: false };
    }
    const type = this.#rustType(site);
    const size = type && this.elementSize(type);
    if (!size) return { bytes: count, exact: false };
    if (/(Map|Set)$/.test(lastSegment(peel(type).type.name)))
      return { bytes: powerOfTwo((count * 8n + 6n) / 7n) * (size.low + 1n), exact: false };
    return { bytes: count * size.low, exact: size.exact };
  }

  /** The container a Rust allocation makes: as it is written there, or what it is bound to. */
  #rustType({ fn, node, verb }: AllocationSite): TypeRef | undefined {
    const code = fn.code;
    if (verb === 'vec!') {
      const value = code.child(node, Role.Arg);
      // `0u8`, `u64::MAX`
      const suffix = /^[iuf](8|16|32|64|128|size)(?=::)|[iuf](8|16|32|64|128|size)$/.exec(
        [Kind.Number, Kind.Path].includes(code.kind(value) as never) ? code.name(value) : '',
      );
      const element: TypeRef | undefined = suffix
        ? { name: suffix[0], args: [], decl: undefined, file: fn.file, node: -1 }
        : this.#values.typeOf(fn, value);
      if (element) return { name: 'Vec', args: [element], decl: undefined, file: fn.file, node: -1 };
    }
    const callee = code.kind(node) === Kind.Call ? code.child(node, Role.Callee) : -1;
    if (callee >= 0) {
      const args = code.all(callee, Role.TypeArg).map((t) => this.#values.types.at(fn.file, t));
      const name = code.name(callee).split('::').at(-2) ?? '';
      if (args.length > 0 && args.every((a) => a !== undefined))
        return { name, args: args as TypeRef[], decl: undefined, file: fn.file, node: -1 };
    }
    const expected = this.#expected(fn, node);
    return expected && innermostContainer(expected);
  }

  /** The type of what an expression is bound to, stored in or returned as. */
  #expected(fn: Fn, node: NodeId): TypeRef | undefined {
    const code = fn.code;
    const { first: body } = fn;
    for (let n = node, up = code.parent(n); up >= 0 && up >= body; n = up, up = code.parent(up)) {
      switch (code.kind(up)) {
        case Kind.Let: {
          const type = code.child(up, Role.Type);
          return type < 0 ? undefined : this.#values.types.at(fn.file, type);
        }
        case Kind.FieldInit: {
          const decl = this.#values.declOf(fn, code.parent(up));
          const field = decl && this.#values.field(decl, code.name(up));
          return field && this.#values.types.at(field.decl.file, field.type);
        }
        case Kind.Assign:
          return this.#values.typeOf(fn, code.child(up, Role.Target));
        case Kind.Call:
          // `Mutex::new(…)`, `LazyLock::new(|| …)` lead on to what they are bound to.
          if (!/(^|::)(new|Some|Ok|from)$/.test(code.name(code.child(up, Role.Callee)))) return undefined;
          break;
        case Kind.Closure:
        case Kind.Block:
        case Kind.Return:
          break;
        default:
          return undefined;
      }
    }
    const { result } = fn.fact;
    return result >= 0 ? this.#values.types.at(fn.file, result) : undefined;
  }

  /** How many of it are made and kept by the loops and lists around it. */
  #times(fn: Fn, node: NodeId): Count {
    const code = fn.code;
    const { first: body } = fn;
    let value = 1n;
    let setting = '';
    const multiply = (c: Count | undefined) => {
      if (!c || c.value <= 0n) return;
      value *= c.value;
      setting ||= c.setting;
    };
    for (let n = node, up = code.parent(n); up >= 0 && up >= body; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Loop && code.role(n) === Role.Body && isKept(fn, node, up))
        multiply(this.rounds(fn, up));
      else if (kind === Kind.Macro && code.name(up) === 'vec' && code.role(n) === Role.Arg) {
        const count = code.child(up, Role.Count);
        if (count >= 0) multiply(this.count(fn, count));
      } else if (kind === Kind.Closure) {
        const call = code.parent(up);
        const over = code.is(call, Kind.MethodCall, 'map') ? code.child(call, Role.Object) : -1;
        if (over >= 0) multiply(this.#length(fn, over));
      }
    }
    return { value, setting };
  }

  #isZero(fn: Fn, macro: NodeId): boolean {
    const value = fn.code.child(macro, Role.Arg);
    return (
      (fn.code.kind(value) === Kind.Number && /^0([._]|[iuf]\d|$)/.test(fn.code.name(value))) ||
      fn.code.is(value, Kind.Literal, 'false')
    );
  }
}

function makeFootprints(program: Program): Footprints {
  return new Footprints(program);
}

/** The container inside locks and lazy cells, and inside the list of a list's elements. */
function innermostContainer(type: TypeRef): TypeRef {
  const { type: inner } = peel(type);
  return inner;
}

function powerOfTwo(n: bigint): bigint {
  let p = 1n;
  while (p < n) p <<= 1n;
  return p;
}

/** What a round of the loop makes is handed on or stored, not dropped at its end. */
function isKept(fn: Fn, node: NodeId, loop: NodeId): boolean {
  const code = fn.code;
  let name = '';
  for (let n = node, up = code.parent(n); up >= 0 && n !== loop; n = up, up = code.parent(up)) {
    if (keeps(fn, up, n)) return true;
    if (code.kind(up) === Kind.Let) name = code.name(code.child(up, Role.Pattern));
    if (code.kind(up) === Kind.Assign && code.role(n) === Role.Value) {
      const target = code.child(up, Role.Target);
      return code.kind(target) === Kind.Index;
    }
  }
  if (name === '') return false;
  for (let n = loop; n < code.after(loop); n++)
    if (code.is(n, Kind.Name, name)) {
      const value = code.kind(code.parent(n)) === Kind.Unary ? code.parent(n) : n;
      if (keeps(fn, code.parent(value), value)) return true;
    }
  return false;
}

function keeps(fn: Fn, parent: NodeId, child: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(parent);
  if (kind === Kind.Send) return code.role(child) === Role.Value;
  if (kind === Kind.Assign)
    return code.role(child) === Role.Value && code.kind(code.child(parent, Role.Target)) === Kind.Index;
  if (code.role(child) !== Role.Arg) return false;
  const callee = code.child(parent, Role.Callee);
  const name = kind === Kind.MethodCall ? code.name(parent) : callee >= 0 ? code.name(callee) : '';
  return collectingCalls.test(name);
}
