/** What `rust/unbounded-spawn` and `go/unbounded-spawn` share: spawns that nothing limits. */
import type { Confidence, Fix, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import { watchers } from '../../knowledge/handlers.ts';
import { takesItsPlace } from '../../program/channels/former-work.ts';
import { isService } from '../../program/linkage.ts';
import { comesFromStranger, onlyIfSeen } from '../../program/origins/outsiders.ts';
import { Provenance } from '../../program/origins/provenance.ts';
import { isOfLocalPeers } from '../../program/phases/local-peers.ts';
import { takesStrangers } from '../../program/phases/loop-feeds.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Round } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { isSaidBounded } from '../../program/said.ts';
import { endsAtOnce } from '../../program/spawns/brief-work.ts';
import { takesConfiguredStreams } from '../../program/spawns/go-spawns.ts';
import { isGuardedByState, triesAgainLater } from '../../program/spawns/rust-spawns.ts';
import type { SpawnRate, SpawnSite } from '../../program/spawns/spawn.ts';
import { SpawnLimits, testsConnections } from '../../program/spawns/spawn-limits.ts';
import { spawnSites } from '../../program/spawns/spawn-sites.ts';
import { judgeSpawn } from '../../program/spawns/spawns.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { isAskedByMember } from './authors.ts';
import { commandExemption, inCommand } from './commands.ts';
import { mayBeHeldBack } from './held-back.ts';

export const spawnMessages = {
  unlimited: '`{verb}` starts a {unit} for every {per}, without a limit. {cost}',
  items: '`{verb}` starts a {unit} for every item, without a limit. {cost}',
} as const;

const spawnExemptions = {
  permit: 'limited by {by}',
  'group-limit': 'limited by {by}',
  counted: 'limited by {by}',
  admission: 'limited by {by}',
  'fixed-number': 'limited by {by}',
  joined: 'limited by {by}',
  timer: 'limited by {by}',
  'request-scoped': 'limited by {by}',
  'start-up-only': 'limited by {by}',
  helper: 'decided by {by}',
  'one-at-a-time': 'limited by {by}',
  ...commandExemption,
} as const;

/** Rust: of what one loop starts for each connection the first is enough. */
export const rustSpawnExemptions = {
  ...spawnExemptions,
  'same-loop': 'said of {by}, which the same loop starts',
} as const;

/** Go's code says more of how often it starts something. */
export const goSpawnExemptions = {
  ...spawnExemptions,
  'ends-process': 'limited by {by}',
  owned: 'one for each of {by}',
  'once-per-key': 'limited by {by}',
  'lock-step': 'limited by {by}',
  'on-change': 'only when it differs from {by}',
  brief: 'over at once: {by}',
} as const;

/** Reports every spawn of a package that runs per connection, message, request or item without a limit. */
export function checkSpawns(
  pkg: Package,
  report: Reporter<typeof spawnMessages, typeof goSpawnExemptions & typeof rustSpawnExemptions>,
  fixesFor: (site: SpawnSite, rate: SpawnRate) => readonly Fix[],
): void {
  /** What each serving loop was reported for. */
  const loops = new Map<string, SpawnSite>();
  for (const site of spawnSites(pkg)) {
    const verdict = judgeSpawn(site);
    if (!verdict) continue;
    const at = site.fn.placeOfMethod(site.node);
    if ('bound' in verdict) {
      const { reason, by, where } = verdict.bound;
      report.exempt({ reason, at, data: { by }, ...(where ? { where } : {}) });
      continue;
    }
    const command = inCommand(site.fn, site.node);
    if (command) {
      report.exempt({ ...command, at });
      continue;
    }
    const { rate } = verdict;
    const confidence = confidenceOf(site, rate);
    const { at: where } = rate.evidence;
    const served = rate.per === 'connection' || rate.per === 'message';
    const key = `${where.file}:${where.span.start} ${rate.per} ${confidence}`;
    const other = loops.get(key);
    if (served && other && pkg.language === 'rust') {
      const first = other.fn.place(other.node);
      report.exempt({ reason: 'same-loop', at, where: first, data: { by: `\`${other.verb}\`` } });
      continue;
    }
    if (served) loops.set(key, site);
    const related: RelatedPlace[] = [{ ...rate.evidence.at, message: rate.evidence.why }];
    const fixes = fixesFor(site, rate);
    const { unit, cost } = site.row;
    const base = { at, confidence, related, fixes } as const;
    if (rate.per === 'item')
      report.find({ ...base, message: 'items', data: { verb: site.verb, unit, cost } });
    else report.find({ ...base, message: 'unlimited', data: { verb: site.verb, unit, per: rate.per, cost } });
  }
}

/** A listener for those who watch a program, by the names of its function, type and file. */
function isWatched({ fact, file }: Fn): boolean {
  const path = file.facts.file;
  return watchers.test(`${fact.name} ${fact.owner} ${path.slice(path.lastIndexOf('/') + 1)}`);
}

/** What a program starts for a message that says what to do may be one at a time, and few items may be its own. */
function confidenceOf(site: SpawnSite, { sure, per, evidence, loop }: SpawnRate): Confidence {
  // Of a library all that can be called is there: what it starts for its callers it starts for whoever they work for.
  if (sure === 'unknown' && isService(site.fn.package)) return 'low';
  if (evidence.administrative || isSaidBounded(site.fn, site.node)) return 'low';
  const round = evidence.round ?? { fn: site.fn, loop, node: site.node };
  // Who watches the program, or runs on the same machine, connects once in a while.
  if (per === 'connection' && (isWatched(round.fn) || isOfLocalPeers(round.fn, round.loop, round.node)))
    return 'low';
  if (per === 'request' || evidence.local) return 'medium';
  if (site.fn.package.language === 'go' && sure === 'proven' && staysFew(site, per, round)) return 'medium';
  if (site.fn.package.language === 'rust') {
    if (per === 'message' && isGuardedByState(site)) return 'low';
    if (per === 'message' && (triesAgainLater(site) || endsAtOnce(site.fn, site.work))) return 'medium';
    if ((per === 'connection' || per === 'message') && (mayBeHeldBack(site) || takesItsPlace(site)))
      return 'medium';
    // A limit that is asked for inside, or that another part of the server keeps, may be one to these as well.
    if (per === 'connection' && testsConnections(site.fn.package)) return 'medium';
    if ((per === 'connection' || per === 'message') && new SpawnLimits(site).asksInside()) return 'medium';
    if (per === 'item' && isAskedByMember(evidence)) return 'medium';
    if (per === 'item' && isService(site.fn.package) && !isListed(site.fn, loop)) return 'low';
  }
  return onlyIfSeen(sure === 'proven' ? 'high' : 'medium', per !== 'message' || isFromStranger(round));
}

/**
 * A datagram comes to whoever listens, and what a client says on its connection comes from that client. A queue, a broker or a
 * server that the program has chosen hands over as much as it is told to, mostly.
 */
function isFromStranger(round: Round): boolean {
  if (round.loop < 0) return false;
  if (takesStrangers(round)) return true;
  const reach = Phases.of(round.fn.package.program).of(round.fn);
  return comesFromStranger(reach) && (reach.calls ?? 0) <= NEAR;
}

/** Calls between a connection and the loop that reads from it. */
const NEAR = 3;

/** Go: what is started for others, without a limit in sight, may all the same be few at a time. */
function staysFew(site: SpawnSite, per: string, round: Round): boolean {
  return (
    // However many items a request brings, they are its own, and known before the first is worked on.
    per === 'item' ||
    (per === 'message' && endsAtOnce(site.fn, site.work)) ||
    isOfLocalPeers(round.fn, round.loop, round.node) ||
    takesConfiguredStreams(round) ||
    takesItsPlace(site) ||
    isInCallback(site, round.fn === site.fn ? round.loop : -1)
  );
}

/** Go: what the spawn stands in is handed on and called later: nobody here sees how often. */
function isInCallback({ fn, node }: SpawnSite, loop: NodeId): boolean {
  const { code } = fn;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  if (closure <= Math.max(loop, fn.first) || code.role(closure) !== Role.Arg) return false;
  const call = code.parent(closure);
  const index = code.all(call, Role.Arg).indexOf(closure);
  return Values.of(fn.package.program)
    .callees(fn, call)
    .every((target) => !callsParameter(target, index));
}

function callsParameter({ code, fact, first, after }: Fn, index: number): boolean {
  const parameter = fact.params[index];
  const name = parameter === undefined ? '' : code.name(code.child(parameter, Role.Pattern));
  for (let n = first; name !== '' && n < after; n++)
    if (code.is(n, Kind.Name, name) && code.role(n) === Role.Callee) return true;
  return false;
}

/** Somebody outside has listed what the loop runs over, or what it takes its items from. */
function isListed(fn: Fn, loop: NodeId): boolean {
  if (loop < 0) return true;
  const iter = fn.code.child(loop, Role.Iter);
  // `while let Some(item) = items.pop()`
  const items = iter < 0 ? fn.code.child(fn.code.child(loop, Role.Condition), Role.Value) : iter;
  return items < 0 || Provenance.of(fn.package.program).of(fn, items).who === 'outside';
}
