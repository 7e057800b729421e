/** What is assigned to local names. */
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn } from '../program.ts';
import type { Binding } from '../types/scope.ts';

const ASSIGNS = kinds(Kind.Assign);

/** So many assignments to one name are looked at. */
const MAX_SITES = 12;

/** The values that are assigned to a local after its declaration; -1 where it is counted up. */
export function assignmentsTo(fn: Fn, b: Binding): NodeId[] {
  const code = fn.code;
  const out: NodeId[] = [];
  for (
    let m = code.next(ASSIGNS, b.node, fn.after);
    m < fn.after && out.length < MAX_SITES;
    m = code.next(ASSIGNS, m + 1, fn.after)
  ) {
    code.all(m, Role.Target).forEach((target, i) => {
      const at = code.start(target);
      if (!code.is(target, Kind.Name, b.name) || at < b.from || b.to <= at) return;
      const values = code.all(m, Role.Value);
      const value = values[i] ?? values[0] ?? -1;
      out.push(isCount(fn, m, value) ? -1 : value);
    });
  }
  return out;
}

/** `n++`, `n += 2` */
export function isCount(fn: Fn, assign: NodeId, value: NodeId): boolean {
  const code = fn.code;
  return code.kind(assign) === Kind.Assign && code.name(assign) !== '=' && code.kind(value) === Kind.Number;
}
