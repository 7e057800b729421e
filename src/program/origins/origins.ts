import type { Place } from '../../core/span.ts';
import { errorNames } from '../../knowledge/errors.ts';
import {
  configurationFieldNames,
  configurationLocalNames,
  requestMakers,
  requestParts,
  valueExtractors,
} from '../../knowledge/provenance.ts';
import {
  allowingCalls,
  archiveEntries,
  archiveEntryGivers,
  bytesToNumber,
  checkingMacros,
  configurationSources,
  configurationTypes,
  decodedNumbers,
  fillingCalls,
  limitingMethods,
  measuringMethods,
  numberReaders,
  ownLimits,
  parsedNumbers,
  passingMethods,
  requestExtractors,
  requestTypeNames,
  requestTypes,
  smallNumbers,
  smallTypes,
  unpackingCalls,
  valueDecoders,
  wireNumbers,
} from '../../knowledge/sizes.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf, exits, returnsOf } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { sameText } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { ByteSources } from './byte-sources.ts';
import { joinedBytes, shiftedTogether } from './joined-bytes.ts';
import { type Author, Provenance } from './provenance.ts';

/** Where a number comes from. */
export type Origin =
  /** Somebody outside decides it. */
  | {
      readonly kind: 'input';
      readonly what: string;
      /** How the number was written, where it was made of something else. */
      readonly form?: 'bytes' | 'text';
      readonly at: Place;
      /** Who wrote what the number was read from, where that could be followed. */
      readonly author?: Author;
      /** A server that was asked says it of its answer. */
      readonly announced?: true;
      /** It was divided by another number: how many parts of some size there are. */
      readonly divided?: true;
      /** The request was handed to whoever takes the number out of it: it may have been looked at before. */
      readonly handed?: true;
    }
  /** It cannot be large, or it is tested. */
  | {
      readonly kind: 'bounded';
      readonly by: string;
      readonly where: Place;
      /** So plain a bound that nobody needs to be told: it stands there, has a name, or measures what is in memory. */
      readonly plain?: 'written' | 'named' | 'length';
    }
  | { readonly kind: 'unknown' };

type Bounded = (by: string, plain?: 'written' | 'length') => Origin;

/** What is said of a number that code puts together of bytes. */
const TOGETHER = 'a number put together of bytes';

const UNKNOWN: Origin = { kind: 'unknown' };
const MAX_DEPTH = 12;
/** So many bytes no machine has: whoever compares with it looks for what does not fit a number. */
const NO_LIMIT = 1n << 46n;

/** What more than so many call is no part of one request. */
const MAX_SITES = 8;

/** Follows numbers back to where they come from, across functions and fields. One per program. */
export class Origins {
  readonly #program: Program;
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
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
        return this.#binary(fn, n, next, bounded);
      case Kind.Call:
        return this.#call(fn, n, depth, seen, next, bounded);
      case Kind.MethodCall: {
        // `if bytes.len() != header.total() { return }` says how much `header.total()` is.
        const sent = this.#remoteField(fn, n);
        const guard = sent || fn.package.language === 'rust' ? this.#guard(fn, n, -1, sink) : undefined;
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
        return guard >= 0 && comparesAbove(code, guard, body, false);
      });
      out.push(held ? bounded(`a guard in \`${fn.label}\``) : next(body));
    }
    return out;
  }

  #binary(fn: Fn, n: NodeId, next: (m: NodeId) => Origin, bounded: Bounded): Origin {
    const code = fn.code;
    const bytes = fn.file.facts.generated ? -1 : joinedBytes(code, n);
    if (bytes >= 0) return this.#written(input(fn, n, TOGETHER, 'bytes'), fn, bytes);
    const right = code.child(n, Role.Right);
    const left = next(code.child(n, Role.Left));
    const operator = code.name(n);
    if (operator === '%' || (operator === '&' && code.kind(right) === Kind.Number))
      return bounded(`\`${operator}\``);
    // Half of it is as large as it.
    if (operator === '/' && left.kind === 'input' && code.kind(right) !== Kind.Number)
      return { ...left, divided: true };
    if (operator === '/' || operator === '>>') return left;
    return worst([left, next(right)]);
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
      } else if (kind === Kind.MethodCall && archiveEntryGivers.test(code.name(n))) break;
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
    if (closure < 0 || code.kind(closure) !== Kind.Closure || this.#isConfiguration(fn, object, 0))
      return UNKNOWN;
    const body = code.child(closure, Role.Body);
    let value = body;
    while (value >= 0 && (code.kind(value) === Kind.Cast || code.kind(value) === Kind.Unary))
      value = code.child(value, Role.Object);
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
    if (this.#isConfiguration(fn, text, 0)) return UNKNOWN;
    const reach = this.#phases.at(fn, n);
    if (reach.startup && !reach.request && !reach.api && !reach.likely) return UNKNOWN;
    // Reached by a name alone it may be a tool's argument.
    if (fn.package.language === 'rust' && !reach.request && !reach.likely && !reach.api) return UNKNOWN;
    return this.#written(input(fn, n, `text parsed with \`${name}\``, 'text'), fn, text);
  }

  #isConfiguration(fn: Fn, n: NodeId, depth: number): boolean {
    if (n < 0 || depth > 4) return false;
    const code = fn.code;
    for (let m = n; m < code.after(n); m++) {
      const kind = code.kind(m);
      if ((kind === Kind.Call || kind === Kind.MethodCall) && configurationSources.test(callName(code, m)))
        return true;
      if (kind === Kind.Field && configurationFieldNames.test(code.name(m))) return true;
      if (kind === Kind.Name) {
        if (configurationLocalNames.test(code.name(m))) return true;
        const b = this.#values.scope(fn).lookup(code.name(m), code.start(m));
        if (b && b.value >= 0 && b.value !== n && this.#isConfiguration(fn, b.value, depth + 1)) return true;
      }
    }
    return false;
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
    const guard = this.#guard(fn, n, b.node, sink);
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

  /** Go: `req, err := http.NewRequest(…)`: a request that the program sends. */
  #isOwnRequest(fn: Fn, object: NodeId): boolean {
    const code = fn.code;
    if (code.kind(object) !== Kind.Name) return false;
    const b = this.#values.scope(fn).lookup(code.name(object), code.start(object));
    return b !== undefined && b.value >= 0 && requestMakers.test(callName(code, b.value));
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
    if (name === 'ContentLength' && inner?.name === 'net/http.Request' && this.#isOwnRequest(fn, object))
      return UNKNOWN;
    if (name === 'ContentLength' && inner?.name === 'net/http.Request')
      return this.#guard(fn, n, -1, sink) ?? input(fn, n, 'the Content-Length of a request');
    if (name === 'ContentLength' && inner?.name === 'net/http.Response')
      return (
        this.#guard(fn, n, -1, sink) ??
        ({ ...input(fn, n, 'the Content-Length of a response'), announced: true } as Origin)
      );
    const decl = inner?.decl ?? this.#extractedDecl(type);
    const field = decl && this.#values.field(decl, name);
    if (!decl || !field) {
      const of = fn.package.language === 'rust' ? this.#decodedRequest(fn, object, 0) : undefined;
      const sent = of ? input(fn, n, of) : this.#remoteField(fn, n);
      return sent ? (this.#guard(fn, n, -1, sink) ?? sent) : UNKNOWN;
    }
    const written = this.#values.types.at(field.decl.file, field.type);
    if (written && smallTypes.test(written.name))
      return { kind: 'bounded', by: `the type \`${written.name}\``, where: fn.place(n) };
    if (fn.package.language === 'go' && ownLimits.test(name))
      return { kind: 'bounded', by: `the limit \`${name}\``, where: fn.place(n) };
    const guard = this.#guard(fn, n, -1, sink) ?? this.#refusedOnTheWay(fn, object, name);
    if (guard) return guard;
    const request =
      fn.package.language === 'rust'
        ? configurationTypes.test(decl.fact.name)
          ? undefined
          : this.#decodedRequest(fn, object, 0)
        : this.#requestValue(fn, object, decl);
    const made = request && written ? this.#refusedWhenMade(written) : undefined;
    if (made) return made;
    if (request) {
      const found = this.#written(input(fn, n, request), fn, object);
      return this.#isHanded(fn, object) ? ({ ...found, handed: true } as Origin) : found;
    }
    const scanned = this.#readInto(fn, n);
    if (scanned.kind === 'input') return scanned;
    const filled = fn.package.language === 'go' ? this.#filledElsewhere(fn, object) : undefined;
    if (filled) return this.#written(input(fn, n, filled.what), filled.fn, filled.from);
    const own = writtenJustBefore(fn, n);
    if (own >= 0) return this.#trace(fn, own, sink, depth + 1, seen);
    return worst(
      this.#writes.toField(field.decl, name).flatMap(({ fn: by, node, value, index }) => {
        if (!by) return [];
        const checked = this.#checkedAfter(by, value, name);
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

  /**
   * Rust: `let header = Self { size: n, … };` and then `header.validate()?` or `if header.size > MAX { return Err(…) }`: what is
   * made is refused where the field is too large.
   */
  #checkedAfter(fn: Fn, value: NodeId, field: string): Origin | undefined {
    const { code } = fn;
    if (fn.package.language !== 'rust') return undefined;
    const made = code.ancestor(value, (a) => code.kind(a) === Kind.Let);
    const pattern = made < fn.first ? -1 : code.child(made, Role.Pattern);
    if (pattern < 0 || !code.is(code.child(made, Role.Value), Kind.Composite)) return undefined;
    const block = code.parent(made);
    for (let n = code.after(made); n < code.after(block); n++) {
      if (
        code.is(n, Kind.Field, field) &&
        code.is(code.child(n, Role.Object), Kind.Name, code.name(pattern))
      ) {
        const branch = code.ancestor(n, (a) => code.kind(a) === Kind.If);
        const condition = branch < code.after(made) ? -1 : code.child(branch, Role.Condition);
        const refused =
          condition >= 0 &&
          code.parent(branch) === block &&
          code.within(n, condition) &&
          exits(code, code.child(branch, Role.Then)) &&
          comparesAbove(code, condition, n, false);
        if (refused)
          return { kind: 'bounded', by: `a comparison in \`${fn.label}\``, where: fn.place(condition) };
      }
      if (code.kind(n) !== Kind.MethodCall || code.kind(code.parent(n)) !== Kind.Try) continue;
      if (!code.is(code.child(n, Role.Object), Kind.Name, code.name(pattern))) continue;
      for (const target of this.#values.callees(fn, n)) {
        const where = refuses(target, (m) => isOwnField(target, m, field));
        if (where) return where;
      }
    }
    return undefined;
  }

  /** Rust: `#[serde(try_from = "u32")] struct Count(u32)`, whose `try_from` refuses what is too large. */
  #refusedWhenMade(type: TypeRef): Origin | undefined {
    const { decl } = peel(type).type;
    if (!decl?.fact.attributes.some((a) => /^serde\b.*\btry_from\b/s.test(a))) return undefined;
    for (const target of decl.file.package.methodsOf(decl.fact.name, 'try_from')) {
      const { code, fact } = target;
      const param = fact.params[0];
      const name = param === undefined ? '' : code.name(code.child(param, Role.Pattern));
      const refused = name === '' ? undefined : refuses(target, (m) => code.is(m, Kind.Name, name));
      if (refused) return refused;
    }
    return undefined;
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

  /** `Json<T>`, `Query<T>`: the fields of an extractor are those of what it took out. */
  #extractedDecl(type: TypeRef | undefined): TypeDecl | undefined {
    const outer = type && peel(type).type;
    const inner = outer && requestExtractors.test(outer.name) ? outer.args[0] : undefined;
    return inner && peel(inner).type.decl;
  }

  /** Rust: `let claim = Claim::parse(&mut raw)?.within(limits)?`, which gives itself back where its fields are small enough. */
  #refusedOnTheWay(fn: Fn, object: NodeId, field: string): Origin | undefined {
    const { code } = fn;
    const b =
      fn.package.language === 'rust' && code.is(object, Kind.Name)
        ? this.#values.scope(fn).lookup(code.name(object), code.start(object))
        : undefined;
    let n = b?.source === 'value' ? b.value : -1;
    while (n >= 0) {
      const kind = code.kind(n);
      if (kind !== Kind.Try && kind !== Kind.Await && kind !== Kind.MethodCall) return undefined;
      for (const target of kind === Kind.MethodCall ? this.#values.callees(fn, n) : []) {
        const derived = namesMadeOf(target, field);
        const isTested = (m: NodeId) =>
          isOwnField(target, m, field) || (target.code.is(m, Kind.Name) && derived.has(target.code.name(m)));
        const refusal = refuses(target, isTested);
        if (refusal) return refusal;
      }
      n = code.child(n, Role.Object);
    }
    return undefined;
  }

  /** Rust: in words what an expression is a part of, when that is a decoded request; else undefined. */
  #decodedRequest(fn: Fn, n: NodeId, depth: number): string | undefined {
    if (n < 0 || depth > 6) return undefined;
    const code = fn.code;
    const next = (m: NodeId) => this.#decodedRequest(fn, m, depth + 1);
    switch (code.kind(n)) {
      case Kind.Unary:
      case Kind.Try:
      case Kind.Await:
      case Kind.Field:
        return next(code.child(n, Role.Object));
      case Kind.Name: {
        if (fn.fact.receiver !== '' && code.name(n) === fn.fact.receiver)
          return this.#handedRequest(fn, undefined, depth);
        const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
        if (!b) return undefined;
        if (extractorOf(fn, b)) return `a field of the request \`${b.name}\``;
        if (b.source === 'parameter' && requestTypes.test(typeName(fn, b)) && hasArguments(fn, b))
          return `a field of the request \`${b.name}\``;
        if (b.source === 'parameter') return this.#handedRequest(fn, b, depth);
        // `Some(Partition::Hash(hash))` takes a part of it.
        return (b.source === 'value' || b.source === 'part') && b.value >= 0 ? next(b.value) : undefined;
      }
      case Kind.MethodCall:
        if (requestParts.test(code.name(n)) || passingMethods.test(code.name(n)))
          return next(code.child(n, Role.Object));
        return this.#decodedHere(fn, n);
      case Kind.Call:
        return this.#decodedHere(fn, n);
      default:
        return undefined;
    }
  }

  /** Rust: somebody hands a decoded request over, as an argument or, where none is named, as what a method is called on: `page.size()`. */
  #handedRequest(fn: Fn, b: Binding | undefined, depth: number): string | undefined {
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && !s.fn.isTest);
    if (sites.length > MAX_SITES) return undefined;
    for (const { fn: by, node, guess } of sites) {
      const given = b ? by.code.all(node, Role.Arg)[b.index] : by.code.child(node, Role.Object);
      if (given === undefined) continue;
      // `page.size()` by its name alone, where the extractor says what `page` is.
      const isOwn = () => this.#extractedDecl(this.#values.typeOf(by, given))?.fact.name === fn.fact.owner;
      if (guess && (b || !isOwn())) continue;
      const request = this.#decodedRequest(by, given, depth + 1);
      if (request) return request;
    }
    return undefined;
  }

  /** Rust: what the expression begins with came from a caller, and says by itself of no request. */
  #isHanded(fn: Fn, object: NodeId): boolean {
    const { code } = fn;
    let root = object;
    while (code.kind(root) === Kind.Field || code.kind(root) === Kind.MethodCall)
      root = code.child(root, Role.Object);
    if (fn.package.language !== 'rust' || !code.is(root, Kind.Name)) return false;
    if (fn.fact.receiver !== '' && code.name(root) === fn.fact.receiver) return true;
    const b = this.#values.scope(fn).lookup(code.name(root), code.start(root));
    return b?.source === 'parameter' && !extractorOf(fn, b) && !requestTypes.test(typeName(fn, b));
  }

  /** `serde_json::from_slice(&body)`, `Header::decode(buf)` while the service runs. */
  #decodedHere(fn: Fn, call: NodeId): string | undefined {
    const name = callName(fn.code, call);
    if (!valueDecoders.test(name) || this.#values.callees(fn, call).length > 0) return undefined;
    if (fn.code.all(call, Role.Arg).some((a) => this.#isConfiguration(fn, a, 0))) return undefined;
    const reach = this.#phases.at(fn, call);
    return reach.request || reach.likely || reach.api ? `a field of what \`${name}\` decodes` : undefined;
  }

  /** The object is what a request was decoded into. */
  #requestValue(fn: Fn, object: NodeId, decl: TypeDecl): string | undefined {
    const code = fn.code;
    if (object < 0 || code.kind(object) !== Kind.Name) return undefined;
    const b = this.#values.scope(fn).lookup(code.name(object), code.start(object));
    if (!b) return undefined;
    if (b.type >= 0 && valueExtractors.test(code.name(b.type)))
      return `a field of the request \`${decl.fact.name}\``;
    if (
      b.source === 'parameter' &&
      this.#phases.handlers.evidenceOf(fn) &&
      fn.package.language === 'go' &&
      requestTypeNames.test(decl.fact.name)
    )
      return `a field of the request \`${decl.fact.name}\``;
    return decodedBefore(fn, code.name(object), object)
      ? `a field decoded into \`${code.name(object)}\``
      : undefined;
  }

  /**
   * Go: `h.read(conn)` and `readHeader(conn, &h)`, which decode into what they are given, and `h, err := readHeader(conn)`, which
   * gives what it has decoded: from what.
   */
  #filledElsewhere(
    fn: Fn,
    object: NodeId,
  ): { readonly what: string; readonly fn: Fn; readonly from: NodeId } | undefined {
    const { code } = fn;
    const b = code.is(object, Kind.Name)
      ? this.#values.scope(fn).lookup(code.name(object), code.start(object))
      : undefined;
    if (!b || b.source === 'parameter') return undefined;
    const what = `a field decoded into \`${b.name}\``;
    if (b.value >= 0 && b.index === 0 && (code.is(b.value, Kind.Call) || code.is(b.value, Kind.MethodCall))) {
      const [maker, ...others] = this.#values.callees(fn, b.value);
      for (const answer of maker && others.length === 0 ? answersOf(maker, 0) : []) {
        const from = maker ? unpackedInto(maker, baseOf(maker.code, answer), answer) : -1;
        if (maker && from >= 0) return { what, fn: maker, from };
      }
    }
    for (let n = b.node; n < object; n++) {
      const isMethod = code.kind(n) === Kind.MethodCall;
      if (!isMethod && code.kind(n) !== Kind.Call) continue;
      const isOwn = isMethod && code.is(code.child(n, Role.Object), Kind.Name, b.name);
      const index = code.all(n, Role.Arg).findIndex((a) => baseOf(code, a) === b.name);
      if (!isOwn && index < 0) continue;
      for (const target of this.#values.callees(fn, n)) {
        const p = isOwn ? undefined : target.fact.params[index];
        const into =
          p === undefined ? target.fact.receiver : target.code.name(target.code.child(p, Role.Pattern));
        const from = isOwn || p !== undefined ? unpackedInto(target, into, target.after) : -1;
        if (from >= 0) return { what, fn: target, from };
      }
    }
    return undefined;
  }

  /** A comparison with a limit between where a number appears and where it is used. */
  #guard(fn: Fn, expression: NodeId, declared: NodeId, sink: NodeId): Origin | undefined {
    const code = fn.code;
    const { first: body } = fn;
    const arm = matchedArm(code, expression);
    if (arm >= 0) return { kind: 'bounded', by: `a \`match\` in \`${fn.label}\``, where: fn.place(arm) };
    // `n if n <= MAX => …`
    const guarded = code.ancestor(expression, (a) => {
      const guard = code.kind(a) === Kind.Arm ? code.child(a, Role.Guard) : -1;
      return guard >= 0 && comparesAbove(code, guard, expression, true);
    });
    if (guarded >= 0) return { kind: 'bounded', by: `a guard in \`${fn.label}\``, where: fn.place(guarded) };
    for (let n = Math.max(body, declared); n < sink; n++) {
      const kind = code.kind(n);
      // `total += n; if total > MAX { return … }`: what is added is no more than the sum.
      if (code.is(n, Kind.Assign, '+=') && fn.package.language === 'go') {
        const total = code.child(n, Role.Target);
        const value = code.child(n, Role.Value);
        if (mentionsSame(code, value, expression) && !sameText(code, total, expression)) {
          const sum = this.#guard(fn, total, n, sink);
          if (sum) return sum;
        }
      }
      // `end := at + n; if end > len(buf) { return … }`: what is a part of the sum is no more than it.
      if (kind === Kind.Let && fn.package.language === 'go') {
        const value = code.child(n, Role.Value);
        const pattern = code.child(n, Role.Pattern);
        if (
          pattern >= 0 &&
          code.kind(value) === Kind.Binary &&
          /^[+*]$/.test(code.name(value)) &&
          // `n := n + 4` in an inner block is another `n`.
          code.name(pattern) !== code.name(expression) &&
          mentionsSame(code, value, expression)
        ) {
          const sum = this.#guardOfLocal(fn, code.name(pattern), n, sink);
          if (sum) return sum;
        }
      }
      if (kind === Kind.If || kind === Kind.Loop) {
        const condition = code.child(n, Role.Condition);
        if (condition < 0) continue;
        const then = code.child(n, Role.Then);
        // Inside the branch the condition holds; behind a branch that leaves, or in the other one, it does not.
        const holds = kind === Kind.Loop || (then >= 0 && code.within(sink, then));
        const inside = holds || code.within(sink, n);
        if (!inside && !exits(code, then) && !assigns(code, then, expression)) continue;
        const isWrapped = (product: NodeId) => this.#mayWrap(fn, product, expression);
        if (comparesAbove(code, condition, expression, holds, isWrapped))
          return { kind: 'bounded', by: `a comparison in \`${fn.label}\``, where: fn.place(condition) };
      } else if (kind === Kind.Match && fn.package.language === 'go' && code.child(n, Role.Subject) < 0) {
        const limit = switchedLimit(code, n, expression);
        if (limit >= 0)
          return { kind: 'bounded', by: `a comparison in \`${fn.label}\``, where: fn.place(limit) };
      } else if (kind === Kind.Macro && checkingMacros.test(code.name(n))) {
        if (comparesAbove(code, n, expression, true))
          return { kind: 'bounded', by: `\`${code.name(n)}!\` in \`${fn.label}\``, where: fn.place(n) };
      } else if (kind === Kind.Call || kind === Kind.MethodCall) {
        const helper = this.#guardingHelper(fn, n, expression, sink);
        if (helper) return helper;
      }
    }
    return undefined;
  }

  /**
   * Go: `count*entrySize` of a number of 32 bits that is compared with a limit: what does not fit begins at zero again, so
   * that a number which is far too large passes. One of 64 bits does so unless it was made of fewer.
   */
  #mayWrap(fn: Fn, product: NodeId, expression: NodeId): boolean {
    const { code } = fn;
    if (fn.package.language !== 'go' || !code.is(expression, Kind.Name)) return false;
    if (![Role.Left, Role.Right].some((r) => sameText(code, code.child(product, r), expression)))
      return false;
    const type = this.#values.typeOf(fn, expression);
    const b = this.#values.scope(fn).lookup(code.name(expression), code.start(expression));
    // `binary.BigEndian.Uint32(head)`
    const decoded = code.is(b?.value ?? -1, Kind.MethodCall) ? code.name(b?.value ?? -1) : '';
    const name = type ? peel(type).type.name : '';
    if (/^u?int32$/.test(name) || (name === '' && decoded === 'Uint32')) return true;
    return (
      decoded !== '' && (name === 'uint64' || (name === '' && /^(Uint64|Uvarint|ReadUvarint)$/.test(decoded)))
    );
  }

  /** A comparison of a local that was declared at a node with a limit, before a sink. */
  #guardOfLocal(fn: Fn, name: string, declared: NodeId, sink: NodeId): Origin | undefined {
    const { code } = fn;
    for (let m = code.after(declared); m < sink; m++)
      if (code.is(m, Kind.Name, name)) return this.#guard(fn, m, code.after(declared), sink);
    return undefined;
  }

  /** `check_len(n)?`, `header.validate()?`: a function of the workspace that compares its parameter, or a field of its own, and fails. */
  #guardingHelper(fn: Fn, call: NodeId, expression: NodeId, sink: NodeId): Origin | undefined {
    const code = fn.code;
    const index = code.all(call, Role.Arg).findIndex((a) => mentionsSame(code, a, expression));
    const isOwn =
      index < 0 &&
      code.kind(call) === Kind.MethodCall &&
      code.kind(expression) === Kind.Field &&
      sameText(code, code.child(call, Role.Object), code.child(expression, Role.Object));
    if (index < 0 && !isOwn) return this.#guardOfMaker(fn, call, expression);
    if (isOwn) return this.#refusalOfField(fn, call, code.name(expression), sink);
    for (const target of this.#values.callees(fn, call)) {
      const p = target.fact.params[index];
      const pattern = p === undefined ? -1 : target.code.child(p, Role.Pattern);
      if (pattern < 0) continue;
      const isTested = (m: NodeId) => target.code.is(m, Kind.Name, target.code.name(pattern));
      const refused = refuses(target, isTested) ?? refusesByAnswer(fn, call, target, isTested, sink);
      if (refused) return refused;
    }
    return undefined;
  }

  /** `header.validate()?`, `if !header.valid() { return … }`: a method that lets a field of its own only be so large. */
  #refusalOfField(fn: Fn, call: NodeId, field: string, sink: NodeId): Origin | undefined {
    for (const target of this.#values.callees(fn, call)) {
      const isTested = (m: NodeId) => isOwnField(target, m, field);
      const refused =
        refuses(target, isTested) ??
        this.#ownRefusal(target, field) ??
        refusesByAnswer(fn, call, target, isTested, sink);
      if (refused) return refused;
    }
    return undefined;
  }

  /** Go: `h, err := readHeader(conn)`, which gives what it has made only where a field of it, `h.Length`, is small enough. */
  #guardOfMaker(fn: Fn, call: NodeId, expression: NodeId): Origin | undefined {
    const { code } = fn;
    const made = code.child(expression, Role.Object);
    const holder = code.parent(call);
    if (fn.package.language !== 'go' || !code.is(expression, Kind.Field) || !code.is(made, Kind.Name))
      return undefined;
    if (!code.is(holder, Kind.Let) || !code.is(code.child(holder, Role.Pattern), Kind.Bind, code.name(made)))
      return undefined;
    const [maker, ...others] = this.#values.callees(fn, call);
    if (!maker || others.length > 0) return undefined;
    const c = maker.code;
    const field = code.name(expression);
    let found: Origin | undefined;
    for (const answer of answersOf(maker, 0)) {
      if (c.is(answer, Kind.Literal, 'nil')) continue;
      const by = this.#guardBefore(maker, baseOf(c, answer), field, answer);
      if (!by) return undefined;
      found = by;
    }
    return found;
  }

  /** A field of a local is small enough where a node is reached, by a branch or a method of its own. */
  #guardBefore(fn: Fn, local: string, field: string, sink: NodeId): Origin | undefined {
    const { code } = fn;
    const isTested = (m: NodeId) =>
      code.is(m, Kind.Field, field) && code.is(code.child(m, Role.Object), Kind.Name, local);
    const refused = local === '' ? undefined : refuses(fn, isTested);
    if (refused || local === '') return refused;
    for (let n = fn.first; n < sink; n++) {
      if (!code.is(n, Kind.MethodCall) || !code.is(code.child(n, Role.Object), Kind.Name, local)) continue;
      const by = this.#refusalOfField(fn, n, field, sink);
      if (by) return by;
    }
    return undefined;
  }

  /** `h.read(conn)`, which ends with `return h.validate()`: another method of the same value that refuses its field. */
  #ownRefusal(method: Fn, field: string): Origin | undefined {
    const { code } = method;
    for (let n = method.first; n < method.after; n++) {
      if (code.kind(n) !== Kind.MethodCall) continue;
      if (!code.is(code.child(n, Role.Object), Kind.Name, method.fact.receiver)) continue;
      for (const target of this.#values.callees(method, n)) {
        const refused = refuses(target, (m) => isOwnField(target, m, field));
        if (refused) return refused;
      }
    }
    return undefined;
  }
}

/** `if !fits(n, len(b)) { return … }`, where `fits` is one comparison. */
function refusesByAnswer(
  fn: Fn,
  call: NodeId,
  target: Fn,
  isTested: (m: NodeId) => boolean,
  sink: NodeId,
): Origin | undefined {
  const { code } = target;
  const answer = answerLetIn(fn.code, call, sink);
  for (const value of answer === undefined ? [] : returnsOf(target, 0))
    for (let m = value; m < code.after(value); m++)
      if (isTested(m) && comparesAbove(code, value, m, answer === true))
        return { kind: 'bounded', by: `a comparison in \`${target.label}\``, where: target.place(value) };
  return undefined;
}

/** What a call in the condition of a branch must have answered where a node is reached; undefined where either will do. */
function answerLetIn(code: Code, call: NodeId, node: NodeId): boolean | undefined {
  const branch = code.ancestor(call, (a) => code.kind(a) === Kind.If);
  const condition = branch < 0 ? -1 : code.child(branch, Role.Condition);
  if (condition < 0 || !code.within(call, condition)) return undefined;
  const then = code.child(branch, Role.Then);
  const isInside = code.within(node, then);
  if (!isInside && (code.within(node, branch) || !exits(code, then))) return undefined;
  let negated = false;
  for (let n = call; n !== condition; n = code.parent(n)) {
    const up = code.parent(n);
    if (code.is(up, Kind.Unary, '!')) negated = !negated;
    // Inside its branch every part of `a && b` holds, and behind a branch that leaves no part of `a || b`.
    else if (!code.is(up, Kind.Binary, isInside ? '&&' : '||')) return undefined;
  }
  return isInside !== negated;
}

/** `self.size` */
function isOwnField({ code, fact }: Fn, n: NodeId, field: string): boolean {
  return code.is(n, Kind.Field, field) && code.is(code.child(n, Role.Object), Kind.Name, fact.receiver);
}

/** `let pixels = self.width * self.height`: the locals of a method that are made of a field of its own. */
function namesMadeOf(fn: Fn, field: string): ReadonlySet<string> {
  const { code, first, after } = fn;
  const names = new Set<string>();
  for (let n = first; n < after; n++) {
    if (code.kind(n) !== Kind.Let) continue;
    const value = code.child(n, Role.Value);
    for (let m = value; value >= 0 && m < code.after(value); m++)
      if (isOwnField(fn, m, field)) names.add(code.name(code.child(n, Role.Pattern)));
  }
  return names;
}

/** A branch that a function leaves when something is too large. */
function refuses(target: Fn, isTested: (m: NodeId) => boolean): Origin | undefined {
  const { code } = target;
  const { first: body, after } = target;
  for (let n = body; n < after; n++) {
    const kind = code.kind(n);
    if (kind !== Kind.If && kind !== Kind.Arm) continue;
    // Go: `switch { case h.Length > maxRecord: return errTooLarge }`
    const condition = code.child(n, kind === Kind.If ? Role.Condition : Role.Pattern);
    const then = code.child(n, kind === Kind.If ? Role.Then : Role.Body);
    if (condition < 0 || then < 0 || !(exits(code, then) || fails(code, then))) continue;
    for (let m = condition; m < code.after(condition); m++)
      if (isTested(m) && comparesAbove(code, condition, m, false))
        return {
          kind: 'bounded',
          by: `a comparison in \`${target.label}\``,
          where: target.place(condition),
        };
  }
  return undefined;
}

/** Go: `err = fmt.Errorf(…)` at the end of a branch, which the function then returns. */
function fails(code: Code, block: NodeId): boolean {
  const last = code.is(block, Kind.Block) ? (code.children(block).at(-1) ?? -1) : -1;
  return (
    code.is(last, Kind.Assign, '=') &&
    errorNames.test(code.name(code.child(last, Role.Target))) &&
    !code.is(code.child(last, Role.Value), Kind.Literal, 'nil')
  );
}

/** Go: `switch { case n > max: n = max }`: the case in which a number that is too large is refused or made smaller, or -1. */
function switchedLimit(code: Code, match: NodeId, expression: NodeId): NodeId {
  for (const arm of code.all(match, Role.Arm)) {
    const body = code.child(arm, Role.Body);
    if (!exits(code, body) && !assigns(code, body, expression)) continue;
    const limit = code.all(arm, Role.Pattern).find((p) => comparesAbove(code, p, expression, false));
    if (limit !== undefined) return limit;
  }
  return -1;
}

/** Behind the assignment to a field a branch that the field is too large for leaves, or sets it to something else. */
function clampedAfter(fn: Fn, target: NodeId, assign: NodeId): Origin | undefined {
  const { code } = fn;
  for (let n = code.after(assign); n < fn.after; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    if (condition < 0 || !(exits(code, then) || assigns(code, then, target))) continue;
    if (comparesAbove(code, condition, target, false))
      return { kind: 'bounded', by: `a comparison in \`${fn.label}\``, where: fn.place(condition) };
  }
  return undefined;
}

/** The name of `&name` and of `name`, or ''. */
function baseOf(code: Code, n: NodeId): string {
  const at = code.is(n, Kind.Unary, '&') ? code.child(n, Role.Object) : n;
  return code.is(at, Kind.Name) ? code.name(at) : '';
}

/** Go: what `binary.Read(r, order, h)`, `json.Unmarshal(b, &h)`, `dec.Decode(h)` before a node take apart for a name, or -1. */
function unpackedInto(fn: Fn, name: string, before: NodeId): NodeId {
  const { code } = fn;
  for (let m = name === '' ? before : fn.first; m < before; m++) {
    if (code.kind(m) !== Kind.MethodCall || !unpackingCalls.test(code.name(m))) continue;
    const args = code.all(m, Role.Arg);
    const last = args.at(-1);
    if (last === undefined || baseOf(code, last) !== name) continue;
    return args.length > 1 ? (args[0] as NodeId) : code.child(m, Role.Object);
  }
  return -1;
}

/** A request, message or query result was decoded into the local `name` before a node. */
export function decodedBefore(fn: Fn, name: string, before: NodeId, decoders = fillingCalls): boolean {
  const code = fn.code;
  const { first: body } = fn;
  for (let m = body; m < before; m++) {
    const kind = code.kind(m);
    if (kind !== Kind.MethodCall && kind !== Kind.Call) continue;
    if (!decoders.test(callName(code, m))) continue;
    const target = code
      .all(m, Role.Arg)
      .some((a) => code.is(a, Kind.Unary, '&') && code.is(code.child(a, Role.Object), Kind.Name, name));
    if (target) return true;
  }
  return false;
}

/** The extractor that a parameter is, or that its pattern takes apart, and the small type it holds, if any. */
function extractorOf(fn: Fn, b: Binding): { readonly name: string; readonly small: string } | undefined {
  if (b.type < 0 || (b.source !== 'parameter' && b.source !== 'part')) return undefined;
  const name = typeName(fn, b);
  if (!requestExtractors.test(name) || !(fn.fact.isAsync || fn.fact.attributes.length > 0)) return undefined;
  const inner = fn.code.children(b.type)[0];
  const held = inner === undefined ? '' : fn.code.name(inner);
  return { name: lastSegment(name), small: smallTypes.test(held) ? held : '' };
}

function typeName(fn: Fn, b: Binding): string {
  return b.type < 0 ? '' : fn.code.name(b.type);
}

function hasArguments(fn: Fn, b: Binding): boolean {
  return b.type >= 0 && fn.code.children(b.type).length > 0;
}

function makeOrigins(program: Program): Origins {
  return new Origins(program);
}

function input(fn: Fn, n: NodeId, what: string, form?: 'bytes' | 'text'): Origin {
  return { kind: 'input', what, at: fn.place(n), ...(form && { form }) };
}

/** Input counts for more than unknown, and unknown for more than bounded. */
function worst(origins: readonly Origin[]): Origin {
  return (
    origins.find((o) => o.kind === 'input' && o.author?.who === 'outside') ??
    origins.find((o) => o.kind === 'input' && o.author?.who !== 'own' && o.author?.who !== 'peer') ??
    origins.find((o) => o.kind === 'input') ??
    origins.find((o) => o.kind === 'unknown') ??
    origins.find((o) => o.kind === 'bounded' && o.plain === undefined) ??
    origins.find((o) => o.kind === 'bounded') ??
    UNKNOWN
  );
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
 * The condition, which `holds` or does not, says that the expression is not above something that can be a limit:
 * `n > MAX` when it does not hold, `n <= MAX` when it does.
 */
function comparesAbove(
  code: Code,
  root: NodeId,
  expression: NodeId,
  holds: boolean,
  isWrapped: (product: NodeId) => boolean = () => false,
): boolean {
  for (let n = root; n < code.after(root); n++) {
    if (
      (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) &&
      allowingCalls.test(callName(code, n)) &&
      code.all(n, Role.Arg).some((a) => mentionsSame(code, a, expression))
    )
      return true;
    const operator = code.kind(n) === Kind.Binary ? code.name(n) : '';
    if (!/^([<>]=?|[!=]=)$/.test(operator)) continue;
    const left = code.child(n, Role.Left);
    const right = code.child(n, Role.Right);
    const onLeft = mentionsSame(code, left, expression);
    if (!onLeft && !mentionsSame(code, right, expression)) continue;
    const other = onLeft ? right : left;
    const side = onLeft ? left : right;
    if (code.is(side, Kind.Binary, '*') && isWrapped(side)) continue;
    const equal = operator === (holds ? '==' : '!=');
    const below = /^[<>]/.test(operator) && (operator.startsWith('<') === onLeft) === holds;
    const negated = code.kind(code.parent(n)) === Kind.Unary;
    if (!equal && !below && !negated) continue;
    // Against zero or one it is a test for something, not for too much.
    if (code.kind(other) === Kind.Number && /^[01]$/.test(code.name(other))) continue;
    return true;
  }
  return false;
}

/** The arm of a `match` on the expression itself that it stands in, when the arm's pattern is a range or number; or -1. */
function matchedArm(code: Code, expression: NodeId): NodeId {
  return code.ancestor(expression, (a) => {
    if (code.kind(a) !== Kind.Arm) return false;
    const subject = code.child(code.parent(a), Role.Subject);
    const patterns = code.all(a, Role.Pattern);
    const limits =
      patterns.length > 0 &&
      patterns.every((p) => code.kind(p) !== Kind.Bind && code.kind(p) !== Kind.Wildcard);
    return limits && subject >= 0 && sameText(code, subject, expression);
  });
}

function mentionsSame(code: Code, root: NodeId, expression: NodeId): boolean {
  for (let n = root; n < code.after(root); n++) if (sameText(code, n, expression)) return true;
  return false;
}

function assigns(code: Code, block: NodeId, expression: NodeId): boolean {
  if (block < 0) return false;
  for (let n = block; n < code.after(block); n++)
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => sameText(code, t, expression)))
      return true;
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
