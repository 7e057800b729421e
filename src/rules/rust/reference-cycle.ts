import type { Confidence, Edit, Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { sessionTypes } from '../../knowledge/buffers.ts';
import { Calls } from '../../program/calls/calls.ts';
import { broughtByOutsider, onlyIfSeen } from '../../program/origins/outsiders.ts';
import { type HeldOwner, ownersHeldByTasks } from '../../program/ownership/held-by-tasks.ts';
import {
  backReferences,
  capturedOwners,
  fieldOf,
  keeps,
  type StrongStore,
  strongStores,
} from '../../program/ownership/rust-cycles.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Fn, Package, TypeDecl } from '../../program/program.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { replace } from '../shared/fixes/limit-fix.ts';
import { textOf } from '../shared/fixes/statements.ts';

const FIELDS = kinds(Kind.Field);

export default defineRule({
  id: 'rust/reference-cycle',
  tier: 'B',
  severity: 'warning',
  summary: 'Counted references in a circle: none of them is ever freed',
  note: {
    why: 'Each value of the circle is kept by the next, so the counts never reach zero and everything the circle holds stays until the process ends, once for every circle that is built.',
    arithmetic: 'circles × everything they hold',
    silence: 'the way back is `Weak`, or something cuts it before the last owner goes',
    myth: 'rust-less-than-go',
  },
  messages: {
    back: '`{field}` refers back to what holds it, so neither is ever freed',
    callback: 'A callback in `{field}` holds the `{owner}` that holds it, so neither is ever freed',
    held: 'The task holds the `{owner}` whose `{field}` would end it, so neither is ever freed',
    task: 'The task in `{field}` holds the `{owner}` that holds it and never ends',
  },
  exemptions: {
    weak: '`{field}` is weak',
    cut: '`{fn}` cuts `{field}`',
    'start-up-only': '`{fn}` runs once, while the program starts',
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    for (const { field, at } of weakFields(pkg)) report.exempt({ reason: 'weak', at, data: { field } });
    /** Records why a circle does no harm, where something cuts one of its fields or it is built once. */
    const isHarmless = (
      fields: readonly { readonly decl: TypeDecl; readonly field: string }[],
      { fn, node }: { readonly fn: Fn; readonly node: NodeId },
      at: Place,
    ): boolean => {
      for (const { decl, field } of fields) {
        const cut = cutOf(pkg, decl, field, fn);
        if (!cut) continue;
        const where = cut.fn.place(cut.node);
        report.exempt({ reason: 'cut', at, where, data: { fn: cut.fn.label, field } });
        return true;
      }
      if (!onlyAtStart(fn, node)) return false;
      report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
      return true;
    };
    const seen = new Set<string>();
    const stores = strongStores(pkg);
    const backs = backReferences(pkg);
    // Of a circle that is found from both sides the way back is told.
    const isTold = (s: StrongStore) =>
      backs.some((b) => b.fn === s.fn && b.node === s.node && b.into.field === s.field);
    for (const store of stores) {
      const kept = keeps(store.fn, store.stored, store.holder, stores);
      const key = `${store.decl.id}.${store.field}`;
      if (kept < 0 || seen.has(key) || isForward(store, stores)) continue;
      const at = fieldPlace(store.decl, store.field);
      if (isHarmless([store], store, at) || isTold(store)) continue;
      seen.add(key);
      report.find({
        message: 'back',
        at,
        confidence: sureIn(store),
        related: [
          { ...store.fn.place(store.node), message: 'set here to what holds it' },
          { ...store.fn.place(kept), message: 'and held from here' },
        ],
        fixes: weakFix(pkg, store, stores),
        data: { field: store.field },
      });
    }
    for (const back of backs) {
      const { fn, node, into, decl, field, filled } = back;
      const key = `${decl.id}.${field}`;
      const at = fieldPlace(decl, field);
      if (seen.has(key) || isHarmless([back, into], back, at)) continue;
      seen.add(key);
      report.find({
        message: 'back',
        at,
        confidence: sureIn(back),
        related: [
          { ...fn.place(filled), message: 'set here to what holds it' },
          { ...fn.place(node), message: `and held by \`${into.field}\` from here` },
        ],
        data: { field },
      });
    }
    for (const found of capturedOwners(pkg)) {
      const { fn, node, decl, field, name, task } = found;
      const at = fn.place(node);
      if (isHarmless([found], found, at)) continue;
      report.find({
        message: task ? 'task' : 'callback',
        at,
        confidence: task ? 'medium' : sureIn(found),
        related: [{ ...fn.place(name), message: 'a strong reference to its owner' }],
        data: { field, owner: decl.fact.name },
      });
    }
    for (const found of ownersHeldByTasks(pkg)) {
      const { fn, node, decl, field, name } = found;
      const at = fn.place(node);
      if (isHarmless([found], found, at)) continue;
      report.find({
        message: 'held',
        at,
        confidence: comesAndGoes(found) ? 'medium' : 'low',
        related: [
          { ...fn.place(name), message: 'a strong reference that the task keeps' },
          { ...fieldPlace(decl, field), message: 'it waits for messages until this is dropped' },
        ],
        data: { field, owner: decl.fact.name },
      });
    }
  },
});

/** A circle is surely built again and again where requests of others build it: of what a library makes nobody knows how often. */
function sureIn({ fn, node }: { readonly fn: Fn; readonly node: NodeId }): Confidence {
  return onlyIfSeen('high', broughtByOutsider(Phases.of(fn.package.program).at(fn, node)) !== undefined);
}

/** There are many of its owner, one after the other: load brings them, or they are called so, or do something when they end. */
function comesAndGoes({ fn, node, decl }: HeldOwner): boolean {
  const { program } = fn.package;
  const { request, likely } = Phases.of(program).at(fn, node);
  const { types } = Values.of(program);
  const parts = decl.fact.fields.map((f) => types.at(decl.file, f.type)?.decl);
  return (
    request !== undefined ||
    likely !== undefined ||
    sessionTypes.test(decl.fact.name) ||
    [decl, ...parts].some((d) => d && d.file.package.methodsOf(d.fact.name, 'drop').length > 0)
  );
}

function fieldPlace(decl: TypeDecl, name: string): Place {
  const fact = decl.fact.fields.find((f) => f.name === name);
  return decl.file.place(fact?.nameSpan ?? decl.fact.nameSpan);
}

/** Fields that hold what they refer to weakly. */
function weakFields(pkg: Package): { readonly field: string; readonly at: Place }[] {
  const out = [];
  for (const decl of pkg.types) {
    if (decl.isTest || decl.file.facts.generated) continue;
    const { code } = decl.file;
    for (const f of decl.fact.fields)
      for (let n = f.type; f.type >= 0 && n < code.after(f.type); n++)
        if (code.kind(n) === Kind.Type && lastSegment(code.name(n)) === 'Weak') {
          out.push({ field: f.name, at: decl.file.place(f.nameSpan) });
          break;
        }
  }
  return out;
}

/** Of a circle of two stores in one function, the one that holds many is the way forward: the other is to be weak. */
function isForward(store: StrongStore, stores: readonly StrongStore[]): boolean {
  const fact = store.decl.fact.fields.find((f) => f.name === store.field);
  if (!fact || !isMany(store.decl, fact.type)) return false;
  return stores.some((s) => {
    const other = s.decl.fact.fields.find((f) => f.name === s.field);
    return s !== store && s.fn === store.fn && other !== undefined && !isMany(s.decl, other.type);
  });
}

function isMany(decl: TypeDecl, type: NodeId): boolean {
  const { code } = decl.file;
  for (let n = type; n < code.after(type); n++)
    if (/(^|::)(Vec|VecDeque|HashMap|BTreeMap|HashSet|LinkedList|SmallVec)$/.test(code.name(n))) return true;
  return false;
}

/** Where the package empties the field again, or what it lent of it: `let mut all = self.all.lock(); all.remove(…)`. */
function cutOf(
  pkg: Package,
  decl: TypeDecl,
  field: string,
  /** Who makes room for the next one of a circle leaves the others. */
  maker: Fn,
): { readonly fn: Fn; readonly node: NodeId } | undefined {
  for (const fn of pkg.functions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(FIELDS, body, after); n < after; n = code.next(FIELDS, n + 1, after)) {
      const cut = code.is(n, Kind.Field, field) ? cutAbove(fn, n) : -1;
      if (cut < 0 || (fn === maker && takesOldest.test(code.name(cut)))) continue;
      if (fieldOf(fn, n)?.decl === decl) return { fn, node: cut };
    }
  }
  return undefined;
}

/** The statement around a name or field that empties it, or what is bound to it; or -1. */
function cutAbove(fn: Fn, n: NodeId, depth = 0): NodeId {
  const code = fn.code;
  for (let up = code.parent(n), at = n, i = 0; up > fn.first && i < 8; at = up, up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.MethodCall && code.role(at) === Role.Object && CUTS.test(code.name(up))) return up;
    if (
      kind === Kind.Assign &&
      code.role(at) === Role.Target &&
      code.is(code.child(up, Role.Value), Kind.Name, 'None')
    )
      return up;
    if (kind === Kind.Block) return -1;
    if (kind !== Kind.Let) continue;
    const bound = depth === 0 ? code.name(code.child(up, Role.Pattern)) : '';
    for (let m = code.after(up); bound !== '' && m < fn.after; m++) {
      const cut = code.is(m, Kind.Name, bound) ? cutAbove(fn, m, 1) : -1;
      if (cut >= 0) return cut;
    }
    return -1;
  }
  return -1;
}

const takesOldest = /^(remove|swap_remove|pop|pop_front|pop_first|pop_back)$/;

const CUTS =
  /^(take|clear|remove|swap_remove|pop|pop_front|pop_back|retain|drain|truncate|shift_remove|abort)$/;

/** What a method builds it builds whenever somebody calls it, `new_delta(self: &Arc<Self>)` as well as any other. */
function onlyAtStart(fn: Fn, node: NodeId): boolean {
  if (fn.fact.receiver !== '' && Calls.of(fn.package.program).sitesOf(fn).length === 0) return false;
  const reach = Phases.of(fn.package.program).at(fn, node);
  return reach.startup && !reach.request && !reach.likely && !reach.api;
}

/** The field becomes weak, with every store and every plain read of it; none where something else looks at it. */
function weakFix(pkg: Package, store: StrongStore, stores: readonly StrongStore[]): readonly Fix[] {
  const { decl, field, counted } = store;
  const fact = decl.fact.fields.find((f) => f.name === field);
  const home = decl.file;
  const counter = fact ? counterIn(decl, fact.type, counted) : -1;
  if (!fact || counter < 0) return [];
  const rewrites: (() => Edit)[] = [];
  const files = new Set([home]);
  for (const fn of pkg.functions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) {
      if (!code.is(n, Kind.Field, field) || fieldOf(fn, n)?.decl !== decl) continue;
      const edit = rewriteOf(fn, n, stores);
      if (!edit) return [];
      rewrites.push(edit);
      files.add(fn.file);
    }
  }
  const imports = [...files].map((f) => importWeak(f, pkg.text(f.facts.file), counted));
  if (imports.some((e) => e === undefined)) return [];
  return [
    {
      title: `Make \`${field}\` weak`,
      applicability: 'maybe-incorrect',
      edits: () => [
        ...imports.flatMap((e) => e ?? []),
        { file: home.facts.file, span: nameSpan(decl, counter), newText: 'Weak' },
        ...rewrites.map((r) => r()),
      ],
    },
  ];
}

/** The counter's Type node inside a field's type, or -1 when there are several. */
function counterIn(decl: TypeDecl, type: NodeId, counted: string): NodeId {
  const { code } = decl.file;
  let found = -1;
  for (let n = type; n < code.after(type); n++)
    if (code.kind(n) === Kind.Type && code.name(n) === counted) {
      if (found >= 0) return -1;
      found = n;
    }
  return found;
}

function nameSpan(decl: TypeDecl, type: NodeId): { start: number; end: number } {
  const start = decl.file.code.start(type);
  return { start, end: start + decl.file.code.name(type).length };
}

/** How one place that names the field reads when it is weak; undefined where nobody can say. */
function rewriteOf(fn: Fn, n: NodeId, stores: readonly StrongStore[]): (() => Edit) | undefined {
  const code = fn.code;
  const store = stores.find((s) => s.fn === fn && code.within(n, s.node) && !code.within(n, s.value));
  if (store) {
    const clone = cloneCall(fn, store.value);
    if (clone < 0) return undefined;
    const arg = code.child(clone, code.kind(clone) === Kind.Call ? Role.Arg : Role.Object);
    const isCall = code.kind(clone) === Kind.Call;
    return () => replace(fn, clone, `${store.counted}::downgrade(${isCall ? '' : '&'}${textOf(fn, arg)})`);
  }
  // `x.parent.borrow().clone()` of an option.
  const borrow = code.parent(n);
  const clone = borrow < 0 ? -1 : code.parent(borrow);
  const isRead =
    code.kind(borrow) === Kind.MethodCall &&
    code.name(borrow) === 'borrow' &&
    code.is(clone, Kind.MethodCall, 'clone');
  if (!isRead) return undefined;
  return () => replace(fn, clone, `${textOf(fn, borrow)}.as_ref().and_then(Weak::upgrade)`);
}

/** The clone inside `Some(Rc::clone(&x))`. */
function cloneCall(fn: Fn, value: NodeId): NodeId {
  const code = fn.code;
  for (let n = value; n < code.after(value); n++) {
    if (code.is(n, Kind.MethodCall, 'clone')) return n;
    if (code.kind(n) === Kind.Call && /(^|::)(Rc|Arc)::clone$/.test(code.name(code.child(n, Role.Callee))))
      return n;
  }
  return -1;
}

/** The edits that bring `Weak` into a file beside its counter; undefined where the counter comes from elsewhere. */
function importWeak(file: Fn['file'], text: string, counted: string): readonly Edit[] | undefined {
  const path = counted === 'Rc' ? 'std::rc' : 'std::sync';
  if (file.importPath('Weak') !== undefined)
    return file.importPath('Weak') === `${path}::Weak` ? [] : undefined;
  const single = new RegExp(`^use ${path}::${counted};`, 'm').exec(text);
  if (single) {
    const start = single.index + `use ${path}::`.length;
    return [
      { file: file.facts.file, span: { start, end: start + counted.length }, newText: `{${counted}, Weak}` },
    ];
  }
  const group = new RegExp(`^use ${path}::\\{[^}]*\\}`, 'm').exec(text);
  if (!group) return undefined;
  const end = group.index + group[0].length - 1;
  return [{ file: file.facts.file, span: { start: end, end }, newText: ', Weak' }];
}
