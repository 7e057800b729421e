/** Go: methods that copy all of what their value keeps, and callers that read one thing of the copy. */
import { exits, returnsOf } from '../../../program/calls/exits.ts';
import type { Fn, Program } from '../../../program/program.ts';
import type { Values } from '../../../program/types/values.ts';
import { CALLS } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { inClosure, isRead, usesOf } from '../go-locals.ts';
import type { CopyScene } from './go-copies.ts';

/** `s.peers.List()` where `List` copies the list of its receiver: what one caller reads of it, if that is little. */
export function copyThroughGetter(scene: CopyScene, call: NodeId): void {
  const { fn, values } = scene;
  const { code } = fn;
  if (code.child(call, Role.Arg) >= 0 || !fn.package.program.derive(getterNames).has(code.name(call))) return;
  const [getter, ...others] = values.callees(fn, call);
  const copied = getter && others.length === 0 ? copiedBy(getter) : -1;
  const used = copied < 0 ? undefined : littleRead(scene, call);
  if (!getter || !used) return;
  const source = getter.code.name(copied);
  scene.find(call, 'getter', { copy: scene.short(call), source, used }, undefined, {
    perRequest: true,
    related: { at: getter.place(copied), message: `all of \`${source}\` is copied here` },
  });
}

/** The names of methods without parameters that copy, so that most calls are passed at once. */
function getterNames(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'go' ? pkg.serviceFunctions : [])
      if (fn.fact.owner !== '' && fn.fact.params.length === 0 && copiedBy(fn) >= 0) names.add(fn.fact.name);
  return names;
}

/** The field of its receiver that all answers of a method are whole copies of, or -1. */
function copiedBy(fn: Fn): NodeId {
  const { code } = fn;
  const answers = fn.fact.result < 0 ? [] : returnsOf(fn, 0);
  const sources = answers.map((value) => {
    const own = copiedIn(fn, value);
    return own >= 0 || !code.is(value, Kind.Name) ? own : filledFrom(fn, code.name(value));
  });
  const [source = -1] = sources;
  return sources.every((s) => s >= 0) ? source : -1;
}

/** `slices.Clone(s.list)`, `append([]T(nil), s.list...)`: the field, or -1. */
function copiedIn(fn: Fn, value: NodeId): NodeId {
  const { code } = fn;
  if (
    code.is(value, Kind.MethodCall, 'Clone') &&
    /^(slices|maps|bytes)$/.test(code.name(code.child(value, Role.Object)))
  )
    return ownField(fn, code.child(value, Role.Arg));
  if (!code.is(value, Kind.Call) || !code.is(code.child(value, Role.Callee), Kind.Name, 'append')) return -1;
  const [first = -1, spread = -1, ...more] = code.all(value, Role.Arg);
  const isEmpty =
    code.kind(first) === Kind.Cast ||
    (code.kind(first) === Kind.Composite && code.child(first, Role.Arg) < 0);
  return isEmpty && more.length === 0 && code.is(spread, Kind.Unary, '...')
    ? ownField(fn, code.child(spread, Role.Object))
    : -1;
}

/** `copy(out, s.list)`, `for k, v := range s.m { out[k] = v }` without a condition: what fills a local, or -1. */
function filledFrom(fn: Fn, local: string): NodeId {
  const { code } = fn;
  for (let n = fn.first; n < fn.after; n++) {
    if (code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'copy')) {
      const [target = -1, source = -1] = code.all(n, Role.Arg);
      if (code.is(target, Kind.Name, local)) return ownField(fn, source);
    }
    const only = code.kind(n) === Kind.Loop ? code.children(code.child(n, Role.Body)) : [];
    const [statement = -1] = only;
    const target =
      only.length === 1 && code.kind(statement) === Kind.Assign ? code.child(statement, Role.Target) : -1;
    const into = code.kind(target) === Kind.Index ? code.child(target, Role.Object) : target;
    if (code.is(into, Kind.Name, local) && isPlainCopy(fn, statement))
      return ownField(fn, code.child(n, Role.Iter));
  }
  return -1;
}

/** `out[k] = v`, `out = append(out, v)`: nothing is computed for an element. */
function isPlainCopy({ code }: Fn, assign: NodeId): boolean {
  const value = code.child(assign, Role.Value);
  if (code.kind(value) === Kind.Name) return true;
  const added = code.is(code.child(value, Role.Callee), Kind.Name, 'append')
    ? code.all(value, Role.Arg)[1]
    : undefined;
  return added !== undefined && code.kind(added) === Kind.Name;
}

/** `s.list` of a receiver `s`, or -1. */
function ownField({ code, fact }: Fn, n: NodeId): NodeId {
  let of = n;
  while (code.kind(of) === Kind.Field) of = code.child(of, Role.Object);
  return code.kind(n) === Kind.Field && fact.receiver !== '' && code.is(of, Kind.Name, fact.receiver)
    ? n
    : -1;
}

/** What is read of a copy in words, where that is its length, single elements, or the first that a search finds. */
function littleRead(scene: CopyScene, call: NodeId): string | undefined {
  const { fn, values } = scene;
  const binding = scene.bindingOf(call);
  const uses = binding ? usesOf(values, fn, binding) : [call];
  if (binding && uses.some((u) => inClosure(fn, u, binding.node))) return undefined;
  const reads = uses.map((u) => readOf(values, fn, u, call));
  return reads.includes(undefined) ? undefined : [...new Set(reads)].join(' and ') || undefined;
}

function readOf(values: Values, fn: Fn, use: NodeId, call: NodeId): string | undefined {
  const { code } = fn;
  const up = code.parent(use);
  const isRange = code.kind(up) === Kind.Loop;
  const loop = code.ancestor(isRange ? up : use, (a) => code.kind(a) === Kind.Loop);
  // `for i := range len(list) { … list[i] … }` reads all of it.
  if (!isRead(values, fn, use) || (loop >= fn.first && !code.within(call, loop))) return undefined;
  if (code.is(up, Kind.Call) && code.is(code.child(up, Role.Callee), Kind.Name, 'len')) return 'its length';
  if (code.kind(up) === Kind.Index) return 'one entry';
  return isRange && isSearch(fn, up) ? 'what a search finds' : undefined;
}

/** `for _, b := range list { if b.url == url { return b } }`: nothing is called unless it is found. */
function isSearch({ code }: Fn, loop: NodeId): boolean {
  const [test = -1, ...more] = code.children(code.child(loop, Role.Body));
  const then = code.kind(test) === Kind.If ? code.child(test, Role.Then) : -1;
  if (more.length > 0 || !exits(code, then) || code.child(test, Role.Else) >= 0) return false;
  const condition = code.child(test, Role.Condition);
  for (let n = condition; n < code.after(condition); n++) if (CALLS[code.kind(n)] === 1) return false;
  return !code.is(code.children(then).at(-1) ?? -1, Kind.Continue);
}
