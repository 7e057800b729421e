import type { Span } from '../../core/span.ts';
import { FLAT_INTS, type FlatTree } from '../flat-tree.ts';
import { Kind, type NodeId, Role } from '../node.ts';
import { NodeWriter } from '../node-writer.ts';
import { Class, type Fields, type GoGrammar } from './grammar.ts';

/** Offset of a row in the flattened tree (`index * FLAT_INTS`), or -1. */
export type Row = number;

/** Characters of a string literal that are kept. */
const MAX_STRING = 200;

const UNDERSCORE = 95;

const PREDECLARED = new Set([
  'any',
  'bool',
  'byte',
  'comparable',
  'complex64',
  'complex128',
  'error',
  'float32',
  'float64',
  'int',
  'int8',
  'int16',
  'int32',
  'int64',
  'rune',
  'string',
  'uint',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'uintptr',
]);

export function isExported(name: string): boolean {
  const c = name.charCodeAt(0);
  if (c < 128) return c >= 65 && c <= 90;
  return /^\p{Lu}/u.test(name);
}

/** Lowers expressions, statements and types of one file. Declarations are read by `extract.ts`. */
export class Lowering {
  readonly writer = new NodeWriter();
  readonly text: string;
  readonly data: Int32Array;
  readonly classes: Uint8Array;
  readonly solid: Uint8Array;
  readonly types: readonly string[];
  readonly fields: Fields;
  /** Type declarations met inside bodies, with the block they are visible in. */
  readonly localTypes: { readonly row: Row; readonly block: Span }[] = [];
  /** Names of type parameters in scope, to tell `f[T](x)` from `m[k](x)`. */
  typeParameters: readonly string[] = [];
  #declaredTypes: Set<string> | undefined;
  #block: Span = { start: 0, end: 0 };

  constructor(text: string, tree: FlatTree, grammar: GoGrammar) {
    this.text = text;
    this.data = tree.data;
    this.classes = grammar.classes;
    this.solid = grammar.solid;
    this.types = grammar.types;
    this.fields = grammar.fields;
  }

  // --- the flattened tree

  classOf(p: Row): number {
    return this.classes[this.data[p] as number] as number;
  }

  start(p: Row): number {
    return this.data[p + 2] as number;
  }

  end(p: Row): number {
    return this.data[p + 3] as number;
  }

  /** The row after the subtree of `p`. */
  after(p: Row): Row {
    return (this.data[p + 5] as number) * FLAT_INTS;
  }

  textOf(p: Row): string {
    return this.text.slice(this.data[p + 2] as number, this.data[p + 3] as number);
  }

  span(p: Row): Span {
    return { start: this.start(p), end: this.end(p) };
  }

  /** The first child in the field, or -1. */
  field(p: Row, field: number): Row {
    const data = this.data;
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = (data[c + 5] as number) * FLAT_INTS) {
      if (data[c + 1] === field && this.classOf(c) !== Class.Comment) return c;
    }
    return -1;
  }

  /** The first child that is not punctuation or a comment, or -1. */
  first(p: Row): Row {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) return c;
    return -1;
  }

  /** The first child of the class, or -1. */
  firstOf(p: Row, wanted: number): Row {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.classOf(c) === wanted) return c;
    return -1;
  }

  /** True when an anonymous child has the text. */
  #hasToken(p: Row, token: string): boolean {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.types[this.data[c] as number] === token) return true;
    }
    return false;
  }

  #counts(p: Row): boolean {
    const c = this.classOf(p);
    return c !== Class.Skip && c !== Class.Comment;
  }

  // --- lists

  /** Lowers the expressions of an expression list, or one expression. */
  #expressions(p: Row, role: Role): void {
    if (p < 0) return;
    if (this.classOf(p) !== Class.ExpressionList) {
      this.expression(p, role);
      return;
    }
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) this.expression(c, role);
  }

  /** Lowers the names on the left of `:=` or before `range`. */
  #patterns(p: Row): void {
    if (p < 0) return;
    if (this.classOf(p) !== Class.ExpressionList) {
      this.#pattern(p);
      return;
    }
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) this.#pattern(c);
  }

  #pattern(p: Row): void {
    const k = this.classOf(p);
    const start = this.start(p);
    const end = this.end(p);
    if (k === Class.Blank || (k === Class.Identifier && this.#isBlank(start, end))) {
      this.writer.leaf(Kind.Wildcard, Role.Pattern, '', start, end);
    } else if (k === Class.Identifier) {
      this.writer.leafSlice(Kind.Bind, Role.Pattern, this.text, start, end);
    } else {
      this.expression(p, Role.Pattern);
    }
  }

  #isBlank(start: number, end: number): boolean {
    return end - start === 1 && this.text.charCodeAt(start) === UNDERSCORE;
  }

  #children(p: Row, role: Role): void {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) this.statement(c, role);
  }

  // --- statements

  /** Lowers a `block` or a case's `statement_list`. */
  block(p: Row, role: Role, name = ''): NodeId {
    const w = this.writer;
    const id = w.open(Kind.Block, role, name, this.start(p), this.end(p));
    const outer = this.#block;
    this.#block = this.span(p);
    this.#statements(p);
    this.#block = outer;
    return w.close(id);
  }

  #statements(p: Row): void {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      const k = this.classOf(c);
      if (k === Class.StatementList) this.#statements(c);
      else if (k !== Class.Skip && k !== Class.Comment) this.statement(c, Role.Statement);
    }
  }

  statement(p: Row, role: Role): void {
    const w = this.writer;
    const f = this.fields;
    const start = this.start(p);
    const end = this.end(p);
    switch (this.classOf(p)) {
      case Class.ExpressionStatement: {
        const e = this.first(p);
        if (e >= 0) this.expression(e, role);
        return;
      }
      case Class.ShortVar: {
        const id = w.open(Kind.Let, role, ':=', start, end);
        this.#patterns(this.field(p, f.left));
        this.#expressions(this.field(p, f.right), Role.Value);
        w.close(id);
        return;
      }
      case Class.Assignment: {
        const id = w.open(Kind.Assign, role, this.#operator(p), start, end);
        this.#expressions(this.field(p, f.left), Role.Target);
        this.#expressions(this.field(p, f.right), Role.Value);
        w.close(id);
        return;
      }
      case Class.Inc:
      case Class.Dec: {
        const id = w.open(Kind.Assign, role, this.classOf(p) === Class.Inc ? '+=' : '-=', start, end);
        const target = this.first(p);
        if (target >= 0) this.expression(target, Role.Target);
        w.leaf(Kind.Number, Role.Value, '1', end - 2, end);
        w.close(id);
        return;
      }
      case Class.Return: {
        const id = w.open(Kind.Return, role, '', start, end);
        this.#expressions(this.first(p), Role.Value);
        w.close(id);
        return;
      }
      case Class.If: {
        const id = w.open(Kind.If, role, '', start, end);
        const initializer = this.field(p, f.initializer);
        if (initializer >= 0) this.statement(initializer, Role.Init);
        const condition = this.field(p, f.condition);
        if (condition >= 0) this.expression(condition, Role.Condition);
        const then = this.field(p, f.consequence);
        if (then >= 0) this.block(then, Role.Then);
        const otherwise = this.field(p, f.alternative);
        if (otherwise >= 0) this.statement(otherwise, Role.Else);
        w.close(id);
        return;
      }
      case Class.For:
        this.#loop(p, role);
        return;
      case Class.Block:
        this.block(p, role);
        return;
      case Class.StatementList:
        this.#statements(p);
        return;
      case Class.VarDeclaration:
      case Class.ConstDeclaration:
      case Class.VarSpecList: {
        const last = this.after(p);
        for (let c = p + FLAT_INTS; c < last; c = this.after(c)) if (this.#counts(c)) this.statement(c, role);
        return;
      }
      case Class.VarSpec:
      case Class.ConstSpec: {
        const id = w.open(Kind.Let, role, this.classOf(p) === Class.VarSpec ? 'var' : 'const', start, end);
        const last = this.after(p);
        for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
          const field = this.data[c + 1];
          if (field === f.name && this.#counts(c)) this.#pattern(c);
        }
        const type = this.field(p, f.type);
        if (type >= 0) this.type(type, Role.Type);
        this.#expressions(this.field(p, f.value), Role.Value);
        w.close(id);
        return;
      }
      case Class.TypeDeclaration:
        this.localTypes.push({ row: p, block: this.#block });
        return;
      case Class.Switch: {
        const id = w.open(Kind.Match, role, '', start, end);
        const initializer = this.field(p, f.initializer);
        if (initializer >= 0) this.statement(initializer, Role.Init);
        const subject = this.field(p, f.value);
        if (subject >= 0) this.expression(subject, Role.Subject);
        this.#arms(p);
        w.close(id);
        return;
      }
      case Class.TypeSwitch: {
        const id = w.open(Kind.Match, role, 'type', start, end);
        const initializer = this.field(p, f.initializer);
        if (initializer >= 0) this.statement(initializer, Role.Init);
        this.#patterns(this.field(p, f.alias));
        const subject = this.field(p, f.value);
        if (subject >= 0) this.expression(subject, Role.Subject);
        this.#arms(p);
        w.close(id);
        return;
      }
      case Class.Select: {
        const id = w.open(Kind.Select, role, '', start, end);
        this.#arms(p);
        w.close(id);
        return;
      }
      case Class.Receive: {
        const left = this.field(p, f.left);
        const right = this.field(p, f.right);
        if (left < 0) {
          if (right >= 0) this.expression(right, role);
          return;
        }
        const declares = this.#hasToken(p, ':=');
        const id = w.open(declares ? Kind.Let : Kind.Assign, role, declares ? ':=' : '=', start, end);
        if (declares) this.#patterns(left);
        else this.#expressions(left, Role.Target);
        if (right >= 0) this.expression(right, Role.Value);
        w.close(id);
        return;
      }
      case Class.Send: {
        const id = w.open(Kind.Send, role, '', start, end);
        const channel = this.field(p, f.channel);
        if (channel >= 0) this.expression(channel, Role.Object);
        const value = this.field(p, f.value);
        if (value >= 0) this.expression(value, Role.Value);
        w.close(id);
        return;
      }
      case Class.Go:
      case Class.Defer: {
        const id = w.open(this.classOf(p) === Class.Go ? Kind.Spawn : Kind.Defer, role, '', start, end);
        const call = this.first(p);
        if (call >= 0) this.expression(call, Role.Object);
        w.close(id);
        return;
      }
      case Class.Labeled:
        this.#labeled(p, role);
        return;
      case Class.Break:
      case Class.Continue: {
        const label = this.first(p);
        w.leaf(
          this.classOf(p) === Class.Break ? Kind.Break : Kind.Continue,
          role,
          label < 0 ? '' : this.textOf(label),
          start,
          end,
        );
        return;
      }
      case Class.Goto:
        w.leaf(Kind.Other, role, 'goto_statement', start, end);
        return;
      case Class.Fallthrough:
        w.leaf(Kind.Other, role, 'fallthrough_statement', start, end);
        return;
      case Class.Empty:
        return;
      default:
        this.expression(p, role);
    }
  }

  #labeled(p: Row, role: Role): void {
    const label = this.field(p, this.fields.label);
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (c === label || !this.#counts(c)) continue;
      switch (this.classOf(c)) {
        case Class.For:
        case Class.Switch:
        case Class.TypeSwitch:
        case Class.Select: {
          const name = label < 0 ? '' : this.textOf(label);
          const id = this.writer.open(Kind.Block, role, name, this.start(p), this.end(p));
          this.statement(c, Role.Statement);
          this.writer.close(id);
          return;
        }
        case Class.Block:
          this.block(c, role, label < 0 ? '' : this.textOf(label));
          return;
        default:
          this.statement(c, role);
          return;
      }
    }
  }

  #loop(p: Row, role: Role): void {
    const w = this.writer;
    const f = this.fields;
    const body = this.field(p, f.body);
    let head = -1;
    const last = this.after(p);
    for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
      if (c !== body && this.#counts(c)) {
        head = c;
        break;
      }
    }
    const headClass = head < 0 ? Class.Skip : this.classOf(head);
    let name: string;
    let condition = -1;
    if (headClass === Class.RangeClause) name = 'for';
    else {
      condition = headClass === Class.ForClause ? this.field(head, f.condition) : head;
      name = condition < 0 ? 'loop' : 'while';
    }
    const id = w.open(Kind.Loop, role, name, this.start(p), this.end(p));
    if (headClass === Class.RangeClause) {
      const left = this.field(head, f.left);
      if (left >= 0) {
        if (this.#hasToken(head, ':=')) this.#patterns(left);
        else this.#expressions(left, Role.Target);
      }
      const right = this.field(head, f.right);
      if (right >= 0) this.expression(right, Role.Iter);
    } else {
      if (headClass === Class.ForClause) {
        const initializer = this.field(head, f.initializer);
        if (initializer >= 0) this.statement(initializer, Role.Init);
      }
      if (condition >= 0) this.expression(condition, Role.Condition);
      if (headClass === Class.ForClause) {
        const update = this.field(head, f.update);
        if (update >= 0) this.statement(update, Role.Update);
      }
    }
    if (body >= 0) this.block(body, Role.Body);
    w.close(id);
  }

  #arms(p: Row): void {
    const w = this.writer;
    const f = this.fields;
    const last = this.after(p);
    for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
      const k = this.classOf(c);
      if (k === Class.Error) this.statement(c, Role.None);
      if (
        k !== Class.ExpressionCase &&
        k !== Class.TypeCase &&
        k !== Class.DefaultCase &&
        k !== Class.CommunicationCase
      ) {
        continue;
      }
      const id = w.open(Kind.Arm, Role.Arm, '', this.start(c), this.end(c));
      if (k === Class.ExpressionCase) {
        this.#expressions(this.field(c, f.value), Role.Pattern);
      } else if (k === Class.CommunicationCase) {
        const communication = this.field(c, f.communication);
        if (communication >= 0) this.statement(communication, Role.Comm);
      } else if (k === Class.TypeCase) {
        const end = this.after(c);
        for (let t = c + FLAT_INTS; t < end; t = this.after(t)) {
          if (this.data[t + 1] !== f.type || !this.#counts(t)) continue;
          if (this.classOf(t) === Class.TypeIdentifier && this.textOf(t) === 'nil') {
            w.leaf(Kind.Literal, Role.Pattern, 'nil', this.start(t), this.end(t));
          } else this.type(t, Role.Pattern);
        }
      }
      const body = this.firstOf(c, Class.StatementList);
      if (body >= 0) this.block(body, Role.Body);
      else w.leaf(Kind.Block, Role.Body, '', this.end(c), this.end(c));
      w.close(id);
    }
  }

  #operator(p: Row): string {
    const operator = this.field(p, this.fields.operator);
    return operator < 0 ? '' : (this.types[this.data[operator] as number] as string);
  }

  // --- expressions

  expression(p: Row, role: Role): void {
    const w = this.writer;
    const f = this.fields;
    const start = this.data[p + 2] as number;
    const end = this.data[p + 3] as number;
    switch (this.classes[this.data[p] as number]) {
      case Class.Identifier:
        if (this.#isBlank(start, end)) {
          w.leaf(Kind.Wildcard, role, '', start, end);
        } else w.leafSlice(Kind.Name, role, this.text, start, end);
        return;
      case Class.SelectorExpression: {
        const id = this.#openNamed(Kind.Field, role, this.field(p, f.field), start, end);
        const operand = this.field(p, f.operand);
        if (operand >= 0) this.expression(operand, Role.Object);
        w.close(id);
        return;
      }
      case Class.CallExpression:
        this.#call(p, role);
        return;
      case Class.InterpretedString:
      case Class.RawString:
        w.leaf(
          Kind.String,
          role,
          this.text.slice(start + 1, Math.max(start + 1, Math.min(end - 1, start + 1 + MAX_STRING))),
          start,
          end,
        );
        return;
      case Class.Int:
      case Class.Float:
      case Class.Imaginary:
        w.leafSlice(Kind.Number, role, this.text, start, end);
        return;
      case Class.Rune:
      case Class.Nil:
      case Class.True:
      case Class.False:
      case Class.Iota:
        w.leafSlice(Kind.Literal, role, this.text, start, end);
        return;
      case Class.Blank:
        w.leaf(Kind.Wildcard, role, '', start, end);
        return;
      case Class.Unary: {
        const id = w.open(Kind.Unary, role, this.#operator(p), start, end);
        const operand = this.field(p, f.operand);
        if (operand >= 0) this.expression(operand, Role.Object);
        w.close(id);
        return;
      }
      case Class.Binary: {
        const id = w.open(Kind.Binary, role, this.#operator(p), start, end);
        const left = this.field(p, f.left);
        if (left >= 0) this.expression(left, Role.Left);
        const right = this.field(p, f.right);
        if (right >= 0) this.expression(right, Role.Right);
        w.close(id);
        return;
      }
      case Class.Index: {
        const id = w.open(Kind.Index, role, '', start, end);
        const operand = this.field(p, f.operand);
        if (operand >= 0) this.expression(operand, Role.Object);
        const index = this.field(p, f.index);
        if (index >= 0) this.expression(index, Role.Index);
        w.close(id);
        return;
      }
      case Class.SliceExpression: {
        const id = w.open(Kind.Slice, role, '', start, end);
        const operand = this.field(p, f.operand);
        if (operand >= 0) this.expression(operand, Role.Object);
        const low = this.field(p, f.start);
        if (low >= 0) this.expression(low, Role.Low);
        const high = this.field(p, f.end);
        if (high >= 0) this.expression(high, Role.High);
        const capacity = this.field(p, f.capacity);
        if (capacity >= 0) this.expression(capacity, Role.Count);
        w.close(id);
        return;
      }
      case Class.Composite: {
        const type = this.field(p, f.type);
        const body = this.field(p, f.body);
        const id = w.open(Kind.Composite, role, '', start, end);
        if (type >= 0) this.type(type, Role.Type);
        if (body >= 0) this.#literalValue(body, type);
        w.close(id);
        return;
      }
      case Class.LiteralValue: {
        const id = w.open(Kind.Composite, role, '', start, end);
        this.#literalValue(p, -1);
        w.close(id);
        return;
      }
      case Class.Parenthesized:
      case Class.LiteralElement: {
        const inner = this.first(p);
        if (inner >= 0) this.expression(inner, role);
        return;
      }
      case Class.FuncLiteral: {
        const id = w.open(Kind.Closure, role, '', start, end);
        const parameters = this.field(p, f.parameters);
        if (parameters >= 0) this.parameters(parameters, undefined);
        const result = this.field(p, f.result);
        if (result >= 0) this.result(result, Role.Result);
        const body = this.field(p, f.body);
        if (body >= 0) this.block(body, Role.Body);
        w.close(id);
        return;
      }
      case Class.TypeAssertion: {
        const id = w.open(Kind.Cast, role, 'assert', start, end);
        const operand = this.field(p, f.operand);
        if (operand >= 0) this.expression(operand, Role.Object);
        const type = this.field(p, f.type);
        if (type >= 0) this.type(type, Role.Type);
        w.close(id);
        return;
      }
      case Class.TypeConversion:
        this.#conversion(p, role);
        return;
      case Class.TypeInstantiation: {
        const type = this.field(p, f.type);
        const id =
          type >= 0 && this.classOf(type) === Class.QualifiedType
            ? this.#openQualified(Kind.Field, role, type, start, end)
            : this.#openNamed(Kind.Name, role, type, start, end);
        const last = this.after(p);
        for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
          if (c !== type && this.#counts(c)) this.type(c, Role.TypeArg);
        }
        w.close(id);
        return;
      }
      case Class.VariadicArgument: {
        const id = w.open(Kind.Unary, role, '...', start, end);
        const inner = this.first(p);
        if (inner >= 0) this.expression(inner, Role.Object);
        w.close(id);
        return;
      }
      case Class.ExpressionList:
        this.#expressions(p, role);
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
        this.type(p, role);
        return;
      case Class.Error: {
        const id = w.open(Kind.Error, role, '', start, end);
        this.#children(p, Role.None);
        w.close(id);
        return;
      }
      default: {
        const id = w.open(Kind.Other, role, this.types[this.data[p] as number] ?? '', start, end);
        this.#children(p, Role.None);
        w.close(id);
      }
    }
  }

  /** Opens a node that has the text of the row `name` as its name. */
  #openNamed(kind: Kind, role: Role, name: Row, start: number, end: number): NodeId {
    const from = name < 0 ? 0 : this.start(name);
    return this.writer.openSlice(kind, role, this.text, from, name < 0 ? 0 : this.end(name), start, end);
  }

  #unwrap(p: Row): Row {
    let at = p;
    while (at >= 0 && this.classOf(at) === Class.Parenthesized) at = this.first(at);
    return at;
  }

  #call(p: Row, role: Role): void {
    const f = this.fields;
    const written = this.field(p, f.function);
    const args = this.field(p, f.arguments);
    const callee = this.#unwrap(written);
    if (callee >= 0 && callee !== written && this.#isPointerConversion(callee)) {
      const w = this.writer;
      const id = w.open(Kind.Cast, role, '', this.start(p), this.end(p));
      const value = args < 0 ? -1 : this.first(args);
      if (value >= 0) this.expression(value, Role.Object);
      this.#typeFromExpression(callee, Role.Type);
      w.close(id);
      return;
    }
    const typeArguments = this.field(p, f.type_arguments);
    if (callee >= 0 && this.classOf(callee) === Class.Index) {
      const index = this.field(callee, f.index);
      const operand = this.#unwrap(this.field(callee, f.operand));
      if (index >= 0 && operand >= 0 && this.#callable(operand) && this.#looksLikeType(index)) {
        const id = this.#openCall(p, role, operand);
        this.#typeFromExpression(index, Role.TypeArg);
        this.#closeCall(id, args);
        return;
      }
    }
    const id = this.#openCall(p, role, callee);
    if (typeArguments >= 0) this.#typeArguments(typeArguments);
    this.#closeCall(id, args);
  }

  #callable(p: Row): boolean {
    const k = this.classOf(p);
    return k === Class.Identifier || k === Class.SelectorExpression;
  }

  /** Opens a Call or MethodCall and writes its callee or object. */
  #openCall(p: Row, role: Role, callee: Row): NodeId {
    const w = this.writer;
    const start = this.start(p);
    const end = this.end(p);
    if (callee >= 0 && this.classOf(callee) === Class.SelectorExpression) {
      const id = this.#openNamed(Kind.MethodCall, role, this.field(callee, this.fields.field), start, end);
      const operand = this.field(callee, this.fields.operand);
      if (operand >= 0) this.expression(operand, Role.Object);
      return id;
    }
    const id = w.open(Kind.Call, role, '', start, end);
    if (callee >= 0) this.expression(callee, Role.Callee);
    return id;
  }

  #closeCall(id: NodeId, args: Row): void {
    if (args >= 0) {
      const end = this.after(args);
      for (let c = args + FLAT_INTS; c < end; c = this.after(c)) {
        if (this.#counts(c)) this.expression(c, Role.Arg);
      }
    }
    this.writer.close(id);
  }

  /**
   * `T(x)` where the grammar saw a type. With `F[T](x)` it cannot know: that may be a generic call, a conversion to
   * a generic type, or the call of a function in a map, `m[k](x)`. The first two become a Call with type arguments.
   */
  #conversion(p: Row, role: Role): void {
    const w = this.writer;
    const f = this.fields;
    let type = this.field(p, f.type);
    const operand = this.field(p, f.operand);
    const start = this.start(p);
    const end = this.end(p);
    if (type >= 0 && this.classOf(type) === Class.GenericType) {
      const name = this.field(type, f.type);
      const args = this.field(type, f.type_arguments);
      if (name >= 0 && args >= 0) {
        const only = this.#onlyTypeArgument(args);
        const indexed =
          only >= 0 && this.classOf(only) === Class.TypeIdentifier && !this.#isTypeName(this.textOf(only));
        const qualified = this.classOf(name) === Class.QualifiedType;
        if (indexed) {
          const id = w.open(Kind.Call, role, '', start, end);
          const index = w.open(Kind.Index, Role.Callee, '', this.start(type), this.end(type));
          if (qualified)
            w.close(this.#openQualified(Kind.Field, Role.Object, name, this.start(name), this.end(name)));
          else w.leafSlice(Kind.Name, Role.Object, this.text, this.start(name), this.end(name));
          w.leafSlice(Kind.Name, Role.Index, this.text, this.start(only), this.end(only));
          w.close(index);
          if (operand >= 0) this.expression(operand, Role.Arg);
          w.close(id);
        } else {
          let id: NodeId;
          if (qualified) id = this.#openQualified(Kind.MethodCall, role, name, start, end);
          else {
            id = w.open(Kind.Call, role, '', start, end);
            w.leafSlice(Kind.Name, Role.Callee, this.text, this.start(name), this.end(name));
          }
          this.#typeArguments(args);
          if (operand >= 0) this.expression(operand, Role.Arg);
          w.close(id);
        }
        return;
      }
    }
    while (type >= 0 && this.classOf(type) === Class.ParenthesizedType) type = this.first(type);
    const id = w.open(Kind.Cast, role, '', start, end);
    if (operand >= 0) this.expression(operand, Role.Object);
    if (type >= 0) this.type(type, Role.Type);
    w.close(id);
  }

  /** Opens a Field or MethodCall for a `qualified_type` and writes the package name as its object. */
  #openQualified(kind: Kind, role: Role, type: Row, start: number, end: number): NodeId {
    const w = this.writer;
    const first = this.first(type);
    const name = this.field(type, this.fields.name);
    const id = this.#openNamed(kind, role, name, start, end);
    if (first >= 0) w.leafSlice(Kind.Name, Role.Object, this.text, this.start(first), this.end(first));
    return id;
  }

  #onlyTypeArgument(args: Row): Row {
    let only = -1;
    const end = this.after(args);
    for (let c = args + FLAT_INTS; c < end; c = this.after(c)) {
      if (!this.#counts(c)) continue;
      if (only >= 0) return -1;
      only = c;
    }
    if (only < 0 || this.classOf(only) !== Class.TypeElem) return only;
    const inner = this.first(only);
    return inner >= 0 && this.after(inner) === this.after(only) ? inner : -1;
  }

  #isTypeName(name: string): boolean {
    if (PREDECLARED.has(name) || isExported(name) || this.typeParameters.includes(name)) return true;
    this.#declaredTypes ??= this.#readDeclaredTypes();
    return this.#declaredTypes.has(name);
  }

  #readDeclaredTypes(): Set<string> {
    const names = new Set<string>();
    for (let p = 0; p < this.data.length; p += FLAT_INTS) {
      const k = this.classOf(p);
      if (k !== Class.TypeSpec && k !== Class.TypeAlias) continue;
      const name = this.field(p, this.fields.name);
      if (name >= 0) names.add(this.textOf(name));
    }
    return names;
  }

  /** Whether an index expression in front of an argument list names a type. */
  #looksLikeType(p: Row): boolean {
    switch (this.classOf(p)) {
      case Class.Identifier:
        return this.#isTypeName(this.textOf(p));
      case Class.SelectorExpression: {
        const operand = this.field(p, this.fields.operand);
        const name = this.field(p, this.fields.field);
        return (
          operand >= 0 &&
          this.classOf(operand) === Class.Identifier &&
          name >= 0 &&
          isExported(this.textOf(name))
        );
      }
      case Class.Unary: {
        const operand = this.field(p, this.fields.operand);
        return this.#operator(p) === '*' && operand >= 0 && this.#looksLikeType(operand);
      }
      case Class.Index: {
        const operand = this.field(p, this.fields.operand);
        return operand >= 0 && this.#looksLikeType(operand);
      }
      default:
        return this.#isTypeClass(p);
    }
  }

  #isTypeClass(p: Row): boolean {
    const k = this.classOf(p);
    return k >= Class.TypeIdentifier && k <= Class.TypeConstraint;
  }

  /** `(*T)(x)`: the grammar reads the type as a dereference. */
  #isPointerConversion(p: Row): boolean {
    if (this.classOf(p) !== Class.Unary || this.#operator(p) !== '*') return false;
    let at = this.#unwrap(this.field(p, this.fields.operand));
    while (at >= 0 && this.classOf(at) === Class.Unary && this.#operator(at) === '*') {
      at = this.#unwrap(this.field(at, this.fields.operand));
    }
    return at >= 0 && (this.#callable(at) || this.classOf(at) === Class.Index);
  }

  /** Writes a Type for a type that the grammar read as an expression. */
  #typeFromExpression(p: Row, role: Role): void {
    const w = this.writer;
    const f = this.fields;
    switch (this.classOf(p)) {
      case Class.Identifier:
      case Class.SelectorExpression:
        w.leafSlice(Kind.Type, role, this.text, this.start(p), this.end(p));
        return;
      case Class.Unary: {
        const id = w.open(Kind.Type, role, '*', this.start(p), this.end(p));
        const operand = this.#unwrap(this.field(p, f.operand));
        if (operand >= 0) this.#typeFromExpression(operand, Role.TypeArg);
        w.close(id);
        return;
      }
      case Class.Index: {
        const operand = this.field(p, f.operand);
        const id = w.open(
          Kind.Type,
          role,
          operand < 0 ? '' : this.textOf(operand),
          this.start(p),
          this.end(p),
        );
        const index = this.field(p, f.index);
        if (index >= 0) this.#typeFromExpression(index, Role.TypeArg);
        w.close(id);
        return;
      }
      case Class.Parenthesized: {
        const inner = this.#unwrap(p);
        if (inner >= 0) this.#typeFromExpression(inner, role);
        return;
      }
      default:
        if (this.#isTypeClass(p)) this.type(p, role);
        else this.expression(p, role);
    }
  }

  // --- composite literals

  /** Writes the elements of `{…}`; `type` is the row of the literal's type, or -1 when it is not known here. */
  #literalValue(p: Row, type: Row): void {
    const w = this.writer;
    const f = this.fields;
    let at = type;
    while (at >= 0 && this.classOf(at) === Class.ParenthesizedType) at = this.first(at);
    let key = -1;
    let element = -1;
    let collection = false;
    if (at >= 0) {
      switch (this.classOf(at)) {
        case Class.MapType:
          key = this.field(at, f.key);
          element = this.field(at, f.value);
          collection = true;
          break;
        case Class.SliceType:
        case Class.ArrayType:
        case Class.ImplicitArrayType:
          element = this.field(at, f.element);
          collection = true;
          break;
        default:
      }
    }
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (!this.#counts(c)) continue;
      if (this.classOf(c) !== Class.KeyedElement) {
        this.#element(c, Role.Arg, element);
        continue;
      }
      const k = this.#unwrapElement(this.field(c, f.key));
      const v = this.#unwrapElement(this.field(c, f.value));
      if (!collection && k >= 0 && this.classOf(k) === Class.Identifier) {
        const id = this.#openNamed(Kind.FieldInit, Role.None, k, this.start(c), this.end(c));
        if (v >= 0) this.#element(v, Role.Value, -1);
        w.close(id);
        continue;
      }
      const id = w.open(Kind.Entry, Role.None, '', this.start(c), this.end(c));
      if (k >= 0) this.#element(k, Role.Key, key);
      if (v >= 0) this.#element(v, Role.Value, element);
      w.close(id);
    }
  }

  #unwrapElement(p: Row): Row {
    return p >= 0 && this.classOf(p) === Class.LiteralElement ? this.first(p) : p;
  }

  /** An element of a literal; `{…}` without a type takes the element type of what is around it. */
  #element(p: Row, role: Role, type: Row): void {
    const at = this.#unwrapElement(p);
    if (at < 0) return;
    if (this.classOf(at) !== Class.LiteralValue || type < 0) {
      this.expression(at, role);
      return;
    }
    const w = this.writer;
    const start = this.start(at);
    const end = this.end(at);
    const pointer = this.classOf(type) === Class.PointerType;
    const pointee = pointer ? this.first(type) : type;
    const outer = pointer ? w.open(Kind.Unary, role, '&', start, end) : -1;
    const id = w.open(Kind.Composite, pointer ? Role.Object : role, '', start, end);
    if (pointee >= 0) this.type(pointee, Role.Type);
    this.#literalValue(at, pointee);
    w.close(id);
    if (pointer) w.close(outer);
  }

  // --- types

  type(p: Row, role: Role): NodeId {
    const w = this.writer;
    const f = this.fields;
    const start = this.start(p);
    const end = this.end(p);
    switch (this.classOf(p)) {
      case Class.TypeIdentifier:
      case Class.QualifiedType:
      case Class.Identifier:
        return w.leafSlice(Kind.Type, role, this.text, start, end);
      case Class.PointerType:
        return this.#typeOf1('*', role, p, this.first(p));
      case Class.SliceType:
        return this.#typeOf1('slice', role, p, this.field(p, f.element));
      case Class.ChannelType:
        return this.#typeOf1('chan', role, p, this.field(p, f.value));
      case Class.NegatedType:
        return this.#typeOf1('~', role, p, this.first(p));
      case Class.ImplicitArrayType:
        return this.#typeOf1('array', role, p, this.field(p, f.element));
      case Class.ArrayType: {
        const id = w.open(Kind.Type, role, 'array', start, end);
        const length = this.field(p, f.length);
        if (length >= 0) this.expression(length, Role.Count);
        const element = this.field(p, f.element);
        if (element >= 0) this.type(element, Role.TypeArg);
        return w.close(id);
      }
      case Class.MapType: {
        const id = w.open(Kind.Type, role, 'map', start, end);
        const key = this.field(p, f.key);
        if (key >= 0) this.type(key, Role.TypeArg);
        const value = this.field(p, f.value);
        if (value >= 0) this.type(value, Role.TypeArg);
        return w.close(id);
      }
      case Class.FunctionType: {
        const id = w.open(Kind.Type, role, 'fn', start, end);
        this.#signature(p);
        return w.close(id);
      }
      case Class.GenericType: {
        const name = this.field(p, f.type);
        const id = this.#openNamed(Kind.Type, role, name, start, end);
        const args = this.field(p, f.type_arguments);
        if (args >= 0) this.#typeArguments(args);
        return w.close(id);
      }
      case Class.ParenthesizedType: {
        const inner = this.first(p);
        return inner < 0 ? w.leaf(Kind.Type, role, '_', start, end) : this.type(inner, role);
      }
      case Class.StructType: {
        const id = w.open(Kind.Type, role, 'struct', start, end);
        const list = this.firstOf(p, Class.FieldDeclarationList);
        if (list >= 0) this.#fieldDeclarations(list);
        return w.close(id);
      }
      case Class.InterfaceType: {
        const id = w.open(Kind.Type, role, 'interface', start, end);
        const last = this.after(p);
        for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
          if (this.classOf(c) === Class.MethodElem) {
            const name = this.field(c, f.name);
            const method = w.open(
              Kind.FieldDecl,
              Role.None,
              name < 0 ? '' : this.textOf(name),
              this.start(c),
              this.end(c),
            );
            const type = w.open(Kind.Type, Role.Type, 'fn', this.start(c), this.end(c));
            this.#signature(c);
            w.close(type);
            w.close(method);
          } else if (this.#counts(c)) this.type(c, Role.TypeArg);
        }
        return w.close(id);
      }
      case Class.TypeElem:
      case Class.TypeConstraint:
        return this.#union(p, role);
      case Class.ParameterList:
        return this.result(p, role);
      default: {
        const id = w.open(Kind.Error, role, '', start, end);
        this.#children(p, Role.None);
        return w.close(id);
      }
    }
  }

  #typeOf1(name: string, role: Role, p: Row, argument: Row): NodeId {
    const w = this.writer;
    const id = w.open(Kind.Type, role, name, this.start(p), this.end(p));
    if (argument >= 0) this.type(argument, Role.TypeArg);
    return w.close(id);
  }

  #typeArguments(p: Row): void {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) this.type(c, Role.TypeArg);
  }

  /** `~int | string`: one member is the member itself, several are a `union`. */
  #union(p: Row, role: Role): NodeId {
    let count = 0;
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.#counts(c)) count++;
    if (count === 1) return this.type(this.first(p), role);
    const id = this.writer.open(Kind.Type, role, 'union', this.start(p), this.end(p));
    this.#typeArguments(p);
    return this.writer.close(id);
  }

  /** Parameters and result of a function type or interface method. */
  #signature(p: Row): void {
    const parameters = this.field(p, this.fields.parameters);
    if (parameters >= 0) this.parameters(parameters, undefined);
    const result = this.field(p, this.fields.result);
    if (result >= 0) this.result(result, Role.Result);
  }

  #fieldDeclarations(list: Row): void {
    const w = this.writer;
    const end = this.after(list);
    for (let c = list + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.classOf(c) !== Class.FieldDeclaration) continue;
      this.eachField(c, (name, nameRow) => {
        const id = w.open(Kind.FieldDecl, Role.None, name, this.start(nameRow), this.end(c));
        this.fieldType(c, Role.Type);
        w.close(id);
      });
    }
  }

  /** Calls back for each name a field declaration declares; an embedded field has its type's last name. */
  eachField(p: Row, each: (name: string, nameRow: Row, embedded: boolean) => void): void {
    const f = this.fields;
    const end = this.after(p);
    let named = false;
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.data[c + 1] !== f.name || !this.#counts(c)) continue;
      named = true;
      each(this.textOf(c), c, false);
    }
    if (named) return;
    const type = this.field(p, f.type);
    if (type >= 0) each(this.lastName(type), type, true);
  }

  /** Writes the type of a field declaration; `*T` embedded keeps its pointer. */
  fieldType(p: Row, role: Role): NodeId {
    const f = this.fields;
    const type = this.field(p, f.type);
    if (type < 0) return this.writer.leaf(Kind.Type, role, '_', this.end(p), this.end(p));
    if (this.field(p, f.name) < 0 && this.#hasToken(p, '*')) {
      const id = this.writer.open(Kind.Type, role, '*', this.start(p), this.end(type));
      this.type(type, Role.TypeArg);
      return this.writer.close(id);
    }
    return this.type(type, role);
  }

  /** `Bar` of `foo.Bar[T]` and of `*foo.Bar`. */
  lastName(type: Row): string {
    const f = this.fields;
    let at = type;
    for (;;) {
      switch (at < 0 ? Class.Skip : this.classOf(at)) {
        case Class.QualifiedType:
          at = this.field(at, f.name);
          break;
        case Class.GenericType:
          at = this.field(at, f.type);
          break;
        case Class.PointerType:
        case Class.ParenthesizedType:
        case Class.TypeElem:
          at = this.first(at);
          break;
        case Class.TypeIdentifier:
        case Class.Identifier:
          return this.textOf(at);
        default:
          return '';
      }
    }
  }

  /** Writes Param nodes of a parameter list; their ids are added to `out`. */
  parameters(list: Row, out: NodeId[] | undefined): void {
    const end = this.after(list);
    for (let c = list + FLAT_INTS; c < end; c = this.after(c)) {
      const k = this.classOf(c);
      if (k === Class.Parameter || k === Class.VariadicParameter) this.#parameter(c, Role.Param, out);
    }
  }

  #parameter(p: Row, role: Role, out: NodeId[] | undefined): void {
    const w = this.writer;
    const f = this.fields;
    const type = this.field(p, f.type);
    const name = this.classOf(p) === Class.VariadicParameter ? 'variadic' : '';
    const last = this.after(p);
    let named = false;
    for (let c = p + FLAT_INTS; c < last; c = this.after(c)) {
      if (this.data[c + 1] !== f.name || !this.#counts(c)) continue;
      named = true;
      const id = w.open(Kind.Param, role, name, this.start(c), this.end(p));
      this.#pattern(c);
      if (type >= 0) this.type(type, Role.Type);
      out?.push(w.close(id));
      if (!out) w.close(id);
    }
    if (named) return;
    const id = w.open(Kind.Param, role, name, this.start(p), this.end(p));
    if (type >= 0) this.type(type, Role.Type);
    w.close(id);
    out?.push(id);
  }

  /** Writes the result of a function: one type, or a `tuple` of types or, where results have names, of Params. */
  result(p: Row, role: Role): NodeId {
    if (this.classOf(p) !== Class.ParameterList) return this.type(p, role);
    const f = this.fields;
    const end = this.after(p);
    let count = 0;
    let only = -1;
    let named = false;
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.classOf(c) !== Class.Parameter) continue;
      count++;
      only = c;
      if (this.field(c, f.name) >= 0) named = true;
    }
    if (count === 1 && !named) {
      const type = this.field(only, f.type);
      if (type >= 0) return this.type(type, role);
    }
    const id = this.writer.open(Kind.Type, role, 'tuple', this.start(p), this.end(p));
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.classOf(c) !== Class.Parameter) continue;
      if (named) this.#parameter(c, Role.TypeArg, undefined);
      else {
        const type = this.field(c, f.type);
        if (type >= 0) this.type(type, Role.TypeArg);
      }
    }
    return this.writer.close(id);
  }
}
