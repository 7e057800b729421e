import type { Steps } from '../../core/steps.ts';
import { sendingMethods, takingMethods } from '../../knowledge/channels.ts';
import {
  goContainerFunctions,
  goSliceFunctions,
  goTextMethods,
  goTextWriters,
  growingMethods,
  removingMethods,
  singleRemovers,
  sizeMethods,
  taskAdders,
  taskTakers,
} from '../../knowledge/containers.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Package, Program, TypeDecl } from '../program.ts';
import { container, goText, isSharded, lastSegment, peel, type TypeRef, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { element, fieldPlace, isReceiver, isSender, local, type PlaceRef, Places } from './places.ts';

const WANTED = kinds(
  Kind.MethodCall,
  Kind.Call,
  Kind.Assign,
  Kind.FieldInit,
  Kind.Composite,
  Kind.Loop,
  Kind.Let,
  Kind.Macro,
);

export type EffectKind =
  /** Adds an entry or element. */
  | 'grow'
  /** Takes entries or elements out. */
  | 'remove'
  /** Replaces the whole by something new. */
  | 'reset'
  /** Compares the number of entries with something. */
  | 'size-test'
  /** Puts a message into a channel. */
  | 'send'
  /** Takes messages out of a channel. */
  | 'take';

/** What a statement does to a container. */
export interface Effect {
  readonly kind: EffectKind;
  readonly fn: Fn;
  readonly node: NodeId;
  readonly place: PlaceRef;
  /** As a person would name it: `insert`, `delete`, `append`, `retain`, `=`. */
  readonly verb: string;
  /** The key that is inserted or removed, or -1. */
  readonly key: NodeId;
  /** The value or element that is added, or -1. */
  readonly value: NodeId;
  /** Removes at most one entry a call. */
  readonly single: boolean;
  /** Where it really happens, when `node` calls a method of the container's own type. */
  readonly inside?: { readonly fn: Fn; readonly node: NodeId };
}

/** All effects on containers of a program, and how containers flow from one name to another. */
export class Effects {
  readonly #byKey = new Map<string, Effect[]>();
  /** `key` is another name of the same memory. */
  readonly #aliases = new Map<string, Set<string>>();
  /** The argument `key` is what a parameter means inside the callee. */
  readonly #passed = new Map<string, Set<string>>();
  readonly #received = new Map<string, Set<string>>();
  #grownLocals: Map<Package, PlaceRef[]> | undefined;

  static of(program: Program): Effects {
    return program.deriveAll(Effects.make);
  }

  /** Reads all code, a function a step. */
  static *make(program: Program): Steps<Effects> {
    const effects = new Effects();
    const reader = new EffectReader(program, program.deriveAll(receiversOf), {
      effect: (e) => add(effects.#byKey, e.place.key, e),
      alias: (a, b) => {
        addTo(effects.#aliases, a, b);
        addTo(effects.#aliases, b, a);
      },
      pass: (argument, parameter) => {
        addTo(effects.#passed, argument, parameter);
        addTo(effects.#received, parameter, argument);
      },
    });
    for (const file of program.files())
      for (const fn of file.functions) {
        if (!fn.isTest) reader.read(fn);
        yield;
      }
    return effects;
  }

  /** Every effect on a place under any of its names. */
  on(place: PlaceRef): Effect[] {
    if (this.#hasOneName(place.key)) return [...(this.#byKey.get(place.key) ?? NONE)];
    const out: Effect[] = [];
    for (const key of this.namesOf(place)) for (const e of this.#byKey.get(key) ?? []) out.push(e);
    return out;
  }

  /** Every effect on what a container holds, under any name of the container. */
  onElements(place: PlaceRef): Effect[] {
    const out: Effect[] = [];
    for (const key of this.namesOf(place))
      for (const e of this.on({ ...place, key: `${key}[]`, depth: place.depth + 1 })) out.push(e);
    return out;
  }

  /** Most places have no other name. */
  #hasOneName(key: string): boolean {
    const holder = holderKey(key);
    return (
      !this.#aliases.has(key) && !this.#passed.has(key) && (holder === undefined || this.#hasOneName(holder))
    );
  }

  /** Effects on a field of this name of an object whose type is not known, there or where it is handed to. */
  onUnknown(field: string): readonly Effect[] {
    const keys = new Set([`?.${field}`]);
    for (const key of keys) for (const parameter of this.#passed.get(key) ?? []) keys.add(parameter);
    return [...keys].flatMap((key) => this.#byKey.get(key) ?? []);
  }

  /** The keys under which a place is known: itself, its aliases, the parameters it is passed to. */
  namesOf(place: PlaceRef): Set<string> {
    const seen = new Set([place.key]);
    const queue = [place.key];
    for (let key = queue.pop(); key !== undefined; key = queue.pop())
      for (const k of this.#nextNames(key))
        if (!seen.has(k)) {
          seen.add(k);
          queue.push(k);
        }
    return seen;
  }

  /** The other names of a place that are one step away; what a container holds has those of the container as well. */
  #nextNames(key: string): readonly string[] {
    const next = [...(this.#aliases.get(key) ?? NONE), ...(this.#passed.get(key) ?? NONE)];
    // A parameter that is stored is the same memory as what was passed; one that is only used is not the same
    // for all callers.
    if (this.#aliases.has(key)) next.push(...(this.#received.get(key) ?? NONE));
    const holder = holderKey(key);
    // What is put into itself, through others, would have names without end.
    if (holder !== undefined)
      for (const name of this.#nextNames(holder)) if (!name.endsWith(DEEPEST)) next.push(`${name}[]`);
    return next;
  }

  /** The locals of a package's functions that something is added to. */
  grownLocals(pkg: Package): readonly PlaceRef[] {
    this.#grownLocals ??= this.#findGrownLocals();
    return this.#grownLocals.get(pkg) ?? [];
  }

  #findGrownLocals(): Map<Package, PlaceRef[]> {
    const out = new Map<Package, PlaceRef[]>();
    for (const [key, list] of this.#byKey) {
      const place = list[0]?.place;
      if (place?.root !== 'local' || place.depth > 0 || !place.fn || !place.binding) continue;
      const own = local(place.fn, place.binding);
      if (own.key === key && list.some((e) => e.kind === 'grow')) add(out, place.fn.package, own);
    }
    return out;
  }
}

const NONE: readonly never[] = Object.freeze([]);

/** Elements of elements: what lies deeper has no other name than its own. */
const DEEPEST = '[][]';

/** The key of the container that a place is an element of. */
function holderKey(key: string): string | undefined {
  return key.endsWith('[]') ? key.slice(0, -2) : undefined;
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

/** The names of functions that take something that is followed, a file a step. */
export function* receiversOf(program: Program): Steps<ReadonlySet<string>> {
  const names = new Set<string>();
  const values = Values.of(program);
  for (const file of program.files()) {
    // What a test does to it is not read.
    for (const fn of file.functions)
      if (!fn.isTest && !names.has(fn.fact.name) && takesContainer(fn, values)) names.add(fn.fact.name);
    yield;
  }
  return names;
}

/** Go: the names of methods of types that are a container underneath: `type Set map[string]struct{}`. */
function methodsOfContainers(program: Program, { types }: Values): ReadonlySet<string> {
  const names = new Set<string>();
  for (const pkg of program.packages)
    for (const { file, fact } of pkg.language === 'go' ? pkg.types : NONE)
      if (fact.kind === 'defined' && container(types, types.at(file, fact.target)))
        for (const fn of pkg.methodsOn(fact.name)) names.add(fn.fact.name);
  return names;
}

/** The names of fields of the workspace that are followed, those of an enum's variants without the variant. */
function followedFields(program: Program, values: Values): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { file, fact } of program.packages.flatMap((pkg) => pkg.types))
    for (const { name, type } of fact.fields) {
      const last = name.slice(name.lastIndexOf('.') + 1);
      if (!names.has(last) && isFollowed(values, values.types.at(file, type))) names.add(last);
    }
  return names;
}

/** What is followed from name to name: containers, and the ends of channels. */
function isFollowed(values: Values, type: TypeRef | undefined): boolean {
  if (!type) return false;
  if (container(values.types, type)) return true;
  return isSender(type) || isReceiver(type);
}

function takesContainer(fn: Fn, values: Values): boolean {
  return fn.fact.params.some((p) =>
    isFollowed(values, values.types.at(fn.file, fn.code.child(p, Role.Type))),
  );
}

/** An effect of a method on its receiver; the key is the position of a parameter, or -1. */
interface OwnEffect {
  readonly kind: EffectKind;
  readonly verb: string;
  readonly key: number;
  readonly fn: Fn;
  readonly node: NodeId;
}

/** What was done to a slice before it was stored back, and where; nothing when it is the same. */
interface Change {
  readonly kind: 'grow' | 'remove' | undefined;
  readonly at: NodeId;
}

interface EffectSink {
  effect(e: Effect): void;
  alias(a: string, b: string): void;
  pass(argument: string, parameter: string): void;
}

/** Methods that give an application its state. */
const STATE_SETTERS = new Set(['with_state', 'app_data', 'data', 'layer', 'manage']);
/** Methods of atomic pointers (arc-swap) that put another value in. */
const SWAPPED_IN = new Set(['store', 'swap', 'rcu']);
/** Functions that swap a container for another one. */
const SWAPS = new Set(['take', 'replace', 'swap']);
const ITERATION = new Set(
  'iter iter_mut into_iter values values_mut keys chars bytes lines split range'.split(' '),
);

/** All methods that do something to what is followed. */
const rustMethods: ReadonlySet<string> = new Set([
  ...Object.keys(growingMethods),
  ...removingMethods,
  ...taskAdders,
  ...taskTakers,
  ...sizeMethods,
  ...SWAPPED_IN,
  ...STATE_SETTERS,
  ...sendingMethods,
  ...takingMethods,
  'append',
]);

class EffectReader {
  readonly #places: Places;
  readonly #receivers: ReadonlySet<string>;
  readonly #ofContainers: ReadonlySet<string>;
  readonly #fields: ReadonlySet<string>;
  readonly #sink: EffectSink;
  readonly #own = new Map<Fn, OwnEffect[]>();

  constructor(program: Program, receivers: ReadonlySet<string>, sink: EffectSink) {
    this.#places = Places.of(program);
    this.#receivers = receivers;
    this.#ofContainers = methodsOfContainers(program, this.#places.values);
    this.#fields = followedFields(program, this.#places.values);
    this.#sink = sink;
  }

  read(fn: Fn): void {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      switch (code.kind(n)) {
        case Kind.MethodCall:
          this.#method(fn, code, n);
          break;
        case Kind.Call:
          this.#call(fn, code, n);
          break;
        case Kind.Assign:
          this.#assign(fn, code, n);
          break;
        case Kind.FieldInit:
          this.#fieldInit(fn, code, n, code.name(n), code.child(n, Role.Value));
          break;
        case Kind.Composite:
          this.#positional(fn, code, n);
          break;
        case Kind.Loop:
          this.#takesAll(fn, code, n);
          break;
        case Kind.Let:
          this.#isHandedOver(fn, code, n);
          break;
        case Kind.Macro:
          if (/(^|::)writeln?$/.test(code.name(n))) {
            const [text = -1, ...written] = code.children(n);
            this.#emit('grow', fn, n, this.#places.of(fn, text), 'write!', -1, written.at(-1) ?? -1);
          }
          break;
      }
    }
  }

  #emit(
    kind: EffectKind,
    fn: Fn,
    node: NodeId,
    place: PlaceRef | undefined,
    verb: string,
    key = -1,
    value = -1,
    inside?: Effect['inside'],
  ): void {
    if (!place) return;
    const single = kind === 'remove' && singleRemovers.has(verb);
    const effect: Effect = { kind, fn, node, place, verb, key, value, single };
    this.#sink.effect(inside ? { ...effect, inside } : effect);
  }

  #method(fn: Fn, code: Code, n: NodeId): void {
    const name = code.name(n);
    // Most methods do nothing to what is followed.
    if (fn.package.language === 'rust' && !rustMethods.has(name) && !this.#receivers.has(name)) return;
    const object = code.child(n, Role.Object);
    const args = code.all(n, Role.Arg);
    const grows = Object.hasOwn(growingMethods, name) ? growingMethods[name] : undefined;
    if (grows && (args.length > 0 || name === 'or_default') && !this.#fillsOption(fn, object, name)) {
      let place = this.#receiver(fn, object, name);
      const entered = place?.entry === true;
      if (place?.entry) {
        const { entry: _, ...map } = place;
        place = map;
      } else if (grows.key === -2) place = undefined;
      const vacant = entered && fn.package.language === 'rust' ? this.#enteredKey(fn, code, object) : -1;
      const key =
        vacant >= 0
          ? vacant
          : grows.key >= 0
            ? (args[grows.key] ?? -1)
            : grows.key === -2
              ? entryKey(code, object)
              : -1;
      this.#emit(
        'grow',
        fn,
        n,
        place,
        grows.key === -2 ? 'entry' : name,
        key,
        grows.value >= 0 ? (args[grows.value] ?? -1) : -1,
      );
      if (place && fn.package.language === 'rust') this.#keepsSender(fn, place, args[grows.value] ?? -1);
    }
    if (removingMethods.has(name) && !(name === 'take' && args.length > 0) && !isIteration(code, object)) {
      const place = this.#receiver(fn, object, name);
      // `entry.remove()` of an occupied entry removes from the map.
      this.#emit('remove', fn, n, place && unentered(place), name, args[0] ?? -1);
      const choices = this.#places.alternatives(fn, object);
      for (const other of choices.length > 1 ? choices : [])
        if (other.key !== place?.key) this.#emit('remove', fn, n, other, name, args[0] ?? -1);
    }
    this.#tasks(fn, n, object, name, args);
    // `done.append(&mut self.pending)` leaves nothing in what it takes from.
    const drained = name === 'append' && fn.package.language === 'rust' ? (args[0] ?? -1) : -1;
    if (drained >= 0 && code.is(drained, Kind.Unary, '&mut') && !putsBack(fn, n, object, drained))
      this.#emit('remove', fn, n, this.#places.of(fn, drained), name);
    if (sizeMethods.has(name) && args.length === 0) {
      if (isTested(code, n)) this.#measure(fn, n, object, this.#receiver(fn, object, name), name);
      else if (fn.package.language === 'rust') this.#measureLater(fn, code, n, object, name);
    }
    if (SWAPPED_IN.has(name) && fn.package.language === 'rust') this.#swapsIn(fn, code, object, args);
    if (STATE_SETTERS.has(name)) this.#becomesState(fn, code, args[0] ?? -1);
    if (fn.file.facts.language === 'go') this.#goMethod(fn, code, n, object, args);
    if (sendingMethods.has(name) && args.length > 0 && fn.package.language === 'rust')
      this.#emit('send', fn, n, this.#places.of(fn, object), name, -1, args[0] ?? -1);
    if (takingMethods.has(name) && fn.package.language === 'rust')
      this.#emit('take', fn, n, this.#places.of(fn, object), name);
    if (this.#receivers.has(name)) this.#pass(fn, code, n, args);
  }

  /** Rust: `set.spawn(work())` adds to a set of tasks, `set.join_next().await` takes from it. */
  #tasks(fn: Fn, n: NodeId, object: NodeId, name: string, args: readonly NodeId[]): void {
    const adds = taskAdders.has(name) && args.length > 0;
    if (fn.package.language !== 'rust' || !(adds || taskTakers.has(name))) return;
    const { values } = this.#places;
    if (container(values.types, values.typeOf(fn, object))?.label === 'JoinSet')
      this.#emit(adds ? 'grow' : 'remove', fn, n, this.#receiver(fn, object, name), name, -1, args[0] ?? -1);
  }

  /** Rust: `for job in jobs` takes all that comes through a channel. */
  #takesAll(fn: Fn, code: Code, n: NodeId): void {
    let of = fn.package.language === 'rust' ? code.child(n, Role.Iter) : -1;
    if (of >= 0 && code.kind(of) === Kind.MethodCall && /^(iter|into_iter)$/.test(code.name(of)))
      of = code.child(of, Role.Object);
    if (of < 0 || (code.kind(of) !== Kind.Name && code.kind(of) !== Kind.Field)) return;
    const type = this.#places.values.typeOf(fn, of);
    if (type && isReceiver(type)) this.#emit('take', fn, n, this.#places.of(fn, of), 'for');
  }

  /** The number of shards is no size of the map they make up. */
  #measure(fn: Fn, n: NodeId, of: NodeId, place: PlaceRef | undefined, verb: string): void {
    const { values } = this.#places;
    if (place && !isSharded(values.types, values.typeOf(fn, of))) this.#emit('size-test', fn, n, place, verb);
  }

  /** `match map.entry(id) { Entry::Vacant(slot) => slot.insert(x), … }`: the key is what the entry was asked for; or -1. */
  #enteredKey(fn: Fn, code: Code, object: NodeId): NodeId {
    if (object < 0 || code.kind(object) !== Kind.Name) return -1;
    const b = this.#places.values.scope(fn).lookup(code.name(object), code.start(object));
    return b && b.value >= 0 && code.is(b.value, Kind.MethodCall, 'entry')
      ? code.child(b.value, Role.Arg)
      : -1;
  }

  /** `let n = map.len(); …; if n >= MAX { return }`: the test stands where the name is compared. */
  #measureLater(fn: Fn, code: Code, n: NodeId, object: NodeId, verb: string): void {
    const statement = code.parent(n);
    if (statement < 0 || code.kind(statement) !== Kind.Let) return;
    const pattern = code.child(statement, Role.Pattern);
    const block = code.parent(statement);
    if (pattern < 0 || block < 0 || code.kind(pattern) !== Kind.Bind) return;
    for (let m = code.after(statement); m < code.after(block); m++)
      if (code.is(m, Kind.Name, code.name(pattern)) && isTested(code, m))
        this.#measure(fn, m, object, this.#receiver(fn, object, verb), verb);
  }

  /** Go: `n := len(q.items)`, and then `if n >= max`, in the statement itself or behind it in its block. */
  #lengthLater(fn: Fn, code: Code, n: NodeId, of: NodeId): void {
    const statement = code.parent(n);
    if (code.kind(statement) !== Kind.Let || code.all(statement, Role.Value).length !== 1) return;
    const name = code.name(code.child(statement, Role.Pattern));
    const around = code.parent(statement);
    if (name === '' || (code.kind(around) !== Kind.If && code.kind(around) !== Kind.Block)) return;
    for (let m = code.after(statement); m < code.after(around); m++) {
      if (!code.is(m, Kind.Name, name) || !isTested(code, m)) continue;
      const test = code.ancestor(m, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Loop);
      if (code.kind(test) === Kind.If && code.within(m, code.child(test, Role.Condition)))
        this.#measure(fn, m, of, this.#places.of(fn, of), 'len');
    }
  }

  /** `map.store(Arc::new(copy))`, `map.rcu(|old| { …; copy })`: the copy is the map from then on. */
  #swapsIn(fn: Fn, code: Code, object: NodeId, args: readonly NodeId[]): void {
    let value = args[0] ?? -1;
    if (value >= 0 && code.kind(value) === Kind.Closure) value = code.child(value, Role.Body);
    if (value >= 0 && code.kind(value) === Kind.Block) value = code.children(value).at(-1) ?? -1;
    while (value >= 0 && code.kind(value) === Kind.Call) value = code.child(value, Role.Arg);
    if (value < 0 || code.kind(value) !== Kind.Name) return;
    const copy = this.#places.of(fn, value);
    if (copy?.root !== 'local' || !copy.binding || copy.binding.value < 0) return;
    const from = this.#places.copied(fn, copy.binding.value);
    const place = from && this.#places.of(fn, object);
    if (place && place.key === from.key) this.#sink.alias(place.key, copy.key);
  }

  /** `peers.insert(id, tx)`: the channel's end is an element of the map from then on. */
  #keepsSender(fn: Fn, of: PlaceRef, value: NodeId): void {
    const kind = value < 0 ? undefined : fn.code.kind(value);
    if (kind !== Kind.Name && kind !== Kind.MethodCall) return;
    const place = this.#places.of(fn, value);
    if (!place || place.key === of.key) return;
    if (this.#places.isSendingEnd(fn, value)) this.#sink.alias(element(unentered(of)).key, place.key);
  }

  /** `let cache = new_cache();`: what the callee has shared before is the same memory. */
  #isHandedOver(fn: Fn, code: Code, n: NodeId): void {
    const value = fn.package.language === 'rust' ? code.child(n, Role.Value) : -1;
    const pattern = code.child(n, Role.Pattern);
    if (!code.is(value, Kind.Call) || !code.is(pattern, Kind.Bind)) return;
    const made = this.#places.madeBy(fn, value);
    const type = made?.fn && made.binding && this.#places.values.bindingType(made.fn, made.binding);
    if (!made || !type || !container(this.#places.values.types, type)?.shared) return;
    const b = this.#places.values.scope(fn).lookup(code.name(pattern), code.end(n));
    if (b) this.#sink.alias(local(fn, b).key, made.key);
  }

  /** `.with_state(cache)`, `.app_data(Data::from(cache.clone()))`: what handlers get is this. */
  #becomesState(fn: Fn, code: Code, arg: NodeId): void {
    let n = arg;
    let made: PlaceRef | undefined;
    while (n >= 0 && code.kind(n) === Kind.Call) {
      made = this.#places.madeBy(fn, n);
      if (made) break;
      n = code.child(n, Role.Arg);
    }
    const place = n < 0 ? undefined : (made ?? this.#places.of(fn, n));
    if (!place) return;
    for (const state of this.#places.statesLike(fn, n)) this.#sink.alias(place.key, state.key);
  }

  /** `slot.get_or_insert_with(HashMap::new)` puts the map into its `Option`. */
  #fillsOption(fn: Fn, object: NodeId, method: string): boolean {
    if (!method.startsWith('get_or_insert')) return false;
    const type = this.#places.values.typeOf(fn, object);
    return type !== undefined && peel(type).wrappers.includes('Option');
  }

  /** `heap.Push(&q, v)`, and the methods of a type that is a container underneath: `type Set map[string]struct{}`. */
  #goMethod(fn: Fn, code: Code, n: NodeId, object: NodeId, args: readonly NodeId[]): void {
    const { values } = this.#places;
    const name = code.name(n);
    const pkg = values.goPackage(fn, object);
    if (pkg !== undefined) {
      const known = goContainerFunctions[`${pkg}.${name}`];
      if (known) this.#emit(known.kind, fn, n, this.#places.of(fn, args[0] ?? -1), name, -1, args[1] ?? -1);
      else if (goTextWriters.has(`${pkg}.${name}`))
        this.#emit('grow', fn, n, this.#textOf(fn, args[0] ?? -1), name, -1, args[1] ?? -1);
      return;
    }
    const onText = Object.hasOwn(goTextMethods, name) ? goTextMethods[name] : undefined;
    const text = onText && this.#textOf(fn, object);
    if (text) {
      this.#emit(onText, fn, n, text, name, -1, args[0] ?? -1);
      return;
    }
    const decl = this.#ofContainers.has(name) ? values.declOf(fn, object) : undefined;
    if (decl?.fact.kind !== 'defined' || !container(values.types, values.typeOf(fn, object))) return;
    const [target, ...others] = values.methodsOfDecl(decl, name);
    if (!target || others.length > 0) return;
    const place = this.#places.of(fn, object);
    if (givesLength(target) && isTested(code, n)) this.#emit('size-test', fn, n, place, name);
    for (const own of this.#ownEffects(target)) {
      const key = own.key < 0 ? -1 : (args[own.key] ?? -1);
      this.#emit(own.kind, fn, n, place, own.verb, key, -1, own);
    }
  }

  /** Go: the field or global of text that an expression is, or points to. */
  #textOf(fn: Fn, n: NodeId): PlaceRef | undefined {
    const { code } = fn;
    const of = code.is(n, Kind.Unary, '&') ? code.child(n, Role.Object) : n;
    if (of < 0 || (code.kind(of) !== Kind.Field && code.kind(of) !== Kind.Name)) return undefined;
    const place = this.#places.of(fn, of);
    return (place?.root === 'field' || place?.root === 'global') && goText(this.#places.values.typeOf(fn, of))
      ? place
      : undefined;
  }

  /** What a method does to its receiver when that is a container itself. */
  #ownEffects(method: Fn): readonly OwnEffect[] {
    const known = this.#own.get(method);
    if (known) return known;
    const out: OwnEffect[] = [];
    this.#own.set(method, out);
    const code = method.code;
    const { receiver } = method.fact;
    const scope = this.#places.values.scope(method);
    const isOwn = (n: NodeId): boolean => {
      if (n < 0) return false;
      if (code.is(n, Kind.Unary, '*')) return isOwn(code.child(n, Role.Object));
      return code.is(n, Kind.Name, receiver) && !scope.lookup(receiver, code.start(n));
    };
    const add = (node: NodeId, kind: EffectKind, verb: string, key = -1) => {
      const isName = key >= 0 && code.kind(key) === Kind.Name;
      const b = isName ? scope.lookup(code.name(key), code.start(key)) : undefined;
      out.push({ kind, verb, key: b?.source === 'parameter' ? b.index : -1, fn: method, node });
    };
    const { first: body, after } = method;
    for (let n = body; receiver !== '' && n < after; n++) {
      if (code.kind(n) === Kind.Assign) {
        const target = code.child(n, Role.Target);
        const value = code.child(n, Role.Value);
        if (code.kind(target) === Kind.Index) {
          if (isOwn(code.child(target, Role.Object))) add(n, 'grow', '[…] =', code.child(target, Role.Index));
        } else if (isOwn(target) && value >= 0) {
          const base = isAppend(code, value) ? code.child(value, Role.Arg) : -1;
          if (isOwn(base)) add(n, 'grow', 'append');
          else if (base >= 0 || code.kind(value) === Kind.Slice) add(n, 'remove', 'slicing');
          else add(n, 'reset', '=');
        }
      } else if (code.kind(n) === Kind.Call) {
        const callee = code.child(n, Role.Callee);
        const name = callee < 0 ? '' : code.name(callee);
        const [first = -1, second] = code.all(n, Role.Arg);
        if (!isOwn(first)) continue;
        if (name === 'delete' || name === 'clear') add(n, 'remove', name, second);
        else if (name === 'len' && isTested(code, n)) add(n, 'size-test', name);
      } else if (code.kind(n) === Kind.MethodCall && isOwn(code.child(n, Role.Object))) {
        // A method that calls itself has these effects already: its list grows while it is read.
        for (const inner of this.#places.values.callees(method, n))
          if (inner !== method) for (const e of [...this.#ownEffects(inner)]) out.push({ ...e, key: -1 });
      }
    }
    return out;
  }

  /** The container a method call works on: the object's place, or the container a newtype stands for. */
  #receiver(fn: Fn, object: NodeId, method: string): PlaceRef | undefined {
    const { values } = this.#places;
    const decl = values.declOf(fn, object);
    if (!decl) return this.#places.of(fn, object);
    // The workspace's own method: what it does is seen inside it.
    if (values.methodsOfDecl(decl, method).length > 0) return undefined;
    const [only, ...others] = decl.fact.fields;
    const dereferences = decl.fact.attributes.some((a) => /Deref/.test(a)) || implementsDeref(decl);
    if (
      only &&
      others.length === 0 &&
      dereferences &&
      container(values.types, values.types.at(decl.file, only.type))
    )
      return fieldPlace(decl, only.name);
    return this.#places.of(fn, object);
  }

  #call(fn: Fn, code: Code, n: NodeId): void {
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return;
    const name = code.name(callee);
    const args = code.all(n, Role.Arg);
    const first = args[0] ?? -1;
    if (fn.file.facts.language === 'go') {
      if (name === 'delete' || name === 'clear')
        this.#emit('remove', fn, n, this.#places.of(fn, first), name, args[1] ?? -1);
      else if ((name === 'len' || name === 'cap') && isTested(code, n))
        this.#measure(fn, n, first, this.#places.of(fn, first), name);
      else if (name === 'len') this.#lengthLater(fn, code, n, first);
    } else if (code.kind(callee) === Kind.Path) {
      const last = lastSegment(name);
      if (SWAPS.has(last) && /(^|::)mem::/.test(name))
        this.#emit('reset', fn, n, this.#places.of(fn, first), `mem::${last}`);
      // `PeekMut::pop(top)` takes out what `peek_mut` has shown.
      if (/(^|::)PeekMut::pop$/.test(name))
        this.#emit('remove', fn, n, holderOf(this.#places.of(fn, first)), 'PeekMut::pop');
      if (last === 'Self' || /^[A-Z]/.test(last)) this.#tupleStruct(fn, code, callee, args);
      if (last === 'swap') this.#emit('reset', fn, n, this.#places.of(fn, args[1] ?? -1), 'mem::swap');
    }
    if (fn.package.language === 'rust' && code.kind(callee) === Kind.Name && /^[A-Z]/.test(name))
      this.#tupleStruct(fn, code, callee, args);
    if (this.#receivers.has(lastSegment(name))) this.#pass(fn, code, n, args);
  }

  /** `Handle(tx)`, `Sink::Remote(tx)`: the field `0` is another name of the argument. */
  #tupleStruct(fn: Fn, code: Code, callee: NodeId, args: readonly NodeId[]): void {
    const { values } = this.#places;
    const written = code.name(callee);
    const decl = written === 'Self' ? values.ownerType(fn)?.decl : values.types.declaration(fn.file, written);
    args.forEach((arg, i) => {
      const variant = this.#places.variantField(fn, written, String(i));
      const field = decl?.fact.fields.find((f) => f.name === String(i));
      const isKept = decl && field && isFollowed(values, values.types.at(decl.file, field.type));
      const into = variant ?? (isKept ? fieldPlace(decl, field.name) : undefined);
      const place = into && this.#places.of(fn, arg);
      if (place) this.#sink.alias(into.key, place.key);
    });
  }

  /** Containers handed to functions of the workspace. */
  #pass(fn: Fn, code: Code, call: NodeId, args: readonly NodeId[]): void {
    const targets = this.#places.values.callees(fn, call);
    if (targets.length === 0 || targets.length > 4) return;
    args.forEach((arg, i) => {
      if (
        ![Kind.Name, Kind.Field, Kind.Unary, Kind.Call, Kind.MethodCall, Kind.Path].includes(
          code.kind(arg) as never,
        )
      )
        return;
      let place: PlaceRef | undefined;
      for (const target of targets) {
        const p = target.fact.params[i];
        if (p === undefined) continue;
        const type = this.#places.values.types.at(target.file, target.code.child(p, Role.Type));
        if (!isFollowed(this.#places.values, type)) continue;
        // A Go slice is handed over as a copy of its header: what the callee appends, the caller does not see.
        if (type?.name === 'slice') continue;
        place ??= this.#places.of(fn, arg);
        if (!place) return;
        const name = target.code.child(p, Role.Pattern);
        if (name >= 0) this.#sink.pass(place.key, `L:${target.id}:${name}`);
      }
    });
  }

  #assign(fn: Fn, code: Code, n: NodeId): void {
    // Rust's `(self.all, self.when) = self.fetch()` gives each part a value, as Go's `a, b = f()` does.
    const targets = code.all(n, Role.Target).flatMap((t) => partsOf(code, t));
    const values = code.all(n, Role.Value).flatMap((v) => (targets.length > 1 ? partsOf(code, v) : [v]));
    targets.forEach((target, i) => {
      const value = values.length === targets.length ? (values[i] as NodeId) : (values[0] ?? -1);
      const operator = code.name(n);
      if (code.kind(target) === Kind.Index) {
        this.#assignElement(fn, code, n, target, value);
        return;
      }
      // `log += &line`: text, where what is added is lent.
      const adds = operator === '+=' && (code.is(value, Kind.Unary, '&') || code.kind(value) === Kind.String);
      if (fn.package.language === 'go' && value >= 0 && this.#addsText(fn, n, target, value)) return;
      if ((operator !== '=' && !adds) || value < 0) return;
      const place =
        code.kind(target) === Kind.Name ? this.#places.ofName(fn, target) : this.#places.of(fn, target);
      if (!place) return;
      if (adds) this.#emit('grow', fn, n, place, '+=', -1, value);
      else this.#assignWhole(fn, code, n, target, value, place);
    });
  }

  /** Go: `s.log += line`, `s.log = s.log + line`. */
  #addsText(fn: Fn, n: NodeId, target: NodeId, value: NodeId): boolean {
    const { code } = fn;
    let first = value;
    while (code.is(first, Kind.Binary, '+')) first = code.child(first, Role.Left);
    const isLonger = code.name(n) === '+=' || (first !== value && sameText(code, first, target));
    const text = isLonger ? this.#textOf(fn, target) : undefined;
    // `address := c.address` is a text of its own from then on.
    if (!text || (code.is(target, Kind.Name) && text.root === 'field')) return false;
    this.#emit('grow', fn, n, text, '+=', -1, value);
    return true;
  }

  /** `m[k] = v` adds a key to a map; on a list it only replaces. */
  #assignElement(fn: Fn, code: Code, n: NodeId, target: NodeId, value: NodeId): void {
    if (fn.file.facts.language !== 'go') return;
    const object = code.child(target, Role.Object);
    const type = this.#places.values.typeOf(fn, object);
    const c = container(this.#places.values.types, type);
    const map = this.#places.of(fn, object);
    if (c && c.row.shape === 'list') return;
    if (!c && type !== undefined && unwrapped(type).name === 'array') return;
    this.#emit('grow', fn, n, map, '[…] =', code.child(target, Role.Index), value);
    if (!map || value < 0 || !goListValues(this.#places.values, type)) return;
    const inside = element(map);
    if (isAppend(code, value)) {
      const base = code.child(value, Role.Arg);
      if (sameText(code, base, target) || this.#places.of(fn, base)?.key === inside.key)
        this.#emit('grow', fn, n, inside, 'append', -1, appended(code, value));
      else this.#emit('reset', fn, n, inside, '[…] =');
      return;
    }
    const { kind, at } = this.#writtenBack(fn, code, n, target, value, inside) ?? { kind: 'reset', at: n };
    if (kind) this.#emit(kind, fn, at, inside, kind === 'grow' ? 'append' : '[…] =');
  }

  #assignWhole(fn: Fn, code: Code, n: NodeId, target: NodeId, value: NodeId, place: PlaceRef): void {
    // A slice in a receiver that was copied: the caller's own does not get longer.
    if (isCopiedReceiver(fn, target)) return;
    if (isFrontCut(code, value, target)) {
      this.#emit('remove', fn, n, place, 'slicing off the front');
      return;
    }
    if (isAppend(code, value)) {
      const base = code.child(value, Role.Arg);
      if (keepsBehind(code, value, target)) {
        if (isFilled(this.#places.values, fn, base, value))
          this.#emit('grow', fn, n, place, 'append', -1, base);
        return;
      }
      // `x = append(x[:i], x[i+1:]...)` takes out; `x = append(x, v)` adds.
      if (base >= 0 && code.kind(base) === Kind.Slice) {
        this.#emit('remove', fn, n, place, 'append(…[:i], …)', -1);
        return;
      }
      const from = base < 0 ? undefined : this.#places.of(fn, base);
      const own = base >= 0 && (from?.key === place.key || sameText(code, base, target));
      if (own) this.#emit('grow', fn, n, place, 'append', -1, appended(code, value));
      else this.#emit('reset', fn, n, place, '=');
      return;
    }
    if (code.kind(value) === Kind.Slice && sameText(code, code.child(value, Role.Object), target)) {
      const low = code.child(value, Role.Low);
      const front = low >= 0 && code.child(value, Role.High) < 0 && code.name(low) !== '0';
      this.#emit('remove', fn, n, place, front ? 'slicing off the front' : 'slicing');
      return;
    }
    const kept =
      fn.file.facts.language === 'go' ? this.#writtenBack(fn, code, n, target, value, place) : undefined;
    if (kept) {
      if (kept.kind) this.#emit(kept.kind, fn, kept.at, place, kept.kind === 'grow' ? 'append' : 'slicing');
      return;
    }
    const from = this.#places.of(fn, value);
    if (from && from.key !== place.key && !this.#isOwnList(fn, target, place))
      this.#sink.alias(place.key, from.key);
    this.#emit('reset', fn, n, place, '=');
  }

  /** Go: `list = defaults`: what is appended to a local is in no other list of the same elements. */
  #isOwnList(fn: Fn, target: NodeId, { root }: PlaceRef): boolean {
    const type = fn.package.language === 'go' ? this.#places.values.typeOf(fn, target) : undefined;
    return (root === 'local' || root === 'parameter') && type?.name === 'slice';
  }

  /**
   * Go: what is stored was made from what stood there: `items := s.items; items = append(items, x); s.items = items`,
   * `s.items = with(s.items, x)`, `s.items = slices.Insert(s.items, 0, x)`.
   */
  #writtenBack(
    fn: Fn,
    code: Code,
    n: NodeId,
    target: NodeId,
    value: NodeId,
    place: PlaceRef,
  ): Change | undefined {
    const kind = code.kind(value);
    if (kind === Kind.Name) {
      if (code.kind(target) === Kind.Name || this.#places.of(fn, value)?.key !== place.key) return undefined;
      return this.#changeOf(fn, code, n, value);
    }
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
    const args = code.all(value, Role.Arg);
    const index = args.findIndex((a) => sameText(code, a, target));
    if (index < 0) return undefined;
    const object = kind === Kind.MethodCall ? code.child(value, Role.Object) : -1;
    const pkg = object < 0 ? undefined : this.#places.values.goPackage(fn, object);
    const known = pkg === undefined ? undefined : goSliceFunctions[`${pkg}.${code.name(value)}`];
    if (known) return { kind: known.kind, at: n };
    const [callee, ...others] = this.#places.values.callees(fn, value);
    return callee && others.length === 0 && appendsTo(callee, index) ? { kind: 'grow', at: n } : undefined;
  }

  /** What happened to a local name of a slice before it is stored back. */
  #changeOf(fn: Fn, code: Code, before: NodeId, name: NodeId): Change {
    const b = this.#places.values.scope(fn).lookup(code.name(name), code.start(name));
    // `kept := s.items[:0]`, which is filled with what stays.
    if (!b || (b.value >= 0 && code.kind(b.value) === Kind.Slice)) return { kind: 'remove', at: before };
    let change: Change = { kind: undefined, at: before };
    for (let m = b.node; m < before; m++) {
      if (code.kind(m) !== Kind.Assign || !code.is(code.child(m, Role.Target), Kind.Name, b.name)) continue;
      if (!isAppend(code, code.child(m, Role.Value))) return { kind: 'remove', at: m };
      change = { kind: 'grow', at: m };
    }
    return change;
  }

  /** Go's `T{a, b}`: values in the order of the fields. */
  #positional(fn: Fn, code: Code, n: NodeId): void {
    if (fn.file.facts.language !== 'go') return;
    const values = code.all(n, Role.Arg);
    if (values.length === 0) return;
    const type = this.#places.values.typeOf(fn, n);
    const fields = type ? unwrapped(type).decl?.fact.fields : undefined;
    if (fields?.length !== values.length) return;
    fields.forEach((f, i) => {
      this.#fieldInit(fn, code, values[i] as NodeId, f.name, values[i] as NodeId);
    });
  }

  /** `T { field: value }` makes the field another name of what the value was. */
  #fieldInit(fn: Fn, code: Code, n: NodeId, name: string, value: NodeId): void {
    if (!this.#fields.has(name)) return;
    const literal = code.parent(n);
    if (literal < 0 || code.kind(literal) !== Kind.Composite || value < 0) return;
    const kind = code.kind(value);
    if (
      kind !== Kind.Name &&
      kind !== Kind.Call &&
      kind !== Kind.MethodCall &&
      kind !== Kind.Unary &&
      kind !== Kind.Field
    )
      return;
    const into = this.#fieldOfLiteral(fn, literal, name);
    const place = into && this.#places.of(fn, value);
    if (place) this.#sink.alias(into.key, place.key);
  }

  /** What is followed in a field that a literal fills: of a struct, or of a variant of an enum. */
  #fieldOfLiteral(fn: Fn, literal: NodeId, name: string): PlaceRef | undefined {
    const { values } = this.#places;
    const type = values.typeOf(fn, literal);
    const decl = type && unwrapped(type).decl;
    const field = decl?.fact.fields.find((f) => f.name === name);
    if (decl && field)
      return isFollowed(values, values.types.at(decl.file, field.type)) ? fieldPlace(decl, name) : undefined;
    const written = fn.package.language === 'rust' ? fn.code.child(literal, Role.Type) : -1;
    return written < 0 ? undefined : this.#places.variantField(fn, fn.code.name(written), name);
  }
}

/** The container an element belongs to. */
function holderOf(place: PlaceRef | undefined): PlaceRef | undefined {
  return place && place.depth > 0 ? { ...place, key: place.key.slice(0, -2), depth: place.depth - 1 } : place;
}

/** `impl Deref for T`: method calls on it reach what is inside. */
function implementsDeref(decl: TypeDecl): boolean {
  return decl.file.package.methodsOf(decl.fact.name, 'deref').length > 0;
}

function unentered(place: PlaceRef): PlaceRef {
  const { entry: _, ...map } = place;
  return map;
}

function entryKey(code: Code, object: NodeId): NodeId {
  let n = object;
  while (n >= 0 && code.kind(n) === Kind.MethodCall) {
    if (code.name(n).startsWith('entry')) return code.child(n, Role.Arg);
    n = code.child(n, Role.Object);
  }
  return -1;
}

/** A map whose values are lists. */
function goListValues(values: Values, type: TypeRef | undefined): boolean {
  const c = container(values.types, type);
  return container(values.types, c?.value)?.row.shape === 'list';
}

/** Go: a field of a receiver that is not a pointer. */
function isCopiedReceiver(fn: Fn, target: NodeId): boolean {
  const { receiver, receiverByReference } = fn.fact;
  return (
    fn.file.facts.language === 'go' &&
    receiver !== '' &&
    !receiverByReference &&
    fn.code.kind(target) === Kind.Field &&
    fn.code.is(fn.code.child(target, Role.Object), Kind.Name, receiver)
  );
}

/** The elements of a tuple; anything else is one part. */
function partsOf(code: Code, node: NodeId): readonly NodeId[] {
  return code.is(node, Kind.Sequence, 'tuple') ? code.children(node) : [node];
}

/** Go: a function that gives back one of its parameters with something appended. */
function appendsTo(fn: Fn, parameter: number): boolean {
  const code = fn.code;
  const p = fn.fact.params[parameter];
  const pattern = p === undefined ? -1 : code.child(p, Role.Pattern);
  const { first: body, after } = fn;
  for (let n = body; pattern >= 0 && n < after; n++)
    if (isAppend(code, n) && code.is(code.child(n, Role.Arg), Kind.Name, code.name(pattern))) return true;
  return false;
}

function isIteration(code: Code, n: NodeId): boolean {
  return n >= 0 && code.kind(n) === Kind.MethodCall && ITERATION.has(code.name(n));
}

function isAppend(code: Code, n: NodeId): boolean {
  return n >= 0 && code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'append');
}

/** Go: `q = append([]T(nil), q[n:]...)`, `q = slices.Clone(q[n:])`: the rest is copied, so that the front can be freed. */
function isFrontCut(code: Code, value: NodeId, target: NodeId): boolean {
  if (value < 0) return false;
  const args = code.all(value, Role.Arg);
  let rest = -1;
  if (isAppend(code, value)) {
    const [base = -1, spread = -1, ...others] = args;
    const isNew = base >= 0 && !sameText(code, base, target) && code.kind(base) !== Kind.Slice;
    if (isNew && others.length === 0 && code.is(spread, Kind.Unary, '...'))
      rest = code.child(spread, Role.Object);
  } else if (code.is(value, Kind.MethodCall, 'Clone') && args.length === 1) rest = args[0] as NodeId;
  const low = rest >= 0 && code.kind(rest) === Kind.Slice ? code.child(rest, Role.Low) : -1;
  return (
    low >= 0 &&
    code.child(rest, Role.High) < 0 &&
    code.name(low) !== '0' &&
    sameText(code, code.child(rest, Role.Object), target)
  );
}

/** Go: `s.pending = append(failed, s.pending...)`, `log = append([]string{line}, log...)`: what there was stays behind it. */
function keepsBehind(code: Code, append: NodeId, target: NodeId): boolean {
  const [front = -1, rest = -1, ...others] = code.all(append, Role.Arg);
  return (
    others.length === 0 &&
    !sameText(code, front, target) &&
    code.is(rest, Kind.Unary, '...') &&
    sameText(code, code.child(rest, Role.Object), target)
  );
}

/** Go: something is in the list that another is appended to; a copy is begun with one that is empty as yet. */
function isFilled(values: Values, fn: Fn, list: NodeId, append: NodeId): boolean {
  const { code } = fn;
  const kind = code.kind(list);
  if (kind === Kind.Slice) return isFilled(values, fn, code.child(list, Role.Object), append);
  if (kind === Kind.Composite) return code.children(list).length > 1;
  const b = kind === Kind.Name ? values.scope(fn).lookup(code.name(list), code.start(list)) : undefined;
  if (!b) return false;
  if (b.source === 'parameter' || (b.value >= 0 && !isMadeEmpty(code, b.value))) return true;
  for (let m = b.node; m < append; m++)
    if (
      code.is(m, Kind.Assign) &&
      code.is(code.child(m, Role.Target), Kind.Name, b.name) &&
      isAppend(code, code.child(m, Role.Value))
    )
      return true;
  return false;
}

/** Go: `make([]T, 0, n)`, `[]T{}`, `[]T(nil)`, `nil` */
function isMadeEmpty(code: Code, value: NodeId): boolean {
  const kind = code.kind(value);
  if (kind === Kind.Call) return !isAppend(code, value);
  return kind === Kind.Literal || (kind === Kind.Composite && code.children(value).length <= 1);
}

function appended(code: Code, call: NodeId): NodeId {
  return code.all(call, Role.Arg)[1] ?? -1;
}

/** `failed.append(&mut self.queue); self.queue = failed;`: what was taken out is put back. */
function putsBack(fn: Fn, append: NodeId, into: NodeId, from: NodeId): boolean {
  const code = fn.code;
  const taken = code.child(from, Role.Object);
  for (let n = code.after(append); n < fn.after; n++)
    if (
      code.kind(n) === Kind.Assign &&
      sameText(code, code.child(n, Role.Target), taken) &&
      sameText(code, code.child(n, Role.Value), into)
    )
      return true;
  return false;
}

/** A size is tested when it is compared, or decides a condition, or limits through `min`. */
function isTested(code: Code, n: NodeId): boolean {
  for (let at = n, up = code.parent(n), i = 0; up >= 0 && i < 8; at = up, up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Binary && /^(<|>|<=|>=|==|!=|%)$/.test(code.name(up))) return true;
    const role = code.role(at);
    if (role === Role.Condition || role === Role.Guard || role === Role.Subject) return true;
    if (kind === Kind.Block || kind === Kind.Closure || kind === Kind.Let || kind === Kind.Assign)
      return false;
  }
  return false;
}

/** Two plain expressions (names, fields, indices) that read the same. */
export function sameText(code: Code, a: NodeId, b: NodeId): boolean {
  if (a < 0 || b < 0 || code.kind(a) !== code.kind(b) || code.name(a) !== code.name(b)) return false;
  const x = code.children(a);
  const y = code.children(b);
  return x.length === y.length && x.every((c, i) => sameText(code, c, y[i] as NodeId));
}

/** Go: `func (q queue) Len() int { return len(q) }` */
function givesLength({ code, fact }: Fn): boolean {
  const [only, ...others] = fact.body < 0 ? [] : code.children(fact.body);
  const value = only !== undefined && code.kind(only) === Kind.Return ? code.child(only, Role.Value) : -1;
  return (
    others.length === 0 &&
    value >= 0 &&
    code.kind(value) === Kind.Call &&
    code.is(code.child(value, Role.Callee), Kind.Name, 'len') &&
    code.is(code.child(value, Role.Arg), Kind.Name, fact.receiver)
  );
}
