import type { Span } from '../core/span.ts';
import type { FileFacts } from './facts.ts';
import { KIND_BITS, type Kind, NAME_SHIFT, NODE_INTS, type NodeId, type Role } from './node.ts';

/** Reads the lowered code of one file. Holds no state besides the facts; methods take and return `NodeId`s. */
export class Code {
  readonly facts: FileFacts;
  readonly size: number;
  readonly #nodes: Int32Array;
  readonly #names: readonly string[];

  constructor(facts: FileFacts) {
    this.facts = facts;
    this.#nodes = facts.nodes;
    this.#names = facts.names;
    this.size = facts.nodes.length / NODE_INTS;
  }

  #at(n: NodeId, i: number): number {
    return this.#nodes[n * NODE_INTS + i] as number;
  }

  kind(n: NodeId): Kind {
    return (this.#at(n, 0) & ((1 << KIND_BITS) - 1)) as Kind;
  }

  role(n: NodeId): Role {
    return ((this.#at(n, 0) & ((1 << NAME_SHIFT) - 1)) >> KIND_BITS) as Role;
  }

  /** The node's name, or the empty string. */
  name(n: NodeId): string {
    const i = this.#at(n, 0) >>> NAME_SHIFT;
    return i === 0 ? '' : (this.#names[i - 1] as string);
  }

  start(n: NodeId): number {
    return this.#at(n, 1);
  }

  end(n: NodeId): number {
    return this.#at(n, 2);
  }

  span(n: NodeId): Span {
    return { start: this.#at(n, 1), end: this.#at(n, 2) };
  }

  parent(n: NodeId): NodeId {
    return this.#at(n, 3);
  }

  /** Index after the last descendant: `n + 1 … after(n) - 1` are the descendants in source order. */
  after(n: NodeId): NodeId {
    return this.#at(n, 4);
  }

  /** Direct children in source order. */
  children(n: NodeId): NodeId[] {
    const out: NodeId[] = [];
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) out.push(c);
    return out;
  }

  /** The first child with the role, or -1. */
  child(n: NodeId, role: Role): NodeId {
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) if (this.role(c) === role) return c;
    return -1;
  }

  /** All children with the role, in source order. */
  all(n: NodeId, role: Role): NodeId[] {
    const out: NodeId[] = [];
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) if (this.role(c) === role) out.push(c);
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
