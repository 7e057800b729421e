/** What `rust/unbounded-queue` and `go/unbounded-queue` share: lists that one side fills and another works off. */

import type { Confidence } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { peerPaced, takesWithoutWaiting } from '../../knowledge/loops.ts';
import { admittedByCallers } from '../../program/bounds/admission.ts';
import { type GrowingPlace, growingPlaces, judge, sizeLimit } from '../../program/bounds/growth.ts';
import { type Retained, retainedBy } from '../../program/bounds/retries.ts';
import { countedByCallers, countOf } from '../../program/bounds/size-tests.ts';
import { Calls } from '../../program/calls/calls.ts';
import { permitOf } from '../../program/channels/permits.ts';
import { isService } from '../../program/linkage.ts';
import { Origins } from '../../program/origins/origins.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Effect } from '../../program/places/effects.ts';
import { declarationOf, displayName } from '../../program/places/places.ts';
import type { Package } from '../../program/program.ts';
import { lastSegment } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { confidenceInInput, insideReason } from './authors.ts';
import { entryBytes } from './entry-bytes.ts';
import { sendsPart, takesBatch, worksOff } from './queue-batches.ts';

const FUNCTION_CALLS = kinds(Kind.Call);

export const queueMessages = {
  queue: '`{name}` is filled in `{producer}` as fast as work arrives and has no limit{bytes}',
  retained: '`{name}` keeps what `{fn}` could not deliver, without a limit',
} as const;

/** A channel that waits as long as input wants it to. */
export const channelMessages = {
  sized:
    '`make` reserves a channel as long as input asks for: {what}. Its slots are there at once, and filled when its consumer is slow',
} as const;

export const queueExemptions = {
  'size-tested': 'bounded by a test of its size in `{fn}`',
  permit: 'limited by {by}',
  flushed: 'bounded by `{verb}` in `{fn}`, which empties it as a whole',
} as const;

/** Takes one element from the front: the consumer of a queue. */
const FIFO = new Set(['pop_front', 'Remove', 'slicing off the front', 'PopFront', 'Dequeue', 'dequeue']);

/** Queues whose `pop` takes what came first, or what is due first; in Go `heap.Pop` does. */
const POPPED = new Set(['SegQueue', 'BinaryHeap']);

/** Reports lists that are filled while the service runs, worked off elsewhere, and never refuse an element. */
export function checkQueues(
  pkg: Package,
  report: Reporter<typeof queueMessages, typeof queueExemptions>,
): void {
  for (const growing of growingPlaces(pkg))
    if (growing.container.row.shape === 'list' && !growing.within) checkQueue(pkg, growing, report);
}

/** Go: reports the channels of a package whose length comes from input, without a limit. */
export function checkChannelLengths(
  pkg: Package,
  report: Reporter<typeof queueMessages & typeof channelMessages, typeof queueExemptions>,
): void {
  const origins = Origins.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (
      let n = code.next(FUNCTION_CALLS, fn.first, fn.after);
      n < fn.after;
      n = code.next(FUNCTION_CALLS, n + 1, fn.after)
    ) {
      if (!code.is(code.child(n, Role.Callee), Kind.Name, 'make')) continue;
      const [type, size] = code.all(n, Role.Arg);
      if (type === undefined || size === undefined || !code.is(type, Kind.Type, 'chan')) continue;
      const origin = origins.ofSize(fn, size, n);
      if (origin.kind !== 'input' || insideReason(origin.author)) continue;
      report.find({
        message: 'sized',
        at: fn.placeOfMethod(n),
        confidence: confidenceInInput(fn, Phases.of(pkg.program).at(fn, n), origin.author),
        related: [{ ...origin.at, message: `the length is ${origin.what}` }],
        data: { what: origin.what },
      });
    }
  }
}

function checkQueue(
  pkg: Package,
  growing: GrowingPlace,
  report: Reporter<typeof queueMessages, typeof queueExemptions>,
): void {
  const declared = declarationOf(growing.place);
  const retained = declared && retainedBy(pkg, growing);
  if (retained && reportRetained(pkg, growing, retained, declared, report)) return;
  const consumer = growing.effects.find(
    (e) =>
      e.kind === 'remove' &&
      (FIFO.has(e.verb) ||
        (e.verb === 'pop' && POPPED.has(growing.container.label)) ||
        (e.verb === 'Pop' && pkg.language === 'go')) &&
      (worksOff(pkg, e) || growing.effects.some((g) => outruns(g, e)) || sendsPart(pkg, growing, e)) &&
      takesAnEnd(e) &&
      !isExpiry(e),
  );
  const taken = consumer ? undefined : growing.effects.find((e) => takesBatch(pkg, growing, e));
  const taker = consumer ?? taken;
  if (!declared || !taker) return;
  const limit = sizeLimit(growing);
  if (limit) {
    report.exempt({
      reason: 'size-tested',
      at: declared,
      where: limit.fn.place(limit.node),
      data: { fn: limit.fn.label },
    });
    return;
  }
  const whole = growing.effects.find(
    (e) => e.kind === 'remove' && /^(clear|truncate|drain|retain|Init|clear)$/.test(e.verb),
  );
  if (whole) {
    report.exempt({
      reason: 'flushed',
      at: declared,
      where: whole.fn.place(whole.node),
      data: { verb: whole.verb, fn: whole.fn.label },
    });
    return;
  }
  // Nobody in sight makes the owner of a list that a library sends from.
  const isOffered =
    !isService(pkg) && (pkg.language === 'rust' || taken !== undefined || sendsPart(pkg, growing, taker));
  for (const growth of growing.effects) {
    // What comes back when it is dropped was taken before: a pool.
    if (growth.fn.fact.name === 'drop') continue;
    if (
      growth.fn === taker.fn
        ? !passesOn(growth, taker) && !outruns(growth, taker)
        : !fillsWhileRunning(pkg, growing, growth, taken !== undefined || isPacedByPeer(taker), isOffered)
    )
      continue;
    const permit = permitOf(growth);
    if (permit) {
      report.exempt({ reason: 'permit', at: declared, where: permit.where, data: { by: permit.by } });
      continue;
    }
    const counted = countOf(growth);
    if (counted >= 0) {
      const where = growth.fn.place(counted);
      report.exempt({ reason: 'size-tested', at: declared, where, data: { fn: growth.fn.label } });
      continue;
    }
    const calls = Calls.of(pkg.program);
    const asked = admittedByCallers(calls, growth) ?? countedByCallers(calls, growth);
    if (asked) {
      const where = asked.fn.place(asked.node);
      report.exempt({ reason: 'size-tested', at: declared, where, data: { fn: asked.fn.label } });
      continue;
    }
    report.find({
      message: 'queue',
      at: growth.fn.placeOfMethod(growth.node),
      // A batch that grows while the last one is worked off is longer than it, and no more where work gets cheaper by that.
      confidence: taken || isOffered ? 'medium' : confidenceOf(pkg, growth),
      related: [
        { ...declared, message: `\`${displayName(growing.place)}\` is declared here` },
        {
          ...taker.fn.place(taker.node),
          message: taken
            ? 'taken over here; more comes until all of that is worked off'
            : 'worked off here, one at a time',
        },
      ],
      data: {
        name: displayName(growing.place),
        producer: growth.fn.label,
        bytes: entryBytes(pkg, growing.container),
      },
    });
    return;
  }
}

/** Go: `queue.Remove(queue.Front())`; what takes out an element that somebody has kept ends with that, it works nothing off. */
function takesAnEnd({ fn, node, verb }: Effect): boolean {
  const code = fn.code;
  if (verb !== 'Remove' || fn.package.language !== 'go') return true;
  const arg = code.child(node, Role.Arg);
  const b =
    arg >= 0 && code.kind(arg) === Kind.Name
      ? Values.of(fn.package.program).scope(fn).lookup(code.name(arg), code.start(arg))
      : undefined;
  return /^(Front|Back|Next|Prev)$/.test(code.name(b ? b.value : arg));
}

/**
 * Go: one arm of a `select` takes what comes and keeps it, another arm hands the first on: a channel that never makes its
 * sender wait.
 */
function passesOn(growth: Effect, { fn, node }: Effect): boolean {
  const code = fn.code;
  if (growth.kind !== 'grow' || fn.isTest || fn.file.facts.generated || fn.package.language !== 'go')
    return false;
  const armOf = (n: NodeId) =>
    code.ancestor(n, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const takes = armOf(growth.node);
  const gives = armOf(node);
  if (takes < 0 || gives < 0 || takes === gives || code.parent(takes) !== code.parent(gives)) return false;
  const loop = code.ancestor(takes, (a) => code.kind(a) === Kind.Loop);
  if (loop < 0 || code.kind(code.child(gives, Role.Comm)) !== Kind.Send) return false;
  const comm = code.child(takes, Role.Comm);
  for (let n = comm; n < code.after(comm); n++) if (code.is(n, Kind.Unary, '<-')) return true;
  return false;
}

/**
 * Rust: `while let Ready(Some(x)) = upstream.poll_next(cx) { self.buffer.push_back(x) }` and behind it one `pop_front`: each
 * call takes in all there is and hands one on.
 */
function outruns(growth: Effect, { fn, node }: Effect): boolean {
  const code = fn.code;
  if (growth.kind !== 'grow' || growth.fn !== fn || fn.isTest || fn.package.language !== 'rust') return false;
  const isLoop = (n: NodeId) => code.kind(n) === Kind.Loop;
  if (growth.node > node || code.ancestor(node, isLoop) >= fn.first) return false;
  for (let loop = code.ancestor(growth.node, isLoop); loop >= fn.first; loop = code.ancestor(loop, isLoop)) {
    if (code.name(loop) === 'for') continue;
    for (let n = loop; n < growth.node; n++)
      if (code.kind(n) === Kind.MethodCall && takesWithoutWaiting.test(code.name(n))) return true;
  }
  return false;
}

/**
 * Rust: `match self.stream.write(&self.unsent) { Err(e) if e.kind() == WouldBlock => return … }`: it is worked off as far as the
 * peer takes it, and waits for the next time otherwise.
 */
function isPacedByPeer({ fn }: Effect): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  for (let n = fn.first; n < fn.after; n++) if (peerPaced.test(lastSegment(code.name(n)))) return true;
  return false;
}

/** What takes the first out looks how old it is: it forgets, it does not work off. */
function isExpiry({ fn, node }: Effect): boolean {
  const code = fn.code;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  for (let n = Math.max(loop, fn.first); n < (loop < 0 ? node : code.after(loop)); n++)
    if (
      /^(ttl|expir\w*|elapsed|duration_since|saturating_duration_since|is_expired|Expired|IsExpired)$/i.test(
        code.name(n),
      )
    )
      return true;
  return isWhenDue(code, loop);
}

/** Rust: `while let Some(next) = heap.peek() { if next.at <= now { heap.pop() … } }`: what waits for its time is no work that waits. */
function isWhenDue(code: Code, loop: NodeId): boolean {
  let peeks = false;
  let compares = false;
  for (let n = loop; loop >= 0 && n < code.after(loop); n++) {
    peeks ||= code.is(n, Kind.MethodCall) && /^(peek|peek_mut)$/.test(code.name(n));
    compares ||= code.is(n, Kind.Binary) && /^[<>]=?$/.test(code.name(n));
  }
  return peeks && compares;
}

/** What is put back after a failure stays until the other side answers, and more comes meanwhile. */
function reportRetained(
  pkg: Package,
  growing: GrowingPlace,
  retained: Retained,
  declared: Place,
  report: Reporter<typeof queueMessages, typeof queueExemptions>,
): boolean {
  const at = (e: Effect) => e.fn.place(e.node);
  const growth = growing.effects.find(
    (e) =>
      at(e).span.start !== retained.at.span.start &&
      fillsWhileRunning(pkg, growing, e, retained.way === 'first-kept', !isService(pkg)),
  );
  if (!growth) return false;
  const what =
    retained.way === 'put-back' ? 'put back here after a failure' : 'taken out only after a success';
  report.find({
    message: 'retained',
    at: at(growth),
    confidence: 'medium',
    related: [
      { ...declared, message: `\`${displayName(growing.place)}\` is declared here` },
      { ...retained.at, message: what },
    ],
    data: { name: displayName(growing.place), fn: retained.fn.label },
  });
  return true;
}

/**
 * An addition that goes on after the start, to a list that lives as long as the service.
 * @param likely it is enough that it is likely to live so long, since nobody in sight makes its owner
 * @param held the list is known to outlive a failure: its owner may be one of many that somebody takes out by and by
 */
function fillsWhileRunning(
  pkg: Package,
  growing: GrowingPlace,
  growth: Effect,
  held = false,
  likely = false,
): boolean {
  if (growth.kind !== 'grow' || growth.fn.isTest || growth.fn.file.facts.generated) return false;
  const verdict = judge(pkg, growing, growth);
  const lifetime = 'verdict' in verdict ? verdict : verdict.lifetime;
  const reach = Phases.of(pkg.program).at(growth.fn, growth.node);
  const isLong = lifetime.verdict === 'long' && (likely || lifetime.strength === 'proven');
  if (!isLong && !(held && lifetime.held)) return false;
  return reach.request !== undefined || reach.likely !== undefined || reach.api !== undefined;
}

/** A producer that stands in a handler is proven to be as fast as requests arrive. */
function confidenceOf(pkg: Package, growth: Effect): Confidence {
  const { request, calls = 0 } = Phases.of(pkg.program).at(growth.fn, growth.node);
  if (request && !request.own && !request.administrative && calls < 1) return 'high';
  return isGuessed(pkg, growth) ? 'low' : 'medium';
}

/** Rust: nothing but names says that it is filled while the service runs: a step of a protocol, a heap of waiters. */
function isGuessed(pkg: Package, { fn, node }: Effect): boolean {
  const reach = Phases.of(pkg.program).at(fn, node);
  if (pkg.language !== 'rust' || reach.request) return false;
  return (
    reach.likely !== undefined || (reach.api !== undefined && Calls.of(pkg.program).mayBeMentioned(reach.api))
  );
}
