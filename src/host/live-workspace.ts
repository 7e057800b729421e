/** A workspace that follows an editor: files from the disk, open documents on top of them, findings of both. */
import { writeBaseline } from '../analysis/baseline.ts';
import { completeConfig, type Proposal, type SettingSchema } from '../analysis/config-complete.ts';
import { setRuleLevel, setService } from '../analysis/config-edit.ts';
import { BASELINE_FILE, CONFIG_FILE, type FileKind, fileKind, within } from '../analysis/file-kind.ts';
import { type Inlay, Workspace } from '../analysis/workspace.ts';
import type { Edit, Finding, Fix, Notice, Severity } from '../core/finding.ts';
import type { Span } from '../core/span.ts';
import { finish, type Steps } from '../core/steps.ts';
import { folderOf } from '../program/project.ts';
import type { Review } from '../review/review.ts';
import type { Language } from '../syntax/facts.ts';
import type { OpenDocument, SourceParser } from '../syntax/parser.ts';
import { MAX_SOURCE_BYTES, readTextFile } from './decode.ts';
import { type FileSystem, isAddress } from './file-system.ts';
import { IGNORE_FILES } from './ignore-files.ts';
import { KnownAnswers, type OpenAnswers } from './known-answers.ts';
import type { PackedFacts } from './packed-facts.ts';
import type { ParserThreads } from './read-sources.ts';
import { reread, scan } from './scan.ts';
import { walk } from './walk.ts';

/** Milliseconds a keystroke may spend on parsing. A stray brace can cost half a second; that is done when it is quiet. */
const PARSE_DEADLINE = 30;
/** Milliseconds after which rules make room for whoever else has a question. */
const TURN = 20;
/** When more files than this change at once, reading everything anew is cheaper than asking for each. */
const MANY_FILES = 200;

export type Level = Severity | 'off';

/** What the editor may decide; everything else is the repository's. */
export interface EditorSettings {
  readonly profile: 'default' | 'pedantic';
  /** Severity by rule id, where the person set one. */
  readonly rules: Readonly<Record<string, Level>>;
}

export interface FolderSettings {
  readonly folder: string;
  readonly settings: EditorSettings;
}

export interface ScanWatch {
  /** Files read or packages judged so far, and how many there are. */
  progress(done: number, total: number): void;
  isCancelled(): boolean;
  /** The manifests are read and can be asked about; the code is not. */
  onManifests?(): void;
  /** Something can be said of a part of the code; the rest is not read. */
  onGlance?(): void;
}

const unwatched: ScanWatch = { progress() {}, isCancelled: () => false };

/** What a disk has to offer, where there is one. */
export interface Helpers {
  /** Parse its files when there are many. */
  readonly threads?: ParserThreads | undefined;
  /** Gives what was answered in earlier runs over the same roots. */
  readonly answersOf?: ((roots: readonly string[]) => OpenAnswers) | undefined;
}

interface OpenFile {
  text: string;
  readonly kind: FileKind;
  /** The tree that is kept for Rust and Go. */
  readonly document?: OpenDocument;
  /** The facts are those of an earlier text. */
  behind: boolean;
}

export class LiveWorkspace {
  readonly #fs: FileSystem;
  readonly #parser: SourceParser;
  readonly #helpers: Helpers;
  readonly #readSchema: () => SettingSchema | undefined;
  #schema: SettingSchema | undefined;
  #workspace: Workspace;
  #roots: readonly string[] = [];
  #files = 0;
  #settings: EditorSettings = { profile: 'default', rules: {} };
  #folderSettings: readonly FolderSettings[] = [];
  readonly #open = new Map<string, OpenFile>();
  /** Answers that hold until something changes. */
  readonly #checked = new Map<
    string,
    { readonly findings: readonly Finding[]; readonly notices: readonly Notice[] }
  >();
  #all: readonly Finding[] | undefined;
  /**
   * What can be spoken about: at first the manifests that are reported on, then all of them. A part of the code is not,
   * since what bounds growth may be in the other.
   */
  #read: 'nothing' | 'first' | 'manifests' | 'everything' = 'nothing';
  /** What is said of manifests until all are read. */
  #first: readonly Finding[] = [];
  /** What is said of code until all of it is read, by file; files that were not looked at are not in it. */
  readonly #glanced = new Map<string, readonly Finding[]>();
  #shown: readonly string[] = [];
  /** What is known of an earlier run, until everything is judged. */
  #known: KnownAnswers | undefined;
  /** Everything was judged once. Until then nobody waits for what takes the programs of all containers to say. */
  #isJudged = false;
  /** Grows with every change, so that long work notices. */
  #version = 0;
  /** Files that rules are being asked about, as everything stands. */
  readonly #preparing = new Map<string, Promise<boolean>>();
  /** Files with findings, as far as is known; what was found before counts until everything is judged anew. */
  #found = new Set<string>();
  #review: Review | undefined;
  #notices: Notice[] = [];
  /** Notices a person was told already. */
  readonly #told = new Set<string>();

  /**
   * @param readSchema gives the JSON schema of the settings, where it is installed; called when somebody completes
   */
  constructor(
    fs: FileSystem,
    parser: SourceParser,
    readSchema: () => SettingSchema | undefined = () => undefined,
    helpers: Helpers = {},
  ) {
    this.#helpers = helpers;
    this.#readSchema = readSchema;
    this.#fs = fs;
    this.#parser = parser;
    this.#workspace = this.#emptyWorkspace();
  }

  /**
   * Reads what lies below the folders, from then on the roots. Manifests come first, and with the first scan they can
   * be asked about at once. Resolves early when cancelled; then what was known before is what is known.
   */
  async scan(folders: readonly string[], watch: ScanWatch): Promise<void> {
    this.#roots = [...folders];
    const next = this.#emptyWorkspace();
    const { files, notices, packed } = await scan({
      workspace: next,
      fs: this.#fs,
      roots: this.#roots.filter((root) => this.#kind(root) !== undefined),
      engine: async () => this.#parser,
      threads: this.#helpers.threads,
      onProgress: (done, total) => watch.progress(done, total),
      isCancelled: () => watch.isCancelled(),
      onManifests: async () => {
        if (this.#read === 'nothing') await this.#speakOfManifests(next, watch);
        else watch.onManifests?.();
      },
      fetch: (sources) => this.fetch(sources),
      audience: {
        files: () => this.#shown,
        isSilent: () => this.#found.size === 0,
        onRead: (files) => this.#glance(next, files, watch),
      },
    });
    if (watch.isCancelled()) {
      for (const file of next.files()) if (isCode(file)) next.remove(file);
      this.#changed();
      return;
    }
    this.#files = files;
    this.#workspace = next;
    this.#read = 'everything';
    this.#glanced.clear();
    this.#isJudged = false;
    this.#tell(notices);
    this.#recall(packed);
    // The texts of the editor count, also those that were changed while the disk was read.
    for (const [file, open] of this.#open) {
      if (this.#known?.holds(file) && !open.behind && readTextFile(this.#fs, file).text === open.text)
        continue;
      this.#known?.changed(file);
      if (open.document) this.#take(open, open.document);
      else next.setText(file, open.text);
    }
    this.#changed();
  }

  /** Takes what is known of an earlier run about the files on the disk. */
  #recall(packed: readonly PackedFacts[]): void {
    const open = this.#helpers.answersOf?.(this.#roots);
    this.#known = open && packed.length > 0 ? new KnownAnswers(this.#workspace, packed, open) : undefined;
    this.#known?.take();
  }

  /** Called with source files that are read next, for workspaces that have to get them first. */
  protected async fetch(_files: readonly string[]): Promise<void> {}

  /** From now on manifests can be asked about, while the code is read into the same workspace. */
  async #speakOfManifests(workspace: Workspace, watch: ScanWatch): Promise<void> {
    this.#workspace = workspace;
    for (const [file, open] of this.#open) if (!open.document) workspace.setText(file, open.text);
    this.#changed();
    for (const [stage, which] of [
      ['first', 'first'],
      ['manifests', 'all'],
    ] as const) {
      const said = await this.#untilDone(() => workspace.checkManifests(which), watch);
      if (!said) return;
      this.#read = stage;
      this.#changed();
      this.#first = this.#adjust(said.findings);
      for (const { file } of this.#first) this.#found.add(file);
      watch.onManifests?.();
    }
  }

  /** Looks at a package before what lies around it is read. */
  async #glance(workspace: Workspace, files: readonly string[], watch: ScanWatch): Promise<void> {
    const isOver = () => this.#read === 'everything' || watch.isCancelled();
    if (isOver()) return;
    for (const file of files) {
      const open = this.#open.get(file);
      if (open?.document) this.#take(open, open.document, workspace);
    }
    const findings = await this.#untilDone(() => workspace.glance(files), { isCancelled: isOver });
    if (!findings || isOver()) return;
    const said = this.#adjust(findings);
    // Nobody waits for nothing.
    if (said.length === 0 && !files.some((file) => this.#open.has(file))) return;
    for (const file of files) {
      // A text that changed meanwhile is looked at when everything is read.
      if (this.#open.get(file)?.behind) continue;
      this.#glanced.set(
        file,
        said.filter((f) => f.file === file),
      );
    }
    for (const { file } of said) this.#found.add(file);
    this.#changed();
    watch.onGlance?.();
  }

  /**
   * Asks all rules about everything, in turns with whoever else has a question. False when that was cancelled, or when
   * something changed, so that it is to be done again.
   */
  async judge(watch: ScanWatch): Promise<boolean> {
    if (this.#read !== 'everything') return false;
    this.#catchUp();
    const turns = this.#workspace.turns([...this.#open.keys()], (part, request) =>
      this.#known?.review(part, request),
    );
    const isWhole = await this.#inTurns(turns, watch, ({ findings, done, total }) => {
      for (const { file } of this.#adjust(findings)) this.#found.add(file);
      watch.progress(done, total);
    });
    if (!isWhole) return false;
    this.all();
    // A package may speak of a file of another one.
    this.#checked.clear();
    this.#isJudged = true;
    this.#known?.addOwn();
    this.#known?.save();
    this.#known = undefined;
    return true;
  }

  /**
   * Asks the rules about a file, in turns with whoever else has a question: then `findings`, `hover` and `actions` answer
   * at once. False when something changed meanwhile, so that it is to be done again.
   */
  async prepare(file: string): Promise<boolean> {
    this.#catchUp();
    if (!this.#canSpeakOf(file)) return true;
    let prepared = this.#preparing.get(file);
    if (!prepared) {
      prepared = this.#inTurns(this.#workspace.prepareFile(file));
      this.#preparing.set(file, prepared);
    }
    return prepared;
  }

  /** True when what is said of a file takes no rule to be asked. */
  isPrepared(file: string): boolean {
    return this.#canSpeakOf(file) ? this.#workspace.isPrepared(file) : this.isGlanced(file);
  }

  /** True when something is known of a file of code, though what lies around it is not read. */
  isGlanced(file: string): boolean {
    return this.#glanced.has(file);
  }

  /** Drives work in turns, anew when something changed. Undefined when it was cancelled. */
  async #untilDone<T>(begin: () => Steps<T>, watch: Pick<ScanWatch, 'isCancelled'>): Promise<T | undefined> {
    let result: T | undefined;
    const steps = function* () {
      result = yield* begin();
    };
    while (!(await this.#inTurns(steps(), watch))) if (watch.isCancelled()) return undefined;
    return result;
  }

  /** Drives work in turns with whoever else has a question. False when something changed or it was cancelled. */
  async #inTurns<T>(
    work: Iterable<T>,
    { isCancelled }: Pick<ScanWatch, 'isCancelled'> = unwatched,
    onStep: (step: T) => void = () => {},
  ): Promise<boolean> {
    const version = this.#version;
    let end = performance.now() + TURN;
    for (const step of work) {
      onStep(step);
      if (performance.now() < end) continue;
      await new Promise((next) => setTimeout(next));
      if (version !== this.#version || isCancelled()) return false;
      end = performance.now() + TURN;
    }
    return true;
  }

  /** `folders` holds the settings of workspace folders that may differ; the deepest folder around a file counts. */
  async configure(settings: EditorSettings, folders: readonly FolderSettings[]): Promise<void> {
    const rescan = settings.profile !== this.#settings.profile;
    this.#settings = settings;
    this.#folderSettings = [...folders].sort((a, b) => b.folder.length - a.folder.length);
    this.#changed();
    if (rescan) await this.scan(this.#roots, unwatched);
  }

  /** The editor's text counts from now on. False when Headroom has nothing to say about such a document. */
  open(file: string, languageId: string, text: string): boolean {
    const kind = fileKind(file) ?? kindOfLanguage(file, languageId);
    if (kind === undefined || !this.#isWanted(file)) return false;
    if (text.length > MAX_SOURCE_BYTES) return false;
    this.#open.get(file)?.document?.close();
    if (kind === 'rust' || kind === 'go') {
      const document = this.#parser.open(file, kind);
      const open: OpenFile = { text, kind, document, behind: true };
      this.#open.set(file, open);
      document.update(text, () => false);
      this.#take(open, document);
      this.#shown = [...this.#shown, file];
    } else {
      this.#open.set(file, { text, kind, behind: false });
      this.#workspace.setText(file, text);
    }
    this.#changed();
    return true;
  }

  /** `text` is the whole new text of an open document. */
  change(file: string, text: string): void {
    const open = this.#open.get(file);
    if (!open) return;
    open.text = text;
    this.#known?.changed(file);
    if (!open.document) {
      this.#workspace.setText(file, text);
    } else {
      const end = performance.now() + PARSE_DEADLINE;
      open.behind = true;
      this.#glanced.delete(file);
      const facts = open.document.update(text, () => performance.now() > end);
      if (!facts) return;
      open.behind = false;
      this.#workspace.setFacts(facts, () => open.text);
    }
    this.#changed();
  }

  /** The findings are those of an earlier text, because parsing the present one takes long; asking for them waits. */
  isBehind(file: string): boolean {
    return this.#open.get(file)?.behind === true;
  }

  /** The text on disk counts again. */
  async close(file: string): Promise<void> {
    const open = this.#open.get(file);
    if (!open) return;
    open.document?.close();
    this.#open.delete(file);
    this.#shown = this.#shown.filter((shown) => shown !== file);
    if (this.#kind(file) === 'file' && this.#roots.some((root) => isBelow(root, file))) {
      this.#tell(await reread(this.#request(), file));
    } else {
      this.#workspace.remove(file);
    }
    this.#changed();
  }

  /** Files that were created, changed or deleted on disk. Open documents are left alone. */
  async reload(files: readonly string[]): Promise<void> {
    const decides = (file: string) => {
      const name = file.slice(file.lastIndexOf('/') + 1);
      return name === CONFIG_FILE || IGNORE_FILES.includes(name);
    };
    if (files.length > MANY_FILES || files.some(decides)) {
      await this.scan(this.#roots, unwatched);
      return;
    }
    for (const file of files) {
      this.#known?.changed(file);
      if (this.#open.has(file) || fileKind(file) === undefined) continue;
      if (this.#kind(file) === 'file' && this.#isScanned(file))
        this.#tell(await reread(this.#request(), file));
      else this.#workspace.remove(file);
    }
    // A folder that was deleted is reported by its own name.
    for (const folder of files.filter((f) => fileKind(f) === undefined && this.#kind(f) === undefined)) {
      for (const file of this.#workspace.files()) {
        if (!isBelow(folder, file) || this.#open.has(file)) continue;
        this.#known?.changed(file);
        this.#workspace.remove(file);
      }
    }
    this.#changed();
  }

  findings(file: string): readonly Finding[] {
    return this.#check(file).findings;
  }

  /** What a person must know about this file that is not a finding. */
  notices(file: string): readonly Notice[] {
    return this.#check(file).notices.filter((notice) => notice.file === file);
  }

  /** The findings of all files; of the manifests alone until the code is read. */
  all(): readonly Finding[] {
    this.#catchUp();
    if (!this.#all) {
      const isRead = this.#read === 'everything';
      const { findings, notices } = isRead
        ? this.#workspace.check()
        : finish(this.#workspace.checkManifests());
      this.#tell(notices);
      this.#all = this.#adjust(findings);
      if (isRead) this.#found = new Set(this.#all.map((finding) => finding.file));
    }
    return this.#all;
  }

  /** True when everything was judged as it stands, so that nothing said of any file takes long to say. */
  isSettled(): boolean {
    return this.#all !== undefined;
  }

  /** Files with findings, as far as is known without asking any rule. */
  found(): ReadonlySet<string> {
    return this.#found;
  }

  /** The services with their checklists, as everything stands now. */
  review(): Review {
    this.#catchUp();
    this.#review ??= this.#workspace.review((findings) => this.#adjust(findings));
    return this.#review;
  }

  hover(
    file: string,
    offset: number,
    face?: Parameters<Workspace['hover']>[2],
  ): ReturnType<Workspace['hover']> {
    this.#catchUp();
    return this.#canSpeakOf(file) ? this.#workspace.hover(file, offset, face, this.#services) : undefined;
  }

  /** What an editor shows between the words of a file. */
  inlays(file: string): readonly Inlay[] {
    this.#catchUp();
    return this.#workspace.inlays(file);
  }

  /** What can be done at `span`, besides the fixes of findings. */
  actions(file: string, span: Span): readonly Fix[] {
    return [...this.#workspace.actions(file, span, this.#services), ...this.#linkActions(file, span)];
  }

  /** Lines to show above places of a file. */
  lenses(file: string): ReturnType<Workspace['lenses']> {
    this.#catchUp();
    return this.#workspace.lenses(file);
  }

  /** Where what stands at an offset runs, or what runs there. */
  linkedPlaces(file: string, offset: number): ReturnType<Workspace['linkedPlaces']> {
    this.#catchUp();
    return this.#workspace.linkedPlaces(file, offset);
  }

  /** Entries of the settings file that say what a container runs. */
  #linkActions(file: string, span: Span): Fix[] {
    const target = this.#configFor(file);
    if (target === undefined) return [];
    return this.#workspace.linkChoices(file, span).map(({ title, service, workload, source }) => ({
      title,
      applicability: 'maybe-incorrect',
      edits: () =>
        setService(target, this.#currentText(target) ?? '', {
          name: service,
          workload,
          source: within(folderOf(target), source) ?? source,
        }) ?? [],
    }));
  }

  /** Patterns of the files `complete` speaks about. */
  readonly completed: readonly string[] = [`**/${CONFIG_FILE}`];

  /** What may be written next. */
  complete(file: string, offset: number): readonly Proposal[] {
    if (fileKind(file) !== 'config') return [];
    this.#schema ??= this.#readSchema();
    return this.#schema ? completeConfig(this.#schema, this.text(file) ?? '', offset) : [];
  }

  /** The edits that silence `finding` on its line, with a reason for the person to write. */
  ignoreOnLine(finding: Finding): readonly Edit[] {
    const text = this.text(finding.file) ?? '';
    const start = text.lastIndexOf('\n', finding.span.start - 1) + 1;
    const indent = /^[ \t]*/.exec(text.slice(start))![0];
    const comment = fileKind(finding.file) === 'manifest' ? '#' : '//';
    const newText = `${indent}${comment} headroom: ignore ${finding.rule} -- TODO: say why\n`;
    return [{ file: finding.file, span: { start, end: start }, newText }];
  }

  /**
   * The edits that switch `rule` off in the settings file for `file`; a file that does not exist yet is created.
   * Undefined when there is no place for it.
   */
  ignoreInWorkspace(rule: string, file: string): readonly Edit[] | undefined {
    const target = this.#configFor(file);
    return target === undefined
      ? undefined
      : setRuleLevel(target, this.#currentText(target) ?? '', rule, 'off');
  }

  /**
   * The baselines that accept every finding there is now, one a root with findings or with a baseline already. They are
   * written by whoever asks.
   */
  acceptAll(): readonly { readonly file: string; readonly text: string; readonly findings: number }[] {
    this.#catchUp();
    const { findings } = this.#workspace.check('shown');
    return this.#roots.flatMap((root) => {
      const file = `${root}/${BASELINE_FILE}`;
      const own = findings.filter((f) => isBelow(root, f.file));
      if (own.length === 0 && this.#kind(file) === undefined) return [];
      const text = writeBaseline(file, own, (name) => this.text(name) ?? '');
      return [{ file, text, findings: own.length }];
    });
  }

  /** The current text, as the findings see it. */
  text(file: string): string | undefined {
    return this.#open.get(file)?.text ?? (this.#workspace.text(file) || this.#currentText(file));
  }

  /** Notices nobody was told yet. */
  takeNotices(): readonly Notice[] {
    const taken = this.#notices;
    this.#notices = [];
    return taken;
  }

  size(): { readonly files: number } {
    return { files: this.#files };
  }

  dispose(): void {
    for (const open of this.#open.values()) open.document?.close();
    this.#open.clear();
    this.#parser.close();
  }

  #emptyWorkspace(): Workspace {
    return new Workspace({ parser: this.#parser, profile: this.#settings.profile });
  }

  #request() {
    return { workspace: this.#workspace, fs: this.#fs, engine: async () => this.#parser };
  }

  /** While somebody types, what takes the programs of all containers to say waits until everything is judged again. */
  get #services(): 'asked' | 'left' {
    return this.#isJudged && this.isSettled() ? 'asked' : 'left';
  }

  #canSpeakOf(file: string): boolean {
    return this.#read === 'everything' || (this.#read !== 'nothing' && !isCode(file));
  }

  /** Brings the facts of an open document up to its text. */
  #take(open: OpenFile, document: OpenDocument, workspace = this.#workspace): void {
    workspace.setFacts(document.finish(), () => open.text);
    open.behind = false;
  }

  #changed(): void {
    this.#version++;
    this.#preparing.clear();
    this.#checked.clear();
    this.#all = undefined;
    this.#review = undefined;
  }

  /** Parses what was left for a quiet moment. */
  #catchUp(): void {
    for (const open of this.#open.values()) {
      if (open.behind && open.document) {
        this.#take(open, open.document);
        this.#changed();
      }
    }
  }

  #check(file: string) {
    this.#catchUp();
    let checked = this.#checked.get(file);
    if (!this.#canSpeakOf(file)) return { findings: this.#glanced.get(file) ?? [], notices: [] };
    if (this.#read === 'first' && !this.#workspace.isPrepared(file))
      return { findings: this.#first.filter((f) => f.file === file), notices: [] };
    if (!checked) {
      const { findings, notices } = this.#workspace.checkFile(file, this.#services);
      checked = { findings: this.#adjust(findings), notices };
      this.#checked.set(file, checked);
      this.#tell(notices);
    }
    return checked;
  }

  /** What a person set in the editor, on top of what the repository says. */
  #adjust(findings: readonly Finding[]): Finding[] {
    return findings.flatMap((finding) => {
      const folder = this.#folderSettings.find((f) => isBelow(f.folder, finding.file));
      const level = (folder?.settings ?? this.#settings).rules[finding.rule];
      if (level === undefined) return [finding];
      return level === 'off' ? [] : [{ ...finding, severity: level }];
    });
  }

  #tell(notices: readonly Notice[]): void {
    for (const notice of notices) {
      const key = `${notice.file}\n${notice.message}`;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      this.#notices.push(notice);
    }
  }

  /** False for what lies outside the open folders or what their settings leave out: code of others, build results. */
  #isWanted(file: string): boolean {
    if (isAddress(file) && !this.#roots.some((root) => isBelow(root, file))) return true;
    if (this.#roots.length === 0) return true;
    return this.#kind(file) === undefined
      ? this.#roots.some((root) => isBelow(root, file))
      : this.#isScanned(file) || fileKind(file) === 'config';
  }

  /** Asks the walk of the scan, led to this file alone. */
  #isScanned(file: string): boolean {
    const { configs } = this.#workspace;
    const filter = {
      excludesFolder: (folder: string) => !isBelow(folder, file) || configs.excludesFolder(folder),
      takes: (path: string) => path === file && configs.for(path).included,
    };
    const roots = this.#roots.filter((root) => isBelow(root, file));
    for (const found of walk(this.#fs, roots, filter, () => {})) {
      if (found.file === file) return true;
    }
    return false;
  }

  /** The settings file that speaks for `file`: the nearest there is, else a new one in its root. */
  #configFor(file: string): string | undefined {
    const root = this.#roots.filter((r) => isBelow(r, file)).sort((a, b) => b.length - a.length)[0];
    if (root === undefined) return undefined;
    for (let folder = folderOf(file); isBelow(root, folder); folder = folderOf(folder)) {
      const candidate = `${folder}/${CONFIG_FILE}`;
      if (this.#open.has(candidate) || this.#kind(candidate) === 'file') return candidate;
    }
    return `${root}/${CONFIG_FILE}`;
  }

  /** The text of a file the analysis does not hold. */
  #currentText(file: string): string | undefined {
    const open = this.#open.get(file);
    if (open) return open.text;
    try {
      return new TextDecoder().decode(this.#fs.read(file));
    } catch {
      return undefined;
    }
  }

  #kind(path: string) {
    try {
      return this.#fs.kind(path);
    } catch {
      return undefined;
    }
  }
}

/** True when `file` is `folder` or lies below it. */
function isBelow(folder: string, file: string): boolean {
  return file === folder || within(folder, file) !== undefined;
}

/** True for what can be judged only with the rest of the code; also for what no name tells. */
export function isCode(file: string): boolean {
  const kind = fileKind(file);
  return kind === undefined || kind === 'rust' || kind === 'go';
}

/** Documents without a file name tell what they are by their language. */
function kindOfLanguage(file: string, languageId: string): Language | undefined {
  if (!isAddress(file)) return undefined;
  return languageId === 'rust' || languageId === 'go' ? languageId : undefined;
}
