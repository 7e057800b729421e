import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { exits } from '../calls/exits.ts';

/** Where control leaves a piece of Go code, and the sum of the weights on the way there. */
export interface Exit {
  /** The `return`, `break` or `continue`, or the block itself where its end is reached. */
  readonly node: NodeId;
  readonly total: number;
}

/** What is asked of the paths that meet: the smallest sum or the largest. */
export type Pick = 'least' | 'most';

/** The weight of a node that runs; nothing for most of them. A loop's own weight counts in every round. */
export type Weigh = (n: NodeId) => number;

/**
 * All exits of a block with the least, or the largest, sum of weights over the paths that lead there; undefined where
 * a `goto` hides the paths. A loop that completes counts as if it had done all it is there for: its positive weights
 * become infinite, and so do negative ones unless its number of rounds is written in the code. What is deferred counts
 * from the `defer` on. Closures are not entered, except those that are called on the spot. `isEndless` knows loops over
 * something that never ends, `isLast` calls that do not return.
 */
export function pathExits(
  code: Code,
  block: NodeId,
  weigh: Weigh,
  pick: Pick,
  isEndless: (loop: NodeId) => boolean = () => false,
  isLast: (statement: NodeId) => boolean = () => false,
): readonly Exit[] | undefined {
  return new PathWalk(code, weigh, pick, isEndless, isLast).exitsOf(block);
}

/** The sum at a point of the code; undefined where no path leads. */
type Sum = number | undefined;

interface Target {
  readonly kind: 'loop' | 'switch' | 'label';
  readonly label: string;
  breaks: Sum;
  continues: Sum;
}

class PathWalk {
  readonly #code: Code;
  readonly #weigh: Weigh;
  readonly #pick: Pick;
  readonly #isEndless: (loop: NodeId) => boolean;
  readonly #isLast: (statement: NodeId) => boolean;
  readonly #targets: Target[] = [];
  readonly #exits: Exit[] = [];
  #isHidden = false;

  constructor(
    code: Code,
    weigh: Weigh,
    pick: Pick,
    isEndless: (loop: NodeId) => boolean,
    isLast: (statement: NodeId) => boolean,
  ) {
    this.#code = code;
    this.#weigh = weigh;
    this.#pick = pick;
    this.#isEndless = isEndless;
    this.#isLast = isLast;
  }

  exitsOf(block: NodeId): readonly Exit[] | undefined {
    const end = this.#statement(block, 0);
    if (end !== undefined) this.#exits.push({ node: block, total: end });
    return this.#isHidden ? undefined : this.#exits;
  }

  #join(a: Sum, b: Sum): Sum {
    if (a === undefined) return b;
    if (b === undefined) return a;
    return this.#pick === 'least' ? Math.min(a, b) : Math.max(a, b);
  }

  #statement(n: NodeId, sum: Sum): Sum {
    if (n < 0 || sum === undefined) return sum;
    const code = this.#code;
    switch (code.kind(n)) {
      case Kind.Block:
        return this.#block(n, sum);
      case Kind.If: {
        const tested = this.#inOrder(n, sum, [Role.Init, Role.Condition]);
        const then = this.#statement(code.child(n, Role.Then), tested);
        const other = code.child(n, Role.Else);
        return this.#join(then, other < 0 ? tested : this.#statement(other, tested));
      }
      case Kind.Match:
      case Kind.Select:
        return this.#choice(n, sum);
      case Kind.Loop:
        return this.#loop(n, sum);
      case Kind.Return:
        this.#exits.push({ node: n, total: this.#evaluate(n, sum) });
        return undefined;
      case Kind.Break:
      case Kind.Continue:
        this.#jump(n, sum);
        return undefined;
      case Kind.Defer:
        return this.#whole(n, sum);
      case Kind.Other:
        if (/goto/.test(code.name(n))) this.#isHidden = true;
        return this.#evaluate(n, sum);
      default: {
        const after = this.#evaluate(n, sum);
        return exits(code, n) || this.#isLast(n) ? undefined : after;
      }
    }
  }

  #block(n: NodeId, sum: number): Sum {
    const label = this.#code.name(n);
    const target = label === '' ? undefined : this.#enter('label', label);
    let at: Sum = sum;
    for (const statement of this.#code.children(n)) at = this.#statement(statement, at);
    if (!target) return at;
    this.#targets.pop();
    return this.#join(at, target.breaks);
  }

  #choice(n: NodeId, sum: number): Sum {
    const code = this.#code;
    const select = code.kind(n) === Kind.Select;
    const before = this.#inOrder(n, sum, [Role.Init, Role.Subject]);
    const target = this.#enter('switch', '');
    let after: Sum;
    let isComplete = select;
    for (const arm of code.all(n, Role.Arm)) {
      const comm = code.child(arm, Role.Comm);
      if (!select && code.child(arm, Role.Pattern) < 0) isComplete = true;
      const chosen = comm < 0 ? before : this.#statement(comm, before);
      after = this.#join(after, this.#statement(code.child(arm, Role.Body), chosen));
    }
    this.#targets.pop();
    return this.#join(this.#join(after, target.breaks), isComplete ? undefined : before);
  }

  #loop(n: NodeId, sum: number): Sum {
    const code = this.#code;
    const start = this.#inOrder(n, sum, [Role.Init, Role.Iter]);
    if (start === undefined) return undefined;
    const target = this.#enter('loop', '');
    const round = (at: number): Sum => {
      target.continues = undefined;
      const tested = this.#inOrder(n, plus(at, this.#weigh(n)), [Role.Condition]);
      const end = this.#join(this.#statement(code.child(n, Role.Body), tested), target.continues);
      return end === undefined ? undefined : this.#inOrder(n, end, [Role.Update]);
    };
    const first = round(start);
    const change = first === undefined || first === start ? 0 : first - start;
    const rounds = roundsOf(code, n);
    const carried = change < 0 === (this.#pick === 'least') && change !== 0;
    // What one round leaves over, the next ones start with.
    if (carried) round(rounds === undefined ? change * Infinity : start + (rounds - 1) * change);
    this.#targets.pop();
    if (code.name(n) === 'loop' || this.#isEndless(n)) return target.breaks;
    const completed = this.#completed(n, start, change, rounds);
    return this.#join(completed, target.breaks);
  }

  #completed(n: NodeId, start: number, change: number, rounds: number | undefined): number {
    if (rounds !== undefined && change !== 0) return start + rounds * change;
    if (this.#pick === 'least' && this.#hasGain(n)) return Infinity;
    return change === 0 || change < 0 !== (this.#pick === 'least') ? start : change * Infinity;
  }

  /** Something in the loop counts in favour. */
  #hasGain(loop: NodeId): boolean {
    const code = this.#code;
    for (let n = loop; n < code.after(loop); n++) {
      if (code.kind(n) === Kind.Closure && !isCalledHere(code, n)) n = code.after(n) - 1;
      else if (this.#weigh(n) > 0) return true;
    }
    return false;
  }

  #jump(n: NodeId, before: number): void {
    const sum = before + this.#weigh(n);
    const label = this.#code.name(n);
    const isBreak = this.#code.kind(n) === Kind.Break;
    const targets = this.#targets;
    for (let i = targets.length - 1; i >= 0; i--) {
      const target = targets[i] as Target;
      if (label !== '' && target.label !== label) continue;
      if (label === '' && (target.kind === 'label' || (target.kind === 'switch' && !isBreak))) continue;
      if (isBreak) target.breaks = this.#join(target.breaks, sum);
      else {
        // A label's loop is the next target inside it.
        const loop = label === '' ? target : (targets[i + 1] ?? target);
        loop.continues = this.#join(loop.continues, sum);
      }
      return;
    }
    this.#exits.push({ node: n, total: sum });
  }

  #enter(kind: Target['kind'], label: string): Target {
    const target: Target = { kind, label, breaks: undefined, continues: undefined };
    this.#targets.push(target);
    return target;
  }

  #inOrder(n: NodeId, sum: Sum, roles: readonly Role[]): Sum {
    let at = sum;
    for (const role of roles) at = this.#statement(this.#code.child(n, role), at);
    return at;
  }

  /** Everything in an expression that runs, in source order. */
  #evaluate(root: NodeId, sum: number): number {
    const code = this.#code;
    let at = sum;
    for (let n = root; n < code.after(root); n++) {
      at = plus(at, this.#weigh(n));
      const kind = code.kind(n);
      if (kind === Kind.Spawn || (kind === Kind.Closure && !isCalledHere(code, n))) n = code.after(n) - 1;
    }
    return at;
  }

  /** Everything in a deferred call, closures included; what it gains may be in a loop that takes all there is. */
  #whole(root: NodeId, sum: number): number {
    let at = sum;
    for (let n = root; n < this.#code.after(root); n++) {
      const weight = this.#weigh(n);
      at = plus(at, weight > 0 && this.#pick === 'least' ? Infinity : weight);
    }
    return at;
  }
}

/** Sums in which a gain without limit wins over a loss without limit. */
function plus(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : a + b;
}

function isCalledHere(code: Code, closure: NodeId): boolean {
  return code.role(closure) === Role.Callee;
}

/** How often a Go loop runs where that is written in the code: `i < 3`, `range 3`, a list of elements. */
function roundsOf(code: Code, loop: NodeId): number | undefined {
  const iter = code.child(loop, Role.Iter);
  if (iter >= 0) {
    if (code.kind(iter) === Kind.Composite) return code.all(iter, Role.Arg).length || undefined;
    return numberOf(code, iter);
  }
  const condition = code.child(loop, Role.Condition);
  const init = code.child(loop, Role.Init);
  if (condition < 0 || init < 0 || code.kind(condition) !== Kind.Binary) return undefined;
  const first = numberOf(code, code.child(init, Role.Value));
  const last = numberOf(code, code.child(condition, Role.Right));
  if (first === undefined || last === undefined) return undefined;
  if (code.name(condition) === '<') return last - first;
  return code.name(condition) === '<=' ? last - first + 1 : undefined;
}

function numberOf(code: Code, n: NodeId): number | undefined {
  return n >= 0 && code.kind(n) === Kind.Number && /^\d+$/.test(code.name(n))
    ? Number(code.name(n))
    : undefined;
}
