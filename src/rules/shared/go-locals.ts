/** What happens to a Go local between two places: its uses, and whether the memory it names stays as it is. */
import { goReadOnly, goViews, goWriters } from '../../knowledge/go-copies.ts';
import type { Fn, Package, TypeDecl } from '../../program/program.ts';
import { withoutMajor } from '../../program/types/go-types.ts';
import type { Binding } from '../../program/types/scope.ts';
import { peel } from '../../program/types/types.ts';
import type { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** Every Name that means the binding, in source order. */
export function usesOf(values: Values, fn: Fn, binding: Binding): NodeId[] {
  const { code } = fn;
  const { first: body, after } = fn;
  const scope = values.scope(fn);
  const out: NodeId[] = [];
  for (let n = body; n < after; n++)
    if (code.kind(n) === Kind.Name && code.name(n) === binding.name && code.start(n) >= binding.from)
      if (scope.lookup(binding.name, code.start(n))?.node === binding.node) out.push(n);
  return out;
}

/** The Name a plain operand begins with: `m` of `m.Value`, `b` of `b[i:]`, `&b`, `*b`. -1 for anything with a call. */
export function rootOf(fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  let at = n;
  for (;;) {
    switch (at < 0 ? -1 : code.kind(at)) {
      case Kind.Name:
        return at;
      case Kind.Field:
        at = code.child(at, Role.Object);
        break;
      case Kind.Slice:
        for (const role of [Role.Low, Role.High, Role.Count] as const) {
          const bound = code.child(at, role);
          if (bound >= 0 && !isPlain(fn, bound)) return -1;
        }
        at = code.child(at, Role.Object);
        break;
      case Kind.Index: {
        const index = code.child(at, Role.Index);
        if (!isPlain(fn, index)) return -1;
        at = code.child(at, Role.Object);
        break;
      }
      case Kind.Unary:
        if (!/^[&*]$/.test(code.name(at))) return -1;
        at = code.child(at, Role.Object);
        break;
      default:
        return -1;
    }
  }
}

/** A number, name, field or sum of these: reading it twice gives the same, and costs nothing. */
function isPlain(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  for (let i = n; i < code.after(n); i++) {
    const kind = code.kind(i);
    if (kind === Kind.Call && code.is(code.child(i, Role.Callee), Kind.Name, 'len')) continue;
    if (kind !== Kind.Name && kind !== Kind.Number && kind !== Kind.Field && kind !== Kind.Binary)
      return false;
  }
  return true;
}

/** The path of the package function a MethodCall calls, as `path` and name; undefined for methods. */
export function packageFunction(
  values: Values,
  fn: Fn,
  call: NodeId,
): { readonly path: string; readonly name: string } | undefined {
  if (fn.code.kind(call) !== Kind.MethodCall) return undefined;
  const path = values.goPackage(fn, fn.code.child(call, Role.Object));
  return path === undefined ? undefined : { path: withoutMajor(path), name: fn.code.name(call) };
}

/** True for a call that only reads its arguments: nothing is changed, kept, or handed back in part. */
export function onlyReads(values: Values, fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (code.kind(call) === Kind.Cast) return true;
  if (code.kind(call) === Kind.Call) {
    const callee = code.child(call, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Name) return false;
    const name = code.name(callee);
    if (values.scope(fn).lookup(name, code.start(callee))) return false;
    return /^(len|cap|string|min|max|print|println)$/.test(name);
  }
  const called = packageFunction(values, fn, call);
  if (!called && code.is(call, Kind.MethodCall, 'Write')) {
    const type = values.typeOf(fn, code.child(call, Role.Object));
    return type !== undefined && goWriters.test(peel(type).type.name);
  }
  if (!called || !Object.hasOwn(goReadOnly, called.path)) return false;
  const names = goReadOnly[called.path] as string;
  return names === '*' || names.split(' ').includes(called.name);
}

/**
 * What may change, between two offsets, the memory an operand reads: the node that does, or -1 when nothing can be
 * seen to. Any call that gets hold of the operand counts, unless it is known to only read; a string changes only by
 * assignment.
 */
export function changeBetween(
  values: Values,
  fn: Fn,
  operand: NodeId,
  from: number,
  to: number,
  immutable = false,
): NodeId {
  const { code } = fn;
  const root = rootOf(fn, operand);
  const names = new Set(namesIn(values, fn, operand));
  if (root >= 0) {
    const owner = viewOwner(values, fn, root);
    if (owner !== undefined) names.add(owner);
  }
  /** Names through which a call can reach the memory. */
  const holders = root >= 0 ? new Set([code.name(root)]) : names;
  const { first: body, after } = fn;
  for (let n = body; n < after; n++) {
    if (code.end(n) <= from || code.start(n) >= to) {
      // Nothing of a subtree that ends before the region lies in it.
      if (code.end(n) <= from) n = code.after(n) - 1;
      continue;
    }
    if (code.start(n) < from) continue;
    switch (code.kind(n)) {
      case Kind.Bind:
        if (names.has(code.name(n))) return n;
        break;
      case Kind.Assign:
        for (const target of code.all(n, Role.Target)) {
          const written = rootOf(fn, target);
          if (written >= 0 && names.has(code.name(written))) return n;
        }
        break;
      case Kind.Closure:
      case Kind.Spawn:
      case Kind.Send:
        if (!immutable && mentions(fn, n, holders)) return n;
        break;
      case Kind.MethodCall: {
        if (immutable) break;
        const object = rootOf(fn, code.child(n, Role.Object));
        if (object >= 0 && names.has(code.name(object)) && !values.goPackage(fn, object)) return n;
        if (takes(fn, n, holders) && !onlyReads(values, fn, n)) return n;
        break;
      }
      case Kind.Call:
        if (immutable || !takes(fn, n, holders) || onlyReads(values, fn, n)) break;
        if (code.is(code.child(n, Role.Callee), Kind.Name, 'append') && !isFirst(fn, n, holders)) break;
        if (code.is(code.child(n, Role.Callee), Kind.Name, 'copy') && !isFirst(fn, n, holders)) break;
        return n;
    }
  }
  return -1;
}

/** True when something is written to the node, or it is counted up. */
export function isTarget(fn: Fn, n: NodeId): boolean {
  return fn.code.role(n) === Role.Target;
}

/** True for a use that only reads elements of a slice or map, or hands it to something that does. */
export function isRead(values: Values, fn: Fn, use: NodeId): boolean {
  const { code } = fn;
  const p = code.parent(use);
  const role = code.role(use);
  switch (p < 0 ? -1 : code.kind(p)) {
    case Kind.Index:
      return role === Role.Object && !isTarget(fn, p) && !code.is(code.parent(p), Kind.Unary, '&');
    case Kind.Loop:
      return role === Role.Iter;
    case Kind.Binary:
      return true;
    case Kind.Call:
    case Kind.MethodCall:
      return role === Role.Arg && onlyReads(values, fn, p);
    default:
      return false;
  }
}

/** How many functions what is pointed to may be handed through. */
const MAX_HANDED = 2;

/** True where all that may be called only look at what the pointer points to that they are given there: none keeps or changes it. */
export function onlyLookAt(values: Values, fn: Fn, call: NodeId, arg: NodeId, depth = 0): boolean {
  const index = fn.code.all(call, Role.Arg).indexOf(arg);
  const targets = values.callees(fn, call);
  return (
    index >= 0 &&
    depth < MAX_HANDED &&
    targets.length > 0 &&
    targets.every((target) => looksOnly(values, target, index, depth))
  );
}

function looksOnly(values: Values, target: Fn, index: number, depth: number): boolean {
  const { code, fact } = target;
  const parameter = fact.params[index];
  const name = parameter === undefined ? '' : code.name(code.child(parameter, Role.Pattern));
  for (let n = target.first; n < target.after; n++) {
    if (name === '' || !code.is(n, Kind.Name, name)) continue;
    let at = n;
    let up = code.parent(at);
    while (
      code.role(at) === Role.Object &&
      (code.kind(up) === Kind.Field || code.kind(up) === Kind.Index || code.is(up, Kind.Unary, '*'))
    ) {
      at = up;
      up = code.parent(at);
    }
    const isLook =
      code.role(at) !== Role.Target &&
      (at === n
        ? isRead(values, target, n) || onlyLookAt(values, target, up, n, depth + 1)
        : !code.is(up, Kind.Unary, '&') && code.kind(up) !== Kind.Slice);
    if (!isLook || inClosure(target, n, target.first)) return false;
  }
  return name !== '';
}

const readFields = new WeakMap<Package, Map<string, boolean>>();

/**
 * True for a field of which every mention in its package only reads it: it is set where its struct is made, and never
 * again. Fields of one name count as one.
 */
export function onlyReadField(values: Values, decl: TypeDecl, name: string): boolean {
  const pkg = decl.file.package;
  let known = readFields.get(pkg);
  if (!known) {
    known = new Map();
    readFields.set(pkg, known);
  }
  let answer = known.get(name);
  if (answer === undefined) {
    answer = pkg.functions.every((fn) => {
      const { code } = fn;
      const { first: body, after } = fn;
      for (let n = body; n < after; n++)
        if (code.is(n, Kind.Field, name) && !isRead(values, fn, n) && !isSpread(fn, n)) return false;
      return true;
    });
    known.set(name, answer);
  }
  return answer;
}

/** `append(x, field...)`: the elements are copied. */
function isSpread(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const p = code.parent(n);
  return (
    code.is(p, Kind.Unary, '...') && code.is(code.child(code.parent(p), Role.Callee), Kind.Name, 'append')
  );
}

/** The end of the outermost loop that holds `inner` but not `outer`, else the end of `inner`. */
export function lastMoment(fn: Fn, inner: NodeId, outer: NodeId): number {
  const { code } = fn;
  let end = code.end(inner);
  for (let up = code.parent(inner); up >= 0; up = code.parent(up)) {
    if (code.within(outer, up)) break;
    if (code.kind(up) === Kind.Loop || code.kind(up) === Kind.Closure) end = code.end(up);
  }
  return end;
}

/** True when the node lies in a function literal that does not also hold `outer`. */
export function inClosure(fn: Fn, inner: NodeId, outer: NodeId): boolean {
  const { code } = fn;
  const closure = code.ancestor(inner, (a) => code.kind(a) === Kind.Closure);
  return closure >= 0 && !code.within(outer, closure);
}

/** The statement around a node that is a direct child of a block, or -1 when it stands in a header. */
export function blockStatement(fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  for (let at = n, up = code.parent(n); up >= 0; at = up, up = code.parent(up)) {
    if (code.kind(up) === Kind.Block) return at;
    if (code.kind(up) === Kind.Closure) return -1;
  }
  return -1;
}

/** The names an operand reads, packages and called functions left out. */
function namesIn(values: Values, fn: Fn, operand: NodeId): string[] {
  const { code } = fn;
  const out: string[] = [];
  for (let n = operand; n < code.after(operand); n++)
    if (code.kind(n) === Kind.Name && code.role(n) !== Role.Callee && !values.goPackage(fn, n))
      out.push(code.name(n));
  return out;
}

/** For `b := scanner.Bytes()` the name `scanner`: calling it again writes over `b`. */
function viewOwner(values: Values, fn: Fn, root: NodeId): string | undefined {
  const { code } = fn;
  const binding = values.scope(fn).lookup(code.name(root), code.start(root));
  const made = binding?.value ?? -1;
  if (made < 0 || code.kind(made) !== Kind.MethodCall) return undefined;
  const object = code.child(made, Role.Object);
  const type = values.typeOf(fn, object);
  if (!type || !goViews.has(`${peel(type).type.name}.${code.name(made)}`)) return undefined;
  const owner = rootOf(fn, object);
  return owner < 0 ? undefined : code.name(owner);
}

function takes(fn: Fn, call: NodeId, names: ReadonlySet<string>): boolean {
  return fn.code.all(call, Role.Arg).some((a) => mentions(fn, a, names));
}

function isFirst(fn: Fn, call: NodeId, names: ReadonlySet<string>): boolean {
  const first = fn.code.child(call, Role.Arg);
  return first >= 0 && mentions(fn, first, names);
}

function mentions(fn: Fn, n: NodeId, names: ReadonlySet<string>): boolean {
  const { code } = fn;
  for (let i = n; i < code.after(n); i++)
    if (code.kind(i) === Kind.Name && names.has(code.name(i))) return true;
  return false;
}
