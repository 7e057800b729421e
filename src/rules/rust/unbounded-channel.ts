import type { Confidence, RelatedPlace } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { Calls } from '../../program/calls/calls.ts';
import { fallsBehind, startsForEach } from '../../program/channels/channel-consumers.ts';
import { endOf, isMadeInBranch } from '../../program/channels/channel-ends.ts';
import {
  type Arrival,
  arrivalOf,
  type ChannelSite,
  isPlaceholder,
  unboundedChannelSites,
} from '../../program/channels/channels.ts';
import { isService, Linkage } from '../../program/linkage.ts';
import { broughtByOutsider } from '../../program/origins/outsiders.ts';
import { takesStrangers } from '../../program/phases/loop-feeds.ts';
import { Phases } from '../../program/phases/phases.ts';
import { perOf } from '../../program/phases/spawn-rounds.ts';
import type { Effect } from '../../program/places/effects.ts';
import type { Fn, Package } from '../../program/program.ts';
import { isSaidBounded } from '../../program/said.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, Role } from '../../syntax/node.ts';
import { commandExemption, inCommand } from '../shared/commands.ts';
import { boundChannel } from '../shared/fixes/bound-channel-fix.ts';

export default defineRule({
  id: 'rust/unbounded-channel',
  tier: 'A',
  severity: 'warning',
  summary: 'A channel without a bound takes messages faster than its consumer may work them off',
  note: {
    why: 'Whatever the consumer has not taken yet stays in memory. As long as it keeps up nobody notices; on the day it gets slow, the channel grows at the rate of the producers until the kernel kills.',
    arithmetic:
      '(messages in per second − messages out per second) × size of a message × seconds of slowness',
    myth: 'high-memory-means-leak',
  },
  messages: {
    unbounded: '`{name}` is unbounded ({crate}): what the consumer does not keep up with stays in memory',
  },
  exemptions: {
    'size-tested': 'bounded by {by}',
    'start-up-only': 'bounded by {by}',
    'one-message': 'bounded by {by}',
    ...commandExemption,
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    /** Helpers whose channels were spoken of: their one constructor is what is to be mended. */
    const told = new Set<string>();
    for (const site of unboundedChannelSites(pkg)) {
      const { fn, node } = site.made ?? site;
      const at = fn.place(node);
      const mark = `${fn.id}:${node}`;
      if (site.made && told.has(mark)) continue;
      const arrival = arrivalOf(site);
      if (!arrival) continue;
      if ('reason' in arrival) {
        const { by, where } = arrival;
        const reason =
          arrival.reason === 'fresh-value'
            ? 'one-message'
            : arrival.reason === 'start-up-only'
              ? 'start-up-only'
              : 'size-tested';
        report.exempt({ reason, at, data: { by }, ...(where ? { where } : {}) });
        continue;
      }
      const command = inCommand(site.fn, site.node);
      if (command) {
        report.exempt({ ...command, at });
        continue;
      }
      if (site.made) told.add(mark);
      const related: RelatedPlace[] = [
        ...(site.made ? [{ ...site.fn.place(site.node), message: 'made here' }] : []),
        { ...arrival.send.fn.place(arrival.send.node), message: 'sent here' },
        { ...arrival.evidence.at, message: arrival.evidence.why },
      ];
      report.find({
        message: 'unbounded',
        at,
        confidence: confidenceOf(site, arrival),
        related,
        fixes: site.made ? [] : boundChannel(site),
        data: { name: site.name, crate: site.kind.name },
      });
    }
  },
});

/**
 * A client that does not read what it has asked for fills a channel of its own. A consumer that only computes seldom falls behind, and of one that is not seen nobody can tell. Of a service more is known: what only seems to repeat there is mostly as much as the program itself sends. */
function confidenceOf(site: ChannelSite, arrival: Arrival): Confidence {
  const { fn, node } = site;
  const { send, sure, evidence } = arrival;
  const { round, loop } = evidence;
  if (isSaidBounded(fn, node) || isPlaceholder(site)) return 'low';
  const isUncertain =
    (endOf(fn, node, 0) && isMadeInBranch(fn.code, node)) ||
    !fallsBehind(site) ||
    isOfAnother(fn.package, send.fn, round?.fn);
  // One of several that take from what a wrapper makes starts something for each connection: likely for these.
  const isAccepted =
    round !== undefined && perOf(round.fn, round.loop, round.node) === 'connection' && startsForEach(site);
  if (sure === 'proven')
    return isUncertain || isAccepted || !isOfOneClient(site, arrival) ? 'medium' : 'high';
  // A loop that passes on what others bring it, to a consumer that writes or waits.
  const isPaced = round !== undefined && perOf(round.fn, round.loop, round.node) === 'tick';
  const passesOn = loop === true && !isUncertain && !isPaced;
  return sure === 'loop' || passesOn || !isService(fn.package) ? 'medium' : 'low';
}

/** Calls between what makes the channel of a connection and what sends into it. */
const NEAR = 4;

/**
 * The channel is made for a connection or request of somebody outside, and what that brings is sent into it: where it is made,
 * in what is called from there, or by the same loop through an end that the sender has itself.
 */
function isOfOneClient({ fn, node }: ChannelSite, { send, evidence }: Arrival): boolean {
  const made = broughtByOutsider(Phases.of(fn.package.program).at(fn, node));
  if (!made || (made.round && !takesStrangers(made.round))) return false;
  if (send.fn === fn || evidence.round?.fn === fn || leadsTo(fn, send.fn)) return true;
  const { at, round } = made;
  const isSame = evidence.at.file === at.file && evidence.at.span.start === at.span.start;
  return (isSame || (round !== undefined && leadsTo(round.fn, send.fn))) && isOwnEnd(send);
}

/** Some way of calls leads from one function to another. */
function leadsTo(from: Fn, to: Fn): boolean {
  const calls = Calls.of(from.package.program);
  let fns = new Set([to]);
  for (let depth = 0; depth < NEAR; depth++) {
    const above = new Set<Fn>();
    for (const fn of fns) for (const s of calls.sitesOf(fn)) if (!s.guess) above.add(s.fn);
    if (above.has(from)) return true;
    fns = above;
  }
  return false;
}

/** `self.outbox.send(frame)`, `outbox.send(frame)` of a parameter: no end that was looked up among those of others. */
function isOwnEnd({ fn, node }: Effect): boolean {
  const { code } = fn;
  let n = code.child(node, Role.Object);
  while (code.is(n, Kind.Field)) n = code.child(n, Role.Object);
  if (!code.is(n, Kind.Name)) return false;
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
  return code.name(n) === 'self' || b?.source === 'parameter';
}

/** The sender, or the loop that it is reached from, is started by other programs of the workspace alone. */
function isOfAnother(pkg: Package, sender: Fn, loop: Fn | undefined): boolean {
  const linkage = Linkage.of(pkg.program);
  const starts = loop
    ? Calls.of(pkg.program)
        .sitesOf(loop)
        .filter((s) => !s.fn.isTest)
    : [];
  return (
    !linkage.canMeet(pkg, sender.package) ||
    (starts.length > 0 && !starts.some((s) => linkage.canMeet(pkg, s.fn.package)))
  );
}
