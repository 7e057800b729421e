import type { Place } from '../../core/span.ts';
import {
  bodyMethods,
  fullReads,
  goCopies,
  goCuts,
  goDocumentParts,
  goMatches,
  goPayloads,
  goTrims,
  largeNames,
  lentBodies,
  listDecoders,
  rustBuffers,
  rustCopies,
  rustCuts,
  rustPassing,
  wholeTexts,
} from '../../knowledge/parts.ts';
import { goFileReads, goWholeReads, rustBodyReads, rustFileReads } from '../../knowledge/readers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Program } from '../program.ts';
import { readerInto } from '../sizes/allocations.ts';
import { Constants } from '../sizes/constants.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** What an expression of text or bytes shares its memory with. */
export interface Sharing {
  /** Where the whole comes into being: a read, a body, a parameter that holds one. */
  readonly what: string;
  readonly at: Place;
  /** The whole was cut: it is kept alive by less than itself. */
  readonly part: boolean;
  /** Only whole pieces of a list of all pieces were taken: together they are the whole. */
  readonly piece: boolean;
  /** At most this many bytes, where a reader's limit says so. */
  readonly limit: bigint | undefined;
  /** A copy was made after the cut; nothing is shared any more. */
  readonly copied: boolean;
  /** A list whose elements were made one by one: an element that is taken out keeps none of the others. */
  readonly list?: true;
  /** A buffer of the function's own that something was read into: all but its header is as good as all of it. */
  readonly made?: true;
  /** How large a message is, or whether it is this one whose part a field was given, is not proven. */
  readonly likely?: true;
}

/** A parameter an expression shares its memory with, inside the function. */
interface Passed {
  readonly parameter: number;
  readonly part: boolean;
  readonly piece: boolean;
  /** All of it was copied here: of a part that is handed in nothing else is kept. */
  readonly copied?: true;
}

type Traced = Sharing | Passed;

const MAX_DEPTH = 12;

/** So many callers above the first are asked what they hand on. */
const MAX_AWAY = 1;

/** Follows text and bytes back to the allocation they keep alive. One per program. */
export class Parts {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #constants: Constants;

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
    this.#constants = Constants.of(program);
  }

  static of(program: Program): Parts {
    return program.derive(makeParts);
  }

  /** What an expression keeps alive, also through the callers of its function; undefined when nothing large is known. */
  of(fn: Fn, n: NodeId): Sharing | undefined {
    const traced = this.#trace(fn, n, 0, 0);
    return traced && 'parameter' in traced ? this.#fromCallers(fn, traced, 0) : traced;
  }

  /** The caller decides what was handed in: the first that hands in something large, or was handed it by its own. */
  #fromCallers(fn: Fn, traced: Passed, away: number): Sharing | undefined {
    for (const site of this.#calls.sitesOf(fn).slice(0, 8)) {
      const arg = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[traced.parameter] : undefined;
      const above = arg === undefined ? undefined : this.#trace(site.fn, arg, 0, 2);
      if (!above) continue;
      if (!('parameter' in above)) return joined(above, traced);
      // What this caller was handed itself, in its own terms.
      const further = away < MAX_AWAY ? this.#fromCallers(site.fn, above, away + 1) : undefined;
      if (further) return joined(further, traced);
    }
    const offered = this.#offered(fn, traced.parameter);
    return offered && joined(offered, traced);
  }

  /** Go: `func (b *Inbox) Deliver(raw string)`, which others call: by its name it is given all of something. */
  #offered(fn: Fn, parameter: number): Sharing | undefined {
    const given = fn.package.language === 'go' && fn.fact.exported ? fn.fact.params[parameter] : undefined;
    const name = given === undefined ? '' : fn.code.name(fn.code.child(given, Role.Pattern));
    if (given === undefined || !wholeTexts.test(name) || this.#calls.sitesOf(fn).length > 0) return undefined;
    return { ...whole(fn, given, `\`${name}\``, undefined), likely: true };
  }

  #trace(fn: Fn, n: NodeId, index: number, depth: number): Traced | undefined {
    if (n < 0 || depth > MAX_DEPTH) return undefined;
    const code = fn.code;
    const next = (m: NodeId, i = 0) => this.#trace(fn, m, i, depth + 1);
    switch (code.kind(n)) {
      case Kind.Try:
      case Kind.Await:
        return next(code.child(n, Role.Object));
      case Kind.Unary:
        return /^[&*]|&mut$/.test(code.name(n)) ? next(code.child(n, Role.Object)) : undefined;
      case Kind.Slice:
        return this.#slice(fn, n, next);
      case Kind.Index: {
        // An element of a list of pieces; one byte of a text shares nothing.
        const object = code.child(n, Role.Object);
        const of = this.#isList(fn, object) ? next(object) : undefined;
        return isOfElements(of) ? undefined : cut(of, false);
      }
      case Kind.Cast:
        return this.#converted(next(code.child(n, Role.Object)));
      case Kind.Name:
        return this.#name(fn, n, depth);
      case Kind.Field:
        return this.#field(fn, n, depth);
      case Kind.Macro:
        return this.#rustFilled(fn, n);
      case Kind.Call:
      case Kind.MethodCall:
        return fn.package.language === 'go'
          ? this.#goCall(fn, n, index, depth, next)
          : this.#rustCall(fn, n, index, depth, next);
      default:
        return undefined;
    }
  }

  #slice(fn: Fn, n: NodeId, next: (m: NodeId) => Traced | undefined): Traced | undefined {
    const code = fn.code;
    const of = next(code.child(n, Role.Object));
    const whole = code.child(n, Role.Low) < 0 && code.child(n, Role.High) < 0;
    // `frame[1:]` is all of it but what was counted off.
    return whole || (isMade(of) && trims(fn, n)) ? of : cut(of, false);
  }

  #isList(fn: Fn, object: NodeId): boolean {
    const type = this.#values.typeOf(fn, object);
    if (!type) return fn.code.kind(object) === Kind.Name;
    const { type: inner } = peel(type);
    return inner.name === 'slice' && !/^(byte|uint8)$/.test(inner.args[0]?.name ?? '');
  }

  /** `string(b)`, `[]byte(s)`: a copy, which is large when the whole was converted. */
  #converted(of: Traced | undefined): Traced | undefined {
    if (!of) return undefined;
    if ('parameter' in of) return of.part ? undefined : { ...of, copied: true };
    return of.part ? { ...of, copied: true } : of;
  }

  #goCall(
    fn: Fn,
    n: NodeId,
    index: number,
    depth: number,
    next: (m: NodeId, i?: number) => Traced | undefined,
  ): Traced | undefined {
    const code = fn.code;
    const args = code.all(n, Role.Arg);
    const first = args[0] ?? -1;
    if (code.kind(n) === Kind.Call) {
      const callee = code.child(n, Role.Callee);
      const name = callee < 0 ? '' : code.name(callee);
      if (name === 'string') return this.#converted(next(first));
      if (name === 'make') return this.#filled(fn, n, args);
      if (name === 'append') {
        // `append([]byte(nil), part...)`
        const added = args[1] ?? -1;
        const of =
          added >= 0 && code.is(added, Kind.Unary, '...') ? next(code.child(added, Role.Object)) : undefined;
        return of && !('parameter' in of) ? { ...of, copied: true } : undefined;
      }
      return this.#returned(fn, n, index, depth);
    }
    const object = code.child(n, Role.Object);
    const name = code.name(n);
    const pkg = this.#values.goPackage(fn, object);
    if (pkg !== undefined) {
      if (pkg === 'strings' || pkg === 'bytes' || pkg === 'slices') {
        if (goTrims.test(name)) return index > 1 ? undefined : next(first);
        if (goCuts.test(name)) return index > 1 ? undefined : cut(next(first), /^(Split|Fields)/.test(name));
        const of = goCopies.test(name) ? next(first) : undefined;
        return of && !('parameter' in of) ? { ...of, copied: true } : undefined;
      }
      const canonical = `${pkg}.${name}`;
      if (goFileReads.has(canonical)) return whole(fn, n, 'a whole file', undefined);
      if (Object.hasOwn(goWholeReads, canonical))
        return whole(fn, n, 'all of a stream', this.#limitOf(fn, first));
      return this.#returned(fn, n, index, depth);
    }
    const type = this.#values.typeOf(fn, object);
    const inner = type ? peel(type).type.name : '';
    if (inner === 'regexp.Regexp' && goMatches.test(name)) return cut(next(first), false);
    if (/^(Bytes|String)$/.test(name) && (BUFFERS.test(inner) || this.#embedsBuffer(type, name)))
      return whole(fn, n, `the content of \`${code.name(object)}\``, undefined);
    if (inner === goDocumentParts && name === 'String')
      return { ...whole(fn, n, 'all of a JSON document', undefined), part: true };
    if (lentBodies.test(inner) && bodyMethods.test(name)) return whole(fn, n, 'a request body', undefined);
    return this.#returned(fn, n, index, depth);
  }

  /** `struct { bytes.Buffer }` that has no such method of its own. */
  #embedsBuffer(type: TypeRef | undefined, method: string): boolean {
    const decl = type && peel(type).type.decl;
    if (!decl || decl.file.package.methodsOn(decl.fact.name).some((m) => m.fact.name === method))
      return false;
    return decl.fact.fields.some((f) => {
      const held = f.embedded ? this.#values.types.at(decl.file, f.type) : undefined;
      return held !== undefined && BUFFERS.test(peel(held).type.name);
    });
  }

  /** `frame := make([]byte, n); io.ReadFull(conn, frame)`: as large as whoever sends it says. */
  #filled(fn: Fn, made: NodeId, [type, size]: readonly NodeId[]): Traced | undefined {
    const code = fn.code;
    const up = code.parent(made);
    const local = code.kind(up) === Kind.Let ? code.child(up, Role.Pattern) : -1;
    if (type === undefined || size === undefined || local < 0 || !code.is(type, Kind.Type, 'slice'))
      return undefined;
    for (let n = code.after(up); n < fn.after; n++)
      if (
        code.kind(n) === Kind.MethodCall &&
        fullReads.test(code.name(n)) &&
        code.all(n, Role.Arg).some((a) => code.is(a, Kind.Name, code.name(local)))
      )
        return { ...whole(fn, made, 'all of a message', this.#constants.in(fn, size).value), made: true };
    return undefined;
  }

  #rustCall(
    fn: Fn,
    n: NodeId,
    index: number,
    depth: number,
    next: (m: NodeId, i?: number) => Traced | undefined,
  ): Traced | undefined {
    const code = fn.code;
    const name = callName(code, n);
    const args = code.all(n, Role.Arg);
    const method = code.kind(n) === Kind.MethodCall;
    const written = method ? name : code.name(code.child(n, Role.Callee));
    if (rustCopies.test(written)) {
      const of = next(method ? code.child(n, Role.Object) : (args[0] ?? -1));
      return of && !('parameter' in of) ? { ...of, copied: true } : undefined;
    }
    if (method) {
      const object = code.child(n, Role.Object);
      if (rustCuts.test(name) && args.length > 0)
        return cut(next(object), this.#oneAfterAnother(fn, n, name));
      if (name === 'bytes' && code.kind(code.parent(n)) === Kind.Await)
        return whole(fn, n, 'a whole body', undefined);
      if (rustPassing.test(name)) return next(object) ?? this.#returned(fn, n, index, depth);
      return this.#returned(fn, n, index, depth);
    }
    const last = lastSegment(written);
    const read = [last, written].find((k) => Object.hasOwn(rustBodyReads, k));
    if (read !== undefined) {
      const limit = args[rustBodyReads[read] ?? -1];
      const most = limit === undefined ? undefined : this.#constants.in(fn, limit).value;
      return whole(fn, n, 'a whole body', most);
    }
    if (rustFileReads.test(fn.file.fullPath(written)) && last === 'read')
      return whole(fn, n, 'a whole file', undefined);
    if (rustBuffers.test(written))
      return whole(
        fn,
        n,
        'a read buffer',
        args[0] === undefined ? undefined : this.#constants.in(fn, args[0]).value,
      );
    if (/^(Some|Ok)$/.test(last) || /^(Bytes|Arc)::(from|new|clone)$/.test(written))
      return next(args[0] ?? -1);
    return this.#returned(fn, n, index, depth);
  }

  /** `let mut strip = vec![0; len]; file.read_exact(&mut strip).await?` */
  #rustFilled(fn: Fn, made: NodeId): Traced | undefined {
    const { code } = fn;
    const size = code.is(made, Kind.Macro, 'vec') ? code.child(made, Role.Count) : -1;
    if (size < 0 || readerInto(fn, made) === undefined) return undefined;
    return whole(fn, made, 'all that was read', this.#constants.in(fn, size).value);
  }

  /** `while !buffer.is_empty() { list.push(buffer.split_to(n)) }`: nothing of the buffer is left out. */
  #oneAfterAnother(fn: Fn, n: NodeId, name: string): boolean {
    const code = fn.code;
    const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
    return loop >= 0 && name === 'split_to' && !this.#phases.isServiceLoop(fn, loop);
  }

  #limitOf(fn: Fn, reader: NodeId): bigint | undefined {
    const code = fn.code;
    if (reader < 0 || !/^(LimitReader|MaxBytesReader)$/.test(callName(code, reader))) return undefined;
    return this.#constants.in(fn, code.all(reader, Role.Arg).at(-1) ?? -1).value;
  }

  /** What a function of the workspace returns, in terms of what it is given. */
  #returned(fn: Fn, call: NodeId, index: number, depth: number): Traced | undefined {
    const targets = this.#values.callees(fn, call);
    const [target] = targets;
    if (!target || targets.length > 1 || depth > 8) return undefined;
    for (const value of returnsOf(target, index)) {
      const of = this.#trace(target, value, index, depth + 2);
      if (!of) continue;
      if (!('parameter' in of)) return of;
      const arg = fn.code.all(call, Role.Arg)[of.parameter];
      const above = arg === undefined ? undefined : this.#trace(fn, arg, 0, depth + 2);
      if (above) return joined(above, of);
    }
    return undefined;
  }

  #name(fn: Fn, n: NodeId, depth: number): Traced | undefined {
    const code = fn.code;
    const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b) return undefined;
    if (b.source === 'parameter') return this.#shortened(fn, n, b, this.#parameter(fn, b));
    if (b.value < 0)
      return this.#shortened(fn, n, b, this.#decoded(fn, n, b) ?? this.#assigned(fn, n, b, depth));
    if (b.source === 'element') {
      const of = this.#trace(fn, b.value, 0, depth + 1);
      return isOfElements(of) ? undefined : cut(of, true);
    }
    if (b.source !== 'value' && b.source !== 'part') return undefined;
    const of = this.#trace(fn, b.value, b.source === 'part' ? b.index : 0, depth + 1);
    return this.#shortened(fn, n, b, of);
  }

  /** Go: `list = list[len(list)-10:]` before a use leaves a part under the same name. */
  #shortened(fn: Fn, n: NodeId, b: Binding, of: Traced | undefined): Traced | undefined {
    const code = fn.code;
    if (!of || fn.package.language !== 'go') return of;
    const scope = this.#values.scope(fn);
    const isIt = (m: NodeId) =>
      code.is(m, Kind.Name, b.name) && scope.lookup(b.name, code.start(m))?.node === b.node;
    for (let m = n - 1; m > b.node; m--) {
      if (code.kind(m) !== Kind.Assign || code.name(m) !== '=' || !isIt(code.child(m, Role.Target))) continue;
      const value = code.child(m, Role.Value);
      // `token = append([]byte(nil), token...)`
      if (this.#isCopy(fn, value, isIt)) return 'parameter' in of ? undefined : { ...of, copied: true };
      if (code.kind(value) !== Kind.Slice || !isIt(code.child(value, Role.Object))) return of;
      if (!trims(fn, value)) return this.#slice(fn, value, () => of);
    }
    return of;
  }

  /** Go: a call that copies what is meant: `bytes.Clone(token)`, `append([]byte(nil), token...)`. */
  #isCopy(fn: Fn, value: NodeId, isIt: (n: NodeId) => boolean): boolean {
    const { code } = fn;
    const args = code.all(value, Role.Arg);
    if (code.is(value, Kind.MethodCall))
      return (
        /^(strings|bytes|slices)$/.test(this.#values.goPackage(fn, code.child(value, Role.Object)) ?? '') &&
        goCopies.test(code.name(value)) &&
        isIt(args[0] ?? -1)
      );
    const added = args[1] ?? -1;
    return (
      code.is(value, Kind.Call) &&
      code.is(code.child(value, Role.Callee), Kind.Name, 'append') &&
      code.is(added, Kind.Unary, '...') &&
      isIt(code.child(added, Role.Object))
    );
  }

  /** Go: `var list []Event` that a decoder has filled before. */
  #decoded(fn: Fn, n: NodeId, b: Binding): Traced | undefined {
    const code = fn.code;
    const type = fn.package.language === 'go' ? this.#values.bindingType(fn, b) : undefined;
    if (type?.name !== 'slice' || /^(byte|uint8)$/.test(type.args[0]?.name ?? '')) return undefined;
    for (let m = n - 1; m > b.node; m--) {
      if (code.kind(m) !== Kind.MethodCall || !listDecoders.test(code.name(m))) continue;
      const target = code.all(m, Role.Arg).at(-1) ?? -1;
      if (code.is(target, Kind.Unary, '&') && code.is(code.child(target, Role.Object), Kind.Name, b.name))
        return { ...whole(fn, m, 'all of a decoded list', undefined), list: true };
    }
    return undefined;
  }

  /** Go: `var line string; line, text, _ = strings.Cut(text, "\n")` before a use. */
  #assigned(fn: Fn, n: NodeId, b: Binding, depth: number): Traced | undefined {
    const { code } = fn;
    if (fn.package.language !== 'go') return undefined;
    for (let m = n - 1; m > b.node; m--) {
      if (!code.is(m, Kind.Assign, '=')) continue;
      const index = code.all(m, Role.Target).findIndex((t) => code.is(t, Kind.Name, b.name));
      if (index < 0) continue;
      const values = code.all(m, Role.Value);
      return values.length === 1
        ? this.#trace(fn, values[0] as NodeId, index, depth + 1)
        : this.#trace(fn, values[index] ?? -1, 0, depth + 1);
    }
    return undefined;
  }

  #parameter(fn: Fn, b: Binding): Traced {
    // Rust: `Bytes` handed to a handler, or called what large things are called.
    const type =
      b.type < 0 ? '' : lastSegment(peel(this.#values.types.at(fn.file, b.type) ?? none(fn)).type.name);
    if (/^(Bytes|BytesMut)$/.test(type) && (this.#phases.handlers.evidenceOf(fn) || largeNames.test(b.name)))
      return whole(fn, b.node, `\`${b.name}\``, undefined);
    return { parameter: b.index, part: false, piece: false };
  }

  /** `frame.payload` of type `Bytes`, `msg.Value` of a message type. */
  #field(fn: Fn, n: NodeId, depth: number): Traced | undefined {
    const code = fn.code;
    const name = code.name(n);
    if (fn.package.language === 'go') return this.#goField(fn, n, depth);
    if (!largeNames.test(name) || fn.package.language !== 'rust') return undefined;
    const type = this.#values.typeOf(fn, n);
    const object = code.child(n, Role.Object);
    if (code.is(object, Kind.Name, 'self')) return undefined;
    return type && /(^|::)Bytes(Mut)?$/.test(peel(type).type.name)
      ? whole(fn, n, `\`${name}\``, undefined)
      : undefined;
  }

  /** Go: the payload of a message that a library has read; a field that is written nothing but parts of a whole. */
  #goField(fn: Fn, n: NodeId, depth: number): Traced | undefined {
    const name = fn.code.name(n);
    const owner = this.#values.typeOf(fn, fn.code.child(n, Role.Object));
    const of = owner && peel(owner).type;
    if (!of) return undefined;
    if (goPayloads.has(`${of.name}.${name}`))
      return { ...whole(fn, n, 'all of a message', undefined), likely: true };
    const type = of.decl && depth < 4 ? this.#values.typeOf(fn, n) : undefined;
    const isText =
      type &&
      (type.name === 'string' || (type.name === 'slice' && /^(byte|uint8)$/.test(type.args[0]?.name ?? '')));
    if (!of.decl || !isText) return undefined;
    const writes = Writes.of(fn.package.program).toField(of.decl, name);
    let found: Sharing | undefined;
    for (const write of writes) {
      const traced =
        write.fn && write.fn !== fn ? this.#trace(write.fn, write.value, write.index, depth + 4) : undefined;
      if (!traced || 'parameter' in traced || !traced.part || traced.copied) return undefined;
      found ??= { ...traced, likely: true };
    }
    return found;
  }
}

const BUFFERS = /^(bytes\.Buffer|strings\.Builder)$/;

function makeParts(program: Program): Parts {
  return new Parts(program);
}

function none(fn: Fn) {
  return { name: '', args: [], decl: undefined, file: fn.file, node: -1 } as const;
}

/** `line[1:]`, `out[:len(out)-1]`: all but a few that are counted in the code. */
function trims({ code }: Fn, slice: NodeId): boolean {
  const low = code.child(slice, Role.Low);
  const high = code.child(slice, Role.High);
  const isFew = (n: NodeId) => code.kind(n) === Kind.Number;
  return (
    (low < 0 || isFew(low)) &&
    (high < 0 || (code.is(high, Kind.Binary, '-') && isFew(code.child(high, Role.Right))))
  );
}

function isMade(of: Traced | undefined): boolean {
  return of !== undefined && !('parameter' in of) && of.made === true;
}

function isOfElements(of: Traced | undefined): boolean {
  return of !== undefined && !('parameter' in of) && of.list === true;
}

function whole(fn: Fn, n: NodeId, what: string, limit: bigint | undefined): Sharing {
  return { what, at: fn.place(n), part: false, piece: false, limit, copied: false };
}

/** Less than the whole; a piece of a list of all pieces stays one until it is cut again. */
function cut(of: Traced | undefined, piece: boolean): Traced | undefined {
  if (!of) return undefined;
  return { ...of, part: true, piece: piece && (!of.part || of.piece) };
}

/** What happens inside a function, after what happened outside. */
function joined<T extends Traced>(above: T, inside: Passed): T {
  return {
    ...above,
    part: above.part || inside.part,
    ...(inside.copied && above.part ? { copied: true } : {}),
    piece: inside.part ? inside.piece && (!above.part || above.piece) : above.piece,
  };
}
