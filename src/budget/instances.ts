/** How many of something a program makes while it starts. */

import { Calls } from '../program/calls/calls.ts';
import { Phases } from '../program/phases/phases.ts';
import type { Fn, Program } from '../program/program.ts';
import type { Constants } from '../program/sizes/constants.ts';
import { Footprints } from '../program/sizes/footprint.ts';
import { peel } from '../program/types/types.ts';
import { Values } from '../program/types/values.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';

export interface Instances {
  readonly count: number;
  /** False when there may be more: a loop or a caller could not be counted. */
  readonly exact: boolean;
  /** As many times more as there are processors. */
  readonly perProcessor: boolean;
}

const MAX_DEPTH = 8;
const ONE: Instances = { count: 1, exact: true, perProcessor: false };
/** What asks how many processors there are. */
const PROCESSORS =
  /^(available_parallelism|num_cpus|NumCPU|GOMAXPROCS|current_num_threads)$|num_cpus::get|available_parallelism$/;
/** Nobody means more of anything; beyond it a loop is no number of instances. */
const MOST = 1e6;

/** Counts instances of one program. */
export class InstanceCounter {
  readonly #program: Program;
  readonly #constants: Constants;
  readonly #isIn: (fn: Fn) => boolean;
  readonly #known = new Map<Fn, Instances | undefined>();

  /** @param isIn true for functions that are compiled into the program */
  constructor(program: Program, constants: Constants, isIn: (fn: Fn) => boolean) {
    this.#program = program;
    this.#constants = constants;
    this.#isIn = isIn;
  }

  /** How often a node runs before the program serves; undefined when it runs per request or nobody can tell. */
  at(fn: Fn, node: NodeId, depth = 0): Instances | undefined {
    const phases = Phases.of(this.#program);
    const context = phases.context(fn, node);
    if (context.request) return undefined;
    if (context.once) return ONE;
    const outer = this.#of(fn, depth);
    if (!outer) return undefined;
    let { count, exact, perProcessor } = outer;
    for (const loop of context.loops) {
      if (phases.isServiceLoop(fn, loop)) return undefined;
      const turns = this.#turns(fn, loop);
      const iter = turns === undefined && fn.package.language === 'go' ? fn.code.child(loop, Role.Iter) : -1;
      const made = iter < 0 ? undefined : Footprints.of(this.#program).madeLength(fn, iter);
      if (turns !== undefined) count *= turns;
      else if (made) {
        count *= Number(made.value);
        exact &&= made.setting === '';
      } else {
        exact = false;
        perProcessor ||= this.#isPerProcessor(fn, loop);
      }
    }
    for (const call of elementClosures(fn, node)) {
      const turns = this.#turnsOver(fn, fn.code.child(call, Role.Object));
      if (turns !== undefined) count *= turns;
      // An `Option` is mapped as well.
      else if (fn.code.is(fn.code.child(call, Role.Object), Kind.MethodCall)) exact = false;
    }
    return count > MOST ? undefined : { count, exact, perProcessor };
  }

  #of(fn: Fn, depth: number): Instances | undefined {
    if (this.#known.has(fn)) return this.#known.get(fn);
    this.#known.set(fn, undefined); // recursion counts nothing
    const result = this.#search(fn, depth);
    this.#known.set(fn, result);
    return result;
  }

  #search(fn: Fn, depth: number): Instances | undefined {
    const { name, owner } = fn.fact;
    if (owner === '' && (name === 'main' || (name === 'init' && fn.package.language === 'go'))) return ONE;
    if (depth > MAX_DEPTH) return undefined;
    const reach = Phases.of(this.#program).of(fn);
    if (reach.request || !reach.startup) return undefined;
    let count = 0;
    let exact = true;
    let perProcessor = false;
    for (const site of Calls.of(this.#program).sitesOf(fn)) {
      if (!this.#isIn(site.fn) || site.fn.isTest) continue;
      const there = this.at(site.fn, site.node, depth + 1);
      if (!there) continue;
      count += there.count;
      exact &&= there.exact;
      perProcessor ||= there.perProcessor;
    }
    // Reached at start through something that cannot be followed.
    return count === 0 ? { count: 1, exact: false, perProcessor } : { count, exact, perProcessor };
  }

  /** The head of a loop asks for the number of processors, itself or through a name. */
  #isPerProcessor(fn: Fn, loop: NodeId): boolean {
    const code = fn.code;
    const heads = [Role.Iter, Role.Condition].map((role) => code.child(loop, role)).filter((n) => n >= 0);
    const asks = (n: NodeId, depth: number): boolean => {
      for (let at = n; at < code.after(n); at++) {
        const name = code.name(at);
        if (PROCESSORS.test(name)) return true;
        if (code.kind(at) !== Kind.Name || depth > 2) continue;
        const binding = Values.of(this.#program).scope(fn).lookup(name, code.start(at));
        if (binding && binding.value >= 0 && binding.source === 'value' && asks(binding.value, depth + 1))
          return true;
      }
      return false;
    };
    return heads.some((n) => asks(n, 0));
  }

  /** How often a loop turns, when that is a number. */
  #turns(fn: Fn, loop: NodeId): number | undefined {
    const code = fn.code;
    const iter = code.child(loop, Role.Iter);
    if (iter >= 0) return this.#turnsOver(fn, iter);
    const condition = code.child(loop, Role.Condition);
    if (condition < 0 || code.kind(condition) !== Kind.Binary || !/^(<|<=|!=)$/.test(code.name(condition)))
      return undefined;
    const init = code.child(loop, Role.Init);
    const starts = init < 0 ? -1 : code.child(init, Role.Value);
    const from = starts < 0 ? undefined : this.#number(fn, starts);
    const to = this.#number(fn, code.child(condition, Role.Right));
    if (from === undefined || to === undefined) return undefined;
    return Math.max(0, to - from + (code.name(condition) === '<=' ? 1 : 0));
  }

  #number(fn: Fn, n: NodeId): number | undefined {
    const { value, exact } = this.#constants.in(fn, n);
    return value === undefined || !exact ? undefined : Number(value);
  }

  /** How many elements something has that is gone over, when that is a number: `0..8`, `COLUMNS.iter()`. */
  #turnsOver(fn: Fn, over: NodeId): number | undefined {
    const code = fn.code;
    let iter = over;
    while (code.kind(iter) === Kind.MethodCall && SAME_LENGTH.test(code.name(iter)))
      iter = code.child(iter, Role.Object);
    if (iter < 0) return undefined;
    if (code.kind(iter) === Kind.Range) {
      const [low, high] = [code.child(iter, Role.Low), code.child(iter, Role.High)];
      const to = high < 0 ? undefined : this.#number(fn, high);
      const from = low < 0 ? 0 : this.#number(fn, low);
      if (to === undefined || from === undefined) return undefined;
      return Math.max(0, to - from + (code.name(iter) === '..=' ? 1 : 0));
    }
    if (code.kind(iter) === Kind.Sequence || code.kind(iter) === Kind.Composite) {
      const elements = code
        .children(iter)
        .filter((c) => [Role.Arg, Role.None].includes(code.role(c) as 0 | 6));
      if (elements.length > 0) return elements.length;
    }
    const type = Values.of(this.#program).typeOf(fn, iter);
    const inner = type && peel(type).type;
    if (inner?.name === 'array' && inner.node >= 0) {
      const length = inner.file.code.child(inner.node, Role.Count);
      const amount = length < 0 ? undefined : this.#constants.inFile(inner.file, length);
      return amount?.value === undefined ? undefined : Number(amount.value);
    }
    // `for i := range 8`
    return this.#number(fn, iter);
  }
}

/** Rust: what an iterator is made of has as many elements. */
const SAME_LENGTH = /^(iter|iter_mut|into_iter|enumerate|copied|cloned|rev)$/;

/** Rust: calls around a node whose closure it runs in once for each element: `(0..WORKERS).map(|_| …)`. */
function* elementClosures({ code, first, package: { language } }: Fn, node: NodeId): Iterable<NodeId> {
  if (language !== 'rust') return;
  for (let n = node, up = code.parent(n); up >= first; n = up, up = code.parent(up)) {
    const isMapped = code.kind(n) === Kind.Closure && code.kind(up) === Kind.MethodCall;
    if (isMapped && code.role(n) === Role.Arg && /^(map|for_each|flat_map)$/.test(code.name(up))) yield up;
  }
}
