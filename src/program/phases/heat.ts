import { rustInputReads, rustIteratorsOnly, rustPerElement } from '../../knowledge/rust-ownership.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import type { Fn, Program } from '../program.ts';
import { RustValues } from '../types/rust-values.ts';
import { lastSegment } from '../types/types.ts';
import { isRareIn, Phases, pauses } from './phases.ts';
import type { Evidence } from './reach.ts';

/**
 * How often a piece of Rust code runs. `hot`: many times per request, per line of input, or in a loop inside a loop.
 * `request`: once per request. `warm`: in one loop of unknown length. Cold code has no heat.
 */
export interface Heat {
  readonly level: 'hot' | 'request' | 'warm';
  readonly evidence: Evidence;
  /** A loop over an input around the code itself: the load is what comes in, whoever calls. */
  readonly byInput?: true;
}

/** Callers are followed this far: further up, the loop has other work than this call. */
const MAX_CALLERS = 3;

export class Heats {
  readonly #phases: Phases;
  readonly #values: RustValues;
  readonly #calls: Calls;
  /** By how far callers are followed. */
  readonly #callers = Array.from({ length: MAX_CALLERS + 1 }, () => new Map<Fn, Heat | undefined>());

  constructor(program: Program) {
    this.#phases = Phases.of(program);
    this.#values = RustValues.of(program);
    this.#calls = Calls.of(program);
  }

  static of(program: Program): Heats {
    return program.derive(makeHeats);
  }

  at(fn: Fn, node: NodeId): Heat | undefined {
    const reach = this.#phases.at(fn, node);
    if (reach.startup && !reach.request && !reach.likely && !reach.api) return this.#fed(fn, node);
    const loops = this.#loops(fn, node);
    const around = (loop: NodeId, why: string): Evidence => ({ why, at: fn.place(loop) });
    const [inner] = loops;
    if (inner !== undefined) {
      if (reach.request)
        return {
          level: 'hot',
          evidence: around(inner, `a loop that runs per request: ${reach.request.why}`),
        };
      const input = loops.find((l) => readsInput(fn.code, l));
      if (input !== undefined)
        return { level: 'hot', evidence: around(input, 'a loop over its input'), byInput: true };
      if (loops.length > 1) return { level: 'hot', evidence: around(inner, 'a loop inside a loop') };
    }
    const called = this.#called(fn, MAX_CALLERS);
    if (called?.level === 'hot') return called;
    if (reach.request) return { level: 'request', evidence: reach.request };
    if (inner !== undefined) return { level: 'warm', evidence: around(inner, 'a loop') };
    return called ?? (reach.likely && { level: 'warm', evidence: reach.likely });
  }

  /**
   * What only the start of the program reaches, in a loop there, and round after round for what a peer sends:
   * `loop { upstream.read_exact(&mut frame).await?; hub.publish(frame) }`.
   */
  #fed(fn: Fn, node: NodeId): Heat | undefined {
    const [inner] = this.#loops(fn, node);
    if (inner === undefined) return undefined;
    for (const site of [{ fn, node: inner, kind: 'call', guess: false }, ...this.#calls.sitesOf(fn)]) {
      if (site.kind !== 'call' || site.guess) continue;
      const { code } = site.fn;
      const round = code.ancestor(site.node, (a) => code.is(a, Kind.Loop, 'loop'));
      if (round < site.fn.first || round === inner || !awaitsInput(code, round)) continue;
      const at = site.fn.place(round);
      return { level: 'hot', evidence: { why: 'a loop over what a peer sends', at }, byInput: true };
    }
    return undefined;
  }

  /** The heat of the places that call a function. */
  #called(fn: Fn, depth: number): Heat | undefined {
    if (depth === 0) return undefined;
    const known = this.#callers[depth] as Map<Fn, Heat | undefined>;
    if (known.has(fn)) return known.get(fn);
    known.set(fn, undefined); // recursion adds no heat
    let found: Heat | undefined;
    for (const site of this.#calls.sitesOf(fn)) {
      if (site.kind !== 'call' || site.guess) continue;
      const reach = this.#phases.at(site.fn, site.node);
      if (reach.startup && !reach.request && !reach.likely && !reach.api) continue;
      const loops = this.#loops(site.fn, site.node);
      const at = site.fn.place(site.node);
      if (loops.length > 0 && (reach.request || loops.some((l) => readsInput(site.fn.code, l)))) {
        const what = reach.request ? 'in a loop per request' : 'in a loop over its input';
        found = { level: 'hot', evidence: { why: `\`${site.fn.label}\` calls \`${fn.label}\` ${what}`, at } };
        break;
      }
      const above = this.#called(site.fn, depth - 1);
      if (above?.level === 'hot') {
        found = above;
        break;
      }
      if (loops.length > 0)
        found ??= {
          level: 'warm',
          evidence: { why: `\`${site.fn.label}\` calls \`${fn.label}\` in a loop`, at },
        };
    }
    known.set(fn, found);
    return found;
  }

  /** Loops around a node, innermost first: `for`, `while`, `loop`, and closures that run for each element. */
  #loops(fn: Fn, node: NodeId): NodeId[] {
    const code = fn.code;
    const loops: NodeId[] = [];
    for (let n = node, up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (
        kind === Kind.Loop &&
        code.role(n) !== Role.Iter &&
        !this.#phases.isServiceLoop(fn, up) &&
        !isRareIn(fn, node, up) &&
        !pauses(fn, up)
      )
        loops.push(up);
      if (kind === Kind.Closure && code.role(up) === Role.Arg) {
        const call = code.parent(up);
        if (code.kind(call) === Kind.MethodCall && this.#perElement(fn, call)) loops.push(call);
      }
    }
    return loops;
  }

  /** `map` and `filter` of an iterator, not of an Option. */
  #perElement(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    if (!rustPerElement.has(code.name(call))) return false;
    if (rustIteratorsOnly.test(code.name(call))) return true;
    const type = this.#values.typeOf(fn, code.child(call, Role.Object));
    return (
      type !== undefined &&
      (lastSegment(type.name) === 'Iterator' ||
        fn.fact.generics.some(
          (g) => g.name === type.name && g.bounds.some((b) => /(^|::)Iterator\b/.test(b)),
        ))
    );
  }
}

function makeHeats(program: Program): Heats {
  return new Heats(program);
}

/** A loop without an end that waits for piece after piece of an input. */
function awaitsInput(code: Code, loop: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Break) return false;
    if (code.kind(n) === Kind.Await && rustInputReads.has(callName(code, code.child(n, Role.Object))))
      return true;
  }
  return false;
}

/** A loop that takes piece after piece of an input. */
function readsInput(code: Code, loop: NodeId): boolean {
  const parts =
    code.kind(loop) === Kind.MethodCall
      ? [code.child(loop, Role.Object)]
      : code.name(loop) === 'for'
        ? [code.child(loop, Role.Iter)]
        : [code.child(loop, Role.Condition), code.child(loop, Role.Body)];
  for (const part of parts) {
    if (part < 0) continue;
    for (let n = part; n < code.after(part); n++) {
      if (code.kind(n) === Kind.Closure || (code.kind(n) === Kind.Loop && n !== loop)) {
        n = code.after(n) - 1;
        continue;
      }
      if (
        (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) &&
        rustInputReads.has(callName(code, n))
      )
        return true;
    }
  }
  return false;
}
