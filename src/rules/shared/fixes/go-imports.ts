/** Edits of a Go file's imports, so that a fix compiles. */
import type { Edit } from '../../../core/finding.ts';
import type { SourceFile } from '../../../program/program.ts';
import { withoutMajor } from '../../../program/types/go-types.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

/** The name under which a file can use a package, or undefined when it does not import it by a usable name. */
export function importedAs(file: SourceFile, path: string): string | undefined {
  const found = file.facts.imports.find((i) => withoutMajor(i.path) === path);
  return found && found.alias !== '_' && found.alias !== '.' ? found.alias : undefined;
}

/** Where a file names an imported package: expressions and types, in source order. */
export function usesOfImport(file: SourceFile, alias: string): NodeId[] {
  const { code } = file;
  const out: NodeId[] = [];
  for (let n = 0; n < code.size; n++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      if (code.name(n) === alias && code.role(n) === Role.Object) out.push(n);
    } else if (kind === Kind.Type && code.name(n).startsWith(`${alias}.`)) out.push(n);
  }
  return out;
}

/** The edits that bring a package into a file, under its own name. */
export function addImport(file: SourceFile, text: string, path: string): Edit[] {
  const imports = file.facts.imports;
  if (imports.some((i) => i.path === path && i.alias !== '_' && i.alias !== '.')) return [];
  const edit = (at: number, newText: string): Edit[] => [
    { file: file.facts.file, span: { start: at, end: at }, newText },
  ];
  const grouped = imports.filter((i) => inGroup(text, i.span.start));
  if (grouped.length > 0) {
    const std = grouped.filter((i) => !(i.path.split('/')[0] as string).includes('.'));
    const next = std.find((i) => i.path > path);
    if (next) return edit(next.span.start, `"${path}"\n\t`);
    const last = std.at(-1);
    if (last) return edit(last.span.end, `\n\t"${path}"`);
    return edit((grouped[0] as (typeof grouped)[number]).span.start, `"${path}"\n\n\t`);
  }
  const single = imports.at(-1);
  if (single) return edit(single.span.end, `\nimport "${path}"`);
  const clause = /^[ \t]*package[ \t]+\w+/m.exec(text);
  return clause ? edit(clause.index + clause[0].length, `\n\nimport "${path}"`) : [];
}

/** The edits that take an import out again. */
export function removeImport(file: SourceFile, text: string, alias: string): Edit[] {
  const found = file.facts.imports.find((i) => i.alias === alias);
  if (!found) return [];
  const lineStart = text.lastIndexOf('\n', found.span.start - 1) + 1;
  const lineEnd = text.indexOf('\n', found.span.end);
  const end = lineEnd < 0 ? text.length : lineEnd + 1;
  const alone = /^(import)?\s*$/.test(text.slice(lineStart, found.span.start));
  if (!alone || !/^[ \t\r]*(\/\/.*)?\r?\n?$/.test(text.slice(found.span.end, end))) return [];
  return [{ file: file.facts.file, span: { start: lineStart, end }, newText: '' }];
}

/** Brings one package in and takes another out; where they are neighbours, by writing one over the other. */
export function replaceImport(file: SourceFile, text: string, add: string, remove: string): Edit[] {
  const adding = addImport(file, text, add);
  const removing = removeImport(file, text, remove);
  const [a] = adding;
  const [r] = removing;
  if (!a || !r || a.span.start < r.span.start || a.span.start > r.span.end) return [...adding, ...removing];
  const found = file.facts.imports.find((i) => i.alias === remove);
  return found ? [{ file: file.facts.file, span: found.span, newText: `"${add}"` }] : [];
}

/**
 * An edit that changes nothing but collides with the others of its kind: fixes that together would leave an import
 * without a use are then applied one after the other.
 */
export function oneAtATime(file: SourceFile, text: string, alias: string, ordinal: number): Edit[] {
  const found = file.facts.imports.find((i) => i.alias === alias);
  if (!found) return [];
  // Inside the quotes: what is inserted before or behind the import does not collide with it.
  const start = found.span.start + 1;
  const room = Math.max(1, found.span.end - found.span.start - 2);
  const span = { start, end: start + 1 + (ordinal % room) };
  return [{ file: file.facts.file, span, newText: text.slice(span.start, span.end) }];
}

function inGroup(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return !/^\s*import\b/.test(line) || line.includes('(');
}
