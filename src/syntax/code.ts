import type { Span } from '../core/span.ts';
import type { FileFacts } from './facts.ts';
import { KIND_BITS, Kind, NAME_SHIFT, NODE_INTS, type NodeId, type Role } from './node.ts';

/** Where the role stands beside kind and name. */
const ROLE_MASK = ((1 << NAME_SHIFT) - 1) & ~((1 << KIND_BITS) - 1);

const NONE: readonly never[] = Object.freeze([]);

/** Kinds of nodes to look for, 1 for each that is wanted. */
export type Kinds = Uint8Array;

export function kinds(...wanted: readonly Kind[]): Kinds {
  const set = new Uint8Array(1 << KIND_BITS);
  for (const kind of wanted) set[kind] = 1;
  return set;
}

/** Whatever calls a function. */
export const CALLS: Kinds = kinds(Kind.Call, Kind.MethodCall);

/**
 * Reads the lowered code of one file. Holds no state besides the facts; methods take and return `NodeId`s. Everything asks
 * here, and a scan compiles functions without those they call: these call none.
 */
export class Code {
  readonly facts: FileFacts;
  readonly size: number;
  readonly #nodes: Int32Array;
  readonly #names: readonly string[];
  /** Of each node, side by side: whoever goes through all code reads a twentieth of it. */
  #kinds: Uint8Array | undefined;

  constructor(facts: FileFacts) {
    this.facts = facts;
    this.#nodes = facts.nodes;
    this.#names = facts.names;
    this.size = facts.nodes.length / NODE_INTS;
  }

  kind(n: NodeId): Kind {
    return ((this.#nodes[n * NODE_INTS] as number) & ((1 << KIND_BITS) - 1)) as Kind;
  }

  role(n: NodeId): Role {
    return (((this.#nodes[n * NODE_INTS] as number) & ((1 << NAME_SHIFT) - 1)) >> KIND_BITS) as Role;
  }

  /** The node's name, or the empty string. */
  name(n: NodeId): string {
    const i = (this.#nodes[n * NODE_INTS] as number) >>> NAME_SHIFT;
    return i === 0 ? '' : (this.#names[i - 1] as string);
  }

  start(n: NodeId): number {
    return this.#nodes[n * NODE_INTS + 1] as number;
  }

  end(n: NodeId): number {
    return this.#nodes[n * NODE_INTS + 2] as number;
  }

  span(n: NodeId): Span {
    return { start: this.#nodes[n * NODE_INTS + 1] as number, end: this.#nodes[n * NODE_INTS + 2] as number };
  }

  parent(n: NodeId): NodeId {
    return this.#nodes[n * NODE_INTS + 3] as number;
  }

  /** Index after the last descendant: `n + 1 … after(n) - 1` are the descendants in source order. */
  after(n: NodeId): NodeId {
    return this.#nodes[n * NODE_INTS + 4] as number;
  }

  /**
   * The first node of one of the kinds from `from` on and before `end`; `end` when there is none. Whoever looks for few
   * kinds in much code goes from one to the next: this loop is compiled once for all who do.
   */
  next(wanted: Kinds, from: NodeId, end: NodeId): NodeId {
    const kinds = this.#kinds ?? this.#readKinds();
    for (let n = from; n < end; n++) if (wanted[kinds[n] as number] === 1) return n;
    return end;
  }

  #readKinds(): Uint8Array {
    const nodes = this.#nodes;
    const kinds = new Uint8Array(this.size);
    for (let n = 0; n < kinds.length; n++)
      kinds[n] = (nodes[n * NODE_INTS] as number) & ((1 << KIND_BITS) - 1);
    this.#kinds = kinds;
    return kinds;
  }

  /** Direct children in source order. */
  children(n: NodeId): readonly NodeId[] {
    const nodes = this.#nodes;
    const end = nodes[n * NODE_INTS + 4] as number;
    // Counted first: a list that grows reserves room for seventeen, and most have one.
    let count = 0;
    for (let c = n + 1; c < end; c = nodes[c * NODE_INTS + 4] as number) count++;
    if (count === 0) return NONE;
    const out = new Array<NodeId>(count);
    for (let c = n + 1, i = 0; i < count; c = nodes[c * NODE_INTS + 4] as number) out[i++] = c;
    return out;
  }

  /** The first child with the role, or -1. */
  child(n: NodeId, role: Role): NodeId {
    const nodes = this.#nodes;
    const wanted = role << KIND_BITS;
    const end = nodes[n * NODE_INTS + 4] as number;
    for (let c = n + 1; c < end; c = nodes[c * NODE_INTS + 4] as number)
      if (((nodes[c * NODE_INTS] as number) & ROLE_MASK) === wanted) return c;
    return -1;
  }

  /** All children with the role, in source order. */
  all(n: NodeId, role: Role): readonly NodeId[] {
    const nodes = this.#nodes;
    const wanted = role << KIND_BITS;
    const end = nodes[n * NODE_INTS + 4] as number;
    let count = 0;
    for (let c = n + 1; c < end; c = nodes[c * NODE_INTS + 4] as number)
      if (((nodes[c * NODE_INTS] as number) & ROLE_MASK) === wanted) count++;
    if (count === 0) return NONE;
    const out = new Array<NodeId>(count);
    for (let c = n + 1, i = 0; i < count; c = nodes[c * NODE_INTS + 4] as number)
      if (((nodes[c * NODE_INTS] as number) & ROLE_MASK) === wanted) out[i++] = c;
    return out;
  }

  is(n: NodeId, kind: Kind, name?: string): boolean {
    return n >= 0 && this.kind(n) === kind && (name === undefined || this.name(n) === name);
  }

  /** True when `inner` is `outer` or one of its descendants. */
  within(inner: NodeId, outer: NodeId): boolean {
    return inner >= outer && inner < this.after(outer);
  }

  /** The nearest ancestor (not `n` itself) for which `test` holds, or -1. */
  ancestor(n: NodeId, test: (a: NodeId) => boolean): NodeId {
    for (let a = this.parent(n); a >= 0; a = this.parent(a)) if (test(a)) return a;
    return -1;
  }
}
