/** What small expressions say, by their form alone. */
import type { Code } from './code.ts';
import { Kind, type NodeId, Role } from './node.ts';

/** The name in `name` and in `&name`, or '' for any other expression. */
export function baseName(code: Code, n: NodeId): string {
  const at = code.is(n, Kind.Unary, '&') ? code.child(n, Role.Object) : n;
  return code.is(at, Kind.Name) ? code.name(at) : '';
}
