/**
 * Owns the one instance of the tree-sitter runtime a thread has: its memory, its grammars and the helper that
 * flattens trees inside that memory.
 */
import { Language as Grammar, Parser, type Tree } from 'web-tree-sitter';
import { FLAT_INTS, type FlatTree, flattenByCursor } from './flat-tree.ts';

const PAGE_BYTES = 65536;

/** The runtime asks for 32 MB at the start. */
const INITIAL_PAGES = (32 << 20) / PAGE_BYTES;

/** A source of 2 MB needs about 150 MB; what asks for more than this has gone wrong and must not take the machine. */
const MAX_BYTES = 1 << 30;

/** ABIs of grammars in which the helper knows its way. */
const KNOWN_ABIS = [14, 15];

/** Bits of both languages, so that each grammar meets fields, aliases, comments and errors. */
const PROBE =
  'fn f<T>(a: &mut T) -> u8 { a.b(1)[0]; x!(y) } // c\nfunc (s *S[T]) g(b ...int) { for i := range b { s.x = "é" } }\n{';

export interface Runtime {
  /** Flattens a tree; the root is at depth 0, nodes deeper than `maxDepth` are left out. */
  flatten(tree: Tree, maxDepth: number): FlatTree;
  /** The same in an array that is the thread's: the next call writes over it. */
  flattenOnce(tree: Tree, maxDepth: number): FlatTree;
  /**
   * Flattens the tree of an edited text; what the parser took over from the tree before is taken over as well.
   * `before` is what this gave for that tree, which must have lived until the new one was made.
   */
  flattenAgain(tree: Tree, maxDepth: number, before: Flattened | undefined): Flattened;
  /** True while the helper works for every grammar; else some are flattened through the public cursor. */
  readonly fast: boolean;
  /** Bytes the runtime holds now. They are reused and never given back. */
  memoryBytes(): number;
  loadGrammar(wasm: Uint8Array): Promise<Grammar>;
}

/** A flattened tree that can be the start of the next one. */
export interface Flattened extends FlatTree {
  /** The root's children, `FLAT_INTS` integers each, as `items` of the helper writes them. */
  readonly items?: Int32Array;
}

interface Helper {
  abi(tree: number): number;
  size(tree: number): number;
  item_count(tree: number): number;
  items(tree: number, out: number, count: number): number;
  flatten(tree: number, index: number, out: number, capacity: number, depth: number): number;
  cut(): number;
}

/** What Emscripten leaves in the options it was started with: every exported function, with an underscore. */
type Exports = Record<string, unknown> & { _malloc?(bytes: number): number; _free?(address: number): void };

let started: Promise<Runtime> | undefined;

/** The thread's runtime. The bytes of the first call count: web-tree-sitter can be started once per thread. */
export function startRuntime(
  runtime: Uint8Array,
  flatten: Uint8Array,
  maxBytes = MAX_BYTES,
): Promise<Runtime> {
  started ??= start(runtime, flatten, maxBytes).catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function start(runtime: Uint8Array, flatten: Uint8Array, maxBytes: number): Promise<Runtime> {
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: maxBytes / PAGE_BYTES });
  const exports: Exports = {};
  // Both are needed in a bundle: without `locateFile` the loader asks for its own URL, which is gone there.
  await Parser.init(
    Object.assign(exports, { wasmBinary: runtime, wasmMemory: memory, locateFile: (name: string) => name }),
  );
  const helper = linkHelper(flatten, memory, exports);
  let inside = helper && new InsideFlattener(helper, memory, exports);
  const grammars = new Map<Uint8Array, Promise<Grammar>>();
  return {
    get fast() {
      return inside !== undefined;
    },
    flatten: (tree, maxDepth) => (inside ? inside.flatten(tree, maxDepth) : flattenByCursor(tree, maxDepth)),
    flattenOnce: (tree, maxDepth) =>
      inside ? inside.flattenOnce(tree, maxDepth) : flattenByCursor(tree, maxDepth),
    flattenAgain: (tree, maxDepth, before) =>
      inside ? inside.flattenAgain(tree, maxDepth, before) : flattenByCursor(tree, maxDepth),
    memoryBytes: () => memory.buffer.byteLength,
    loadGrammar(wasm) {
      let grammar = grammars.get(wasm);
      if (!grammar) {
        grammar = Grammar.load(wasm).then((loaded) => {
          if (inside && !agrees(inside, loaded)) inside = undefined;
          return loaded;
        });
        grammars.set(wasm, grammar);
      }
      return grammar;
    },
  };
}

/** True when the helper gives for a small text what the public cursor gives: the layouts it reads are these. */
function agrees(inside: InsideFlattener, grammar: Grammar): boolean {
  const parser = new Parser().setLanguage(grammar);
  const tree = parser.parse(PROBE);
  try {
    if (!tree || !inside.knows(tree)) return false;
    const [ours, theirs] = [inside.flatten(tree, PROBE.length), flattenByCursor(tree)];
    return ours.size === theirs.size && ours.data.every((value, i) => value === theirs.data[i]);
  } finally {
    tree?.delete();
    parser.delete();
  }
}

/** Links the helper against the runtime's functions; undefined when a release renamed them. */
function linkHelper(flatten: Uint8Array, memory: WebAssembly.Memory, exports: Exports): Helper | undefined {
  if (typeof exports._malloc !== 'function' || typeof exports._free !== 'function') return undefined;
  const module = new WebAssembly.Module(flatten.slice());
  const runtime: Record<string, WebAssembly.ImportValue> = { memory };
  for (const { name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function') continue;
    const found = exports[`_${name}`];
    if (typeof found !== 'function') return undefined;
    runtime[name] = found as WebAssembly.ImportValue;
  }
  // A runtime that does not use the memory it was given must not be read through it.
  if ((exports.HEAPU8 as Uint8Array | undefined)?.buffer !== memory.buffer) return undefined;
  return new WebAssembly.Instance(module, { runtime }).exports as unknown as Helper;
}

const NO_MEMORY = 'the parser ran out of memory';

/** Flattens through the helper. */
class InsideFlattener {
  readonly #helper: Helper;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  /** A new array for each of thousands of files would cost more than filling it. */
  #lent = new Int32Array(FLAT_INTS * 4096);

  constructor(helper: Helper, memory: WebAssembly.Memory, exports: Exports) {
    this.#helper = helper;
    this.#memory = memory;
    this.#exports = exports;
  }

  /** True when the helper may read the tree at all. */
  knows(tree: Tree): boolean {
    return KNOWN_ABIS.includes(this.#helper.abi(addressOf(tree)));
  }

  flatten(tree: Tree, maxDepth: number): FlatTree {
    return this.#flatten(tree, maxDepth, (rows) => rows.slice());
  }

  flattenOnce(tree: Tree, maxDepth: number): FlatTree {
    return this.#flatten(tree, maxDepth, (rows) => {
      if (rows.length > this.#lent.length) this.#lent = new Int32Array(rows.length * 2);
      this.#lent.set(rows);
      return this.#lent.subarray(0, rows.length);
    });
  }

  #flatten(tree: Tree, maxDepth: number, take: (rows: Int32Array) => Int32Array): FlatTree {
    const address = addressOf(tree);
    const capacity = this.#helper.size(address);
    return this.#borrow(capacity, (out) => {
      const size = enough(this.#helper.flatten(address, 0, out, capacity, maxDepth));
      return { data: take(this.#rows(out, size)), size, cut: this.#helper.cut() === 1 };
    });
  }

  flattenAgain(tree: Tree, maxDepth: number, before: Flattened | undefined): Flattened {
    const address = addressOf(tree);
    const count = this.#helper.item_count(address);
    const items = this.#borrow(count, (out) => {
      enough(this.#helper.items(address, out, count));
      return this.#rows(out, count).slice();
    });
    // Where something was cut, the number of nodes is not the number of rows.
    if (!before?.items || before.cut || maxDepth < 1) return { ...this.flatten(tree, maxDepth), items };

    const size = this.#helper.size(address);
    const data = new Int32Array(size * FLAT_INTS);
    const root = this.#borrow(1, (out) => {
      enough(this.#helper.flatten(address, 0, out, 1, 0));
      return this.#rows(out, 1).slice();
    });
    data.set(root);
    data[5] = size;
    const known = new Map<number, number>();
    for (let i = 0; i < before.items.length; i += FLAT_INTS) {
      const identity = before.items[i + 4] as number;
      if (identity !== 0) known.set(identity, i);
    }
    for (let i = 0; i < items.length; i += FLAT_INTS) {
      const index = items[i + 5] as number;
      const nodes = endOf(items, i, size) - index;
      if (!copyItem(items, i, nodes, before, known.get(items[i + 4] as number), data)) {
        if (!this.#flattenItem(address, index, nodes, maxDepth, data))
          return { ...this.flatten(tree, maxDepth), items };
      }
    }
    return { data, size, cut: false, items };
  }

  /** Flattens one child of the root; false when something was cut. */
  #flattenItem(address: number, index: number, nodes: number, maxDepth: number, data: Int32Array): boolean {
    return this.#borrow(nodes, (out) => {
      enough(this.#helper.flatten(address, index, out, nodes, maxDepth - 1));
      if (this.#helper.cut() === 1) return false;
      data.set(this.#rows(out, nodes), index * FLAT_INTS);
      move(data, index, nodes, 0, index);
      return true;
    });
  }

  /** Memory of the runtime for `rows` rows, given back after `use`. */
  #borrow<T>(rows: number, use: (out: number) => T): T {
    const out = this.#exports._malloc?.(Math.max(1, rows) * FLAT_INTS * 4) ?? 0;
    if (!out) throw new Error(NO_MEMORY);
    try {
      return use(out);
    } finally {
      this.#exports._free?.(out);
    }
  }

  #rows(out: number, rows: number): Int32Array {
    return new Int32Array(this.#memory.buffer, out, rows * FLAT_INTS);
  }
}

/** The number of rows the helper wrote. */
function enough(rows: number): number {
  if (rows < 0) throw new Error(NO_MEMORY);
  return rows;
}

function addressOf(tree: Tree): number {
  return (tree as unknown as Record<0, number>)[0];
}

/** Preorder index after the item at `i`. */
function endOf(items: Int32Array, i: number, size: number): number {
  return i + FLAT_INTS < items.length ? (items[i + FLAT_INTS + 5] as number) : size;
}

/** Copies an item that the old tree had; false when it had none like it. */
function copyItem(
  items: Int32Array,
  i: number,
  nodes: number,
  before: Flattened,
  old: number | undefined,
  data: Int32Array,
): boolean {
  if (old === undefined || !before.items) return false;
  const was = before.items;
  const length = (items[i + 3] as number) - (items[i + 2] as number);
  const index = items[i + 5] as number;
  const oldIndex = was[old + 5] as number;
  if (
    was[old] !== items[i] ||
    was[old + 1] !== items[i + 1] ||
    (was[old + 3] as number) - (was[old + 2] as number) !== length ||
    endOf(was, old, before.size) - oldIndex !== nodes
  )
    return false;
  data.set(before.data.subarray(oldIndex * FLAT_INTS, (oldIndex + nodes) * FLAT_INTS), index * FLAT_INTS);
  move(data, index, nodes, (items[i + 2] as number) - (was[old + 2] as number), index - oldIndex);
  return true;
}

/** Moves the rows of an item: by `text` in the text and by `rows` in the array. The item's parent is the root. */
function move(data: Int32Array, index: number, nodes: number, text: number, rows: number): void {
  const end = (index + nodes) * FLAT_INTS;
  for (let at = index * FLAT_INTS; at < end; at += FLAT_INTS) {
    data[at + 2] = (data[at + 2] as number) + text;
    data[at + 3] = (data[at + 3] as number) + text;
    data[at + 4] = (data[at + 4] as number) + rows;
    data[at + 5] = (data[at + 5] as number) + rows;
  }
  data[index * FLAT_INTS + 4] = 0;
}
