import { keepingCalls } from '../../knowledge/keeping.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { Phases } from '../phases/phases.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { findHolders } from './holders.ts';

const WANTED = kinds(Kind.Composite, Kind.Call);

/** A node that makes a value of a declared type. */
interface Construction {
  readonly fn: Fn;
  readonly node: NodeId;
}

/** Where values of declared types are made, when that is, and whether they stay there. One per program. */
export class Constructions {
  readonly #program: Program;
  readonly #values: Values;
  readonly #phases: Phases;
  #made: ReadonlyMap<TypeDecl, readonly Construction[]> | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): Constructions {
    return program.derive(makeConstructions);
  }

  /** The composite literals and constructor calls that make values of a type. */
  of(decl: TypeDecl): readonly Construction[] {
    this.#made ??= findConstructions(this.#program, this.#values);
    return this.#made.get(decl) ?? [];
  }

  /** Every place that makes a value of the type runs while requests are handled. */
  isLate(decl: TypeDecl): boolean {
    if (decl.file.facts.language !== 'rust') return false;
    const made = this.of(decl);
    return made.length > 0 && made.every((s) => this.#phases.at(s.fn, s.node).request !== undefined);
  }

  /** A place that makes a value of the type, when each of them runs only while the program starts. */
  onlyAtStart(decl: TypeDecl): Construction | undefined {
    const made = this.of(decl);
    const isEarly = made.every(({ fn, node }) => {
      const reach = this.#phases.at(fn, node);
      return !reach.request && !reach.likely && !reach.api && this.reachesStart(fn, node);
    });
    return isEarly ? made[0] : undefined;
  }

  /** Where some value of the type is made while the program starts, or by a constructor that is offered to others. */
  atStart(decl: TypeDecl): { readonly made: Construction; readonly isOffered: boolean } | undefined {
    let offered: Construction | undefined;
    for (const made of this.of(decl)) {
      const { fn, node } = made;
      const reach = this.#phases.at(fn, node);
      if (reach.request && !reach.startup) continue;
      const isCalled = Calls.of(this.#program).sitesOf(fn).length > 0 || /^(main|init)$/.test(fn.fact.name);
      if (isCalled && this.reachesStart(fn, node)) return { made, isOffered: false };
      if (this.#isOffered(fn, node, 0)) offered ??= made;
    }
    return offered && { made: offered, isOffered: true };
  }

  /**
   * Rust: nothing outside of tests makes a value of the type, itself or for a part of another one: its own constructors
   * are called by nobody.
   */
  isNeverMade(decl: TypeDecl, seen = new Set<TypeDecl>()): boolean {
    if (seen.has(decl)) return true;
    seen.add(decl);
    const isOwn = (fn: Fn) => fn.fact.owner === decl.fact.name && fn.package === decl.file.package;
    const calls = Calls.of(this.#program);
    const isUnused = (fn: Fn) => isOwn(fn) && !fn.fact.trait && calls.sitesOf(fn).every((s) => isOwn(s.fn));
    if (decl.fact.kind !== 'struct' || !this.of(decl).every((s) => isUnused(s.fn))) return false;
    const holders = this.#program.deriveAll(findHolders).get(decl) ?? [];
    return holders.every(
      (h) => h.kind === 'shared' || (h.kind === 'field' && this.isNeverMade(h.owner, seen)),
    );
  }

  /** Some way back from a node ends at a function that nothing here calls, without a request on it. */
  #isOffered(fn: Fn, node: NodeId, depth: number): boolean {
    if (depth > 3 || (depth > 0 && this.#phases.context(fn, node).request)) return false;
    if (this.#phases.handlers.evidenceOf(fn)) return false;
    const sites = Calls.of(this.#program).sitesOf(fn);
    // What is not exported is nobody else's to call: only tests do.
    if (sites.length === 0) return fn.fact.exported || (depth === 0 && fn.package.language === 'rust');
    return fn.package.language === 'go' && sites.some((s) => this.#isOffered(s.fn, s.node, depth + 1));
  }

  /** Requests make values of the type, whoever else does. */
  someInRequest(decl: TypeDecl): boolean {
    return this.of(decl).some(({ fn, node }) => this.#phases.at(fn, node).request !== undefined);
  }

  /** True when every place that makes a value of the type is in the request phase and keeps it to itself. */
  staysLocal(decl: TypeDecl): boolean {
    const sites = this.of(decl);
    if (sites.length === 0) return false;
    const calls = Calls.of(this.#program);
    const seen = new Set<Fn>();
    const isShort = (fn: Fn, node: NodeId, depth: number): boolean => {
      if (depth > 4) return false;
      if (this.#phases.context(fn, node).once) return false;
      const kept = keeps(fn, node);
      if (kept === 'local') return !this.#outlivesCall(fn, node);
      if (kept === 'stored') return false;
      // Returned: whoever calls this function decides.
      if (seen.has(fn)) return true;
      seen.add(fn);
      const callers = calls.sitesOf(fn);
      if (callers.length === 0) return false;
      return callers.every((c) => c.kind === 'call' && isShort(c.fn, c.node, depth + 1));
    };
    return sites.every((s) => isShort(s.fn, s.node, 0));
  }

  /** A local value lives long when its function is where the service starts or loops. */
  #outlivesCall(fn: Fn, node: NodeId): boolean {
    const reach = this.#phases.at(fn, node);
    if (reach.request) return false;
    if (this.#servesIn(fn, node)) return true;
    if (fn.fact.name === 'main' || reach.startup) return true;
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) {
      if (code.kind(n) === Kind.Loop && !code.within(node, n) && this.#phases.isServiceLoop(fn, n))
        return true;
      if (code.kind(n) === Kind.Spawn) return true;
    }
    return false;
  }

  /** `store := New(); router.Get("/", func(w, r) { store.Put(…) })`: a handler that is registered here keeps what it uses. */
  #servesIn(fn: Fn, node: NodeId): boolean {
    const { code } = fn;
    const made = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
    const pattern = made < 0 ? -1 : code.child(made, Role.Pattern);
    if (pattern < 0) return false;
    for (let n = code.after(made); n < fn.after; n++)
      if (
        code.is(n, Kind.Name, code.name(pattern)) &&
        code.ancestor(n, (a) => code.kind(a) === Kind.Closure && a > made) >= 0 &&
        this.#phases.context(fn, n).request
      )
        return true;
      else if (code.is(n, Kind.Name, code.name(pattern)) && this.#handsMethodTo(fn, code.parent(n)))
        return true;
    return false;
  }

  /** Go: `c := &consumer{…}; conn.Subscribe("orders", c.onMessage)`: whoever calls the method keeps what it is a method of. */
  #handsMethodTo(fn: Fn, method: NodeId): boolean {
    const { code } = fn;
    return (
      fn.package.language === 'go' &&
      code.is(method, Kind.Field) &&
      code.role(method) === Role.Arg &&
      Values.of(this.#program)
        .functionsOf(fn, method)
        .some((m) => this.#phases.of(m).request !== undefined)
    );
  }

  /** Every way that leads to a node comes from a request, a message or a connection. */
  inRequest(fn: Fn, node: NodeId, seen: Set<Fn>): boolean {
    const context = this.#phases.context(fn, node);
    if (context.request || context.likely) return true;
    if (context.once) return false;
    if (this.#phases.handlers.evidenceOf(fn) || seen.has(fn)) return true;
    if (seen.size > 60) return false;
    seen.add(fn);
    const sites = Calls.of(this.#program).sitesOf(fn);
    return sites.length > 0 && sites.every((s) => this.inRequest(s.fn, s.node, seen));
  }

  /** Some way back from a node leads to where the program starts, or too far to tell. */
  reachesStart(fn: Fn, node: NodeId): boolean {
    const calls = Calls.of(this.#program);
    const seen = new Set<Fn>();
    const queue: { fn: Fn; node: NodeId }[] = [{ fn, node }];
    for (let at = queue.pop(); at; at = queue.pop()) {
      const context = this.#phases.context(at.fn, at.node);
      if (context.once && !context.keyed) return true;
      if (context.request || seen.has(at.fn) || this.#phases.handlers.evidenceOf(at.fn)) continue;
      seen.add(at.fn);
      if (seen.size > 100 || (at.fn.fact.owner === '' && at.fn.fact.name === 'main')) return true;
      const sites = calls.sitesOf(at.fn);
      // A trait's constructor is called for whatever type somebody chooses, whenever.
      const offered = at.fn.package.language === 'rust' && at.fn.fact.trait !== '';
      if (sites.length === 0 && !offered && this.#phases.of(at.fn).startup) return true;
      // Go's `func init() { register("x", newX) }` says who makes it, not when.
      for (const s of sites)
        if (s.kind === 'call' || s.fn.fact.name !== 'init') queue.push({ fn: s.fn, node: s.node });
    }
    return false;
  }
}

function makeConstructions(program: Program): Constructions {
  return new Constructions(program);
}

/** Composite literals and constructor calls by the type they make. */
function findConstructions(program: Program, values: Values): Map<TypeDecl, Construction[]> {
  const out = new Map<TypeDecl, Construction[]>();
  const add = (decl: TypeDecl | undefined, fn: Fn, node: NodeId) => {
    if (!decl) return;
    const list = out.get(decl);
    if (list) list.push({ fn, node });
    else out.set(decl, [{ fn, node }]);
  };
  for (const pkg of program.packages)
    for (const fn of pkg.functions) {
      if (fn.isTest) continue;
      const code = fn.code;
      const { first: body, after } = fn;
      for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
        if (code.kind(n) === Kind.Composite) {
          const type = code.child(n, Role.Type);
          const name = type < 0 ? '' : code.name(type);
          add(name === 'Self' ? values.ownerType(fn)?.decl : values.types.declaration(fn.file, name), fn, n);
        } else if (code.kind(n) === Kind.Call) {
          const callee = code.child(n, Role.Callee);
          if (callee < 0) continue;
          const name = code.name(callee);
          if (name === 'new' && fn.package.language === 'go') {
            const arg = code.child(n, Role.Arg);
            if (arg >= 0) add(values.types.declaration(fn.file, code.name(arg)), fn, n);
          } else if (/::default$/.test(name)) {
            // `Box::<InMemory>::default()` makes what is in the box.
            const inner = code.child(callee, Role.TypeArg);
            const isBoxed = inner >= 0 && /^(Box|Arc|Rc|Mutex|RwLock)::/.test(name);
            const of = isBoxed ? code.name(inner) : name.slice(0, -'::default'.length);
            add(of === 'Self' ? values.ownerType(fn)?.decl : values.types.declaration(fn.file, of), fn, n);
          }
        }
      }
    }
  return out;
}

/** What happens to a value made at a node: it stays in a local, is stored somewhere, or is returned. */
export function keeps(fn: Fn, node: NodeId, depth = 0): 'local' | 'stored' | 'returned' {
  const code = fn.code;
  const { first: body } = fn;
  let n = node;
  for (let up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    switch (code.kind(up)) {
      case Kind.Return:
        return 'returned';
      case Kind.Block:
        // The tail of the function's own block is its result.
        if (
          up === body &&
          code.children(up).at(-1) === n &&
          fn.package.language === 'rust' &&
          fn.fact.result >= 0
        )
          return 'returned';
        if (up === body) return 'local';
        continue;
      case Kind.Let: {
        const pattern = code.child(up, Role.Pattern);
        return pattern >= 0 && depth < 4 ? usesOf(fn, pattern, depth + 1) : 'local';
      }
      case Kind.Assign:
      case Kind.FieldInit:
      case Kind.Entry:
      case Kind.Send:
        return 'stored';
      case Kind.Closure:
        return 'stored';
      case Kind.Call:
      case Kind.MethodCall: {
        if (code.role(n) === Role.Object || code.role(n) === Role.Callee) continue;
        const callee = code.child(up, Role.Callee);
        const name = callee < 0 ? code.name(up) : code.name(callee);
        // Wrapped, not handed over.
        if (/(^|::)(Ok|Some|Err|Box::pin|(Box|Arc|Rc|Mutex|RwLock|RefCell)::new)$/.test(name)) continue;
        return 'stored';
      }
    }
    if (up === body) break;
  }
  return 'local';
}

/** Whether a local is returned, stored or only used. */
function usesOf(fn: Fn, pattern: NodeId, depth: number): 'local' | 'stored' | 'returned' {
  const code = fn.code;
  const name = code.name(pattern);
  const { after } = fn;
  let answer: 'local' | 'stored' | 'returned' = 'local';
  for (let n = pattern + 1; n < after; n++) {
    if (code.kind(n) !== Kind.Name || code.name(n) !== name) continue;
    const role = code.role(n);
    if (role === Role.Object || role === Role.Callee || role === Role.Target) continue;
    const fate = fateOf(fn, n, depth);
    if (fate === 'stored') return 'stored';
    if (fate === 'returned') answer = 'returned';
  }
  return answer;
}

function fateOf(fn: Fn, use: NodeId, depth: number): 'local' | 'stored' | 'returned' {
  const code = fn.code;
  const up = code.parent(use);
  if (up < 0) return 'local';
  const kind = code.kind(up);
  if (kind === Kind.Unary) return fateOf(fn, up, depth);
  // `h.clients[c] = true`
  if (kind === Kind.Index && code.role(use) === Role.Index && code.role(up) === Role.Target) return 'stored';
  if (
    kind === Kind.Return ||
    kind === Kind.FieldInit ||
    kind === Kind.Entry ||
    kind === Kind.Send ||
    kind === Kind.Assign
  )
    return kind === Kind.Return ? 'returned' : 'stored';
  if (kind === Kind.Block) return keeps(fn, use, depth);
  if (kind === Kind.Call || kind === Kind.MethodCall) {
    const callee = code.child(up, Role.Callee);
    const name = callee < 0 ? code.name(up) : lastSegment(code.name(callee));
    if (/^(Ok|Some)$/.test(name)) return keeps(fn, up, depth);
    // A borrow ends with the call; a value that is handed over by name may be kept.
    return keepingCalls.test(name) ? 'stored' : 'local';
  }
  return 'local';
}
