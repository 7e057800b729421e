/** Rust: limits that nobody sets: what stands behind them never runs. */
import type { Code } from '../../syntax/code.ts';
import type { FieldFact } from '../../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Effect } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { TypeDecl } from '../program.ts';
import { Values } from '../types/values.ts';

/** `if let Some(max) = self.max { while self.log.len() > max { … } }` where each value of the field is `None`. */
export function isNeverSet({ fn, node }: Pick<Effect, 'fn' | 'node'>): boolean {
  if (fn.package.language !== 'rust') return false;
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
