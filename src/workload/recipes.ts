/** What a Makefile or justfile runs for a target, as far as it compiles programs: read as text, never run. */

import { directoryOf } from '../manifest/paths.ts';
import { baseOf } from './container-paths.ts';
import { substitute } from './shell.ts';

/** The targets of one file of commands. */
export interface Recipes {
  readonly file: string;
  /** The folder its commands run in. */
  readonly folder: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly targets: readonly Target[];
}

interface Target {
  /** As written; `%` or a variable may be part of it. */
  readonly name: string;
  readonly needs: readonly string[];
  readonly lines: readonly string[];
}

const COMPILES = /\b(go[\d.]*|\$[({]GO(CMD)?[)}])\s+(build|install)\b|\bcargo\b|\bcross\s+build\b/;
const TILTFILE = /(^|\/)Tiltfile[\w.-]*$/;
/** How many targets may need each other in a chain. */
const MAX_DEPTH = 8;

/** True for a Makefile, what one includes, and a justfile. */
export function isMakefile(file: string): boolean {
  return /(^|\/)((GNU)?[Mm]akefile|[^/]+\.mk|\.?[Jj]ustfile)$/.test(file);
}

/** Variables that a file of commands assigns; the first value that is not empty counts. */
export function assignedIn(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [, name, value] of withoutBreaks(text).matchAll(
    /^[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_]\w*)[^\S\n]*(?:[?]|:{1,3})?=[^\S\n]*([^\n]*?)[^\S\n]*(?:#[^\n]*)?\r?$/gm,
  ))
    if (!variables.get(name!)) variables.set(name!, value!.replace(/^(['"])(.*)\1$/, '$2'));
  return variables;
}

/** A text with the lines that a backslash continues in one. */
function withoutBreaks(text: string): string {
  return text.replace(/\\\r?\n/g, ' ');
}

/** Reads the targets of a file that compiles something; undefined for any other. */
export function readRecipes(file: string, text: string): Recipes | undefined {
  if (!isMakefile(file) && !TILTFILE.test(file)) return undefined;
  if (!COMPILES.test(text)) return undefined;
  const folder = directoryOf(file);
  // A Tiltfile has no targets: each compiler call in one of its texts stands for itself.
  if (TILTFILE.test(file)) {
    const lines = [...text.matchAll(/\b(?:go|cargo) build\b[^\n]*/g)].map(([call]) =>
      call.replace(/['"]\s*[,)\]+].*$|['"]\s*$/, ''),
    );
    return { file, folder, variables: new Map(), targets: [{ name: 'Tiltfile', needs: [], lines }] };
  }
  const targets: Target[] = [];
  let lines: string[] = [];
  for (const line of withoutBreaks(text).split(/\r?\n/)) {
    if (/^(\t| {2,})/.test(line)) {
      lines.push(line.trim().replace(/^[@+-]+/, ''));
      continue;
    }
    const rule = /^([^\s#:=][^#:=]*?)::?(?!=)([^=#]*)(?:#.*)?$/.exec(line);
    if (!rule) {
      // What follows an assignment belongs to no target; a condition or comment may stand between commands.
      if (/^[^\s#]/.test(line) && !/^(ifn?(eq|def)|else|endif)\b/.test(line)) lines = [];
      continue;
    }
    const [needs = '', ...inline] = rule[2]!.split(';');
    lines = inline.map((command) => command.trim());
    const needed = needs.split(/\s+/).filter((need) => need !== '' && need !== '|');
    for (const name of rule[1]!.trim().split(/\s+/))
      if (!name.startsWith('.')) targets.push({ name, needs: needed, lines });
  }
  const useful = targets.filter((t) => t.lines.length > 0 || t.needs.length > 0);
  return { file, folder, variables: assignedIn(text), targets: useful };
}

/**
 * The commands that targets run, after those of what they need, with the variables of the file and of the call put
 * in. Without a target it is that of the first. Each command is a shell of its own.
 */
export function commandsFor(
  recipes: Recipes,
  wanted: readonly string[],
  given: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const done = new Set<string>();
  const commands: string[] = [];
  const values = new Map(given);
  const put = (text: string) => {
    // Most names hold nothing to put in, and each is asked about for each other one.
    if (!text.includes('$')) return text;
    return substitute(
      text.replace(/\$(\(MAKE\)|\{MAKE\})/g, 'make'),
      (name) =>
        values.get(name) ??
        recipes.variables.get(name) ??
        (name === 'CURDIR' || name === 'PWD' ? '.' : undefined),
    )
      .replace(/\$\(shell pwd\)/g, '.')
      .replaceAll('$$', '$');
  };
  const run = (name: string, depth: number): void => {
    if (depth > MAX_DEPTH || done.has(name)) return;
    done.add(name);
    for (const target of recipes.targets) {
      const stem = stemOf(put(target.name), name);
      if (stem === undefined) continue;
      for (const need of target.needs) run(put(need).replace('%', stem), depth + 1);
      // With an interpreter in front the lines are one script.
      const isScript = target.lines[0]?.startsWith('#!');
      for (const line of isScript ? [target.lines.join('\n')] : target.lines) {
        const command = put(
          line
            .replace(/\$(@|\(@\)|\{@\})/g, name)
            .replace(/\$\(@F\)|\$\{@F\}/g, baseOf(name))
            .replace(/\$(\*|\(\*\))/g, stem),
        );
        commands.push(command);
        // A target that makes another one, with other variables.
        const words = /(?:^|[\s;&])make((?:\s+\S+)+)/.exec(command)?.[1]?.trim().split(/\s+/) ?? [];
        for (const word of words) {
          const assigned = /^(\w+)=(.*)$/.exec(word);
          if (assigned) values.set(assigned[1]!, assigned[2]!);
        }
        for (const word of words) if (/^[\w./%-]+$/.test(word)) run(word, depth + 1);
      }
    }
  };
  const first = recipes.targets[0]?.name;
  for (const name of wanted.length > 0 ? wanted : first === undefined ? [] : [first]) run(put(name), 0);
  return commands;
}

/** Every command of a file, for what some target of it makes. */
export function everyCommand(recipes: Recipes): readonly string[] {
  // What `%` stands for is a part of the names that the commands use, as the variable of a loop is.
  return [...new Set(recipes.targets.flatMap((t) => commandsFor(recipes, [t.name.replace('%', '$STEM')])))];
}

/** What `%` of a target stands for in a name; empty for the name itself, undefined for another one. */
function stemOf(target: string, name: string): string | undefined {
  if (target === name) return '';
  const percent = target.indexOf('%');
  if (percent < 0) return undefined;
  const [before, after] = [target.slice(0, percent), target.slice(percent + 1)];
  const isOf = name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length;
  return isOf ? name.slice(before.length, name.length - after.length) : undefined;
}
