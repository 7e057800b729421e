/** Which program of the workspace an image runs, read from its Dockerfile. */

import type { Span } from '../core/span.ts';
import { liesIn } from '../program/project.ts';
import { type Product, productsOf } from './compilations.ts';
import { absoluteIn, baseOf, CopiedPaths } from './container-paths.ts';
import type { Dockerfile, Stage, Step } from './dockerfile.ts';
import type { Executable } from './executables.ts';
import { commandsFor, everyCommand, type Recipes } from './recipes.ts';
import { hasBackground, shellCommands, substitute } from './shell.ts';

export interface BuildContext {
  /** Folder of the workspace that is the build context. */
  readonly folder: string;
  readonly target: string | undefined;
  readonly args: ReadonlyMap<string, string>;
  /** `command` and `args` of the container, where it replaces the image's own. */
  readonly command?: readonly string[] | undefined;
  readonly arguments?: readonly string[] | undefined;
  /** The files of commands that a build step may call. */
  readonly recipes?: readonly Recipes[];
}

export type Libc = 'glibc' | 'musl';

/** What is known of an image and of the program it starts. */
export interface Contents {
  readonly dockerfile: Dockerfile;
  /** What the entry point starts: one when it could be followed, several when any of them may be it. */
  readonly programs: readonly Executable[];
  /** Every program of the workspace that was copied into the image. */
  readonly all: readonly Executable[];
  /** Names of services that one shell script of the image starts side by side. */
  readonly sideBySide: readonly string[];
  /** The entry point, when it is a program that another one takes the place of: one of `programs`. */
  readonly launcher: Executable | undefined;
  /** Where the entry point stands. */
  readonly entry: Span | undefined;
  readonly env: readonly { readonly name: string; readonly value: string; readonly span: Span }[];
  /** The C library that the program is linked with; undefined when nothing tells. */
  readonly libc: Libc | undefined;
  /** False when Go is told to do without C; undefined when nothing says. */
  readonly cgo: boolean | undefined;
  /** What built the program where it cannot be read: `make build`. */
  readonly opaque: string | undefined;
  /** What the container runs instead of the image's entry point, when it is no program of the workspace. */
  readonly unknownCommand: string | undefined;
}

/** Programs that only start another one. */
const WRAPPERS =
  /^(dumb-init|tini|tini-static|catatonit|env|exec|nice|ionice|setpriv|su-exec|gosu|chpst|nohup|stdbuf|catchsegv|opentelemetry-instrument)$/;
const SHELLS = /^(sh|bash|ash|dash|zsh)$/;
/** Supervisors that start what their configuration lists. */
const SUPERVISORS =
  /^(supervisord|s6-svscan|runsvdir|runit|foreman|overmind|circusd|multirun|hivemind)$|^init$/;

/** Follows an image from its entry point back to the programs of the workspace; undefined without the stage. */
export function contentsOf(
  dockerfile: Dockerfile,
  context: BuildContext,
  executables: readonly Executable[],
): Contents | undefined {
  const image = new Image(dockerfile, context, executables);
  return image.read();
}

interface Made {
  readonly programs: readonly Executable[];
  readonly product: Product | undefined;
  readonly stage: Stage;
}

class Image {
  readonly dockerfile: Dockerfile;
  readonly context: BuildContext;
  readonly executables: readonly Executable[];

  constructor(dockerfile: Dockerfile, context: BuildContext, executables: readonly Executable[]) {
    this.dockerfile = dockerfile;
    this.context = context;
    this.executables = executables;
  }

  read(): Contents | undefined {
    const { target } = this.context;
    const stage = target ? this.stageNamed(target) : this.dockerfile.stages.at(-1);
    if (!stage) return undefined;
    const chain = this.chainOf(stage);
    const steps = chain.flatMap((s) => s.steps);
    const entry = this.entryOf(steps);
    const starts = this.startsOf(stage, entry.words, entry.shell);
    const commands = starts.map(([name = '']) => baseOf(name));
    const made = starts.flatMap((words) => this.trace(stage, baseOf(words[0]!), 0) ?? this.ran(stage, words));
    const all = distinct(this.copied(stage).flatMap((m) => m.programs));
    const first = distinct(made.flatMap((m) => m.programs));
    // What only gives way to another program of the image is not what stays.
    const others = first.some((e) => e.givesWay) ? all.filter((e) => !first.includes(e)) : [];
    const launcher = others.length > 0 ? first.find((e) => e.givesWay) : undefined;
    const started = launcher ? others : first;
    // A command that repeats the image's own entry point replaces nothing, even where nobody can read what it is.
    const own = this.ownEntryOf(steps);
    const [ownName = ''] = this.startsOf(stage, own.words, own.shell)[0] ?? [];
    const replaced =
      this.context.command &&
      commands.length > 0 &&
      !commands.some((c) => /\.\w+$/.test(c)) &&
      commands[0] !== baseOf(ownName);
    const unknownCommand = started.length === 0 && replaced ? commands[0] : undefined;
    const programs = started.length > 0 || unknownCommand ? started : all;
    const of = made[0] ?? this.copied(stage).find((m) => m.programs.length > 0);
    const supervised = commands.some((c) => SUPERVISORS.test(c));
    const opaque = this.opaqueOf(stage);
    return {
      dockerfile: this.dockerfile,
      programs,
      all: all.length > 0 ? all : programs,
      sideBySide:
        supervised && all.length > 1
          ? all.map((e) => e.name)
          : this.sideBySide(stage, entry.words, entry.shell),
      launcher,
      entry: entry.span,
      env: steps.flatMap((s) => (s.kind === 'env' ? [{ name: s.name, value: s.value, span: s.span }] : [])),
      libc: of ? this.libcOf(of, chain) : undefined,
      cgo: of?.product?.kind === 'go' ? of.product.cgo : undefined,
      opaque,
      unknownCommand,
    };
  }

  private stageNamed(name: string): Stage | undefined {
    // A variable without a value leaves no name: it is not that of the stage without one.
    if (name === '') return undefined;
    const lower = name.toLowerCase();
    return (
      this.dockerfile.stages.findLast((s) => s.name === lower) ??
      (/^\d+$/.test(name) ? this.dockerfile.stages[Number(name)] : undefined)
    );
  }

  /** A stage and the stages it is built on, the deepest first. */
  private chainOf(stage: Stage): Stage[] {
    const chain = [stage];
    for (let at: Stage | undefined = stage; at && chain.length < 20; ) {
      const base: Stage | undefined = this.stageNamed(this.put(at.base, at));
      at = base && !chain.includes(base) ? base : undefined;
      if (at) chain.unshift(at);
    }
    return chain;
  }

  /** Puts the arguments and variables of a stage into a text. */
  private put(text: string, stage: Stage): string {
    return text.includes('$') ? substitute(text, (name) => this.variable(name, stage)) : text;
  }

  private variable(name: string, stage: Stage): string | undefined {
    const given = this.context.args.get(name);
    if (given !== undefined) return given;
    for (const s of [stage, ...this.chainWithoutVariables(stage)])
      for (const step of [...s.steps].reverse())
        if ((step.kind === 'env' || step.kind === 'arg') && step.name === name && step.value !== undefined)
          return step.value;
    return this.dockerfile.args.get(name);
  }

  private chainWithoutVariables(stage: Stage): Stage[] {
    const base = this.dockerfile.stages.find((s) => s.name !== '' && s.name === stage.base.toLowerCase());
    return base && base !== stage ? [base] : [];
  }

  private entryOf(steps: readonly Step[]): {
    readonly words: readonly string[];
    readonly shell: boolean;
    readonly span: Span | undefined;
  } {
    const { command, arguments: args } = this.context;
    return command
      ? { words: [...command, ...(args ?? [])], shell: false, span: undefined }
      : this.ownEntryOf(steps, args);
  }

  /** What the image starts by itself; `args` take the place of its `CMD`. */
  private ownEntryOf(
    steps: readonly Step[],
    args?: readonly string[],
  ): { readonly words: readonly string[]; readonly shell: boolean; readonly span: Span | undefined } {
    const entrypoint = steps.findLast((s) => s.kind === 'entrypoint');
    const cmd = steps.findLast((s) => s.kind === 'cmd');
    const own = entrypoint?.kind === 'entrypoint' ? entrypoint : undefined;
    const more = cmd?.kind === 'cmd' ? cmd : undefined;
    if (own?.shell) return { words: own.words, shell: true, span: own.span };
    if (!own && !args && more?.shell) return { words: more.words, shell: true, span: more.span };
    return {
      words: [...(own?.words ?? []), ...(args ?? more?.words ?? [])],
      shell: false,
      span: (own ?? more)?.span,
    };
  }

  /** The programs that an entry point starts, each with its words; those that only start another one are left out. */
  private startsOf(
    stage: Stage,
    words: readonly string[],
    shell: boolean,
  ): (readonly [string, ...string[]])[] {
    const script = shell ? words[0] : scriptOf(words);
    if (script !== undefined) {
      return shellCommands(script).flatMap((c) => this.startsOf(stage, c.words, false));
    }
    let at = 0;
    while (at < words.length) {
      const name = baseOf(words[at]!);
      // A script that is given a program to run, as most images have one.
      const isScript =
        /\.sh$|entrypoint/.test(name) &&
        at + 1 < words.length &&
        (name.endsWith('.sh') || this.trace(stage, name, 0) === undefined);
      if (WRAPPERS.test(name) || isScript) {
        at++;
        while (at < words.length && /^-|=/.test(words[at]!)) at++;
        if (/^(su-exec|gosu|chpst)$/.test(name)) at++;
        continue;
      }
      // A debugger and the program it starts: `dlv exec --headless -- /app`.
      const debugged = name === 'dlv' ? words.indexOf('exec', at) : -1;
      if (debugged >= 0) {
        at = debugged + 1;
        while (at < words.length && words[at]!.startsWith('-')) at++;
        continue;
      }
      return name === '' ? [] : [[words[at]!, ...words.slice(at + 1)]];
    }
    return [];
  }

  /** What `cargo run` and `go run` compile from the sources and start: the image needs to hold no program. */
  private ran(stage: Stage, [command, verb, ...words]: readonly [string, ...string[]]): Made[] {
    if (verb !== 'run') return [];
    const tool = baseOf(command);
    const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
    if (tool === 'cargo') {
      const [product] = productsOf(`cargo build ${own.join(' ')}`, '/', () => undefined);
      const [name] = product?.kind === 'cargo' ? [...product.bins, ...product.packages] : [];
      const programs = name === undefined ? [] : this.named(name).filter((e) => e.language === 'rust');
      return programs.length === 1 ? [{ programs, product, stage }] : [];
    }
    const folder = tool === 'go' ? own.find((w) => /^\.{0,2}\/|^\.$|\.go$/.test(w)) : undefined;
    if (folder === undefined) return [];
    const [product] = productsOf(`go build ${folder}`, this.workdirAfter(stage), () => undefined);
    const programs = product?.kind === 'go' ? this.goPrograms(product, stage) : [];
    return programs.length === 1 ? [{ programs, product, stage }] : [];
  }

  /** Programs of the image that a shell puts into the background beside another one. */
  private sideBySide(stage: Stage, words: readonly string[], shell: boolean): string[] {
    const script = shell ? words[0] : scriptOf(words);
    if (script === undefined || !hasBackground(script)) return [];
    const names = shellCommands(script)
      .flatMap((c) => this.startsOf(stage, c.words, false).map(([name]) => baseOf(name)))
      .filter(
        (name) =>
          !name.startsWith('-') &&
          !/^(wait|sleep|cd|echo|set|trap|kill|mkdir|chmod|chown|export|true|false|test|\[)$/.test(name),
      );
    return new Set(names).size > 1 ? [...new Set(names)] : [];
  }

  /** What lies under a name in a stage: the programs it may be, and how they were made. */
  private trace(stage: Stage, written: string, depth: number): Made | undefined {
    if (depth > 8) return undefined;
    const name = this.put(written, stage);
    // Many copies lead to one stage: each name is looked for in it once.
    const key = `${this.dockerfile.stages.indexOf(stage)} ${name}`;
    if (this.#traced.has(key)) return this.#traced.get(key);
    this.#traced.set(key, undefined);
    const made = this.traceName(stage, name, depth);
    this.#traced.set(key, made);
    return made;
  }

  readonly #traced = new Map<string, Made | undefined>();

  private traceName(stage: Stage, name: string, depth: number): Made | undefined {
    for (const s of this.chainOf(stage).reverse()) {
      const products = this.productsIn(s);
      for (const product of products.toReversed()) {
        if (product.kind === 'move') {
          const to = baseOf(this.put(product.to, s));
          const from = baseOf(this.put(product.from, s));
          if (to === name && from !== name && from !== '') {
            const found = this.trace(s, from, depth + 1);
            if (found) return found;
          }
          continue;
        }
        const programs = this.programsOf(product, s, name);
        if (programs.length > 0) return { programs, product, stage: s };
      }
      for (const step of s.steps.toReversed()) {
        if (step.kind !== 'copy') continue;
        for (const source of step.sources) {
          const from = baseOf(this.put(source, s));
          const target = this.put(step.target, s);
          const renamed = baseOf(target) === name && !target.endsWith('/');
          if (!renamed && from !== name && step.from === undefined) continue;
          // Names that a pattern leaves open are those of the target.
          if (
            from.includes('*') &&
            !from.startsWith('*') &&
            !name.startsWith(from.slice(0, from.indexOf('*')))
          )
            continue;
          const origin = step.from === undefined ? undefined : this.stageNamed(this.put(step.from, s));
          if (origin && origin !== s) {
            const found =
              this.trace(origin, renamed ? from : name, depth + 1) ??
              (renamed && from !== name ? this.trace(origin, name, depth + 1) : undefined);
            if (found) return found;
            const programs = this.builtFrom(origin, name);
            if (programs.length > 0) return { programs, product: undefined, stage: origin };
          } else if (step.from === undefined && (from === name || renamed)) {
            // Built outside and copied in: only the name tells.
            const programs = [from, name].map((n) => this.named(n)).find((found) => found.length > 0) ?? [];
            const found = programs.length > 0 ? programs : this.madeOutside(from);
            if (found.length > 0) return { programs: found, product: undefined, stage: s };
          }
        }
      }
    }
    return undefined;
  }

  /** Everything that a stage takes from others and that is a program of the workspace. */
  private copied(stage: Stage): Made[] {
    return this.chainOf(stage).flatMap((s) =>
      s.steps.flatMap((step) => {
        if (step.kind !== 'copy') return [];
        return step.sources.flatMap((source) => {
          const name = baseOf(this.put(source, s));
          const origin = step.from === undefined ? undefined : this.stageNamed(this.put(step.from, s));
          if (origin && origin !== s) {
            const made = this.trace(origin, name, 1);
            if (made) return made;
            const programs = this.builtFrom(origin, baseOf(this.put(step.target, s)));
            return programs.length > 0 ? [{ programs, product: undefined, stage: origin }] : [];
          }
          const named = step.from === undefined ? this.named(name) : [];
          const programs = step.from === undefined && named.length === 0 ? this.madeOutside(name) : named;
          return programs.length > 0 ? [{ programs, product: undefined, stage: s }] : [];
        });
      }),
    );
  }

  private productsIn(stage: Stage): Product[] {
    const products: Product[] = [];
    let cwd = this.workdirBefore(stage);
    for (const step of stage.steps) {
      if (step.kind === 'workdir') cwd = absoluteIn(cwd, this.put(step.path, stage));
      if (step.kind !== 'run') continue;
      products.push(
        ...productsOf(
          this.put(step.text, stage),
          cwd,
          (name) => this.variable(name, stage),
          (folder, targets, given) => this.recipe(stage, folder, targets, given),
        ),
      );
    }
    return products;
  }

  /** The commands of the Makefile or justfile that was copied to a folder of the image. */
  private recipe(
    stage: Stage,
    folder: string,
    targets: readonly string[],
    given: ReadonlyMap<string, string>,
  ): readonly string[] | undefined {
    const { recipes = [], folder: context } = this.context;
    if (recipes.length === 0) return undefined;
    for (const outside of [...this.pathsIn(stage).outside(folder), context]) {
      const found = recipes.filter((r) => r.folder === outside);
      if (found.length > 0) return found.flatMap((r) => commandsFor(r, targets, given));
    }
    return undefined;
  }

  /** What the commands of the workspace compile under a name, for what is built outside and copied in. */
  private madeOutside(name: string): Executable[] {
    // `manager_$TARGETARCH`: a name with a part of its own besides the one that is left open.
    if (/[*.]/.test(name) || !/[a-z]{2}/i.test(withHoles(name))) return [];
    const go = this.executables.filter((e) => e.language === 'go');
    if (go.length === 0) return [];
    const found = this.near(
      (this.context.recipes ?? []).flatMap((recipes) =>
        productsOutside(recipes).flatMap((product) => {
          if (product.kind !== 'go' || product.output === undefined) return [];
          const at = packageFor(product, name);
          if (at === undefined) return [];
          const dir = at.startsWith('/')
            ? [recipes.folder, at.slice(1)].filter((p) => p !== '').join('/')
            : at;
          return go.filter((e) => e.dir === dir || importPath(e) === at);
        }),
      ),
    );
    return distinct(found);
  }

  /** The program of a name whose source a stage was given, for tools that cannot be read, such as Bazel. */
  private builtFrom(stage: Stage, name: string): Executable[] {
    const steps = this.chainOf(stage).flatMap((s) => s.steps);
    if (!steps.some((step) => step.kind === 'run')) return [];
    const given = steps.flatMap((step) =>
      step.kind === 'copy' && step.from === undefined
        ? step.sources.map((source) =>
            absoluteIn(`/${this.context.folder}`, this.put(source, stage).replace(/^\/+/, '')).slice(1),
          )
        : [],
    );
    const inside = (folder: string) => (this.context.folder.startsWith('/') ? `/${folder}` : folder);
    return this.named(name).filter((e) => given.some((folder) => liesIn(e.file, inside(folder))));
  }

  private workdirBefore(stage: Stage): string {
    let cwd = '/';
    for (const s of this.chainOf(stage))
      if (s !== stage)
        for (const step of s.steps)
          if (step.kind === 'workdir') cwd = absoluteIn(cwd, this.put(step.path, s));
    return cwd;
  }

  private workdirAfter(stage: Stage): string {
    let cwd = this.workdirBefore(stage);
    for (const step of stage.steps)
      if (step.kind === 'workdir') cwd = absoluteIn(cwd, this.put(step.path, stage));
    return cwd;
  }

  private pathsIn(stage: Stage): CopiedPaths {
    const paths = new CopiedPaths();
    for (const s of this.chainOf(stage)) {
      let cwd = this.workdirBefore(s);
      for (const step of s.steps) {
        if (step.kind === 'workdir') cwd = absoluteIn(cwd, this.put(step.path, s));
        if (step.kind !== 'copy' || step.from !== undefined) continue;
        for (const source of step.sources) {
          const outside = absoluteIn(
            `/${this.context.folder}`,
            this.put(source, s).replace(/^\/+/, ''),
          ).slice(1);
          paths.add(
            cwd,
            this.context.folder.startsWith('/') ? `/${outside}` : outside,
            this.put(step.target, s),
            step.sources.length > 1,
          );
        }
      }
    }
    return paths;
  }

  /** The programs that a compiler call makes under a name. */
  private programsOf(product: Product, stage: Stage, name: string): Executable[] {
    if (product.kind === 'go') {
      const programs = this.goPrograms(product, stage);
      const { output } = product;
      if (output === undefined || output.endsWith('/'))
        return programs.filter((e) => e.name === name || programs.length === 1);
      if (baseOf(output) === name) return programs;
      const chosen = packageFor(product, name);
      if (chosen !== undefined && chosen !== product.package)
        return this.goPrograms({ ...product, package: chosen }, stage);
      // `-o bin` where `bin` is a folder.
      return programs.filter((e) => e.name === name);
    }
    if (product.kind !== 'cargo') return [];
    const plain = (n: string) => n.replaceAll('_', '-');
    const rust = this.near(this.executables.filter((e) => e.language === 'rust'));
    if (/\$/.test(name))
      return rust.filter((e) => product.bins.length === 0 || product.bins.includes(e.name));
    return rust.filter((e) => plain(e.name) === plain(name));
  }

  private goPrograms(product: Product & { kind: 'go' }, stage: Stage): Executable[] {
    const go = this.executables.filter((e) => e.language === 'go');
    if (!product.package.startsWith('/')) {
      return go.filter((e) => importPath(e) === product.package);
    }
    const below = product.package.endsWith('/...');
    const inside = product.package.replace(/\/\.\.\.$/, '') || '/';
    const at = (folder: string) => go.filter((e) => (below ? liesIn(e.file, folder) : e.dir === folder));
    for (const outside of this.pathsIn(stage).outside(inside)) {
      const found = at(outside);
      if (found.length > 0) return found;
    }
    // The working directory stands for the module where nothing says what was copied to it.
    const relative =
      inside === product.cwd
        ? ''
        : inside.startsWith(`${product.cwd}/`)
          ? inside.slice(product.cwd.length + 1)
          : undefined;
    if (relative === undefined) return [];
    const folder = [this.context.folder, relative].filter((p) => p !== '').join('/');
    const found = at(folder);
    if (found.length > 0 || relative === '') return found;
    return this.near(go.filter((e) => e.dir === relative || e.dir.endsWith(`/${relative}`)));
  }

  private named(name: string): Executable[] {
    const exact = this.near(this.executables.filter((e) => e.name === name));
    return exact.length > 0 ? exact : this.near(this.executables.filter((e) => e.alias === name));
  }

  /** Those in the build context, when there are any. */
  private near(executables: readonly Executable[]): Executable[] {
    const inside = executables.filter((e) => liesIn(e.file, this.context.folder));
    return inside.length > 0 ? inside : [...executables];
  }

  /** The compiler call that nobody can read, when the image takes something from its stage. */
  private opaqueOf(stage: Stage): string | undefined {
    const stages = [...this.chainOf(stage)];
    for (const s of stages)
      for (const step of s.steps) {
        const origin =
          step.kind === 'copy' && step.from ? this.stageNamed(this.put(step.from, s)) : undefined;
        if (origin && !stages.includes(origin)) stages.push(...this.chainOf(origin));
      }
    const compiling = stages.filter((s) =>
      /(^|[/-])(golang|rust|go)([:@-]|$)/.test(this.put(this.chainOf(s)[0]?.base ?? '', s)),
    );
    return compiling.flatMap((s) => this.productsIn(s)).find((p) => p.kind === 'opaque')?.command;
  }

  /** By the target of the compiler, else by the image it ran in. */
  private libcOf(made: Made, chain: readonly Stage[]): Libc | undefined {
    const { product, stage } = made;
    if (product?.kind === 'cargo' && product.target) {
      if (/musl/.test(product.target)) return 'musl';
      if (/gnu/.test(product.target)) return 'glibc';
    }
    const texts = this.chainOf(stage).flatMap((s) =>
      s.steps.flatMap((step) =>
        step.kind === 'run' ? [step.text] : step.kind === 'env' ? [step.value] : [],
      ),
    );
    if (texts.some((t) => /-musl\b/.test(t))) return 'musl';
    const builder = this.put(this.chainOf(stage)[0]?.base ?? '', stage);
    if (/alpine|musl/.test(builder)) return 'musl';
    if (product?.kind === 'cargo') return 'glibc';
    // Nothing was compiled here: the image that runs it tells, when it holds a C library at all.
    const base = this.put(chain[0]?.base ?? '', chain[0]!);
    if (/alpine|chainguard\/static|distroless\/static/.test(base)) return 'musl';
    return /debian|ubuntu|distroless\/(cc|base)|ubi\d|redhat|fedora|wolfi|glibc/.test(base)
      ? 'glibc'
      : undefined;
  }
}

/**
 * The package that a call of the compiler makes into a file of a name: a variable that the name of the file and the
 * package share, as in a loop, stands for the name. The architecture has another variable on each side. Undefined for
 * another file.
 */
function packageFor(product: Product & { kind: 'go' }, name: string): string | undefined {
  const base = baseOf(product.output ?? '');
  if (base === name) return product.package;
  if (name.includes('$') && !product.package.includes('$'))
    return withHoles(base) === withHoles(name) ? product.package : undefined;
  const [, before = '', variable, after = ''] =
    /^([^$]*)(\$(?:\{\w+\}|\(\w+\)|\w+))([^$]*)$/.exec(base) ?? [];
  if (variable === undefined || !product.package.includes(variable)) return undefined;
  const isOf = name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length;
  return isOf
    ? product.package.replaceAll(variable, name.slice(before.length, name.length - after.length))
    : undefined;
}

/** A name with the same sign for each part that something else supplies. */
function withHoles(name: string): string {
  return name.replace(/\$(?:\{[^{}]*\}|\([^()]*\)|\w+)/g, '*');
}

/** What any command of a file compiles, read once for each text: every name that an image copies is looked for in it. */
function productsOutside(recipes: Recipes): readonly Product[] {
  let products = outside.get(recipes);
  if (!products) {
    const isNamed = recipes.targets.some((t) => t.lines.some((line) => /-o\b/.test(line)));
    products = isNamed ? everyCommand(recipes).flatMap((text) => productsOf(text, '/', () => undefined)) : [];
    outside.set(recipes, products);
  }
  return products;
}

const outside = new WeakMap<Recipes, readonly Product[]>();

/** The text after `sh -c`. */
export function scriptOf(words: readonly string[]): string | undefined {
  const shell = words.findIndex((w) => SHELLS.test(baseOf(w)));
  if (shell < 0) return undefined;
  const flag = words.findIndex((w, i) => i > shell && /^-\w*c\w*$/.test(w));
  return flag < 0 ? undefined : words[flag + 1];
}

/** The import path of a Go program. */
function importPath({ dir, project }: Executable): string | undefined {
  if (!project) return undefined;
  const below = project.dir === '' ? dir : dir.slice(project.dir.length + 1);
  return [project.name, below].filter((p) => p !== '').join('/');
}

function distinct(programs: readonly Executable[]): Executable[] {
  return programs.filter((e, i) => programs.findIndex((o) => o.id === e.id) === i);
}
