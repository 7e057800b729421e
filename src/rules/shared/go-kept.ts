/** Whether memory that a Go function makes is only lent, or kept beyond the turn of a loop that made it. */
import { goKeepers, goLendingMethods } from '../../knowledge/go-reuse.ts';
import type { Fn } from '../../program/program.ts';
import type { Binding } from '../../program/types/scope.ts';
import type { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { onlyReads, packageFunction, usesOf } from './go-locals.ts';

export type Keeping =
  | { readonly kind: 'lent' }
  | { readonly kind: 'kept'; readonly how: string }
  /** Somebody whose code is not here is given it. */
  | { readonly kind: 'unsure'; readonly by: string };

const LENT: Keeping = { kind: 'lent' };
/** Names and parameters are followed this far. */
const MAX_DEPTH = 3;

const kept = (how: string): Keeping => ({ kind: 'kept', how });

/** What becomes of the memory behind a local name, its other names followed. */
export function keepingOf(values: Values, fn: Fn, binding: Binding, depth = 0): Keeping {
  return worst(usesOf(values, fn, binding).map((use) => ofUse(values, fn, use, binding, depth)));
}

function worst(all: readonly Keeping[]): Keeping {
  return all.find((k) => k.kind === 'kept') ?? all.find((k) => k.kind === 'unsure') ?? LENT;
}

function ofUse(values: Values, fn: Fn, use: NodeId, binding: Binding, depth: number): Keeping {
  const { code } = fn;
  const later = code.ancestor(use, (a) => code.kind(a) === Kind.Spawn || code.kind(a) === Kind.Defer);
  if (later >= 0 && !code.within(binding.node, later)) return kept('something that runs later uses it');
  const closure = code.ancestor(use, (a) => code.kind(a) === Kind.Closure);
  if (closure >= 0 && !code.within(binding.node, closure) && !runsAtOnce(values, fn, closure))
    return kept('a function that may run later uses it');
  return ofExpression(values, fn, use, binding, depth);
}

/** `sort.Slice(xs, func …)`: the function is gone when the call is over. */
function runsAtOnce(values: Values, fn: Fn, closure: NodeId): boolean {
  const { code } = fn;
  const call = code.parent(closure);
  if (code.kind(call) === Kind.Call) return code.role(closure) === Role.Callee;
  const called = packageFunction(values, fn, call);
  return (
    called !== undefined && isStandard(called.path) && !/^(sync|time|net\/http|context)$/.test(called.path)
  );
}

/** What is done with an expression that is the memory, or a part of it. */
function ofExpression(values: Values, fn: Fn, n: NodeId, binding: Binding, depth: number): Keeping {
  const { code } = fn;
  const up = code.parent(n);
  const role = code.role(n);
  switch (up < 0 ? -1 : code.kind(up)) {
    case Kind.Slice:
      return role === Role.Object ? ofExpression(values, fn, up, binding, depth) : LENT;
    case Kind.Index:
    case Kind.Loop:
    case Kind.Binary:
    case Kind.If:
    case Kind.Match:
    case Kind.Block:
      return LENT;
    case Kind.Unary:
      if (code.name(up) === '...') return ofSpread(fn, up);
      return code.name(up) === '&' ? ofExpression(values, fn, up, binding, depth) : LENT;
    case Kind.Assign:
      return ofAssign(fn, n, up, binding);
    case Kind.Let:
      return ofLet(values, fn, n, up, depth);
    case Kind.Cast:
      // `string(b)` copies; a conversion to another kind of slice does not.
      return code.kind(code.child(up, Role.Type)) === Kind.Type
        ? ofExpression(values, fn, up, binding, depth)
        : LENT;
    case Kind.Field:
      return LENT;
    case Kind.Call:
      return ofCall(values, fn, n, up, binding, depth);
    case Kind.MethodCall:
      return role === Role.Object
        ? ofOwnMethod(values, fn, up, binding, depth)
        : ofArgument(values, fn, n, up, depth);
    case Kind.Return:
      return kept('it is returned');
    case Kind.Send:
      return role === Role.Object ? LENT : kept('it is sent');
    case Kind.Composite:
    case Kind.FieldInit:
    case Kind.Entry:
      return kept('it becomes part of something');
    default:
      return kept('it is used in a way that may keep it');
  }
}

/** `append(dst, xs...)` copies the elements. */
function ofSpread(fn: Fn, spread: NodeId): Keeping {
  const { code } = fn;
  const call = code.parent(spread);
  const appends =
    code.kind(call) === Kind.Call && code.is(code.child(call, Role.Callee), Kind.Name, 'append');
  return appends ? LENT : kept('it is spread over parameters');
}

function ofAssign(fn: Fn, n: NodeId, assign: NodeId, binding: Binding): Keeping {
  const { code } = fn;
  if (code.role(n) === Role.Target) return LENT;
  const target = code.child(assign, Role.Target);
  // `b = b[:n]` is still the same; any other name holds it longer.
  if (code.is(target, Kind.Name, binding.name)) return LENT;
  if (code.is(target, Kind.Name, '_')) return LENT;
  return kept('it is assigned to something else');
}

function ofLet(values: Values, fn: Fn, n: NodeId, statement: NodeId, depth: number): Keeping {
  const { code } = fn;
  const i = code.all(statement, Role.Value).indexOf(n);
  const pattern = code.all(statement, Role.Pattern)[i];
  if (pattern === undefined || depth >= MAX_DEPTH) return kept('it gets another name');
  const other = values.scope(fn).lookup(code.name(pattern), code.end(statement));
  return other ? keepingOf(values, fn, other, depth + 1) : LENT;
}

function ofCall(values: Values, fn: Fn, n: NodeId, call: NodeId, binding: Binding, depth: number): Keeping {
  const { code } = fn;
  const callee = code.child(call, Role.Callee);
  const name = callee < 0 ? '' : code.name(callee);
  if (code.kind(callee) === Kind.Name && !values.scope(fn).lookup(name, code.start(callee))) {
    if (/^(len|cap|copy|delete|clear|string|print|println|min|max|panic)$/.test(name)) return LENT;
    if (name === 'append') {
      if (code.child(call, Role.Arg) !== n) return kept('it is appended to something');
      return ofExpression(values, fn, call, binding, depth);
    }
  }
  return ofArgument(values, fn, n, call, depth);
}

/** A method of the memory itself: `buf.Bytes()` gives a part of it out. */
function ofOwnMethod(values: Values, fn: Fn, call: NodeId, binding: Binding, depth: number): Keeping {
  const { code } = fn;
  if (/^(Bytes|Next|AvailableBuffer|Peek|Buffered)$/.test(code.name(call)))
    return ofExpression(values, fn, call, binding, depth);
  return LENT;
}

/** An argument of a function or method. */
function ofArgument(values: Values, fn: Fn, n: NodeId, call: NodeId, depth: number): Keeping {
  const { code } = fn;
  if (onlyReads(values, fn, call)) return LENT;
  const called = packageFunction(values, fn, call);
  const last =
    code.kind(call) === Kind.MethodCall ? code.name(call) : code.name(code.child(call, Role.Callee));
  if (called && isStandard(called.path)) {
    const short = `${called.path.slice(called.path.lastIndexOf('/') + 1)}.${called.name}`;
    return goKeepers.test(short) ? kept(`\`${short}\` keeps it`) : LENT;
  }
  const targets = values.callees(fn, call);
  const withBody = targets.filter((t) => t.fact.body >= 0);
  if (withBody.length > 0 && withBody.length <= 3 && depth < MAX_DEPTH) {
    const index = code.all(call, Role.Arg).indexOf(n);
    return worst(withBody.map((t) => ofParameter(values, t, index, depth + 1)));
  }
  if (!called && code.kind(call) === Kind.MethodCall && goLendingMethods.test(last)) return LENT;
  return { kind: 'unsure', by: last };
}

function ofParameter(values: Values, target: Fn, index: number, depth: number): Keeping {
  const { code } = target;
  const param = target.fact.params[index] ?? -1;
  const pattern = param < 0 ? -1 : code.child(param, Role.Pattern);
  if (pattern < 0) return param < 0 ? { kind: 'unsure', by: target.label } : LENT;
  const b = values.scope(target).lookup(code.name(pattern), code.start(target.fact.body));
  if (!b || b.node !== pattern) return LENT;
  const found = keepingOf(values, target, b, depth);
  return found.kind === 'kept' ? kept(`\`${target.label}\` keeps it`) : found;
}

function isStandard(path: string): boolean {
  return !(path.split('/')[0] as string).includes('.');
}
