import {
  manualTakes,
  plainTypes,
  pointerMethods,
  rawTakes,
  rustOwning,
} from '../../knowledge/rust-ownership.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn, Package, TypeDecl } from '../program.ts';
import { RustValues } from '../types/rust-values.ts';
import { lastSegment, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** A call after which nobody frees a value any more. */
export interface LeakSite {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly kind: 'forget' | 'leak' | 'into-raw' | 'manually-drop';
  /** As messages name it: `mem::forget`, `Box::leak`, `Arc::into_raw`. */
  readonly verb: string;
  /** The value, or -1. */
  readonly value: NodeId;
  /** What of it lives on the heap, for messages: `String`, `Vec`; undefined where its type is not known. */
  readonly heap: string | undefined;
}

/** Owners whose pointer has to come back: https://doc.rust-lang.org/std/boxed/struct.Box.html#method.into_raw */
const RAW_OWNERS = new Set(['Box', 'Rc', 'Arc', 'CString', 'Weak']);

/** All such calls of a crate outside tests, in source order. */
export function leakSites(pkg: Package): LeakSite[] {
  const out: LeakSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
      const kind = code.kind(n);
      const site =
        kind === Kind.Call ? callSite(fn, n) : kind === Kind.MethodCall ? methodSite(fn, n) : undefined;
      if (site) out.push(site);
    }
  }
  return out;
}

function callSite(fn: Fn, n: NodeId): LeakSite | undefined {
  const code = fn.code;
  const callee = code.child(n, Role.Callee);
  if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
  const value = code.child(n, Role.Arg);
  if (value < 0) return undefined;
  const path = fn.file.fullPath(code.name(callee));
  const segments = path.split('::');
  const [name, owner] = [segments.at(-1), segments.at(-2) ?? ''];
  const site = (kind: LeakSite['kind'], verb: string, heap: string | undefined): LeakSite => ({
    fn,
    node: n,
    kind,
    verb,
    value,
    heap,
  });
  if (name === 'forget' && owner === 'mem') return site('forget', 'mem::forget', heapOf(fn, value));
  if (name === 'leak' && /^(Box|Vec|String)$/.test(owner)) return site('leak', `${owner}::leak`, owner);
  if (name === 'into_raw' && RAW_OWNERS.has(owner)) return site('into-raw', `${owner}::into_raw`, owner);
  if (name === 'new' && owner === 'ManuallyDrop')
    return site('manually-drop', 'ManuallyDrop::new', heapOf(fn, value));
  return undefined;
}

function methodSite(fn: Fn, n: NodeId): LeakSite | undefined {
  const code = fn.code;
  const verb = code.name(n);
  if ((verb !== 'leak' && verb !== 'into_raw') || code.child(n, Role.Arg) >= 0) return undefined;
  const value = code.child(n, Role.Object);
  const type = RustValues.of(fn.package.program).typeOf(fn, value);
  const owner = type && !type.decl ? lastSegment(type.name) : '';
  if (verb === 'leak')
    return owner === 'String' || owner === 'Vec'
      ? { fn, node: n, kind: 'leak', verb: `${owner}::leak`, value, heap: owner }
      : undefined;
  return owner === 'CString' || isCString(fn, value)
    ? { fn, node: n, kind: 'into-raw', verb: 'CString::into_raw', value, heap: owner }
    : undefined;
}

/** `CString::new(text)?`, or a local that was made so. */
function isCString(fn: Fn, value: NodeId): boolean {
  const code = fn.code;
  let n = value;
  for (let i = 0; n >= 0 && i < 8; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Call) return /(^|::)CString::\w+$/.test(code.name(code.child(n, Role.Callee)));
    if (kind === Kind.Name)
      n = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
    else if (kind === Kind.MethodCall || kind === Kind.Try) n = code.child(n, Role.Object);
    else return false;
  }
  return false;
}

/** What an expression keeps on the heap; undefined where its type is not known, empty where it keeps nothing. */
function heapOf(fn: Fn, value: NodeId): string | undefined {
  const code = fn.code;
  const { program } = fn.package;
  const type = code.is(value, Kind.Name, 'self')
    ? Values.of(program).ownerType(fn)
    : RustValues.of(program).typeOf(fn, value);
  return type && heapOfType(program, type, 0);
}

function heapOfType(program: Package['program'], type: TypeRef, depth: number): string | undefined {
  const name = lastSegment(type.name);
  if (/^(&|&mut|\*|fn|never)$/.test(type.name) || plainTypes.test(name)) return '';
  if (type.decl) return depth > 3 ? undefined : heapOfDecl(program, type.decl, depth);
  if (HEAP.has(name) || Object.hasOwn(rustOwning, name)) return name;
  if (
    /^(Option|Result|Cell|RefCell|Mutex|RwLock|UnsafeCell|tuple|array|Pin|Wrapping|ManuallyDrop)$/.test(name)
  )
    return firstHeap(type.args.map((t) => heapOfType(program, t, depth + 1)));
  return undefined;
}

function heapOfDecl(program: Package['program'], decl: TypeDecl, depth: number): string | undefined {
  const { types } = Values.of(program);
  return firstHeap(
    decl.fact.fields.map((f) => {
      const type = types.at(decl.file, f.type);
      return type && heapOfType(program, type, depth + 1);
    }),
  );
}

/** The first that is on the heap; undefined when one is not known and none is. */
function firstHeap(parts: readonly (string | undefined)[]): string | undefined {
  return parts.find((p) => p !== undefined && p !== '') ?? (parts.includes(undefined) ? undefined : '');
}

/** Types that share or own a block besides those whose clone allocates. */
const HEAP = new Set(['Box', 'Rc', 'Arc', 'Bytes', 'LinkedList']);

/** Where a crate takes raw pointers of an owner back, or reads values out of what it has forgotten; undefined where nowhere. */
export function takenBack(
  pkg: Package,
  site: LeakSite,
): { readonly fn: Fn; readonly node: NodeId } | undefined {
  if (site.kind === 'forget') return undefined;
  const owner = site.verb.split('::')[0] as string;
  const names = site.kind === 'manually-drop' ? manualTakes : rawTakes;
  for (const fn of pkg.functions) {
    // A leaked reference is an ordinary one: only its own module knows which to take back.
    if (site.kind === 'leak' && fn.file !== site.fn.file) continue;
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      if (kind !== Kind.Path && kind !== Kind.Name) continue;
      const name = code.name(n);
      const isOther =
        name.includes('::from_raw') && !new RegExp(`(^|::)(${owner}|Self)::from_raw`).test(name);
      if (names.test(name) && !isOther && !(fn === site.fn && isAfterFailure(fn, n))) return { fn, node: n };
    }
  }
  return undefined;
}

/** `match submit(data) { 0 => Ok(id), code => { drop(Box::from_raw(data)); Err(code) } }`: only what nobody else has taken. */
function isAfterFailure({ code, first }: Fn, n: NodeId): boolean {
  const branch = code.ancestor(
    n,
    (a) => code.kind(a) === Kind.Arm || code.role(a) === Role.Then || code.role(a) === Role.Else,
  );
  if (branch < first) return false;
  const body = code.kind(branch) === Kind.Arm ? code.child(branch, Role.Body) : branch;
  let last = code.kind(body) === Kind.Block ? (code.children(body).at(-1) ?? -1) : body;
  if (code.kind(last) === Kind.Return) last = code.child(last, Role.Value);
  return last >= 0 && code.kind(last) === Kind.Call && callName(code, last) === 'Err';
}

/**
 * A pointer to, or a part of, the value has been taken before it is forgotten, or is taken out of what keeps it: somebody else
 * owns it now.
 */
export function takenOver(site: LeakSite): NodeId {
  const { fn, node, value } = site;
  const code = fn.code;
  const later = takenOutOf(site);
  if (later >= 0) return later;
  if (code.kind(value) !== Kind.Name) return -1;
  const name = code.name(value);
  const { first: body } = fn;
  const made = Values.of(fn.package.program).scope(fn).lookup(name, code.start(value))?.value ?? -1;
  for (let n = made; made >= 0 && n < code.after(made); n++)
    if (code.kind(n) === Kind.Call && (isTake(fn, n) || makesOfRaw(fn, n))) return n;
  for (let n = body; n < node; n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    for (let up = code.parent(n), i = 0; up > body && i < 5; up = code.parent(up), i++) {
      const kind = code.kind(up);
      if (kind === Kind.Block || kind === Kind.Let) break;
      const callee = kind === Kind.Call ? code.child(up, Role.Callee) : -1;
      const called =
        kind === Kind.MethodCall ? code.name(up) : callee < 0 ? '' : lastSegment(code.name(callee));
      if (pointerMethods.test(called)) return up;
    }
  }
  return -1;
}

/** `let mut v = ManuallyDrop::new(v); Vec::from_raw_parts(v.as_mut_ptr(), v.len(), v.capacity())`: the call, or -1. */
function takenOutOf({ fn, node, kind }: LeakSite): NodeId {
  const { code } = fn;
  const let_ = code.parent(node);
  if (kind !== 'manually-drop' || !code.is(let_, Kind.Let)) return -1;
  const scope = Values.of(fn.package.program).scope(fn);
  const isKept = (n: NodeId) =>
    code.kind(n) === Kind.Name && scope.lookup(code.name(n), code.start(n))?.value === node;
  for (
    let n = code.next(CALLS, code.after(let_), fn.after);
    n < fn.after;
    n = code.next(CALLS, n + 1, fn.after)
  )
    if (code.kind(n) === Kind.Call && isTake(fn, n))
      for (let m = code.child(n, Role.Arg); m >= 0 && m < code.after(n); m++) if (isKept(m)) return n;
  return -1;
}

function isTake({ code }: Fn, call: NodeId): boolean {
  return rawTakes.test(code.name(code.child(call, Role.Callee)));
}

/** `Chunks::from_map(&map)?` of the workspace, which takes a pointer into mapped memory for its own. */
function makesOfRaw(fn: Fn, call: NodeId): boolean {
  return Values.of(fn.package.program)
    .callees(fn, call)
    .some((made) => {
      for (let n = made.first; n < made.after; n++)
        if (made.code.kind(n) === Kind.Call && isTake(made, n)) return true;
      return false;
    });
}
