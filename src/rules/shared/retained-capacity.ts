/** What `rust/retained-capacity` and `go/retained-capacity` share: buffers that keep the room of their largest content. */
import type { Confidence, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { encoders, ownsRoom, sessionTypes, textWalks, wordTypes } from '../../knowledge/buffers.ts';
import { connections } from '../../knowledge/readers.ts';
import { rustPlainTypes } from '../../knowledge/rust-std.ts';
import { Declared } from '../../program/bounds/declared.ts';
import { exits } from '../../program/calls/exits.ts';
import { type Lifetime, Lifetimes } from '../../program/lifetime/lifetime.ts';
import { Origins } from '../../program/origins/origins.ts';
import { isSentByOutsider, onlyIfSeen } from '../../program/origins/outsiders.ts';
import {
  type BufferEffect,
  Buffers,
  bufferShape,
  endsItsOwner,
  holdsBytes,
  isChunk,
  isSmall,
  limitsSize,
  releasesInService,
  SMALL_BUFFER,
  startsAnew,
} from '../../program/ownership/buffers.ts';
import { pooledTypes } from '../../program/ownership/pools.ts';
import { Phases } from '../../program/phases/phases.ts';
import { declarationOf, displayName, type PlaceRef, typeOfPlace } from '../../program/places/places.ts';
import { Writes } from '../../program/places/writes.ts';
import type { Fn, Package, TypeDecl } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { chosenCount } from '../../program/sizes/counts.ts';
import { container, lastSegment, peel, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { shrinkFix } from './fixes/capacity-fix.ts';

export const capacityKeptMessages = {
  kept: '`{verb}` empties `{name}` but keeps the room of its largest content',
} as const;

/** `if cap(b) < n { b = make([]byte, n) }` of Go and `b.resize(n, 0)` of Rust empty nothing, and keep as much. */
export const regrownMessages = {
  ...capacityKeptMessages,
  regrown: '`{name}` is made as large as its largest content and never smaller',
} as const;

export const capacityKeptExemptions = {
  released: 'bounded by `{verb}` in `{fn}`, which gives the memory back',
  'size-tested': 'bounded by a test of its size in `{fn}`',
  'small-values': 'bounded by the few bytes that are written to `{name}`',
  'chosen-count': 'bounded by {by}',
  'start-up-only': 'bounded by `{fn}` running only while the program starts',
  pooled: 'left to `oversized-pool`: `{type}` is kept in a pool',
  'short-lived': 'not long-lived: {by}',
  'declared-bounded': "bounded by the author's word: {by}",
} as const;

type KeptReporter = Reporter<typeof capacityKeptMessages, typeof capacityKeptExemptions>;
type RegrownReporter = Reporter<typeof regrownMessages, typeof capacityKeptExemptions>;

/** Reports each buffer of a package that is emptied for the next use and never made smaller. */
export function checkKeptCapacity(pkg: Package, report: KeptReporter): void {
  const judge = new KeptJudge(pkg);
  for (const place of Buffers.of(pkg.program).emptied(pkg)) judge.check(place, report);
}

/** Reports each buffer of a package that is made larger for what input asks for, and never smaller. */
export function checkRegrown(pkg: Package, report: RegrownReporter): void {
  const judge = new KeptJudge(pkg);
  for (const grown of Buffers.of(pkg.program).regrowths(pkg)) judge.checkRegrown(grown, report);
}

class KeptJudge {
  readonly #buffers: Buffers;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #lifetimes: Lifetimes;
  readonly #declared: Declared;

  constructor(pkg: Package) {
    this.#buffers = Buffers.of(pkg.program);
    this.#values = Values.of(pkg.program);
    this.#phases = Phases.of(pkg.program);
    this.#lifetimes = Lifetimes.of(pkg.program);
    this.#declared = Declared.of(pkg.program);
  }

  check(place: PlaceRef, report: KeptReporter): void {
    // What a parameter is emptied for is seen where the argument lives.
    if (place.depth > 0 || place.root === 'parameter') return;
    const shape = bufferShape(this.#values.types, typeOfPlace(this.#values, place));
    if (!shape) return;
    const effects = this.#buffers.on(place);
    const empty = effects.find((e) => e.kind === 'empty' && !endsItsOwner(e.fn));
    const growths = effects.filter((e) => e.kind === 'grow');
    if (!empty || growths.length === 0) return;
    const at = empty.fn.place(empty.node);
    const name = displayName(place);
    const declaration = declarationOf(place);
    const word = (declaration && this.#declared.at(declaration)) ?? this.#declared.at(at);
    if (word) {
      report.exempt({ reason: 'declared-bounded', at, where: word.at, data: { by: word.reason } });
      return;
    }
    if (this.#isKeptSmall(place, effects, empty.node, at, report)) return;
    const large = growths.filter(
      (e) =>
        (!isTestedSmall(e) &&
          (isSmall(this.#values, e.fn, e.value)
            ? (this.#inLoop(e) || addsUp(e, effects)) &&
              isChunk(this.#values, e.fn, e.value) &&
              !startsAnew(e, effects)
            : e.bulk || this.#inLoop(e))) ||
        (shape === 'map' && this.#isCrowded(place, e, empty)),
    );
    if (large.length === 0) {
      report.exempt({ reason: 'small-values', at, data: { name } });
      return;
    }
    const open = large.filter((e) => !this.#chosen(e));
    if (open.length === 0) {
      report.exempt({
        reason: 'chosen-count',
        at,
        data: { by: this.#chosen(large[0] as BufferEffect) ?? '' },
      });
      return;
    }
    const running = open.find((e) => this.#runs(e));
    if (!running) {
      report.exempt({ reason: 'start-up-only', at, data: { fn: (open[0] as BufferEffect).fn.label } });
      return;
    }
    const lifetime = this.#lifetimes.of(place, running.fn, running.node);
    // A connection is made anew for each client, and stays as long as the client likes.
    if (lifetime.verdict === 'short' && !(place.owner && this.#connected(place.owner, 0))) {
      report.exempt({
        reason: 'short-lived',
        at,
        data: { by: lifetime.why },
        ...(lifetime.at && { where: lifetime.at }),
      });
      return;
    }
    const confidence = this.#confidence(place, empty, running, lifetime);
    const bytes = holdsBytes(this.#values.types, typeOfPlace(this.#values, place), running);
    const related: RelatedPlace[] = [
      { ...running.fn.place(running.node), message: `\`${running.verb}\` makes it as large as its input` },
    ];
    if (declaration) related.push({ ...declaration, message: `\`${name}\` is declared here` });
    if (lifetime.at && lifetime.verdict === 'long') related.push({ ...lifetime.at, message: lifetime.why });
    report.find({
      message: 'kept',
      at,
      confidence,
      related,
      fixes: shrinkFix(empty, typeOfPlace(this.#values, place), bytes ? 'bytes' : shape),
      data: { verb: empty.verb, name },
    });
  }

  /** What keeps the room small, or leaves it to another rule; recorded. */
  #isKeptSmall(
    place: PlaceRef,
    effects: readonly BufferEffect[],
    /** What keeps the content: a test around it is one of the size. */
    keeping: NodeId,
    at: Place,
    report: Pick<KeptReporter, 'exempt'>,
  ): boolean {
    if (place.owner && pooledTypes(place.owner.file.package.program).has(place.owner)) {
      report.exempt({ reason: 'pooled', at, data: { type: place.owner.fact.name } });
      return true;
    }
    const release = effects.find((e) => releasesInService(e, effects));
    if (release) {
      const where = release.fn.place(release.node);
      report.exempt({ reason: 'released', at, where, data: { verb: release.verb, fn: release.fn.label } });
      return true;
    }
    const test = effects.find((e) => limitsSize(e, effects, keeping));
    if (!test) return false;
    report.exempt({
      reason: 'size-tested',
      at,
      where: test.fn.place(test.node),
      data: { fn: test.fn.label },
    });
    return true;
  }

  /** `if cap(f.buf) < n { f.buf = make([]byte, n) }`, `self.buf.resize(n, 0)` in what a connection or the service has for as long as it lives. */
  checkRegrown(grown: BufferEffect, report: RegrownReporter): void {
    const { place, fn, node } = grown;
    if (place.depth > 0 || place.root === 'parameter') return;
    const type = typeOfPlace(this.#values, place);
    if (!type || !holdsBytes(this.#values.types, type, grown)) return;
    const effects = this.#buffers.on(place);
    const at = fn.place(node);
    if (effects.some((e) => e.kind === 'empty')) return;
    const most = this.#mostAskedFor(grown);
    if (most === undefined || this.#isKeptSmall(place, effects, -1, at, report)) return;
    const name = displayName(place);
    if (most <= SMALL_BUFFER) {
      report.exempt({ reason: 'small-values', at, data: { name } });
      return;
    }
    const lifetime = this.#lifetimes.of(place, fn, node);
    const connected =
      place.owner !== undefined && (this.#connected(place.owner, 0) || readsAnyStream(fn, place.owner));
    if (lifetime.verdict === 'short' && !connected) {
      report.exempt({ reason: 'short-lived', at, data: { by: lifetime.why } });
      return;
    }
    const declaration = declarationOf(place);
    report.find({
      message: 'regrown',
      at,
      confidence: this.#confidence(place, grown, grown, lifetime),
      related: [
        ...(declaration ? [{ ...declaration, message: `\`${name}\` is declared here` }] : []),
        ...(lifetime.at && lifetime.verdict === 'long' ? [{ ...lifetime.at, message: lifetime.why }] : []),
      ],
      data: { name },
    });
  }

  /** The most bytes that input may ask for, Infinity where nothing says; undefined where input asks for nothing. */
  #mostAskedFor({ fn, node }: BufferEffect): bigint | number | undefined {
    const code = fn.code;
    const go = fn.package.language === 'go';
    let make = node;
    while (go && make < code.after(node) && !code.is(code.child(make, Role.Callee), Kind.Name, 'make'))
      make++;
    const size = code.all(make, Role.Arg)[go ? 1 : 0];
    if (size === undefined) return undefined;
    const origin = Origins.of(fn.package.program).ofSize(fn, size, make);
    if (origin.kind === 'input') return Infinity;
    if (origin.kind === 'unknown' || origin.plain) return undefined;
    return this.#limitAt(fn, origin.where) ?? Infinity;
  }

  /** The largest number that a condition compares something with; undefined where it stands elsewhere. */
  #limitAt(fn: Fn, { file, span: { start, end } }: Place): bigint | undefined {
    const code = fn.code;
    let largest: bigint | undefined;
    if (file !== fn.file.facts.file) return undefined;
    for (let n = fn.first; n < fn.after; n++) {
      if (code.start(n) < start || code.end(n) > end || !/^[<>]=?$/.test(code.name(n))) continue;
      if (code.kind(n) !== Kind.Binary) continue;
      for (const side of [Role.Left, Role.Right] as const) {
        const { value } = Constants.of(fn.package.program).in(fn, code.child(n, side));
        if (value !== undefined && (largest === undefined || value > largest)) largest = value;
      }
    }
    return largest;
  }

  /**
   * Rust: one entry for each request, of which nothing says how many come before another request empties the map of the
   * service: it keeps the room of the busiest hour.
   */
  #isCrowded(place: PlaceRef, growth: BufferEffect, empty: BufferEffect): boolean {
    if (growth.fn.package.language !== 'rust' || growth.fn === empty.fn) return false;
    const filled = this.#phases.at(growth.fn, growth.node).request;
    const emptied = this.#phases.at(empty.fn, empty.node).request;
    if (!filled || filled.own || !emptied || emptied.own) return false;
    return this.#lifetimes.of(place, growth.fn, growth.node).verdict === 'long';
  }

  #inLoop(e: BufferEffect): boolean {
    return this.#phases.context(e.fn, e.node).loops.length > 0;
  }

  /** One element a round, and the rounds are counted to a number somebody chose; or no more than that at once. */
  #chosen(e: BufferEffect): string | undefined {
    const { fn, node } = e;
    const { code } = fn;
    if (fn.package.language === 'rust')
      for (const n of [node, ...this.#phases.context(fn, node).loops])
        if (takesSome(code, code.kind(n) === Kind.Loop ? code.child(n, Role.Iter) : n)) return '`take`';
    if (e.bulk) return undefined;
    const [loop] = this.#phases.context(e.fn, e.node).loops;
    return loop === undefined ? undefined : chosenCount(e.fn, loop);
  }

  #runs(e: BufferEffect): boolean {
    const reach = this.#phases.at(e.fn, e.node);
    return (
      reach.request !== undefined || reach.likely !== undefined || reach.api !== undefined || !reach.startup
    );
  }

  #confidence(place: PlaceRef, empty: BufferEffect, growth: BufferEffect, lifetime: Lifetime): Confidence {
    const reach = this.#phases.at(growth.fn, growth.node);
    // What the program itself brings to a loop is as large as it makes it.
    const runs = (reach.request !== undefined && !reach.request.own) || reach.likely !== undefined;
    const bytes = growth.bulk && holdsBytes(this.#values.types, typeOfPlace(this.#values, place), growth);
    // A key is copied to be compared with the next one: it is as long as keys are.
    if (isKey(place.name) || (growth.value >= 0 && isKey(growth.fn.code.name(growth.value)))) return 'low';
    if (lifetime.verdict === 'long' && lifetime.strength === 'proven') {
      // What belongs to one stream or session is gone with it.
      const ofSession = lifetime.perRequest || sessionTypes.test(place.owner?.fact.name ?? '');
      // What the program writes itself is as large as it makes it.
      const isOwn = encoders.test(growth.verb);
      const { fn, node, value } = growth;
      const given = value >= 0 ? [value] : fn.code.all(node, Role.Arg);
      // `stream.read_to_end(&mut buffer)` is given the buffer.
      const from = fn.package.language === 'rust' ? fn.code.child(node, Role.Object) : -1;
      const isSent = [...given, from].some((n) => n >= 0 && isSentByOutsider(fn, n));
      if (bytes && runs && !ofSession && !isOwn) return onlyIfSeen('high', isSent);
      // What nobody outside brings is as large as the program makes it, every time.
      if (bytes) return isSent || reach.request || reach.likely || reach.api ? 'medium' : 'low';
      // Filled anew with about as much as was taken out.
      if (/load|restore|refresh|replace|rebuild/i.test(empty.fn.fact.name)) return 'low';
      if (
        this.#followsText(growth) &&
        holdsBytes(this.#values.types, typeOfPlace(this.#values, place), growth)
      )
        return ofSession ? 'low' : 'medium';
      // Of numbers and pointers it takes very many to be felt.
      if (this.#isOfNumbers(place)) return 'low';
      const again = this.#phases.at(empty.fn, empty.node).request;
      return reach.request && again && this.#holdsTexts(place) ? 'medium' : 'low';
    }
    // Who holds a connection lives as long as the peer wants.
    const stays = place.owner && (this.#connected(place.owner, 0) || readsAnyStream(growth.fn, place.owner));
    if (bytes && stays) return 'medium';
    // A worker that is likely to run as long as the service.
    const follows =
      this.#followsText(growth) && holdsBytes(this.#values.types, typeOfPlace(this.#values, place), growth);
    return follows && lifetime.verdict === 'long' && runs ? 'medium' : 'low';
  }

  /** What it holds has room of its own, or is a struct with such fields: of handles and other small values it takes very many. */
  #holdsTexts(place: PlaceRef): boolean {
    const { types } = this.#values;
    const held = container(types, typeOfPlace(this.#values, place));
    const isText = (t: TypeRef | undefined) =>
      t !== undefined && ownsRoom.test(lastSegment(peel(t).type.name));
    return [held?.key, held?.value].some(
      (t) =>
        isText(t) ||
        t?.args.some(isText) ||
        t?.decl?.fact.fields.some((f) => isText(types.at(t.decl?.file as never, f.type))),
    );
  }

  #isOfNumbers(place: PlaceRef): boolean {
    const { types } = this.#values;
    const held = container(types, typeOfPlace(this.#values, place));
    return [held?.key, held?.value].every((t) => t === undefined || isPlain(t));
  }

  /** Rust: `for c in text.chars() { out.push(c) }`: as long as the text that the function is given. */
  #followsText({ fn, node }: BufferEffect): boolean {
    const { code } = fn;
    const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
    const over = loop < fn.first || fn.package.language !== 'rust' ? -1 : code.child(loop, Role.Iter);
    if (!code.is(over, Kind.MethodCall) || !textWalks.test(code.name(over))) return false;
    const text = code.child(over, Role.Object);
    return (
      code.is(text, Kind.Name) &&
      this.#values.scope(fn).lookup(code.name(text), code.start(text))?.source === 'parameter'
    );
  }

  /** The type, or one that has it for a part, has a connection. */
  #connected(decl: TypeDecl, depth: number): boolean {
    for (const f of decl.fact.fields) {
      const type = this.#values.types.at(decl.file, f.type);
      const name = type && peel(type).type.name;
      if (
        name &&
        (connections.test(name) || (/^io\.\w+$/.test(name) && this.#isGivenConnection(decl, f.name)))
      )
        return true;
    }
    if (depth > 1) return false;
    return this.#lifetimes
      .fieldsHolding(decl)
      .some((h) => h.owner !== undefined && h.owner !== decl && this.#connected(h.owner, depth + 1));
  }

  /** Go: `&encoder{w: conn}`, where the field is an `io.Writer`; not one that each turn of a loop makes for itself. */
  #isGivenConnection(decl: TypeDecl, field: string): boolean {
    return Writes.of(decl.file.package.program)
      .toField(decl, field)
      .some(({ fn, value }) => {
        const isOfTurn = fn && fn.code.ancestor(value, (a) => fn.code.kind(a) === Kind.Loop) >= fn.first;
        const type = fn && !isOfTurn ? this.#values.typeOf(fn, value) : undefined;
        return type !== undefined && connections.test(peel(type).type.name);
      });
  }
}

/** Rust: chunk after chunk is added by call after call, and another function empties what has come together. */
function addsUp({ fn }: BufferEffect, effects: readonly BufferEffect[]): boolean {
  return fn.package.language === 'rust' && !effects.some((x) => x.kind === 'empty' && x.fn === fn);
}

/** Rust: `struct Frames<R> { source: R, … }` whose methods read from it: it lives as long as any stream does. */
function readsAnyStream(fn: Fn, owner: TypeDecl): boolean {
  const readers = fn.fact.generics.filter((g) => g.bounds.some((b) => /(^|::)(Async)?(Buf)?Read$/.test(b)));
  return owner.fact.fields.some((f) =>
    readers.some((g) => f.type >= 0 && owner.file.code.name(f.type) === g.name),
  );
}

/** `if length > MAX_FRAME { return Err(…) } buffer.resize(length, 0)` with a few kilobytes for `MAX_FRAME`. */
function isTestedSmall({ fn, node, verb }: BufferEffect): boolean {
  const code = fn.code;
  const size = verb === 'resize' ? code.child(node, Role.Arg) : -1;
  if (!code.is(size, Kind.Name)) return false;
  for (let n = fn.first; n < node; n++) {
    if (code.kind(n) !== Kind.If || !exits(code, code.child(n, Role.Then))) continue;
    const test = code.child(n, Role.Condition);
    if (!code.is(test, Kind.Binary) || !/^>=?$/.test(code.name(test))) continue;
    if (!code.is(code.child(test, Role.Left), Kind.Name, code.name(size))) continue;
    const { value } = Constants.of(fn.package.program).in(fn, code.child(test, Role.Right));
    if (value !== undefined && value <= SMALL_BUFFER) return true;
  }
  return false;
}

/** The name says that the content is a key, or another short text. */
function isKey(name: string): boolean {
  return /(^|_|[a-z])(keys?|Keys?|row|prefix|Prefix|names?|Names?|labels?|idents?|bound|inclusive|exclusive|path|Path|host|addr)$/.test(
    name,
  );
}

/** `found.iter().take(50)` */
function takesSome(code: Code, n: NodeId): boolean {
  if (n < 0) return false;
  for (let m = n; m < code.after(n); m++)
    if (code.is(m, Kind.MethodCall, 'take') && code.child(m, Role.Arg) >= 0) return true;
  return false;
}

/** A number, a pointer, or some of them. */
function isPlain({ name, args, decl }: TypeRef): boolean {
  if (decl) return false;
  const last = lastSegment(name);
  return last === 'tuple' ? args.every(isPlain) : rustPlainTypes.test(last) || wordTypes.test(last);
}
