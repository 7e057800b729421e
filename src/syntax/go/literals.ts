import { FLAT_INTS } from '../flat-tree.ts';
import { Kind, Role } from '../node.ts';
import { lower } from './expressions.ts';
import { Class } from './grammar.ts';
import type { Lowering, Row } from './lowering.ts';
import { lowerType } from './types.ts';

/** Writes the elements of `{…}`; `type` is the row of the literal's type, or -1 when it is not known here. */
export function lowerLiteral(s: Lowering, p: Row, type: Row): void {
  const w = s.writer;
  const f = s.fields;
  let at = type;
  while (at >= 0 && s.classOf(at) === Class.ParenthesizedType) at = s.first(at);
  let key = -1;
  let element = -1;
  let collection = false;
  if (at >= 0) {
    switch (s.classOf(at)) {
      case Class.MapType:
        key = s.field(at, f.key);
        element = s.field(at, f.value);
        collection = true;
        break;
      case Class.SliceType:
      case Class.ArrayType:
      case Class.ImplicitArrayType:
        element = s.field(at, f.element);
        collection = true;
        break;
      default:
    }
  }
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    if (!s.counts(c)) continue;
    if (s.classOf(c) !== Class.KeyedElement) {
      lowerElement(s, c, Role.Arg, element);
      continue;
    }
    const k = unwrapElement(s, s.field(c, f.key));
    const v = unwrapElement(s, s.field(c, f.value));
    if (!collection && k >= 0 && s.classOf(k) === Class.Identifier) {
      const id = s.openNamed(Kind.FieldInit, Role.None, k, s.start(c), s.end(c));
      if (v >= 0) lowerElement(s, v, Role.Value, -1);
      w.close(id);
      continue;
    }
    const id = w.open(Kind.Entry, Role.None, '', s.start(c), s.end(c));
    if (k >= 0) lowerElement(s, k, Role.Key, key);
    if (v >= 0) lowerElement(s, v, Role.Value, element);
    w.close(id);
  }
}

function unwrapElement(s: Lowering, p: Row): Row {
  return p >= 0 && s.classOf(p) === Class.LiteralElement ? s.first(p) : p;
}

/** An element of a literal; `{…}` without a type takes the element type of what is around it. */
function lowerElement(s: Lowering, p: Row, role: Role, type: Row): void {
  const at = unwrapElement(s, p);
  if (at < 0) return;
  if (s.classOf(at) !== Class.LiteralValue || type < 0) {
    lower(s, at, role);
    return;
  }
  const w = s.writer;
  const start = s.start(at);
  const end = s.end(at);
  const pointer = s.classOf(type) === Class.PointerType;
  const pointee = pointer ? s.first(type) : type;
  const outer = pointer ? w.open(Kind.Unary, role, '&', start, end) : -1;
  const id = w.open(Kind.Composite, pointer ? Role.Object : role, '', start, end);
  if (pointee >= 0) lowerType(s, pointee, Role.Type);
  lowerLiteral(s, at, pointee);
  w.close(id);
  if (pointer) w.close(outer);
}
