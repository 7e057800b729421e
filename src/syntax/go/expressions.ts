import { FLAT_INTS } from '../flat-tree.ts';
import { Kind, Role } from '../node.ts';
import { lowerCall, lowerConversion, openQualified } from './calls.ts';
import { Class } from './grammar.ts';
import { lowerLiteral } from './literals.ts';
import type { Lowering, Row } from './lowering.ts';
import { lowerBlock, lowerChildren } from './statements.ts';
import { lowerParameters, lowerResult, lowerType } from './types.ts';

/** Characters of a string literal that are kept. */
const MAX_STRING = 200;

/** Lowers the expressions of an expression list, or one expression. */
export function lowerAll(s: Lowering, p: Row, role: Role): void {
  if (p < 0) return;
  if (s.classOf(p) !== Class.ExpressionList) {
    lower(s, p, role);
    return;
  }
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) if (s.counts(c)) lower(s, c, role);
}

/** Lowers the names on the left of `:=` or before `range`. */
export function lowerPatterns(s: Lowering, p: Row): void {
  if (p < 0) return;
  if (s.classOf(p) !== Class.ExpressionList) {
    lowerPattern(s, p);
    return;
  }
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) if (s.counts(c)) lowerPattern(s, c);
}

/** Lowers what is declared or assigned: a name, `_`, or an expression. */
export function lowerPattern(s: Lowering, p: Row): void {
  const k = s.classOf(p);
  const start = s.start(p);
  const end = s.end(p);
  if (k === Class.Blank || (k === Class.Identifier && s.isBlank(start, end))) {
    s.writer.leaf(Kind.Wildcard, Role.Pattern, '', start, end);
  } else if (k === Class.Identifier) {
    s.writer.leafSlice(Kind.Bind, Role.Pattern, s.text, start, end);
  } else {
    lower(s, p, Role.Pattern);
  }
}

/** Lowers an expression. */
export function lower(s: Lowering, p: Row, role: Role): void {
  const w = s.writer;
  const f = s.fields;
  const start = s.data[p + 2] as number;
  const end = s.data[p + 3] as number;
  switch (s.classes[s.data[p] as number]) {
    case Class.Identifier:
      if (s.isBlank(start, end)) {
        w.leaf(Kind.Wildcard, role, '', start, end);
      } else w.leafSlice(Kind.Name, role, s.text, start, end);
      return;
    case Class.SelectorExpression: {
      const id = s.openNamed(Kind.Field, role, s.field(p, f.field), start, end);
      const operand = s.field(p, f.operand);
      if (operand >= 0) lower(s, operand, Role.Object);
      w.close(id);
      return;
    }
    case Class.CallExpression:
      lowerCall(s, p, role);
      return;
    case Class.InterpretedString:
    case Class.RawString:
      w.leaf(
        Kind.String,
        role,
        s.text.slice(start + 1, Math.max(start + 1, Math.min(end - 1, start + 1 + MAX_STRING))),
        start,
        end,
      );
      return;
    case Class.Int:
    case Class.Float:
    case Class.Imaginary:
      w.leafSlice(Kind.Number, role, s.text, start, end);
      return;
    case Class.Rune:
    case Class.Nil:
    case Class.True:
    case Class.False:
    case Class.Iota:
      w.leafSlice(Kind.Literal, role, s.text, start, end);
      return;
    case Class.Blank:
      w.leaf(Kind.Wildcard, role, '', start, end);
      return;
    case Class.Unary: {
      const id = w.open(Kind.Unary, role, s.operator(p), start, end);
      const operand = s.field(p, f.operand);
      if (operand >= 0) lower(s, operand, Role.Object);
      w.close(id);
      return;
    }
    case Class.Binary: {
      const id = w.open(Kind.Binary, role, s.operator(p), start, end);
      const left = s.field(p, f.left);
      if (left >= 0) lower(s, left, Role.Left);
      const right = s.field(p, f.right);
      if (right >= 0) lower(s, right, Role.Right);
      w.close(id);
      return;
    }
    case Class.Index: {
      const id = w.open(Kind.Index, role, '', start, end);
      const operand = s.field(p, f.operand);
      if (operand >= 0) lower(s, operand, Role.Object);
      const index = s.field(p, f.index);
      if (index >= 0) lower(s, index, Role.Index);
      w.close(id);
      return;
    }
    case Class.SliceExpression: {
      const id = w.open(Kind.Slice, role, '', start, end);
      const operand = s.field(p, f.operand);
      if (operand >= 0) lower(s, operand, Role.Object);
      const low = s.field(p, f.start);
      if (low >= 0) lower(s, low, Role.Low);
      const high = s.field(p, f.end);
      if (high >= 0) lower(s, high, Role.High);
      const capacity = s.field(p, f.capacity);
      if (capacity >= 0) lower(s, capacity, Role.Count);
      w.close(id);
      return;
    }
    case Class.Composite: {
      const type = s.field(p, f.type);
      const body = s.field(p, f.body);
      const id = w.open(Kind.Composite, role, '', start, end);
      if (type >= 0) lowerType(s, type, Role.Type);
      if (body >= 0) lowerLiteral(s, body, type);
      w.close(id);
      return;
    }
    case Class.LiteralValue: {
      const id = w.open(Kind.Composite, role, '', start, end);
      lowerLiteral(s, p, -1);
      w.close(id);
      return;
    }
    case Class.Parenthesized:
    case Class.LiteralElement: {
      const inner = s.first(p);
      if (inner >= 0) lower(s, inner, role);
      return;
    }
    case Class.FuncLiteral: {
      const id = w.open(Kind.Closure, role, '', start, end);
      const parameters = s.field(p, f.parameters);
      if (parameters >= 0) lowerParameters(s, parameters, undefined);
      const result = s.field(p, f.result);
      if (result >= 0) lowerResult(s, result, Role.Result);
      const body = s.field(p, f.body);
      if (body >= 0) lowerBlock(s, body, Role.Body);
      w.close(id);
      return;
    }
    case Class.TypeAssertion: {
      const id = w.open(Kind.Cast, role, 'assert', start, end);
      const operand = s.field(p, f.operand);
      if (operand >= 0) lower(s, operand, Role.Object);
      const type = s.field(p, f.type);
      if (type >= 0) lowerType(s, type, Role.Type);
      w.close(id);
      return;
    }
    case Class.TypeConversion:
      lowerConversion(s, p, role);
      return;
    case Class.TypeInstantiation: {
      const type = s.field(p, f.type);
      const id =
        type >= 0 && s.classOf(type) === Class.QualifiedType
          ? openQualified(s, Kind.Field, role, type, start, end)
          : s.openNamed(Kind.Name, role, type, start, end);
      const last = s.after(p);
      for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
        if (c !== type && s.counts(c)) lowerType(s, c, Role.TypeArg);
      }
      w.close(id);
      return;
    }
    case Class.VariadicArgument: {
      const id = w.open(Kind.Unary, role, '...', start, end);
      const inner = s.first(p);
      if (inner >= 0) lower(s, inner, Role.Object);
      w.close(id);
      return;
    }
    case Class.ExpressionList:
      lowerAll(s, p, role);
      return;
    case Class.TypeIdentifier:
    case Class.QualifiedType:
    case Class.PointerType:
    case Class.SliceType:
    case Class.ArrayType:
    case Class.ImplicitArrayType:
    case Class.MapType:
    case Class.ChannelType:
    case Class.FunctionType:
    case Class.StructType:
    case Class.InterfaceType:
    case Class.GenericType:
    case Class.ParenthesizedType:
    case Class.NegatedType:
    case Class.TypeElem:
    case Class.TypeConstraint:
      lowerType(s, p, role);
      return;
    case Class.Error: {
      const id = w.open(Kind.Error, role, '', start, end);
      lowerChildren(s, p, Role.None);
      w.close(id);
      return;
    }
    default: {
      const id = w.open(Kind.Other, role, s.types[s.data[p] as number] ?? '', start, end);
      lowerChildren(s, p, Role.None);
      w.close(id);
    }
  }
}
