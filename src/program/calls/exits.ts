import { errorNames, failureNames } from '../../knowledge/errors.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { callName } from './call-name.ts';

const WANTED = kinds(Kind.Closure, Kind.AsyncBlock, Kind.Return);

/** True when the block certainly leaves: its last statement returns, breaks, continues or panics. */
export function exits(code: Code, block: NodeId): boolean {
  if (block < 0) return false;
  const last = code.kind(block) === Kind.Block ? code.children(block).at(-1) : block;
  if (last === undefined) return false;
  const kind = code.kind(last);
  if (kind === Kind.Return || kind === Kind.Break || kind === Kind.Continue) return true;
  if (kind === Kind.Macro) return /^(panic|bail|unreachable|todo|ensure)$/.test(lastSegment(code.name(last)));
  if (kind === Kind.Call) return code.is(code.child(last, Role.Callee), Kind.Name, 'panic');
  if (kind === Kind.MethodCall) return /^(Fatal|Fatalf|Panic|Exit)$/.test(code.name(last));
  // `Err(TooMany)?;`
  if (kind === Kind.Try && callName(code, code.child(last, Role.Object)) === 'Err') return true;
  if (kind === Kind.Block || kind === Kind.Try)
    return exits(code, kind === Kind.Block ? last : code.child(last, Role.Object));
  return false;
}

/** The expressions a function returns, the `index`-th of several. */
export function returnsOf(fn: Fn, index: number): NodeId[] {
  const code = fn.code;
  const { first: body, after } = fn;
  const out: NodeId[] = [];
  for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
    if (code.kind(n) === Kind.Closure || code.kind(n) === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Return) {
      const value = code.all(n, Role.Value)[index] ?? code.child(n, Role.Value);
      if (value >= 0) out.push(value);
    }
  }
  const last = body < after ? code.children(body).at(-1) : undefined;
  if (last !== undefined && fn.package.language === 'rust' && code.kind(last) !== Kind.Return) out.push(last);
  return out.map((n) => tupleElement(code, n, index));
}

/** The expressions a function returns when it has not failed: Go's `if err != nil { return n, err }` is left out. */
export function answersOf(fn: Fn, index: number): NodeId[] {
  return returnsOf(fn, index).filter((value) => !isOfFailure(fn, value));
}

function isOfFailure({ code, package: { language }, first }: Fn, value: NodeId): boolean {
  if (language !== 'go') return false;
  const statement = code.ancestor(value, (a) => code.kind(a) === Kind.Return);
  const values = statement < first ? [] : code.all(statement, Role.Value);
  const last = values.at(-1);
  if (last === undefined || last === value || code.is(last, Kind.Literal, 'nil')) return false;
  const test = code.ancestor(statement, (a) => code.kind(a) === Kind.If);
  const condition = test < first ? -1 : code.child(test, Role.Condition);
  return (
    code.is(condition, Kind.Binary, '!=') &&
    code.within(statement, code.child(test, Role.Then)) &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil') &&
    errorNames.test(code.name(code.child(condition, Role.Left)))
  );
}

/** `Ok((a, b))` → the element asked for. */
function tupleElement(code: Code, n: NodeId, index: number): NodeId {
  let at = n;
  if (code.kind(at) === Kind.Call && /^(Ok|Some)$/.test(callName(code, at))) at = code.child(at, Role.Arg);
  if (at >= 0 && code.kind(at) === Kind.Sequence && code.name(at) === 'tuple')
    return code.all(at, Role.Arg)[index] ?? at;
  return at < 0 ? n : at;
}

/** A loop is left with an answer, not with a failure: `return x, nil`, `return Ok(x)`. It looks for something. */
export function answers(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.Return && isAnswer(fn, n)) return true;
  }
  return false;
}

function isAnswer(fn: Fn, statement: NodeId): boolean {
  const code = fn.code;
  const values = code.all(statement, Role.Value);
  const last = values.at(-1);
  if (last === undefined) return false;
  if (fn.package.language === 'go')
    return values.length > 1
      ? code.is(last, Kind.Literal, 'nil')
      : fn.fact.result >= 0 && code.name(fn.fact.result) !== 'error' && code.kind(last) === Kind.Name;
  if (code.kind(last) === Kind.Name) return !failureNames.test(code.name(last));
  if (code.kind(last) === Kind.Sequence) return code.children(last).length > 0;
  return (
    code.kind(last) === Kind.Call &&
    /^(Ok|Some)$/.test(callName(code, last)) &&
    !code.is(code.child(last, Role.Arg), Kind.Sequence)
  );
}
