/** Go: methods that copy all of what their value keeps, and callers that read one thing of the copy. */
import { exits, returnsOf } from '../../../program/calls/exits.ts';
import type { Fn, Program } from '../../../program/program.ts';
import type { Values } from '../../../program/types/values.ts';
import { CALLS } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { inClosure, isRead, rootOf, usesOf } from '../go-locals.ts';
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

/** The field of its receiver that what a method gives is a whole copy of, or -1. */
function copiedBy(fn: Fn): NodeId {
  const { code } = fn;
  const [answer = -1, ...others] = fn.fact.result < 0 ? [] : returnsOf(fn, 0);
  if (others.length > 0) return -1;
  return code.is(answer, Kind.Name) ? filledFrom(fn, code.name(answer)) : clonedFrom(fn, answer);
}

/** `slices.Clone(s.list)`, `append([]T(nil), s.list...)`: the field, or -1. */
function clonedFrom(fn: Fn, value: NodeId): NodeId {
  const { code } = fn;
  const args = code.all(value, Role.Arg);
  if (code.is(value, Kind.MethodCall, 'Clone')) return ownField(fn, args[0]);
  const [first = -1, spread = -1] = args;
  const isOfNothing =
    code.is(code.child(value, Role.Callee), Kind.Name, 'append') &&
    (code.kind(first) === Kind.Cast || code.kind(first) === Kind.Composite) &&
    code.is(spread, Kind.Unary, '...');
  return isOfNothing ? ownField(fn, code.child(spread, Role.Object)) : -1;
}

/** `copy(out, s.list)`, `for k, v := range s.m { out[k] = v }` without a condition: what fills a local, or -1. */
function filledFrom(fn: Fn, local: string): NodeId {
  const { code } = fn;
  for (let n = fn.first; n < fn.after; n++) {
    const [target = -1, source] = code.all(n, Role.Arg);
    const isCopied = code.is(code.child(n, Role.Callee), Kind.Name, 'copy');
    if (isCopied && code.is(target, Kind.Name, local)) return ownField(fn, source);
    if (code.kind(n) !== Kind.Loop) continue;
    const [statement = -1, ...more] = code.children(code.child(n, Role.Body));
    const into = code.kind(statement) === Kind.Assign ? code.child(statement, Role.Target) : -1;
    const value = code.child(statement, Role.Value);
    const element = code.all(value, Role.Arg)[1] ?? value;
    if (more.length === 0 && code.is(element, Kind.Name) && code.name(rootOf(fn, into)) === local)
      return ownField(fn, code.child(n, Role.Iter));
  }
  return -1;
}

/** `s.list` of a receiver `s`, or -1. */
function ownField(fn: Fn, n = -1): NodeId {
  const { code, fact } = fn;
  const root = code.is(n, Kind.Field) ? rootOf(fn, n) : -1;
  return fact.receiver !== '' && code.is(root, Kind.Name, fact.receiver) ? n : -1;
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
