import type { Steps } from '../../core/steps.ts';
import { commandFields } from '../../knowledge/commands.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { initialisersOf } from '../initialisers.ts';
import { Linkage } from '../linkage.ts';
import type { Fn, Package, Program } from '../program.ts';
import { container, lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';

const FIELDS = kinds(Kind.FieldInit);
const WANTED = kinds(Kind.MethodCall, Kind.Name, Kind.Path, Kind.Field);

/** A place in a function that calls or names another function. */
export interface CallSite {
  readonly fn: Fn;
  readonly node: NodeId;
  /** `call` runs it there; `reference` hands it on as a value. */
  readonly kind: 'call' | 'reference';
  /** The name alone says that it is this function: it proves nothing. */
  readonly guess?: true;
}

const NODE_SPACE = 2 ** 24;

/** Who calls whom, by name first and by type where a name is not enough. One per program. */
export class Calls {
  readonly #values: Values;
  readonly #linkage: Linkage;
  readonly #functions: Fn[] = [];
  readonly #sites = new Map<string, number[]>();
  readonly #resolved = new Map<Fn, CallSite[]>();
  readonly #named = new Set<string>();
  readonly #mentioned = new Set<string>();
  /** Names that stand somewhere else than behind a dot: in Rust only these may be functions without a receiver. */
  readonly #mentionedAlone = new Set<string>();
  /** Names that stand behind a dot or a type: in Rust only these may be methods. */
  readonly #mentionedOfTypes = new Set<string>();
  /** Names of methods that are called on something of which nobody can tell what it is. */
  readonly #open = new Set<string>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#linkage = Linkage.of(program);
  }

  static of(program: Program): Calls {
    return program.deriveAll(Calls.make);
  }

  /** Reads all code, a function a step. */
  static *make(program: Program): Steps<Calls> {
    const calls = new Calls(program);
    const declared = new Set<string>();
    for (const file of program.files()) for (const fn of file.functions) declared.add(fn.fact.name);
    yield;
    for (const file of program.files())
      for (const fn of file.functions) {
        if (!fn.isTest) calls.#read(fn, declared, fn.first, fn.after);
        yield;
      }
    for (const pkg of program.packages) calls.#readCommands(pkg, declared);
    return calls;
  }

  /** Go: `var serve = &cobra.Command{RunE: func(…) error { … }}`: the program begins in the value of a variable. */
  #readCommands(pkg: Package, declared: ReadonlySet<string>): void {
    if (pkg.language !== 'go') return;
    for (const fn of initialisersOf(pkg)) {
      const { code, first, after } = fn;
      for (let n = code.next(FIELDS, first, after); n < after; n = code.next(FIELDS, n + 1, after))
        if (commandFields.has(code.name(n))) this.#read(fn, declared, n, code.after(n));
    }
  }

  #read(fn: Fn, declared: ReadonlySet<string>, from: NodeId, after: NodeId): void {
    const id = this.#functions.length;
    this.#functions.push(fn);
    const code = fn.code;
    for (let n = code.next(WANTED, from, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const kind = code.kind(n);
      let name = '';
      if (kind === Kind.MethodCall) name = code.name(n);
      else if (kind === Kind.Name || kind === Kind.Path || kind === Kind.Field) {
        const role = code.role(n);
        if (role === Role.Callee || role === Role.Arg || role === Role.Value)
          name = lastSegment(code.name(n));
      }
      if (name === '' || !declared.has(name)) continue;
      this.#mentioned.add(name);
      if (kind !== Kind.MethodCall) this.#mentionedAlone.add(name);
      if (kind === Kind.MethodCall || kind === Kind.Field || (kind === Kind.Path && isOfType(code.name(n))))
        this.#mentionedOfTypes.add(name);
      const list = this.#sites.get(name);
      const packed = id * NODE_SPACE + n;
      if (list) list.push(packed);
      else this.#sites.set(name, [packed]);
    }
  }

  /** Where a function is called or handed on, tests left out. */
  sitesOf(fn: Fn): readonly CallSite[] {
    const { name } = fn.fact;
    // All sites of a name are resolved together: each of them once, however many functions share the name.
    if (!this.#named.has(name)) {
      this.#named.add(name);
      for (const packed of this.#sites.get(name) ?? []) this.#resolve(packed, name);
      this.#sites.delete(name);
    }
    return this.#resolved.get(fn) ?? [];
  }

  /** True when a function is called somewhere in another. */
  isCalledIn(target: Fn, fn: Fn): boolean {
    return this.sitesOf(target).some((s) => s.fn === fn);
  }

  /** Somewhere outside tests stands a call or a value of the function's name, whatever it stands for. */
  isMentioned(fn: Fn): boolean {
    const isFree = fn.package.language === 'rust' && fn.fact.owner === '';
    return (isFree ? this.#mentionedAlone : this.#mentioned).has(fn.fact.name);
  }

  /**
   * As `isMentioned`, of Rust only where nobody can tell what is meant: `plan(…)` and `planner::plan(…)` are no method, nor is the
   * `insert` of a map, and what a function calls in itself is known.
   */
  mayBeMentioned(fn: Fn): boolean {
    const { name, owner } = fn.fact;
    if (fn.package.language !== 'rust') return this.isMentioned(fn);
    if (!(owner === '' ? this.#mentionedAlone : this.#mentionedOfTypes).has(name)) return false;
    this.sitesOf(fn);
    return this.#open.has(name);
  }

  #resolve(packed: number, name: string): void {
    const caller = this.#functions[Math.floor(packed / NODE_SPACE)] as Fn;
    const node = packed % NODE_SPACE;
    const code = caller.code;
    const isMethod = code.kind(node) === Kind.MethodCall;
    const targets = isMethod ? this.#values.callees(caller, node) : this.#values.functionsOf(caller, node);
    if (targets.length === 0) {
      if (!isMethod || !this.#isOfContainer(caller, node)) this.#open.add(name);
      return;
    }
    const isCallee = !isMethod && code.role(node) === Role.Callee;
    const site: CallSite =
      isMethod || isCallee
        ? { fn: caller, node: isCallee ? code.parent(node) : node, kind: 'call' }
        : { fn: caller, node, kind: 'reference' };
    const guessed = isMethod && this.#values.isGuess(caller, node) ? { ...site, guess: true as const } : site;
    for (const target of targets) {
      // Under another name it would be found or not, depending on what was asked before.
      if (target.fact.name !== name || target.package.language !== caller.package.language) continue;
      // What stands behind an interface must be in the program that calls it.
      if (
        isMethod &&
        caller.package.language === 'go' &&
        !this.#linkage.canMeet(caller.package, target.package)
      )
        continue;
      const list = this.#resolved.get(target);
      if (list) list.push(guessed);
      else this.#resolved.set(target, [guessed]);
    }
  }

  /** Rust: the `insert` of a map, the `push` of a list: no method of the program. */
  #isOfContainer(caller: Fn, call: NodeId): boolean {
    if (caller.package.language !== 'rust') return false;
    const type = this.#values.typeOf(caller, caller.code.child(call, Role.Object));
    return type !== undefined && container(this.#values.types, type) !== undefined;
  }
}

/** Rust: `Planner::plan`, `<T as Plan>::plan`; not `planner::plan`. */
function isOfType(path: string): boolean {
  const before = lastSegment(path.slice(0, path.lastIndexOf('::')));
  return /^[A-Z<]|>$/.test(before);
}
