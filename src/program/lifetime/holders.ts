import type { Place } from '../../core/span.ts';
import type { Steps } from '../../core/steps.ts';
import { goContainers, lockingWrappers } from '../../knowledge/containers.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Phases } from '../phases/phases.ts';
import type { Fn, Global, Program, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

const WANTED = kinds(Kind.Call, Kind.Loop);

/** Something that holds values of a declared type. */
export type Holder =
  | { readonly kind: 'loop'; readonly at: Place }
  | { readonly kind: 'global'; readonly global: Global; readonly element: boolean; readonly at: Place }
  | { readonly kind: 'shared'; readonly through: string; readonly at: Place }
  | {
      readonly kind: 'field';
      readonly owner: TypeDecl;
      readonly field: string;
      readonly element: boolean;
      readonly at: Place;
    };

/** Where declared types are mentioned, a function a step: in globals, fields, inside `Arc` and locks, around endless loops. */
export function* findHolders(program: Program): Steps<ReadonlyMap<TypeDecl, readonly Holder[]>> {
  const values = Values.of(program);
  const out = new Map<TypeDecl, Holder[]>();
  const add = (decl: TypeDecl, holder: Holder) => {
    const list = out.get(decl);
    if (list) list.push(holder);
    else out.set(decl, [holder]);
  };
  for (const pkg of program.packages) {
    for (const g of pkg.globals) {
      if (g.fact.test || g.file.isTest || g.fact.kind === 'const' || g.fact.macro === 'task_local') continue;
      const type = values.globalType(g.file, g.fact.type, g.fact.value);
      for (const m of mentioned(type))
        add(m.decl, { kind: 'global', global: g, element: m.element, at: g.file.place(g.fact.nameSpan) });
    }
    for (const t of pkg.types) {
      if (t.isTest) continue;
      for (const f of t.fact.fields) {
        for (const m of mentioned(values.types.at(t.file, f.type))) {
          const at = t.file.place(f.nameSpan);
          if (m.through) add(m.decl, { kind: 'shared', through: m.through, at });
          add(m.decl, { kind: 'field', owner: t, field: f.name, element: m.element, at });
        }
      }
    }
    for (const fn of pkg.functions) {
      if (!fn.isTest) holdersIn(values, fn, add);
      yield;
    }
  }
  return out;
}

/** Those that a function tells of. */
function holdersIn(values: Values, fn: Fn, add: (decl: TypeDecl, holder: Holder) => void): void {
  for (const p of fn.fact.params) {
    const type = fn.code.child(p, Role.Type);
    for (const m of mentioned(values.types.at(fn.file, type)))
      if (m.through) add(m.decl, { kind: 'shared', through: m.through, at: fn.place(type) });
  }
  const code = fn.code;
  const { first: body, after } = fn;
  for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
    if (code.kind(n) === Kind.Call && fn.package.language === 'rust') {
      const callee = code.child(n, Role.Callee);
      const wrapped = callee < 0 ? null : /(?:^|::)(Mutex|RwLock|RefCell)::new$/.exec(code.name(callee));
      const arg = wrapped ? code.child(n, Role.Arg) : -1;
      if (wrapped && arg >= 0)
        for (const m of mentioned(values.typeOf(fn, arg)))
          add(m.decl, { kind: 'shared', through: wrapped[1] as string, at: fn.place(n) });
    }
    if (code.kind(n) === Kind.Loop && Phases.of(fn.package.program).isLastingLoop(fn, n)) {
      for (const b of values.scope(fn).all()) {
        if (b.from > code.start(n) || b.to < code.end(n)) continue;
        const decl = values.bindingType(fn, b);
        if ((b.source === 'parameter' && !isGivenAway(fn, decl)) || usedAfter(fn, b, n)) continue;
        const inner = decl && peel(decl).type.decl;
        if (inner) add(inner, { kind: 'loop', at: fn.place(n) });
      }
    }
  }
}

/** Rust: `async fn run(mut state: State, mut inbox: Receiver<Message>)`: what is handed over as a whole lives as long as the loop. */
function isGivenAway({ package: crate }: Fn, type: TypeRef | undefined): boolean {
  return crate.language === 'rust' && type?.decl !== undefined;
}

interface Mentioned {
  readonly decl: TypeDecl;
  readonly through: string;
  readonly element: boolean;
}

const NONE: readonly never[] = Object.freeze([]);

/** The declared types in a type, with the sharing wrapper they stand in, and whether they are elements of a container. */
function mentioned(type: TypeRef | undefined): readonly Mentioned[] {
  // Numbers and texts, mostly.
  if (!type || (!type.decl && type.args.length === 0)) return NONE;
  const out: Mentioned[] = [];
  const visit = (t: TypeRef, through: string, isElement: boolean, depth: number) => {
    if (depth > 6) return;
    if (t.decl) out.push({ decl: t.decl, through, element: isElement });
    const name = lastSegment(t.name);
    // What is held weakly is held by somebody else, and what a function is given by whoever calls it.
    if (name === 'Weak' || name === 'fn') return;
    // Behind an `Arc` alone nothing can grow: changing it takes a lock.
    const now = lockingWrappers.has(name) && t.file.facts.language === 'rust' ? name : through;
    const inContainer =
      isElement ||
      Object.hasOwn(goContainers, t.name) ||
      /^(chan|Vec|VecDeque|HashMap|BTreeMap|DashMap|HashSet|IndexMap|Sender|Receiver)$/.test(name);
    for (const a of t.args) visit(a, inContainer ? '' : now, inContainer, depth + 1);
  };
  visit(type, '', false, 0);
  return out;
}

/** The loop ends with a result: what it filled is read behind it, or where the loop is left. */
export function usedAfter(fn: Fn, binding: Binding, loop: NodeId): boolean {
  const code = fn.code;
  const { after } = fn;
  for (let n = code.after(loop); n < after && code.start(n) < binding.to; n++)
    if (code.kind(n) === Kind.Name && code.name(n) === binding.name) return true;
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Return) {
      // `if !ok { found = append(found, mine...); return }`
      const block = code.ancestor(n, (a) => code.kind(a) === Kind.Block);
      const from = block > loop && block !== code.child(loop, Role.Body) ? block : n;
      for (let m = from; m < code.after(n); m++) if (code.is(m, Kind.Name, binding.name)) return true;
    }
  }
  return false;
}
