import type { Place, Span } from '../core/span.ts';
import { finish, type Steps } from '../core/steps.ts';
import { TEST_FOLDERS } from '../knowledge/test-folders.ts';
import { Code } from '../syntax/code.ts';
import type { FileFacts, FunctionFact, GlobalFact, Language, TypeFact } from '../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { meant } from './modules.ts';
import { folderOf, type Homes, homesOf, type Project } from './project.ts';
import { devCrates, isTestCrate, isTestFile, isTestName, isTestType, testModulesOf } from './test-code.ts';

export interface ProgramInput {
  readonly files: Iterable<FileFacts>;
  readonly projects: readonly Project[];
  /** The text of a file, for messages and edits. Called only for files with findings. */
  readonly text: (file: string) => string;
  /** The folder that holds everything under review; when left out, the one that holds the files. */
  readonly root?: string;
}

/** A function or method with its home. Closures belong to the function whose body they stand in. */
export class Fn {
  readonly file: SourceFile;
  readonly fact: FunctionFact;
  // Kept rather than asked of the file: everything that reads code begins here.
  readonly code: Code;
  readonly package: Package;
  /** The body's nodes: the Block, and the index after it; both 0 when there is no body. */
  readonly first: NodeId;
  readonly after: NodeId;
  readonly #index: number;
  #isTest: boolean | undefined;

  constructor(file: SourceFile, fact: FunctionFact, index: number) {
    this.file = file;
    this.fact = fact;
    this.code = file.code;
    this.package = file.package;
    this.first = Math.max(0, fact.body);
    this.after = fact.body < 0 ? 0 : file.code.after(fact.body);
    this.#index = index;
  }

  /** Unique in the program, and short: it is a part of many keys. Made when it is asked for: most never are. */
  get id(): string {
    return `${this.file.number}#${this.#index}`;
  }

  /** `Type::name` in Rust, `Type.name` in Go, the plain name of a free function. */
  get label(): string {
    const { owner, name } = this.fact;
    if (!owner) return name;
    return this.file.facts.language === 'rust' ? `${owner}::${name}` : `${owner}.${name}`;
  }

  /** Kept: whoever reads all code asks it of every function. */
  get isTest(): boolean {
    this.#isTest ??=
      this.fact.test ||
      this.file.isTest ||
      isTestName(this.fact.name) ||
      isTestName(this.fact.owner) ||
      isTestType(this.fact.owner) ||
      (this.file.facts.language === 'rust' && this.fact.module.some((m) => TEST_FOLDERS.has(m)));
    return this.#isTest;
  }

  /** `first` and `after`, for who hands both on. */
  get range(): readonly [NodeId, NodeId] {
    return [this.first, this.after];
  }

  place(node: NodeId): Place {
    return this.file.place(this.code.span(node));
  }

  /** A method call at its name where that stands on a line of its own: `stream::iter(urls)⏎.buffered(n)` at `buffered(n)`. */
  placeOfMethod(node: NodeId): Place {
    const { code } = this;
    const object = code.kind(node) === Kind.MethodCall ? code.child(node, Role.Object) : -1;
    if (object < 0 || code.child(node, Role.TypeArg) >= 0) return this.place(node);
    const first = code.child(node, Role.Arg);
    const name = code.name(node);
    const from = code.end(object);
    const to = first < 0 ? code.end(node) - 1 : code.start(first);
    // `map.insert(`: most stand on one line, and nothing has to be read for it.
    if (to - from === name.length + 2) return this.place(node);
    const start = this.package.text(this.file.facts.file).indexOf(name, from);
    return start > from + 1 ? this.file.place({ start, end: code.end(node) }) : this.place(node);
  }
}

export class TypeDecl {
  readonly file: SourceFile;
  readonly fact: TypeFact;
  readonly id: string;

  constructor(file: SourceFile, fact: TypeFact) {
    this.file = file;
    this.fact = fact;
    const at = fact.local ? `@${file.facts.file}:${fact.nameSpan.start}` : '';
    this.id = `${file.package.id}:${[...fact.module, fact.name].join('::')}${at}`;
  }

  get isTest(): boolean {
    return this.fact.test || this.file.isTest || isTestName(this.fact.name) || isTestType(this.fact.name);
  }
}

export class Global {
  readonly file: SourceFile;
  readonly fact: GlobalFact;
  readonly id: string;

  constructor(file: SourceFile, fact: GlobalFact) {
    this.file = file;
    this.fact = fact;
    // A Go package has each name once, a crate has it once in each module.
    const within = file.facts.language === 'rust' ? `${file.number}:` : '';
    this.id = `${file.package.id}:${within}${[...fact.module, fact.owner, fact.name].filter(Boolean).join('::')}`;
  }
}

export class SourceFile {
  readonly package: Package;
  /** Its position among the program's files. */
  readonly number: number;
  readonly facts: FileFacts;
  readonly code: Code;
  readonly functions: readonly Fn[];
  readonly types: readonly TypeDecl[];
  readonly globals: readonly Global[];
  /** Test, benchmark or example code by its name or folder; never a place for a finding. */
  readonly isTest: boolean;
  readonly #imports = new Map<string, string>();

  constructor(pkg: Package, facts: FileFacts, number: number) {
    this.package = pkg;
    this.number = number;
    this.facts = facts;
    this.code = new Code(facts);
    this.isTest =
      isTestFile(facts, pkg.program.root) ||
      pkg.program.testModules.has(facts.file) ||
      (pkg.language === 'rust' &&
        (isTestCrate(pkg.dir) || pkg.program.devCrates.has(pkg.project?.name ?? '')));
    this.functions = facts.functions.map((f, i) => new Fn(this, f, i));
    this.types = facts.types.map((t) => new TypeDecl(this, t));
    this.globals = facts.globals.map((g) => new Global(this, g));
    for (const i of facts.imports) if (!this.#imports.has(i.alias)) this.#imports.set(i.alias, i.path);
  }

  /** The path an import gives to a name in this file, or undefined. */
  importPath(alias: string): string | undefined {
    return this.#imports.get(alias);
  }

  /** A Rust path with the import of its first segment put in: `thread::spawn` is `std::thread::spawn`. */
  fullPath(written: string): string {
    const colon = written.indexOf('::');
    const first = colon < 0 ? written : written.slice(0, colon);
    const path = this.#imports.get(first);
    return path === undefined ? written : path + written.slice(first.length);
  }

  place(span: Span): Place {
    return { file: this.facts.file, span };
  }
}

const NONE: readonly never[] = Object.freeze([]);

/** One Go package or one Rust crate. */
export class Package {
  readonly program: Program;
  /** Unique in the program. */
  readonly id: string;
  readonly language: Language;
  /** Folder of the package (Go) or of its `Cargo.toml` (Rust). */
  readonly dir: string;
  /** Go import path where `go.mod` is known, else the folder; Rust crate name with `_`. */
  readonly path: string;
  readonly project: Project | undefined;
  readonly files: SourceFile[] = [];
  #functions: Fn[] | undefined;
  #serviceFunctions: Fn[] | undefined;
  #types: TypeDecl[] | undefined;
  #globals: Global[] | undefined;
  #ownerIndex: Map<string, Fn[]> | undefined;
  #functionIndex: Map<string, Fn[]> | undefined;
  readonly #methodIndex = new Map<string, Map<string, Fn[]>>();
  #renamed: Map<string, string> | undefined;
  #typeIndex: Map<string, TypeDecl[]> | undefined;
  #globalIndex: Map<string, Global[]> | undefined;

  constructor(
    program: Program,
    id: string,
    language: Language,
    dir: string,
    path: string,
    project: Project | undefined,
  ) {
    this.program = program;
    this.id = id;
    this.language = language;
    this.dir = dir;
    this.path = path;
    this.project = project;
  }

  get functions(): readonly Fn[] {
    this.#functions ??= this.files.flatMap((f) => f.functions);
    return this.#functions;
  }

  /** The functions that people wrote and that run in a service: not those of tests, nor generated ones. */
  get serviceFunctions(): readonly Fn[] {
    this.#serviceFunctions ??= this.functions.filter((f) => !f.isTest && !f.file.facts.generated);
    return this.#serviceFunctions;
  }

  get types(): readonly TypeDecl[] {
    this.#types ??= this.files.flatMap((f) => f.types);
    return this.#types;
  }

  get globals(): readonly Global[] {
    this.#globals ??= this.files.flatMap((f) => f.globals);
    return this.#globals;
  }

  /** Functions and methods of a name, whatever their owner. */
  functionsNamed(name: string): readonly Fn[] {
    this.#functionIndex ??= groupBy(this.functions, (f) => f.fact.name);
    return this.#functionIndex.get(name) ?? NONE;
  }

  /** The methods `name` of the type `owner`; an empty owner means free functions. */
  methodsOf(owner: string, name: string): readonly Fn[] {
    const named = this.functionsNamed(name);
    if (named.length < 2) return named[0]?.fact.owner === owner ? named : NONE;
    // One after the other: a key of both would be made, and hashed, at every question.
    let byOwner = this.#methodIndex.get(name);
    if (!byOwner) {
      byOwner = groupBy(named, (f) => f.fact.owner);
      this.#methodIndex.set(name, byOwner);
    }
    return byOwner.get(owner) ?? NONE;
  }

  /** All methods of the type `owner`. */
  methodsOn(owner: string): readonly Fn[] {
    this.#ownerIndex ??= groupBy(this.functions, (f) => f.fact.owner);
    return this.#ownerIndex.get(owner) ?? [];
  }

  typesNamed(name: string): readonly TypeDecl[] {
    this.#typeIndex ??= groupBy(this.types, (t) => t.fact.name);
    return this.#typeIndex.get(name) ?? NONE;
  }

  /** The global that a file means by a name or path: its own, else that of the module it is taken from, else any of that name. */
  globalMeant(file: SourceFile, path: string): Global | undefined {
    const end = path.lastIndexOf('::');
    const all = this.globalsNamed(end < 0 ? path : path.slice(end + 2));
    if (all.length < 2) return all[0];
    const full = end < 0 ? (file.importPath(path) ?? '') : file.fullPath(path);
    const isOwn = !full.includes('::') || full.startsWith('Self::');
    return (isOwn ? all.find((g) => g.file === file) : meant(all, file, full)[0]) ?? all[0];
  }

  /**
   * Rust: what a path into this crate stands for that another crate has under another name: `pub use std::sync::mpsc::Sender as
   * Inlet;` in some module of it; undefined where two modules do not agree.
   */
  renamed(file: SourceFile, path: string): string | undefined {
    const end = path.indexOf('::');
    const first = path.slice(0, end);
    const isOwn = /^(crate|self|super)$/.test(first) || file.facts.modules.some((m) => m.name === first);
    if (end < 0 || !isOwn) return undefined;
    if (!this.#renamed) {
      this.#renamed = new Map();
      for (const { facts } of this.files)
        for (const { alias, path } of facts.imports) {
          if (alias === '_' || path.endsWith(`::${alias}`) || /^(crate|self|super)(::|$)/.test(path))
            continue;
          const other = this.#renamed.get(alias);
          this.#renamed.set(alias, other === undefined || other === path ? path : '');
        }
    }
    return this.#renamed.get(path.slice(path.lastIndexOf('::') + 2)) || undefined;
  }

  globalsNamed(name: string): readonly Global[] {
    this.#globalIndex ??= groupBy(this.globals, (g) => g.fact.name);
    return this.#globalIndex.get(name) ?? NONE;
  }

  /** The text of one of the program's files. */
  text(file: string): string {
    return this.program.text(file);
  }
}

/** Groups items by a key, keeping their order. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const map = new Map<K, T[]>();
  for (const item of items) {
    const k = key(item);
    const list = map.get(k);
    if (list) list.push(item);
    else map.set(k, [item]);
  }
  return map;
}

/** All packages of a workspace. Built anew from facts; whatever is derived is derived on demand and kept. */
export class Program {
  readonly packages: readonly Package[];
  /** The folder that holds all files; empty for the root. */
  readonly root: string;
  /** Files that only Rust's `#[cfg(test)]` modules bring in. */
  readonly testModules: { readonly has: (file: string) => boolean };
  /** Rust: crates of the workspace that only tests need, by name. */
  readonly devCrates: ReadonlySet<string>;
  readonly projects: readonly Project[];
  readonly text: (file: string) => string;
  readonly #byFile = new Map<string, SourceFile>();
  readonly #byPath = new Map<string, Package>();
  readonly #derived = new Map<unknown, unknown>();
  /** What is half made, by the function that makes it. */
  readonly #making = new Map<unknown, { steps: Steps<unknown> | undefined }>();
  #methods: Map<string, Fn[]> | undefined;
  #byFolder: ReadonlyMap<string, Package> | undefined;

  constructor(input: ProgramInput) {
    this.text = input.text;
    this.projects = input.projects;
    const files = [...input.files];
    this.testModules = testModulesOf(files);
    this.devCrates = devCrates([...input.projects], files);
    this.root = input.root ?? commonFolder([...files, ...input.projects].map((f) => f.file));
    this.packages = packagesOf(files, input.projects).map(({ home, files }) => {
      const { id, language, dir, path, project } = home;
      const pkg = new Package(this, id, language, dir, path, project);
      for (const facts of files) {
        const source = new SourceFile(pkg, facts, this.#byFile.size);
        pkg.files.push(source);
        this.#byFile.set(facts.file, source);
      }
      return pkg;
    });
    for (const p of this.packages) if (!this.#byPath.has(p.path)) this.#byPath.set(p.path, p);
  }

  file(name: string): SourceFile | undefined {
    return this.#byFile.get(name);
  }

  /** All files, package by package. */
  files(): Iterable<SourceFile> {
    return this.#byFile.values();
  }

  /** The package of a Go import path, or of the first segment of a Rust path. */
  packageAt(path: string): Package | undefined {
    return this.#byPath.get(path) ?? this.#packageBelow(path);
  }

  /** Go: before modules, or without their file, the end of an import path is the folder below the workspace. */
  #packageBelow(path: string): Package | undefined {
    this.#byFolder ??= new Map(
      this.packages
        .filter((p) => p.language === 'go' && !p.project && !p.path.endsWith('_test'))
        .map((p) => [this.root === '' ? p.dir : p.dir.slice(this.root.length + 1), p]),
    );
    if (this.#byFolder.size === 0) return undefined;
    // A host, an owner and a repository stand before it.
    const segments = path.split('/');
    return segments.length > 3 && segments[0]?.includes('.')
      ? this.#byFolder.get(segments.slice(3).join('/'))
      : undefined;
  }

  /** The methods of a name in all packages of a language: what a call through an interface may reach. */
  methodsNamed(language: Language, name: string): readonly Fn[] {
    this.#methods ??= groupBy(
      this.packages.flatMap((p) => p.functions.filter((f) => f.fact.owner !== '')),
      (f) => `${f.package.language} ${f.fact.name}`,
    );
    return this.#methods.get(`${language} ${name}`) ?? [];
  }

  /** A value derived once per program, found by the function that makes it. */
  derive<T>(make: (program: Program) => T): T {
    if (!this.#derived.has(make)) this.#derived.set(make, make(this));
    return this.#derived.get(make) as T;
  }

  /** The same for what reads all code and is made in steps: all of them that are left, at once. */
  deriveAll<T>(make: (program: Program) => Steps<T>): T {
    if (!this.#derived.has(make)) {
      const half = this.#making.get(make);
      const steps = half?.steps ?? make(this);
      if (half) half.steps = undefined;
      this.#derived.set(make, finish(steps));
      this.#making.delete(make);
    }
    return this.#derived.get(make) as T;
  }

  /** Makes it step by step. However many drive it, and whoever asks in between, no step is done twice. */
  *deriveInSteps(make: (program: Program) => Steps<unknown>): Steps {
    while (!this.#derived.has(make)) {
      const half = this.#making.get(make);
      const steps = half?.steps ?? make(this);
      // While it is driven nobody else may; what throws is begun anew.
      if (half) half.steps = undefined;
      const step = steps.next();
      if (step.done) {
        this.#derived.set(make, step.value);
        this.#making.delete(make);
        return;
      }
      if (half) half.steps = steps;
      else this.#making.set(make, { steps });
      yield;
    }
  }

  /** Gives back the memory of everything derived; what is asked for again is derived again. */
  forget(): void {
    this.#derived.clear();
    this.#making.clear();
    this.#methods = undefined;
  }
}

/** The folder that all files lie in or below; empty for the root. */
export function commonFolder(files: readonly string[]): string {
  let common: string[] | undefined;
  for (const file of files) {
    const parts = folderOf(file).split('/');
    if (!common) common = parts;
    let same = 0;
    while (same < common.length && common[same] === parts[same]) same++;
    common = common.slice(0, same);
  }
  return common?.join('/') ?? '';
}

interface Home {
  readonly id: string;
  readonly language: Language;
  readonly dir: string;
  readonly path: string;
  readonly project: Project | undefined;
}

/** What places a file in a package. */
type Placed = Pick<FileFacts, 'file' | 'language' | 'packageName'>;

/** Parts files into packages, in the order in which a program holds them. The code of the files is not needed. */
export function packagesOf<File extends Placed>(
  files: readonly File[],
  projects: readonly Project[],
): { readonly home: Home; readonly files: readonly File[] }[] {
  const homes = homesOf(projects);
  const packages = new Map<string, { readonly home: Home; readonly files: File[] }>();
  for (const file of [...files].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))) {
    const home = homeOf(file, homes);
    const known = packages.get(home.id);
    if (known) known.files.push(file);
    else packages.set(home.id, { home, files: [file] });
  }
  return [...packages.values()];
}

/**
 * Finds the folder of the package that a file will belong to, by its name alone: of a Go file its own, of a Rust file
 * that of its crate, which holds other folders.
 */
export function packageFolder(
  projects: readonly Project[],
): (file: { readonly file: string; readonly language: Language }) => string {
  const homes = homesOf(projects);
  return ({ file, language }) => homeOf({ file, language, packageName: '' }, homes).dir;
}

function homeOf(facts: Placed, homes: Homes): Home {
  const folder = folderOf(facts.file);
  const { language } = facts;
  if (language === 'go') {
    const project = homes.module(facts.file);
    const below = project && project.dir !== '' ? folder.slice(project.dir.length + 1) : folder;
    const path = project ? [project.name, below].filter(Boolean).join('/') : folder || facts.packageName;
    // An external test package (`x_test`) lies in the same folder and sees the package from outside.
    const outside = facts.packageName.endsWith('_test') ? '_test' : '';
    return { id: `go:${folder}:${facts.packageName}`, language, dir: folder, path: path + outside, project };
  }
  const project = homes.crate(facts.file);
  if (project)
    return {
      id: `rust:${project.dir}`,
      language,
      dir: project.dir,
      path: project.name.replaceAll('-', '_'),
      project,
    };
  // Without a manifest the crate is what lies around `src`, or the folder itself.
  const parts = folder.split('/');
  const at = parts.lastIndexOf('src');
  const dir = at < 0 ? folder : parts.slice(0, at).join('/');
  const path = dir.slice(dir.lastIndexOf('/') + 1).replaceAll('-', '_') || 'crate';
  return { id: `rust:${dir}`, language, dir, path, project: undefined };
}
