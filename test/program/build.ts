/** Small programs for the tests of `src/program/`, and what the analyses say of them in words a test can compare. */
import { Workspace } from '../../src/analysis/workspace.ts';
import { LineIndex } from '../../src/core/text-position.ts';
import { boundsOf, growingPlaces } from '../../src/program/bounds/growth.ts';
import { Lifetimes } from '../../src/program/lifetime/lifetime.ts';
import { Phases } from '../../src/program/phases/phases.ts';
import { displayName, type PlaceRef, Places } from '../../src/program/places/places.ts';
import type { Fn, Program } from '../../src/program/program.ts';
import { spawnSites } from '../../src/program/spawns/spawn-sites.ts';
import { judgeSpawn } from '../../src/program/spawns/spawns.ts';
import type { TypeRef } from '../../src/program/types/types.ts';
import { Values } from '../../src/program/types/values.ts';
import { Kind, type NodeId, Role } from '../../src/syntax/node.ts';
import { functionNamed, parser, programOf } from './program-of.ts';

export { functionNamed, programOf };

export type Files = Readonly<Record<string, string>>;

/** The packages that `go` imports where a text names them. */
const GO_PACKAGES =
  'bufio container/heap container/list context encoding/json fmt github.com/spf13/cobra io log net net/http os sort strings sync sync/atomic time'.split(
    ' ',
  );

/** A Go package of one file in a module `m`; standard packages are imported as the text names them. */
export function go(text: string, name = 'main'): Files {
  const used = GO_PACKAGES.filter((p) => new RegExp(`\\b${p.slice(p.lastIndexOf('/') + 1)}\\.`).test(text));
  const imports = used.map((p) => `import "${p}"\n`).join('');
  return { 'go.mod': 'module m\n\ngo 1.19\n', 'main.go': `package ${name}\n${imports}${text}` };
}

/** A Rust crate of one file. */
export function rust(text: string): Files {
  return { 'src/lib.rs': text };
}

/** The arguments of all calls `probe(a, b)`, with the functions they stand in. */
export function probes(program: Program): { readonly fn: Fn; readonly node: NodeId }[] {
  const out: { fn: Fn; node: NodeId }[] = [];
  for (const pkg of program.packages)
    for (const fn of pkg.functions) {
      const { first: body, after } = fn;
      for (let n = body; n < after; n++)
        if (fn.code.is(n, Kind.Call) && fn.code.is(fn.code.child(n, Role.Callee), Kind.Name, 'probe'))
          for (const node of fn.code.all(n, Role.Arg)) out.push({ fn, node });
    }
  return out;
}

/** The places of all probes: `Store.jobs`, `cache`, `f/local`, with `[]` for each step into an element. */
export function places(files: Files): string[] {
  const program = programOf(files);
  return probes(program).map(({ fn, node }) => placeText(Places.of(program).of(fn, node)));
}

export function placeText(place: PlaceRef | undefined): string {
  if (!place) return '-';
  const steps = '[]'.repeat(place.depth);
  const members = (place.members ?? []).map((m) => `.${m}`).join('');
  if (place.global) return `${place.global.fact.name}${members}${steps}`;
  if (place.owner) return `${place.owner.fact.name}.${place.field}${members}${steps}`;
  if (place.root === 'unknown') return `?.${place.name}`;
  return `${place.fn?.fact.name}/${place.binding?.name}${members}${steps}`;
}

/** The types of all probes, paths of the workspace left out: `Arc<Mutex<HashMap<String, Job>>>`. */
export function types(files: Files): string[] {
  const program = programOf(files);
  return probes(program).map(({ fn, node }) => typeText(Values.of(program).typeOf(fn, node)));
}

export function typeText(type: TypeRef | undefined): string {
  if (!type) return '?';
  const name = type.decl?.fact.name ?? type.name;
  return type.args.length > 0 ? `${name}<${type.args.map(typeText).join(', ')}>` : name;
}

/** What bounds each container that something is added to, by its name; several growths joined by ` + `. */
export function bounds(files: Files): Record<string, string> {
  const out: Record<string, string> = {};
  for (const pkg of programOf(files).packages)
    for (const growing of growingPlaces(pkg)) {
      const reasons = [...boundsOf(pkg, growing)].map((v) => v.bound?.reason ?? 'unbounded');
      out[displayName(growing.place)] = [...new Set(reasons)].join(' + ');
    }
  return out;
}

/** How long each container that something is added to lives, by its name: `long`, `likely long`, `short`, `unknown`. */
export function lives(files: Files): Record<string, string> {
  const out: Record<string, string> = {};
  for (const pkg of programOf(files).packages)
    for (const growing of growingPlaces(pkg)) {
      const growth = growing.effects.find((e) => e.kind === 'grow');
      if (!growth) continue;
      const life = Lifetimes.of(pkg.program).of(growing.place, growth.fn, growth.node);
      out[displayName(growing.place)] =
        life.verdict === 'long' && life.strength === 'likely' ? 'likely long' : life.verdict;
    }
  return out;
}

/** When a function runs: `request`, `likely`, `api`, `start-up` or `nothing`. */
export function phase(files: Files, name: string): string {
  const program = programOf(files);
  const reach = Phases.of(program).of(functionNamed(program, name));
  if (reach.request) return 'request';
  if (reach.likely) return 'likely';
  if (reach.guess) return 'guess';
  if (reach.startup) return 'start-up';
  return reach.api ? 'api' : 'nothing';
}

/** Every spawn by its function: what limits it (`permit`), or how often it runs (`per item`). */
export function spawns(files: Files): string[] {
  return programOf(files).packages.flatMap((pkg) =>
    spawnSites(pkg).map((site) => {
      const verdict = judgeSpawn(site);
      const said = !verdict
        ? 'nothing'
        : 'bound' in verdict
          ? verdict.bound.reason
          : `per ${verdict.rate.per}`;
      return `${site.fn.fact.name}: ${said}`;
    }),
  );
}

/** What a rule says in the default profile: `main.go:4 high`, `main.go:2 removed`; files in the order given. */
export function says(rule: string, files: Iterable<readonly [string, string]>): string[] {
  const workspace = new Workspace({ parser, only: [rule], throwRuleErrors: true });
  const texts = new Map(files);
  for (const [file, text] of texts) workspace.setText(file, text);
  const { findings, exemptions } = workspace.check();
  const line = (at: { readonly file: string; readonly span: { readonly start: number } }) =>
    `${at.file}:${new LineIndex(texts.get(at.file) ?? '').position(at.span.start).line}`;
  return [
    ...findings.map((f) => `${line(f)} ${f.confidence}`),
    ...exemptions.map((e) => `${line(e)} ${e.reason}`),
  ];
}
