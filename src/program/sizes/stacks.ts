import { poolBuilders, threadCounts } from '../../knowledge/rust-spawn.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { Phases } from '../phases/phases.ts';
import type { Fn, Package, TypeDecl } from '../program.ts';
import { Values } from '../types/values.ts';
import { Constants } from './constants.ts';
import { isKnown, Layouts } from './layouts.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);
const WANTED = kinds(Kind.Call, Kind.Composite, Kind.Sequence);
const LETS = kinds(Kind.Let);

const KIB = 1024;
const MIB = 1024 * KIB;

/** A thread or pool that is given a stack size. */
export interface StackSizeSite {
  readonly fn: Fn;
  /** The `stack_size(…)` call and its argument. */
  readonly node: NodeId;
  readonly argument: NodeId;
  readonly verb: string;
  /** Bytes reserved for each thread. */
  readonly bytes: number;
  /** How many threads get it: a number the code tells, `many`, or one. */
  readonly threads: number | 'many';
}

/** All such calls of a crate outside tests whose size the code tells, in source order. */
export function stackSizes(pkg: Package): StackSizeSite[] {
  const out: StackSizeSite[] = [];
  const constants = Constants.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(METHOD_CALLS, body, after); n < after; n = code.next(METHOD_CALLS, n + 1, after)) {
      if (!/^(thread_)?stack_size$/.test(code.name(n))) continue;
      const argument = code.child(n, Role.Arg);
      const value = argument < 0 ? undefined : constants.in(fn, argument).value;
      if (value === undefined) continue;
      const threads = threadsOf(fn, n, constants);
      out.push({ fn, node: n, argument, verb: code.name(n), bytes: Number(value), threads });
    }
  }
  return out;
}

/** How many threads a builder's chain makes: what it says itself, or the rounds of the loop it stands in. */
function threadsOf(fn: Fn, call: NodeId, constants: Constants): number | 'many' {
  const code = fn.code;
  let isPool = code.name(call) === 'thread_stack_size';
  let top = call;
  while (code.kind(code.parent(top)) === Kind.MethodCall && code.role(top) === Role.Object)
    top = code.parent(top);
  for (let n = top; n < code.after(top); n++) {
    if (code.kind(n) === Kind.Path && poolBuilders.test(code.name(n))) isPool = true;
    if (code.kind(n) !== Kind.MethodCall || !threadCounts.test(code.name(n))) continue;
    const count = constants.in(fn, code.child(n, Role.Arg)).value;
    return count === undefined ? 'many' : Number(count);
  }
  if (isPool) return 'many';
  const loop = code.ancestor(call, (a) => code.kind(a) === Kind.Loop);
  const closure = code.ancestor(call, (a) => code.kind(a) === Kind.Closure);
  // `(0..n).map(|_| thread::Builder::new()…)` is a loop as well.
  const mapped = closure >= 0 && /^(map|for_each)$/.test(code.name(code.parent(closure)));
  const iter = mapped
    ? code.child(code.parent(closure), Role.Object)
    : loop < 0
      ? -1
      : code.child(loop, Role.Iter);
  if (!mapped && loop < 0) return 1;
  if (iter >= 0 && code.kind(iter) === Kind.Range) {
    const [low, high] = [code.child(iter, Role.Low), code.child(iter, Role.High)];
    const first = low < 0 ? 0n : constants.in(fn, low).value;
    const last = high < 0 ? undefined : constants.in(fn, high).value;
    if (first !== undefined && last !== undefined) return Number(last - first);
  }
  return 'many';
}

/** An array that is made in a function's frame. */
export interface StackArray {
  readonly fn: Fn;
  /** The array expression, or the declaration of a Go variable. */
  readonly node: NodeId;
  /** The local it is bound to, or empty. */
  readonly name: string;
  readonly bytes: number;
  /** The struct that has the arrays. */
  readonly of?: TypeDecl;
  /** `boxed`: made in the frame first and then moved to the heap; `future`: kept across an `await`. */
  readonly where: 'frame' | 'boxed' | 'future';
}

/** Rust: `[0u8; N]` of at least `least` bytes, or a struct with such arrays, outside tests, in source order. */
export function rustArrays(pkg: Package, least: number): StackArray[] {
  const out: StackArray[] = [];
  const structs = largeStructs(pkg, least);
  for (const fn of pkg.serviceFunctions) {
    if (fn.fact.isConst) continue;
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      if (structs.size > 0 && (code.kind(n) === Kind.Call || code.kind(n) === Kind.Composite)) {
        const found = structMade(fn, n, structs);
        if (found) out.push(found);
      }
      if (code.kind(n) !== Kind.Sequence || code.child(n, Role.Count) < 0) continue;
      const let_ = code.ancestor(n, (a) => code.kind(a) === Kind.Let);
      if (let_ >= 0 && code.name(let_) === 'const') continue;
      const bytes = rustBytes(fn, n);
      if (bytes === undefined || bytes < least) continue;
      const up = code.parent(n);
      const isBound = code.kind(up) === Kind.Let;
      const isBoxed =
        code.kind(up) === Kind.Call &&
        /(^|::)(Box|Arc|Rc)::new$/.test(code.name(code.child(up, Role.Callee)));
      const name = isBound ? code.name(code.child(up, Role.Pattern)) : '';
      const where = isBoxed ? 'boxed' : isBound && awaitsAfter(fn, n) ? 'future' : 'frame';
      if (isBound || isBoxed) out.push({ fn, node: n, name, bytes, where });
    }
  }
  return out;
}

/** The structs of a package with fields that are arrays and at least so many bytes in all, with their bytes. */
function largeStructs(pkg: Package, least: number): ReadonlyMap<TypeDecl, number> {
  const layouts = Layouts.of(pkg.program);
  const out = new Map<TypeDecl, number>();
  for (const decl of pkg.types) {
    const { fact, file } = decl;
    if (decl.isTest || fact.kind !== 'struct' || fact.generics.length > 0) continue;
    if (!fact.fields.some((f) => f.type >= 0 && file.code.is(f.type, Kind.Type, 'array'))) continue;
    const size = layouts.sizeOf({ name: decl.id, args: [], decl, file, node: -1 });
    if (isKnown(size) && size.low >= least) out.set(decl, size.low);
  }
  return out;
}

/** `let table = Table::new();`, `Box::new(Table { … })`: the value lies in the frame. */
function structMade(fn: Fn, n: NodeId, structs: ReadonlyMap<TypeDecl, number>): StackArray | undefined {
  const code = fn.code;
  const up = code.parent(n);
  const isBound = code.kind(up) === Kind.Let && code.kind(code.child(up, Role.Pattern)) === Kind.Bind;
  const isBoxed =
    code.kind(up) === Kind.Call &&
    /(^|::)(Box|Arc|Rc)::new$/.test(code.name(code.child(up, Role.Callee))) &&
    code.role(n) === Role.Arg;
  if (!isBound && !isBoxed) return undefined;
  const decl = Values.of(fn.package.program).typeOf(fn, n)?.decl;
  const bytes = decl && structs.get(decl);
  if (!decl || bytes === undefined) return undefined;
  const name = isBound ? code.name(code.child(up, Role.Pattern)) : '';
  const where = isBoxed ? 'boxed' : awaitsAfter(fn, n) ? 'future' : 'frame';
  return { fn, node: n, name, bytes, of: decl, where };
}

const WIDTHS: Readonly<Record<string, number>> = { '8': 1, '16': 2, '32': 4, '64': 8, '128': 16, size: 8 };

function rustBytes(fn: Fn, array: NodeId): number | undefined {
  const code = fn.code;
  const count = Constants.of(fn.package.program).in(fn, code.child(array, Role.Count)).value;
  const element = code.child(array, Role.Arg);
  if (count === undefined || element < 0) return undefined;
  const up = code.parent(array);
  const written = code.kind(up) === Kind.Let ? code.child(up, Role.Type) : -1;
  if (written >= 0) {
    const type = Values.of(fn.package.program).types.at(fn.file, written);
    const size = type && Layouts.of(fn.package.program).sizeOf(type);
    if (size && isKnown(size)) return size.low;
  }
  if (code.kind(element) === Kind.Sequence) {
    const inner = rustBytes(fn, element);
    return inner === undefined ? undefined : inner * Number(count);
  }
  // Without a suffix at least a byte.
  const width =
    code.kind(element) === Kind.Number
      ? /[iuf](8|16|32|64|128|size)$/.exec(code.name(element))?.[1]
      : undefined;
  return Number(count) * (width === undefined ? 1 : (WIDTHS[width] ?? 1));
}

/** So many calls away from a request a task is as likely as not to be started for something else. */
const FAR = 3;
const MAX_DEPTH = 6;

/** Whether many tasks may be at a node at once: it handles requests, or a task of its own is started for each of something. */
export function manyAtOnce(fn: Fn, node: NodeId): boolean {
  const { program } = fn.package;
  const phases = Phases.of(program);
  const seen = new Set<Fn>();
  const queue = [{ fn, node, depth: 0 }];
  for (const at of queue) {
    const task = startOf(at.fn, at.node);
    if (task >= 0) {
      const { request, calls = 0 } = phases.at(at.fn, task);
      if (request && !request.administrative && calls <= FAR) return true;
      continue;
    }
    const context = phases.context(at.fn, at.node);
    const serves = context.loops.some((loop) => phases.isServiceLoop(at.fn, loop));
    // What a loop waits for in turn is there once.
    if (serves) continue;
    if (context.request || phases.handlers.evidenceOf(at.fn)) return true;
    if (seen.has(at.fn) || at.depth > MAX_DEPTH) continue;
    seen.add(at.fn);
    const sites = Calls.of(program).sitesOf(at.fn);
    if (sites.some((s) => s.kind === 'reference' && phases.handlers.isRegistered(s, at.fn))) return true;
    for (const s of sites)
      if (s.kind === 'call' && !s.guess) queue.push({ fn: s.fn, node: s.node, depth: at.depth + 1 });
  }
  return false;
}

/** The call that starts a task or thread with a node in it, or -1. */
function startOf(fn: Fn, node: NodeId): NodeId {
  const code = fn.code;
  return code.ancestor(
    node,
    (a) =>
      a >= fn.first &&
      (code.kind(a) === Kind.Call || code.kind(a) === Kind.MethodCall) &&
      /^spawn/.test(callName(code, a)),
  );
}

/** An `await` follows in the same async function or block, while the local is still there. */
function awaitsAfter(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = code.after(node); block >= 0 && n < code.after(block); n++) {
    if (code.kind(n) === Kind.Closure || code.kind(n) === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Await) return true;
  }
  return false;
}

/** Go: array variables of at least `least` bytes that stay in the frame, outside tests, in source order. */
export function goArrays(pkg: Package, least: number): StackArray[] {
  const out: StackArray[] = [];
  const values = Values.of(pkg.program);
  const layouts = Layouts.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(LETS, body, after); n < after; n = code.next(LETS, n + 1, after)) {
      const value = code.child(n, Role.Value);
      const written =
        value < 0
          ? code.child(n, Role.Type)
          : code.kind(value) === Kind.Composite
            ? code.child(value, Role.Type)
            : -1;
      if (written < 0 || !code.is(written, Kind.Type, 'array')) continue;
      const type = values.types.at(fn.file, written);
      const size = type && layouts.sizeOf(type);
      if (!size || !isKnown(size) || size.low < least || size.low > GO_LARGEST_VARIABLE) continue;
      const pattern = code.child(n, Role.Pattern);
      const name = code.name(pattern);
      if (!escapes(fn, n, name)) out.push({ fn, node: n, name, bytes: size.low, where: 'frame' });
    }
  }
  return out;
}

/** Larger variables are moved to the heap: `ir.MaxStackVarSize` of cmd/compile, Go 1.19. */
const GO_LARGEST_VARIABLE = 10 * MIB;

/** Its address or a slice of it goes somewhere else: then the compiler keeps it on the heap. */
function escapes(fn: Fn, declared: NodeId, name: string): boolean {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  const binding = scope.lookup(name, code.end(declared));
  for (let n = code.after(declared); binding && n < fn.after; n++) {
    if (!code.is(n, Kind.Name, name) || scope.lookup(name, code.start(n))?.node !== binding.node) continue;
    if (code.ancestor(n, (a) => a > declared && code.kind(a) === Kind.Closure) > declared) return true;
    const up = code.parent(n);
    const kind = code.kind(up);
    if (kind === Kind.Index && code.role(n) === Role.Object) continue;
    if (kind === Kind.Loop && code.role(n) === Role.Iter) continue;
    const call = kind === Kind.Slice ? code.parent(up) : up;
    const callee = code.kind(call) === Kind.Call ? code.child(call, Role.Callee) : -1;
    if (callee >= 0 && code.kind(callee) === Kind.Name && /^(len|cap|copy|clear)$/.test(code.name(callee)))
      continue;
    return true;
  }
  return binding === undefined;
}

/** The stack a Go frame of so many bytes needs: stacks double until it fits (runtime/stack.go, `newstack`). */
export function goStackFor(bytes: number): number {
  let stack = 2 * KIB;
  while (stack < bytes + KIB) stack *= 2;
  return stack;
}
