/** Rust: tasks that hold what would end them: the owner of the sender whose receiver they wait at. */
import { subscribingMethods, taskWrappers } from '../../knowledge/rust-ownership.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { answersOf } from '../calls/exits.ts';
import type { Fn, Package, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { cloneOf } from './rust-cycles.ts';

/** A task that waits for messages of a sender, and keeps the owner of that sender alive. */
export interface HeldOwner {
  readonly fn: Fn;
  /** The call that starts it. */
  readonly node: NodeId;
  /** The owner, and the field with the sender. */
  readonly decl: TypeDecl;
  readonly field: string;
  /** The strong reference that the task takes with it. */
  readonly name: NodeId;
}

type Owner = Binding | 'self';

/** Code that a task runs, and what its names stand for where it is started. */
interface Task {
  readonly fn: Fn;
  readonly root: NodeId;
  readonly originOf: (receiver: NodeId) => Origin | undefined;
}

/** Whose sender the messages of a receiver come from. */
interface Origin {
  readonly owner: Owner;
  readonly field: string;
}

/** Every task of a crate, outside tests, whose handle is dropped and which only the end of what it holds would end. */
export function ownersHeldByTasks(pkg: Package): HeldOwner[] {
  const out: HeldOwner[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
      if (!/^spawn(_local)?$/.test(lastSegment(callName(code, n))) || !isDropped(code, n)) continue;
      const found = heldBy(fn, n);
      if (found) out.push(found);
    }
  }
  return out;
}

/** Nobody keeps the handle: the task can neither be stopped nor waited for. */
function isDropped(code: Code, call: NodeId): boolean {
  const up = code.parent(call);
  if (code.kind(up) === Kind.Block) return code.role(call) === Role.Statement;
  return code.is(up, Kind.Let) && code.name(code.child(up, Role.Pattern)).startsWith('_');
}

function heldBy(fn: Fn, call: NodeId): HeldOwner | undefined {
  const { code } = fn;
  let given = code.all(call, Role.Arg).at(-1) ?? -1;
  while (code.is(given, Kind.MethodCall) && taskWrappers.test(code.name(given)))
    given = code.child(given, Role.Object);
  const task = taskOf(fn, given);
  const origin = task && awaitedBy(task);
  const decl = origin && declOf(fn, origin.owner);
  if (!decl || !sendsThrough(fn, decl, origin.field)) return undefined;
  for (let n = given; n < code.after(given); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
    // What is declared inside is no handle that the task was given.
    if (b && code.within(b.node, given)) continue;
    const held = cloneOf(fn, n);
    if (held && isSame(held, origin.owner)) return { fn, node: call, decl, field: origin.field, name: n };
  }
  return undefined;
}

/** `async move { … }`, `move || …`, or `follow(session, changes)` of the workspace. */
function taskOf(fn: Fn, given: NodeId): Task | undefined {
  const { code } = fn;
  const kind = code.kind(given);
  if (kind === Kind.AsyncBlock || kind === Kind.Closure)
    return { fn, root: given, originOf: (receiver) => originOf(fn, receiver) };
  const [run, ...others] = kind === Kind.Call ? Values.of(fn.package.program).callees(fn, given) : [];
  if (!run || others.length > 0 || run.first >= run.after) return undefined;
  const args = code.all(given, Role.Arg);
  return {
    fn: run,
    root: run.first,
    originOf: (receiver) => {
      const b = Values.of(fn.package.program)
        .scope(run)
        .lookup(run.code.name(receiver), run.code.start(receiver));
      const arg = b?.source === 'parameter' ? args[b.index] : undefined;
      return arg === undefined ? undefined : originOf(fn, arg);
    },
  };
}

/** Where the messages come from that the only loop of a task waits for, when nothing but their end ends it. */
function awaitedBy({ fn, root, originOf }: Task): Origin | undefined {
  const { code } = fn;
  for (let n = root; n < code.after(root); n++) {
    if (code.kind(n) !== Kind.Loop) continue;
    const receiver = receiverIn(code, n);
    return receiver >= 0 && !leavesOtherwise(code, n) ? originOf(receiver) : undefined;
  }
  return undefined;
}

/** The name of the receiver that each turn of a loop asks first, or -1. */
function receiverIn(code: Code, loop: NodeId): NodeId {
  const iter = code.child(loop, Role.Iter);
  if (code.kind(iter) === Kind.Name) return iter;
  for (let n = loop; n < code.after(loop); n++) {
    const object = code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1;
    if (/^(blocking_)?recv(_async)?$|^changed$/.test(code.name(n)) && code.kind(object) === Kind.Name)
      return object;
  }
  return -1;
}

/** Something besides the end of the channel leaves the loop: a message, an error of the work, another arm of a select. */
function leavesOtherwise(code: Code, loop: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind !== Kind.Break && kind !== Kind.Return && kind !== Kind.Try) continue;
    const way = code.ancestor(
      n,
      (a) => a === loop || code.kind(a) === Kind.Arm || code.role(a) === Role.Else,
    );
    const isEnd =
      code.kind(way) === Kind.Arm
        ? code.all(way, Role.Pattern).some((p) => /(^|::)(Err|None|_)?$/.test(code.name(p)))
        : way !== loop && code.kind(code.parent(way)) === Kind.Let;
    if (kind === Kind.Try || !isEnd) return true;
  }
  return false;
}

/** Whose sender a receiving end belongs to: `session.subscribe()`, or the other end of what a literal was given. */
function originOf(fn: Fn, n: NodeId, depth = 0): Origin | undefined {
  const { code } = fn;
  const values = Values.of(fn.package.program);
  const kind = code.kind(n);
  if (depth > 3) return undefined;
  if (kind === Kind.Unary || kind === Kind.Await || kind === Kind.Try)
    return originOf(fn, code.child(n, Role.Object), depth + 1);
  if (kind === Kind.Name) {
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b || b.value < 0) return undefined;
    if (b.source === 'part') return b.index === 1 ? givenTo(fn, b) : undefined;
    return b.source === 'value' ? originOf(fn, b.value, depth + 1) : undefined;
  }
  if (kind !== Kind.MethodCall) return undefined;
  const object = code.child(n, Role.Object);
  if (code.kind(object) === Kind.Field) {
    const owner = subscribingMethods.test(code.name(n)) && cloneOf(fn, code.child(object, Role.Object));
    return owner ? { owner, field: code.name(object) } : undefined;
  }
  const owner = cloneOf(fn, object);
  const field = owner && subscribedField(values.callees(fn, n));
  return field ? { owner, field } : undefined;
}

/** `self.changes` of a method that answers `self.changes.subscribe()`. */
function subscribedField([method, ...others]: readonly Fn[]): string | undefined {
  if (!method || others.length > 0) return undefined;
  const { code } = method;
  for (const answer of answersOf(method, 0)) {
    const from =
      code.kind(answer) === Kind.MethodCall && subscribingMethods.test(code.name(answer))
        ? code.child(answer, Role.Object)
        : -1;
    if (code.kind(from) === Kind.Field && code.is(code.child(from, Role.Object), Kind.Name, 'self'))
      return code.name(from);
  }
  return undefined;
}

/** `let (tx, rx) = channel(); let session = Arc::new(Session { tx, … })`: who has the sender that belongs to a receiver. */
function givenTo(fn: Fn, receiver: Binding): Origin | undefined {
  const { code } = fn;
  const pattern = code.parent(receiver.node);
  const sender = code.children(pattern)[0];
  for (let n = code.after(pattern); sender !== undefined && n < fn.after; n++) {
    const value = code.kind(n) === Kind.FieldInit ? code.child(n, Role.Value) : -1;
    const given = code.is(value, Kind.MethodCall, 'clone') ? code.child(value, Role.Object) : value;
    const isSender =
      code.is(given, Kind.Name, code.name(sender)) || (value < 0 && code.name(n) === code.name(sender));
    if (code.kind(n) !== Kind.FieldInit || !isSender) continue;
    const statement = code.ancestor(n, (a) => code.kind(a) === Kind.Let);
    const name = statement < 0 ? '' : code.name(code.child(statement, Role.Pattern));
    const owner = Values.of(fn.package.program).scope(fn).lookup(name, code.end(statement));
    return owner && { owner, field: code.name(n) };
  }
  return undefined;
}

function declOf(fn: Fn, owner: Owner): TypeDecl | undefined {
  const values = Values.of(fn.package.program);
  const type = owner === 'self' ? values.ownerType(fn) : values.bindingType(fn, owner);
  return type && unwrapped(type).decl;
}

/** The field is a sender, and no weak one. */
function sendsThrough(fn: Fn, decl: TypeDecl, field: string): boolean {
  const fact = decl.fact.fields.find((f) => f.name === field);
  const type = fact && Values.of(fn.package.program).types.at(decl.file, fact.type);
  return type !== undefined && /^(Unbounded|Sync)?Sender$/.test(lastSegment(unwrapped(type).name));
}

function isSame(a: Owner, b: Owner): boolean {
  return a === 'self' || b === 'self' ? a === b : a.node === b.node;
}
