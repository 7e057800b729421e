import { extractors } from '../syntax/extractors.ts';
import { createParser, EngineLost, type SourceParser } from '../syntax/parser.ts';
import { readGrammars } from './assets.ts';

/**
 * Starts the parser with the grammars shipped with Headroom.
 * @throws when they are missing
 */
export function startEngine(): Promise<SourceParser> {
  return createParser(readGrammars(), extractors);
}

/** True for the error after which this thread can parse nothing more. */
export function isEngineLost(error: unknown): boolean {
  return error instanceof EngineLost;
}
