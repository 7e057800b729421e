/** Fixes that limit how much allocation is kept for the next use. */
import type { Edit, Fix } from '../../core/finding.ts';
import { bufferShape } from '../../program/buffers.ts';
import type { PoolPut } from '../../program/pools.ts';
import type { Fn } from '../../program/program.ts';
import { peel } from '../../program/types.ts';
import { Values } from '../../program/values.ts';
import { Kind, type NodeId } from '../../syntax/node.ts';
import { chooseLimit, wrap } from './limit-fix.ts';
import { indentAt, textOf } from './statements.ts';

/** Puts back only what is small enough, at each of the places; none where one of them cannot be rewritten. */
export function capPutFix(
  puts: readonly { readonly put: PoolPut; readonly field: string }[],
): readonly Fix[] {
  if (puts.some(({ put, field }) => rewrite(put, field) === undefined)) return [];
  const edits = () => puts.flatMap(({ put, field }) => rewrite(put, field) ?? []);
  return [chooseLimit('Put back only up to 64 KiB', edits)];
}

function rewrite(put: PoolPut, field: string): readonly Edit[] | undefined {
  const { fn, node } = put;
  const code = fn.code;
  const capacity = capacityText(put, field);
  if (!capacity) return undefined;
  const go = fn.package.language === 'go';
  const open = go ? `if ${capacity} <= 64<<10 {` : `if ${capacity} <= 64 * 1024 {`;
  const up = code.parent(node);
  if (up < 0) return undefined;
  const indent = `\n${indentOf(fn, node)}`;
  if (go && code.kind(up) === Kind.Defer)
    return wrap(fn, node, `func() {${indent}\t${open}${indent}\t\t`, `${indent}\t}${indent}}()`);
  if (code.kind(up) !== Kind.Block) return undefined;
  return go ? wrap(fn, node, `${open}${indent}\t`, `${indent}}`) : wrapStatement(fn, node, open);
}

/** Rust: the statement's semicolon goes with it. */
function wrapStatement(fn: Fn, node: NodeId, open: string): readonly Edit[] | undefined {
  const { file } = fn.file.facts;
  const text = fn.package.text(file);
  const { start, end } = fn.code.span(node);
  const semicolon = /^\s*;/.exec(text.slice(end));
  const to = semicolon ? end + semicolon[0].length : end;
  const indent = indentOf(fn, node);
  const body = text.slice(start, end);
  if (body.includes('\n')) return undefined;
  return [
    {
      file,
      span: { start, end: to },
      newText: `${open}\n${indent}    ${body};\n${indent}}`,
    },
  ];
}

/** The white space at the beginning of the line a node begins on. */
function indentOf(fn: Fn, node: NodeId): string {
  return indentAt(fn.package.text(fn.file.facts.file), fn.code.start(node));
}

/** The expression that gives the capacity of what is put back. */
function capacityText({ fn, value, type }: PoolPut, field: string): string | undefined {
  const code = fn.code;
  if (!type || (code.kind(value) !== Kind.Name && code.kind(value) !== Kind.Field)) return undefined;
  const values = Values.of(fn.package.program);
  const name = textOf(fn, value);
  if (fn.package.language === 'rust')
    return field === '' ? `${name}.capacity()` : `${name}.${field}.capacity()`;
  let of = type;
  let text = name;
  if (field !== '') {
    const decl = peel(type).type.decl;
    const f = decl?.fact.fields.find((x) => x.name === field);
    const inner = decl && f && values.types.at(decl.file, f.type);
    if (!inner) return undefined;
    of = inner;
    text = `${name}.${field}`;
  }
  const shape = bufferShape(values.types, of);
  if (shape === undefined || shape === 'map') return undefined;
  if (peel(of).type.name === 'bytes.Buffer') return `${text}.Cap()`;
  return of.name === '*' ? `cap(*${text})` : `cap(${text})`;
}
