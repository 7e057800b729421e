import { isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { type FileSystem, readProblem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import {
  type CompanionRow,
  clippyLints,
  clippySettings,
  goCriticChecks,
  goLinters,
  goVetAnalyzers,
} from '../knowledge/companion.ts';
import type { Terminal } from './terminal.ts';

export interface CompanionOptions {
  readonly write?: boolean;
}

/** One file of another linter: how it looks with what Headroom leaves to that linter. */
interface Companion {
  readonly file: string;
  readonly merge: (before: string) => string;
}

/** A file that is there but that nothing can be added to; the message says what to do. */
class Unmergeable extends Error {}

const GO_FILES = ['.golangci.yml', '.golangci.yaml'];

/**
 * `headroom companion`: settings of Clippy and golangci-lint for what they find and Headroom leaves to them. Prints
 * them, or adds what is missing to the files there are; nothing that is set already is changed. Answers the exit code.
 */
export function companionCommand(
  terminal: Terminal,
  fs: FileSystem,
  folder: string,
  options: CompanionOptions,
): number {
  const dir = absolute(folder, terminal.cwd);
  if (fs.kind(dir) !== 'folder') {
    terminal.error(`headroom: ${folder}: no such folder. Check the path; it is taken from ${terminal.cwd}\n`);
    return 2;
  }
  const has = (name: string) => fs.kind(`${dir}/${name}`) === 'file';
  const companions: Companion[] = [];
  if (has('Cargo.toml'))
    companions.push(
      { file: 'Cargo.toml', merge: mergeCargo },
      { file: has('.clippy.toml') ? '.clippy.toml' : 'clippy.toml', merge: mergeClippy },
    );
  if (has('go.mod') || has('go.work'))
    companions.push({ file: GO_FILES.find(has) ?? '.golangci.yml', merge: mergeGolangci });
  if (companions.length === 0) {
    terminal.error(
      `headroom: ${folder} has neither a Cargo.toml nor a go.mod; name the folder of a crate, workspace or module\n`,
    );
    return 2;
  }
  for (const { file, merge } of companions) {
    const path = `${dir}/${file}`;
    try {
      const before = has(file) ? new TextDecoder().decode(fs.read(path)) : '';
      if (!options.write) {
        terminal.out(`# ${file}\n${merge(file === 'Cargo.toml' ? sectionOnly(before) : '').trimStart()}\n`);
        continue;
      }
      const after = merge(before);
      if (after === before) {
        terminal.out(`${path} has it all already\n`);
        continue;
      }
      const content = new TextEncoder().encode(after);
      if (before === '' && !has(file)) fs.create(path, content);
      else fs.replace(path, content);
      terminal.out(`Wrote ${path}\n`);
    } catch (error) {
      terminal.error(
        `headroom: ${path} ${error instanceof Unmergeable ? error.message : readProblem(error)}\n`,
      );
      return 2;
    }
  }
  return 0;
}

// --- Rust

/** A workspace has its lints in a table of its own. */
function lintsTable(cargo: string): string {
  return /^\s*\[workspace\]/m.test(cargo) ? 'workspace.lints.clippy' : 'lints.clippy';
}

/** For printing: nothing but what tells a workspace from a crate. */
function sectionOnly(cargo: string): string {
  return lintsTable(cargo) === 'lints.clippy' ? '' : '[workspace]\n';
}

function mergeCargo(before: string): string {
  const table = lintsTable(before);
  const { present, end } = tomlTable(before, table);
  const missing = clippyLints.filter((l) => !present.has(l.name));
  if (missing.length === 0) return before;
  const lines = missing.map((l) => `${l.name} = "warn" # ${l.why}`).join('\n');
  if (end >= 0) return insertLines(before, end, lines);
  const heading = `# What Clippy finds and Headroom leaves to it: \`headroom companion\`.\n[${table}]\n`;
  return `${before}${gap(before)}${heading}${lines}\n`;
}

function mergeClippy(before: string): string {
  const { present } = tomlTable(before, '');
  const missing = clippySettings.filter((s) => !present.has(s.key));
  if (missing.length === 0) return before;
  const lines = missing.map((s) => `# ${s.why}\n${s.key} = ${s.value}\n`).join('');
  // Keys of no table stand before the first table.
  const table = /^[ \t]*\[/m.exec(before);
  if (!table) return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${lines}`;
  return `${before.slice(0, table.index)}${lines}\n${before.slice(table.index)}`;
}

/** The keys of a table of a TOML text, and the offset behind its last key; `end` is -1 where there is no such table. */
function tomlTable(
  text: string,
  table: string,
): { readonly present: ReadonlySet<string>; readonly end: number } {
  const present = new Set<string>();
  let inside = table === '';
  let end = inside ? 0 : -1;
  let offset = 0;
  for (const line of text.split('\n')) {
    const heading = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (heading !== undefined) {
      inside = heading === table;
      if (inside) end = offset + line.length;
      // `[lints.clippy.all]` is a key of the table too.
      if (heading.startsWith(`${table}.`)) present.add(heading.slice(table.length + 1));
    } else if (inside) {
      const key = /^\s*"?([\w-]+)"?\s*(?:\.\w+\s*)?=/.exec(line)?.[1];
      if (key !== undefined) present.add(key.replaceAll('-', table === '' ? '-' : '_'));
      if (line.trim() !== '') end = offset + line.length;
    }
    offset += line.length + 1;
  }
  return { present, end };
}

function insertLines(text: string, at: number, lines: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const cut = text[at - 1] === '\r' ? at - 1 : at;
  return `${text.slice(0, cut)}${eol}${lines.replaceAll('\n', eol)}${text.slice(cut)}`;
}

function gap(text: string): string {
  if (text === '') return '';
  return text.endsWith('\n') ? '\n' : '\n\n';
}

// --- Go

/** Adds linters to `linters.enable` and analysers and checks below `linters.settings`; comments and order stay. */
function mergeGolangci(before: string): string {
  const doc = parseDocument(before === '' ? 'version: "2"\n' : before, { keepSourceTokens: true });
  if (doc.errors.length > 0 || !isMap(doc.contents))
    throw new Unmergeable('could not be read as YAML; mend it first');
  const version = doc.get('version');
  if (before !== '' && String(version) !== '2')
    throw new Unmergeable('is not of version 2; `golangci-lint migrate` brings it there');
  const enabled = new Set([
    ...names(doc.getIn(['linters', 'enable'])),
    ...names(doc.getIn(['linters', 'disable'])),
  ]);
  let changed = before === '';
  const add = (path: readonly string[], rows: readonly CompanionRow[], taken: ReadonlySet<string>) => {
    const missing = rows.filter((r) => !taken.has(r.name));
    if (missing.length === 0) return;
    changed = true;
    if (!isSeq(doc.getIn(path))) doc.setIn(path, doc.createNode([]));
    const seq = doc.getIn(path) as YAMLSeq;
    seq.flow = false;
    for (const row of missing) {
      const node = doc.createNode(row.name);
      node.comment = ` ${row.why}`;
      seq.add(node);
    }
  };
  const settings = (linter: string, key: string) => names(doc.getIn(['linters', 'settings', linter, key]));
  add(['linters', 'enable'], goLinters, enabled);
  // Naming analysers of govet or checks of gocritic one by one means something only where they are not all on.
  if (!doc.getIn(['linters', 'settings', 'govet', 'enable-all']))
    add(
      ['linters', 'settings', 'govet', 'enable'],
      goVetAnalyzers,
      new Set([...settings('govet', 'enable'), ...settings('govet', 'disable')]),
    );
  if (!doc.getIn(['linters', 'settings', 'gocritic', 'enable-all'])) {
    add(['linters', 'enable'], [{ name: 'gocritic', why: 'for the checks below' }], enabled);
    add(
      ['linters', 'settings', 'gocritic', 'enabled-checks'],
      goCriticChecks,
      new Set([...settings('gocritic', 'enabled-checks'), ...settings('gocritic', 'disabled-checks')]),
    );
  }
  if (!changed) return before;
  if (before === '')
    (doc.contents as YAMLMap).commentBefore =
      ' What golangci-lint finds and Headroom leaves to it: `headroom companion`.';
  return doc.toString({ lineWidth: 0, flowCollectionPadding: /\[ \S/.test(before) });
}

function names(seq: unknown): string[] {
  return isSeq(seq) ? seq.items.flatMap((i) => (isScalar(i) ? [String(i.value)] : [])) : [];
}
