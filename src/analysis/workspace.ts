/** Asks rules about everything that is held: what goes in are files, what comes out are findings. */

import { budgetActions } from '../budget/actions.ts';
import { type ReviewedProgram, type ReviewRequest, reviewPrograms } from '../budget/program-review.ts';
import type { Services } from '../budget/services.ts';
import type { Exemption, Finding, Fix, Notice, RelatedPlace } from '../core/finding.ts';
import type { Rule, RuleMeta } from '../core/rule.ts';
import type { Place, Span } from '../core/span.ts';
import { contains, overlaps } from '../core/span.ts';
import { finish, type Steps } from '../core/steps.ts';
import { type HoverFace, type HoverText, hoverAt } from '../hover/hover.ts';
import { type Inlay, manifestInlays } from '../hover/inlays.ts';
import { type Lens, linkedPlaces, serviceLenses } from '../hover/services.ts';
import { manifestActions } from '../manifest/actions.ts';
import type { Manifests } from '../manifest/manifests.ts';
import type { Neighbourhood } from '../program/neighbourhoods.ts';
import type { Package, Program } from '../program/program.ts';
import type { Project } from '../program/project.ts';
import { type Review, reviewOf } from '../review/review.ts';
import { type FileFacts, headOf } from '../syntax/facts.ts';
import type { SourceParser } from '../syntax/parser.ts';
import type { Baseline } from './baseline.ts';
import type { ConfigTree } from './config.ts';
import { glance } from './glance.ts';
import { Holdings, type Source } from './holdings.ts';
import { type CheckResult, type Deciding, Judge } from './judge.ts';
import { type LinkChoice, linkChoices } from './link-choices.ts';
import type { WorkloadLinks } from './links.ts';
import { withOverlays } from './overlay-places.ts';
import type { Profile } from './profile.ts';
import { readAhead } from './read-ahead.ts';
import { GROWTH, Reviews, reviewRequest } from './reviews.ts';
import { checkPackage, type RuleSet, registry, runRules, type Said } from './run-rules.ts';

export interface WorkspaceOptions {
  /** Needed for `setText` of Rust and Go files; not when all facts are handed in. */
  readonly parser?: SourceParser;
  /** Default: `default`. */
  readonly profile?: Profile;
  /** Only these rules run; default all. */
  readonly only?: readonly string[];
  /** Rules say why they are silent, which reviews and explanations need; default true. */
  readonly explain?: boolean;
  /** Default: the registry. */
  readonly rules?: RuleSet;
  /** Takes the place of every baseline found among the files; `none` accepts nothing. */
  readonly baseline?: Baseline | 'none';
  /** Tests set it: an exception of a rule is thrown on instead of becoming a notice. */
  readonly throwRuleErrors?: boolean;
}

/** What is left to check, as plain data for other threads. */
export interface CheckPlan {
  readonly profile: Profile;
  readonly only: ReadonlySet<string> | undefined;
  readonly explain: boolean;
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

/** The review of a neighbourhood's programs, where somebody has made it. */
export type KnownReviews = (
  neighbourhood: string,
  request: ReviewRequest,
) => readonly ReviewedProgram[] | undefined;

export type { Inlay, InlayKind } from '../hover/inlays.ts';
export { INLAY_KINDS } from '../hover/inlays.ts';
export type { Source } from './holdings.ts';
export type { CheckResult } from './judge.ts';

export class Workspace {
  readonly #profile: Profile;
  readonly #rules: RuleSet;
  readonly #throwRuleErrors: boolean;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #explain: boolean;
  readonly #metas: ReadonlyMap<string, RuleMeta>;
  readonly #judge: Judge;

  readonly #held: Holdings;
  readonly #baseline: Baseline | 'none' | undefined;
  /** Of the present programs, by neighbourhood and package. */
  readonly #packageResults = new Map<string, Map<string, Said>>();
  #manifestResult: Said | undefined;
  readonly #manifestFileResults = new Map<string, Said>();
  readonly #reviews = new Reviews();
  #joinedServices: Services | undefined;
  #serviceResult: Said | undefined;
  #limits: ReadonlyMap<string, readonly RelatedPlace[]> | undefined;

  constructor(options: WorkspaceOptions = {}) {
    this.#held = new Holdings(options.parser, {
      programChanged: (id) => this.#forgetPrograms(id),
      manifestsChanged: () => this.#forgetManifests(),
    });
    this.#profile = options.profile ?? 'default';
    this.#throwRuleErrors = options.throwRuleErrors ?? false;
    this.#baseline = options.baseline;
    this.#only = options.only ? new Set(options.only) : undefined;
    this.#explain = options.explain ?? true;
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
    this.#held.setText(file, text);
  }

  /** Takes a source file that was parsed elsewhere; `readText` as in `Source`. */
  setFacts(facts: FileFacts, readText: () => string): void {
    this.setSource({ head: headOf(facts), facts: () => facts, readText });
  }

  /** Takes a source file whose facts may be asked for later, or never. */
  setSource(source: Source): void {
    this.#held.setSource(source);
  }

  /** Forgets a file that was deleted or left the workspace. */
  remove(file: string): void {
    this.#held.remove(file);
  }

  /** The source files and manifests that are held. */
  files(): string[] {
    return this.#held.files;
  }

  /** The joined code around a source file as it stands, or undefined for any other file. */
  programOf(file: string): Program | undefined {
    const around = this.#held.around(file);
    return around && this.#held.program(around);
  }

  /** What the files of modules and crates say, by file. */
  get projects(): Project[] {
    return this.#held.projects;
  }

  /** The manifests together, as they stand. A file is read again only after its text changed. */
  get manifests(): Manifests {
    return this.#held.manifests;
  }

  /** Which program runs where, as it stands. */
  get links(): WorkloadLinks {
    return this.#held.links;
  }

  /** All settings as they stand. */
  get configs(): ConfigTree {
    return this.#held.configs;
  }

  /**
   * Tells which files need not be parsed, by the projects handed in so far.
   * @param more files that are not handed in yet
   */
  onlyForTests(more: readonly string[] = []): (file: string) => boolean {
    return this.#held.onlyForTests(more);
  }

  /** The text of a file that was handed in; empty for a file nobody handed in. */
  text(file: string): string {
    return this.#held.text(file);
  }

  /**
   * Checks everything. What did not change since the last call is not run again.
   * @param accepted `shown`: findings that a baseline accepts are among the findings
   */
  check(accepted: 'hidden' | 'shown' = 'hidden'): CheckResult {
    const raw: Said[] = [];
    for (const part of this.#held.neighbourhoods) {
      const known = this.#packageResults.get(part.id);
      const results = this.#held.packagesOf(part).map(({ home }) => known?.get(home.id));
      if (results.every((said) => said !== undefined)) {
        raw.push(...results);
        continue;
      }
      const program = this.#held.program(part);
      for (const pkg of program.packages) raw.push(this.#packageResult(part, pkg));
      // One neighbourhood needs nothing of another: what was derived for it makes room for the next.
      program.forget();
    }
    raw.push(this.#manifestResults(), this.#serviceResults());
    this.#held.forgetDerived();
    const files = this.files();
    return this.#judge.finish(raw, files, this.#held.notices, { accepted });
  }

  /** What is wrong with the files of settings, projects, baselines and measurements. */
  get notices(): readonly Notice[] {
    return this.#held.notices;
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
      sources: this.#held.sourceFiles.filter((file) => !isOnlyForTests(file)).sort(),
      tierOf: (rule) => this.#metas.get(rule)?.tier,
    });
  }

  /** What `check` would have to ask rules about; who asks them elsewhere hands in the answers with `takeSaid`. */
  plan(): CheckPlan {
    const parts = [...this.#held.neighbourhoods].map((part) => {
      const known = this.#packageResults.get(part.id);
      const packages = this.#held.packagesOf(part).filter(({ home }) => !known?.has(home.id));
      return {
        id: part.id,
        packages: packages.map(({ home, files }) => ({ id: home.id, files: files.map((f) => f.file) })),
      };
    });
    return {
      profile: this.#profile,
      only: this.#only,
      explain: this.#explain,
      projects: this.projects,
      root: this.#held.root,
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

  /** What the rules said about a package, as far as they were asked. */
  said(neighbourhood: string, pkg: string): Said | undefined {
    return this.#packageResults.get(neighbourhood)?.get(pkg);
  }

  /** What was said of a neighbourhood's programs, and what had been asked. */
  reviewed(
    neighbourhood: string,
  ): { readonly request: ReviewRequest; readonly programs: readonly ReviewedProgram[] } | undefined {
    const programs = this.#reviews.of(neighbourhood);
    const part = programs && [...this.#held.neighbourhoods].find(({ id }) => id === neighbourhood);
    return part && { request: this.#reviewRequest(part, this.links), programs };
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
   * @param known gives reviews that were made before
   */
  *turns(first: readonly string[], known: KnownReviews = () => undefined): Generator<Turn> {
    const early = new Set(first);
    const parts = [...this.#held.neighbourhoods].map((part) => {
      const known = this.#packageResults.get(part.id);
      const packages = this.#held
        .packagesOf(part)
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
    for (const _ of this.#held.joinLinks()) yield unsaid();
    const linked = this.#wantsServices ? this.#linkedParts(this.links) : new Set<Neighbourhood>();
    for (const { part, packages } of parts.sort((a, b) => Number(b.isEarly) - Number(a.isEarly))) {
      const review = linked.has(part) && known(part.id, this.#reviewRequest(part, this.links));
      if (review) this.takeReview(part.id, review);
      const isUnreviewed = linked.has(part) && !this.#reviews.has(part.id);
      if (packages.length === 0 && !isUnreviewed) continue;
      for (const _ of this.#held.join(part)) yield unsaid();
      const program = this.#held.program(part);
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
    const said =
      which === 'all'
        ? yield* this.#askManifests()
        : yield* this.#judgeManifests(yield* this.#held.joinFirstManifests());
    return this.#judge.finish([said], this.#held.manifestFiles, [], { isPartial: true });
  }

  /**
   * Says in steps of a package what holds whatever the rest of the workspace says, while that is being read.
   * @param files all source files of the package; those that were not handed in are left out
   */
  *glance(files: readonly string[]): Steps<readonly Finding[]> {
    const program = this.#held.programOfFiles(files);
    const said = yield* glance(program, this.#rules, this.#runOptions());
    return this.#judge.finish(said, files, [], { isPartial: true }).findings;
  }

  /**
   * Does in steps what `checkFile` rests on, and what a hover asks next. What the workspace holds must not change
   * before the next step; after a change it is to be begun anew.
   */
  *prepareFile(file: string): Steps {
    if (this.#held.isManifest(file)) {
      yield* this.#askManifest(file);
      return;
    }
    const around = this.#held.around(file);
    if (!around) return;
    const pkg = (yield* this.#held.join(around)).file(file)?.package;
    if (pkg && !this.#resultsOf(around.id).has(pkg.id)) yield* this.#askPackageInTurns(around, pkg);
  }

  /** True when `checkFile` needs to ask no rule. */
  isPrepared(file: string): boolean {
    if (this.#held.isManifest(file))
      return this.#manifestResult !== undefined || this.#manifestFileResults.has(file);
    const around = this.#held.around(file);
    const pkg = around && this.#held.joined(around)?.file(file)?.package;
    return !around || (pkg !== undefined && this.#resultsOf(around.id).has(pkg.id));
  }

  /**
   * Checks the package or the manifests a file belongs to and answers for that file alone.
   * @param services `left`: what takes the programs of all containers to say is left out, unless it is known
   */
  checkFile(file: string, services: 'asked' | 'left' = 'asked'): CheckResult {
    const own = this.#held.noticesOf(file);
    const joins = services === 'asked' || this.#serviceResult !== undefined;
    const options = { isPartial: !joins };
    const more = joins ? [this.#serviceResults()] : [];
    if (this.#held.isManifest(file)) {
      const raw = finish(this.#askManifest(file));
      const notices = raw.notices.filter((n) => n.file === file);
      return this.#judge.finish([{ ...raw, notices }, ...more], [file], own, options);
    }
    const around = this.#held.around(file);
    const source = around && this.#held.program(around).file(file);
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
    if (!this.#held.isManifest(file)) return [];
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
    return this.#held.isManifest(file) ? linkChoices(this.links, file, span) : [];
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
    return new Set([...files].flatMap((file) => this.#held.around(file) ?? []));
  }

  *#review(part: Neighbourhood, links: WorkloadLinks): Steps {
    const request = this.#reviewRequest(part, links);
    this.#reviews.set(part.id, yield* reviewPrograms(this.#held.program(part), request));
  }

  #reviewRequest(part: Neighbourhood, links: WorkloadLinks): ReviewRequest {
    const files = new Set(part.files);
    return reviewRequest(links, (file) => files.has(file));
  }

  /** Some rule about services runs, and there is something it could speak about. */
  get #wantsServices(): boolean {
    const rules = this.#rules.service ?? [];
    return rules.some((r) => !this.#only || this.#only.has(r.meta.id)) && this.#held.manifestFiles.length > 0;
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
      for (const pkg of this.#held.program(part).packages)
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

  /** A neighbourhood has changed, or which there are. */
  #forgetPrograms(id?: string): void {
    this.#reviews.forget(id);
    this.#forgetServices();
    if (id === undefined) this.#packageResults.clear();
    else this.#packageResults.delete(id);
  }

  #forgetManifests(): void {
    // What a container's environment sets decides numbers in the code.
    this.#reviews.forget();
    this.#forgetServices();
    this.#manifestResult = undefined;
    this.#manifestFileResults.clear();
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
    return { only: this.#only, explain: this.#explain, throwRuleErrors: this.#throwRuleErrors };
  }

  #manifestResults(): Said {
    return finish(this.#askManifests());
  }

  *#askManifests(): Steps<Said> {
    if (!this.#manifestResult) {
      this.#manifestResult = yield* this.#judgeManifests(yield* this.#held.joinManifests());
    }
    return this.#manifestResult;
  }

  /** What the rules say of one manifest: with a key pressed in it, the others are read for it but not judged. */
  *#askManifest(file: string): Steps<Said> {
    if (this.#manifestResult) return this.#manifestResult;
    let result = this.#manifestFileResults.get(file);
    if (!result) {
      const manifests = yield* this.#held.joinManifests();
      result = yield* this.#judgeManifests(manifests.within(new Set([file])));
      this.#manifestFileResults.set(file, result);
    }
    return result;
  }

  *#judgeManifests(manifests: Manifests): Steps<Said> {
    // Rules ask what a container runs; before any program is read, it is none.
    if (this.#held.hasPrograms) yield* this.#held.joinLinks();
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
      directives: (file) => this.#held.directives(file),
      reads: (rule, file) => this.#reads(rule, file),
      limits: (file) => this.#limitsOf(file),
      isPublished: (by) => this.links.isPublished(by),
      unheldWith: (file) => {
        const language = this.#held.headOf(file)?.language;
        const program = language && this.links.unheldWith(file, language);
        return program && { ...program.main, message: `no image of the workspace holds \`${program.name}\`` };
      },
    };
  }

  #acceptedBy(): readonly Baseline[] {
    if (this.#baseline === 'none') return [];
    return this.#baseline ? [this.#baseline] : this.#held.baselines;
  }

  /** True when the rule is one of those that look at files of this language. */
  #reads(rule: string, file: string): boolean {
    const head = this.#held.headOf(file);
    const group = !head ? this.#rules.manifest : head.language === 'rust' ? this.#rules.rust : this.#rules.go;
    return [...group, ...(this.#rules.service ?? [])].some((r) => r.meta.id === rule);
  }
}
