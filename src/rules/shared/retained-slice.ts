/** What `rust/retained-slice` and `go/retained-slice` share: small parts that keep large wholes alive. */

import type { Confidence, Fix, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import { storing } from '../../knowledge/parts.ts';
import { Calls } from '../../program/calls/calls.ts';
import { returnsOf } from '../../program/calls/exits.ts';
import { type Lifetime, Lifetimes } from '../../program/lifetime/lifetime.ts';
import { isSentByOutsider, onlyIfSeen } from '../../program/origins/outsiders.ts';
import { Parts, type Sharing } from '../../program/origins/parts.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import { sameText } from '../../program/places/effects.ts';
import {
  declarationOf,
  displayName,
  type PlaceRef,
  Places,
  stateExtractors,
  typeOfPlace,
} from '../../program/places/places.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { container, lastSegment, peel, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { inCommand } from './commands.ts';
import { addImport } from './fixes/go-imports.ts';
import { wrap } from './fixes/limit-fix.ts';

const WANTED = kinds(Kind.Assign, Kind.MethodCall);

export const sliceMessages = {
  part: '`{name}` keeps {what} in memory for the sake of {part}, a part of it',
} as const;

export const sliceExemptions = {
  copied: 'bounded by a copy of {part}, which leaves {what} to be freed',
  'whole-kept': 'nothing more is kept: {what} is stored as a whole',
  'all-kept': 'nothing more is kept: all pieces of {what} are stored',
  'small-source': 'not much: {what} has at most {bytes} bytes',
  'short-lived': 'not long-lived: {by}',
} as const;

type SliceReporter = Reporter<typeof sliceMessages, typeof sliceExemptions>;

/** A whole of at most this size is no harm. */
const SMALL = 64n * 1024n;

/** Something that is stored: where it goes, and what it is made of. */
interface Store {
  readonly node: NodeId;
  readonly place: PlaceRef;
  readonly parts: readonly Piece[];
}

/** A value that something stored is made of, and the function that it stands in. */
interface Piece {
  readonly fn: Fn;
  readonly n: NodeId;
}

/** Reports each part of something large that a package stores in something that lives longer. */
export function checkSlices(pkg: Package, report: SliceReporter): void {
  const reader = new SliceReader(pkg, report);
  for (const fn of pkg.serviceFunctions) reader.check(fn);
}

class SliceReader {
  readonly #report: SliceReporter;
  readonly #places: Places;
  readonly #values: Values;
  readonly #parts: Parts;
  readonly #lifetimes: Lifetimes;

  constructor(pkg: Package, report: SliceReporter) {
    this.#report = report;
    this.#places = Places.of(pkg.program);
    this.#values = Values.of(pkg.program);
    this.#parts = Parts.of(pkg.program);
    this.#lifetimes = Lifetimes.of(pkg.program);
  }

  check(fn: Fn): void {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const kind = code.kind(n);
      const store =
        kind === Kind.Assign
          ? this.#assigned(fn, n)
          : kind === Kind.MethodCall && storing.has(code.name(n))
            ? this.#called(fn, n)
            : undefined;
      if (store) this.#judge(fn, store);
    }
  }

  /** `m[k] = v`, `list = append(list, v)`, `x.field = v`. */
  #assigned(fn: Fn, n: NodeId): Store | undefined {
    const code = fn.code;
    const target = code.child(n, Role.Target);
    const value = code.child(n, Role.Value);
    if (code.name(n) !== '=' || value < 0) return undefined;
    if (code.kind(target) === Kind.Index) {
      const place = this.#outliving(fn, code.child(target, Role.Object));
      return (
        place && {
          node: n,
          place,
          parts: [{ fn, n: code.child(target, Role.Index) }, ...this.#pieces(fn, value, 0)],
        }
      );
    }
    if (code.kind(target) !== Kind.Field && code.kind(target) !== Kind.Name) return undefined;
    const place = this.#outliving(fn, target);
    if (!place) return undefined;
    const appends =
      code.kind(value) === Kind.Call && code.is(code.child(value, Role.Callee), Kind.Name, 'append');
    const stored = appends ? code.all(value, Role.Arg).slice(1) : [value];
    return { node: n, place, parts: stored.flatMap((s) => this.#pieces(fn, s, 0)) };
  }

  #called(fn: Fn, n: NodeId): Store | undefined {
    const code = fn.code;
    const args = code.all(n, Role.Arg);
    const place = args.length > 0 ? this.#outliving(fn, code.child(n, Role.Object)) : undefined;
    return place && { node: n, place, parts: args.flatMap((a) => this.#pieces(fn, a, 0)) };
  }

  /** The memory that something is stored in, when it is more than a local of the function. */
  #outliving(fn: Fn, object: NodeId): PlaceRef | undefined {
    const place = this.#places.of(fn, object);
    if (!place || ['field', 'global', 'state'].includes(place.root)) return place;
    // Rust: what a handler is given as its state, `State(ids): State<Arc<Mutex<LruCache<…>>>>`, all of them share.
    const type = fn.package.language === 'rust' && place.binding ? place.binding.type : -1;
    return type >= 0 && stateExtractors.has(lastSegment(fn.code.name(type)))
      ? { ...place, root: 'state' }
      : undefined;
  }

  /** The values a stored value is made of: the fields of a literal, what a wrapper holds. */
  #pieces(fn: Fn, value: NodeId, depth: number): Piece[] {
    const code = fn.code;
    if (value < 0 || depth > 6) return [];
    const itself = [{ fn, n: value }];
    const inner = (n: NodeId) => this.#pieces(fn, n, depth + 1);
    switch (code.kind(value)) {
      case Kind.Unary:
        return /^&/.test(code.name(value)) ? inner(code.child(value, Role.Object)) : itself;
      case Kind.Composite:
      case Kind.Sequence:
        return code.children(value).flatMap((c) => {
          const kind = code.kind(c);
          if (kind === Kind.FieldInit || kind === Kind.Entry) return inner(code.child(c, Role.Value));
          return kind === Kind.Type ? [] : inner(c);
        });
      case Kind.Call:
        return /(^|::)(Some|Arc::new|Box::new|Rc::new)$/.test(code.name(code.child(value, Role.Callee)))
          ? inner(code.child(value, Role.Arg))
          : (this.#madeBy(fn, value, depth) ?? itself);
      case Kind.MethodCall:
        return this.#madeBy(fn, value, depth) ?? itself;
      case Kind.Name: {
        const b = this.#values.scope(fn).lookup(code.name(value), code.start(value));
        if (b?.source !== 'value' || b.value < 0) return itself;
        let bound = b.value;
        while (code.kind(bound) === Kind.Unary) bound = code.child(bound, Role.Object);
        return code.kind(bound) === Kind.Composite
          ? inner(bound)
          : (this.#madeBy(fn, bound, depth) ?? itself);
      }
      default:
        return itself;
    }
  }

  /** Go: the fields of the literal that a function of the workspace returns, or one that it calls: `res := run(job)`. */
  #madeBy(fn: Fn, call: NodeId, depth: number): Piece[] | undefined {
    const kind = fn.code.kind(call);
    if (fn.package.language !== 'go' || (kind !== Kind.Call && kind !== Kind.MethodCall)) return undefined;
    const [target, ...others] = this.#values.callees(fn, call);
    if (!target || others.length > 0) return undefined;
    for (const r of returnsOf(target, 0)) {
      const pieces = this.#pieces(target, r, depth + 1);
      if (pieces.some((p) => p.n !== r)) return pieces;
    }
    return undefined;
  }

  #judge(fn: Fn, { node, place, parts }: Store): void {
    const traced = parts.map((p) => ({ ...p, of: this.#parts.of(p.fn, p.n) }));
    let lifetime: Lifetime | undefined;
    for (const { fn: by, n, of } of traced) {
      // `h.buf = buf[:0]` keeps all of it, to be filled again.
      if (!of?.part || isEmptied(by.code, n) || this.#isToldAbove(by, n)) continue;
      const at = by.place(n);
      const part = wordsOf(by, n);
      const { what } = of;
      if (of.copied) {
        this.#report.exempt({ reason: 'copied', at, where: of.at, data: { part, what } });
        continue;
      }
      const kept = traced.some((t) => t.of && !t.of.part && !t.of.copied && samePlace(t.of, of));
      if (kept || isOfWhole(parts, by, n)) {
        this.#report.exempt({ reason: 'whole-kept', at, where: of.at, data: { what } });
        continue;
      }
      if (of.piece) {
        this.#report.exempt({ reason: 'all-kept', at, where: of.at, data: { what } });
        continue;
      }
      if (of.limit !== undefined && of.limit <= SMALL) {
        this.#report.exempt({
          reason: 'small-source',
          at,
          where: of.at,
          data: { what, bytes: String(of.limit) },
        });
        continue;
      }
      lifetime ??= this.#lifetimes.of(place, fn, node);
      if (lifetime.verdict === 'short') {
        this.#report.exempt({ reason: 'short-lived', at, data: { by: lifetime.why } });
        continue;
      }
      this.#find(by, n, of, place, lifetime);
    }
  }

  /** `self.shelf.lock().put(at, tile)`, which keeps what it is given: told where it is given. */
  #isToldAbove(fn: Fn, n: NodeId): boolean {
    const b = fn.code.is(n, Kind.Name)
      ? this.#values.scope(fn).lookup(fn.code.name(n), fn.code.start(n))
      : undefined;
    if (b?.source !== 'parameter' || !storing.has(fn.fact.name)) return false;
    return Calls.of(fn.package.program)
      .sitesOf(fn)
      .some(
        (s) =>
          s.kind === 'call' &&
          s.fn.code.is(s.node, Kind.MethodCall) &&
          this.#parts.of(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1)?.part === true &&
          this.#outliving(s.fn, s.fn.code.child(s.node, Role.Object)) !== undefined,
      );
  }

  #find(fn: Fn, n: NodeId, of: Sharing, place: PlaceRef, lifetime: Lifetime): void {
    const isSeen = fn.package.language !== 'go' || isSentByOutsider(fn, n);
    const held = this.#confidence(fn, n, of, place, lifetime);
    const sure = onlyIfSeen(held, isSeen && of.likely !== true);
    // A command ends, and gives all of it back.
    const confidence = sure === 'high' && inCommand(fn, n) ? 'medium' : sure;
    const related: RelatedPlace[] = [{ ...of.at, message: `${of.what} comes into memory here` }];
    const declared = declarationOf(place);
    if (declared) related.push({ ...declared, message: `\`${displayName(place)}\` is declared here` });
    if (lifetime.at && lifetime.verdict === 'long') related.push({ ...lifetime.at, message: lifetime.why });
    this.#report.find({
      message: 'part',
      at: fn.place(n),
      confidence,
      related,
      fixes: this.#copyFix(fn, n),
      data: { name: displayName(place), what: of.what, part: wordsOf(fn, n) },
    });
  }

  /** A map, list or array that is stored into is a cache of some kind; a field is often a result on its way. */
  #confidence(fn: Fn, n: NodeId, of: Sharing, place: PlaceRef, lifetime: Lifetime): Confidence {
    const type = typeOfPlace(this.#values, place);
    // Go's `[]byte` is what a part is stored as, in a field of its own.
    const held = container(this.#values.types, type);
    const isPart = held?.row.shape === 'list' && /^(byte|uint8)$/.test(held.value?.name ?? '');
    const collects =
      place.depth > 0 ||
      (held !== undefined && !isPart) ||
      (type !== undefined && peel(type).type.name === 'array');
    // What is read once, as the program starts, is there once.
    if (!collects && onlyAtStart(fn, n)) return 'low';
    if (lifetime.verdict === 'long' && lifetime.strength === 'proven') return collects ? 'high' : 'medium';
    if (collects || isOfElement(fn, n)) return 'medium';
    return lifetime.verdict === 'long' && isFarSmaller(fn, n, of) ? 'medium' : 'low';
  }

  /** What the part is stored as is `Bytes`: the field of a literal, or the key or value of the container. */
  #becomesBytes(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    const up = code.parent(n);
    if (code.kind(up) === Kind.FieldInit) {
      const decl = this.#values.declOf(fn, code.parent(up));
      const field = decl && this.#values.field(decl, code.name(up));
      return field !== undefined && isBytes(this.#values.types.at(field.decl.file, field.type));
    }
    if (code.kind(up) !== Kind.MethodCall || code.role(n) !== Role.Arg) return false;
    const c = container(this.#values.types, this.#values.typeOf(fn, code.child(up, Role.Object)));
    const isKey = c?.key !== undefined && code.all(up, Role.Arg)[0] === n;
    return isBytes(isKey ? c.key : c?.value);
  }

  #copyFix(fn: Fn, n: NodeId): readonly Fix[] {
    const type = this.#values.typeOf(fn, n);
    const inner = type && peel(type).type;
    const { file } = fn;
    if (fn.package.language === 'rust') {
      if (!this.#becomesBytes(fn, n)) return [];
      const bytes = file.importPath('Bytes') ? 'Bytes' : 'bytes::Bytes';
      const up = fn.code.parent(n);
      // `Session { token }` names the field as well.
      const named = fn.code.kind(up) === Kind.FieldInit && fn.code.start(up) === fn.code.start(n);
      const field = named ? `${fn.code.name(up)}: ` : '';
      const edits = () => wrap(fn, n, `${field}${bytes}::copy_from_slice(&`, ')');
      return [{ title: 'Store a copy of the part', applicability: 'maybe-incorrect', edits }];
    }
    if (inner?.name === 'string') {
      const edits = () => [
        ...wrap(fn, n, 'strings.Clone(', ')'),
        ...addImport(file, fn.package.text(file.facts.file), 'strings'),
      ];
      return [{ title: 'Store a copy of the part', applicability: 'maybe-incorrect', edits }];
    }
    const written = inner?.name === 'slice' ? writtenElement(fn, inner.args[0]) : undefined;
    if (written === undefined) return [];
    const edits = () => wrap(fn, n, `append([]${written}(nil), `, '...)');
    return [{ title: 'Store a copy of the part', applicability: 'maybe-incorrect', edits }];
  }
}

function isBytes(type: TypeRef | undefined): boolean {
  return type !== undefined && lastSegment(peel(type).type.name) === 'Bytes';
}

/** Go: how the type of an element is written in the package of a function, where that needs no import. */
function writtenElement(fn: Fn, type: TypeRef | undefined): string | undefined {
  if (!type) return undefined;
  if (type.name === '*') {
    const pointee = writtenElement(fn, type.args[0]);
    return pointee && `*${pointee}`;
  }
  if (type.decl) return type.decl.file.package === fn.package ? type.decl.fact.name : undefined;
  return type.name === 'byte' || type.name === 'string' ? type.name : undefined;
}

/** Go: `x.sites[n].Title = part`: a field of an element, of which a list or map has many. */
function isOfElement({ code, package: pkg }: Fn, n: NodeId): boolean {
  const assign = pkg.language === 'go' ? code.parent(n) : -1;
  const target = code.is(assign, Kind.Assign) ? code.child(assign, Role.Target) : -1;
  return code.is(target, Kind.Field) && code.kind(code.child(target, Role.Object)) === Kind.Index;
}

/** Go: `p.ID = record[:16]` of a record that is as large as its sender says, or whose limit is far above that. */
function isFarSmaller(fn: Fn, n: NodeId, { limit, made }: Sharing): boolean {
  const { code } = fn;
  const high = fn.package.language === 'go' && code.is(n, Kind.Slice) ? code.child(n, Role.High) : -1;
  if (high < 0 || (limit === undefined && !made)) return false;
  const { value, exact } = Constants.of(fn.package.program).in(fn, high);
  return exact === true && value !== undefined && (limit === undefined || value * 256n <= limit);
}

/** `buf[:0]` */
function isEmptied(code: Fn['code'], n: NodeId): boolean {
  return code.is(n, Kind.Slice) && code.is(code.child(n, Role.High), Kind.Number, '0');
}

function samePlace(a: Sharing, b: Sharing): boolean {
  return a.at.file === b.at.file && a.at.span.start === b.at.span.start;
}

/** The part as a person would name it. */
function wordsOf(fn: Fn, n: NodeId): string {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind === Kind.Name) return `\`${code.name(n)}\``;
  const up = code.parent(n);
  if (code.kind(up) === Kind.FieldInit) return `\`${code.name(up)}\``;
  if (kind === Kind.Slice || kind === Kind.Index) {
    const object = code.child(n, Role.Object);
    if (code.kind(object) === Kind.Name) return `a piece of \`${code.name(object)}\``;
  }
  return 'a piece';
}

/** Go: `Block{Sum: frame[:32], Data: frame[32:]}`: the parts that are stored together are all there is of it. */
function isOfWhole(parts: readonly Piece[], by: Fn, part: NodeId): boolean {
  const { code } = by;
  if (by.package.language !== 'go' || !code.is(part, Kind.Slice)) return false;
  const whole = code.child(part, Role.Object);
  const cuts = parts
    .filter(
      (p) => p.fn === by && code.is(p.n, Kind.Slice) && sameText(code, code.child(p.n, Role.Object), whole),
    )
    .map((p) => p.n);
  const isStart = (low: NodeId) => low < 0 || code.is(low, Kind.Number, '0');
  let last = cuts.find((c) => isStart(code.child(c, Role.Low)));
  for (let i = 0; last !== undefined && i < cuts.length; i++) {
    const end = code.child(last, Role.High);
    if (end < 0) return cuts.length > 1;
    last = cuts.find((c) => code.child(c, Role.Low) >= 0 && sameText(code, code.child(c, Role.Low), end));
  }
  return false;
}
