import { type Kind, NODE_INTS, type NodeId, type Role } from './node.ts';

/** Writes lowered nodes in preorder: `open` a node, write its children, `close` it. Names are interned. */
export class NodeWriter {
  readonly names: string[] = [];
  readonly #index = new Map<string, number>();
  #data = new Int32Array(6 * 1024);
  #length = 0;
  #parent: NodeId = -1;

  /** Number of nodes so far. */
  get size(): number {
    return this.#length / NODE_INTS;
  }

  #intern(name: string): number {
    if (name === '') return -1;
    let i = this.#index.get(name);
    if (i === undefined) {
      i = this.names.length;
      this.names.push(name);
      this.#index.set(name, i);
    }
    return i;
  }

  /** Begins a node; what is opened before the matching `close` becomes its child. */
  open(kind: Kind, role: Role, name: string, start: number, end: number): NodeId {
    if (this.#length + NODE_INTS > this.#data.length) {
      const grown = new Int32Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    const id = this.#length / NODE_INTS;
    const at = this.#length;
    this.#data[at] = kind | (role << 8);
    this.#data[at + 1] = this.#intern(name);
    this.#data[at + 2] = start;
    this.#data[at + 3] = end;
    this.#data[at + 4] = this.#parent;
    this.#data[at + 5] = id + 1;
    this.#length += NODE_INTS;
    this.#parent = id;
    return id;
  }

  close(id: NodeId): NodeId {
    this.#data[id * NODE_INTS + 5] = this.size;
    this.#parent = this.#data[id * NODE_INTS + 4] as number;
    return id;
  }

  /** A node without children. */
  leaf(kind: Kind, role: Role, name: string, start: number, end: number): NodeId {
    return this.close(this.open(kind, role, name, start, end));
  }

  /** A node with the children that `write` writes. */
  node(kind: Kind, role: Role, name: string, start: number, end: number, write: () => void): NodeId {
    const id = this.open(kind, role, name, start, end);
    write();
    return this.close(id);
  }

  /** The finished array. The writer must not be used afterwards. */
  finish(): Int32Array {
    return this.#data.slice(0, this.#length);
  }
}
