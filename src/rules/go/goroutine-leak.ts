import type { Confidence, RelatedPlace } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { ownerEnds } from '../../knowledge/endings.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { connections } from '../../knowledge/readers.ts';
import { Calls } from '../../program/calls/calls.ts';
import { type ChannelUse, GoChannels, type LocalChannel } from '../../program/channels/go-channels.ts';
import { ASKED, broughtNearby, onlyIfSeen } from '../../program/origins/outsiders.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence, Reach } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { commandExemption, inCommand } from '../shared/commands.ts';
import {
  deafFixes,
  endlessFixes,
  lateSendFixes,
  ownedFixes,
  pipeFixes,
  receiverFixes,
  senderFixes,
  tickerFixes,
  timerFixes,
  transportFixes,
  unpairedFixes,
} from '../shared/fixes/goroutine-fixes.ts';
import { textOf } from '../shared/fixes/statements.ts';
import { atLeast } from '../shared/go-copies/go-text-forms.ts';
import { abandonedFields } from '../shared/goroutines/abandoned-fields.ts';
import { type Abandoned, abandonedBy } from '../shared/goroutines/abandoned-generators.ts';
import { abandonedPipes } from '../shared/goroutines/abandoned-pipes.ts';
import { droppedBy } from '../shared/goroutines/dropped-owners.ts';
import { endlessGoroutines, endOf, startedOnce } from '../shared/goroutines/endless-goroutines.ts';
import { judgeTimer, timerSites } from '../shared/goroutines/forgotten-timers.ts';
import { forgottenWaiters } from '../shared/goroutines/forgotten-waiters.ts';
import { givenChannels } from '../shared/goroutines/given-channels.ts';
import { longerWaits } from '../shared/goroutines/longer-contexts.ts';
import { openSubscriptions } from '../shared/goroutines/open-subscriptions.ts';
import { ownTransports } from '../shared/goroutines/own-transports.ts';
import {
  failsOnceGivenUp,
  failsOnDisk,
  gaveUpWaiting,
  rareWayOut,
  refusesRequest,
} from '../shared/goroutines/rare-ways-out.ts';
import { lateSends } from '../shared/goroutines/stopped-receivers.ts';
import { endsWithOwner, judgeStranded, type Stranded } from '../shared/goroutines/stranded-goroutines.ts';
import { uncancelledContexts } from '../shared/goroutines/uncancelled-contexts.ts';
import { heldLocks, missingDones } from '../shared/goroutines/unpaired-ends.ts';
import { judgeOwned, ownedSites } from '../shared/goroutines/unstopped-owners.ts';

const messages = {
  sender: '`{channel}` has no receiver when `{fn}` returns early: its sender never ends',
  unheard: '`{channel}` has no receiver: the goroutine that sends to it never ends',
  receiver: '`{channel}` is not closed when `{fn}` returns: its reader never ends',
  abandoned: '`{caller}` leaves `{fn}` before its end: what sends to `{channel}` never ends',
  subscribed: '`{channel}` comes from `{maker}`, and nobody closes it: its reader never ends',
  forgotten: '`{field}` is emptied without a word to its channels: who waits at one never ends',
  signal: '`{channel}` tells its end with a send: where nobody listens, the goroutine never ends',
  unread: '`{name}` is neither read nor closed when `{fn}` returns early: its writer never ends',
  unclosed: '`{name}` is not closed when `{fn}` returns early: its reader never ends',
  idle: '`{fn}` leaves a transport of its own: each idle connection stays, with two goroutines',
  late: '`{channel}` has no receiver once `{loop}` has returned: this send never ends',
  undone: 'This way out says no `{call}`: `{waits}` in `{fn}` waits for ever',
  held: '`{fn}` leaves with `{lock}` locked: whoever comes next waits for ever',
  endless: 'The goroutine has no way to end, and `{fn}` starts one each time',
  unticked: 'The goroutine of `{fn}` waits for a tick that cannot come: `Stop` does not close the channel',
  outlives: 'The goroutine of `{fn}` goes on after `{end}`: it has no way to end',
  dropped: 'The goroutine of `{fn}` goes on when its owner is dropped: it has no way to end',
  deaf: '`{loop}` goes on when its context ends: this arm does not leave the loop',
  longer: 'The goroutine of `{fn}` waits for `{signal}`, which outlives {whole}',
  unanswered: 'The goroutine of `{fn}` waits for `{field}`, which nobody closes',
  unstopped: '`{name}` is left running: `{fn}` returns without `{end}`',
  ticker: '`{name}` is not stopped when `{fn}` returns; before Go 1.23 it ticks for ever',
  uncancelled: '`{parent}` keeps the context that `{fn}` makes, and nothing cancels it on this way out',
  awaited: '`{fn}` leaves without a cancel of `{context}`, so a goroutine waits for ever',
  timer: '`{verb}` makes a timer of about 200 B in each round; before Go 1.23 each stays until it fires',
} as const;

const exemptions = {
  ...commandExemption,
  received: '`{channel}` is received from by {by}',
  buffered: 'what is sent to `{channel}` fits {by}',
  optional: 'the goroutine at `{channel}` has {by}',
  closed: '`{channel}` is ended by {by}',
  'handed-on': '`{channel}` is also in the hands of {by}',
  'start-up-only': '`{fn}` runs once, for as long as the process lives',
  'started-once': 'a test of what has been started keeps it to one',
  stopped: 'the end of it is {by}',
  endless: 'it serves as long as {by}',
  brief: 'a timer of {by} is gone before there are many',
  awaited: 'there is one at a time: {by}',
  'go-version': 'Go {version} collects timers and tickers that nobody uses',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** The first version whose timers and tickers are collected without `Stop`: https://go.dev/doc/go1.23#timer-changes */
const TIMERS_COLLECTED = '1.23';

export default defineRule({
  id: 'go/goroutine-leak',
  tier: 'B',
  severity: 'warning',
  summary: 'A goroutine, ticker or timer that nothing ends',
  note: {
    why: 'A goroutine that waits for something that cannot come is never collected, nor is anything it refers to. Each call adds one more, until the kernel kills.',
    arithmetic: 'calls × (about 2.6 KiB and everything the goroutine refers to)',
    silence:
      'every way out receives, closes or waits, the buffer has room for what is sent, the goroutine can do something else instead, or it is started once for the life of the process',
    myth: 'low-heap-is-safe',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    const stranded = checkChannels(pkg, report);
    checkPipes(pkg, report);
    checkTransports(pkg, report);
    checkLateSends(pkg, report);
    checkUnpaired(pkg, report);
    checkFields(pkg, report);
    checkSubscriptions(pkg, report);
    checkGivenChannels(pkg, report);
    checkForgotten(pkg, report);
    checkEndless(pkg, report, stranded);
    checkLongerWaits(pkg, report);
    checkOwners(pkg, report);
    checkTimers(pkg, report);
    checkContexts(pkg, report);
  },
});

/**
 * A send after an early return, nobody who receives, a timeout, a range over a channel that is never closed. Gives the
 * places of the goroutines it has reported.
 */
function checkChannels(pkg: Package, report: Report): ReadonlySet<string> {
  const reported = new Set<string>();
  const channels = [...GoChannels.of(pkg.program).localsOf(pkg)];
  // A goroutine that nobody waits for any more has mostly failed.
  channels.sort((a, b) => Number(carriesErrors(b)) - Number(carriesErrors(a)));
  for (const channel of channels) {
    const { fn } = channel;
    const name = channel.binding.name;
    const abandoned = abandonedBy(channel);
    if (abandoned) {
      if (reportAbandoned(abandoned, report)) reported.add(`${fn.id}:${abandoned.started}`);
      continue;
    }
    const verdict = judgeStranded(channel);
    if (!verdict) continue;
    if ('exempt' in verdict) {
      const { exempt: reason, by } = verdict;
      report.exempt({ reason, at: fn.place(verdict.at), data: { channel: name, by } });
      continue;
    }
    const { stranded } = verdict;
    const at = fn.place(stranded.waits === 'send' ? channel.make : stranded.started);
    const often = oftenOf(fn, channel.make, at, report);
    if (!often) continue;
    const goroutine = `${fn.id}:${stranded.started}`;
    // It waits at one of its channels: where it is, a warning of each would say twice.
    const isTold = reported.has(goroutine);
    reported.add(goroutine);
    // Left behind only when the service ends, it hurts nobody; of failures there are mostly few.
    const sure = confidenceOf(often, fn, channel.make);
    const rare = sure === 'high' ? rareWayOut(stranded) : undefined;
    const isLittle =
      isTold || rare !== undefined || endsWithOwner(fn, stranded.exit.node) || mayNotWait(stranded);
    const base = {
      at,
      confidence: sure === 'high' && isLittle ? ('medium' as const) : sure,
      related: pathOf(stranded, rare),
    };
    if (stranded.waits === 'receive')
      report.find({
        ...base,
        message: 'receiver',
        fixes: receiverFixes(stranded),
        data: { channel: name, fn: fn.label },
      });
    else if (channel.uses.some(isReceiverOf))
      report.find({
        ...base,
        message: 'sender',
        fixes: senderFixes(stranded),
        data: { channel: name, fn: fn.label },
      });
    else report.find({ ...base, message: 'unheard', fixes: senderFixes(stranded), data: { channel: name } });
  }
  return reported;
}

/** The goroutine need not come to wait, or its maker left for a reason of which there is seldom one. */
function mayNotWait(stranded: Stranded): boolean {
  const comes = stranded.always || failsOnceGivenUp(stranded);
  return stranded.waits === 'send' && !(comes && gaveUpWaiting(stranded));
}

/** `make(chan error)` */
function carriesErrors({ fn, make }: LocalChannel): boolean {
  return /\bchan error\b/.test(textOf(fn, make));
}

/** It receives, itself or in what it hands the channel to. */
function isReceiverOf(use: ChannelUse): boolean {
  return use.kind === 'receive' || use.kind === 'range' || (use.kind === 'pass' && use.started < 0);
}

/** False where the caller runs once. */
function reportAbandoned(
  { channel, started, send, caller, exit, maybe }: Abandoned,
  report: Report,
): boolean {
  const { fn } = channel;
  const at = fn.place(channel.make);
  const often = oftenOf(caller, exit, at, report);
  if (!often) return false;
  report.find({
    message: 'abandoned',
    at,
    confidence: maybe ? 'medium' : confidenceOf(often, caller, exit),
    related: [
      { ...fn.place(started), message: 'the goroutine is started here' },
      { ...fn.place(send.node), message: 'and waits here' },
      { ...caller.place(exit), message: 'this way out leaves it waiting' },
    ],
    data: { channel: channel.binding.name, fn: fn.label, caller: caller.label },
  });
  return true;
}

/** How the maker of a channel leaves those who wait at it. */
function pathOf(stranded: Stranded, rare: string | undefined): RelatedPlace[] {
  const { channel, use, exit, started, waits } = stranded;
  const { fn } = channel;
  const isEnd = fn.code.kind(exit.node) === Kind.Block;
  return [
    ...(waits === 'send' ? [{ ...fn.place(started), message: 'the goroutine is started here' }] : []),
    { ...use.fn.place(use.node), message: 'and waits here' },
    ...(isEnd ? [] : [{ ...fn.place(exit.node), message: leavesWaiting(rare) }]),
  ];
}

function leavesWaiting(rare: string | undefined): string {
  return rare === undefined
    ? 'this way out leaves it waiting'
    : `this way out leaves it waiting, seldom: ${rare}`;
}

/** A way out that forgets one end of a pipe while a goroutine waits at the other. */
function checkPipes(pkg: Package, report: Report): void {
  for (const pipe of abandonedPipes(pkg)) {
    const { fn, made, name, waits, started, use, exit } = pipe;
    const at = fn.place(made);
    const often = oftenOf(fn, made, at, report);
    if (!often) continue;
    const rare = failsOnDisk(fn, exit.node, made);
    report.find({
      message: waits === 'write' ? 'unread' : 'unclosed',
      at,
      // What else may fail is mostly seldom.
      confidence: refusesRequest(fn, exit.node, made) ? confidenceOf(often, fn, made) : 'medium',
      related: [
        { ...fn.place(started), message: 'the goroutine is started here' },
        { ...fn.place(use), message: 'and waits here' },
        { ...fn.place(exit.node), message: leavesWaiting(rare) },
      ],
      fixes: pipeFixes(pipe),
      data: { name, fn: fn.label },
    });
  }
}

/** A transport for each request: nobody closes what it keeps. */
function checkTransports(pkg: Package, report: Report): void {
  for (const transport of ownTransports(pkg)) {
    const { fn, node } = transport;
    const at = fn.place(node);
    const request = servedNearby(fn, node, 0);
    if (request && !inCommand(fn, node))
      report.find({
        message: 'idle',
        at,
        confidence: confidenceOf('many', fn, node),
        related: [{ ...request.at, message: request.why }],
        fixes: transportFixes(transport),
        data: { fn: fn.label },
      });
    else if (howOften(fn, node) === 'once')
      report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
  }
}

/** A send to a loop that has been stopped. */
function checkLateSends(pkg: Package, report: Report): void {
  for (const late of lateSends(pkg)) {
    const { send, channel, stop } = late;
    const at = send.fn.place(send.node);
    if (!oftenOf(send.fn, send.node, at, report)) continue;
    report.find({
      message: 'late',
      at,
      confidence: 'medium',
      related: [{ ...stop.fn.place(stop.arm), message: `\`${stop.fn.label}\` returns here` }],
      fixes: lateSendFixes(late),
      data: { channel: channel.field, loop: stop.fn.label },
    });
  }
}

/** A goroutine that sends to a field whose holder has left, or need not listen. */
function checkFields(pkg: Package, report: Report): void {
  for (const { channel, send, starter, started, caller, exit, isHandedOn } of abandonedFields(pkg)) {
    const at = send.fn.place(send.node);
    const often = oftenOf(caller, exit, at, report);
    if (!often) continue;
    const why = isHandedOn ? 'whoever is given it need not listen' : 'this way out leaves it waiting';
    const base = {
      at,
      related: [
        { ...starter.place(started), message: 'the goroutine is started here' },
        { ...caller.place(exit), message: why },
      ],
    };
    if (isHandedOn)
      report.find({ ...base, message: 'signal', confidence: 'medium', data: { channel: channel.field } });
    else
      report.find({
        ...base,
        message: 'abandoned',
        confidence: confidenceOf(often, caller, exit),
        data: { channel: channel.field, fn: starter.label, caller: caller.label },
      });
  }
}

/** A goroutine that goes on reading what it once subscribed to. */
function checkSubscriptions(pkg: Package, report: Report): void {
  for (const { fn, started, loop, channel, maker, make, closed } of openSubscriptions(pkg)) {
    const at = fn.place(started);
    if (closed) {
      const where = closed.fn.place(closed.node);
      report.exempt({ reason: 'closed', at, where, data: { channel, by: `\`${closed.fn.label}\`` } });
      continue;
    }
    // What is made once subscribes for as long as it lives.
    if (oftenOf(fn, started, at, report) !== 'many') continue;
    report.find({
      message: 'subscribed',
      at,
      // The subscription may be meant to last.
      confidence: 'medium',
      related: [
        { ...fn.place(loop), message: 'it stays here' },
        { ...maker.place(make), message: 'the channel is made here' },
      ],
      data: { channel, maker: maker.label },
    });
  }
}

/** A goroutine that reads what an owner hands out, and stays when the owner has ended. */
function checkGivenChannels(pkg: Package, report: Report): void {
  for (const { channel, accessor, fn, loop, starter, started } of givenChannels(pkg)) {
    const at = starter.place(started);
    if (!oftenOf(starter, started, at, report)) continue;
    report.find({
      message: 'subscribed',
      at,
      confidence: 'medium',
      related: [
        { ...fn.place(loop), message: 'it stays here' },
        { ...accessor.file.place(accessor.fact.nameSpan), message: 'the channel is given out here' },
      ],
      data: { channel: channel.field, maker: accessor.label },
    });
  }
}

/** Whoever waits for an answer when the map of those who do is thrown away. */
function checkForgotten(pkg: Package, report: Report): void {
  for (const { fn, node, field, added } of forgottenWaiters(pkg))
    report.find({
      message: 'forgotten',
      at: fn.place(node),
      confidence: 'medium',
      related: [{ ...added.fn.place(added.node), message: 'who waits is put in here' }],
      data: { field },
    });
}

/** A goroutine that says no `Done`, a function that keeps its lock. */
function checkUnpaired(pkg: Package, report: Report): void {
  for (const missing of missingDones(pkg)) {
    const { fn, end, name, exit, waits, started } = missing;
    const at = fn.place(fn.code.kind(exit) === Kind.Return ? exit : started);
    const often = oftenOf(fn, started, at, report);
    if (!often) continue;
    report.find({
      message: 'undone',
      at,
      confidence: confidenceOf(often, fn, started),
      related: [
        { ...fn.place(waits), message: 'this waits for all of them' },
        { ...fn.place(end), message: 'the other ways say it here' },
      ],
      fixes: unpairedFixes(missing),
      data: { call: `${name}.Done`, waits: `${name}.Wait`, fn: fn.label },
    });
  }
  for (const held of heldLocks(pkg)) {
    const { fn, end, name, exit, waits } = held;
    const at = fn.place(exit);
    const often = oftenOf(fn, waits, at, report);
    if (!often) continue;
    report.find({
      message: 'held',
      at,
      // Whether the error that leaves can happen at all, and whether anybody comes again, is seldom seen.
      confidence: confidenceOf('some', fn, waits),
      related: [
        { ...fn.place(waits), message: 'it is locked here' },
        { ...fn.place(end), message: 'and unlocked here on the other way' },
      ],
      fixes: unpairedFixes(held),
      data: { fn: fn.label, lock: name },
    });
  }
}

/** A goroutine without an exit, started per request or by something that promises to end. */
function checkEndless(pkg: Package, report: Report, reported: ReadonlySet<string>): void {
  for (const { fn, started, stays, field, deaf, stopped } of endlessGoroutines(pkg)) {
    if (reported.has(`${fn.id}:${started}`)) continue;
    const at = fn.place(started);
    const reach = Phases.of(pkg.program).at(fn, started);
    const request = servedNearby(fn, started, 0);
    const related = [{ ...stays, message: 'it stays here' }];
    if (stopped) related.push({ ...stopped.fn.place(stopped.node), message: 'no tick comes after this' });
    // Each call makes a ticker, stops it, and leaves behind who waits for the next tick.
    if (stopped?.fn === fn && fn.code.ancestor(stopped.node, (a) => fn.code.kind(a) === Kind.Spawn) < 0) {
      const often = oftenOf(fn, started, at, report);
      if (!often) continue;
      report.find({
        message: 'unticked',
        at,
        confidence: confidenceOf('some', fn, started),
        related,
        fixes: endlessFixes(fn, started),
        data: { fn: fn.label },
      });
      continue;
    }
    if (deaf) {
      report.find({
        message: 'deaf',
        at: deaf.fn.place(deaf.arm),
        confidence: confidenceOf(request ? 'many' : 'some', fn, started),
        related: [{ ...at, message: 'the goroutine is started here' }],
        fixes: deafFixes(deaf.fn, deaf.arm),
        data: { loop: deaf.fn.label },
      });
      continue;
    }
    if (startedOnce(fn, started) >= 0) {
      report.exempt({ reason: 'started-once', at, where: fn.place(startedOnce(fn, started)) });
      continue;
    }
    const evidence = request ?? givenConnection(fn);
    if (evidence) {
      const fixes = endlessFixes(fn, started);
      const why = [...related, { ...evidence.at, message: evidence.why }];
      if (field !== '')
        report.find({
          message: 'unanswered',
          at,
          // A field is closed by whoever has it, which may be somebody else.
          confidence: confidenceOf('some', fn, started),
          related: why,
          fixes,
          data: { fn: fn.label, field },
        });
      else
        report.find({
          message: 'endless',
          at,
          confidence: confidenceOf(request ? 'many' : 'some', fn, started),
          related: why,
          fixes,
          data: { fn: fn.label },
        });
      continue;
    }
    const end = endOf(fn);
    // What no code here calls, other programs do.
    const isSetUp = reach.startup && !reach.api && !reach.likely;
    if (!end || (isSetUp && Calls.of(pkg.program).sitesOf(fn).length > 0)) {
      const dropped = droppedBy(fn);
      if (dropped) {
        report.find({
          message: 'dropped',
          at,
          confidence: 'medium',
          related: [...related, { ...dropped.at, message: dropped.why }],
          fixes: endlessFixes(fn, started),
          data: { fn: fn.label },
        });
        continue;
      }
      report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
      continue;
    }
    const base = { at, confidence: 'medium' as const };
    const why = [...related, { ...end.file.place(end.fact.nameSpan), message: 'this does not end it' }];
    const fixes = endlessFixes(fn, started);
    if (field !== '')
      report.find({ ...base, message: 'unanswered', related: why, fixes, data: { fn: fn.label, field } });
    else
      report.find({
        ...base,
        message: 'outlives',
        related: why,
        fixes,
        data: { fn: fn.label, end: end.label },
      });
  }
}

/**
 * A handler or serving loop at most two calls away: further off, a call through an interface may be anybody's. What
 * constructors start belongs to what they make.
 */
function servedNearby(fn: Fn, node: NodeId, depth: number): Evidence | undefined {
  const { program } = fn.package;
  const phases = Phases.of(program);
  const context = phases.context(fn, node);
  if (context.once) return undefined;
  const found = context.request ?? phases.handlers.evidenceOf(fn);
  if (found || depth > 1 || setUpNames.test(fn.fact.name)) return found;
  for (const site of Calls.of(program).sitesOf(fn)) {
    const above = site.kind === 'call' ? servedNearby(site.fn, site.node, depth + 1) : undefined;
    if (above) return above;
  }
  return undefined;
}

/** A goroutine per request or connection that waits for nothing but the end of the service. */
function checkLongerWaits(pkg: Package, report: Report): void {
  for (const { fn, started, wait, signal, loop } of longerWaits(pkg)) {
    const { request, calls = 0 } = Phases.of(pkg.program).at(fn, started);
    const evidence =
      loop >= 0
        ? { why: 'each round of this loop starts one', at: fn.place(loop) }
        : (servedNearby(fn, started, 0) ?? (calls <= NEAR ? request : undefined) ?? givenConnection(fn));
    if (!evidence || inCommand(fn, started)) continue;
    report.find({
      message: 'longer',
      at: fn.place(started),
      confidence: 'medium',
      related: [
        { ...fn.place(wait), message: 'it stays here' },
        { ...evidence.at, message: evidence.why },
      ],
      data: {
        fn: fn.label,
        signal: textOf(fn, signal),
        whole: loop >= 0 ? 'the round that starts it' : 'the call',
      },
    });
  }
}

/** Something that was started and has a method to stop it, which is not called. */
function checkOwners(pkg: Package, report: Report): void {
  for (const site of ownedSites(pkg)) {
    const verdict = judgeOwned(site);
    if (!verdict) continue;
    const { fn, made, name, stoppable } = site;
    const at = fn.place(made);
    if ('exempt' in verdict) {
      if (verdict.exempt === 'stopped') report.exempt({ reason: 'stopped', at, data: { by: verdict.by } });
      else report.exempt({ reason: 'handed-on', at, data: { channel: name, by: verdict.by } });
      continue;
    }
    const often = oftenOf(fn, made, at, report);
    if (!often) continue;
    const end = stoppable.stop.label;
    report.find({
      message: 'unstopped',
      at,
      // What it started may end in another way, and be waited for.
      confidence: confidenceOf('some', fn, made),
      related: [
        { ...stoppable.starter.place(stoppable.started), message: 'the goroutine is started here' },
        { ...stoppable.stop.file.place(stoppable.stop.fact.nameSpan), message: 'and ended here' },
      ],
      fixes: verdict.never ? ownedFixes(site) : [],
      data: { name, fn: fn.label, end },
    });
  }
}

/** Tickers and timers that the runtime keeps. */
function checkTimers(pkg: Package, report: Report): void {
  const version = pkg.project?.goVersion ?? '';
  if (version === '') return;
  for (const site of timerSites(pkg)) {
    const verdict = judgeTimer(site);
    if (!verdict) continue;
    const { fn, node, name, verb } = site;
    const at = fn.place(node);
    if ('exempt' in verdict) {
      const { exempt: reason, by } = verdict;
      if (reason === 'handed-on') report.exempt({ reason, at, data: { channel: name, by } });
      else report.exempt({ reason, at, data: { by } });
      continue;
    }
    if (atLeast(version, TIMERS_COLLECTED)) {
      report.exempt({ reason: 'go-version', at, data: { version } });
      continue;
    }
    if (verb === 'After') {
      report.find({
        message: 'timer',
        at,
        confidence: 'medium',
        related: [
          { ...fn.place(verdict.leaks), message: 'this arm begins the next round before the timer fires' },
        ],
        fixes: timerFixes(site),
        data: { verb: 'time.After' },
      });
      continue;
    }
    if (!oftenOf(fn, node, at, report)) continue;
    report.find({
      message: 'ticker',
      at,
      // It is about 200 bytes, mostly of something that seldom ends.
      confidence: 'medium',
      related: [{ ...fn.place(verdict.leaks), message: 'this way out leaves it ticking' }],
      fixes: tickerFixes(site),
      data: { name: name || `time.${verb}`, fn: fn.label },
    });
  }
}

/** Contexts that nobody cancels: their parent has them for children as long as it lives. */
function checkContexts(pkg: Package, report: Report): void {
  for (const { fn, node, exit, kept, awaited } of uncancelledContexts(pkg)) {
    const at = fn.place(node);
    // What is given work runs once for each, whatever it is called.
    const isGivenWork = fn.fact.params.some((p) => isFunctionType(fn, p));
    const often = isGivenWork && !inCommand(fn, node) ? 'some' : oftenOf(fn, node, at, report);
    if (!often) continue;
    const way =
      exit >= 0 && exit !== fn.code.parent(fn.code.parent(node))
        ? [{ ...fn.place(exit), message: 'this way out leaves it uncancelled' }]
        : [];
    if (awaited)
      report.find({
        message: 'awaited',
        at,
        confidence: confidenceOf('some', fn, node),
        related: [
          { ...fn.place(awaited.started), message: 'the goroutine is started here' },
          { ...awaited.wait, message: 'and waits here' },
          ...way,
        ],
        data: { context: awaited.context, fn: fn.label },
      });
    if (!kept) continue;
    const { parent, lifetime } = kept;
    const isSure = exit < 0 && lifetime.strength === 'proven';
    report.find({
      message: 'uncancelled',
      at,
      confidence: isSure ? confidenceOf(often, fn, node) : 'medium',
      related: [...(lifetime.at ? [{ ...lifetime.at, message: lifetime.why }] : []), ...way],
      data: { parent, fn: fn.label },
    });
  }
}

function isFunctionType({ code }: Fn, param: NodeId): boolean {
  return code.is(code.child(param, Role.Type), Kind.Type, 'fn');
}

/**
 * A leak that happens often is sure where requests, connections or messages of others lead to it: they come in any number.
 * What the program does by itself it does as often as it has been told to; that of one call is only worth a note.
 */
function confidenceOf(often: 'many' | 'some', fn: Fn, node: NodeId): Confidence {
  // What ends something runs once for each, or once in all.
  const isSeen =
    !ownerEnds.test(fn.fact.name) &&
    broughtNearby(Phases.of(fn.package.program).at(fn, node), ASKED) !== undefined;
  return onlyIfSeen(often === 'many' ? 'high' : 'medium', isSeen);
}

/** How often a leak happens; undefined, and exempt, where it happens once or only in a command, which ends. */
function oftenOf(fn: Fn, node: NodeId, at: Place, report: Report): 'many' | 'some' | undefined {
  const command = inCommand(fn, node);
  const often = command ? 'once' : howOften(fn, node);
  if (often !== 'once') return often;
  report.exempt(command ? { ...command, at } : { reason: 'start-up-only', at, data: { fn: fn.label } });
  return undefined;
}

/** How often a piece of code runs while the program does. */
function howOften(fn: Fn, node: NodeId): 'many' | 'some' | 'once' {
  const { program } = fn.package;
  const phases = Phases.of(program);
  const reach = phases.at(fn, node);
  // A loop while the program starts goes over what is configured, and any other that ends over what there happens to be.
  const turns = (f: Fn, n: NodeId, whole: Reach) => {
    const { loops } = phases.context(f, n);
    if (loops.some((l) => phases.isServiceLoop(f, l))) return 'many';
    const starts = whole.startup && !whole.api && !whole.request && !whole.likely;
    return loops.length > 0 && !starts ? 'some' : undefined;
  };
  const sites = Calls.of(program).sitesOf(fn);
  const around = [
    turns(fn, node, reach),
    ...sites.map((s) => (s.kind === 'call' ? turns(s.fn, s.node, phases.at(s.fn, s.node)) : undefined)),
  ];
  const { request, calls = 0 } = reach;
  // Far from a loop of the program's own it may be something else of that name that the loop starts, and where the start
  // is nearer than a request, the request may find done what the start did.
  const isSeldom = request?.administrative || (reach.startup && calls > (request?.own ? NEAR : FAR));
  if ((request && !isSeldom) || around.includes('many')) return 'many';
  if (request || reach.likely || around.includes('some')) return 'some';
  if (reach.startup && !reach.api) return 'once';
  if (SETS_UP.test(fn.fact.name)) return 'once';
  return SERVES.test(fn.fact.name) && sites.length === 0 ? 'once' : 'some';
}

/** Calls between a loop and what it surely does in each turn. */
const NEAR = 1;

/** Calls between a request and what may be somebody else's. */
const FAR = 6;

/** What is given a connection runs once for each of them, whoever calls it. */
function givenConnection(fn: Fn): Evidence | undefined {
  const given = fn.fact.params.find((p) => connections.test(fn.code.name(fn.code.child(p, Role.Type))));
  return given === undefined
    ? undefined
    : { why: `\`${fn.label}\` is given a connection`, at: fn.place(given) };
}

/** Names of functions that set up a process or a component of it: where one fails, the whole program ends. */
const SETS_UP = /^(Init|Initiali[sz]e|Set[uU]p|Bootstrap)$/;

/** Names of functions that are the life of a process or of a component of it. */
const SERVES = /^(Run|Serve|Start|ListenAndServe|Main|Execute)([A-Z]|$)/;
