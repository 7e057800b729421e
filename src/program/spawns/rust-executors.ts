/** Rust: functions that start what they are handed, and loops that start what they receive. */

import type { Steps } from '../../core/steps.ts';
import { receives } from '../../knowledge/channels.ts';
import { workMethods, workNames, workTypes } from '../../knowledge/rust-spawn.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn, Program } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { Values } from '../types/values.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';

/** A function that starts a future or closure it is given: `fn spawn<F: Future>(&self, f: F)`. */
export interface Executor {
  readonly fn: Fn;
  /** The position of the work among the parameters. */
  readonly index: number;
  readonly site: SpawnSite;
}

export interface Executors {
  readonly byFn: ReadonlyMap<Fn, Executor>;
  readonly names: ReadonlySet<string>;
}

/** The executors of a program, given how the spawns of a function are found; reads all code, a function a step. */
export function* findExecutors(
  program: Program,
  sitesIn: (fn: Fn) => readonly SpawnSite[],
): Steps<Executors> {
  const byFn = new Map<Fn, Executor>();
  const names = new Set<string>();
  for (const pkg of program.packages) {
    if (pkg.language !== 'rust') continue;
    for (const fn of pkg.functions) {
      if (!fn.isTest && takesWork(fn))
        for (const site of sitesIn(fn)) {
          const index = workParameter(site);
          if (index < 0 || byFn.has(fn)) continue;
          byFn.set(fn, { fn, index, site });
          names.add(fn.fact.name);
        }
      yield;
    }
  }
  return { byFn, names };
}

/**
 * The position of the parameter that a function starts, itself or wrapped: `spawn(abort_on_panic(f))`, `spawn(async move {
 * cancel.run(future).await })`, `spawn(move || f())`; or -1. In a loop a closure is started again and again.
 */
export function workParameter({ fn, node, work }: SpawnSite): number {
  const code = fn.code;
  if (work < 0 || code.ancestor(node, (a) => code.kind(a) === Kind.Loop) >= fn.first) return -1;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = work; n < code.after(work); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = scope.lookup(code.name(n), code.start(n));
    if (b?.source === 'parameter' && isWork(fn, b.type)) return b.index;
  }
  return -1;
}

function takesWork(fn: Fn): boolean {
  return fn.fact.params.some((p) => isWork(fn, fn.code.child(p, Role.Type)));
}

/** A type is a future or a closure that runs once, or a parameter of the function that is bound to be one. */
function isWork(fn: Fn, type: NodeId): boolean {
  const code = fn.code;
  if (type < 0) return false;
  for (let n = type; n < code.after(type); n++) if (workTypes.test(code.name(n))) return true;
  const generic = fn.fact.generics.find((g) => g.name === code.name(type));
  return (
    generic !== undefined && (generic.bounds.length === 0 || generic.bounds.some((b) => workTypes.test(b)))
  );
}

/**
 * `while let Some(task) = tasks.recv().await { spawn(task) }`, `spawn(async move { task.run().await })`: the loop of an
 * executor starts what it is sent, so that whoever sends it decides.
 */
export function startsWhatItReceives({ fn, node, work }: SpawnSite, loop: NodeId): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust' || work < 0) return undefined;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = work; n < code.after(work); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = scope.lookup(code.name(n), code.start(n));
    if (!b || !code.within(b.node, loop) || code.within(b.node, work)) continue;
    if (isRun(code, n, work, b.name) && comesFromChannel(fn, b))
      return {
        reason: 'helper',
        by: `whoever sends \`${b.name}\`, which is what it starts`,
        where: fn.place(node),
      };
  }
  return undefined;
}

/** A name is what is started, is awaited or called; or something called a task has a method that runs it. */
function isRun(code: Code, n: NodeId, work: NodeId, name: string): boolean {
  const up = code.parent(n);
  if (n === work || code.kind(up) === Kind.Await || code.role(n) === Role.Callee) return true;
  const isMethod = code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object;
  return isMethod && workMethods.test(code.name(up)) && workNames.test(name);
}

/** The name is bound to what a `recv` gave. */
function comesFromChannel(fn: Fn, b: Binding): boolean {
  const code = fn.code;
  for (let n = b.value; b.value >= 0 && n < code.after(b.value); n++)
    if (receives.test(callName(code, n))) return true;
  return false;
}
