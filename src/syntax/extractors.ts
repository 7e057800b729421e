import type { Language } from './facts.ts';
import { extractGo } from './go/extract.ts';
import type { Extractor } from './parser.ts';

/** How each language's trees become facts. */
export const extractors: Readonly<Record<Language, Extractor>> = {
  go: extractGo,
  rust: () => {
    throw new Error('Rust is not read yet');
  },
};
