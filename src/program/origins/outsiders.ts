/**
 * What a warning rests on: somebody outside is seen on the way. Whoever is only assumed to stand at its beginning makes a
 * finding worth knowing, no warning.
 */
import type { Confidence } from '../../core/finding.ts';
import type { NodeId } from '../../syntax/node.ts';
import { takesStrangers } from '../phases/loop-feeds.ts';
import { Phases } from '../phases/phases.ts';
import type { Evidence, Reach } from '../phases/reach.ts';
import type { Fn } from '../program.ts';
import { type Author, Provenance } from './provenance.ts';

/**
 * A request, message or connection of somebody outside leads there. The program's own rounds, its operators and those who
 * look for a fault bring only as much as the deployment has of them.
 */
export function broughtByOutsider({ request, stronger }: Reach): Evidence | undefined {
  return [request, stronger?.request].find((e) => e && !e.own && isForOthers(e));
}

/** The same, so few calls away that what is done there is done for what they ask. */
export function broughtNearby(reach: Reach, away: number): Evidence | undefined {
  const evidence = broughtByOutsider(reach);
  const calls = evidence === reach.request ? reach.calls : reach.stronger?.calls;
  return (calls ?? 0) <= away ? evidence : undefined;
}

/** Calls between a request and what is surely done for what its client asks. */
export const ASKED = 2;

/** A request leads there, or a connection or datagram: whoever sends it has come by themselves, and was not chosen by the program. */
export function comesFromStranger({ request }: Reach): boolean {
  return request?.request === true || (request?.round !== undefined && takesStrangers(request.round));
}

/**
 * Somebody outside wrote it, and it was followed to them all the way: neither through a place in between that others fill as
 * well, nor by a name alone, nor to a function of which nobody sees who calls it.
 */
export function isWrittenByOutsider(author: Author | undefined): boolean {
  return author?.who === 'outside' && !author.far && !author.kept && !author.vague && !author.named;
}

/** Something that is not only for operators leads there: where an outsider has written what a loop takes, its rounds are theirs. */
export function runsForOthers({ request }: Reach): boolean {
  return request !== undefined && isForOthers(request);
}

function isForOthers({ administrative, debugging, unregistered, local }: Evidence): boolean {
  return !administrative && !debugging && !unregistered && !local;
}

/** An outsider's request leads to a node, and what stands there is theirs: how often it comes and how much it is. */
export function isSentByOutsider(fn: Fn, n: NodeId): boolean {
  const { program } = fn.package;
  return runsForOthers(Phases.of(program).at(fn, n)) && isWrittenByOutsider(Provenance.of(program).of(fn, n));
}

/** How sure a finding is of which the outsider is seen, or is not: what nobody has seen is at most likely. */
export function onlyIfSeen(confidence: Confidence, isSeen: boolean): Confidence {
  return confidence === 'high' && !isSeen ? 'medium' : confidence;
}
