import { readGoMod } from '../../src/analysis/project-files.ts';
import { type Fn, Program } from '../../src/program/program.ts';
import { extractors } from '../../src/syntax/extractors.ts';
import type { Language } from '../../src/syntax/facts.ts';
import { createParser } from '../../src/syntax/parser.ts';
import { grammarBytes } from '../syntax/grammar-bytes.ts';

export const parser = await createParser(grammarBytes, extractors);

/** A program of these files; a `go.mod` makes a module of its folder. */
export function programOf(files: Readonly<Record<string, string>>): Program {
  const sources = Object.entries(files).filter(([file]) => /\.(go|rs)$/.test(file));
  return new Program({
    files: sources.map(([file, text]) =>
      parser.extract(file, (file.endsWith('.go') ? 'go' : 'rust') satisfies Language, text),
    ),
    projects: Object.entries(files)
      .filter(([file]) => file.endsWith('go.mod'))
      .map(([file, text]) => readGoMod(file, text)),
    text: (file) => files[file] ?? '',
  });
}

/** The first function of a name. */
export function functionNamed(program: Program, name: string): Fn {
  for (const pkg of program.packages) {
    const fn = pkg.functionsNamed(name).find((f) => f.fact.body >= 0);
    if (fn) return fn;
  }
  throw new Error(`no function ${name}`);
}
