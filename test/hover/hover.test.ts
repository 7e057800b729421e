import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import {
  allocatorFacts,
  goCallFacts,
  rustCallFacts,
  rustMethodFacts,
} from '../../src/knowledge/code-facts.ts';
import { myths } from '../../src/knowledge/myths.ts';
import { allRules } from '../../src/rules/registry.ts';

const parser = await startEngine();

/** The hover where `‸` stands in one of the texts. */
function hover(texts: Record<string, string>, linkTo?: (p: { file: string }, line: number) => string) {
  const workspace = new Workspace({ parser, throwRuleErrors: true });
  let at: { file: string; offset: number } | undefined;
  for (const [file, marked] of Object.entries(texts)) {
    const offset = marked.indexOf('‸');
    if (offset >= 0) at = { file, offset };
    workspace.setText(file, marked.replace('‸', ''));
  }
  return workspace.hover(at!.file, at!.offset, linkTo && { linkTo })?.markdown ?? '';
}

const GO_SERVER = `package main

import "net/http"

var seen‸ = map[string]bool{}

func handle(w http.ResponseWriter, r *http.Request) {
	seen[r.URL.Path] = true
}

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":80", nil)
}
`;

describe('hovers on rules', () => {
  it('leave out what the face shows beside them', () => {
    const workspace = new Workspace({ parser, throwRuleErrors: true });
    workspace.setText('main.go', GO_SERVER.replace('‸', ''));
    const offset = GO_SERVER.replace('‸', '').indexOf('seen[r.');
    const [finding] = workspace.checkFile('main.go').findings;
    const text = workspace.hover('main.go', offset, { showsFindings: true })?.markdown ?? '';
    expect(text).not.toContain(finding!.message);
    expect(text).not.toContain(finding!.related[0]!.message);
    expect(text).toContain('[About go/unbounded-cache](');
  });

  const finding = GO_SERVER.replace('‸', '').replace('seen[r', 'se‸en[r');

  it('say why a finding matters, how much it is, what makes it silent, and where to read on', () => {
    const text = hover({ 'main.go': finding, 'go.mod': 'module shop\n' });
    expect(text).toContain('**go/unbounded-cache** — `seen` grows');
    expect(text).toContain('The collector cannot free what is reachable');
    expect(text).toContain('*How much:* entries ×');
    expect(text).toContain('*Silent when*');
    expect(text).toContain('https://headroom.dev/rules/go/unbounded-cache');
    expect(text).toContain(myths['high-memory-means-leak'].measurement);
  });

  it('leave out what the line means besides: a finding says more', () => {
    const spawning = GO_SERVER.replace('‸', '')
      .replace('seen[r.URL.Path] = true', 'g‸o record(r.URL.Path)')
      .concat('\nvar visits = make(chan string)\n\nfunc record(path string) {\n\tvisits <- path\n}\n');
    const text = hover({ 'main.go': spawning, 'go.mod': 'module shop\n' });
    expect(text).toContain('**go/unbounded-spawn** — ');
    expect(text).not.toContain('A parked goroutine');
  });

  it('name related places as links where the face gives addresses', () => {
    const texts = { 'main.go': finding, 'go.mod': 'module shop\n' };
    expect(hover(texts)).toContain('is declared here: main.go:5');
    expect(hover(texts, (place, line) => `file:///${place.file}#L${line}`)).toContain(
      '[main.go:5](file:///main.go#L5)',
    );
  });

  it('say why a candidate is silent and where its bound stands', () => {
    const text = hover({
      'main.go': GO_SERVER,
      'sweep.go':
        'package main\n\nfunc sweep() {\n\tfor k := range seen {\n\t\tdelete(seen, k)\n\t}\n}\n\nfunc init() {\n\tgo sweep()\n}\n',
      'go.mod': 'module shop\n',
    });
    expect(text).toMatch(/\*\*go\/unbounded-cache\*\* is silent here: bounded by .*\(sweep\.go:5\)/);
  });
});

describe('hovers on memory facts without a finding', () => {
  const go = (body: string, imports = '') =>
    hover({ 'main.go': `package main\n\n${imports}\n\nfunc main() {\n${body}\n}\n` });

  it('know Go’s runtime settings by import path, under any alias', () => {
    expect(go('\td.SetGC‸Percent(50)', 'import d "runtime/debug"')).toContain('`runtime/debug.SetGCPercent`');
    expect(go('\td.SetGC‸Percent(50)', 'import d "example.com/debug"')).toBe('');
  });

  it('know goroutines and buffered channels', () => {
    expect(go('\tg‸o work()\n}\n\nfunc work() {')).toContain('2.6 KiB');
    expect(go('\tc := ma‸ke(chan int, 100)\n\t<-c')).toContain('A buffered channel');
    expect(go('\tc := ma‸ke(chan int)\n\t<-c')).toBe('');
  });

  it('know Rust functions by path', () => {
    const text = hover({ 'src/main.rs': 'use std::thread;\nfn main() {\n    thread::spa‸wn(|| {});\n}\n' });
    expect(text).toContain('`std::thread::spawn`');
    expect(text).toContain('address space');
    expect(text).toContain('Rust is unpredictable in containers');
  });

  it('know the global allocator, from its attribute to its end', () => {
    const source =
      '#[global_all‸ocator]\nstatic ALLOC: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;\n';
    expect(hover({ 'src/main.rs': `${source}fn main() {}\n` })).toContain('_RJEM_MALLOC_CONF');
    expect(
      hover({ 'src/main.rs': `${source.replace('#[global_all‸ocator]', '#[used‸]')}fn main() {}\n` }),
    ).toBe('');
  });

  it('speak about a copy only where it runs again and again', () => {
    const server = (where: string) => `use std::net::TcpListener;
fn main() {
    let name = String::from("x");
    let once = name.${where === 'once' ? 'cl‸one' : 'clone'}();
    for stream in TcpListener::bind("0.0.0.0:80").unwrap().incoming() {
        let again = once.${where === 'again' ? 'cl‸one' : 'clone'}();
        println!("{again} {stream:?}");
    }
}
`;
    expect(hover({ 'src/main.rs': server('again') })).toContain('fix-without-measuring');
    expect(hover({ 'src/main.rs': server('once') })).toBe('');
  });

  it('say nothing about lines without memory in them', () => {
    expect(go('\tprint‸ln(1)')).toBe('');
    expect(hover({ 'src/lib.rs': 'pub fn a‸dd(a: u8, b: u8) -> u8 { a + b }\n' })).toBe('');
  });
});

describe('what hovers rest on', () => {
  it('has a source', () => {
    const facts = [goCallFacts, rustCallFacts, rustMethodFacts, allocatorFacts].flatMap((t) =>
      Object.entries(t),
    );
    expect(facts.filter(([, f]) => !/^https:\/\/|measured/.test(f.source))).toEqual([]);
  });

  it.each(allRules.map((r) => [r.meta.id, r.meta] as const))('%s says why it matters', (_, meta) => {
    if (meta.tier === 'H') return;
    expect(meta.note?.why.length).toBeGreaterThan(60);
    if (meta.note?.myth) expect(Object.keys(myths)).toContain(meta.note.myth);
  });
});
