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

export interface Runtime {
  /** Flattens a tree; the root is at depth 0, nodes deeper than `maxDepth` are left out. */
  flatten(tree: Tree, maxDepth: number): FlatTree;
  /** True when the helper works; false when flattening goes through the public cursor. */
  readonly fast: boolean;
  /** Bytes the runtime holds now. They are reused and never given back. */
  memoryBytes(): number;
  loadGrammar(wasm: Uint8Array): Promise<Grammar>;
}

interface Helper {
  size(tree: number): number;
  flatten(tree: number, out: number, capacity: number, depth: number): number;
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
  const grammars = new Map<Uint8Array, Promise<Grammar>>();
  return {
    fast: helper !== undefined,
    flatten: (tree, maxDepth) =>
      helper ? flattenInside(helper, memory, exports, tree, maxDepth) : flattenByCursor(tree, maxDepth),
    memoryBytes: () => memory.buffer.byteLength,
    loadGrammar(wasm) {
      let grammar = grammars.get(wasm);
      if (!grammar) {
        grammar = Grammar.load(wasm);
        grammars.set(wasm, grammar);
      }
      return grammar;
    },
  };
}

/** Links the helper against the runtime's functions; undefined when a release renamed them. */
function linkHelper(flatten: Uint8Array, memory: WebAssembly.Memory, exports: Exports): Helper | undefined {
  if (typeof exports._malloc !== 'function' || typeof exports._free !== 'function') return undefined;
  const module = new WebAssembly.Module(flatten);
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

function flattenInside(
  helper: Helper,
  memory: WebAssembly.Memory,
  exports: Exports,
  tree: Tree,
  maxDepth: number,
): FlatTree {
  const address = (tree as unknown as Record<0, number>)[0];
  const capacity = helper.size(address);
  const out = exports._malloc?.(capacity * FLAT_INTS * 4) ?? 0;
  if (!out) throw new Error('the parser ran out of memory');
  try {
    const size = helper.flatten(address, out, capacity, maxDepth);
    return {
      data: new Int32Array(memory.buffer, out, size * FLAT_INTS).slice(),
      size,
      cut: helper.cut() === 1,
    };
  } finally {
    exports._free?.(out);
  }
}
