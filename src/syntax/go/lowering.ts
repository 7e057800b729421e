import type { Span } from '../../core/span.ts';
import { FLAT_INTS, type FlatTree } from '../flat-tree.ts';
import type { Kind, NodeId, Role } from '../node.ts';
import { NodeWriter } from '../node-writer.ts';
import { Class, type Fields, type GoGrammar } from './grammar.ts';

/** Offset of a row in the flattened tree (`index * FLAT_INTS`), or -1. */
export type Row = number;

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

/** State of lowering one file: the tree that is read and the nodes that are written. Declarations are read by `extract.ts`. */
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
  /** The block that is being lowered. */
  block: Span = { start: 0, end: 0 };
  #declaredTypes: Set<string> | undefined;

  constructor(text: string, tree: FlatTree, grammar: GoGrammar) {
    this.text = text;
    this.data = tree.data;
    this.classes = grammar.classes;
    this.solid = grammar.solid;
    this.types = grammar.types;
    this.fields = grammar.fields;
  }

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
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.counts(c)) return c;
    return -1;
  }

  /** The first child of the class, or -1. */
  firstOf(p: Row, wanted: number): Row {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) if (this.classOf(c) === wanted) return c;
    return -1;
  }

  /** True when an anonymous child has the text. */
  hasToken(p: Row, token: string): boolean {
    const end = this.after(p);
    for (let c = p + FLAT_INTS; c < end; c = this.after(c)) {
      if (this.types[this.data[c] as number] === token) return true;
    }
    return false;
  }

  /** True for what is neither punctuation nor a comment. */
  counts(p: Row): boolean {
    const c = this.classOf(p);
    return c !== Class.Skip && c !== Class.Comment;
  }

  /** True when `_` stands there. */
  isBlank(start: number, end: number): boolean {
    return end - start === 1 && this.text.charCodeAt(start) === UNDERSCORE;
  }

  /** The operator of an expression or assignment; empty where the file is broken. */
  operator(p: Row): string {
    const operator = this.field(p, this.fields.operator);
    return operator < 0 ? '' : (this.types[this.data[operator] as number] as string);
  }

  /** Opens a node that has the text of the row `name` as its name. */
  openNamed(kind: Kind, role: Role, name: Row, start: number, end: number): NodeId {
    const from = name < 0 ? 0 : this.start(name);
    return this.writer.openSlice(kind, role, this.text, from, name < 0 ? 0 : this.end(name), start, end);
  }

  /** What stands in parentheses, however many. */
  unwrap(p: Row): Row {
    let at = p;
    while (at >= 0 && this.classOf(at) === Class.Parenthesized) at = this.first(at);
    return at;
  }

  /** Whether a name is that of a type, as far as this file can tell. */
  isTypeName(name: string): boolean {
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
}
