import { keepingMethods, lendingMethods } from '../../knowledge/rust-ownership.ts';
import { CALLS, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn, Package, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

const WANTED = kinds(Kind.Assign, Kind.MethodCall);
const CLOSURES = kinds(Kind.Closure);

/** A counted reference that is stored in a field of what it may lead to. */
export interface StrongStore {
  readonly fn: Fn;
  /** The assignment or call that stores. */
  readonly node: NodeId;
  /** The local whose field it becomes, and the declared field. */
  readonly holder: Binding | 'self';
  readonly decl: TypeDecl;
  readonly field: string;
  /** `Rc` or `Arc`. */
  readonly counted: string;
  /** The stored expression, and the local it is a clone of. */
  readonly value: NodeId;
  readonly stored: Binding | 'self';
}

/** Every store of a strong reference into a field that may hold one, outside tests, in source order. */
export function strongStores(pkg: Package): StrongStore[] {
  return storesOf(pkg).flatMap(({ fn, node, target, values }) =>
    values.flatMap((value) => storeAt(fn, node, target, value) ?? []),
  );
}

/** A statement that puts values into a place: an assignment, or a call of a method that keeps what it is given. */
interface Store {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly target: NodeId;
  readonly values: readonly NodeId[];
}

/** All of them in a crate, outside tests, in source order. */
function storesOf(pkg: Package): Store[] {
  const out: Store[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const store = storeIn(fn, n);
      if (store) out.push(store);
    }
  }
  return out;
}

function storeIn(fn: Fn, n: NodeId): Store | undefined {
  const { code } = fn;
  const kind = code.kind(n);
  if (kind === Kind.Assign && code.name(n) === '=')
    return { fn, node: n, target: code.child(n, Role.Target), values: [code.child(n, Role.Value)] };
  return kind === Kind.MethodCall && keepingMethods.test(code.name(n)) && !isOwnMethod(fn, n)
    ? { fn, node: n, target: code.child(n, Role.Object), values: code.all(n, Role.Arg) }
    : undefined;
}

/** `self.state.add(self)`, where the program says itself what `add` does, and what takes it out again. */
function isOwnMethod(fn: Fn, call: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const decl = values.declOf(fn, fn.code.child(call, Role.Object));
  return decl !== undefined && values.methodsOfDecl(decl, fn.code.name(call)).length > 0;
}

function storeAt(fn: Fn, node: NodeId, target: NodeId, value: NodeId): StrongStore | undefined {
  const into = fieldOf(fn, target);
  const stored = into && cloneOf(fn, value);
  if (!into || stored === undefined) return undefined;
  const { decl, field, holder } = into;
  const fact = decl.fact.fields.find((f) => f.name === field);
  const type = fact && Values.of(fn.package.program).types.at(decl.file, fact.type);
  const counted = type && countedIn(type);
  return counted ? { fn, node, holder, decl, field, counted, value, stored } : undefined;
}

/** `node.parent.borrow_mut()`, `self.children.lock().unwrap()`: the field and the local it belongs to. */
export function fieldOf(
  fn: Fn,
  n: NodeId,
): { readonly decl: TypeDecl; readonly field: string; readonly holder: Binding | 'self' } | undefined {
  const code = fn.code;
  let at = n;
  for (let i = 0; at >= 0 && i < 12; i++) {
    const kind = code.kind(at);
    if (kind === Kind.Field) {
      const object = code.child(at, Role.Object);
      const name = code.name(at);
      const decl = Values.of(fn.package.program).declOf(fn, object) ?? onlyOwnerOf(fn.package, name);
      const holder = rootOf(fn, object);
      return decl && holder ? { decl, field: name, holder } : undefined;
    }
    if (kind === Kind.MethodCall) {
      if (!lendingMethods.test(code.name(at))) return undefined;
      at = code.child(at, Role.Object);
    } else if (kind === Kind.Unary || kind === Kind.Try || kind === Kind.Await || kind === Kind.Index)
      at = code.child(at, Role.Object);
    else if (kind === Kind.Name) {
      // `let mut members = self.members.lock();`
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(at), code.start(at));
      if (b?.source !== 'value' || b.value < 0 || b.value >= at || code.kind(b.value) === Kind.Name)
        return undefined;
      at = b.value;
    } else return undefined;
  }
  return undefined;
}

/** The only type of a crate that has a field of this name: what an iterator hands out is seldom known by its type. */
function onlyOwnerOf(pkg: Package, field: string): TypeDecl | undefined {
  let owners = ownersByField.get(pkg);
  if (!owners) {
    owners = new Map();
    for (const t of pkg.types) {
      if (t.isTest) continue;
      // Null where there are several.
      for (const name of new Set(t.fact.fields.map((f) => f.name)))
        owners.set(name, owners.has(name) ? null : t);
    }
    ownersByField.set(pkg, owners);
  }
  return owners.get(field) ?? undefined;
}

const ownersByField = new WeakMap<Package, Map<string, TypeDecl | null>>();

/** The local an expression begins with, through borrows and locks; `self` for the receiver. */
function rootOf(fn: Fn, n: NodeId): Binding | 'self' | undefined {
  const code = fn.code;
  let at = n;
  for (let i = 0; at >= 0 && i < 12; i++) {
    const kind = code.kind(at);
    if (kind === Kind.Name) {
      if (code.name(at) === 'self') return 'self';
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(at), code.start(at));
      return b && followed(fn, b);
    }
    const isLent = kind === Kind.MethodCall && lendingMethods.test(code.name(at));
    if (isLent || kind === Kind.Unary || kind === Kind.Try || isInsideHandle(fn, at))
      at = code.child(at, Role.Object);
    else return undefined;
  }
  return undefined;
}

/** `struct Handle(Arc<Room>)`, `struct Handle { inner: Arc<Inner> }`: the counter of what a type is no more than a name of. */
function handleOf(decl: TypeDecl | undefined): string | undefined {
  const [fact, ...others] = decl?.fact.fields ?? [];
  if (!decl || !fact || others.length > 0 || fact.type < 0) return undefined;
  const type = Values.of(decl.file.package.program).types.at(decl.file, fact.type);
  const name = type ? lastSegment(type.name) : '';
  return name === 'Rc' || name === 'Arc' ? name : undefined;
}

/** `self.0` of such a handle. */
function isInsideHandle(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  return (
    code.is(n, Kind.Field) &&
    handleOf(Values.of(fn.package.program).declOf(fn, code.child(n, Role.Object))) !== undefined
  );
}

/** What a local is another name of: `let mut guard = node.borrow_mut()`, `let me = Rc::clone(&node)`. */
function followed(fn: Fn, b: Binding, depth = 0): Binding | 'self' {
  if (b.value < 0 || b.source !== 'value' || depth > 3) return b;
  return (isClone(fn, b.value) ? cloneOf(fn, b.value) : rootOf(fn, b.value)) ?? b;
}

function isClone(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.MethodCall) return code.name(n) === 'clone';
  return code.kind(n) === Kind.Call && /(^|::)(Rc|Arc)::clone$/.test(code.name(code.child(n, Role.Callee)));
}

/** `Some(Rc::clone(&x))`, `x.clone()`, `x` of a counted type: the local that is kept alive. */
export function cloneOf(fn: Fn, n: NodeId): Binding | 'self' | undefined {
  const code = fn.code;
  let at = n;
  for (let i = 0; at >= 0 && i < 8; i++) {
    const kind = code.kind(at);
    if (kind === Kind.Call) {
      const callee = code.name(code.child(at, Role.Callee));
      if (!/(^|::)(Some|Rc::clone|Arc::clone|Box::new|RefCell::new|Mutex::new)$/.test(callee))
        return undefined;
      at = code.child(at, Role.Arg);
    } else if (kind === Kind.MethodCall && code.name(at) === 'clone') at = code.child(at, Role.Object);
    else if (kind === Kind.Unary) at = code.child(at, Role.Object);
    else if (kind === Kind.Name) {
      const b = code.name(at) === 'self' ? 'self' : rootOf(fn, at);
      if (b === 'self') return isCountedSelf(fn, at) ? b : undefined;
      const values = Values.of(fn.package.program);
      const type = b && values.bindingType(fn, b);
      return b && type && countedAround(type) !== undefined ? b : undefined;
    } else return undefined;
  }
  return undefined;
}

/** `self: &Rc<Self>`, `self: Arc<Self>`, or a method of a handle. */
function isCountedSelf(fn: Fn, self: NodeId): boolean {
  if (handleOf(Values.of(fn.package.program).declOf(fn, self))) return true;
  const text = fn.package.text(fn.file.facts.file).slice(fn.fact.span.start, fn.code.start(fn.first));
  return /\bself\s*:\s*&?\s*(std::\w+::)?(Rc|Arc)\s*</.test(text);
}

/** The counter right around a value, references and options taken off. */
function countedAround(type: TypeRef): string | undefined {
  const { type: inner, wrappers } = peel(type);
  return wrappers.find((w) => w === 'Rc' || w === 'Arc') ?? handleOf(inner.decl);
}

/** A strong counter somewhere in a field's type: in an option, a cell, a list or the values of a map. */
export function countedIn(type: TypeRef, depth = 0): string | undefined {
  const name = lastSegment(type.name);
  if (!type.decl && (name === 'Rc' || name === 'Arc')) {
    // `Arc<Mutex<Vec<Arc<T>>>>`: what is stored goes into the inner one.
    return (type.args[0] && depth < 6 && countedIn(type.args[0], depth + 1)) || name;
  }
  if (type.decl || name === 'Weak' || depth > 6) return handleOf(type.decl);
  for (const arg of type.args) {
    const found = countedIn(arg, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/**
 * Whether one local keeps another alive by its fields, as far as this function shows: it was made of it
 * (`Rc::new(Node { left: child })`), the other was taken from its fields, or a store puts it there.
 */
export function keeps(
  fn: Fn,
  owner: Binding | 'self',
  other: Binding | 'self',
  stores: readonly StrongStore[],
): NodeId {
  const store = stores.find((s) => s.fn === fn && same(s.holder, owner) && same(s.stored, other));
  if (store) return store.node;
  const built = owner !== 'self' && owner.value >= 0 ? owner.value : -1;
  if (other === 'self') return built >= 0 && builtOfSelf(fn, built) ? built : -1;
  if (built >= 0 && builtOf(fn, built, other)) return built;
  return other.value >= 0 && takenFrom(fn, other.value, owner) ? other.value : -1;
}

function same(a: Binding | 'self', b: Binding | 'self'): boolean {
  return a === 'self' || b === 'self' ? a === b : a.node === b.node;
}

/** A struct literal in the value has the local in a field. */
function builtOf(fn: Fn, value: NodeId, other: Binding): boolean {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = value; n < code.after(value); n++) {
    if (code.kind(n) !== Kind.FieldInit) continue;
    for (let m = n; m < code.after(n); m++) {
      // `owner: Arc::downgrade(&owner)`
      if (CALLS[code.kind(m)] === 1 && callName(code, m) === 'downgrade') {
        m = code.after(m) - 1;
        continue;
      }
      if (code.kind(m) !== Kind.Name || code.kind(code.parent(m)) === Kind.Field) continue;
      const b = scope.lookup(code.name(m), code.start(m));
      // `let server = Rc::clone(shared); Rc::new(Connection { server })`
      const isHandle = b !== undefined && b.name !== other.name && b.value >= 0 && isClone(fn, b.value);
      if (b && same(isHandle ? followed(fn, b) : b, other)) return true;
    }
  }
  return false;
}

/** `Arc::new(Member { room: Arc::clone(self) })` in a method of `self: &Arc<Self>`. */
function builtOfSelf(fn: Fn, value: NodeId): boolean {
  const code = fn.code;
  for (let n = value; n < code.after(value); n++)
    if (code.kind(n) === Kind.FieldInit && cloneOf(fn, code.child(n, Role.Value)) === 'self') return true;
  return false;
}

/** The value names a field of the owner, and no `Weak` is upgraded for it. */
function takenFrom(fn: Fn, value: NodeId, owner: Binding | 'self'): boolean {
  const code = fn.code;
  for (let n = value; n < code.after(value); n++) {
    if (code.is(n, Kind.MethodCall, 'upgrade')) return false;
    if (code.kind(n) !== Kind.Field) continue;
    const of = fieldOf(fn, n);
    const fact = of?.decl.fact.fields.find((f) => f.name === of.field);
    const type = fact && of && Values.of(fn.package.program).types.at(of.decl.file, fact.type);
    if (of && same(of.holder, owner) && type && countedIn(type)) return true;
  }
  return false;
}

/** A value that is given to what it refers back to by a field of its own. */
export interface BackReference {
  readonly fn: Fn;
  /** The assignment or call that gives it away. */
  readonly node: NodeId;
  /** The field that holds the value from then on. */
  readonly into: { readonly decl: TypeDecl; readonly field: string };
  /** The field of the value that refers back, and where it is filled. */
  readonly decl: TypeDecl;
  readonly field: string;
  readonly filled: NodeId;
}

/**
 * Every value, outside tests, that is made with a strong reference to what it is then stored in:
 * `room.members.lock().push(Member { room: room.clone() })`, also through a local and a constructor that keeps what it
 * is given.
 */
export function backReferences(pkg: Package): BackReference[] {
  return storesOf(pkg).flatMap(({ fn, node, target, values }) => {
    const into = fieldOf(fn, target);
    if (!into) return [];
    return values.flatMap((value) => {
      const back = madeWith(fn, value, into.holder);
      return back ? [{ fn, node, into, ...back }] : [];
    });
  });
}

/** The field of a stored value that was filled with a clone of its holder. */
function madeWith(
  fn: Fn,
  stored: NodeId,
  holder: Binding | 'self',
  depth = 0,
): Pick<BackReference, 'decl' | 'field' | 'filled'> | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  let made = stored;
  for (let i = 0; made >= 0 && i < 8; i++) {
    const kind = code.kind(made);
    if (kind === Kind.Call && wraps(fn, made)) made = code.child(made, Role.Arg);
    // `Arc::clone(&member)`: the same value.
    else if (kind === Kind.Call && isClone(fn, made)) made = code.child(made, Role.Arg);
    else if (kind === Kind.Unary) made = code.child(made, Role.Object);
    else if (kind === Kind.Name) {
      const b = values.scope(fn).lookup(code.name(made), code.start(made));
      if (b?.source !== 'value' || b.value < 0) return undefined;
      made = b.value;
    } else if (kind === Kind.MethodCall && code.name(made) === 'clone') made = code.child(made, Role.Object);
    else break;
  }
  if (made < 0) return undefined;
  const refersTo = (n: NodeId) => {
    const of = isClone(fn, n) || code.kind(n) === Kind.Call ? cloneOf(fn, n) : undefined;
    return of !== undefined && same(of, holder);
  };
  if (code.kind(made) === Kind.Composite) {
    for (const init of code.children(made)) {
      const value = code.kind(init) === Kind.FieldInit ? code.child(init, Role.Value) : -1;
      if (value >= 0 && refersTo(value)) {
        const decl = values.declOf(fn, made);
        return decl && { decl, field: code.name(init), filled: init };
      }
      // What it holds may hold it in turn: `Pump { worker: Handle(worker) }`.
      const further = value >= 0 && depth < 2 ? madeWith(fn, value, holder, depth + 1) : undefined;
      if (further) return further;
    }
    return undefined;
  }
  if (code.kind(made) !== Kind.Call) return undefined;
  const [target, ...others] = values.callees(fn, made);
  if (!target || others.length > 0) return undefined;
  const args = code.all(made, Role.Arg);
  const index = args.findIndex(refersTo);
  const kept = index < 0 ? undefined : keptParameter(target, index);
  if (kept) return { ...kept, filled: made };
  // `Trie::new(Releaser { manager: Arc::clone(self) })`: what it keeps holds it in turn.
  for (const [i, arg] of args.entries()) {
    const further = depth < 2 && keptParameter(target, i) ? madeWith(fn, arg, holder, depth + 1) : undefined;
    if (further) return further;
  }
  return undefined;
}

/** `Arc::new(value)`, `Handle(value)` */
function wraps(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  const callee = code.name(code.child(call, Role.Callee));
  return (
    wrapping.test(callee) ||
    (/(^|::)[A-Z]\w*$/.test(callee) &&
      fn.package.typesNamed(lastSegment(callee)).some((t) => handleOf(t) !== undefined))
  );
}

const wrapping = /(^|::)(Some|(Rc|Arc|Box|RefCell|Cell|Mutex|RwLock)::new)$/;

/** The field that a constructor puts a parameter into as it is. */
function keptParameter(fn: Fn, index: number): Pick<BackReference, 'decl' | 'field'> | undefined {
  const code = fn.code;
  const param = fn.fact.params[index];
  const name = param === undefined ? '' : code.name(code.child(param, Role.Pattern));
  if (name === '' || fn.fact.receiver !== '') return undefined;
  const { first: body, after } = fn;
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.FieldInit) continue;
    let value = code.child(n, Role.Value);
    while (code.kind(value) === Kind.Call && wrapping.test(code.name(code.child(value, Role.Callee))))
      value = code.child(value, Role.Arg);
    if (!code.is(value, Kind.Name, name)) continue;
    const decl = Values.of(fn.package.program).declOf(fn, code.parent(n));
    return decl && { decl, field: code.name(n) };
  }
  return undefined;
}

/** A closure or task that is kept in a field of what it keeps alive itself. */
export interface CapturedOwner {
  readonly fn: Fn;
  /** The store. */
  readonly node: NodeId;
  readonly decl: TypeDecl;
  readonly field: string;
  /** The closure or async block, and the name in it that is a strong reference to the owner. */
  readonly closure: NodeId;
  readonly name: NodeId;
  /** A task that loops without an end; else a callback. */
  readonly task: boolean;
}

/** Every callback or endless task that a crate stores in a field of what it has captured, outside tests. */
export function capturedOwners(pkg: Package): CapturedOwner[] {
  return [...storedCallbacks(pkg), ...registeredCallbacks(pkg)];
}

/**
 * `connection.on_message(move |m| this.count(m))`, where the method puts the closure into a field of its own: `this` is the
 * connection again, or what has the connection as a part.
 */
function registeredCallbacks(pkg: Package): CapturedOwner[] {
  const out: CapturedOwner[] = [];
  const values = Values.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    for (
      let n = code.next(CLOSURES, fn.first, fn.after);
      n < fn.after;
      n = code.next(CLOSURES, n + 1, fn.after)
    ) {
      let given = n;
      while (
        code.is(code.parent(given), Kind.Call) &&
        wrapping.test(code.name(code.child(code.parent(given), Role.Callee)))
      )
        given = code.parent(given);
      const call = code.parent(given);
      if (code.role(given) !== Role.Arg || !code.is(call, Kind.MethodCall)) continue;
      const owner = rootOf(fn, wholeOf(fn, code.child(call, Role.Object)));
      const found = owner && captured(fn, n, owner);
      if (!found || found.task) continue;
      const [target, ...others] = values.callees(fn, call);
      const into =
        target && others.length === 0 ? keptIn(target, code.all(call, Role.Arg).indexOf(given)) : undefined;
      if (into) out.push({ fn, node: call, ...into, ...found });
    }
  }
  return out;
}

/** `session` of `session.channel`: what a part goes with, unless it is only referred to. */
function wholeOf(fn: Fn, part: NodeId): NodeId {
  const values = Values.of(fn.package.program);
  let n = part;
  while (fn.code.kind(n) === Kind.Field) {
    const type = values.typeOf(fn, n);
    if (!type || /^(&|&mut|Weak)$/.test(lastSegment(type.name))) break;
    n = fn.code.child(n, Role.Object);
  }
  return n;
}

/** The field of its own object that a method puts a parameter into. */
function keptIn(method: Fn, index: number): Pick<CapturedOwner, 'decl' | 'field'> | undefined {
  const { code } = method;
  const param = method.fact.params[index];
  const name = param === undefined ? '' : code.name(code.child(param, Role.Pattern));
  if (name === '') return undefined;
  for (
    let n = code.next(WANTED, method.first, method.after);
    n < method.after;
    n = code.next(WANTED, n + 1, method.after)
  ) {
    const store = storeIn(method, n);
    const into = store && fieldOf(method, store.target);
    if (into?.holder !== 'self') continue;
    const isKept = (value: NodeId) => {
      let at = value;
      while (code.kind(at) === Kind.Call && wrapping.test(code.name(code.child(at, Role.Callee))))
        at = code.child(at, Role.Arg);
      return code.is(at, Kind.Name, name);
    };
    if (store?.values.some(isKept)) return { decl: into.decl, field: into.field };
  }
  return undefined;
}

function storedCallbacks(pkg: Package): CapturedOwner[] {
  return storesOf(pkg).flatMap(({ fn, node, target, values }) => {
    const into = fieldOf(fn, target);
    if (!into) return [];
    return values.flatMap((value) => {
      const found = captured(fn, madeAs(fn, value), into.holder);
      return found ? [{ fn, node, decl: into.decl, field: into.field, ...found }] : [];
    });
  });
}

/** `let callback = Box::new(move |n| …); *slot = Some(callback);`: what the stored local was made as, or the value itself. */
function madeAs(fn: Fn, value: NodeId): NodeId {
  const { code } = fn;
  let n = value;
  while (code.kind(n) === Kind.Call && wrapping.test(code.name(code.child(n, Role.Callee))))
    n = code.child(n, Role.Arg);
  if (!code.is(n, Kind.Name)) return value;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
  return b?.source === 'value' && b.value >= 0 ? b.value : value;
}

function captured(
  fn: Fn,
  value: NodeId,
  owner: Binding | 'self',
): Pick<CapturedOwner, 'closure' | 'name' | 'task'> | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  for (let n = value; value >= 0 && n < code.after(value); n++) {
    const kind = code.kind(n);
    if (kind !== Kind.Closure && kind !== Kind.AsyncBlock) continue;
    const spawned = isSpawned(fn, n);
    if (spawned ? !isEndless(fn, n) : kind !== Kind.Closure) continue;
    for (let m = n; m < code.after(n); m++) {
      if (code.kind(m) !== Kind.Name || code.name(m) === 'self') continue;
      const b = values.scope(fn).lookup(code.name(m), code.start(m));
      if (!b || code.within(b.node, n) || b.value < 0 || !isClone(fn, b.value)) continue;
      const of = cloneOf(fn, b.value);
      if (of !== undefined && same(of, owner)) return { closure: n, name: m, task: spawned };
    }
  }
  return undefined;
}

/** The closure or async block is the argument of something that starts it. */
function isSpawned(fn: Fn, closure: NodeId): boolean {
  const code = fn.code;
  const call = code.parent(closure);
  const kind = code.kind(call);
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
  const callee = code.child(call, Role.Callee);
  return /(^|::)spawn\w*$/.test(callee < 0 ? code.name(call) : code.name(callee));
}

/** A `loop` that nothing leaves. */
function isEndless(fn: Fn, root: NodeId): boolean {
  const code = fn.code;
  for (let n = root; n < code.after(root); n++) {
    if (!code.is(n, Kind.Loop, 'loop')) continue;
    let leaves = false;
    for (let m = n; m < code.after(n); m++)
      if (code.kind(m) === Kind.Break || code.kind(m) === Kind.Return || code.kind(m) === Kind.Try)
        leaves = true;
    return !leaves;
  }
  return false;
}
