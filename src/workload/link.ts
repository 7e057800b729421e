/**
 * The link between code and what runs it: which program of the workspace is in which container, and how sure that is.
 * The evidence is a ladder; what stands higher ends the search.
 */

import type { Place } from '../core/span.ts';
import type { Steps } from '../core/steps.ts';
import type { Manifests } from '../manifest/manifests.ts';
import { resolvePath } from '../manifest/paths.ts';
import { nodeAt, scalarAt } from '../manifest/yaml.ts';
import { liesIn } from '../program/project.ts';
import type { ImageBuild } from './builds.ts';
import { composeBuild } from './compose-build.ts';
import { baseOf } from './container-paths.ts';
import { type Contents, contentsOf, scriptOf } from './contents.ts';
import type { Dockerfile } from './dockerfile.ts';
import { type Executable, moduleName } from './executables.ts';
import { agreement, type ImageName, imageName, imageText, sameOwner, shortName } from './image.ts';
import type { Recipes } from './recipes.ts';
import { hasBackground, shellCommands } from './shell.ts';
import { type Unit, unitsOf } from './units.ts';

/** How sure a link is: a person said so; one build makes it; names agree twice; one name agrees. */
export type LinkConfidence = 'declared' | 'exact' | 'strong' | 'weak';

export interface Link {
  readonly executable: Executable;
  readonly confidence: LinkConfidence;
  /** Why, in words that follow "because". */
  readonly evidence: string;
  /** Where the evidence stands, when it is in one place. */
  readonly where: Place | undefined;
  /** What is in the image, when its Dockerfile is in the workspace. */
  readonly contents: Contents | undefined;
}

export interface LinkedUnit {
  readonly unit: Unit;
  readonly links: readonly Link[];
  /** Why nothing was linked, and how to say it; undefined when something was. */
  readonly problem: string | undefined;
  /** True when the image comes from elsewhere as far as can be told: nothing is missing. */
  readonly foreign: boolean;
  /** True when its Dockerfile was read and puts no program of the workspace into the image. */
  readonly holdsOther?: boolean;
}

/** What a `headroom.yaml` says about one service. */
export interface DeclaredService {
  readonly name: string;
  /** Folder, file or name of the program, relative to the folder of the settings file. */
  readonly source: string;
  readonly container?: string;
  readonly workload?: string;
  readonly image?: string;
  /** The settings file. */
  readonly at: Place;
}

export interface LinkInput {
  readonly manifests: Manifests;
  readonly executables: readonly Executable[];
  readonly dockerfiles: ReadonlyMap<string, Dockerfile>;
  readonly builds: readonly ImageBuild[];
  /** Files of commands that compile programs. */
  readonly recipes: readonly Recipes[];
  /** Variables of `.env` files, by folder. */
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly services: readonly DeclaredService[];
  /** The folder that holds the workspace. */
  readonly root: string;
}

/** Names that many programs have: one agreement of such a name says little. */
const GENERIC =
  /^(app|main|cmd|server|service|api|agent|controller|manager|operator|worker|proxy|client|web|backend|frontend|gateway|node|test|example|demo|cli|run|bin|daemon|job|migrate|init|core|sidecar)$/;

/** Registries from which everybody runs what others have made. */
const PUBLIC_REGISTRIES =
  /^(docker\.io|index\.docker\.io|quay\.io|gcr\.io|k8s\.gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com|public\.ecr\.aws|nvcr\.io|docker\.elastic\.co|registry\.gitlab\.com)$/;

/** What the name of a Dockerfile says about how the image is made, after which program is in it: `server.multiarch`. */
const VARIANT =
  /(?<=\w)([.-](multi-?arch|rootless|alpine|debian|ubuntu|distroless|scratch|slim|static|musl|ubi\d*|amd64|arm64|prod(uction)?|release|local|ci))+$/i;

/** Links every unit of the workspace, one a step. */
export function* linkUnits(input: LinkInput): Steps<LinkedUnit[]> {
  const linker = new Linker(input);
  const units: LinkedUnit[] = [];
  for (const unit of unitsOf(input.manifests)) {
    units.push(linker.link(unit));
    yield;
  }
  const images = new Map<string, Set<string>>();
  for (const { unit, links } of units)
    for (const { executable, confidence } of links) {
      const image = confidence === 'weak' ? undefined : shortImage(unit);
      if (image !== undefined) images.set(executable.id, (images.get(executable.id) ?? new Set()).add(image));
    }
  return units.map((linked) => withoutGuess(linked, images));
}

/** A likeness of names counts for nothing where the image is another one than that which is known to hold the program. */
function withoutGuess(linked: LinkedUnit, images: ReadonlyMap<string, ReadonlySet<string>>): LinkedUnit {
  const [link] = linked.links;
  const image = shortImage(linked.unit);
  const known = link?.confidence === 'weak' ? images.get(link.executable.id) : undefined;
  if (!link || !known || image === undefined || known.has(image)) return linked;
  const problem = `its image is not ${[...known].sort()[0]}, which holds ${link.executable.name}`;
  return { unit: linked.unit, links: [], problem, foreign: true };
}

/** What the image of a unit is called, where that is known. */
function shortImage({ image }: Unit): string | undefined {
  const name = image === undefined ? undefined : imageName(image);
  const short = name && plainName(shortName(name));
  return short?.includes('*') ? undefined : short;
}

class Linker {
  readonly input: LinkInput;
  readonly #contents = new Map<string, Contents | undefined>();
  readonly #dockerfiles: readonly Dockerfile[];
  #hasOneImage: boolean | undefined;

  constructor(input: LinkInput) {
    this.input = input;
    this.#dockerfiles = [...input.dockerfiles.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  link(unit: Unit): LinkedUnit {
    const declared = this.declared(unit);
    if (declared) return declared;
    const image = unit.image === undefined ? undefined : imageName(unit.image);
    const built = this.built(unit, image);
    if (built) return built;
    const named = this.named(unit, image);
    if (named.length > 0) return { unit, links: named, problem: undefined, foreign: false };
    return this.unlinked(unit, image);
  }

  // Declared --------------------------------------------------------------------------------------------------

  private declared(unit: Unit): LinkedUnit | undefined {
    const said = this.annotation(unit) ?? this.inSettings(unit);
    if (!said) return undefined;
    const found = this.executablesAt(said.source, said.from);
    if (found.length === 0) {
      const problem = `${said.by} names "${said.source}", where no Rust or Go program is: give the folder of its \`main\` or its name`;
      return { unit, links: [], problem, foreign: false };
    }
    const links = found.map((executable) => ({
      executable,
      confidence: 'declared' as const,
      evidence: `${said.by} says so`,
      where: said.where,
      contents: this.contentsFor(executable, unit),
    }));
    return { unit, links, problem: undefined, foreign: false };
  }

  private annotation(unit: Unit) {
    const nodes =
      unit.kind === 'service'
        ? [nodeAt(unit.service.node, 'labels')]
        : [
            nodeAt(unit.container.workload.object.root, 'metadata', 'annotations'),
            nodeAt(unit.container.workload.object.root, 'spec', 'template', 'metadata', 'annotations'),
            nodeAt(
              unit.container.workload.object.root,
              ...['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations'],
            ),
          ];
    const key = 'headroom.dev/source';
    for (const node of nodes) {
      const value =
        (unit.name === undefined ? undefined : scalarAt(node, `${key}.${unit.name}`)) ?? scalarAt(node, key);
      if (!value) continue;
      // One annotation speaks for the containers of the pod, not for the sidecars that others build.
      if (unit.kind === 'container' && unit.container.workload.containers.length > 1) {
        const own = scalarAt(node, `${key}.${unit.name}`);
        const [first] = unit.container.workload.containers.filter((c) => c.role === 'container');
        if (!own && first !== unit.container) continue;
      }
      return {
        source: value.text,
        from: unit.at.file,
        by: 'the annotation',
        where: { file: unit.at.file, span: value.span },
      };
    }
    return undefined;
  }

  private inSettings(unit: Unit) {
    const image = unit.image === undefined ? undefined : imageName(unit.image);
    const service = this.input.services.find((s) => {
      if (!liesIn(unit.at.file, folderOf(s.at.file))) return false;
      const wanted = s.image === undefined ? undefined : imageName(s.image);
      if (s.image !== undefined && !(wanted && image && agreement(wanted, image) === 'same')) return false;
      if (s.container !== undefined && s.container !== unit.name) return false;
      const workload = unit.kind === 'container' ? unit.workload : undefined;
      if (s.workload !== undefined && s.workload !== workload) return false;
      const isSaid = s.image !== undefined || s.container !== undefined || s.workload !== undefined;
      return isSaid || s.name === unit.name || s.name === workload;
    });
    return (
      service && {
        source: service.source,
        from: service.at.file,
        by: `service "${service.name}" of headroom.yaml`,
        where: service.at,
      }
    );
  }

  /** The programs that a path or a name means. */
  private executablesAt(source: string, from: string): Executable[] {
    const path = source === '.' ? folderOf(from) : resolvePath(from, source);
    const rooted = resolvePath(`${this.input.root}/x`, source);
    for (const at of [path, rooted]) {
      if (at === undefined) continue;
      const exact = this.input.executables.filter((e) => e.file === at || e.dir === at);
      if (exact.length > 0) return exact;
      const below = this.input.executables.filter((e) => liesIn(e.file, at));
      if (below.length > 0) return below;
    }
    return this.input.executables.filter((e) => e.name === source);
  }

  // Built -----------------------------------------------------------------------------------------------------

  /** By the builds that make the unit's image, or, for compose, by its own. */
  private built(unit: Unit, image: ImageName | undefined): LinkedUnit | undefined {
    const own = unit.kind === 'service' ? composeBuild(unit.service, this.environmentOf(unit)) : undefined;
    if (own) return this.fromBuild(unit, own, 'same') ?? this.foreignBuild(unit, own);
    const ko = unit.image?.startsWith('ko://') ? unit.image.slice(5) : undefined;
    if (ko !== undefined) {
      const found = this.input.executables.filter((e) => importPathOf(e) === ko);
      if (found.length === 1)
        return linked(unit, [
          this.linkTo(found[0]!, 'exact', `the image is ko's name for \`${ko}\``, unit.at, undefined),
        ]);
    }
    // Without an image the container's own name may be that of one that is built here.
    const asked = image ?? (unit.name === undefined ? undefined : imageName(unit.name));
    if (!asked) return undefined;
    const called = image ? this.calledSo(unit, image) : [];
    const seen: ImageBuild[] = [];
    for (const wanted of ['same', 'name'] as const) {
      for (const build of this.builds()) {
        if ((called.includes(build) ? 'same' : agreement(build.image, asked)) !== wanted) continue;
        const result = this.fromBuild(unit, build, image ? wanted : 'name');
        if (result) return result;
        if (wanted === 'same' && image) seen.push(build);
      }
    }
    if (seen.length === 0) return image && this.builtUnderSomeName(unit, image);
    // What a person can still say is worth more than what cannot be.
    const answers = seen.flatMap((build) => this.foreignBuild(unit, build) ?? []);
    return answers.find((a) => !a.foreign) ?? answers[0];
  }

  /** Builds whose image the manifests around a unit call so until kustomize is told its name; the nearest say it. */
  private calledSo(unit: Unit, image: ImageName): ImageBuild[] {
    const calling = this.builds().filter(
      (build) => isCalled(build, image) && liesIn(unit.at.file, folderOf(build.at.file)),
    );
    const nearest = Math.max(...calling.map(({ at }) => folderOf(at.file).length));
    return calling.filter(({ at }) => folderOf(at.file).length === nearest);
  }

  /** By a build whose image has a name that only the build knows: its program must have the image's name. */
  private builtUnderSomeName(unit: Unit, image: ImageName): LinkedUnit | undefined {
    const wanted = plainName(shortName(image));
    for (const build of this.builds()) {
      const dockerfile = sameOwner(build.image, image) ? this.dockerfileOf(build) : undefined;
      const contents =
        dockerfile && this.read(dockerfile.dockerfile, dockerfile.context, build.target, build.args, unit);
      for (const executable of contents?.programs ?? []) {
        const name = plainName(executable.name);
        if (name !== wanted && !name.startsWith(`${wanted}-`)) continue;
        const evidence = `${build.tool} builds ${executable.name} into an image of this repository`;
        return linked(unit, [this.linkTo(executable, 'strong', evidence, build.at, contents)]);
      }
    }
    return undefined;
  }

  #allBuilds: readonly ImageBuild[] | undefined;

  /** The builds of all files, those of compose files among them. */
  private builds(): readonly ImageBuild[] {
    // A name in full is worth more than one that only begins or ends alike.
    this.#allBuilds ??= [
      ...this.input.builds,
      ...this.input.manifests.composeServices.flatMap((service) => {
        const image = scalarAt(service.node, 'image');
        const name = image && imageName(image.text);
        const build = name && composeBuild(service, this.environmentAt(folderOf(service.file.file)));
        return build ? [{ ...build, image: name }] : [];
      }),
    ].sort((a, b) => Number(shortName(a.image).includes('*')) - Number(shortName(b.image).includes('*')));
    return this.#allBuilds;
  }

  private environmentOf(unit: Unit): ReadonlyMap<string, string> {
    return this.environmentAt(folderOf(unit.at.file));
  }

  private environmentAt(folder: string): ReadonlyMap<string, string> {
    return this.input.environments.get(folder) ?? new Map();
  }

  private fromBuild(unit: Unit, build: ImageBuild, how: 'same' | 'name'): LinkedUnit | undefined {
    const image = unit.image === undefined ? undefined : imageName(unit.image);
    const isRenamed = image && isCalled(build, image) && agreement(build.image, image) === undefined;
    const what = `the image ${imageText(build.image)}${isRenamed ? `, which takes the place of ${imageText(image)},` : ''}`;
    const by = `${build.tool} builds ${build.tool === 'compose' ? 'it' : what}`;
    const sure = how === 'same' ? 'exact' : 'strong';
    if (build.programs.length > 0) {
      const found = build.programs.flatMap((p) => this.executablesOfBuild(p, build));
      if (found.length === 1)
        return linked(unit, [
          this.linkTo(found[0]!, sure, `${by} from ${build.programs[0]}`, build.at, undefined),
        ]);
    }
    const dockerfile = this.dockerfileOf(build);
    if (!dockerfile) return undefined;
    const contents = this.read(dockerfile.dockerfile, dockerfile.context, build.target, build.args, unit);
    if (!contents || contents.programs.length === 0) {
      // A build step that cannot be read may make any program below its context.
      if (!contents?.opaque || contents.unknownCommand) return undefined;
      const below = this.input.executables.filter((e) => liesIn(e.file, dockerfile.context));
      const likely = below.filter((e) => !e.auxiliary);
      const named = this.byName(unit, build.image, below);
      const chosen = named.length === 1 ? named : likely;
      if (chosen.length !== 1) return undefined;
      const evidence = `${by} with \`${contents.opaque}\`, and the program ${named.length === 1 ? 'has its name' : 'is the only one there'}`;
      return linked(unit, [this.linkTo(chosen[0]!, 'strong', evidence, build.at, contents)]);
    }
    const evidence = `${by} from ${this.relative(dockerfile.dockerfile.file)}`;
    if (contents.programs.length === 1)
      return linked(unit, [this.linkTo(contents.programs[0]!, sure, evidence, build.at, contents)]);
    const chosen = this.byName(unit, build.image, contents.programs);
    if (chosen.length === 1)
      return linked(unit, [
        this.linkTo(chosen[0]!, 'strong', `${evidence}, and the program has its name`, build.at, contents),
      ]);
    const started = contents.sideBySide.length > 1 ? contents.programs : undefined;
    if (started)
      return linked(
        unit,
        started.map((e) => this.linkTo(e, sure, evidence, build.at, contents)),
      );
    return {
      unit,
      links: [],
      foreign: false,
      problem: `${evidence}, and ${contents.launcher ? `${contents.launcher.name}, which it starts, gives way to one` : 'its entry point could be any'} of ${list(this.toldApart(contents.programs))}: say which with the annotation headroom.dev/source`,
    };
  }

  /** A build that holds no program of the workspace: whatever is named alike is something else. */
  private foreignBuild(unit: Unit, build: ImageBuild): LinkedUnit | undefined {
    const dockerfile = this.dockerfileOf(build);
    if (!dockerfile) {
      if (build.tool !== 'compose') return undefined;
      return { unit, links: [], foreign: true, problem: 'its Dockerfile is not in the workspace' };
    }
    const { file } = dockerfile.dockerfile;
    const contents = this.read(dockerfile.dockerfile, dockerfile.context, build.target, build.args, unit);
    if (contents?.opaque && !contents.unknownCommand) {
      return {
        unit,
        links: [],
        foreign: false,
        problem: `${this.relative(file)} builds with \`${contents.opaque}\`, which cannot be read: say what it builds with the annotation headroom.dev/source`,
      };
    }
    return {
      unit,
      links: [],
      foreign: true,
      holdsOther: contents !== undefined,
      problem: contents?.unknownCommand
        ? `it runs \`${contents.unknownCommand}\`, which is no program of the workspace`
        : `${this.relative(file)} puts no Rust or Go program of the workspace into it`,
    };
  }

  private executablesOfBuild(program: string, build: ImageBuild): Executable[] {
    const plain = program.replace(/^\.\//, '').replace(/\/\*?\.go$|\/main\.go$/, '');
    for (const base of build.bases) {
      const folder = base === '' ? this.input.root : base;
      const dir =
        plain === '.' || plain === 'main.go' ? folder : joined(folder, joined(build.context ?? '', plain));
      const found = this.input.executables.filter((e) => e.language === 'go' && e.dir === dir);
      if (found.length > 0) return found;
    }
    return this.input.executables.filter((e) => e.name === plain || importPathOf(e) === plain);
  }

  private dockerfileOf(
    build: ImageBuild,
  ): { readonly dockerfile: Dockerfile; readonly context: string } | undefined {
    const contexts = build.bases.map((base) =>
      joined(base === '' ? this.input.root : base, build.context ?? '.'),
    );
    for (const [i, context] of contexts.entries()) {
      const base = build.bases[i] === '' ? this.input.root : build.bases[i]!;
      const { dockerfile } = build;
      const candidates =
        dockerfile === undefined
          ? [joined(context, 'Dockerfile'), joined(context, 'Containerfile')]
          : build.inContext
            ? [joined(context, dockerfile), joined(base, dockerfile)]
            : [joined(base, dockerfile), joined(context, dockerfile)];
      for (const path of candidates) {
        const found = this.input.dockerfiles.get(path);
        if (found) return { dockerfile: found, context };
      }
    }
    // A path with a part that only the build knows: `$(DOCKERFILE_DIR)/Dockerfile.rust`.
    const name = build.dockerfile === undefined ? undefined : baseOf(build.dockerfile);
    if (name === undefined || /\$/.test(name)) return undefined;
    const named = this.#dockerfiles.filter((d) => baseOf(d.file) === name);
    const [only] = named;
    return named.length === 1 && only
      ? { dockerfile: only, context: contexts[0] ?? folderOf(only.file) }
      : undefined;
  }

  private read(
    dockerfile: Dockerfile,
    context: string,
    target: string | undefined,
    args: ReadonlyMap<string, string>,
    unit: Unit | undefined,
  ): Contents | undefined {
    const key = JSON.stringify([dockerfile.file, context, target, [...args], unit?.command, unit?.arguments]);
    if (!this.#contents.has(key)) {
      const { executables, recipes } = this.input;
      const { command, arguments: words } = unit ?? {};
      const around = { folder: context, target, args, command, arguments: words, recipes };
      this.#contents.set(key, contentsOf(dockerfile, around, executables));
    }
    return this.#contents.get(key);
  }

  // Named -----------------------------------------------------------------------------------------------------

  /** By names alone: image, container, workload, command. */
  private named(unit: Unit, image: ImageName | undefined): Link[] {
    const byDockerfile = this.namedDockerfile(unit, image);
    if (byDockerfile.length > 0) return byDockerfile;
    const agreements = this.input.executables
      .map((executable) => ({ executable, names: this.agreeing(executable, unit, image) }))
      .filter(({ names }) => names.length > 0);
    const most = Math.max(0, ...agreements.map((a) => a.names.length));
    const best = agreements.filter((a) => a.names.length === most);
    const [first] = best;
    if (best.length !== 1 || !first) return this.onlyProgram(unit, image);
    const { executable, names } = first;
    // `shop-agent` of the module `shop` says more than `agent` does.
    const telling = !GENERIC.test(plainName(executable.name)) || this.isPrefixed(executable, unit, image);
    // Every image of a repository may call its program `manager`: container and command then say nothing of which.
    const isOnly = this.input.executables.filter((e) => !e.auxiliary).length === 1;
    // `controller:latest` is what kubebuilder calls the image of its own repository until it is deployed.
    const isPlaceholder =
      image?.segments.length === 1 && GENERIC.test(shortName(image)) && names.includes('command');
    const isNamed =
      telling || isOnly || isPlaceholder || names.includes('image') || names.includes('workload');
    const isStrong =
      (names.length > 1 && isNamed) || (telling && (names[0] === 'image' || names[0] === 'command'));
    // A generic name of an image that nothing else supports is a coincidence more often than not.
    if (!isStrong && !telling) return [];
    const evidence = `the ${names.join(' and the ')} ${names.length > 1 ? 'have' : 'has'} the program's name`;
    return [
      this.linkTo(
        executable,
        isStrong ? 'strong' : 'weak',
        evidence,
        unit.at,
        this.contentsFor(executable, unit),
      ),
    ];
  }

  /** Which of the unit's names are that of a program. */
  private agreeing(executable: Executable, unit: Unit, image: ImageName | undefined): string[] {
    const own = [executable.name, executable.alias, prefixedName(executable)].flatMap((n) =>
      n === undefined ? [] : [squeezed(n)],
    );
    const workload = unit.kind === 'container' ? unit.workload : undefined;
    const command = commandOf(unit);
    const said: readonly (readonly [string, string | undefined])[] = [
      ['image', image && shortName(image)],
      ['container', unit.name],
      ['workload', workload],
      ['command', command],
    ];
    const agreeing = said
      .filter(([, name]) => name !== undefined && own.includes(squeezed(name)))
      .map(([what]) => what);
    // The name of a pod is that of its main container: alone it says nothing about one of several.
    const isOnly =
      unit.kind === 'container' &&
      unit.container.role === 'container' &&
      unit.container.workload.containers.filter((c) => c.role === 'container').length === 1;
    return agreeing.length === 1 && agreeing[0] === 'workload' && !isOnly ? [] : agreeing;
  }

  /** True when the image has the name of the program with that of its Go module in front. */
  private isPrefixed(executable: Executable, unit: Unit, image: ImageName | undefined): boolean {
    const prefixed = prefixedName(executable);
    const said = [image && shortName(image), unit.name];
    return prefixed !== undefined && said.some((name) => name && squeezed(name) === squeezed(prefixed));
  }

  /** A Dockerfile that no build mentions, whose folder or ending is the image's name. */
  private namedDockerfile(unit: Unit, image: ImageName | undefined): Link[] {
    if (!image) return [];
    const wanted = plainName(shortName(image));
    // `shop-worker` of the module `shop` is its `worker`.
    const short = this.withoutModule(wanted);
    for (const dockerfile of this.#dockerfiles) {
      const folder = folderOf(dockerfile.file);
      const names = [
        baseOf(folder),
        /^(?:Docker|Container)file[.-](.+)$/i.exec(baseOf(dockerfile.file))?.[1],
        /^(.+)\.(?:Docker|Container)file$/i.exec(baseOf(dockerfile.file))?.[1],
      ].map((n, i) => (i > 0 ? n?.replace(VARIANT, '') : n));
      const isRoot = folder === this.input.root;
      const stage = dockerfile.stages.find((s) => s.name !== '' && plainName(s.name) === wanted);
      // The folder of the workspace may have any name; a command that the image holds confirms it.
      const confirmed = !isRoot || unit.command !== undefined;
      const suits = names.some((n, i) => n !== undefined && (i > 0 || confirmed) && plainName(n) === wanted);
      const suitsShort = short !== undefined && names.slice(1).some((n) => n && plainName(n) === short);
      // `controller:latest` is what kubebuilder calls the image of its own repository until it is deployed.
      const isOwn =
        isRoot &&
        unit.command !== undefined &&
        image.segments.length === 1 &&
        GENERIC.test(wanted) &&
        /^(Docker|Container)file$/.test(baseOf(dockerfile.file));
      if (!suits && !stage && !suitsShort && !isOwn) continue;
      for (const context of new Set([folder, this.input.root])) {
        const target = suits || suitsShort || isOwn ? undefined : stage?.name;
        const contents = this.read(dockerfile, context, target, new Map(), unit);
        const programs = contents?.programs ?? [];
        // Several are meant when a script starts them side by side.
        if (!contents || programs.length === 0 || (programs.length > 1 && contents.sideBySide.length < 2))
          continue;
        // `Dockerfile.kafka` may be for use with kafka: then its program has another name.
        const isNamed =
          programs.some((p) => this.agreeing(p, unit, image).length > 0) ||
          unit.command !== undefined ||
          (suitsShort && programs.every((p) => [p.name, p.alias].some((n) => n && plainName(n) === short)));
        if (!(names[0] !== undefined && !isRoot && plainName(names[0]) === wanted) && !isNamed) continue;
        const where = {
          file: dockerfile.file,
          span: (target === undefined ? contents.entry : stage?.span) ?? { start: 0, end: 0 },
        };
        const evidence = `${this.relative(dockerfile.file)} ${suits || suitsShort || stage ? "has the image's name and copies it" : 'holds what the command names'}`;
        return programs.map((p) => this.linkTo(p, 'strong', evidence, where, contents));
      }
    }
    return [];
  }

  /** The name of an image without that of a Go module of the workspace in front. */
  private withoutModule(name: string): string | undefined {
    for (const { project } of this.input.executables) {
      const module = project?.kind === 'go' ? plainName(moduleName(project.name)) : '';
      if (module !== '' && name.startsWith(`${module}-`)) return name.slice(module.length + 1);
    }
    return undefined;
  }

  /** One program beside one image that nothing else explains, or beside a chart whose image nobody can know. */
  private onlyProgram(unit: Unit, image: ImageName | undefined): Link[] {
    const [only] = this.input.executables;
    if (this.input.executables.length > 1) return this.ofChart(unit);
    if (!only) return [];
    const what = image ? shortName(image) : chartNameOf(unit);
    if (what === undefined) return [];
    const own = plainName(only.name).split('-');
    const shared = plainName(what)
      .split('-')
      .filter((part) => part.length > 3 && own.includes(part) && !GENERIC.test(part));
    const kind = image ? 'image' : 'chart';
    const evidence =
      shared.length > 0
        ? `it is the only program here and the ${kind} has a part of its name`
        : image && this.isOnlyImage(image)
          ? 'it is the only program here and this is the only image'
          : undefined;
    return evidence ? [this.linkTo(only, 'weak', evidence, unit.at, this.contentsFor(only, unit))] : [];
  }

  /** All containers of the workspace run one image, which has a registry of its own and no Dockerfile here. */
  private isOnlyImage({ segments }: ImageName): boolean {
    if (segments.length < 3 || this.#dockerfiles.length > 0 || !this.hasOneImage) return false;
    const [registry = ''] = segments;
    return registry.includes('.') && !PUBLIC_REGISTRIES.test(registry);
  }

  private get hasOneImage(): boolean {
    this.#hasOneImage ??= new Set(unitsOf(this.input.manifests).map(({ image }) => image)).size === 1;
    return this.#hasOneImage;
  }

  /** The one program of several that has the name of the chart, perhaps with the maker's in front. */
  private ofChart(unit: Unit): Link[] {
    const chart = unit.image === undefined ? plainName(chartNameOf(unit) ?? '') : '';
    if (chart === '' || GENERIC.test(chart)) return [];
    const named = this.input.executables.filter(
      ({ name }) => plainName(name) === chart || plainName(name).endsWith(`-${chart}`),
    );
    const [first] = named;
    if (!first || named.length > 1) return [];
    const evidence = "the chart has the program's name";
    return [this.linkTo(first, 'weak', evidence, unit.at, this.contentsFor(first, unit))];
  }

  private byName(unit: Unit, image: ImageName, programs: readonly Executable[]): Executable[] {
    return programs.filter((e) => this.agreeing(e, unit, image).length > 0);
  }

  /** The image that some Dockerfile of the workspace makes of a program. */
  private contentsFor(executable: Executable, unit: Unit): Contents | undefined {
    for (const dockerfile of this.#dockerfiles)
      for (const context of new Set([folderOf(dockerfile.file), this.input.root])) {
        const contents = this.read(dockerfile, context, undefined, new Map(), unit);
        if (contents?.programs.length === 1 && contents.programs[0]!.id === executable.id) return contents;
      }
    return undefined;
  }

  // Not linked ------------------------------------------------------------------------------------------------

  private unlinked(unit: Unit, image: ImageName | undefined): LinkedUnit {
    if (!image)
      return {
        unit,
        links: [],
        foreign: false,
        problem:
          'a template or variable supplies the image: say what it runs with the annotation headroom.dev/source',
      };
    return {
      unit,
      links: [],
      foreign: true,
      problem: 'nothing in the workspace builds this image, and no program has its name',
    };
  }

  private linkTo(
    executable: Executable,
    confidence: LinkConfidence,
    evidence: string,
    where: Place | undefined,
    contents: Contents | undefined,
  ): Link {
    return { executable, confidence, evidence, where, contents };
  }

  /** The names of programs, with the file where two have one name. */
  private toldApart(programs: readonly Executable[]): string[] {
    return programs.map(({ name, file }) =>
      programs.filter((other) => other.name === name).length > 1 ? `${name} (${this.relative(file)})` : name,
    );
  }

  /** A path as a person in the workspace writes it. */
  private relative(file: string): string {
    const { root } = this.input;
    return root !== '' && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  }
}

/** True when manifests call the image of a build so until kustomize is told its name. */
function isCalled({ placeholders = [] }: ImageBuild, image: ImageName): boolean {
  const name = image.segments.join('/');
  return placeholders.some((placeholder) => placeholder.toLowerCase() === name);
}

function linked(unit: Unit, links: readonly Link[]): LinkedUnit {
  return { unit, links, problem: undefined, foreign: false };
}

/** The folder of the chart around the one container of a pod that a template names and whose image it supplies. */
function chartNameOf(unit: Unit): string | undefined {
  if (unit.kind !== 'container' || unit.image !== undefined) return undefined;
  const { role, workload } = unit.container;
  const isAlone = workload.containers.filter((c) => c.role === 'container').length === 1;
  if (role !== 'container' || !isAlone || unit.name !== undefined) return undefined;
  return /([^/]+)\/templates\//.exec(unit.at.file)?.[1];
}

function commandOf(unit: Unit): string | undefined {
  const words = unit.command ?? [];
  // The last command of a script stays; those in front of it prepare.
  const script = scriptOf([...words, ...(unit.arguments ?? [])]);
  if (script !== undefined) {
    const last = hasBackground(script) ? undefined : shellCommands(script).at(-1)?.words[0];
    return last === undefined ? undefined : baseOf(last);
  }
  const first = words.find((w) => !/^-|=/.test(w) && !/^(dumb-init|tini|env|exec)$/.test(baseOf(w)));
  return first === undefined ? undefined : baseOf(first);
}

/** `query_service`, `Query-Service`: the same name. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[_.]/g, '-');
}

/** The name of a Go program with that of its module in front: `shop-agent`. */
function prefixedName({ name, project }: Executable): string | undefined {
  if (project?.kind !== 'go') return undefined;
  const module = plainName(moduleName(project.name));
  return module === '' || GENERIC.test(module) ? undefined : `${module}-${name}`;
}

/** A name without what parts its words: `node-problem-detector` is `nodeproblemdetector`. */
function squeezed(name: string): string {
  return plainName(name).replaceAll('-', '');
}

function importPathOf({ dir, project }: Executable): string | undefined {
  if (project?.kind !== 'go') return undefined;
  const below = project.dir === '' ? dir : dir.slice(project.dir.length + 1);
  return [project.name, below].filter((p) => p !== '').join('/');
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** A path below a folder; `..` and `.` are resolved. */
function joined(folder: string, path: string): string {
  const absolute = folder.startsWith('/');
  const parts = folder.split('/').filter((p) => p !== '');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return (absolute ? '/' : '') + parts.join('/');
}

function list(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}
