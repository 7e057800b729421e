import type { Steps } from '../../core/steps.ts';
import {
  type BufferShape,
  decodes,
  goAppends,
  goBufferBulk,
  goBufferEmptying,
  goBufferSingle,
  goBuffers,
  goWritesInto,
  limitNames,
  rustBuffers,
  rustBulk,
  rustEmptying,
  rustFillsOnly,
  rustReadsInto,
  rustReleasing,
  rustSingle,
  smallNames,
  smallTexts,
} from '../../knowledge/buffers.ts';
import { ownerEnds } from '../../knowledge/endings.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { loadNames } from '../../knowledge/startup.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { exits } from '../calls/exits.ts';
import { Effects, sameText } from '../places/effects.ts';
import { Namers } from '../places/namers.ts';
import { fieldPlace, local, type PlaceRef, Places, typeOfPlace } from '../places/places.ts';
import { type Fn, groupBy, type Package, type Program } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import { lastSegment, type TypeRef, type Types, unwrapped } from '../types/types.ts';
import type { Values } from '../types/values.ts';

const WANTED = kinds(Kind.MethodCall, Kind.Call, Kind.Macro, Kind.Assign);
const REUSES = kinds(Kind.MethodCall, Kind.Call, Kind.Assign);

export type BufferEffectKind =
  /** Adds: the capacity follows the largest content there ever was. */
  | 'grow'
  /** Takes the content out and keeps the allocation. */
  | 'empty'
  /** Gives the allocation back or away. */
  | 'release'
  /** Puts back what was moved out to be worked on. */
  | 'restore'
  /** Compares the length or capacity with something. */
  | 'test';

/** What a statement does to the allocation of a buffer. */
export interface BufferEffect {
  readonly kind: BufferEffectKind;
  readonly fn: Fn;
  readonly node: NodeId;
  readonly place: PlaceRef;
  /** As a person would name it: `extend_from_slice`, `clear`, `[:0]`. */
  readonly verb: string;
  /** What is added, or -1 where it cannot be told. */
  readonly value: NodeId;
  /** One call adds as much as its argument has, not one element. */
  readonly bulk: boolean;
}

/** The shape of the buffer a type is or leads to, or undefined. */
export function bufferShape(types: Types, type: TypeRef | undefined): BufferShape | undefined {
  if (!type) return undefined;
  const inner = unwrapped(type);
  if (inner.decl) {
    if (inner.decl.fact.kind !== 'defined' || inner.decl.fact.target < 0) return undefined;
    const under = types.at(inner.decl.file, inner.decl.fact.target);
    return under && under.decl !== inner.decl ? bufferShape(types, under) : undefined;
  }
  const rust = inner.file.facts.language === 'rust';
  const table = rust ? rustBuffers : goBuffers;
  const key = rust ? lastSegment(inner.name) : inner.name;
  const shape = Object.hasOwn(table, key) ? table[key] : undefined;
  return shape === 'list' && isByte(inner.args[0]) ? 'bytes' : shape;
}

/** Bytes by its type, or a list of an unknown type that something is read or written into. */
export function holdsBytes(types: Types, type: TypeRef | undefined, growth: BufferEffect): boolean {
  const shape = bufferShape(types, type);
  if (shape !== 'list') return shape === 'bytes';
  const untyped = type !== undefined && unwrapped(type).args.length === 0;
  return untyped && /^(read_|write|put_slice|extend_from_slice)/.test(growth.verb);
}

function isByte(type: TypeRef | undefined): boolean {
  return type !== undefined && /^(u8|byte|uint8)$/.test(type.name);
}

/** What one function does to buffers, by the key of the place. */
interface Read {
  readonly effects: ReadonlyMap<string, readonly BufferEffect[]>;
  /** What a parameter means inside a callee, by the key of the argument. */
  readonly passed: ReadonlyMap<string, readonly Parameter[]>;
}

interface Parameter {
  readonly fn: Fn;
  readonly key: string;
}

/**
 * What is done to the allocations of a program's buffers, under every name they have. Few buffers are ever emptied or made
 * larger for input: those are looked for in all code, and the rest is read where one of them is named. One per program.
 */
export class Buffers {
  readonly #reader: BufferReader;
  readonly #namers: Namers;
  readonly #read = new Map<Fn, Read>();
  #emptied: ReadonlyMap<Package, readonly BufferEffect[]> = new Map();
  #regrowths: ReadonlyMap<Package, readonly BufferEffect[]> = new Map();

  constructor(program: Program) {
    this.#reader = new BufferReader(Places.of(program));
    this.#namers = Namers.of(program);
  }

  static of(program: Program): Buffers {
    return program.deriveAll(Buffers.make);
  }

  /** Looks through all code, a function a step. */
  static *make(program: Program): Steps<Buffers> {
    const buffers = new Buffers(program);
    const reuses: BufferEffect[] = [];
    const sink: BufferSink = {
      effect: (e) => {
        if (!isEmptying(e) && !isRegrowth(e)) return;
        reuses.push(e);
        buffers.#namers.expect(e.place);
      },
      pass: () => {},
    };
    for (const file of program.files())
      for (const fn of file.functions) {
        if (isRead(fn)) buffers.#reader.reuses(fn, sink);
        yield;
      }
    buffers.#emptied = firsts(reuses.filter(isEmptying));
    buffers.#regrowths = firsts(reuses.filter(isRegrowth));
    return buffers;
  }

  /** Every effect on a place, also inside the functions it is lent to. */
  on(place: PlaceRef): BufferEffect[] {
    const out: BufferEffect[] = [];
    const seen = new Map([[place.key, this.#namers.of(place)]]);
    for (const [key, fns] of seen)
      for (const fn of fns) {
        const { effects, passed } = this.#readOnce(fn);
        out.push(...(effects.get(key) ?? []));
        for (const next of passed.get(key) ?? []) if (!seen.has(next.key)) seen.set(next.key, [next.fn]);
      }
    return out;
  }

  /** The places of a package that are emptied somewhere and keep their allocation, in source order. */
  emptied(pkg: Package): readonly PlaceRef[] {
    return (this.#emptied.get(pkg) ?? []).map((e) => e.place);
  }

  /**
   * What makes a buffer of a package as large as it is told, in source order: Go's `if cap(b) < n { b = make(…) }`, Rust's
   * `b.resize(n, 0)` and, of a `BytesMut`, `b.reserve(n)`.
   */
  regrowths(pkg: Package): readonly BufferEffect[] {
    return this.#regrowths.get(pkg) ?? [];
  }

  #readOnce(fn: Fn): Read {
    let read = this.#read.get(fn);
    if (!read) {
      read = isRead(fn) ? this.#readAll(fn) : NOTHING;
      this.#read.set(fn, read);
    }
    return read;
  }

  #readAll(fn: Fn): Read {
    const effects: BufferEffect[] = [];
    const passed: { readonly argument: string; readonly to: Parameter }[] = [];
    this.#reader.read(fn, {
      effect: (e) => effects.push(e),
      pass: (argument, to) => passed.push({ argument, to }),
    });
    const byArgument = groupBy(passed, (p) => p.argument);
    return {
      effects: groupBy(effects, (e) => e.place.key),
      passed: new Map([...byArgument].map(([argument, list]) => [argument, list.map((p) => p.to)])),
    };
  }
}

const NOTHING: Read = { effects: new Map(), passed: new Map() };

function isRead(fn: Fn): boolean {
  return !fn.isTest && !fn.file.facts.generated;
}

function isEmptying({ kind }: BufferEffect): boolean {
  return kind === 'empty';
}

function isRegrowth({ kind, verb }: BufferEffect): boolean {
  return kind === 'grow' && regrows.test(verb);
}

const regrows = /^(make|resize|reserve)$/;

/** The first of some effects on each place, by its package: every package asks. */
function firsts(effects: readonly BufferEffect[]): ReadonlyMap<Package, readonly BufferEffect[]> {
  const seen = new Set<string>();
  const first = effects.filter(({ place: { key, root } }) => {
    if (root === 'unknown' || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return groupBy(first, (e) => e.fn.package);
}

interface BufferSink {
  effect(e: BufferEffect): void;
  pass(argument: string, parameter: Parameter): void;
}

class BufferReader {
  readonly #places: Places;
  readonly #values: Values;
  #sink: BufferSink = { effect: () => {}, pass: () => {} };

  constructor(places: Places) {
    this.#places = places;
    this.#values = places.values;
  }

  /** Everything a function does to buffers. */
  read(fn: Fn, sink: BufferSink): void {
    this.#sink = sink;
    const { code, first, after } = fn;
    for (let n = code.next(WANTED, first, after); n < after; n = code.next(WANTED, n + 1, after))
      this.#node(fn, n);
  }

  /** At least what empties a buffer or makes it as large as it is told: by names first, and few nodes have one of these. */
  reuses(fn: Fn, sink: BufferSink): void {
    this.#sink = sink;
    const { code, first, after } = fn;
    for (let n = code.next(REUSES, first, after); n < after; n = code.next(REUSES, n + 1, after))
      if (mayReuse(code, n)) this.#node(fn, n);
  }

  #node(fn: Fn, n: NodeId): void {
    const code = fn.code;
    const go = fn.package.language === 'go';
    switch (code.kind(n)) {
      case Kind.MethodCall:
        if (go) this.#goMethod(fn, n);
        else this.#rustMethod(fn, n);
        break;
      case Kind.Call:
        if (go) this.#goCall(fn, n);
        else this.#rustCall(fn, n);
        break;
      case Kind.Macro:
        if (!go && /(^|::)writeln?$/.test(code.name(n)))
          this.#emit('grow', fn, n, code.child(n, Role.Arg), 'write!', -1, true);
        break;
      case Kind.Assign:
        this.#assign(fn, n);
        break;
    }
  }

  #emit(
    kind: BufferEffectKind,
    fn: Fn,
    node: NodeId,
    object: NodeId,
    verb: string,
    value = -1,
    bulk = false,
  ): void {
    if (object < 0) return;
    const place = this.#places.of(fn, object);
    if (place) this.#sink.effect({ kind, fn, node, place, verb, value, bulk });
  }

  #rustMethod(fn: Fn, n: NodeId): void {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const args = code.all(n, Role.Arg);
    const bulk = own(rustBulk, name);
    const into = own(rustReadsInto, name);
    if (bulk !== undefined && args.length > 0) {
      // A length says how much, not what.
      const counted = /^(resize|resize_with|put_bytes)$/.test(name);
      this.#emit('grow', fn, n, object, name, counted ? literal(code, args[bulk]) : (args[bulk] ?? -1), true);
    } else if (name === 'reserve' && args.length === 1) {
      // A vector keeps what `clear` leaves it; of what is taken off the front only this one does.
      if (this.#isBytesMut(fn, object)) this.#emit('grow', fn, n, object, name, literal(code, args[0]), true);
    } else if (rustSingle.has(name)) {
      this.#emit('grow', fn, n, object, name, args.at(-1) ?? -1);
    } else if (into !== undefined && args[into] !== undefined) {
      this.#emit('grow', fn, n, args[into], name, -1, true);
      return;
    } else if (rustEmptying.has(name)) {
      if (isWhole(code, name, args)) this.#emit('empty', fn, n, object, name);
    } else if (rustReleasing.has(name)) {
      this.#emit('release', fn, n, object, name);
    } else if (name === 'take' && args.length === 0) {
      // An `Option` gives away what it holds; an iterator of that name takes an argument.
      this.#emit('release', fn, n, object, name);
    } else if (/^(len|capacity)$/.test(name) && args.length === 0 && comparison(code, n) >= 0) {
      this.#emit('test', fn, n, object, name);
    }
    this.#lend(fn, n, args);
  }

  #isBytesMut(fn: Fn, n: NodeId): boolean {
    const type = this.#places.values.typeOf(fn, n);
    return type !== undefined && lastSegment(unwrapped(type).name) === 'BytesMut';
  }

  #rustCall(fn: Fn, n: NodeId): void {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return;
    const name = code.name(callee);
    const args = code.all(n, Role.Arg);
    if (/(^|::)mem::(take|replace)$/.test(name)) {
      this.#emit('release', fn, n, args[0] ?? -1, name);
      return;
    }
    if (/^(Some|Ok|Err|drop|Box::new|Arc::new)$/.test(name)) return;
    this.#lend(fn, n, args);
  }

  #goMethod(fn: Fn, n: NodeId): void {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const args = code.all(n, Role.Arg);
    const isOnBuffer =
      goBufferBulk.has(name) ||
      goBufferSingle.has(name) ||
      goBufferEmptying.has(name) ||
      /^(Len|Cap)$/.test(name);
    const promoted = isOnBuffer ? this.#promotedBuffer(fn, object, name) : undefined;
    if (promoted) {
      const on = (kind: BufferEffectKind, value = -1, bulk = false) =>
        this.#sink.effect({ kind, fn, node: n, place: promoted, verb: name, value, bulk });
      if (goBufferEmptying.has(name)) on('empty');
      else if (args.length > 0) on('grow', args[0], goBufferBulk.has(name));
      else if (comparison(code, n) >= 0) on('test');
      return;
    }
    if (goBufferBulk.has(name) || goBufferSingle.has(name)) {
      if (args.length > 0 && this.#isGoBuffer(fn, object))
        this.#emit(
          'grow',
          fn,
          n,
          object,
          name,
          name === 'Grow' ? literal(code, args[0]) : (args[0] ?? -1),
          goBufferBulk.has(name),
        );
    } else if (goBufferEmptying.has(name)) {
      if (this.#isGoBuffer(fn, object)) this.#emit('empty', fn, n, object, name);
    } else if (/^(Len|Cap)$/.test(name) && args.length === 0 && comparison(code, n) >= 0) {
      this.#emit('test', fn, n, object, name);
    }
    this.#lend(fn, n, args);
  }

  /** `type state struct { bytes.Buffer; … }`: `s.Cap()` is a method of what it embeds. */
  #promotedBuffer(fn: Fn, object: NodeId, method: string): PlaceRef | undefined {
    const decl = object < 0 ? undefined : this.#values.declOf(fn, object);
    if (decl?.fact.kind !== 'struct') return undefined;
    const field = decl.fact.fields.find((f) => {
      const type = f.embedded ? this.#values.types.at(decl.file, f.type) : undefined;
      return type !== undefined && unwrapped(type).name === 'bytes.Buffer';
    });
    return field && this.#values.methodsOfDecl(decl, method).length === 0
      ? fieldPlace(decl, field.name)
      : undefined;
  }

  #isGoBuffer(fn: Fn, object: NodeId): boolean {
    const type = this.#values.typeOf(fn, object);
    return type !== undefined && unwrapped(type).name === 'bytes.Buffer';
  }

  #goCall(fn: Fn, n: NodeId): void {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return;
    const name = code.name(callee);
    const args = code.all(n, Role.Arg);
    if (name === 'len' || name === 'cap') {
      if (comparison(code, n) >= 0) this.#emit('test', fn, n, args[0] ?? -1, name);
    } else if (name === 'clear') {
      this.#emit('empty', fn, n, args[0] ?? -1, name);
    } else if (name === 'delete') {
      // `for k := range m { delete(m, k) }` empties the map.
      const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
      const over = loop < 0 ? -1 : code.child(loop, Role.Iter);
      const alone =
        loop >= 0 && code.parent(n) === code.child(loop, Role.Body) && !leavesBefore(code, loop, n);
      if (alone && sameText(code, over, args[0] ?? -1)) this.#emit('empty', fn, n, over, name);
    } else if (!/^(append|copy|make|new|string|panic|print|println|min|max)$/.test(name)) {
      this.#lend(fn, n, args);
    }
  }

  /** Buffers a call is lent, so that it can change them: `&mut buf`, `&buf`, a pointer. */
  #lend(fn: Fn, call: NodeId, args: readonly NodeId[]): void {
    const code = fn.code;
    const go = fn.package.language === 'go';
    let targets: readonly Fn[] | undefined;
    args.forEach((arg, i) => {
      const kind = code.kind(arg);
      const borrowed = kind === Kind.Unary && code.name(arg) === (go ? '&' : '&mut');
      let inner = borrowed ? code.child(arg, Role.Object) : arg;
      // `&mut *guard`
      if (borrowed && !go && code.is(inner, Kind.Unary, '*')) inner = code.child(inner, Role.Object);
      if (inner < 0 || (code.kind(inner) !== Kind.Name && code.kind(inner) !== Kind.Field)) return;
      const type = this.#values.typeOf(fn, inner);
      const lent =
        borrowed || (type !== undefined && /^(\*|&mut)$/.test(type.name) && !(go && this.#isPart(fn, inner)));
      const passedOn = !lent && !go && this.#isLentHere(fn, inner);
      if (!lent && !passedOn) return;
      const place = this.#places.of(fn, inner);
      if (!place) return;
      // What a closure is lent by `KEY.with(|buffer| …)` has its type from where it is kept.
      if (!bufferShape(this.#values.types, type ?? (go ? undefined : typeOfPlace(this.#values, place))))
        return;
      targets ??= this.#values.callees(fn, call);
      if (targets.length === 0 || targets.length > 4) {
        const name = nameOf(code, call);
        if (passedOn) return;
        if (go ? i === 0 && goWritesInto.test(name) : !rustFillsOnly.test(name))
          this.#sink.effect({ kind: 'grow', fn, node: call, place, verb: name, value: -1, bulk: true });
        return;
      }
      for (const target of targets) {
        const p = target.fact.params[i];
        const pattern = p === undefined ? -1 : target.code.child(p, Role.Pattern);
        if (passedOn && !target.code.is(target.code.child(p ?? -1, Role.Type), Kind.Type, '&mut')) continue;
        if (pattern >= 0) this.#sink.pass(place.key, { fn: target, key: `L:${target.id}:${pattern}` });
      }
    });
  }

  /** Rust: `KEY.with_borrow_mut(|buffer| encode(buffer))`, `let buffer = &mut self.buffer; encode(buffer)`. */
  #isLentHere(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    const b =
      code.kind(n) === Kind.Name ? this.#values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
    return (
      b?.source === 'closure-parameter' ||
      (b !== undefined && b.value >= 0 && code.is(b.value, Kind.Unary, '&mut'))
    );
  }

  /** Go: `data := buf[:n]`, `buf := *pooled`: a slice by itself, which nobody can make longer for its owner. */
  #isPart(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    const b =
      code.kind(n) === Kind.Name ? this.#values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
    const value = b && b.source === 'value' ? b.value : -1;
    return value >= 0 && (code.kind(value) === Kind.Slice || code.is(value, Kind.Unary, '*'));
  }

  #assign(fn: Fn, n: NodeId): void {
    const code = fn.code;
    if (code.name(n) === '+=' && fn.package.language === 'rust') {
      const target = code.child(n, Role.Target);
      const type = this.#values.typeOf(fn, target);
      if (type && lastSegment(unwrapped(type).name) === 'String')
        this.#emit('grow', fn, n, target, '+=', code.child(n, Role.Value), true);
      return;
    }
    const values = code.all(n, Role.Value);
    code.all(n, Role.Target).forEach((target, i) => {
      const value = values[i] ?? -1;
      const kind = code.kind(target);
      if (kind === Kind.Index) {
        const map = code.child(target, Role.Object);
        if (fn.package.language === 'go' && this.#isMap(fn, map)) this.#emit('grow', fn, n, map, '[…] =');
        return;
      }
      if (code.name(n) !== '=') return;
      if (value < 0 && values.length !== 1) return;
      if (kind !== Kind.Name && kind !== Kind.Field && !code.is(target, Kind.Unary, '*')) return;
      const type = this.#values.typeOf(fn, target);
      if (!bufferShape(this.#values.types, type)) return;
      this.#assignBuffer(fn, n, target, value < 0 ? (values[0] as NodeId) : value);
    });
  }

  #isMap(fn: Fn, object: NodeId): boolean {
    return bufferShape(this.#values.types, this.#values.typeOf(fn, object)) === 'map';
  }

  #assignBuffer(fn: Fn, n: NodeId, target: NodeId, value: NodeId): void {
    const place = this.#places.of(fn, target);
    if (!place) return;
    for (const made of this.#assigned(fn, n, target, value, place))
      this.#sink.effect({ value: -1, bulk: false, ...made, fn, node: n, place });
  }

  /** Go: a function of the workspace adds nothing to the slice it is given, nor hands it to what may. */
  #onlyReads(fn: Fn, call: NodeId, index: number): boolean {
    const targets = this.#values.callees(fn, call);
    return (
      targets.length > 0 &&
      targets.every(({ code, fact, first: body, after }) => {
        const param = fact.params[index];
        const name = param === undefined ? '' : code.name(code.child(param, Role.Pattern));
        for (let n = body; n < after; n++)
          if (code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall) {
            const first = code.child(n, Role.Arg);
            if (first >= 0 && code.is(first, Kind.Name, name) && goAppends.test(nameOf(code, n)))
              return false;
          }
        return name !== '' && body < after;
      })
    );
  }

  /** What `target = value` does to the allocation of the buffer at `target`. */
  #assigned(fn: Fn, n: NodeId, target: NodeId, value: NodeId, place: PlaceRef): Assigned[] {
    const code = fn.code;
    const go = fn.package.language === 'go';
    const isOwn = (m: NodeId): boolean =>
      m >= 0 && (sameText(code, m, target) || this.#places.of(fn, m)?.key === place.key);
    const kind = code.kind(value);
    if (kind === Kind.Slice) {
      if (!isOwn(code.child(value, Role.Object))) return [{ kind: 'release', verb: '=' }];
      if (code.child(value, Role.Count) >= 0) return [{ kind: 'release', verb: '[:0:0]' }];
      return isEmptySlice(code, value) ? [{ kind: 'empty', verb: '[:0]' }] : [];
    }
    if (kind === Kind.Call || kind === Kind.MethodCall) {
      const name = nameOf(code, value);
      const args = code.all(value, Role.Arg);
      // `x = append(x[:0], v...)`, `x = strconv.AppendInt(x, n, 10)`, `x = enc.Encode(x[:0], v)`
      const base = args.find((a) => isOwn(code.kind(a) === Kind.Slice ? code.child(a, Role.Object) : a));
      if (base !== undefined && go) {
        if (!goAppends.test(name)) return [];
        const added = args.filter((a) => a !== base);
        // `buf, err = m.Unmarshal(buf)` gives back what is left of it.
        if (decodes.test(name) && (added.length === 0 || this.#onlyReads(fn, value, args.indexOf(base))))
          return [];
        const spread = added.some((a) => code.is(a, Kind.Unary, '...'));
        const grow: Assigned = {
          kind: 'grow',
          verb: name,
          // A number has few digits, wherever it comes from.
          value: smallTexts.test(name) ? value : (added[0] ?? -1),
          bulk: name !== 'append' || spread,
        };
        const emptied = code.kind(base) === Kind.Slice && isEmptySlice(code, base);
        return emptied ? [{ kind: 'empty', verb: '[:0]' }, grow] : [grow];
      }
      // `if cap(b) < n { b = make([]byte, n) }` grows to what is needed and never back.
      if (/^(make|with_capacity)$/.test(name) && underSmallTest(code, n, target))
        return [{ kind: 'grow', verb: name, value: literal(code, args.at(-1)), bulk: true }];
    }
    // `let mut small = BytesMut::with_capacity(4096); …; self.buffer = small;`
    const b =
      kind === Kind.Name && !go
        ? this.#values.scope(fn).lookup(code.name(value), code.start(value))
        : undefined;
    const isNew =
      code.is(b?.value ?? -1, Kind.Call) && /^(new|with_capacity)$/.test(nameOf(code, b?.value ?? -1));
    if (isNew) return [{ kind: 'release', verb: '=' }];
    // What was moved out to be worked on comes back.
    if (kind === Kind.Name || kind === Kind.Field)
      return [{ kind: isOwn(value) || (kind === Kind.Name && !go) ? 'restore' : 'release', verb: '=' }];
    return [{ kind: 'release', verb: '=' }];
  }
}

/** An effect of an assignment, before it is known where. */
type Assigned = Pick<BufferEffect, 'kind' | 'verb'> & Partial<Pick<BufferEffect, 'value' | 'bulk'>>;

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The node when it is a number written in the program, else -1. */
function literal(code: Code, n: NodeId | undefined): NodeId {
  return n !== undefined && code.kind(n) === Kind.Number ? n : -1;
}

function nameOf(code: Code, call: NodeId): string {
  if (code.kind(call) === Kind.MethodCall) return code.name(call);
  const callee = code.child(call, Role.Callee);
  return callee < 0 ? '' : lastSegment(code.name(callee));
}

function isCall(code: Code, n: NodeId): boolean {
  return code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall;
}

/** What a call is named that may empty a buffer or make it as large as it is told. */
const reusing: ReadonlySet<string> = new Set([
  ...rustEmptying,
  ...goBufferEmptying,
  'delete',
  'make',
  'resize',
  'reserve',
]);

/** The node may empty a buffer or make it as large as it is told. */
function mayReuse(code: Code, n: NodeId): boolean {
  if (code.kind(n) !== Kind.Assign) return reusing.has(nameOf(code, n));
  // `b = b[:0]`, `b = append(b[:0], …)`, `b = make(…)`
  return code
    .all(n, Role.Value)
    .some(
      (v) =>
        code.kind(v) === Kind.Slice ||
        (isCall(code, v) && nameOf(code, v) === 'make') ||
        code.all(v, Role.Arg).some((a) => code.kind(a) === Kind.Slice),
    );
}

/** `clear()`, `truncate(0)`, `drain(..)`: nothing stays in it. */
function isWhole(code: Code, name: string, args: readonly NodeId[]): boolean {
  const [arg] = args;
  if (name === 'clear') return arg === undefined;
  if (arg === undefined) return false;
  if (name === 'drain') return code.kind(arg) === Kind.Range && code.children(arg).length === 0;
  return code.is(arg, Kind.Number, '0');
}

/** Some rounds of the loop end before the node. */
function leavesBefore(code: Code, loop: NodeId, node: NodeId): boolean {
  for (let n = loop; n < node; n++)
    if ([Kind.Continue, Kind.Break, Kind.Return].includes(code.kind(n) as never)) return true;
  return false;
}

/** `x[:0]` */
function isEmptySlice(code: Code, slice: NodeId): boolean {
  const high = code.child(slice, Role.High);
  const low = code.child(slice, Role.Low);
  return high >= 0 && code.is(high, Kind.Number, '0') && (low < 0 || code.is(low, Kind.Number, '0'));
}

/** The comparison a length stands in, or -1. */
export function comparison(code: Code, n: NodeId): NodeId {
  for (let up = code.parent(n), i = 0; up >= 0 && i < 6; up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Binary) {
      if (/^(<|>|<=|>=|==|!=)$/.test(code.name(up))) return up;
      if (/^(&&|\|\|)$/.test(code.name(up))) return -1;
    } else if (kind !== Kind.Cast && kind !== Kind.Call && kind !== Kind.Unary) return -1;
  }
  return -1;
}

/** The assignment stands in a branch that runs when the buffer is too small. */
function underSmallTest(code: Code, assign: NodeId, target: NodeId): boolean {
  const branch = code.ancestor(assign, (a) => code.kind(a) === Kind.If);
  const condition = branch < 0 ? -1 : code.child(branch, Role.Condition);
  for (let n = condition; n >= 0 && n < code.after(condition); n++) {
    const measured = measuredBy(code, n);
    if (measured >= 0 && sameText(code, measured, target) && !isUpper(code, n)) return true;
  }
  return false;
}

/** What a call asks for its length or room: `buf` of `len(buf)` and of `buf.capacity()`; or -1. */
export function measuredBy(code: Code, n: NodeId): NodeId {
  const kind = code.kind(n);
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return -1;
  if (!/^(len|cap|capacity|Len|Cap)$/.test(nameOf(code, n))) return -1;
  return code.child(n, kind === Kind.MethodCall ? Role.Object : Role.Arg);
}

/** The length stands on the larger side of its comparison: the branch is for buffers that are too large. */
function isUpper(code: Code, n: NodeId): boolean {
  const compare = comparison(code, n);
  if (compare < 0) return false;
  const left = code.within(n, code.child(compare, Role.Left));
  const other = code.child(compare, left ? Role.Right : Role.Left);
  // Against zero or one it is a test for something, not for too much.
  if (code.kind(other) === Kind.Number && /^[01]$/.test(code.name(other))) return false;
  const operator = code.name(compare);
  if (operator === '==' || operator === '!=') return code.kind(other) !== Kind.Number || operator === '==';
  return left ? operator.startsWith('>') : operator.startsWith('<');
}

/**
 * A length says nothing of the room: of what was emptied before it is zero, `b.Reset(); if b.Len() > max`, and content of many
 * megabytes leaves that much room behind it.
 */
function saysNothing({ fn, node, verb }: BufferEffect, effects: readonly BufferEffect[]): boolean {
  if (!/^len$/i.test(verb)) return false;
  if (
    effects.some((x) => x.kind === 'empty' && x.fn === fn && x.node < node && isBeside(fn.code, x.node, node))
  )
    return true;
  const { code } = fn;
  const branch = code.ancestor(node, (a) => code.kind(a) === Kind.If);
  if (isReadToEnd(fn, node, branch, effects) || isWorkedThrough(fn, node)) return true;
  const refuses = branch >= fn.first && exits(code, code.child(branch, Role.Then));
  if (!refuses && gathers(effects)) return false;
  const compare = comparison(code, node);
  const left = code.within(node, code.child(compare, Role.Left));
  const limit = Constants.of(fn.package.program).in(fn, code.child(compare, left ? Role.Right : Role.Left));
  return limit.value !== undefined && limit.value > LARGE;
}

/** Rust: `if self.head >= self.bytes.len() { self.bytes.clear(); … }`: a position has come to the end of what there is to read. */
function isReadToEnd(fn: Fn, length: NodeId, branch: NodeId, effects: readonly BufferEffect[]): boolean {
  const { code } = fn;
  const compare = comparison(code, length);
  if (fn.package.language !== 'rust' || branch < fn.first || compare < 0) return false;
  if (!/^(>=|==)$/.test(code.name(compare))) return false;
  const position = code.child(compare, Role.Left);
  const kind = code.kind(position);
  if ((kind !== Kind.Field && kind !== Kind.Name) || limitNames.test(code.name(position))) return false;
  const then = code.child(branch, Role.Then);
  return effects.some((x) => x.kind === 'empty' && x.fn === fn && code.within(x.node, then));
}

/** Rust: `while self.sent < self.queue.len() { … }`: a position goes through all there is. */
function isWorkedThrough({ code, package: crate }: Fn, length: NodeId): boolean {
  const compare = comparison(code, length);
  const loop = crate.language === 'rust' && compare >= 0 ? code.parent(compare) : -1;
  if (!code.is(loop, Kind.Loop) || code.child(loop, Role.Condition) !== compare) return false;
  const position = code.child(compare, Role.Left);
  return (
    code.is(compare, Kind.Binary, '<') &&
    [Kind.Field, Kind.Name].includes(code.kind(position) as never) &&
    !limitNames.test(code.name(position))
  );
}

/** What is emptied elsewhere than filled is filled up to its limit each time, and needs the room again. */
function gathers(effects: readonly BufferEffect[]): boolean {
  return effects.every((g) => g.kind !== 'grow' || !effects.some((x) => x.kind === 'empty' && x.fn === g.fn));
}

/** More room than this is worth a word, whoever set the limit on the content. */
const LARGE = 1n << 20n;

/** One statement stands in the block of the test that another one is the condition of. */
function isBeside(code: Code, statement: NodeId, test: NodeId): boolean {
  const branch = code.ancestor(test, (a) => code.kind(a) === Kind.If);
  return branch >= 0 && code.parent(statement) === code.parent(branch);
}

/** A test keeps an allocation small: what is too large leaves, is given back, or is not kept. */
export function limitsSize(e: BufferEffect, effects: readonly BufferEffect[], keeping: NodeId): boolean {
  if (e.kind !== 'test' || saysNothing(e, effects)) return false;
  const code = e.fn.code;
  const branch = code.ancestor(e.node, (a) =>
    [Kind.If, Kind.Loop, Kind.Return, Kind.Let].includes(code.kind(a) as never),
  );
  if (branch < 0) return e.fn.package.language === 'rust' && isUpper(code, e.node) && isAnswer(e.fn, e.node);
  const inside = (root: NodeId, kind: BufferEffectKind) =>
    effects.some((x) => x.kind === kind && x.fn === e.fn && code.within(x.node, root));
  if (code.kind(branch) === Kind.Let) {
    // `tooLarge := cap(b) > most; if tooLarge { return }`
    const name = code.name(code.child(branch, Role.Pattern));
    for (let n = code.after(branch); n < code.after(code.parent(branch)); n++)
      if (code.kind(n) === Kind.If && code.is(code.child(n, Role.Condition), Kind.Name, name)) {
        const then = code.child(n, Role.Then);
        return isUpper(code, e.node) && (exits(code, then) || inside(then, 'release'));
      }
    return false;
  }
  if (isUpper(code, e.node)) {
    if (code.kind(branch) === Kind.Return) return true;
    const then = code.child(branch, Role.Then);
    // `if len + n > cap { reserve }` makes room, `if len > MAX { flush }` limits.
    return !(then >= 0 && inside(then, 'grow') && !inside(then, 'release') && !exits(code, then));
  }
  if (code.kind(branch) === Kind.Return) return true;
  const then = code.child(branch, code.kind(branch) === Kind.Loop ? Role.Body : Role.Then);
  if (then < 0) return false;
  // `if cap <= MAX { pool.Put(b) }`, `if len < MAX { push }`; not `if cap < n { b = make(n) }`.
  if (keeping >= 0 && code.within(keeping, then)) return true;
  return effects.some((x) => x.kind === 'grow' && !x.bulk && x.fn === e.fn && code.within(x.node, then));
}

/** Rust: `match self.by { Size => self.data.len() >= most, … }` at the end of a function is what it answers. */
function isAnswer({ code, fact }: Fn, node: NodeId): boolean {
  if (code.name(fact.result) !== 'bool') return false;
  for (let n = node, up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Arm && code.role(n) !== Role.Body) return false;
    if (kind === Kind.Block && code.children(up).at(-1) !== n) return false;
    if (kind === Kind.Call || kind === Kind.Macro || kind === Kind.Closure) return false;
    if (n === fact.body || up === fact.body) return true;
  }
  return false;
}

/** The function runs once, when what it belongs to ends. */
export function endsItsOwner(fn: Fn): boolean {
  return ownerEnds.test(fn.fact.name);
}

/** A release that happens while the service runs: not in a constructor, and not when the owner ends. */
export function releasesInService(e: BufferEffect, effects: readonly BufferEffect[]): boolean {
  if (e.kind !== 'release' || endsItsOwner(e.fn)) return false;
  const { name } = e.fn.fact;
  // `with_json` that fills it as well is no builder.
  const fills = effects.some((x) => x.kind === 'grow' && x.fn === e.fn);
  if (setUpNames.test(name) && !loadNames.test(name) && !fills) return false;
  return !effects.some((x) => x.kind === 'restore' && x.fn === e.fn);
}

/** A part of an array that something was read into, `chunk[..n]`: a few bytes, and a loop brings any number of them. */
export function isChunk(values: Values, fn: Fn, value: NodeId): boolean {
  let n = value;
  while (n >= 0 && fn.code.kind(n) === Kind.Unary) n = fn.code.child(n, Role.Object);
  return n >= 0 && fn.code.kind(n) === Kind.Slice && isSmall(values, fn, n);
}

/** `b = append(b[:0], x...)`: however often that runs, there is never more than one `x` in it. */
export function startsAnew(e: BufferEffect, effects: readonly BufferEffect[]): boolean {
  const { code } = e.fn;
  const loop = code.ancestor(e.node, (a) => code.kind(a) === Kind.Loop);
  return effects.some((x) => {
    if (x.kind !== 'empty' || x.fn !== e.fn) return false;
    if (x.node === e.node) return true;
    // Each turn of the loop empties it before.
    const block = code.parent(x.node);
    return (
      x.node < e.node &&
      code.is(block, Kind.Block) &&
      code.parent(block) === loop &&
      code.within(e.node, block)
    );
  });
}

/** What a buffer may keep for good. */
export const SMALL_BUFFER = 64 << 10;

/** Rust: a local that is as long as it was written, `[0u8; N]`, or `vec![0; 1500]` that nothing adds to. */
function isFixed(values: Values, fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust' || code.kind(n) !== Kind.Name) return false;
  const b = values.scope(fn).lookup(code.name(n), code.start(n));
  if (b?.source !== 'value' || b.value < 0) return false;
  if (code.is(b.value, Kind.Sequence, 'array')) return true;
  const count = code.is(b.value, Kind.Macro, 'vec') ? code.child(b.value, Role.Count) : -1;
  const { program } = fn.package;
  const length = count < 0 ? undefined : Constants.of(program).in(fn, count).value;
  return (
    length !== undefined &&
    length <= SMALL_BUFFER &&
    !Effects.of(program)
      .on(local(fn, b))
      .some((e) => e.kind === 'grow')
  );
}

/** The added value has a few bytes whatever the input is: a literal, a number as text, an array. */
export function isSmall(values: Values, fn: Fn, value: NodeId): boolean {
  if (value < 0) return false;
  const code = fn.code;
  switch (code.kind(value)) {
    case Kind.String:
    case Kind.Number:
    case Kind.Literal:
    case Kind.Sequence:
    case Kind.Composite:
      return true;
    case Kind.Unary:
    case Kind.Slice:
    case Kind.Try:
      return isSmall(values, fn, code.child(value, Role.Object));
    case Kind.Call:
    case Kind.MethodCall: {
      const name = nameOf(code, value);
      if (smallTexts.test(name)) return true;
      return /^(as_bytes|as_ref|as_str)$/.test(name) && isSmall(values, fn, code.child(value, Role.Object));
    }
    case Kind.If: {
      const branches = [code.child(value, Role.Then), code.child(value, Role.Else)];
      return branches.every((b) => b >= 0 && isSmall(values, fn, code.children(b).at(-1) ?? -1));
    }
    case Kind.Name:
    case Kind.Field: {
      if (isFixed(values, fn, value)) return true;
      const type = values.typeOf(fn, value);
      const name = type ? unwrapped(type).name : '';
      return (
        (smallNames.test(code.name(value)) && /^(string|str|String)?$/.test(name)) ||
        name === 'array' ||
        /^(u?int(8|16|32|64)?|byte|rune|bool|float(32|64)|[iu](8|16|32|64|size)|f32|f64|char)$/.test(name)
      );
    }
    default:
      return false;
  }
}
