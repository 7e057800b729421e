import { KIND_BITS, type Kind, NAME_SHIFT, NODE_INTS, type NodeId, type Role } from './node.ts';

/** Shorter slices are copied by the JavaScript engine anyway; longer ones would keep the whole source alive. */
const COPIED = 13;

/** The array of the last writer, for the next: growing one for each file would cost more than filling it. */
let spare: Int32Array | undefined;

/** Writes lowered nodes in preorder: `open` a node, write its children, `close` it. Names are interned. */
export class NodeWriter {
  readonly names: string[] = [];
  /** Open addressing: index of a name plus one, 0 where free. */
  #table = new Int32Array(512);
  #data: Int32Array;
  #length = 0;
  #parent: NodeId = -1;

  constructor() {
    this.#data = spare ?? new Int32Array(NODE_INTS * 4096);
    spare = undefined;
  }

  /** Number of nodes so far. */
  get size(): number {
    return this.#length / NODE_INTS;
  }

  /** True when some node has the name. */
  has(name: string): boolean {
    return (this.#table[this.#slot(name, 0, name.length)] as number) !== 0;
  }

  /** Where the name `text[from, to)` stands in the table, or would stand. */
  #slot(text: string, from: number, to: number): number {
    // Names that count up (`a1`, `a2`, …) must not lie side by side: every search would pass all of them.
    let hash = to - from;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    const mask = this.#table.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const entry = this.#table[slot] as number;
      if (entry === 0 || same(this.names[entry - 1] as string, text, from, to)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #intern(text: string, from: number, to: number): number {
    if (from >= to) return -1;
    const slot = this.#slot(text, from, to);
    const entry = this.#table[slot] as number;
    if (entry !== 0) return entry - 1;
    const name = text.slice(from, to);
    this.names.push(to - from < COPIED || to - from === text.length ? name : ` ${name}`.slice(1));
    this.#table[slot] = this.names.length;
    if (this.names.length * 2 > this.#table.length) this.#grow();
    return this.names.length - 1;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i] as string;
      this.#table[this.#slot(name, 0, name.length)] = i + 1;
    }
  }

  /** Begins a node; what is opened before the matching `close` becomes its child. */
  open(kind: Kind, role: Role, name: string, start: number, end: number): NodeId {
    return this.openSlice(kind, role, name, 0, name.length, start, end);
  }

  /** The same with the name `text[from, to)`, which is only copied when it is new. */
  openSlice(
    kind: Kind,
    role: Role,
    text: string,
    from: number,
    to: number,
    start: number,
    end: number,
  ): NodeId {
    const at = this.#length;
    if (at + NODE_INTS > this.#data.length) {
      const grown = new Int32Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    const id = at / NODE_INTS;
    const data = this.#data;
    data[at] = kind | (role << KIND_BITS) | ((this.#intern(text, from, to) + 1) << NAME_SHIFT);
    data[at + 1] = start;
    data[at + 2] = end;
    data[at + 3] = this.#parent;
    data[at + 4] = id + 1;
    this.#length = at + NODE_INTS;
    this.#parent = id;
    return id;
  }

  close(id: NodeId): NodeId {
    this.#data[id * NODE_INTS + 4] = this.size;
    this.#parent = this.#data[id * NODE_INTS + 3] as number;
    return id;
  }

  /** A node without children. */
  leaf(kind: Kind, role: Role, name: string, start: number, end: number): NodeId {
    return this.close(this.open(kind, role, name, start, end));
  }

  /** A node without children whose name is its text. */
  leafSlice(kind: Kind, role: Role, text: string, start: number, end: number): NodeId {
    return this.close(this.openSlice(kind, role, text, start, end, start, end));
  }

  /** A node with the children that `write` writes. */
  node(kind: Kind, role: Role, name: string, start: number, end: number, write: () => void): NodeId {
    const id = this.open(kind, role, name, start, end);
    write();
    return this.close(id);
  }

  /** The finished array. The writer must not be used afterwards. */
  finish(): Int32Array {
    const nodes = this.#data.slice(0, this.#length);
    spare = this.#data;
    return nodes;
  }
}

function same(name: string, text: string, from: number, to: number): boolean {
  const length = to - from;
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name.charCodeAt(i) !== text.charCodeAt(from + i)) return false;
  return true;
}
