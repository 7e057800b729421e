import { ownerEndsWhole, vacantTests } from '../../knowledge/endings.ts';
import { errorNames } from '../../knowledge/errors.ts';
import { writeLocks } from '../../knowledge/guards.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { loadNames } from '../../knowledge/startup.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { Lifetimes } from '../lifetime/lifetime.ts';
import { Linkage } from '../linkage.ts';
import { Phases } from '../phases/phases.ts';
import { type Effect, Effects, sameText } from '../places/effects.ts';
import { fieldPlace, type PlaceRef, Places } from '../places/places.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Program, TypeDecl } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import type { Values } from '../types/values.ts';
import type { Bound } from './bound.ts';
import { asksAgeOfNew, isOfOneMode, missesTheSweep } from './conditional-removals.ts';
import { isToldNothing } from './fresh-values.ts';
import { takesOtherKey } from './other-keys.ts';
import {
  expiresWhenAsked,
  forgetsOnlyTheNamed,
  missesTheGone,
  outlivesItsTask,
  takesBackFailures,
  waitsForProof,
} from './partial-removals.ts';
import { isBehindAnswers, isOnlyCancelled, missesTheEvicted } from './rust-removals.ts';
import { movesItsLimit } from './size-tests.ts';
import { isNeverSet } from './unset-limits.ts';
import {
  isGivenUpByCaller,
  isOnlyAnswered,
  isOnlySuccess,
  isSkipped,
  isSkippedByAdder,
  isSkippedByCallers,
} from './ways-out.ts';

/** What is taken out again of what grows, under any name of the same memory. One per program. */
export class Removals {
  readonly #places: Places;
  readonly #values: Values;
  readonly #effects: Effects;
  readonly #phases: Phases;
  readonly #calls: Calls;
  readonly #lifetimes: Lifetimes;
  readonly #linkage: Linkage;

  constructor(program: Program) {
    this.#places = Places.of(program);
    this.#values = this.#places.values;
    this.#effects = Effects.of(program);
    this.#phases = Phases.of(program);
    this.#calls = Calls.of(program);
    this.#lifetimes = Lifetimes.of(program);
    this.#linkage = Linkage.of(program);
  }

  /** A removal or a replacement that can keep a growth in check; `effects` are all effects on the place. */
  of(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    for (const e of effects) {
      if (e.kind !== 'remove' && e.kind !== 'reset') continue;
      if (!this.#canHelp(place, e, growth, effects)) continue;
      return { reason: 'removed', by: verbText(e), where: e.fn.place(e.node) };
    }
    // `mem::take(&mut self.delta)`, `self.delta = Delta::default()`: what the owner held goes with it.
    if (place.owner) {
      for (const outer of this.#lifetimes.fieldsHolding(place.owner)) {
        const whole = this.#effects
          .on(outer)
          .find((e) => e.kind === 'reset' && this.#canHelp(outer, e, growth, effects));
        if (whole)
          return {
            reason: 'removed',
            by: `replacing \`${outer.name}\` in \`${whole.fn.label}\``,
            where: whole.fn.place(whole.node),
          };
      }
    }
    const shared = this.#fromShared(place, growth, effects);
    if (shared) return shared;
    // A removal through an object whose type is not known may well be this one.
    if (place.owner) {
      const unknown = this.#effects
        .onUnknown(place.name)
        .find(
          (e) => (e.kind === 'remove' || e.kind === 'reset') && e.fn.package === place.owner?.file.package,
        );
      if (unknown && this.#canHelp(place, unknown, growth, effects))
        return { reason: 'removed', by: verbText(unknown), where: unknown.fn.place(unknown.node) };
    }
    return undefined;
  }

  /**
   * A removal that is seen, and of which it is not proven that it leaves entries behind: only that it may. What undoes
   * an insert, ends the owner, forgets only what is asked for again, or never runs, is known to.
   */
  mayHelp(place: PlaceRef, e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
    const { fn } = e;
    // Most may say that they are done.
    if (outlivesItsTask(this.#calls, e, growth)) return true;
    if (fn.package.language !== 'go' || e.kind !== 'remove' || fn.isTest) return false;
    const leaves =
      this.#isNeverCalled(fn) ||
      this.#endsWhole(fn, place) ||
      this.#onlyEnds(fn, place) ||
      movesTheLimit(e) ||
      (e.single &&
        (this.#keyIsCleared(e) ||
          undoes(e, growth) ||
          (isOnlyAnswered(e, growth, effects) && !this.#calls.isCalledIn(fn, growth.fn)) ||
          expiresWhenAsked(this.#calls, e) ||
          takesBackFailures(this.#calls, e, growth)));
    return !leaves;
  }

  /**
   * Rust: a map that several types share under one name, `clients: Arc<Mutex<HashMap<…>>>`, is mostly one and the same: what
   * another of them takes out is missing here.
   */
  #fromShared(place: PlaceRef, growth: Effect, effects: readonly Effect[]): Bound | undefined {
    const { owner, field } = place;
    const own = owner && sharedType(owner, field ?? '');
    if (!owner || own === undefined) return undefined;
    for (const other of owner.file.package.types) {
      if (other === owner || other.isTest || sharedType(other, field ?? '') !== own) continue;
      const found = this.#effects
        .on(fieldPlace(other, place.name))
        .find((e) => e.kind === 'remove' && this.#canHelp(place, e, growth, effects));
      if (found) return { reason: 'removed', by: verbText(found), where: found.fn.place(found.node) };
    }
    return undefined;
  }

  /** Whether a removal can keep a growth in check. */
  #canHelp(place: PlaceRef, e: Effect, growth: Effect, effects: readonly Effect[]): boolean {
    const { fn } = e;
    const code = fn.code;
    if (e.kind === 'reset') {
      if (this.#isInitialisation(e) || this.#putsCopyBack(e, place)) return false;
      // Replaced once before the loop that fills it.
      const loop = this.#phases
        .context(growth.fn, growth.node)
        .loops.find((l) => this.#phases.isServiceLoop(growth.fn, l));
      if (fn === growth.fn && loop !== undefined && !code.within(e.node, loop)) return false;
    }
    if (e.kind === 'remove' && this.#isBehindLoop(e, growth)) return false;
    if (isBehindAnswers(e, effects) || isOnlyCancelled(this.#calls, e, growth)) return false;
    if (missesTheEvicted(this.#effects, this.#calls, place, growth, effects)) return false;
    if (movesTheLimit(e)) return false;
    if (e.single && (this.#keyIsCleared(e) || isOtherKey(e, growth) || undoes(e, growth))) return false;
    if (e.single && takesOtherKey(this.#calls, this.#values, e, growth)) return false;
    if (e.single && isSkipped(e, growth, effects)) return false;
    if (e.single && isSkippedByCallers(this.#calls, this.#values, e, growth)) return false;
    if (e.single && isSkippedByAdder(this.#calls, this.#values, e, growth)) return false;
    if (e.single && (expiresWhenAsked(this.#calls, e) || takesBackFailures(this.#calls, e, growth)))
      return false;
    if (outlivesItsTask(this.#calls, e, growth) || waitsForProof(this.#calls, e, growth)) return false;
    if (e.single && isOnlySuccess(e, growth, effects)) return false;
    if (e.single && forgetsOnlyTheNamed(this.#calls, place, e, growth, effects)) return false;
    if (e.single && missesTheGone(this.#effects, place, effects)) return false;
    if (isOfOneMode(e, growth, effects) || asksAgeOfNew(e, growth)) return false;
    if (e.single && missesTheSweep(this.#effects, place, growth, effects)) return false;
    if (this.#isNeverCalled(fn) || this.#cutsToItsEnd(e, place) || isNeverSet(e)) return false;
    if (e.single && isOnlyAnswered(e, growth, effects) && !this.#calls.isCalledIn(fn, growth.fn))
      return false;
    if (e.single && isGivenUpByCaller(this.#calls, e, growth, effects)) return false;
    const whole = !e.single || e.kind === 'reset' || this.#emptiesInLoop(e);
    if (whole && (this.#endsWhole(fn, place) || this.#onlyEnds(fn, place))) return false;
    if (!whole && fn !== growth.fn && this.#onlyEnds(fn, place)) return false;
    // One entry taken out when the size is tested bounds the insert it stands beside, not the others.
    if (e.single && e.fn !== growth.fn && this.#evictsForItsOwnInsert(e, effects))
      return this.#calls.isCalledIn(e.fn, growth.fn);
    return true;
  }

  /** Rust: `loop { set.spawn(serve(accept().await)) }` and behind it, when the service ends, `while set.join_next().await …`. */
  #isBehindLoop({ fn, node }: Effect, growth: Effect): boolean {
    const { code } = fn;
    if (fn.package.language !== 'rust' || fn !== growth.fn) return false;
    if (code.ancestor(growth.node, (a) => code.kind(a) === Kind.Closure) >= fn.first) return false;
    const loop = this.#phases
      .context(fn, growth.node)
      .loops.findLast((l) => this.#phases.isLastingLoop(fn, l));
    return loop !== undefined && node > loop && !code.within(node, loop);
  }

  /** What nothing in a program that is seen whole calls removes nothing. Others may call what is exported. */
  #isNeverCalled(fn: Fn): boolean {
    const { exported, trait, name, owner } = fn.fact;
    const isMain = owner === '' && /^(main|init)$/.test(name);
    if (trait || isMain || this.#linkage.programsWith(fn.package).length === 0) return false;
    if (exported && fn.file.facts.packageName !== 'main') return false;
    return (
      this.#calls.sitesOf(fn).length === 0 &&
      !this.#calls.isMentioned(fn) &&
      this.#phases.handlers.evidenceOf(fn) === undefined
    );
  }

  /**
   * Rust: `self.steps.truncate(self.at); self.steps.push(step); self.at = self.steps.len();`: cut to where it ended before,
   * which takes nothing from it as long as nobody goes back.
   */
  #cutsToItsEnd({ fn, node, verb, key }: Effect, { owner, key: own }: PlaceRef): boolean {
    const code = fn.code;
    if (verb !== 'truncate' || !owner || !code.is(key, Kind.Field)) return false;
    return Writes.of(owner.file.package.program)
      .toField(owner, code.name(key))
      .some(
        ({ fn: by, node: write, value }) =>
          // Before the cut it marks where to go back to.
          by === fn &&
          write > node &&
          by.code.is(write, Kind.Assign) &&
          by.code.is(value, Kind.MethodCall, 'len') &&
          this.#places.of(by, by.code.child(value, Role.Object))?.key === own,
      );
  }

  /** The end of the owner is that of the place, unless others share it: a guard that is dropped tidies up a map that stays. */
  #endsWhole(fn: Fn, place: PlaceRef): boolean {
    const { owner, field } = place;
    if (!endsOwner(fn, place)) return false;
    const isShared = owner !== undefined && sharedType(owner, field ?? '') !== undefined;
    return !isShared || this.#lifetimes.ofType(owner).verdict === 'long';
  }

  /** A helper of what ends the owner: `closeIdle`, which nothing but `Shutdown` calls. */
  #onlyEnds(fn: Fn, place: PlaceRef, depth = 0): boolean {
    if (depth > 2 || place.owner === undefined || fn.fact.owner !== place.owner.fact.name) return false;
    const sites = this.#calls.sitesOf(fn);
    return (
      sites.length > 0 &&
      sites.every(
        (s) => s.kind === 'call' && (endsOwner(s.fn, place) || this.#onlyEnds(s.fn, place, depth + 1)),
      )
    );
  }

  /** `c.stop(); delete(m, c.conn)` where `stop` sets `conn` to nil: the entry of the connection stays. */
  #keyIsCleared(e: Effect): boolean {
    const { fn, node, key } = e;
    const code = fn.code;
    if (key < 0 || code.kind(key) !== Kind.Field) return false;
    const owner = code.child(key, Role.Object);
    const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
    let cleared = false;
    for (let n = block; block >= 0 && n < node; n++) {
      if (code.kind(n) === Kind.Assign) {
        code.all(n, Role.Target).forEach((target, i) => {
          if (sameText(code, target, key)) cleared = isNothing(code, code.all(n, Role.Value)[i] ?? -1);
        });
      } else if (code.kind(n) === Kind.MethodCall && sameText(code, code.child(n, Role.Object), owner)) {
        const [method, ...others] = this.#values.callees(fn, n);
        if (method && others.length === 0 && clearsField(method, code.name(key))) cleared = true;
      }
    }
    return cleared;
  }

  /** `for k := range m { delete(m, k) }` */
  #emptiesInLoop(e: Effect): boolean {
    const code = e.fn.code;
    const loop = code.ancestor(e.node, (a) => code.kind(a) === Kind.Loop);
    const over = loop < 0 ? -1 : code.child(loop, Role.Iter);
    return over >= 0 && this.#places.of(e.fn, over)?.key === e.place.key;
  }

  /** `*self.map.write() = copy`, where `copy` is the map itself with one more entry. */
  #putsCopyBack(e: Effect, place: PlaceRef): boolean {
    const { fn, node } = e;
    const code = fn.code;
    if (fn.package.language !== 'rust' || code.kind(node) !== Kind.Assign) return false;
    let value = code.child(node, Role.Value);
    while (value >= 0 && code.kind(value) === Kind.Call) value = code.child(value, Role.Arg);
    if (value < 0 || code.kind(value) !== Kind.Name) return false;
    const b = this.#values.scope(fn).lookup(code.name(value), code.start(value));
    return b !== undefined && b.value >= 0 && this.#places.copied(fn, b.value)?.key === place.key;
  }

  /** `self.m = HashMap::new()` in a constructor or when it is still nil. */
  #isInitialisation(e: Effect): boolean {
    const { fn, node } = e;
    const code = fn.code;
    if (code.kind(node) !== Kind.Assign) return false;
    // What is set up may clear it for ever, in a loop of its own: `for range ticker.C { s.seen = sync.Map{} }`.
    if (this.#phases.context(fn, node).loops.some((l) => this.#phases.isServiceLoop(fn, l))) return false;
    if (setUpNames.test(fn.fact.name) && !loadNames.test(fn.fact.name)) return true;
    const target = code.child(node, Role.Target);
    const test = code.ancestor(node, (a) => code.kind(a) === Kind.If);
    if (test >= 0) {
      const condition = code.child(test, Role.Condition);
      for (let n = condition; n >= 0 && n < code.after(condition); n++) {
        if (code.kind(n) === Kind.Binary && code.name(n) === '==') {
          const right = code.child(n, Role.Right);
          if (code.is(right, Kind.Literal, 'nil') && sameText(code, code.child(n, Role.Left), target))
            return true;
        }
      }
    }
    // What the start hands on runs whenever whoever has it likes.
    if (this.#calls.sitesOf(fn).some((s) => s.kind === 'reference')) return false;
    // What is locked before is in use already.
    if (fn.fact.receiver !== '' && locksBefore(e)) return false;
    const reach = this.#phases.at(fn, node);
    return !reach.request && !reach.likely && !reach.api && reach.startup && !reach.configured;
  }

  /** A removal under a size test in a function that also inserts. */
  #evictsForItsOwnInsert(e: Effect, effects: readonly Effect[]): boolean {
    const code = e.fn.code;
    const test = effects.find(
      (t) =>
        t.kind === 'size-test' &&
        t.fn === e.fn &&
        t.verb !== 'is_empty' &&
        code.ancestor(t.node, (a) => code.kind(a) === Kind.If && code.within(e.node, a)) >= 0,
    );
    if (!test) return false;
    const loop = code.ancestor(test.node, (a) => code.kind(a) === Kind.Loop);
    if (loop >= 0 && code.within(test.node, code.child(loop, Role.Condition))) return false;
    return effects.some((g) => g.kind === 'grow' && g.fn === e.fn);
  }

  /** Rust: `match slots.iter().position(|s| s.is_none()) { Some(i) => …, None => slots.push(…) }`. */
  ofSlots(place: PlaceRef, growth: Effect): Bound | undefined {
    const { fn, node } = growth;
    const code = fn.code;
    if (fn.package.language !== 'rust') return undefined;
    for (let n = node, up = code.parent(node); up >= fn.first; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Closure) return undefined;
      const test =
        kind === Kind.If && code.role(n) === Role.Else
          ? code.child(up, Role.Condition)
          : kind === Kind.Arm && code.role(n) === Role.Body
            ? code.child(code.parent(up), Role.Subject)
            : -1;
      for (let m = test; test >= 0 && m < code.after(test); m++) {
        if (code.kind(m) !== Kind.MethodCall || !/^(position|find|iter_mut|find_map)$/.test(code.name(m)))
          continue;
        if (this.#places.of(fn, code.child(m, Role.Object))?.key !== place.key) continue;
        for (const arg of code.all(m, Role.Arg))
          for (let k = arg; k < code.after(arg); k++)
            if (vacantTests.test(code.name(k)))
              return { reason: 'removed', by: `taking an empty slot again`, where: fn.place(m) };
      }
    }
    return undefined;
  }
}

function locksBefore({ fn: { code, first }, node }: Effect): boolean {
  for (let n = first; n < code.after(node); n++)
    if (code.kind(n) === Kind.MethodCall && writeLocks.test(code.name(n))) return true;
  return false;
}

function verbText(e: Effect): string {
  return e.kind === 'reset' && e.verb === '='
    ? `replacing it in \`${e.fn.label}\``
    : `\`${e.verb}\` in \`${e.fn.label}\``;
}

/** Whole removal when the owner itself ends frees nothing while the service runs. */
function endsOwner(fn: Fn, place: PlaceRef): boolean {
  if (!ownerEndsWhole.test(fn.fact.name)) return false;
  // `Close(path, handle)` closes one of those that the owner keeps.
  if (fn.package.language === 'go' && !isToldNothing(fn)) return false;
  return place.owner !== undefined && fn.fact.owner === place.owner.fact.name;
}

function isNothing(code: Code, value: NodeId): boolean {
  return (
    code.is(value, Kind.Literal, 'nil') ||
    code.is(value, Kind.Name, 'None') ||
    code.is(value, Kind.Path, 'None')
  );
}

/** A method sets a field of its receiver to nothing. */
function clearsField(method: Fn, field: string): boolean {
  const code = method.code;
  const { first: body, after } = method;
  for (let n = body; n < after; n++) {
    if (code.kind(n) !== Kind.Assign) continue;
    const target = code.child(n, Role.Target);
    if (
      code.is(target, Kind.Field, field) &&
      code.is(code.child(target, Role.Object), Kind.Name, method.fact.receiver) &&
      isNothing(code, code.child(n, Role.Value))
    )
      return true;
  }
  return false;
}

/** `m[id] = v; …; id = next; delete(m, id)`: the key that was added is not the one that is taken out. */
function isOtherKey(e: Effect, growth: Effect): boolean {
  const { fn, key } = e;
  const code = fn.code;
  if (fn !== growth.fn || key < 0 || growth.key < 0 || e.node < growth.node) return false;
  if (code.kind(key) !== Kind.Name || !code.is(growth.key, Kind.Name, code.name(key))) return false;
  if (code.ancestor(e.node, (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.Loop) >= 0)
    return false;
  const block = code.parent(statementOf(code, growth.node));
  for (let n = code.after(growth.node); n < e.node; n++)
    if (
      code.kind(n) === Kind.Assign &&
      code.parent(n) === block &&
      code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, code.name(key)))
    )
      return true;
  return false;
}

/** `m[id] = job; if err := job.start(); err != nil { delete(m, id); return }`: only what failed at once is taken back. */
function undoes(e: Effect, growth: Effect): boolean {
  const { fn, key } = e;
  const code = fn.code;
  if (fn !== growth.fn || key < 0 || growth.key < 0 || e.node < growth.node) return false;
  if (!sameText(code, key, growth.key)) return false;
  const branch = code.ancestor(e.node, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Closure);
  if (branch < 0 || code.kind(branch) !== Kind.If || code.within(growth.node, branch)) return false;
  const then = code.child(branch, Role.Then);
  if (!code.within(e.node, then) || !exits(code, then)) return false;
  // `for { if _, err := conn.Read(buf); err != nil { delete(m, k); return } }` is how every connection ends.
  const loop = code.ancestor(branch, (a) => code.kind(a) === Kind.Loop);
  if (loop >= fn.first && !code.within(growth.node, loop)) return false;
  return isFailure(code, code.child(branch, Role.Condition));
}

/** `err != nil` */
function isFailure(code: Code, condition: NodeId): boolean {
  return (
    code.is(condition, Kind.Binary, '!=') &&
    code.is(code.child(condition, Role.Right), Kind.Literal, 'nil') &&
    errorNames.test(code.name(code.child(condition, Role.Left)))
  );
}

/** The statement of a block that a node stands in. */
function statementOf(code: Code, node: NodeId): NodeId {
  let n = node;
  for (let up = code.parent(n); up >= 0 && code.kind(up) !== Kind.Block; up = code.parent(n)) n = up;
  return n;
}

/** The written type of a field that is shared by reference, itself or by a name of its own; undefined for any other. */
function sharedType(decl: TypeDecl, field: string): string | undefined {
  const fact = decl.fact.fields.find((f) => f.name === field);
  if (!fact || decl.file.facts.language !== 'rust' || fact.type < 0) return undefined;
  // Most are neither: no text is read for them.
  const called = lastSegment(decl.file.code.name(fact.type));
  const isAlias = decl.file.package.typesNamed(called).some((t) => t.fact.kind === 'alias');
  if (called !== 'Arc' && !isAlias) return undefined;
  const written = writtenAt(decl, fact.type);
  // `Map<K, V>` is the alias `Map`, with whatever it is given.
  const name = written.split('<')[0];
  const isIt = (t: TypeDecl) => t.fact.kind === 'alias' && t.fact.name === name;
  // Of several of one name, the one of its own file is meant.
  const alias = decl.file.types.find(isIt) ?? decl.file.package.types.find(isIt);
  const whole = alias && alias.fact.target >= 0 ? writtenAt(alias, alias.fact.target) : written;
  return /^(\w+::)*Arc\b/.test(whole) ? whole : undefined;
}

function writtenAt({ file }: TypeDecl, type: NodeId): string {
  const { start, end } = file.code.span(type);
  return file.package.text(file.facts.file).slice(start, end);
}

/** `if len(buf) == cap(buf) { buf = buf[1:] }`: what is left is made larger by the next insert. */
function movesTheLimit({ fn, node, verb }: Effect): boolean {
  const { code } = fn;
  const test = verb === 'slicing off the front' ? code.ancestor(node, (a) => code.kind(a) === Kind.If) : -1;
  return test >= fn.first && movesItsLimit(code, code.child(test, Role.Condition));
}
