/** Everything that was handed in, as it stands: texts, facts and settings, and what is joined from them when it is asked for. */

import type { Directive } from '../core/directive.ts';
import { parseDirective } from '../core/directive.ts';
import type { Notice } from '../core/finding.ts';
import { finish, type Steps } from '../core/steps.ts';
import { filesNamedBy, isFirst } from '../manifest/first.ts';
import { Manifests, type ManifestsOptions } from '../manifest/manifests.ts';
import { type MeasuredNames, type MeasuredService, measuredOf } from '../manifest/measured.ts';
import type { ManifestFile } from '../manifest/model.ts';
import { readManifest } from '../manifest/read.ts';
import { type Neighbourhood, neighbourhoods } from '../program/neighbourhoods.ts';
import { commonFolder, Program, packagesOf } from '../program/program.ts';
import type { Project } from '../program/project.ts';
import { onlyForTests } from '../program/test-code.ts';
import { type FileFacts, type FileHead, headOf } from '../syntax/facts.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { type Baseline, readBaseline } from './baseline.ts';
import { type Config, ConfigTree, readConfig } from './config.ts';
import { fileKind } from './file-kind.ts';
import { KNOWN_RULES } from './judge.ts';
import { Links, type WorkloadLinks } from './links.ts';
import { readMeasured } from './measured-file.ts';
import { readCargo, readGoMod } from './project-files.ts';
import { yamlDirectives } from './yaml-directives.ts';

/** A source file whose facts are asked for only when a program is made of them. */
export interface Source {
  readonly head: FileHead;
  readonly facts: () => FileFacts;
  /** Gives the text; called only for files with findings or directives. */
  readonly readText: () => string;
}

/** Who has to forget what was said of something that has changed. */
export interface Dependents {
  /** A neighbourhood has changed; without an id, which neighbourhoods there are. */
  programChanged(id?: string): void;
  /** Manifests have changed, or which program runs in them. */
  manifestsChanged(): void;
}

interface Manifest {
  /** Empty for a long one that turned out to hold nothing for Headroom. */
  text: string;
  read?: ManifestFile;
  directives?: readonly Directive[];
}

export class Holdings {
  readonly #parser: SourceParser | undefined;
  readonly #dependents: Dependents;

  readonly #sources = new Map<string, Source>();
  readonly #sourceDirectives = new Map<string, readonly Directive[]>();
  readonly #manifests = new Map<string, Manifest>();
  readonly #projects = new Map<string, { readonly project: Project; readonly notices: readonly Notice[] }>();
  readonly #configs = new Map<string, { readonly config?: Config; readonly notices: readonly Notice[] }>();
  readonly #measured = new Map<
    string,
    {
      readonly text: string;
      readonly services: readonly MeasuredService[];
      readonly notices: readonly Notice[];
    }
  >();
  readonly #baselines = new Map<
    string,
    { readonly baseline?: Baseline; readonly notices: readonly Notice[] }
  >();
  readonly #links = new Links();
  readonly #lastText = new Map<string, string>();

  #neighbourhoods: Map<string, Neighbourhood> | undefined;
  readonly #programs = new Map<string, Program>();
  #configTree: ConfigTree | undefined;
  #joinedManifests: Manifests | undefined;

  /** @param parser needed for `setText` of Rust and Go files */
  constructor(parser: SourceParser | undefined, dependents: Dependents) {
    this.#parser = parser;
    this.#dependents = dependents;
  }

  /**
   * Takes the text of a file of any kind Headroom reads; other files are ignored.
   * @throws when a source file comes and there is no parser.
   */
  setText(file: string, text: string): void {
    const kind = fileKind(file);
    switch (kind) {
      case undefined:
        return;
      case 'rust':
      case 'go': {
        if (!this.#parser) throw new Error(`${file}: this workspace has no parser, hand in facts`);
        const facts = this.#parser.extract(file, kind, text);
        this.setSource({ head: headOf(facts), facts: () => facts, readText: () => text });
        return;
      }
      case 'manifest':
        this.#manifests.set(file, { text });
        this.#links.setBuild(file, text);
        this.#forgetManifests();
        return;
      case 'dockerfile':
        this.#links.setDockerfile(file, text);
        this.#forgetLinks();
        return;
      case 'build':
        this.#links.setBuild(file, text);
        this.#forgetLinks();
        return;
      case 'go-mod':
        this.#projects.set(file, { project: readGoMod(file, text), notices: [] });
        this.#forgetPrograms();
        this.#forgetManifests();
        return;
      case 'cargo':
        this.#projects.set(file, readCargo(file, text));
        this.#forgetPrograms();
        this.#forgetManifests();
        return;
      case 'config':
        this.#configs.set(file, readConfig(file, text, [...KNOWN_RULES]));
        this.#forgetConfigs();
        return;
      case 'measured':
        this.#measured.set(file, { text, ...readMeasured(file, text) });
        this.#forgetManifests();
        return;
      case 'baseline':
        this.#baselines.set(file, readBaseline(file, text));
        return;
    }
  }

  /** Takes a source file that was parsed elsewhere. */
  setSource(source: Source): void {
    const { file, hasMain } = source.head;
    const before = this.#sources.get(file);
    const known = before !== undefined;
    this.#sources.set(file, source);
    if (hasMain || before?.head.hasMain) this.#forgetLinks();
    this.#sourceDirectives.delete(file);
    this.#lastText.delete(file);
    // A changed file changes what lies around it; a new one may join what was apart.
    const around = known ? this.around(file) : undefined;
    if (around) {
      this.#programs.delete(around.id);
      this.#dependents.programChanged(around.id);
    } else this.#forgetPrograms();
  }

  /** Forgets a file that was deleted or left the workspace. */
  remove(file: string): void {
    if (this.#projects.has(file)) this.#forgetManifests();
    this.#links.remove(file);
    this.#forgetLinks();
    if (this.#sources.delete(file) || this.#projects.delete(file)) this.#forgetPrograms();
    if (this.#manifests.delete(file)) this.#forgetManifests();
    if (this.#configs.delete(file)) this.#forgetConfigs();
    if (this.#measured.delete(file)) this.#forgetManifests();
    this.#sourceDirectives.delete(file);
    this.#baselines.delete(file);
    this.#lastText.delete(file);
  }

  /** The source files and manifests. */
  get files(): string[] {
    return [...this.#sources.keys(), ...this.#manifests.keys()];
  }

  get sourceFiles(): string[] {
    return [...this.#sources.keys()];
  }

  get manifestFiles(): string[] {
    return [...this.#manifests.keys()];
  }

  isManifest(file: string): boolean {
    return this.#manifests.has(file);
  }

  headOf(file: string): FileHead | undefined {
    return this.#sources.get(file)?.head;
  }

  /** The neighbourhood of a source file, or undefined for any other file. */
  around(file: string): Neighbourhood | undefined {
    return this.#sources.has(file) ? this.#byFile.get(file) : undefined;
  }

  get neighbourhoods(): ReadonlySet<Neighbourhood> {
    return new Set(this.#byFile.values());
  }

  get #byFile(): ReadonlyMap<string, Neighbourhood> {
    if (!this.#neighbourhoods) {
      const heads = [...this.#sources.values()].map((s) => s.head);
      const parts = neighbourhoods(heads, this.projects);
      this.#neighbourhoods = new Map(
        parts.flatMap((part) => part.files.map((file) => [file, part] as const)),
      );
    }
    return this.#neighbourhoods;
  }

  packagesOf(part: Neighbourhood): ReturnType<typeof packagesOf> {
    return packagesOf(
      part.files.flatMap((file) => this.headOf(file) ?? []),
      this.projects,
    );
  }

  /** The joined code of a neighbourhood, or undefined where nobody has joined it. */
  joined(part: Neighbourhood): Program | undefined {
    return this.#programs.get(part.id);
  }

  program(part: Neighbourhood): Program {
    let program = this.#programs.get(part.id);
    if (!program) {
      program = this.programOfFiles(part.files);
      this.#programs.set(part.id, program);
    }
    return program;
  }

  /** Joins the code of a neighbourhood in steps: to unpack its facts takes longer than anybody should wait for an answer. */
  *join(part: Neighbourhood): Steps<Program> {
    const isNew = !this.#programs.has(part.id);
    if (isNew)
      for (const file of part.files) {
        this.#sources.get(file)?.facts();
        yield;
      }
    const program = this.program(part);
    if (isNew) yield;
    return program;
  }

  /** A program of some files alone, of those that were handed in. */
  programOfFiles(files: readonly string[]): Program {
    return new Program({
      files: files.flatMap((file) => this.#sources.get(file)?.facts() ?? []),
      projects: this.projects,
      text: (file) => this.text(file),
      root: this.root,
    });
  }

  /** What was derived for rules makes room; the programs stay. */
  forgetDerived(): void {
    for (const program of this.#programs.values()) program.forget();
  }

  /** What the files of modules and crates say, by file. */
  get projects(): Project[] {
    return [...this.#projects.values()].map((p) => p.project).sort(byFile);
  }

  /** The folder that holds all code under review. */
  get root(): string {
    return commonFolder([...this.#sources.keys(), ...this.#projects.keys()]);
  }

  /** The manifests together, as they stand. A file is read again only after its text changed. */
  get manifests(): Manifests {
    return finish(this.joinManifests());
  }

  /** Reads the manifests that nobody asked about before, one a step, and joins them. */
  *joinManifests(): Steps<Manifests> {
    if (!this.#joinedManifests) {
      const files: ManifestFile[] = [];
      for (const [file, manifest] of this.#manifests) {
        const isNew = manifest.read === undefined;
        files.push(readOnce(file, manifest));
        if (isNew) yield;
      }
      this.#joinedManifests = this.#join(files);
    }
    return this.#joinedManifests;
  }

  /** The manifests that are reported on, with those that decide about them; no others are read. */
  *joinFirstManifests(): Steps<Manifests> {
    const root = this.#manifestRoot();
    const first = new Set<string>();
    for (const [file, { text }] of this.#manifests) if (isFirst(file, text, root)) first.add(file);
    yield;
    const files: ManifestFile[] = [];
    // What is named on the way is read, too.
    for (const file of first) {
      const manifest = this.#manifests.get(file);
      if (!manifest) continue;
      const read = readOnce(file, manifest);
      files.push(read);
      for (const named of filesNamedBy(read)) first.add(named);
      yield;
    }
    return this.#join(files);
  }

  #join(files: readonly ManifestFile[]): Manifests {
    return new Manifests(files, {
      codeFolders: this.#codeFolders(),
      headroom: (file) => this.configs.for(file).headroom,
      root: this.#manifestRoot(),
      linkedLanguage: (container) => (this.hasPrograms ? this.links.languageOf(container) : undefined),
      linkedService: (service) => (this.hasPrograms ? this.links.serviceRuns(service) : undefined),
      ...this.#measurements(),
    });
  }

  #codeFolders(): Map<string, 'rust' | 'go'> {
    return new Map(
      [...this.#projects.values()].map(({ project }) => [project.dir, project.kind === 'go' ? 'go' : 'rust']),
    );
  }

  /** The folder whose folders may be those of tests. */
  #manifestRoot(): string {
    return commonFolder([...this.files, ...this.#projects.keys()]);
  }

  /** Some source file begins a program, which a container may run. */
  get hasPrograms(): boolean {
    for (const { head } of this.#sources.values()) if (head.hasMain) return true;
    return false;
  }

  /** How to find what was measured of a container, where anything was. */
  #measurements(): ManifestsOptions {
    const services = [...this.#measured.values()].flatMap((m) => m.services);
    if (services.length === 0) return {};
    let taken: ReadonlySet<string> | undefined;
    const names: MeasuredNames = {
      programs: (container) => this.links.unitOf(container)?.links.map((l) => l.executable.name) ?? [],
      isTaken: (name) => {
        taken ??= new Set(
          this.manifests.everyContainer.flatMap((c) => [c.name ?? '', c.workload.object.name ?? '']),
        );
        return taken.has(name);
      },
    };
    return { measured: (container) => measuredOf(services, container, names) };
  }

  /** Which program runs where, as it stands. */
  get links(): WorkloadLinks {
    return this.#links.of(this.#aroundLinks);
  }

  *joinLinks(): Steps<WorkloadLinks> {
    yield* this.joinManifests();
    return yield* this.#links.join(this.#aroundLinks);
  }

  readonly #aroundLinks = {
    manifests: () => this.manifests,
    sources: () => [...this.#sources.values()].flatMap((s) => (s.head.hasMain ? [s.facts()] : [])),
    projects: () => [...this.#projects.values()].map((p) => p.project),
    services: () => this.configs.services,
    files: () => [...this.#sources.keys(), ...this.#projects.keys(), ...this.#manifests.keys()],
  };

  /** All settings as they stand. */
  get configs(): ConfigTree {
    this.#configTree ??= new ConfigTree([...this.#configs.values()].flatMap((c) => c.config ?? []));
    return this.#configTree;
  }

  get baselines(): readonly Baseline[] {
    return [...this.#baselines.values()].flatMap((b) => b.baseline ?? []);
  }

  /** What is wrong with the files of settings, projects, baselines and measurements. */
  get notices(): readonly Notice[] {
    return [this.#configs, this.#projects, this.#baselines, this.#measured].flatMap((files) =>
      [...files.values()].flatMap((f) => f.notices),
    );
  }

  /** What is wrong with a file of settings, a project or measurements. */
  noticesOf(file: string): readonly Notice[] {
    return [this.#configs, this.#projects, this.#measured].flatMap((files) => files.get(file)?.notices ?? []);
  }

  /**
   * Tells which files need not be parsed, by the projects handed in so far.
   * @param more files that are not handed in yet
   */
  onlyForTests(more: readonly string[] = []): (file: string) => boolean {
    const root = commonFolder([...more, ...this.#sources.keys(), ...this.#projects.keys()]);
    return onlyForTests(this.projects, root);
  }

  /** The text of a file that was handed in; empty for a file nobody handed in. */
  text(file: string): string {
    const manifest = this.#manifests.get(file);
    if (manifest) return manifest.text || (this.#links.text(file) ?? '');
    const build = this.#links.text(file) ?? this.#measured.get(file)?.text;
    if (build !== undefined) return build;
    let text = this.#lastText.get(file);
    if (text === undefined) {
      text = this.#sources.get(file)?.readText() ?? '';
      // A few texts are enough: rules ask for the files of one package after the other.
      if (this.#lastText.size >= 16) this.#lastText.delete(this.#lastText.keys().next().value as string);
      this.#lastText.set(file, text);
    }
    return text;
  }

  /** What a file says to Headroom in its comments. */
  directives(file: string): readonly Directive[] {
    const source = this.#sources.get(file);
    if (source) {
      if (source.head.directives.length === 0) return [];
      let directives = this.#sourceDirectives.get(file);
      if (!directives) {
        directives = source.head.directives.map(({ span, alone, text }) => ({
          span,
          alone,
          body: parseDirective(text),
        }));
        this.#sourceDirectives.set(file, directives);
      }
      return directives;
    }
    const manifest = this.#manifests.get(file);
    if (!manifest) return [];
    manifest.directives ??= yamlDirectives(manifest.text);
    return manifest.directives;
  }

  #forgetPrograms(): void {
    this.#neighbourhoods = undefined;
    this.#programs.clear();
    this.#dependents.programChanged();
  }

  #forgetConfigs(): void {
    this.#configTree = undefined;
    // How much room a limit should leave is a setting.
    this.#forgetManifests();
  }

  #forgetManifests(): void {
    this.#joinedManifests = undefined;
    this.#forgetLinks();
  }

  #forgetLinks(): void {
    this.#links.forget();
    this.#dependents.manifestsChanged();
  }
}

/** Longer texts that hold nothing for Headroom (definitions of resources, data) are not kept. In UTF-16 units. */
const KEPT_TEXT = 32 * 1024;

function readOnce(file: string, manifest: Manifest): ManifestFile {
  const { text } = manifest;
  if (!manifest.read) {
    const read = readManifest(file, text);
    const isKept = read.kind !== 'other' || text.length <= KEPT_TEXT || text.includes('headroom:');
    manifest.read = isKept
      ? read
      : { ...read, text: '', blanked: { text: '', holes: [], template: false, regions: [] } };
    if (!isKept) manifest.text = '';
  }
  return manifest.read;
}

function byFile(a: { readonly file: string }, b: { readonly file: string }): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}
