/** Where a program listens as long as nobody tells it otherwise. */

import type { LocalDefault } from '../../core/finding.ts';
import {
  anyAddress,
  goAnyAddress,
  localAccepts,
  localListeners,
  loopbackUrl,
  serverBinds,
  serverCalls,
} from '../../knowledge/handlers.ts';
import { environmentNames, flagVariables, rustVariables } from '../../knowledge/numbers.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf } from '../calls/exits.ts';
import { assignmentsTo } from '../places/assignments.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Global, Package, Program, SourceFile, TypeDecl } from '../program.ts';
import { declaredDefault } from '../types/field-defaults.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { awaitedBefore } from './spawn-rounds.ts';

/** So many expressions are read to find out how one listener is made. */
const MAX_READ = 120;

/**
 * Rust: each round of a loop takes, before it comes to a node, a connection from a listener that nobody reaches from outside:
 * all addresses that are seen to lead there are those of the machine itself, and nothing sets another.
 */
export function isLocal(fn: Fn, loop: NodeId, node: NodeId): boolean {
  const listener = fn.package.language === 'rust' ? acceptedFrom(fn, loop, node, localAccepts) : -1;
  if (listener < 0) return false;
  const by = localDefault(fn, listener);
  return wrapsLocal(fn, listener) || (by !== undefined && by.settings.length === 0);
}

/** The listener of which a loop takes a connection before it comes to a node, or -1. */
export function acceptedFrom(fn: Fn, loop: NodeId, node: NodeId, accepts: RegExp): NodeId {
  const { code } = fn;
  if (loop < 0) return -1;
  const iter = code.child(loop, Role.Iter);
  const takes = (n: NodeId) => n >= 0 && code.is(n, Kind.MethodCall) && accepts.test(code.name(n));
  if (takes(iter)) return code.child(iter, Role.Object);
  for (const n of awaitedBefore(fn, loop, node)) if (takes(n)) return code.child(n, Role.Object);
  return -1;
}

/** A type of the program's own that listens at a file, or between a machine and its hypervisor, and at nothing else. */
function wrapsLocal(fn: Fn, listener: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const decl = values.declOf(fn, listener);
  const names = decl?.fact.fields.flatMap((f) => {
    const type = values.types.at(decl.file, f.type);
    return type ? [peel(type).type.name] : [];
  });
  return (
    names?.some((name) => localListeners.test(name)) === true &&
    names.every((name) => localListeners.test(name) || !/(Listener|Incoming|Socket|Endpoint)$/.test(name))
  );
}

/**
 * Rust: where a crate serves HTTP or gRPC by default, itself or by a crate of the workspace that it imports, when all that is
 * seen of it are addresses of the machine itself.
 */
export function servedByDefault(pkg: Package): LocalDefault | undefined {
  if (pkg.language !== 'rust') return undefined;
  const own = servedIn(pkg);
  if (own !== 'nowhere') return own;
  let found: LocalDefault | undefined;
  for (const other of pkg.program.packages) {
    const by = other !== pkg && imports(pkg, other) ? servedIn(other) : 'nowhere';
    if (by === 'nowhere') continue;
    if (!by) return undefined;
    found = both(found, by);
  }
  return found;
}

/** Rust: some file of a crate takes something from another crate of the workspace. */
function imports(pkg: Package, { language, project }: Package): boolean {
  const name = project?.name.replaceAll('-', '_') ?? '';
  if (language !== 'rust' || name === '') return false;
  return pkg.files.some((f) => f.facts.imports.some((i) => i.path.split('::', 1)[0] === name));
}

function both(a: LocalDefault | undefined, b: LocalDefault): LocalDefault {
  return {
    addresses: [...(a?.addresses ?? []), ...b.addresses],
    settings: [...(a?.settings ?? []), ...b.settings],
  };
}

/** The addresses of all that a crate serves at itself; undefined where one of them is another than the machine's own. */
function servedIn(pkg: Package): LocalDefault | 'nowhere' | undefined {
  let found: LocalDefault | 'nowhere' = 'nowhere';
  for (const fn of pkg.serviceFunctions) {
    const { code, first, after } = fn;
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
      const at = servedAt(fn, n);
      if (at < 0) continue;
      const addresses = new Addresses(fn, at);
      // `if let Some(address) = args.bind { serve(address) } else { serve_on(free_local_port()) }`
      if (addresses.areUnset) continue;
      const own = addresses.ownOnes;
      if (!own) return undefined;
      found = both(found === 'nowhere' ? undefined : found, own);
    }
  }
  return found;
}

/** The address or listener that a call serves at or makes a listener for, or -1. */
function servedAt({ code, file }: Fn, call: NodeId): NodeId {
  const [first = -1] = code.all(call, Role.Arg);
  if (first < 0) return -1;
  if (code.kind(call) === Kind.Call)
    return serverBinds.test(file.fullPath(code.name(code.child(call, Role.Callee)))) ? first : -1;
  if (!serverCalls.test(callName(code, call))) return -1;
  let object = code.child(call, Role.Object);
  while (code.is(object, Kind.MethodCall) || code.is(object, Kind.Try)) {
    // https://docs.rs/tonic/latest/tonic/transport/server/struct.Router.html
    if (/^add_(optional_)?(service|routes)$/.test(code.name(object))) return first;
    object = code.child(object, Role.Object);
  }
  const maker = code.is(object, Kind.Call) ? code.name(code.child(object, Role.Callee)) : '';
  return /(^|::)(HttpServer::new|warp::serve)$/.test(file.fullPath(maker)) ? first : -1;
}

/** The addresses that an address or listener is by default, where each that is seen is one of the machine itself. */
export function localDefault(fn: Fn, value: NodeId): LocalDefault | undefined {
  return new Addresses(fn, value).ownOnes;
}

/** An expression and where it stands; `given` where who calls the function is known, and was read for itself. */
interface Source {
  readonly file: SourceFile;
  readonly fn: Fn | undefined;
  readonly value: NodeId;
  readonly given: boolean;
  /** Go: it is taken where nobody sets another: an address that only stands where one serves is often an example. */
  readonly isDefault?: boolean;
}

/** The addresses that are written in what an expression is made of. */
class Addresses {
  #own = false;
  #other = false;
  #unset = false;
  #hasOther = false;
  readonly #addresses = new Set<string>();
  readonly #settings = new Set<string>();
  readonly #queue: Source[] = [];
  readonly #seen = new Set<string>();

  constructor(fn: Fn, value: NodeId) {
    this.#add({ file: fn.file, fn, value, given: false });
    for (const at of this.#queue) {
      if (this.#other || this.#queue.length > MAX_READ) return;
      this.#read(at);
    }
  }

  /** Some are seen, and none is another than one of the machine itself. */
  get areOwn(): boolean {
    return this.#own && !this.#other && this.#queue.length <= MAX_READ;
  }

  /** Rust: all that is seen is an option without a default, and where nobody sets it something else is done instead. */
  get areUnset(): boolean {
    return this.#unset && this.#hasOther && !this.#own && !this.#other;
  }

  /** What is known where all are addresses of the machine itself. */
  get ownOnes(): LocalDefault | undefined {
    return this.areOwn ? { addresses: [...this.#addresses], settings: [...this.#settings] } : undefined;
  }

  #add(at: Source): void {
    const key = `${at.file.number} ${at.value} ${at.given} ${at.isDefault === true}`;
    if (at.value < 0 || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#queue.push(at);
  }

  #text({ file, isDefault }: Pick<Source, 'file' | 'isDefault'>, text: string): void {
    if (loopbackUrl.test(text)) {
      if (file.facts.language === 'go' && !isDefault) return;
      this.#own = true;
      this.#addresses.add(text.replace(/^["`]|["`]$/g, ''));
    } else if (anyAddress.test(text) || (file.facts.language === 'go' && goAnyAddress.test(text)))
      this.#other = true;
  }

  #read(at: Source): void {
    const { code } = at.file;
    for (let n = at.value; n < code.after(at.value); n++) {
      const kind = code.kind(n);
      if (kind === Kind.String) {
        this.#text(at, code.name(n));
        if (at.file.facts.language === 'go' && isBarePort(code, n)) this.#other = true;
      } else if (kind === Kind.MethodCall && this.#set(at, n)) n = code.after(n) - 1;
      else if (kind === Kind.Sequence && code.is(code.children(n)[0] ?? -1, Kind.Number))
        this.#numbers(at, code.children(n));
      else if (kind === Kind.Call || kind === Kind.MethodCall) this.#call(at, n);
      else if (code.role(n) === Role.Callee) continue;
      else if (kind === Kind.Path) this.#global(at, code.name(n));
      else if (kind === Kind.Name) this.#name(at, n);
      else if (kind === Kind.Field) {
        this.#field(at, n);
        n = code.after(n) - 1;
      }
    }
  }

  /** `[127, 0, 0, 1]`, `Ipv4Addr::new(0, 0, 0, 0)` */
  #numbers({ file: { code } }: Source, parts: readonly NodeId[]): void {
    if (parts.length < 4 || !parts.every((p) => code.is(p, Kind.Number))) return;
    const address = parts.map((p) => code.name(p)).join('.');
    if (/^(127\.0\.0\.1|(0\.){7}1)$/.test(address)) this.#own = true;
    // Whatever else begins so stands for an address that nobody has.
    else if (!address.startsWith('127.')) this.#other = true;
  }

  #call(at: Source, call: NodeId): void {
    const { fn, file } = at;
    const { code } = file;
    const args = code.all(call, Role.Arg);
    this.#numbers(at, args);
    const [first = -1] = args;
    const callee = code.is(call, Kind.Call) ? file.fullPath(code.name(code.child(call, Role.Callee))) : '';
    if (rustVariables.test(callee) && code.is(first, Kind.String))
      this.#settings.add(code.name(first).replaceAll('"', ''));
    const targets = fn ? [...Values.of(fn.package.program).callees(fn, call), ...takenInstead(fn, call)] : [];
    for (const target of targets)
      if (!target.isTest && target.fact.body >= 0)
        for (const value of answersOf(target, 0))
          this.#add({ file: target.file, fn: target, value, given: true, isDefault: at.isDefault === true });
  }

  /** Go: what a flag, a setting or a variable of the environment is where nobody gives one. */
  #set(at: Source, call: NodeId): boolean {
    if (at.file.facts.language !== 'go') return false;
    const { code } = at.file;
    const found = goDefault(at, call);
    if (found) {
      if (found.setting !== '') this.#settings.add(found.setting);
      this.#add({ ...at, value: found.value, isDefault: true });
      return true;
    }
    const [key = -1, ...more] = code.all(call, Role.Arg);
    if (!/^(GetString|String)$/.test(code.name(call)) || more.length > 0 || !code.is(key, Kind.String))
      return false;
    const named = at.file.package.program.derive(namedDefaults).get(code.name(key)) ?? [];
    for (const source of named) this.#add(source);
    this.#settings.add(`--${code.name(key)}`);
    return named.length > 0;
  }

  #global({ file, isDefault = false }: Source, path: string): void {
    if (/(^|::)LOCALHOST$/.test(path)) this.#own = true;
    if (/(^|::)UNSPECIFIED$/.test(path)) this.#other = true;
    const g = file.package.globalMeant(file, path);
    if (g) this.#ofGlobal(g, isDefault);
  }

  #ofGlobal(g: Global, isDefault: boolean): void {
    this.#add({ file: g.file, fn: undefined, value: g.fact.value, given: false, isDefault });
    if (g.file.facts.language !== 'go') return;
    for (const w of Writes.of(g.file.package.program).toGlobal(g))
      this.#add({ file: w.file, fn: w.fn, value: w.value, given: false, isDefault: true });
  }

  #name(at: Source, n: NodeId): void {
    const { file, fn, given } = at;
    const { code } = file;
    const name = code.name(n);
    const b = fn && Values.of(file.package.program).scope(fn).lookup(name, code.start(n));
    if (!fn || !b) this.#global(at, name);
    else if (b.source !== 'parameter') {
      this.#hasOther ||= isOneOfTwo(code, b.node);
      if (b.value < n) this.#add({ ...at, value: b.value });
      // `if address == "" { address = "127.0.0.1:80" }`
      if (file.facts.language === 'go')
        for (const value of assignmentsTo(fn, b))
          this.#add({ ...at, value, isDefault: at.isDefault || b.value >= 0 });
      for (const value of flagsInto(fn, b)) this.#add({ ...at, value });
    } else if (!given)
      for (const s of Calls.of(file.package.program).sitesOf(fn))
        if (!s.fn.isTest && s.kind === 'call')
          this.#add({
            file: s.fn.file,
            fn: s.fn,
            value: s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1,
            given: false,
            isDefault: at.isDefault === true,
          });
  }

  #field(at: Source, n: NodeId): void {
    const { file, fn, given } = at;
    const { code } = file;
    const object = code.child(n, Role.Object);
    const { program } = file.package;
    const imported = fn && Values.of(program).goPackage(fn, object);
    if (imported !== undefined) {
      const g = program.packageAt(imported)?.globalsNamed(code.name(n))[0];
      if (g) this.#ofGlobal(g, at.isDefault === true);
      return;
    }
    const decl = fn && Values.of(program).declOf(fn, object);
    if (!decl) this.#add({ ...at, value: object });
    // What `self` of a function has that was called for its answer stands where it was called.
    else if (!given) this.#ofField(decl, code.name(n));
  }

  #ofField(decl: TypeDecl, name: string): void {
    const { program } = decl.file.package;
    const writes = Writes.of(program).toField(decl, name);
    const field = decl.fact.fields.find((f) => f.name === name);
    const type = field && Values.of(program).types.at(decl.file, field.type);
    if (type && /(^|::)Option$/.test(type.name) && writes.length === 0) this.#unset = true;
    for (const w of writes)
      this.#add({ file: w.file, fn: w.fn, value: w.value, given: false, isDefault: true });
    this.#declared(decl, name);
  }

  #declared(decl: TypeDecl, name: string): void {
    const { file } = decl;
    const field = decl.fact.fields.find((f) => f.name === name);
    const found = field && declaredDefault(decl, field, file.package.program.text(file.facts.file));
    if (found?.text !== undefined) {
      if (/(^|::)LOCALHOST\b|\b127, *0, *0, *1\b/.test(found.text)) this.#own = true;
      else if (/(^|::)UNSPECIFIED\b|\b0, *0, *0, *0\b/.test(found.text)) this.#other = true;
      else if (/^[\w:]+$/.test(found.text) && !loopbackUrl.test(found.text))
        this.#global({ file, fn: undefined, value: -1, given: false }, found.text);
      else for (const text of found.text.split('"')) this.#text({ file, isDefault: true }, text);
    }
    for (const name of [found?.variable, found?.flag]) if (name !== undefined) this.#settings.add(name);
    const [by] =
      found?.function === undefined ? [] : file.package.functionsNamed(found.function.replace(/^.*::/, ''));
    if (by) for (const value of answersOf(by, 0)) this.#add({ file: by.file, fn: by, value, given: true });
  }
}

/** Go: `":" + port` */
function isBarePort(code: Code, n: NodeId): boolean {
  return /^["`]?:["`]?$/.test(code.name(n)) && code.role(n) === Role.Left;
}

/** Go: what a call declares or reads that somebody may set, and what is taken where nobody does. */
function goDefault(
  { file }: Pick<Source, 'file'>,
  call: NodeId,
): { readonly name: string; readonly setting: string; readonly value: NodeId } | undefined {
  const { code } = file;
  const method = code.name(call);
  const args = code.all(call, Role.Arg);
  const text = (n: NodeId | undefined) => (n !== undefined && code.is(n, Kind.String) ? code.name(n) : '');
  const named = (first: number, value: NodeId | undefined, dashes = '--') => {
    const name = text(args[first]);
    return value === undefined ? undefined : { name, setting: name === '' ? '' : dashes + name, value };
  };
  const short = /P$/.test(method) ? 1 : 0;
  // https://pkg.go.dev/github.com/spf13/pflag#StringVarP
  if (/^String/.test(method) && flagVariables.test(method)) return named(1, args[2 + short]);
  if (/^StringP?$/.test(method) && args.length === 3 + short) return named(0, args[1 + short]);
  // https://pkg.go.dev/github.com/spf13/viper#SetDefault
  if (method === 'SetDefault' && args.length === 2) return named(0, args[1]);
  if (environmentNames.test(method) && args.length > 1) return named(0, args[1], '');
  // https://pkg.go.dev/github.com/alecthomas/kingpin/v2#ArgClause.Default
  if (method === 'Default' && args.length === 1 && code.is(code.child(call, Role.Object), Kind.MethodCall))
    return { name: '', setting: '', value: args[0] as NodeId };
  return undefined;
}

/** Go: the calls that give a local to a flag: `flags.StringVar(&address, "address", "127.0.0.1:80", "…")`. */
function flagsInto(fn: Fn, b: Binding): readonly NodeId[] {
  const { code, after } = fn;
  const out: NodeId[] = [];
  if (fn.package.language !== 'go' || b.source === 'parameter') return out;
  for (let n = code.next(CALLS, b.node, after); n < after; n = code.next(CALLS, n + 1, after)) {
    if (!code.is(n, Kind.MethodCall) || !flagVariables.test(code.name(n))) continue;
    const pointer = code.child(n, Role.Arg);
    if (code.is(pointer, Kind.Unary, '&') && code.is(code.child(pointer, Role.Object), Kind.Name, b.name))
      out.push(n);
  }
  return out;
}

/** Go: the defaults of what is read by name: `viper.SetDefault("address", …)`, `&cli.StringFlag{Name: "address", Value: …}`. */
function namedDefaults(program: Program): ReadonlyMap<string, readonly Source[]> {
  const out = new Map<string, Source[]>();
  const add = (fn: Fn, name: string, value: NodeId) => {
    if (name === '' || value < 0) return;
    const source = { file: fn.file, fn, value, given: false, isDefault: true };
    const list = out.get(name);
    if (list) list.push(source);
    else out.set(name, [source]);
  };
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'go' ? pkg.serviceFunctions : []) {
      const { code, first, after } = fn;
      for (let n = code.next(NAMING, first, after); n < after; n = code.next(NAMING, n + 1, after)) {
        if (code.is(n, Kind.MethodCall)) {
          const found = goDefault(fn, n);
          if (found && !environmentNames.test(code.name(n))) add(fn, found.name, found.value);
          continue;
        }
        // https://pkg.go.dev/github.com/urfave/cli/v2#StringFlag
        if (!/StringFlag$/.test(code.name(code.child(n, Role.Type)))) continue;
        const field = (name: string) =>
          code.child(code.children(n).find((c) => code.is(c, Kind.FieldInit, name)) ?? -1, Role.Value);
        if (field('Name') >= 0) add(fn, code.name(field('Name')), field('Value'));
      }
    }
  return out;
}

const NAMING = kinds(Kind.MethodCall, Kind.Composite);

/** Rust: the function whose answer is taken where there is none: `args.bind.or_else(free_local_address)`. */
function takenInstead(fn: Fn, call: NodeId): readonly Fn[] {
  const { code } = fn;
  if (fn.package.language !== 'rust' || !code.is(call, Kind.MethodCall)) return [];
  if (!/^(unwrap_or_else|or_else|map_or_else)$/.test(code.name(call))) return [];
  const by = code.child(call, Role.Arg);
  return code.is(by, Kind.Name) || code.is(by, Kind.Path)
    ? fn.package.methodsOf('', lastSegment(code.name(by)))
    : [];
}

/** Rust: `if let Some(address) = args.bind { … } else { … }` */
function isOneOfTwo(code: Code, bind: NodeId): boolean {
  const condition = code.ancestor(bind, (a) => code.is(a, Kind.LetCondition) || code.is(a, Kind.Let));
  const decision = code.is(condition, Kind.LetCondition) ? code.parent(condition) : -1;
  return code.is(decision, Kind.If) && code.child(decision, Role.Else) >= 0;
}
