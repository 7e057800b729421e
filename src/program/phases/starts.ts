import { queries, runsItsClosure, servesFromThere, serving } from '../../knowledge/startup.ts';
import { CALLS, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { initialisersOf, isInitialiser } from '../initialisers.ts';
import type { Fn, Program } from '../program.ts';
import { Values } from '../types/values.ts';
import { isMigration, isSetUp, Phases } from './phases.ts';

/** When something runs that runs once. */
export interface Start {
  /**
   * `main` before it serves, `init` before `main`, `once` when a lazy value is first used, `constructor` when whoever
   * uses the package starts, `command` in a program that serves nothing.
   */
  readonly kind: 'main' | 'init' | 'once' | 'constructor' | 'command';
  /** The function it is reached from. */
  readonly from: Fn;
  /** No way is seen on which the program serves behind it: it may be a part of something that `main` only does once. */
  readonly aside?: true;
}

const MAX_VISITED = 300;

/** What may serve, or lead to it. */
const WORK = kinds(Kind.Call, Kind.MethodCall, Kind.Loop);

/** What runs while a program starts. One per program. */
export class Starts {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #serving = new Map<Fn, boolean>();
  readonly #lazy = new Set<Fn>();
  readonly #initialised = new Map<Fn, Fn>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
    for (const pkg of program.packages) for (const fn of initialisersOf(pkg)) this.#readInitialiser(fn);
  }

  static of(program: Program): Starts {
    return program.derive(makeStarts);
  }

  /** How a node is reached that runs only once, or undefined when it runs again and again or nobody can tell. */
  of(fn: Fn, node: NodeId): Start | undefined {
    const context = this.#phases.context(fn, node);
    if (context.request) return undefined;
    if (context.once) return isMigration(fn) ? undefined : { kind: 'once', from: fn };
    if (this.#lazy.has(fn)) return { kind: 'once', from: fn };
    if (isInitialiser(fn)) return { kind: 'init', from: fn };
    if (!runsInPlace(fn, node)) return undefined;
    const reach = this.#phases.of(fn);
    if (reach.request || reach.likely || context.likely) return undefined;
    return this.#entry(fn, node);
  }

  #readInitialiser(fn: Fn): void {
    const code = fn.code;
    const { first: body, after } = fn;
    // Rust computes a static when it is compiled, or lazily; Go before `main`.
    if (fn.package.language === 'rust') this.#lazy.add(fn);
    for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
      for (const target of this.#values.callees(fn, n))
        if (!this.#initialised.has(target)) this.#initialised.set(target, fn);
    }
  }

  /** The entry a function is reached from, the one that runs for certain first. */
  #entry(start: Fn, node: NodeId): Start | undefined {
    const seen = new Map<Fn, Way>([[start, { at: node, ahead: this.#servesBehind(start, node) }]]);
    let aside: Start | undefined;
    let command: Start | undefined;
    let constructed: Start | undefined;
    for (const [fn, { at, ahead }] of seen) {
      if (fn.fact.owner === '' && fn.fact.name === 'init' && fn.package.language === 'go')
        return { kind: 'init', from: fn };
      if (fn.fact.owner === '' && fn.fact.name === 'main') {
        if (ahead) return { kind: 'main', from: fn };
        if (this.#serves(fn)) aside ??= { kind: 'main', from: fn, aside: true };
        else command ??= { kind: 'command', from: fn };
        continue;
      }
      const initialiser = this.#initialised.get(fn);
      if (initialiser) return { kind: this.#lazy.has(initialiser) ? 'once' : 'init', from: initialiser };
      const sites = this.#calls.sitesOf(fn);
      if (sites.length === 0 && servesAfter(fn, at)) constructed ??= { kind: 'main', from: fn };
      else if (sites.length === 0 && isSetUp(fn)) constructed ??= { kind: 'constructor', from: fn };
      for (const site of sites) {
        // What a migration reads is moved once, with the version that brings it.
        if (isMigration(site.fn)) return undefined;
        if (this.#phases.context(site.fn, site.node).once) return { kind: 'once', from: site.fn };
        if (site.kind !== 'call' || !runsInPlace(site.fn, site.node) || seen.size >= MAX_VISITED) continue;
        const known = seen.get(site.fn);
        if (known?.ahead || (known && !ahead && known.at === site.node)) continue;
        const serves = ahead || this.#servesBehind(site.fn, site.node);
        if (known && !serves) continue;
        // What was come to before is gone on from once more, now that it leads to what serves.
        seen.delete(site.fn);
        seen.set(site.fn, { at: site.node, ahead: serves });
      }
    }
    return aside ?? command ?? constructed;
  }

  /** Behind a node of a function, and not on another branch than it, something begins to serve. */
  #servesBehind(fn: Fn, node: NodeId): boolean {
    const { code } = fn;
    for (let n = node, up = code.parent(n); n > fn.first && up >= 0; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      const role = code.role(n);
      const isBranch = role === Role.Then || role === Role.Else || role === Role.Arm;
      const end = isBranch ? -1 : code.after(up);
      for (let m = code.next(WORK, code.after(n), end); m < end; m = code.next(WORK, m + 1, end))
        if (this.#servesAt(fn, m)) return true;
      if (kind === Kind.Return || (kind === Kind.Block && exits(code, up))) return false;
    }
    return false;
  }

  /** A function, `main` itself or what it calls, waits for connections or messages somewhere below. */
  #serves(main: Fn): boolean {
    const known = this.#serving.get(main);
    if (known !== undefined) return known;
    const found = this.#findServing(main);
    this.#serving.set(main, found);
    return found;
  }

  #findServing(main: Fn): boolean {
    const seen = new Set<Fn>([main]);
    for (const fn of seen) {
      const { code, first: body, after } = fn;
      for (let n = code.next(WORK, body, after); n < after; n = code.next(WORK, n + 1, after)) {
        if (this.#isServing(fn, n)) return true;
        if (!isCall(code, n) || seen.size > MAX_VISITED) continue;
        for (const target of this.#values.callees(fn, n).slice(0, 3)) seen.add(target);
      }
    }
    return false;
  }

  /** A loop that waits for work, or a call that begins to serve by its name. */
  #isServing(fn: Fn, n: NodeId): boolean {
    const { code } = fn;
    if (code.kind(n) === Kind.Loop) return this.#phases.isServiceLoop(fn, n);
    return isCall(code, n) && serving.test(callName(code, n)) && !bindsValue(fn, n);
  }

  /** The same, or a call of a function that leads to it, and of which it is sure that this is the one that is called. */
  #servesAt(fn: Fn, n: NodeId): boolean {
    if (this.#isServing(fn, n)) return true;
    if (!isCall(fn.code, n) || this.#values.isGuess(fn, n)) return false;
    return this.#values
      .callees(fn, n)
      .slice(0, 3)
      .some((target) => this.#serves(target));
  }
}

/** Where a function was come to, and whether the program serves behind that. */
interface Way {
  readonly at: NodeId;
  readonly ahead: boolean;
}

function isCall(code: Fn['code'], n: NodeId): boolean {
  const kind = code.kind(n);
  return kind === Kind.Call || kind === Kind.MethodCall;
}

/** Rust: `query("…").bind(id)` gives a query its value; what listens is bound by a type that does. */
function bindsValue(fn: Fn, call: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'rust' || callName(code, call) !== 'bind') return false;
  let n = call;
  for (let i = 0; i < 30 && n >= 0; i++) {
    const kind = code.kind(n);
    if (kind === Kind.MethodCall || kind === Kind.Await || kind === Kind.Try || kind === Kind.Unary)
      n = code.child(n, Role.Object);
    else if (kind === Kind.Name) {
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      if (!b || b.value < 0 || b.value >= n) return false;
      n = b.value;
    } else break;
  }
  return n >= 0 && code.kind(n) === Kind.Call && madeOf(code, n).some((part) => queries.test(part));
}

/** The parts of the path that a call names: `sqlx::query_as` → `sqlx`, `query_as`. */
function madeOf(code: Fn['code'], call: NodeId): readonly string[] {
  const callee = code.child(call, Role.Callee);
  return callee < 0 ? [] : code.name(callee).split('::');
}

/** Go: behind a node its function begins to serve: whoever calls it starts a service. */
function servesAfter({ code, after, package: { language } }: Fn, node: NodeId): boolean {
  for (let n = node; language === 'go' && n < after; n++)
    if (code.kind(n) === Kind.MethodCall && servesFromThere.test(code.name(n))) return true;
  return false;
}

/** The node runs when its function does: no closure around it is kept for later or runs beside it. */
function runsInPlace(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const { first: body } = fn;
  for (let n = node, up = code.parent(n); up >= 0 && up >= body; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Spawn) return false;
    if (kind !== Kind.Closure && kind !== Kind.AsyncBlock) continue;
    const call = code.parent(up);
    if (call < 0) return false;
    const isCall = code.kind(call) === Kind.Call || code.kind(call) === Kind.MethodCall;
    // `func() { … }()`
    if (isCall && code.role(up) === Role.Callee) continue;
    if (isCall ? !runsItsClosure.test(callName(code, call)) : kind === Kind.Closure) return false;
  }
  return true;
}

function makeStarts(program: Program): Starts {
  return new Starts(program);
}
