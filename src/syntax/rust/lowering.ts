import type { FunctionFact, GlobalFact, ImportFact, TypeFact } from '../facts.ts';
import { FLAT_INTS, type FlatTree, type Vocabulary } from '../flat-tree.ts';
import type { Kind, NodeId, Role } from '../node.ts';
import { NodeWriter } from '../node-writer.ts';
import { grammarOf, type RustGrammar, T } from './grammar.ts';

/** Index of a node in the flattened tree that is being read. */
export type TreeNode = number;

/** Where an item stands. */
export interface Scope {
  /** Inline modules around it, outermost first. */
  readonly module: readonly string[];
  readonly test: boolean;
  /** `impl` or trait around it. */
  readonly owner: string;
  readonly trait: string;
  readonly generics: FunctionFact['generics'];
  /** Index of the function whose body it stands in, or -1. */
  readonly parent: number;
  /** The macro that declares it, or empty. */
  readonly macro: string;
}

/** An item met inside an open node: it is lowered when that node is closed, since it has roots of its own. */
export interface PendingItem {
  readonly data: Int32Array;
  readonly node: TreeNode;
  readonly attributes: readonly string[];
  readonly scope: Scope;
}

export interface ModuleFact {
  readonly name: string;
  readonly path: readonly string[];
  readonly file: string;
  readonly test: boolean;
}

/** State of lowering one file: the tree that is read, the nodes and facts that are written. */
export class Lowering {
  readonly text: string;
  readonly grammar: RustGrammar;
  readonly parsePart: (start: number, end: number) => FlatTree;
  readonly out = new NodeWriter();
  readonly imports: ImportFact[] = [];
  readonly types: TypeFact[] = [];
  readonly functions: FunctionFact[] = [];
  readonly globals: GlobalFact[] = [];
  readonly modules: ModuleFact[] = [];
  readonly pending: PendingItem[] = [];
  scope: Scope = {
    module: [],
    test: false,
    owner: '',
    trait: '',
    generics: [],
    parent: -1,
    macro: '',
  };
  /** The tree that is read: the file's, or that of a macro's arguments. */
  data: Int32Array;
  readonly #kinds: Uint8Array;
  /** Field numbers of the grammar. */
  readonly f: RustGrammar['fields'];

  constructor(input: {
    readonly text: string;
    readonly tree: FlatTree;
    readonly vocabulary: Vocabulary;
    readonly parsePart: (start: number, end: number) => FlatTree;
  }) {
    this.text = input.text;
    this.grammar = grammarOf(input.vocabulary);
    this.#kinds = this.grammar.kinds;
    this.f = this.grammar.fields;
    this.parsePart = input.parsePart;
    this.data = input.tree.data;
  }

  kind(n: TreeNode): number {
    return this.#kinds[this.data[n * FLAT_INTS] as number] as number;
  }

  fieldOf(n: TreeNode): number {
    return this.data[n * FLAT_INTS + 1] as number;
  }

  start(n: TreeNode): number {
    return this.data[n * FLAT_INTS + 2] as number;
  }

  end(n: TreeNode): number {
    return this.data[n * FLAT_INTS + 3] as number;
  }

  after(n: TreeNode): TreeNode {
    return this.data[n * FLAT_INTS + 5] as number;
  }

  textOf(n: TreeNode): string {
    return this.text.slice(this.data[n * FLAT_INTS + 2], this.data[n * FLAT_INTS + 3]);
  }

  /** The text of an anonymous node (`+`, `async`), the empty string for a named one. */
  token(n: TreeNode): string {
    const type = this.data[n * FLAT_INTS] as number;
    return this.#kinds[type] === T.Anonymous ? (this.grammar.types[type] as string) : '';
  }

  /** The child in a field, or -1. Comments that inherited the field are passed over. */
  field(n: TreeNode, field: number): TreeNode {
    const data = this.data;
    const end = data[n * FLAT_INTS + 5] as number;
    for (let c = n + 1; c < end; c = data[c * FLAT_INTS + 5] as number)
      if (data[c * FLAT_INTS + 1] === field && this.kind(c) !== T.Comment) return c;
    return -1;
  }

  /** The first child that is a named node and neither comment nor attribute, or -1. */
  inner(n: TreeNode): TreeNode {
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) if (this.carries(c)) return c;
    return -1;
  }

  /** True for a named node that is neither comment nor attribute. */
  carries(n: TreeNode): boolean {
    const kind = this.kind(n);
    return kind !== T.Anonymous && kind !== T.Comment && kind !== T.Attribute && kind !== T.InnerAttribute;
  }

  /** The first child of a kind, or -1. */
  child(n: TreeNode, kind: number): TreeNode {
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) if (this.kind(c) === kind) return c;
    return -1;
  }

  /** Opens a node that spans `n`; the text of `name` (-1: none) is its name. */
  open(kind: Kind, role: Role, name: TreeNode, n: TreeNode): NodeId {
    const { data } = this;
    const at = n * FLAT_INTS;
    const from = name < 0 ? 0 : (data[name * FLAT_INTS + 2] as number);
    const to = name < 0 ? 0 : (data[name * FLAT_INTS + 3] as number);
    return this.out.openSlice(
      kind,
      role,
      this.text,
      from,
      to,
      data[at + 2] as number,
      data[at + 3] as number,
    );
  }

  /** Opens a node that spans `n` under a fixed name. */
  openAs(kind: Kind, role: Role, name: string, n: TreeNode): NodeId {
    const at = n * FLAT_INTS;
    return this.out.open(kind, role, name, this.data[at + 2] as number, this.data[at + 3] as number);
  }

  /** Writes a node without children that spans `n` and is named by its text. */
  leaf(kind: Kind, role: Role, n: TreeNode): NodeId {
    const at = n * FLAT_INTS;
    return this.out.leafSlice(
      kind,
      role,
      this.text,
      this.data[at + 2] as number,
      this.data[at + 3] as number,
    );
  }

  /** True when a child is the anonymous node `text`. */
  has(n: TreeNode, text: string): boolean {
    const end = this.after(n);
    for (let c = n + 1; c < end; c = this.after(c)) if (this.token(c) === text) return true;
    return false;
  }

  /** Reads another tree of the same text while `read` runs. */
  reading<R>(data: Int32Array, read: () => R): R {
    const before = this.data;
    this.data = data;
    try {
      return read();
    } finally {
      this.data = before;
    }
  }

  /** Puts an item aside until no node is open. */
  defer(node: TreeNode, attributes: readonly string[]): void {
    this.pending.push({ data: this.data, node, attributes, scope: this.scope });
  }
}
