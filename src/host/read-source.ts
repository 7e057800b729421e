import type { Notice } from '../core/finding.ts';
import type { FileFacts, Language } from '../syntax/facts.ts';
import { EngineLost, type SourceParser } from '../syntax/parser.ts';
import { endBeforeTests } from '../syntax/rust/trailing-tests.ts';
import { readTextFile } from './decode.ts';
import type { FileSystem } from './file-system.ts';

/** Said of a file whose syntax was not understood everywhere. */
const UNKNOWN_SYNTAX =
  'syntax that the parser does not know; what stands around it is not reviewed, the rest of the file is. Nothing to do if it compiles';
const TOO_DEEP =
  'is nested more deeply than is read; what lies deeper is not reviewed, the rest of the file is';

export interface SourceJob {
  readonly file: string;
  readonly language: Language;
  /** Size on disk; 0 where it is not known. */
  readonly bytes: number;
  /** Nothing but tests can use it: it is parsed only for the directives in it. */
  readonly onlyForTests: boolean;
}

/** What became of one source file; plain data that can be sent between threads. */
export interface SourceResult {
  readonly file: string;
  readonly facts?: FileFacts;
  /** Why it was read and has no facts. */
  readonly passed?: 'only-for-tests';
  readonly bytes: number;
  readonly notices: readonly Notice[];
}

/**
 * Reads and parses one file. What goes wrong with the file becomes a notice.
 * @throws EngineLost when this thread cannot parse any more
 */
export function readSource(fs: FileSystem, parser: SourceParser, job: SourceJob): SourceResult {
  const { file, language } = job;
  const { text, bytes, problem } = readTextFile(fs, file, job.bytes);
  const notices: Notice[] = problem === undefined ? [] : [{ file, message: problem }];
  if (text === undefined) return { file, bytes, notices };
  if (job.onlyForTests && !text.includes('headroom:'))
    return { file, passed: 'only-for-tests', bytes, notices };
  try {
    const facts = parser.extract(file, language, language === 'rust' ? withoutTests(text) : text);
    // Findings never speak about what a tool wrote.
    if (facts.broken && !facts.generated) notices.push({ file, message: brokenProblem(facts, text) });
    return { file, facts, bytes, notices };
  } catch (error) {
    if (error instanceof EngineLost) throw error;
    return { file, bytes, notices: [...notices, { file, message: parseProblem(error) }] };
  }
}

/** The text without the tests that it ends with, unless something in them is for Headroom. */
function withoutTests(text: string): string {
  const end = endBeforeTests(text);
  return text.includes('headroom:', end) ? text : text.slice(0, end);
}

function brokenProblem({ brokenAt }: FileFacts, text: string): string {
  if (brokenAt === undefined) return TOO_DEEP;
  return `line ${text.slice(0, brokenAt).split('\n').length}: ${UNKNOWN_SYNTAX}`;
}

/** What a person should know when a text could not be analysed. */
export function parseProblem(error: unknown): string {
  const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  return `could not be analysed and was left out (${why}). Leave it out with \`exclude\` in headroom.yaml, and please report it`;
}
