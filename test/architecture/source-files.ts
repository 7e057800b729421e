import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Files the repository holds, tracked or about to be, with `/` separators. */
export function repositoryFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\0')
    .filter((f) => f !== '' && existsSync(f))
    .sort();
}

/** What a module imports, type-only imports included. */
export interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** Static and dynamic imports, re-exports and import types of a TypeScript file. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = text.matchAll(
    /^(?:import|export)(\s+type)?\s(?:[^'";]*?\sfrom\s)?\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm,
  );
  const calls = text.matchAll(/\b(?:import|require(?:\.resolve)?)\s*\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map((m) => ({ from: (m[2] ?? m[3])!, typeOnly: m[1] !== undefined })),
    ...[...calls].map((m) => ({ from: m[1]!, typeOnly: false })),
  ];
}

/** Path of an imported file of this repository, or undefined for a package. */
export function resolveImport(file: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  const parts = file.split('/').slice(0, -1);
  for (const step of from.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}
