/** Go: where programs serve HTTP, and which packages answer there. */
import { goServers } from '../../knowledge/handlers.ts';
import { CALLS, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { assignmentsTo } from '../places/assignments.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package, Program } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** One place where HTTP is served. */
export interface GoServer {
  readonly fn: Fn;
  /** The address or listener that it is served at, or -1 where it is not seen. */
  readonly at: NodeId;
  /** Whose code answers, as far as the handler is followed. */
  readonly packages: ReadonlySet<Package>;
  /** Others may answer as well: what is served is not seen, or is too much to follow. */
  readonly isOpen: boolean;
}

const WANTED = kinds(Kind.Call, Kind.MethodCall, Kind.Composite);

/** So many expressions and functions are read to find out what one server answers with. */
const MAX_READ = 200;

/** Functions that call each other on the way from a server to what it answers with. */
const MAX_DEPTH = 3;

/** Go: all places of a program where HTTP is served. */
export function goServersOf(program: Program): readonly GoServer[] {
  const out: GoServer[] = [];
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'go' ? pkg.serviceFunctions : []) {
      const { code, first, after } = fn;
      for (let n = code.next(WANTED, first, after); n < after; n = code.next(WANTED, n + 1, after)) {
        const found = code.is(n, Kind.Composite) ? madeServer(fn, n) : calledServer(fn, n);
        if (!found) continue;
        const { packages, isOpen } = new Answering(fn, found.handler);
        out.push({ fn, at: found.at, packages, isOpen });
      }
    }
  return out;
}

/** `&http.Server{Addr: address, Handler: router}` */
function madeServer(fn: Fn, n: NodeId): { at: NodeId; handler: NodeId } | undefined {
  const { code } = fn;
  const written = code.child(n, Role.Type);
  if (written < 0 || !/(^|\.)Server$/.test(code.name(written))) return undefined;
  if (Values.of(fn.package.program).types.at(fn.file, written)?.name !== 'net/http.Server') return undefined;
  const field = (name: string) => {
    const init = code.children(n).find((c) => code.is(c, Kind.FieldInit, name));
    return init === undefined ? -1 : code.child(init, Role.Value);
  };
  const handler = field('Handler');
  const at = field('Addr');
  return { at: at >= 0 ? at : listenerOf(fn, n), handler };
}

/** What a server without an address is given to serve at: `server := &http.Server{…}; server.Serve(listener)`. */
function listenerOf({ code, first, after }: Fn, made: NodeId): NodeId {
  const statement = code.ancestor(made, (a) => code.is(a, Kind.Let));
  if (statement < first) return -1;
  for (let n = code.next(CALLS, made, after); n < after; n = code.next(CALLS, n + 1, after)) {
    const object = code.child(n, Role.Object);
    if (!code.is(n, Kind.MethodCall) || !/^Serve(TLS)?$/.test(code.name(n)) || !code.is(object, Kind.Name))
      continue;
    for (let m = statement; m < made; m++)
      if (code.is(m, Kind.Name, code.name(object)) || code.is(m, Kind.Bind, code.name(object)))
        return code.child(n, Role.Arg);
  }
  return -1;
}

/** `http.ListenAndServe(address, router)`, `http.Serve(listener, router)`, `engine.Run(address)` */
function calledServer(fn: Fn, n: NodeId): { at: NodeId; handler: NodeId } | undefined {
  const { code } = fn;
  const name = code.is(n, Kind.MethodCall) ? code.name(n) : '';
  const values = Values.of(fn.package.program);
  const object = code.child(n, Role.Object);
  if (/^(ListenAndServe|Serve)(TLS)?$/.test(name) && values.goPackage(fn, object) === 'net/http') {
    const args = code.all(n, Role.Arg);
    const handler = args[name === 'ListenAndServeTLS' ? 3 : 1] ?? -1;
    return { at: args[0] ?? -1, handler: code.is(handler, Kind.Literal, 'nil') ? -1 : handler };
  }
  if (!/^(Run|Start|Listen)(TLS|Listener)?$/.test(name)) return undefined;
  const type = values.typeOf(fn, object);
  return type && goServers.has(peel(type).type.name)
    ? { at: code.child(n, Role.Arg), handler: object }
    : undefined;
}

interface Part {
  readonly fn: Fn;
  readonly from: NodeId;
  readonly depth: number;
}

/** The packages whose functions and types are named in what a handler is made of. */
class Answering {
  readonly packages: Set<Package>;
  readonly isOpen: boolean;
  readonly #queue: Part[] = [];
  readonly #seen = new Set<string>();

  constructor(fn: Fn, handler: NodeId) {
    this.packages = new Set([fn.package]);
    this.#add(fn, handler, 0);
    for (const part of this.#queue) if (this.#queue.length <= MAX_READ) this.#read(part);
    this.isOpen = handler < 0 || this.#queue.length > MAX_READ;
  }

  #add(fn: Fn, from: NodeId, depth: number): void {
    const key = `${fn.id} ${from}`;
    if (from < 0 || depth > MAX_DEPTH || fn.isTest || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#queue.push({ fn, from, depth });
  }

  #read({ fn, from, depth }: Part): void {
    const { code } = fn;
    const { program } = fn.package;
    const values = Values.of(program);
    for (let n = from; n < code.after(from); n++) {
      const kind = code.kind(n);
      if (kind === Kind.Call || kind === Kind.MethodCall) {
        for (const target of values.callees(fn, n)) {
          this.packages.add(target.package);
          // Of what the library's routers are given by a helper, and of no more than that.
          if (depth < MAX_DEPTH) this.#add(target, target.fact.body, Math.max(depth + 1, 2));
        }
      } else if (kind === Kind.Name) {
        if (mayAnswer(fn, from, n)) this.#name(fn, n, depth);
      } else if (kind === Kind.Field) {
        const object = code.child(n, Role.Object);
        const path = values.goPackage(fn, object);
        const home = path === undefined ? undefined : program.packageAt(path);
        if (home) this.packages.add(home);
        const decl = path === undefined ? values.declOf(fn, object) : undefined;
        if (!decl) continue;
        this.packages.add(decl.file.package);
        if (depth > 0) continue;
        for (const w of Writes.of(program).toField(decl, code.name(n)))
          if (w.fn) this.#add(w.fn, w.value, depth + 1);
      } else if (kind === Kind.Composite) {
        const decl = values.declOf(fn, n);
        if (decl) this.packages.add(decl.file.package);
      }
    }
  }

  #name(fn: Fn, n: NodeId, depth: number): void {
    const { code, first, after } = fn;
    const { program } = fn.package;
    const b = Values.of(program).scope(fn).lookup(code.name(n), code.start(n));
    // What helpers are made of is read where it stands.
    if (!b || depth > 1) return;
    const type = Values.of(program).typeOf(fn, n);
    if (b.source === 'parameter') {
      // A handler of a library's type; what the program's own types do is told by where they are declared.
      if (type && !peel(type).type.decl)
        for (const s of Calls.of(program).sitesOf(fn))
          if (s.kind === 'call') this.#add(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, depth + 1);
      return;
    }
    // What the values of the program's own types are made of does not answer.
    const decl = type && peel(type).type.decl;
    if (decl) this.packages.add(decl.file.package);
    this.#add(fn, b.value, decl ? MAX_DEPTH : depth);
    for (const value of assignmentsTo(fn, b)) this.#add(fn, value, decl ? MAX_DEPTH : depth);
    if (decl || !isMade(fn, b.value)) return;
    // `router.Handle(path, api.Handler())`, `api.Register(router)`
    for (let m = code.next(CALLS, first, after); m < after; m = code.next(CALLS, m + 1, after))
      if ([code.child(m, Role.Object), ...code.all(m, Role.Arg)].some((a) => code.is(a, Kind.Name, b.name)))
        this.#add(fn, m, depth);
  }
}

/** A name that a handler is made of may stand for one itself, and not for what that works with. */
function mayAnswer(fn: Fn, from: NodeId, n: NodeId): boolean {
  const { code } = fn;
  const up = code.parent(n);
  const closure = code.ancestor(n, (a) => code.is(a, Kind.Closure));
  if (closure >= from) return code.is(up, Kind.MethodCall, 'ServeHTTP');
  if (code.role(n) !== Role.Arg) return true;
  const values = Values.of(fn.package.program);
  const type = values.typeOf(fn, n);
  return (
    values.callees(fn, up).length === 0 ||
    (type !== undefined && /^net\/http\.|(Router|Mux|Engine|Echo|App|Group)$/.test(peel(type).type.name))
  );
}

/** A call makes it: `mux.NewRouter()`, `&http.ServeMux{}`. */
function isMade({ code }: Fn, value: NodeId): boolean {
  const made = code.is(value, Kind.Unary, '&') ? code.child(value, Role.Object) : value;
  return code.is(made, Kind.MethodCall) || code.is(made, Kind.Call) || code.is(made, Kind.Composite);
}
