import { FLAT_INTS } from '../flat-tree.ts';
import { Kind, type NodeId, Role } from '../node.ts';
import { lower } from './expressions.ts';
import { Class } from './grammar.ts';
import { isExported, type Lowering, type Row } from './lowering.ts';
import { lowerType, lowerTypeArguments } from './types.ts';

/** Lowers a call; where the callee is a type, that is a conversion. */
export function lowerCall(s: Lowering, p: Row, role: Role): void {
  const f = s.fields;
  const written = s.field(p, f.function);
  const args = s.field(p, f.arguments);
  const callee = s.unwrap(written);
  if (callee >= 0 && callee !== written && isPointerConversion(s, callee)) {
    const w = s.writer;
    const id = w.open(Kind.Cast, role, '', s.start(p), s.end(p));
    const value = args < 0 ? -1 : s.first(args);
    if (value >= 0) lower(s, value, Role.Object);
    typeFromExpression(s, callee, Role.Type);
    w.close(id);
    return;
  }
  const typeArguments = s.field(p, f.type_arguments);
  if (callee >= 0 && s.classOf(callee) === Class.Index) {
    const index = s.field(callee, f.index);
    const operand = s.unwrap(s.field(callee, f.operand));
    if (index >= 0 && operand >= 0 && isCallable(s, operand) && looksLikeType(s, index)) {
      const id = openCall(s, p, role, operand);
      typeFromExpression(s, index, Role.TypeArg);
      closeCall(s, id, args);
      return;
    }
  }
  const id = openCall(s, p, role, callee);
  if (typeArguments >= 0) lowerTypeArguments(s, typeArguments);
  closeCall(s, id, args);
}

function isCallable(s: Lowering, p: Row): boolean {
  const k = s.classOf(p);
  return k === Class.Identifier || k === Class.SelectorExpression;
}

/** Opens a Call or MethodCall and writes its callee or object. */
function openCall(s: Lowering, p: Row, role: Role, callee: Row): NodeId {
  const w = s.writer;
  const start = s.start(p);
  const end = s.end(p);
  if (callee >= 0 && s.classOf(callee) === Class.SelectorExpression) {
    const id = s.openNamed(Kind.MethodCall, role, s.field(callee, s.fields.field), start, end);
    const operand = s.field(callee, s.fields.operand);
    if (operand >= 0) lower(s, operand, Role.Object);
    return id;
  }
  const id = w.open(Kind.Call, role, '', start, end);
  if (callee >= 0) lower(s, callee, Role.Callee);
  return id;
}

function closeCall(s: Lowering, id: NodeId, args: Row): void {
  if (args >= 0) {
    const end = s.after(args);
    for (let c = args + FLAT_INTS; c < end; c = s.after(c)) {
      if (s.counts(c)) lower(s, c, Role.Arg);
    }
  }
  s.writer.close(id);
}

/**
 * `T(x)` where the grammar saw a type. With `F[T](x)` it cannot know: that may be a generic call, a conversion to
 * a generic type, or the call of a function in a map, `m[k](x)`. The first two become a Call with type arguments.
 */
export function lowerConversion(s: Lowering, p: Row, role: Role): void {
  const w = s.writer;
  const f = s.fields;
  let type = s.field(p, f.type);
  const operand = s.field(p, f.operand);
  const start = s.start(p);
  const end = s.end(p);
  if (type >= 0 && s.classOf(type) === Class.GenericType) {
    const name = s.field(type, f.type);
    const args = s.field(type, f.type_arguments);
    if (name >= 0 && args >= 0) {
      const only = onlyTypeArgument(s, args);
      const indexed = only >= 0 && s.classOf(only) === Class.TypeIdentifier && !s.isTypeName(s.textOf(only));
      const qualified = s.classOf(name) === Class.QualifiedType;
      if (indexed) {
        const id = w.open(Kind.Call, role, '', start, end);
        const index = w.open(Kind.Index, Role.Callee, '', s.start(type), s.end(type));
        if (qualified) w.close(openQualified(s, Kind.Field, Role.Object, name, s.start(name), s.end(name)));
        else w.leafSlice(Kind.Name, Role.Object, s.text, s.start(name), s.end(name));
        w.leafSlice(Kind.Name, Role.Index, s.text, s.start(only), s.end(only));
        w.close(index);
        if (operand >= 0) lower(s, operand, Role.Arg);
        w.close(id);
      } else {
        let id: NodeId;
        if (qualified) id = openQualified(s, Kind.MethodCall, role, name, start, end);
        else {
          id = w.open(Kind.Call, role, '', start, end);
          w.leafSlice(Kind.Name, Role.Callee, s.text, s.start(name), s.end(name));
        }
        lowerTypeArguments(s, args);
        if (operand >= 0) lower(s, operand, Role.Arg);
        w.close(id);
      }
      return;
    }
  }
  while (type >= 0 && s.classOf(type) === Class.ParenthesizedType) type = s.first(type);
  const id = w.open(Kind.Cast, role, '', start, end);
  if (operand >= 0) lower(s, operand, Role.Object);
  if (type >= 0) lowerType(s, type, Role.Type);
  w.close(id);
}

/** Opens a Field or MethodCall for a `qualified_type` and writes the package name as its object. */
export function openQualified(
  s: Lowering,
  kind: Kind,
  role: Role,
  type: Row,
  start: number,
  end: number,
): NodeId {
  const w = s.writer;
  const first = s.first(type);
  const name = s.field(type, s.fields.name);
  const id = s.openNamed(kind, role, name, start, end);
  if (first >= 0) w.leafSlice(Kind.Name, Role.Object, s.text, s.start(first), s.end(first));
  return id;
}

function onlyTypeArgument(s: Lowering, args: Row): Row {
  let only = -1;
  const end = s.after(args);
  for (let c = args + FLAT_INTS; c < end; c = s.after(c)) {
    if (!s.counts(c)) continue;
    if (only >= 0) return -1;
    only = c;
  }
  if (only < 0 || s.classOf(only) !== Class.TypeElem) return only;
  const inner = s.first(only);
  return inner >= 0 && s.after(inner) === s.after(only) ? inner : -1;
}

/** Whether an index expression in front of an argument list names a type. */
function looksLikeType(s: Lowering, p: Row): boolean {
  switch (s.classOf(p)) {
    case Class.Identifier:
      return s.isTypeName(s.textOf(p));
    case Class.SelectorExpression: {
      const operand = s.field(p, s.fields.operand);
      const name = s.field(p, s.fields.field);
      return (
        operand >= 0 && s.classOf(operand) === Class.Identifier && name >= 0 && isExported(s.textOf(name))
      );
    }
    case Class.Unary: {
      const operand = s.field(p, s.fields.operand);
      return s.operator(p) === '*' && operand >= 0 && looksLikeType(s, operand);
    }
    case Class.Index: {
      const operand = s.field(p, s.fields.operand);
      return operand >= 0 && looksLikeType(s, operand);
    }
    default:
      return isTypeClass(s, p);
  }
}

function isTypeClass(s: Lowering, p: Row): boolean {
  const k = s.classOf(p);
  return k >= Class.TypeIdentifier && k <= Class.TypeConstraint;
}

/** `(*T)(x)`: the grammar reads the type as a dereference. */
function isPointerConversion(s: Lowering, p: Row): boolean {
  if (s.classOf(p) !== Class.Unary || s.operator(p) !== '*') return false;
  let at = s.unwrap(s.field(p, s.fields.operand));
  while (at >= 0 && s.classOf(at) === Class.Unary && s.operator(at) === '*') {
    at = s.unwrap(s.field(at, s.fields.operand));
  }
  return at >= 0 && (isCallable(s, at) || s.classOf(at) === Class.Index);
}

/** Writes a Type for a type that the grammar read as an expression. */
function typeFromExpression(s: Lowering, p: Row, role: Role): void {
  const w = s.writer;
  const f = s.fields;
  switch (s.classOf(p)) {
    case Class.Identifier:
    case Class.SelectorExpression:
      w.leafSlice(Kind.Type, role, s.text, s.start(p), s.end(p));
      return;
    case Class.Unary: {
      const id = w.open(Kind.Type, role, '*', s.start(p), s.end(p));
      const operand = s.unwrap(s.field(p, f.operand));
      if (operand >= 0) typeFromExpression(s, operand, Role.TypeArg);
      w.close(id);
      return;
    }
    case Class.Index: {
      const operand = s.field(p, f.operand);
      const id = w.open(Kind.Type, role, operand < 0 ? '' : s.textOf(operand), s.start(p), s.end(p));
      const index = s.field(p, f.index);
      if (index >= 0) typeFromExpression(s, index, Role.TypeArg);
      w.close(id);
      return;
    }
    case Class.Parenthesized: {
      const inner = s.unwrap(p);
      if (inner >= 0) typeFromExpression(s, inner, role);
      return;
    }
    default:
      if (isTypeClass(s, p)) lowerType(s, p, role);
      else lower(s, p, role);
  }
}
