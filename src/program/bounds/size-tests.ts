import { countsAndTells } from '../../knowledge/guards.ts';
import { reportingCalls } from '../../knowledge/logs.ts';
import { taskSets } from '../../knowledge/rust-spawn.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Calls } from '../calls/calls.ts';
import { exits, returnsOf } from '../calls/exits.ts';
import { type Effect, sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { admittedByCallers } from './admission.ts';
import type { Bound } from './bound.ts';
import { isNeverSet } from './unset-limits.ts';

const IFS = kinds(Kind.If);
const METHOD_CALLS = kinds(Kind.MethodCall);

/** The test of its size that keeps a growth in check, in the function that adds or in one beside it. */
export function sizeTested(index: Calls, growth: Effect, effects: readonly Effect[]): Bound | undefined {
  const tests = effects.filter((e) => e.kind === 'size-test' && isLimit(e));
  const counted = countOf(growth);
  if (counted >= 0)
    return {
      reason: 'size-tested',
      by: `a count that is tested in \`${growth.fn.label}\``,
      where: growth.fn.place(counted),
    };
  const found = tests.find((t) => t.fn === growth.fn && guards(t.fn.code, t.node, growth.node));
  if (found) return sizeBound(found);
  // The test stands in a helper that the growing function asks, or in the function that calls it.
  for (const t of tests) {
    if (t.fn === growth.fn) continue;
    if (index.isCalledIn(t.fn, growth.fn)) return sizeBound(t);
    const site = index.sitesOf(growth.fn).find((s) => s.fn === t.fn && guards(s.fn.code, t.node, s.node));
    if (site) return sizeBound(t);
  }
  const beside = testedBeside(growth);
  if (beside >= 0)
    return {
      reason: 'size-tested',
      by: `a test of the size of what grows with it in \`${growth.fn.label}\``,
      where: growth.fn.place(beside),
    };
  const asked = admittedByCallers(index, growth) ?? countedByCallers(index, growth);
  return (
    asked && {
      reason: 'size-tested',
      by: `a count that is tested in \`${asked.fn.label}\``,
      where: asked.fn.place(asked.node),
    }
  );
}

function sizeBound(test: Effect): Bound {
  return {
    reason: 'size-tested',
    by: `a test of its size in \`${test.fn.label}\``,
    where: test.fn.place(test.node),
  };
}

/**
 * Rust: `if table.names.len() >= MAX { return None }` before `table.ids.insert(…); table.names.push(…)`: two fields of one
 * object that get an entry each. Returns the condition, or -1.
 */
function testedBeside({ fn, node }: Effect): NodeId {
  const code = fn.code;
  const object = code.kind(node) === Kind.MethodCall ? code.child(node, Role.Object) : -1;
  if (fn.package.language !== 'rust' || !code.is(object, Kind.Field)) return -1;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = code.next(IFS, fn.first, node); n < node; n = code.next(IFS, n + 1, node)) {
    const condition = code.child(n, Role.Condition);
    if (code.within(node, n) || condition < 0 || !exits(code, code.child(n, Role.Then))) continue;
    if (!code.is(condition, Kind.Binary) || !/^>=?$/.test(code.name(condition))) continue;
    const length = code.child(condition, Role.Left);
    const limit = code.child(condition, Role.Right);
    if (!code.is(length, Kind.MethodCall, 'len') || /^[01]$/.test(code.name(limit))) continue;
    const other = code.child(length, Role.Object);
    if (!code.is(other, Kind.Field) || code.name(other) === code.name(object)) continue;
    if (!sameText(code, code.child(other, Role.Object), code.child(object, Role.Object))) continue;
    // A set of tasks gets shorter by itself, whenever one of them ends.
    if (isTaskSet(fn, other)) continue;
    for (let m = block; m >= 0 && m < code.after(block); m++)
      if (
        code.kind(m) === Kind.MethodCall &&
        /^(push|push_back|insert)$/.test(code.name(m)) &&
        code.ancestor(m, (a) => code.kind(a) === Kind.Block) === block &&
        sameText(code, code.child(m, Role.Object), other)
      )
        return condition;
  }
  return -1;
}

function isTaskSet(fn: Fn, n: NodeId): boolean {
  const type = Values.of(fn.package.program).typeOf(fn, n);
  return type !== undefined && taskSets.test(lastSegment(peel(type).type.name));
}

/** Go: `over := len(list) - max; list = append(nil, list[over:]...)`, `list = list[len(list)-max:]`: as many as may stay. */
export function isCutToSize({ kind, fn, node }: Effect): boolean {
  const { code } = fn;
  if (kind !== 'remove' && kind !== 'reset') return false;
  if (fn.package.language !== 'go' || !code.is(node, Kind.Assign, '=')) return false;
  const list = code.child(node, Role.Target);
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = code.child(node, Role.Value); n >= 0 && n < code.after(node); n++) {
    if (!code.is(n, Kind.Slice) || !sameText(code, code.child(n, Role.Object), list)) continue;
    const low = code.child(n, Role.Low);
    const from = code.is(low, Kind.Name) ? (scope.lookup(code.name(low), code.start(low))?.value ?? -1) : low;
    let length = code.is(from, Kind.Binary, '-') ? code.child(from, Role.Left) : -1;
    // `over := len(b) + len(p) - max`
    while (code.is(length, Kind.Binary, '+')) length = code.child(length, Role.Left);
    if (
      code.is(length, Kind.Call) &&
      code.is(code.child(length, Role.Callee), Kind.Name, 'len') &&
      sameText(code, code.child(length, Role.Arg), list)
    )
      return true;
  }
  return false;
}

/** A comparison with a number that can be a limit: not with zero or one. */
export function isLimit(test: Effect): boolean {
  const { fn, node } = test.inside ?? test;
  const code = fn.code;
  if (test.verb === 'is_empty') return false;
  if (test.verb === 'is_full') return true;
  if (isNeverSet(test)) return false;
  for (let n = node, up = code.parent(n), i = 0; up >= 0 && i < 6; n = up, up = code.parent(up), i++) {
    // `match map.len() { MAX.. => …, _ => … }`, `match map.len().cmp(&MAX) { … }`
    if (code.kind(up) === Kind.Match && code.role(n) === Role.Subject) return matchesLimit(code, up);
    if (code.is(up, Kind.MethodCall, 'cmp')) return true;
    if (code.kind(up) !== Kind.Binary) continue;
    if (!/^(<|>|<=|>=|==|!=|%)$/.test(code.name(up))) continue;
    const other = code.role(n) === Role.Left ? code.child(up, Role.Right) : code.child(up, Role.Left);
    if (movesItsLimit(code, up) || shortensOther(code, up, other)) return false;
    return !(other >= 0 && code.kind(other) === Kind.Number && /^[01]$/.test(code.name(other)));
  }
  return false;
}

/**
 * Go: `if len(buf) == cap(buf) { buf = buf[1:] }`: what is left has room for one less, so that the next append makes a
 * larger one, with a larger capacity.
 */
export function movesItsLimit(code: Code, comparison: NodeId): boolean {
  const list = measured(code, code.child(comparison, Role.Left), 'len');
  if (list < 0 || !sameText(code, list, measured(code, code.child(comparison, Role.Right), 'cap')))
    return false;
  const branch = code.parent(comparison);
  const then = code.kind(branch) === Kind.If ? code.child(branch, Role.Then) : -1;
  for (let n = Math.max(then, 0); then >= 0 && n < code.after(then); n++) {
    const value = code.kind(n) === Kind.Assign ? code.child(n, Role.Value) : -1;
    if (value < 0 || code.kind(value) !== Kind.Slice || code.child(value, Role.Low) < 0) continue;
    if (code.child(value, Role.High) < 0 && sameText(code, code.child(n, Role.Target), list)) return true;
  }
  return false;
}

/** Go: `if n > len(list) { n = len(list) }`: no more is asked for than there is, however much that is. */
function shortensOther(code: Code, comparison: NodeId, other: NodeId): boolean {
  const branch = code.parent(comparison);
  const then = code.kind(branch) === Kind.If ? code.child(branch, Role.Then) : -1;
  const [only, ...others] = then < 0 ? [] : code.children(then);
  return (
    only !== undefined &&
    others.length === 0 &&
    code.is(only, Kind.Assign, '=') &&
    code.is(other, Kind.Name) &&
    sameText(code, code.child(only, Role.Target), other)
  );
}

/** The argument of a call of `len` or `cap`, or -1. */
function measured(code: Code, call: NodeId, by: 'len' | 'cap'): NodeId {
  const isCall = code.kind(call) === Kind.Call && code.is(code.child(call, Role.Callee), Kind.Name, by);
  return isCall ? code.child(call, Role.Arg) : -1;
}

/** An arm of the match stands for sizes from a number on. */
function matchesLimit(code: Code, match: NodeId): boolean {
  return code.all(match, Role.Arm).some((arm) =>
    code.all(arm, Role.Pattern).some((p) => {
      for (let n = p; n < code.after(p); n++) if (code.kind(n) === Kind.Range) return true;
      return false;
    }),
  );
}

/**
 * A size test guards a node when the node stands in a branch of the test, or behind a test whose branch leaves or
 * makes room.
 */
function guards(code: Code, test: NodeId, node: NodeId): boolean {
  // One call does both: the method of a container type tests and adds.
  if (test === node) return true;
  const branch = code.ancestor(test, (a) =>
    [Kind.If, Kind.Loop, Kind.Match, Kind.Let, Kind.Return].includes(code.kind(a) as never),
  );
  if (branch < 0) return false;
  if (code.within(node, branch)) return true;
  if (code.kind(branch) === Kind.If && onlyReports(code, code.child(branch, Role.Then))) return false;
  if (code.kind(branch) === Kind.Let || code.kind(branch) === Kind.Return)
    return code.start(branch) < code.start(node);
  if (code.start(branch) > code.start(node)) {
    // Trimmed after the insert: `push(x); if len > N { pop }`.
    return code.kind(branch) === Kind.Loop || code.kind(branch) === Kind.If;
  }
  return true;
}

/** A branch that says something and goes on: it neither leaves nor makes room. */
function onlyReports(code: Code, block: NodeId): boolean {
  if (block < 0 || exits(code, block)) return false;
  const statements = code.children(block);
  return (
    statements.length > 0 &&
    statements.every((s) => {
      const kind = code.kind(s);
      const name = lastSegment(
        kind === Kind.Call && code.child(s, Role.Callee) >= 0
          ? code.name(code.child(s, Role.Callee))
          : code.name(s),
      );
      return (
        (kind === Kind.Call || kind === Kind.MethodCall || kind === Kind.Macro) && reportingCalls.test(name)
      );
    })
  );
}

/** The test of a count of what is added that a growth stands behind, or -1. */
export function countOf(growth: Effect): NodeId {
  const counted = countedBefore(growth);
  return counted >= 0 ? counted : paidBefore(growth);
}

/**
 * `if c.q.bytes()+len(b) > max { return errSlow }`, or a loop that makes room, `while held.weight + item.weight() > budget { … }`,
 * before each call of what adds and counts: `q.size += len(b)`. The comparison at the first of them.
 */
export function countedByCallers(
  index: Calls,
  growth: Effect,
): { readonly fn: Fn; readonly node: NodeId } | undefined {
  const { fn } = growth;
  const { receiver } = fn.fact;
  if (receiver === '') return undefined;
  const counted = new Set<string>();
  for (let n = fn.first; n < fn.after; n++) {
    const target = fn.code.kind(n) === Kind.Assign ? fn.code.child(n, Role.Target) : -1;
    if (!fn.code.is(target, Kind.Field) || !/^(\+=|\+\+)$/.test(fn.code.name(n))) continue;
    if (fn.code.is(fn.code.child(target, Role.Object), Kind.Name, receiver))
      counted.add(fn.code.name(target));
  }
  const sites = counted.size === 0 ? [] : index.sitesOf(fn).filter((s) => !s.fn.isTest);
  const tests = sites.map((s) => (s.kind === 'call' ? countTestBefore(s.fn, s.node, counted) : -1));
  const [site] = sites;
  return site && tests.every((t) => t >= 0) ? { fn: site.fn, node: tests[0] as NodeId } : undefined;
}

/** A branch before a call that leaves when a count of the same object is too large, or -1. */
function countTestBefore(fn: Fn, call: NodeId, counted: ReadonlySet<string>): NodeId {
  const code = fn.code;
  const object = code.child(call, Role.Object);
  for (let n = fn.first; n < call; n++) {
    const isLoop = code.kind(n) === Kind.Loop;
    if (!isLoop && (code.kind(n) !== Kind.If || !exits(code, code.child(n, Role.Then)))) continue;
    const condition = code.child(n, Role.Condition);
    if (condition < 0 || code.within(call, isLoop ? n : code.child(n, Role.Then))) continue;
    for (let m = condition; m < code.after(condition); m++) {
      if (code.kind(m) !== Kind.Binary || !/^>=?$/.test(code.name(m))) continue;
      const left = code.child(m, Role.Left);
      for (let k = left; k < code.after(left); k++)
        if (sameText(code, code.child(k, Role.Object), object) && isCountOf(fn, k, counted)) return condition;
    }
  }
  return -1;
}

/** `q.size`, or `q.bytes()`, which returns it. */
function isCountOf(fn: Fn, n: NodeId, counted: ReadonlySet<string>): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.Field) return counted.has(code.name(n));
  if (code.kind(n) !== Kind.MethodCall) return false;
  return Values.of(fn.package.program)
    .callees(fn, n)
    .some((asked) =>
      returnsOf(asked, 0).some(
        (value) =>
          asked.code.is(value, Kind.Field) &&
          counted.has(asked.code.name(value)) &&
          asked.code.is(asked.code.child(value, Role.Object), Kind.Name, asked.fact.receiver),
      ),
    );
}

/** `if c.n >= c.max { return }` before a growth that is counted: `c.n++`. Returns the condition, or -1. */
function countedBefore({ fn, node }: Effect): NodeId {
  const code = fn.code;
  const { first: body, after } = fn;
  for (let n = code.next(IFS, body, node); n < node; n = code.next(IFS, n + 1, node)) {
    if (code.within(node, code.child(n, Role.Then))) continue;
    const condition = code.child(n, Role.Condition);
    if (condition < 0 || !exits(code, code.child(n, Role.Then))) continue;
    for (let m = condition; m < code.after(condition); m++) {
      if (code.kind(m) !== Kind.Binary || !/^>=?$/.test(code.name(m))) continue;
      const limit = code.child(m, Role.Right);
      if (code.kind(limit) === Kind.Number && /^[01]$/.test(code.name(limit))) continue;
      // `if c.n.Add(1) > max { c.n.Add(-1); return ErrBusy }` counts and tests at once.
      const left = code.child(m, Role.Left);
      if (code.kind(left) === Kind.MethodCall && countsAndTells.test(code.name(left))) return condition;
      const count = counter(code, left);
      if (count < 0) continue;
      for (let k = code.after(n); k < after; k++) if (counts(code, k, count)) return condition;
    }
  }
  return -1;
}

/**
 * Rust: `self.credit = self.credit.checked_sub(frame.len()).ok_or(Full)?;` before a growth: what is added is paid for, and is
 * not added when there is nothing left. Returns the call, or -1.
 */
function paidBefore({ fn, node }: Effect): NodeId {
  const code = fn.code;
  if (fn.package.language !== 'rust') return -1;
  for (let n = code.next(METHOD_CALLS, fn.first, node); n < node; n = code.next(METHOD_CALLS, n + 1, node)) {
    if (!code.is(n, Kind.MethodCall, 'checked_sub')) continue;
    const budget = code.child(n, Role.Object);
    if (!code.is(budget, Kind.Field)) continue;
    const tried = code.ancestor(n, (a) => code.kind(a) === Kind.Try || holds(code, a));
    if (tried < 0 || code.kind(tried) !== Kind.Try) continue;
    const holder = code.ancestor(tried, (a) => holds(code, a));
    if (isAssignedTo(code, holder, budget)) return n;
    // `let left = self.credit.checked_sub(n)?; self.credit = left;`
    const left = code.is(holder, Kind.Let) ? code.name(code.child(holder, Role.Pattern)) : '';
    for (let k = code.after(holder); left !== '' && k < node; k++)
      if (isAssignedTo(code, k, budget) && code.is(code.child(k, Role.Value), Kind.Name, left)) return n;
  }
  return -1;
}

/** What a value stays in: an assignment, a name, or a closure of which nothing is known. */
function holds(code: Code, n: NodeId): boolean {
  const kind = code.kind(n);
  return kind === Kind.Assign || kind === Kind.Let || kind === Kind.Closure;
}

function isAssignedTo(code: Code, n: NodeId, target: NodeId): boolean {
  return code.is(n, Kind.Assign, '=') && sameText(code, code.child(n, Role.Target), target);
}

/** The field that is counted in: `c.n`, `c.n.Load()`, `int(c.n.Load())`; or -1. */
export function counter(code: Code, node: NodeId): NodeId {
  let n = node;
  for (let i = 0; i < 4 && n >= 0; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Field) return n;
    if (kind === Kind.MethodCall && /^[lL]oad$/.test(code.name(n))) n = code.child(n, Role.Object);
    else if (kind === Kind.Call || kind === Kind.Cast)
      n = kind === Kind.Call ? code.child(n, Role.Arg) : code.child(n, Role.Object);
    else return -1;
  }
  return -1;
}

/** `c.n++`, `c.n += k`, `c.n.Add(1)` */
function counts(code: Code, n: NodeId, field: NodeId): boolean {
  const kind = code.kind(n);
  if (kind === Kind.Assign)
    return /^(\+=|\+\+)$/.test(code.name(n)) && sameText(code, code.child(n, Role.Target), field);
  return (
    kind === Kind.MethodCall &&
    /^(Add|fetch_add|Inc)$/.test(code.name(n)) &&
    sameText(code, code.child(n, Role.Object), field)
  );
}
