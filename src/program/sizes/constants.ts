import type { Place } from '../../core/span.ts';
import {
  configuredTypeNames,
  environmentNames,
  environmentReads,
  flagValues,
  goNumbers,
  rustNumbers,
  sameNumber,
  sizeConstructors,
  sizeTypes,
} from '../../knowledge/numbers.ts';
import type { FieldFact } from '../../syntax/facts.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Questions } from '../answers.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import { type Write, Writes } from '../places/writes.ts';
import type { Fn, Global, Program, SourceFile, TypeDecl } from '../program.ts';
import { declaredDefault, type FieldDefault } from '../types/field-defaults.ts';
import { FilledTypes } from '../types/filled-types.ts';
import { goPredeclared, withoutMajor } from '../types/go-types.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { Amount } from './amount.ts';
import { atMost, calculate, choose, configured, known, measured, unknown } from './amount.ts';
import { isKnown, Layouts } from './layouts.ts';
import { evaluateText, parseSize } from './number-text.ts';

/** Gives the text of an environment variable of the container that runs the program, or undefined. */
export type Environment = (name: string) => string | undefined;

/** Where an expression stands, and what the parameters of its function were given. */
interface Context {
  readonly file: SourceFile;
  readonly fn: Fn | undefined;
  /** The call that is looked into. */
  readonly call?: { readonly context: Context; readonly args: readonly NodeId[] };
  /** Which constant of a Go group this is. */
  readonly iota?: number;
}

const MAX_DEPTH = 24;
/** Names, parameters and calls on the way from an expression to its number; nobody hands a number on through more. */
const MAX_STEPS = 8;
/**
 * Steps that a question may take in all: where each of several functions may be called, and each returns what several others
 * may give, there are as many ways as there are of them, to the power of steps.
 */
const MAX_WORK = 400;
/** Fields and globals that are written in terms of each other. */
const MAX_FIELDS = 12;
/** Callers that all have to pass the same number. */
const MAX_CALLERS = 16;

/**
 * What numbers are: constants across files and packages, simple arithmetic, `const fn`, and the defaults of what is
 * configured at run time, each with the place it is written at. One per program; with an environment, one per
 * container.
 */
export class Constants {
  readonly #program: Program;
  readonly #values: Values;
  readonly #environment: Environment | undefined;
  readonly #questions = new Questions(MAX_FIELDS);
  readonly #globals = new Map<Global, Amount | number | undefined>();
  readonly #fields = new Map<string, Amount | number | undefined>();
  /** What is being looked at: an answer in terms of itself is none. */
  #open = new Set<string>();
  #depth = 0;
  #work = 0;

  constructor(program: Program, environment?: Environment) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#environment = environment;
  }

  /** The numbers of a program whose environment is not known. */
  static of(program: Program): Constants {
    return program.derive(makeConstants);
  }

  /** The number an expression of a function stands for. */
  in(fn: Fn, n: NodeId): Amount {
    return this.#asked(() => this.#number({ file: fn.file, fn }, n));
  }

  /** The number an expression outside functions stands for: an array's length, a constant's value. */
  inFile(file: SourceFile, n: NodeId): Amount {
    return this.#asked(() => this.#number({ file, fn: undefined }, n));
  }

  /** A question of its own, whatever has been asked on the way to it. */
  #asked<T>(make: () => T): T {
    const work = this.#work;
    this.#work = 0;
    const answer = make();
    this.#work = work;
    return answer;
  }

  /** The number a constant or variable stands for. */
  ofGlobal(global: Global): Amount {
    const at = () => global.file.place(global.fact.nameSpan);
    return this.#kept(this.#globals, global, at, () => this.#global(global));
  }

  /** The number a field of a type has: its only value, or the default of what can be configured. */
  ofField(decl: TypeDecl, name: string): Amount {
    const at = () => decl.file.place(decl.fact.nameSpan);
    return this.#kept(this.#fields, `${decl.id}.${name}`, at, () => this.#field(decl, name));
  }

  /** Found as if nothing else had been asked, so that the way that led here does not decide, and then kept. */
  #kept<K>(store: Map<K, Amount | number | undefined>, key: K, at: () => Place, make: () => Amount): Amount {
    const done = store.get(key);
    if (typeof done === 'object') return done;
    const [open, depth] = [this.#open, this.#depth];
    this.#open = new Set();
    this.#depth = 0;
    const amount = this.#asked(() => this.#questions.ask(store, key, make, undefined));
    this.#open = open;
    this.#depth = depth;
    return amount ?? unknown('it is written in terms of itself', at());
  }

  /** One step on the way to a number. */
  #once(key: string, at: Place, make: () => Amount): Amount {
    if (this.#open.has(key)) return unknown('it is written in terms of itself', at);
    if (this.#open.size >= MAX_STEPS || ++this.#work > MAX_WORK) return unknown('it comes from far away', at);
    this.#open.add(key);
    const amount = make();
    this.#open.delete(key);
    return amount;
  }

  // --- expressions

  #number(c: Context, n: NodeId): Amount {
    const at = placeOf(c, n);
    if (n < 0 || this.#depth > MAX_DEPTH) return unknown('it is not understood', at);
    this.#depth++;
    const amount = this.#expression(c, n, at);
    this.#depth--;
    return amount;
  }

  #expression(c: Context, n: NodeId, at: Place): Amount {
    const { code } = c.file;
    const child = (role: Role) => this.#number(c, code.child(n, role));
    switch (code.kind(n)) {
      case Kind.Number:
      case Kind.String: {
        const value = parseSize(code.name(n));
        return value === undefined ? unknown('it is no whole number', at) : known(value, at);
      }
      case Kind.Literal:
        return code.name(n) === 'iota' && c.iota !== undefined
          ? known(BigInt(c.iota), at)
          : unknown('it is no number', at);
      case Kind.Try:
      case Kind.Cast:
      case Kind.Await:
        return child(Role.Object);
      case Kind.Unary:
        if (code.name(n) === '-') return calculate('-', known(0n, at), child(Role.Object), at);
        return /^[*&+]/.test(code.name(n)) ? child(Role.Object) : unknown('it is not understood', at);
      case Kind.Binary:
        return calculate(code.name(n), child(Role.Left), child(Role.Right), at);
      case Kind.Name:
        return this.#name(c, n, at);
      case Kind.Path:
        return this.#path(c, code.name(n), at);
      case Kind.Field:
        return this.#fieldOf(c, n, at);
      case Kind.Call:
        return this.#call(c, n, at);
      case Kind.MethodCall:
        return this.#method(c, n, at);
      case Kind.Macro:
        return /(^|::)(option_)?env$/.test(code.name(n))
          ? this.#variable(this.#text(c, code.child(n, Role.Arg)), at)
          : unknown('a macro makes it', at);
      case Kind.Closure:
        return child(Role.Body);
      case Kind.Block:
        return this.#number(c, code.children(n).at(-1) ?? -1);
      case Kind.If:
        return choose([child(Role.Then), child(Role.Else)], at);
      case Kind.Match:
        return choose(
          code
            .all(n, Role.Arm)
            .map((a) => code.child(a, Role.Body))
            .filter((b) => b >= 0 && !leaves(c, b))
            .map((b) => this.#number(c, b)),
          at,
        );
      default:
        return unknown('it is not understood', at);
    }
  }

  #name(c: Context, n: NodeId, at: Place): Amount {
    const { code } = c.file;
    const name = code.name(n);
    const b = c.fn && this.#values.scope(c.fn).lookup(name, code.start(n));
    if (!b || !c.fn) {
      if (c.file.facts.language === 'rust') return this.#path(c, name, at);
      const g = c.file.package.globalsNamed(name).find((x) => x.fact.parent < 0);
      return g ? this.ofGlobal(g) : unknown(`\`${name}\` is not known`, at);
    }
    if (b.source === 'parameter') return this.#parameter(c, c.fn, b, at);
    // Go's `var n int` gets its value later.
    const declared = b.source === 'unknown' && code.kind(code.parent(b.node)) === Kind.Let;
    if (b.source !== 'value' && !declared) return unknown(`\`${name}\` is not known before run time`, at);
    return this.#once(`${c.fn.id}:${b.node}`, at, () => this.#local(c, c.fn as Fn, b, at));
  }

  /** One of several numbers; nobody is asked further once one of them tells nothing. */
  #oneOf<T>(items: readonly T[], at: Place, amountOf: (item: T) => Amount): Amount {
    const amounts: Amount[] = [];
    for (const item of items) {
      const amount = amountOf(item);
      amounts.push(amount);
      // What a container's environment gives counts beside anything else.
      const decides = amount.value === undefined && amount.settings.length === 0 && !this.#environment;
      if (decides) return amount;
    }
    return choose(amounts, at);
  }

  /** A local name: its first value and all that is assigned to it. */
  #local(c: Context, fn: Fn, b: Binding, at: Place): Amount {
    const { code } = fn;
    const values: Amount[] = b.value >= 0 ? [this.#number(c, b.value)] : [];
    const { first: body, after } = fn;
    const scope = this.#values.scope(fn);
    const isIt = (n: NodeId) => code.is(n, Kind.Name, b.name) && scope.lookup(b.name, code.start(n)) === b;
    for (let n = body; n < after; n++) {
      if (code.kind(n) === Kind.Assign) {
        const i = code.all(n, Role.Target).findIndex(isIt);
        if (i < 0) continue;
        if (code.name(n) !== '=') return unknown(`\`${b.name}\` is counted`, at);
        const assigned = code.all(n, Role.Value);
        const value = assigned.length > 1 ? assigned[i] : i === 0 ? assigned[0] : undefined;
        values.push(value === undefined ? unknown(`\`${b.name}\` is computed`, at) : this.#number(c, value));
      } else if (code.kind(n) === Kind.Unary && /^&/.test(code.name(n)) && isIt(code.child(n, Role.Object))) {
        const call = code.parent(n);
        if (code.kind(call) === Kind.MethodCall && /Var(P|F)?$/.test(code.name(call)))
          values.push(this.#flag(c, call, 1, at));
        else if (code.name(n) === '&mut' || fn.package.language === 'go')
          return unknown(`\`${b.name}\` may be changed`, at);
      }
    }
    return choose(values, at);
  }

  /** A parameter: what the call that is looked into gives, or what all callers give. */
  #parameter(c: Context, fn: Fn, b: Binding, at: Place): Amount {
    if (c.call) {
      const arg = c.call.args[b.index];
      return arg === undefined
        ? unknown(`\`${b.name}\` is not given`, at)
        : this.#number(c.call.context, arg);
    }
    const sites = Calls.of(this.#program).sitesOf(fn);
    if (sites.length === 0 || sites.length > MAX_CALLERS || sites.some((s) => s.kind !== 'call'))
      return unknown(`\`${b.name}\` is a parameter of \`${fn.label}\``, at);
    return this.#once(`${fn.id}:${b.node}`, at, () =>
      this.#oneOf(sites, at, (s) => {
        const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
        return arg === undefined ? unknown('a caller is not understood', at) : this.in(s.fn, arg);
      }),
    );
  }

  /** A Rust path or name that is not local. */
  #path(c: Context, written: string, at: Place): Amount {
    const two = written.split('::').slice(-2).join('::');
    const full = c.file.fullPath(written);
    const number = own(rustNumbers, two) ?? own(rustNumbers, full.split('::').slice(-2).join('::'));
    if (number !== undefined) return known(number, at);
    const g = this.#rustGlobal(c, written);
    return g ? this.ofGlobal(g) : unknown(`\`${written}\` is not known`, at);
  }

  #rustGlobal(c: Context, written: string): Global | undefined {
    const segments = written.split('::');
    const name = segments.at(-1) as string;
    const qualifier = segments.at(-2);
    const own = c.file.package.globalsNamed(name);
    if (qualifier === undefined) {
      const here = own.filter((g) => g.fact.owner === '');
      const nearby = here.find((g) => g.file === c.file);
      if (nearby) return nearby;
      const imported = c.file.importPath(name);
      if (imported !== undefined && imported !== name) return this.#rustGlobal(c, imported);
      return here.length === 1 ? here[0] : undefined;
    }
    if (qualifier === 'Self')
      return own.find((g) => g.fact.owner !== '' && g.fact.owner === c.fn?.fact.owner);
    const root = (c.file.importPath(segments[0] as string) ?? written).split('::')[0] as string;
    const inner = /^(crate|self|super)$/.test(root);
    const home = inner ? c.file.package : (this.#program.packageAt(root) ?? c.file.package);
    const all = home.globalsNamed(name);
    const owned = all.find((g) => g.fact.owner === qualifier);
    if (owned) return owned;
    const free = all.filter((g) => g.fact.owner === '');
    const named = free.filter(
      (g) => g.file.facts.file.split(/[/.]/).includes(qualifier) || g.fact.module.includes(qualifier),
    );
    if (named.length === 1) return named[0];
    // `pub use limits::*`: the name stands in another module than the path says.
    return free.length === 1 && (inner || home !== c.file.package) ? free[0] : undefined;
  }

  #global(g: Global): Amount {
    const { file, fact } = g;
    const at = file.place(fact.nameSpan);
    const language = file.facts.language;
    const context: Context = { file, fn: fact.parent >= 0 ? file.functions[fact.parent] : undefined };
    if (fact.kind === 'const') {
      if (fact.value >= 0 && !this.#mentionsIota(file, fact.value))
        return placed(this.#number(context, fact.value), at);
      return language === 'go' ? placed(this.#ofGroup(g), at) : unknown('a constant without a value', at);
    }
    const first = fact.value >= 0 ? [this.#number(context, fact.value)] : [];
    const writes = Writes.of(this.#program).toGlobal(g);
    return choose([...first, ...writes.map((w) => this.#written(w))], at);
  }

  #mentionsIota(file: SourceFile, value: NodeId): boolean {
    for (let n = value; n < file.code.after(value); n++)
      if (file.code.is(n, Kind.Literal, 'iota')) return true;
    return false;
  }

  /** A constant of a Go group: it repeats the last expression above it, and `iota` counts the lines. */
  #ofGroup(g: Global): Amount {
    const { file } = g;
    const text = this.#program.text(file.facts.file);
    const at = file.place(g.fact.nameSpan);
    let line = 0;
    let value = g.fact.value;
    let index = file.globals.indexOf(g);
    let start = g.fact.span.start;
    for (index--; index >= 0; index--) {
      const above = (file.globals[index] as Global).fact;
      if (above.span.start === start) continue;
      const between = text.slice(above.span.end, start).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      const skipped = between.split('\n').filter((l) => l.trim() !== '');
      if (above.kind !== 'const' || skipped.some((l) => !/^\s*_\b/.test(l))) break;
      line += 1 + skipped.length;
      if (value < 0) value = above.value;
      start = above.span.start;
    }
    // Lines that begin the group with a blank name are no globals.
    const head = text.slice(0, start).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const blanks = /const\s*\(((?:\s*_\b[^\n]*\n)+)\s*$/.exec(head)?.[1];
    if (blanks)
      line += blanks
        .trim()
        .split('\n')
        .filter((l) => l.trim() !== '').length;
    return value < 0
      ? unknown(`\`${g.fact.name}\` is not understood`, at)
      : this.#number({ file, fn: undefined, iota: line }, value);
  }

  // --- fields

  #fieldOf(c: Context, n: NodeId, at: Place): Amount {
    const { code } = c.file;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const path = this.#goPackage(c, object);
    if (path !== undefined) {
      const number = own(goNumbers, `${withoutMajor(path)}.${name}`);
      if (number !== undefined) return known(number, at);
      const g = this.#program.packageAt(path)?.globalsNamed(name)[0];
      return g ? this.ofGlobal(g) : unknown(`\`${code.name(object)}.${name}\` is not in this workspace`, at);
    }
    if (!c.fn) return unknown('it is not understood', at);
    const type = this.#values.typeOf(c.fn, object);
    const decl = type && peel(type).type.decl;
    const field = decl && this.#values.field(decl, name);
    if (field) return this.ofField(field.decl, name);
    // `ByteSize::mib(4).0`
    return name === '0' ? this.#number(c, object) : unknown(`\`${name}\` is not known`, at);
  }

  #field(decl: TypeDecl, name: string): Amount {
    const field = decl.fact.fields.find((f) => f.name === name);
    const at = decl.file.place(field?.nameSpan ?? decl.fact.nameSpan);
    const declared = field && this.#declared(decl, field);
    const writes = Writes.of(this.#program).toField(decl, name);
    const label = `${decl.fact.name}.${name}`;
    if (!declared || !field)
      return writes.length > 0
        ? this.#oneOf(writes, at, (w) => this.#written(w))
        : unknown(`nothing in this workspace sets \`${label}\``, at);
    const values = writes.map((w) => this.#written(w));
    if (declared.text !== undefined) values.push(this.#ofText(decl.file, declared.text, at));
    if (declared.function !== undefined) values.push(this.#result(decl.file, declared.function, at));
    return this.#configurable(declared.variable, label, values, field, decl, at);
  }

  /** How a field is configured: by its declaration, or by whoever is given the address of what it is part of. */
  #declared(decl: TypeDecl, field: FieldFact): FieldDefault | undefined {
    const declared = declaredDefault(decl, field, this.#program.text(decl.file.facts.file));
    if (declared || !configuredTypeNames.test(decl.fact.name)) return declared;
    return FilledTypes.of(this.#program).has(decl) ? {} : undefined;
  }

  /** A field that the environment, a flag or a file of configuration decides; what is known is its default. */
  #configurable(
    variable: string | undefined,
    label: string,
    values: readonly Amount[],
    field: FieldFact,
    decl: TypeDecl,
    at: Place,
  ): Amount {
    if (variable !== undefined) {
      const given = this.#variable(variable, at);
      return choose([given, ...values], at);
    }
    const stated = values.filter((v) => v.value !== undefined);
    const settings = stated.length > 0 ? choose(stated, at) : undefined;
    const own = configured(
      { kind: 'field', name: label, fallback: settings?.value, at: decl.file.place(field.nameSpan) },
      at,
    );
    return choose([own, ...stated], at);
  }

  #written(w: Write): Amount {
    const c: Context = { file: w.file, fn: w.fn };
    const { code } = w.file;
    const at = placeOf(c, w.node);
    if (code.kind(w.node) === Kind.MethodCall) return this.#flag(c, w.node, 1, at);
    if (code.kind(w.node) === Kind.Assign && code.name(w.node) !== '=') return unknown('it is counted', at);
    if (w.value < 0) return unknown('it is not understood', at);
    return w.index > 0 ? unknown('it is computed', at) : this.#number(c, w.value);
  }

  /** An expression in an attribute or tag. */
  #ofText(file: SourceFile, text: string, at: Place): Amount {
    const value = evaluateText(text, (name) => this.#path({ file, fn: undefined }, name, at).value);
    return value === undefined ? unknown(`\`${text}\` is not understood`, at) : known(value, at);
  }

  /** What a function without parameters gives, by its path: `#[serde(default = "default_items")]`. */
  #result(file: SourceFile, path: string, at: Place): Amount {
    const [name = '', owner = ''] = path.split('::').reverse();
    const pkg = file.package;
    const fn =
      pkg.methodsOf(owner, name)[0] ??
      pkg.methodsOf('', name).find((f) => f.file === file) ??
      pkg.methodsOf('', name)[0];
    return fn ? this.#body(fn, undefined, at) : unknown(`\`${path}\` is not known`, at);
  }

  // --- calls

  #call(c: Context, n: NodeId, at: Place): Amount {
    const { code } = c.file;
    const callee = code.child(n, Role.Callee);
    const written = callee < 0 ? '' : code.name(callee);
    const args = code.all(n, Role.Arg);
    const arg = (i: number) => this.#number(c, args[i] ?? -1);
    if (c.file.facts.language === 'go') {
      if (goPredeclared.has(written) && args.length === 1) return arg(0);
      if (written === 'len' && code.kind(args[0] ?? -1) === Kind.String)
        return known(BigInt(code.name(args[0] as NodeId).length), at);
      if (written === 'min')
        return atMost(
          args.map((_, i) => arg(i)),
          at,
        );
      if (written === 'max')
        return choose(
          args.map((_, i) => arg(i)),
          at,
        );
    } else {
      const full = c.file.fullPath(written);
      if (environmentReads.test(full)) return this.#variable(this.#text(c, args[0] ?? -1), at);
      const name = lastSegment(written);
      const owner = lastSegment(written.slice(0, Math.max(0, written.length - name.length - 2)));
      if (/(^|::)size_of$/.test(full)) return this.#sizeOf(c, code.child(n, Role.TypeArg), at);
      if (name === 'pow' && args.length === 2) return calculate('**', arg(0), arg(1), at);
      if (/^(std|core)::cmp::(min|max)$/.test(full))
        return name === 'min' ? atMost([arg(0), arg(1)], at) : choose([arg(0), arg(1)], at);
      const factor = sizeTypes.test(owner) ? own(sizeConstructors, name) : undefined;
      if (factor !== undefined && args.length === 1) return calculate('*', arg(0), known(factor, at), at);
      if (/^(LazyLock|Lazy|OnceLock|NonZero\w*)$/.test(owner) && /^(new|new_unchecked|from)$/.test(name))
        return arg(0);
      if (
        /^([ui](8|16|32|64|128|size)|NonZero\w*|ByteSize|Byte)$/.test(owner) &&
        /^(from|try_from|from_str|from_u64|new)$/.test(name)
      )
        return arg(0);
      if (/^(Some|Ok|Box|Arc)$/.test(name) && args.length === 1) return arg(0);
      if (sizeTypes.test(written) && args.length === 1) return arg(0);
    }
    const targets = callee < 0 || !c.fn ? this.#byName(c, written) : this.#values.callees(c.fn, n);
    if (targets.length > 0) return this.#called(c, targets, args, at);
    const decl = this.#values.types.declaration(c.file, written);
    if (decl && args.length === 1) return arg(0); // `ByteSize(5)`, Go's `Size(5)`
    return this.#helper(c, written, args, at);
  }

  #method(c: Context, n: NodeId, at: Place): Amount {
    const { code } = c.file;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const args = code.all(n, Role.Arg);
    const arg = (i: number) => this.#number(c, args[i] ?? -1);
    const path = this.#goPackage(c, object);
    if (path !== undefined) {
      if (environmentReads.test(`${path}.${name}`)) return this.#variable(this.#text(c, args[0] ?? -1), at);
      if (path === 'unsafe' && name === 'Sizeof' && c.fn) {
        const type = this.#values.typeOf(c.fn, args[0] ?? -1);
        const size = type && Layouts.of(this.#program).sizeOf(type);
        return size && isKnown(size) && size.low === size.high
          ? known(BigInt(size.low), at)
          : unknown('its type is not known', at);
      }
      const home = this.#program.packageAt(path);
      if (home) {
        const made = home.methodsOf('', name);
        if (made.length > 0) return this.#called(c, made, args, at);
        return home.typesNamed(name).length > 0 && args.length === 1
          ? arg(0)
          : unknown('it is not understood', at);
      }
      if (flagValues.test(name) && args.length >= 2) return this.#flag(c, n, 0, at);
      if (sameNumber.test(name)) return arg(0);
      return this.#helper(c, name, args, at);
    }
    if (/^(unwrap_or|map_or)$/.test(name)) return this.#withDefault(c, object, arg(0), at);
    if (/^(unwrap_or_else|map_or_else)$/.test(name)) return this.#withDefault(c, object, arg(0), at);
    if (name === 'unwrap_or_default') return this.#withDefault(c, object, known(0n, at), at);
    if (c.fn) {
      const own = this.#values.callees(c.fn, n);
      if (own.length > 0 && own.length < 4) return this.#called(c, own, args, at);
    }
    if (flagValues.test(name)) {
      const chained = this.#builtFlag(c, n, at);
      if (chained) return chained;
      if (args.length >= 3 && code.kind(args[0] as NodeId) === Kind.String) return this.#flag(c, n, 0, at);
    }
    switch (name) {
      case 'pow':
        return calculate('**', this.#number(c, object), arg(0), at);
      case 'min':
        return args.length === 1
          ? atMost([this.#number(c, object), arg(0)], at)
          : unknown('it is computed', at);
      case 'clamp':
        return atMost([this.#number(c, object), arg(1)], at);
      case 'max':
        return args.length === 1
          ? choose([this.#number(c, object), arg(0)], at)
          : unknown('it is computed', at);
      case 'next_power_of_two':
        return measured(this.#number(c, object), nextPowerOfTwo);
      // `.and_then(|s| s.parse().ok())`, `.map(|v| v as usize)`: nothing but reading it.
      case 'and_then':
      case 'map':
        return args[0] !== undefined && !this.#computes(c, args[0])
          ? this.#number(c, object)
          : unknown('it is computed', at);
    }
    const arithmetic = /^(?:saturating|wrapping|checked)_(mul|add|sub|pow|div)$/.exec(name)?.[1];
    if (arithmetic !== undefined) {
      const operator = { mul: '*', add: '+', sub: '-', pow: '**', div: '/' }[arithmetic] as string;
      return calculate(operator, this.#number(c, object), arg(0), at);
    }
    return sameNumber.test(name) ? this.#number(c, object) : unknown(`\`${name}\` computes it`, at);
  }

  /** `x.unwrap_or(d)`: the default of what is configured; of anything else it is only one of its values. */
  #withDefault(c: Context, object: NodeId, fallback: Amount, at: Place): Amount {
    const given = this.#number(c, object);
    if (given.value === undefined && given.settings.length === 0) {
      const field = this.#fieldBehind(c, object);
      if (field === undefined) return unknown('its default is only one of its values', at);
      const setting = { kind: 'field', name: field, fallback: fallback.value, at } as const;
      return choose([configured(setting, at), fallback], at);
    }
    return choose([given, fallback], at);
  }

  /** The field of a struct that a chain of calls begins with: `self.config.items.map(…)`. */
  #fieldBehind(c: Context, n: NodeId): string | undefined {
    const { code } = c.file;
    let at = n;
    while (at >= 0 && (code.kind(at) === Kind.MethodCall || code.kind(at) === Kind.Try))
      at = code.child(at, Role.Object);
    if (at < 0 || code.kind(at) !== Kind.Field || !c.fn) return undefined;
    const decl = this.#values.declOf(c.fn, code.child(at, Role.Object));
    return decl && `${decl.fact.name}.${code.name(at)}`;
  }

  /** True for a closure that does more than read its parameter as a number. */
  #computes(c: Context, closure: NodeId): boolean {
    const { code } = c.file;
    for (let n = closure; n < code.after(closure); n++) {
      const kind = code.kind(n);
      if (kind === Kind.Binary || kind === Kind.If || kind === Kind.Match || kind === Kind.Macro) return true;
      if (kind === Kind.MethodCall && !sameNumber.test(code.name(n))) return true;
    }
    return false;
  }

  /** What functions of the workspace give back for these arguments. */
  #called(c: Context, targets: readonly Fn[], args: readonly NodeId[], at: Place): Amount {
    if (targets.length > 3) return unknown('several functions may give it', at);
    return choose(
      targets.map((t) => this.#body(t, { context: c, args }, at)),
      at,
    );
  }

  #body(fn: Fn, call: Context['call'], at: Place): Amount {
    if (fn.fact.body < 0) return unknown(`\`${fn.label}\` is not known`, at);
    return this.#once(`${fn.id}()${call ? `${call.context.fn?.id}:${call.args[0]}` : ''}`, at, () =>
      choose(
        returnsOf(fn, 0)
          .filter((r) => !leaves({ file: fn.file, fn }, r))
          .map((r) => this.#number({ file: fn.file, fn, ...(call ? { call } : {}) }, r)),
        at,
      ),
    );
  }

  #byName(c: Context, written: string): readonly Fn[] {
    return c.file.package.methodsOf('', lastSegment(written));
  }

  /** `getEnvInt("CACHE_ITEMS", 1000)` of a package that is not here: its name and its arguments say what it does. */
  #helper(c: Context, name: string, args: readonly NodeId[], at: Place): Amount {
    const [key, fallback] = args;
    if (!environmentNames.test(name) || key === undefined || fallback === undefined)
      return unknown(`\`${name}\` is not in this workspace`, at);
    const variable = this.#text(c, key);
    return variable === undefined
      ? unknown(`\`${name}\` is not in this workspace`, at)
      : choose([this.#variable(variable, at), this.#number(c, fallback)], at);
  }

  /** `flag.Int("items", 1000, "…")`; `first` arguments stand before the name. */
  #flag(c: Context, call: NodeId, first: number, at: Place): Amount {
    const { code } = c.file;
    const args = code.all(call, Role.Arg);
    const short = /P$/.test(code.name(call)) ? 1 : 0;
    const name = this.#text(c, args[first] ?? -1);
    const fallback = this.#number(c, args[first + 1 + short] ?? -1);
    if (name === undefined) return unknown('a flag gives it', at);
    return choose([configured({ kind: 'flag', name, fallback: fallback.value, at }, at), fallback], at);
  }

  /** kingpin's `app.Flag("items", "…").Envar("ITEMS").Default("1000").Int()`. */
  #builtFlag(c: Context, call: NodeId, at: Place): Amount | undefined {
    const { code } = c.file;
    let flag: string | undefined;
    let variable: string | undefined;
    let fallback: Amount | undefined;
    for (
      let n = code.child(call, Role.Object);
      n >= 0 && code.kind(n) === Kind.MethodCall;
      n = code.child(n, Role.Object)
    ) {
      const arg = code.child(n, Role.Arg);
      if (code.name(n) === 'Flag') flag = this.#text(c, arg);
      else if (code.name(n) === 'Default') fallback = this.#number(c, arg);
      else if (/^Env(ar)?$/.test(code.name(n))) variable = this.#text(c, arg);
    }
    if (flag === undefined) return undefined;
    const given =
      variable === undefined
        ? configured({ kind: 'flag', name: flag, fallback: fallback?.value, at }, at)
        : this.#variable(variable, at);
    return choose(fallback ? [given, fallback] : [given], at);
  }

  /** What an environment variable says. */
  #variable(name: string | undefined, at: Place): Amount {
    if (name === undefined) return unknown('an environment variable gives it', at);
    const text = this.#environment?.(name);
    const value = text === undefined ? undefined : parseSize(text);
    const setting = { kind: 'env', name, fallback: undefined, at } as const;
    return value === undefined
      ? configured(setting, at)
      : { ...known(value, at), settings: [setting], given: true };
  }

  #sizeOf(c: Context, type: NodeId, at: Place): Amount {
    const ref = this.#values.types.at(c.file, type);
    const size = ref && Layouts.of(this.#program).sizeOf(ref);
    if (!size || !isKnown(size)) return unknown(size ? size.why : 'its type is not known', at);
    return { ...known(BigInt(size.high), at), exact: size.low === size.high };
  }

  /** The text of a literal, of a constant, or of what a parameter was given. */
  #text(c: Context, n: NodeId): string | undefined {
    if (n < 0) return undefined;
    const { code } = c.file;
    const kind = code.kind(n);
    if (kind === Kind.String) return code.name(n);
    if (kind === Kind.Unary) return this.#text(c, code.child(n, Role.Object));
    if (kind !== Kind.Name && kind !== Kind.Path && kind !== Kind.Field) return undefined;
    const b =
      kind === Kind.Name && c.fn ? this.#values.scope(c.fn).lookup(code.name(n), code.start(n)) : undefined;
    if (b) {
      if (b.source !== 'parameter') return b.source === 'value' ? this.#text(c, b.value) : undefined;
      const arg = c.call?.args[b.index];
      return c.call && arg !== undefined ? this.#text(c.call.context, arg) : undefined;
    }
    const g = this.#globalAt(c, n);
    return g && g.fact.value >= 0 ? this.#text({ file: g.file, fn: undefined }, g.fact.value) : undefined;
  }

  #globalAt(c: Context, n: NodeId): Global | undefined {
    const { code } = c.file;
    if (c.file.facts.language === 'rust') return this.#rustGlobal(c, code.name(n));
    if (code.kind(n) === Kind.Name) return c.file.package.globalMeant(c.file, code.name(n));
    const path = this.#goPackage(c, code.child(n, Role.Object));
    return path === undefined ? undefined : this.#program.packageAt(path)?.globalsNamed(code.name(n))[0];
  }

  #goPackage(c: Context, n: NodeId): string | undefined {
    if (c.fn) return this.#values.goPackage(c.fn, n);
    const { code } = c.file;
    return c.file.facts.language === 'go' && n >= 0 && code.kind(n) === Kind.Name
      ? c.file.importPath(code.name(n))
      : undefined;
  }
}

function makeConstants(program: Program): Constants {
  return new Constants(program);
}

function placeOf(c: Context, n: NodeId): Place {
  return c.file.place(n < 0 ? { start: 0, end: 0 } : c.file.code.span(n));
}

/** A constant's own place tells more than that of the literal in it. */
function placed(amount: Amount, at: Place): Amount {
  return amount.settings.length > 0 ? amount : { ...amount, at };
}

/** The expression gives no number: it panics, returns or is an error. */
function leaves(c: Context, n: NodeId): boolean {
  const { code } = c.file;
  const kind = code.kind(n);
  if (kind === Kind.Return || kind === Kind.Break || kind === Kind.Continue) return true;
  if (kind === Kind.Literal) return code.name(n) === 'nil';
  if (kind === Kind.Macro) return /(^|::)(panic|bail|unreachable|todo|unimplemented)$/.test(code.name(n));
  if (kind === Kind.Call) return callName(code, n) === 'Err';
  return kind === Kind.Name && code.name(n) === 'None';
}

function nextPowerOfTwo(n: bigint): bigint {
  let p = 1n;
  while (p < n) p <<= 1n;
  return p;
}

function own(table: Readonly<Record<string, bigint>>, key: string): bigint | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
