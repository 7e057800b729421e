import { keepingMethods, lendingMethods } from '../knowledge/rust-ownership.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { callName } from './call-name.ts';
import type { Fn, Package, TypeDecl } from './program.ts';
import type { Binding } from './scope.ts';
import { lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

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
  const out: StrongStore[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      if (kind === Kind.Assign && code.name(n) === '=') {
        const found = storeAt(fn, n, code.child(n, Role.Target), code.child(n, Role.Value));
        if (found) out.push(found);
      } else if (kind === Kind.MethodCall && keepingMethods.test(code.name(n)))
        for (const arg of code.all(n, Role.Arg)) {
          const found = storeAt(fn, n, code.child(n, Role.Object), arg);
          if (found) out.push(found);
        }
    }
  }
  return out;
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
    else return undefined;
  }
  return undefined;
}

/** The only type of a crate that has a field of this name: what an iterator hands out is seldom known by its type. */
function onlyOwnerOf(pkg: Package, field: string): TypeDecl | undefined {
  const owners = pkg.types.filter((t) => !t.isTest && t.fact.fields.some((f) => f.name === field));
  return owners.length === 1 ? owners[0] : undefined;
}

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
    if (kind === Kind.MethodCall && lendingMethods.test(code.name(at))) at = code.child(at, Role.Object);
    else if (kind === Kind.Unary || kind === Kind.Try) at = code.child(at, Role.Object);
    else return undefined;
  }
  return undefined;
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

/** `Some(Rc::clone(&x))`, `x.clone()`, `x` of a counted type, `Arc::new(x)`: the local that is kept alive. */
function cloneOf(fn: Fn, n: NodeId): Binding | 'self' | undefined {
  const code = fn.code;
  let at = n;
  let isCounted = false;
  for (let i = 0; at >= 0 && i < 8; i++) {
    const kind = code.kind(at);
    if (kind === Kind.Call) {
      const callee = code.name(code.child(at, Role.Callee));
      if (!/(^|::)(Some|Rc::(clone|new)|Arc::(clone|new)|(Box|RefCell|Mutex|RwLock)::new)$/.test(callee))
        return undefined;
      isCounted ||= /(^|::)(Rc|Arc)::new$/.test(callee);
      at = code.child(at, Role.Arg);
    } else if (kind === Kind.MethodCall && code.name(at) === 'clone') at = code.child(at, Role.Object);
    else if (kind === Kind.Unary) at = code.child(at, Role.Object);
    else if (kind === Kind.Name) {
      const b = code.name(at) === 'self' ? 'self' : rootOf(fn, at);
      if (b === 'self') return isCountedSelf(fn) ? b : undefined;
      const values = Values.of(fn.package.program);
      const type = b && values.bindingType(fn, b);
      return b && (isCounted || (type && countedAround(type) !== undefined)) ? b : undefined;
    } else return undefined;
  }
  return undefined;
}

/** `self: &Rc<Self>`, `self: Arc<Self>`. */
function isCountedSelf(fn: Fn): boolean {
  const text = fn.package.text(fn.file.facts.file).slice(fn.fact.span.start, fn.code.start(fn.range[0]));
  return /\bself\s*:\s*&?\s*(std::\w+::)?(Rc|Arc)\s*</.test(text);
}

/** The counter right around a value, references and options taken off. */
function countedAround(type: TypeRef): string | undefined {
  return peel(type).wrappers.find((w) => w === 'Rc' || w === 'Arc');
}

/** A strong counter somewhere in a field's type: in an option, a cell, a list or the values of a map. */
export function countedIn(type: TypeRef, depth = 0): string | undefined {
  const name = lastSegment(type.name);
  if (!type.decl && (name === 'Rc' || name === 'Arc')) {
    // `Arc<Mutex<Vec<Arc<T>>>>`: what is stored goes into the inner one.
    return (type.args[0] && depth < 6 && countedIn(type.args[0], depth + 1)) || name;
  }
  if (type.decl || name === 'Weak' || depth > 6) return undefined;
  for (const arg of type.args) {
    const found = countedIn(arg, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** How one value keeps another alive. */
export interface Keeping {
  readonly node: NodeId;
  /** The field that holds it, where the owner was made with it, in a literal that is not the counted one itself. */
  readonly back?: { readonly decl: TypeDecl; readonly field: string };
}

/**
 * Whether one local keeps another alive by its fields, as far as this function shows: it was made of it
 * (`Rc::new(Node { left: child })`, `Member::new(room.clone())`), the other was taken from its fields, or a store puts it there.
 */
export function keeps(
  fn: Fn,
  owner: Binding | 'self',
  other: Binding | 'self',
  stores: readonly StrongStore[],
): Keeping | undefined {
  const store = stores.find((s) => s.fn === fn && same(s.holder, owner) && same(s.stored, other));
  if (store) return { node: store.node };
  const built = owner !== 'self' && owner.value >= 0 ? owner.value : -1;
  const back = built < 0 ? undefined : builtOf(fn, built, other);
  if (back) return { node: built, ...(isCountedBy(fn, owner, back.decl) ? {} : { back }) };
  const isTaken = other !== 'self' && other.value >= 0 && takenFrom(fn, other.value, owner);
  return isTaken ? { node: other.value } : undefined;
}

/** `let member = Arc::new(Member { … })`: the local is a counted reference to what has the field. */
function isCountedBy(fn: Fn, owner: Binding | 'self', decl: TypeDecl): boolean {
  const type = owner === 'self' ? undefined : Values.of(fn.package.program).bindingType(fn, owner);
  return type !== undefined && countedAround(type) !== undefined && peel(type).type.decl === decl;
}

function same(a: Binding | 'self', b: Binding | 'self'): boolean {
  return a === 'self' || b === 'self' ? a === b : a.node === b.node;
}

/** The strong field of a literal in the value that has the local, or of what a function makes of it: `Member::new(room.clone())`. */
function builtOf(fn: Fn, value: NodeId, other: Binding | 'self'): Keeping['back'] {
  const code = fn.code;
  const isOther = (n: NodeId) => {
    const of = cloneOf(fn, n);
    return of !== undefined && same(of, other);
  };
  for (let n = value; n < code.after(value); n++) {
    const kind = code.kind(n);
    if (kind === Kind.FieldInit && (isOther(code.child(n, Role.Value)) || holds(fn, n, other))) {
      const field = strongField(fn, n);
      if (field) return field;
    }
    if (kind !== Kind.Call) continue;
    const index = code.all(n, Role.Arg).findIndex(isOther);
    const [callee, ...others] = index < 0 ? [] : Values.of(fn.package.program).callees(fn, n);
    const field = callee && others.length === 0 ? keptParameter(callee, index) : undefined;
    if (field) return field;
  }
  return undefined;
}

/** `children: RefCell::new(vec![child])`: somewhere in the value stands the local itself, and not only a weak reference to it. */
function holds(fn: Fn, init: NodeId, other: Binding | 'self'): boolean {
  const code = fn.code;
  if (other === 'self') return false;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = init; n < code.after(init); n++)
    if (
      code.is(n, Kind.Name, other.name) &&
      scope.lookup(other.name, code.start(n))?.node === other.node &&
      code.kind(code.parent(n)) !== Kind.Field &&
      !isWeakened(code, n, init)
    )
      return true;
  return false;
}

/** `Arc::downgrade(&x)` */
function isWeakened(code: Code, n: NodeId, within: NodeId): boolean {
  const call = code.ancestor(n, (a) => code.kind(a) === Kind.Call || code.kind(a) === Kind.MethodCall);
  return call > within && /(^|::)downgrade$/.test(callName(code, call));
}

/** The field with a strong reference that a FieldInit fills. */
function strongField(fn: Fn, init: NodeId): Keeping['back'] {
  const code = fn.code;
  const { types } = Values.of(fn.package.program);
  const decl = Values.of(fn.package.program).declOf(fn, code.parent(init));
  const fact = decl?.fact.fields.find((f) => f.name === code.name(init));
  const type = decl && fact && types.at(decl.file, fact.type);
  return type && countedIn(type) ? { decl, field: fact.name } : undefined;
}

/** The strong field that a function puts one of its parameters into. */
function keptParameter(fn: Fn, index: number): Keeping['back'] {
  const code = fn.code;
  const param = fn.fact.params[index];
  const pattern = param === undefined ? -1 : code.child(param, Role.Pattern);
  for (let n = fn.range[0]; pattern >= 0 && n < fn.range[1]; n++)
    if (
      code.kind(n) === Kind.FieldInit &&
      code.is(code.child(n, Role.Value), Kind.Name, code.name(pattern))
    ) {
      const field = strongField(fn, n);
      if (field) return field;
    }
  return undefined;
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
  const out: CapturedOwner[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      const isStore = kind === Kind.MethodCall && keepingMethods.test(code.name(n));
      if (!isStore && !(kind === Kind.Assign && code.name(n) === '=')) continue;
      const target = code.child(n, isStore ? Role.Object : Role.Target);
      const into = fieldOf(fn, target);
      if (!into) continue;
      for (const value of isStore ? code.all(n, Role.Arg) : [code.child(n, Role.Value)]) {
        const found = captured(fn, value, into.holder);
        if (found) out.push({ fn, node: n, decl: into.decl, field: into.field, ...found });
      }
    }
  }
  return out;
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
