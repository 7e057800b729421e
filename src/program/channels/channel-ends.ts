/** The two ends of a channel of Rust, as the statement that makes it names them. */
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { local, type PlaceRef } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';

/** The path of a constructor as the imports complete it. */
export function constructorPath(fn: Fn, call: NodeId): string | undefined {
  const code = fn.code;
  const callee = code.child(call, Role.Callee);
  if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
  const path = fn.file.fullPath(code.name(callee));
  // `use crate::plumbing::pipe`, which is another crate's constructor there.
  return fn.package.renamed(fn.file, path) ?? path;
}

/**
 * The `let` that names the ends of a channel: also of one that a branch makes, `let (tx, rx) = match depth { Some(n) => bounded(n),
 * None => unbounded() }`. -1 where there is none.
 */
function statementOf(code: Code, call: NodeId): NodeId {
  let n = call;
  for (let up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Let) return up;
    const role = code.role(n);
    const isBranch =
      (kind === Kind.Arm && role === Role.Body) ||
      (kind === Kind.Match && role === Role.Arm) ||
      (kind === Kind.If && (role === Role.Then || role === Role.Else)) ||
      (kind === Kind.Block && role === Role.Value);
    if (!isBranch) return -1;
  }
  return -1;
}

/** One of several branches makes the channel: whoever comes there may choose another. */
export function isMadeInBranch(code: Code, call: NodeId): boolean {
  return statementOf(code, call) !== code.parent(call);
}

/** The place of the sending end, the first name of `let (tx, rx) = …`, or of the receiving end, the second. */
export function endOf(fn: Fn, call: NodeId, index: 0 | 1): PlaceRef | undefined {
  const code = fn.code;
  const statement = statementOf(code, call);
  if (statement < 0) return undefined;
  const pattern = code.child(statement, Role.Pattern);
  const end = pattern < 0 ? undefined : code.children(pattern)[index];
  if (end === undefined) return undefined;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(end), code.end(statement));
  return b && local(fn, b);
}

/** The names that a constructor's two ends are bound to. */
export function endsOf(
  code: Code,
  call: NodeId,
): { readonly sender: string; readonly receiver: string } | undefined {
  const statement = statementOf(code, call);
  const pattern = statement < 0 ? -1 : code.child(statement, Role.Pattern);
  const [sender, receiver] = pattern < 0 ? [] : code.children(pattern).map((c) => code.name(c));
  return sender && receiver ? { sender, receiver } : undefined;
}
