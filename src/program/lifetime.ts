import type { Place } from '../core/span.ts';
import type { Steps } from '../core/steps.ts';
import { goSharingTypes, lockingWrappers } from '../knowledge/containers.ts';
import { passingTypeNames, serviceTypeNames } from '../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { Calls } from './calls.ts';
import { Effects } from './effects.ts';
import { Phases } from './phases.ts';
import { element, fieldPlace, globalPlace, type PlaceRef } from './places.ts';
import type { Fn, Global, Program, TypeDecl } from './program.ts';
import type { Binding } from './scope.ts';
import { drainsLocal } from './serving-loops.ts';
import { container, lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

/** How long the owner of a place lives. */
export interface Lifetime {
  /** `long`: as long as the process; `short`: a request, a call; `unknown`: cannot be told. */
  readonly verdict: 'long' | 'short' | 'unknown';
  /** `likely` rests on names only. */
  readonly strength: 'proven' | 'likely';
  readonly why: string;
  readonly at?: Place;
  /** Values are made while requests are handled and never at the start, as far as can be seen. */
  readonly fleeting?: true;
}

const UNKNOWN: Lifetime = {
  verdict: 'unknown',
  strength: 'likely',
  why: 'nothing tells how long its owner lives',
};

/** How long values of declared types live. One per program. */
export class Lifetimes {
  readonly #program: Program;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #types = new Map<TypeDecl, Lifetime>();
  /** What is known of a type without asking what holds it; null when that is nothing. */
  readonly #own = new Map<TypeDecl, Lifetime | null>();
  #constructions: Map<TypeDecl, Construction[]> | undefined;

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): Lifetimes {
    return program.derive(makeLifetimes);
  }

  /** How long the memory at a place lives; for a local, given the function and the node that add to it. */
  of(place: PlaceRef, by: Fn, growth: NodeId): Lifetime {
    // Rust: a value of a task's own ends with the task.
    if (place.global && place.global.fact.macro !== 'task_local')
      return {
        verdict: 'long',
        strength: 'proven',
        why: 'it is global',
        at: place.global.file.place(place.global.fact.nameSpan),
      };
    if (place.owner) {
      const field = place.owner.fact.fields.find((f) => f.name === place.field);
      const own = this.ofType(place.owner);
      if (own.verdict === 'long' && own.strength === 'proven') return own;
      // A map that is locked on its own is shared by whoever holds its owner.
      const type = field && this.#values.types.at(place.owner.file, field.type);
      const c = container(this.#values.types, type);
      if (
        own.verdict !== 'short' &&
        !own.fleeting &&
        c &&
        (c.row.shared || c.wrappers.some((w) => lockingWrappers.has(w)))
      )
        return {
          verdict: 'long',
          strength: 'proven',
          why: `\`${place.name}\` is shared through \`${c.wrappers.find((w) => lockingWrappers.has(w)) ?? c.label}\``,
          at: place.owner.file.place(field?.nameSpan ?? place.owner.fact.nameSpan),
        };
      return own;
    }
    if (place.root === 'state' && place.fn && place.binding)
      return {
        verdict: 'long',
        strength: 'proven',
        why: 'all handlers share it',
        at: place.fn.place(place.binding.node),
      };
    if (place.fn && place.binding) {
      // Filled by a helper it was lent to: the helper's loops say nothing about the local's own life.
      return this.#ofLocal(place, place.fn, place.fn === by ? growth : place.binding.node);
    }
    return UNKNOWN;
  }

  /** A local lives long when a loop that serves, or a closure that is kept, uses it. */
  #ofLocal(place: PlaceRef, fn: Fn, growth: NodeId): Lifetime {
    const binding = place.binding;
    if (!binding || growth < 0) return UNKNOWN;
    const code = fn.code;
    const [body] = fn.range;
    const closureOfDeclaration = code.ancestor(binding.node, (a) => code.kind(a) === Kind.Closure);
    // Declared for a request, it is gone with it, whatever closure uses it until then.
    const perRequest = this.#phases.at(fn, binding.node).request !== undefined;
    for (let n = growth; n >= body && n >= 0; n = code.parent(n)) {
      if (code.within(binding.node, n)) break;
      if (code.kind(n) === Kind.Loop && this.#phases.isLastingLoop(fn, n) && !usedAfter(fn, binding, n))
        return {
          verdict: 'long',
          strength: 'proven',
          why: `it lives around the loop in \`${fn.label}\` that never ends`,
          at: fn.place(n),
        };
      if (code.kind(n) === Kind.Closure && n !== closureOfDeclaration && !perRequest) {
        const context = this.#phases.context(fn, code.children(n).at(-1) ?? n);
        if (context.request)
          return {
            verdict: 'long',
            strength: 'proven',
            why: `a closure in \`${fn.label}\` that handles requests keeps it`,
            at: fn.place(n),
          };
        if (keptClosure(fn, n)) {
          const reach = this.#phases.of(fn);
          if (!reach.request)
            return {
              verdict: 'long',
              strength: 'proven',
              why: `a closure that \`${fn.label}\` returns keeps it`,
              at: fn.place(n),
            };
        }
      }
    }
    return {
      verdict: 'short',
      strength: 'proven',
      why: `it lives as long as one call of \`${fn.label}\``,
      at: fn.place(binding.node),
    };
  }

  /** How long values of a type live. */
  ofType(decl: TypeDecl): Lifetime {
    let known = this.#types.get(decl);
    if (!known) {
      known = this.#withHolders(decl, new Set([decl]));
      this.#types.set(decl, known);
    }
    return known;
  }

  /** By itself, else by what holds it. What is seen on the way is not asked again, so that rings of types end. */
  #withHolders(decl: TypeDecl, seen: Set<TypeDecl>): Lifetime {
    const own = this.#ownOf(decl);
    // A lock alone says that it is shared; whoever holds it may say for how long.
    if (own && (own.verdict !== 'long' || own.strength === 'proven')) return own;
    const { name } = decl.fact;
    const holders = this.#holdersOf(decl);
    const shared = this.#sharedBy(decl, holders);
    // That it is shared says less than where it is made, or what it does.
    if (shared?.verdict === 'long') return this.#madeOnlyAtStart(decl) ?? shared;
    for (const h of holders) {
      if (h.kind !== 'field' || seen.has(h.owner) || isPassedOn(h.owner)) continue;
      seen.add(h.owner);
      const outer = this.#withHolders(h.owner, seen);
      if (outer.verdict === 'long' && (!h.element || this.#keepsItsElements(h))) {
        const why = `\`${name}\` is part of \`${h.owner.fact.name}\`: ${outer.why}`;
        // What is types away from what lives long is often a value that only passes through.
        const away = outer.why.split(' is part of ').length;
        if (away > 2 && decl.file.facts.language === 'rust') return { ...UNKNOWN, why };
        const strength = away > 1 ? 'likely' : outer.strength;
        if (own && strength === 'likely') continue;
        return { ...outer, why, strength };
      }
    }
    if (own) return own;
    if (shared) return shared;
    const actor = holders.find((h) => h.kind === 'loop');
    if (actor)
      return {
        verdict: 'long',
        strength: 'proven',
        why: `\`${name}\` lives around a loop that never ends`,
        at: actor.at,
      };
    const early = this.#madeOnlyAtStart(decl);
    if (early) return early;
    if (serviceTypeNames.test(name) && !this.#isMadeLate(decl))
      return {
        verdict: 'long',
        strength: 'likely',
        why: `\`${name}\` is named like something that lives as long as the service`,
        at: decl.file.place(decl.fact.nameSpan),
      };
    return UNKNOWN;
  }

  #ofItself(decl: TypeDecl): Lifetime | undefined {
    const name = decl.fact.name;
    const at = decl.file.place(decl.fact.nameSpan);
    const made = this.#construction(decl);
    if (made === 'short' && !this.#accepts(decl))
      return {
        verdict: 'short',
        strength: 'proven',
        why: `\`${name}\` is made anew for each request or call`,
        at,
      };
    const holders = this.#holdersOf(decl);
    const passing = this.#leavesItsMap(holders);
    const global = holders.find((h) => h.kind === 'global' && (!h.element || !passing));
    if (global)
      return { verdict: 'long', strength: 'proven', why: `\`${name}\` is held by a global`, at: global.at };
    const perRequest = this.#madePerRequest(decl, new Set());
    const loop = this.#servingLoop(decl);
    // One per connection: it may live as long as the service, or for a moment.
    if (loop) return perRequest ? { ...loop, strength: 'likely' } : loop;
    if (perRequest)
      return {
        verdict: 'short',
        strength: 'proven',
        why: `\`${name}\` is made anew for each request or message`,
        at,
      };
    if (passing)
      return {
        verdict: 'unknown',
        strength: 'likely',
        why: `\`${name}\` is kept in \`${passing.name}\`, which it may be removed from`,
        at,
      };
    if (this.#isFleeting(decl, new Set()))
      return {
        verdict: 'unknown',
        strength: 'likely',
        why: `\`${name}\` is made while requests are handled, not at the start`,
        at,
        fleeting: true,
      };
    if (decl.fact.fields.some((f) => this.#isLock(decl, f.type)))
      return (
        this.#handlerMethod(decl) ??
        this.#madeAtStart(decl) ?? {
          verdict: 'long',
          strength: 'likely',
          why: `only the lock in \`${name}\` tells that goroutines share it`,
          at,
        }
      );
    const shared = holders.find((h) => h.kind === 'shared');
    // Rust: a lock around what each request makes for itself lives no longer than the request.
    if (shared && decl.file.facts.language === 'go') return sharedThrough(name, shared);
    return this.#handlerMethod(decl);
  }

  /** Rust: a lock around a type says that it is shared; whoever has it in a field says for how long. */
  #sharedBy(decl: TypeDecl, holders: readonly Holder[]): Lifetime | undefined {
    const shared = holders.find((h) => h.kind === 'shared');
    if (!shared || decl.file.facts.language !== 'rust') return undefined;
    const owners = holders.filter((h) => h.kind === 'field');
    const fleeting = holders.every((h) => {
      if (h.kind === 'shared') return true;
      const own = h.kind === 'field' ? this.#ownOf(h.owner) : undefined;
      return (
        h.kind === 'field' &&
        (own?.verdict === 'short' || own?.fleeting || (!own && this.#isMadeLate(h.owner)))
      );
    });
    if ((owners.length > 0 && fleeting) || this.#isMadeLate(decl))
      return {
        verdict: 'unknown',
        strength: 'likely',
        why: `\`${decl.fact.name}\` is made while requests are handled`,
        at: shared.at,
        fleeting: true,
      };
    return sharedThrough(decl.fact.name, shared);
  }

  /** Every place that makes a value of the type runs while requests are handled. */
  #isMadeLate(decl: TypeDecl): boolean {
    if (decl.file.facts.language !== 'rust') return false;
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const made = this.#constructions.get(decl) ?? [];
    return made.length > 0 && made.every((s) => this.#phases.at(s.fn, s.node).request !== undefined);
  }

  /** What is known of a type without asking what holds it. */
  #ownOf(decl: TypeDecl): Lifetime | undefined {
    let own = this.#own.get(decl);
    if (own === undefined) {
      own = this.#ofItself(decl) ?? null;
      this.#own.set(decl, own);
    }
    return own ?? undefined;
  }

  /** Every value of the type is made in the request phase, and so is whatever holds one. */
  #madePerRequest(decl: TypeDecl, seen: Set<TypeDecl>): boolean {
    if (seen.has(decl)) return true;
    seen.add(decl);
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const sites = this.#constructions.get(decl) ?? [];
    if (sites.length === 0 || !sites.every((s) => this.#inRequest(s.fn, s.node, new Set()))) return false;
    return this.#holdersOf(decl).every(
      (h) => h.kind !== 'loop' && (h.kind !== 'field' || h.element || this.#madePerRequest(h.owner, seen)),
    );
  }

  /** Rust: values of the type are made in the request phase, and no way from the start leads to where that is. */
  #isFleeting(decl: TypeDecl, seen: Set<TypeDecl>): boolean {
    if (seen.has(decl)) return true;
    if (decl.file.facts.language !== 'rust' || seen.size > 12) return false;
    seen.add(decl);
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const sites = this.#constructions.get(decl) ?? [];
    // The variants of an enum are made where what is in them is.
    if (sites.length === 0 && (decl.fact.kind !== 'enum' || seen.size === 1)) return false;
    const late = (s: Construction) =>
      this.#phases.at(s.fn, s.node).request !== undefined && !this.#reachesStart(s.fn, s.node);
    if (!sites.every(late)) return false;
    return this.#holdersOf(decl).every(
      (h) => h.kind === 'shared' || (h.kind === 'field' && (h.element || this.#isFleeting(h.owner, seen))),
    );
  }

  /** Some way back from a node leads to where the program starts, or too far to tell. */
  #reachesStart(fn: Fn, node: NodeId): boolean {
    const calls = Calls.of(this.#program);
    const seen = new Set<Fn>();
    const queue: { fn: Fn; node: NodeId }[] = [{ fn, node }];
    for (let at = queue.pop(); at; at = queue.pop()) {
      const context = this.#phases.context(at.fn, at.node);
      if (context.once) return true;
      if (context.request || seen.has(at.fn) || this.#phases.handlers.evidenceOf(at.fn)) continue;
      seen.add(at.fn);
      if (seen.size > 100 || (at.fn.fact.owner === '' && at.fn.fact.name === 'main')) return true;
      const sites = calls.sitesOf(at.fn);
      if (sites.length === 0 && this.#phases.of(at.fn).startup) return true;
      // Go's `func init() { register("x", newX) }` says who makes it, not when.
      for (const s of sites)
        if (s.kind === 'call' || s.fn.fact.name !== 'init') queue.push({ fn: s.fn, node: s.node });
    }
    return false;
  }

  /** Every value of the type is made where the program starts: what a request finds was there before. */
  #madeOnlyAtStart(decl: TypeDecl): Lifetime | undefined {
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const made = this.#constructions.get(decl) ?? [];
    const [first] = made;
    const isEarly = made.every(({ fn, node }) => {
      const reach = this.#phases.at(fn, node);
      return !reach.request && !reach.likely && !reach.api && this.#reachesStart(fn, node);
    });
    if (!first || !isEarly) return undefined;
    return {
      verdict: 'long',
      strength: 'proven',
      why: `\`${decl.fact.name}\` is made only where the program starts`,
      at: first.fn.place(first.node),
    };
  }

  /** Some value of the type is made where the program starts, or by a constructor that is offered to others. */
  #madeAtStart(decl: TypeDecl): Lifetime | undefined {
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const { name } = decl.fact;
    let offered: Lifetime | undefined;
    for (const { fn, node } of this.#constructions.get(decl) ?? []) {
      const reach = this.#phases.at(fn, node);
      if (reach.request && !reach.startup) continue;
      const long = { verdict: 'long', strength: 'proven', at: fn.place(node) } as const;
      const isCalled = Calls.of(this.#program).sitesOf(fn).length > 0 || /^(main|init)$/.test(fn.fact.name);
      if (isCalled && this.#reachesStart(fn, node))
        return { ...long, why: `\`${name}\` is made here, where the program starts` };
      if (!isCalled)
        offered ??= {
          ...long,
          why: `\`${name}\` is made here, by \`${fn.label}\`, which is offered to others`,
        };
    }
    return offered;
  }

  /** Every way that leads to a node comes from a request, a message or a connection. */
  #inRequest(fn: Fn, node: NodeId, seen: Set<Fn>): boolean {
    const context = this.#phases.context(fn, node);
    if (context.request || context.likely) return true;
    if (context.once) return false;
    if (this.#phases.handlers.evidenceOf(fn) || seen.has(fn)) return true;
    if (seen.size > 60) return false;
    seen.add(fn);
    const sites = Calls.of(this.#program).sitesOf(fn);
    return sites.length > 0 && sites.every((s) => this.#inRequest(s.fn, s.node, seen));
  }

  /** A container that is filled at the start and never emptied: what it holds lives as long as it does. */
  #keepsItsElements(holder: Holder & { readonly kind: 'field' }): boolean {
    const effects = Effects.of(this.#program).on(fieldPlace(holder.owner, holder.field));
    return effects.every((e) => {
      if (e.kind !== 'grow') return e.kind === 'size-test';
      const reach = this.#phases.at(e.fn, e.node);
      return !reach.request && !reach.likely && !reach.api;
    });
  }

  /** The container that values of a type are kept in and taken out of again, when nothing else keeps them. */
  #leavesItsMap(holders: readonly Holder[]): PlaceRef | undefined {
    let found: PlaceRef | undefined;
    for (const h of holders) {
      if (h.kind === 'loop') return undefined;
      if (h.kind === 'shared') continue;
      const place = h.kind === 'global' ? globalPlace(h.global) : fieldPlace(h.owner, h.field);
      if (!h.element) {
        if (h.kind === 'field' && this.#construction(h.owner) === 'short') continue;
        return undefined;
      }
      const all = Effects.of(this.#program);
      const effects = [...all.on(place), ...all.on(element(place))];
      if (!effects.some((e) => e.kind === 'remove' || e.kind === 'reset')) return undefined;
      found ??= place;
    }
    return found;
  }

  #isLock(decl: TypeDecl, type: NodeId): boolean {
    const ref = this.#values.types.at(decl.file, type);
    return ref !== undefined && goSharingTypes.has(peel(ref).type.name);
  }

  /** A method of the type that handles requests. */
  #handlerMethod(decl: TypeDecl): Lifetime | undefined {
    for (const fn of this.#methods(decl)) {
      const handler = this.#phases.handlers.evidenceOf(fn);
      // An actor that is made for each job handles messages until that is done.
      if (handler)
        return {
          verdict: 'long',
          strength: this.#isMadeLate(decl) ? 'likely' : 'proven',
          why: handler.why,
          at: handler.at,
        };
    }
    return undefined;
  }

  /** A method of the type that runs a loop that serves. */
  #servingLoop(decl: TypeDecl): Lifetime | undefined {
    for (const fn of this.#methods(decl)) {
      // Rust: a loop in `poll` ends when nothing is ready, one in `drop` with what it drops.
      if (decl.file.facts.language === 'rust' && /^(poll|drop$)/.test(fn.fact.name)) continue;
      const code = fn.code;
      const [body, after] = fn.range;
      for (let n = body; n < after; n++)
        if (
          code.kind(n) === Kind.Loop &&
          this.#phases.isLastingLoop(fn, n) &&
          !drainsLocal(this.#values, fn, n)
        )
          return {
            verdict: 'long',
            strength: 'proven',
            why: `\`${fn.label}\` runs a loop that never ends`,
            at: fn.place(n),
          };
    }
    return undefined;
  }

  /** A method of the type accepts connections: its value lives as long as that, even in a local. */
  #accepts(decl: TypeDecl): boolean {
    return this.#methods(decl).some((fn) => {
      const code = fn.code;
      const [body, after] = fn.range;
      for (let n = body; n < after; n++)
        if (code.kind(n) === Kind.MethodCall && /^Accept(TCP|Unix|Stream)?$/.test(code.name(n)))
          return (
            code.ancestor(n, (a) => code.kind(a) === Kind.Loop && this.#phases.isServiceLoop(fn, a)) >= 0
          );
      return false;
    });
  }

  #methods(decl: TypeDecl): Fn[] {
    return decl.file.package.methodsOn(decl.fact.name).filter((fn) => !fn.isTest && fn.fact.receiver !== '');
  }

  /** `short` when every place that makes a value of the type is in the request phase and keeps it to itself. */
  #construction(decl: TypeDecl): 'short' | 'unknown' {
    this.#constructions ??= findConstructions(this.#program, this.#values);
    const sites = this.#constructions.get(decl) ?? [];
    if (sites.length === 0) return 'unknown';
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
    return sites.every((s) => isShort(s.fn, s.node, 0)) ? 'short' : 'unknown';
  }

  /** A local value lives long when its function is where the service starts or loops. */
  #outlivesCall(fn: Fn, node: NodeId): boolean {
    const reach = this.#phases.at(fn, node);
    if (reach.request) return false;
    if (fn.fact.name === 'main' || reach.startup) return true;
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      if (code.kind(n) === Kind.Loop && !code.within(node, n) && this.#phases.isServiceLoop(fn, n))
        return true;
      if (code.kind(n) === Kind.Spawn) return true;
    }
    return false;
  }

  /** The fields that hold values of a type directly, not as elements: replacing one of them frees all it held. */
  fieldsHolding(decl: TypeDecl): readonly PlaceRef[] {
    const out: PlaceRef[] = [];
    for (const h of this.#holdersOf(decl))
      if (h.kind === 'field' && !h.element) out.push(fieldPlace(h.owner, h.field));
    return out;
  }

  #holdersOf(decl: TypeDecl): readonly Holder[] {
    return this.#program.deriveAll(findHolders).get(decl) ?? [];
  }
}

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
        const at = t.file.place(f.nameSpan);
        for (const m of mentioned(values.types.at(t.file, f.type))) {
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
  const [body, after] = fn.range;
  for (let n = body; n < after; n++) {
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
        if (b.from > code.start(n) || b.to < code.end(n) || b.source === 'parameter') continue;
        if (usedAfter(fn, b, n)) continue;
        const decl = values.bindingType(fn, b);
        const inner = decl && peel(decl).type.decl;
        if (inner) add(inner, { kind: 'loop', at: fn.place(n) });
      }
    }
  }
}

type Holder =
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

interface Construction {
  readonly fn: Fn;
  readonly node: NodeId;
}

function sharedThrough(name: string, { through, at }: Holder & { readonly kind: 'shared' }): Lifetime {
  return { verdict: 'long', strength: 'proven', why: `\`${name}\` is shared through \`${through}\``, at };
}

/** Rust: values of the type are handed on and used up, whatever carries them: messages, statements, results. */
function isPassedOn(decl: TypeDecl): boolean {
  return decl.file.facts.language === 'rust' && passingTypeNames.test(decl.fact.name);
}

function makeLifetimes(program: Program): Lifetimes {
  return new Lifetimes(program);
}

/** The declared types in a type, with the sharing wrapper they stand in, and whether they are elements of a container. */
function mentioned(type: TypeRef | undefined): { decl: TypeDecl; through: string; element: boolean }[] {
  const out: { decl: TypeDecl; through: string; element: boolean }[] = [];
  const visit = (t: TypeRef, through: string, isElement: boolean, depth: number) => {
    if (depth > 6) return;
    if (t.decl) out.push({ decl: t.decl, through, element: isElement });
    const name = lastSegment(t.name);
    // What is held weakly is held by somebody else.
    if (name === 'Weak') return;
    // Behind an `Arc` alone nothing can grow: changing it takes a lock.
    const now = lockingWrappers.has(name) && t.file.facts.language === 'rust' ? name : through;
    const inContainer =
      isElement ||
      /^(map|slice|chan|Vec|VecDeque|HashMap|BTreeMap|DashMap|HashSet|IndexMap|Sender|Receiver)$/.test(name);
    for (const a of t.args) visit(a, inContainer ? '' : now, inContainer, depth + 1);
  };
  if (type) visit(type, '', false, 0);
  return out;
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
      const [body, after] = fn.range;
      for (let n = body; n < after; n++) {
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
            const of = name.slice(0, -'::default'.length);
            add(of === 'Self' ? values.ownerType(fn)?.decl : values.types.declaration(fn.file, of), fn, n);
          }
        }
      }
    }
  return out;
}

/** What happens to a value made at a node: it stays in a local, is stored somewhere, or is returned. */
function keeps(fn: Fn, node: NodeId, depth = 0): 'local' | 'stored' | 'returned' {
  const code = fn.code;
  const [body] = fn.range;
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
  const [, after] = fn.range;
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
    return /^(push|push_back|insert|append|Store|Add|add|register|Register|spawn|send|Arc|new|Go|store)$/.test(
      name,
    )
      ? 'stored'
      : 'local';
  }
  return 'local';
}

/** A closure that is returned, assigned or handed on rather than called on the spot. */
function keptClosure(fn: Fn, closure: NodeId): boolean {
  const code = fn.code;
  const up = code.parent(closure);
  if (up < 0) return false;
  const kind = code.kind(up);
  if (kind === Kind.Return || kind === Kind.FieldInit) return true;
  if (kind === Kind.Block)
    return code.children(up).at(-1) === closure && fn.fact.result >= 0 && fn.package.language === 'rust';
  if (kind === Kind.Let) {
    // A local function: kept when another kept closure calls it, or when it is itself returned.
    const pattern = code.child(up, Role.Pattern);
    if (pattern < 0) return false;
    const name = code.name(pattern);
    const [, after] = fn.range;
    for (let n = code.after(up); n < after; n++) {
      if (code.kind(n) !== Kind.Name || code.name(n) !== name) continue;
      const outer = code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
      if (outer >= 0 && outer !== closure && keptClosure(fn, outer)) return true;
      if (code.is(code.parent(n), Kind.Return)) return true;
    }
    return false;
  }
  if (kind === Kind.Call || kind === Kind.MethodCall) {
    // `return http.HandlerFunc(func …)`: a conversion of the closure.
    const outer = code.parent(up);
    return outer >= 0 && (code.kind(outer) === Kind.Return || code.kind(outer) === Kind.FieldInit);
  }
  return false;
}

/** The loop ends with a result: what it filled is read behind it, or where the loop is left. */
function usedAfter(fn: Fn, binding: Binding, loop: NodeId): boolean {
  const code = fn.code;
  const [, after] = fn.range;
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
