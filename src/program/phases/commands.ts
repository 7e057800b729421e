import type { Place } from '../../core/span.ts';
import {
  commandFields,
  commandLineNames,
  commandLines,
  commandTypes,
  listening,
  listeningCalls,
  listeningTypes,
  loadPrograms,
  mayServe,
  parsedCommands,
  startsElse,
  subcommandCalls,
  subcommands,
  toolFolders,
  windowCrates,
} from '../../knowledge/commands.ts';
import { endChannels } from '../../knowledge/endings.ts';
import { SHOW_FOLDERS, STAND_INS } from '../../knowledge/test-folders.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { Linkage } from '../linkage.ts';
import type { Fn, Package, Program } from '../program.ts';
import { folderOf } from '../project.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { Phases } from './phases.ts';

/** Where a command begins that ends when it is done, and what it is called. */
export interface Command {
  readonly by: string;
  readonly at: Place;
}

/** Something that a program begins with: `main`, or what a command of it runs. */
interface Entry {
  readonly fn: Fn;
  /** The part of the function that runs: its body, or a closure in it. */
  readonly root: NodeId;
}

const MAX_CALLERS = 300;
const MAX_REACHED = 1500;

/** Which code runs only in commands: programs and subcommands that serve nothing and end. One per program. */
export class Commands {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #ends = new Map<string, boolean>();
  readonly #aside = new Map<Package, Command | null>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): Commands {
    return program.derive(makeCommands);
  }

  /**
   * A command from which a node is reached, when every way that leads to it begins in one that ends. Undefined when
   * something that serves leads there, or when nobody can tell: a service is judged too often rather than not at all.
   */
  only(fn: Fn, node: NodeId): Command | undefined {
    const aside = this.#asideOf(fn.package);
    if (aside) return aside;
    const own = this.#entryAround(fn, node);
    if (own) return this.#endsAlone(own) ? describe(own) : undefined;
    let found: Entry | undefined;
    const seen = new Set<Fn>([fn]);
    for (const at of seen) {
      if (seen.size > MAX_CALLERS || this.#phases.handlers.evidenceOf(at)) return undefined;
      if (isMain(at)) {
        const entry = { fn: at, root: at.fact.body };
        if (!this.#endsAlone(entry)) return undefined;
        found ??= entry;
        continue;
      }
      const sites = this.#calls.sitesOf(at).filter((s) => s.fn !== at);
      if (sites.length === 0) {
        // What is called where nobody sees it runs in the programs it is a part of.
        const entry = this.#programsOf(at.package);
        if (!entry) return undefined;
        found ??= entry;
      }
      for (const site of sites) {
        const entry = this.#entryAround(site.fn, site.node);
        if (!entry) {
          if (site.kind === 'reference' && this.#phases.handlers.isRegistered(site, at)) return undefined;
          seen.add(site.fn);
          continue;
        }
        // `RunE: runServe` hands the function on: what it reaches is what runs.
        const runs = site.kind === 'reference' ? { fn: at, root: at.fact.body } : entry;
        if (!this.#endsAlone(runs)) return undefined;
        found ??= runs;
      }
    }
    return found && describe(found);
  }

  /** The command whose description holds a node as what it runs: `&cobra.Command{RunE: func(…) { … }}`; Rust's arm. */
  #entryAround(fn: Fn, node: NodeId): Entry | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go') return subcommandAround(fn, node);
    for (let n = node, up = code.parent(n); up >= fn.first && up >= 0; n = up, up = code.parent(up)) {
      // `case migrate.FullCommand(): runMigrate()`
      if (
        code.kind(up) === Kind.Arm &&
        code.role(n) === Role.Body &&
        isParsed(fn, code.child(up, Role.Pattern))
      )
        return { fn, root: n };
      // `cmdServe.Run = runServe`
      if (code.kind(up) === Kind.Assign && code.role(n) === Role.Value) {
        const target = code.child(up, Role.Target);
        if (code.kind(target) !== Kind.Field || !commandFields.has(code.name(target))) continue;
        const type = this.#values.typeOf(fn, code.child(target, Role.Object));
        if (type && commandTypes.test(lastSegment(peel(type).type.name.replaceAll('/', '::'))))
          return { fn, root: n };
      }
      if (code.kind(up) !== Kind.FieldInit || !commandFields.has(code.name(up))) continue;
      const described = code.ancestor(up, (a) => code.kind(a) === Kind.Composite);
      const type = described < 0 ? -1 : code.child(described, Role.Type);
      if (type >= 0 && commandTypes.test(code.name(type))) return { fn, root: n };
    }
    return undefined;
  }

  #endsAlone(entry: Entry): boolean {
    const mark = `${entry.fn.id}:${entry.root}`;
    let ends = this.#ends.get(mark);
    if (ends === undefined) {
      ends = this.#findEnd(entry);
      this.#ends.set(mark, ends);
    }
    return ends;
  }

  /** Nothing that an entry reaches listens, waits for work without end, or may do so for all anybody can tell. */
  #findEnd(entry: Entry): boolean {
    const { fn, root } = entry;
    if (root < 0 || !isTyped(entry)) return false;
    const typed = isTypedByPeople(fn.package);
    // Rust's calls cannot all be followed: what listens anywhere in the crate may be reached.
    if (fn.package.language === 'rust' && root === fn.fact.body && this.#listensIn(fn.package)) return false;
    const seen = new Set<Fn>();
    const serves = (at: Fn, from: NodeId): boolean => {
      const code = at.code;
      for (let n = from; n >= 0 && n < code.after(from); n++) {
        const kind = code.kind(n);
        // What a program is typed for may watch until somebody stops it.
        if (kind === Kind.Loop && !typed && this.#phases.isServiceLoop(at, n)) return true;
        if (!typed && waitsForSignal(at, n)) return true;
        if (kind === Kind.Call || kind === Kind.MethodCall) {
          const targets = this.#values.callees(at, n).filter((t) => t.fact.body >= 0 && !t.isTest);
          for (const target of targets) seen.add(target);
          if (targets.length === 0 && this.#serves(at, n, typed)) return true;
        } else if (isHandedOn(code.kind(n), code.role(n)))
          for (const target of this.#values.functionsOf(at, n)) seen.add(target);
      }
      return false;
    };
    if (serves(fn, root)) return false;
    for (const at of seen) if (seen.size > MAX_REACHED || serves(at, at.fact.body)) return false;
    return true;
  }

  /** Some function of a crate calls what listens. */
  #listensIn(crate: Package): boolean {
    return crate.serviceFunctions.some((at) => {
      const code = at.code;
      for (let n = at.first; n < at.after; n++) {
        const kind = code.kind(n);
        if ((kind === Kind.Call || kind === Kind.MethodCall) && this.#serves(at, n, true)) return true;
      }
      return false;
    });
  }

  /** A call into a library listens, or may. */
  #serves(fn: Fn, call: NodeId, typed: boolean): boolean {
    const code = fn.code;
    const name = callName(code, call);
    // A socket in the file system is for those who are on the machine already.
    if (typed && (!listening.test(name) || bindsFile(fn))) return false;
    if (code.kind(call) === Kind.Call) {
      const callee = code.child(call, Role.Callee);
      const owner = callee < 0 ? '' : (code.name(callee).split('::').at(-2) ?? '');
      return (
        listening.test(name) ||
        mayServe.test(name) ||
        (listeningCalls.test(name) && listeningTypes.test(owner))
      );
    }
    if (listening.test(name)) return true;
    if (!mayServe.test(name)) return false;
    const object = code.child(call, Role.Object);
    if (this.#values.goPackage(fn, object) !== undefined) return true;
    const type = this.#values.typeOf(fn, object);
    const inner = type && peel(type).type.name;
    // `app.Run(os.Args)` runs the commands, which were read with the function that makes them.
    return (
      inner === undefined ||
      !(startsElse.test(inner) || commandTypes.test(inner) || /(^|::)Command$/.test(inner))
    );
  }

  /** No program that a package is linked into bears load: in Rust each shows windows, in Go each is a tool of developers. */
  #asideOf(pkg: Package): Command | undefined {
    let aside = this.#aside.get(pkg);
    if (aside === undefined) {
      const mains = Linkage.of(pkg.program).programsWith(pkg);
      const rust = pkg.language === 'rust';
      const [first] = mains;
      const isAside = mains.every((m) => (rust ? showsWindows(m.package) : isDevelopers(m.package)));
      const what = rust ? 'a program with a window' : 'a tool of those who work on the project';
      aside =
        first && isAside
          ? {
              by: `\`${lastSegment(first.package.path.replaceAll('/', '::'))}\`, ${what}`,
              at: first.file.place(first.fact.nameSpan),
            }
          : null;
      this.#aside.set(pkg, aside);
    }
    return aside ?? undefined;
  }

  /** What the programs that a package is linked into are, when all of them are commands; undefined without a program. */
  #programsOf(pkg: Package): Entry | undefined {
    const mains = Linkage.of(pkg.program).programsWith(pkg);
    const entries = mains.map((fn) => ({ fn, root: fn.fact.body }));
    return entries.every((e) => this.#endsAlone(e)) ? entries[0] : undefined;
  }
}

/** The entry belongs to a command line: cobra's description, or a program that is named like one. */
function isTyped({ fn, root }: Entry): boolean {
  return root !== fn.fact.body || isTypedByPeople(fn.package);
}

/** Rust: the function binds a socket in the file system. */
function bindsFile({ code, first: body, after }: Fn): boolean {
  for (let n = body; n < after; n++) if (/(^|::)UnixListener::bind$/.test(code.name(n))) return true;
  return false;
}

/** The program of a package is one that people type: its folder or its crate is named so. */
function isTypedByPeople(pkg: Package): boolean {
  return (
    (pkg.language === 'rust' && isAmongTools(pkg)) ||
    commandLineNames.test(pkg.language === 'go' ? pkg.dir : pkg.path) ||
    commandLineNames.test(pkg.dir)
  );
}

/** A folder of the project holds the program among its tools; `cmd/tool` may be anything, and so may what lies above. */
function isAmongTools({ dir, program }: Package): boolean {
  return toolFolders.test(`${folderOf(dir.slice(program.root.length))}/`);
}

/** Go: the program lies among the tools of a project, or is named like what makes load. */
function isDevelopers(pkg: Package): boolean {
  return isAmongTools(pkg) || loadPrograms.test(`${pkg.dir.slice(pkg.program.root.length)}/`);
}

/** Go: a program that people type, or that is there for those who work on the project. */
export function isForDevelopment(pkg: Package): boolean {
  const name = pkg.dir.slice(pkg.program.root.length).split('/').at(-1) ?? '';
  return isTypedByPeople(pkg) || isDevelopers(pkg) || SHOW_FOLDERS.test(name) || STAND_INS.test(name);
}

/** Some file of a crate takes something from a library for windows. */
function showsWindows(crate: Package): boolean {
  const optional = crate.project?.optional ?? [];
  const isShown = (path: string) =>
    windowCrates.test(path) && !optional.includes(path.split('::', 1)[0] ?? '');
  return crate.files.some((f) => !f.isTest && f.facts.imports.some((i) => isShown(i.path)));
}

/**
 * Rust: the branch of a node that runs one subcommand: `match args.command { Command::Export => export(), … }`,
 * `if let Some(args) = matches.subcommand_matches("export") { export(args) }`.
 */
function subcommandAround(fn: Fn, node: NodeId): Entry | undefined {
  const code = fn.code;
  for (let n = node, up = code.parent(n); up >= fn.first && up >= 0; n = up, up = code.parent(up)) {
    const asked =
      code.kind(up) === Kind.If && code.role(n) === Role.Then
        ? code.child(code.child(up, Role.Condition), Role.Value)
        : code.kind(up) === Kind.Arm && code.role(n) === Role.Body
          ? code.child(code.parent(up), Role.Subject)
          : -1;
    if (asked >= 0 && code.kind(asked) === Kind.MethodCall && subcommandCalls.test(code.name(asked)))
      return { fn, root: n };
    if (code.kind(up) !== Kind.Arm || code.role(n) !== Role.Body) continue;
    if (isSubcommand(fn, code.child(up, Role.Pattern))) return { fn, root: n };
  }
  return undefined;
}

/** Go: a case is about the subcommand that the command line was found to have. */
function isParsed({ code }: Fn, pattern: NodeId): boolean {
  return pattern >= 0 && code.kind(pattern) === Kind.MethodCall && parsedCommands.test(code.name(pattern));
}

/** Rust: a pattern stands for one subcommand of a program: `Command::Export { to }`, `Some(Command::Export(args))`. */
function isSubcommand(fn: Fn, pattern: NodeId): boolean {
  const { code } = fn;
  if (pattern < 0) return false;
  const path = code.name(pattern).split('::');
  if (path.length < 2) return path[0] === 'Some' && isSubcommand(fn, code.child(pattern, Role.Pattern));
  const written = path.at(-2) ?? '';
  const alias = fn.file.facts.imports.find((i) => i.alias === written);
  const name = written === 'Self' ? fn.fact.owner : lastSegment(alias?.path ?? written);
  return fn.package.types.some(
    ({ fact }) =>
      fact.name === name &&
      fact.attributes.some((a) => subcommands.test(a) || (fact.kind === 'enum' && commandLines.test(a))),
  );
}

function isHandedOn(kind: Kind, role: Role): boolean {
  return (
    (kind === Kind.Name || kind === Kind.Path || kind === Kind.Field) &&
    (role === Role.Arg || role === Role.Value)
  );
}

/** `select {}`, `<-stop`: what runs beside it is what the program is for. */
function waitsForSignal({ code }: Fn, n: NodeId): boolean {
  if (code.kind(n) === Kind.Select) return code.child(n, Role.Arm) < 0;
  return code.is(n, Kind.Unary, '<-') && endChannels.test(code.name(code.child(n, Role.Object)));
}

function isMain(fn: Fn): boolean {
  return fn.fact.owner === '' && fn.fact.name === 'main';
}

function describe({ fn, root }: Entry): Command {
  const at = root === fn.fact.body ? fn.file.place(fn.fact.nameSpan) : fn.place(root);
  const name = isMain(fn) ? lastSegment(fn.package.path.replaceAll('/', '::')) : fn.label;
  return { by: `\`${name}\`, a command that ends`, at };
}

function makeCommands(program: Program): Commands {
  return new Commands(program);
}
