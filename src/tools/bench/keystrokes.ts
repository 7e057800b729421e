import { dirname } from 'node:path';
import { Edit, type Tree } from 'web-tree-sitter';
import { startEngine } from '../../host/engine.ts';
import { LiveWorkspace } from '../../host/live-workspace.ts';
import { nodeFileSystem } from '../../host/node-file-system.ts';
import type { Language } from '../../syntax/facts.ts';
import { textEdit } from '../../syntax/text-edit.ts';
import { bareEngine } from './engine.ts';
import type { Source } from './stages.ts';

const LINES = 5000;
const EDITS = 500;
/** Keys pressed with a whole workspace around the file: enough to see what one costs. */
const EDITS_IN_WORKSPACE = 50;

/** What is typed, key by key, at places all over the file. */
const TYPED: Record<Language, readonly string[]> = {
  rust: ['let mut seen = HashMap::new();', 'if let Some(x) = self.items.get(&key) { return x.clone(); }'],
  go: ['seen := map[string][]byte{}', 'if v, ok := s.items[key]; ok { return append(out, v) }'],
};

export interface Times {
  readonly p50: number;
  readonly p95: number;
}

export interface Keystrokes {
  readonly lines: number;
  readonly edits: number;
  readonly parse: Times;
  readonly whole: Times;
  readonly neighbours: Times & { readonly files: number };
}

/** Types into a file of 5,000 lines made of one folder's files; undefined when there is not that much. */
export async function measureKeystrokes(
  language: Language,
  sources: readonly Source[],
  folders: readonly string[],
): Promise<Keystrokes | undefined> {
  const own = sources.filter((source) => source.language === language);
  const text = largeText(own);
  if (text === undefined) return undefined;
  const texts = [...typing(text, TYPED[language])];
  const file = `${dirname((own[0] as Source).file)}/large.${language === 'rust' ? 'rs' : 'go'}`;

  /** From a key to the findings of the file, in a workspace with these folders. */
  const diagnostics = async (roots: readonly string[], keys: number) => {
    const workspace = new LiveWorkspace(nodeFileSystem, await startEngine());
    await workspace.scan(roots, { progress() {}, isCancelled: () => false });
    workspace.open(file, language, text);
    workspace.findings(file);
    const times = texts.slice(0, keys).map((text) =>
      took(() => {
        workspace.change(file, text);
        workspace.findings(file);
      }),
    );
    const { files } = workspace.size();
    workspace.dispose();
    return { ...quantiles(times), files };
  };

  const { parsers } = await bareEngine();
  let tree = parsers[language].parse(text) as Tree;
  let last = text;
  const parse = texts.map((text) =>
    took(() => {
      const edit = textEdit(last, text);
      if (edit) tree.edit(new Edit(edit));
      const next = parsers[language].parse(text, tree) as Tree;
      tree.delete();
      tree = next;
      last = text;
    }),
  );
  tree.delete();

  return {
    lines: text.split('\n').length,
    edits: texts.length,
    parse: quantiles(parse),
    whole: await diagnostics([], EDITS),
    neighbours: await diagnostics(folders, EDITS_IN_WORKSPACE),
  };
}

/** Whole files of one language, the folder with the most text first, up to 5,000 lines. */
function largeText(sources: readonly Source[]): string | undefined {
  const folders = new Map<string, Source[]>();
  for (const source of sources) {
    const folder = dirname(source.file);
    folders.set(folder, [...(folders.get(folder) ?? []), source]);
  }
  const size = (files: readonly Source[]) => files.reduce((sum, { text }) => sum + text.length, 0);
  const ordered = [...folders.values()].sort((a, b) => size(b) - size(a)).flat();
  const lines: string[] = [];
  for (const { text } of ordered) {
    lines.push(...text.split('\n'));
    if (lines.length >= LINES) return lines.slice(0, LINES).join('\n');
  }
  return undefined;
}

/** The text after each key. Each statement begins on a line of its own, at the indentation of the line before. */
function* typing(text: string, typed: readonly string[]): Generator<string> {
  let now = text;
  for (let place = 0, keys = 0; keys < EDITS; place++) {
    const statement = typed[place % typed.length] as string;
    // Spread over the file without a pattern that could meet the same kind of line again and again.
    const wanted = Math.floor(now.length * ((place * 0.618034) % 1));
    const at =
      now.indexOf(';\n', wanted) >= 0 ? now.indexOf(';\n', wanted) + 2 : now.indexOf('\n', wanted) + 1;
    for (let key = 1; key <= statement.length && keys < EDITS; key++, keys++) {
      const until = at + key - 1;
      now = now.slice(0, until) + (statement[key - 1] as string) + now.slice(until);
      yield now;
    }
    now = `${now.slice(0, at + statement.length)}\n${now.slice(at + statement.length)}`;
  }
}

function took(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

export function quantiles(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number;
  return { p50: at(0.5), p95: at(0.95) };
}
