import { extractors } from '../syntax/extractors.ts';
import { createParser, type SourceParser } from '../syntax/parser.ts';
import { readGrammars } from './assets.ts';

/**
 * Starts the parser with the grammars shipped with Headroom.
 * @throws when they are missing
 */
export function startEngine(): Promise<SourceParser> {
  return createParser(readGrammars(), extractors);
}
