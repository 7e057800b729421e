import type { Place } from '../../core/span.ts';
import { listening } from '../../knowledge/commands.ts';
import { goSharingTypes, lockingWrappers } from '../../knowledge/containers.ts';
import { goAccepts, passingTypeNames, payloadMethods, serviceTypeNames } from '../../knowledge/handlers.ts';
import { openConnections } from '../../knowledge/readers.ts';
import { taskSets } from '../../knowledge/rust-spawn.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Phases } from '../phases/phases.ts';
import type { Evidence } from '../phases/reach.ts';
import { acceptsConnections, drainsLocal, leavesWhenNobodyWaits } from '../phases/serving-loops.ts';
import { Effects } from '../places/effects.ts';
import { element, fieldPlace, globalPlace, type PlaceRef } from '../places/places.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { container, lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { Constructions } from './constructions.ts';
import { findHolders, type Holder, usedAfter } from './holders.ts';

const UNKNOWN: Lifetime = {
  verdict: 'unknown',
  strength: 'likely',
  why: 'nothing tells how long its owner lives',
};

/** How long the owner of a place lives. */
export interface Lifetime {
  /** `long`: as long as the process; `short`: a request, a call; `unknown`: cannot be told. */
  readonly verdict: 'long' | 'short' | 'unknown';
  /** `likely` rests on names only. */
  readonly strength: 'proven' | 'likely';
  readonly why: string;
  readonly at?: Place;
  /** It is kept in a collection, until somebody takes it out. */
  readonly held?: true;
  /** Through how many types that it is part of. */
  readonly away?: number;
  /** Values are made while requests are handled and never at the start, as far as can be seen. */
  readonly fleeting?: true;
  /** It lives around a loop that never ends: what it has for parts may be made anew in each round. */
  readonly aroundLoop?: true;
  /** It lives around a loop that serves one request, stream or connection, however long that stays. */
  readonly perRequest?: true;
}

/** How long values of declared types live. One per program. */
export class Lifetimes {
  readonly #program: Program;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #constructions: Constructions;
  readonly #types = new Map<TypeDecl, Lifetime>();
  /** What is known of a type without asking what holds it; null when that is nothing. */
  readonly #own = new Map<TypeDecl, Lifetime | null>();

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#phases = Phases.of(program);
    this.#constructions = Constructions.of(program);
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
    const { first: body } = fn;
    const closureOfDeclaration = code.ancestor(binding.node, (a) => code.kind(a) === Kind.Closure);
    // Declared for a request, it is gone with it, whatever closure uses it until then.
    const perRequest = this.#phases.at(fn, binding.node).request !== undefined;
    for (let n = growth; n >= body && n >= 0; n = code.parent(n)) {
      if (code.within(binding.node, n)) break;
      if (
        code.kind(n) === Kind.Loop &&
        this.#phases.isLastingLoop(fn, n) &&
        !leavesWhenNobodyWaits(fn, n) &&
        // What stands behind a loop over connections runs when the service stops.
        (acceptsConnections(fn, n) || !usedAfter(fn, binding, n))
      )
        return {
          verdict: 'long',
          strength: 'proven',
          why: `it lives around the loop in \`${fn.label}\` that never ends`,
          at: fn.place(n),
          ...(fn.package.language === 'go' && this.#phases.of(fn).request ? { perRequest: true } : {}),
        };
      if (code.kind(n) === Kind.Closure && n !== closureOfDeclaration && !perRequest) {
        const context = this.#phases.context(fn, code.children(n).at(-1) ?? n);
        const collected = context.request ? this.#collected(fn, binding, n) : -1;
        if (collected >= 0)
          return {
            verdict: 'short',
            strength: 'proven',
            why: `\`${fn.label}\` works it off when what fills it is over`,
            at: fn.place(collected),
          };
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

  /**
   * Go: where a function gives back, goes over or asks for what a closure in it has filled, behind the statement with the closure, or
   * -1. A function that begins to listen, and what it is set up by, has its locals as long as it serves.
   */
  #collected(fn: Fn, binding: Binding, closure: NodeId): NodeId {
    const { code, first, after } = fn;
    if (fn.package.language !== 'go' || /^(main|init)$/.test(fn.fact.name)) return -1;
    const { startup } = this.#phases.of(fn);
    let found = -1;
    for (let n = code.after(closure); n < after; n++) {
      const kind = code.kind(n);
      if (kind === Kind.Closure) {
        if (found < 0 && this.#looksUpIn(fn, binding, n)) found = n;
        n = code.after(n) - 1;
        continue;
      }
      if ((kind === Kind.Call || kind === Kind.MethodCall) && listening.test(callName(code, n))) return -1;
      if (found >= 0 || startup || !code.is(n, Kind.Name, binding.name)) continue;
      const top = code.ancestor(n, (a) => code.kind(a) === Kind.Return || code.kind(a) === Kind.Loop);
      if (top > first && (code.is(top, Kind.Return) || code.within(n, code.child(top, Role.Iter)))) found = n;
    }
    return found;
  }

  /** `walk(ctx, func(i info) error { if !seen[i.digest] { … } })`: what is called asks what was filled, and is no handler. */
  #looksUpIn(fn: Fn, binding: Binding, closure: NodeId): boolean {
    const { code } = fn;
    // What the call says is tested, so that it is over by then.
    if (code.role(closure) !== Role.Arg || code.is(code.parent(code.parent(closure)), Kind.Block))
      return false;
    if (this.#phases.context(fn, code.children(closure).at(-1) ?? closure).request) return false;
    for (let n = closure; n < code.after(closure); n++) {
      const asks =
        code.kind(n) === Kind.Index &&
        code.role(n) !== Role.Target &&
        code.is(code.child(n, Role.Object), Kind.Name, binding.name);
      if (asks) return true;
    }
    return false;
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

  /** Go: values of the type are those of a map in a field: one for each client, job or session. */
  isKeptByKey(decl: TypeDecl): boolean {
    return this.#holdersOf(decl).some(
      (h) =>
        h.kind === 'field' &&
        h.element &&
        h.owner.fact.fields.some((f) => {
          const type = f.name === h.field ? this.#values.types.at(h.owner.file, f.type) : undefined;
          return container(this.#values.types, type)?.row.shape === 'map';
        }),
    );
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
        const away = (outer.away ?? 0) + 1;
        if (away > 2 && decl.file.facts.language === 'rust') return { ...UNKNOWN, why };
        const isLocal = decl.file.facts.language === 'rust' && outer.aroundLoop === true;
        const strength =
          away > 1 || isLocal || this.#hasPassingHolder(holders, h) ? 'likely' : outer.strength;
        if (own && strength === 'likely') continue;
        return { ...outer, why, strength, away };
      }
    }
    if (own) return own;
    if (shared) return shared;
    const actor = holders.find((h) => h.kind === 'loop');
    if (actor)
      return {
        verdict: 'long',
        strength: this.#alsoOfRequests(decl) ? 'likely' : 'proven',
        why: `\`${name}\` lives around a loop that never ends`,
        at: actor.at,
        aroundLoop: true,
      };
    const early = this.#madeOnlyAtStart(decl);
    if (early) return early;
    if (serviceTypeNames.test(name) && !this.#constructions.isLate(decl))
      return {
        verdict: 'long',
        strength: 'likely',
        why: `\`${name}\` is named like something that lives as long as the service`,
        at: decl.file.place(decl.fact.nameSpan),
      };
    return this.#aroundWork(decl) ?? UNKNOWN;
  }

  /**
   * Rust: nobody in sight makes it, and it holds the connection that it speaks over, or the set of tasks that it drives: it lives as
   * long as these go on.
   */
  #aroundWork(decl: TypeDecl): Lifetime | undefined {
    const { file, fact } = decl;
    if (file.facts.language !== 'rust' || this.#constructions.isLate(decl)) return undefined;
    const held = fact.fields.find((f) => {
      const type = this.#values.types.at(file, f.type);
      return type !== undefined && goesOn(type);
    });
    return (
      held && {
        verdict: 'long',
        strength: 'likely',
        why: `\`${fact.name}\` lives as long as what is open or runs in \`${held.name}\``,
        at: file.place(fact.nameSpan),
      }
    );
  }

  /** Go: a value of the type is also a part of what requests make for themselves, each with its own. */
  #hasPassingHolder(holders: readonly Holder[], long: Holder & { readonly kind: 'field' }): boolean {
    return holders.some((h) => {
      if (h.kind !== 'field' || h.element || h.owner === long.owner) return false;
      const { file, fact } = h.owner;
      if (file.facts.language !== 'go') return false;
      const field = fact.fields.find((f) => f.name === h.field);
      const isOwn = field !== undefined && this.#values.types.at(file, field.type)?.name !== '*';
      return isOwn && this.#constructions.someInRequest(h.owner) && this.#ownOf(h.owner)?.verdict !== 'long';
    });
  }

  #ofItself(decl: TypeDecl): Lifetime | undefined {
    const name = decl.fact.name;
    const at = decl.file.place(decl.fact.nameSpan);
    if (this.#constructions.staysLocal(decl) && !this.#accepts(decl))
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
        ...(passing && { held: true }),
      };
    if (passing)
      return {
        verdict: 'unknown',
        strength: 'likely',
        why: `\`${name}\` is kept in \`${passing.name}\`, which it may be removed from`,
        held: true,
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
    if (this.#hasLock(decl))
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
        (own?.verdict === 'short' || own?.fleeting || (!own && this.#constructions.isLate(h.owner)))
      );
    });
    const ends = owners.length > 0 && owners.every((h) => h.kind === 'field' && this.#endsEarly(h.owner));
    if ((owners.length > 0 && fleeting) || ends || this.#constructions.isLate(decl))
      return {
        verdict: 'unknown',
        strength: 'likely',
        why: `\`${decl.fact.name}\` is made while requests are handled`,
        at: shared.at,
        fleeting: true,
      };
    return sharedThrough(decl.fact.name, shared);
  }

  /** Rust: a type does something when it ends, and is not made where the program starts. */
  #endsEarly(decl: TypeDecl): boolean {
    const made = this.#constructions.of(decl);
    return (
      decl.file.package.functionsNamed('drop').some((f) => f.fact.owner === decl.fact.name) &&
      made.every((s) => !this.#constructions.reachesStart(s.fn, s.node))
    );
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
    const sites = this.#constructions.of(decl);
    if (sites.length === 0 || !sites.every((s) => this.#constructions.inRequest(s.fn, s.node, new Set())))
      return false;
    return this.#holdersOf(decl).every(
      (h) => h.kind !== 'loop' && (h.kind !== 'field' || h.element || this.#madePerRequest(h.owner, seen)),
    );
  }

  /** Rust: values of the type are made in the request phase, and no way from the start leads to where that is. */
  #isFleeting(decl: TypeDecl, seen: Set<TypeDecl>): boolean {
    if (seen.has(decl)) return true;
    if (decl.file.facts.language !== 'rust' || seen.size > 12) return false;
    seen.add(decl);
    const sites = this.#constructions.of(decl);
    // The variants of an enum are made where what is in them is.
    if (sites.length === 0 && (decl.fact.kind !== 'enum' || seen.size === 1)) return false;
    const late = (s: { readonly fn: Fn; readonly node: NodeId }) =>
      this.#phases.at(s.fn, s.node).request !== undefined && !this.#constructions.reachesStart(s.fn, s.node);
    if (!sites.every(late)) return false;
    return this.#holdersOf(decl).every(
      (h) => h.kind === 'shared' || (h.kind === 'field' && (h.element || this.#isFleeting(h.owner, seen))),
    );
  }

  #madeOnlyAtStart(decl: TypeDecl): Lifetime | undefined {
    const made = this.#constructions.onlyAtStart(decl);
    return (
      made && {
        verdict: 'long',
        strength: 'proven',
        why: `\`${decl.fact.name}\` is made only where the program starts`,
        at: made.fn.place(made.node),
      }
    );
  }

  #madeAtStart(decl: TypeDecl): Lifetime | undefined {
    const early = this.#constructions.atStart(decl);
    if (!early) return undefined;
    const { fn, node } = early.made;
    const here = early.isOffered
      ? `by \`${fn.label}\`, which is offered to others`
      : 'where the program starts';
    return {
      verdict: 'long',
      strength: this.#alsoOfRequests(decl) ? 'likely' : 'proven',
      why: `\`${decl.fact.name}\` is made here, ${here}`,
      at: fn.place(node),
    };
  }

  /** Go: what requests make for themselves too may be theirs, wherever it is met. */
  #alsoOfRequests(decl: TypeDecl): boolean {
    return decl.file.facts.language === 'go' && this.#constructions.someInRequest(decl);
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
        if (h.kind === 'field' && this.#constructions.staysLocal(h.owner)) continue;
        return undefined;
      }
      const all = Effects.of(this.#program);
      const effects = [...all.on(place), ...all.on(element(place))];
      if (!effects.some((e) => e.kind === 'remove' || e.kind === 'reset')) return undefined;
      found ??= place;
    }
    return found;
  }

  /** A lock of its own, or of what it embeds. */
  #hasLock(decl: TypeDecl, depth = 0): boolean {
    return decl.fact.fields.some((f) => {
      const ref = this.#values.types.at(decl.file, f.type);
      const inner = ref && peel(ref).type;
      if (!inner) return false;
      if (goSharingTypes.has(inner.name)) return true;
      return f.embedded && depth < 2 && inner.decl !== undefined && this.#hasLock(inner.decl, depth + 1);
    });
  }

  /** A method of the type that handles requests. */
  #handlerMethod(decl: TypeDecl): Lifetime | undefined {
    for (const fn of this.#methods(decl)) {
      if (decl.file.facts.language === 'go' && payloadMethods.test(fn.fact.name)) continue;
      const handler = this.#phases.handlers.evidenceOf(fn) ?? this.#wrapsHandler(fn);
      // An actor that is made for each job handles messages until that is done.
      if (handler)
        return {
          verdict: 'long',
          strength: this.#constructions.isLate(decl) ? 'likely' : 'proven',
          why: handler.why,
          at: handler.at,
        };
    }
    return undefined;
  }

  /** Go: `func (s *stats) wrap(next http.Handler) http.Handler`: a handler in it has the receiver for all requests. */
  #wrapsHandler(fn: Fn): Evidence | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go') return undefined;
    for (let n = fn.first; n < fn.after; n++) {
      if (code.kind(n) !== Kind.Closure) continue;
      const { request } = this.#phases.context(fn, code.child(n, Role.Body));
      for (let m = n; request?.request && m < code.after(n); m++)
        if (code.is(m, Kind.Name, fn.fact.receiver)) return request;
    }
    return undefined;
  }

  /** A method of the type that runs a loop that serves. */
  #servingLoop(decl: TypeDecl): Lifetime | undefined {
    for (const fn of this.#methods(decl)) {
      // Rust: a loop in `poll` ends when nothing is ready, one in `drop` with what it drops.
      if (decl.file.facts.language === 'rust' && /^(poll|drop$)/.test(fn.fact.name)) continue;
      const code = fn.code;
      const { first: body, after } = fn;
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
      const { first: body, after } = fn;
      for (let n = body; n < after; n++)
        if (code.kind(n) === Kind.MethodCall && goAccepts.test(code.name(n)))
          return (
            code.ancestor(n, (a) => code.kind(a) === Kind.Loop && this.#phases.isServiceLoop(fn, a)) >= 0
          );
      return false;
    });
  }

  #methods(decl: TypeDecl): Fn[] {
    return decl.file.package.methodsOn(decl.fact.name).filter((fn) => !fn.isTest && fn.fact.receiver !== '');
  }

  /** Rust: nothing but tests makes values of the type. */
  isNeverMade(decl: TypeDecl): boolean {
    return decl.file.facts.language === 'rust' && this.#constructions.isNeverMade(decl);
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

/** `TcpStream`, `BufWriter<OwnedWriteHalf>`, `FuturesUnordered<Exchange>` */
function goesOn({ name, args }: TypeRef): boolean {
  const last = lastSegment(name);
  return openConnections.test(last) || taskSets.test(last) || args.some(goesOn);
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
    const { after } = fn;
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
