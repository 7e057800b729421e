import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from 'web-tree-sitter';
import { Workspace } from '../../analysis/workspace.ts';
import { startEngine } from '../../host/engine.ts';
import type { FileFacts, Language } from '../../syntax/facts.ts';
import { MAX_DEPTH, MAX_SOURCE_BYTES } from '../../syntax/parser.ts';
import { bareEngine } from './engine.ts';

export interface Source {
  readonly file: string;
  readonly language: Language;
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  readonly milliseconds: number;
}

const SKIPPED = new Set(['vendor', 'target', 'node_modules', '.git']);

function readSources(folder: string, into: Source[], projects: Map<string, string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) readSources(file, into, projects);
    } else if (entry.isFile() && /\.(rs|go)$/.test(entry.name) && statSync(file).size <= MAX_SOURCE_BYTES) {
      const language = entry.name.endsWith('.rs') ? 'rust' : 'go';
      into.push({ file, language, text: readFileSync(file, 'utf8') });
    } else if (entry.name === 'go.mod' || entry.name === 'Cargo.toml') {
      projects.set(file, readFileSync(file, 'utf8'));
    }
  }
}

/** Milliseconds of processor time: what others do on the machine does not count. */
export function took(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

/** Parses, flattens, extracts and checks everything below the folders, stage by stage in this thread. */
export async function measureStages(folders: readonly string[]): Promise<{
  sources: readonly Source[];
  stages: readonly Stage[];
  bare: number;
  megabytes: number;
}> {
  const sources: Source[] = [];
  const projects = new Map<string, string>();
  for (const folder of folders) readSources(folder, sources, projects);
  const { runtime, parsers } = await bareEngine();
  const parser = await startEngine();

  let bare = 0;
  let flatten = 0;
  let extract = 0;
  const facts: FileFacts[] = [];
  for (const { file, language, text } of sources) {
    let tree: Tree | null = null;
    bare += took(() => {
      tree = parsers[language].parse(text);
    });
    flatten += took(() => runtime.flatten(tree as unknown as Tree, MAX_DEPTH));
    bare += took(() => (tree as unknown as Tree).delete());
    // File by file, so that a busy moment of the machine slows all stages alike.
    extract += took(() => facts.push(parser.extract(file, language, text)));
  }
  const workspace = new Workspace();
  const rules = took(() => {
    for (const [file, text] of projects) workspace.setText(file, text);
    sources.forEach(({ text }, i) => {
      workspace.setFacts(facts[i] as FileFacts, () => text);
    });
    workspace.check();
  });
  return {
    sources,
    bare,
    megabytes: sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / 1e6,
    stages: [
      { name: 'bare parse', milliseconds: bare },
      { name: 'flatten', milliseconds: flatten },
      { name: 'parse, flatten and facts', milliseconds: extract },
      { name: 'program and rules', milliseconds: rules },
    ],
  };
}
