/** Rust: where a program listens as long as nobody tells it otherwise. */
import {
  anyAddress,
  localAccepts,
  localListeners,
  loopbackUrl,
  serverBinds,
  serverCalls,
} from '../../knowledge/handlers.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf } from '../calls/exits.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package, SourceFile, TypeDecl } from '../program.ts';
import { declaredDefault } from '../types/field-defaults.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { awaitedBefore } from './spawn-rounds.ts';

/** So many expressions are read to find out how one listener is made. */
const MAX_READ = 120;

/**
 * Rust: each round of a loop takes, before it comes to a node, a connection from a listener that nobody reaches from outside
 * unless somebody has configured it so: all addresses that are seen to lead there are those of the machine itself.
 */
export function isLocalByDefault(fn: Fn, loop: NodeId, node: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust' || loop < 0) return false;
  const iter = code.child(loop, Role.Iter);
  const takes = (n: NodeId) => n >= 0 && code.is(n, Kind.MethodCall) && localAccepts.test(code.name(n));
  for (const n of takes(iter) ? [iter] : awaitedBefore(fn, loop, node))
    if (takes(n)) {
      const listener = code.child(n, Role.Object);
      return wrapsLocal(fn, listener) || new Addresses(fn, listener).areOwn;
    }
  return false;
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

/** Rust: the crate serves HTTP or gRPC, and all that it serves at are by default addresses of the machine itself. */
export function servesLocallyByDefault(pkg: Package): boolean {
  let serves = false;
  for (const fn of pkg.language === 'rust' ? pkg.serviceFunctions : []) {
    const { code, first, after } = fn;
    for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after)) {
      const at = servedAt(fn, n);
      if (at < 0) continue;
      if (!new Addresses(fn, at).areOwn) return false;
      serves = true;
    }
  }
  return serves;
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

/** An expression and where it stands; `given` where who calls the function is known, and was read for itself. */
interface Source {
  readonly file: SourceFile;
  readonly fn: Fn | undefined;
  readonly value: NodeId;
  readonly given: boolean;
}

/** The addresses that are written in what an expression is made of. */
class Addresses {
  #own = false;
  #other = false;
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

  #add(at: Source): void {
    const key = `${at.file.number} ${at.value} ${at.given}`;
    if (at.value < 0 || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#queue.push(at);
  }

  #text(text: string): void {
    if (loopbackUrl.test(text)) this.#own = true;
    else if (anyAddress.test(text)) this.#other = true;
  }

  #read(at: Source): void {
    const { code } = at.file;
    for (let n = at.value; n < code.after(at.value); n++) {
      const kind = code.kind(n);
      if (kind === Kind.String) this.#text(code.name(n));
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
    const { fn } = at;
    this.#numbers(at, at.file.code.all(call, Role.Arg));
    const targets = fn ? Values.of(fn.package.program).callees(fn, call) : [];
    for (const target of targets)
      if (!target.isTest && target.fact.body >= 0)
        for (const value of answersOf(target, 0))
          this.#add({ file: target.file, fn: target, value, given: true });
  }

  #global({ file }: Source, path: string): void {
    if (/(^|::)LOCALHOST$/.test(path)) this.#own = true;
    if (/(^|::)UNSPECIFIED$/.test(path)) this.#other = true;
    const g = file.package.globalMeant(file, path);
    if (g) this.#add({ file: g.file, fn: undefined, value: g.fact.value, given: false });
  }

  #name(at: Source, n: NodeId): void {
    const { file, fn, given } = at;
    const { code } = file;
    const name = code.name(n);
    const b = fn && Values.of(file.package.program).scope(fn).lookup(name, code.start(n));
    if (!fn || !b) this.#global(at, name);
    else if (b.source !== 'parameter') {
      if (b.value < n) this.#add({ ...at, value: b.value });
    } else if (!given)
      for (const s of Calls.of(file.package.program).sitesOf(fn))
        if (!s.fn.isTest && s.kind === 'call')
          this.#add({
            file: s.fn.file,
            fn: s.fn,
            value: s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1,
            given: false,
          });
  }

  #field(at: Source, n: NodeId): void {
    const { file, fn, given } = at;
    const { code } = file;
    const object = code.child(n, Role.Object);
    const { program } = file.package;
    const decl = fn && Values.of(program).declOf(fn, object);
    if (!decl) this.#add({ ...at, value: object });
    // What `self` of a function has that was called for its answer stands where it was called.
    else if (!given) {
      for (const w of Writes.of(program).toField(decl, code.name(n)))
        this.#add({ file: w.file, fn: w.fn, value: w.value, given: false });
      this.#declared(decl, code.name(n));
    }
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
      else for (const text of found.text.split('"')) this.#text(text);
    }
    const [by] =
      found?.function === undefined ? [] : file.package.functionsNamed(found.function.replace(/^.*::/, ''));
    if (by) for (const value of answersOf(by, 0)) this.#add({ file: by.file, fn: by, value, given: true });
  }
}
