/** Types and expressions of Rust as a person would write them in a sentence. */
import { isReference } from '../../program/types/rust-values.ts';
import { lastSegment, type TypeRef } from '../../program/types/types.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** `HashMap<String, u64>`; what nobody wrote is left out. */
export function nameOf(type: TypeRef): string {
  if (type.decl) return type.decl.fact.name;
  if (type.name === 'tuple') return `(${type.args.map(nameOf).join(', ')})`;
  const name = lastSegment(type.name);
  if (name === 'slice') return `[${type.args.map(nameOf).join('')}]`;
  if (isReference(type)) return `&${type.args.map(nameOf).join('')}`;
  const args = type.args.filter((a) => a.name !== '_');
  return args.length > 0 && args.length < 3 ? `${name}<${args.map(nameOf).join(', ')}>` : name;
}

/** Names, fields and calls, the rest left out. */
export function written(code: Code, n: NodeId): string {
  const text = render(code, n);
  return text.length <= 44 ? text : `…${text.slice(text.lastIndexOf('.', text.length - 12))}`;
}

function render(code: Code, n: NodeId): string {
  if (n < 0) return '…';
  const object = () => render(code, code.child(n, Role.Object));
  switch (code.kind(n)) {
    case Kind.Name:
    case Kind.Path:
      return code.name(n);
    case Kind.Field:
      return `${object()}.${code.name(n)}`;
    case Kind.MethodCall:
      return `${object()}.${code.name(n)}(${code.child(n, Role.Arg) < 0 ? '' : '…'})`;
    case Kind.Call:
      return `${render(code, code.child(n, Role.Callee))}(${code.child(n, Role.Arg) < 0 ? '' : '…'})`;
    case Kind.Unary:
      return `${code.name(n)}${object()}`;
    case Kind.Index:
      return `${object()}[…]`;
    case Kind.Slice:
      return `${object()}[..]`;
    case Kind.Await:
      return `${object()}.await`;
    case Kind.Try:
      return `${object()}?`;
    default:
      return '…';
  }
}
