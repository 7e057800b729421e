import type { Place } from '../core/span.ts';
import { rustSpawnFunctions, rustSpawnMethods } from '../knowledge/rust-spawn.ts';
import {
  admissionLimits,
  goGroupTypes,
  goStatement,
  limiterMethods,
  permitNames,
  rateMethods,
  rustUnits,
  type SpawnRow,
} from '../knowledge/spawns.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { isBrief } from './brief-work.ts';
import { callName } from './call-name.ts';
import { Calls } from './calls.ts';
import { lengthOf } from './concurrency.ts';
import { chosenCount } from './counts.ts';
import { sameText } from './effects.ts';
import { exits } from './exits.ts';
import {
  endsWithItsOwner,
  goSpawnBound,
  mayBeHelper,
  ofItsOwner,
  type SpawnHelper,
  spawnHelpers,
} from './go-spawns.ts';
import { ItemSources } from './item-sources.ts';
import { isUncalled, Phases } from './phases.ts';
import { Places } from './places.ts';
import type { Fn, Package, TypeDecl } from './program.ts';
import type { Evidence } from './reach.ts';
import { Recent } from './recent.ts';
import { RustValues } from './rust-values.ts';
import type { Binding } from './scope.ts';
import { lastSegment, peel } from './types.ts';
import { Values } from './values.ts';

/** A statement that starts a thread, a task or a goroutine. */
export interface SpawnSite {
  readonly fn: Fn;
  /** The spawning call or `go` statement. */
  readonly node: NodeId;
  readonly row: SpawnRow;
  /** As written, for messages: `tokio::spawn`, `go`, `g.Go`. */
  readonly verb: string;
  /** The closure, async block or call that is started, or -1. */
  readonly work: NodeId;
}

/** Keys of the spawn rules' exemption tables. */
export type SpawnBoundReason =
  | 'permit'
  | 'group-limit'
  | 'counted'
  | 'admission'
  | 'fixed-number'
  | 'joined'
  | 'start-up-only'
  | 'timer'
  | 'request-scoped'
  // Go
  | 'ends-process'
  | 'owned'
  | 'one-at-a-time'
  | 'once-per-key'
  | 'lock-step'
  | 'helper'
  | 'brief';

export interface SpawnBound {
  readonly reason: SpawnBoundReason;
  readonly by: string;
  readonly where?: Place;
}

/** How often an unlimited spawn runs. */
export interface SpawnRate {
  /** What each one is started for: `connection`, `message`, `request`, `item`. */
  readonly per: string;
  readonly evidence: Evidence;
  /** `likely` rests on names or on callers outside; of the `unknown` nobody can tell how many there are. */
  readonly sure: 'proven' | 'likely' | 'unknown';
  /** The loop it stands in, or -1. */
  readonly loop: NodeId;
}

export type SpawnVerdict = { readonly bound: SpawnBound } | { readonly rate: SpawnRate };

/** All spawn sites of a package outside tests, in source order. */
export function spawnSites(pkg: Package): SpawnSite[] {
  const values = Values.of(pkg.program);
  const out: SpawnSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      const site = siteAt(values, fn, code, n);
      if (site) out.push(site);
    }
  }
  return out;
}

function siteAt(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const kind = code.kind(n);
  if (kind === Kind.Spawn) {
    const call = code.child(n, Role.Object);
    const callee = call < 0 ? -1 : code.child(call, Role.Callee);
    const work = callee >= 0 && code.kind(callee) === Kind.Closure ? callee : call;
    return { fn, node: n, row: goStatement, verb: 'go', work };
  }
  if (fn.package.language === 'go') {
    if (kind === Kind.MethodCall && code.name(n) === 'Go') {
      const type = values.typeOf(fn, code.child(n, Role.Object));
      const row = type && goGroupTypes[peel(type).type.name];
      const name = code.name(code.child(n, Role.Object));
      if (row) return { fn, node: n, row, verb: `${name}.Go`, work: code.child(n, Role.Arg) };
    }
    return kind === Kind.MethodCall || kind === Kind.Call ? helperSite(values, fn, code, n) : undefined;
  }
  if (kind === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
    const written = code.name(callee);
    const first = written.split('::')[0] as string;
    const imported = fn.file.importPath(first);
    const path = imported === undefined ? written : imported + written.slice(first.length);
    const known = Object.hasOwn(rustSpawnFunctions, path) ? rustSpawnFunctions[path] : undefined;
    const row = known && rustUnits[known.runs];
    return row ? { fn, node: n, row, verb: written, work: code.child(n, Role.Arg) } : undefined;
  }
  if (kind === Kind.MethodCall && /^(spawn\w*|execute)$/.test(code.name(n))) {
    const object = code.child(n, Role.Object);
    const type = values.typeOf(fn, object);
    const inner = type && peel(type).type;
    const key = inner && !inner.decl ? `${lastSegment(inner.name)}.${code.name(n)}` : '';
    const known = Object.hasOwn(rustSpawnMethods, key) ? rustSpawnMethods[key] : undefined;
    const row = known ? rustUnits[known.runs] : inScope(fn, object) ? rustUnits.thread : undefined;
    const of = known ? lastSegment(inner?.name ?? '') : 'Scope';
    return row ? { fn, node: n, row, verb: `${of}::spawn`, work: code.child(n, Role.Arg) } : undefined;
  }
  return undefined;
}

/** Go: a call of a function that runs its argument in a goroutine, and does not limit how many there are. */
function helperSite(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const { program } = fn.package;
  const name = callName(code, n);
  if (!mayBeHelper(program, name)) return undefined;
  const [target, ...others] = values.callees(fn, n);
  const helper = target && others.length === 0 ? spawnHelpers(program).get(target) : undefined;
  // What is handed on once more is counted where that is called.
  if (!helper || spawnHelpers(program).get(fn)?.node === n) return undefined;
  const given = code.all(n, Role.Arg)[helper.index] ?? -1;
  if (given < 0 || limitIn(helper)) return undefined;
  const object = code.kind(n) === Kind.MethodCall ? `${code.name(code.child(n, Role.Object))}.` : '';
  const work = code.kind(given) === Kind.Closure ? given : -1;
  return { fn, node: n, row: goStatement, verb: `${object}${name}`, work };
}

function limitIn({ fn, node }: SpawnHelper): SpawnBound | undefined {
  return new SpawnJudge({ fn, node, row: goStatement, verb: 'go', work: -1 }).limit();
}

/** The scope that `thread::scope` lends to its closure: https://doc.rust-lang.org/std/thread/fn.scope.html */
function inScope(fn: Fn, object: NodeId): boolean {
  const code = fn.code;
  if (object < 0 || code.kind(object) !== Kind.Name) return false;
  const name = code.name(object);
  const closure = code.ancestor(
    object,
    (a) =>
      code.kind(a) === Kind.Closure &&
      code.all(a, Role.Param).some((p) => code.is(code.child(p, Role.Pattern), Kind.Bind, name)),
  );
  const call = closure < 0 ? -1 : code.parent(closure);
  const callee = call >= 0 && code.kind(call) === Kind.Call ? code.child(call, Role.Callee) : -1;
  return (
    callee >= 0 &&
    /(^|::)(thread|crossbeam|crossbeam_utils::thread)::scope$/.test(fn.file.fullPath(code.name(callee)))
  );
}

/** Decides for one spawn site what limits it, or how often it runs without a limit. */
export function judgeSpawn(site: SpawnSite): SpawnVerdict | undefined {
  return new SpawnJudge(site).judge();
}

class SpawnJudge {
  readonly #site: SpawnSite;
  readonly #fn: Fn;
  readonly #code: Code;
  readonly #phases: Phases;
  readonly #places: Places;
  readonly #calls: Calls;

  constructor(site: SpawnSite) {
    this.#site = site;
    this.#fn = site.fn;
    this.#code = site.fn.code;
    const { program } = site.fn.package;
    this.#phases = Phases.of(program);
    this.#places = Places.of(program);
    this.#calls = Calls.of(program);
  }

  judge(): SpawnVerdict | undefined {
    const helper = spawnHelpers(this.#fn.package.program).get(this.#fn);
    if (helper?.node === this.#site.node)
      return {
        bound: {
          reason: 'helper',
          by: `those who call \`${this.#fn.label}\`, each of them judged there`,
          where: this.#fn.file.place(this.#fn.fact.nameSpan),
        },
      };
    const limit =
      this.limit() ??
      replacesItself(this.#site) ??
      goSpawnBound(this.#site, this.#roundOf(this.#fn, this.#site.node));
    if (limit) return { bound: limit };
    const rate = this.#rate();
    if (!rate) return undefined;
    if ('bound' in rate) return rate;
    if (this.#onlyPassesOn()) return undefined;
    const owned =
      ofItsOwner(this.#site) ??
      (rate.per === 'request'
        ? (this.#forTheCaller() ?? endsWithItsOwner(this.#site) ?? this.#brief())
        : undefined);
    return owned ? { bound: owned } : { rate };
  }

  /** What limits how many there are at once. */
  limit(): SpawnBound | undefined {
    return this.#limit(this.#fn, this.#site.node);
  }

  // --- how often

  #rate(): SpawnRate | { readonly bound: SpawnBound } | undefined {
    const { fn, node } = this.#site;
    const context = this.#phases.context(fn, node);
    if (context.once || isAfterFailure(fn, node)) return undefined;
    const alone =
      awaitedAtOnce(this.#site) ??
      endsProcess(this.#site) ??
      this.#onePerEntry() ??
      endsWithItsRound(this.#site);
    if (alone) return { bound: alone };
    // Inside what another spawn started: counted there, unless a loop of its own multiplies it.
    const outer = this.#outerSpawn(fn, node);
    for (const [i, loop] of context.loops.entries()) {
      if (outer >= 0 && this.#code.within(outer, loop)) break;
      const served = this.#phases.isServiceLoop(fn, loop);
      if (served) {
        // It runs once: the loop is left behind it.
        if (fn.package.language === 'rust' && !this.#phases.turns(fn, node).includes(loop)) continue;
        if (!this.#carries(fn, this.#handedOver(), (b) => this.#code.within(b.node, loop))) return undefined;
        return (
          this.#paced(fn, loop, node) ?? {
            per: perOf(fn, loop, node),
            evidence: { why: `a loop in \`${fn.label}\` that waits for work`, at: fn.place(loop) },
            sure: 'proven',
            loop,
          }
        );
      }
      // Behind it the loop is left, so that there is only one.
      if (fn.package.language === 'go' && !this.#phases.turns(fn, node).includes(loop)) continue;
      const items = this.#itemLoop(fn, loop);
      if (!items) continue;
      const due = this.#due(fn, loop, context.loops[i + 1]);
      if (due) return due;
      // A fixed number in each round of another loop is many, unless the round waits for them.
      const around = context.loops[i + 1];
      const repeats = around !== undefined && !(outer >= 0 && this.#code.within(outer, around));
      const isFixed = 'bound' in items && items.bound.reason === 'fixed-number';
      if (isFixed && repeats && !waitsBetween(fn, loop, around)) continue;
      return items;
    }
    if (outer >= 0) return undefined;
    return this.#perCall(fn, node, 0);
  }

  /** Rust: `fn spawn(&self, task: F) -> JoinHandle<T> { self.handle.spawn(task) }`: whoever calls it starts the task. */
  #onlyPassesOn(): boolean {
    const { fn, work } = this.#site;
    const code = this.#code;
    if (fn.package.language !== 'rust' || work < 0) return false;
    // `fn execute(&self, future: F) { self.handle.spawn(future); }` does nothing else.
    if (!handsBack(this.#site) && code.children(fn.range[0]).length > 1) return false;
    let n = work;
    while (code.kind(n) === Kind.MethodCall) n = code.child(n, Role.Object);
    if (code.kind(n) !== Kind.Name) return false;
    return this.#places.values.scope(fn).lookup(code.name(n), code.start(n))?.source === 'parameter';
  }

  /** Rust: who gets the handle of what is started, in a result or in a future, waits for it or drops it. */
  #forTheCaller(): SpawnBound | undefined {
    const { fn } = this.#site;
    return handsBack(this.#site)
      ? {
          reason: 'joined',
          by: `whoever calls \`${fn.label}\`, which hands the handle back`,
          where: fn.file.place(fn.fact.nameSpan),
        }
      : undefined;
  }

  /** What is over at once does not add up at the rate of requests. */
  #brief(): SpawnBound | undefined {
    const { fn, node, work } = this.#site;
    return isBrief(fn, work)
      ? { reason: 'brief', by: 'nothing in it that waits', where: fn.place(node) }
      : undefined;
  }

  /** Rust: started where a map has no entry for a key, and kept in it from then on: one for each entry. */
  #onePerEntry(): SpawnBound | undefined {
    const { fn, node } = this.#site;
    const code = this.#code;
    if (fn.package.language !== 'rust') return undefined;
    for (let n = node, up = code.parent(node); up >= fn.range[0]; n = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Closure || kind === Kind.Loop) return undefined;
      let test = -1;
      if (kind === Kind.Arm && code.role(n) === Role.Body) {
        const pattern = code.child(up, Role.Pattern);
        if (pattern >= 0 && /(^|::)(None|Vacant)$/.test(code.name(pattern)))
          test = code.child(code.parent(up), Role.Subject);
      } else if (kind === Kind.If && code.role(n) === Role.Then) {
        const condition = code.child(up, Role.Condition);
        const negated = condition >= 0 && code.is(condition, Kind.Unary, '!');
        if (negated || (condition >= 0 && code.name(condition) === 'is_none')) test = condition;
      } else if (kind === Kind.If && code.role(n) === Role.Else) test = code.child(up, Role.Condition);
      const map = test < 0 ? '' : lookedUp(code, test);
      if (map === '') continue;
      for (let m = n; m < code.after(n); m++)
        if (
          code.kind(m) === Kind.MethodCall &&
          (code.name(m) === 'insert' || code.name(m) === 'insert_entry') &&
          (lastName(code, code.child(m, Role.Object)) === map ||
            /^(entry|e|vacant|v|slot)$/.test(lastName(code, code.child(m, Role.Object))))
        )
          return { reason: 'counted', by: `one for each entry of \`${map}\``, where: fn.place(m) };
    }
    return undefined;
  }

  /** A spawn in a loop over items: as many as the input has. */
  #itemLoop(fn: Fn, loop: NodeId): SpawnRate | { readonly bound: SpawnBound } | undefined {
    // A loop over nothing, which tries again: each round may wait for what it has started.
    const paced = this.#code.child(loop, Role.Iter) < 0 ? this.#paced(fn, loop, this.#site.node) : undefined;
    if (paced) return paced;
    const fixed = chosenCount(fn, loop) ?? this.#tested(fn, loop);
    if (fixed) return { bound: { reason: 'fixed-number', by: fixed, where: fn.place(loop) } };
    const reach = this.#phases.at(fn, loop);
    if (!reach.request && !reach.likely && !reach.api)
      return reach.startup
        ? {
            bound: {
              reason: 'start-up-only',
              by: `\`${fn.label}\` running only while the program starts`,
              where: fn.place(loop),
            },
          }
        : undefined;
    if (isUncalled(fn.package, reach)) return undefined;
    const evidence = reach.request ??
      reach.likely ?? { why: `\`${fn.label}\` is called from outside`, at: fn.file.place(fn.fact.nameSpan) };
    const source =
      fn.package.language === 'go'
        ? ItemSources.of(fn.package.program).ofLoop(fn, loop)
        : rustItems(fn, loop);
    if (source === 'kept')
      return {
        bound: {
          reason: 'fixed-number',
          by: 'what it runs over, which the program keeps or its deployment fixes',
          where: fn.place(loop),
        },
      };
    const sure = source === 'unknown' ? 'unknown' : reach.request !== undefined ? 'proven' : 'likely';
    return { per: 'item', evidence, sure, loop };
  }

  /**
   * What is taken out of a queue of timers is what is due: `sleep(queue.wake_up_time()).await; while let Some(event) =
   * queue.pop()`. However many there are, each of them waits its time before it comes again.
   */
  #due(fn: Fn, loop: NodeId, around: NodeId | undefined): { readonly bound: SpawnBound } | undefined {
    const code = fn.code;
    if (around === undefined || perOf(fn, around, loop) !== 'tick') return undefined;
    const condition = code.child(loop, Role.Condition);
    for (let n = around; n < loop; n++) {
      const timer =
        (code.kind(n) === Kind.Call || code.kind(n) === Kind.MethodCall) &&
        SETS_TIMER.test(callName(code, n));
      if (!timer || condition < 0) continue;
      for (const arg of code.all(n, Role.Arg))
        for (let m = arg; m < code.after(arg); m++)
          if (code.kind(m) === Kind.MethodCall && asks(code, condition, code.child(m, Role.Object)))
            return {
              bound: {
                reason: 'timer',
                by: `the times in \`${lastName(code, code.child(m, Role.Object))}\``,
                where: fn.place(n),
              },
            };
    }
    return undefined;
  }

  /** Go: `if len(slices) > 16 { return … }` before the loop over them. */
  #tested(fn: Fn, loop: NodeId): string | undefined {
    const code = fn.code;
    const condition = code.child(loop, Role.Condition);
    const iter = code.child(loop, Role.Iter);
    if (fn.package.language !== 'go') return undefined;
    for (let n = fn.range[0]; n < loop; n++) {
      if (code.kind(n) !== Kind.If || !exits(code, code.child(n, Role.Then))) continue;
      const test = code.child(n, Role.Condition);
      if (test < 0 || !/^>=?$/.test(code.name(test))) continue;
      const length = code.child(test, Role.Left);
      if (!code.is(length, Kind.Call) || !code.is(code.child(length, Role.Callee), Kind.Name, 'len'))
        continue;
      if (code.is(code.child(test, Role.Right), Kind.Number, '0')) continue;
      const list = code.child(length, Role.Arg);
      const root = iter >= 0 ? iter : condition;
      for (let m = Math.max(root, 0); root >= 0 && m < code.after(root); m++)
        if (sameText(code, m, list)) return 'a test of how many there are';
    }
    return undefined;
  }

  /** A spawn outside loops: once per call, so the calls decide. */
  #perCall(fn: Fn, node: NodeId, depth: number): SpawnRate | { readonly bound: SpawnBound } | undefined {
    const joined = depth === 0 ? this.#joined(fn, node) : undefined;
    if (joined) return { bound: joined };
    const handler = this.#handlerAround(fn, node);
    if (handler) return this.#scoped() ?? { per: 'request', evidence: handler, sure: 'proven', loop: -1 };
    // Further out, what is started must still be for what the caller was given or has received.
    const isParameter = (b: Binding) => b.source === 'parameter';
    if (depth >= 2 || !this.#carries(fn, depth === 0 ? this.#handedOver() : [node], isParameter))
      return undefined;
    for (const s of this.#calls.sitesOf(fn)) {
      if (s.kind !== 'call' || this.#outerSpawn(s.fn, s.node) >= 0) continue;
      const context = this.#phases.context(s.fn, s.node);
      const loop = context.loops.find((l) => this.#phases.isServiceLoop(s.fn, l));
      if (loop !== undefined) {
        if (!this.#carries(s.fn, [s.node], (b) => s.fn.code.within(b.node, loop))) continue;
        const limit = this.#limit(s.fn, s.node);
        if (limit) return { bound: limit };
        const paced = this.#paced(s.fn, loop, s.node);
        if (paced) return paced;
        return {
          per: perOf(s.fn, loop, s.node),
          evidence: {
            why: `\`${s.fn.label}\` calls \`${fn.label}\` in a loop that waits for work`,
            at: s.fn.place(s.node),
          },
          sure: 'proven',
          loop: -1,
        };
      }
      if (context.loops.length > 0) continue;
      const found = this.#perCall(s.fn, s.node, depth + 1);
      if (found && 'per' in found) {
        const limit = this.#limit(s.fn, s.node);
        return limit ? { bound: limit } : found;
      }
    }
    return undefined;
  }

  /** Code mentions a local name of a kind: what it works on comes from there. */
  #carries(fn: Fn, roots: readonly NodeId[], from: (b: Binding) => boolean, depth = 0): boolean {
    const code = fn.code;
    const scope = this.#places.values.scope(fn);
    for (const root of roots)
      for (let n = root; n < code.after(root); n++) {
        if (code.kind(n) !== Kind.Name) continue;
        const b = scope.lookup(code.name(n), code.start(n));
        if (!b || BESIDE_WORK.test(b.name) || code.within(b.node, root)) continue;
        if (from(b)) return true;
        // `Event::Job(job)` out of an event that was received.
        const taken = depth < 2 && b.source === 'part' && b.value >= 0 && fn.package.language === 'rust';
        if (taken && this.#carries(fn, [b.value], from, depth + 1)) return true;
      }
    return false;
  }

  /** What the spawn gets: a goroutine's call with its arguments, the arguments of a spawning call. */
  #handedOver(): readonly NodeId[] {
    const { node } = this.#site;
    const code = this.#code;
    return code.kind(node) === Kind.Spawn ? code.children(node) : code.all(node, Role.Arg);
  }

  /** The node runs in a request handler: the function is one, or a closure around the node is one. */
  #handlerAround(fn: Fn, node: NodeId): Evidence | undefined {
    const context = this.#phases.context(fn, node);
    if (context.request && context.loops.length === 0) return context.request;
    return this.#phases.handlers.evidenceOf(fn);
  }

  /** The `go` statement or spawning call around a node, or -1. */
  #outerSpawn(fn: Fn, node: NodeId): NodeId {
    const code = fn.code;
    const values = this.#places.values;
    return code.ancestor(node, (a) => {
      const kind = code.kind(a);
      if (kind !== Kind.Spawn && kind !== Kind.Call && kind !== Kind.MethodCall) return false;
      return siteAt(values, fn, code, a) !== undefined;
    });
  }

  /** What is started in a handler ends with the request: it holds its context, connection or channel. */
  #scoped(): { readonly bound: SpawnBound } | undefined {
    const { fn, work } = this.#site;
    const holder = this.#holdsResponse();
    if (holder)
      return {
        bound: {
          reason: 'request-scoped',
          by: `the response that \`${holder.fact.name}\` holds`,
          where: holder.file.place(holder.fact.nameSpan),
        },
      };
    for (let n = Math.max(work, 0); work >= 0 && n < fn.code.after(work); n++) {
      const kind = fn.code.kind(n);
      if (
        (kind === Kind.Name || kind === Kind.Field || kind === Kind.MethodCall) &&
        REQUEST_SCOPE.test(fn.code.name(n)) &&
        !this.#isPlain(fn, n) &&
        // `context.Background()` names a package.
        this.#places.values.goPackage(fn, n) === undefined &&
        !this.#isDetached(fn, n)
      )
        return {
          bound: {
            reason: 'request-scoped',
            by: `the request, through \`${fn.code.name(n)}\``,
            where: fn.place(n),
          },
        };
    }
    return undefined;
  }

  /** Go: the method that is started belongs to a type that holds the response: it ends with it. */
  #holdsResponse(): TypeDecl | undefined {
    const { fn, work } = this.#site;
    if (fn.package.language !== 'go' || work < 0 || fn.code.kind(work) !== Kind.MethodCall) return undefined;
    const { values } = this.#places;
    const decl = values.declOf(fn, fn.code.child(work, Role.Object));
    const holds = decl?.fact.fields.some((f) => {
      const type = values.types.at(decl.file, f.type);
      return type !== undefined && this.#phases.handlers.isHandlerType(type, 'go');
    });
    return holds ? decl : undefined;
  }

  /** Go: a context that comes from `context.Background()` does not end with the request, nor does its cancel. */
  #isDetached(fn: Fn, n: NodeId): boolean {
    if (fn.package.language !== 'go' || fn.code.kind(n) !== Kind.Name) return false;
    const code = fn.code;
    const { values } = this.#places;
    let at = n;
    for (let i = 0; i < 6 && at >= 0; i++) {
      if (code.kind(at) === Kind.Name) {
        const b = values.scope(fn).lookup(code.name(at), code.start(at));
        at = b?.value ?? -1;
      } else if (code.kind(at) === Kind.MethodCall) {
        if (values.goPackage(fn, code.child(at, Role.Object)) !== 'context') return false;
        if (/^(Background|TODO|WithoutCancel)$/.test(code.name(at))) return true;
        at = code.child(at, Role.Arg);
      } else return false;
    }
    return false;
  }

  /** Text, numbers and collections end with nothing, whatever their name. */
  #isPlain(fn: Fn, n: NodeId): boolean {
    const { program } = fn.package;
    const type =
      fn.package.language === 'rust'
        ? RustValues.of(program).typeOf(fn, n)
        : this.#places.values.typeOf(fn, n);
    const name = type && lastSegment(peel(type).type.name);
    return (
      name !== undefined &&
      /^(str|String|string|bool|u?int(8|16|32|64)?|[iu](8|16|32|64|128|size)|Vec|HashMap|slice|map|Uuid)$/.test(
        name,
      )
    );
  }

  /** Each round of the loop waits for a timer, or for what it has started. */
  #paced(fn: Fn, loop: NodeId, node: NodeId): { readonly bound: SpawnBound } | undefined {
    const code = fn.code;
    if (perOf(fn, loop, node) === 'tick')
      return { bound: { reason: 'timer', by: 'the timer that paces the loop', where: fn.place(loop) } };
    const up = code.parent(node);
    const isHandle = node === this.#site.node || handsBack(this.#site);
    if (isHandle && up >= 0 && code.kind(up) === Kind.Await)
      return { bound: { reason: 'joined', by: 'waiting for it at once', where: fn.place(up) } };
    const drained = fn.package.language === 'rust' ? this.#drained(fn, loop, node) : -1;
    if (drained >= 0)
      return {
        bound: { reason: 'joined', by: 'waiting for it before the next round', where: fn.place(drained) },
      };
    const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
    const let_ = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
    const handle = let_ >= 0 ? code.name(code.child(let_, Role.Pattern)) : '';
    for (let n = code.after(node); block >= 0 && n < code.after(block); n++) {
      const kind = code.kind(n);
      const waited =
        fn.package.language === 'go'
          ? (kind === Kind.Unary && code.name(n) === '<-') ||
            (kind === Kind.MethodCall && code.name(n) === 'Wait') ||
            this.#readsPipe(fn, n) ||
            ((kind === Kind.MethodCall || kind === Kind.Call) && this.#awaitedIn(fn, n))
          : (kind === Kind.Await && code.is(code.child(n, Role.Object), Kind.Name, handle)) ||
            (kind === Kind.MethodCall && /^(join|join_next)$/.test(code.name(n)));
      if (waited)
        return {
          bound: { reason: 'joined', by: 'waiting for it before the next round', where: fn.place(n) },
        };
    }
    return undefined;
  }

  /** Where the set that a task joins is emptied in the same round: `while set.join_next().await.is_some() {}`; or -1. */
  #drained(fn: Fn, loop: NodeId, node: NodeId): NodeId {
    const code = fn.code;
    if (node !== this.#site.node || code.kind(node) !== Kind.MethodCall) return -1;
    const set = lastName(code, code.child(node, Role.Object));
    for (let n = code.after(node); set !== '' && n < code.after(loop); n++)
      if (
        code.kind(n) === Kind.MethodCall &&
        /^(join_next|join_all)$/.test(code.name(n)) &&
        lastName(code, code.child(n, Role.Object)) === set
      )
        return n;
    return -1;
  }

  // --- what limits

  #limit(fn: Fn, node: NodeId): SpawnBound | undefined {
    return (
      this.#groupLimit(fn, node) ??
      this.#permit(fn, node) ??
      this.#counted(fn, node) ??
      this.#countedDown(fn, node) ??
      this.#admission(fn)
    );
  }

  /** `g.SetLimit(n)` on the group, wherever it stands; a `JoinSet` whose length is tested. */
  #groupLimit(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    if (code.kind(node) !== Kind.MethodCall) return undefined;
    const group = this.#places.of(fn, code.child(node, Role.Object));
    if (!group) return undefined;
    for (const other of fn.package.functions) {
      const c = other.code;
      const [body, after] = other.range;
      for (let n = body; n < after; n++) {
        if (c.kind(n) !== Kind.MethodCall) continue;
        const name = c.name(n);
        if (name !== 'SetLimit' && !(name === 'len' && fn.package.language === 'rust' && other === fn))
          continue;
        const same = this.#places.of(other, c.child(n, Role.Object));
        if (
          same &&
          (same.key === group.key ||
            (same.root === 'unknown' && same.name === group.name) ||
            storedAs(other, n, group.name))
        )
          return {
            reason: 'group-limit',
            by: name === 'len' ? `a test of how many \`${group.name}\` runs` : '`SetLimit`',
            where: other.place(n),
          };
      }
    }
    return undefined;
  }

  /** A permit is taken before the spawn, in the same round of the loop. */
  #permit(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const round = this.#roundOf(fn, node);
    for (let n = round; n < node; n++) {
      const kind = code.kind(n);
      if (kind !== Kind.MethodCall && kind !== Kind.Call && kind !== Kind.Send && kind !== Kind.Unary)
        continue;
      // `for { select { case slots <- 1: break; case e := <-errs: … } }` goes on when there is a slot.
      const isTried = kind === Kind.Send && code.role(n) === Role.Comm;
      if (!isTried && !isOnTheWay(code, n, node)) continue;
      if (kind === Kind.MethodCall || kind === Kind.Call) {
        const name = callName(code, n);
        if (
          limiterMethods.has(name) ||
          this.#limitsByObject(fn, n, name) ||
          (TAKES.test(name) && this.#givenBack(fn, n, node))
        )
          return { reason: 'permit', by: `\`${name}\` before the spawn`, where: fn.place(n) };
        const inside = this.#limiterIn(fn, n);
        if (inside) return inside;
      }
      if (kind === Kind.Send && code.start(n) < code.start(node)) {
        const channel = code.child(n, Role.Object);
        if (
          permitNames.test(lastName(code, channel)) ||
          this.#workTouches(fn, node, lastName(code, channel), 'receive')
        )
          return { reason: 'permit', by: `a slot of \`${lastName(code, channel)}\``, where: fn.place(n) };
      }
      if (kind === Kind.Unary && code.name(n) === '<-') {
        const channel = code.child(n, Role.Object);
        if (this.#workTouches(fn, node, lastName(code, channel), 'send'))
          return { reason: 'permit', by: `a token of \`${lastName(code, channel)}\``, where: fn.place(n) };
      }
    }
    return undefined;
  }

  /** `limiter.Wait(ctx)`, `limiter.Allow()`; `pool.get().await`: as many as the pool has connections. */
  #limitsByObject(fn: Fn, call: NodeId, method: string): boolean {
    const code = fn.code;
    const object = code.kind(call) === Kind.MethodCall ? code.child(call, Role.Object) : -1;
    if (object < 0) return false;
    const name = lastName(code, object);
    if (rateMethods.has(method)) {
      const type = this.#places.values.typeOf(fn, object);
      return (
        /limit|throttl|bucket|rate/i.test(name) ||
        (type !== undefined && /Limiter$/.test(peel(type).type.name))
      );
    }
    const awaited = code.parent(call) >= 0 && code.kind(code.parent(call)) === Kind.Await;
    return awaited && /pool/i.test(name) && /^(get|acquire|connection|get_conn)$/.test(method);
  }

  /** `pool.Take()` before the spawn, `defer pool.Give()` inside. */
  #givenBack(fn: Fn, call: NodeId, node: NodeId): boolean {
    const code = fn.code;
    if (node !== this.#site.node || code.kind(call) !== Kind.MethodCall) return false;
    const pool = code.child(call, Role.Object);
    for (let n = node; n < code.after(node); n++)
      if (
        code.kind(n) === Kind.MethodCall &&
        GIVES_BACK.test(code.name(n)) &&
        sameText(code, code.child(n, Role.Object), pool)
      )
        return true;
    return false;
  }

  /** A function of the workspace that is called before the spawn and takes a permit or counts. */
  #limiterIn(fn: Fn, call: NodeId): SpawnBound | undefined {
    const targets = this.#places.values.callees(fn, call);
    if (targets.length !== 1) return undefined;
    const target = targets[0] as Fn;
    const code = target.code;
    const [body, after] = target.range;
    for (let n = body; n < after; n++) {
      const kind = code.kind(n);
      if (kind === Kind.Closure || kind === Kind.Spawn) n = code.after(n) - 1;
      else if (kind === Kind.MethodCall) {
        const name = code.name(n);
        if (limiterMethods.has(name) || ATOMIC_GATES.test(name))
          return { reason: 'permit', by: `\`${name}\` in \`${target.label}\``, where: target.place(n) };
      } else if (kind === Kind.Send || code.is(n, Kind.Unary, '<-')) {
        const slots = code.child(n, Role.Object);
        if (this.#carriesPermits(target, slots))
          return {
            reason: 'permit',
            by: `a slot of \`${lastName(code, slots)}\`, taken in \`${target.label}\``,
            where: target.place(n),
          };
      }
    }
    return undefined;
  }

  /** A channel in a field of the receiver whose elements say nothing: `chan struct{}`, `chan bool`. */
  #carriesPermits(fn: Fn, channel: NodeId): boolean {
    const code = fn.code;
    if (channel < 0 || fn.fact.receiver === '' || code.kind(channel) !== Kind.Field) return false;
    if (!code.is(code.child(channel, Role.Object), Kind.Name, fn.fact.receiver)) return false;
    if (/done|stop|quit|clos|exit|ready|cancel/i.test(code.name(channel))) return false;
    const type = this.#places.values.typeOf(fn, channel);
    const inner = type && peel(type).type;
    return inner?.name === 'chan' && /^(struct|bool|int|any)$/.test(inner.args[0]?.name ?? '');
  }

  /** The closure that a local name stands for, or -1. */
  #localClosure(fn: Fn, callee: NodeId): NodeId {
    const code = fn.code;
    if (callee < 0 || code.kind(callee) !== Kind.Name) return -1;
    const b = this.#places.values.scope(fn).lookup(code.name(callee), code.start(callee));
    return b && b.value >= 0 && code.kind(b.value) === Kind.Closure ? b.value : -1;
  }

  /** `pr, pw := io.Pipe()`: what is started fills one end, and the other end is used behind it. */
  #readsPipe(fn: Fn, n: NodeId): boolean {
    const code = fn.code;
    if (code.kind(n) !== Kind.Name) return false;
    const b = this.#places.values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b || b.value < 0 || code.kind(b.value) !== Kind.MethodCall || code.name(b.value) !== 'Pipe')
      return false;
    const ends = code.all(code.parent(b.value), Role.Pattern).map((p) => code.name(p));
    const { node } = this.#site;
    for (let m = node; m < code.after(node); m++)
      if (code.kind(m) === Kind.Name && code.name(m) !== b.name && ends.includes(code.name(m))) return true;
    return false;
  }

  /** `defer pr.Close()` before what is started writes into the other end: the write fails when the function is left. */
  #closesPipe(fn: Fn, node: NodeId): NodeId {
    const code = fn.code;
    for (let n = fn.range[0]; n < node; n++)
      if (
        code.is(n, Kind.MethodCall, 'Close') &&
        code.kind(code.parent(n)) === Kind.Defer &&
        this.#readsPipe(fn, code.child(n, Role.Object))
      )
        return n;
    return -1;
  }

  /** Go: what is started answers through a channel or pipe, and a function that is called next waits for the answer. */
  #awaitedIn(fn: Fn, call: NodeId): boolean {
    const code = fn.code;
    const { values } = this.#places;
    const args = code.all(call, Role.Arg);
    for (const [i, arg] of args.entries()) {
      if (code.kind(arg) !== Kind.Name || !this.#workTouches(fn, this.#site.node, code.name(arg), 'send'))
        continue;
      const targets = values.callees(fn, call);
      const waits = targets.some((t) => {
        const p = t.fact.params[i];
        const pattern = p === undefined ? -1 : t.code.child(p, Role.Pattern);
        return pattern >= 0 && receives(t.code, ...t.range, t.code.name(pattern));
      });
      if (waits) return true;
      const closure = this.#localClosure(fn, code.child(call, Role.Callee));
      const given = closure < 0 ? undefined : code.all(closure, Role.Param)[i];
      const pattern = given === undefined ? -1 : code.child(given, Role.Pattern);
      if (pattern >= 0 && receives(code, closure, code.after(closure), code.name(pattern))) return true;
    }
    return false;
  }

  /** What is started gives back to, or takes from, the same channel. */
  #workTouches(fn: Fn, node: NodeId, channel: string, how: 'send' | 'receive'): boolean {
    if (channel === '') return false;
    const work = node === this.#site.node ? this.#site.work : -1;
    if (work < 0) return false;
    if (touches(fn.code, work, fn.code.after(work), channel, how)) return true;
    return this.#places.values.callees(fn, work).some((t) => touches(t.code, ...t.range, channel, how));
  }

  /** `if active >= MAX { …; continue }` before the spawn. */
  #counted(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const round = this.#roundOf(fn, node);
    for (let n = round; n < node; n++) {
      const kind = code.kind(n);
      // `match slots.compare_exchange(free, free - 1, …)` takes one of a number of slots.
      if (kind === Kind.MethodCall && /^compare_exchange(_weak)?$/.test(code.name(n)) && takesOne(code, n))
        return { reason: 'counted', by: 'a slot that is taken before the spawn', where: fn.place(n) };
      if (kind !== Kind.If && kind !== Kind.Loop) continue;
      const condition = code.child(n, Role.Condition);
      if (condition < 0 || !this.#counts(fn, condition)) continue;
      const before = !code.within(node, n);
      const then = code.child(n, Role.Then);
      if (
        before
          ? kind === Kind.Loop ||
            exits(code, then) ||
            (fn.package.language === 'rust' && makesRoom(code, then))
          : kind === Kind.If
      )
        return {
          reason: 'counted',
          by: 'a count that is tested before the spawn',
          where: fn.place(condition),
        };
    }
    return undefined;
  }

  /** `Some(job) = rx.recv(), if free > 0 => { free -= 1; spawn(…) }`: the guard of a select's arm counts down. */
  #countedDown(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    if (fn.package.language !== 'rust') return undefined;
    const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Guard) >= 0);
    const guard = arm < 0 ? -1 : code.child(arm, Role.Guard);
    for (let n = guard; guard >= 0 && n < code.after(guard); n++) {
      if (code.kind(n) !== Kind.Name && code.kind(n) !== Kind.Field) continue;
      for (let m = code.after(guard); m < code.after(arm); m++)
        if (
          code.kind(m) === Kind.Assign &&
          /^[-+]=$/.test(code.name(m)) &&
          sameText(code, code.child(m, Role.Target), n)
        )
          return { reason: 'counted', by: 'a count that is tested before the spawn', where: fn.place(guard) };
    }
    return undefined;
  }

  /** A condition counts what runs, itself or through a local: `let full = self.in_flight >= max; if full { … }`. */
  #counts(fn: Fn, condition: NodeId): boolean {
    const code = fn.code;
    if (isCount(code, condition)) return true;
    if (fn.package.language !== 'rust') return false;
    for (let n = condition; n < code.after(condition); n++) {
      if (code.kind(n) !== Kind.Name) continue;
      const b = this.#places.values.scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'value' && b.value >= 0 && isCount(code, b.value)) return true;
    }
    return false;
  }

  /** A limit on accepted connections or requests in the same package. */
  #admission(fn: Fn): SpawnBound | undefined {
    return fn.package.program.derive(makeAdmissions).get(fn.package).limit;
  }

  /** Where the current round begins: the body of the innermost loop around the node, or of the function. */
  #roundOf(fn: Fn, node: NodeId): NodeId {
    const { loops } = this.#phases.context(fn, node);
    const code = fn.code;
    const loop = loops[0];
    if (loop !== undefined) {
      const body = code.child(loop, Role.Body);
      if (body >= 0) return loop;
    }
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    return closure >= 0 ? closure : fn.range[0];
  }

  /** The function waits for what it has started, or the caller's stream ends it. */
  #joined(fn: Fn, node: NodeId): SpawnBound | undefined {
    const code = fn.code;
    const up = code.parent(node);
    if (up >= 0 && (code.kind(up) === Kind.Await || code.kind(up) === Kind.Try))
      return { reason: 'joined', by: 'waiting for it at once', where: fn.place(up) };
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    const end = closure >= 0 ? code.after(closure) : fn.range[1];
    const pipe = fn.package.language === 'go' ? this.#closesPipe(fn, node) : -1;
    if (pipe >= 0)
      return { reason: 'request-scoped', by: 'the pipe that the function closes', where: fn.place(pipe) };
    const let_ = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
    const bound = let_ >= 0 ? code.name(code.child(let_, Role.Pattern)) : '';
    for (let n = code.after(node); n < end; n++) {
      const kind = code.kind(n);
      if (fn.package.language === 'go') {
        if (
          kind === Kind.Select ||
          (kind === Kind.Unary && code.name(n) === '<-') ||
          (kind === Kind.MethodCall && code.name(n) === 'Wait') ||
          this.#readsPipe(fn, n) ||
          ((kind === Kind.MethodCall || kind === Kind.Call) && this.#awaitedIn(fn, n))
        )
          return { reason: 'joined', by: `\`${fn.label}\` waiting for it`, where: fn.place(n) };
        if (kind === Kind.Loop && code.child(n, Role.Iter) >= 0 && this.#phases.isServiceLoop(fn, n))
          return { reason: 'joined', by: `\`${fn.label}\` reading its results`, where: fn.place(n) };
      } else {
        if (
          kind === Kind.Name &&
          bound !== '' &&
          bound !== '_' &&
          !bound.startsWith('_') &&
          code.name(n) === bound
        )
          return { reason: 'joined', by: `\`${bound}\` being kept`, where: fn.place(n) };
        if (
          (kind === Kind.Path || kind === Kind.Call) &&
          /(ReceiverStream|Sse|Body::from_stream|from_stream|StreamBody)/.test(code.name(n))
        )
          return { reason: 'request-scoped', by: 'the response stream it feeds', where: fn.place(n) };
        if (
          kind === Kind.Select ||
          (kind === Kind.MethodCall && /^(join_next|join_all|join|recv|changed|notified)$/.test(code.name(n)))
        )
          return { reason: 'joined', by: `\`${fn.label}\` waiting for it`, where: fn.place(n) };
      }
    }
    return undefined;
  }
}

/** The new value of an exchange is one less, or one more, than the old one. */
function takesOne(code: Code, exchange: NodeId): boolean {
  const next = code.all(exchange, Role.Arg)[1];
  return (
    next !== undefined &&
    code.kind(next) === Kind.Binary &&
    /^[-+]$/.test(code.name(next)) &&
    code.is(code.child(next, Role.Right), Kind.Number, '1')
  );
}

/** Who decides how many items a loop of Rust has. */
function rustItems(fn: Fn, loop: NodeId): 'input' | 'kept' | 'unknown' {
  const iter = fn.code.child(loop, Role.Iter);
  // `while let Some(item) = items.pop()`; any other loop over nothing tries again.
  if (iter < 0)
    return fn.code.kind(fn.code.child(loop, Role.Condition)) === Kind.LetCondition ? 'input' : 'unknown';
  const length = lengthOf(fn, iter);
  return length.kind === 'chosen' ? 'kept' : length.kind === 'input' && length.known ? 'input' : 'unknown';
}

/** `spawn_blocking(…).await??`, `AbortOnDropHandle::new(tokio::spawn(…)).await`: whoever starts it waits for it. */
function awaitedAtOnce({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  let n = node;
  for (let up = code.parent(n); up >= fn.range[0]; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Await) return { reason: 'joined', by: 'waiting for it at once', where: fn.place(up) };
    const wraps =
      (kind === Kind.Call &&
        code.role(n) === Role.Arg &&
        /(^|::)(new|from|timeout)$/.test(callName(code, up))) ||
      (kind === Kind.MethodCall && code.role(n) === Role.Object);
    if (!wraps && kind !== Kind.Try) return undefined;
  }
  return undefined;
}

/** What is started ends the process or takes its server down: `tokio::spawn(async { sleep(…).await; process::exit(0) })`. */
function endsProcess({ fn, work }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  for (let n = Math.max(work, 0); work >= 0 && n < code.after(work); n++)
    if (
      endsIt(fn, n) &&
      // At its end, not when something fails.
      code.ancestor(
        n,
        (a) => code.within(a, work) && (code.kind(a) === Kind.If || code.kind(a) === Kind.Arm),
      ) < 0
    )
      return { reason: 'fixed-number', by: 'what it starts, which ends the process', where: fn.place(n) };
  return undefined;
}

/** Names of functions that stop or replace the program they run in. */
const ENDINGS = /^(shutdown_\w+|shut_down(_\w+)?|restart(_\w+)?|relaunch(_\w+)?)$/;

function endsIt(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call)
    return (
      ENDINGS.test(callName(code, n)) ||
      /(^|::)process::(exit|abort)$/.test(code.name(code.child(n, Role.Callee)))
    );
  return false;
}

/** `write().await.map_err(|e| { tokio::spawn(clean_up()); e })?`: once, and then the loop is left. */
function isAfterFailure(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  const call = closure < fn.range[0] ? -1 : code.parent(closure);
  if (call < 0 || code.kind(call) !== Kind.MethodCall || !/^(map_err|inspect_err)$/.test(code.name(call)))
    return false;
  return code.ancestor(call, (a) => code.kind(a) === Kind.Try) >= 0;
}

/** The function's result is the handle of what it starts: whoever calls it decides. */
function handsBack({ fn, node }: SpawnSite): boolean {
  const code = fn.code;
  if (fn.package.language !== 'rust') return false;
  let n = node;
  for (let up = code.parent(n); up >= fn.range[0]; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Return) return true;
    if (kind === Kind.Block) return up === fn.range[0] && code.role(n) === Role.Value;
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
  }
  return false;
}

/** `self.timer = Some(tokio::spawn(…))`: the next one takes the place of the last. */
function replacesItself({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  let n = node;
  for (let up = code.parent(n); up >= fn.range[0]; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Assign) {
      const target = code.child(up, Role.Target);
      return code.kind(target) === Kind.Field || endsTheLast(fn, up, target)
        ? { reason: 'joined', by: `\`${code.name(target)}\` holding one at a time`, where: fn.place(up) }
        : undefined;
    }
    const holds: readonly Kind[] = [
      Kind.Call,
      Kind.MethodCall,
      Kind.Composite,
      Kind.FieldInit,
      Kind.Sequence,
    ];
    if (!holds.includes(kind)) return undefined;
  }
  return undefined;
}

/** `if let Some(last) = running { last.await }` before `running = Some(tokio::spawn(…))`: a local that lives around the loop. */
function endsTheLast(fn: Fn, assign: NodeId, target: NodeId): boolean {
  const code = fn.code;
  const loop = code.ancestor(assign, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.range[0] || code.kind(target) !== Kind.Name) return false;
  for (let n = loop; n < assign; n++) {
    if (code.kind(n) !== Kind.If && code.kind(n) !== Kind.Match) continue;
    const test = code.child(n, code.kind(n) === Kind.If ? Role.Condition : Role.Subject);
    if (test < 0 || !mentionsName(code, test, code.name(target))) continue;
    for (let m = n; m < code.after(n); m++)
      if (
        code.kind(m) === Kind.Await ||
        (code.kind(m) === Kind.MethodCall && /^(abort|join|cancel|stop)$/.test(code.name(m)))
      )
        return true;
  }
  return false;
}

function mentionsName(code: Code, root: NodeId, name: string): boolean {
  for (let n = root; n < code.after(root); n++) if (code.is(n, Kind.Name, name)) return true;
  return false;
}

/**
 * Rust: `let (_alive, mut gone) = channel(1); spawn(async move { … gone.recv() … })`: the sender never leaves its block, so
 * that the task ends with the round it was started in.
 */
function endsWithItsRound({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = block; block >= 0 && n < node; n++) {
    const pattern = code.kind(n) === Kind.Let && code.parent(n) === block ? code.child(n, Role.Pattern) : -1;
    const [sender, receiver] = pattern < 0 ? [] : code.children(pattern);
    if (sender === undefined || receiver === undefined) continue;
    const value = code.child(n, Role.Value);
    if (value < 0 || !/^(channel|oneshot|bounded|new)$/.test(callName(code, value))) continue;
    if (!receivesIn(code, node, code.name(receiver)) || isHandedOn(code, code.name(sender), n, block))
      continue;
    return {
      reason: 'joined',
      by: `\`${code.name(sender)}\`, which goes with the round it is made in`,
      where: fn.place(n),
    };
  }
  return undefined;
}

function receivesIn(code: Code, root: NodeId, receiver: string): boolean {
  for (let n = root; n < code.after(root); n++)
    if (
      code.is(n, Kind.Name, receiver) &&
      (code.kind(code.parent(n)) === Kind.Await || /^(recv|changed|next)$/.test(code.name(code.parent(n))))
    )
      return true;
  return false;
}

/** A local is more than sent into or dropped in the rest of its block. */
function isHandedOn(code: Code, name: string, from: NodeId, block: NodeId): boolean {
  for (let n = code.after(from); n < code.after(block); n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    const up = code.parent(n);
    const isSent =
      code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object && code.name(up) === 'send';
    if (!isSent && !(code.kind(up) === Kind.Call && callName(code, up) === 'drop')) return true;
  }
  return false;
}

/** The limits on accepted work, by package. */
function makeAdmissions(): Recent<Package, { readonly limit: SpawnBound | undefined }> {
  return new Recent((pkg) => {
    for (const fn of pkg.functions) {
      const limit = fn.isTest ? undefined : admissionIn(fn);
      if (limit) return { limit };
    }
    return { limit: undefined };
  });
}

function admissionIn(fn: Fn): SpawnBound | undefined {
  const code = fn.code;
  const [body, after] = fn.range;
  for (let n = body; n < after; n++) {
    const kind = code.kind(n);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
    const callee = code.child(n, Role.Callee);
    const name = callName(code, n);
    const type = callee < 0 ? '' : (code.name(callee).split('::').at(-2) ?? '');
    if (admissionLimits.has(name) || admissionLimits.has(type))
      return {
        reason: 'admission',
        by: `\`${admissionLimits.has(name) ? name : type}\``,
        where: fn.place(n),
      };
  }
  return undefined;
}

/** What stands behind a loop in the round of the loop around it waits: for results, for handles, for a group. */
function waitsBetween(fn: Fn, loop: NodeId, around: NodeId): boolean {
  const code = fn.code;
  const go = fn.package.language === 'go';
  for (let n = code.after(loop); n < code.after(around); n++) {
    const kind = code.kind(n);
    if (go ? code.is(n, Kind.Unary, '<-') : kind === Kind.Await) return true;
    if (kind === Kind.MethodCall && (go ? code.name(n) === 'Wait' : /^join(_next|_all)?$/.test(code.name(n))))
      return true;
  }
  return false;
}

/** What each round of a serving loop takes before it comes to a node: a connection, a tick, a message. */
function perOf(fn: Fn, loop: NodeId, node: NodeId): string {
  const code = fn.code;
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const comm = arm >= 0 && code.within(arm, loop) ? code.child(arm, Role.Comm) : -1;
  const [from, to] = comm >= 0 ? [comm, code.after(comm)] : [loop, node];
  let ticks = comm < 0 && code.child(loop, Role.Iter) >= 0 && paces(fn, code.child(loop, Role.Iter));
  for (let n = from; n < to; n++) {
    const kind = code.kind(n);
    if (comm < 0 && kind === Kind.Arm && code.child(n, Role.Comm) >= 0) {
      // What the other arms of an earlier select do says nothing.
      n = code.after(n) - 1;
      continue;
    }
    if (paces(fn, n)) {
      if (isOnTheWay(code, n, node) && !inOtherBranch(code, n, node)) ticks = true;
    } else if (kind === Kind.MethodCall || kind === Kind.Call) {
      if (/^(accept|incoming|Accept)/.test(callName(code, n))) return 'connection';
    }
  }
  return ticks ? 'tick' : 'message';
}

/** A call or receive that waits for time to pass. */
function paces(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind === Kind.MethodCall || kind === Kind.Call)
    return /^(tick|Tick|sleep|Sleep|After)$/.test(callName(code, n));
  return kind === Kind.Field && code.name(n) === 'C' && fn.package.language === 'go';
}

/** `if err { sleep; continue }`: a branch that the node is not in. */
function inOtherBranch(code: Code, n: NodeId, node: NodeId): boolean {
  const branch = code.ancestor(n, (a) => {
    const role = code.role(a);
    return (
      role === Role.Then ||
      role === Role.Else ||
      (role === Role.Body && code.kind(code.parent(a)) === Kind.Arm)
    );
  });
  return branch >= 0 && !code.within(node, branch);
}

/** False for what stands in a loop, closure or task of its own before the node. */
function isOnTheWay(code: Code, before: NodeId, node: NodeId): boolean {
  for (let n = before, up = code.parent(n); up >= 0 && !code.within(node, up); n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure || kind === Kind.AsyncBlock || kind === Kind.Spawn) return false;
    if (kind === Kind.Loop && code.role(n) === Role.Body) return false;
  }
  return true;
}

function lastName(code: Code, n: NodeId): string {
  return n < 0 ? '' : code.name(n);
}

/** A statement in a range of nodes sends to, or receives from, a channel of this name. */
function touches(code: Code, from: NodeId, to: NodeId, channel: string, how: 'send' | 'receive'): boolean {
  for (let n = from; n < to; n++) {
    const kind = code.kind(n);
    if (how === 'send' && kind === Kind.Send && lastName(code, code.child(n, Role.Object)) === channel)
      return true;
    if (how === 'send' && code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'close'))
      if (lastName(code, code.child(n, Role.Arg)) === channel) return true;
    if (
      how === 'receive' &&
      kind === Kind.Unary &&
      code.name(n) === '<-' &&
      lastName(code, code.child(n, Role.Object)) === channel
    )
      return true;
  }
  return false;
}

/** A function takes from a channel it was given: `<-results`, `for r := range results`. */
function receives(code: Code, from: NodeId, to: NodeId, channel: string): boolean {
  if (touches(code, from, to, channel, 'receive')) return true;
  for (let n = from; n < to; n++)
    if (code.kind(n) === Kind.Loop && code.is(code.child(n, Role.Iter), Kind.Name, channel)) return true;
  return false;
}

/** The receiver of a call ends up in a field of this name: `g.SetLimit(n); return &T{g: g}`. */
function storedAs(fn: Fn, call: NodeId, field: string): boolean {
  const code = fn.code;
  const object = code.child(call, Role.Object);
  if (object < 0 || code.kind(object) !== Kind.Name) return false;
  const [body, after] = fn.range;
  for (let n = body; n < after; n++)
    if (code.kind(n) === Kind.FieldInit && code.name(n) === field) {
      const value = code.child(n, Role.Value);
      const inner = value >= 0 && code.kind(value) === Kind.Unary ? code.child(value, Role.Object) : value;
      if (inner >= 0 && code.is(inner, Kind.Name, code.name(object))) return true;
    }
  return false;
}

/** What is handed to anything that is started, whatever it works on. */
const BESIDE_WORK =
  /^(\w*[cC]tx|context|cancel\w*|stop\w*|quit|shutdown\w*|wg|log|logger|errs?|errCh|errChan)$/;

/** Atomic operations that admit work only below a number. */
const ATOMIC_GATES = /^(fetch_update|compare_exchange|compare_exchange_weak)$/;

/** Methods that take one of a limited number, and those that give it back. */
const TAKES = /^(Take|Get|Enter|Borrow|Obtain|Start|Begin|Open)$/;
const GIVES_BACK = /^(Give|GiveBack|Put|Release|Leave|Return|Free|Exit|Finish|End)$/;

/** Calls that set a timer to a time they are given. */
const SETS_TIMER = /^(sleep|sleep_until|Sleep|After|NewTimer|Reset|reset|timeout|timeout_at)$/;

/** Names of what ends with the request: contexts, connections, channels back to the handler. */
const REQUEST_SCOPE =
  /^(\w*_)?(ctx|reqCtx|Context|Done|cancel|cancellation|stream|conn|ws|websocket|socket|session|tx|rx|sender|receiver|shutdown|stop|token|Wait|(done|quit|stop|close)_?(c|ch|chan))$/i;

/** What running work is counted by: an atomic, a number or a collection named like one. */
const COUNTS =
  /active|count|in_?flight|running|conns?$|connections|tasks|workers|handles|jobs|sessions|clients|pending/i;

/** The name of the map that a test looks into: `senders.get_mut(&id)`, `!self.tasks.contains_key(&id)`; or ''. */
function lookedUp(code: Code, test: NodeId): string {
  for (let n = test; n < code.after(test); n++)
    if (code.kind(n) === Kind.MethodCall && /^(get|get_mut|entry|contains_key|contains)$/.test(code.name(n)))
      return lastName(code, code.child(n, Role.Object));
  return '';
}

/** A condition takes from, or looks into, an object. */
function asks(code: Code, condition: NodeId, object: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (code.kind(n) === Kind.MethodCall && sameText(code, code.child(n, Role.Object), object)) return true;
  return false;
}

/** A branch that waits for one of what runs to end: `if running.len() == MAX { running.pop_front().await; }`. */
function makesRoom(code: Code, block: NodeId): boolean {
  for (let n = block; block >= 0 && n < code.after(block); n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(pop|pop_front|pop_back|remove|swap_remove|join_next|next|select_next_some|recv|acquire)$/.test(
        code.name(n),
      )
    )
      return true;
  return false;
}

/** A comparison of something that counts what runs. */
function isCount(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^(<|>|<=|>=|==)$/.test(code.name(n))) continue;
    const right = code.child(n, Role.Right);
    if (right >= 0 && (code.is(right, Kind.Number, '0') || code.kind(right) === Kind.Literal)) continue;
    for (let m = n + 1; m < code.after(n); m++)
      if (
        /^(load|Load|fetch_add|Add|AddInt32|AddInt64|LoadInt32|LoadInt64|strong_count)$/.test(code.name(m)) ||
        COUNTS.test(code.name(m))
      )
        return true;
  }
  return false;
}
