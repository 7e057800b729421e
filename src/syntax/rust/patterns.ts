import { Kind, Role } from '../node.ts';
import { lower } from './expressions.ts';
import { T } from './grammar.ts';
import type { Lowering, TreeNode } from './lowering.ts';
import { pathOf } from './types.ts';

/** True for a name that a pattern compares with (`None`, `MAX`) and does not bind. */
export function isConstantName(name: string): boolean {
  const c = name.charCodeAt(0);
  return c >= 65 && c <= 90;
}

/** Writes a pattern. */
export function lowerPattern(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  const start = s.start(n);
  const end = s.end(n);
  switch (s.kind(n)) {
    case T.Anonymous:
      if (s.token(n) === '_') out.leaf(Kind.Wildcard, role, '', start, end);
      return;
    case T.Comment:
    case T.Mut:
    case T.Attribute:
      return;
    case T.Name: {
      const name = s.textOf(n);
      if (name === '_') out.leaf(Kind.Wildcard, role, '', start, end);
      else out.leaf(isConstantName(name) ? Kind.Destructure : Kind.Bind, role, name, start, end);
      return;
    }
    case T.ScopedName:
      out.leaf(Kind.Destructure, role, pathOf(s, n), start, end);
      return;
    case T.GenericPattern: {
      const inner = s.inner(n);
      out.leaf(Kind.Destructure, role, inner < 0 ? '' : pathOf(s, inner), start, end);
      return;
    }
    case T.RestPattern:
      out.leaf(Kind.Wildcard, role, '', start, end);
      return;
    case T.TuplePattern:
      many(s, n, role, 'tuple', -1);
      return;
    case T.SlicePattern:
      many(s, n, role, 'slice', -1);
      return;
    case T.ReferencePattern:
      many(s, n, role, 'ref', -1);
      return;
    case T.TupleStructPattern: {
      const type = s.field(n, f.type);
      many(s, n, role, type < 0 ? '' : pathOf(s, type), type);
      return;
    }
    case T.StructPattern: {
      const type = s.field(n, f.type);
      many(s, n, role, type < 0 ? '' : pathOf(s, type), type);
      return;
    }
    case T.FieldPattern: {
      const name = s.field(n, f.name);
      const pattern = s.field(n, f.pattern);
      const text = name < 0 ? '' : s.textOf(name);
      const id = out.open(Kind.FieldPattern, role, text, start, end);
      if (pattern >= 0) lowerPattern(s, pattern, Role.Pattern);
      else if (name >= 0)
        out.leaf(Kind.Bind, Role.Pattern, text, s.has(n, 'ref') ? start : s.start(name), s.end(name));
      out.close(id);
      return;
    }
    case T.MutPattern:
    case T.RefPattern: {
      const last = s.after(n);
      for (let c = n + 1; c < last; c = s.after(c)) {
        if (s.kind(c) === T.Mut || !(s.carries(c) || s.token(c) === '_')) continue;
        const name = s.kind(n) === T.RefPattern ? boundName(s, c) : -1;
        if (name >= 0) out.leaf(Kind.Bind, role, s.textOf(name), start, end);
        else lowerPattern(s, c, role);
        return;
      }
      return;
    }
    case T.CapturedPattern: {
      const name = s.inner(n);
      const id = out.open(Kind.Bind, role, name < 0 ? '' : s.textOf(name), start, end);
      const last = s.after(n);
      for (let c = name < 0 ? n + 1 : s.after(name); c < last; c = s.after(c))
        lowerPattern(s, c, Role.Pattern);
      out.close(id);
      return;
    }
    case T.OrPattern: {
      const id = out.open(Kind.Destructure, role, 'or', start, end);
      alternatives(s, n);
      out.close(id);
      return;
    }
    case T.RangePattern: {
      const left = s.field(n, f.left);
      const right = s.field(n, f.right);
      const id = out.open(Kind.Range, role, s.has(n, '..=') ? '..=' : '..', start, end);
      if (left >= 0) lower(s, left, Role.Low);
      if (right >= 0) lower(s, right, Role.High);
      out.close(id);
      return;
    }
    default:
      lower(s, n, role);
  }
}

/** The name of a pattern that is nothing but a name, `mut` aside; else -1. */
function boundName(s: Lowering, n: TreeNode): TreeNode {
  if (n < 0) return -1;
  if (s.kind(n) === T.Name) return isConstantName(s.textOf(n)) ? -1 : n;
  if (s.kind(n) !== T.MutPattern) return -1;
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) if (s.kind(c) === T.Name) return boundName(s, c);
  return -1;
}

function many(s: Lowering, n: TreeNode, role: Role, name: string, skip: TreeNode): void {
  const id = s.out.open(Kind.Destructure, role, name, s.start(n), s.end(n));
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) if (c !== skip) lowerPattern(s, c, Role.Pattern);
  s.out.close(id);
}

function alternatives(s: Lowering, n: TreeNode): void {
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) {
    if (s.kind(c) === T.OrPattern) alternatives(s, c);
    else lowerPattern(s, c, Role.Pattern);
  }
}
