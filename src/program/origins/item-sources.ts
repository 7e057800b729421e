import {
  deployedItems,
  goListFillers,
  goListFunctions,
  goListMethods,
  implementedItems,
  readsNextItem,
} from '../../knowledge/item-lists.ts';
import { configurationTypeNames } from '../../knowledge/provenance.ts';
import { goWalks } from '../../knowledge/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { Effects } from '../places/effects.ts';
import { local } from '../places/places.ts';
import type { Fn, Program } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { container, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { decodedBefore } from './request-values.ts';

/**
 * Who decides how many items a loop has: somebody outside who sends them (`input`), whoever filled what the program asks
 * for, such as a database (`asked`) or a directory (`files`), or the program and its deployment (`kept`).
 */
export type ItemSource = 'input' | 'files' | 'asked' | 'kept' | 'unknown';

const MAX_DEPTH = 8;

/**
 * Follows the collection of a Go loop back to where it comes from. A list out of a request, a message, a query or a
 * directory has as many items as somebody likes; what the program keeps (its disks, its peers, its shards) has as many
 * as the deployment has. One per program.
 */
export class ItemSources {
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #calls: Calls;
  readonly #effects: Effects;

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
    this.#effects = Effects.of(program);
  }

  static of(program: Program): ItemSources {
    return program.derive(makeItemSources);
  }

  /** Who decides how often a loop runs. */
  ofLoop(fn: Fn, loop: NodeId): ItemSource {
    const source = this.#ofLoop(fn, loop, 0, new Set());
    // What somebody sends to be kept is a setting of the program from then on, and there are few of those.
    return source === 'input' && this.#isKeptFrom(fn, fn.code.child(loop, Role.Iter)) ? 'asked' : source;
  }

  /** `current = rules` before the loop over `rules`: the list takes the place of the one that the program had. */
  #isKeptFrom(fn: Fn, iter: NodeId): boolean {
    const { code } = fn;
    if (!code.is(iter, Kind.Name)) return false;
    const b = this.#values.scope(fn).lookup(code.name(iter), code.start(iter));
    if (b?.source !== 'parameter') return false;
    for (let n = fn.first; n < iter; n++) {
      const value = code.is(n, Kind.Assign, '=') ? code.child(n, Role.Value) : -1;
      if (!code.is(value, Kind.Name, b.name)) continue;
      const target = code.child(n, Role.Target);
      const isField = code.is(target, Kind.Field);
      const root = isField ? code.child(target, Role.Object) : target;
      if (!code.is(root, Kind.Name)) continue;
      const isState = isField
        ? code.name(root) === fn.fact.receiver
        : !this.#values.scope(fn).lookup(code.name(root), code.start(root));
      if (isState) return true;
    }
    return false;
  }

  #ofLoop(fn: Fn, loop: NodeId, depth: number, seen: Set<string>): ItemSource {
    const code = fn.code;
    const iter = code.child(loop, Role.Iter);
    if (iter >= 0) return this.#areDeployed(fn, loop, iter) ? 'kept' : this.#trace(fn, iter, depth, seen);
    if (this.#phases.isServiceLoop(fn, loop)) return 'input';
    const condition = code.child(loop, Role.Condition);
    if (condition < 0) return this.#readInRounds(fn, loop, depth, seen);
    // `for i := 0; i < len(urls); i++`, `for rows.Next()`
    const measured = this.#measured(fn, condition, 0);
    if (measured) return this.#trace(measured.fn, measured.node, depth, seen);
    for (let n = condition; n < code.after(condition); n++)
      if (code.kind(n) === Kind.MethodCall && /^(Next|Scan|More|HasNext)$/.test(code.name(n))) return 'asked';
    return 'unknown';
  }

  /** `for { row, err := rows.Read(); if err == io.EOF { break }; … }`: what each round reads. */
  #readInRounds(fn: Fn, loop: NodeId, depth: number, seen: Set<string>): ItemSource {
    const { code } = fn;
    const [first] = code.children(code.child(loop, Role.Body));
    const call = first === undefined ? -1 : code.child(first, Role.Value);
    if (call < 0 || !code.is(call, Kind.MethodCall) || !readsNextItem.test(code.name(call))) return 'unknown';
    const from = this.#trace(fn, code.child(call, Role.Object), depth + 1, seen);
    return from === 'kept' ? 'unknown' : from;
  }

  /** `for _, replica := range plan`, `for name, target := range cfg` of a `Config`: as many as the deployment has. */
  #areDeployed(fn: Fn, loop: NodeId, iter: NodeId): boolean {
    const code = fn.code;
    const type = this.#values.typeOf(fn, iter);
    const decl = type && peel(type).type.decl;
    if (decl && configurationTypeNames.test(decl.fact.name.replace(/s$/, ''))) return true;
    // `map[Provisioner][]App`
    const key = container(this.#values.types, type)?.key;
    const keyed = key && peel(key).type.decl;
    if (keyed?.fact.kind === 'interface' && implementedItems.test(lastWord(keyed.fact.name))) return true;
    const element = this.#values.elementType(type);
    const names = code.all(loop, Role.Pattern).map((p) => code.name(p));
    if (element) names.push(peel(element).type.decl?.fact.name ?? '');
    return names.some((name) => deployedItems.test(lastWord(name)));
  }

  /** What `len` measures in an expression, or in the value of a name in it. */
  #measured(fn: Fn, root: NodeId, depth: number): { fn: Fn; node: NodeId } | undefined {
    const code = fn.code;
    for (let n = root; n < code.after(root); n++) {
      if (code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'len')) {
        const arg = code.child(n, Role.Arg);
        if (arg >= 0) return { fn, node: arg };
      }
      if (code.kind(n) !== Kind.Name || depth > 1) continue;
      const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
      const found = b && b.value >= 0 && b.source === 'value' && this.#measured(fn, b.value, depth + 1);
      if (found) return found;
    }
    return undefined;
  }

  #trace(fn: Fn, n: NodeId, depth: number, seen: Set<string>): ItemSource {
    if (n < 0 || depth > MAX_DEPTH) return 'unknown';
    const mark = `${fn.id}:${n}`;
    if (seen.has(mark)) return 'unknown';
    seen.add(mark);
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, depth + 1, seen);
    switch (code.kind(n)) {
      case Kind.Number:
      case Kind.String:
      case Kind.Range:
        return 'kept';
      case Kind.Composite:
        return 'kept';
      case Kind.Unary:
        // What a channel hands over was put together by whoever sent it.
        return code.name(n) === '<-' ? 'input' : next(code.child(n, Role.Object));
      case Kind.Cast:
      case Kind.Index:
      case Kind.Slice:
        return next(code.child(n, Role.Object));
      case Kind.Field:
        return this.#field(fn, n, next);
      case Kind.Name:
        return this.#name(fn, n, depth, seen);
      case Kind.Call:
      case Kind.MethodCall:
        return this.#call(fn, n, depth, seen, next);
      default:
        return 'unknown';
    }
  }

  #field(fn: Fn, n: NodeId, next: (m: NodeId) => ItemSource): ItemSource {
    const code = fn.code;
    const object = code.child(n, Role.Object);
    if (this.#values.goPackage(fn, object) !== undefined) return 'kept';
    return next(object);
  }

  #name(fn: Fn, n: NodeId, depth: number, seen: Set<string>): ItemSource {
    const code = fn.code;
    const name = code.name(n);
    if (fn.fact.receiver !== '' && name === fn.fact.receiver) return 'kept';
    const b = this.#values.scope(fn).lookup(name, code.start(n));
    if (!b) return fn.package.globalsNamed(name).length > 0 ? 'kept' : 'unknown';
    if (decodedBefore(fn, name, n, goListFillers)) return 'input';
    if (b.source === 'parameter') return this.#parameter(fn, b, depth, seen);
    if (b.source === 'closure-parameter') return this.#isHandled(fn, b) ? 'input' : 'unknown';
    const from = b.value < 0 ? 'unknown' : this.#bound(fn, b, depth, seen);
    if (from === 'input' || from === 'files' || from === 'asked') return from;
    const filled = this.#filled(fn, b, depth, seen);
    // Made empty and filled: only what fills it counts.
    return filled === 'none' ? from : from === 'kept' || b.value < 0 ? filled : worst([from, filled]);
  }

  #bound(fn: Fn, b: Binding, depth: number, seen: Set<string>): ItemSource {
    const code = fn.code;
    if (b.source === 'element' || b.source === 'part') {
      const type = this.#values.typeOf(fn, b.value);
      if (type && peel(type).type.name === 'chan') return 'input';
    }
    // The value of a call that gives several.
    return code.kind(b.value) === Kind.Loop ? 'unknown' : this.#trace(fn, b.value, depth + 1, seen);
  }

  /** What is added to a local decides how long it gets; `none` when nothing is. */
  #filled(fn: Fn, b: Binding, depth: number, seen: Set<string>): ItemSource | 'none' {
    const sources: ItemSource[] = [];
    for (const e of this.#effects.on(local(fn, b))) {
      if (e.kind !== 'grow' || e.fn !== fn || sources.length > 4) continue;
      // `append(list, others...)`
      const value = e.value;
      if (value >= 0 && fn.code.is(value, Kind.Unary, '...'))
        sources.push(this.#trace(fn, value, depth + 1, seen));
      if (this.#isInWalk(fn, e.node, b)) {
        sources.push('files');
        continue;
      }
      const { loops } = this.#phases.context(fn, e.node);
      const inner = loops.filter((l) => !fn.code.within(b.node, l));
      sources.push(
        inner.length === 0 ? 'kept' : worst(inner.map((l) => this.#ofLoop(fn, l, depth + 1, seen))),
      );
    }
    return sources.length === 0 ? 'none' : worst(sources);
  }

  /** `filepath.WalkDir(root, func(…) error { found = append(found, path); … })` */
  #isInWalk(fn: Fn, node: NodeId, b: Binding): boolean {
    const { code } = fn;
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    const walk = closure < fn.first || code.within(b.node, closure) ? -1 : code.parent(closure);
    return (
      code.is(walk, Kind.MethodCall) &&
      goWalks.test(code.name(walk)) &&
      this.#values.goPackage(fn, code.child(walk, Role.Object)) !== undefined
    );
  }

  /** What the callers pass; in a handler it is the request. */
  #parameter(fn: Fn, b: Binding, depth: number, seen: Set<string>): ItemSource {
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && s.fn !== fn);
    if (this.#isHandled(fn, b) && !(sites.length > 0 && this.#isBesideRequest(fn, b))) return 'input';
    if (sites.length === 0 || sites.length > 12) return 'unknown';
    return worst(
      sites.map((s) => {
        const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
        return arg === undefined ? 'kept' : this.#trace(s.fn, arg, depth + 1, seen);
      }),
    );
  }

  /** The list that a helper of a handler is given with the request: `race(w, r, upstreams)`. */
  #isBesideRequest(fn: Fn, b: Binding): boolean {
    const type = this.#values.bindingType(fn, b);
    return type?.name === 'slice' && !this.#phases.handlers.evidenceOf(fn)?.remote;
  }

  /** The parameter is what a handler was given. */
  #isHandled(fn: Fn, b: Binding): boolean {
    if (b.source === 'closure-parameter') {
      const type = this.#values.bindingType(fn, b);
      return type !== undefined && this.#phases.handlers.isHandlerType(type, 'go');
    }
    return this.#phases.handlers.evidenceOf(fn) !== undefined;
  }

  #call(fn: Fn, n: NodeId, depth: number, seen: Set<string>, next: (m: NodeId) => ItemSource): ItemSource {
    const code = fn.code;
    const name = callName(code, n);
    const args = code.all(n, Role.Arg);
    const [first = -1, ...others] = args;
    if (code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name)) {
      if (name === 'make' || name === 'new') return 'kept';
      if (name === 'append')
        return worst([next(first), ...others.filter((a) => code.is(a, Kind.Unary, '...')).map(next)]);
    }
    const targets = this.#values.callees(fn, n).filter((t) => t.fact.body >= 0);
    if (targets.length > 3) return 'unknown';
    if (targets.length > 0)
      return worst(
        targets.map((t) => {
          const returned = returnsOf(t, 0).filter((r) => !t.code.is(r, Kind.Literal, 'nil'));
          return returned.length === 0
            ? 'unknown'
            : worst(returned.map((r) => this.#trace(t, r, depth + 1, seen)));
        }),
      );
    // What takes a context asks somebody else, and gets as much as there is.
    const context = first < 0 ? undefined : this.#values.typeOf(fn, first);
    if (context?.name === 'context.Context') return 'asked';
    const object = code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1;
    const pkg = object < 0 ? undefined : this.#values.goPackage(fn, object);
    if (pkg !== undefined && goListFunctions.has(`${pkg}.${name}`)) return 'files';
    if (pkg === undefined && goListMethods.has(name)) return 'asked';
    // A getter of a request, `maps.Keys(m)`, `strings.Split(s, ",")`, `rand.Perm(len(disks))`.
    const measured = first >= 0 ? this.#measured(fn, first, 0) : undefined;
    if (measured) return this.#trace(measured.fn, measured.node, depth + 1, seen);
    return pkg === undefined && object >= 0 ? next(object) : first >= 0 ? next(first) : 'unknown';
  }
}

function makeItemSources(program: Program): ItemSources {
  return new ItemSources(program);
}

/** Input counts for more than what is asked for, that for more than unknown, and unknown for more than what is kept. */
function worst(sources: readonly ItemSource[]): ItemSource {
  return (['input', 'files', 'asked', 'unknown'] as const).find((s) => sources.includes(s)) ?? 'kept';
}

/** `region` of `DERPRegion` and `regions`. */
function lastWord(name: string): string {
  const word = /[A-Z]?[a-z]+$/.exec(name)?.[0] ?? name;
  return word.toLowerCase().replace(/s$/, '');
}
