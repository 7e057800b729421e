import { FLAT_INTS } from '../flat-tree.ts';
import { Kind, type NodeId, Role } from '../node.ts';
import { lower, lowerPattern } from './expressions.ts';
import { Class } from './grammar.ts';
import type { Lowering, Row } from './lowering.ts';
import { lowerChildren } from './statements.ts';

/** Lowers a type. */
export function lowerType(s: Lowering, p: Row, role: Role): NodeId {
  const w = s.writer;
  const f = s.fields;
  const start = s.start(p);
  const end = s.end(p);
  switch (s.classOf(p)) {
    case Class.TypeIdentifier:
    case Class.QualifiedType:
    case Class.Identifier:
      return w.leafSlice(Kind.Type, role, s.text, start, end);
    case Class.PointerType:
      return typeOf(s, '*', role, p, s.first(p));
    case Class.SliceType:
      return typeOf(s, 'slice', role, p, s.field(p, f.element));
    case Class.ChannelType:
      return typeOf(s, 'chan', role, p, s.field(p, f.value));
    case Class.NegatedType:
      return typeOf(s, '~', role, p, s.first(p));
    case Class.ImplicitArrayType:
      return typeOf(s, 'array', role, p, s.field(p, f.element));
    case Class.ArrayType: {
      const id = w.open(Kind.Type, role, 'array', start, end);
      const length = s.field(p, f.length);
      if (length >= 0) lower(s, length, Role.Count);
      const element = s.field(p, f.element);
      if (element >= 0) lowerType(s, element, Role.TypeArg);
      return w.close(id);
    }
    case Class.MapType: {
      const id = w.open(Kind.Type, role, 'map', start, end);
      const key = s.field(p, f.key);
      if (key >= 0) lowerType(s, key, Role.TypeArg);
      const value = s.field(p, f.value);
      if (value >= 0) lowerType(s, value, Role.TypeArg);
      return w.close(id);
    }
    case Class.FunctionType: {
      const id = w.open(Kind.Type, role, 'fn', start, end);
      signature(s, p);
      return w.close(id);
    }
    case Class.GenericType: {
      const name = s.field(p, f.type);
      const id = s.openNamed(Kind.Type, role, name, start, end);
      const args = s.field(p, f.type_arguments);
      if (args >= 0) lowerTypeArguments(s, args);
      return w.close(id);
    }
    case Class.ParenthesizedType: {
      const inner = s.first(p);
      return inner < 0 ? w.leaf(Kind.Type, role, '_', start, end) : lowerType(s, inner, role);
    }
    case Class.StructType: {
      const id = w.open(Kind.Type, role, 'struct', start, end);
      const list = s.firstOf(p, Class.FieldDeclarationList);
      if (list >= 0) fieldDeclarations(s, list);
      return w.close(id);
    }
    case Class.InterfaceType: {
      const id = w.open(Kind.Type, role, 'interface', start, end);
      const last = s.after(p);
      for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
        if (s.classOf(c) === Class.MethodElem) {
          const name = s.field(c, f.name);
          const method = w.open(
            Kind.FieldDecl,
            Role.None,
            name < 0 ? '' : s.textOf(name),
            s.start(c),
            s.end(c),
          );
          const type = w.open(Kind.Type, Role.Type, 'fn', s.start(c), s.end(c));
          signature(s, c);
          w.close(type);
          w.close(method);
        } else if (s.counts(c)) lowerType(s, c, Role.TypeArg);
      }
      return w.close(id);
    }
    case Class.TypeElem:
    case Class.TypeConstraint:
      return union(s, p, role);
    case Class.ParameterList:
      return lowerResult(s, p, role);
    default: {
      const id = w.open(Kind.Error, role, '', start, end);
      lowerChildren(s, p, Role.None);
      return w.close(id);
    }
  }
}

/** A type that is made of one other: a pointer, a slice, a channel. */
function typeOf(s: Lowering, name: string, role: Role, p: Row, argument: Row): NodeId {
  const w = s.writer;
  const id = w.open(Kind.Type, role, name, s.start(p), s.end(p));
  if (argument >= 0) lowerType(s, argument, Role.TypeArg);
  return w.close(id);
}

/** Lowers each type of a list. */
export function lowerTypeArguments(s: Lowering, p: Row): void {
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) if (s.counts(c)) lowerType(s, c, Role.TypeArg);
}

/** `~int | string`: one member is the member itself, several are a `union`. */
function union(s: Lowering, p: Row, role: Role): NodeId {
  let count = 0;
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) if (s.counts(c)) count++;
  if (count === 1) return lowerType(s, s.first(p), role);
  const id = s.writer.open(Kind.Type, role, 'union', s.start(p), s.end(p));
  lowerTypeArguments(s, p);
  return s.writer.close(id);
}

/** Parameters and result of a function type or interface method. */
function signature(s: Lowering, p: Row): void {
  const parameters = s.field(p, s.fields.parameters);
  if (parameters >= 0) lowerParameters(s, parameters, undefined);
  const result = s.field(p, s.fields.result);
  if (result >= 0) lowerResult(s, result, Role.Result);
}

function fieldDeclarations(s: Lowering, list: Row): void {
  const w = s.writer;
  const end = s.after(list);
  for (let c = list + FLAT_INTS; c < end; c = s.after(c)) {
    if (s.classOf(c) !== Class.FieldDeclaration) continue;
    eachField(s, c, (name, nameRow) => {
      const id = w.open(Kind.FieldDecl, Role.None, name, s.start(nameRow), s.end(c));
      lowerFieldType(s, c, Role.Type);
      w.close(id);
    });
  }
}

/** Calls back for each name a field declaration declares; an embedded field has its type's last name. */
export function eachField(
  s: Lowering,
  p: Row,
  each: (name: string, nameRow: Row, embedded: boolean) => void,
): void {
  const f = s.fields;
  const end = s.after(p);
  let named = false;
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    if (s.data[c + 1] !== f.name || !s.counts(c)) continue;
    named = true;
    each(s.textOf(c), c, false);
  }
  if (named) return;
  const type = s.field(p, f.type);
  if (type >= 0) each(lastName(s, type), type, true);
}

/** Writes the type of a field declaration; `*T` embedded keeps its pointer. */
export function lowerFieldType(s: Lowering, p: Row, role: Role): NodeId {
  const f = s.fields;
  const type = s.field(p, f.type);
  if (type < 0) return s.writer.leaf(Kind.Type, role, '_', s.end(p), s.end(p));
  if (s.field(p, f.name) < 0 && s.hasToken(p, '*')) {
    const id = s.writer.open(Kind.Type, role, '*', s.start(p), s.end(type));
    lowerType(s, type, Role.TypeArg);
    return s.writer.close(id);
  }
  return lowerType(s, type, role);
}

/** `Bar` of `foo.Bar[T]` and of `*foo.Bar`. */
export function lastName(s: Lowering, type: Row): string {
  const f = s.fields;
  let at = type;
  for (;;) {
    switch (at < 0 ? Class.Skip : s.classOf(at)) {
      case Class.QualifiedType:
        at = s.field(at, f.name);
        break;
      case Class.GenericType:
        at = s.field(at, f.type);
        break;
      case Class.PointerType:
      case Class.ParenthesizedType:
      case Class.TypeElem:
        at = s.first(at);
        break;
      case Class.TypeIdentifier:
      case Class.Identifier:
        return s.textOf(at);
      default:
        return '';
    }
  }
}

/** Writes Param nodes of a parameter list; their ids are added to `out`. */
export function lowerParameters(s: Lowering, list: Row, out: NodeId[] | undefined): void {
  const end = s.after(list);
  for (let c = list + FLAT_INTS; c < end; c = s.after(c)) {
    const k = s.classOf(c);
    if (k === Class.Parameter || k === Class.VariadicParameter) parameter(s, c, Role.Param, out);
  }
}

function parameter(s: Lowering, p: Row, role: Role, out: NodeId[] | undefined): void {
  const w = s.writer;
  const f = s.fields;
  const type = s.field(p, f.type);
  const name = s.classOf(p) === Class.VariadicParameter ? 'variadic' : '';
  const last = s.after(p);
  let named = false;
  for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
    if (s.data[c + 1] !== f.name || !s.counts(c)) continue;
    named = true;
    const id = w.open(Kind.Param, role, name, s.start(c), s.end(p));
    lowerPattern(s, c);
    if (type >= 0) lowerType(s, type, Role.Type);
    out?.push(w.close(id));
    if (!out) w.close(id);
  }
  if (named) return;
  const id = w.open(Kind.Param, role, name, s.start(p), s.end(p));
  if (type >= 0) lowerType(s, type, Role.Type);
  w.close(id);
  out?.push(id);
}

/** Writes the result of a function: one type, or a `tuple` of types or, where results have names, of Params. */
export function lowerResult(s: Lowering, p: Row, role: Role): NodeId {
  if (s.classOf(p) !== Class.ParameterList) return lowerType(s, p, role);
  const f = s.fields;
  const end = s.after(p);
  let count = 0;
  let only = -1;
  let named = false;
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    if (s.classOf(c) !== Class.Parameter) continue;
    count++;
    only = c;
    if (s.field(c, f.name) >= 0) named = true;
  }
  if (count === 1 && !named) {
    const type = s.field(only, f.type);
    if (type >= 0) return lowerType(s, type, role);
  }
  const id = s.writer.open(Kind.Type, role, 'tuple', s.start(p), s.end(p));
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    if (s.classOf(c) !== Class.Parameter) continue;
    if (named) parameter(s, c, Role.TypeArg, undefined);
    else {
      const type = s.field(c, f.type);
      if (type >= 0) lowerType(s, type, Role.TypeArg);
    }
  }
  return s.writer.close(id);
}
