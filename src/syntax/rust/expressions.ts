import { Kind, Role } from '../node.ts';
import { isTestAttribute } from './attributes.ts';
import { FIRST_ITEM, T } from './grammar.ts';
import type { Lowering, TreeNode } from './lowering.ts';
import { lowerMacroCall } from './macros.ts';
import { lowerPattern } from './patterns.ts';
import { lowerPathArguments, lowerType, lowerTypeArguments, pathOf, plainPath } from './types.ts';

/** Strings are kept for their beginning (URLs, formats, SQL verbs); the rest of a long one only costs memory. */
const STRING_LIMIT = 200;

type Lower = (s: Lowering, n: TreeNode, role: Role) => void;

/** Writes an expression or a statement; nothing for punctuation, comments and empty statements. */
export function lower(s: Lowering, n: TreeNode, role: Role): void {
  const kind = s.kind(n);
  if (kind > T.Comment) (TABLE[kind] as Lower)(s, n, role);
}

function nothing(): void {}

/** What Headroom has no node for: the children are kept. */
function other(s: Lowering, n: TreeNode, role: Role): void {
  const error = s.kind(n) === T.Error;
  const id = s.out.open(
    error ? Kind.Error : Kind.Other,
    role,
    error ? '' : (s.grammar.types[s.data[n * 6] as number] ?? ''),
    s.start(n),
    s.end(n),
  );
  children(s, n);
  s.out.close(id);
}

function children(s: Lowering, n: TreeNode): void {
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) lower(s, c, Role.None);
}

/** Writes the first child that carries meaning in place of the node. */
function transparent(s: Lowering, n: TreeNode, role: Role): void {
  const inner = s.inner(n);
  if (inner >= 0) lower(s, inner, role);
}

function item(s: Lowering, n: TreeNode, role: Role): void {
  s.defer(n, []);
  if (s.kind(n) !== T.ConstItem) return;
  const f = s.f;
  const name = s.field(n, f.name);
  const type = s.field(n, f.type);
  const value = s.field(n, f.value);
  const id = s.openAs(Kind.Let, role, 'const', n);
  if (name >= 0) s.leaf(Kind.Bind, Role.Pattern, name);
  if (type >= 0) lowerType(s, type, Role.Type);
  if (value >= 0) lower(s, value, Role.Value);
  s.out.close(id);
}

function name(s: Lowering, n: TreeNode, role: Role): void {
  s.leaf(Kind.Name, role, n);
}

function scopedName(s: Lowering, n: TreeNode, role: Role): void {
  const from = plainPath(s, n);
  if (from >= 0) {
    const id = s.out.openSlice(Kind.Path, role, s.text, from, s.end(n), s.start(n), s.end(n));
    s.out.close(id);
    return;
  }
  const id = s.out.open(Kind.Path, role, pathOf(s, n), s.start(n), s.end(n));
  lowerPathArguments(s, n);
  s.out.close(id);
}

function genericFunction(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const fn = s.field(n, f.function);
  const args = s.field(n, f.type_arguments);
  const id = s.out.open(Kind.Path, role, fn < 0 ? '' : pathOf(s, fn), s.start(n), s.end(n));
  if (fn >= 0) lowerPathArguments(s, fn);
  if (args >= 0) lowerTypeArguments(s, args);
  s.out.close(id);
}

function number(s: Lowering, n: TreeNode, role: Role): void {
  s.leaf(Kind.Number, role, n);
}

function literal(s: Lowering, n: TreeNode, role: Role): void {
  s.leaf(Kind.Literal, role, n);
}

/** The text between the quotes of a string literal of any spelling, as written. */
export function stringContent(s: Lowering, n: TreeNode): { readonly text: string; readonly start: number } {
  const start = s.start(n);
  const end = s.end(n);
  let at = start;
  while (at < end && s.text.charCodeAt(at) !== 34) at++;
  let hashes = 0;
  while (at - 1 - hashes >= start && s.text.charCodeAt(at - 1 - hashes) === 35) hashes++;
  const from = Math.min(at + 1, end);
  return {
    text: s.text.slice(from, Math.min(Math.max(end - 1 - hashes, from), from + STRING_LIMIT)),
    start: from,
  };
}

function string(s: Lowering, n: TreeNode, role: Role): void {
  s.out.leaf(Kind.String, role, stringContent(s, n).text, s.start(n), s.end(n));
}

function field(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const value = s.field(n, f.value);
  const name = s.field(n, f.field);
  const id = s.open(Kind.Field, role, name, n);
  if (value >= 0) lower(s, value, Role.Object);
  s.out.close(id);
}

function call(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  let callee = s.field(n, f.function);
  const args = s.field(n, f.arguments);
  let types = -1;
  let path = -1;
  if (callee >= 0 && s.kind(callee) === T.GenericFunction) {
    types = s.field(callee, f.type_arguments);
    path = s.field(callee, f.function);
    if (path >= 0) callee = path;
  }
  let id: number;
  if (callee >= 0 && s.kind(callee) === T.Field) {
    const value = s.field(callee, f.value);
    const method = s.field(callee, f.field);
    id = s.open(Kind.MethodCall, role, method, n);
    if (value >= 0) lower(s, value, Role.Object);
  } else {
    id = s.open(Kind.Call, role, -1, n);
    if (callee >= 0) lower(s, callee, Role.Callee);
  }
  if (types >= 0) lowerTypeArguments(s, types);
  if (args >= 0) {
    const end = s.after(args);
    for (let c = args + 1; c < end; c = s.after(c)) lower(s, c, Role.Arg);
  }
  out.close(id);
}

function prefix(s: Lowering, n: TreeNode, role: Role, operator: string, operand: TreeNode): void {
  const id = s.out.open(Kind.Unary, role, operator, s.start(n), s.end(n));
  if (operand >= 0) lower(s, operand, Role.Object);
  s.out.close(id);
}

function unary(s: Lowering, n: TreeNode, role: Role): void {
  prefix(s, n, role, n + 1 < s.after(n) ? s.token(n + 1) : '', s.inner(n));
}

function reference(s: Lowering, n: TreeNode, role: Role): void {
  prefix(s, n, role, s.child(n, T.Mut) < 0 ? '&' : '&mut', s.field(n, s.f.value));
}

function postfix(kind: Kind): Lower {
  return (s, n, role) => {
    const id = s.open(kind, role, -1, n);
    const inner = s.inner(n);
    if (inner >= 0) lower(s, inner, Role.Object);
    s.out.close(id);
  };
}

function binary(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const operator = s.field(n, f.operator);
  const left = s.field(n, f.left);
  const right = s.field(n, f.right);
  const id = s.out.open(Kind.Binary, role, operator < 0 ? '' : s.token(operator), s.start(n), s.end(n));
  if (left >= 0) lower(s, left, Role.Left);
  if (right >= 0) lower(s, right, Role.Right);
  s.out.close(id);
}

/** The grammar reads `..=x` as an assignment to `..`: the high end then, else -1. */
function inclusiveEnd(s: Lowering, n: TreeNode): TreeNode {
  if (s.kind(n) !== T.Assign) return -1;
  const left = s.field(n, s.f.left);
  if (left < 0 || s.kind(left) !== T.Range || s.inner(left) >= 0) return -1;
  return s.field(n, s.f.right);
}

function assign(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const high = inclusiveEnd(s, n);
  if (high >= 0) {
    const id = s.openAs(Kind.Range, role, '..=', n);
    lower(s, high, Role.High);
    s.out.close(id);
    return;
  }
  const operator = s.field(n, f.operator);
  const left = s.field(n, f.left);
  const right = s.field(n, f.right);
  const id = s.out.open(Kind.Assign, role, operator < 0 ? '=' : s.token(operator), s.start(n), s.end(n));
  if (left >= 0) lower(s, left, Role.Target);
  if (right >= 0) lower(s, right, Role.Value);
  s.out.close(id);
}

function cast(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const value = s.field(n, f.value);
  const type = s.field(n, f.type);
  const id = s.open(Kind.Cast, role, -1, n);
  if (value >= 0) lower(s, value, Role.Object);
  if (type >= 0) lowerType(s, type, Role.Type);
  s.out.close(id);
}

function jump(kind: Kind): Lower {
  return (s, n, role) => {
    const label = s.child(n, T.Label);
    const id = s.out.open(kind, role, label < 0 ? '' : labelName(s, label), s.start(n), s.end(n));
    const end = s.after(n);
    for (let c = n + 1; c < end; c = s.after(c)) if (c !== label) lower(s, c, Role.Value);
    s.out.close(id);
  };
}

function labelName(s: Lowering, label: TreeNode): string {
  return s.textOf(label).slice(1);
}

function sequence(s: Lowering, n: TreeNode, role: Role): void {
  const length = s.field(n, s.f.length);
  const id = s.out.open(Kind.Sequence, role, s.kind(n) === T.Array ? 'array' : 'tuple', s.start(n), s.end(n));
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) lower(s, c, c === length ? Role.Count : Role.Arg);
  s.out.close(id);
}

function struct(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  const type = s.field(n, f.name);
  const body = s.field(n, f.body);
  const id = s.open(Kind.Composite, role, -1, n);
  if (type >= 0) lowerType(s, type, Role.Type);
  const end = body < 0 ? -1 : s.after(body);
  for (let c = body + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind === T.ShorthandField) {
      const name = s.child(c, T.Name);
      if (name < 0) continue;
      const text = s.textOf(name);
      const init = out.open(Kind.FieldInit, Role.Value, text, s.start(c), s.end(c));
      out.leaf(Kind.Name, Role.Value, text, s.start(name), s.end(name));
      out.close(init);
    } else if (kind === T.FieldInit) {
      const name = s.field(c, f.field);
      const value = s.field(c, f.value);
      const init = s.open(Kind.FieldInit, Role.Value, name, c);
      if (value >= 0) lower(s, value, Role.Value);
      out.close(init);
    } else if (kind === T.BaseField) {
      const base = s.inner(c);
      if (base >= 0) lower(s, base, Role.Base);
    } else lower(s, c, Role.None);
  }
  out.close(id);
}

function closure(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  const move = s.has(n, 'move') ? 'move' : '';
  const id = out.open(Kind.Closure, role, move, s.start(n), s.end(n));
  const parameters = s.field(n, f.parameters);
  const end = parameters < 0 ? -1 : s.after(parameters);
  for (let c = parameters + 1; c < end; c = s.after(c)) lowerParameter(s, c);
  const result = s.field(n, f.return_type);
  if (result >= 0) lowerType(s, result, Role.Result);
  const body = s.field(n, f.body);
  if (body >= 0) {
    if (s.has(n, 'async')) {
      const inner = out.open(Kind.AsyncBlock, Role.Body, move, s.start(body), s.end(body));
      lower(s, body, Role.Body);
      out.close(inner);
    } else lower(s, body, Role.Body);
  }
  out.close(id);
}

/** Writes a Param for a closure's or function's parameter; nothing for punctuation. Returns its node or -1. */
export function lowerParameter(s: Lowering, n: TreeNode): number {
  const { out } = s;
  const f = s.f;
  const kind = s.kind(n);
  if (kind === T.Comment || kind === T.Attribute || kind === T.Mut) return -1;
  if (kind === T.Anonymous && s.token(n) !== '_') return -1;
  const variadic = kind === T.VariadicParameter;
  const id = out.open(Kind.Param, Role.Param, variadic ? 'variadic' : '', s.start(n), s.end(n));
  if (kind === T.Parameter || variadic) {
    const pattern = s.field(n, f.pattern);
    const type = s.field(n, f.type);
    if (pattern >= 0) lowerPattern(s, pattern, Role.Pattern);
    if (type >= 0) lowerType(s, type, Role.Type);
  } else lowerPattern(s, n, Role.Pattern);
  return out.close(id);
}

function bounds(s: Lowering, n: TreeNode): void {
  // The operator is the only anonymous child: what stands before it is the low end.
  let low = true;
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) {
    if (s.kind(c) === T.Anonymous) low = false;
    else lower(s, c, low ? Role.Low : Role.High);
  }
}

function range(s: Lowering, n: TreeNode, role: Role): void {
  const id = s.out.open(Kind.Range, role, s.has(n, '..=') ? '..=' : '..', s.start(n), s.end(n));
  bounds(s, n);
  s.out.close(id);
}

function index(s: Lowering, n: TreeNode, role: Role): void {
  const object = s.inner(n);
  let at = -1;
  const end = s.after(n);
  for (let c = object < 0 ? n + 1 : s.after(object); c < end; c = s.after(c)) if (s.carries(c)) at = c;
  const high = at < 0 ? -1 : inclusiveEnd(s, at);
  const slice = high >= 0 || (at >= 0 && s.kind(at) === T.Range);
  const id = s.open(slice ? Kind.Slice : Kind.Index, role, -1, n);
  if (object >= 0) lower(s, object, Role.Object);
  if (high >= 0) lower(s, high, Role.High);
  else if (slice) bounds(s, at);
  else if (at >= 0) lower(s, at, Role.Index);
  s.out.close(id);
}

function block(s: Lowering, n: TreeNode, role: Role): void {
  const label = s.child(n, T.Label);
  lowerBlock(s, n, role, label < 0 ? '' : labelName(s, label), s.start(n));
}

/** Writes a block; `start` is where the node begins when keywords stand before the brace. */
export function lowerBlock(s: Lowering, n: TreeNode, role: Role, name: string, start: number): void {
  const { out } = s;
  const id = out.open(Kind.Block, role, name, start, s.end(n));
  const end = s.after(n);
  let tail = -1;
  for (let c = n + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind === T.Anonymous || kind === T.Comment) continue;
    tail = kind >= FIRST_ITEM || kind === T.Empty || kind === T.Let ? -1 : c;
  }
  let attributes: string[] | undefined;
  for (let c = n + 1; c < end; c = s.after(c)) {
    const kind = s.kind(c);
    if (kind === T.Anonymous || kind === T.Comment || kind === T.Label || kind === T.Empty) continue;
    if (kind === T.Attribute) {
      attributes ??= [];
      attributes.push(attributeText(s, c));
      continue;
    }
    // `#[cfg(test)] log.push(x);` is not there in a service.
    if (kind < FIRST_ITEM && attributes?.some(isTestAttribute)) {
      attributes = undefined;
      continue;
    }
    if (kind >= FIRST_ITEM) {
      if (kind === T.ConstItem) item(s, c, Role.Statement);
      else s.defer(c, attributes ?? []);
    } else if (kind === T.ExpressionStatement) {
      const inner = s.inner(c);
      const value = c === tail && s.token(s.after(c) - 1) !== ';';
      if (inner >= 0) lower(s, inner, value ? Role.Value : Role.Statement);
    } else lower(s, c, c === tail ? Role.Value : Role.Statement);
    attributes = undefined;
  }
  out.close(id);
}

/** The text between `#[` and `]`. */
export function attributeText(s: Lowering, n: TreeNode): string {
  const inner = s.inner(n);
  return inner < 0 ? '' : s.textOf(inner);
}

function namedBlock(s: Lowering, n: TreeNode, role: Role): void {
  const body = s.child(n, T.Block);
  if (body < 0) other(s, n, role);
  else lowerBlock(s, body, role, s.token(n + 1), s.start(n));
}

function asyncBlock(s: Lowering, n: TreeNode, role: Role): void {
  const id = s.out.open(Kind.AsyncBlock, role, s.has(n, 'move') ? 'move' : '', s.start(n), s.end(n));
  const body = s.child(n, T.Block);
  if (body >= 0) lower(s, body, Role.Body);
  s.out.close(id);
}

function ifExpression(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const condition = s.field(n, f.condition);
  const then = s.field(n, f.consequence);
  const otherwise = s.field(n, f.alternative);
  const id = s.open(Kind.If, role, -1, n);
  if (condition >= 0) lower(s, condition, Role.Condition);
  if (then >= 0) lower(s, then, Role.Then);
  if (otherwise >= 0) {
    const inner = s.inner(otherwise);
    if (inner >= 0) lower(s, inner, Role.Else);
  }
  s.out.close(id);
}

function letCondition(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const pattern = s.field(n, f.pattern);
  const value = s.field(n, f.value);
  const id = s.open(Kind.LetCondition, role, -1, n);
  if (pattern >= 0) lowerPattern(s, pattern, Role.Pattern);
  if (value >= 0) lower(s, value, Role.Value);
  s.out.close(id);
}

/** `a && let p = b && c` is flat in the grammar; here it nests to the left like any `&&`. */
function letChain(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const parts: TreeNode[] = [];
  const end = s.after(n);
  for (let c = n + 1; c < end; c = s.after(c)) if (s.carries(c)) parts.push(c);
  const open: number[] = [];
  for (let i = parts.length - 1; i > 0; i--)
    open.push(
      out.open(
        Kind.Binary,
        i === parts.length - 1 ? role : Role.Left,
        '&&',
        s.start(n),
        s.end(parts[i] as number),
      ),
    );
  for (let i = 0; i < parts.length; i++) {
    lower(s, parts[i] as number, parts.length === 1 ? role : i === 0 ? Role.Left : Role.Right);
    if (i > 0) out.close(open.pop() as number);
  }
}

function matchExpression(s: Lowering, n: TreeNode, role: Role): void {
  const { out } = s;
  const f = s.f;
  const subject = s.field(n, f.value);
  const body = s.field(n, f.body);
  const id = s.open(Kind.Match, role, -1, n);
  if (subject >= 0) lower(s, subject, Role.Subject);
  const end = body < 0 ? -1 : s.after(body);
  for (let c = body + 1; c < end; c = s.after(c)) {
    if (s.kind(c) !== T.Arm) {
      lower(s, c, Role.None);
      continue;
    }
    const pattern = s.field(c, f.pattern);
    const value = s.field(c, f.value);
    const arm = s.open(Kind.Arm, Role.Arm, -1, c);
    if (pattern >= 0) {
      const guard = s.field(pattern, f.condition);
      const last = s.after(pattern);
      for (let p = pattern + 1; p < last; p = s.after(p)) {
        if (p === guard) lower(s, p, Role.Guard);
        else if (s.kind(p) !== T.Anonymous || s.token(p) === '_') lowerPattern(s, p, Role.Pattern);
      }
    }
    if (value >= 0) lower(s, value, Role.Body);
    out.close(arm);
  }
  out.close(id);
}

function loop(name: string): Lower {
  return (s, n, role) => {
    const f = s.f;
    const pattern = s.field(n, f.pattern);
    const iterated = s.field(n, f.value);
    const condition = s.field(n, f.condition);
    const body = s.field(n, f.body);
    const id = s.out.open(Kind.Loop, role, name, s.start(n), s.end(n));
    if (pattern >= 0) lowerPattern(s, pattern, Role.Pattern);
    if (iterated >= 0) lower(s, iterated, Role.Iter);
    if (condition >= 0) lower(s, condition, Role.Condition);
    if (body >= 0) lower(s, body, Role.Body);
    s.out.close(id);
  };
}

function letStatement(s: Lowering, n: TreeNode, role: Role): void {
  const f = s.f;
  const pattern = s.field(n, f.pattern);
  const type = s.field(n, f.type);
  const value = s.field(n, f.value);
  const otherwise = s.field(n, f.alternative);
  const id = s.openAs(Kind.Let, role, 'let', n);
  if (pattern >= 0) lowerPattern(s, pattern, Role.Pattern);
  if (type >= 0) lowerType(s, type, Role.Type);
  if (value >= 0) lower(s, value, Role.Value);
  if (otherwise >= 0) lower(s, otherwise, Role.Else);
  s.out.close(id);
}

function type(s: Lowering, n: TreeNode, role: Role): void {
  lowerType(s, n, role);
}

function pattern(s: Lowering, n: TreeNode, role: Role): void {
  lowerPattern(s, n, role);
}

/** What stands in an expression's place after a syntax error, or where the grammar mixes the two. */
const TYPES: readonly number[] = [
  T.TypeName,
  T.ScopedType,
  T.GenericType,
  T.ReferenceType,
  T.PointerType,
  T.TupleType,
  T.UnitType,
  T.ArrayType,
  T.FunctionType,
  T.NeverType,
  T.ImplType,
  T.DynType,
  T.BoundedType,
  T.RemovedBound,
  T.HigherRanked,
  T.BracketedType,
  T.QualifiedType,
];
const PATTERNS: readonly number[] = [
  T.TuplePattern,
  T.SlicePattern,
  T.TupleStructPattern,
  T.StructPattern,
  T.FieldPattern,
  T.RestPattern,
  T.MutPattern,
  T.RangePattern,
  T.RefPattern,
  T.CapturedPattern,
  T.ReferencePattern,
  T.OrPattern,
  T.GenericPattern,
];
const SILENT: readonly number[] = [
  T.Empty,
  T.Label,
  T.Mut,
  T.TokenTree,
  T.Attribute,
  T.InnerAttribute,
  T.Visibility,
  T.Lifetime,
  T.UseBounds,
];

const TABLE: Lower[] = new Array(256).fill(other);
for (const kind of SILENT) TABLE[kind] = nothing;
for (const kind of TYPES) TABLE[kind] = type;
for (const kind of PATTERNS) TABLE[kind] = pattern;
for (let kind = FIRST_ITEM; kind < TABLE.length; kind++) TABLE[kind] = item;
TABLE[T.Name] = name;
TABLE[T.ScopedName] = scopedName;
TABLE[T.Number] = number;
TABLE[T.String] = string;
TABLE[T.RawString] = string;
TABLE[T.Literal] = literal;
TABLE[T.Field] = field;
TABLE[T.Call] = call;
TABLE[T.GenericFunction] = genericFunction;
TABLE[T.Unary] = unary;
TABLE[T.Reference] = reference;
TABLE[T.Try] = postfix(Kind.Try);
TABLE[T.Await] = postfix(Kind.Await);
TABLE[T.Binary] = binary;
TABLE[T.Assign] = assign;
TABLE[T.CompoundAssign] = assign;
TABLE[T.Cast] = cast;
TABLE[T.Return] = jump(Kind.Return);
TABLE[T.Break] = jump(Kind.Break);
TABLE[T.Continue] = jump(Kind.Continue);
TABLE[T.Array] = sequence;
TABLE[T.Tuple] = sequence;
TABLE[T.Unit] = sequence;
TABLE[T.Parenthesized] = transparent;
TABLE[T.ExpressionStatement] = transparent;
TABLE[T.Struct] = struct;
TABLE[T.Closure] = closure;
TABLE[T.Range] = range;
TABLE[T.Index] = index;
TABLE[T.MacroCall] = lowerMacroCall;
TABLE[T.Block] = block;
TABLE[T.UnsafeBlock] = namedBlock;
TABLE[T.ConstBlock] = namedBlock;
TABLE[T.AsyncBlock] = asyncBlock;
TABLE[T.If] = ifExpression;
TABLE[T.LetCondition] = letCondition;
TABLE[T.LetChain] = letChain;
TABLE[T.Match] = matchExpression;
TABLE[T.While] = loop('while');
TABLE[T.Loop] = loop('loop');
TABLE[T.For] = loop('for');
TABLE[T.Let] = letStatement;
TABLE[T.Parameter] = (s, n) => lowerParameter(s, n);
TABLE[T.SelfParameter] = nothing;
