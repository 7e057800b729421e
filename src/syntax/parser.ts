import { Language as Grammar, Parser } from 'web-tree-sitter';
import type { FileFacts, Language } from './facts.ts';
import { flattenByCursor, readVocabulary, type Vocabulary } from './flat-tree.ts';

/** The bytes the parser is made of; the host reads them from disk or fetches them. */
export interface GrammarBytes {
  readonly runtime: Uint8Array;
  readonly rust: Uint8Array;
  readonly go: Uint8Array;
}

/** Text to facts for both languages. */
export interface SourceParser {
  /** Never throws for a text, however broken it is. */
  extract(file: string, language: Language, text: string): FileFacts;
}

/** Lowers one flattened tree. */
export type Extractor = (input: {
  readonly file: string;
  readonly text: string;
  readonly tree: import('./flat-tree.ts').FlatTree;
  readonly vocabulary: Vocabulary;
  /**
   * Parses a part of the same text on its own (macro arguments) as if nothing else were there; offsets refer to
   * the whole text.
   */
  readonly parsePart: (start: number, end: number) => import('./flat-tree.ts').FlatTree;
}) => FileFacts;

export async function createParser(
  bytes: GrammarBytes,
  extractors: Readonly<Record<Language, Extractor>>,
): Promise<SourceParser> {
  await Parser.init({ wasmBinary: bytes.runtime });
  const make = async (wasm: Uint8Array) => {
    const grammar = await Grammar.load(wasm);
    return { parser: new Parser().setLanguage(grammar), vocabulary: readVocabulary(grammar) };
  };
  const engines = { rust: await make(bytes.rust), go: await make(bytes.go) };
  return {
    extract(file, language, text) {
      const { parser, vocabulary } = engines[language];
      const flat = (ranges?: { start: number; end: number }) => {
        const tree = parser.parse(
          text,
          null,
          ranges && {
            includedRanges: [
              {
                startIndex: ranges.start,
                endIndex: ranges.end,
                startPosition: { row: 0, column: 0 },
                endPosition: { row: 0, column: 0 },
              },
            ],
          },
        );
        if (!tree) throw new Error(`${file}: the parser gave no tree`);
        try {
          return flattenByCursor(tree);
        } finally {
          tree.delete();
        }
      };
      return extractors[language]({
        file,
        text,
        tree: flat(),
        vocabulary,
        parsePart: (start, end) => flat({ start, end }),
      });
    },
  };
}
