import type { LocalDefault } from '../../core/finding.ts';
import {
  ambiguousRegistrations,
  entrances,
  goHandlerParams,
  goRequestMessages,
  goStreamServers,
  handlerNames,
  iteratorMakers,
  registrations,
  requestRegistrations,
  routelessAttributes,
  rustCommandFrameworks,
  rustExtractors,
  rustFrameworks,
  rustGenericExtractors,
  rustHandlerAttributes,
  rustHandlerMethods,
  rustHandlerParams,
  rustHandlerTraits,
  watcherTraits,
} from '../../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { isService } from '../linkage.ts';
import type { Fn, Package, Program } from '../program.ts';
import { lastSegment, type TypeRef, unwrapped } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { isForAdministrators } from './administrators.ts';
import { servedByDefault } from './default-addresses.ts';
import type { Evidence } from './reach.ts';

/** Which functions and types handle requests, by what they are declared as or handed to. One per program. */
export class Handlers {
  readonly #values: Values;
  readonly #calls: Calls;
  /** Who asks who calls a function comes by its callers again and again. */
  readonly #known = new Map<Fn, Evidence | undefined>();
  /** Packages that serve at addresses of the machine itself alone, unless they are told otherwise. */
  readonly #local = new Map<Package, LocalDefault | 'elsewhere'>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
  }

  /** Evidence that a function handles requests or messages by its signature, trait or attribute. */
  evidenceOf(fn: Fn): Evidence | undefined {
    let evidence = this.#known.get(fn);
    if (evidence !== undefined || this.#known.has(fn)) return evidence;
    evidence = this.#handling(fn);
    if (evidence && isForAdministrators(fn)) evidence = { ...evidence, administrative: true };
    const isServed = evidence?.request || lastSegment(fn.fact.trait) === 'Service';
    if (evidence && isServed && this.isServedLocally(fn.package)) evidence = { ...evidence, local: true };
    if (evidence && this.#isUnregistered(fn, evidence)) evidence = { ...evidence, unregistered: true };
    this.#known.set(fn, evidence);
    return evidence;
  }

  /** Rust: the requests of a crate come to the machine itself, and nothing sets another address. */
  isServedLocally(pkg: Package): boolean {
    return this.servedByDefault(pkg)?.settings.length === 0;
  }

  /** Rust: where the requests of a crate come to, when that is the machine itself as long as nobody has configured another address. */
  servedByDefault(pkg: Package): LocalDefault | undefined {
    let by = this.#local.get(pkg);
    if (by === undefined) {
      by = servedByDefault(pkg) ?? 'elsewhere';
      this.#local.set(pkg, by);
    }
    return by === 'elsewhere' ? undefined : by;
  }

  /**
   * Go: a handler of `net/http` is named where it is registered, unless it has the method that the library calls. Rust: so is
   * one whose attribute says no route.
   */
  #isUnregistered(fn: Fn, { request, remote }: Evidence): boolean {
    if (fn.fact.owner === '' && fn.fact.attributes.some((a) => routelessAttributes.test(a)))
      return isService(fn.package) && this.#calls.sitesOf(fn).length === 0;
    if (fn.package.language !== 'go' || !request || remote || fn.fact.name === 'ServeHTTP') return false;
    const takes = (p: NodeId) => {
      const type = this.#values.types.at(fn.file, fn.code.child(p, Role.Type));
      return type !== undefined && /^net\/http\.(Request|ResponseWriter)$/.test(unwrapped(type).name);
    };
    return isService(fn.package) && fn.fact.params.some(takes) && this.#calls.sitesOf(fn).length === 0;
  }

  #handling(fn: Fn): Evidence | undefined {
    const at = fn.file.place(fn.fact.nameSpan);
    const language = fn.file.facts.language;
    if (language === 'rust') {
      if (fn.fact.attributes.some((a) => rustHandlerAttributes.test(a)))
        return { why: `\`${fn.label}\` is a route handler`, at, request: true };
      if (
        fn.fact.trait &&
        rustHandlerTraits.has(lastSegment(fn.fact.trait)) &&
        rustHandlerMethods.test(fn.fact.name)
      ) {
        const evidence = { why: `\`${fn.label}\` implements \`${lastSegment(fn.fact.trait)}\``, at };
        const isOwn = this.#values.types.declaration(fn.file, fn.fact.trait) !== undefined;
        if (this.#servesItself(fn)) return { ...evidence, own: true };
        if (!isOwn && !watcherTraits.test(fn.file.fullPath(fn.fact.trait))) return evidence;
        // Of a trait of the program's own its callers tell more.
        const isCaller = (s: CallSite) =>
          !s.guess && lastSegment(s.fn.fact.trait) !== lastSegment(fn.fact.trait);
        if (isOwn && !this.#calls.sitesOf(fn).some(isCaller)) return { ...evidence, own: true };
      }
    }
    if (language === 'go' && fn.fact.name === 'ServeHTTP')
      return { why: `\`${fn.label}\` serves HTTP`, at, request: true };
    if (language === 'go' && (sendsRequest(fn) || asksWithIt(fn))) return undefined;
    for (const p of fn.fact.params) {
      const type = this.#values.types.at(fn.file, fn.code.child(p, Role.Type));
      if (type && this.isHandlerType(type, language)) {
        if (language === 'rust' && !fn.fact.isAsync && !handlerNames.test(fn.fact.name)) continue;
        return { why: `\`${fn.label}\` handles requests`, at, request: true };
      }
    }
    if (language === 'go' && isGrpcMethod(fn) && this.#takesMessage(fn))
      return { why: `\`${fn.label}\` is a gRPC method`, at, request: true, remote: true };
    if (language === 'rust' && fn.fact.trait && fn.fact.isAsync && takesTonicRequest(fn))
      return { why: `\`${fn.label}\` is a gRPC method`, at, request: true, remote: true };
    if (
      language === 'rust' &&
      fn.fact.isAsync &&
      takesTonicRequest(fn) &&
      mentionsResult(fn, /(Response|Reply)$/)
    )
      return { why: `\`${fn.label}\` answers HTTP requests`, at, request: true };
    return undefined;
  }

  /**
   * Rust: `fn call(&mut self, request: StoreRequest)` of tower's `Service`: with a request of its own one part of the program asks
   * another. https://docs.rs/tower/latest/tower/trait.Service.html
   */
  #servesItself({ fact, file, code }: Fn): boolean {
    const request = lastSegment(fact.trait) === 'Service' ? fact.params.at(-1) : undefined;
    const type =
      request === undefined ? undefined : this.#values.types.at(file, code.child(request, Role.Type));
    return type?.decl !== undefined;
  }

  /** Go: what a remote call brings is declared in generated code, or outside; a plain struct is an argument like any. */
  #takesMessage(fn: Fn): boolean {
    const message = fn.fact.params[1];
    const type =
      message === undefined ? undefined : this.#values.types.at(fn.file, fn.code.child(message, Role.Type));
    const decl = type && unwrapped(type).decl;
    return !decl || decl.fact.kind === 'interface' || decl.file.facts.generated;
  }

  /** A type that only parameters of handlers have. */
  isHandlerType(type: TypeRef, language: 'rust' | 'go'): boolean {
    if (language === 'go') {
      const inner = type.name === '*' && type.args[0] ? type.args[0] : type;
      return goHandlerParams.has(inner.name);
    }
    const outer = type.name === '&' && type.args[0] ? type.args[0] : type;
    // Handlers take their extractors by value; rocket's `&State<T>` is the exception.
    if (outer !== type && lastSegment(outer.name) === 'Data') return false;
    if (!outer.decl && rustExtractors.test(outer.name)) return true;
    return (
      !outer.decl &&
      !isOfCommandLine(outer) &&
      (!outer.name.includes('::') || rustFrameworks.test(outer.name)) &&
      rustHandlerParams.has(lastSegment(outer.name)) &&
      (outer.args.length > 0 || !rustGenericExtractors.has(lastSegment(outer.name)))
    );
  }

  /** The function is handed to a router, subscription or informer, which calls it for each request or event. */
  isRegistered(site: CallSite, target: Fn): boolean {
    const code = site.fn.code;
    const call = takerOf(site);
    const name = call < 0 ? '' : callName(code, call);
    // `func init() { registry.Add("x", newX) }`: a factory among others.
    if (
      site.fn.fact.name === 'init' &&
      site.fn.package.language === 'go' &&
      (name === 'Add' || makes(target))
    )
      return false;
    const ambiguous =
      site.fn.file.facts.language === 'rust' &&
      ambiguousRegistrations.has(name) &&
      !target.fact.isAsync &&
      !mentionsResult(target, /^(Future|BoxFuture|Reply|IntoResponse|Response|Responder|HttpResponse)$/);
    return registrations.has(name) && !ambiguous && !makesIterator(site.fn, call);
  }
}

/** The call that a function is handed to, or -1. */
function takerOf({ fn: { code }, node }: CallSite): NodeId {
  return code.ancestor(node, (a) => code.kind(a) === Kind.Call || code.kind(a) === Kind.MethodCall);
}

/** Rust: whatever calls the function that is registered there gives it a request, or parts of one. */
export function takesRequests(site: CallSite): boolean {
  const call = takerOf(site);
  return (
    site.fn.package.language === 'rust' &&
    call >= 0 &&
    requestRegistrations.test(callName(site.fn.code, call))
  );
}

/** Go: a function that gives something besides an error: a factory, not a handler. */
function makes(fn: Fn): boolean {
  const { result } = fn.fact;
  return result >= 0 && !/^(error|bool)$/.test(fn.code.name(result));
}

/** Rust: a name that no import of its file tells of comes with everything else of a framework for command lines. */
function isOfCommandLine({ name, file }: TypeRef): boolean {
  return !name.includes('::') && file.facts.imports.some((i) => rustCommandFrameworks.test(i.path));
}

/** `(s *Server) Method(ctx context.Context, in *pb.Request) (*pb.Reply, error)` or a stream parameter. */
function isGrpcMethod(fn: Fn): boolean {
  if (!fn.fact.owner || !fn.fact.exported) return false;
  const types = fn.fact.params.map((p) => typeText(fn, fn.code.child(p, Role.Type)));
  if (types.some((t) => goStreamServers.test(t))) return true;
  const result = fn.fact.result < 0 ? [] : fn.code.children(fn.fact.result).map((c) => typeText(fn, c));
  return (
    types.length === 2 &&
    types[0] === 'context.Context' &&
    goRequestMessages.test(types[1] ?? '') &&
    result.length === 2 &&
    (result[0] ?? '').startsWith('*') &&
    result[1] === 'error'
  );
}

/**
 * `RoundTrip(*http.Request) (*http.Response, error)`: the side that asks.
 * @param at a node in the function, which may lie in a closure of this kind
 */
export function sendsRequest(fn: Fn, at: NodeId = -1): boolean {
  const code = fn.code;
  const closure = at < 0 ? -1 : code.ancestor(at, (a) => code.kind(a) === Kind.Closure);
  const result = closure >= fn.first ? code.child(closure, Role.Result) : fn.fact.result;
  if (result < 0) return false;
  for (let n = result; n < code.after(result); n++) if (code.name(n) === 'http.Response') return true;
  return false;
}

/** Go: `resp, err := client.Do(req)` with the request it was given, and nothing to answer with. */
function asksWithIt({ code, fact, first, after }: Fn): boolean {
  const names = fact.params
    .filter((p) => code.name(code.child(code.child(p, Role.Type), Role.TypeArg)) === 'http.Request')
    .map((p) => code.name(code.child(p, Role.Pattern)));
  if (
    names.length === 0 ||
    fact.params.some((p) => code.name(code.child(p, Role.Type)) === 'http.ResponseWriter')
  )
    return false;
  for (let n = first; n < after; n++)
    if (code.kind(n) === Kind.MethodCall && /^(Do|RoundTrip)$/.test(code.name(n))) {
      const [only, ...others] = code.all(n, Role.Arg);
      if (
        only !== undefined &&
        others.length === 0 &&
        code.kind(only) === Kind.Name &&
        names.includes(code.name(only))
      )
        return true;
    }
  return false;
}

function takesTonicRequest(fn: Fn): boolean {
  return fn.fact.params.some((p) => {
    const type = fn.code.child(p, Role.Type);
    return type >= 0 && /(^|::)Request$/.test(fn.code.name(type)) && fn.code.children(type).length > 0;
  });
}

function typeText(fn: Fn, type: NodeId): string {
  if (type < 0) return '';
  const code = fn.code;
  const name = code.name(type);
  const child = code.children(type)[0];
  return name === '*' && child !== undefined ? `*${code.name(child)}` : name;
}

/** A type in a function's result has a name like this. */
function mentionsResult(fn: Fn, names: RegExp): boolean {
  const { result } = fn.fact;
  if (result < 0) return false;
  for (let n = result; n < fn.code.after(result); n++)
    if (names.test(lastSegment(fn.code.name(n)))) return true;
  return false;
}

/** `std::iter::from_fn`, `array::from_fn`: the functions of iterators have names that registrations have as well. */
export function makesIterator(fn: Fn, call: NodeId): boolean {
  const callee = call < 0 ? -1 : fn.code.child(call, Role.Callee);
  return (
    callee >= 0 &&
    fn.package.language === 'rust' &&
    iteratorMakers.test(fn.file.fullPath(fn.code.name(callee)))
  );
}

/** A source text listens, handles requests or reads what somebody sends, as far as its words say; nothing is parsed. */
export function mayLetIn(text: string): boolean {
  return entrances.test(text);
}
