import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fileKind } from '../../analysis/file-kind.ts';
import { Workspace } from '../../analysis/workspace.ts';
import { quantiles, type Times } from './keystrokes.ts';
import { took } from './stages.ts';

const SKIPPED = new Set(['vendor', 'target', 'node_modules', '.git']);
/** Lines of the manifest that is typed into. */
const LINES = 1000;
const KEYS = 200;

export interface ManifestTimes {
  readonly files: number;
  readonly megabytes: number;
  /** Milliseconds of processor time the `yaml` package needs to parse all files. */
  readonly bare: number;
  /** The same for Headroom, from texts to findings. */
  readonly whole: number;
  /** From a key in a manifest of 1,000 lines, among all the others, to its findings. */
  readonly key: Times;
}

/** Reads and checks all YAML files below the folders; undefined when there are none. */
export function measureManifests(folders: readonly string[]): ManifestTimes | undefined {
  const texts = new Map<string, string>();
  for (const folder of folders) collect(folder, texts);
  if (texts.size === 0) return undefined;
  // Each once before the clock runs: the first parse of a process is not that of a repository.
  measure(new Map([...texts].slice(0, 50)));
  const { bare, whole, workspace } = measure(texts);
  return {
    files: texts.size,
    megabytes: [...texts.values()].reduce((sum, t) => sum + t.length, 0) / 1e6,
    bare,
    whole,
    key: typeInto(workspace, [...texts.values()]),
  };
}

function collect(folder: string, texts: Map<string, string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) collect(file, texts);
    } else if (entry.isFile() && fileKind(file) === 'manifest' && statSync(file).size < 2_000_000)
      texts.set(file, readFileSync(file, 'utf8'));
  }
}

function measure(texts: ReadonlyMap<string, string>) {
  const bare = took(() => {
    for (const text of texts.values()) {
      try {
        parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
      } catch {
        // Too deep for it; Headroom has to cope with the same text.
      }
    }
  });
  const workspace = new Workspace();
  const whole = took(() => {
    for (const [file, text] of texts) workspace.setText(file, text);
    workspace.check();
  });
  return { bare, whole, workspace };
}

/** Types a resource block into a long manifest made of the workspace's own. */
function typeInto(workspace: Workspace, texts: readonly string[]): Times {
  const documents = texts.filter((t) => /^kind: Deployment$/m.test(t) && !t.includes('{{'));
  let text = '';
  while (text.split('\n').length < LINES)
    text += `---\n${documents[text.length % Math.max(documents.length, 1)] ?? SAMPLE}\n`;
  const file = 'bench/large.yaml';
  const typed = '          resources: {limits: {memory: 512Mi}, requests: {memory: 256Mi}}\n';
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    const line = text.split('\n');
    const at = line.slice(0, (key * 37) % line.length).join('\n').length;
    const until = (key % typed.length) + 1;
    const now = `${text.slice(0, at)}\n${typed.slice(0, until)}${text.slice(at)}`;
    const begun = performance.now();
    workspace.setText(file, now);
    workspace.checkFile(file);
    times.push(performance.now() - begun);
  }
  return quantiles(times);
}

const SAMPLE =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n        - name: api\n          image: registry.example.org/api:1\n';
