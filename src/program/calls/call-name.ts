import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { lastSegment } from '../types/types.ts';

/** The name of what is called: the method, or the last segment of the callee. */
export function callName(code: Code, call: NodeId): string {
  if (code.kind(call) === Kind.MethodCall) return code.name(call);
  const callee = code.child(call, Role.Callee);
  return callee < 0 ? '' : lastSegment(code.name(callee));
}

/** The name of a node, or nothing when there is no node. */
export function nameOf(code: Code, n: NodeId): string {
  return n < 0 ? '' : code.name(n);
}
