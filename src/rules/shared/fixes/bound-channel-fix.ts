/** The fix that gives a channel a bound, with every place that sends into it. */
import type { Edit, Fix } from '../../../core/finding.ts';
import type { Span } from '../../../core/span.ts';
import { type ChannelRename, channelRenames } from '../../../knowledge/channels.ts';
import { type ChannelSite, unboundedChannelSites } from '../../../program/channels/channels.ts';
import type { Fn, SourceFile } from '../../../program/program.ts';
import { lastSegment, peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { chooseLimit } from './limit-fix.ts';

const SIZE = 1024;

/**
 * The bounded constructor of the same crate: async senders wait for room, others are refused and must say what then.
 * None where a send or a type cannot be rewritten for certain.
 */
export function boundChannel(site: ChannelSite): readonly Fix[] {
  const rename = Object.hasOwn(channelRenames, site.kind.name) ? channelRenames[site.kind.name] : undefined;
  if (!rename) return [];
  const edits = [...(constructorEdits(site, rename) ?? [])];
  if (edits.length === 0) return [];
  if (rename.types.length > 0) {
    const types = typeEdits(site, rename);
    if (!types) return [];
    edits.push(...types);
  }
  let refused = false;
  const sends = sendsInto(site, rename);
  if (!sends) return [];
  for (const { fn, node } of sends) {
    const found = sendEdits(fn, node, rename);
    if (!found) return [];
    refused ||= found.refuses;
    edits.push(...found.edits);
  }
  const title = refused
    ? `Refuse messages while ${SIZE} are pending`
    : `Let senders wait when ${SIZE} messages are pending`;
  return [chooseLimit(title, () => withoutTwins(edits))];
}

/** The name of the constructor, where it is called and imported, and the number. */
function constructorEdits({ fn, node, kind }: ChannelSite, rename: ChannelRename): Edit[] | undefined {
  const code = fn.code;
  const callee = code.child(node, Role.Callee);
  const text = textOf(fn.file);
  const name = lastSegment(code.name(callee));
  const at = lastWord(text, code.span(callee), name);
  const close = code.end(node) - 1;
  if (!at || text[close] !== ')' || name !== rename.constructor) return undefined;
  const { file } = fn.file.facts;
  const out: Edit[] = [
    { file, span: at, newText: kind.bounded },
    { file, span: { start: close, end: close }, newText: String(SIZE) },
  ];
  // Imported by itself: `use flume::unbounded;`
  if (!code.name(callee).includes('::')) {
    const imported = importEdits(fn.file, [[rename.constructor, kind.bounded]]);
    if (!imported) return undefined;
    out.push(...imported);
  }
  return out;
}

/** Every mention of the ends' types in the crate, where this is its only such channel. */
function typeEdits(site: ChannelSite, rename: ChannelRename): Edit[] | undefined {
  const pkg = site.fn.package;
  if (unboundedChannelSites(pkg).filter((s) => s.kind.name === site.kind.name).length > 1) return undefined;
  const out: Edit[] = [];
  for (const file of pkg.files) {
    if (file.isTest) continue;
    const { code } = file;
    for (let n = 0; n < code.size; n++) {
      const kind = code.kind(n);
      if (kind !== Kind.Type && kind !== Kind.Path && kind !== Kind.Name) continue;
      const written = code.name(n);
      const pair = rename.types.find(([from]) => lastSegment(written) === from);
      if (!pair || !rename.home.test(file.fullPath(written))) continue;
      const at = kind === Kind.Type ? lastWord(textOf(file), code.span(n), pair[0]) : undefined;
      if (!at) return undefined;
      out.push({ file: file.facts.file, span: at, newText: pair[1] });
    }
    const imported = importEdits(file, rename.types, rename.home);
    if (!imported) return undefined;
    out.push(...imported);
  }
  return out;
}

/** New names in the imports of a file; undefined when one of them is taken. */
function importEdits(
  file: SourceFile,
  names: readonly (readonly [string, string])[],
  home?: RegExp,
): Edit[] | undefined {
  const text = textOf(file);
  const out: Edit[] = [];
  for (const i of file.facts.imports) {
    const pair = names.find(([from]) => lastSegment(i.path) === from);
    if (!pair || (home && !home.test(i.path))) continue;
    const [from, to] = pair;
    if (i.alias !== from || file.importPath(to) !== undefined) return undefined;
    const word = new RegExp(`\\b${from}\\b`, 'g');
    for (const m of text.slice(i.span.start, i.span.end).matchAll(word)) {
      const start = i.span.start + m.index;
      out.push({ file: file.facts.file, span: { start, end: start + from.length }, newText: to });
    }
  }
  return out;
}

/** Everything that sends into the channel; undefined when something may that cannot be told. */
function sendsInto(
  site: ChannelSite,
  rename: ChannelRename,
): readonly { readonly fn: Fn; readonly node: NodeId }[] | undefined {
  const pkg = site.fn.package;
  const values = Values.of(pkg.program);
  const known = new Set(site.sends.map((s) => `${s.fn.id}:${s.node}`));
  const out: { fn: Fn; node: NodeId }[] = site.sends.map(({ fn, node }) => ({ fn, node }));
  if (rename.types.length === 0) return out;
  for (const fn of pkg.functions) {
    if (fn.isTest) continue;
    const { code } = fn;
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) {
      if (code.kind(n) !== Kind.MethodCall || !rename.send.test(code.name(n))) continue;
      if (known.has(`${fn.id}:${n}`) || code.all(n, Role.Arg).length !== 1) continue;
      const type = values.typeOf(fn, code.child(n, Role.Object));
      if (!type) {
        if (code.kind(code.parent(n)) !== Kind.Await) return undefined;
      } else if (rename.types.some(([from]) => lastSegment(peel(type).type.name) === from))
        out.push({ fn, node: n });
    }
  }
  return out;
}

function sendEdits(
  fn: Fn,
  send: NodeId,
  rename: ChannelRename,
): { readonly edits: readonly Edit[]; readonly refuses: boolean } | undefined {
  const { code } = fn;
  const { file } = fn.file.facts;
  const name = code.name(send);
  const none = { edits: [], refuses: false };
  if (code.kind(code.parent(send)) === Kind.Await) return none;
  // What already says what happens when there is no room.
  if (/^(try_send|send_timeout|send_blocking|blocking_send)$/.test(name))
    return rename.tries === 'bool' ? undefined : none;
  const isAsync = runsAsync(fn, send);
  if (rename.waits === 'block' && !isAsync) return none;
  if (isAsync && rename.awaited !== undefined) {
    if (holdsGuard(fn, send)) return undefined;
    const end = code.end(send);
    const edits: Edit[] = [{ file, span: { start: end, end }, newText: '.await' }];
    if (rename.awaited !== name) {
      const at = methodName(fn, send);
      if (!at) return undefined;
      edits.push({ file, span: at, newText: rename.awaited });
    }
    return { edits, refuses: false };
  }
  if (rename.tries !== 'result') return undefined;
  return tryEdits(fn, send);
}

/** `try_send` where whatever becomes of the result still fits, or where an `unwrap` is turned into a test. */
function tryEdits(fn: Fn, send: NodeId) {
  const { code } = fn;
  const { file } = fn.file.facts;
  const at = methodName(fn, send);
  if (!at) return undefined;
  const edits: Edit[] = [{ file, span: at, newText: 'try_send' }];
  const up = code.parent(send);
  const kind = code.kind(up);
  const done = { edits, refuses: true };
  if (kind === Kind.Let)
    return code.kind(code.child(up, Role.Pattern)) === Kind.Wildcard && code.child(up, Role.Else) < 0
      ? done
      : undefined;
  if (kind === Kind.LetCondition || kind === Kind.Match) {
    for (let n = up; n < code.after(up); n++) if (/(^|::)SendError$/.test(code.name(n))) return undefined;
    return done;
  }
  if (kind === Kind.Block) return code.role(send) === Role.Value ? undefined : done;
  if (kind !== Kind.MethodCall || code.role(send) !== Role.Object) return undefined;
  if (/^(ok|is_ok|is_err)$/.test(code.name(up))) return done;
  if (!/^(unwrap|expect)$/.test(code.name(up)) || code.role(up) === Role.Value) return undefined;
  const text = textOf(fn.file);
  const start = code.start(up);
  if (code.kind(code.parent(up)) !== Kind.Block || text[code.end(up)] !== ';') return undefined;
  const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
  const unit = indent.includes('\t') ? '\t' : '    ';
  edits.push(
    { file, span: { start, end: start }, newText: 'if ' },
    {
      file,
      span: { start: code.end(send), end: code.end(up) + 1 },
      newText: `.is_err() {\n${indent}${unit}// choose: what becomes of a message there is no room for\n${indent}}`,
    },
  );
  return done;
}

/** The node runs in an async function or block, not in a closure that is none. */
function runsAsync(fn: Fn, node: NodeId): boolean {
  const { code } = fn;
  const around = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.AsyncBlock || code.kind(a) === Kind.Closure,
  );
  return around >= fn.first ? code.kind(around) === Kind.AsyncBlock : fn.fact.isAsync;
}

/** A lock may be held where the send stands: a task must not wait with it. */
function holdsGuard(fn: Fn, send: NodeId): boolean {
  const { code } = fn;
  const closure = code.ancestor(send, (a) => code.kind(a) === Kind.AsyncBlock);
  for (let n = Math.max(fn.first, closure); n < send; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(lock|read|write|borrow|borrow_mut|get|get_mut|iter|entry)$/.test(code.name(n)) &&
      code.kind(code.parent(n)) !== Kind.Await &&
      (/^(lock|borrow)/.test(code.name(n)) || code.child(n, Role.Arg) < 0)
    )
      return true;
  return false;
}

/** Where the name of a method stands in `object.name(…)`. */
function methodName(fn: Fn, call: NodeId): Span | undefined {
  const { code } = fn;
  const text = textOf(fn.file);
  const from = code.end(code.child(call, Role.Object));
  const found = new RegExp(`^\\s*\\.\\s*(${code.name(call)})\\b`).exec(text.slice(from, code.end(call)));
  if (!found) return undefined;
  const start = from + found[0].length - (found[1] as string).length;
  return { start, end: start + (found[1] as string).length };
}

/** The last occurrence of a word in a span that ends a path. */
function lastWord(text: string, { start, end }: Span, word: string): Span | undefined {
  const found = new RegExp(`(^|\\W)${word}\\b`).exec(text.slice(start, end));
  if (!found) return undefined;
  const from = start + found.index + (found[1] as string).length;
  return { start: from, end: from + word.length };
}

function textOf(file: SourceFile): string {
  return file.package.text(file.facts.file);
}

/** The same edit twice, from two imports of one statement, is one. */
function withoutTwins(edits: readonly Edit[]): readonly Edit[] {
  const seen = new Set<string>();
  return edits.filter((e) => {
    const key = `${e.file}:${e.span.start}:${e.span.end}:${e.newText}`;
    return !seen.has(key) && seen.add(key);
  });
}
