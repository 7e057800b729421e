import type { Language } from './facts.ts';
import { extractGo } from './go/extract.ts';
import type { Extractor } from './parser.ts';
import { extractRust } from './rust/extract.ts';

/** How each language's trees become facts. */
export const extractors: Readonly<Record<Language, Extractor>> = { go: extractGo, rust: extractRust };
