/** Code that no program of the workspace runs, as far as can be seen: what is left over, or is there for tests. */

import { contains, type Span } from '../../core/span.ts';
import { listening } from '../../knowledge/commands.ts';
import { localNetworks, loopback } from '../../knowledge/handlers.ts';
import { OWN_USER_FOLDERS, SHOW_FOLDERS, STAND_INS } from '../../knowledge/test-folders.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, NODE_INTS, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { isService, Linkage } from '../linkage.ts';
import { isForDevelopment } from '../phases/commands.ts';
import { localServers } from '../phases/local-peers.ts';
import { Phases } from '../phases/phases.ts';
import type { Fn, Package, Program, SourceFile, TypeDecl } from '../program.ts';
import { folderOf, liesIn, type Project } from '../project.ts';
import { strayCrates } from '../strays.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { Constructions } from './constructions.ts';
import { findHolders } from './holders.ts';

/** Asked last and of what is left: each question may read the names of all files. One per program. */
export class LeftOut {
  readonly #program: Program;
  readonly #packages = new Map<Package, boolean>();
  readonly #types = new Map<TypeDecl, boolean>();
  readonly #local = new Map<Package, boolean>();
  readonly #handedOut = new Map<TypeDecl, boolean>();

  constructor(program: Program) {
    this.#program = program;
  }

  static of(program: Program): LeftOut {
    return program.derive(makeLeftOut);
  }

  /**
   * True for a place in a package that no program has, in a crate that its workspace does not build, in what only shows how
   * something is used or what a person runs for themselves, or in a method of a type of which tests alone make values.
   */
  has(file: SourceFile, span: Span): boolean {
    const pkg = file.package;
    const below = file.facts.file.slice(this.#program.root.length);
    if (SHOW_FOLDERS.test(folderOf(below)) || OWN_USER_FOLDERS.test(below) || below.endsWith('_example.go'))
      return true;
    if (!isService(pkg)) return false;
    const fn = file.functions.find((f) => contains(f.fact.span, span));
    if (pkg.language === 'go')
      return (
        file.facts.optional === true ||
        this.#isInNoProgram(pkg) ||
        this.#isBeside(pkg) ||
        this.#isOfTools(pkg) ||
        (fn !== undefined &&
          (this.#isUncalled(fn) ||
            this.#isUnnamed(fn) ||
            this.#isMadeForTests(fn) ||
            this.#servesLocally(fn)))
      );
    if (STAND_INS.test(below) || this.#isStray(pkg)) return true;
    const owner = fn && ownerOf(fn);
    return owner !== undefined && this.#isNeverMade(owner);
  }

  /**
   * Go: the module has a program that is no tool, or lies in one that has and needs it, and no program imports the package.
   * In a module that stands by itself without a program the package is what the module is for, and so is what the package
   * at the module's root needs; without a module nobody knows what an import means.
   */
  #isInNoProgram(pkg: Package): boolean {
    let left = this.#packages.get(pkg);
    if (left === undefined) {
      const linkage = Linkage.of(this.#program);
      left =
        pkg.project !== undefined &&
        linkage.programsWith(pkg).length === 0 &&
        !linkage.isOffered(pkg) &&
        this.#program.packages.some(
          (p) => isPartOf(pkg.project, p.project) && linkage.isProgram(p) && !isForDevelopment(p),
        );
      this.#packages.set(pkg, left);
    }
    return left;
  }

  /**
   * Go: a program that nobody reaches from another machine, of the standard library and libraries alone, beside one that is
   * what the module is for.
   */
  #isBeside(pkg: Package): boolean {
    return (
      isLocal(pkg) &&
      this.#program.packages.some(
        (p) =>
          p !== pkg &&
          p.project === pkg.project &&
          Linkage.of(this.#program).isProgram(p) &&
          !isForDevelopment(p) &&
          !isLocal(p),
      )
    );
  }

  /**
   * Go: only programs that people type have the package, and beside them stands one that is what the project is for. A
   * package that listens is there for others as well.
   */
  #isOfTools(pkg: Package): boolean {
    const linkage = Linkage.of(this.#program);
    const mains = linkage.programsWith(pkg);
    return (
      mains.length > 0 &&
      mains.every((m) => isForDevelopment(m.package)) &&
      (linkage.isProgram(pkg) || !listens(pkg)) &&
      this.#program.packages.some(
        (p) => p.project === pkg.project && linkage.isProgram(p) && !isForDevelopment(p),
      )
    );
  }

  /** Go: a method of what serves HTTP, or code of a package that listens and serves, at addresses of its own machine alone. */
  #servesLocally(fn: Fn): boolean {
    const { package: pkg } = fn;
    const decl = pkg.types.find((t) => t.fact.name === fn.fact.owner);
    if (decl !== undefined && this.#program.derive(localServers).has(decl)) return true;
    let local = this.#local.get(pkg);
    if (local === undefined) {
      local = !pkg.serviceFunctions.some(takesListener) && listensLocally(pkg, true);
      this.#local.set(pkg, local);
    }
    return (
      local &&
      Calls.of(this.#program)
        .sitesOf(fn)
        .every((s) => s.fn.package === pkg)
    );
  }

  /** Go: no file of a service names a function, in whatever way; `main` and `init` run by themselves. */
  #isUnnamed({ fact: { name, owner }, file, code, first, after }: Fn): boolean {
    if (owner !== '' || /^(main|init|_)$/.test(name)) return false;
    for (const other of this.#program.files())
      if (
        other !== file &&
        !other.isTest &&
        other.facts.language === 'go' &&
        other.facts.names.includes(name)
      )
        return false;
    const { nodes } = file.facts;
    for (let n = 0; n < nodes.length / NODE_INTS; n++)
      if ((n < first || n >= after) && code.name(n) === name) return false;
    return true;
  }

  /**
   * Go: functions that nothing but tests calls make every value of the type whose method it is, and nobody outside can:
   * https://go.dev/doc/go1.4#internalpackages
   */
  #isMadeForTests(fn: Fn): boolean {
    const decl = fn.package.types.find((t) => t.fact.name === fn.fact.owner);
    if (!decl || !/(^|\/)internal(\/|$)/.test(fn.package.dir.slice(this.#program.root.length))) return false;
    let is = this.#types.get(decl);
    if (is === undefined) {
      const made = Constructions.of(this.#program).of(decl);
      const calls = Calls.of(this.#program);
      const { handlers } = Phases.of(this.#program);
      is =
        decl.fact.kind === 'struct' &&
        made.length > 0 &&
        made.every(
          ({ fn: by }) =>
            by.fact.owner === '' &&
            !/^(main|init)$/.test(by.fact.name) &&
            calls.sitesOf(by).length === 0 &&
            !calls.isMentioned(by) &&
            !handlers.evidenceOf(by),
        ) &&
        (this.#program.deriveAll(findHolders).get(decl) ?? []).length === 0;
      this.#types.set(decl, is);
    }
    return is;
  }

  /** Go: nothing calls a method or hands it on, and no library is given a value that has it. Functions may stand in globals. */
  #isUncalled(fn: Fn): boolean {
    const { name, owner } = fn.fact;
    return (
      owner !== '' &&
      Phases.of(this.#program).handlers.evidenceOf(fn) === undefined &&
      Calls.of(this.#program)
        .sitesOf(fn)
        .every((s) => s.fn === fn) &&
      !this.#mayBeCalled(name) &&
      !this.#isHandedOut(fn)
    );
  }

  /** A method of this name is called on something of a type that nobody knows, or of an interface. */
  #mayBeCalled(name: string): boolean {
    const values = Values.of(this.#program);
    const calls = (fn: Fn) => {
      const { code, first, after } = fn;
      for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
        if (!code.is(n, Kind.MethodCall, name)) continue;
        const object = code.child(n, Role.Object);
        if (values.goPackage(fn, object) !== undefined) continue;
        const type = values.typeOf(fn, object);
        const inner = type && peel(type).type;
        if (!inner || inner.decl?.fact.kind === 'interface') return true;
      }
      return false;
    };
    return this.#program.packages.some((p) => p.language === 'go' && p.serviceFunctions.some(calls));
  }

  /** A library may call the method: it is given a value of the type, or of one that has it embedded. */
  #isHandedOut({ fact: { owner }, package: pkg }: Fn): boolean {
    const decl = pkg.types.find((t) => t.fact.name === owner);
    if (!decl) return true;
    const known = this.#handedOut.get(decl);
    if (known !== undefined) return known;
    const values = Values.of(this.#program);
    const holders = this.#program.deriveAll(findHolders).get(decl) ?? [];
    const isEmbedded = holders.some(
      (h) => h.kind === 'field' && h.owner.fact.fields.some((f) => f.embedded && f.name === h.field),
    );
    const makers = new Set([
      pkg,
      ...Constructions.of(this.#program)
        .of(decl)
        .map((s) => s.fn.package),
    ]);
    const isGiven = (fn: Fn) => {
      const { code } = fn;
      for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after))
        for (const arg of code.all(n, Role.Arg)) {
          const type = values.typeOf(fn, arg);
          if (type && peel(type).type.decl === decl && values.callees(fn, n).length === 0) return true;
        }
      return false;
    };
    const is = isEmbedded || [...makers].some((p) => p.serviceFunctions.some(isGiven));
    this.#handedOut.set(decl, is);
    return is;
  }

  #isStray({ project }: Package): boolean {
    return project !== undefined && this.#program.derive(strays).has(project);
  }

  /** Rust: nobody makes a value of the type, and no other file names it but to hand its name on. */
  #isNeverMade(type: TypeDecl): boolean {
    let never = this.#types.get(type);
    if (never === undefined) {
      never = isPlain(type) && Constructions.of(this.#program).isNeverMade(type) && !this.#isNamed(type);
      this.#types.set(type, never);
    }
    return never;
  }

  #isNamed({ file: own, fact: { name } }: TypeDecl): boolean {
    const isIt = (written: string) => written.includes(name) && written.split('::').includes(name);
    for (const file of this.#program.files())
      if (file !== own && !file.isTest && file.facts.language === 'rust' && file.facts.names.some(isIt))
        return true;
    return false;
  }
}

/** Go: a module is another one, or lies in its folder and is among what that needs. */
function isPartOf(part: Project | undefined, whole: Project | undefined): boolean {
  return (
    part === whole ||
    (part !== undefined &&
      whole !== undefined &&
      liesIn(part.file, whole.dir) &&
      whole.dependencies.includes(part.name))
  );
}

function listens({ serviceFunctions }: Package): boolean {
  return serviceFunctions.some(({ code, first, after }) => {
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after))
      if (listening.test(callName(code, n))) return true;
    return false;
  });
}

/** Go: all that a program listens at are addresses of its own machine, written where it begins. */
function isLocal(pkg: Package): boolean {
  if (pkg.language !== 'go' || !Linkage.of(pkg.program).isProgram(pkg)) return false;
  if (pkg.files.some((f) => !f.isTest && f.facts.imports.some((i) => pkg.program.packageAt(i.path))))
    return false;
  return listensLocally(pkg, false);
}

function takesListener({ code, fact }: Fn): boolean {
  return fact.params.some((p) => /^net\.(\w*Listener|PacketConn)$/.test(code.name(code.child(p, Role.Type))));
}

/** What a package listens at is written where it begins, and is of its own machine; with `sockets` also files. */
function listensLocally(pkg: Package, sockets: boolean): boolean {
  let local = false;
  let serves = !sockets;
  for (const { code, first, after } of pkg.serviceFunctions)
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
      if (!listening.test(callName(code, n))) continue;
      serves ||= callName(code, n).startsWith('Serve');
      const given = code.all(n, Role.Arg).filter((a) => code.kind(a) === Kind.String);
      // `Serve(listener)` listens at what was made before.
      if (given.length === 0 && /^(Serve|Accept)/.test(callName(code, n))) continue;
      const isOwn = (a: NodeId) =>
        loopback.test(code.name(a)) || (sockets && localNetworks.test(code.name(a)));
      if (!given.some(isOwn)) return false;
      local = true;
    }
  return local && serves;
}

/** The type a method belongs to, in the file it is declared in. */
function ownerOf({ fact: { owner, module }, file }: Fn): TypeDecl | undefined {
  return owner === ''
    ? undefined
    : file.types.find((t) => t.fact.name === owner && t.fact.module.join() === module.join());
}

/** A struct with named fields that nothing but code makes: no derive and no attribute makes one of text or of defaults. */
function isPlain({ fact: { fields, attributes } }: TypeDecl): boolean {
  return (
    fields.some((f) => !/^\d/.test(f.name)) &&
    attributes.every((a) =>
      /^(derive\([\s,]*((Debug|Clone|PartialEq|Eq|Hash)[\s,]*)*\)|allow|doc|must_use)/.test(a),
    )
  );
}

function strays({ projects, root }: Program): ReadonlySet<Project> {
  return strayCrates(projects, root);
}

function makeLeftOut(program: Program): LeftOut {
  return new LeftOut(program);
}
