import { closureCalls, makerNames, optionNames, pinned } from '../../knowledge/fresh-values.ts';
import { openingMethods } from '../../knowledge/startup.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { answersOf } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { drainsLocal } from '../phases/serving-loops.ts';
import type { Effect } from '../places/effects.ts';
import { type PlaceRef, Places } from '../places/places.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { Bound } from './bound.ts';

/** Functions that a call may reach, of which the answers are looked at. */
const MAX_CALLEES = 3;

/** Growth that fills a value which has just been made: construction, which ends. One per program. */
export class FreshValues {
  readonly #places: Places;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #calls: Calls;

  constructor(program: Program) {
    this.#places = Places.of(program);
    this.#values = this.#places.values;
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
  }

  /** Filling a value that has just been made is construction, not growth. */
  of(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
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
    if (openingMethods.test(fn.fact.name) && isToldNothing(fn)) return fn;
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
    for (let n = code.after(closure); n < fn.after; n++) if (code.is(n, Kind.MethodCall, 'Wait')) return true;
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
    const named = optionNames;
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
      // `impl Handler<Subscribe> for Monitor`: what has a `handle` of another type, by its name alone, says nothing of this one.
      if (fn.fact.trait !== '' && sites.some((s) => s.guess)) return undefined;
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
    if (b && isReceiver(fn, b.value)) return undefined;
    if (b?.source === 'parameter') {
      if (isKept) return undefined;
      // `fn put(mut info: Info)`: whoever calls it gives the value away.
      const isGiven = this.#isGiven(fn, b, place) && !this.#inServiceLoop(fn, node, -1);
      return isGiven ? { fn, name, node: root } : this.#freshArgument(fn, node, b, place, depth);
    }
    if (!b || b.source === 'closure-parameter' || b.source === 'element') return undefined;
    if (place.root === 'local' || place.root === 'parameter') return undefined;
    // A copy that takes the place of what it was copied from.
    if (b.value >= 0 && this.#places.copied(fn, b.value)?.key === place.key) return undefined;
    if (isKept && !code.within(b.node, closure)) return undefined;
    if (this.#inServiceLoop(fn, node, b.node)) return undefined;
    if (this.#isGivenAway(fn, b, node)) return undefined;
    // A local that is moved into its owner later is still under construction.
    const moved = this.#places.ofName(fn, root);
    const stands = this.#places.of(fn, root);
    const isLocal = fn.package.language === 'rust' && stands?.root === 'local' && stands.depth === 0;
    if (this.#isHandedOut(fn, b.value, b.source === 'part' ? b.index : 0, 0)) return undefined;
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

  /** Rust: `tokio::spawn(sweep(Arc::clone(&state)))` before: what a task works on already is made. */
  #isGivenAway(fn: Fn, b: Binding, node: NodeId): boolean {
    const { code } = fn;
    if (fn.package.language !== 'rust') return false;
    for (let n = code.next(CALLS, b.node, node); n < node; n = code.next(CALLS, n + 1, node)) {
      if (!/spawn/.test(callName(code, n)) || code.within(node, n)) continue;
      for (let m = n; m < code.after(n); m++)
        if (code.is(m, Kind.Name, b.name) && this.#values.scope(fn).lookup(b.name, code.start(m)) === b)
          return true;
    }
    return false;
  }

  /** Go: `shard, key := c.shard(id)`: what a function gives of something that lasts, new only the first time. */
  #isHandedOut(fn: Fn, value: NodeId, index: number, depth: number): boolean {
    if (fn.package.language !== 'go' || value < 0 || depth > 2) return false;
    const { code } = fn;
    const kind = code.kind(value);
    if (kind === Kind.Unary || kind === Kind.Cast)
      return this.#isHandedOut(fn, code.child(value, Role.Object), index, depth);
    if (kind === Kind.Name) {
      const b = this.#values.scope(fn).lookup(code.name(value), code.start(value));
      const isOwn = b?.source === 'value' || b?.source === 'part';
      return isOwn && b.value !== value && this.#isHandedOut(fn, b.value, b.index, depth + 1);
    }
    if (kind === Kind.Index) {
      const root = rootName(fn, value);
      const place = this.#places.of(fn, code.child(value, Role.Object));
      const isKept = place?.root === 'field' || place?.root === 'global';
      return isKept || (root >= 0 && fn.fact.receiver !== '' && code.is(root, Kind.Name, fn.fact.receiver));
    }
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
    return this.#values
      .callees(fn, value)
      .slice(0, MAX_CALLEES)
      .some((t) => answersOf(t, index).some((a) => this.#isHandedOut(t, a, 0, depth + 1)));
  }

  /** Rust: a parameter is the owner itself, and no reference or pointer to it. */
  #isGiven({ file, package: { language } }: Fn, b: Binding, place: PlaceRef): boolean {
    if (language !== 'rust' || b.type < 0 || !place.owner) return false;
    return this.#values.types.at(file, b.type)?.decl === place.owner;
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
    return makerNames.test(name);
  }
}

/** A closure that the call it is given to runs before it returns: `entries.for_each(|e| …)`, `entries.Range(func …)`. */
function runsAtOnce(code: Code, closure: NodeId): boolean {
  const call = code.parent(closure);
  return (
    code.kind(closure) === Kind.Closure &&
    code.kind(call) === Kind.MethodCall &&
    code.role(closure) === Role.Arg &&
    closureCalls.test(code.name(call))
  );
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

/** A method without parameters, or with a context only. */
export function isToldNothing(fn: Fn): boolean {
  return fn.fact.params.every((p) => {
    const type = fn.code.child(p, Role.Type);
    return type >= 0 && /(^|\.)(Context|Host)$/.test(fn.code.name(type));
  });
}

/** Rust: `let this = &mut *self;`, `self.get_mut()`, `self.as_mut().project()`: another name of the receiver. */
function isReceiver(fn: Fn, value: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust' || fn.fact.receiver === '') return false;
  let n = value;
  for (;;) {
    const kind = code.kind(n);
    if (kind === Kind.Name) return code.name(n) === fn.fact.receiver;
    if (kind === Kind.Block) n = code.children(n).at(-1) ?? -1;
    else if (kind === Kind.Call) {
      if (!pinned.test(lastSegment(callName(code, n)))) return false;
      n = code.child(n, Role.Arg);
    } else if (kind === Kind.Unary || (kind === Kind.MethodCall && pinned.test(code.name(n))))
      n = code.child(n, Role.Object);
    else return false;
  }
}
