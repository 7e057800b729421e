import { parseDirective } from '../core/directive.ts';
import type { Place } from '../core/span.ts';
import {
  adaptors,
  administrativeNames,
  ambiguousRegistrations,
  configurationNames,
  eventNames,
  goHandlerParams,
  registrations,
  rustCommandFrameworks,
  rustExtractors,
  rustFrameworks,
  rustGenericExtractors,
  rustHandlerAttributes,
  rustHandlerMethods,
  rustHandlerParams,
  rustHandlerTraits,
  setUpNames,
  waiting,
} from '../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { callName } from './call-name.ts';
import { type CallSite, Calls } from './calls.ts';
import { answers, exits } from './exits.ts';
import { isService } from './linkage.ts';
import type { Fn, Package, Program } from './program.ts';
import { lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

/** Why something is believed to happen again and again while the service runs. */
export interface Evidence {
  /** In words, such as "`login` handles HTTP requests". */
  readonly why: string;
  readonly at: Place;
  /** It happens in a loop that ends when what it works off is gone: it may serve for ever, or only collect. */
  readonly ends?: true;
  /** An operator asks for it, to set the program up anew: no load brings it. */
  readonly administrative?: true;
}

/** When a piece of code runs. */
export interface Reach {
  /** Proven to run per request, message, connection or tick. */
  readonly request?: Evidence;
  /** How many calls lie between the request and the function. */
  readonly calls?: number;
  /** Named or handed on like something that runs per event. */
  readonly likely?: Evidence;
  /** Reached from a request only through calls that a method's name alone resolves. */
  readonly guess?: Evidence;
  /** Called from outside the workspace only, as far as can be seen. */
  readonly api?: Fn;
  /** Reached while the program starts, or is configured anew. */
  readonly startup: boolean;
  /** Among what leads there is a function that applies a configuration, which may happen again. */
  readonly configured?: true;
}

/** What surrounds a node inside its function. */
export interface Context {
  readonly request?: Evidence;
  /** A loop that takes work until its source ends: it may serve for ever, or only collect. */
  readonly likely?: Evidence;
  /** Runs once, when a lazy value is first used. */
  readonly once: boolean;
  /** Loops around the node inside the function, innermost first. */
  readonly loops: readonly NodeId[];
}

/** How many calls away from a function something may be that tells when it runs. */
const MAX_CALLS = 12;

/** When functions run. One per program. */
export class Phases {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #reach = new Map<Fn, Nearest>();
  readonly #hot = new Map<Fn, Evidence | undefined>();
  readonly #contexts = new Map<Fn, Map<NodeId, Context>>();
  readonly #loops = new Map<Fn, Map<NodeId, LoopKind | undefined>>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
  }

  static of(program: Program): Phases {
    return program.derive(makePhases);
  }

  /** When a node of a function runs: its surroundings first, then whoever calls the function. */
  at(fn: Fn, node: NodeId): Reach {
    const context = this.context(fn, node);
    if (context.request) return { request: context.request, calls: 0, startup: false };
    if (context.once) return { startup: true };
    const reach = this.of(fn);
    return context.likely && !reach.request ? { ...reach, likely: context.likely } : reach;
  }

  /** When a function runs, by a search back through its callers. */
  of(fn: Fn): Reach {
    let nearest = this.#reach.get(fn);
    if (!nearest) {
      nearest = this.#search(fn);
      this.#reach.set(fn, nearest);
    }
    return nearest.reach;
  }

  /** Evidence that a node runs many times per request: a loop in the request phase, or a function called from one. */
  hot(fn: Fn, node: NodeId): Evidence | undefined {
    const byHand = this.#byHand(fn);
    if (byHand) return byHand.hot ? byHand : undefined;
    const loops = this.turns(fn, node).filter((l) => !this.isServiceLoop(fn, l));
    const [loop] = loops;
    if (loop !== undefined) {
      const reach = this.at(fn, loop);
      if (reach.request)
        return { why: `a loop that runs per request: ${reach.request.why}`, at: fn.place(loop) };
      if (loops.length > 1) return { why: 'a loop inside a loop', at: fn.place(loop) };
    }
    return this.#calledHot(fn);
  }

  /** The loops around a node, innermost first, that it does not leave at once and in which it is no error's path. */
  turns(fn: Fn, node: NodeId): NodeId[] {
    return this.context(fn, node).loops.filter((loop) => !isRareIn(fn, node, loop));
  }

  /** What `// headroom: hot` or `// headroom: cold` at a function says. */
  #byHand(fn: Fn): (Evidence & { readonly hot: boolean }) | undefined {
    const { directives, functions, types, globals } = fn.file.facts;
    const { start, end } = fn.fact.span;
    for (const d of directives) {
      const { kind } = parseDirective(d.text);
      if (kind !== 'hot' && kind !== 'cold') continue;
      const inside = start <= d.span.start && d.span.end <= end;
      const above =
        d.span.end <= start &&
        ![...functions, ...types, ...globals].some((x) => x.span.start >= d.span.end && x.span.end <= start);
      if (inside || above)
        return { why: 'a comment says that this is hot', at: fn.file.place(d.span), hot: kind === 'hot' };
    }
    return undefined;
  }

  #calledHot(fn: Fn): Evidence | undefined {
    if (this.#hot.has(fn)) return this.#hot.get(fn);
    this.#hot.set(fn, undefined);
    let found: Evidence | undefined;
    for (const site of this.#calls.sitesOf(fn)) {
      if (site.guess) continue;
      const loop = this.turns(site.fn, site.node).find((l) => !this.isServiceLoop(site.fn, l));
      if (loop === undefined) continue;
      const reach = this.at(site.fn, loop);
      if (reach.request) {
        found = { why: `\`${site.fn.label}\` calls it in a loop per request`, at: site.fn.place(site.node) };
        break;
      }
    }
    this.#hot.set(fn, found);
    return found;
  }

  /** Level by level, until the nearest proof is found. A caller that is known stands for everything above it. */
  #search(start: Fn): Nearest {
    const found = new Nearest();
    const seen = new Set<Fn>([start]);
    /** Reached through a call by name alone, and through no other so far. */
    const guessed = new Set<Fn>();
    let queue: Fn[] = [start];
    for (let calls = 0; queue.length > 0 && calls <= MAX_CALLS && !found.isProvenBefore(calls); calls++) {
      const next: Fn[] = [];
      for (const fn of queue) {
        const guess = guessed.has(fn);
        const handler = this.handlerEvidence(fn);
        if (handler) {
          const evidence: Evidence = administrativeNames.test(fn.fact.name)
            ? { ...handler, administrative: true }
            : handler;
          if (guess) found.addGuess(calls, evidence);
          else found.addRequest(calls, evidence);
          continue;
        }
        if (isEntry(fn)) {
          found.addStartup(calls);
          continue;
        }
        if (configurationNames.test(fn.fact.name)) {
          found.addConfigured(calls);
          continue;
        }
        const sites = this.#calls.sitesOf(fn);
        for (const site of sites) {
          const evidence = this.#siteEvidence(site, fn);
          const isGuess = guess || site.guess === true;
          if (evidence === 'once') found.addStartup(calls + AT_A_CALL);
          else if (evidence?.proven && !isGuess) found.addRequest(calls + AT_A_CALL, evidence);
          else {
            if (evidence && isGuess) found.addGuess(calls + AT_A_CALL, evidence);
            else if (evidence) found.addLikely(calls + AT_A_CALL, evidence);
            // What is proven after all is searched again.
            if (seen.has(site.fn) && !(guessed.has(site.fn) && !isGuess)) continue;
            seen.add(site.fn);
            if (isGuess) guessed.add(site.fn);
            else guessed.delete(site.fn);
            const above = this.#reach.get(site.fn);
            if (above) found.addCaller(calls + 1, above, isGuess);
            else next.push(site.fn);
          }
        }
        if (sites.length === 0 && !guess) {
          if (setUpNames.test(fn.fact.name)) found.addStartup(calls);
          else if (eventNames.test(fn.fact.name) && !takesFunction(fn))
            found.addLikely(calls, {
              why: `\`${fn.label}\` is named like an event handler`,
              at: fn.file.place(fn.fact.nameSpan),
            });
          else if (fn.fact.exported || fn.fact.trait || fn.fact.owner) found.addApi(calls, fn);
        }
      }
      queue = next;
    }
    return found;
  }

  #siteEvidence(site: CallSite, target: Fn): (Evidence & { readonly proven: boolean }) | 'once' | undefined {
    const context = this.context(site.fn, site.node);
    if (context.request) return { ...context.request, proven: true };
    if (context.once) return 'once';
    if (context.likely) return { ...context.likely, proven: false };
    if (site.kind === 'reference' && isOnce(site)) return 'once';
    return site.kind === 'reference' && this.isRegistered(site, target)
      ? {
          why: `\`${target.label}\` is registered as a handler`,
          at: site.fn.place(site.node),
          proven: true,
        }
      : undefined;
  }

  /** The function is handed to a router, subscription or informer, which calls it for each request or event. */
  isRegistered(site: CallSite, target: Fn): boolean {
    const code = site.fn.code;
    const call = code.ancestor(
      site.node,
      (a) => code.kind(a) === Kind.Call || code.kind(a) === Kind.MethodCall,
    );
    const name = call < 0 ? '' : callName(code, call);
    // `func init() { registry.Add("x", newX) }`: a factory among others.
    if (site.fn.fact.name === 'init' && name === 'Add' && site.fn.package.language === 'go') return false;
    const ambiguous =
      site.fn.file.facts.language === 'rust' &&
      ambiguousRegistrations.has(name) &&
      !target.fact.isAsync &&
      !mentionsResult(target, /^(Future|BoxFuture|Reply|IntoResponse|Response|Responder|HttpResponse)$/);
    return registrations.has(name) && !ambiguous && !makesIterator(site.fn, call);
  }

  /** What surrounds a node: closures that handle requests, loops that serve, lazy initialisers. */
  context(fn: Fn, node: NodeId): Context {
    let known = this.#contexts.get(fn);
    if (!known) {
      known = new Map();
      this.#contexts.set(fn, known);
    }
    let context = known.get(node);
    if (!context) {
      context = this.#readContext(fn, node);
      known.set(node, context);
    }
    return context;
  }

  #readContext(fn: Fn, node: NodeId): Context {
    const code = fn.code;
    const [body] = fn.range;
    const loops: NodeId[] = [];
    let likely: Evidence | undefined;
    for (let n = node, up = code.parent(node); up >= body && up >= 0; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Loop && code.role(n) !== Role.Iter && code.role(n) !== Role.Init) {
        loops.push(up);
        const serves = this.#loopKind(fn, up);
        const why = `a loop in \`${fn.label}\` that waits for work`;
        const evidence: Evidence | undefined =
          serves === 'endless'
            ? { why, at: fn.place(up) }
            : serves && { why: `${why}, until there is no more`, at: fn.place(up), ends: true };
        if (serves === 'endless' && evidence) return { request: evidence, once: false, loops };
        if (evidence) likely ??= evidence;
      }
      if (kind === Kind.Closure) {
        const use = this.#closureUse(fn, up);
        if (use === 'once') return { once: true, loops };
        if (use) return { request: use, once: false, loops };
      }
    }
    return { once: false, loops, ...(likely ? { likely } : {}) };
  }

  #closureUse(fn: Fn, closure: NodeId): Evidence | 'once' | undefined {
    const code = fn.code;
    for (const p of code.all(closure, Role.Param)) {
      const type = this.#values.types.at(fn.file, code.child(p, Role.Type));
      if (type && this.isHandlerType(type, fn.file.facts.language))
        return { why: `a handler in \`${fn.label}\``, at: fn.place(closure) };
    }
    const call = code.parent(closure);
    if (call < 0) return undefined;
    const kind = code.kind(call);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
    const name = callName(code, call);
    if (/^(get_or_init|get_or_try_init|call_once|Do|OnceFunc|OnceValue)$/.test(name)) return 'once';
    const callee = code.child(call, Role.Callee);
    if (callee >= 0 && /(LazyLock|Lazy|LazyCell)::new$/.test(code.name(callee))) return 'once';
    // Iterators take closures too: only routers and subscriptions make a handler of them.
    if (
      registrations.has(name) &&
      !makesIterator(fn, call) &&
      !/^(map|then|and_then|for_each|get|any|on|to|route|put|delete|Get|Add|Put|Delete|Use|Do)$/.test(name)
    )
      return { why: `a closure registered by \`${name}\``, at: fn.place(closure) };
    return undefined;
  }

  /** Evidence that a function handles requests or messages by its signature, trait or attribute. */
  handlerEvidence(fn: Fn): Evidence | undefined {
    const at = fn.file.place(fn.fact.nameSpan);
    const language = fn.file.facts.language;
    if (language === 'rust') {
      if (fn.fact.attributes.some((a) => rustHandlerAttributes.test(a)))
        return { why: `\`${fn.label}\` is a route handler`, at };
      if (
        fn.fact.trait &&
        rustHandlerTraits.has(lastSegment(fn.fact.trait)) &&
        rustHandlerMethods.test(fn.fact.name)
      )
        return { why: `\`${fn.label}\` implements \`${lastSegment(fn.fact.trait)}\``, at };
    }
    if (language === 'go' && fn.fact.name === 'ServeHTTP') return { why: `\`${fn.label}\` serves HTTP`, at };
    if (language === 'go' && sendsRequest(fn)) return undefined;
    for (const p of fn.fact.params) {
      const type = this.#values.types.at(fn.file, fn.code.child(p, Role.Type));
      if (type && this.isHandlerType(type, language)) {
        if (language === 'rust' && !fn.fact.isAsync && !/handler|route/i.test(fn.fact.name)) continue;
        return { why: `\`${fn.label}\` handles requests`, at };
      }
    }
    if (language === 'go' && isGrpcMethod(fn) && this.#takesMessage(fn))
      return { why: `\`${fn.label}\` is a gRPC method`, at };
    if (language === 'rust' && fn.fact.trait && fn.fact.isAsync && takesTonicRequest(fn))
      return { why: `\`${fn.label}\` is a gRPC method`, at };
    if (
      language === 'rust' &&
      fn.fact.isAsync &&
      takesTonicRequest(fn) &&
      mentionsResult(fn, /(Response|Reply)$/)
    )
      return { why: `\`${fn.label}\` answers HTTP requests`, at };
    return undefined;
  }

  /** Go: what a remote call brings is declared in generated code, or outside; a plain struct is an argument like any. */
  #takesMessage(fn: Fn): boolean {
    const message = fn.fact.params[1];
    const type =
      message === undefined ? undefined : this.#values.types.at(fn.file, fn.code.child(message, Role.Type));
    const decl = type && peel(type).type.decl;
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

  /** True for a loop that waits for connections, messages or ticks. */
  isServiceLoop(fn: Fn, loop: NodeId): boolean {
    return this.#loopKind(fn, loop) !== undefined;
  }

  /** True for a loop that serves as long as the program does: not one that works off a stream for a request. */
  isLastingLoop(fn: Fn, loop: NodeId): boolean {
    const kind = this.#loopKind(fn, loop);
    if (endsWithSource(fn, loop)) return false;
    if (fn.package.language === 'go')
      return kind === 'endless' || (kind === 'drain' && !endsWithItsWorkers(fn, loop));
    if (kind === undefined || kind === 'endless') return kind !== undefined;
    const reach = this.of(fn);
    return !reach.request && (kind === 'drain' || reach.startup);
  }

  #loopKind(fn: Fn, loop: NodeId): LoopKind | undefined {
    let known = this.#loops.get(fn);
    if (!known) {
      known = new Map();
      this.#loops.set(fn, known);
    }
    if (!known.has(loop)) known.set(loop, this.#classifyLoop(fn, loop));
    return known.get(loop);
  }

  #classifyLoop(fn: Fn, loop: NodeId): LoopKind | undefined {
    const kind = this.#waitingLoop(fn, loop);
    return kind === 'endless' && (answers(fn, loop) || leavesWhenIdle(fn, loop)) ? undefined : kind;
  }

  /** What a loop waits for tells when it ends. */
  #waitingLoop(fn: Fn, loop: NodeId): LoopKind | undefined {
    const code = fn.code;
    const rust = fn.package.language === 'rust';
    const name = code.name(loop);
    const body = code.child(loop, Role.Body);
    if (name === 'for') {
      let iter = code.child(loop, Role.Iter);
      // `listener.incoming().flatten()`, `rx.iter().filter(…)`
      while (iter >= 0 && code.kind(iter) === Kind.MethodCall && adaptors.has(code.name(iter)))
        iter = code.child(iter, Role.Object);
      if (iter < 0) return undefined;
      if (code.kind(iter) === Kind.MethodCall && code.name(iter) === 'incoming') return 'endless';
      const type = this.#values.typeOf(fn, iter);
      const inner = type && peel(type).type;
      if (!inner || inner.decl) return undefined;
      // A ticker's channel is never closed.
      if (inner.name === 'chan' && inner.args[0]?.name === 'time.Time') return 'endless';
      return inner.name === 'chan' || /^(Receiver|UnboundedReceiver)$/.test(lastSegment(inner.name))
        ? 'drain'
        : undefined;
    }
    if (name === 'while') {
      const condition = code.child(loop, Role.Condition);
      if (condition < 0) return undefined;
      if (code.kind(condition) === Kind.LetCondition) {
        if (!waitsIn(code, condition, true)) return undefined;
        // What does not wait ends when there is nothing more.
        if (rust && mentions(code, condition, /^try_recv$/) && !mentions(code, condition, /^recv/))
          return undefined;
        if (!mentions(code, condition, /^(next|try_next)$/)) return 'endless';
        return rust ? 'stream' : 'drain';
      }
      // `for ctx.Err() == nil`, `while !stopped`: as endless as the service is.
      const untilStopped =
        code.kind(condition) === Kind.Literal ||
        mentions(
          code,
          condition,
          /^(Err|Done|stopp?ed|closed|running|shutdown|is_cancelled|is_shutdown|alive|load)$/,
        );
      if (rust && body >= 0 && untilStopped && triesAgain(code, loop)) return undefined;
      if (
        body >= 0 &&
        (untilStopped
          ? waitsIn(code, body, false)
          : mentions(code, body, /^(accept|Accept(TCP|Unix|Stream)?)$/))
      )
        return 'endless';
      return undefined;
    }
    if (!waitsIn(code, body, false) || (rust && triesAgain(code, loop))) return undefined;
    return rust && onlyNext(code, body) ? 'stream' : 'endless';
  }
}

/**
 * True when the function of a loop over a channel closes that channel itself as soon as those who send have ended:
 * `go func() { workers.Wait(); close(results) }()`.
 */
function endsWithItsWorkers({ code, range: [body, after] }: Fn, loop: NodeId): boolean {
  const channel = code.child(loop, Role.Iter);
  for (let n = body; n < after; n++) {
    if (!code.is(n, Kind.Call) || !code.is(code.child(n, Role.Callee), Kind.Name, 'close')) continue;
    const closed = code.child(n, Role.Arg);
    if (closed < 0 || code.kind(closed) !== code.kind(channel) || code.name(closed) !== code.name(channel))
      continue;
    const closure = code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
    if (closure >= body && mentions(code, closure, /^Wait$/)) return true;
  }
  return false;
}

/**
 * `endless`: nothing but a stop ends it; `drain`: it ends with its channel; `stream`: it ends with a stream, which may
 * be that of one request.
 */
type LoopKind = 'endless' | 'drain' | 'stream';

/** Go: `select { case x := <-c: …; default: return }` takes what there is. */
function leavesWhenIdle(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language !== 'go') return false;
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) === Kind.Closure) n = code.after(n) - 1;
    else if (code.kind(n) === Kind.Select)
      for (const arm of code.all(n, Role.Arm))
        if (code.child(arm, Role.Comm) < 0 && code.is(lastIn(fn, code.child(arm, Role.Body)), Kind.Return))
          return true;
  }
  return false;
}

function lastIn(fn: Fn, block: NodeId): NodeId {
  return block < 0 ? -1 : (fn.code.children(block).at(-1) ?? -1);
}

/** The names of the calls in a loop that wait, closures and inner tasks left out. */
function waitsFor(code: Fn['code'], root: NodeId): Set<string> {
  const out = new Set<string>();
  for (let n = root; root >= 0 && n < code.after(root); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock) n = code.after(n) - 1;
    else if (kind === Kind.Select) out.add('select');
    else if (kind === Kind.MethodCall || kind === Kind.Call) {
      const name = callName(code, n);
      if (waiting.has(name)) out.add(name);
    }
  }
  return out;
}

/** Rust: `loop { match stream.next().await { Some(x) => …, None => break } }` */
function onlyNext(code: Fn['code'], body: NodeId): boolean {
  const names = waitsFor(code, body);
  return names.size > 0 && [...names].every((n) => /^(next|try_next|poll_next)$/.test(n));
}

/**
 * Rust: a loop that only sleeps between its rounds and is left as soon as something has worked: it tries again, it
 * does not serve. `if stop.load() { break }` is no success.
 */
function triesAgain(code: Fn['code'], loop: NodeId): boolean {
  const body = code.child(loop, Role.Body);
  const names = waitsFor(code, body);
  if (
    names.size === 0 ||
    ![...names].every((n) => /^(sleep|sleep_until|wait|fetch|poll|receive|select)$/.test(n))
  )
    return false;
  if (names.has('select') || !(names.has('sleep') || names.has('sleep_until'))) return false;
  for (let n = body; n < code.after(body); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock || kind === Kind.Loop) {
      n = code.after(n) - 1;
      continue;
    }
    if (kind !== Kind.Break && kind !== Kind.Return) continue;
    let stops = false;
    for (let at = n, up = code.parent(n); up >= loop && at !== loop; at = up, up = code.parent(up)) {
      const test =
        code.kind(up) === Kind.If
          ? code.child(up, Role.Condition)
          : code.kind(up) === Kind.Arm
            ? code.child(up, Role.Pattern)
            : -1;
      // Behind the else of `if let Err(…)` something has worked.
      const says = code.role(at) === Role.Else ? ENDS : STOPS;
      if (test >= 0 && mentions(code, test, says)) stops = true;
    }
    if (!stops) return true;
  }
  return false;
}

/** Names in a condition or pattern under which a loop ends with the service, or with an error. */
const ENDS = /stop|shut_?down|cancel|close|exit|quit|terminat|running|alive|load/i;
const STOPS = new RegExp(`${ENDS.source}|upgrade|(^|::)(Err|None|Closed|Disconnected)$|is_err|is_none`, 'i');

/**
 * A loop that ends with what it reads: Go's stream that says `io.EOF`, Rust's channel whose sender the same function has
 * dropped.
 */
function endsWithSource(fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  if (fn.package.language === 'go') {
    for (let n = loop; n < code.after(loop); n++)
      if (code.kind(n) === Kind.If && exits(code, code.child(n, Role.Then)))
        for (let m = code.child(n, Role.Condition), end = code.after(m); m >= 0 && m < end; m++)
          if (code.name(m) === 'EOF') return true;
    return false;
  }
  const source = code.child(loop, Role.Condition) >= 0 ? code.child(loop, Role.Condition) : loop;
  for (let n = source; n < code.after(source); n++) {
    if (code.kind(n) !== Kind.MethodCall || !/^recv/.test(code.name(n))) continue;
    const receiver = code.child(n, Role.Object);
    return code.kind(receiver) === Kind.Name && dropsSender(fn, code.name(receiver), code.start(loop));
  }
  return false;
}

/** Rust: `let (tx, mut rx) = channel(8); …; drop(tx);` before an offset. */
function dropsSender(fn: Fn, receiver: string, before: number): boolean {
  const code = fn.code;
  for (let n = fn.range[0]; n < fn.range[1] && code.start(n) < before; n++) {
    if (code.kind(n) !== Kind.Let || !code.is(code.child(n, Role.Pattern), Kind.Destructure, 'tuple'))
      continue;
    const [sender, other] = code.children(code.child(n, Role.Pattern));
    if (sender === undefined || other === undefined || code.name(other) !== receiver) continue;
    for (let m = n; m < fn.range[1] && code.start(m) < before; m++)
      if (
        code.kind(m) === Kind.Call &&
        callName(code, m) === 'drop' &&
        code.is(code.child(m, Role.Arg), Kind.Name, code.name(sender))
      )
        return true;
  }
  return false;
}

/** Go: the loop reads what its function has put into a channel of its own: it ends with that, like any other. */
export function drainsLocal(values: Values, fn: Fn, loop: NodeId): boolean {
  const code = fn.code;
  const iter = code.child(loop, Role.Iter);
  if (fn.package.language !== 'go' || iter < 0 || code.kind(iter) !== Kind.Name) return false;
  const b = values.scope(fn).lookup(code.name(iter), code.start(iter));
  const made = b?.value ?? -1;
  return (
    made >= 0 && code.kind(made) === Kind.Call && code.is(code.child(made, Role.Callee), Kind.Name, 'make')
  );
}

/** The place of a call lies between the function that is called and the one it stands in. */
const AT_A_CALL = 0.5;

/** Something that tells when a function runs, and how many calls away it is. */
interface Found<T> {
  readonly distance: number;
  readonly what: T;
}

/**
 * The nearest of everything that tells when a function runs; of two at one distance the one that stands first. So it
 * does not matter which callers were searched before.
 */
class Nearest {
  #request: Found<Evidence> | undefined;
  #likely: Found<Evidence> | undefined;
  #guess: Found<Evidence> | undefined;
  #api: Found<Fn> | undefined;
  #startup = Number.POSITIVE_INFINITY;
  #configured = Number.POSITIVE_INFINITY;
  #reach: Reach | undefined;

  addRequest(distance: number, what: Evidence): void {
    this.#request = nearer(this.#request, { distance, what }, (e) => e.at);
  }

  addLikely(distance: number, what: Evidence): void {
    this.#likely = nearer(this.#likely, { distance, what }, (e) => e.at);
  }

  addGuess(distance: number, what: Evidence): void {
    this.#guess = nearer(this.#guess, { distance, what }, (e) => e.at);
  }

  addApi(distance: number, what: Fn): void {
    this.#api = nearer(this.#api, { distance, what }, (fn) => fn.file.place(fn.fact.nameSpan));
  }

  addStartup(distance: number): void {
    if (distance <= MAX_CALLS + AT_A_CALL) this.#startup = Math.min(this.#startup, distance);
  }

  addConfigured(distance: number): void {
    this.addStartup(distance);
    if (distance <= MAX_CALLS + AT_A_CALL) this.#configured = Math.min(this.#configured, distance);
  }

  /** Everything that is known of a caller; of one that calls by a name alone nothing is proven. */
  addCaller(distance: number, caller: Nearest, guess: boolean): void {
    if (guess) {
      const known = caller.#request ?? caller.#likely ?? caller.#guess;
      if (known) this.addGuess(distance + known.distance, known.what);
    } else {
      if (caller.#request) this.addRequest(distance + caller.#request.distance, caller.#request.what);
      if (caller.#likely) this.addLikely(distance + caller.#likely.distance, caller.#likely.what);
      if (caller.#guess) this.addGuess(distance + caller.#guess.distance, caller.#guess.what);
      if (caller.#api) this.addApi(distance + caller.#api.distance, caller.#api.what);
    }
    this.addStartup(distance + caller.#startup);
    this.addConfigured(distance + caller.#configured);
  }

  /** True when nothing that is found so many calls away can be nearer. */
  isProvenBefore(distance: number): boolean {
    return this.#request !== undefined && this.#request.distance < distance;
  }

  get reach(): Reach {
    this.#reach ??= this.#request
      ? {
          request: this.#request.what,
          calls: Math.ceil(this.#request.distance),
          startup: this.#startup <= this.#request.distance,
        }
      : {
          startup: this.#startup < Number.POSITIVE_INFINITY,
          ...(this.#likely ? { likely: this.#likely.what } : {}),
          ...(this.#guess ? { guess: this.#guess.what } : {}),
          ...(this.#api ? { api: this.#api.what } : {}),
          ...(this.#configured < Number.POSITIVE_INFINITY ? { configured: true } : {}),
        };
    return this.#reach;
  }
}

function nearer<T>(a: Found<T> | undefined, b: Found<T>, place: (what: T) => Place): Found<T> | undefined {
  if (b.distance > MAX_CALLS + AT_A_CALL) return a;
  if (!a || b.distance !== a.distance) return a && a.distance < b.distance ? a : b;
  const [p, q] = [place(a.what), place(b.what)];
  return p.file < q.file || (p.file === q.file && p.span.start <= q.span.start) ? a : b;
}

/** True when the node runs at most once in a loop, because the loop is left behind it, or only after an error. */
function isRareIn(fn: Fn, node: NodeId, loop: NodeId): boolean {
  const { code } = fn;
  /** Inside a Go switch or select a `break` leaves only that. */
  let caught = false;
  for (let n = node, up = code.parent(node); up >= 0 && n !== loop; n = up, up = code.parent(up)) {
    const kind = code.kind(n);
    if (kind === Kind.If && isErrorTest(code, code.child(n, Role.Condition))) {
      const then = code.child(n, Role.Then);
      if (then >= 0 && code.within(node, then)) return true;
    }
    if (kind === Kind.Return || (kind === Kind.Break && code.name(n) === '' && !caught)) return true;
    if ((kind === Kind.Match || kind === Kind.Select) && fn.package.language === 'go') caught = true;
    if (kind === Kind.Loop) caught = true;
    if (kind === Kind.Closure) return false;
    if (code.kind(up) !== Kind.Block) continue;
    const last = code.children(up).at(-1);
    if (last === undefined) continue;
    if (code.kind(last) === Kind.Return) return true;
    if (code.kind(last) === Kind.Break && code.name(last) === '' && !caught) return true;
  }
  return false;
}

/** Go: `once.Do(s.load)` */
function isOnce({ fn, node }: CallSite): boolean {
  const code = fn.code;
  const call = code.parent(node);
  return (
    fn.package.language === 'go' &&
    ((code.is(call, Kind.MethodCall, 'Do') && code.all(call, Role.Arg).length === 1) ||
      (code.kind(call) === Kind.MethodCall && /^Once(Func|Value|Values)$/.test(code.name(call))))
  );
}

/** `std::iter::from_fn`, `array::from_fn`: the functions of iterators have names that registrations have as well. */
function makesIterator(fn: Fn, call: NodeId): boolean {
  const callee = call < 0 ? -1 : fn.code.child(call, Role.Callee);
  return (
    callee >= 0 &&
    fn.package.language === 'rust' &&
    /(^|::)(iter|array|stream|bytes|backoff|panic)::\w+$/.test(fn.file.fullPath(fn.code.name(callee)))
  );
}

/** A type in a function's result has a name like this. */
function mentionsResult(fn: Fn, names: RegExp): boolean {
  const { result } = fn.fact;
  if (result < 0) return false;
  for (let n = result; n < fn.code.after(result); n++)
    if (names.test(lastSegment(fn.code.name(n)))) return true;
  return false;
}

/** `err != nil`, alone or with more. */
function isErrorTest(code: Fn['code'], condition: NodeId): boolean {
  for (let n = condition; n >= 0 && n < code.after(condition); n++) {
    if (!code.is(n, Kind.Binary, '!=') || !code.is(code.child(n, Role.Right), Kind.Literal, 'nil')) continue;
    if (/err/i.test(code.name(code.child(n, Role.Left)))) return true;
  }
  return false;
}

/**
 * A workspace that has programs calls what it needs; what nobody calls there is left over, or for tests. Rust's calls
 * cannot all be followed: where the name is written somewhere, it may be one.
 */
export function isUncalled(pkg: Package, reach: Reach): boolean {
  const { api } = reach;
  if (api === undefined || reach.request || reach.likely || !isService(pkg)) return false;
  return pkg.language === 'go' || !Calls.of(pkg.program).isMentioned(api);
}

function makePhases(program: Program): Phases {
  return new Phases(program);
}

function isEntry(fn: Fn): boolean {
  return (
    fn.fact.owner === '' &&
    (fn.fact.name === 'main' || (fn.fact.name === 'init' && fn.package.language === 'go'))
  );
}

/** A call that waits, a receive or a select, in a loop's own body (not in a closure or an inner loop's closure). */
function waitsIn(code: Fn['code'], root: NodeId, strict: boolean): boolean {
  if (root < 0) return false;
  const after = code.after(root);
  for (let n = root; n < after; n++) {
    switch (code.kind(n)) {
      case Kind.Closure:
      case Kind.AsyncBlock:
        n = code.after(n) - 1;
        break;
      case Kind.Select:
        return true;
      case Kind.Unary:
        if (code.name(n) === '<-') return true;
        break;
      case Kind.MethodCall:
      case Kind.Call: {
        const name = callName(code, n);
        if (!waiting.has(name)) break;
        // A condition variable, a group, a limiter: Go's `Wait` blocks, Rust's takes what it waits for.
        if (name === 'Wait' || (name === 'wait' && code.child(n, Role.Arg) >= 0)) return true;
        // `iter.next()` ends; `stream.next().await` waits.
        if (/^(next|wait|poll|fetch|receive|park|select|Next|Get|Take|Pop|Fetch|Wait)$/.test(name)) {
          const up = code.parent(n);
          if (up >= 0 && code.kind(up) === Kind.Await) return true;
          // Without a context `Next` is an iterator's.
          if (!strict && /^(Next|Fetch)$/.test(name) && code.child(n, Role.Arg) >= 0) return true;
          break;
        }
        return true;
      }
    }
  }
  return false;
}

function mentions(code: Fn['code'], root: NodeId, names: RegExp): boolean {
  for (let n = root; n < code.after(root); n++) if (names.test(code.name(n))) return true;
  return false;
}

/** Rust: a name that no import of its file tells of comes with everything else of a framework for command lines. */
function isOfCommandLine({ name, file }: TypeRef): boolean {
  return !name.includes('::') && file.facts.imports.some((i) => rustCommandFrameworks.test(i.path));
}

/** `(s *Server) Method(ctx context.Context, in *pb.Request) (*pb.Reply, error)` or a stream parameter. */
function isGrpcMethod(fn: Fn): boolean {
  if (!fn.fact.owner || !fn.fact.exported) return false;
  const types = fn.fact.params.map((p) => typeText(fn, fn.code.child(p, Role.Type)));
  if (types.some((t) => /^\*?\w+\.\w+_\w+Server$/.test(t))) return true;
  const result = fn.fact.result < 0 ? [] : fn.code.children(fn.fact.result).map((c) => typeText(fn, c));
  return (
    types.length === 2 &&
    types[0] === 'context.Context' &&
    /^\*\w+\.\w*(Request|Req|Args|Empty|Input)$/.test(types[1] ?? '') &&
    result.length === 2 &&
    (result[0] ?? '').startsWith('*') &&
    result[1] === 'error'
  );
}

/** `RoundTrip(*http.Request) (*http.Response, error)`: the side that asks. */
export function sendsRequest(fn: Fn): boolean {
  const { result } = fn.fact;
  if (result < 0) return false;
  const code = fn.code;
  for (let n = result; n < code.after(result); n++) if (code.name(n) === 'http.Response') return true;
  return false;
}

/** `OnExit(f func())` registers what will run; it is not what runs. */
function takesFunction(fn: Fn): boolean {
  return fn.fact.params.some((p) => {
    const type = fn.code.child(p, Role.Type);
    return type >= 0 && /^(func|fn|Fn|FnMut|FnOnce)$/.test(fn.code.name(type));
  });
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
