import { parseDirective } from '../../core/directive.ts';
import type { Place } from '../../core/span.ts';
import { commandFields, processCommands } from '../../knowledge/commands.ts';
import { errorNames } from '../../knowledge/errors.ts';
import {
  closureRunners,
  configurationNames,
  conversions,
  eventNames,
  fileWatchers,
  migrationFiles,
  migrationNames,
  registrations,
  retriers,
  runsOnce,
  setUpNames,
  warpHandlers,
} from '../../knowledge/handlers.ts';
import { connections } from '../../knowledge/readers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { isService } from '../linkage.ts';
import type { Fn, Package, Program } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { debuggingAround, isForAdministrators, isRegisteredForAdministrators } from './administrators.ts';
import { readsEachRound } from './connection-reads.ts';
import { isLocal } from './default-addresses.ts';
import { Handlers, makesIterator, sendsRequest } from './handlers.ts';
import { isRegisteredLocally } from './local-peers.ts';
import { isFedByPeers } from './loop-feeds.ts';
import { AT_A_CALL, type Evidence, MAX_CALLS, Nearest, type Reach } from './reach.ts';
import { bringsLoad, endsWithItsWorkers, endsWithSource, ServingLoops } from './serving-loops.ts';

/** How many calls may lie between a handler and where it is set up. */
const MAX_SETUP = 3;

/** Go: https://pkg.go.dev/net/http#RoundTripper, which clients are made with. */
function isRoundTrip(fn: Fn): boolean {
  return (
    fn.fact.name === 'RoundTrip' && fn.package.language === 'go' && fn.fact.owner !== '' && sendsRequest(fn)
  );
}

/** What surrounds a node inside its function. */
export interface Context {
  readonly request?: Evidence;
  /** A loop that takes work until its source ends: it may serve for ever, or only collect. */
  readonly likely?: Evidence;
  /** Runs once, when a lazy value is first used. */
  readonly once: boolean;
  /** Once for each key, which may be at any time. */
  readonly keyed?: true;
  /** ServingLoops around the node inside the function, innermost first. */
  readonly loops: readonly NodeId[];
}

/** Of most nodes: nothing that matters surrounds them. */
const ANYWHERE: Context = { once: false, loops: [] };

/** What a site says of the function that it calls: that it handles requests, or runs once. */
type SiteEvidence = (Evidence & { readonly proven: boolean }) | 'once' | undefined;

const NOTHING: readonly SiteEvidence[] = [];

/** When functions run. One per program. */
export class Phases {
  /** What tells by itself that a function handles requests. */
  readonly handlers: Handlers;
  readonly #calls: Calls;
  readonly #loops: ServingLoops;
  readonly #values: Values;
  readonly #reach = new Map<Fn, Nearest>();
  readonly #hot = new Map<Fn, Evidence | undefined>();
  readonly #contexts = new Map<Fn, Map<NodeId, Context>>();
  readonly #evidences = new Map<Fn, readonly SiteEvidence[]>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.handlers = new Handlers(program);
    this.#loops = new ServingLoops(program);
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
    // Whoever uses a library calls what it hands out, when they like.
    if (!reach.request && !reach.likely && reach.startup && isInHandedOut(fn, node))
      return { api: fn, startup: false };
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
    const loops = this.turns(fn, node).filter((l) => !this.isServiceLoop(fn, l) && !pauses(fn, l));
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
        return {
          why: 'a comment says that this is hot',
          at: fn.file.place(d.span),
          byComment: true,
          hot: kind === 'hot',
        };
    }
    return undefined;
  }

  #calledHot(fn: Fn): Evidence | undefined {
    if (this.#hot.has(fn)) return this.#hot.get(fn);
    this.#hot.set(fn, undefined);
    let found: Evidence | undefined;
    for (const site of this.#calls.sitesOf(fn)) {
      if (site.guess) continue;
      const loop = this.turns(site.fn, site.node).find(
        (l) => !this.isServiceLoop(site.fn, l) && !pauses(site.fn, l),
      );
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
        const handler = this.handlers.evidenceOf(fn);
        if (handler) {
          const debugging = this.#debuggingAround(fn, 0);
          const evidence: Evidence = {
            ...handler,
            ...(this.#isGuarded(fn) || debugging ? { administrative: true } : {}),
            ...(debugging ? { debugging } : {}),
          };
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
        const evidences = this.#evidencesOf(fn, sites);
        for (let i = 0; i < sites.length; i++) {
          const site = sites[i] as CallSite;
          const evidence = evidences[i];
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
        if (!guess && isRoundTrip(fn) && sites.every((s) => s.guess || s.fn === fn))
          found.addLikely(calls, {
            why: `each request of a client goes through \`${fn.label}\``,
            at: fn.file.place(fn.fact.nameSpan),
          });
        if (!guess && isOffered(fn, sites)) {
          if (isSetUp(fn)) found.addStartup(calls);
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

  /** What each site that calls a function says of it. Searches from many functions come by the same callers. */
  #evidencesOf(fn: Fn, sites: readonly CallSite[]): readonly SiteEvidence[] {
    let known = this.#evidences.get(fn);
    if (!known) {
      known = sites.map((site) => this.#siteEvidence(site, fn));
      if (known.every((evidence) => evidence === undefined)) known = NOTHING;
      this.#evidences.set(fn, known);
    }
    return known;
  }

  #siteEvidence(site: CallSite, target: Fn): SiteEvidence {
    const context = this.context(site.fn, site.node);
    if (context.request) return { ...context.request, proven: true };
    if (context.once) return 'once';
    if (context.likely) return { ...context.likely, proven: false };
    if (site.kind === 'reference' && (isOnce(site) || this.#isCommand(site.fn, site.node))) return 'once';
    return site.kind === 'reference' && this.handlers.isRegistered(site, target)
      ? {
          why: `\`${target.label}\` is registered as a handler`,
          at: site.fn.place(site.node),
          request: true,
          proven: true,
          ...(isForAdministrators(target) || isForFew(site) ? { administrative: true } : {}),
          ...(this.handlers.isServedLocally(target.package) ? { local: true } : {}),
        }
      : undefined;
  }

  /** Every way to a handler is set up only for those who look for a fault: the condition that says so, at one of them. */
  #debuggingAround(fn: Fn, depth: number): Place | undefined {
    const sites = this.#calls.sitesOf(fn).filter((s) => !s.fn.isTest);
    let found: Place | undefined;
    for (const site of sites) {
      const condition = debuggingAround(site);
      const at =
        condition >= 0
          ? site.fn.place(condition)
          : depth < MAX_SETUP && !site.guess && site.fn !== fn
            ? this.#debuggingAround(site.fn, depth + 1)
            : undefined;
      if (!at) return undefined;
      found ??= at;
    }
    return found;
  }

  /** A handler that is registered for administrators alone, or that only such handlers call. */
  #isGuarded(fn: Fn, depth = 0): boolean {
    const sites = this.#calls.sitesOf(fn);
    const registered = sites.filter((s) => s.kind === 'reference');
    if (registered.length > 0) return registered.every(isForFew);
    return (
      depth < MAX_SETUP &&
      fn.package.language === 'go' &&
      sites.length > 0 &&
      sites.every((s) => !s.guess && s.fn !== fn && this.#isGuarded(s.fn, depth + 1))
    );
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
    const { first: body } = fn;
    const loops: NodeId[] = [];
    let likely: Evidence | undefined;
    const migrates = isMigration(fn);
    for (let n = node, up = code.parent(node); up >= body && up >= 0; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Loop && code.role(n) !== Role.Iter && code.role(n) !== Role.Init) {
        loops.push(up);
        const serves = this.#loops.kindOf(fn, up);
        if (serves && !migrates) {
          const evidence = loopEvidence(fn, up, node);
          if (serves === 'endless') return { request: evidence, once: false, loops };
          likely ??= { ...evidence, why: `${evidence.why}, until there is no more`, ends: true };
        } else if (!migrates && readsEachRound(fn, up)) {
          const why = `a loop in \`${fn.label}\` that reads what a peer sends, until there is no more`;
          likely ??= { why, at: fn.place(up), loop: true, round: { fn, loop: up, node }, ends: true };
        }
      }
      if (kind === Kind.Closure) {
        if (this.#isCommand(fn, up)) return { once: true, loops };
        const use = this.#closureUse(fn, up);
        if (use === 'once') return { once: true, loops, ...(isKeyed(fn, up) ? { keyed: true } : {}) };
        if (use) {
          // `router.Any("/__debug", debugHandler())` under a condition that speaks of debugging.
          const debugging = fn.package.language === 'go' ? this.#debuggingAround(fn, 0) : undefined;
          const local = use.request && this.handlers.isServedLocally(fn.package);
          // `func setSettingsHandler(key string) http.HandlerFunc { return func(w, r) { … } }`
          const administrative = debugging || (use.request && isForAdministrators(fn));
          const request = {
            ...use,
            ...(administrative ? { administrative: true as const } : {}),
            ...(debugging ? { debugging } : local ? { local } : {}),
          };
          return { request, once: false, loops };
        }
      }
    }
    if (loops.length === 0 && !migrates) return ANYWHERE;
    return { once: migrates, loops, ...(likely ? { likely } : {}) };
  }

  /** Go: `&cobra.Command{RunE: serve}`: a process runs one command, once. */
  #isCommand(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    const field = fn.package.language === 'go' ? code.parent(n) : -1;
    if (field < 0 || code.kind(field) !== Kind.FieldInit || !commandFields.has(code.name(field)))
      return false;
    const type = this.#values.typeOf(fn, code.parent(field));
    return type !== undefined && processCommands.test(peel(type).type.name);
  }

  #closureUse(fn: Fn, closure: NodeId): Evidence | 'once' | undefined {
    const code = fn.code;
    for (const p of code.all(closure, Role.Param)) {
      const type = this.#values.types.at(fn.file, code.child(p, Role.Type));
      if (type && this.handlers.isHandlerType(type, fn.file.facts.language))
        return { why: `a handler in \`${fn.label}\``, at: fn.place(closure), request: true };
    }
    const call = code.parent(closure);
    if (call < 0) return undefined;
    const kind = code.kind(call);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
    const name = callName(code, call);
    if (this.#isLocal(fn, call)) return undefined;
    if (runsOnce.test(name)) return 'once';
    const callee = code.child(call, Role.Callee);
    if (callee >= 0 && /(LazyLock|Lazy|LazyCell)::new$/.test(code.name(callee))) return 'once';
    if (warpHandlers.test(name) && isOfWarp(fn, call))
      return { why: `a handler in \`${fn.label}\``, at: fn.place(closure), request: true };
    // Iterators take closures too: only routers and subscriptions make a handler of them.
    if (
      registrations.has(name) &&
      !makesIterator(fn, call) &&
      !(name === 'for_each_concurrent' && isOverList(fn, call)) &&
      !closureRunners.test(name) &&
      !retriers.test(this.#values.goPackage(fn, code.child(call, Role.Object)) ?? '') &&
      // `retry.Backoff(5).On(func() error { … })` names no event.
      !(name === 'On' && code.all(call, Role.Arg).length < 2)
    )
      return { why: `a closure registered by \`${name}\``, at: fn.place(closure) };
    if (fileWatchers.test(name))
      return { why: `a closure registered by \`${name}\``, at: fn.place(closure), administrative: true };
    return undefined;
  }

  /** Go: `subscribe := func(topic string, f any) { … }`: a name of the function's own says nothing of what it does. */
  #isLocal(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    const callee = fn.package.language === 'go' ? code.child(call, Role.Callee) : -1;
    return (
      callee >= 0 &&
      code.kind(callee) === Kind.Name &&
      this.#values.scope(fn).lookup(code.name(callee), code.start(callee)) !== undefined
    );
  }

  /** True for a loop that waits for connections, messages or ticks. */
  isServiceLoop(fn: Fn, loop: NodeId): boolean {
    return this.#loops.kindOf(fn, loop) !== undefined;
  }

  /** Rust: true for a loop that ends with a stream, which may be that of one request, or what a query gives. */
  endsWithStream(fn: Fn, loop: NodeId): boolean {
    return fn.package.language === 'rust' && this.#loops.kindOf(fn, loop) === 'stream';
  }

  /** True for a loop that serves as long as the program does: not one that works off a stream for a request. */
  isLastingLoop(fn: Fn, loop: NodeId): boolean {
    const kind = this.#loops.kindOf(fn, loop);
    if (endsWithSource(fn, loop)) return false;
    if (fn.package.language === 'go')
      return kind === 'endless' || (kind === 'drain' && !endsWithItsWorkers(fn, loop));
    if (kind === undefined || kind === 'endless') return kind !== undefined;
    const reach = this.of(fn);
    return !reach.request && (kind === 'drain' || (reach.startup && bringsLoad(fn, loop)));
  }
}

/** Nobody else in sight calls the function: one that walks a tree calls itself, and is as much offered to others as any. */
function isOffered(fn: Fn, sites: readonly CallSite[]): boolean {
  return sites.every((s) => s.fn === fn || isPassedOn(fn, s));
}

/** A handler is registered for those who run the program: for administrators, or at a socket of the machine itself. */
function isForFew(site: CallSite): boolean {
  return isRegisteredForAdministrators(site) || isRegisteredLocally(site);
}

/** Go: `group.Do(key, f)` of a singleflight group. */
function isKeyed({ code }: Fn, closure: NodeId): boolean {
  const call = code.parent(closure);
  return code.is(call, Kind.MethodCall, 'Do') && code.all(call, Role.Arg).length > 1;
}

/** What a serving loop says of a node in it. */
export function loopEvidence(fn: Fn, loop: NodeId, node: NodeId): Evidence {
  return {
    why: `a loop in \`${fn.label}\` that waits for work`,
    at: fn.place(loop),
    loop: true,
    round: { fn, loop, node },
    ...fedBy(fn, loop, node),
  };
}

function fedBy(fn: Fn, loop: NodeId, node: NodeId): { own?: true; local?: true } {
  if (!isFedByPeers(fn, loop, node)) return { own: true };
  return isLocal(fn, loop, node) ? { local: true } : {};
}

/** True when the node runs at most once in a loop, because the loop is left behind it, or only after an error. */
export function isRareIn(fn: Fn, node: NodeId, loop: NodeId): boolean {
  const { code } = fn;
  /** Inside a Go switch or select a `break` leaves only that. */
  let caught = false;
  /** Inside another loop a `break` with a label may leave only that. */
  let inner = false;
  const leaves = (statement: NodeId) =>
    code.kind(statement) === Kind.Break && (code.name(statement) === '' ? !caught : !inner);
  for (let n = node, up = code.parent(node); up >= 0 && n !== loop; n = up, up = code.parent(up)) {
    const kind = code.kind(n);
    if (kind === Kind.If && isErrorTest(code, code.child(n, Role.Condition))) {
      const then = code.child(n, Role.Then);
      if (then >= 0 && code.within(node, then)) return true;
    }
    if (kind === Kind.Return || leaves(n)) return true;
    if ((kind === Kind.Match || kind === Kind.Select) && fn.package.language === 'go') caught = true;
    if (kind === Kind.Loop) caught = inner = true;
    if (kind === Kind.Closure) return false;
    if (code.kind(up) !== Kind.Block) continue;
    const last = code.children(up).at(-1);
    if (last === undefined) continue;
    if (code.kind(last) === Kind.Return) return true;
    if (leaves(last)) return true;
  }
  return false;
}

/** Go: `w.Provider.Delete(ctx, pod)` in `Delete`: what wraps another of its kind calls it, and somebody else calls what wraps. */
function isPassedOn(fn: Fn, { fn: by, kind }: CallSite): boolean {
  return (
    fn.package.language === 'go' &&
    kind === 'call' &&
    fn.fact.owner !== '' &&
    by.fact.owner !== '' &&
    by.fact.name === fn.fact.name &&
    by.fact.exported
  );
}

/** Go: the node stands in a closure that the function returns, or puts into a field, and no program here calls it. */
function isInHandedOut(fn: Fn, node: NodeId): boolean {
  const { code, first } = fn;
  if (fn.package.language !== 'go' || isService(fn.package)) return false;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  if (closure < first) return false;
  const up = code.parent(closure);
  return (
    code.kind(up) === Kind.Return ||
    code.kind(up) === Kind.FieldInit ||
    (code.is(up, Kind.Assign, '=') && code.is(code.child(up, Role.Target), Kind.Field))
  );
}

/** A loop that sleeps between its turns, as one that tries again does: it turns slowly, however often it is entered. */
export function pauses(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  const body = code.child(loop, Role.Body);
  if (body < 0 || code.kind(loop) !== Kind.Loop) return false;
  return code.children(body).some((s) => {
    const call = code.kind(s) === Kind.Await ? code.child(s, Role.Object) : s;
    const isCall = call >= 0 && (code.kind(call) === Kind.MethodCall || code.kind(call) === Kind.Call);
    return isCall && /^(Sleep|sleep|sleep_until)$/.test(callName(code, call));
  });
}

/** Rust: `warp::path!("geo" / String).and(…).map(closure)` */
function isOfWarp(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  let root = call;
  while (code.kind(root) === Kind.MethodCall) root = code.child(root, Role.Object);
  const callee = code.kind(root) === Kind.Call ? code.child(root, Role.Callee) : root;
  const written = callee < 0 ? '' : code.name(callee);
  return written.startsWith('warp::') || fn.file.fullPath(written).startsWith('warp::');
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

/** `err != nil`, alone or with more. */
function isErrorTest(code: Fn['code'], condition: NodeId): boolean {
  for (let n = condition; n >= 0 && n < code.after(condition); n++) {
    if (!code.is(n, Kind.Binary, '!=') || !code.is(code.child(n, Role.Right), Kind.Literal, 'nil')) continue;
    if (errorNames.test(code.name(code.child(n, Role.Left)))) return true;
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

/** `stream::iter(hosts).for_each_concurrent(4, |host| …)` ends with its list: https://docs.rs/futures/latest/futures/stream/fn.iter.html */
function isOverList({ code }: Fn, call: NodeId): boolean {
  let n = call;
  while (n >= 0 && code.kind(n) === Kind.MethodCall) n = code.child(n, Role.Object);
  return n >= 0 && code.kind(n) === Kind.Call && callName(code, n) === 'iter';
}

/** Rust: a function that moves what is stored, once: its loops end with that. */
export function isMigration(fn: Fn): boolean {
  return (
    fn.package.language === 'rust' &&
    migrationNames.test(fn.fact.name) &&
    migrationFiles.test(fn.file.facts.file)
  );
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

/** `OnExit(f func())` registers what will run; it is not what runs. */
/** Sets something up by its name, and not for a peer that it is handed: those come at any time. */
export function isSetUp({ fact, file, code, package: { program } }: Fn): boolean {
  if (!setUpNames.test(fact.name) || conversions.test(fact.trait)) return false;
  const { types } = Values.of(program);
  return !fact.params.some((p) => {
    const type = types.at(file, code.child(p, Role.Type));
    return type !== undefined && connections.test(peel(type).type.name);
  });
}

function takesFunction(fn: Fn): boolean {
  return fn.fact.params.some((p) => {
    const type = fn.code.child(p, Role.Type);
    return type >= 0 && /^(func|fn|Fn|FnMut|FnOnce)$/.test(fn.code.name(type));
  });
}
