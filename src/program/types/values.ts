import { channelConstructors } from '../../knowledge/channels.ts';
import {
  elementClosures,
  elementMethods,
  lendingWhole,
  transparentMethods,
} from '../../knowledge/containers.ts';
import { associatedMakers } from '../../knowledge/fresh-values.ts';
import { goCommonMethods, goInterfaces } from '../../knowledge/go-std.ts';
import { rustCommonMethods, rustUsualMethods } from '../../knowledge/rust-std.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Answers } from '../answers.ts';
import { Linkage } from '../linkage.ts';
import { meant, takenWhole } from '../modules.ts';
import type { Fn, Program, SourceFile, TypeDecl } from '../program.ts';
import { Recent } from '../recent.ts';
import { goPredeclared, knownGoField, knownGoFunction, knownGoMethod, withoutMajor } from './go-types.ts';
import { type Binding, Scope } from './scope.ts';
import {
  container,
  FILES,
  firstSegment,
  lastSegment,
  peel,
  type TypeRef,
  Types,
  unwrapped,
} from './types.ts';

/** Functions whose names are kept: they are small, and every rule that looks at a package asks for those of its functions. */
const SCOPES = 16384;

/** Types of expressions, and what the functions called in them are. One per program. */
export class Values {
  readonly types = new Types();
  readonly #scopes = new Recent((fn: Fn) => new Scope(fn), SCOPES);
  /** Rust: the functions that paths mean: the same few are written again and again. */
  readonly #functions = new Recent((_: SourceFile) => new Map<string, readonly Fn[]>(), FILES);
  /** What may stand behind a method of an interface or trait. */
  readonly #behind = new Map<TypeDecl, Map<string, readonly Fn[]>>();
  readonly #types = new Answers<TypeRef>();
  readonly #inferred = (fn: Fn, n: NodeId) => this.#infer(fn, n);
  readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  static of(program: Program): Values {
    return program.derive(makeValues);
  }

  /** Gives back what was found in the functions asked for last; it is found anew when somebody asks again. */
  forget(): void {
    this.#scopes.clear();
    this.#functions.clear();
    this.#types.clear();
    this.types.forget();
  }

  scope(fn: Fn): Scope {
    return this.#scopes.get(fn);
  }

  /** The type of an expression in a function, as far as it can be told from declarations. */
  typeOf(fn: Fn, n: NodeId): TypeRef | undefined {
    return n < 0 ? undefined : this.#types.get(fn, n, this.#inferred);
  }

  /** The declaration behind the type of an expression, wrappers taken off. */
  declOf(fn: Fn, n: NodeId): TypeDecl | undefined {
    const type = this.typeOf(fn, n);
    return type && unwrapped(type).decl;
  }

  /** The type of `self` or of the Go receiver. */
  ownerType(fn: Fn): TypeRef | undefined {
    return fn.fact.owner ? this.types.named(fn.file, fn.fact.owner) : undefined;
  }

  /** The field `name` of a declared type, embedded and promoted fields included. */
  field(
    decl: TypeDecl,
    name: string,
    depth = 0,
  ): { decl: TypeDecl; type: NodeId; nameSpan: { start: number; end: number } } | undefined {
    const { fields } = decl.fact;
    const own = fields.find((f) => f.name === name);
    if (own) return { decl, type: own.type, nameSpan: own.nameSpan };
    if (depth > 3) return undefined;
    for (const f of fields) {
      if (!f.embedded) continue;
      const inner = this.types.at(decl.file, f.type);
      const target = inner && unwrapped(inner).decl;
      const found = target && this.field(target, name, depth + 1);
      if (found) return found;
    }
    if (decl.fact.kind === 'defined' && decl.fact.target >= 0) {
      const under = this.types.at(decl.file, decl.fact.target);
      const target = under && unwrapped(under).decl;
      if (target && target !== decl) return this.field(target, name, depth + 1);
    }
    return undefined;
  }

  /** The methods a call `object.name()` can reach: by the object's type where known, else by name in the package. */
  methods(fn: Fn, object: NodeId, name: string): readonly Fn[] {
    const decl = this.declOf(fn, object) ?? this.#boundOf(fn, object);
    if (!decl) {
      const known = this.typeOf(fn, object);
      if (known && container(this.types, known)) return [];
      const named = fn.package.functionsNamed(name);
      if (named.length === 0) return named;
      const foreign = known && foreignGoMethods(known);
      if (foreign)
        return named.filter(
          (f) => f.fact.owner !== '' && foreign.every((m) => f.package.methodsOf(f.fact.owner, m).length > 0),
        );
      if (!known && this.#isMadeElsewhere(fn, object)) return [];
      // So many types have these that the name says nothing.
      const go = fn.file.facts.language === 'go';
      if (!known && (go ? goCommonMethods : rustCommonMethods).has(name)) return [];
      return named.filter((f) => f.fact.owner !== '' && !(go && takesOthers(f, fn, object)));
    }
    return this.methodsOfDecl(decl, name);
  }

  /** Rust: `OpenOptions::new().append(true)`: what a type of a library makes of nothing of the program's own, and its builders. */
  #isMadeElsewhere(fn: Fn, object: NodeId): boolean {
    const { code, file } = fn;
    if (file.facts.language !== 'rust') return false;
    let n = object;
    while (n >= 0 && code.kind(n) === Kind.MethodCall) n = code.child(n, Role.Object);
    if (n < 0 || code.kind(n) !== Kind.Call) return false;
    const [type = '', ...rest] = code.name(code.child(n, Role.Callee)).split('::');
    if (rest.length !== 1 || code.all(n, Role.Arg).some((a) => code.kind(a) !== Kind.String)) return false;
    const path = file.importPath(type);
    return (
      path !== undefined &&
      this.types.declaration(file, type) === undefined &&
      !/^(crate|self|super)(::|$)/.test(path)
    );
  }

  /**
   * The name alone says what a method call reaches: the type of its object is not known, and several types have a
   * method of this name, or the name is one that anything may have.
   */
  isGuess(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    if (code.kind(call) !== Kind.MethodCall) return false;
    const name = code.name(call);
    const object = code.child(call, Role.Object);
    if (this.goPackage(fn, object) !== undefined || this.declOf(fn, object) || this.#boundOf(fn, object))
      return false;
    const go = fn.file.facts.language === 'go';
    if (!go && rustUsualMethods.has(name)) return true;
    const owners = new Set<string>();
    for (const f of go ? this.methods(fn, object, name) : fn.package.functionsNamed(name))
      if (f.fact.owner !== '') owners.add(f.fact.owner);
    return owners.size > 1;
  }

  /** The trait or interface that a type parameter of the function, or of its `impl`, is bound by: `S: Store`. */
  #boundOf(fn: Fn, n: NodeId): TypeDecl | undefined {
    if (fn.fact.generics.length === 0) return undefined;
    const type = this.typeOf(fn, n);
    const name = type && unwrapped(type).name;
    for (const bound of fn.fact.generics.find((g) => g.name === name)?.bounds ?? []) {
      const decl = this.types.declaration(fn.file, bound);
      if (decl?.fact.kind === 'trait' || decl?.fact.kind === 'interface') return decl;
    }
    return undefined;
  }

  /** Methods of a declared type, of what it embeds, and of everything that implements it when it is an interface. */
  methodsOfDecl(decl: TypeDecl, name: string, depth = 0): readonly Fn[] {
    const pkg = decl.file.package;
    const own = pkg.methodsOf(decl.fact.name, name);
    if (decl.fact.kind === 'interface' || decl.fact.kind === 'trait') {
      // The declaration first: it has the result. Then whatever may stand behind it.
      let ofDecl = this.#behind.get(decl);
      if (!ofDecl) {
        ofDecl = new Map();
        this.#behind.set(decl, ofDecl);
      }
      let known = ofDecl.get(name);
      if (!known) {
        const behind = this.program.methodsNamed(pkg.language, name);
        known = [...own, ...behind.filter((f) => this.#implements(f, decl, own[0]) && !own.includes(f))];
        ofDecl.set(name, known);
      }
      return known;
    }
    if (own.length > 0) return own;
    if (depth > 3) return [];
    for (const f of decl.fact.fields) {
      if (!f.embedded) continue;
      const inner = this.types.at(decl.file, f.type);
      const target = inner && unwrapped(inner).decl;
      const found = target ? this.methodsOfDecl(target, name, depth + 1) : [];
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Whether a method may stand behind the interface or trait `of`, which declares it. */
  #implements(method: Fn, of: TypeDecl, declared: Fn | undefined): boolean {
    const { owner, trait } = method.fact;
    if (owner === '' || method.fact.body < 0) return false;
    if (of.fact.kind === 'trait') return lastSegment(trait) === of.fact.name;
    if (declared && !haveOneShape(method, declared)) return false;
    if (!Linkage.of(this.program).mayImplement(method.package, of.file.package)) return false;
    const decl = method.package.typesNamed(owner)[0];
    return of.fact.members.every(
      (m) => method.package.methodsOf(owner, m).length > 0 || (decl && this.#embeds(decl, m, 0)),
    );
  }

  /** Go: what a type embeds may bring a method of this name. */
  #embeds(decl: TypeDecl, method: string, depth: number): boolean {
    return decl.fact.fields.some((f) => {
      if (!f.embedded) return false;
      const type = this.types.at(decl.file, f.type);
      const inner = type && unwrapped(type);
      // A mutex brings nothing that an interface of the workspace asks for.
      if (!inner?.decl) return !inner?.name.startsWith('sync.');
      return (
        depth > 3 ||
        inner.decl.fact.members.includes(method) ||
        inner.decl.file.package.methodsOf(inner.decl.fact.name, method).length > 0 ||
        this.#embeds(inner.decl, method, depth + 1)
      );
    });
  }

  /** The functions of the workspace that a Call or MethodCall can reach. */
  callees(fn: Fn, call: NodeId): readonly Fn[] {
    const code = fn.code;
    if (code.kind(call) === Kind.MethodCall) {
      const object = code.child(call, Role.Object);
      const name = code.name(call);
      const pkg = this.goPackage(fn, object);
      if (pkg !== undefined) return this.program.packageAt(pkg)?.methodsOf('', name) ?? [];
      const targets = this.methods(fn, object, name);
      // `cursor.read_u64::<LittleEndian>()` is no method that takes no type.
      return fn.package.language === 'rust' && code.child(call, Role.TypeArg) >= 0
        ? targets.filter((t) => t.fact.generics.length > 0)
        : targets;
    }
    const callee = code.child(call, Role.Callee);
    if (callee < 0) return [];
    return this.functionsOf(fn, callee);
  }

  /** The functions a Name, Path or Field expression can stand for when it is used as a value or callee. */
  functionsOf(fn: Fn, n: NodeId): readonly Fn[] {
    const code = fn.code;
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      const name = code.name(n);
      if (this.scope(fn).lookup(name, code.start(n))) return [];
      const named = fn.package.methodsOf('', name);
      if (fn.file.facts.language === 'go') return named;
      const own = named.filter((f) => f.file === fn.file);
      if (own.length > 0) return own;
      const imported = fn.file.importPath(name);
      if (imported !== undefined) return this.#rustFunction(fn.file, imported, fn.fact.owner);
      const taken = named.length < 2 ? named : takenWhole(named, fn.file);
      return taken.length > 0 ? taken : named;
    }
    if (kind === Kind.Path) return this.#rustFunction(fn.file, code.name(n), fn.fact.owner);
    if (kind === Kind.Field) {
      const object = code.child(n, Role.Object);
      const pkg = this.goPackage(fn, object);
      if (pkg !== undefined) return this.program.packageAt(pkg)?.methodsOf('', code.name(n)) ?? [];
      const decl = this.declOf(fn, object);
      return decl ? this.methodsOfDecl(decl, code.name(n)) : [];
    }
    return [];
  }

  /** The import path when an expression is the name of an imported Go package. */
  goPackage(fn: Fn, n: NodeId): string | undefined {
    if (fn.file.facts.language !== 'go' || n < 0 || fn.code.kind(n) !== Kind.Name) return undefined;
    const name = fn.code.name(n);
    const path = fn.file.importPath(name);
    if (path === undefined || this.scope(fn).lookup(name, fn.code.start(n))) return undefined;
    return path;
  }

  #rustFunction(file: SourceFile, path: string, owner: string): readonly Fn[] {
    const end = path.lastIndexOf('::');
    if (end < 0) return file.package.methodsOf('', path);
    const name = path.slice(end + 2);
    const around = path.slice(0, end);
    if (around === 'Self' || around.endsWith(':Self')) return file.package.methodsOf(owner, name);
    const known = this.#functions.get(file);
    let found = known.get(path);
    if (!found) {
      found = this.#findFunctions(file, path, around, name);
      known.set(path, found);
    }
    return found;
  }

  #findFunctions(file: SourceFile, path: string, around: string, name: string): readonly Fn[] {
    const qualifier = around.slice(around.lastIndexOf(':') + 1);
    const decl = this.types.declaration(file, around);
    // `type Templates = Memo<String, Page>` and `Templates::new(load)`: the functions are those of what it stands for.
    const target = decl?.fact.kind === 'alias' ? this.types.named(file, around).decl : decl;
    if (target) return target.file.package.methodsOf(target.fact.name, name);
    // `u32::decode(input)?`, `Vec::decode(input)?`, which a trait of the workspace gives to types of the language.
    const given = around === qualifier ? file.package.methodsOf(qualifier, name) : [];
    if (given.length > 0) return given;
    const first = firstSegment(path);
    const root = firstSegment(file.importPath(first) ?? first);
    if (root === 'std' || root === 'core' || root === 'alloc') return [];
    const home =
      root === 'crate' || root === 'self' || root === 'super'
        ? file.package
        : (this.program.packageAt(root) ?? file.package);
    const free = home.methodsOf('', name);
    const isOwn = root === 'crate' || root === 'super' || root === 'self';
    if (free.length < 2 && (home !== file.package || isOwn)) return free;
    const full = file.fullPath(path);
    return meant(free, file, isOwn || home === file.package ? full : `crate${full.slice(root.length)}`);
  }

  #infer(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    switch (code.kind(n)) {
      case Kind.Name:
        return this.#nameType(fn, n);
      case Kind.Path:
        return this.#pathType(fn, n);
      case Kind.Field: {
        const object = code.child(n, Role.Object);
        const pkg = this.goPackage(fn, object);
        if (pkg !== undefined) {
          const g = this.program.packageAt(pkg)?.globalsNamed(code.name(n))[0];
          return g
            ? this.globalType(g.file, g.fact.type, g.fact.value)
            : knownGoField(withoutMajor(pkg), code.name(n), fn.file);
        }
        const outer = this.typeOf(fn, object);
        if (!outer) return undefined;
        const inner = unwrapped(outer);
        if (inner.decl) {
          const f = this.field(inner.decl, code.name(n));
          return f && this.types.at(f.decl.file, f.type);
        }
        if (fn.file.facts.language === 'go') {
          const known = knownGoField(inner.name, code.name(n), fn.file);
          if (known) return known;
        }
        if (inner.name === 'struct' && inner.node >= 0) {
          for (const c of inner.file.code.children(inner.node))
            if (inner.file.code.kind(c) === Kind.FieldDecl && inner.file.code.name(c) === code.name(n))
              return this.types.at(inner.file, inner.file.code.child(c, Role.Type));
        }
        if (inner.name === 'tuple') return inner.args[Number(code.name(n))];
        return undefined;
      }
      case Kind.Index:
        return this.elementType(this.typeOf(fn, code.child(n, Role.Object)));
      case Kind.Slice:
      case Kind.Unary:
      case Kind.Await:
      case Kind.Try:
        if (code.is(n, Kind.Unary, '<-')) return this.typeOf(fn, code.child(n, Role.Object))?.args[0];
        return this.typeOf(fn, code.child(n, Role.Object));
      case Kind.Cast:
        return this.types.at(fn.file, code.child(n, Role.Type));
      case Kind.Composite: {
        const type = code.child(n, Role.Type);
        return type >= 0 && code.is(type, Kind.Type, 'Self')
          ? this.ownerType(fn)
          : this.types.at(fn.file, type);
      }
      case Kind.Macro:
        return code.name(n) === 'vec'
          ? { name: 'Vec', args: [], decl: undefined, file: fn.file, node: -1 }
          : undefined;
      case Kind.Call:
        return this.#callType(fn, n);
      case Kind.MethodCall:
        return this.#methodType(fn, n);
      case Kind.String:
        return fn.file.facts.language === 'go' ? this.#go(fn, 'string') : undefined;
      case Kind.Number:
        if (fn.file.facts.language !== 'go') return undefined;
        return this.#go(fn, /^0[xX]|^[^.eEi]*$/.test(code.name(n)) ? 'int' : 'float64');
      case Kind.Literal:
        if (fn.file.facts.language !== 'go') return undefined;
        if (/^(true|false)$/.test(code.name(n))) return this.#go(fn, 'bool');
        return code.name(n).startsWith("'") ? this.#go(fn, 'rune') : undefined;
      case Kind.Binary: {
        if (fn.file.facts.language !== 'go') return undefined;
        if (/^([=!<>]=|[<>]|&&|\|\|)$/.test(code.name(n))) return this.#go(fn, 'bool');
        return (
          this.typeOf(fn, code.child(n, Role.Left)) ??
          (/^(<<|>>)$/.test(code.name(n)) ? undefined : this.typeOf(fn, code.child(n, Role.Right)))
        );
      }
      case Kind.Block: {
        const last = code.children(n).at(-1);
        return last === undefined ? undefined : this.typeOf(fn, last);
      }
      case Kind.If:
        return this.typeOf(fn, code.child(n, Role.Then));
      case Kind.Match: {
        const arm = code.child(n, Role.Arm);
        return arm < 0 ? undefined : this.typeOf(fn, code.child(arm, Role.Body));
      }
      default:
        return undefined;
    }
  }

  #nameType(fn: Fn, n: NodeId): TypeRef | undefined {
    const name = fn.code.name(n);
    if (fn.fact.receiver && name === fn.fact.receiver) return this.ownerType(fn);
    const b = this.scope(fn).lookup(name, fn.code.start(n));
    if (b) return this.bindingType(fn, b);
    const g = fn.package.globalMeant(fn.file, name);
    return g ? this.globalType(g.file, g.fact.type, g.fact.value) : this.#unitStruct(fn, name);
  }

  /** Rust: `Int32.decode(buf)` with a `struct Int32;`: the name of the type is its only value. */
  #unitStruct(fn: Fn, name: string): TypeRef | undefined {
    if (fn.package.language !== 'rust' || !/^[A-Z]/.test(name)) return undefined;
    const type = this.types.named(fn.file, name);
    return type?.decl?.fact.kind === 'struct' && type.decl.fact.fields.length === 0 ? type : undefined;
  }

  /** The type of a local name: written, or that of the value it was bound to. */
  bindingType(fn: Fn, b: Binding): TypeRef | undefined {
    if (b.type >= 0 && b.source !== 'part') {
      const written = this.types.at(fn.file, b.type);
      const param = fn.code.parent(b.node);
      if (written && fn.code.is(param, Kind.Param, 'variadic'))
        return { name: 'slice', args: [written], decl: undefined, file: fn.file, node: -1 };
      if (written && written.name !== '_') return written;
    }
    const taken = this.patternField(fn, b) ?? this.#variantField(fn, b);
    if (taken) {
      const f = this.field(taken.decl, taken.name);
      return f && this.types.at(f.decl.file, f.type);
    }
    if (b.source === 'closure-parameter') return this.#givenToClosure(fn, b);
    if (b.value < 0) return undefined;
    const from = this.typeOf(fn, b.value);
    if (!from) return undefined;
    switch (b.source) {
      case 'value': // the first of Go's several results
        return from.name === 'tuple' && fn.file.facts.language === 'go' ? from.args[0] : from;
      case 'part':
        if (fn.file.facts.language === 'go' && fn.code.kind(fn.code.parent(b.node)) === Kind.Loop)
          return this.#rangeKey(fn, from);
        return partOf(from, b.index);
      case 'element':
        return this.isElement(fn, b) ? this.elementType(from) : this.#rangeKey(fn, from);
      default:
        return undefined;
    }
  }

  /**
   * Rust: `peers.iter().for_each(|peer| …)`: the only parameter of the closure is an element of the list;
   * `BUFFER.with(|buffer| …)`: it is all there is.
   */
  #givenToClosure(fn: Fn, b: Binding): TypeRef | undefined {
    const code = fn.code;
    const param = code.parent(b.node);
    const closure = code.is(param, Kind.Param) ? code.parent(param) : -1;
    const call = closure < 0 || fn.file.facts.language !== 'rust' ? -1 : code.parent(closure);
    if (call < 0 || code.kind(call) !== Kind.MethodCall || code.all(closure, Role.Param).length !== 1)
      return undefined;
    const name = code.name(call);
    if (lendingWhole.test(name)) return this.typeOf(fn, code.child(call, Role.Object));
    if (!elementClosures.test(name)) return undefined;
    const list = this.typeOf(fn, code.child(call, Role.Object));
    return container(this.types, list)?.row.shape === 'list' ? this.elementType(list) : undefined;
  }

  /** The field of a declared struct that a pattern takes: `let Inner { history, .. } = …`, `Wrapper(inner)`. */
  patternField(fn: Fn, b: Binding): { readonly decl: TypeDecl; readonly name: string } | undefined {
    const taken = partTaken(fn, b);
    return taken && this.#declared(fn, taken.path, 'struct', taken.part);
  }

  /** What a pattern takes out of a variant of a declared enum: `Some(Command::Export(options)) => …`. */
  #variantField(fn: Fn, b: Binding): { readonly decl: TypeDecl; readonly name: string } | undefined {
    const taken = partTaken(fn, b);
    const end = taken ? taken.path.lastIndexOf('::') : -1;
    if (!taken || end < 0) return undefined;
    const { path, part } = taken;
    return this.#declared(fn, path.slice(0, end), 'enum', `${path.slice(end + 2)}.${part}`);
  }

  /** Rust: a field of the type that is written so, where it is of that kind. */
  #declared(
    fn: Fn,
    written: string,
    kind: 'struct' | 'enum',
    name: string,
  ): { readonly decl: TypeDecl; readonly name: string } | undefined {
    const decl = written === 'Self' ? this.ownerType(fn)?.decl : this.types.declaration(fn.file, written);
    return decl?.fact.kind === kind && decl.fact.fields.some((f) => f.name === name)
      ? { decl, name }
      : undefined;
  }

  /** False for the only name of Go's `for k := range x`, unless `x` is a channel. */
  isElement(fn: Fn, b: Binding): boolean {
    if (b.source !== 'element' || b.index > 0 || fn.file.facts.language !== 'go') return true;
    const from = this.typeOf(fn, b.value);
    const name = from && unwrapped(from).name;
    return name === 'chan' || (name !== undefined && /^iter\.Seq$/.test(name));
  }

  /** What Go's `range` counts: keys of a map, indices of what has an order, the numbers below a number. */
  #rangeKey(fn: Fn, over: TypeRef): TypeRef {
    const c = container(this.types, over);
    if (c?.key && c.row.shape === 'map') return c.key;
    const { type } = peel(over);
    return type.name === 'iter.Seq2' && type.args[0] ? type.args[0] : this.#go(fn, 'int');
  }

  #go(fn: Fn, name: string): TypeRef {
    return { name, args: [], decl: undefined, file: fn.file, node: -1 };
  }

  /** The type of a static or package variable from its written type or its value. */
  globalType(file: SourceFile, type: NodeId, value: NodeId): TypeRef | undefined {
    if (type >= 0) return this.types.at(file, type);
    if (value < 0) return undefined;
    const code = file.code;
    switch (code.kind(value)) {
      case Kind.Composite:
      case Kind.Cast:
        return this.types.at(file, code.child(value, Role.Type));
      case Kind.Unary:
        return this.globalType(file, -1, code.child(value, Role.Object));
      case Kind.Call: {
        const arg = code.child(value, Role.Arg);
        const callee = code.child(value, Role.Callee);
        const name = callee < 0 ? '' : code.name(callee);
        if ((name === 'make' || name === 'new') && arg >= 0) return this.types.at(file, arg);
        const made = file.package.methodsOf('', name)[0];
        return made && made.fact.result >= 0
          ? firstResult(this.types.at(made.file, made.fact.result))
          : undefined;
      }
      case Kind.MethodCall: {
        const object = code.child(value, Role.Object);
        const path =
          object >= 0 && code.kind(object) === Kind.Name ? file.importPath(code.name(object)) : undefined;
        if (path === undefined) return undefined;
        const home = this.program.packageAt(path);
        if (!home) return firstResult(knownGoFunction(path, code.name(value), file, () => undefined));
        const made = home.methodsOf('', code.name(value))[0];
        if (made && made.fact.result >= 0) return firstResult(this.types.at(made.file, made.fact.result));
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #pathType(fn: Fn, n: NodeId): TypeRef | undefined {
    const path = fn.code.name(n);
    const segments = path.split('::');
    const g = fn.package.globalMeant(fn.file, path);
    if (g) return this.globalType(g.file, g.fact.type, g.fact.value);
    return segments.length > 1 ? this.#typeBefore(fn, segments) : undefined;
  }

  #typeBefore(fn: Fn, segments: readonly string[]): TypeRef | undefined {
    const written = segments.slice(0, -1).join('::');
    if (written === 'Self') return this.ownerType(fn);
    const last = segments.at(-2) as string;
    return /^[A-Z]/.test(last) ? this.types.named(fn.file, written) : undefined;
  }

  #callType(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return undefined;
    const name = code.name(callee);
    const arg = code.child(n, Role.Arg);
    if (fn.file.facts.language === 'go' && code.kind(callee) === Kind.Name) {
      // A value in `new` gives a pointer to its type.
      if (name === 'new' && arg >= 0 && code.kind(arg) !== Kind.Type) return this.typeOf(fn, arg);
      if (name === 'make' || name === 'new') return arg < 0 ? undefined : this.types.at(fn.file, arg);
      if (name === 'append') return arg < 0 ? undefined : this.typeOf(fn, arg);
      if (/^(len|cap|copy)$/.test(name)) return this.#go(fn, 'int');
      if (goPredeclared.has(name) && !this.scope(fn).lookup(name, code.start(callee)))
        return this.#go(fn, name);
    }
    if (code.kind(callee) === Kind.Path || code.kind(callee) === Kind.Name) {
      const wrapped =
        /^(?:\w+::)*(Some|Ok|Arc|Rc|Box|Mutex|RwLock|RefCell|OnceCell)(?:::(new|clone|pin|from|downgrade))?$/.exec(
          name,
        );
      if (wrapped)
        return this.#wrap(fn, wrapped[1] as string, /^(clone|downgrade)$/.test(wrapped[2] ?? ''), arg);
    }
    const made = this.functionsOf(fn, callee)[0];
    if (made) return this.#resultOf(made);
    const given = fn.file.facts.language === 'go' ? this.#givenBy(this.typeOf(fn, callee)) : undefined;
    if (given) return given;
    if (fn.file.facts.language === 'rust' && channelConstructors.test(lastSegment(name)))
      return channelEnds(fn.file);
    if (code.kind(callee) === Kind.Path) {
      const segments = name.split('::');
      const type = this.#typeBefore(fn, segments);
      if (type && associatedMakers.test(segments.at(-1) as string)) {
        const typed = code.all(callee, Role.TypeArg).map((t) => this.types.at(fn.file, t));
        return typed.length > 0 ? { ...type, args: typed.filter((t) => t !== undefined) } : type;
      }
      return undefined;
    }
    // A tuple struct `T(…)` or a Go conversion.
    const decl = this.types.declaration(fn.file, name);
    return decl ? this.types.named(fn.file, name) : undefined;
  }

  /** Go: what a value of a function's type gives: `c.dial(ctx)` of `dial func(context.Context) (net.Conn, error)`. */
  #givenBy(type: TypeRef | undefined, depth = 0): TypeRef | undefined {
    const { decl } = type ?? {};
    if (decl && depth < 3)
      return decl.fact.kind === 'defined' && decl.fact.target >= 0
        ? this.#givenBy(this.types.at(decl.file, decl.fact.target), depth + 1)
        : undefined;
    if (type?.name !== 'fn' || type.node < 0) return undefined;
    return this.types.at(type.file, type.file.code.child(type.node, Role.Result));
  }

  /** `Arc::new(x)` is an `Arc` of what x is; `Arc::clone(&x)` is what x is. */
  #wrap(fn: Fn, wrapper: string, clone: boolean, arg: NodeId): TypeRef | undefined {
    const inner = arg < 0 ? undefined : this.typeOf(fn, arg);
    if (!inner || clone || wrapper === 'Some' || wrapper === 'Ok') return inner;
    return { name: wrapper, args: [inner], decl: undefined, file: fn.file, node: -1 };
  }

  /** The result type of a function; `Self` is its owner. */
  #resultOf(made: Fn): TypeRef | undefined {
    if (made.fact.result < 0) return undefined;
    const result = this.types.at(made.file, made.fact.result);
    if (!result) return undefined;
    const replace = (t: TypeRef): TypeRef => {
      if (t.name === 'Self') return this.ownerType(made) ?? t;
      const args = t.args.map(replace);
      return args.some((a, i) => a !== t.args[i]) ? { ...t, args } : t;
    };
    return replace(result);
  }

  /** Go: what a method gives that a struct has from a library type it embeds: `f.Do(req)` of `struct{ *http.Client }`. */
  #promotedResult(decl: TypeDecl, name: string): TypeRef | undefined {
    if (decl.file.facts.language !== 'go' || decl.fact.kind !== 'struct') return undefined;
    for (const f of decl.fact.fields) {
      const type = f.embedded ? this.types.at(decl.file, f.type) : undefined;
      const inner = type && unwrapped(type);
      const known = inner && !inner.decl ? knownGoMethod(inner, name) : undefined;
      if (known) return known;
    }
    return undefined;
  }

  #methodType(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const object = code.child(n, Role.Object);
    const name = code.name(n);
    const pkg = this.goPackage(fn, object);
    if (pkg !== undefined) {
      const home = this.program.packageAt(pkg);
      if (!home) {
        const first = code.child(n, Role.Arg);
        return knownGoFunction(pkg, name, fn.file, () => this.typeOf(fn, first));
      }
      const made = home.methodsOf('', name)[0];
      if (made) return this.#resultOf(made);
      const decl = home.typesNamed(name)[0];
      return decl && this.types.named(fn.file, `${code.name(object)}.${name}`);
    }
    const on = this.typeOf(fn, object);
    const inner = on && unwrapped(on);
    if (inner?.decl) {
      const made = this.methodsOfDecl(inner.decl, name)[0];
      if (made) return instantiate(this.#resultOf(made), made, inner);
      const promoted = this.#promotedResult(inner.decl, name);
      if (promoted) return promoted;
      const held = fn.file.facts.language === 'go' ? this.field(inner.decl, name) : undefined;
      const given = held && this.#givenBy(this.types.at(held.decl.file, held.type));
      if (given) return given;
    } else if (inner && fn.file.facts.language === 'go') {
      const known = knownGoMethod(inner, name);
      if (known) return known;
    }
    // A builder's methods give the builder back until it builds.
    if (inner && !inner.decl && lastSegment(inner.name) === 'Builder' && !/^(build|finish|spawn)/.test(name))
      return on;
    if (on && container(this.types, on)) {
      if (
        /^(iter|iter_mut|into_iter|clone|lock|read|write|unwrap|expect|borrow|borrow_mut|as_ref|as_mut|entry|drain)$/.test(
          name,
        )
      )
        return on;
      if (elementMethods.has(name)) return this.elementType(on);
    }
    if (
      on &&
      (transparentMethods.has(name) ||
        /^(clone|to_owned|cloned|entry|or_insert|or_insert_with|or_default)$/.test(name))
    )
      return on;
    return undefined;
  }

  /** What a container keeps: the value of a map, the element of a list or channel. */
  elementType(type: TypeRef | undefined): TypeRef | undefined {
    const c = container(this.types, type);
    if (c) return c.value ?? c.key;
    if (!type) return undefined;
    const inner = unwrapped(type);
    if (inner.name === 'array' || inner.name === 'slice' || inner.name === 'chan') return inner.args[0];
    return /^(Receiver|UnboundedReceiver|Iter|IntoIter)$/.test(lastSegment(inner.name))
      ? inner.args[0]
      : undefined;
  }
}

/** Rust: how the pattern around a name is written, and the name or number of the part that it takes. */
function partTaken(
  { code, file }: Fn,
  b: Binding,
): { readonly path: string; readonly part: string } | undefined {
  if (b.source !== 'part' || file.facts.language !== 'rust') return undefined;
  const up = code.parent(b.node);
  const named = up >= 0 && code.kind(up) === Kind.FieldPattern;
  const pattern = named ? code.parent(up) : up;
  if (pattern < 0 || code.kind(pattern) !== Kind.Destructure) return undefined;
  return { path: code.name(pattern), part: named ? code.name(up) : String(b.index) };
}

function makeValues(program: Program): Values {
  return new Values(program);
}

/**
 * For a Go type outside the workspace the methods a type must have to stand behind it; for one that is no interface a
 * method that no type has.
 */
function foreignGoMethods(type: TypeRef): readonly string[] | undefined {
  if (type.file.facts.language !== 'go') return undefined;
  const { name } = unwrapped(type);
  if (Object.hasOwn(goInterfaces, name)) return (goInterfaces[name] as string).split(' ');
  return name.includes('.') || (goPredeclared.has(name) && name !== 'any') ? [''] : undefined;
}

/** Go: the method call on an object does not have the arguments that the method takes. */
function takesOthers(method: Fn, fn: Fn, object: NodeId): boolean {
  const { params } = method.fact;
  const given = fn.code.all(fn.code.parent(object), Role.Arg);
  const last = params.at(-1);
  if (given.length === params.length || (last !== undefined && method.code.is(last, Kind.Param, 'variadic')))
    return false;
  // `s.store(split(line))` passes each result.
  const [only, ...others] = given.map((arg) => fn.code.kind(arg));
  return others.length > 0 || (only !== Kind.Call && only !== Kind.MethodCall);
}

/** Go: two methods take and give as many values: `Run() error` does not stand behind `Run(ctx context.Context)`. */
function haveOneShape(a: Fn, b: Fn): boolean {
  return a.fact.params.length === b.fact.params.length && resultsOf(a) === resultsOf(b);
}

function resultsOf({ code, fact: { result } }: Fn): number {
  if (result < 0) return 0;
  return code.is(result, Kind.Type, 'tuple') ? code.children(result).length : 1;
}

/** `T` in the result of a method of `Pool[T]`, called on a `Pool[*bytes.Buffer]`. */
function instantiate(result: TypeRef | undefined, method: Fn, on: TypeRef): TypeRef | undefined {
  if (!result || on.args.length === 0) return result;
  const parameters = method.fact.generics.map((g) => g.name);
  const replace = (t: TypeRef): TypeRef => {
    const at = t.decl ? -1 : parameters.indexOf(t.name);
    if (at >= 0) return on.args[at] ?? t;
    return t.args.length > 0 ? { ...t, args: t.args.map(replace) } : t;
  };
  return replace(result);
}

/** Both ends of a new channel. */
function channelEnds(file: SourceFile): TypeRef {
  const end = (name: string): TypeRef => ({ name, args: [], decl: undefined, file, node: -1 });
  return { name: 'tuple', args: [end('Sender'), end('Receiver')], decl: undefined, file, node: -1 };
}

function firstResult(type: TypeRef | undefined): TypeRef | undefined {
  return type?.name === 'tuple' ? type.args[0] : type;
}

/** The type of a part of a tuple, which an `Option` or a `Result` may hold: `let Some((head, rest)) = split(bytes)`. */
function partOf(from: TypeRef, index: number): TypeRef | undefined {
  const tuple = from.name === 'Option' || from.name === 'Result' ? from.args[0] : from;
  return tuple?.name === 'tuple' ? tuple.args[index] : undefined;
}
