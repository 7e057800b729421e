/** Whether a statement of a loop runs in each of its turns: only then the loop's count is the statement's. */
import type { Fn } from '../../program/program.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** Why a loop may run a statement of its body less often than it turns. */
export type Skipped = 'conditional' | 'ends-early';

/** Why a direct statement of a loop's body may be left out in some turns, or undefined when each turn runs it. */
export function skippedIn(fn: Fn, loop: NodeId, statement: NodeId): Skipped | undefined {
  const { code } = fn;
  const body = code.child(loop, Role.Body);
  if (body < 0 || code.parent(statement) !== body) return 'conditional';
  for (let n = body + 1; n < code.after(body); n++) {
    switch (code.kind(n)) {
      case Kind.Closure:
      case Kind.AsyncBlock:
        n = code.after(n) - 1;
        break;
      case Kind.Break:
        if (code.name(n) !== '' || !isCaught(fn, n, loop)) return 'ends-early';
        break;
      case Kind.Continue:
        if (code.name(n) !== '' || !isInnerLoop(fn, n, loop))
          if (code.start(n) < code.start(statement)) return 'conditional';
        break;
      case Kind.Return:
        if (!returnsError(fn, n)) return 'ends-early';
        break;
    }
  }
  return undefined;
}

/** A loop, or in Go a switch or select, between a `break` and the loop takes it. */
function isCaught(fn: Fn, n: NodeId, loop: NodeId): boolean {
  const { code } = fn;
  const go = fn.package.language === 'go';
  for (let up = code.parent(n); up > loop; up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Loop || (go && (kind === Kind.Match || kind === Kind.Select))) return true;
  }
  return false;
}

function isInnerLoop(fn: Fn, n: NodeId, loop: NodeId): boolean {
  return fn.code.ancestor(n, (a) => fn.code.kind(a) === Kind.Loop) !== loop;
}

/** True for a return that gives an error up: what was collected is thrown away then. */
export function returnsError(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const last = code.all(n, Role.Value).at(-1);
  if (last === undefined) return false;
  if (fn.package.language === 'rust') {
    const callee = code.kind(last) === Kind.Call ? code.child(last, Role.Callee) : -1;
    return callee >= 0 && lastSegment(code.name(callee)) === 'Err';
  }
  if (code.is(last, Kind.Literal, 'nil')) return false;
  const { result } = fn.fact;
  if (result < 0) return false;
  const types = code.is(result, Kind.Type, 'tuple') ? code.children(result) : [result];
  const type = types.at(-1) ?? -1;
  const named = code.kind(type) === Kind.Param ? code.child(type, Role.Type) : type;
  return named >= 0 && code.name(named) === 'error';
}
