import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from 'web-tree-sitter';
import { type RuleSet, registry } from '../../analysis/run-rules.ts';
import { Workspace } from '../../analysis/workspace.ts';
import type { Rule } from '../../core/rule.ts';
import { finish } from '../../core/steps.ts';
import { MAX_SOURCE_BYTES } from '../../host/decode.ts';
import { startEngine } from '../../host/engine.ts';
import type { FileFacts, Language } from '../../syntax/facts.ts';
import { MAX_DEPTH } from '../../syntax/parser.ts';
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

/** What measures both clocks: bare parsing is what stages (processor time) and the scan (time) are compared with. */
interface Bare {
  processor: number;
  clock: number;
}

/** Parses, flattens, extracts and checks everything below the folders, stage by stage in this thread. */
export async function measureStages(folders: readonly string[]): Promise<{
  sources: readonly Source[];
  stages: readonly Stage[];
  /** Of `program and rules`, the dearest first; what several rules share counts for the one that asked first. */
  rules: readonly Stage[];
  bare: Bare;
  megabytes: number;
}> {
  const sources: Source[] = [];
  const projects = new Map<string, string>();
  for (const folder of folders) readSources(folder, sources, projects);
  const { runtime, parsers } = await bareEngine();
  const parser = await startEngine();

  const bare: Bare = { processor: 0, clock: 0 };
  let flatten = 0;
  let extract = 0;
  const facts: FileFacts[] = [];
  for (const { file, language, text } of sources) {
    let tree: Tree | null = null;
    const begun = performance.now();
    bare.processor += took(() => {
      tree = parsers[language].parse(text);
    });
    bare.clock += performance.now() - begun;
    flatten += took(() => runtime.flatten(tree as unknown as Tree, MAX_DEPTH));
    bare.processor += took(() => (tree as unknown as Tree).delete());
    // File by file, so that a busy moment of the machine slows all stages alike.
    extract += took(() => facts.push(parser.extract(file, language, text)));
  }
  const perRule = new Map<string, number>();
  const workspace = new Workspace({ rules: timed(perRule) });
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
      { name: 'bare parse', milliseconds: bare.processor },
      { name: 'flatten', milliseconds: flatten },
      { name: 'parse, flatten and facts', milliseconds: extract },
      { name: 'program and rules', milliseconds: rules },
    ],
    rules: [...perRule]
      .map(([name, milliseconds]) => ({ name, milliseconds }))
      .sort((a, b) => b.milliseconds - a.milliseconds),
  };
}

/** The rules of the registry, each with a stopwatch of processor time. */
function timed(spent: Map<string, number>): RuleSet {
  const watch = <Input>(rules: readonly Rule<Input>[]): readonly Rule<Input>[] =>
    rules.map((rule) => ({
      meta: rule.meta,
      // One step is as good as many: nobody waits.
      *run(input, sink) {
        const { id } = rule.meta;
        spent.set(id, (spent.get(id) ?? 0) + took(() => finish(rule.run(input, sink))));
      },
    }));
  return { ...registry, rust: watch(registry.rust), go: watch(registry.go) };
}
