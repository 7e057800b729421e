import { extractors } from '../syntax/extractors.ts';
import { createParser, type GrammarBytes, type SourceParser } from '../syntax/parser.ts';

/** Starts the parser with grammars that somebody handed over: a browser's worker has no disk to find them on. */
export function startGivenEngine(grammars: GrammarBytes): Promise<SourceParser> {
  return createParser(grammars, extractors);
}
