import type { Place } from '../core/span.ts';
import { setUpNames } from '../knowledge/handlers.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { type CallSite, Calls } from './calls.ts';
import { Declared } from './declared.ts';
import { type Effect, Effects, sameText } from './effects.ts';
import { exits } from './exits.ts';
import { KnownKeys } from './known-keys.ts';
import { Lifetimes } from './lifetime.ts';
import { Phases } from './phases.ts';
import { declarationOf, type PlaceRef, Places, typeOfPlace } from './places.ts';
import type { Fn, Program, TypeDecl } from './program.ts';
import { Provenance } from './provenance.ts';
import type { Binding } from './scope.ts';
import { drainsLocal } from './serving-loops.ts';
import { container, lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

/** Why a container cannot grow without end. Keys of the growth rules' exemption tables. */
export type BoundReason =
  | 'removed'
  | 'size-tested'
  | 'closed-keys'
  | 'existing-keys'
  | 'start-up-only'
  | 'fresh-value'
  | 'declared-bounded';

/** What bounds a growth, in words that finish "bounded by …", and where it stands. */
export interface Bound {
  readonly reason: BoundReason;
  readonly by: string;
  readonly where?: Place;
}

/** Reasons that say that no further key can come. */
const CLOSED: ReadonlySet<BoundReason> = new Set([
  'closed-keys',
  'existing-keys',
  'start-up-only',
  'fresh-value',
  'declared-bounded',
]);

/** The one recogniser of bounds. It answers for each growth of a container *bounded by what, where*. */
export class Bounds {
  readonly #places: Places;
  readonly #values: Values;
  readonly #effects: Effects;
  readonly #phases: Phases;
  readonly #calls: Calls;
  readonly #lifetimes: Lifetimes;
  readonly #declared: Declared;
  readonly #knownKeys: KnownKeys;
  /** Containers whose keys are closed, by place. */
  readonly #closed = new Map<string, boolean>();

  constructor(program: Program) {
    this.#places = Places.of(program);
    this.#values = this.#places.values;
    this.#effects = Effects.of(program);
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
    this.#lifetimes = Lifetimes.of(program);
    this.#declared = Declared.of(program);
    this.#knownKeys = KnownKeys.of(program);
  }

  static of(program: Program): Bounds {
    return program.derive(makeBounds);
  }

  /** What bounds one growth of a place, or undefined. `effects` are all effects on the place. */
  of(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    return (
      this.#declaredBounded(place, growth) ??
      this.#fresh(place, growth, effects) ??
      this.#existingKeys(growth) ??
      this.#closedKeys(place, growth) ??
      this.#removed(place, growth, effects) ??
      this.#reused(place, growth) ??
      this.#sizeTested(growth, effects) ??
      this.#startUpOnly(growth) ??
      this.#ownKeys(growth)
    );
  }

  /** `// headroom: bounded -- reason` at the declaration or at the insert. */
  #declaredBounded(place: PlaceRef, growth: Effect): Bound | undefined {
    const declaration = declarationOf(place);
    const word =
      (declaration && this.#declared.at(declaration)) ?? this.#declared.at(growth.fn.place(growth.node));
    return word && { reason: 'declared-bounded', by: `the author's word: ${word.reason}`, where: word.at };
  }

  // --- what is added to is not the long-lived value

  /** Filling a value that has just been made is construction, not growth. */
  #fresh(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    const { fn } = growth;
    const builder = returnsReceiver(fn);
    if (builder >= 0 && !this.#inServiceLoop(fn, growth.node, -1))
      return {
        reason: 'fresh-value',
        by: `the builder that \`${fn.label}\` returns`,
        where: fn.place(builder),
      };
    const anew = this.#madeAnew(place, growth, effects);
    if (anew)
      return {
        reason: 'fresh-value',
        by: `filling what \`${fn.label}\` has just made anew`,
        where: fn.place(anew.node),
      };
    const opened = this.#opens(fn, growth.node, place, 0);
    if (opened)
      return {
        reason: 'start-up-only',
        by: `\`${opened.label}\`, which runs once for each \`${opened.fact.owner}\``,
        where: opened.file.place(opened.fact.nameSpan),
      };
    const option = this.#option(fn, growth.node);
    if (option >= 0)
      return {
        reason: 'fresh-value',
        by: `the option that \`${fn.label}\` returns, which sets a new value up`,
        where: fn.place(option),
      };
    const made = this.#freshRoot(fn, growth.node, place, 0);
    if (!made) return undefined;
    return {
      reason: 'fresh-value',
      by: `filling the \`${made.name}\` that \`${made.fn.label}\` has just made`,
      where: made.fn.place(made.node),
    };
  }

  /**
   * Go: the growth is part of what brings its owner up, `func (s *Server) Start() error`, or of a helper of that. A
   * method that is told what to start runs for each of them.
   */
  #opens(fn: Fn, node: NodeId, place: PlaceRef, depth: number): Fn | undefined {
    if (fn.package.language !== 'go' || !place.owner || fn.fact.receiver === '') return undefined;
    if (!this.#isOrHolds(fn, place.owner)) return undefined;
    const context = this.#phases.context(fn, node);
    if (context.request || context.likely) return undefined;
    if (/^(Start|Init|Initialize|Open|Setup|SetUp)$/.test(fn.fact.name) && isToldNothing(fn)) return fn;
    if (depth > 1) return undefined;
    const sites = this.#calls.sitesOf(fn);
    let opened: Fn | undefined;
    for (const site of sites) {
      const above = site.kind === 'call' ? this.#opens(site.fn, site.node, place, depth + 1) : undefined;
      if (!above) return undefined;
      opened = above;
    }
    return opened;
  }

  /** A method of a type, or of one that has it in a field. */
  #isOrHolds(fn: Fn, owner: TypeDecl): boolean {
    const decl = this.#values.ownerType(fn)?.decl;
    if (!decl || decl === owner) return decl === owner;
    const mentions = (type: TypeRef | undefined, depth: number): boolean =>
      type !== undefined &&
      (type.decl === owner || (depth < 3 && type.args.some((a) => mentions(a, depth + 1))));
    return decl.fact.fields.some((f) => mentions(this.#values.types.at(decl.file, f.type), 0));
  }

  /** `s.roles = make(…)` on the way to the growth, in the same function: each call begins with nothing. */
  #madeAnew(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Effect | undefined {
    const { fn, node } = growth;
    const code = fn.code;
    return effects.find((e) => {
      if (e.kind !== 'reset' || e.fn !== fn || e.node >= node || e.place.key !== place.key) return false;
      const block = code.parent(e.node);
      return (
        code.kind(block) === Kind.Block &&
        code.within(node, block) &&
        !this.#inServiceLoop(fn, node, e.node) &&
        this.#runsInside(fn, node, e.node)
      );
    });
  }

  /** No closure lies between, or Go's function waits for the goroutine that runs it: `g.Go(func() { … }); g.Wait()`. */
  #runsInside(fn: Fn, node: NodeId, outside: NodeId): boolean {
    const code = fn.code;
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure && !code.within(outside, a));
    if (closure < 0) return true;
    if (fn.package.language !== 'go' || !code.is(code.parent(closure), Kind.MethodCall, 'Go')) return false;
    for (let n = code.after(closure); n < fn.range[1]; n++)
      if (code.is(n, Kind.MethodCall, 'Wait')) return true;
    return false;
  }

  /** Go: `func WithTags(t ...string) Option { return func(o *options) { o.tags = append(o.tags, t...) } }`, or -1. */
  #option(fn: Fn, node: NodeId): NodeId {
    if (fn.package.language !== 'go' || fn.fact.result < 0) return -1;
    const code = fn.code;
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    if (closure < 0) return -1;
    const root = rootName(fn, node);
    const b = root < 0 ? undefined : this.#values.scope(fn).lookup(code.name(root), code.start(root));
    if (b?.source !== 'closure-parameter' || !code.within(b.node, closure)) return -1;
    let up = code.parent(closure);
    // `return OptionFunc(func(o *options) { … })`
    if (code.kind(up) === Kind.Call || code.kind(up) === Kind.Cast) up = code.parent(up);
    const named = /^With[A-Z_]?|Opt(ion)?(s|Func|Fn)?$/;
    return code.kind(up) === Kind.Return &&
      (named.test(fn.fact.name) || named.test(lastSegment(code.name(fn.fact.result))))
      ? closure
      : -1;
  }

  /** The local that a node works on, when its function has just made it and no endless loop lies between. */
  #freshRoot(
    fn: Fn,
    node: NodeId,
    place: PlaceRef,
    depth: number,
  ): { fn: Fn; name: string; node: NodeId } | undefined {
    const code = fn.code;
    const root = rootName(fn, node);
    if (root < 0) return undefined;
    const name = code.name(root);
    const closure = code.ancestor(
      node,
      (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.AsyncBlock,
    );
    // What a closure has kept of its function's parameters lives as long as the closure: `func limit(v *visitors) Handler`.
    const isKept = closure >= 0 && !runsAtOnce(code, closure);
    if (fn.fact.receiver && name === fn.fact.receiver) {
      if (isKept) return undefined;
      // `fn with(mut self, …) -> Self`: whoever calls it owns the value.
      if (
        fn.package.language === 'rust' &&
        !fn.fact.receiverByReference &&
        !this.#inServiceLoop(fn, node, -1)
      )
        return { fn, name: 'self', node: root };
      // A helper of the constructor: every caller works on what it has just made.
      if (depth > 3 || this.#inServiceLoop(fn, node, -1)) return undefined;
      const sites = this.#calls.sitesOf(fn);
      if (sites.length === 0 || sites.some((s) => s.kind !== 'call')) return undefined;
      let made: { fn: Fn; name: string; node: NodeId } | undefined;
      for (const site of sites) {
        const here =
          site.fn === fn
            ? made
            : this.#isOnLocal(site)
              ? this.#freshRoot(site.fn, site.node, place, depth + 1)
              : undefined;
        if (!here && site.fn !== fn) return undefined;
        made ??= here;
      }
      return made;
    }
    const b = this.#values.scope(fn).lookup(name, code.start(root));
    if (b?.source === 'parameter') return isKept ? undefined : this.#freshArgument(fn, node, b, place, depth);
    if (!b || b.source === 'closure-parameter' || b.source === 'element') return undefined;
    if (place.root === 'local' || place.root === 'parameter') return undefined;
    // A copy that takes the place of what it was copied from.
    if (b.value >= 0 && this.#places.copied(fn, b.value)?.key === place.key) return undefined;
    if (isKept && !code.within(b.node, closure)) return undefined;
    if (this.#inServiceLoop(fn, node, b.node)) return undefined;
    // A local that is moved into its owner later is still under construction.
    const moved = this.#places.ofName(fn, root);
    const stands = this.#places.of(fn, root);
    const isLocal = fn.package.language === 'rust' && stands?.root === 'local' && stands.depth === 0;
    if (moved && (stands?.key === moved.key || isLocal) && place.root === 'field')
      return { fn, name, node: b.node };
    if (b.value < 0) return b.source === 'unknown' ? { fn, name, node: b.node } : undefined;
    let value = b.value;
    while (
      code.kind(value) === Kind.Unary ||
      code.kind(value) === Kind.Try ||
      code.kind(value) === Kind.Await
    )
      value = code.child(value, Role.Object);
    const kind = code.kind(value);
    const made =
      kind === Kind.Composite ||
      kind === Kind.Macro ||
      ((kind === Kind.Call || kind === Kind.MethodCall) &&
        (this.#makesNew(fn, value) ||
          this.#isOwned(fn, value) ||
          (!this.#places.of(fn, value) && this.#isContainerMaker(code, value))));
    return made ? { fn, name, node: b.node } : undefined;
  }

  /** `func apply(room *Room, conf *Config)`: every caller passes what it has just made. */
  #freshArgument(
    fn: Fn,
    node: NodeId,
    b: Binding,
    place: PlaceRef,
    depth: number,
  ): { fn: Fn; name: string; node: NodeId } | undefined {
    if (depth > 3 || place.root !== 'field' || this.#inServiceLoop(fn, node, -1)) return undefined;
    const sites = this.#calls.sitesOf(fn).filter((s) => s.fn !== fn);
    let made: { fn: Fn; name: string; node: NodeId } | undefined;
    for (const site of sites) {
      const arg = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[b.index] : undefined;
      // `x`, `&x`, `&mut x`: not what lies in it.
      const whole = arg === undefined ? -1 : bareName(site.fn, arg);
      const here = whole < 0 ? undefined : this.#freshRoot(site.fn, whole, place, depth + 1);
      if (!here) return undefined;
      made ??= here;
    }
    return made;
  }

  /** `value.method()` on a plain name or on what is part of it, run there and then: not on what it points to. */
  #isOnLocal(site: CallSite): boolean {
    const code = site.fn.code;
    let object = code.child(site.node, Role.Object);
    for (; object >= 0; object = code.child(object, Role.Object)) {
      if (code.kind(object) === Kind.Field) {
        const type = this.#values.typeOf(site.fn, object);
        if (type?.decl?.fact.kind !== 'struct' || site.fn.package.language !== 'go') return false;
      } else if (code.kind(object) !== Kind.Unary) break;
    }
    return object >= 0 && code.kind(object) === Kind.Name && code.kind(code.parent(site.node)) !== Kind.Spawn;
  }

  /** A loop that serves lies between the node and what it works on. */
  #inServiceLoop(fn: Fn, node: NodeId, declared: NodeId): boolean {
    const loop = this.#phases
      .context(fn, node)
      .loops.find((l) => this.#phases.isServiceLoop(fn, l) && !drainsLocal(this.#values, fn, l));
    return loop !== undefined && !(declared >= 0 && fn.code.within(declared, loop));
  }

  /** Rust: a clone, or the owned result of a function of the workspace. */
  #isOwned(fn: Fn, value: NodeId): boolean {
    if (fn.package.language !== 'rust' || this.#places.of(fn, value)) return false;
    const code = fn.code;
    if (
      code.kind(value) === Kind.MethodCall &&
      /^(clone|cloned|to_owned|collect|unwrap_or_default)$/.test(code.name(value))
    )
      return true;
    const made = this.#values.callees(fn, value)[0];
    if (!made || made.fact.result < 0) return false;
    const result = made.code.name(made.fact.result);
    return !/^(&|&mut|dyn|impl)$/.test(result) && !/(Arc|Rc|Guard|Ref|RefMut)$/.test(result);
  }

  /** `make(map[K]V)`, `HashMap::new()`, `Vec::with_capacity(n)`. */
  #isContainerMaker(code: Code, call: NodeId): boolean {
    const callee = code.child(call, Role.Callee);
    return callee >= 0 && /(^make$|^new$|::(new|default|with_capacity|from)$)/.test(code.name(callee));
  }

  #makesNew(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    const callee = code.child(call, Role.Callee);
    const name = callee < 0 ? code.name(call) : lastSegment(code.name(callee));
    if (code.kind(call) === Kind.MethodCall && !this.#values.goPackage(fn, code.child(call, Role.Object)))
      return false;
    return /^(new|New|default|with_|make|create|Create|Default)/.test(name);
  }

  // --- keys

  #closedKeys(place: PlaceRef, growth: Effect): Bound | undefined {
    const type = typeOfPlace(this.#values, place);
    const c = container(this.#values.types, type);
    if (c?.key) {
      const why = leaks(growth) ? undefined : this.#closedType(c.key);
      if (why) return { reason: 'closed-keys', by: why };
      if (growth.key >= 0 && isStatusCode(growth.fn.code, growth.key) && /^u?int/.test(c.key.name))
        return { reason: 'closed-keys', by: 'the status codes there are' };
    }
    if (growth.key >= 0 && c?.row.shape !== 'list') {
      const why = this.#constantKey(growth.fn, growth.key);
      if (why) return { reason: 'closed-keys', by: why, where: growth.fn.place(growth.key) };
      const checked = this.#checkedKey(growth.fn, growth.node, growth.key);
      if (checked) return { reason: 'closed-keys', by: checked.why, where: growth.fn.place(checked.at) };
    }
    return undefined;
  }

  /** Go: nobody but the program and its deployment says what the keys are. */
  #ownKeys({ fn, node, key, value }: Effect): Bound | undefined {
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
    return author.who === 'own' && /configuration|package/.test(author.why)
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
    if (/^(StatusCode|Level|LevelFilter|Weekday|Month|ErrorKind)$/.test(name))
      return `the few values of \`${name}\``;
    if (name === 'TypeId' || inner.name === 'reflect.Type' || name === 'Discriminant')
      return `the types of the program`;
    // Go modules outside the workspace name their enumerations like this.
    if (inner.file.facts.language === 'go' && inner.name.includes('.') && FOREIGN_ENUMERATION.test(name))
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
    return undefined;
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
    for (let n = code.after(statement); n < fn.range[1]; n++) {
      if (!code.is(n, Kind.Name, name)) continue;
      const call = code.parent(n);
      if (code.role(n) !== Role.Callee || code.kind(call) !== Kind.Call) return undefined;
      const arg = code.all(call, Role.Arg)[b.index];
      if (arg === undefined || !this.#constantKey(fn, arg, depth + 1)) return undefined;
      calls++;
    }
    return calls > 0 ? `the constants that \`${name}\` is called with` : undefined;
  }

  /** The insert happens only when the key is already there: it replaces. */
  #existingKeys(growth: Effect): Bound | undefined {
    const { fn, node, key } = growth;
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
      (e) => e.kind !== 'grow' || e.fn.isTest || CLOSED.has(this.of(place, e, effects)?.reason ?? 'removed'),
    );
    this.#closed.set(place.key, closed);
    return closed;
  }

  // --- removal

  #removed(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    for (const e of effects) {
      if (e.kind !== 'remove' && e.kind !== 'reset') continue;
      if (!this.#canHelp(place, e, growth, effects)) continue;
      return { reason: 'removed', by: verbText(e), where: e.fn.place(e.node) };
    }
    // `mem::take(&mut self.delta)`, `self.delta = Delta::default()`: what the owner held goes with it.
    if (place.owner) {
      for (const outer of this.#lifetimes.fieldsHolding(place.owner)) {
        const whole = this.#effects
          .on(outer)
          .find((e) => e.kind === 'reset' && this.#canHelp(outer, e, growth, effects));
        if (whole)
          return {
            reason: 'removed',
            by: `replacing \`${outer.name}\` in \`${whole.fn.label}\``,
            where: whole.fn.place(whole.node),
          };
      }
    }
    // A removal through an object whose type is not known may well be this one.
    if (place.owner) {
      const unknown = this.#effects
        .onUnknown(place.name)
        .find(
          (e) => (e.kind === 'remove' || e.kind === 'reset') && e.fn.package === place.owner?.file.package,
        );
      if (unknown && this.#canHelp(place, unknown, growth, effects))
        return { reason: 'removed', by: verbText(unknown), where: unknown.fn.place(unknown.node) };
    }
    return undefined;
  }

  /** Whether a removal can keep a growth in check. */
  #canHelp(place: PlaceRef, e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
    const { fn } = e;
    const code = fn.code;
    if (e.kind === 'reset') {
      if (this.#isInitialisation(e) || this.#putsCopyBack(e, place)) return false;
      // Replaced once before the loop that fills it.
      const loop = this.#phases
        .context(growth.fn, growth.node)
        .loops.find((l) => this.#phases.isServiceLoop(growth.fn, l));
      if (fn === growth.fn && loop !== undefined && !code.within(e.node, loop)) return false;
    }
    if (e.single && (this.#keyIsCleared(e) || isOtherKey(e, growth) || undoes(e, growth))) return false;
    const whole = !e.single || e.kind === 'reset' || this.#emptiesInLoop(e);
    if (whole && (endsOwner(fn, place) || this.#onlyEnds(fn, place))) return false;
    if (!whole && fn !== growth.fn && this.#onlyEnds(fn, place)) return false;
    // One entry taken out when the size is tested bounds the insert it stands beside, not the others.
    if (e.single && e.fn !== growth.fn && this.#evictsForItsOwnInsert(e, effects))
      return calls(this.#calls, e.fn, growth.fn);
    return true;
  }

  /** A helper of what ends the owner: `closeIdle`, which nothing but `Shutdown` calls. */
  #onlyEnds(fn: Fn, place: PlaceRef, depth = 0): boolean {
    if (depth > 2 || place.owner === undefined || fn.fact.owner !== place.owner.fact.name) return false;
    const sites = this.#calls.sitesOf(fn);
    return (
      sites.length > 0 &&
      sites.every(
        (s) => s.kind === 'call' && (endsOwner(s.fn, place) || this.#onlyEnds(s.fn, place, depth + 1)),
      )
    );
  }

  /** `c.stop(); delete(m, c.conn)` where `stop` sets `conn` to nil: the entry of the connection stays. */
  #keyIsCleared(e: Effect): boolean {
    const { fn, node, key } = e;
    const code = fn.code;
    if (key < 0 || code.kind(key) !== Kind.Field) return false;
    const owner = code.child(key, Role.Object);
    const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
    let cleared = false;
    for (let n = block; block >= 0 && n < node; n++) {
      if (code.kind(n) === Kind.Assign) {
        code.all(n, Role.Target).forEach((target, i) => {
          if (sameText(code, target, key)) cleared = isNothing(code, code.all(n, Role.Value)[i] ?? -1);
        });
      } else if (code.kind(n) === Kind.MethodCall && sameText(code, code.child(n, Role.Object), owner)) {
        const [method, ...others] = this.#values.callees(fn, n);
        if (method && others.length === 0 && clearsField(method, code.name(key))) cleared = true;
      }
    }
    return cleared;
  }

  /** `for k := range m { delete(m, k) }` */
  #emptiesInLoop(e: Effect): boolean {
    const code = e.fn.code;
    const loop = code.ancestor(e.node, (a) => code.kind(a) === Kind.Loop);
    const over = loop < 0 ? -1 : code.child(loop, Role.Iter);
    return over >= 0 && this.#places.of(e.fn, over)?.key === e.place.key;
  }

  /** `*self.map.write() = copy`, where `copy` is the map itself with one more entry. */
  #putsCopyBack(e: Effect, place: PlaceRef): boolean {
    const { fn, node } = e;
    const code = fn.code;
    if (fn.package.language !== 'rust' || code.kind(node) !== Kind.Assign) return false;
    let value = code.child(node, Role.Value);
    while (value >= 0 && code.kind(value) === Kind.Call) value = code.child(value, Role.Arg);
    if (value < 0 || code.kind(value) !== Kind.Name) return false;
    const b = this.#values.scope(fn).lookup(code.name(value), code.start(value));
    return b !== undefined && b.value >= 0 && this.#places.copied(fn, b.value)?.key === place.key;
  }

  /** `self.m = HashMap::new()` in a constructor or when it is still nil. */
  #isInitialisation(e: Effect): boolean {
    const { fn, node } = e;
    const code = fn.code;
    if (code.kind(node) !== Kind.Assign) return false;
    if (setUpNames.test(fn.fact.name) && !/^(load|Load|parse|Parse)/.test(fn.fact.name)) return true;
    const target = code.child(node, Role.Target);
    const test = code.ancestor(node, (a) => code.kind(a) === Kind.If);
    if (test >= 0) {
      const condition = code.child(test, Role.Condition);
      for (let n = condition; n >= 0 && n < code.after(condition); n++) {
        if (code.kind(n) === Kind.Binary && code.name(n) === '==') {
          const right = code.child(n, Role.Right);
          if (code.is(right, Kind.Literal, 'nil') && sameText(code, code.child(n, Role.Left), target))
            return true;
        }
      }
    }
    // What the start hands on runs whenever whoever has it likes.
    if (this.#calls.sitesOf(fn).some((s) => s.kind === 'reference')) return false;
    const reach = this.#phases.at(fn, node);
    return !reach.request && !reach.likely && !reach.api && reach.startup && !reach.configured;
  }

  /** A removal under a size test in a function that also inserts. */
  #evictsForItsOwnInsert(e: Effect, effects: readonly Effect[]): boolean {
    const code = e.fn.code;
    const test = effects.find(
      (t) =>
        t.kind === 'size-test' &&
        t.fn === e.fn &&
        t.verb !== 'is_empty' &&
        code.ancestor(t.node, (a) => code.kind(a) === Kind.If && code.within(e.node, a)) >= 0,
    );
    if (!test) return false;
    const loop = code.ancestor(test.node, (a) => code.kind(a) === Kind.Loop);
    if (loop >= 0 && code.within(test.node, code.child(loop, Role.Condition))) return false;
    return effects.some((g) => g.kind === 'grow' && g.fn === e.fn);
  }

  /** Rust: `match slots.iter().position(|s| s.is_none()) { Some(i) => …, None => slots.push(…) }`. */
  #reused(place: PlaceRef, growth: Effect): Bound | undefined {
    const { fn, node } = growth;
    const code = fn.code;
    if (fn.package.language !== 'rust') return undefined;
    for (let n = node, up = code.parent(node); up >= fn.range[0]; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Closure) return undefined;
      const test =
        kind === Kind.If && code.role(n) === Role.Else
          ? code.child(up, Role.Condition)
          : kind === Kind.Arm && code.role(n) === Role.Body
            ? code.child(code.parent(up), Role.Subject)
            : -1;
      for (let m = test; test >= 0 && m < code.after(test); m++) {
        if (code.kind(m) !== Kind.MethodCall || !/^(position|find|iter_mut|find_map)$/.test(code.name(m)))
          continue;
        if (this.#places.of(fn, code.child(m, Role.Object))?.key !== place.key) continue;
        for (const arg of code.all(m, Role.Arg))
          for (let k = arg; k < code.after(arg); k++)
            if (/^(is_none|is_free|is_empty|is_unused|is_vacant|is_closed|is_finished)$/.test(code.name(k)))
              return { reason: 'removed', by: `taking an empty slot again`, where: fn.place(m) };
      }
    }
    return undefined;
  }

  // --- size tests

  #sizeTested(growth: Effect, effects: readonly Effect[]): Bound | undefined {
    const tests = effects.filter((e) => e.kind === 'size-test' && isLimit(e));
    const counted = countedBefore(growth);
    if (counted >= 0)
      return {
        reason: 'size-tested',
        by: `a count that is tested in \`${growth.fn.label}\``,
        where: growth.fn.place(counted),
      };
    const found = tests.find((t) => t.fn === growth.fn && guards(t.fn.code, t.node, growth.node));
    if (found) return sizeBound(found);
    // The test stands in a helper that the growing function asks, or in the function that calls it.
    for (const t of tests) {
      if (t.fn === growth.fn) continue;
      if (calls(this.#calls, t.fn, growth.fn)) return sizeBound(t);
      const site = this.#calls
        .sitesOf(growth.fn)
        .find((s) => s.fn === t.fn && guards(s.fn.code, t.node, s.node));
      if (site) return sizeBound(t);
    }
    return undefined;
  }

  // --- when

  #startUpOnly(growth: Effect): Bound | undefined {
    const reach = this.#phases.at(growth.fn, growth.node);
    if (reach.request || reach.likely || reach.api || !reach.startup) return undefined;
    return {
      reason: 'start-up-only',
      by: `\`${growth.fn.label}\` running only while the program starts`,
      where: growth.fn.file.place(growth.fn.fact.nameSpan),
    };
  }
}

function makeBounds(program: Program): Bounds {
  return new Bounds(program);
}

function verbText(e: Effect): string {
  return e.kind === 'reset' && e.verb === '='
    ? `replacing it in \`${e.fn.label}\``
    : `\`${e.verb}\` in \`${e.fn.label}\``;
}

function sizeBound(test: Effect): Bound {
  return {
    reason: 'size-tested',
    by: `a test of its size in \`${test.fn.label}\``,
    where: test.fn.place(test.node),
  };
}

/** Rust: a closure that the call it is given to runs before it returns: `entries.for_each(|e| …)`. */
function runsAtOnce(code: Code, closure: NodeId): boolean {
  const call = code.parent(closure);
  return (
    code.kind(closure) === Kind.Closure &&
    code.kind(call) === Kind.MethodCall &&
    code.role(closure) === Role.Arg &&
    /^(for_each\w*|try_for_each|visit\w*|walk\w*|map|filter|filter_map|flat_map|inspect|fold|retain|with|map_or|and_then)$/.test(
      code.name(call),
    )
  );
}

/** The function `target` is called somewhere in `fn`. */
function calls(index: Calls, target: Fn, fn: Fn): boolean {
  return index.sitesOf(target).some((s) => s.fn === fn);
}

/** Whole removal when the owner itself ends frees nothing while the service runs. */
function endsOwner(fn: Fn, place: PlaceRef): boolean {
  if (
    !/^(close|stop|shutdown|drop|destroy|dispose|teardown|Close|Stop|Shutdown|Destroy|Dispose|TearDown)$/.test(
      fn.fact.name,
    )
  )
    return false;
  // `Close(path, handle)` closes one of those that the owner keeps.
  if (fn.package.language === 'go' && !isToldNothing(fn)) return false;
  return place.owner !== undefined && fn.fact.owner === place.owner.fact.name;
}

/** The statement `return s` of a method that hands out its own receiver, or -1. */
function returnsReceiver(fn: Fn): NodeId {
  const code = fn.code;
  const { receiver, body, result } = fn.fact;
  if (!receiver || body < 0 || result < 0) return -1;
  const last = code.children(body).at(-1);
  if (last === undefined) return -1;
  const value = code.kind(last) === Kind.Return ? code.child(last, Role.Value) : last;
  return value >= 0 && code.is(value, Kind.Name, receiver) ? last : -1;
}

function isNothing(code: Code, value: NodeId): boolean {
  return (
    code.is(value, Kind.Literal, 'nil') ||
    code.is(value, Kind.Name, 'None') ||
    code.is(value, Kind.Path, 'None')
  );
}

/** A method sets a field of its receiver to nothing. */
function clearsField(method: Fn, field: string): boolean {
  const code = method.code;
  const [body, after] = method.range;
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.Assign) continue;
    const target = code.child(n, Role.Target);
    if (
      code.is(target, Kind.Field, field) &&
      code.is(code.child(target, Role.Object), Kind.Name, method.fact.receiver) &&
      isNothing(code, code.child(n, Role.Value))
    )
      return true;
  }
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
  return (
    (code.kind(key) === Kind.Name || code.kind(key) === Kind.Field) &&
    /^(status|httpStatus)(Code)?$/i.test(code.name(key))
  );
}

/** `m[id] = v; …; id = next; delete(m, id)`: the key that was added is not the one that is taken out. */
function isOtherKey(e: Effect, growth: Effect): boolean {
  const { fn, key } = e;
  const code = fn.code;
  if (fn !== growth.fn || key < 0 || growth.key < 0 || e.node < growth.node) return false;
  if (code.kind(key) !== Kind.Name || !code.is(growth.key, Kind.Name, code.name(key))) return false;
  if (code.ancestor(e.node, (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.Loop) >= 0)
    return false;
  const block = code.parent(statementOf(code, growth.node));
  for (let n = code.after(growth.node); n < e.node; n++)
    if (
      code.kind(n) === Kind.Assign &&
      code.parent(n) === block &&
      code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, code.name(key)))
    )
      return true;
  return false;
}

/** `m[id] = job; if err := job.start(); err != nil { delete(m, id); return }`: only what failed at once is taken back. */
function undoes(e: Effect, growth: Effect): boolean {
  const { fn, key } = e;
  const code = fn.code;
  if (fn !== growth.fn || key < 0 || growth.key < 0 || e.node < growth.node) return false;
  if (!sameText(code, key, growth.key)) return false;
  const branch = code.ancestor(e.node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Closure);
  if (branch < 0 || code.kind(branch) !== Kind.If || code.within(growth.node, branch)) return false;
  const then = code.child(branch, Role.Then);
  if (!code.within(e.node, then) || !exits(code, then)) return false;
  return isFailure(code, code.child(branch, Role.Condition));
}

/** `err != nil` */
function isFailure(code: Code, condition: NodeId): boolean {
  return (
    code.is(condition, Kind.Binary, '!=') &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil') &&
    /err/i.test(code.name(code.child(condition, Role.Left)))
  );
}

/** `if c.n >= c.max { return }` before a growth that is counted: `c.n++`. Returns the condition, or -1. */
function countedBefore({ fn, node }: Effect): NodeId {
  const code = fn.code;
  const [body, after] = fn.range;
  for (let n = body; n < node; n++) {
    if (code.kind(n) !== Kind.If || code.within(node, code.child(n, Role.Then))) continue;
    const condition = code.child(n, Role.Condition);
    if (condition < 0 || !exits(code, code.child(n, Role.Then))) continue;
    for (let m = condition; m < code.after(condition); m++) {
      if (code.kind(m) !== Kind.Binary || !/^>=?$/.test(code.name(m))) continue;
      const count = counter(code, code.child(m, Role.Left));
      const limit = code.child(m, Role.Right);
      if (count < 0 || (code.kind(limit) === Kind.Number && /^[01]$/.test(code.name(limit)))) continue;
      for (let k = code.after(n); k < after; k++) if (counts(code, k, count)) return condition;
    }
  }
  return -1;
}

/** The field that is counted in: `c.n`, `c.n.Load()`, `int(c.n.Load())`; or -1. */
function counter(code: Code, node: NodeId): NodeId {
  let n = node;
  for (let i = 0; i < 4 && n >= 0; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Field) return n;
    if (kind === Kind.MethodCall && /^[lL]oad$/.test(code.name(n))) n = code.child(n, Role.Object);
    else if (kind === Kind.Call || kind === Kind.Cast)
      n = kind === Kind.Call ? code.child(n, Role.Arg) : code.child(n, Role.Object);
    else return -1;
  }
  return -1;
}

/** `c.n++`, `c.n += k`, `c.n.Add(1)` */
function counts(code: Code, n: NodeId, field: NodeId): boolean {
  const kind = code.kind(n);
  if (kind === Kind.Assign)
    return /^(\+=|\+\+)$/.test(code.name(n)) && sameText(code, code.child(n, Role.Target), field);
  return (
    kind === Kind.MethodCall &&
    /^(Add|fetch_add|Inc)$/.test(code.name(n)) &&
    sameText(code, code.child(n, Role.Object), field)
  );
}

/** A method without parameters, or with a context only. */
function isToldNothing(fn: Fn): boolean {
  return fn.fact.params.every((p) => {
    const type = fn.code.child(p, Role.Type);
    return type >= 0 && /(^|\.)(Context|Host)$/.test(fn.code.name(type));
  });
}

/** The statement of a block that a node stands in. */
function statementOf(code: Code, node: NodeId): NodeId {
  let n = node;
  for (let up = code.parent(n); up >= 0 && code.kind(up) !== Kind.Block; up = code.parent(n)) n = up;
  return n;
}

/** A branch that says something and goes on: it neither leaves nor makes room. */
function onlyReports(code: Code, block: NodeId): boolean {
  if (block < 0 || exits(code, block)) return false;
  const statements = code.children(block);
  return (
    statements.length > 0 &&
    statements.every((s) => {
      const kind = code.kind(s);
      const name = lastSegment(
        kind === Kind.Call && code.child(s, Role.Callee) >= 0
          ? code.name(code.child(s, Role.Callee))
          : code.name(s),
      );
      return (kind === Kind.Call || kind === Kind.MethodCall || kind === Kind.Macro) && REPORTS.test(name);
    })
  );
}

/** Calls that write a line of a log, or count. */
const REPORTS =
  /^(e?print(ln)?|Print(f|ln)?|Fprint(f|ln)?|trace|debug|info|warn(ing)?|error|log|Trace|Debug|Info|Warn(ing)?|Error|Log)(f|w|ln|Context)?$|^(Inc|Observe|IncrementCounter|increment|inc)$/;

/** Types of other modules that stand for a kind, a state, a way: their values are written in a program. */
const FOREIGN_ENUMERATION =
  /(Type|Kind|Status|State|Level|Mode|Phase|Code|Method|Category|Severity|Protocol|Family|Reason|Operation|GroupResource|GroupVersionResource)$/;

/** A local that is given another value after its declaration, such as a counter. */
function isReassigned(fn: Fn, b: Binding): boolean {
  const code = fn.code;
  for (let n = b.node + 1; n < fn.range[1] && code.start(n) < b.to; n++) {
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, b.name)))
      return true;
    if (code.is(n, Kind.Unary, '&mut') && code.is(code.child(n, Role.Object), Kind.Name, b.name)) return true;
  }
  return false;
}

/** The name in `x`, `&x` and `&mut x`, or -1. */
function bareName(fn: Fn, node: NodeId): NodeId {
  const n = fn.code.kind(node) === Kind.Unary ? fn.code.child(node, Role.Object) : node;
  return n >= 0 && fn.code.kind(n) === Kind.Name ? n : -1;
}

/** The name at the bottom of `a.b[c].d()`, or -1. */
function rootName(fn: Fn, node: NodeId): NodeId {
  const code = fn.code;
  let n = code.kind(node) === Kind.Assign ? code.child(node, Role.Target) : node;
  // `maps.Copy(a.b, …)`
  if (
    code.kind(n) === Kind.MethodCall &&
    Values.of(fn.package.program).goPackage(fn, code.child(n, Role.Object)) !== undefined
  )
    n = code.child(n, Role.Arg);
  for (let i = 0; i < 20 && n >= 0; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) return n;
    if (
      ![Kind.Field, Kind.Index, Kind.MethodCall, Kind.Unary, Kind.Slice, Kind.Await, Kind.Try].includes(
        kind as never,
      )
    )
      return -1;
    n = code.child(n, Role.Object);
  }
  return -1;
}

/** A comparison with a number that can be a limit: not with zero or one. */
export function isLimit(test: Effect): boolean {
  const { fn, node } = test.inside ?? test;
  const code = fn.code;
  if (test.verb === 'is_empty') return false;
  if (test.verb === 'is_full') return true;
  for (let n = node, up = code.parent(n), i = 0; up >= 0 && i < 6; n = up, up = code.parent(up), i++) {
    // `match map.len() { MAX.. => …, _ => … }`, `match map.len().cmp(&MAX) { … }`
    if (code.kind(up) === Kind.Match && code.role(n) === Role.Subject) return matchesLimit(code, up);
    if (code.is(up, Kind.MethodCall, 'cmp')) return true;
    if (code.kind(up) !== Kind.Binary) continue;
    if (!/^(<|>|<=|>=|==|!=|%)$/.test(code.name(up))) continue;
    const other = code.role(n) === Role.Left ? code.child(up, Role.Right) : code.child(up, Role.Left);
    return !(other >= 0 && code.kind(other) === Kind.Number && /^[01]$/.test(code.name(other)));
  }
  return false;
}

/** An arm of the match stands for sizes from a number on. */
function matchesLimit(code: Code, match: NodeId): boolean {
  return code.all(match, Role.Arm).some((arm) =>
    code.all(arm, Role.Pattern).some((p) => {
      for (let n = p; n < code.after(p); n++) if (code.kind(n) === Kind.Range) return true;
      return false;
    }),
  );
}

/**
 * A size test guards a node when the node stands in a branch of the test, or behind a test whose branch leaves or
 * makes room.
 */
function guards(code: Code, test: NodeId, node: NodeId): boolean {
  // One call does both: the method of a container type tests and adds.
  if (test === node) return true;
  const branch = code.ancestor(test, (a) =>
    [Kind.If, Kind.Loop, Kind.Match, Kind.Let, Kind.Return].includes(code.kind(a) as never),
  );
  if (branch < 0) return false;
  if (code.within(node, branch)) return true;
  if (code.kind(branch) === Kind.If && onlyReports(code, code.child(branch, Role.Then))) return false;
  if (code.kind(branch) === Kind.Let || code.kind(branch) === Kind.Return)
    return code.start(branch) < code.start(node);
  if (code.start(branch) > code.start(node)) {
    // Trimmed after the insert: `push(x); if len > N { pop }`.
    return code.kind(branch) === Kind.Loop || code.kind(branch) === Kind.If;
  }
  return true;
}
