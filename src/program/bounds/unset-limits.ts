/** Limits that nobody sets: what stands behind them never runs. */
import type { Code } from '../../syntax/code.ts';
import type { FieldFact } from '../../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import type { Effect } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, TypeDecl } from '../program.ts';
import { Values } from '../types/values.ts';

/** `if let Some(max) = self.max { while self.log.len() > max { … } }` where each value of the field is `None`. */
export function isNeverSet({ fn, node }: Pick<Effect, 'fn' | 'node'>): boolean {
  if (fn.package.language !== 'rust') return isLeftAtZero(fn, node);
  const code = fn.code;
  for (let n = code.parent(node); n >= fn.first; n = code.parent(n)) {
    const kind = code.kind(n);
    if (kind !== Kind.If && kind !== Kind.Loop) continue;
    const limit = limitIn(code, code.child(n, Role.Condition));
    if (limit < 0 || code.within(node, code.child(n, Role.Else))) continue;
    const { program } = fn.package;
    const decl = Values.of(program).declOf(fn, code.child(limit, Role.Object));
    const field = decl?.fact.fields.find((f) => f.name === code.name(limit));
    if (!decl || !field || isSetElsewhere(decl, field)) continue;
    const writes = Writes.of(program).toField(decl, field.name);
    if (writes.length > 0 && writes.every((w) => /^(\w+::)*None$/.test(w.file.code.name(w.value))))
      return true;
  }
  return false;
}

/**
 * Go: `if c.max > 0 && len(c.m) >= c.max { … }` where nothing that is called sets the field: neither the constructor nor an
 * option that somebody gives it.
 */
function isLeftAtZero(fn: Fn, node: NodeId): boolean {
  const { code } = fn;
  const { program } = fn.package;
  for (let n = code.parent(node); n >= fn.first; n = code.parent(n)) {
    const condition = code.kind(n) === Kind.If ? code.child(n, Role.Condition) : -1;
    if (condition < 0 || code.within(node, code.child(n, Role.Else))) continue;
    const limit = code.is(condition, Kind.Binary, '&&')
      ? positive(code, code.child(condition, Role.Left))
      : -1;
    const decl = limit < 0 ? undefined : Values.of(program).declOf(fn, code.child(limit, Role.Object));
    const field = decl?.fact.fields.find((f) => f.name === code.name(limit));
    if (!decl || !field || /^[A-Z]/.test(field.name)) continue;
    const writes = Writes.of(program).toField(decl, field.name);
    // What has options is made with some of them, by others as well; a plain field is set where it is made.
    const isUncalled = (by: Fn | undefined) =>
      by !== undefined &&
      (by.isTest ||
        Calls.of(program)
          .sitesOf(by)
          .every((s) => s.fn.isTest));
    if (writes.length > 0 && writes.every((w) => isUncalled(w.fn) && isInAnswer(w.fn, w.node))) return true;
  }
  return false;
}

/** The field of `c.max > 0` and `c.max != 0`, or -1. */
function positive(code: Code, test: NodeId): NodeId {
  const isPositive =
    (code.is(test, Kind.Binary, '>') || code.is(test, Kind.Binary, '!=')) &&
    code.is(code.child(test, Role.Right), Kind.Number, '0');
  const left = isPositive ? code.child(test, Role.Left) : -1;
  return code.is(left, Kind.Field) ? left : -1;
}

/** In a closure: an option that a function gives back. */
function isInAnswer(fn: Fn | undefined, node: NodeId): boolean {
  return fn !== undefined && fn.code.ancestor(node, (a) => fn.code.kind(a) === Kind.Closure) >= fn.first;
}

/** What is read from a file, built by a macro or open to other crates is set where nobody here sees it. */
function isSetElsewhere(decl: TypeDecl, { nameSpan }: FieldFact): boolean {
  if (decl.fact.attributes.some((a) => /Deserialize|Builder|Parser|Args/.test(a))) return true;
  const before = decl.file.package.text(decl.file.facts.file).slice(0, nameSpan.start);
  return decl.fact.exported && /\bpub\s+$/.test(before.slice(-8));
}

/** The field of `Some(max) = self.max`, or -1. */
function limitIn(code: Code, condition: NodeId): NodeId {
  if (condition < 0) return -1;
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.LetCondition) continue;
    const value = code.child(n, Role.Value);
    const isSome = /(^|::)Some$/.test(code.name(code.child(n, Role.Pattern)));
    if (isSome && code.is(value, Kind.Field)) return value;
  }
  return -1;
}
