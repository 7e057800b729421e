/** Where fixes may put statements, and how they read the text they change. */
import type { Edit } from '../../../core/finding.ts';
import type { Span } from '../../../core/span.ts';
import type { Fn } from '../../../program/program.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

/** A place for statements: before a statement of a block, or in braces put around an expression that has none. */
export interface Spot {
  readonly node: NodeId;
  readonly braces: boolean;
}

/**
 * Where statements can run right before a node, or undefined: before the statement it stands in, or around the
 * expression of a Rust arm or closure. A loop's header has no such place: what stands there runs in each round.
 */
export function spotBefore(fn: Fn, node: NodeId): Spot | undefined {
  const code = fn.code;
  const rust = fn.package.language === 'rust';
  let n = node;
  for (let up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Block) return { node: n, braces: false };
    if (kind === Kind.Loop && code.role(n) !== Role.Body && code.role(n) !== Role.Iter) return undefined;
    if (kind === Kind.Arm && code.role(n) === Role.Body)
      return rust ? { node: n, braces: true } : { node: n, braces: false };
    if (kind === Kind.Arm && rust) return undefined;
    if (kind === Kind.Closure && code.role(n) === Role.Body) return { node: n, braces: true };
    // An `else if` or the right side of `&&` runs only sometimes.
    if (kind === Kind.If && code.role(n) === Role.Else) return undefined;
    if (kind === Kind.Binary && code.role(n) === Role.Right && /^(&&|\|\|)$/.test(code.name(up)))
      return undefined;
  }
  return undefined;
}

/** The statement around a node that other statements can be put before, or -1. */
export function statementOf(fn: Fn, node: NodeId): NodeId {
  const spot = spotBefore(fn, node);
  return spot && !spot.braces ? spot.node : -1;
}

/** The text of a node. */
export function textOf(fn: Fn, node: NodeId): string {
  return fn.package.text(fn.file.facts.file).slice(fn.code.start(node), fn.code.end(node));
}

/** Puts whole lines at a spot, indented like it; the lines use tabs for their own indentation. */
export function insertAt(fn: Fn, spot: Spot, lines: readonly string[]): readonly Edit[] {
  const { file } = fn.file.facts;
  const text = fn.package.text(file);
  const start = fn.code.start(spot.node);
  const end = fn.code.end(spot.node);
  const indent = indentAt(text, start);
  const unit = indent.includes('\t') || fn.package.language === 'go' ? '\t' : '    ';
  const body = lines.map((l) => l.replace(/^\t+/, (tabs) => unit.repeat(tabs.length)));
  const opened = spot.braces ? undefined : openedBlock(fn, spot.node);
  if (opened) {
    const inside = `\n${indent}${unit}`;
    return [
      { file, span: opened.before, newText: `${inside}${body.join(inside)}${inside}` },
      { file, span: opened.after, newText: `\n${indent}` },
    ];
  }
  if (!spot.braces)
    return [
      {
        file,
        span: { start, end: start },
        newText: body.map((l) => `${l}\n${indent}`).join(''),
      },
    ];
  const inner = `\n${indent}${unit}`;
  return [
    { file, span: { start, end: start }, newText: `{${inner}${body.join(inner)}${inner}` },
    { file, span: { start: end, end }, newText: `\n${indent}}` },
  ];
}

/** The space behind the `{` and before the `}` of a block on one line, when the node begins it. */
function openedBlock(fn: Fn, node: NodeId): { readonly before: Span; readonly after: Span } | undefined {
  const code = fn.code;
  const block = code.parent(node);
  if (block < 0 || code.kind(block) !== Kind.Block || code.children(block)[0] !== node) return undefined;
  const text = fn.package.text(fn.file.facts.file);
  const [start, end] = [code.start(block), code.end(block)];
  const whole = text.slice(start, end);
  if (!/^\{.*\}$/.test(whole)) return undefined;
  const close = end - 1 - (/\s*$/.exec(whole.slice(0, -1))?.[0].length ?? 0);
  return { before: { start: start + 1, end: code.start(node) }, after: { start: close, end: end - 1 } };
}

/** Inserts whole lines before a statement, indented like it. */
export function insertBefore(fn: Fn, statement: NodeId, lines: readonly string[]): readonly Edit[] {
  return insertAt(fn, { node: statement, braces: false }, lines);
}

/** Inserts a line after a statement, indented like it. */
export function insertAfter(fn: Fn, statement: NodeId, line: string): Edit {
  const { file } = fn.file.facts;
  const indent = indentAt(fn.package.text(file), fn.code.start(statement));
  const end = fn.code.end(statement);
  return { file, span: { start: end, end }, newText: `\n${indent}${line}` };
}

/** The white space at the beginning of the line an offset is on. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? '';
}

/** Where a declaration can be put below the imports of a file, or -1 when it has none at its top. */
export function belowImports(fn: Fn): number {
  const { facts } = fn.file;
  const text = fn.package.text(facts.file);
  if (facts.language === 'go') {
    const last = facts.imports.at(-1);
    if (!last) return -1;
    const rest = text.slice(last.span.end);
    const end = /^[^\r\n]*(?:\s*\))?/.exec(rest)?.[0].length ?? 0;
    return last.span.end + end;
  }
  const items = [...facts.functions, ...facts.types, ...facts.globals].map((i) => i.span.start);
  const top = text.slice(0, Math.min(...items, text.length));
  let end = -1;
  for (const use of top.matchAll(/^(?:pub(?:\([^)]*\))? )?use [^;]*;/gm)) end = use.index + use[0].length;
  return end;
}
