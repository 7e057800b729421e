/** Rust: which of several items of one name a path means. */
import type { SourceFile } from './program.ts';

/** What is declared in a module. */
interface Item {
  readonly file: SourceFile;
  readonly fact: { readonly module: readonly string[] };
}

const NONE: readonly never[] = Object.freeze([]);

/** Words that begin a path inside the crate. */
const OWN = new Set(['crate', 'self', 'super']);

const modules = new WeakMap<Item, readonly string[]>();

/** Module path of an item: that of its file, then inline modules. */
function moduleOf(item: Item): readonly string[] {
  let module = modules.get(item);
  if (!module) {
    module = [...fileModule(item.file), ...item.fact.module];
    modules.set(item, module);
  }
  return module;
}

/** Module path of a file: folders and file name below `src`. */
function fileModule({ facts: { file }, package: { dir } }: SourceFile): string[] {
  const below = dir ? file.slice(dir.length + 1) : file;
  const parts = below.replace(/\.rs$/, '').split('/');
  return parts.filter((p) => p !== 'src' && p !== 'mod' && p !== 'lib' && p !== 'main');
}

/**
 * The items that a path with at least one `::` means in a file: those in the module that it names; where that only hands
 * them on, those below it; else those whose module has all these names.
 * @param items of the path's last name
 */
export function meant<T extends Item>(items: readonly T[], file: SourceFile, path: string): readonly T[] {
  if (items.length === 0) return NONE;
  const words = path.split('::').slice(0, -1);
  const found = OWN.has(words[0] as string) ? inModule(items, moduleMeant(words, fileModule(file))) : NONE;
  if (found.length > 0) return found;
  const named = words.filter((word) => !OWN.has(word));
  return named.length === 0 ? NONE : items.filter((d) => named.every((word) => moduleOf(d).includes(word)));
}

/** The items that a file has a name for because it takes all of a module: `use super::*`. */
export function takenWhole<T extends Item>(items: readonly T[], file: SourceFile): readonly T[] {
  for (const { alias, path, module } of file.facts.imports) {
    const words = alias === '*' ? path.split('::') : NONE;
    if (!OWN.has(words[0] ?? '')) continue;
    const found = inModule(items, moduleMeant(words, [...fileModule(file), ...module]));
    if (found.length > 0) return found;
  }
  return NONE;
}

/** The module that `super::rest` names in another one. */
function moduleMeant(words: readonly string[], from: readonly string[]): string[] {
  const home = words[0] === 'crate' ? [] : [...from];
  for (const word of words) {
    if (word === 'super') home.pop();
    else if (!OWN.has(word)) home.push(word);
  }
  return home;
}

/** The items that stand in a module, else those below it. */
function inModule<T extends Item>(items: readonly T[], module: readonly string[]): readonly T[] {
  const within = items.filter((d) => module.every((word, i) => moduleOf(d)[i] === word));
  const exactly = within.filter((d) => moduleOf(d).length === module.length);
  // Everything lies below the crate.
  return exactly.length > 0 || module.length === 0 ? exactly : within;
}
