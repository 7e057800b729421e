import { enumerationTypes, fewValued, statusNames } from '../../knowledge/keys.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import { KnownKeys } from '../origins/known-keys.ts';
import { Provenance } from '../origins/provenance.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, Effects, sameText } from '../places/effects.ts';
import { type PlaceRef, typeOfPlace } from '../places/places.ts';
import type { Fn, Program } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { container, lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { Bound, BoundReason } from './bound.ts';

/** Reasons that say that no further key can come. */
const CLOSED: ReadonlySet<BoundReason> = new Set([
  'closed-keys',
  'existing-keys',
  'start-up-only',
  'fresh-value',
  'declared-bounded',
]);

/** Tells of a growth what bounds it; `effects` are all effects on its place. */
type BoundOf = (place: PlaceRef, growth: Effect, effects: readonly Effect[]) => Bound | undefined;

/** What says that no further key can come. One per program. */
export class ClosedKeys {
  readonly #values: Values;
  readonly #effects: Effects;
  readonly #phases: Phases;
  readonly #calls: Calls;
  readonly #knownKeys: KnownKeys;
  readonly #boundOf: BoundOf;
  /** Containers whose keys are closed, by place. */
  readonly #closed = new Map<string, boolean>();

  /** `boundOf` tells of a growth what bounds it, whatever that is. */
  constructor(program: Program, boundOf: BoundOf) {
    this.#values = Values.of(program);
    this.#effects = Effects.of(program);
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
    this.#knownKeys = KnownKeys.of(program);
    this.#boundOf = boundOf;
  }

  /** The key has few values by its type, is a constant, or was compared with what is closed. */
  of(place: PlaceRef, growth: Effect): Bound | undefined {
    const type = typeOfPlace(this.#values, place);
    const c = container(this.#values.types, type);
    if (c?.key) {
      const why = leaks(growth) ? undefined : this.#closedType(c.key);
      if (why) return { reason: 'closed-keys', by: why };
    }
    if (growth.key >= 0 && isStatusCode(growth.fn.code, growth.key)) {
      // `sync.Map` does not say what its keys are.
      const key = c?.key ?? this.#values.typeOf(growth.fn, growth.key);
      if (key && /^u?int/.test(key.name)) return { reason: 'closed-keys', by: 'the status codes there are' };
    }
    if (growth.key >= 0 && c?.row.shape !== 'list') {
      const why = this.#constantKey(growth.fn, growth.key);
      if (why) return { reason: 'closed-keys', by: why, where: growth.fn.place(growth.key) };
      const checked = this.#checkedKey(growth.fn, growth.node, growth.key);
      if (checked) return { reason: 'closed-keys', by: checked.why, where: growth.fn.place(checked.at) };
    }
    return undefined;
  }

  /** The insert happens only when the key is already there: it replaces. */
  ofExisting(growth: Effect): Bound | undefined {
    const { fn, node, key } = growth;
    // `m[k] = m[k][n:]` leaves less than there was.
    const { code } = fn;
    const value = code.kind(node) === Kind.Assign ? code.child(node, Role.Value) : -1;
    if (
      key >= 0 &&
      value >= 0 &&
      code.kind(value) === Kind.Slice &&
      sameText(code, code.child(value, Role.Object), code.child(node, Role.Target))
    )
      return { reason: 'existing-keys', by: 'taking a part of what is there', where: fn.place(value) };
    const known = this.#knownKeys
      .at(fn, node)
      .find((k) => k.in?.key === growth.place.key && (key < 0 || this.#knownKeys.same(fn, k.key, key)));
    return (
      known && {
        reason: 'existing-keys',
        by: 'replacing only keys that are already there',
        where: fn.place(known.at),
      }
    );
  }

  /** Go: nobody but the program and its deployment says what the keys are. */
  ofAuthor({ fn, node, key, value }: Effect): Bound | undefined {
    // Following Rust's values is dear: `keys.ts` does it where all else speaks for a finding.
    if (fn.package.language === 'rust') return undefined;
    const provenance = Provenance.of(fn.package.program);
    if (key >= 0) {
      const author = provenance.of(fn, key);
      return author.who === 'own'
        ? { reason: 'closed-keys', by: `keys that come from ${author.why}`, where: author.at }
        : undefined;
    }
    // `for _, c := range conf.Codecs { room.Codecs = append(room.Codecs, c) }`
    if (value < 0 || this.#phases.context(fn, node).loops.length === 0) return undefined;
    const author = provenance.of(fn, value);
    return author.who === 'own' && author.from !== undefined
      ? { reason: 'closed-keys', by: `elements that come from ${author.why}`, where: author.at }
      : undefined;
  }

  /** A type with few values: an enumeration, a byte, a static string, a type of the program itself. */
  #closedType(type: TypeRef, depth = 0): string | undefined {
    const { type: inner, wrappers } = peel(type);
    const name = lastSegment(inner.name);
    if (inner.name === 'tuple' && inner.args.length > 0 && depth < 3)
      return inner.args.every((a) => this.#closedType(a, depth + 1))
        ? 'the few combinations of its parts'
        : undefined;
    if (inner.decl) {
      const { fact } = inner.decl;
      const { decl } = inner;
      const isClosed = (f: { readonly type: NodeId }) => {
        const of = this.#values.types.at(decl.file, f.type);
        return of !== undefined && this.#closedType(of, depth + 1) !== undefined;
      };
      if (fact.kind === 'struct' && fact.fields.length > 0 && depth < 3 && fact.fields.every(isClosed))
        return `the few values of \`${fact.name}\``;
      if (fact.kind === 'enum' && fact.fields.length === 0)
        return `the ${fact.members.length} variants of \`${fact.name}\``;
      if (fact.kind === 'defined' && this.#hasConstants(inner)) return `the constants of \`${fact.name}\``;
      return undefined;
    }
    if (/^(bool|u8|i8|u16|i16|NonZeroU8|NonZeroU16|uint8|int8|byte|uint16|int16)$/.test(name))
      return `the few values of \`${name}\``;
    if (fewValued.test(name)) return `the few values of \`${name}\``;
    if (name === 'TypeId' || inner.name === 'reflect.Type' || name === 'Discriminant')
      return `the types of the program`;
    // Go modules outside the workspace name their enumerations like this.
    if (inner.file.facts.language === 'go' && inner.name.includes('.') && enumerationTypes.test(name))
      return `the few values of \`${name}\``;
    if (name === 'str' && wrappers.length === 1 && wrappers[0] === '&')
      return 'keys of type `&str`, which a long-lived map can only keep when they are static';
    return undefined;
  }

  /** Go's enumeration: a defined integer or string type with constants of its own. */
  #hasConstants(type: TypeRef): boolean {
    const decl = type.decl;
    if (!decl || decl.fact.target < 0) return false;
    const under = decl.file.code.name(decl.fact.target);
    if (!/^(u?int(8|16|32|64)?|string|byte)$/.test(under)) return false;
    return decl.file.package.globals.some(
      (g) => g.fact.kind === 'const' && g.fact.type >= 0 && g.file.code.name(g.fact.type) === decl.fact.name,
    );
  }

  #constantKey(fn: Fn, key: NodeId, depth = 0): string | undefined {
    const code = fn.code;
    let n = key;
    while (
      (code.kind(n) === Kind.MethodCall &&
        /^(to_string|to_owned|into|clone|as_str|to_lowercase)$/.test(code.name(n))) ||
      (code.kind(n) === Kind.Unary && /^[&-]$/.test(code.name(n)))
    )
      n = code.child(n, Role.Object);
    if (n < 0) return undefined;
    const kind = code.kind(n);
    if (kind === Kind.String || kind === Kind.Number || kind === Kind.Literal) return 'a constant key';
    if (kind === Kind.Call && /(^|::)(from|to_owned)$/.test(code.name(code.child(n, Role.Callee)))) {
      const arg = code.child(n, Role.Arg);
      return arg >= 0 && code.kind(arg) === Kind.String ? 'a constant key' : undefined;
    }
    if (kind === Kind.Name || kind === Kind.Path) {
      const name = lastSegment(code.name(n));
      const b = kind === Kind.Name ? this.#values.scope(fn).lookup(name, code.start(n)) : undefined;
      if (b) return depth < 3 ? this.#constantBinding(fn, b, depth) : undefined;
      if (fn.package.globalsNamed(name).some((g) => g.fact.kind === 'const'))
        return `the constant key \`${name}\``;
    }
    const imported = kind === Kind.Field ? this.#values.goPackage(fn, code.child(n, Role.Object)) : undefined;
    if (
      imported !== undefined &&
      fn.package.program
        .packageAt(imported)
        ?.globalsNamed(code.name(n))
        .some((g) => g.fact.kind === 'const')
    )
      return `the constant key \`${code.name(n)}\``;
    if (kind === Kind.Call && /(^|::)(TypeId::of|type_name)/.test(code.name(code.child(n, Role.Callee))))
      return 'the types of the program';
    if (depth > 2) return undefined;
    if (kind === Kind.Composite) {
      const parts = code.children(n).filter((c) => code.role(c) !== Role.Type);
      const closed = parts.map((c) =>
        this.#constantKey(fn, code.kind(c) === Kind.FieldInit ? code.child(c, Role.Value) : c, depth + 1),
      );
      return closed.includes(undefined) ? undefined : closed[0];
    }
    const [target, ...others] =
      kind === Kind.Call || kind === Kind.MethodCall ? this.#values.callees(fn, n) : [];
    return target && others.length === 0 && this.#givesFew(target, depth)
      ? `the few that \`${target.label}\` gives`
      : undefined;
  }

  /** Whatever a function returns is a constant, was compared with constants, or is a number between two. */
  #givesFew(target: Fn, depth: number): boolean {
    const given = returnsOf(target, 0);
    // What gives the same whenever it is called stands for something that is yet to be written.
    return (
      given.length > 1 &&
      given.every(
        (v) =>
          this.#constantKey(target, v, depth + 1) !== undefined ||
          this.#checkedKey(target, v, v) !== undefined ||
          isBetween(target, v),
      )
    );
  }

  /** A local that only ever is a constant: bound to one, or a parameter that every caller gives one. */
  #constantBinding(fn: Fn, b: Binding, depth: number): string | undefined {
    if (b.source === 'value' && b.value >= 0)
      return isReassigned(fn, b) ? undefined : this.#constantKey(fn, b.value, depth + 1);
    if (b.source === 'closure-parameter') return this.#constantClosureArgument(fn, b, depth);
    if (b.source !== 'parameter') return undefined;
    const sites = this.#calls.sitesOf(fn);
    if (sites.length === 0) return undefined;
    let checked: string | undefined;
    for (const site of sites) {
      if (site.kind !== 'call') return undefined;
      const arg = site.fn.code.all(site.node, Role.Arg)[b.index];
      if (arg === undefined) return undefined;
      if (this.#constantKey(site.fn, arg, depth + 1)) continue;
      checked = this.#checkedKey(site.fn, site.node, arg)?.why;
      if (!checked) return undefined;
    }
    if (checked) return checked;
    return `the constants that the callers of \`${fn.label}\` pass`;
  }

  /** `add := func(key string) { m[key]++ }`, which is only called with constants. */
  #constantClosureArgument(fn: Fn, b: Binding, depth: number): string | undefined {
    const code = fn.code;
    const closure = code.ancestor(b.node, (a) => code.kind(a) === Kind.Closure);
    const statement = closure < 0 ? -1 : code.parent(closure);
    if (statement < 0 || code.kind(statement) !== Kind.Let) return undefined;
    const name = code.name(code.child(statement, Role.Pattern));
    let calls = 0;
    for (let n = code.after(statement); n < fn.after; n++) {
      if (!code.is(n, Kind.Name, name)) continue;
      const call = code.parent(n);
      if (code.role(n) !== Role.Callee || code.kind(call) !== Kind.Call) return undefined;
      const arg = code.all(call, Role.Arg)[b.index];
      if (arg === undefined || !this.#constantKey(fn, arg, depth + 1)) return undefined;
      calls++;
    }
    return calls > 0 ? `the constants that \`${name}\` is called with` : undefined;
  }

  /** A key that was compared with constants, or found in a container whose keys are closed. */
  #checkedKey(fn: Fn, node: NodeId, key: NodeId): { readonly why: string; readonly at: NodeId } | undefined {
    for (const known of this.#knownKeys.at(fn, node)) {
      if (!this.#knownKeys.same(fn, known.key, key)) continue;
      if (!known.in) return { why: 'the constants the key is compared with', at: known.at };
      if (this.#hasClosedKeys(known.in)) return { why: `the keys of \`${known.in.name}\``, at: known.at };
    }
    return undefined;
  }

  /** Nothing adds to the container but what runs at the start or has closed keys itself. */
  #hasClosedKeys(place: PlaceRef): boolean {
    if (place.depth > 0 || place.root === 'unknown' || place.root === 'local') return false;
    const known = this.#closed.get(place.key);
    if (known !== undefined) return known;
    this.#closed.set(place.key, false);
    const effects = this.#effects.on(place);
    const closed = effects.every(
      (e) =>
        e.kind !== 'grow' || e.fn.isTest || CLOSED.has(this.#boundOf(place, e, effects)?.reason ?? 'removed'),
    );
    this.#closed.set(place.key, closed);
    return closed;
  }
}

/** `if c >= 1 && c <= 5 { return c }` */
function isBetween({ code, first }: Fn, value: NodeId): boolean {
  if (!code.is(value, Kind.Name)) return false;
  const branch = code.ancestor(value, (a) => code.kind(a) === Kind.If);
  if (branch < first || !code.within(value, code.child(branch, Role.Then))) return false;
  const condition = code.child(branch, Role.Condition);
  const compared = new Set<string>();
  for (let n = condition; n < code.after(condition); n++)
    if (
      code.kind(n) === Kind.Binary &&
      sameText(code, code.child(n, Role.Left), value) &&
      code.kind(code.child(n, Role.Right)) === Kind.Number
    )
      compared.add(code.name(n).charAt(0));
  return compared.has('<') && compared.has('>') && !mentionsOr(code, condition);
}

function mentionsOr(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++) if (code.is(n, Kind.Binary, '||')) return true;
  return false;
}

/** Text that is given up to live for ever makes a static key of whatever comes. */
function leaks({ fn, key }: Effect): boolean {
  if (key < 0 || fn.package.language !== 'rust') return false;
  const code = fn.code;
  const isLeak = (root: NodeId) => {
    for (let n = root; n < code.after(root); n++) if (/(^|::)leak$/.test(code.name(n))) return true;
    return false;
  };
  if (isLeak(key)) return true;
  if (code.kind(key) !== Kind.Name) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(key), code.start(key));
  return b !== undefined && b.value >= 0 && isLeak(b.value);
}

/** `m[w.status]`, `m[resp.StatusCode]` */
function isStatusCode(code: Code, key: NodeId): boolean {
  return (code.kind(key) === Kind.Name || code.kind(key) === Kind.Field) && statusNames.test(code.name(key));
}

/** A local that is given another value after its declaration, such as a counter. */
function isReassigned(fn: Fn, b: Binding): boolean {
  const code = fn.code;
  for (let n = b.node + 1; n < fn.after && code.start(n) < b.to; n++) {
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, b.name)))
      return true;
    if (code.is(n, Kind.Unary, '&mut') && code.is(code.child(n, Role.Object), Kind.Name, b.name)) return true;
  }
  return false;
}
