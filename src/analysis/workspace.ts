/** Joins texts, facts, settings and rules: what goes in are files, what comes out are findings. */

import { budgetActions } from '../budget/actions.ts';
import { type ReviewedProgram, type ReviewRequest, reviewPrograms } from '../budget/program-review.ts';
import type { Services } from '../budget/services.ts';
import type { Directive } from '../core/directive.ts';
import { parseDirective } from '../core/directive.ts';
import type { Exemption, Finding, Fix, Notice, RelatedPlace } from '../core/finding.ts';
import type { Rule, RuleMeta } from '../core/rule.ts';
import type { Place, Span } from '../core/span.ts';
import { contains, overlaps } from '../core/span.ts';
import { finish, type Steps } from '../core/steps.ts';
import { type HoverFace, type HoverText, hoverAt } from '../hover/hover.ts';
import { type Inlay, manifestInlays } from '../hover/inlays.ts';
import { type Lens, linkedPlaces, serviceLenses } from '../hover/services.ts';
import { manifestActions } from '../manifest/actions.ts';
import { filesNamedBy, isFirst } from '../manifest/first.ts';
import { Manifests, type ManifestsOptions } from '../manifest/manifests.ts';
import { type MeasuredNames, type MeasuredService, measuredOf } from '../manifest/measured.ts';
import type { ManifestFile } from '../manifest/model.ts';
import { readManifest } from '../manifest/read.ts';
import { type Neighbourhood, neighbourhoods } from '../program/neighbourhoods.ts';
import { commonFolder, type Package, Program, packagesOf } from '../program/program.ts';
import type { Project } from '../program/project.ts';
import { readAhead } from '../program/read-ahead.ts';
import { onlyForTests } from '../program/test-code.ts';
import { type Review, reviewOf } from '../review/review.ts';
import { type FileFacts, type FileHead, headOf } from '../syntax/facts.ts';
import type { SourceParser } from '../syntax/parser.ts';
import { type Baseline, readBaseline } from './baseline.ts';
import { type Config, ConfigTree, readConfig } from './config.ts';
import { fileKind } from './file-kind.ts';
import { glance } from './glance.ts';
import { type CheckResult, type Deciding, Judge, KNOWN_RULES } from './judge.ts';
import { type LinkChoice, linkChoices } from './link-choices.ts';
import { Links, type WorkloadLinks } from './links.ts';
import { readMeasured } from './measured-file.ts';
import { withOverlays } from './overlay-places.ts';
import type { Profile } from './profile.ts';
import { readCargo, readGoMod } from './project-files.ts';
import { GROWTH, Reviews, reviewRequest } from './reviews.ts';
import { checkPackage, type RuleSet, registry, runRules, type Said } from './run-rules.ts';
import { yamlDirectives } from './yaml-directives.ts';

export interface WorkspaceOptions {
  /** Needed for `setText` of Rust and Go files; not when all facts are handed in. */
  readonly parser?: SourceParser;
  /** Default: `default`. */
  readonly profile?: Profile;
  /** Only these rules run; default all. */
  readonly only?: readonly string[];
  /** Default: the registry. */
  readonly rules?: RuleSet;
  /** Takes the place of every baseline found among the files; `none` accepts nothing. */
  readonly baseline?: Baseline | 'none';
  /** Tests set it: an exception of a rule is thrown on instead of becoming a notice. */
  readonly throwRuleErrors?: boolean;
}

/** A source file whose facts are asked for only when a program is made of them. */
export interface Source {
  readonly head: FileHead;
  readonly facts: () => FileFacts;
  /** Gives the text; called only for files with findings or directives. */
  readonly readText: () => string;
}

/** What is left to check, as plain data for other threads. */
export interface CheckPlan {
  readonly profile: Profile;
  readonly only: ReadonlySet<string> | undefined;
  /** What every program of the workspace is made with, besides its files. */
  readonly projects: readonly Project[];
  readonly root: string;
  readonly neighbourhoods: readonly {
    readonly id: string;
    readonly packages: readonly { readonly id: string; readonly files: readonly string[] }[];
  }[];
}

/** What is known after a piece of the work of a check. */
export interface Turn {
  /** Findings of the package that was checked, without what is known only when everything was. */
  readonly findings: readonly Finding[];
  /** Packages that were checked, of those that had to be. */
  readonly done: number;
  readonly total: number;
}

interface Manifest {
  /** Empty for a long one that turned out to hold nothing for Headroom. */
  text: string;
  read?: ManifestFile;
  directives?: readonly Directive[];
}

export type { Inlay, InlayKind } from '../hover/inlays.ts';
export { INLAY_KINDS } from '../hover/inlays.ts';
export type { CheckResult } from './judge.ts';

export class Workspace {
  readonly #parser: SourceParser | undefined;
  readonly #profile: Profile;
  readonly #rules: RuleSet;
  readonly #throwRuleErrors: boolean;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #metas: ReadonlyMap<string, RuleMeta>;
  readonly #judge: Judge;

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
  readonly #baseline: Baseline | 'none' | undefined;
  readonly #lastText = new Map<string, string>();

  #neighbourhoods: Map<string, Neighbourhood> | undefined;
  readonly #programs = new Map<string, Program>();
  #configTree: ConfigTree | undefined;
  /** Of the present programs, by neighbourhood and package. */
  readonly #packageResults = new Map<string, Map<string, Said>>();
  #joinedManifests: Manifests | undefined;
  #manifestResult: Said | undefined;
  readonly #manifestFileResults = new Map<string, Said>();
  readonly #links = new Links();
  readonly #reviews = new Reviews();
  #joinedServices: Services | undefined;
  #serviceResult: Said | undefined;
  #limits: ReadonlyMap<string, readonly RelatedPlace[]> | undefined;

  constructor(options: WorkspaceOptions = {}) {
    this.#parser = options.parser;
    this.#profile = options.profile ?? 'default';
    this.#throwRuleErrors = options.throwRuleErrors ?? false;
    this.#baseline = options.baseline;
    this.#only = options.only ? new Set(options.only) : undefined;
    this.#rules = options.rules ?? registry;
    const { rust, go, manifest, service, headroom } = this.#rules;
    this.#metas = new Map(
      [...rust, ...go, ...manifest, ...(service ?? []), ...headroom].map((r) => [r.meta.id, r.meta]),
    );
    this.#judge = new Judge(this.#deciding());
  }

  /**
   * Takes the text of a file of any kind Headroom reads; other files are ignored.
   * @throws when a source file comes and the workspace has no parser.
   */
  setText(file: string, text: string): void {
    const kind = fileKind(file);
    switch (kind) {
      case undefined:
        return;
      case 'rust':
      case 'go':
        if (!this.#parser) throw new Error(`${file}: this workspace has no parser, hand in facts`);
        this.setFacts(this.#parser.extract(file, kind, text), () => text);
        return;
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

  /** Takes a source file that was parsed elsewhere; `readText` as in `Source`. */
  setFacts(facts: FileFacts, readText: () => string): void {
    this.setSource({ head: headOf(facts), facts: () => facts, readText });
  }

  /** Takes a source file whose facts may be asked for later, or never. */
  setSource(source: Source): void {
    const { file, hasMain } = source.head;
    const before = this.#sources.get(file);
    const known = before !== undefined;
    this.#sources.set(file, source);
    if (hasMain || before?.head.hasMain) this.#forgetLinks();
    this.#sourceDirectives.delete(file);
    this.#lastText.delete(file);
    // A changed file changes what lies around it; a new one may join what was apart.
    const around = known ? this.#around(file) : undefined;
    if (around) {
      this.#programs.delete(around.id);
      this.#packageResults.delete(around.id);
      this.#reviews.forget(around.id);
      this.#forgetServices();
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

  /** The source files and manifests that are held. */
  files(): string[] {
    return [...this.#sources.keys(), ...this.#manifests.keys()];
  }

  /** The joined code around a source file as it stands, or undefined for any other file. */
  programOf(file: string): Program | undefined {
    const around = this.#around(file);
    return around && this.#program(around);
  }

  #around(file: string): Neighbourhood | undefined {
    if (!this.#sources.has(file)) return undefined;
    this.#neighbourhoods ??= this.#partition();
    return this.#neighbourhoods.get(file);
  }

  /** The neighbourhood of each source file. */
  #partition(): Map<string, Neighbourhood> {
    const parts = neighbourhoods(
      [...this.#sources.values()].map((s) => s.head),
      this.projects,
    );
    return new Map(parts.flatMap((part) => part.files.map((file) => [file, part] as const)));
  }

  #program(part: Neighbourhood): Program {
    let program = this.#programs.get(part.id);
    if (!program) {
      program = this.#programOfFiles(part.files);
      this.#programs.set(part.id, program);
    }
    return program;
  }

  #programOfFiles(files: readonly string[]): Program {
    return new Program({
      files: files.flatMap((file) => this.#sources.get(file)?.facts() ?? []),
      projects: this.projects,
      text: (file) => this.text(file),
      root: this.#root(),
    });
  }

  /** What the files of modules and crates say, by file. */
  get projects(): Project[] {
    return [...this.#projects.values()].map((p) => p.project).sort(byFile);
  }

  /** The folder that holds everything under review. */
  #root(): string {
    return commonFolder([...this.#sources.keys(), ...this.#projects.keys()]);
  }

  /** The manifests together, as they stand. A file is read again only after its text changed. */
  get manifests(): Manifests {
    return finish(this.#joinManifests());
  }

  /** Reads the manifests that nobody asked about before, one a step, and joins them. */
  *#joinManifests(): Steps<Manifests> {
    if (!this.#joinedManifests) {
      const files: ManifestFile[] = [];
      for (const [file, manifest] of this.#manifests) {
        const isNew = manifest.read === undefined;
        files.push(readOnce(file, manifest));
        if (isNew) yield;
      }
      this.#joinedManifests = this.#joined(files);
    }
    return this.#joinedManifests;
  }

  #joined(files: readonly ManifestFile[]): Manifests {
    return new Manifests(files, {
      codeFolders: this.#codeFolders(),
      headroom: (file) => this.configs.for(file).headroom,
      root: this.#manifestRoot(),
      linkedLanguage: (container) => (this.#hasPrograms ? this.links.languageOf(container) : undefined),
      linkedService: (service) => (this.#hasPrograms ? this.links.serviceRuns(service) : undefined),
      ...this.#measurements(),
    });
  }

  /** The folder whose folders may be those of tests. */
  #manifestRoot(): string {
    return commonFolder([...this.files(), ...this.#projects.keys()]);
  }

  get #hasPrograms(): boolean {
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

  /**
   * Checks everything. What did not change since the last call is not run again.
   * @param accepted `shown`: findings that a baseline accepts are among the findings
   */
  check(accepted: 'hidden' | 'shown' = 'hidden'): CheckResult {
    this.#neighbourhoods ??= this.#partition();
    const raw: Said[] = [];
    for (const part of new Set(this.#neighbourhoods.values())) {
      const known = this.#packageResults.get(part.id);
      const results = this.#packagesOf(part).map(({ home }) => known?.get(home.id));
      if (results.every((said) => said !== undefined)) {
        raw.push(...results);
        continue;
      }
      const program = this.#program(part);
      for (const pkg of program.packages) raw.push(this.#packageResult(part, pkg));
      // One neighbourhood needs nothing of another: what was derived for it makes room for the next.
      program.forget();
    }
    raw.push(this.#manifestResults(), this.#serviceResults());
    for (const program of this.#programs.values()) program.forget();
    const files = this.files();
    return this.#judge.finish(raw, files, this.notices, { accepted });
  }

  /** What is wrong with the files of settings, projects, baselines and measurements. */
  get notices(): readonly Notice[] {
    return [this.#configs, this.#projects, this.#baselines, this.#measured].flatMap((files) =>
      [...files.values()].flatMap((f) => f.notices),
    );
  }

  /**
   * Reviews the services: checks everything, and puts together what is said of each program that a container runs.
   * @param adjust what the face that asks changes about findings, such as the severities a person set
   */
  review(adjust: (findings: readonly Finding[]) => readonly Finding[] = (all) => all): Review {
    const { findings } = this.check();
    const accepted = this.check('shown');
    const services = this.services;
    const shown = adjust(findings);
    const isOnlyForTests = this.onlyForTests();
    return reviewOf({
      services,
      executables: this.links.executables,
      judged: this.#judge.fates(shown, accepted.findings, [
        ...[...this.#packageResults.values()].flatMap((results) => [...results.values()]),
        this.#manifestResults(),
        this.#serviceResults(),
      ]),
      exemptions: accepted.exemptions,
      sources: [...this.#sources.keys()].filter((file) => !isOnlyForTests(file)).sort(),
      tierOf: (rule) => this.#metas.get(rule)?.tier,
    });
  }

  /** What `check` would have to ask rules about; who asks them elsewhere hands in the answers with `takeSaid`. */
  plan(): CheckPlan {
    this.#neighbourhoods ??= this.#partition();
    const parts = [...new Set(this.#neighbourhoods.values())].map((part) => {
      const known = this.#packageResults.get(part.id);
      const packages = this.#packagesOf(part).filter(({ home }) => !known?.has(home.id));
      return {
        id: part.id,
        packages: packages.map(({ home, files }) => ({ id: home.id, files: files.map((f) => f.file) })),
      };
    });
    return {
      profile: this.#profile,
      only: this.#only,
      projects: this.projects,
      root: this.#root(),
      neighbourhoods: parts.filter((part) => part.packages.length > 0),
    };
  }

  /**
   * Which programs `check` would have to review, by neighbourhood: those that containers run. To find out takes the
   * manifests to be read, so that it is asked apart from the plan.
   */
  planReviews(): Map<string, ReviewRequest> {
    const linked = this.#wantsServices ? [...this.#linkedParts(this.links)] : [];
    return new Map(
      linked
        .filter((part) => !this.#reviews.has(part.id))
        .map((part) => [part.id, this.#reviewRequest(part, this.links)]),
    );
  }

  /** Takes what the rules said about one package of the plan. */
  takeSaid(neighbourhood: string, pkg: string, said: Said): void {
    this.#resultsOf(neighbourhood).set(pkg, said);
    // What has no bound in it is a part of what is said of services.
    this.#forgetServices();
  }

  /** Takes the review of a neighbourhood's programs that the plan asked for. */
  takeReview(neighbourhood: string, programs: readonly ReviewedProgram[]): void {
    this.#reviews.set(neighbourhood, programs);
  }

  /**
   * Does what `check` has to do, package by package, for callers with other work between two of them. What the
   * workspace holds must not change before the next turn; after a change, what still counts is not done again.
   * @param first files whose packages come first
   */
  *turns(first: readonly string[]): Generator<Turn> {
    this.#neighbourhoods ??= this.#partition();
    const early = new Set(first);
    const parts = [...new Set(this.#neighbourhoods.values())].map((part) => {
      const known = this.#packageResults.get(part.id);
      const packages = this.#packagesOf(part)
        .filter(({ home }) => !known?.has(home.id))
        .map(({ home, files }) => ({
          id: home.id,
          files: files.map((f) => f.file),
          isEarly: files.some((f) => early.has(f.file)),
        }))
        .sort((a, b) => Number(b.isEarly) - Number(a.isEarly));
      return { part, packages, isEarly: packages[0]?.isEarly === true };
    });
    const total = parts.reduce((sum, { packages }) => sum + packages.length, 0);
    let done = 0;
    const unsaid = (): Turn => ({ findings: [], done, total });
    for (const _ of this.#askManifests()) yield unsaid();
    for (const _ of this.#joinLinks()) yield unsaid();
    const linked = this.#wantsServices ? this.#linkedParts(this.links) : new Set<Neighbourhood>();
    for (const { part, packages } of parts.sort((a, b) => Number(b.isEarly) - Number(a.isEarly))) {
      const isUnreviewed = linked.has(part) && !this.#reviews.has(part.id);
      if (packages.length === 0 && !isUnreviewed) continue;
      for (const _ of this.#joinInTurns(part)) yield unsaid();
      const program = this.#program(part);
      const byId = new Map(program.packages.map((pkg) => [pkg.id, pkg]));
      for (const { id, files } of packages) {
        const pkg = byId.get(id);
        if (pkg) for (const _ of this.#askPackageInTurns(part, pkg)) yield unsaid();
        const raw = pkg ? [this.#packageResult(part, pkg)] : [];
        const { findings } = this.#judge.finish(raw, files, [], { isPartial: true });
        yield { findings, done: ++done, total };
      }
      // Most of what it asks has then been derived for the rules.
      if (isUnreviewed) {
        for (const _ of this.#review(part, this.links)) yield unsaid();
      }
      program.forget();
    }
    for (const _ of this.#askServices()) yield unsaid();
  }

  /**
   * Says in steps what manifests say without any code: whatever needs the program that runs in a container is left out.
   * @param which `first`: those that are reported on are read, with those that decide about them, but no others
   */
  *checkManifests(which: 'first' | 'all' = 'all'): Steps<CheckResult> {
    const said = which === 'all' ? yield* this.#askManifests() : yield* this.#askFirst();
    return this.#judge.finish([said], [...this.#manifests.keys()], [], { isPartial: true });
  }

  /**
   * Says in steps of a package what holds whatever the rest of the workspace says, while that is being read.
   * @param files all source files of the package; those that were not handed in are left out
   */
  *glance(files: readonly string[]): Steps<readonly Finding[]> {
    const program = this.#programOfFiles(files);
    const said = yield* glance(program, this.#rules, this.#runOptions());
    return this.#judge.finish(said, files, [], { isPartial: true }).findings;
  }

  *#askFirst(): Steps<Said> {
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
    return yield* this.#judgeManifests(this.#joined(files));
  }

  /** Joins the code of a neighbourhood: to unpack its facts takes longer than anybody should wait for an answer. */
  *#joinInTurns(part: Neighbourhood): Steps {
    if (this.#programs.has(part.id)) return;
    for (const file of part.files) {
      this.#sources.get(file)?.facts();
      yield;
    }
    this.#program(part);
    yield;
  }

  /**
   * Does in steps what `checkFile` rests on, and what a hover asks next. What the workspace holds must not change
   * before the next step; after a change it is to be begun anew.
   */
  *prepareFile(file: string): Steps {
    if (this.#manifests.has(file)) {
      yield* this.#askManifest(file);
      return;
    }
    const around = this.#around(file);
    if (!around) return;
    yield* this.#joinInTurns(around);
    const pkg = this.#program(around).file(file)?.package;
    if (pkg && !this.#resultsOf(around.id).has(pkg.id)) yield* this.#askPackageInTurns(around, pkg);
  }

  /** True when `checkFile` needs to ask no rule. */
  isPrepared(file: string): boolean {
    if (this.#manifests.has(file))
      return this.#manifestResult !== undefined || this.#manifestFileResults.has(file);
    const around = this.#around(file);
    const pkg = around && this.#programs.get(around.id)?.file(file)?.package;
    return !around || (pkg !== undefined && this.#resultsOf(around.id).has(pkg.id));
  }

  /**
   * Checks the package or the manifests a file belongs to and answers for that file alone.
   * @param services `left`: what takes the programs of all containers to say is left out, unless it is known
   */
  checkFile(file: string, services: 'asked' | 'left' = 'asked'): CheckResult {
    const own = [this.#configs, this.#projects, this.#measured].flatMap(
      (files) => files.get(file)?.notices ?? [],
    );
    const joins = services === 'asked' || this.#serviceResult !== undefined;
    const options = { isPartial: !joins };
    const more = joins ? [this.#serviceResults()] : [];
    if (this.#manifests.has(file)) {
      const raw = finish(this.#askManifest(file));
      const notices = raw.notices.filter((n) => n.file === file);
      return this.#judge.finish([{ ...raw, notices }, ...more], [file], own, options);
    }
    const around = this.#around(file);
    const source = around && this.#program(around).file(file);
    if (!source) return this.#judge.finish([], [], own, options);
    const said = this.#packageResult(around, source.package);
    // What grows may belong to a package that was asked, and grow here.
    const others = [...this.#resultsOf(around.id).values()].flatMap((other) =>
      other === said ? [] : { ...other, notices: [] },
    );
    return this.#judge.finish([said, ...others, ...more], [file], own, options);
  }

  /** Why candidates at a place stay silent. An empty span asks for everything around it. */
  exemptionsAt(place: Place): readonly Exemption[] {
    return this.checkFile(place.file).exemptions.filter(
      (e) => overlaps(e.span, place.span) || contains(place.span, e.span),
    );
  }

  /** What a hover says about a place. */
  hover(
    file: string,
    offset: number,
    face: HoverFace = {},
    services: 'asked' | 'left' = 'asked',
  ): HoverText | undefined {
    const { findings, exemptions } = this.checkFile(file, services);
    return hoverAt({
      file,
      offset,
      findings,
      exemptions,
      rules: this.#metas,
      program: this.programOf(file),
      manifests: this.manifests,
      ...(services === 'asked' && this.#hasLinks ? { services: this.services } : {}),
      text: (name) => this.text(name),
      face,
    });
  }

  /** Lines above containers and above `main` that say what runs there, and what it takes of the limit. */
  lenses(file: string): readonly Lens[] {
    return this.#hasLinks ? serviceLenses(this.services, file) : [];
  }

  /** From a container to the `main` that runs in it, and from a `main` to its containers. */
  linkedPlaces(file: string, offset: number): readonly Place[] {
    return this.#hasLinks ? linkedPlaces(this.services, file, offset) : [];
  }

  /** What an editor shows between the words of a manifest. */
  inlays(file: string): readonly Inlay[] {
    return manifestInlays(this.manifests, file);
  }

  /** What can be done about memory at a place, besides the fixes of its findings. */
  actions(file: string, span: Span, services: 'asked' | 'left' = 'asked'): readonly Fix[] {
    if (!this.#manifests.has(file)) return [];
    const offered = new Set(
      this.checkFile(file, services)
        .findings.filter((f) => overlaps(f.span, span))
        .flatMap((f) => f.fixes.map((fix) => fix.title)),
    );
    const budgets = services === 'asked' && this.#hasLinks ? budgetActions(this.services, file, span) : [];
    return [...budgets, ...manifestActions(this.manifests, file, span)].filter(
      (fix) => !offered.has(fix.title),
    );
  }

  /** What could be said in `headroom.yaml` about the container at a place: the programs it may run. */
  linkChoices(file: string, span: Span): readonly LinkChoice[] {
    return this.#manifests.has(file) ? linkChoices(this.links, file, span) : [];
  }

  /** The services as they stand: containers with the programs of the workspace in them. */
  get services(): Services {
    if (!this.#joinedServices) {
      const { links } = this;
      for (const part of this.#linkedParts(links)) {
        if (!this.#reviews.has(part.id)) finish(this.#review(part, links));
        this.#noteGrowth(part);
      }
      this.#joinedServices = this.#reviews.services(this.manifests, links);
    }
    return this.#joinedServices;
  }

  /** The neighbourhoods with programs that containers run. */
  #linkedParts(links: WorkloadLinks): Set<Neighbourhood> {
    const files = new Set(links.units.flatMap((u) => u.links.map((l) => l.executable.file)));
    return new Set([...files].flatMap((file) => this.#around(file) ?? []));
  }

  *#review(part: Neighbourhood, links: WorkloadLinks): Steps {
    const request = this.#reviewRequest(part, links);
    this.#reviews.set(part.id, yield* reviewPrograms(this.#program(part), request));
  }

  #reviewRequest(part: Neighbourhood, links: WorkloadLinks): ReviewRequest {
    const files = new Set(part.files);
    return reviewRequest(links, (file) => files.has(file));
  }

  /** Some rule about services runs, and there is something it could speak about. */
  get #wantsServices(): boolean {
    const rules = this.#rules.service ?? [];
    return rules.some((r) => !this.#only || this.#only.has(r.meta.id)) && this.#manifests.size > 0;
  }

  get #hasLinks(): boolean {
    return this.links.units.some((u) => u.links.length > 0);
  }

  #serviceResults(): Said {
    return finish(this.#askServices());
  }

  *#askServices(): Steps<Said> {
    if (!this.#serviceResult) {
      this.#serviceResult = this.#wantsServices
        ? yield* this.#judgeServices()
        : { findings: [], exemptions: [], notices: [] };
    }
    return this.#serviceResult;
  }

  *#judgeServices(): Steps<Said> {
    const { services, manifests } = this;
    yield;
    const where = [...manifests.files.keys()][0] ?? '';
    const said = yield* runRules(this.#rules.service ?? [], services, where, this.#runOptions());
    return { ...said, findings: withOverlays(said.findings, manifests) };
  }

  /**
   * Remembers what has no bound in the packages of a neighbourhood, whichever rules were asked for. Packages that were
   * not checked since they changed keep what was said of them before.
   */
  #noteGrowth(part: Neighbourhood): void {
    if (this.#only) {
      const growth = (rules: readonly Rule<Package>[]) => rules.filter((r) => GROWTH.test(r.meta.id));
      const rules = { ...this.#rules, rust: growth(this.#rules.rust), go: growth(this.#rules.go) };
      for (const pkg of this.#program(part).packages)
        this.#setGrowth(pkg.id, finish(checkPackage(pkg, rules, { throwRuleErrors: this.#throwRuleErrors })));
      return;
    }
    for (const [id, said] of this.#packageResults.get(part.id) ?? []) this.#setGrowth(id, said);
  }

  #setGrowth(pkg: string, { findings }: Said): void {
    this.#reviews.setUnbounded(
      pkg,
      findings.filter((f) => GROWTH.test(f.rule) && this.#judge.isMeant(f)),
    );
  }

  #forgetServices(): void {
    this.#joinedServices = undefined;
    this.#serviceResult = undefined;
    this.#limits = undefined;
  }

  /** The limits that a finding in a file of code meets, the smallest first. */
  #limitsOf(file: string): readonly RelatedPlace[] {
    if (!this.#limits) {
      const limits = new Map<string, { readonly bytes: bigint; readonly place: RelatedPlace }[]>();
      if (this.#hasLinks)
        for (const { unit, limit, link, review } of this.services.services) {
          if (!limit || link.confidence === 'weak') continue;
          const message = `container "${unit.name ?? ''}" is limited to ${limit.text}`;
          for (const f of review.files)
            limits.set(f, [
              ...(limits.get(f) ?? []),
              { bytes: limit.bytes, place: { ...limit.where, message } },
            ]);
        }
      this.#limits = new Map(
        [...limits].map(([f, all]) => [
          f,
          all.sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0)).map((l) => l.place),
        ]),
      );
    }
    return this.#limits.get(file) ?? [];
  }

  #forgetPrograms(): void {
    this.#reviews.forget();
    this.#forgetServices();
    this.#neighbourhoods = undefined;
    this.#programs.clear();
    this.#packageResults.clear();
  }

  #packagesOf(part: Neighbourhood) {
    return packagesOf(
      part.files.flatMap((file) => this.#sources.get(file)?.head ?? []),
      this.projects,
    );
  }

  #resultsOf(neighbourhood: string): Map<string, Said> {
    let results = this.#packageResults.get(neighbourhood);
    if (!results) {
      results = new Map();
      this.#packageResults.set(neighbourhood, results);
    }
    return results;
  }

  #packageResult(around: Neighbourhood, pkg: Package): Said {
    const known = this.#resultsOf(around.id).get(pkg.id);
    if (known) return known;
    return finish(this.#askPackage(around, pkg));
  }

  /** Asks the rules about a package. They are to be driven to the end, or never again after a change. */
  *#askPackage(around: Neighbourhood, pkg: Package): Steps<Said> {
    const said = yield* checkPackage(pkg, this.#rules, this.#runOptions());
    this.takeSaid(around.id, pkg.id, said);
    return said;
  }

  /** The same where others wait for their turn, who should not have to wait until a program is read. */
  *#askPackageInTurns(around: Neighbourhood, pkg: Package): Steps {
    yield* readAhead(pkg.program);
    yield* this.#askPackage(around, pkg);
  }

  #runOptions() {
    return { only: this.#only, throwRuleErrors: this.#throwRuleErrors };
  }

  #codeFolders(): Map<string, 'rust' | 'go'> {
    return new Map(
      [...this.#projects.values()].map(({ project }) => [project.dir, project.kind === 'go' ? 'go' : 'rust']),
    );
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
    // What a container's environment sets decides numbers in the code.
    this.#reviews.forget();
    this.#forgetServices();
    this.#manifestResult = undefined;
    this.#manifestFileResults.clear();
  }

  *#joinLinks(): Steps<WorkloadLinks> {
    yield* this.#joinManifests();
    return yield* this.#links.join(this.#aroundLinks);
  }

  #manifestResults(): Said {
    return finish(this.#askManifests());
  }

  *#askManifests(): Steps<Said> {
    if (!this.#manifestResult) {
      this.#manifestResult = yield* this.#judgeManifests(yield* this.#joinManifests());
    }
    return this.#manifestResult;
  }

  /** What the rules say of one manifest: with a key pressed in it, the others are read for it but not judged. */
  *#askManifest(file: string): Steps<Said> {
    if (this.#manifestResult) return this.#manifestResult;
    let result = this.#manifestFileResults.get(file);
    if (!result) {
      const manifests = yield* this.#joinManifests();
      result = yield* this.#judgeManifests(manifests.within(new Set([file])));
      this.#manifestFileResults.set(file, result);
    }
    return result;
  }

  *#judgeManifests(manifests: Manifests): Steps<Said> {
    // Rules ask what a container runs; before any program is read, it is none.
    if (this.#hasPrograms) yield* this.#joinLinks();
    const where = [...manifests.files.keys()][0] ?? '';
    const said = yield* runRules(this.#rules.manifest, manifests, where, this.#runOptions());
    const notices = [...manifests.files.values()].flatMap((f) =>
      f.notices.length > 0 && manifests.inScope(f.file) ? f.notices : [],
    );
    const findings = withOverlays(said.findings, manifests);
    return { ...said, findings, notices: [...said.notices, ...notices] };
  }

  /** What decides about findings: always as it stands when it is asked. */
  #deciding(): Deciding {
    return {
      profile: this.#profile,
      metas: this.#metas,
      only: this.#only,
      headroomRules: this.#rules.headroom,
      runOptions: this.#runOptions(),
      configs: () => this.configs,
      baselines: () => this.#acceptedBy(),
      text: (file) => this.text(file),
      directives: (file) => this.#directives(file),
      reads: (rule, file) => this.#reads(rule, file),
      limits: (file) => this.#limitsOf(file),
    };
  }

  #acceptedBy(): readonly Baseline[] {
    if (this.#baseline === 'none') return [];
    return this.#baseline ? [this.#baseline] : [...this.#baselines.values()].flatMap((b) => b.baseline ?? []);
  }

  #directives(file: string): readonly Directive[] {
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

  /** True when the rule is one of those that look at files of this language. */
  #reads(rule: string, file: string): boolean {
    const head = this.#sources.get(file)?.head;
    const group = !head ? this.#rules.manifest : head.language === 'rust' ? this.#rules.rust : this.#rules.go;
    return [...group, ...(this.#rules.service ?? [])].some((r) => r.meta.id === rule);
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
