import { Kind, Role } from '../node.ts';
import { T } from './grammar.ts';
import type { Lowering, TreeNode } from './lowering.ts';
import { as, delimiter, type Part, part, TokenReader, tokensOf, writePart } from './token-reader.ts';
import { pathOf } from './types.ts';

/** What is known of macros by the last segment of their name. Everything else is read for expressions. */
const MACROS: Readonly<Record<string, 'items' | 'select' | 'block' | 'first' | 'plain' | 'skip'>> = {
  lazy_static: 'items',
  thread_local: 'items',
  task_local: 'items',
  cfg_if: 'items',
  pin_project: 'items',
  select: 'select',
  select_biased: 'select',
  stream: 'block',
  try_stream: 'block',
  matches: 'first',
  assert_matches: 'first',
  debug_assert_matches: 'first',
  json: 'plain',
  concat: 'plain',
  quote: 'skip',
  quote_spanned: 'skip',
  parse_quote: 'skip',
  html: 'plain',
};

function roleOf(name: string): (typeof MACROS)[string] | undefined {
  const last = name.slice(name.lastIndexOf(':') + 1);
  return Object.hasOwn(MACROS, last) ? MACROS[last] : undefined;
}

/** True when the macro's arguments are items: it declares globals, types or functions. */
export function declaresItems(name: string): boolean {
  return roleOf(name) === 'items' || /(^|::)cfg_\w+$/.test(name);
}

export function macroName(s: Lowering, n: TreeNode): string {
  const name = s.field(n, s.f.macro);
  return name < 0 ? '' : pathOf(s, name);
}

/** The groups that hold the items or statements of a macro: the braces of `if … else …` in it, or its own. */
export function bracesOf(s: Lowering, tree: TreeNode): TreeNode[] {
  const tokens = tokensOf(s, tree);
  if (tokens.length === 0 || s.token(tokens[0] as TreeNode) !== 'if') return [tree];
  return tokens.filter((t) => s.kind(t) === T.TokenTree && delimiter(s, t) === '{');
}

/** Writes a macro call in expression or statement position. */
export function lowerMacroCall(s: Lowering, n: TreeNode, role: Role): void {
  const name = macroName(s, n);
  const tree = s.child(n, T.TokenTree);
  if (tree >= 0 && declaresItems(name)) {
    if (roleOf(name) !== 'items' || name.endsWith('cfg_if')) {
      // Conditional statements: every branch counts.
      const id = s.out.open(Kind.Macro, role, name, s.start(n), s.end(n));
      const reader = new TokenReader(s, [], readMacro);
      for (const block of bracesOf(s, tree)) {
        const parsed = reader.parsed(s.start(block), s.end(block));
        if (parsed) writePart(s, as(parsed, Role.Arg));
      }
      s.out.close(id);
    } else s.defer(n, []);
    return;
  }
  const parts = tree < 0 ? [] : readMacro(s, name, tree, 0);
  const select = parts[0];
  if (select?.kind === Kind.Select) {
    writePart(s, { ...select, role, start: s.start(n), end: s.end(n) });
    return;
  }
  const id = s.out.open(Kind.Macro, role, name, s.start(n), s.end(n));
  for (const p of parts) writePart(s, p);
  s.out.close(id);
}

function readMacro(s: Lowering, name: string, tree: TreeNode, depth: number): Part[] {
  const kind = roleOf(name);
  if (kind === 'skip') return [];
  if (kind === 'block' && delimiter(s, tree) === '{') {
    const block = new TokenReader(s, [], readMacro).parsed(s.start(tree), s.end(tree));
    return block ? [as(block, Role.Arg)] : [];
  }
  const tokens = tokensOf(s, tree);
  if (kind === 'select' && tokens.some((t) => s.token(t) === '=>')) {
    const arms = selectArms(s, tokens, depth);
    return [part(Kind.Select, '', s.start(tree), s.end(tree), arms)];
  }
  if (kind === 'first') return firstAndGuard(s, tokens, depth);
  const parts = new TokenReader(s, tokens, readMacro, depth).all(kind !== 'plain');
  if (name === 'vec' || name.endsWith('::vec')) return parts;
  return parts.map((p) => (p.role === Role.Count ? as(p, Role.Arg) : p));
}

/** `matches!(value, pattern if guard)`: the pattern's names are no uses. */
function firstAndGuard(s: Lowering, tokens: readonly TreeNode[], depth: number): Part[] {
  const reader = new TokenReader(s, tokens, readMacro, depth);
  const first = reader.expression();
  const parts = first ? [as(first, Role.Arg)] : [];
  while (!reader.done && s.token(reader.peek()) !== 'if') reader.at++;
  reader.at++;
  const guard = reader.done ? undefined : reader.expression();
  if (guard) parts.push(as(guard, Role.Arg));
  return parts;
}

/** Arms `pattern = future, if guard => body` of `select!`, and crossbeam's `recv(r) -> pattern => body`. */
function selectArms(s: Lowering, tokens: readonly TreeNode[], depth: number): Part[] {
  const arms: Part[] = [];
  let i = 0;
  while (i < tokens.length) {
    let arrow = i;
    while (arrow < tokens.length && s.token(tokens[arrow] as TreeNode) !== '=>') arrow++;
    if (arrow >= tokens.length) break;
    // `biased;` and the comma after a block stand before the first token of an arm.
    for (let j = i; j < arrow; j++) if (s.token(tokens[j] as TreeNode) === ';') i = j + 1;
    while (i < arrow && s.token(tokens[i] as TreeNode) === ',') i++;
    const head = armHead(s, tokens, i, arrow, depth);
    let end = arrow + 1;
    let body: Part | undefined;
    const first = tokens[end];
    if (first !== undefined && s.kind(first) === T.TokenTree && delimiter(s, first) === '{') {
      body = new TokenReader(s, [], readMacro).parsed(s.start(first), s.end(first));
      end++;
    } else {
      while (end < tokens.length && s.token(tokens[end] as TreeNode) !== ',') end++;
      body = expressionOf(s, tokens, arrow + 1, end, depth);
    }
    const from = tokens[Math.min(i, arrow)] as TreeNode;
    const to = tokens[Math.max(end - 1, arrow)] as TreeNode;
    arms.push(
      as(
        part(Kind.Arm, '', s.start(from), s.end(to), [...head, ...(body ? [as(body, Role.Body)] : [])]),
        Role.Arm,
      ),
    );
    i = end;
  }
  return arms;
}

function armHead(s: Lowering, tokens: readonly TreeNode[], from: number, to: number, depth: number): Part[] {
  let equals = -1;
  let arrow = -1;
  let guard = -1;
  for (let i = from; i < to; i++) {
    const token = s.token(tokens[i] as TreeNode);
    if (token === '=' && equals < 0) equals = i;
    else if (token === '->' && arrow < 0) arrow = i;
    else if (token === 'if' && i > from && s.token(tokens[i - 1] as TreeNode) === ',') guard = i;
  }
  const parts: Part[] = [];
  if (equals < 0 && arrow < 0) {
    // `else`, `default`, `complete`, or a bare `_`-less crossbeam `default(timeout)`.
    return parts;
  }
  const end = guard < 0 ? to : guard - 1;
  const [patternFrom, patternTo, commFrom, commTo] =
    equals >= 0 ? [from, equals, equals + 1, end] : [arrow + 1, end, from, arrow];
  const pattern = new TokenReader(s, tokens, readMacro, depth, patternFrom, patternTo).pattern(true);
  if (pattern) parts.push(as(pattern, Role.Pattern));
  const comm = expressionOf(s, tokens, commFrom, commTo, depth);
  if (comm) parts.push(as(comm, Role.Comm));
  const condition = guard < 0 ? undefined : expressionOf(s, tokens, guard + 1, to, depth);
  if (condition) parts.push(as(condition, Role.Guard));
  return parts;
}

/** An expression that must take all tokens of a range; what the reader cannot take is parsed. */
function expressionOf(
  s: Lowering,
  tokens: readonly TreeNode[],
  from: number,
  to: number,
  depth: number,
): Part | undefined {
  if (from >= to) return undefined;
  const reader = new TokenReader(s, tokens, readMacro, depth, from, to);
  const e = reader.expression();
  if (e && reader.done) return e;
  return reader.parsed(s.start(tokens[from] as TreeNode), s.end(tokens[to - 1] as TreeNode));
}
