/** Hovers on memory facts in Rust and Go, where no rule has anything to say. */
import type { Span } from '../core/span.ts';
import {
  allocatorFacts,
  type CodeFact,
  copyFact,
  goCallFacts,
  goChannelFact,
  goroutineFact,
  rustCallFacts,
  rustMethodFacts,
} from '../knowledge/code-facts.ts';
import { Phases } from '../program/phases/phases.ts';
import type { Fn, Program, SourceFile } from '../program/program.ts';
import { lastSegment } from '../program/types/types.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { factSection, type PlaceName } from './markdown.ts';

/** A hover's text and the code it speaks about. */
export interface Section {
  readonly span: Span;
  readonly markdown: string;
}

const COPIES: ReadonlySet<string> = new Set(['clone', 'to_owned', 'to_string', 'to_vec', 'into_owned']);

/** What the code at an offset means for memory, or undefined. */
export function codeSection(
  program: Program,
  file: SourceFile,
  offset: number,
  nameOf: PlaceName,
): Section | undefined {
  const allocator = allocatorAt(program, file, offset);
  if (allocator) return allocator;
  const { code } = file;
  for (let n = innermost(file, offset); n >= 0; n = code.parent(n)) {
    const head = headOf(file, n);
    if (!head || offset < head.start || offset > head.end) continue;
    const fact = factOf(file, n);
    if (fact) return { span: head, markdown: factSection(fact.title, fact.fact) };
    const copy = copyOnHotPath(program, file, n, nameOf);
    if (copy) return { span: head, markdown: copy };
  }
  return undefined;
}

function innermost(file: SourceFile, offset: number): NodeId {
  const { code } = file;
  let best = -1;
  for (let n = 0; n < code.size; ) {
    if (offset < code.start(n) || offset > code.end(n)) {
      n = code.after(n);
      continue;
    }
    best = n;
    n++;
  }
  return best;
}

/** The part of an expression that names what it does: the callee, the method's name, the word `go`. */
function headOf(file: SourceFile, n: NodeId): Span | undefined {
  const { code } = file;
  const start = code.start(n);
  switch (code.kind(n)) {
    case Kind.Spawn:
      return { start, end: start + 2 };
    case Kind.Call: {
      const callee = code.child(n, Role.Callee);
      return callee < 0 ? undefined : code.span(callee);
    }
    case Kind.MethodCall: {
      const object = code.child(n, Role.Object);
      const from = object < 0 ? start : file.facts.language === 'go' ? code.start(object) : code.end(object);
      const arg = code.child(n, Role.Arg);
      return { start: from, end: arg < 0 ? code.end(n) : code.start(arg) - 1 };
    }
    default:
      return undefined;
  }
}

function factOf(file: SourceFile, n: NodeId): { title: string; fact: CodeFact } | undefined {
  const { code } = file;
  const kind = code.kind(n);
  if (file.facts.language === 'go') {
    if (kind === Kind.Spawn) return { title: 'A goroutine', fact: goroutineFact };
    if (kind === Kind.Call && code.name(code.child(n, Role.Callee)) === 'make') {
      const [type, size] = code.all(n, Role.Arg);
      if (type !== undefined && size !== undefined && code.is(type, Kind.Type, 'chan')) {
        return { title: 'A buffered channel', fact: goChannelFact };
      }
    }
    if (kind === Kind.MethodCall) {
      const object = code.child(n, Role.Object);
      const path = code.is(object, Kind.Name) ? file.importPath(code.name(object)) : undefined;
      return path === undefined ? undefined : named(goCallFacts, `${path}.${code.name(n)}`);
    }
    return undefined;
  }
  if (kind === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    return named(rustCallFacts, rustPath(file, code.name(callee)));
  }
  return kind === Kind.MethodCall ? named(rustMethodFacts, code.name(n)) : undefined;
}

function named(
  facts: Readonly<Record<string, CodeFact>>,
  name: string,
): { title: string; fact: CodeFact } | undefined {
  if (!Object.hasOwn(facts, name)) return undefined;
  const fact = facts[name];
  return fact && { title: `\`${name}\``, fact };
}

/** The path with its first segment's import put in: `thread::spawn` is `std::thread::spawn`. */
function rustPath(file: SourceFile, written: string): string {
  const [first = '', ...rest] = written.split('::');
  const path = file.importPath(first) ?? first;
  const full = [path, ...rest].join('::');
  return full === 'tokio::task::spawn' ? 'tokio::spawn' : full;
}

function copyOnHotPath(program: Program, file: SourceFile, n: NodeId, nameOf: PlaceName): string | undefined {
  const { code } = file;
  if (file.facts.language !== 'rust' || code.kind(n) !== Kind.MethodCall || !COPIES.has(code.name(n))) {
    return undefined;
  }
  const fn = functionAt(file, code.start(n));
  if (!fn || fn.isTest) return undefined;
  const evidence = Phases.of(program).at(fn, n).request;
  if (!evidence) return undefined;
  const title = `\`.${code.name(n)}()\` runs again and again (${evidence.why}, ${nameOf(evidence.at)})`;
  return factSection(title, copyFact);
}

/** The innermost function around an offset. */
function functionAt(file: SourceFile, offset: number): Fn | undefined {
  let best: Fn | undefined;
  for (const fn of file.functions) {
    const { start, end } = fn.fact.span;
    if (offset < start || offset > end) continue;
    if (!best || start >= best.fact.span.start) best = fn;
  }
  return best;
}

/** The facts drop attributes of statics, so the text before the declaration is asked. */
function allocatorAt(program: Program, file: SourceFile, offset: number): Section | undefined {
  if (file.facts.language !== 'rust') return undefined;
  for (const global of file.globals) {
    const { type, span, kind } = global.fact;
    if (kind !== 'static' || type < 0) continue;
    const name = lastSegment(file.code.name(type));
    const fact = allocatorFacts[name];
    if (!fact) continue;
    const text = program.text(file.facts.file);
    const attribute = text.lastIndexOf('#[global_allocator]', span.end);
    // Nothing but blanks, comments and other attributes may stand between the attribute and its static.
    if (attribute < 0 || /[;{}]/.test(text.slice(attribute, Math.max(attribute, span.start)))) continue;
    const whole = { start: Math.min(attribute, span.start), end: span.end };
    if (offset < whole.start || offset > whole.end) continue;
    return { span: whole, markdown: factSection(`\`${name}\` is the allocator of this program`, fact) };
  }
  return undefined;
}
