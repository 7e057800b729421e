import { timerCalls } from '../../knowledge/brief-work.ts';
import { besideWork, ownerEnds, processEnds } from '../../knowledge/endings.ts';
import { administrativeNames, makers, setUpNames } from '../../knowledge/handlers.ts';
import { connectionLimits, goWalks, partings, reloadChannels, takesBatch } from '../../knowledge/spawns.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import { type CallSite, Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { ItemSources } from '../origins/item-sources.ts';
import { Provenance } from '../origins/provenance.ts';
import { isLocal } from '../phases/default-addresses.ts';
import { isFedByPeers } from '../phases/loop-feeds.ts';
import { isUncalled, loopEvidence, Phases } from '../phases/phases.ts';
import type { Evidence, Reach } from '../phases/reach.ts';
import { bringsLoad } from '../phases/serving-loops.ts';
import { perOf, waitsBetween } from '../phases/spawn-rounds.ts';
import { sameText } from '../places/effects.ts';
import { Places } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { chosenCount } from '../sizes/counts.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';
import { isBrief } from './brief-work.ts';
import {
  endsWithItsOwner,
  goSpawnBound,
  guardedCall,
  handedBack,
  ofItsOwner,
  spawnHelpers,
} from './go-spawns.ts';
import { waitsWithoutLimit } from './overlapping.ts';
import { endsWithRequest } from './request-scope.ts';
import { workParameter } from './rust-executors.ts';
import {
  awaitedAtOnce,
  endsWithItsRound,
  forTheCaller,
  ofItsLoop,
  ofOneConnection,
  onePerEntry,
  onePerEntryOfCaller,
  onlyPassesOn,
  replacesItself,
  rustItems,
  takesEntry,
} from './rust-spawns.ts';
import type { SpawnBound, SpawnRate, SpawnSite, SpawnVerdict } from './spawn.ts';
import { SpawnJoins } from './spawn-joins.ts';
import { SpawnLimits } from './spawn-limits.ts';
import { handedTo, siteAt } from './spawn-sites.ts';
import { flagged } from './start-guards.ts';

/** Decides for one spawn site what limits it, or how often it runs without a limit. */
export function judgeSpawn(site: SpawnSite): SpawnVerdict | undefined {
  return new SpawnJudge(site).judge();
}

/** Says of one spawn site how often it runs, and what limits that. */
export class SpawnJudge {
  readonly #site: SpawnSite;
  readonly #fn: Fn;
  readonly #code: Code;
  readonly #phases: Phases;
  readonly #places: Places;
  readonly #calls: Calls;
  readonly #joins: SpawnJoins;
  readonly #limits: SpawnLimits;

  constructor(site: SpawnSite) {
    this.#site = site;
    this.#fn = site.fn;
    this.#code = site.fn.code;
    const { program } = site.fn.package;
    this.#phases = Phases.of(program);
    this.#places = Places.of(program);
    this.#calls = Calls.of(program);
    this.#joins = new SpawnJoins(site);
    this.#limits = new SpawnLimits(site);
  }

  judge(): SpawnVerdict | undefined {
    const helper = spawnHelpers(this.#fn.package.program).get(this.#fn);
    if (helper?.node === this.#site.node) return { bound: handedOver(this.#fn) };
    if (this.#fn.package.language === 'rust' && workParameter(this.#site) >= 0) return this.#handedWork();
    if (isNothing(this.#site)) return undefined;
    const round = this.#limits.roundOf(this.#fn, this.#site.node);
    const limit =
      this.#limits.at(this.#fn, this.#site.node) ??
      replacesItself(this.#site) ??
      (this.#fn.package.language === 'go'
        ? goSpawnBound(this.#site, round)
        : flagged(this.#fn, round, this.#site.node));
    if (limit && !this.#ofOthers(limit)) return { bound: limit };
    const rate = this.#rate();
    if (limit && !(rate && 'per' in rate && rate.per === 'connection')) return { bound: limit };
    if (!rate) return undefined;
    if ('bound' in rate) return rate;
    const refused = this.#limits.refusedInside();
    if (refused) return { bound: refused };
    if (onlyPassesOn(this.#site)) return undefined;
    const owned =
      ofItsOwner(this.#site) ??
      (rate.per === 'request' || rate.per === 'call'
        ? (forTheCaller(this.#site) ?? endsWithItsOwner(this.#site) ?? this.#brief())
        : undefined);
    return owned ? { bound: owned } : { rate };
  }

  /**
   * Rust: another file of the package lets so many requests, or streams of one connection, in at once: a connection that it
   * accepts here waits for its requests beside that.
   */
  #ofOthers({ reason, by, where }: SpawnBound): boolean {
    return (
      reason === 'admission' &&
      this.#fn.package.language === 'rust' &&
      where?.file !== this.#fn.file.facts.file &&
      !connectionLimits.test(by)
    );
  }

  /** Rust: a function that starts what it is given does so as often as those who call it. */
  #handedWork(): SpawnVerdict {
    const waits = awaitedAtOnce(this.#site) ?? this.#joins.joined(this.#fn, this.#site.node);
    if (waits) return { bound: waits };
    const rates = handedTo(this.#site).flatMap((site) => {
      const verdict = site.fn === this.#fn ? undefined : judgeSpawn(site);
      return verdict && 'rate' in verdict ? [verdict.rate] : [];
    });
    // Of those who hand something over the one that says most: it takes the connections itself.
    const says = ({ sure, per }: SpawnRate) => (sure === 'proven' ? 2 : 0) + (per === 'connection' ? 1 : 0);
    const [most] = rates.sort((a, b) => says(b) - says(a));
    return most ? { rate: { ...most, loop: -1 } } : { bound: handedOver(this.#fn) };
  }

  #rate(): SpawnRate | { readonly bound: SpawnBound } | undefined {
    const { fn, node } = this.#site;
    const context = this.#phases.context(fn, node);
    if (context.once || isAfterFailure(fn, node)) return undefined;
    const alone =
      awaitedAtOnce(this.#site) ??
      endsProcess(this.#site) ??
      onePerEntry(this.#site) ??
      takesEntry(this.#site) ??
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
        const overlap = this.#overlaps(fn, loop);
        if (overlap) return overlap;
        if (!this.#carries(fn, this.#handedOver(), (b) => this.#code.within(b.node, loop))) return undefined;
        const round = ofItsLoop(this.#site, loop);
        if (round) return { bound: round };
        // What ends with a stream of its own is done with it, unless that brings what clients send.
        if (this.#phases.endsWithStream(fn, loop) && !bringsLoad(fn, loop)) return this.#streamed(fn, loop);
        return (
          this.#joins.paced(fn, loop, node) ?? {
            per: perOf(fn, loop, node),
            evidence: { ...loopEvidence(fn, loop, node), ...administrative(fn, node) },
            sure: isFedByPeers(fn, loop, node) ? 'proven' : 'likely',
            loop,
          }
        );
      }
      // Behind it the loop is left, so that there is only one.
      if (fn.package.language === 'go' && !this.#phases.turns(fn, node).includes(loop)) continue;
      const items = this.#itemLoop(fn, loop);
      if (!items) continue;
      const batch = this.#batch(fn, loop, context.loops[i + 1]) ?? this.#part(fn, loop, context.loops[i + 1]);
      if (batch) return batch;
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
    return this.#perFile(fn, node) ?? this.#perCall(fn, node, 0);
  }

  /** Go: each tick starts one more, while the last may still wait for an answer: `case <-ticker.C: go e.refresh()`. */
  #overlaps(fn: Fn, loop: NodeId): SpawnRate | undefined {
    const { node, work } = this.#site;
    if (fn.package.language !== 'go' || perOf(fn, loop, node) !== 'tick') return undefined;
    const at = waitsWithoutLimit(fn, work);
    return (
      at && { per: 'tick', evidence: { why: 'nothing limits how long this takes', at }, sure: 'likely', loop }
    );
  }

  /** Go: `filepath.WalkDir(root, func(…) error { go work(path) })`: as many as there are files. */
  #perFile(fn: Fn, node: NodeId): SpawnRate | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go') return undefined;
    const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
    const walk = closure < 0 ? -1 : code.parent(closure);
    if (!code.is(walk, Kind.MethodCall) || !goWalks.test(code.name(walk))) return undefined;
    const from = this.#places.values.goPackage(fn, code.child(walk, Role.Object));
    if (from !== 'path/filepath' && from !== 'io/fs') return undefined;
    const reach = this.#phases.at(fn, walk);
    if ((!reach.request && !reach.likely && !reach.api) || isUncalled(fn.package, reach)) return undefined;
    const evidence = { why: `\`${code.name(walk)}\` calls it for each file`, at: fn.place(walk) };
    return { per: 'item', evidence, sure: 'likely', loop: -1 };
  }

  /** Rust: one for each that a stream has, of which nobody can tell how many there are. */
  #streamed(fn: Fn, loop: NodeId): SpawnRate | { readonly bound: SpawnBound } | undefined {
    const paced = this.#joins.paced(fn, loop, this.#site.node);
    if (paced) return paced;
    const { request } = this.#phases.at(fn, loop);
    const evidence = request ?? {
      why: `a loop in \`${fn.label}\` that ends with its stream`,
      at: fn.place(loop),
    };
    return { per: 'item', evidence, sure: 'unknown', loop };
  }

  /** What is over at once does not add up at the rate of requests. */
  #brief(): SpawnBound | undefined {
    const { fn, node, work } = this.#site;
    return isBrief(fn, work)
      ? { reason: 'brief', by: 'nothing in it that waits', where: fn.place(node) }
      : undefined;
  }

  /** A spawn in a loop over items: as many as the input has. */
  #itemLoop(fn: Fn, loop: NodeId): SpawnRate | { readonly bound: SpawnBound } | undefined {
    // Each round may wait for what it has started.
    const paced = this.#joins.paced(fn, loop, this.#site.node);
    if (paced) return paced;
    const chosen = chosenCount(fn, loop);
    const fixed = chosen ?? this.#tested(fn, loop);
    const few = fixed && { bound: { reason: 'fixed-number' as const, by: fixed, where: fn.place(loop) } };
    const reach = this.#phases.at(fn, loop);
    // A short list is gone through as often as there is something new for it.
    const isList = chosen !== undefined && this.#isList(fn, this.#code.child(loop, Role.Iter));
    if (few) return (isList ? (this.#forEachRequest() ?? this.#forEachCall(reach)) : undefined) ?? few;
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
      return (
        this.#forEachRequest() ??
        this.#forEachCall(reach) ?? {
          bound: {
            reason: 'fixed-number',
            by: 'what it runs over, which the program keeps or its deployment fixes',
            where: fn.place(loop),
          },
        }
      );
    // What a loop looks up by itself, round after round, is as much as the program has been given to look after.
    // How many files a directory has those decide who put them there.
    const own =
      fn.package.language === 'go' && source !== 'files' && reach.request?.loop === true && !sentBy(fn, loop);
    const isSent = source === 'input' && reach.request !== undefined && !reach.request.own;
    const isUnknown = source === 'unknown' || own || goesInChunks(fn, loop);
    const sure = isUnknown ? 'unknown' : isSent && !this.#limits.waitsInside() ? 'proven' : 'likely';
    return { per: 'item', evidence, sure, loop };
  }

  /**
   * `func (d *Dispatcher) Posted(event []byte) { for … range d.hooks { go d.post(hook, event) } }`, also of Rust: what is offered is
   * called as often as there is something new to hand over, however short the list is.
   */
  #forEachCall(reach: Reach): SpawnRate | undefined {
    const { fn, node } = this.#site;
    const { code, fact } = fn;
    if (reach.request ? reach.request.own : !reach.api && !reach.likely) return undefined;
    if (isUncalled(fn.package, reach) || seldomCalled.some((names) => names.test(fact.name)))
      return undefined;
    if (this.#joins.joined(fn, node) || handedBack(this.#site)) return undefined;
    const isData = (b: Binding) => b.source === 'parameter' && !/^(fn|chan)$/.test(code.name(b.type));
    if (!this.#carries(fn, this.#handedOver(), isData)) return undefined;
    const outside = { why: `\`${fn.label}\` is called from outside`, at: fn.file.place(fact.nameSpan) };
    return { per: 'call', evidence: reach.request ?? reach.likely ?? outside, sure: 'likely', loop: -1 };
  }

  /** Not a number, as in `for i := range 4`. */
  #isList(fn: Fn, iter: NodeId): boolean {
    const type = iter < 0 ? undefined : this.#places.values.typeOf(fn, iter);
    return (
      type !== undefined && /^(slice|array|map|Vec|(Hash|BTree)Map)$/.test(lastSegment(peel(type).type.name))
    );
  }

  /** Go: so many for each request are as many as there are requests, unless somebody waits for them. */
  #forEachRequest(): SpawnRate | undefined {
    const { fn, node } = this.#site;
    const each = fn.package.language === 'go' ? this.#perCall(fn, node, 0) : undefined;
    return each && 'per' in each && each.per === 'request' ? each : undefined;
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
        timerCalls.test(callName(code, n));
      if (!timer || condition < 0) continue;
      for (const arg of code.all(n, Role.Arg))
        for (let m = arg; m < code.after(arg); m++)
          if (code.kind(m) === Kind.MethodCall && asks(code, condition, code.child(m, Role.Object)))
            return {
              bound: {
                reason: 'timer',
                by: `the times in \`${nameOf(code, code.child(m, Role.Object))}\``,
                where: fn.place(n),
              },
            };
    }
    return undefined;
  }

  /** Go: `for { batch := queue.Receive(ctx, 10); for … { go work(m) }; wg.Wait() }`: as many as come at once. */
  #batch(fn: Fn, loop: NodeId, around: NodeId | undefined): { readonly bound: SpawnBound } | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go' || around === undefined || !this.#phases.isServiceLoop(fn, around))
      return undefined;
    const iter = code.child(loop, Role.Iter);
    if (iter < 0 || code.kind(iter) !== Kind.Name || !waitsBetween(fn, loop, around)) return undefined;
    const b = this.#places.values.scope(fn).lookup(code.name(iter), code.start(iter));
    const call = b && b.value >= 0 && code.within(b.node, around) ? b.value : -1;
    if (call < 0 || !takesBatch.test(callName(code, call))) return undefined;
    return {
      bound: {
        reason: 'joined',
        by: `waiting for what \`${callName(code, call)}\` brings before the next round`,
        where: fn.place(call),
      },
    };
  }

  /** Go: `for len(urls) > 0 { part := urls[:n]; for … range part { go visit(url) }; wg.Wait(); urls = urls[n:] }` */
  #part(fn: Fn, loop: NodeId, around: NodeId | undefined): { readonly bound: SpawnBound } | undefined {
    const { code } = fn;
    const iter = code.child(loop, Role.Iter);
    if (fn.package.language !== 'go' || around === undefined || iter < 0) return undefined;
    const b = code.is(iter, Kind.Name)
      ? this.#places.values.scope(fn).lookup(code.name(iter), code.start(iter))
      : undefined;
    const list = b && code.within(b.node, around) ? b.value : iter;
    const isPart =
      code.kind(list) === Kind.Slice || (CALLS[code.kind(list)] === 1 && partings.test(callName(code, list)));
    if (!isPart || !waitsBetween(fn, loop, around)) return undefined;
    return {
      bound: { reason: 'joined', by: 'waiting for a part before the next round', where: fn.place(list) },
    };
  }

  /** Go: `if len(slices) > 16 { return … }` before the loop over them, or before each call that hands them to it. */
  #tested(fn: Fn, loop: NodeId): string | undefined {
    const { code } = fn;
    if (fn.package.language !== 'go') return undefined;
    const iter = code.child(loop, Role.Iter);
    const root = iter >= 0 ? iter : code.child(loop, Role.Condition);
    if (root < 0) return undefined;
    if (isLengthTested(fn, loop, root)) return 'a test of how many there are';
    const b = code.is(iter, Kind.Name)
      ? this.#places.values.scope(fn).lookup(code.name(iter), code.start(iter))
      : undefined;
    if (b?.source !== 'parameter') return undefined;
    const sites = this.#calls.sitesOf(fn).filter((s) => !s.fn.isTest);
    const areTested = sites.every(({ kind, fn: by, node }) => {
      const arg = kind === 'call' ? by.code.all(node, Role.Arg)[b.index] : undefined;
      return arg !== undefined && isLengthTested(by, node, arg);
    });
    return sites.length > 0 && areTested ? 'a test of how many there are, before it is called' : undefined;
  }

  /** A spawn outside loops: once per call, so the calls decide. */
  #perCall(fn: Fn, node: NodeId, depth: number): SpawnRate | { readonly bound: SpawnBound } | undefined {
    const joined = depth === 0 ? (this.#joins.joined(fn, node) ?? handedBack(this.#site)) : undefined;
    if (joined) return { bound: joined };
    const handler = this.#handlerAround(fn, node);
    if (handler) {
      const bound = endsWithRequest(this.#site);
      return bound ? { bound } : { per: 'request', evidence: handler, sure: 'proven', loop: -1 };
    }
    // Further out, what is started must still be for what the caller was given or has received.
    const isParameter = (b: Binding) => b.source === 'parameter' || (b.source === 'part' && b.value < 0);
    if (depth >= 2 || !this.#carries(fn, depth === 0 ? this.#handedOver() : [node], isParameter))
      return undefined;
    for (const s of this.#calls.sitesOf(fn)) {
      if (s.kind !== 'call' || s.guess) continue;
      const outer = this.#outerSpawn(s.fn, s.node);
      if (outer >= 0 && fn.package.language === 'go') continue;
      const context = this.#phases.context(s.fn, s.node);
      const loop = context.loops.find((l) => this.#phases.isServiceLoop(s.fn, l));
      // `thread::spawn(|| for stream in listener.incoming() { talk_to(stream) })`: a loop inside what is started multiplies it.
      if (outer >= 0 && !(loop !== undefined && s.fn.code.within(loop, outer))) continue;
      if (loop !== undefined) {
        if (!this.#carries(s.fn, [s.node], (b) => s.fn.code.within(b.node, loop))) continue;
        const limit =
          this.#limits.at(s.fn, s.node) ?? onePerEntryOfCaller(fn, s) ?? ofOneConnection(s.fn, loop);
        if (limit) return { bound: limit };
        const paced = this.#joins.paced(s.fn, loop, s.node);
        if (paced) return paced;
        return {
          per: perOf(s.fn, loop, s.node),
          evidence: {
            why: `\`${s.fn.label}\` calls \`${fn.label}\` in a loop that waits for work`,
            at: s.fn.place(s.node),
            round: { fn: s.fn, loop, node: s.node },
            ...(isLocal(s.fn, loop, s.node) ? { local: true } : {}),
            ...administrative(s.fn, s.node),
            ...administrative(fn, node),
          },
          sure: outer < 0 && isFedByPeers(s.fn, loop, s.node) ? 'proven' : 'likely',
          loop: -1,
        };
      }
      const [around] = context.loops;
      if (around !== undefined) {
        const items = depth === 0 ? this.#perItemOf(s, around) : undefined;
        if (items) return items;
        continue;
      }
      const found = this.#perCall(s.fn, s.node, depth + 1);
      if (found && 'per' in found) {
        const limit = this.#limits.at(s.fn, s.node) ?? guardedCall(s, this.#limits.roundOf(s.fn, s.node));
        return limit ? { bound: limit } : found;
      }
    }
    return depth === 0 ? this.#forEachOffer(fn, node) : undefined;
  }

  /**
   * `for row in rows { self.start(row)?; }`: a caller that starts one for each item of its input. What a constructor starts belongs
   * to the value it makes.
   */
  #perItemOf({ fn, node }: CallSite, loop: NodeId): SpawnRate | undefined {
    if (/^new/i.test(this.#fn.fact.name)) return undefined;
    const judge = new SpawnJudge({ ...this.#site, fn, node, work: node });
    if (!this.#carries(fn, [node], (b) => fn.code.within(b.node, loop))) return undefined;
    if (judge.#limits.at(fn, node) ?? judge.#joins.joined(fn, node)) return undefined;
    const items = judge.#itemLoop(fn, loop);
    if (!items || 'bound' in items || items.per !== 'item' || items.sure === 'unknown') return undefined;
    return { ...items, sure: 'likely', loop: -1, evidence: { ...items.evidence, round: { fn, loop, node } } };
  }

  /** Go: `func (s *Service) Register(ctx context.Context, r *Request) error { go s.save(r.Events); return nil }`, which others call. */
  #forEachOffer(fn: Fn, node: NodeId): SpawnRate | undefined {
    const { code, fact } = fn;
    if (fn.package.language !== 'go' || this.#calls.sitesOf(fn).some((s) => !s.fn.isTest)) return undefined;
    const isTold = fact.params.some((p) => /^context\.Context$/.test(code.name(code.child(p, Role.Type))));
    return isTold ? this.#forEachCall(this.#phases.at(fn, node)) : undefined;
  }

  /** Code mentions a local name of a kind: what it works on comes from there. */
  #carries(fn: Fn, roots: readonly NodeId[], from: (b: Binding) => boolean, depth = 0): boolean {
    const code = fn.code;
    const scope = this.#places.values.scope(fn);
    for (const root of roots)
      for (let n = root; n < code.after(root); n++) {
        if (code.kind(n) !== Kind.Name) continue;
        const b = scope.lookup(code.name(n), code.start(n));
        if (!b || besideWork.test(b.name) || code.within(b.node, root)) continue;
        if (from(b)) return true;
        // `Event::Job(job)` out of an event that was received; Go's `body, err := json.Marshal(entry)`.
        const isPart =
          fn.package.language === 'rust'
            ? b.source === 'part' || (b.source === 'value' && isCopyOf(code, b.value))
            : (b.source === 'part' || b.source === 'value') && this.#isGivenByCall(fn, b.value);
        const taken = depth < 2 && b.value >= 0 && (isPart || isMadeOf(code, b));
        if (taken && this.#carries(fn, [b.value, ...givenLater(fn, b)], from, depth + 1)) return true;
      }
    return false;
  }

  /** Go: a call makes or finds it, by what it is given: `job, err := r.jobs.Get(ctx, id)`. */
  #isGivenByCall(fn: Fn, value: NodeId): boolean {
    return value >= 0 && (fn.code.is(value, Kind.MethodCall) || fn.code.is(value, Kind.Call));
  }

  /** What the spawn gets: a goroutine's call with its arguments, the arguments of a spawning call. */
  #handedOver(): readonly NodeId[] {
    const { node } = this.#site;
    const code = this.#code;
    if (code.kind(node) === Kind.Spawn) return code.children(node);
    return code.all(code.kind(node) === Kind.Await ? code.child(node, Role.Object) : node, Role.Arg);
  }

  /** The node runs in a request handler: the function is one, or a closure around the node is one. */
  #handlerAround(fn: Fn, node: NodeId): Evidence | undefined {
    const context = this.#phases.context(fn, node);
    if (context.request && context.loops.length === 0) return context.request;
    return this.#phases.handlers.evidenceOf(fn) ?? this.#registered(fn);
  }

  /** `client.Subscribe(topic, s.onMessage)`: whoever is given the function calls it for each message. */
  #registered(fn: Fn): Evidence | undefined {
    const site = this.#calls
      .sitesOf(fn)
      .find((s) => s.kind === 'reference' && this.#phases.handlers.isRegistered(s, fn));
    return (
      site && {
        why: `\`${fn.label}\` is registered as a handler`,
        at: site.fn.place(site.node),
        ...administrative(fn, fn.fact.body),
      }
    );
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
}

/** Names of functions that run when something is made, set up, changed by an operator or ended. */
/** Rust: `body.to_vec()`, `Arc::clone(&job)`: the same once more, for the task to own. */
function isCopyOf(code: Code, value: NodeId): boolean {
  return value >= 0 && /^(clone|to_vec|to_owned|to_string|into)$/.test(lastSegment(callName(code, value)));
}

/** `Actor { stream, .. }`, `&client{conn: conn}`, `new(client)`, `Client::new(stream)`: what is put together, of what it is given. */
function isMadeOf(code: Code, { source, value }: Binding): boolean {
  if (source !== 'value') return false;
  const made = code.kind(value) === Kind.Unary ? code.child(value, Role.Object) : value;
  if (code.kind(made) === Kind.Composite) return true;
  const callee = code.kind(made) === Kind.Call ? code.child(made, Role.Callee) : -1;
  return (
    callee >= 0 && /^(new|New\w*|new[A-Z]\w*|(.*::)?[A-Z]\w*::(new|from|with_\w+))$/.test(code.name(callee))
  );
}

/** Go: `c.conn = conn`, behind `c := new(client)`. */
function givenLater({ code, after, package: { language } }: Fn, b: Binding): readonly NodeId[] {
  const out: NodeId[] = [];
  for (let n = b.node; language === 'go' && n < after; n++) {
    if (code.kind(n) !== Kind.Assign) continue;
    const target = code.child(n, Role.Target);
    if (code.is(target, Kind.Field) && code.is(code.child(target, Role.Object), Kind.Name, b.name))
      out.push(code.child(n, Role.Value));
  }
  return out;
}

const seldomCalled: readonly RegExp[] = [setUpNames, makers, administrativeNames, ownerEnds];

/** Go: an operator brings it: the function is named so, or a channel on which the program is told of a configuration. */
/** `if len(slices) > 16 { return … }` stands before a node, about something that an expression names. */
function isLengthTested({ code, first }: Fn, before: NodeId, root: NodeId): boolean {
  for (let n = first; n < before; n++) {
    if (code.kind(n) !== Kind.If || !exits(code, code.child(n, Role.Then))) continue;
    const test = code.child(n, Role.Condition);
    if (test < 0 || !/^>=?$/.test(code.name(test))) continue;
    const length = code.child(test, Role.Left);
    if (!code.is(length, Kind.Call) || !code.is(code.child(length, Role.Callee), Kind.Name, 'len')) continue;
    if (code.is(code.child(test, Role.Right), Kind.Number, '0')) continue;
    const list = code.child(length, Role.Arg);
    for (let m = root; m < code.after(root); m++) if (sameText(code, m, list)) return true;
  }
  return false;
}

function administrative(fn: Fn, node: NodeId): { readonly administrative?: true } {
  const code = fn.code;
  if (fn.package.language !== 'go') return {};
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const comm = arm < 0 ? -1 : code.child(arm, Role.Comm);
  for (let n = comm; comm >= 0 && n < code.after(comm); n++)
    if (code.is(n, Kind.Unary, '<-') && reloadChannels.test(code.name(code.child(n, Role.Object))))
      return { administrative: true };
  return administrativeNames.test(fn.fact.name) ? { administrative: true } : {};
}

/** `for i := 0; i < len(servers); i += 10`: each takes several, so that somebody has thought of how many there are. */
function goesInChunks({ code }: Fn, loop: NodeId): boolean {
  const update = code.child(loop, Role.Update);
  return code.is(update, Kind.Assign, '+=') && !code.is(code.child(update, Role.Value), Kind.Number, '1');
}

/** `spawn(async {})`, `thread::spawn(|| panic!("…"))` */
function isNothing({ fn, work }: SpawnSite): boolean {
  const code = fn.code;
  if (!code.is(work, Kind.AsyncBlock) && !code.is(work, Kind.Closure)) return false;
  const body = code.child(work, Role.Body);
  if (body < 0) return false;
  const [only, ...more] = code.is(body, Kind.Block) ? code.children(body) : [body];
  if (only === undefined) return code.is(work, Kind.AsyncBlock);
  return more.length === 0 && code.is(only, Kind.Macro, 'panic');
}

function handedOver(fn: Fn): SpawnBound {
  return {
    reason: 'helper',
    by: `those who call \`${fn.label}\`, each of them judged there`,
    where: fn.file.place(fn.fact.nameSpan),
  };
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

function endsIt(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  if (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call)
    return (
      processEnds.test(callName(code, n)) ||
      /(^|::)process::(exit|abort)$/.test(code.name(code.child(n, Role.Callee)))
    );
  return false;
}

/** `write().await.map_err(|e| { tokio::spawn(clean_up()); e })?`: once, and then the loop is left. */
function isAfterFailure(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  const call = closure < fn.first ? -1 : code.parent(closure);
  if (call < 0 || code.kind(call) !== Kind.MethodCall || !/^(map_err|inspect_err)$/.test(code.name(call)))
    return false;
  return code.ancestor(call, (a) => code.kind(a) === Kind.Try) >= 0;
}

/** Go: what a loop runs over was sent by somebody outside, as far as it can be followed. */
function sentBy(fn: Fn, loop: NodeId): boolean {
  const iter = fn.code.child(loop, Role.Iter);
  const from = iter >= 0 ? iter : fn.code.child(loop, Role.Condition);
  if (from < 0) return false;
  // `for lines.Scan()` reads what a connection brings.
  if (iter < 0 && fn.code.is(from, Kind.MethodCall, 'Scan')) return true;
  const { who } = Provenance.of(fn.package.program).of(fn, from);
  return who === 'outside' || who === 'caller';
}

/** A condition takes from, or looks into, an object. */
function asks(code: Code, condition: NodeId, object: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (code.kind(n) === Kind.MethodCall && sameText(code, code.child(n, Role.Object), object)) return true;
  return false;
}
