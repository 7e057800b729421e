/** The fix that bounds a container in place, before the statement that adds to it. */
import type { Edit, Fix } from '../../core/finding.ts';
import type { Effect } from '../../program/effects.ts';
import type { GrowingPlace, Unbounded } from '../../program/growth.ts';
import type { Fn } from '../../program/program.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** Bounds the container with std only: the person chooses the number. */
export function evictBeforeInsert(growing: GrowingPlace, { growth }: Unbounded): readonly Fix[] {
  const { fn } = growth;
  const statement = statementOf(fn, growth.node);
  const target = targetText(growth);
  if (statement < 0 || target === undefined) return [];
  const go = fn.package.language === 'go';
  const make = go ? goEviction : rustEviction;
  const lines = make(growing, target);
  if (!lines) return [];
  const limit = limitName(growing.place.name, go);
  return [
    {
      title: `Keep at most ${limit} entries in \`${growing.place.name}\` (choose the number)`,
      applicability: 'has-placeholders',
      edits: () => [insertBefore(fn, statement, lines)],
    },
  ];
}

function goEviction(growing: GrowingPlace, target: string): string[] | undefined {
  const limit = limitName(growing.place.name, true);
  const declare = `const ${limit} = 10_000 // choose: entries that fit the memory limit`;
  if (growing.container.label === 'map')
    return [
      declare,
      `if len(${target}) >= ${limit} {`,
      `\tfor oldest := range ${target} {`,
      `\t\tdelete(${target}, oldest)`,
      '\t\tbreak',
      '\t}',
      '}',
    ];
  if (growing.container.label === 'slice')
    return [
      declare,
      `if len(${target}) >= ${limit} {`,
      `\t${target} = append(${target}[:0:0], ${target}[1:]...)`,
      '}',
    ];
  return undefined;
}

function rustEviction(growing: GrowingPlace, target: string): string[] | undefined {
  if (
    !/^(HashMap|BTreeMap|HashSet|BTreeSet|Vec|VecDeque|DashMap|DashSet|BinaryHeap|LinkedList|IndexMap|IndexSet|FxHashMap|FxHashSet|AHashMap|AHashSet)$/.test(
      growing.container.label,
    )
  )
    return undefined;
  const limit = limitName(growing.place.name, false);
  return [
    `const ${limit}: usize = 10_000; // choose: entries that fit the memory limit`,
    `if ${target}.len() >= ${limit} {`,
    `    ${target}.clear();`,
    '}',
  ];
}

/** `MAX_SESSIONS`, `maxSessions`. */
function limitName(name: string, go: boolean): string {
  if (go) return `max${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `MAX_${name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

/** The statement around a node: the child of the nearest block or arm. */
export function statementOf(fn: Fn, node: NodeId): NodeId {
  const code = fn.code;
  let n = node;
  for (let up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    if (code.kind(up) === Kind.Block) return n;
    // A condition or header cannot take statements before it without moving them out of a loop.
    if (code.kind(up) === Kind.Loop && code.role(n) !== Role.Body) return -1;
    if (code.kind(up) === Kind.Closure && code.kind(n) !== Kind.Block) return -1;
    if (code.kind(up) === Kind.Arm && code.kind(n) !== Kind.Block && fn.package.language === 'rust')
      return -1;
  }
  return -1;
}

/** The text of the container expression a growth adds to. */
function targetText(growth: Effect): string | undefined {
  const { fn, node } = growth;
  const code = fn.code;
  let object: NodeId;
  if (code.kind(node) === Kind.Assign) {
    const target = code.child(node, Role.Target);
    object = code.kind(target) === Kind.Index ? code.child(target, Role.Object) : target;
  } else object = code.child(node, Role.Object);
  // `m.entry(k).or_default()`: the map before `.entry`.
  while (
    object >= 0 &&
    code.kind(object) === Kind.MethodCall &&
    /^(entry|or_|and_modify)/.test(code.name(object))
  )
    object = code.child(object, Role.Object);
  if (object < 0) return undefined;
  const text = fn.package.text(fn.file.facts.file).slice(code.start(object), code.end(object));
  return /[\n{]|\.await/.test(text) ? undefined : text;
}

/** Inserts whole lines before a statement, indented like it. */
export function insertBefore(fn: Fn, statement: NodeId, lines: readonly string[]): Edit {
  const { file } = fn.file.facts;
  const text = fn.package.text(file);
  const start = fn.code.start(statement);
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  const indent = /^\s*/.exec(before)?.[0] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const unit = indent.includes('\t') || fn.package.language === 'go' ? '\t' : '    ';
  const body = lines.map((l) => l.replace(/^\t+/, (tabs) => unit.repeat(tabs.length)));
  return { file, span: { start, end: start }, newText: `${body.join(newline + indent)}${newline}${indent}` };
}
