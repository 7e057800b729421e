/** Holds what says which program runs where, and joins it when somebody asks. */

import type { LocalDefault } from '../core/finding.ts';
import { finish, type Steps } from '../core/steps.ts';
import type { ComposeService } from '../manifest/compose.ts';
import type { Language, Manifests } from '../manifest/manifests.ts';
import type { Container } from '../manifest/model.ts';
import { resolvePath } from '../manifest/paths.ts';
import { readVariables } from '../manifest/variables-file.ts';
import { commonFolder } from '../program/program.ts';
import { folderOf, type Project } from '../program/project.ts';
import type { FileFacts } from '../syntax/facts.ts';
import { type ImageBuild, readBuilds } from '../workload/builds.ts';
import { type Dockerfile, readDockerfile } from '../workload/dockerfile.ts';
import { type Executable, executablesOf } from '../workload/executables.ts';
import { type DeclaredService, type LinkedUnit, linkUnits } from '../workload/link.ts';
import { isPublished } from '../workload/published.ts';
import { isMakefile, type Recipes, readRecipes } from '../workload/recipes.ts';
import { Unheld } from '../workload/unheld.ts';

/** The rest of the workspace, asked for only when something is joined. */
interface Surroundings {
  readonly manifests: () => Manifests;
  readonly sources: () => readonly FileFacts[];
  readonly projects: () => readonly Project[];
  readonly services: () => readonly DeclaredService[];
  /** Names of all files, which tell the folder of the workspace. */
  readonly files: () => readonly string[];
}

/** Every unit of the workspace with what it runs. */
export class WorkloadLinks {
  readonly units: readonly LinkedUnit[];
  readonly executables: readonly Executable[];
  readonly #byContainer: ReadonlyMap<Container, LinkedUnit>;
  readonly #manifests: Manifests;
  readonly #unheld: Unheld;
  /** What containers are started with, or the settings beside them, says another address than one of the machine itself. */
  readonly isPublished: (by: LocalDefault) => boolean;

  constructor(
    units: readonly LinkedUnit[],
    executables: readonly Executable[],
    manifests: Manifests,
    unheld: Unheld,
    published: (by: LocalDefault) => boolean,
  ) {
    this.isPublished = published;
    this.units = units;
    this.executables = executables;
    this.#manifests = manifests;
    this.#unheld = unheld;
    this.#byContainer = new Map(
      units.flatMap((u) => (u.unit.kind === 'container' ? [[u.unit.container, u] as const] : [])),
    );
  }

  /** What is known of a container; of a patch, what is known of the containers it changes. */
  unitOf(container: Container): LinkedUnit | undefined {
    const own = this.#byContainer.get(container);
    if (own) return own;
    for (const base of this.#manifests.basesOf(container)) {
      const unit = this.#byContainer.get(base);
      if (unit) return unit;
    }
    return undefined;
  }

  /** The program that a file is a part of, when images hold others of the workspace, and none that the file is a part of. */
  unheldWith(file: string, language: Language): Executable | undefined {
    return this.#unheld.with(file, language);
  }

  /** What a compose service runs: the language of its program, or `other` for an image without one of the workspace. */
  serviceRuns({ file, name }: ComposeService): Language | 'other' | undefined {
    const found = this.units.find(
      ({ unit }) =>
        unit.kind === 'service' && unit.at.file === file.file && unit.at.span.start === name.span.start,
    );
    const [link] = found?.links ?? [];
    if (link) return link.confidence === 'weak' ? undefined : link.executable.language;
    return found?.holdsOther ? 'other' : undefined;
  }

  /** The language of what runs in a container, where more than a likeness of names tells. */
  languageOf(container: Container): Language | undefined {
    const links = this.unitOf(container)?.links.filter((l) => l.confidence !== 'weak') ?? [];
    const [first] = links;
    return first && links.every((l) => l.executable.language === first.executable.language)
      ? first.executable.language
      : undefined;
  }
}

export class Links {
  readonly #dockerfiles = new Map<string, Dockerfile>();
  readonly #builds = new Map<string, readonly ImageBuild[]>();
  readonly #recipes = new Map<string, Recipes>();
  readonly #environments = new Map<string, ReadonlyMap<string, string>>();
  /** Files of variables that a Makefile may include, and the Makefiles that include one. */
  readonly #variables = new Map<string, string>();
  readonly #including = new Map<string, string>();
  /** Of the files that say something, to tell lines. */
  readonly #texts = new Map<string, string>();
  /** What is read when somebody joins it: whoever asks about manifests alone does not wait for it. */
  readonly #unread = new Map<string, { readonly kind: 'dockerfile' | 'build'; readonly text: string }>();
  #joined: WorkloadLinks | undefined;
  #joining: Steps<WorkloadLinks> | undefined;

  setDockerfile(file: string, text: string): void {
    this.#unread.set(file, { kind: 'dockerfile', text });
  }

  /** Takes a file that may build images; one that does not is not kept. */
  setBuild(file: string, text: string): void {
    if (file.endsWith('.env')) this.#variables.set(file, text);
    if (isEnvironment(file)) {
      this.#environments.set(folderOf(file), readVariables(text));
      return;
    }
    if (file.endsWith('.env')) return;
    this.#unread.set(file, { kind: 'build', text });
  }

  *#readUnread(): Steps {
    for (const [file, { kind, text }] of this.#unread) {
      this.remove(file);
      if (kind === 'dockerfile') {
        this.#texts.set(file, text);
        this.#dockerfiles.set(file, readDockerfile(file, text));
      } else {
        if (INCLUDES.test(text) && isMakefile(file)) this.#including.set(file, text);
        else this.#read(file, text, text);
      }
      yield;
    }
    // Only now is every file there that another one may include, which may have changed since.
    for (const [file, text] of this.#including) {
      this.#read(file, text, [text, ...includedBy(file, text, this.#variables)].join('\n'));
      yield;
    }
  }

  /** @param whole the text with the variables of the files it includes behind it */
  #read(file: string, text: string, whole: string): void {
    const recipes = readRecipes(file, whole);
    if (recipes) this.#recipes.set(file, recipes);
    const builds = readBuilds(file, whole);
    if (builds.length === 0) return;
    this.#builds.set(file, builds);
    this.#texts.set(file, text);
  }

  /** The text of a Dockerfile or of a file that builds images. */
  text(file: string): string | undefined {
    return this.#unread.get(file)?.text ?? this.#texts.get(file);
  }

  remove(file: string): void {
    this.#unread.delete(file);
    this.#dockerfiles.delete(file);
    this.#builds.delete(file);
    this.#recipes.delete(file);
    this.#texts.delete(file);
    this.#including.delete(file);
    this.#variables.delete(file);
    if (isEnvironment(file)) this.#environments.delete(folderOf(file));
  }

  /** What was joined is joined anew when somebody asks. */
  forget(): void {
    this.#joined = undefined;
    this.#joining = undefined;
  }

  of(around: Surroundings): WorkloadLinks {
    return finish(this.join(around));
  }

  /**
   * Joins it for `of`; who asks meanwhile goes on where the first one is. What is handed in must not change before the
   * next step; after a change it is to be begun anew.
   */
  *join(around: Surroundings): Steps<WorkloadLinks> {
    while (!this.#joined) {
      this.#joining ??= this.#join(around);
      const step = this.#joining.next();
      if (step.done) this.#joined = step.value;
      else yield;
    }
    return this.#joined;
  }

  *#join(around: Surroundings): Steps<WorkloadLinks> {
    yield* this.#readUnread();
    const manifests = around.manifests();
    const root = commonFolder([...around.files(), ...this.#dockerfiles.keys(), ...this.#builds.keys()]);
    const projects = around.projects();
    const executables = executablesOf(around.sources(), projects, root);
    yield;
    const recipes = [...this.#recipes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, recipes]) => recipes);
    const units = yield* linkUnits({
      manifests,
      executables,
      dockerfiles: this.#dockerfiles,
      recipes,
      builds: [...this.#builds].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, builds]) => builds),
      environments: this.#environments,
      services: around.services(),
      root,
    });
    const dockerfiles = [...this.#dockerfiles.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
    const unheld = new Unheld({
      executables,
      dockerfiles,
      recipes,
      projects,
      linked: new Set(units.flatMap((u) => u.links.map((l) => l.executable.id))),
      texts: [
        ...dockerfiles.map(({ file }) => this.#texts.get(file) ?? ''),
        ...[...this.#builds.keys()].filter(isOfImages).map((file) => this.#texts.get(file) ?? ''),
        ...[...manifests.files.values()].filter(({ file }) => isOfImages(file)).map(({ text }) => text),
      ],
      root,
    });
    const shipped = () => [
      ...this.#texts,
      ...[...this.#environments.keys()].flatMap((folder) =>
        [...this.#variables].filter(([f]) => folderOf(f) === folder),
      ),
      ...[...manifests.files.values()].map(({ file, text }) => [file, text] as const),
    ];
    const published = (by: LocalDefault) => isPublished(by, shipped(), root);
    return new WorkloadLinks(units, executables, manifests, unheld, published);
  }
}

/** What is about images and containers and nothing else: a workflow or a Makefile names what it tests and releases as well. */
function isOfImages(file: string): boolean {
  return !isMakefile(file) && !/(^|\/)\.github\//.test(file);
}

/** The variables that compose puts in, of all files of variables. */
function isEnvironment(file: string): boolean {
  return /(^|\/)\.env$/.test(file);
}

const INCLUDES = /^-?include[^\S\n]+[^\n]*\.env\b/m;

/** The texts of the files of variables that a Makefile includes. */
function includedBy(file: string, text: string, variables: ReadonlyMap<string, string>): string[] {
  return [...text.matchAll(/^-?include[^\S\n]+([^\n#]+)/gm)].flatMap(([, names = '']) =>
    names
      .trim()
      .split(/\s+/)
      .flatMap((name) => variables.get(resolvePath(file, name) ?? '') ?? []),
  );
}
