/** Rust: whole values that are copied for somebody who only reads them, where a reference or an `Arc` would be enough. */

import { askedNames, askedWith, serviceMethods } from '../../knowledge/handlers.ts';
import { answersOf } from '../../program/calls/exits.ts';
import { type Copy, RustCopies } from '../../program/ownership/rust-copies.ts';
import { RustUses } from '../../program/ownership/rust-uses.ts';
import type { Heat } from '../../program/phases/heat.ts';
import { Phases } from '../../program/phases/phases.ts';
import { Effects } from '../../program/places/effects.ts';
import { fieldPlace } from '../../program/places/places.ts';
import { Writes } from '../../program/places/writes.ts';
import type { Fn, Program, TypeDecl } from '../../program/program.ts';
import { isReference } from '../../program/types/rust-values.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

const PARTS = kinds(Kind.Field, Kind.FieldPattern);

/** A method that others call with a request, a message or a job of the program's own: each of these pays for what is copied. */
export function servesCalls(fn: Fn, node: NodeId): Heat | undefined {
  const { api, startup } = Phases.of(fn.package.program).at(fn, node);
  if (!api || startup || fn.fact.receiver === '') return undefined;
  const { code, fact } = fn;
  const isAsked =
    serviceMethods.test(fact.name) ||
    fact.params.some((p) => {
      const type = code.child(p, Role.Type);
      const written = code.is(type, Kind.Type, '&') ? (code.children(type)[0] ?? -1) : type;
      return (
        askedNames.test(code.name(code.child(p, Role.Pattern))) ||
        (written >= 0 && askedWith.test(lastSegment(code.name(written))))
      );
    });
  return isAsked
    ? {
        level: 'warm',
        evidence: { why: `each call of \`${fn.label}\` copies all of it`, at: fn.place(node) },
      }
    : undefined;
}

/** `router.clone().persist(index)`, where `persist` takes all of it and only reads it. */
export function isReadByOwnMethod(fn: Fn, copy: Copy): boolean {
  const { code } = fn;
  const { program } = fn.package;
  const call = code.parent(copy.node);
  if (!code.is(call, Kind.MethodCall) || code.role(copy.node) !== Role.Object) return false;
  const [target, ...others] = Values.of(program).callees(fn, call);
  if (!target || others.length > 0 || target.fact.receiverByReference || target.fact.body < 0) return false;
  const uses = RustUses.of(program);
  let mentions = 0;
  for (let n = target.first; n < target.after; n++) {
    if (!target.code.is(n, Kind.Name, target.fact.receiver)) continue;
    mentions++;
    if (uses.of(target, n).kind !== 'look') return false;
  }
  return mentions > 0;
}

/** `Candidate { account: self.account.clone(), note }`: a value that is handed on, and whose part nobody changes. */
export function isSnapshot(fn: Fn, copy: Copy): boolean {
  const { code } = fn;
  const field = code.parent(copy.node);
  if (!code.is(field, Kind.FieldInit)) return false;
  const { program } = fn.package;
  const made = Values.of(program).typeOf(fn, code.parent(field))?.decl;
  return (
    made !== undefined && made.fact.kind === 'struct' && isNeverChangedPart(program, made, code.name(field))
  );
}

/** Nothing assigns to a field after it was made, adds to it, or calls on it what changes it. */
export function isNeverChangedPart(program: Program, owner: TypeDecl, field: string): boolean {
  const known = program.derive(changedParts);
  const key = `${owner.file.facts.file}:${owner.fact.nameSpan.start}:${field}`;
  let changed = known.get(key);
  if (changed === undefined) {
    changed = isChanged(program, owner, field);
    known.set(key, changed);
  }
  return !changed;
}

const changedParts = () => new Map<string, boolean>();

function isChanged(program: Program, owner: TypeDecl, field: string): boolean {
  if (
    Writes.of(program)
      .toField(owner, field)
      .some((w) => w.fn?.code.kind(w.node) === Kind.Assign)
  )
    return true;
  if (
    Effects.of(program)
      .on(fieldPlace(owner, field))
      .some((e) => e.kind === 'grow' || e.kind === 'remove' || e.kind === 'reset')
  )
    return true;
  const values = Values.of(program);
  const uses = RustUses.of(program);
  return owner.file.package.functions.some((fn) => {
    const { code } = fn;
    for (let n = code.next(PARTS, fn.first, fn.after); n < fn.after; n = code.next(PARTS, n + 1, fn.after)) {
      if (fn.isTest || code.name(n) !== field) continue;
      // `Candidate { mut account, note }`
      if (code.kind(n) === Kind.FieldPattern) {
        const { start, end } = code.span(n);
        if (/\bmut\b/.test(fn.package.text(fn.file.facts.file).slice(start, end))) return true;
      } else if (values.declOf(fn, code.child(n, Role.Object)) === owner && uses.of(fn, n).kind === 'mutated')
        return true;
    }
    return false;
  });
}

/** A method that gives a copy of a whole collection that its object holds, without a lock that it would have to keep. */
export interface CopyingGetter {
  readonly fn: Fn;
  readonly copy: Copy;
}

/** The getters that a call means, when all of them copy; of a trait's method those behind it. */
export function copyingGetters(fn: Fn, call: NodeId): readonly CopyingGetter[] {
  const { code } = fn;
  if (!code.is(call, Kind.MethodCall) || code.child(call, Role.Arg) >= 0) return [];
  const { program } = fn.package;
  const named = program.derive(gettersByName).get(code.name(call));
  if (!named) return [];
  const targets = Values.of(program)
    .callees(fn, call)
    .filter((t) => t.fact.body >= 0 && !t.isTest);
  const getters = targets.map((t) => named.find((g) => g.fn === t));
  return targets.length > 0 && targets.length <= 4 && getters.every((g) => g !== undefined)
    ? (getters as CopyingGetter[])
    : [];
}

function gettersByName(program: Program): ReadonlyMap<string, readonly CopyingGetter[]> {
  const out = new Map<string, CopyingGetter[]>();
  const copies = RustCopies.of(program);
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'rust' ? pkg.serviceFunctions : []) {
      const { fact, code } = fn;
      if (fact.body < 0 || fact.params.length > 1 || !fact.receiverByReference) continue;
      const [answer, ...others] = answersOf(fn, 0);
      if (answer === undefined || others.length > 0 || !code.is(answer, Kind.MethodCall, 'clone')) continue;
      const source = code.child(answer, Role.Object);
      if (!code.is(source, Kind.Field) || !code.is(code.child(source, Role.Object), Kind.Name, fact.receiver))
        continue;
      const copy = copies.at(fn, answer);
      if (!copy || copy === 'unknown' || copy.cost !== 'collection' || isReference(copy.type)) continue;
      const list = out.get(fact.name);
      if (list) list.push({ fn, copy });
      else out.set(fact.name, [{ fn, copy }]);
    }
  return out;
}
