import { contains, type Place } from '../../core/span.ts';
import {
  archiveEntries,
  archiveEntryGivers,
  archiveTypes,
  bytesToNumber,
  configurationTypes,
  decodedNumbers,
  limitingMethods,
  measuringMethods,
  numberReaders,
  ownLimits,
  parsedNumbers,
  passingMethods,
  requestTypeNames,
  smallNumbers,
  smallTypes,
  wireNumbers,
} from '../../knowledge/sizes.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { sameText } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Program } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { ByteSources } from './byte-sources.ts';
import { isComparedAnywhere, isTestedBelow, isUnsigned } from './go-sizes.ts';
import { joinedBytes, shiftedTogether } from './joined-bytes.ts';
import { input, type Origin, UNKNOWN, worst } from './origin.ts';
import { Provenance } from './provenance.ts';
import { extractorOf, filledByMethod, RequestValues } from './request-values.ts';
import { clampedAfter, comparesAbove, SizeGuards } from './size-guards.ts';

type Bounded = (by: string, plain?: 'written' | 'length') => Origin;

/** What is said of a number that code puts together of bytes. */
const TOGETHER = 'a number put together of bytes';

const MAX_DEPTH = 12;
/** So many bytes no machine has: whoever compares with it looks for what does not fit a number. */
const NO_LIMIT = 1n << 46n;
/** A mask with so many bits, those of a length in 30, leaves a gibibyte. */
const LARGE_MASK = (1n << 30n) - 1n;

/** Follows numbers back to where they come from, across functions and fields. One per program. */
export class Origins {
  readonly #program: Program;
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #guards: SizeGuards;
  readonly #requests: RequestValues;

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
    this.#guards = SizeGuards.of(program);
    this.#requests = RequestValues.of(program);
  }

  static of(program: Program): Origins {
    return program.derive(makeOrigins);
  }

  get #writes(): Writes {
    return Writes.of(this.#program);
  }

  /** The origin of a size used at `sink` (the call that allocates). */
  ofSize(fn: Fn, size: NodeId, sink: NodeId): Origin {
    return this.#trace(fn, size, sink, 0, new Set());
  }

  #trace(fn: Fn, n: NodeId, sink: NodeId, depth: number, seen: Set<string>): Origin {
    if (n < 0 || depth > MAX_DEPTH) return UNKNOWN;
    const mark = `${fn.id}:${n}`;
    if (seen.has(mark)) return UNKNOWN;
    seen.add(mark);
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, sink, depth + 1, seen);
    const bounded: Bounded = (by, plain) => ({
      kind: 'bounded',
      by,
      where: fn.place(n),
      ...(plain && { plain }),
    });
    switch (code.kind(n)) {
      case Kind.Number:
      case Kind.Literal:
      case Kind.String:
        return bounded('a constant', 'written');
      case Kind.Try:
      case Kind.Await:
        return next(code.child(n, Role.Object));
      case Kind.Unary:
        return next(code.child(n, Role.Object));
      case Kind.Cast: {
        const type = code.child(n, Role.Type);
        return type >= 0 && smallTypes.test(code.name(type))
          ? bounded(`the type \`${code.name(type)}\``)
          : next(code.child(n, Role.Object));
      }
      case Kind.Binary:
        return this.#binary(fn, n, sink, depth, next, bounded);
      case Kind.Call:
        return this.#call(fn, n, depth, seen, next, bounded);
      case Kind.MethodCall: {
        // `if bytes.len() != header.total() { return }` says how much `header.total()` is.
        const sent = this.#remoteField(fn, n);
        const guard =
          sent || fn.package.language === 'rust' ? this.#guards.before(fn, n, -1, sink) : undefined;
        return guard ?? sent ?? this.#method(fn, n, depth, seen, next, bounded);
      }
      case Kind.Name:
        return this.#name(fn, n, sink, depth, seen);
      case Kind.Path:
        return bounded('a constant', 'written');
      case Kind.Field:
        return this.#field(fn, n, sink, depth, seen);
      case Kind.Block:
        return next(code.children(n).at(-1) ?? -1);
      case Kind.If:
        return worst([next(code.child(n, Role.Then)), next(code.child(n, Role.Else))]);
      case Kind.Match:
        return worst(this.#arms(fn, n, next, bounded));
      default:
        return UNKNOWN;
    }
  }

  /** Rust: `match read() { Ok(n) if n > MAX => return Err(…), Ok(n) => n, … }`: behind an arm that leaves, less is left. */
  #arms(fn: Fn, match: NodeId, next: (m: NodeId) => Origin, bounded: Bounded): Origin[] {
    const code = fn.code;
    const leaving: NodeId[] = [];
    const out: Origin[] = [];
    for (const arm of code.all(match, Role.Arm)) {
      const body = code.child(arm, Role.Body);
      if (exits(code, body)) {
        leaving.push(arm);
        continue;
      }
      const held = leaving.some((before) => {
        const guard = code.child(before, Role.Guard);
        return guard >= 0 && comparesAbove(fn, guard, body, false);
      });
      out.push(held ? bounded(`a guard in \`${fn.label}\``) : next(body));
    }
    return out;
  }

  #binary(
    fn: Fn,
    n: NodeId,
    sink: NodeId,
    depth: number,
    next: (m: NodeId) => Origin,
    bounded: Bounded,
  ): Origin {
    const code = fn.code;
    const bytes = fn.file.facts.generated ? -1 : joinedBytes(code, n);
    if (bytes >= 0) return this.#written(input(fn, n, TOGETHER, 'bytes'), fn, bytes);
    const right = code.child(n, Role.Right);
    const left = next(code.child(n, Role.Left));
    const operator = code.name(n);
    if (operator === '&' && this.#keepsMost(fn, right)) return left;
    if (operator === '%' || (operator === '&' && code.kind(right) === Kind.Number))
      return bounded(`\`${operator}\``);
    // Half of it is as large as it.
    if (operator === '/' && left.kind === 'input' && code.kind(right) !== Kind.Number)
      return { ...left, divided: true };
    if (operator === '/' || operator === '>>') return left;
    if (operator === '-' && left.kind === 'bounded' && isWithin(fn, left.where))
      return this.#difference(fn, n, sink, depth) ?? left;
    return worst([left, next(right)]);
  }

  /** Go: `binary.BigEndian.Uint32(head) & 0x7fffffff` takes away a flag: what is left is as much as before. */
  #keepsMost(fn: Fn, mask: NodeId): boolean {
    if (fn.package.language !== 'go') return false;
    const { value } = Constants.of(this.#program).in(fn, mask);
    return value !== undefined && value >= LARGE_MASK;
  }

  /** Go: `size - headerLen` of a number without a sign that is only known not to be too large: what is less wraps round. */
  #difference(fn: Fn, n: NodeId, sink: NodeId, depth: number): Origin | undefined {
    const number = fn.code.child(n, Role.Left);
    if (fn.package.language !== 'go' || !isUnsigned(fn, number) || isTestedBelow(fn, n, sink))
      return undefined;
    // Without what is compared with it in this function.
    const decoded = this.#trace(fn, number, fn.first, depth + 1, new Set());
    return decoded.kind === 'input' && decoded.form === 'bytes'
      ? { ...decoded, what: `${decoded.what}, minus what may be more` }
      : undefined;
  }

  #call(
    fn: Fn,
    n: NodeId,
    depth: number,
    seen: Set<string>,
    next: (m: NodeId) => Origin,
    bounded: Bounded,
  ): Origin {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    const written = callee < 0 ? '' : code.name(callee);
    const name = lastSegment(written);
    const args = code.all(n, Role.Arg);
    const first = args[0] ?? -1;
    if (/^(len|cap)$/.test(name)) return bounded('the length of something in memory', 'length');
    if (name === 'min') return bounded('`min`');
    if (bytesToNumber.test(written))
      return smallTypes.test(written.split('::')[0] as string)
        ? bounded(`the type \`${written.split('::')[0]}\``)
        : this.#decoded(fn, n, name, written);
    if (smallTypes.test(name) || /^(u8|u16|i8|i16)::(try_from|from)$/.test(written))
      return bounded(`the type \`${written.split('::')[0]}\``);
    if (
      /^(u?int(32|64)?|uintptr|usize|u32|u64|i32|i64)$/.test(name) ||
      /^(usize|u32|u64|i32|i64)::(try_from|from)$/.test(written)
    )
      return next(first);
    if (/^(Ok|Some)$/.test(name)) return next(first);
    // A closure of that name is the program's own.
    if (code.kind(callee) === Kind.Name && this.#values.scope(fn).lookup(written, code.start(callee)))
      return UNKNOWN;
    if (decodedNumbers.test(name) || (wireNumbers.test(written) && this.#values.callees(fn, n).length === 0))
      return this.#decoded(fn, n, name, written);
    return this.#returned(fn, n, depth, seen, 0);
  }

  /** A number that is read out of bytes: whoever wrote them decides it. */
  #decoded(fn: Fn, call: NodeId, name: string, written = name): Origin {
    const found = input(fn, call, `a number decoded with \`${written}\``, 'bytes');
    const code = fn.code;
    const bytes =
      code.child(call, Role.Arg) >= 0 ? code.child(call, Role.Arg) : code.child(call, Role.Object);
    return this.#written(found, fn, bytes);
  }

  /** Input, with who wrote the expression it is read from. */
  #written(found: Origin, fn: Fn, from: NodeId): Origin {
    if (found.kind !== 'input' || from < 0) return found;
    if (fn.package.language === 'go') return { ...found, author: Provenance.of(this.#program).of(fn, from) };
    // Text and extractors are read where requests are handled; bytes are decoded anywhere.
    return found.form === 'bytes' ? { ...found, author: ByteSources.of(this.#program).of(fn, from) } : found;
  }

  #method(
    fn: Fn,
    n: NodeId,
    depth: number,
    seen: Set<string>,
    next: (m: NodeId) => Origin,
    bounded: Bounded,
  ): Origin {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const own = this.#values.callees(fn, n);
    // A decoder's own hint is what its input announces.
    const hints = name === 'size_hint' && own.length > 0;
    const entry = name === 'size' && own.length === 0 ? this.#announcedEntry(fn, n) : undefined;
    if (entry) return entry;
    if (measuringMethods.test(name) && !hints) {
      // `page.size()` of an own type may be the field that a request has filled.
      const isOwn = own.length > 0;
      const told = isOwn ? this.#returned(fn, n, depth, seen, 0) : UNKNOWN;
      return told.kind === 'input' ? told : bounded('the length of something in memory', 'length');
    }
    if (limitingMethods.test(name)) return bounded(`\`${name}\``);
    if (name === 'content_length' || name === 'ContentLength')
      return input(fn, n, 'the Content-Length of a request');
    if (own.length === 0) {
      if (smallNumbers.test(name)) return bounded('a number of at most 16 bits');
      if (decodedNumbers.test(name)) return this.#decoded(fn, n, name);
      if (parsedNumbers.test(name)) return this.#parsed(fn, n, name);
      if (passingMethods.test(name)) return next(object);
      if (name === 'filter') return this.#filtered(fn, n, object, next, bounded);
      if (/^(and_then|map|map_or|map_or_else|filter_map|find_map)$/.test(name))
        return this.#mapped(fn, n, object, next);
      return UNKNOWN;
    }
    return this.#returned(fn, n, depth, seen, 0);
  }

  /** Rust: `n.checked_mul(m).filter(|n| *n <= MAX)`: a limit, unless it is as large as numbers are. */
  #filtered(fn: Fn, call: NodeId, object: NodeId, next: (m: NodeId) => Origin, bounded: Bounded): Origin {
    const { code } = fn;
    const body = code.child(code.child(call, Role.Arg), Role.Body);
    for (let n = body; body >= 0 && n < code.after(body); n++) {
      if (code.kind(n) !== Kind.Binary || !/^<=?$/.test(code.name(n))) continue;
      const { value } = Constants.of(this.#program).in(fn, code.child(n, Role.Right));
      return value !== undefined && value > NO_LIMIT ? next(object) : bounded('`filter`');
    }
    return UNKNOWN;
  }

  /** `archive.by_index(i)`, `archive.entries()` of tar: https://docs.rs/tar/latest/tar/struct.Archive.html#method.entries */
  #givesEntries(fn: Fn, call: NodeId): boolean {
    const name = fn.code.name(call);
    if (name !== 'entries') return archiveEntryGivers.test(name);
    const type = this.#values.typeOf(fn, fn.code.child(call, Role.Object));
    return type !== undefined && archiveTypes.test(peel(type).type.name);
  }

  /** Rust: `archive.by_index(i)?.size()`: what an archive says of its entry, which nothing of it must be true. */
  #announcedEntry(fn: Fn, call: NodeId): Origin | undefined {
    const { code } = fn;
    if (fn.package.language !== 'rust') return undefined;
    let n = code.child(call, Role.Object);
    for (let i = 0; n >= 0 && i < 8; i++) {
      const kind = code.kind(n);
      if (kind === Kind.Name) {
        const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
        if (b && b.type >= 0 && archiveEntries.test(code.name(b.type))) break;
        n = b && b.value >= 0 && b.value < n ? b.value : -1;
      } else if (kind === Kind.MethodCall && this.#givesEntries(fn, n)) break;
      else n = code.child(n, Role.Object);
    }
    if (n < 0) return undefined;
    const found = input(fn, call, 'the size that an archive announces for an entry', 'bytes');
    return { ...this.#written(found, fn, n), announced: true } as Origin;
  }

  /** `header.and_then(|text| text.parse().ok())`: what the closure makes of it. */
  #mapped(fn: Fn, call: NodeId, object: NodeId, next: (m: NodeId) => Origin): Origin {
    const code = fn.code;
    const closure = code.all(call, Role.Arg).at(-1) ?? -1;
    if (closure < 0 || code.kind(closure) !== Kind.Closure || this.#requests.isConfiguration(fn, object))
      return UNKNOWN;
    const body = code.child(closure, Role.Body);
    const value = unconverted(code, body);
    const parameter = code.child(code.child(closure, Role.Param), Role.Pattern);
    const same = value >= 0 && parameter >= 0 && code.is(value, Kind.Name, code.name(parameter));
    return next(same ? object : body);
  }

  /** Text that becomes a number: from configuration it is the operator's word, from anywhere else it is input. */
  #parsed(fn: Fn, n: NodeId, name: string): Origin {
    const code = fn.code;
    // A parser's method of the same name is given what it parses.
    if (fn.package.language === 'rust' && name === 'parse' && code.child(n, Role.Arg) >= 0) return UNKNOWN;
    const bits = code.all(n, Role.Arg)[2];
    if (bits !== undefined && /^(8|16)$/.test(code.name(bits)))
      return { kind: 'bounded', by: 'a number of at most 16 bits', where: fn.place(n) };
    const text = name === 'parse' ? code.child(n, Role.Object) : code.child(n, Role.Arg);
    if (this.#requests.isConfiguration(fn, text)) return UNKNOWN;
    const reach = this.#phases.at(fn, n);
    if (reach.startup && !reach.request && !reach.api && !reach.likely) return UNKNOWN;
    // Reached by a name alone it may be a tool's argument.
    if (fn.package.language === 'rust' && !reach.request && !reach.likely && !reach.api) return UNKNOWN;
    return this.#written(input(fn, n, `text parsed with \`${name}\``, 'text'), fn, text);
  }

  /** What a function of the workspace returns. `index` picks one of several results. */
  #returned(fn: Fn, call: NodeId, depth: number, seen: Set<string>, index: number): Origin {
    const targets = this.#values.callees(fn, call);
    if (targets.length === 0) {
      const name = callName(fn.code, call);
      if (parsedNumbers.test(name)) return this.#parsed(fn, call, name);
      if (decodedNumbers.test(name)) return this.#decoded(fn, call, name);
      return UNKNOWN;
    }
    if (targets.length > 3) return UNKNOWN;
    return worst(
      targets.map((t) => {
        const result = t.fact.result;
        if (result >= 0 && smallResult(t, result))
          return { kind: 'bounded', by: 'the type it returns', where: t.place(result) } as Origin;
        return worst(answersOf(t, index).map((r) => this.#trace(t, r, r, depth + 1, seen)));
      }),
    );
  }

  #name(fn: Fn, n: NodeId, sink: NodeId, depth: number, seen: Set<string>): Origin {
    const code = fn.code;
    const name = code.name(n);
    const b = this.#values.scope(fn).lookup(name, code.start(n));
    if (!b) {
      const g = fn.package.globalMeant(fn.file, name);
      return g?.fact.kind === 'const'
        ? {
            kind: 'bounded',
            by: `the constant \`${name}\``,
            where: g.file.place(g.fact.nameSpan),
            plain: 'named',
          }
        : UNKNOWN;
    }
    const type = b.type >= 0 ? code.name(b.type) : '';
    if (smallTypes.test(type))
      return { kind: 'bounded', by: `the type \`${type}\``, where: fn.place(b.node) };
    const guard = this.#guards.before(fn, n, b.node, sink);
    if (guard) return guard;
    const extracted = fn.package.language === 'rust' ? extractorOf(fn, b) : undefined;
    if (extracted !== undefined)
      return extracted.small
        ? { kind: 'bounded', by: `the type \`${extracted.small}\``, where: fn.place(b.node) }
        : input(fn, n, `a value of the request, taken out by \`${extracted.name}\``);
    const own = b.source === 'parameter' ? writtenJustBefore(fn, n) : -1;
    if (own >= 0) return this.#trace(fn, own, sink, depth + 1, seen);
    if (b.source === 'parameter') return this.#argument(fn, b, depth, seen);
    // What a generated decoder puts together becomes a field, and who sends that message is another question.
    const isHand = !fn.file.facts.generated;
    const shifted = isHand ? shiftedTogether(fn, b, n) : undefined;
    if (shifted) return this.#written(input(fn, shifted.assign, TOGETHER, 'bytes'), fn, shifted.bytes);
    const assigned = fn.package.language === 'go' ? this.#assigned(fn, b, n, sink, depth, seen) : undefined;
    if (assigned) return assigned;
    if (b.value < 0) return this.#readInto(fn, n);
    if (b.source === 'part' || (b.source === 'value' && fn.package.language === 'go')) {
      let call = b.value;
      while (code.kind(call) === Kind.Try || code.kind(call) === Kind.Await)
        call = code.child(call, Role.Object);
      const kind = code.kind(call);
      if (kind === Kind.Call || kind === Kind.MethodCall) {
        if (b.source === 'value') return this.#trace(fn, b.value, sink, depth + 1, seen);
        return this.#returned(fn, call, depth + 1, seen, b.index);
      }
    }
    if (b.source === 'value') return this.#trace(fn, b.value, sink, depth + 1, seen);
    return UNKNOWN;
  }

  /**
   * Go: `v, err = binary.ReadUvarint(r)`: what a local was assigned before its use, with what it was made with where it may
   * still hold that.
   */
  #assigned(
    fn: Fn,
    b: Binding,
    use: NodeId,
    sink: NodeId,
    depth: number,
    seen: Set<string>,
  ): Origin | undefined {
    const { code } = fn;
    const found: Origin[] = [];
    for (let n = use - 1; n > b.node; n--) {
      if (!code.is(n, Kind.Assign, '=') || code.within(use, n)) continue;
      const index = code.all(n, Role.Target).findIndex((t) => code.is(t, Kind.Name, b.name));
      const value = index < 0 ? undefined : (code.all(n, Role.Value)[index] ?? code.child(n, Role.Value));
      if (value === undefined || this.#values.scope(fn).lookup(b.name, code.start(n))?.node !== b.node)
        continue;
      const isOne = code.all(n, Role.Value).length > 1 || index === 0;
      found.push(
        isOne
          ? this.#trace(fn, value, sink, depth + 1, seen)
          : this.#returned(fn, value, depth + 1, seen, index),
      );
      // What stands in a block around the use is what it holds.
      if (code.within(use, code.parent(n))) return worst(found);
    }
    if (found.length === 0) return undefined;
    if (b.value >= 0 && b.source === 'value') found.push(this.#trace(fn, b.value, sink, depth + 1, seen));
    return worst(found);
  }

  /** Go: `binary.Read(r, binary.BigEndian, &n)`, `fmt.Fscanf(r, "%d", &n)` before a use of `n`, or of the field `h.n`. */
  #readInto(fn: Fn, use: NodeId): Origin {
    const code = fn.code;
    if (fn.package.language !== 'go') return UNKNOWN;
    for (let m = fn.first; m < use; m++) {
      if (code.kind(m) !== Kind.MethodCall || !numberReaders.test(code.name(m))) continue;
      const from = this.#values.goPackage(fn, code.child(m, Role.Object));
      if (from !== 'encoding/binary' && from !== 'fmt') continue;
      const [source, ...into] = code.all(m, Role.Arg);
      const isInto = (a: NodeId) =>
        code.is(a, Kind.Unary, '&') && sameText(code, code.child(a, Role.Object), use);
      if (source === undefined || !into.some(isInto)) continue;
      const form = from === 'fmt' ? 'text' : 'bytes';
      const what = `a number decoded with \`${from === 'fmt' ? 'fmt' : 'binary'}.${code.name(m)}\``;
      return this.#written(input(fn, m, what, form), fn, source);
    }
    return UNKNOWN;
  }

  /** What the callers pass for a parameter. */
  #argument(fn: Fn, b: Binding, depth: number, seen: Set<string>): Origin {
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call');
    return worst(
      sites.map((s) => {
        const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
        return arg === undefined ? UNKNOWN : this.#trace(s.fn, arg, s.node, depth + 1, seen);
      }),
    );
  }

  #field(fn: Fn, n: NodeId, sink: NodeId, depth: number, seen: Set<string>): Origin {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const type = this.#values.typeOf(fn, object);
    const inner = type && peel(type).type;
    if (
      name === 'ContentLength' &&
      inner?.name === 'net/http.Request' &&
      this.#requests.isOwnRequest(fn, object)
    )
      return UNKNOWN;
    if (name === 'ContentLength' && inner?.name === 'net/http.Request')
      return this.#guards.before(fn, n, -1, sink) ?? input(fn, n, 'the Content-Length of a request');
    if (name === 'ContentLength' && inner?.name === 'net/http.Response')
      return (
        this.#guards.before(fn, n, -1, sink) ??
        ({ ...input(fn, n, 'the Content-Length of a response'), announced: true } as Origin)
      );
    const decl = inner?.decl ?? this.#requests.extracted(type);
    const field = decl && this.#values.field(decl, name);
    if (!decl || !field) {
      const of = fn.package.language === 'rust' ? this.#requests.decoded(fn, object) : undefined;
      const sent = of ? input(fn, n, of) : this.#remoteField(fn, n);
      return sent ? (this.#guards.before(fn, n, -1, sink) ?? sent) : UNKNOWN;
    }
    const written = this.#values.types.at(field.decl.file, field.type);
    if (written && smallTypes.test(written.name))
      return { kind: 'bounded', by: `the type \`${written.name}\``, where: fn.place(n) };
    if (fn.package.language === 'go' && ownLimits.test(name))
      return { kind: 'bounded', by: `the limit \`${name}\``, where: fn.place(n) };
    const guard = this.#guards.before(fn, n, -1, sink) ?? this.#guards.onTheWay(fn, object, name);
    if (guard) return guard;
    const request =
      fn.package.language === 'rust'
        ? configurationTypes.test(decl.fact.name)
          ? undefined
          : this.#requests.decoded(fn, object)
        : this.#requests.filled(fn, object, decl);
    const made = request && written ? this.#guards.whenMade(written) : undefined;
    if (made) return made;
    if (request) {
      const found = this.#written(input(fn, n, request), fn, object);
      return this.#requests.isHanded(fn, object) ? ({ ...found, handed: true } as Origin) : found;
    }
    const scanned = this.#readInto(fn, n);
    if (scanned.kind === 'input') return scanned;
    const filled =
      fn.package.language === 'go'
        ? (this.#requests.filledElsewhere(fn, object) ??
          (isComparedAnywhere(decl.file.package, name) ? undefined : filledByMethod(fn, object)))
        : undefined;
    if (filled) return this.#written(input(fn, n, filled.what), filled.fn, filled.from);
    const own = writtenJustBefore(fn, n);
    if (own >= 0) return this.#trace(fn, own, sink, depth + 1, seen);
    return worst(
      this.#writes.toField(field.decl, name).flatMap(({ fn: by, node, value, index }) => {
        if (!by) return [];
        const checked = this.#guards.afterMaking(by, value, name);
        if (checked) return [checked];
        // `p.size, err = strconv.Atoi(s); if p.size > max { p.size = max }`
        const target = by.code.kind(node) === Kind.Assign ? by.code.all(node, Role.Target)[index] : undefined;
        const clamped = target === undefined ? undefined : clampedAfter(by, target, node);
        if (clamped) return [clamped];
        return index > 0
          ? this.#returned(by, value, depth + 1, seen, index)
          : this.#trace(by, value, value, depth + 1, seen);
      }),
    );
  }

  /** Go: `req.GetCount()`, `req.Count` of the message that a remote procedure is called with. */
  #remoteField(fn: Fn, n: NodeId): Origin | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go') return undefined;
    if (code.kind(n) === Kind.MethodCall && !/^Get[A-Z]/.test(code.name(n))) return undefined;
    const object = code.child(n, Role.Object);
    if (!code.is(object, Kind.Name) || !this.#phases.handlers.evidenceOf(fn)?.remote) return undefined;
    const b = this.#values.scope(fn).lookup(code.name(object), code.start(object));
    if (b?.source !== 'parameter' || b.type < 0) return undefined;
    const message = lastSegment(code.name(code.is(b.type, Kind.Type, '*') ? b.type + 1 : b.type));
    return requestTypeNames.test(message.split('.').at(-1) as string)
      ? this.#written(input(fn, n, `a field of the request \`${b.name}\``), fn, object)
      : undefined;
  }
}

/** `n` of `usize::try_from(n).ok()`, `Some(n as usize)`: the number that is only given another type. */
function unconverted(code: Code, expression: NodeId): NodeId {
  let n = expression;
  for (let i = 0; n >= 0 && i < 8; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Cast || kind === Kind.Unary || kind === Kind.Try) n = code.child(n, Role.Object);
    else if (kind === Kind.MethodCall && sameNumber.test(code.name(n))) n = code.child(n, Role.Object);
    else if (
      kind === Kind.Call &&
      /(^|::)(try_from|from|Some|Ok)$/.test(code.name(code.child(n, Role.Callee)))
    )
      n = code.child(n, Role.Arg);
    else break;
  }
  return n;
}

/** Methods that give a number in another type, or out of a result. */
const sameNumber = /^(ok|unwrap|expect|unwrap_or|unwrap_or_default|into|try_into|map_err|ok_or|ok_or_else)$/;

function isWithin({ file, fact }: Fn, at: Place): boolean {
  return at.file === file.facts.file && contains(fact.span, at.span);
}

function makeOrigins(program: Program): Origins {
  return new Origins(program);
}

function smallResult(fn: Fn, result: NodeId): boolean {
  const code = fn.code;
  let n = result;
  for (let i = 0; i < 3 && n >= 0; i++) {
    if (smallTypes.test(code.name(n))) return true;
    if (!/(^|::)(Result|Option|tuple)$/.test(code.name(n))) return false;
    n = code.children(n)[0] ?? -1;
  }
  return false;
}

/**
 * What was put into a field or name by a statement before it in the same block, `p.size = len(reply)`, when nothing between
 * that could put something else there; or -1.
 */
function writtenJustBefore({ code }: Fn, field: NodeId): NodeId {
  let root = field;
  while (code.kind(root) === Kind.Field) root = code.child(root, Role.Object);
  const statement = code.ancestor(field, (a) => code.kind(code.parent(a)) === Kind.Block);
  const before = statement < 0 ? [] : code.children(code.parent(statement)).filter((s) => s < statement);
  for (const s of before.reverse()) {
    const [target, ...others] = code.kind(s) === Kind.Assign ? code.all(s, Role.Target) : [];
    if (
      target !== undefined &&
      others.length === 0 &&
      code.is(s, Kind.Assign, '=') &&
      sameText(code, target, field)
    )
      return code.child(s, Role.Value);
    for (let n = s; n < code.after(s); n++) if (code.is(n, Kind.Name, code.name(root))) return -1;
  }
  return -1;
}
