/** What a container, channel or cache holds, told by what it is made for. */

import { sendingMethods } from '../../knowledge/channels.ts';
import type { Fn, Program } from '../../program/program.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import { lastSegment, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Bytes } from '../ledger.ts';

/** Functions that hand their argument on in another shape: what is expected of them is expected of it. */
const HOLDERS =
  /^(Arc|Rc|Box|Mutex|RwLock|RefCell|Cell|Some|Ok|OnceCell|OnceLock|LazyLock|Lazy|Pin|Mutex::new|Arc::new)(::new|::from|::pin)?$/;
/** Types that hold another one, whose element is that of what they hold. */
const WRAPPERS = /^(Arc|Rc|Box|Mutex|RwLock|RefCell|Cell|Option|Result|OnceCell|OnceLock|LazyLock|Lazy|Pin)$/;
const MAX_STEPS = 8;

/** A type argument of what a Rust constructor call makes, such as the message of a channel; undefined when nothing tells. */
export function argumentOf(fn: Fn, call: NodeId, index: number): TypeRef | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const callee = code.child(call, Role.Callee);
  for (const at of [call, callee]) {
    const written = at < 0 ? undefined : code.all(at, Role.TypeArg)[index];
    const type = written === undefined ? undefined : values.types.at(fn.file, written);
    if (type && type.name !== '_') return type;
  }
  const expected = expectedType(fn, call, 0);
  const found = expected && elementIn(expected, index);
  return found ?? fromUses(fn, call, index);
}

/** The type that an expression must have where it stands. */
function expectedType(fn: Fn, n: NodeId, steps: number): TypeRef | undefined {
  if (steps > MAX_STEPS) return undefined;
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const parent = code.parent(n);
  if (parent < 0) return undefined;
  switch (code.kind(parent)) {
    case Kind.Let: {
      const type = code.child(parent, Role.Type);
      return type < 0 ? undefined : values.types.at(fn.file, type);
    }
    case Kind.FieldInit: {
      const literal = code.parent(parent);
      const decl = literal < 0 ? undefined : values.typeOf(fn, literal)?.decl;
      const field = decl && values.field(decl, code.name(parent));
      return field && values.types.at(field.decl.file, field.type);
    }
    case Kind.Call: {
      const callee = code.child(parent, Role.Callee);
      if (callee === n || callee < 0) return undefined;
      if (HOLDERS.test(lastTwo(code.name(callee)))) return expectedType(fn, parent, steps + 1);
      return parameterType(fn, callee, code.all(parent, Role.Arg).indexOf(n));
    }
    case Kind.Field:
      // `broadcast::channel(n).0`
      return /^[01]$/.test(code.name(parent)) ? expectedType(fn, parent, steps + 1) : undefined;
    case Kind.Block:
    case Kind.Return:
    case Kind.Closure:
    case Kind.If:
    case Kind.Try:
    case Kind.Sequence:
      break;
    default:
      return undefined;
  }
  // The value of the function's body is its result.
  const body = fn.fact.body;
  let at = n;
  while (at !== body && code.parent(at) >= 0) {
    const up = code.parent(at);
    const isValue =
      code.role(at) === Role.Value || code.role(at) === Role.Then || code.role(at) === Role.Else;
    if (code.kind(up) === Kind.Return || (up === body && isValue)) {
      return fn.fact.result < 0 ? undefined : values.types.at(fn.file, fn.fact.result);
    }
    if (!isValue && code.kind(up) !== Kind.Try) return undefined;
    at = up;
  }
  return undefined;
}

function parameterType(fn: Fn, callee: NodeId, index: number): TypeRef | undefined {
  const values = Values.of(fn.package.program);
  const [target] = values.functionsOf(fn, callee);
  const param = index < 0 ? undefined : target?.fact.params[index];
  if (!target || param === undefined) return undefined;
  const type = target.code.child(param, Role.Type);
  return type < 0 ? undefined : values.types.at(target.file, type);
}

/** The element of a type that may be wrapped or be one end of a pair. */
function elementIn(type: TypeRef, index: number): TypeRef | undefined {
  let t = type;
  for (let i = 0; i < MAX_STEPS; i++) {
    const name = lastSegment(t.name);
    if (name === 'tuple') t = t.args[0] ?? t;
    else if (WRAPPERS.test(name) && t.args[0]) t = t.args[0];
    else if (name === '&' || name === '&mut') t = t.args[0] ?? t;
    else break;
  }
  return t.args[index];
}

/** By what is done with the names the call is bound to: sent, pushed, put into a field or handed to a function. */
function fromUses(fn: Fn, call: NodeId, index: number): TypeRef | undefined {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  let statement = code.parent(call);
  while (statement >= 0 && [Kind.Try, Kind.Await, Kind.MethodCall].some((k) => k === code.kind(statement)))
    statement = code.parent(statement);
  if (statement < 0 || code.kind(statement) !== Kind.Let) return undefined;
  const names = new Set<string>();
  for (const pattern of code.all(statement, Role.Pattern))
    for (let n = pattern; n < code.after(pattern); n++)
      if (code.kind(n) === Kind.Bind) names.add(code.name(n));
  const { after: end } = fn;
  for (let n = code.after(statement); n < end; n++) {
    if (code.kind(n) !== Kind.Name || !names.has(code.name(n))) continue;
    const parent = code.parent(n);
    const kind = parent < 0 ? undefined : code.kind(parent);
    if (kind === Kind.MethodCall && code.role(n) === Role.Object) {
      const method = code.name(parent);
      if (method === 'clone') continue;
      const arg = code.child(parent, Role.Arg);
      const puts = sendingMethods.has(method) || /^(push|push_back|insert|add|blocking_send)$/.test(method);
      const type = puts && arg >= 0 ? values.typeOf(fn, arg) : undefined;
      if (type && isKnown(Layouts.of(fn.package.program).sizeOf(type))) return type;
      continue;
    }
    const expected =
      kind === Kind.FieldInit || kind === Kind.Call || kind === Kind.Let ? expectedType(fn, n, 0) : undefined;
    const found = expected && elementIn(expected, index);
    if (found) return found;
  }
  return undefined;
}

/** How large a value is with what it is known to keep elsewhere. */
export interface DeepSize {
  readonly bytes: Bytes;
  /** It keeps more elsewhere than the bytes say. */
  readonly atLeast: boolean;
}

/** The size of a value and of what it points to, as far as that is fixed; or why it is not known. */
export function deepSize(
  program: Program,
  type: TypeRef | undefined,
  depth = 0,
  /** Each pointer has its own, as the entries of a cache have. */
  unshared = false,
): DeepSize | string {
  if (!type) return 'the type of its elements is not known';
  const size = Layouts.of(program).sizeOf(type);
  if (!isKnown(size)) return size.why;
  const bytes = { low: size.low, high: size.high };
  const pointee = depth < 3 ? pointeeOf(type, unshared) : undefined;
  if (!pointee) return { bytes, atLeast: size.heap };
  const inner = deepSize(program, pointee, depth + 1, unshared);
  if (typeof inner === 'string') return { bytes, atLeast: true };
  return {
    bytes: { low: bytes.low + inner.bytes.low, high: bytes.high + inner.bytes.high },
    atLeast: inner.atLeast,
  };
}

/**
 * Go: what waits in a channel of pointers to values so large that each is a buffer of its own, `chan *[64 << 10]byte`, with the
 * pointer; small values are often shared.
 */
export function queuedBuffers(program: Program, type: TypeRef | undefined): DeepSize | undefined {
  const buffer = type?.name === '*' && type.file.facts.language === 'go' ? type.args[0] : undefined;
  const inner = buffer && deepSize(program, buffer);
  if (!inner || typeof inner === 'string' || inner.bytes.low < BUFFER) return undefined;
  return {
    bytes: { low: POINTER + inner.bytes.low, high: POINTER + inner.bytes.high },
    atLeast: inner.atLeast,
  };
}

const POINTER = 8;

/** From so many bytes on a value is a buffer. */
const BUFFER = 4096;

/** What a `Box` keeps, when its size is fixed. Shared pointers may all point to one value: theirs is counted only of what is not. */
function pointeeOf(type: TypeRef, unshared: boolean): TypeRef | undefined {
  if (type.decl || type.file.facts.language !== 'rust') return undefined;
  if (!(unshared ? /^(Box|Arc|Rc)$/ : /^Box$/).test(lastSegment(type.name))) return undefined;
  const [inner] = type.args;
  return !inner || /^(slice|str|dyn)$/.test(inner.name) ? undefined : inner;
}

function lastTwo(path: string): string {
  return path.split('::').slice(-2).join('::');
}
