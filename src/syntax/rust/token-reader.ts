import { Kind, Role } from '../node.ts';
import { lower, stringContent } from './expressions.ts';
import { T } from './grammar.ts';
import type { Lowering, TreeNode } from './lowering.ts';
import { isConstantName } from './patterns.ts';

/**
 * Reads expressions and patterns from the tokens of a macro's arguments, which the grammar leaves unparsed. Much
 * cheaper than parsing them again, and good enough for what macros hold: only blocks and control flow are parsed.
 */

/** A node to be written. Preorder needs the parent first, so that an operator must be seen before its left side. */
export interface Part {
  readonly kind: Kind;
  role: Role;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly parts: readonly Part[];
  /** A node of `data`, when this part was parsed; then the rest but `role` does not count. */
  readonly node: TreeNode;
  readonly data: Int32Array | undefined;
}

const NONE: readonly Part[] = [];

export function part(
  kind: Kind,
  name: string,
  start: number,
  end: number,
  parts: readonly Part[] = NONE,
): Part {
  return { kind, role: Role.None, name, start, end, parts, node: -1, data: undefined };
}

/** Gives a part its role. */
export function as(p: Part, role: Role): Part {
  p.role = role;
  return p;
}

export function writePart(s: Lowering, p: Part): void {
  if (p.data) {
    s.reading(p.data, () => lower(s, p.node, p.role));
    return;
  }
  const id = s.out.open(p.kind, p.role, p.name, p.start, p.end);
  for (const child of p.parts) writePart(s, child);
  s.out.close(id);
}

/** Binding strength of binary operators; assignment and ranges are handled apart. */
const STRENGTH: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 3],
  ['>', 3],
  ['<=', 3],
  ['>=', 3],
  ['|', 4],
  ['^', 5],
  ['&', 6],
  ['<<', 7],
  ['>>', 7],
  ['+', 8],
  ['-', 8],
  ['*', 9],
  ['/', 9],
  ['%', 9],
]);
const PREFIX_STRENGTH = 10;
/** Tokens nest as deep as the text does; below this depth they are left unread. */
const MAX_DEPTH = 100;

/** The tokens of a token tree without its delimiters and comments. */
export function tokensOf(s: Lowering, tree: TreeNode): TreeNode[] {
  const tokens: TreeNode[] = [];
  const end = s.after(tree);
  for (let c = tree + 2; c < end; c = s.after(c)) if (s.kind(c) !== T.Comment) tokens.push(c);
  tokens.pop();
  return tokens;
}

/** The opening delimiter of a token tree. */
export function delimiter(s: Lowering, tree: TreeNode): string {
  return s.text[s.start(tree)] ?? '';
}

export class TokenReader {
  readonly s: Lowering;
  readonly tokens: readonly TreeNode[];
  at = 0;
  readonly #end: number;
  readonly #depth: number;
  /** How a nested macro call is read; set by the room's macro table, which knows the names. */
  readonly #macro: MacroReader;

  constructor(
    s: Lowering,
    tokens: readonly TreeNode[],
    macro: MacroReader,
    depth = 0,
    from = 0,
    to = tokens.length,
  ) {
    this.s = s;
    this.tokens = tokens;
    this.at = from;
    this.#end = to;
    this.#depth = depth;
    this.#macro = macro;
  }

  get done(): boolean {
    return this.at >= this.#end;
  }

  /** The token `ahead` places on, or -1. */
  peek(ahead = 0): TreeNode {
    const i = this.at + ahead;
    return i < this.#end ? (this.tokens[i] as TreeNode) : -1;
  }

  #kindAt(ahead: number): number {
    const n = this.peek(ahead);
    return n < 0 ? T.Anonymous : this.s.kind(n);
  }

  #tokenAt(ahead: number): string {
    const n = this.peek(ahead);
    return n < 0 ? '' : this.s.token(n);
  }

  /** The name at a place: identifiers, `self`, primitive types. */
  #nameAt(ahead: number): string {
    const kind = this.#kindAt(ahead);
    return kind === T.Name || kind === T.TypeName ? this.s.textOf(this.peek(ahead)) : '';
  }

  #isTree(ahead: number, open: string): boolean {
    return this.#kindAt(ahead) === T.TokenTree && delimiter(this.s, this.peek(ahead)) === open;
  }

  #endOf(index: number): number {
    return this.s.end(this.tokens[index] as TreeNode);
  }

  #nested(tree: TreeNode): TokenReader {
    return new TokenReader(this.s, tokensOf(this.s, tree), this.#macro, this.#depth + 1);
  }

  /**
   * All expressions that can be found, for macros whose grammar is unknown: what is not an expression is passed over
   * token by token. `count` tells where a `;` stood (`vec![x; n]`).
   */
  all(format: boolean): Part[] {
    const parts: Part[] = [];
    let separator = '';
    while (!this.done) {
      const token = this.#tokenAt(0);
      if (token === ',' || token === ';' || token === '=>' || token === ':') {
        separator = token;
        this.at++;
        continue;
      }
      // `?x` and `%x` of tracing.
      if ((token === '?' || token === '%') && this.#nameAt(1) !== '') {
        this.at++;
        continue;
      }
      if (this.#isTree(0, '{')) {
        this.#group(this.peek(), parts, format);
        this.at++;
        continue;
      }
      const before = this.at;
      const e = this.expression();
      if (!e || this.at === before) {
        this.at = before;
        if (this.#kindAt(0) === T.TokenTree) this.#group(this.peek(), parts, format);
        this.at++;
        continue;
      }
      if (this.#tokenAt(0) === '=') {
        this.at++;
        const value = this.expression();
        const name = dotted(e);
        const target = name === '' ? as(e, Role.Target) : undefined;
        const inner = [...(target ? [target] : []), ...(value ? [as(value, Role.Value)] : [])];
        const end = value ? value.end : e.end;
        parts.push(
          as(part(target ? Kind.Assign : Kind.FieldInit, target ? '=' : name, e.start, end, inner), Role.Arg),
        );
      } else parts.push(as(e, separator === ';' && parts.length === 1 ? Role.Count : Role.Arg));
      if (format && e.kind === Kind.String && e.name.includes('{')) this.#captures(e, parts);
    }
    return parts;
  }

  #group(tree: TreeNode, parts: Part[], format: boolean): void {
    if (this.#depth > MAX_DEPTH) return;
    const nested = this.#nested(tree);
    if (delimiter(this.s, tree) === '{' && nested.hasStatements()) {
      const block = this.parsed(this.s.start(tree), this.s.end(tree));
      if (block) parts.push(as(block, Role.Arg));
      return;
    }
    for (const p of nested.all(format)) parts.push(p.role === Role.Count ? as(p, Role.Arg) : p);
  }

  /** True when the tokens look like statements: a `;` or a keyword that begins one. */
  hasStatements(): boolean {
    for (let i = this.at; i < this.#end; i++) {
      const token = this.s.token(this.tokens[i] as TreeNode);
      if (token === ';' || token === 'let') return true;
      if (i === this.at && STATEMENT_WORDS.has(token)) return true;
    }
    return false;
  }

  /** Names captured in a format string: `"{x} {y:?} {:>width$}"`. */
  #captures(string: Part, parts: Part[]): void {
    const base = string.start + (this.s.text.slice(string.start, string.end).indexOf('"') + 1);
    const text = this.s.text.slice(base, string.end);
    for (const m of text.matchAll(/\{\{|\{([a-z_]\w*)(?=[:}])|([a-z_]\w*)\$/gi)) {
      const name = m[1] ?? m[2];
      if (!name) continue;
      const start = base + m.index + (m[1] ? 1 : 0);
      parts.push(as(part(Kind.Name, name, start, start + name.length), Role.Arg));
    }
  }

  /** Parses a slice of the text by the grammar and gives its first statement's expression. */
  parsed(start: number, end: number): Part | undefined {
    const { data } = this.s.parsePart(start, end);
    const node = this.s.reading(data, () => {
      const { s } = this;
      let n = s.kind(0) === T.Error ? 0 : s.inner(0);
      // An expression that no `;` follows is an error to the grammar, with the expression in it.
      while (n >= 0 && s.kind(n) === T.Error) {
        const only = s.inner(n);
        if (only < 0 || this.#moreThan(n, only)) break;
        n = only;
      }
      return n > 0 && s.kind(n) === T.ExpressionStatement ? s.inner(n) : n;
    });
    return node < 0 ? undefined : { ...part(Kind.Other, '', start, end), node, data };
  }

  #moreThan(n: TreeNode, only: TreeNode): boolean {
    const end = this.s.after(n);
    for (let c = n + 1; c < end; c = this.s.after(c)) if (c !== only && this.s.carries(c)) return true;
    return false;
  }

  /** An expression, or undefined when none begins here; then the position is unspecified. */
  expression(strength = 0): Part | undefined {
    if (this.#tokenAt(0) === '..' || this.#tokenAt(0) === '..=') return this.#range(undefined, strength);
    let left = this.#unary();
    while (left) {
      const operator = this.#tokenAt(0);
      if ((operator === '..' || operator === '..=') && strength === 0) {
        left = this.#range(left, strength);
        continue;
      }
      const power = STRENGTH.get(operator);
      if (power === undefined || power <= strength) break;
      // `=>`-like patterns never get here: they are tokens of their own.
      const before = this.at++;
      const right = this.expression(power);
      if (!right) {
        this.at = before;
        break;
      }
      left = part(Kind.Binary, operator, left.start, right.end, [as(left, Role.Left), as(right, Role.Right)]);
    }
    return left;
  }

  #range(low: Part | undefined, strength: number): Part {
    const operator = this.#tokenAt(0);
    const start = low ? low.start : this.s.start(this.peek());
    const operatorEnd = this.s.end(this.peek());
    const before = ++this.at;
    const high = this.done ? undefined : this.expression(Math.max(strength, 0.5));
    if (!high) this.at = before;
    return part(Kind.Range, operator, start, high ? high.end : operatorEnd, [
      ...(low ? [as(low, Role.Low)] : []),
      ...(high ? [as(high, Role.High)] : []),
    ]);
  }

  #unary(): Part | undefined {
    const n = this.peek();
    if (n < 0) return undefined;
    const token = this.s.token(n);
    const start = this.s.start(n);
    if (token === '&' || token === '&&') {
      this.at++;
      let operator = '&';
      if (this.#kindAt(0) === T.Mut) {
        operator = '&mut';
        this.at++;
      }
      const inner = this.#operand();
      if (!inner) return undefined;
      const one = part(Kind.Unary, operator, start, inner.end, [as(inner, Role.Object)]);
      return token === '&' ? one : part(Kind.Unary, '&', start, inner.end, [as(one, Role.Object)]);
    }
    if (token === '*' || token === '-' || token === '!') {
      this.at++;
      const inner = this.#operand();
      return inner && part(Kind.Unary, token, start, inner.end, [as(inner, Role.Object)]);
    }
    const primary = this.#primary();
    return primary && this.#postfix(primary);
  }

  #operand(): Part | undefined {
    return this.expression(PREFIX_STRENGTH);
  }

  #primary(): Part | undefined {
    const { s } = this;
    const n = this.peek();
    const start = s.start(n);
    const end = s.end(n);
    switch (s.kind(n)) {
      case T.Number:
        this.at++;
        return part(Kind.Number, s.textOf(n), start, end);
      case T.Literal:
        this.at++;
        return part(Kind.Literal, s.textOf(n), start, end);
      case T.String:
      case T.RawString:
        this.at++;
        return part(Kind.String, stringContent(s, n).text, start, end);
      case T.TokenTree:
        return this.#grouped(n);
      case T.Name:
      case T.TypeName:
        return this.#word(n);
      default:
        return this.#keyword(n);
    }
  }

  #grouped(tree: TreeNode): Part | undefined {
    const { s } = this;
    if (this.#depth > MAX_DEPTH) return undefined;
    this.at++;
    const open = delimiter(s, tree);
    if (open === '{') return this.parsed(s.start(tree), s.end(tree));
    const nested = this.#nested(tree);
    const items: Part[] = [];
    let comma = false;
    let semicolon = false;
    let count: Part | undefined;
    while (!nested.done) {
      const e = nested.expression();
      if (!e) return undefined;
      if (semicolon) count = e;
      else items.push(e);
      if (nested.done) break;
      const token = nested.#tokenAt(0);
      if (token === ',') comma = true;
      else if (token === ';' && open === '[' && items.length === 1) semicolon = true;
      else return undefined;
      nested.at++;
    }
    if (open === '(' && items.length === 1 && !comma) return items[0];
    return part(Kind.Sequence, open === '(' ? 'tuple' : 'array', s.start(tree), s.end(tree), [
      ...items.map((p) => as(p, Role.Arg)),
      ...(count ? [as(count, Role.Count)] : []),
    ]);
  }

  /** A path, a nested macro, a struct literal, or a word that begins a closure or block. */
  #word(n: TreeNode): Part | undefined {
    const { s } = this;
    const start = s.start(n);
    const word = s.textOf(n);
    if (word === 'move') return this.#closure();
    if (word === 'else' || word === 'in') return undefined;
    let name = word;
    let end = s.end(n);
    this.at++;
    while (this.#tokenAt(0) === '::') {
      if (this.#tokenAt(1) === '<') {
        this.at++;
        if (!this.#skipAngles()) return undefined;
        end = this.#endOf(this.at - 1);
        continue;
      }
      const next = this.#nameAt(1);
      if (next === '') break;
      name += `::${next}`;
      end = s.end(this.peek(1));
      this.at += 2;
    }
    if (this.#tokenAt(0) === '!' && this.#kindAt(1) === T.TokenTree) {
      const tree = this.peek(1);
      this.at += 2;
      if (this.#depth > MAX_DEPTH) return undefined;
      return part(Kind.Macro, name, start, s.end(tree), this.#macro(s, name, tree, this.#depth + 1));
    }
    if (this.#isTree(0, '{') && isConstantName(name.slice(name.lastIndexOf(':') + 1))) {
      const literal = this.#structLiteral(name, start, end, this.peek());
      if (literal) {
        this.at++;
        return literal;
      }
    }
    return part(name.includes('::') ? Kind.Path : Kind.Name, name, start, end);
  }

  #structLiteral(name: string, start: number, end: number, tree: TreeNode): Part | undefined {
    const { s } = this;
    const nested = this.#nested(tree);
    const parts: Part[] = [as(part(Kind.Type, name, start, end), Role.Type)];
    while (!nested.done) {
      if (nested.#tokenAt(0) === '..') {
        nested.at++;
        const base = nested.expression();
        if (!base) return undefined;
        parts.push(as(base, Role.Base));
      } else {
        const at = nested.peek();
        const field = nested.#nameAt(0);
        if (field === '') return undefined;
        const from = s.start(at);
        let to = s.end(at);
        nested.at++;
        let value: Part | undefined = part(Kind.Name, field, from, to);
        if (nested.#tokenAt(0) === ':') {
          nested.at++;
          value = nested.expression();
          if (!value) return undefined;
          to = value.end;
        }
        parts.push(as(part(Kind.FieldInit, field, from, to, [as(value, Role.Value)]), Role.Value));
      }
      if (nested.done) break;
      if (nested.#tokenAt(0) !== ',') return undefined;
      nested.at++;
    }
    return part(Kind.Composite, '', start, s.end(tree), parts);
  }

  #keyword(n: TreeNode): Part | undefined {
    const { s } = this;
    const token = s.token(n);
    switch (token) {
      case '|':
      case '||':
        return this.#closure();
      case 'async': {
        const move = this.#nameAt(1) === 'move';
        const body = move ? 2 : 1;
        if (!this.#isTree(body, '{')) {
          this.at++;
          return this.#closure();
        }
        const tree = this.peek(body);
        this.at += body + 1;
        const block = this.parsed(s.start(tree), s.end(tree));
        return part(
          Kind.AsyncBlock,
          move ? 'move' : '',
          s.start(n),
          s.end(tree),
          block ? [as(block, Role.Body)] : [],
        );
      }
      case 'if':
      case 'match':
      case 'while':
      case 'for':
      case 'loop':
      case 'unsafe':
        return this.#control(n);
      case 'return':
      case 'break':
      case 'continue': {
        const kind = token === 'return' ? Kind.Return : token === 'break' ? Kind.Break : Kind.Continue;
        this.at++;
        const before = this.at;
        const value = this.done || token === 'continue' ? undefined : this.expression();
        if (!value) this.at = before;
        return part(kind, '', s.start(n), value ? value.end : s.end(n), value ? [as(value, Role.Value)] : []);
      }
      case '<': {
        // `<T as Trait>::name`: the path begins after the angle brackets.
        const type = this.#nameAt(1);
        if (!this.#skipAngles() || this.#tokenAt(0) !== '::') return undefined;
        const name = this.#nameAt(1);
        if (name === '') return undefined;
        const end = s.end(this.peek(1));
        this.at += 2;
        return part(Kind.Path, `${type}::${name}`, s.start(n), end);
      }
      case '::':
        if (this.#nameAt(1) === '') return undefined;
        this.at++;
        return this.#word(this.peek());
      default:
        // Contextual keywords are names here: `default`, `union`, `type` never start anything else.
        return token === 'default' || token === 'union' || token === 'gen' ? this.#word(n) : undefined;
    }
  }

  /** `if`, `match` and loops are parsed: from the keyword to the last block. */
  #control(n: TreeNode): Part | undefined {
    const { s } = this;
    let i = this.at + 1;
    for (;;) {
      while (i < this.#end && !this.#brace(i)) i++;
      if (i >= this.#end) return undefined;
      i++;
      if (i >= this.#end || s.textOf(this.tokens[i] as TreeNode) !== 'else') break;
    }
    this.at = i;
    return this.parsed(s.start(n), this.#endOf(i - 1));
  }

  #brace(index: number): boolean {
    const n = this.tokens[index] as TreeNode;
    return this.s.kind(n) === T.TokenTree && delimiter(this.s, n) === '{';
  }

  #closure(): Part | undefined {
    const { s } = this;
    const start = s.start(this.peek());
    let move = '';
    if (this.#nameAt(0) === 'move') {
      move = 'move';
      this.at++;
    }
    const parts: Part[] = [];
    if (this.#tokenAt(0) === '||') this.at++;
    else if (this.#tokenAt(0) === '|') {
      this.at++;
      while (!this.done && this.#tokenAt(0) !== '|') {
        const pattern = this.pattern(false);
        if (!pattern) return undefined;
        parts.push(
          as(part(Kind.Param, '', pattern.start, pattern.end, [as(pattern, Role.Pattern)]), Role.Param),
        );
        // A type runs to the next comma or bar outside angle brackets.
        let angles = 0;
        while (!this.done) {
          const token = this.#tokenAt(0);
          if (angles <= 0 && (token === ',' || token === '|')) break;
          if (token === '<') angles++;
          else if (token === '>') angles--;
          else if (token === '>>') angles -= 2;
          this.at++;
        }
        if (this.#tokenAt(0) === ',') this.at++;
      }
      if (this.done) return undefined;
      this.at++;
    } else return undefined;
    if (this.#tokenAt(0) === '->') while (!this.done && !this.#isTree(0, '{')) this.at++;
    const body = this.expression();
    if (!body) return undefined;
    parts.push(as(body, Role.Body));
    return part(Kind.Closure, move, start, body.end, parts);
  }

  /** Passes over `<…>`; false when it does not close. */
  #skipAngles(): boolean {
    let depth = 0;
    while (!this.done) {
      const token = this.#tokenAt(0);
      this.at++;
      if (token === '<') depth++;
      else if (token === '>') depth--;
      else if (token === '>>') depth -= 2;
      if (depth <= 0) return depth === 0;
    }
    return false;
  }

  #postfix(first: Part): Part {
    const { s } = this;
    let left = first;
    for (;;) {
      const token = this.#tokenAt(0);
      if (token === '?') {
        left = part(Kind.Try, '', left.start, s.end(this.peek()), [as(left, Role.Object)]);
        this.at++;
      } else if (token === '.') {
        if (this.#tokenAt(1) === 'await') {
          left = part(Kind.Await, '', left.start, s.end(this.peek(1)), [as(left, Role.Object)]);
          this.at += 2;
          continue;
        }
        if (this.#kindAt(1) === T.Number) {
          // `x.0.1` has the one number token `0.1`.
          const number = this.peek(1);
          const end = s.end(number);
          for (const index of s.textOf(number).split('.'))
            left = part(Kind.Field, index, left.start, end, [as(left, Role.Object)]);
          this.at += 2;
          continue;
        }
        const name = this.#nameAt(1) || (WORDS.has(this.#tokenAt(1)) ? this.#tokenAt(1) : '');
        if (name === '') return left;
        const end = s.end(this.peek(1));
        this.at += 2;
        if (this.#tokenAt(0) === '::' && this.#tokenAt(1) === '<') {
          const before = this.at++;
          if (!this.#skipAngles()) {
            this.at = before;
            return part(Kind.Field, name, left.start, end, [as(left, Role.Object)]);
          }
        }
        if (this.#isTree(0, '(')) {
          const tree = this.peek();
          this.at++;
          left = part(Kind.MethodCall, name, left.start, s.end(tree), [
            as(left, Role.Object),
            ...this.#arguments(tree),
          ]);
        } else left = part(Kind.Field, name, left.start, end, [as(left, Role.Object)]);
      } else if (this.#isTree(0, '(')) {
        const tree = this.peek();
        this.at++;
        left = part(Kind.Call, '', left.start, s.end(tree), [
          as(left, Role.Callee),
          ...this.#arguments(tree),
        ]);
      } else if (this.#isTree(0, '[')) {
        const tree = this.peek();
        const index = this.#depth > MAX_DEPTH ? undefined : this.#nested(tree).expression();
        if (!index) return left;
        this.at++;
        const object = as(left, Role.Object);
        left =
          index.kind === Kind.Range && !index.data
            ? part(Kind.Slice, '', left.start, s.end(tree), [object, ...index.parts])
            : part(Kind.Index, '', left.start, s.end(tree), [object, as(index, Role.Index)]);
      } else if (token === 'as' && this.#nameAt(1) !== '') {
        const from = s.start(this.peek(1));
        let name = this.#nameAt(1);
        let end = s.end(this.peek(1));
        this.at += 2;
        while (this.#tokenAt(0) === '::' && this.#nameAt(1) !== '') {
          name += `::${this.#nameAt(1)}`;
          end = s.end(this.peek(1));
          this.at += 2;
        }
        left = part(Kind.Cast, '', left.start, end, [
          as(left, Role.Object),
          as(part(Kind.Type, name, from, end), Role.Type),
        ]);
      } else return left;
    }
  }

  #arguments(tree: TreeNode): Part[] {
    if (this.#depth > MAX_DEPTH) return [];
    const nested = this.#nested(tree);
    const args: Part[] = [];
    while (!nested.done) {
      const before = nested.at;
      const e = nested.expression();
      if (e) args.push(as(e, Role.Arg));
      // What could not be read is passed over to the next argument.
      while (!nested.done && nested.#tokenAt(0) !== ',') nested.at++;
      if (nested.at === before || !nested.done) nested.at++;
    }
    return args;
  }

  /** A pattern; with `alternatives`, `a | b` is one pattern. Undefined when none begins here. */
  pattern(alternatives: boolean): Part | undefined {
    if (alternatives && this.#tokenAt(0) === '|') this.at++;
    const first = this.#onePattern();
    if (!first || !alternatives || this.#tokenAt(0) !== '|') return first;
    const parts = [as(first, Role.Pattern)];
    let end = first.end;
    while (this.#tokenAt(0) === '|') {
      this.at++;
      const next = this.#onePattern();
      if (!next) return undefined;
      parts.push(as(next, Role.Pattern));
      end = next.end;
    }
    return part(Kind.Destructure, 'or', first.start, end, parts);
  }

  #onePattern(): Part | undefined {
    const { s } = this;
    const n = this.peek();
    if (n < 0) return undefined;
    const token = s.token(n);
    const start = s.start(n);
    if (token === '_' || token === '..') {
      this.at++;
      return part(Kind.Wildcard, '', start, s.end(n));
    }
    if (token === '&' || token === '&&') {
      this.at++;
      const inner = this.#onePattern();
      return inner && part(Kind.Destructure, 'ref', start, inner.end, [as(inner, Role.Pattern)]);
    }
    const ref = this.#nameAt(0) === 'ref' && (this.#nameAt(1) !== '' || this.#kindAt(1) === T.Mut);
    if (s.kind(n) === T.Mut || ref) {
      this.at++;
      const inner = this.#onePattern();
      return ref && inner?.kind === Kind.Bind ? { ...inner, start } : inner;
    }
    if (s.kind(n) === T.TokenTree) {
      const open = delimiter(s, n);
      if (open === '{') return undefined;
      this.at++;
      const inner = this.#patterns(n);
      return inner && part(Kind.Destructure, open === '(' ? 'tuple' : 'slice', start, s.end(n), inner);
    }
    const literal = s.kind(n);
    if (literal === T.Number || literal === T.String || literal === T.RawString || literal === T.Literal)
      return this.#primary();
    let name = this.#nameAt(0);
    if (name === '') return undefined;
    if (name === '_') {
      this.at++;
      return part(Kind.Wildcard, '', start, s.end(n));
    }
    let end = s.end(n);
    this.at++;
    while (this.#tokenAt(0) === '::' && this.#nameAt(1) !== '') {
      name += `::${this.#nameAt(1)}`;
      end = s.end(this.peek(1));
      this.at += 2;
    }
    if (this.#isTree(0, '(')) {
      const tree = this.peek();
      this.at++;
      const inner = this.#patterns(tree);
      return inner && part(Kind.Destructure, name, start, s.end(tree), inner);
    }
    if (this.#isTree(0, '{') && isConstantName(name.slice(name.lastIndexOf(':') + 1))) {
      const tree = this.peek();
      this.at++;
      return part(Kind.Destructure, name, start, s.end(tree), this.#fieldPatterns(tree));
    }
    if (name.includes('::') || isConstantName(name)) return part(Kind.Destructure, name, start, end);
    if (this.#tokenAt(0) === '@') {
      this.at++;
      const inner = this.#onePattern();
      if (!inner) return undefined;
      return part(Kind.Bind, name, start, inner.end, [as(inner, Role.Pattern)]);
    }
    return part(Kind.Bind, name, start, end);
  }

  #patterns(tree: TreeNode): Part[] | undefined {
    if (this.#depth > MAX_DEPTH) return undefined;
    const nested = this.#nested(tree);
    const parts: Part[] = [];
    while (!nested.done) {
      const p = nested.pattern(true);
      if (!p) return undefined;
      parts.push(as(p, Role.Pattern));
      if (nested.done) break;
      if (nested.#tokenAt(0) !== ',') return undefined;
      nested.at++;
    }
    return parts;
  }

  #fieldPatterns(tree: TreeNode): Part[] {
    if (this.#depth > MAX_DEPTH) return [];
    const { s } = this;
    const nested = this.#nested(tree);
    const parts: Part[] = [];
    while (!nested.done) {
      const before = nested.at;
      const n = nested.peek();
      const name = nested.#nameAt(0);
      if (nested.#tokenAt(0) === '..') {
        parts.push(as(part(Kind.Wildcard, '', s.start(n), s.end(n)), Role.Pattern));
        nested.at++;
      } else if (name !== '' && nested.#tokenAt(1) === ':') {
        nested.at += 2;
        const inner = nested.pattern(true);
        if (inner)
          parts.push(
            as(part(Kind.FieldPattern, name, s.start(n), inner.end, [as(inner, Role.Pattern)]), Role.Pattern),
          );
      } else if (name !== '') {
        nested.at++;
        if (name !== 'ref')
          parts.push(
            as(
              part(Kind.FieldPattern, name, s.start(n), s.end(n), [
                as(part(Kind.Bind, name, s.start(n), s.end(n)), Role.Pattern),
              ]),
              Role.Pattern,
            ),
          );
      }
      if (nested.#tokenAt(0) === ',' || nested.at === before) nested.at++;
    }
    return parts;
  }
}

/** Gives the children of a macro call from its name and its token tree. */
export type MacroReader = (s: Lowering, name: string, tree: TreeNode, depth: number) => Part[];

const STATEMENT_WORDS = new Set(['if', 'match', 'for', 'while', 'loop', 'return', 'unsafe']);
/** Keywords that can be method or field names in macros' own languages or by raw use. */
const WORDS = new Set(['default', 'union', 'gen', 'type', 'await']);

/** `a.b.c` of a plain chain of fields, as structured logging names its fields; empty for anything else. */
function dotted(p: Part): string {
  if (p.data) return '';
  if (p.kind === Kind.String || p.kind === Kind.Name) return p.name === 'self' ? '' : p.name;
  if (p.kind !== Kind.Field) return '';
  const object = p.parts[0];
  const head = object ? dotted(object) : '';
  return head === '' ? '' : `${head}.${p.name}`;
}
