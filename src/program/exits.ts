import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { lastSegment } from './types.ts';

/** True when the block certainly leaves: its last statement returns, breaks, continues or panics. */
export function exits(code: Code, block: NodeId): boolean {
  if (block < 0) return false;
  const last = code.kind(block) === Kind.Block ? code.children(block).at(-1) : block;
  if (last === undefined) return false;
  const kind = code.kind(last);
  if (kind === Kind.Return || kind === Kind.Break || kind === Kind.Continue) return true;
  if (kind === Kind.Macro) return /^(panic|bail|unreachable|todo|ensure)$/.test(lastSegment(code.name(last)));
  if (kind === Kind.Call) return code.is(code.child(last, Role.Callee), Kind.Name, 'panic');
  if (kind === Kind.MethodCall) return /^(Fatal|Fatalf|Panic|Exit)$/.test(code.name(last));
  if (kind === Kind.Block || kind === Kind.Try)
    return exits(code, kind === Kind.Block ? last : code.child(last, Role.Object));
  return false;
}
