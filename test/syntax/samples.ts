import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../src/syntax/facts.ts';

export interface Sample {
  readonly name: string;
  readonly language: Language;
  readonly text: string;
}

/** Every Rust and Go file of the corpus. */
export function corpusSamples(): Sample[] {
  return readdirSync('test/corpus', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(rs|go)$/.test(path))
    .sort()
    .map((path) => ({
      name: path,
      language: path.endsWith('.rs') ? 'rust' : 'go',
      text: readFileSync(join('test/corpus', path), 'utf8'),
    }));
}

/** Numbers in [0, 1), the same ones in every run. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What editing leaves behind: bits missing, doubled, or put where they do not belong. */
export function mangle(text: string, edits: number, next: () => number): string {
  const stray = ['{', '}', '(', '"', '/*', '`', '\n', '😀', 'é', '\0', '\ud800', '<', "'", ';', 'ﬀ', '#'];
  let out = text;
  for (let i = 0; i < edits; i++) {
    const at = Math.floor(next() * out.length);
    const length = Math.floor(next() * 20);
    const bit = next() < 0.4 ? '' : (stray[Math.floor(next() * stray.length)] as string);
    out = out.slice(0, at) + bit + out.slice(next() < 0.5 ? at : at + length);
  }
  return out;
}

/** One large text of a language: the corpus over and over, with comments that are not ASCII in between. */
export function largeSample(language: Language, length: number): Sample {
  const parts = corpusSamples().filter((sample) => sample.language === language);
  let text = '';
  for (let i = 0; text.length < length; i++) {
    const part = parts[i % parts.length] as Sample;
    // Only the first package clause may stand.
    text += `${i === 0 ? part.text : part.text.replace(/^package .*$/m, '')}\n// Größe ${i} 🧠\n`;
  }
  return { name: `large ${language}`, language, text };
}
