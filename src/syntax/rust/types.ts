import { Kind, Role } from '../node.ts';
import { lower } from './expressions.ts';
import { T } from './grammar.ts';
import type { Lowering, TreeNode } from './lowering.ts';

/** Where the name of a path begins that can be taken as written; -1 when something must be left out of it. */
export function plainPath(s: Lowering, n: TreeNode): number {
  const { text } = s;
  const start = s.start(n);
  const end = s.end(n);
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    // `<`, `/` of a comment, whitespace
    if (c === 60 || c === 47 || c <= 32) return -1;
  }
  return text.charCodeAt(start) === 58 ? start + 2 : start;
}

/** A path without generic arguments, whitespace and a leading `::`; empty for what has no path. */
export function pathOf(s: Lowering, n: TreeNode): string {
  const f = s.f;
  switch (s.kind(n)) {
    case T.Name:
    case T.TypeName:
      return s.textOf(n);
    case T.ScopedName:
    case T.ScopedType: {
      const from = plainPath(s, n);
      if (from >= 0) return s.text.slice(from, s.end(n));
      const path = s.field(n, f.path);
      const name = s.field(n, f.name);
      const head = path < 0 ? '' : pathOf(s, path);
      return (head === '' ? '' : `${head}::`) + (name < 0 ? '' : s.textOf(name));
    }
    case T.GenericType:
      return pathOf(s, s.field(n, f.type));
    case T.BracketedType:
    case T.RemovedBound:
    case T.BoundedType: {
      const inner = s.inner(n);
      return inner < 0 ? '' : pathOf(s, inner);
    }
    case T.QualifiedType:
    case T.ReferenceType:
    case T.PointerType:
    case T.HigherRanked:
      return pathOf(s, s.field(n, f.type));
    case T.DynType:
    case T.ImplType:
    case T.FunctionType: {
      const trait = s.field(n, f.trait);
      return trait < 0 ? 'fn' : pathOf(s, trait);
    }
    case T.ArrayType:
      return s.field(n, f.length) < 0 ? 'slice' : 'array';
    case T.TupleType:
    case T.UnitType:
      return 'tuple';
    case T.NeverType:
      return 'never';
    default:
      return '';
  }
}

/** Writes the type arguments that stand inside a path, such as `u8` of `Vec::<u8>::new`. */
export function lowerPathArguments(s: Lowering, n: TreeNode): void {
  const f = s.f;
  switch (s.kind(n)) {
    case T.ScopedName:
    case T.ScopedType: {
      const path = s.field(n, f.path);
      if (path >= 0) lowerPathArguments(s, path);
      return;
    }
    case T.GenericType: {
      lowerPathArguments(s, s.field(n, f.type));
      const args = s.field(n, f.type_arguments);
      if (args >= 0) lowerTypeArguments(s, args);
      return;
    }
    default:
      return;
  }
}

/** Writes each of `<A, B, N>` with the role TypeArg; lifetimes are dropped. */
export function lowerTypeArguments(s: Lowering, n: TreeNode): void {
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) {
    switch (s.kind(c)) {
      case T.Anonymous:
      case T.Comment:
      case T.Lifetime:
      case T.TypeBounds:
        break;
      case T.TypeBinding: {
        const name = s.field(c, s.f.name);
        const type = s.field(c, s.f.type);
        const id = s.open(Kind.FieldDecl, Role.TypeArg, name, c);
        if (type >= 0) lowerType(s, type, Role.Type);
        s.out.close(id);
        break;
      }
      case T.Number:
      case T.String:
      case T.RawString:
      case T.Literal:
      case T.Block:
        lower(s, c, Role.TypeArg);
        break;
      default:
        lowerType(s, c, Role.TypeArg);
    }
  }
}

/** Writes a type. What is not a type (a syntax error) becomes the unknown type `_`. */
export function lowerType(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  const start = s.start(n);
  const end = s.end(n);
  switch (s.kind(n)) {
    case T.TypeName:
    case T.Name:
      out.leaf(Kind.Type, role, s.textOf(n), start, end);
      return;
    case T.ScopedType:
    case T.ScopedName:
    case T.GenericType: {
      const id = out.open(Kind.Type, role, pathOf(s, n), start, end);
      lowerPathArguments(s, n);
      out.close(id);
      return;
    }
    case T.ReferenceType:
      wrap(s, n, role, s.child(n, T.Mut) < 0 ? '&' : '&mut', s.field(n, f.type));
      return;
    case T.PointerType:
      wrap(s, n, role, '*', s.field(n, f.type));
      return;
    case T.UnitType:
      out.leaf(Kind.Type, role, 'tuple', start, end);
      return;
    case T.NeverType:
      out.leaf(Kind.Type, role, 'never', start, end);
      return;
    case T.TupleType: {
      const id = out.open(Kind.Type, role, 'tuple', start, end);
      const last = s.after(n);
      for (let c = n + 1; c < last; c = s.after(c)) if (s.carries(c)) lowerType(s, c, Role.TypeArg);
      out.close(id);
      return;
    }
    case T.ArrayType: {
      const length = s.field(n, f.length);
      const element = s.field(n, f.element);
      const id = out.open(Kind.Type, role, length < 0 ? 'slice' : 'array', start, end);
      if (element >= 0) lowerType(s, element, Role.TypeArg);
      if (length >= 0) lower(s, length, Role.Count);
      out.close(id);
      return;
    }
    case T.FunctionType: {
      const id = out.open(Kind.Type, role, pathOf(s, n), start, end);
      const parameters = s.field(n, f.parameters);
      if (parameters >= 0) {
        const last = s.after(parameters);
        for (let c = parameters + 1; c < last; c = s.after(c)) {
          if (!s.carries(c)) continue;
          const type = s.kind(c) === T.Parameter ? s.field(c, f.type) : c;
          if (type >= 0) lowerType(s, type, Role.TypeArg);
        }
      }
      const result = s.field(n, f.return_type);
      if (result >= 0) lowerType(s, result, Role.Result);
      out.close(id);
      return;
    }
    case T.DynType:
    case T.ImplType:
      wrap(s, n, role, s.kind(n) === T.DynType ? 'dyn' : 'impl', s.field(n, f.trait));
      return;
    case T.BoundedType:
      lowerBounded(s, n, role);
      return;
    case T.RemovedBound: {
      const inner = s.inner(n);
      out.leaf(Kind.Type, role, `?${inner < 0 ? '' : pathOf(s, inner)}`, start, end);
      return;
    }
    case T.HigherRanked:
    case T.QualifiedType:
    case T.BracketedType: {
      const inner = s.kind(n) === T.BracketedType ? s.inner(n) : s.field(n, f.type);
      if (inner >= 0) lowerType(s, inner, role);
      else out.leaf(Kind.Type, role, '_', start, end);
      return;
    }
    default:
      out.leaf(Kind.Type, role, '_', start, end);
  }
}

function wrap(s: Lowering, n: TreeNode, role: Role, name: string, inner: TreeNode): void {
  const id = s.out.open(Kind.Type, role, name, s.start(n), s.end(n));
  if (inner >= 0) lowerType(s, inner, Role.TypeArg);
  s.out.close(id);
}

/** `impl A + B + 'a`: the grammar nests it to the left with `impl` innermost; here the traits are children of one. */
function lowerBounded(s: Lowering, n: TreeNode, role: Role): void {
  const parts: TreeNode[] = [];
  const collect = (m: TreeNode): void => {
    const end = s.after(m);
    for (let c = m + 1; c < end; c = s.after(c)) {
      if (s.kind(c) === T.BoundedType) collect(c);
      else if (s.carries(c) && s.kind(c) !== T.Lifetime && s.kind(c) !== T.UseBounds) parts.push(c);
    }
  };
  collect(n);
  const [first, ...rest] = parts;
  const head = first === undefined ? -1 : s.kind(first);
  const name = head === T.DynType ? 'dyn' : head === T.ImplType ? 'impl' : '';
  if (first === undefined) {
    s.out.leaf(Kind.Type, role, '_', s.start(n), s.end(n));
    return;
  }
  if (name === '') {
    lowerType(s, first, role);
    return;
  }
  const id = s.out.open(Kind.Type, role, name, s.start(n), s.end(n));
  const trait = s.field(first, s.f.trait);
  if (trait >= 0) lowerType(s, trait, Role.TypeArg);
  for (const part of rest) lowerType(s, part, Role.TypeArg);
  s.out.close(id);
}
