import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { SourceParser } from '../../src/syntax/parser.ts';

/** Where a snippet stands when somebody uses it: in a handler, which is where growth would be reported. */
const AROUND: Readonly<Record<string, (body: string) => readonly [file: string, text: string]>> = {
  go: (body) => [
    'main.go',
    `package main\nimport ("bytes"; "context"; "errors"; "io"; "net/http"; "sync"; "time"; "golang.org/x/sync/errgroup")
type Item struct{}
type server struct { mu sync.Mutex; entries map[string]string; jobs chan Item }
var pool = sync.Pool{New: func() any { return new(bytes.Buffer) }}
func (s *server) handle(w http.ResponseWriter, r *http.Request) {\n${body}\n}
func main() { s := &server{}; http.HandleFunc("/", s.handle); http.ListenAndServe(":80", nil) }\n`,
  ],
  rust: (body) => [
    'src/main.rs',
    `use std::collections::HashMap;
struct Server { entries: HashMap<String, String> }
impl Server { async fn handle(&mut self, req: Request<Body>) -> Result<(), std::io::Error> {
let entries = &mut self.entries;\n${body}\nOk(()) } }\n`,
  ],
  yaml: (body) => [
    'pod.yaml',
    body.startsWith('resources:')
      ? `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n${indented(body, 6)}\n`
      : body.includes('emptyDir')
        ? `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  volumes:\n${indented(body, 4)}\n  containers:\n    - name: a\n      resources: {limits: {memory: 512Mi}}\n`
        : `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      resources: {limits: {memory: 512Mi}}\n      env:\n${indented(body, 8)}\n`,
  ],
};

const indented = (text: string, by: number) => text.replace(/^/gm, ' '.repeat(by));

/** The text a snippet leaves when every placeholder keeps what it proposes. */
const expanded = (body: readonly string[]) =>
  body
    .join('\n')
    .replace(/\$\{\d+:([^}]*)\}/g, '$1')
    .replace(/\$\d+/g, '');

let parser: SourceParser;
beforeAll(async () => {
  parser = await startEngine();
});

const all = manifest.contributes.snippets.flatMap(({ language, path }) =>
  Object.entries<{ prefix: string; body: string[]; description: string }>(
    JSON.parse(readFileSync(path, 'utf8')),
  ).map(([name, snippet]) => [language, name, snippet] as const),
);

describe('snippets', () => {
  it.each(all)('%s: %s is understood and nothing is said about it', (language, _, snippet) => {
    const [file, text] = AROUND[language]!(expanded(snippet.body));
    const workspace = new Workspace({ parser, throwRuleErrors: true });
    workspace.setText(file, text);
    const { findings, notices } = workspace.check();
    expect(notices).toEqual([]);
    expect(
      findings.filter((f) => f.severity !== 'information').map((f) => `${f.rule}: ${f.message}`),
    ).toEqual([]);
    expect(snippet.description).toMatch(/\.$/);
  });

  it('have prefixes of their own', () => {
    const names = all.map(([language, , { prefix }]) => `${language} ${prefix}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
