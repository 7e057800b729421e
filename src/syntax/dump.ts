import type { Code } from './code.ts';
import { Kind, type NodeId, Role } from './node.ts';

const kindNames = new Map(Object.entries(Kind).map(([name, value]) => [value, kebab(name)]));
const roleNames = new Map(Object.entries(Role).map(([name, value]) => [value, kebab(name)]));

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
}

/**
 * Lowered code as one line to read and to compare: `(kind name role:(child) …)`, such as
 * `(method-call insert object:(name map) arg:(number 1))`. A name that holds spaces, parentheses or quotes is
 * written as a JSON string. Children without a role and statements have no prefix.
 */
export function dump(code: Code, node: NodeId): string {
  if (node < 0) return '-';
  const name = code.name(node);
  let out = `(${kindNames.get(code.kind(node)) ?? code.kind(node)}`;
  if (name !== '') out += ` ${/[\s()"]/.test(name) ? JSON.stringify(name) : name}`;
  for (const child of code.children(node)) {
    const role = code.role(child);
    out += role === Role.None || role === Role.Statement ? ' ' : ` ${roleNames.get(role) ?? role}:`;
    out += dump(code, child);
  }
  return `${out})`;
}
