/** What `go/hot-copy` says of a copy, and what its readers of conversions, locals and clones have in common. */
import type { Fix } from '../../../core/finding.ts';
import type { Reporter } from '../../../core/rule.ts';
import type { Place } from '../../../core/span.ts';
import { GO_SMALL_TEXT } from '../../../knowledge/go-copies.ts';
import type { Fn } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { changeBetween, packageFunction } from '../go-locals.ts';
import { type Form, short, TextForms } from './go-text-forms.ts';

export const copyMessages = {
  reader: '`{copy}` makes a copy that {instead} does not need',
  local: '`{name}` is a copy of `{source}` that is only read',
  missed: '`{name}` is copied from `{source}` before a lookup that needs no copy',
  argument: '`{copy}` copies `{source}` for {reader}, which only reads it',
  twice: '`{copy}` copies `{source}` twice',
  formatted: '`{copy}` formats a text and copies it; `{instead}` writes it at once',
  prepend: '`{name}` is copied whole to put an element in front',
  split: '`{copy}` makes every part to use {used}',
  turns: '`{copy}` makes the same copy in every turn of the loop',
  getter: '`{copy}` copies all of `{source}` to read {used}',
  runes: '`{copy}` copies `{source}` to read its runes one by one',
} as const;

export const copyExemptions = {
  compiler: 'the compiler copies nothing here: {why}',
  kept: 'the copy is kept: {how}',
  needed: '{callee} needs the text in this form',
  'copy-changes': 'the copy is changed',
  'source-changes': '`{source}` may change while the copy is read',
  shared: 'others can change `{source}` while the copy is read',
  small: 'at most {bytes} bytes',
  'start-up': 'runs only while the program starts',
} as const;

type Messages = typeof copyMessages;

type Exemptions = typeof copyExemptions;

/** What the fix of a copy writes. */
export interface Rewrite {
  readonly title: string;
  readonly edits: Form['edits'];
  readonly gone: readonly NodeId[];
  readonly add?: string | undefined;
  readonly uses?: string | undefined;
  readonly applicability: Fix['applicability'];
}

/** A copy that nobody needs. */
export interface Copy {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly message: keyof Messages & string;
  readonly data: Readonly<Record<string, string>>;
  /** What is saved is small beside what happens around it: never more than a hint. */
  readonly minor: boolean;
  /** It is as long as what a service keeps, so that once for each request is often. */
  readonly perRequest?: boolean;
  readonly rewrite?: Rewrite | undefined;
  readonly related?: { readonly at: Place; readonly message: string } | undefined;
}

export type CopyReport = Reporter<Messages, Exemptions>;

/** One function whose copies are looked at: what is found in it, and what its copies become. */
export class CopyScene {
  readonly fn: Fn;
  readonly values: Values;
  readonly #copies: Copy[];
  readonly #report: CopyReport;
  #forms: TextForms | undefined;

  constructor(fn: Fn, copies: Copy[], report: CopyReport) {
    this.fn = fn;
    this.values = Values.of(fn.package.program);
    this.#copies = copies;
    this.#report = report;
  }

  /** The forms in which the texts of the function can be read without a copy. */
  get text(): TextForms {
    this.#forms ??= new TextForms(this.values, this.fn);
    return this.#forms;
  }

  // --- what becomes of a value

  /** The local that an expression is the only value of, when a plain `x := …` or `var x = …` binds it. */
  bindingOf(n: NodeId): Binding | undefined {
    const { code } = this.fn;
    const let_ = code.parent(n);
    if (code.kind(let_) !== Kind.Let || code.role(n) !== Role.Value) return undefined;
    const patterns = code.all(let_, Role.Pattern);
    const only = patterns[0];
    if (patterns.length !== 1 || only === undefined || code.kind(only) !== Kind.Bind) return undefined;
    if (code.child(let_, Role.Type) >= 0) return undefined;
    const binding = this.values.scope(this.fn).lookup(code.name(only), code.end(let_));
    return binding?.node === only ? binding : undefined;
  }

  /** Records why a copy must be one. */
  owned(n: NodeId): void {
    const { code } = this.fn;
    const p = code.parent(n);
    const role = code.role(n);
    if (role === Role.Arg && (code.kind(p) === Kind.Call || code.kind(p) === Kind.MethodCall)) {
      const callee = code.kind(p) === Kind.Call ? code.child(p, Role.Callee) : -1;
      if (code.is(callee, Kind.Name, 'append')) this.exempt('kept', n, { how: 'it is appended' });
      else this.exempt('needed', n, { callee: `\`${this.#callName(p)}\`` });
      return;
    }
    this.exempt('kept', n, { how: this.use(n) });
  }

  /** How a value is used, in words. */
  use(n: NodeId): string {
    const { code } = this.fn;
    const p = code.parent(n);
    switch (p < 0 ? -1 : code.kind(p)) {
      case Kind.Return:
        return 'it is returned';
      case Kind.Send:
        return 'it is sent to a channel';
      case Kind.FieldInit:
      case Kind.Entry:
      case Kind.Composite:
        return 'it is stored';
      case Kind.Assign:
        return 'it is assigned';
      case Kind.Index:
        return 'a map keeps it as a key';
      case Kind.Call:
      case Kind.MethodCall:
        return `\`${this.#callName(p)}\` takes it`;
      default:
        return 'it is used further';
    }
  }

  #callName(call: NodeId): string {
    const { code } = this.fn;
    if (code.kind(call) === Kind.MethodCall)
      return `${short(this.text.textOf(code.child(call, Role.Object)))}.${code.name(call)}`;
    const callee = code.child(call, Role.Callee);
    return callee < 0 ? 'call' : short(this.text.textOf(callee));
  }

  /** True for a use through which the local or its elements are written. */
  isWritten(use: NodeId): boolean {
    const { code } = this.fn;
    let at = use;
    for (let up = code.parent(at); up >= 0; at = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Unary && code.name(up) === '&') return true;
      if (kind === Kind.Assign) return code.role(at) === Role.Target;
      if (kind === Kind.Call) {
        const name = code.name(code.child(up, Role.Callee));
        return /^(delete|clear|copy)$/.test(name) && code.child(up, Role.Arg) === at;
      }
      if (kind === Kind.MethodCall)
        return (
          packageFunction(this.values, this.fn, up)?.path === 'sort' && code.name(up) !== 'SearchStrings'
        );
      if (kind !== Kind.Index && kind !== Kind.Slice && kind !== Kind.Field) return false;
      if (code.role(at) !== Role.Object) return false;
    }
    return false;
  }

  /** True, and the reason is recorded, when the source may change in a region of the text. */
  isChanged(n: NodeId, source: NodeId, region: { from: number; to: number }, immutable: boolean): boolean {
    const change = changeBetween(this.values, this.fn, source, region.from, region.to, immutable);
    if (change < 0) return false;
    this.exempt('source-changes', n, { source: this.short(source) }, this.fn.place(change));
    return true;
  }

  /** True for `[]byte` and arrays of bytes themselves, not for a named type of them. */
  isPlainBytes(n: NodeId): boolean {
    const type = this.values.typeOf(this.fn, n);
    return type !== undefined && !type.decl && (type.name === 'slice' || type.name === 'array');
  }

  // --- writing

  /** The source text of a node, short enough for a message. */
  short(n: NodeId): string {
    return short(this.text.textOf(n));
  }

  /** The edit that writes something else in the place of a node. */
  replace(n: NodeId, newText: string): Form['edits'][number] {
    return { start: this.fn.code.start(n), end: this.fn.code.end(n), newText };
  }

  /** Takes a statement out with its line; undefined when something else stands on the line. */
  removeStatement(statement: NodeId): Form['edits'][number] | undefined {
    const { code } = this.fn;
    if (code.kind(code.parent(statement)) !== Kind.Block) return undefined;
    const text = this.fn.package.text(this.fn.file.facts.file);
    const start = text.lastIndexOf('\n', code.start(statement) - 1) + 1;
    const newline = text.indexOf('\n', code.end(statement));
    const end = newline < 0 ? text.length : newline + 1;
    const around = text.slice(start, code.start(statement)) + text.slice(code.end(statement), end);
    return around.trim() === '' ? { start, end, newText: '' } : undefined;
  }

  /** The edit that puts a line in front of a statement. */
  insertBefore(statement: NodeId, line: string): Form['edits'][number] {
    const start = this.fn.code.start(statement);
    return { start, end: start, newText: `${line}\n${this.indentOf(statement)}` };
  }

  /** The blanks at the start of the line of a statement. */
  indentOf(statement: NodeId): string {
    const text = this.fn.package.text(this.fn.file.facts.file);
    const start = this.fn.code.start(statement);
    return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))?.[0] ?? '';
  }

  // --- reporting

  /** Notes a copy that nobody needs; how hot it is, the rule says. */
  find(
    node: NodeId,
    message: keyof Messages & string,
    data: Readonly<Record<string, string>>,
    rewrite: Rewrite | undefined,
    more: Partial<Pick<Copy, 'minor' | 'perRequest' | 'related'>> = {},
  ): void {
    this.#copies.push({
      fn: this.fn,
      node,
      message,
      data,
      rewrite,
      minor: false,
      ...more,
    });
  }

  /** Records why a copy stays. */
  exempt(
    reason: keyof Exemptions & string,
    node: NodeId,
    data: Readonly<Record<string, string | number>>,
    where?: Place,
  ): void {
    this.#report.exempt({
      reason,
      at: this.fn.place(node),
      data,
      ...(where ? { where } : {}),
    } as Parameters<CopyReport['exempt']>[0]);
  }
}

/** The size of bytes that is known and small, or undefined. */
export function smallSize(fn: Fn, n: NodeId): number | undefined {
  const { code } = fn;
  if (code.kind(n) !== Kind.Slice) return undefined;
  const high = code.child(n, Role.High);
  const low = code.child(n, Role.Low);
  if (high < 0 || code.kind(high) !== Kind.Number || (low >= 0 && code.kind(low) !== Kind.Number))
    return undefined;
  const size = Number(code.name(high)) - (low < 0 ? 0 : Number(code.name(low)));
  return size <= GO_SMALL_TEXT ? size : undefined;
}
