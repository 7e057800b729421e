import { goSizes, rustLockWords, rustNiches, rustPointers, rustSizes } from '../../knowledge/type-sizes.ts';
import type { FieldFact } from '../../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Program, TypeDecl } from '../program.ts';
import { knownGoUnderlying } from '../types/go-types.ts';
import { lastSegment, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { Constants } from './constants.ts';

/** How large a value is, in bytes on a 64-bit machine. Go's sizes are exact unless versions differ; Rust's are a range. */
export interface Size {
  readonly low: number;
  readonly high: number;
  readonly align: number;
  /** A value keeps memory elsewhere that these bytes do not count. */
  readonly heap: boolean;
  /** Rust: how many bit patterns are no valid value and can stand for `None`; undefined when that is not known. */
  readonly niches?: number | undefined;
}

/** Why the size of a type cannot be told. */
export interface NoSize {
  readonly why: string;
}

/** A field of a Go struct in its place. */
export interface FieldLayout {
  readonly field: FieldFact;
  readonly offset: number;
  readonly size: number;
  readonly align: number;
}

/** A Go struct as gc lays it out. */
export interface StructLayout {
  readonly fields: readonly FieldLayout[];
  readonly size: number;
  readonly align: number;
  /** The least size any order of the fields has, and that order as indices. */
  readonly best: number;
  readonly order: readonly number[];
}

type Arguments = ReadonlyMap<string, TypeRef>;

const NO_ARGUMENTS: Arguments = new Map();
const MAX_DEPTH = 24;

export function isKnown(size: Size | NoSize): size is Size {
  return 'low' in size;
}

/** How large values of types are. One per program. */
export class Layouts {
  readonly #program: Program;
  readonly #values: Values;
  /** Declared types without arguments. */
  readonly #declared = new Map<TypeDecl, Size | NoSize>();
  readonly #open = new Set<TypeDecl>();

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
  }

  static of(program: Program): Layouts {
    return program.derive(makeLayouts);
  }

  /** The size of a value of a type, or why it cannot be told. */
  sizeOf(type: TypeRef): Size | NoSize {
    return this.#size(type, NO_ARGUMENTS, 0);
  }

  /** The fields of a Go struct in their places, or why they cannot be told exactly. */
  structOf(decl: TypeDecl): StructLayout | NoSize {
    if (decl.fact.kind !== 'struct' || decl.file.facts.language !== 'go') return { why: 'it is no struct' };
    if (decl.fact.generics.length > 0) return { why: 'its size depends on its type parameters' };
    const sizes: Placed[] = [];
    for (const f of decl.fact.fields) {
      const size = this.#fieldSize(decl, f, NO_ARGUMENTS, 0);
      if (!isKnown(size)) return { why: `field \`${f.name}\`: ${size.why}` };
      if (size.low !== size.high) return { why: `the size of \`${f.name}\` depends on the version of Go` };
      sizes.push({ size: size.low, align: size.align });
    }
    const { offsets, size, align } = place(withTail(sizes));
    const order = bestOrder(sizes);
    return {
      fields: decl.fact.fields.map((field, i) => ({
        field,
        offset: offsets[i] as number,
        ...(sizes[i] as Placed),
      })),
      size,
      align,
      best: place(order.map((i) => sizes[i] as Placed)).size,
      order,
    };
  }

  #size(type: TypeRef, args: Arguments, depth: number): Size | NoSize {
    if (depth > MAX_DEPTH) return { why: 'the type is nested too deeply' };
    if (!type.decl) {
      const given = args.get(type.name);
      if (given) return this.#size(given, NO_ARGUMENTS, depth + 1);
    }
    if (type.decl) return this.#ofDecl(type.decl, type, args, depth);
    return type.file.facts.language === 'go'
      ? this.#ofGo(type, args, depth)
      : this.#ofRust(type, args, depth);
  }

  #ofGo(type: TypeRef, args: Arguments, depth: number): Size | NoSize {
    if (type.name === 'array') return this.#array(type, args, depth);
    if (type.name === 'struct' && type.node >= 0) {
      const { code } = type.file;
      const fields = code
        .children(type.node)
        .filter((c) => code.kind(c) === Kind.FieldDecl)
        .map((c) => this.#written(type, code.child(c, Role.Type), args, depth));
      return struct(fields, 'go');
    }
    const row = own(goSizes, type.name);
    if (row) return parseRow(row);
    const under = knownGoUnderlying(type);
    return under ? this.#size(under, args, depth + 1) : { why: `\`${type.name}\` is not in this workspace` };
  }

  #ofRust(type: TypeRef, args: Arguments, depth: number): Size | NoSize {
    const name = lastSegment(type.name);
    const first = type.args[0];
    if (name === 'array') return this.#array(type, args, depth);
    if (name === 'tuple') {
      return struct(
        type.args.map((a) => this.#size(a, args, depth + 1)),
        'free',
      );
    }
    if (name === 'str' || name === 'slice' || name === 'dyn' || name === 'impl')
      return { why: `\`${name}\` has no fixed size` };
    if (rustPointers.has(name)) {
      const fat =
        first !== undefined &&
        !first.decl &&
        /^(str|slice|dyn|Path|OsStr|CStr)$/.test(lastSegment(first.name));
      const bytes = fat ? 16 : 8;
      return { low: bytes, high: bytes, align: 8, heap: !name.startsWith('&'), niches: name === '*' ? 0 : 1 };
    }
    if (name === 'Option' && first) return option(this.#size(first, args, depth + 1));
    if (name === 'Result' && first) return oneOf(type.args.map((a) => this.#size(a, args, depth + 1)));
    if (name === 'Range' || name === 'RangeInclusive') {
      const end = first ? this.#size(first, args, depth + 1) : { why: 'a range of unknown numbers' };
      const exhausted = { low: 1, high: 1, align: 1, heap: false, niches: 254 };
      return struct(name === 'Range' ? [end, end] : [end, end, exhausted], 'free');
    }
    if (name === 'HashMap' || name === 'HashSet') {
      // The table's 32 bytes, and the state of the hasher: 16 for std's, none to 32 for others.
      const hashed = type.args.length > (name === 'HashMap' ? 2 : 1);
      return { low: hashed ? 32 : 48, high: hashed ? 64 : 48, align: 8, heap: true, niches: 1 };
    }
    if (name === 'Cow') return { low: 24, high: 24, align: 8, heap: true, niches: undefined };
    // The asynchronous runtimes' files, sockets and locks have the names of std's and another layout.
    if (/^(tokio|async_std|smol|futures)::/.test(type.name) && !/^(Instant|Duration)$/.test(name))
      return { why: `\`${type.name}\` is not in this workspace` };
    const lock = own(rustLockWords, name);
    if (lock) {
      const inner = first ? this.#size(first, args, depth + 1) : { why: `\`${name}\` of something unknown` };
      if (!isKnown(inner)) return inner;
      const align = Math.max(inner.align, name === 'Mutex' ? 1 : 4);
      return {
        low: roundUp(inner.low + lock[0], align),
        high: roundUp(inner.high + lock[1], Math.max(align, 4)),
        align,
        heap: inner.heap,
        niches: undefined,
      };
    }
    const row = own(rustSizes, type.name) ?? own(rustSizes, name);
    if (!row) return { why: `\`${type.name}\` is not in this workspace` };
    const size = parseRow(row);
    if (!row.endsWith('+ T')) return { ...size, niches: own(rustNiches, name) ?? 0 };
    const inner = first ? this.#size(first, args, depth + 1) : { why: `\`${name}\` of something unknown` };
    const whole = struct(size.low > 0 ? [size, inner] : [inner], 'free');
    // What can change behind a shared reference hides the patterns of what it holds.
    return isKnown(whole) && /Cell$|^MaybeUninit$/.test(name) ? { ...whole, niches: 0 } : whole;
  }

  #array(type: TypeRef, args: Arguments, depth: number): Size | NoSize {
    const [of] = type.args;
    const count = type.node < 0 ? -1 : type.file.code.child(type.node, Role.Count);
    const length = count < 0 ? undefined : Constants.of(this.#program).inFile(type.file, count);
    if (!of || length?.value === undefined || !length.exact || length.settings.length > 0)
      return { why: 'the length of an array is not known' };
    const element = this.#size(of, args, depth + 1);
    if (!isKnown(element)) return element;
    const n = Number(length.value);
    return { ...element, low: n * element.low, high: n * element.high, heap: element.heap && n > 0 };
  }

  #ofDecl(decl: TypeDecl, type: TypeRef, outer: Arguments, depth: number): Size | NoSize {
    const plain = decl.fact.generics.length === 0;
    const known = plain ? this.#declared.get(decl) : undefined;
    if (known) return known;
    if (this.#open.has(decl)) return { why: `\`${decl.fact.name}\` contains itself` };
    this.#open.add(decl);
    const size = this.#layOut(decl, plain ? NO_ARGUMENTS : this.#bind(decl, type, outer), depth);
    this.#open.delete(decl);
    if (plain) this.#declared.set(decl, size);
    return size;
  }

  /** What the type parameters of a declaration stand for. */
  #bind(decl: TypeDecl, type: TypeRef, outer: Arguments): Arguments {
    const out = new Map<string, TypeRef>();
    decl.fact.generics.forEach((g, i) => {
      const arg = type.args[i];
      if (arg && arg.name !== '_') out.set(g.name, fillIn(arg, outer));
    });
    return out;
  }

  #layOut(decl: TypeDecl, args: Arguments, depth: number): Size | NoSize {
    const { fact } = decl;
    const go = decl.file.facts.language === 'go';
    switch (fact.kind) {
      case 'interface':
        return { low: 16, high: 16, align: 8, heap: true };
      case 'defined':
      case 'alias': {
        const under = this.#values.types.at(decl.file, fact.target);
        return under ? this.#size(under, args, depth + 1) : { why: `\`${fact.name}\` is not understood` };
      }
      case 'struct': {
        const fields = fact.fields.map((f) => this.#fieldSize(decl, f, args, depth));
        if (go) return struct(fields, 'go');
        const repr = fact.attributes.find((a) => a.startsWith('repr('));
        if (repr === undefined) return struct(fields, 'free');
        return /^repr\(\s*(C|transparent)\s*\)$/.test(repr)
          ? struct(fields, 'declared')
          : { why: `\`${fact.name}\` has a layout of its own` };
      }
      case 'union': {
        const sizes = fact.fields.map((f) => this.#fieldSize(decl, f, args, depth));
        const unknown = sizes.find((s) => !isKnown(s));
        if (unknown) return unknown;
        const most = largest(sizes.filter(isKnown));
        return {
          ...most,
          low: roundUp(most.low, most.align),
          high: roundUp(most.high, most.align),
          niches: 0,
        };
      }
      case 'enum': {
        const variants = fact.members.map((member) =>
          struct(
            fact.fields
              .filter((f) => f.name.startsWith(`${member}.`))
              .map((f) => this.#fieldSize(decl, f, args, depth)),
            'free',
          ),
        );
        return fact.attributes.some((a) => /^repr\(/.test(a)) && fact.fields.length > 0
          ? { why: `\`${fact.name}\` has a layout of its own` }
          : oneOf(variants, representation(fact.attributes));
      }
      default:
        return { why: `\`${fact.name}\` has no fixed size` };
    }
  }

  #fieldSize(decl: TypeDecl, field: FieldFact, args: Arguments, depth: number): Size | NoSize {
    const type = this.#values.types.at(decl.file, field.type);
    return type
      ? this.#size(type, args, depth + 1)
      : { why: `the type of \`${field.name}\` is not understood` };
  }

  #written(within: TypeRef, node: NodeId, args: Arguments, depth: number): Size | NoSize {
    const type = this.#values.types.at(within.file, node);
    return type ? this.#size(type, args, depth + 1) : { why: 'a field is not understood' };
  }
}

function makeLayouts(program: Program): Layouts {
  return new Layouts(program);
}

/** The arguments put in the place of the parameters they stand for. */
function fillIn(type: TypeRef, args: Arguments): TypeRef {
  const given = type.decl ? undefined : args.get(type.name);
  if (given) return given;
  return type.args.length > 0 ? { ...type, args: type.args.map((a) => fillIn(a, args)) } : type;
}

/** Bytes of the tag that `repr(u32)` and the like ask for; one without it. */
function representation(attributes: readonly string[]): number {
  const bits = /^repr\(\s*[ui](8|16|32|64)\b/.exec(attributes.find((a) => a.startsWith('repr(')) ?? '');
  return bits ? Number(bits[1]) / 8 : 1;
}

/**
 * A struct of fields in this order. `declared` (and `go`): they stand in this order; `free`: the compiler may move
 * them, so the size lies between the sum of the fields and what the order as written costs.
 */
function struct(fields: readonly (Size | NoSize)[], order: 'declared' | 'go' | 'free'): Size | NoSize {
  const unknown = fields.find((f) => !isKnown(f));
  if (unknown) return unknown;
  const sizes = fields.filter(isKnown);
  const align = Math.max(1, ...sizes.map((s) => s.align));
  const heap = sizes.some((s) => s.heap);
  const niches = mostNiches(sizes);
  const end = (which: 'low' | 'high') => {
    const placed = sizes.map((s) => ({ size: s[which], align: s.align }));
    return place(order === 'go' ? withTail(placed) : placed).size;
  };
  const high = end('high');
  if (order !== 'free') {
    const low = end('low');
    return { low, high, align, heap, niches };
  }
  const sum = sizes.reduce((n, s) => n + s.low, 0);
  return { low: roundUp(sum, align), high: Math.max(roundUp(sum, align), high), align, heap, niches };
}

/** The niches of the field that has most; unknown when one field's are and no other has any. */
function mostNiches(fields: readonly Size[]): number | undefined {
  const most = Math.max(0, ...fields.map((f) => f.niches ?? 0));
  return most === 0 && fields.some((f) => f.niches === undefined) ? undefined : most;
}

/** An `Option`: nothing more where the value has a niche, else a tag as large as the alignment asks. */
function option(of: Size | NoSize): Size | NoSize {
  if (!isKnown(of)) return of;
  if (of.niches) return { ...of, niches: of.niches - 1 };
  const tagged = (bytes: number) => roundUp(bytes + 1, of.align);
  // What is known to have no niche pays for the tag; what is not known may have one.
  return of.niches === 0
    ? { ...of, low: tagged(of.low), high: tagged(of.high), niches: 254 }
    : { ...of, high: tagged(of.high), niches: undefined };
}

/** An enum of variants: the largest, and a tag unless a niche saves it. */
function oneOf(variants: readonly (Size | NoSize)[], tag = 1): Size | NoSize {
  const unknown = variants.find((v) => !isKnown(v));
  if (unknown) return unknown;
  const sizes = variants.filter(isKnown);
  const most = largest(sizes);
  if (sizes.length < 2) return { ...most, niches: sizes[0]?.niches };
  if (most.high === 0) return { low: tag, high: tag, align: tag, heap: false, niches: 256 - sizes.length };
  return { ...most, high: roundUp(most.high + most.align, most.align), niches: undefined };
}

function largest(sizes: readonly Size[]): Size {
  return {
    low: Math.max(0, ...sizes.map((s) => s.low)),
    high: Math.max(0, ...sizes.map((s) => s.high)),
    align: Math.max(1, ...sizes.map((s) => s.align)),
    heap: sizes.some((s) => s.heap),
  };
}

interface Placed {
  readonly size: number;
  readonly align: number;
}

/** Go puts a byte behind a last field of size zero, so that its address is still the struct's. */
function withTail(fields: readonly Placed[]): readonly Placed[] {
  const last = fields.at(-1);
  return last?.size === 0 && fields.some((f) => f.size > 0)
    ? [...fields.slice(0, -1), { size: 1, align: last.align }]
    : fields;
}

/** Offsets of fields in this order. */
function place(fields: readonly Placed[]): {
  readonly offsets: readonly number[];
  readonly size: number;
  readonly align: number;
} {
  const offsets: number[] = [];
  let at = 0;
  let align = 1;
  for (const f of fields) {
    at = roundUp(at, f.align);
    offsets.push(at);
    at += f.size;
    align = Math.max(align, f.align);
  }
  return { offsets, size: roundUp(at, align), align };
}

/** By alignment, the largest first; fields of one alignment keep their order, and those of size zero go to the front. */
function bestOrder(fields: readonly Placed[]): number[] {
  const rank = (i: number) => {
    const f = fields[i] as Placed;
    return f.size === 0 ? Number.POSITIVE_INFINITY : f.align;
  };
  return fields.map((_, i) => i).sort((a, b) => (rank(b) === rank(a) ? a - b : rank(b) > rank(a) ? 1 : -1));
}

export function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

function parseRow(row: string): Size {
  const [bytes = '0', align = '1', ...rest] = row.split(' ');
  const [low, high = low] = bytes.split('-');
  return { low: Number(low), high: Number(high), align: Number(align), heap: rest.includes('heap') };
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
