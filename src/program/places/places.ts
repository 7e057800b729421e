import type { Place } from '../../core/span.ts';
import { channelConstructors, receiverTypes, senderTypes } from '../../knowledge/channels.ts';
import { elementMethods, lendingMethods, transparentMethods } from '../../knowledge/containers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Answers } from '../answers.ts';
import type { Fn, Global, Package, Program, SourceFile, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { container, isSharded, lastSegment, peel, type TypeRef, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';

/**
 * A memory location as the analysis names it: a global, a field of a declared type (all values of the type
 * together), a local, or an element of one of these. Two expressions with the same key may mean the same memory.
 */
export interface PlaceRef {
  readonly key: string;
  /** `state`: what a framework hands to every handler, `State<Arc<Mutex<HashMap<…>>>>`. */
  readonly root: 'global' | 'field' | 'local' | 'parameter' | 'state' | 'unknown';
  /** The name a person knows it by. */
  readonly name: string;
  /** How many `[…]` lie between the root and the place. */
  readonly depth: number;
  /** Names of fields of anonymous structs between the root and the place, outermost first. */
  readonly members?: readonly string[];
  /** The type whose field is the root, and that field. */
  readonly owner?: TypeDecl;
  readonly field?: string;
  readonly global?: Global;
  readonly binding?: Binding;
  /** The function of a local or parameter. */
  readonly fn?: Fn;
  /** Set when the expression is an entry of the map: removing it removes from `key`. */
  readonly entry?: true;
}

/** A function with more nodes than this does more than hand something out. */
const LAST_OF = 60;
const ENTRY_METHODS = new Set(['entry', 'entry_ref', 'raw_entry_mut']);
const ITERATOR_METHODS = new Set(
  'values values_mut iter iter_mut into_iter into_values range range_mut keys'.split(' '),
);
/** Names the memory behind expressions. One per program. */
export class Places {
  readonly values: Values;
  readonly #places = new Answers<PlaceRef>();
  readonly #resolved = (fn: Fn, n: NodeId) => this.#resolve(fn, n);
  readonly #states = new Map<Package, readonly PlaceRef[]>();

  constructor(values: Values) {
    this.values = values;
  }

  static of(program: Program): Places {
    return program.derive(makePlaces);
  }

  /** As `Values.forget`. */
  forget(): void {
    this.#places.clear();
  }

  /** The place an expression stands for, aliases followed, or undefined when it is a new value or unknown. */
  of(fn: Fn, n: NodeId): PlaceRef | undefined {
    return n < 0 ? undefined : this.#places.get(fn, n, this.#resolved);
  }

  /** The place of a name itself, without following what it was bound to. */
  ofName(fn: Fn, n: NodeId): PlaceRef | undefined {
    const name = fn.code.name(n);
    const b = this.values.scope(fn).lookup(name, fn.code.start(n));
    return b ? local(fn, b) : this.#global(fn, name);
  }

  #global(fn: Fn, name: string): PlaceRef | undefined {
    if (name === fn.fact.receiver) return undefined;
    const g = fn.package.globalMeant(fn.file, name);
    return g && g.fact.kind !== 'const' ? globalPlace(g) : undefined;
  }

  #resolve(fn: Fn, n: NodeId): PlaceRef | undefined {
    const code = fn.code;
    switch (code.kind(n)) {
      case Kind.Name: {
        const name = code.name(n);
        const b = this.values.scope(fn).lookup(name, code.start(n));
        if (!b) return this.#global(fn, name);
        return this.#bound(fn, b);
      }
      case Kind.Path:
        return this.#global(fn, code.name(n));
      case Kind.Field:
        return this.#field(fn, n);
      case Kind.Index: {
        const object = code.child(n, Role.Object);
        const outer = this.of(fn, object);
        return outer && this.#inside(fn, object, outer);
      }
      case Kind.Slice:
      case Kind.Await:
      case Kind.Try:
        return this.of(fn, code.child(n, Role.Object));
      case Kind.Unary:
        return ['&', '&mut', '*'].includes(code.name(n))
          ? this.of(fn, code.child(n, Role.Object))
          : undefined;
      case Kind.Cast:
        return code.name(n) === 'assert' ? this.of(fn, code.child(n, Role.Object)) : undefined;
      case Kind.Block: {
        const last = code.children(n).at(-1);
        return last === undefined ? undefined : this.of(fn, last);
      }
      case Kind.Match: {
        for (const arm of code.all(n, Role.Arm)) {
          const place = this.of(fn, code.child(arm, Role.Body));
          if (place) return place;
        }
        return undefined;
      }
      case Kind.If:
        return this.of(fn, code.child(n, Role.Then));
      case Kind.Call:
        return this.#call(fn, n);
      case Kind.MethodCall:
        return this.#method(fn, n);
      default:
        return undefined;
    }
  }

  #bound(fn: Fn, b: Binding): PlaceRef {
    if (b.source === 'parameter') return this.ofState(fn, b) ?? local(fn, b);
    if (b.source === 'closure-parameter') return this.#lent(fn, b) ?? local(fn, b);
    const taken = this.values.patternField(fn, b);
    // What is taken out of a `self` that is consumed is a local's from then on.
    if (taken) return this.#isConsumed(fn, b.value) ? local(fn, b) : fieldPlace(taken.decl, taken.name);
    const end = this.#variantEnd(fn, b);
    if (end) return end;
    if (b.value < 0 || (b.source !== 'value' && b.source !== 'element')) return local(fn, b);
    const from = this.of(fn, b.value);
    if (!from || !this.values.isElement(fn, b) || this.#isMove(fn, b) || this.#isText(fn, b))
      return local(fn, b);
    return b.source === 'element' ? this.#inside(fn, b.value, from) : from;
  }

  /** Go: `hash := version.Hash`: text is copied, and what is added to it afterwards is the local's. */
  #isText(fn: Fn, b: Binding): boolean {
    return fn.package.language === 'go' && this.values.typeOf(fn, b.value)?.name === 'string';
  }

  /** Rust: `let m = owner.map` takes the map out of its owner; from then on it is the local's. */
  #isMove(fn: Fn, b: Binding): boolean {
    if (fn.package.language !== 'rust' || b.source !== 'value' || fn.code.kind(b.value) !== Kind.Field)
      return false;
    const type = this.values.typeOf(fn, b.value);
    return type !== undefined && container(this.values.types, type)?.wrappers.length === 0;
  }

  /** The end of a channel that a variant of an enum holds: `match sink { Sink::Remote { queue } => queue.send(x) }`. */
  #variantEnd(fn: Fn, b: Binding): PlaceRef | undefined {
    if (b.source !== 'part' || fn.package.language !== 'rust') return undefined;
    const code = fn.code;
    const up = code.parent(b.node);
    const named = code.is(up, Kind.FieldPattern);
    const pattern = named ? code.parent(up) : up;
    if (!code.is(pattern, Kind.Destructure)) return undefined;
    return this.variantField(fn, code.name(pattern), named ? code.name(up) : String(b.index));
  }

  /** A field of a variant, as the path of the variant is written, when the end of a channel is kept there. */
  variantField(fn: Fn, written: string, field: string): PlaceRef | undefined {
    const cut = written.lastIndexOf('::');
    if (cut < 0) return undefined;
    const { values } = this;
    const path = written.slice(0, cut);
    const decl = path === 'Self' ? values.ownerType(fn)?.decl : values.types.declaration(fn.file, path);
    const name = `${written.slice(cut + 2)}.${field}`;
    const found = decl?.fact.kind === 'enum' ? decl.fact.fields.find((f) => f.name === name) : undefined;
    const type = decl && found && values.types.at(decl.file, found.type);
    return type && (isSender(type) || isReceiver(type)) ? fieldPlace(decl, name) : undefined;
  }

  #isConsumed(fn: Fn, value: NodeId): boolean {
    const code = fn.code;
    return (
      fn.fact.receiver !== '' && !fn.fact.receiverByReference && code.is(value, Kind.Name, fn.fact.receiver)
    );
  }

  /** The place that an expression copies as a whole: `(**self.map.load()).clone()`, `HashMap::clone(old)`. */
  copied(fn: Fn, n: NodeId): PlaceRef | undefined {
    const code = fn.code;
    if (fn.package.language !== 'rust') return undefined;
    if (code.kind(n) === Kind.MethodCall && /^(clone|to_owned)$/.test(code.name(n)))
      return this.of(fn, code.child(n, Role.Object));
    if (code.kind(n) !== Kind.Call) return undefined;
    const callee = code.child(n, Role.Callee);
    const copies = callee >= 0 && /(^|::)(clone|clone_inner)$/.test(code.name(callee));
    return copies ? this.of(fn, code.child(n, Role.Arg)) : undefined;
  }

  /** All places an expression may stand for: each branch of a `match` or `if` that chooses between places. */
  alternatives(fn: Fn, n: NodeId, depth = 0): readonly PlaceRef[] {
    const code = fn.code;
    if (n < 0 || depth > 6) return [];
    switch (code.kind(n)) {
      case Kind.Name: {
        const b = this.values.scope(fn).lookup(code.name(n), code.start(n));
        if (
          b?.source === 'value' &&
          b.value >= 0 &&
          (code.kind(b.value) === Kind.Match || code.kind(b.value) === Kind.If)
        )
          return this.alternatives(fn, b.value, depth + 1);
        break;
      }
      case Kind.Match:
        return code
          .all(n, Role.Arm)
          .flatMap((a) => this.alternatives(fn, code.child(a, Role.Body), depth + 1));
      case Kind.If:
        return [Role.Then, Role.Else].flatMap((r) => this.alternatives(fn, code.child(n, r), depth + 1));
      case Kind.Block:
        return this.alternatives(fn, code.children(n).at(-1) ?? -1, depth + 1);
    }
    const place = this.of(fn, n);
    return place ? [place] : [];
  }

  /** The container, or the sending end of a channel, that handlers share through an extractor of its type. */
  ofState(fn: Fn, b: Binding): PlaceRef | undefined {
    const type =
      fn.package.language === 'rust' && b.type >= 0 ? this.values.types.at(fn.file, b.type) : undefined;
    if (!type) return undefined;
    const { type: inner, wrappers } = peel(type);
    const c = container(this.values.types, type);
    if (!(c ? c.shared : isSender(type))) return undefined;
    const around = c?.wrappers ?? wrappers;
    if (!around.some((w) => stateExtractors.has(w))) return undefined;
    // `Extension(mut text): Extension<String>`: a copy for each request.
    if (c && !c.row.shared && around.every((w) => clonedExtractors.has(w))) return undefined;
    const key = c
      ? stateKey(fn, c.label, typeText(c.type))
      : stateKey(fn, SENDER + lastSegment(inner.name), typeText(inner));
    return { ...local(fn, b), key, root: 'state' };
  }

  /** What handlers of a crate may get when they are given a value: `.with_state(cache)`. */
  statesLike(fn: Fn, n: NodeId): readonly PlaceRef[] {
    const shared = this.#sharedIn(fn.package);
    const c = container(this.values.types, this.values.typeOf(fn, n));
    if (c) return shared.filter((s) => s.key.startsWith(stateKey(fn, c.label, typeText(c.type))));
    const senders = shared.filter((s) => s.key.startsWith(stateKey(fn, SENDER, '')));
    // What a channel carries is seldom written where it is made: the only one, or none.
    return senders.length === 1 && this.isSendingEnd(fn, n) ? senders : [];
  }

  /** A sending end by its type, or the first name of `let (tx, rx) = channel()`. */
  isSendingEnd(fn: Fn, n: NodeId): boolean {
    const type = this.values.typeOf(fn, n);
    if (type) return isSender(type);
    const { code } = fn;
    const b =
      code.kind(n) === Kind.Name ? this.values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
    const made =
      b && b.value >= 0 && b.index === 0 && code.is(b.value, Kind.Call)
        ? code.child(b.value, Role.Callee)
        : -1;
    return made >= 0 && channelConstructors.test(lastSegment(code.name(made)));
  }

  /** The containers that handlers of a crate share as state, each once. */
  states(pkg: Package): readonly PlaceRef[] {
    return this.#sharedIn(pkg).filter((s) => !s.key.startsWith(`S:${pkg.id}:${SENDER}`));
  }

  #sharedIn(pkg: Package): readonly PlaceRef[] {
    let known = this.#states.get(pkg);
    if (!known) {
      const byKey = new Map<string, PlaceRef>();
      for (const fn of pkg.language === 'rust' && !pkg.functions.every((f) => f.isTest)
        ? pkg.functions
        : []) {
        if (fn.isTest || fn.fact.params.length === 0) continue;
        for (const p of fn.fact.params) {
          const written = fn.code.child(p, Role.Type);
          if (written < 0 || !stateExtractors.has(lastSegment(fn.code.name(written)))) continue;
          for (const b of this.values.scope(fn).all()) {
            const place = b.source === 'parameter' && b.type === written ? this.ofState(fn, b) : undefined;
            if (place && !byKey.has(place.key)) byKey.set(place.key, place);
          }
        }
      }
      known = [...byKey.values()];
      this.#states.set(pkg, known);
    }
    return known;
  }

  /** What a method lends to the closure it is given: `KEY.with(|map| …)`, `m.get_mut(k).map(|v| …)`. */
  #lent(fn: Fn, b: Binding): PlaceRef | undefined {
    const code = fn.code;
    const closure = code.ancestor(b.node, (a) => code.kind(a) === Kind.Closure);
    const call = closure < 0 ? -1 : code.parent(closure);
    if (call < 0 || code.kind(call) !== Kind.MethodCall || code.role(closure) !== Role.Arg) return undefined;
    const name = code.name(call);
    const object = code.child(call, Role.Object);
    // `peers.retain(|id, tx| tx.send(…).is_ok())`: the last parameter is what the container holds.
    if (/^retain(_mut)?$/.test(name) && object >= 0) {
      const held = b.index === code.all(closure, Role.Param).length - 1 ? this.of(fn, object) : undefined;
      return held && this.#inside(fn, object, held);
    }
    if (b.index !== 0 || object < 0 || !(lendingMethods.has(name) || name === 'for_each')) return undefined;
    const place = this.of(fn, object);
    if (!place || name.startsWith('with') || /^(rcu|send_modify)$/.test(name)) return place;
    const iterates = code.kind(object) === Kind.MethodCall && ITERATOR_METHODS.has(code.name(object));
    if (iterates) return this.#inside(fn, object, place);
    return name === 'for_each' ? undefined : place;
  }

  #field(fn: Fn, n: NodeId): PlaceRef | undefined {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const pkg = this.values.goPackage(fn, object);
    if (pkg !== undefined) {
      const g = fn.package.program.packageAt(pkg)?.globalsNamed(name)[0];
      return g && globalPlace(g);
    }
    const type = this.values.typeOf(fn, object);
    const decl = type && unwrapped(type).decl;
    if (decl) {
      const found = this.values.field(decl, name);
      if (found) return fieldPlace(found.decl, name);
    }
    // A field of an anonymous struct belongs to the place that holds the struct.
    const anonymous = type && ['struct', 'tuple'].includes(unwrapped(type).name);
    const base = anonymous ? this.of(fn, object) : undefined;
    if (base && base.root !== 'unknown') return memberPlace(base, name);
    return { key: `?.${name}`, root: 'unknown', name, depth: 0 };
  }

  #call(fn: Fn, n: NodeId): PlaceRef | undefined {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return undefined;
    const name = code.name(callee);
    const arg = code.child(n, Role.Arg);
    if (
      /^(?:\w+::)*(Some|Ok|Arc|Rc|Box|Mutex|RwLock|RefCell|ArcSwap)(?:::(new|clone|pin|from|from_pointee|downgrade))?$/.test(
        name,
      ) &&
      arg >= 0
    )
      return this.of(fn, arg);
    const target = this.values.functionsOf(fn, callee);
    return target.length === 1 ? this.returnedBy(target[0] as Fn) : undefined;
  }

  #method(fn: Fn, n: NodeId): PlaceRef | undefined {
    const code = fn.code;
    const object = code.child(n, Role.Object);
    const name = code.name(n);
    const hasArgs = code.child(n, Role.Arg) >= 0;
    // A condition variable hands back the guard it was given.
    if (/^wait(_while|_timeout|_timeout_while)?$/.test(name) && hasArgs) {
      const guard = this.of(fn, code.child(n, Role.Arg));
      if (guard) return guard;
    }
    const base = this.of(fn, object);
    if (base) {
      if (ENTRY_METHODS.has(name)) return { ...base, entry: true };
      if (name.startsWith('get_or_insert') && this.#isOption(fn, object)) return base;
      if (name.startsWith('or_') || name === 'and_modify') {
        const { entry: _, ...map } = base;
        return element(map);
      }
      if (name === 'clone' || name === 'Clone') return this.#isShared(fn, object) ? base : undefined;
      if (ITERATOR_METHODS.has(name)) return base;
      if (elementMethods.has(name) && hasArgs) return this.#inside(fn, object, base);
      if (/^(first|last|peek|front|back)(_mut)?$/.test(name) || name === 'next')
        return this.#inside(fn, object, base);
      if (transparentMethods.has(name) || (name === 'get_mut' && !hasArgs)) return base;
    }
    // An accessor of the workspace that hands out a place: `fn table(&self) -> MutexGuard<…> { self.table.lock() }`.
    const targets = this.values.methods(fn, object, name);
    return targets.length === 1 ? this.returnedBy(targets[0] as Fn) : undefined;
  }

  #isOption(fn: Fn, object: NodeId): boolean {
    const type = this.values.typeOf(fn, object);
    return type !== undefined && peel(type).wrappers.includes('Option');
  }

  /** What lies in a place one step further in: one of several shards stands for all of them. */
  #inside(fn: Fn, object: NodeId, of: PlaceRef): PlaceRef {
    return isSharded(this.values.types, this.values.typeOf(fn, object)) ? of : element(of);
  }

  #isShared(fn: Fn, object: NodeId): boolean {
    const type = this.values.typeOf(fn, object);
    if (type === undefined) return false;
    if (isSender(type) || isReceiver(type)) return true;
    const { wrappers } = peel(type);
    return container(this.values.types, type)?.shared ?? wrappers.includes('Arc');
  }

  /** What a function hands out that is not its own: `fn table(&self) -> MutexGuard<…> { self.table.lock() }`. */
  returnedBy(fn: Fn): PlaceRef | undefined {
    const { first: body, after } = fn;
    const place = after - body < LAST_OF ? this.#lastOf(fn) : undefined;
    // What is local to the callee is a new value for its caller.
    return place && (place.root === 'local' || place.root === 'parameter') ? undefined : place;
  }

  /** Rust: the callee's own local that a call hands out, which the callee may have shared before: `new_cache()`. */
  madeBy(fn: Fn, call: NodeId): PlaceRef | undefined {
    const callee = fn.code.is(call, Kind.Call) ? fn.code.child(call, Role.Callee) : -1;
    const [target, ...others] = callee < 0 ? [] : this.values.functionsOf(fn, callee);
    const place = target && others.length === 0 ? this.#lastOf(target) : undefined;
    return place?.root === 'local' ? place : undefined;
  }

  /** The place that the last expression of a function stands for. */
  #lastOf(fn: Fn): PlaceRef | undefined {
    const code = fn.code;
    const { first: body, after } = fn;
    const last = body < after ? code.children(body).at(-1) : undefined;
    if (last === undefined) return undefined;
    const value = code.kind(last) === Kind.Return ? code.child(last, Role.Value) : last;
    return value < 0 ? undefined : this.of(fn, value);
  }
}

function makePlaces(program: Program): Places {
  return new Places(Values.of(program));
}

export function globalPlace(g: Global): PlaceRef {
  return once(globalPlaces, g, () => ({
    key: `G:${g.id}`,
    root: 'global',
    name: g.fact.name,
    depth: 0,
    global: g,
  }));
}

export function fieldPlace(owner: TypeDecl, name: string): PlaceRef {
  const own = once(fieldPlaces, owner, () => new Map<string, PlaceRef>());
  let place = own.get(name);
  if (!place) {
    place = { key: `F:${owner.id}.${name}`, root: 'field', name, depth: 0, owner, field: name };
    own.set(name, place);
  }
  return place;
}

/** The field of an anonymous struct that is kept at a place. */
export function memberPlace(of: PlaceRef, name: string): PlaceRef {
  return { ...of, key: `${of.key}.${name}`, name, members: [...(of.members ?? []), name] };
}

/** The sending end of a Rust channel. */
export function isSender(type: TypeRef): boolean {
  const inner = unwrapped(type);
  return !inner.decl && type.file.facts.language === 'rust' && senderTypes.has(lastSegment(inner.name));
}

/** The receiving end of a Rust channel. */
export function isReceiver(type: TypeRef): boolean {
  const inner = unwrapped(type);
  return !inner.decl && type.file.facts.language === 'rust' && receiverTypes.has(lastSegment(inner.name));
}

/** Between the crate and the type in the key of a state that is the sending end of a channel. */
const SENDER = '->';

/** Those that clone what they hand out: https://docs.rs/axum/latest/axum/extract/struct.State.html */
const clonedExtractors: ReadonlySet<string> = new Set(['State', 'Extension']);

export const stateExtractors: ReadonlySet<string> = new Set(['State', 'Data', 'Extension']);

/** Without arguments the key is the beginning of those with them: `HashMap` may be any `HashMap<K, V>`. */
function stateKey(fn: Fn, label: string, type: string): string {
  return `S:${fn.package.id}:${label}${type.slice(type.indexOf('<') < 0 ? type.length : type.indexOf('<'))}`;
}

function typeText(type: TypeRef): string {
  return type.args.length > 0 ? `${type.name}<${type.args.map(typeText).join()}>` : type.name;
}

/** The place of a local name itself. */
export function local(fn: Fn, b: Binding): PlaceRef {
  return once(localPlaces, b, () => ({
    key: `L:${fn.id}:${b.node}`,
    root: b.source === 'parameter' ? 'parameter' : 'local',
    name: b.name,
    depth: 0,
    binding: b,
    fn,
  }));
}

export function element(of: PlaceRef): PlaceRef {
  return once(elements, of, () => ({ ...of, key: `${of.key}[]`, depth: of.depth + 1 }));
}

/** A place is named again and again; it is one object with one key as long as what it belongs to. */
const globalPlaces = new WeakMap<Global, PlaceRef>();
const fieldPlaces = new WeakMap<TypeDecl, Map<string, PlaceRef>>();
const localPlaces = new WeakMap<Binding, PlaceRef>();
const elements = new WeakMap<PlaceRef, PlaceRef>();

function once<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** The declared type of a place; undefined for elements and unknown places. */
export function typeOfPlace(values: Values, place: PlaceRef): TypeRef | undefined {
  if (place.depth > 0) return undefined;
  let type = typeOfRoot(values, place);
  for (const member of place.members ?? []) {
    const found = type && memberOf(type, member);
    type = found && values.types.at(found.file, found.type);
  }
  return type;
}

function typeOfRoot(values: Values, place: PlaceRef): TypeRef | undefined {
  if (place.global)
    return values.globalType(place.global.file, place.global.fact.type, place.global.fact.value);
  if (place.owner && place.field !== undefined) {
    const f = values.field(place.owner, place.field);
    return f && values.types.at(f.decl.file, f.type);
  }
  if (place.fn && place.binding) return values.bindingType(place.fn, place.binding);
  return undefined;
}

interface Member {
  readonly name: string;
  readonly file: SourceFile;
  readonly node: NodeId;
  readonly type: NodeId;
}

/** The fields of an anonymous struct type, wrappers taken off; none for any other type. */
export function membersOf(type: TypeRef): Member[] {
  const inner = unwrapped(type);
  if (inner.name !== 'struct' || inner.node < 0) return [];
  const { file, node } = inner;
  return file.code
    .children(node)
    .filter((c) => file.code.kind(c) === Kind.FieldDecl)
    .map((c) => ({ name: file.code.name(c), file, node: c, type: file.code.child(c, Role.Type) }));
}

function memberOf(type: TypeRef, name: string): Member | undefined {
  return membersOf(type).find((m) => m.name === name);
}

/** The name for messages: a tuple field is known by its type. */
export function displayName(place: PlaceRef): string {
  return place.owner && /^\d+$/.test(place.name) ? place.owner.fact.name : place.name;
}

/** Where a place is declared, for related places. */
export function declarationOf(place: PlaceRef): Place | undefined {
  if (place.global) return place.global.file.place(place.global.fact.nameSpan);
  if (place.owner) {
    const f = place.owner.fact.fields.find((x) => x.name === place.field);
    return (place.owner.file as SourceFile).place(f?.nameSpan ?? place.owner.fact.nameSpan);
  }
  if (place.fn && place.binding) return place.fn.place(place.binding.node);
  return undefined;
}
