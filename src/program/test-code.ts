import { TEST_FOLDERS, TESTS_OF, WITH_TESTS } from '../knowledge/test-folders.ts';
import {
  forTests,
  goTestFiles,
  goTestPackages,
  notTestPackages,
  rustTestFiles,
  testCrates,
  testPrefixes,
  testRequests,
  testServers,
  testTypePrefixes,
  testTypeSuffixes,
} from '../knowledge/test-names.ts';
import { Code } from '../syntax/code.ts';
import type { FileFacts } from '../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { folderOf, homesOf, liesIn, type Project } from './project.ts';

/**
 * True when a file is test, benchmark or example code by its facts, its name or a folder on its way. Folders are
 * judged below `root`, the folder that holds everything under review, so that a project which itself lies in a
 * folder named `test` is still reviewed.
 */
export function isTestFile(facts: FileFacts, root: string): boolean {
  if (facts.test || isTestPath(facts.file, root)) return true;
  // What listens in a simulated network has no other.
  if (facts.language !== 'go')
    return facts.imports.some((i) => SIMULATED.test(i.path)) && !facts.imports.some((i) => REAL.test(i.path));
  if (goTestPackages.test(facts.packageName) && !notTestPackages.test(facts.packageName)) return true;
  // A file outside _test.go that takes a *testing.T or starts a test server helps tests.
  return facts.imports.some((i) => TEST_IMPORTS.has(i.path)) && !onlyRecords(facts);
}

/**
 * Go: `httptest.NewRecorder()` alone runs a handler in process, which services do as well, and `httptest.NewRequest()` in
 * what is a handler itself makes one request of another.
 */
function onlyRecords(facts: FileFacts): boolean {
  const { imports, names } = facts;
  const helps = imports.filter((i) => TEST_IMPORTS.has(i.path));
  if (!helps.every((i) => i.path === RECORDERS)) return false;
  const isHandler = names.includes('http.ResponseWriter');
  if (!isHandler && !names.includes('NewRecorder')) return false;
  const code = new Code(facts);
  const { alias } = helps[0] as (typeof helps)[number];
  for (let n = 0; n < code.size; n++) {
    const isOfTests = testServers.test(code.name(n)) || (!isHandler && testRequests.test(code.name(n)));
    if (isOfTests && isOf(code, n, alias)) return false;
  }
  return true;
}

/** Go: `httptest.NewServer` and no function of another package that is called so. */
function isOf(code: Code, n: NodeId, alias: string): boolean {
  return code.name(n).startsWith(`${alias}.`) || code.is(code.child(n, Role.Object), Kind.Name, alias);
}

/** The same by the name and the folders below `root` alone. */
export function isTestPath(file: string, root: string): boolean {
  const below = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  const folders = below.split('/');
  const name = folders.pop() ?? '';
  const isNamedSo = name.endsWith('.go')
    ? goTestFiles.test(name)
    : name === 'build.rs' || rustTestFiles.test(name);
  return (
    isNamedSo ||
    folders.some((folder) => TEST_FOLDERS.has(folder) || TESTS_OF.test(folder) || WITH_TESTS.test(folder))
  );
}

/**
 * Files and folders that Rust's `#[cfg(test)] mod name;` makes test code, whatever they are called: the module's file,
 * and the folder of what lies below it. So are those that nothing declares: no program has them.
 */
export function testModulesOf(files: readonly FileFacts[]): { readonly has: (file: string) => boolean } {
  const folders: string[] = [...uncompiledOf(files)];
  const own = new Set(folders.map((folder) => `${folder}.rs`));
  for (const { file, language, modules } of files) {
    if (language !== 'rust') continue;
    const folder = folderOf(file);
    const base = /(^|\/)(lib|main|mod)\.rs$/.test(file) ? folder : file.replace(/\.rs$/, '');
    for (const m of modules) {
      if (!m.test) continue;
      const below =
        m.file === '' ? [base, ...m.path, m.name].join('/') : `${folder}/${m.file}`.replace(/\.rs$/, '');
      own.add(`${below}.rs`);
      folders.push(below);
    }
  }
  return { has: (file) => own.has(file) || folders.some((folder) => liesIn(file, folder)) };
}

/**
 * Rust modules that no compiler reads, by the folder of what lies below them: the file of the module around them neither
 * declares them nor so much as writes their name, which a macro would have to. What lies beside a `lib.rs` or `main.rs`
 * may be the root of another program, as `Cargo.toml` says.
 */
function uncompiledOf(files: Iterable<FileFacts>): readonly string[] {
  const rust = new Map<string, FileFacts>();
  for (const facts of files) if (facts.language === 'rust') rust.set(facts.file, facts);
  const found: { readonly file: string; readonly below: string }[] = [];
  for (const file of rust.keys()) {
    const below = file.replace(/(\/mod)?\.rs$/, '');
    const around = folderOf(below);
    const name = lastOf(below);
    const parent = rust.get(`${around}/mod.rs`) ?? rust.get(`${around}.rs`);
    if (!parent || rust.has(`${around}/lib.rs`) || rust.has(`${around}/main.rs`) || hasMain(rust.get(file)))
      continue;
    const { modules, names } = parent;
    if (!modules.some((m) => m.name.replace(/^r#/, '') === name) && !names.includes(name))
      found.push({ file, below });
  }
  if (found.length === 0) return [];
  /** What `#[path = "…"]` and `include!` name, by its last part. */
  const named = new Set<string>();
  for (const { modules, names } of rust.values()) {
    for (const { file } of modules) if (file !== '') named.add(lastOf(file));
    for (const name of names) if (name.endsWith('.rs')) named.add(lastOf(name));
  }
  return found.filter(({ file }) => !named.has(lastOf(file))).map(({ below }) => below);
}

function hasMain(facts: FileFacts | undefined): boolean {
  return facts?.functions.some((f) => f.name === 'main' && f.owner === '' && f.module.length === 0) ?? false;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Rust: networks that tests simulate, and real ones: https://docs.rs/turmoil, https://docs.rs/madsim */
const SIMULATED = /^(turmoil|madsim)::net\b/;
const REAL = /^(tokio|std|async_std)::net\b/;

/** Go: the package of `NewRecorder`, https://pkg.go.dev/net/http/httptest */
const RECORDERS = 'net/http/httptest';

/** Go packages that only what helps tests imports: https://pkg.go.dev/testing */
const TEST_IMPORTS: ReadonlySet<string> = new Set([
  'testing',
  RECORDERS,
  'github.com/stretchr/testify/require',
  'github.com/stretchr/testify/assert',
]);

/** True for names that say that only tests use them: `read_body_for_tests`, `MemoryQueueForTests`. */
export function isTestName(name: string): boolean {
  if (testPrefixes.test(name)) return true;
  return name.includes('est') && forTests.test(name);
}

/** True for types that stand in for others in tests: `MockEngine`, `TestServer`, `mockHandler`. */
export function isTestType(name: string): boolean {
  return testTypePrefixes.test(name) || testTypeSuffixes.test(name);
}

/**
 * True for a folder with a `Cargo.toml` whose crate helps the tests of others, or the work on the project, by its
 * name: `test_raftstore`, `xtask`.
 */
export function isTestCrate(dir: string): boolean {
  const name = dir.slice(dir.lastIndexOf('/') + 1);
  return testCrates.test(name) && !notTestPackages.test(name);
}

/**
 * Rust: the crates of a workspace that its programs have among what only their tests need, by name, and those that only such
 * crates have. What has a program of its own is none, and what no program knows may be what the workspace is there for.
 */
export function devCrates(projects: readonly Project[], files: Iterable<FileFacts>): ReadonlySet<string> {
  const crates = projects.filter((p) => p.kind === 'cargo' && p.name !== '');
  const found = new Set<string>();
  if (!crates.some((p) => p.devUses?.length)) return found;
  const { crate } = homesOf(projects);
  const programs = new Set<Project | undefined>(crates.filter((p) => p.binaries?.length));
  for (const facts of files) if (facts.language === 'rust' && hasMain(facts)) programs.add(crate(facts.file));
  const usedBy = (name: string, of: 'uses' | 'devUses') => crates.filter((p) => p[of]?.includes(name));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { name } of crates.filter((p) => !programs.has(p) && !found.has(p.name))) {
      const users = usedBy(name, 'uses');
      const isHelper = users.length > 0 || usedBy(name, 'devUses').some((p) => programs.has(p));
      if (isHelper && users.every((p) => found.has(p.name))) found.add(name);
    }
  }
  return found;
}

/**
 * Tells which files need not be parsed, because what they declare runs in no service: test code by its path, Go's
 * `_test.go`, and the folders beside a `Cargo.toml` whose files Cargo builds as crates of their own. What only the text
 * tells, `isTestFile` finds later.
 * @param root the folder that holds everything under review
 */
export function onlyForTests(projects: Iterable<Project>, root: string): (file: string) => boolean {
  const { crate } = homesOf(projects);
  return (file) => {
    if (isTestPath(file, root)) return true;
    if (file.endsWith('.go')) return file.endsWith('_test.go');
    const dir = crate(file)?.dir;
    if (dir === undefined) return false;
    const below = dir === '' ? file : file.slice(dir.length + 1);
    return /^(tests|benches|examples)\//.test(below);
  };
}
