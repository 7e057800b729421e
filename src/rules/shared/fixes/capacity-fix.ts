/** Fixes that limit how much allocation is kept for the next use. */
import type { Edit, Fix } from '../../../core/finding.ts';
import type { BufferShape } from '../../../knowledge/buffers.ts';
import { type BufferEffect, bufferShape } from '../../../program/ownership/buffers.ts';
import type { PoolPut } from '../../../program/ownership/pools.ts';
import type { Fn } from '../../../program/program.ts';
import { peel, type TypeRef } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { chooseLimit, replace, wrap } from './limit-fix.ts';
import { indentAt, insertBefore, statementOf, textOf } from './statements.ts';

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

/** Gives back what is larger than most contents, where the buffer is emptied. */
export function shrinkFix(
  empty: BufferEffect,
  type: TypeRef | undefined,
  shape: BufferShape,
): readonly Fix[] {
  const { fn } = empty;
  const statement = statementOf(fn, empty.node);
  if (!type || statement !== empty.node) return [];
  return fn.package.language === 'go'
    ? goShrink(empty, type, shape, statement)
    : rustShrink(empty, type, shape, statement);
}

function rustShrink(
  empty: BufferEffect,
  type: TypeRef,
  shape: BufferShape,
  statement: NodeId,
): readonly Fix[] {
  const { fn, node } = empty;
  const code = fn.code;
  // `BytesMut` has no `shrink_to`.
  if (/(^|::)(BytesMut|IndexSet|IndexMap)$/.test(peel(type).type.name) || statement !== node) return [];
  if (code.kind(node) !== Kind.MethodCall || empty.verb === 'drain') return [];
  const object = code.child(node, Role.Object);
  if (code.kind(object) !== Kind.Name && code.kind(object) !== Kind.Field) return [];
  const keep = shape === 'bytes' ? '64 * 1024' : '4096';
  const what = shape === 'bytes' ? '64 KiB' : '4096 elements';
  const { file } = fn.file.facts;
  const edits = () => {
    const text = fn.package.text(file);
    const at = code.end(node) + (/^\s*;/.exec(text.slice(code.end(node)))?.[0].length ?? 0);
    const line = `\n${indentOf(fn, node)}${textOf(fn, object)}.shrink_to(${keep});`;
    const semicolon = text.slice(code.end(node), at).includes(';') ? '' : ';';
    return [{ file, span: { start: at, end: at }, newText: `${semicolon}${line}` }];
  };
  return [chooseLimit(`Keep the room of at most ${what}`, edits)];
}

function goShrink(empty: BufferEffect, type: TypeRef, shape: BufferShape, statement: NodeId): readonly Fix[] {
  const { fn, node } = empty;
  const code = fn.code;
  if (shape === 'map') return remakeMap(empty, type, statement);
  const target =
    code.kind(node) === Kind.Assign ? code.child(node, Role.Target) : code.child(node, Role.Object);
  if (target < 0) return [];
  const buffer = peel(type).type.name === 'bytes.Buffer';
  if (buffer && fn.file.importPath('bytes') !== 'bytes') return [];
  const text = textOf(fn, target);
  const pointer = type.name === '*' && !text.startsWith('*') ? '*' : '';
  const capacity = buffer ? `${text}.Cap()` : `cap(${pointer}${text})`;
  const nothing = buffer ? 'bytes.Buffer{}' : 'nil';
  const keep = shape === 'bytes' ? '64<<10' : '4096';
  const what = shape === 'bytes' ? '64 KiB' : '4096 elements';
  const edits = () =>
    insertBefore(fn, statement, [`if ${capacity} > ${keep} {`, `\t${pointer}${text} = ${nothing}`, '}']);
  return [chooseLimit(`Keep the room of at most ${what}`, edits)];
}

/** `m = make(map[K]V)` in the place of what empties it: a map never gives its buckets back. */
function remakeMap(empty: BufferEffect, type: TypeRef, statement: NodeId): readonly Fix[] {
  const { fn, node, place } = empty;
  // A loop of `delete` goes as a whole.
  const whole =
    empty.verb === 'delete' ? fn.code.ancestor(node, (a) => fn.code.kind(a) === Kind.Loop) : statement;
  const map = fn.code.kind(node) === Kind.Call ? fn.code.child(node, Role.Arg) : -1;
  if (map < 0 || type.name !== 'map' || type.file !== fn.file || type.node < 0 || place.depth > 0) return [];
  const edits = () => {
    const written = fn.package.text(fn.file.facts.file).slice(...spanOf(fn, type.node));
    return [replace(fn, whole, `${textOf(fn, map)} = make(${written})`)];
  };
  return [{ title: 'Make a new map', applicability: 'maybe-incorrect', edits }];
}

function spanOf(fn: Fn, node: NodeId): [number, number] {
  return [fn.code.start(node), fn.code.end(node)];
}
