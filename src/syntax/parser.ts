import { Edit, Parser, type Tree } from 'web-tree-sitter';
import type { FileFacts, Language } from './facts.ts';
import { FLAT_INTS, type FlatTree, readVocabulary, type Vocabulary } from './flat-tree.ts';
import { withoutNewValues } from './go/new-value.ts';
import { type Flattened, type Runtime, startRuntime } from './runtime.ts';
import { textEdit } from './text-edit.ts';

/** Syntax nested deeper than this is cut off; real code stays below a fifth of it. Extractors recurse. */
export const MAX_DEPTH = 500;

/** The same for a part (macro arguments), and how deep parts may lie inside parts. */
const MAX_PART_DEPTH = 100;
const MAX_PART_NESTING = 12;

/** The parts of a file may together be this many times as long as the file. */
const PART_BUDGET = 8;

/** The bytes the parser is made of; the host reads them from disk or fetches them. */
export interface GrammarBytes {
  readonly runtime: Uint8Array;
  readonly rust: Uint8Array;
  readonly go: Uint8Array;
  readonly flatten: Uint8Array;
}

/** A file that is open in an editor: its tree is kept, so that an edit costs the parsing of what changed. */
export interface OpenDocument {
  /**
   * Takes the whole new text and gives its facts, or undefined when `expired` said so (a stray brace can cost more
   * than half a second). The text counts as taken all the same: the next `update` or `finish` goes on from it.
   * @param expired asked again and again while parsing; without it there is no deadline
   */
  update(text: string, expired?: () => boolean): FileFacts | undefined;
  /** The facts of the last text, however long it takes. */
  finish(): FileFacts;
  /** Gives the tree back. The document must not be used afterwards. */
  close(): void;
}

/** Text to facts for both languages. */
export interface SourceParser {
  /**
   * Reads one text, however broken it is. Throws for a text that needs more memory than there may be; the next
   * text is read as ever.
   * @throws EngineLost when the runtime trapped and could not be recovered
   */
  extract(file: string, language: Language, text: string): FileFacts;
  /** Takes a document without parsing it: `update` or `finish` gives its first facts. */
  open(file: string, language: Language): OpenDocument;
  /** Bytes the runtime holds. They never shrink: recycle a worker that holds too many. */
  memoryBytes(): number;
  /** Frees both parsers; the runtime itself lives as long as the thread. */
  close(): void;
}

/** Lowers one flattened tree, whose array is written over after it returns. */
export type Extractor = (input: {
  readonly file: string;
  readonly text: string;
  readonly tree: FlatTree;
  readonly vocabulary: Vocabulary;
  /**
   * Parses a part of the same text on its own (macro arguments) as if nothing else were there; offsets refer to
   * the whole text. Parts inside parts are cut off at a depth and a total length no real code reaches: their tree
   * is a root without children.
   */
  readonly parsePart: (start: number, end: number) => FlatTree;
}) => FileFacts;

/** The runtime trapped and does not work any more in this thread; a new thread or process is needed. */
export class EngineLost extends Error {
  override readonly name = 'EngineLost';
}

interface Engine {
  readonly parser: Parser;
  readonly vocabulary: Vocabulary;
  /** What an empty text gives. */
  readonly emptyRoot: FlatTree;
}

/**
 * @param maxMemoryBytes a text that needs more memory is given up; 1 GB when left out. Counts in the first call of a
 *   thread.
 */
export async function createParser(
  bytes: GrammarBytes,
  extractors: Readonly<Record<Language, Extractor>>,
  maxMemoryBytes?: number,
): Promise<SourceParser> {
  const runtime = await startRuntime(bytes.runtime, bytes.flatten, maxMemoryBytes);
  const grammars = { rust: await runtime.loadGrammar(bytes.rust), go: await runtime.loadGrammar(bytes.go) };
  const start = (language: Language): Engine => {
    const parser = new Parser().setLanguage(grammars[language]);
    const emptyRoot = parseAll(parser, '', (tree) => runtime.flatten(tree, 0));
    return { parser, vocabulary: readVocabulary(grammars[language]), emptyRoot };
  };
  const engines = { rust: start('rust'), go: start('go') };

  /** Runs `work`; after a trap the parser is replaced, and the trap is thrown on when that does not help. */
  const guard = <T>(file: string, language: Language, work: (engine: Engine) => T): T => {
    try {
      return work(engines[language]);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      try {
        engines[language].parser.delete();
        engines[language] = start(language);
      } catch (cause) {
        throw new EngineLost(`${file}: the parser trapped and could not be started again`, { cause });
      }
      throw new Error(`${file}: the parser trapped`, { cause: error });
    }
  };

  const lower = (
    engine: Engine,
    file: string,
    language: Language,
    text: string,
    flatten: (maxDepth: number) => FlatTree,
  ): FileFacts => {
    for (const depth of [MAX_DEPTH, MAX_DEPTH >> 2, MAX_DEPTH >> 4]) {
      const flat = flatten(depth);
      const parts = new Parts(runtime, engine, text);
      try {
        const facts = extractors[language]({
          file,
          text,
          tree: flat,
          vocabulary: engine.vocabulary,
          parsePart: (from, to) => parts.parse(from, to),
        });
        return flat.cut || parts.cut ? { ...facts, broken: true } : facts;
      } catch (error) {
        // The stack is smaller than it was when the depth was chosen.
        if (!(error instanceof RangeError)) throw error;
      }
    }
    throw new Error(`${file}: too deeply nested`);
  };

  return {
    extract: (file, language, text) =>
      guard(file, language, (engine) =>
        parseAll(engine.parser, readable(language, text), (tree) =>
          lower(engine, file, language, text, (maxDepth) => runtime.flattenOnce(tree, maxDepth)),
        ),
      ),
    open: (file, language) => {
      let tree: Tree | undefined;
      let text = '';
      /** The text as the grammar reads it. */
      let read = '';
      let flat: Flattened | undefined;
      const drop = () => {
        tree?.delete();
        tree = undefined;
        flat = undefined;
      };
      const parse = (expired?: () => boolean): FileFacts | undefined => {
        try {
          return guard(file, language, (engine) => {
            const next = parseUntil(engine.parser, read, tree, expired);
            if (!next) return undefined;
            const before = flat;
            drop();
            tree = next;
            return lower(engine, file, language, text, (maxDepth) => {
              if (maxDepth < MAX_DEPTH) return runtime.flatten(next, maxDepth);
              flat = runtime.flattenAgain(next, maxDepth, before);
              return flat;
            });
          });
        } catch (error) {
          drop();
          throw error;
        }
      };
      return {
        update(newText, expired) {
          const newRead = readable(language, newText);
          if (tree) {
            const edit = textEdit(read, newRead);
            if (edit) tree.edit(new Edit(edit));
          }
          text = newText;
          read = newRead;
          return parse(expired);
        },
        finish: () => parse() as FileFacts,
        close: drop,
      };
    },
    memoryBytes: runtime.memoryBytes,
    close() {
      engines.rust.parser.delete();
      engines.go.parser.delete();
    },
  };
}

/** The text in the words of the grammar, as long as it was. */
function readable(language: Language, text: string): string {
  return language === 'go' ? withoutNewValues(text) : text;
}

/** Parses a whole text, hands the tree to `use` and deletes it, whatever happens. */
function parseAll<T>(parser: Parser, text: string, use: (tree: Tree) => T): T {
  const tree = parser.parse(text);
  if (!tree) throw new Error('the parser gave no tree');
  try {
    return use(tree);
  } finally {
    tree.delete();
  }
}

/** Parses with the tree of the text before the edit. Undefined when `expired` said so. */
function parseUntil(
  parser: Parser,
  text: string,
  old: Tree | undefined,
  expired: (() => boolean) | undefined,
): Tree | undefined {
  // Typed as void by web-tree-sitter; the runtime stops when it gets true.
  const tree = parser.parse(text, old, expired && { progressCallback: expired });
  // A parser that was stopped would go on with the old text at the next call.
  if (!tree) parser.reset();
  return tree ?? undefined;
}

/** The parts of one text, with the guards against macros in macros in macros. */
class Parts {
  readonly #runtime: Runtime;
  readonly #engine: Engine;
  readonly #text: string;
  /** Ends of the parts around the last one, outermost first. */
  readonly #around: number[] = [];
  #budget: number;
  /** Something was left out. */
  cut = false;

  constructor(runtime: Runtime, engine: Engine, text: string) {
    this.#runtime = runtime;
    this.#engine = engine;
    this.#text = text;
    this.#budget = text.length * PART_BUDGET;
  }

  parse(start: number, end: number): FlatTree {
    while (this.#around.length && (this.#around.at(-1) as number) <= start) this.#around.pop();
    this.#around.push(end);
    this.#budget -= end - start;
    if (this.#around.length > MAX_PART_NESTING || this.#budget < 0) {
      this.cut = true;
      return moved({ ...this.#engine.emptyRoot, data: this.#engine.emptyRoot.data.slice() }, start);
    }
    // The slice on its own: with `includedRanges` the runtime would copy what follows the part as well.
    const flat = parseAll(this.#engine.parser, this.#text.slice(start, end), (tree) =>
      this.#runtime.flatten(tree, MAX_PART_DEPTH),
    );
    if (flat.cut) this.cut = true;
    return moved(flat, start);
  }
}

/** Moves a tree, in place, to where its text begins in the whole text. */
function moved(tree: FlatTree, offset: number): FlatTree {
  const { data } = tree;
  for (let i = 0; i < data.length; i += FLAT_INTS) {
    data[i + 2] = (data[i + 2] as number) + offset;
    data[i + 3] = (data[i + 3] as number) + offset;
  }
  return tree;
}
