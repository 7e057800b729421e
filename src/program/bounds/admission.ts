/** Rust: callers that ask how much there is before they add to it. */
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { CallSite, Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { type Effect, sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';

/**
 * `if queue.depth() >= MAX { return busy }` before `queue.enqueue(job)`, wherever that is called: the test that admits, where
 * `depth` gives the length of what grows.
 */
export function admittedByCallers(
  calls: Calls,
  growth: Effect,
): { readonly fn: Fn; readonly node: NodeId } | undefined {
  const { fn } = growth;
  if (fn.package.language !== 'rust' || fn.fact.receiver === '') return undefined;
  const container = fn.code.child(growth.node, Role.Object);
  const field = fn.code.is(container, Kind.Field) ? fn.code.name(container) : '';
  const sites = field === '' ? [] : calls.sitesOf(fn).filter((s) => !s.fn.isTest);
  const tests = sites.map((s) => (s.kind === 'call' && !s.guess ? admission(s, fn, field) : -1));
  const [site] = sites;
  return site && tests.every((t) => t >= 0) ? { fn: site.fn, node: tests[0] as NodeId } : undefined;
}

/** The condition before a call under which it is not reached, or inside which it stands; or -1. */
function admission({ fn, node }: CallSite, target: Fn, field: string): NodeId {
  const { code } = fn;
  const object = code.child(node, Role.Object);
  for (let n = fn.first; n < node; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const then = code.child(n, Role.Then);
    const condition = code.child(n, Role.Condition);
    const admits = code.within(node, then) ? /^<=?$/ : exits(code, then) ? /^(>=?|==)$/ : undefined;
    if (!admits || condition < 0) continue;
    for (let m = condition; m < code.after(condition); m++) {
      if (!code.is(m, Kind.Binary) || !admits.test(code.name(m))) continue;
      const length = code.child(m, Role.Left);
      const limit = code.child(m, Role.Right);
      if (code.is(limit, Kind.Number) && /^[01]$/.test(code.name(limit))) continue;
      if (
        CALLS[code.kind(length)] === 1 &&
        sameText(code, code.child(length, Role.Object), object) &&
        givesLengthOf(target, callName(code, length), field)
      )
        return condition;
    }
  }
  return -1;
}

/** A method beside the one that adds has the length of the same field for its answer. */
function givesLengthOf({ package: crate, fact }: Fn, method: string, field: string): boolean {
  return crate.methodsOn(fact.owner).some(
    (fn) =>
      fn.fact.name === method &&
      answersOf(fn, 0).some((answer) => {
        const of = fn.code.is(answer, Kind.MethodCall, 'len') ? fn.code.child(answer, Role.Object) : -1;
        return fn.code.is(of, Kind.Field, field);
      }),
  );
}
