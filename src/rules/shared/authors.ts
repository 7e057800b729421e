/** What the rules about input say of who wrote it. */
import type { Confidence } from '../../core/finding.ts';
import type { Place } from '../../core/span.ts';
import {
  clusterFiles,
  logEntries,
  memberCalls,
  memberFiles,
  snapshotStreams,
} from '../../knowledge/provenance.ts';
import { Calls } from '../../program/calls/calls.ts';
import { isService } from '../../program/linkage.ts';
import {
  broughtByOutsider,
  isWrittenByOutsider,
  onlyIfSeen,
  runsForOthers,
} from '../../program/origins/outsiders.ts';
import { type Author, readsNetwork } from '../../program/origins/provenance.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence, Reach } from '../../program/phases/reach.ts';
import type { Fn } from '../../program/program.ts';
import { withoutMajor } from '../../program/types/go-types.ts';
import { peel } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Role } from '../../syntax/node.ts';

/** Reasons that what is read was not written by anybody outside. */
export const authorExemptions = {
  'own-data': 'written by the program itself: it comes from {by}',
  'asked-peer': 'written by a server that the program has chosen: it is {by}',
} as const;

const INSIDE: ReadonlySet<Author['who']> = new Set(['own', 'made', 'fresh']);

/** What a replicated log hands out, as exemptions say it. */
export const LOG = 'the log that its cluster has agreed on';

/** Where a function is named. */
export function placeOfName(fn: Fn): Place {
  return fn.file.place(fn.fact.nameSpan);
}

/** The reason that input is nobody's from outside, or undefined. */
export function insideReason(author: Author | undefined): keyof typeof authorExemptions | undefined {
  if (author?.who === 'peer') return 'asked-peer';
  return author && INSIDE.has(author.who) ? 'own-data' : undefined;
}

/**
 * Go: every way to a function begins where a replicated log hands out what its members have agreed on, or where the program
 * starts: the program has written it, whoever asked for it then. The first such function.
 */
export function fedByLog(fn: Fn): Fn | undefined {
  if (fn.package.language !== 'go') return undefined;
  const calls = Calls.of(fn.package.program);
  const phases = Phases.of(fn.package.program);
  let log: Fn | undefined;
  const seen = new Set([fn]);
  for (const f of seen) {
    if (takesLog(f)) {
      log ??= f;
      continue;
    }
    const sites = calls.sitesOf(f).filter((s) => !s.guess && s.fn !== f);
    const reach = phases.of(f);
    // What nothing here calls brings nothing.
    const isEnd = sites.length === 0 && (!!reach.request || !!reach.likely || !isService(f.package));
    if (isEnd || seen.size > MAX_LEADING || phases.handlers.evidenceOf(f)) return undefined;
    for (const s of sites) seen.add(s.fn);
  }
  return log;
}

const MAX_LEADING = 60;

/** `Apply(entry *raft.Log)`, `Restore(snapshot io.ReadCloser)` */
function takesLog(fn: Fn): boolean {
  const { file } = fn;
  const takes = (f: Fn, types: ReadonlySet<string>) =>
    f.fact.params.some((p) => {
      const type = Values.of(f.package.program).types.at(f.file, f.code.child(p, Role.Type));
      return type !== undefined && types.has(withoutMajor(peel(type).type.name));
    });
  if (takes(fn, logEntries)) return true;
  return (
    fn.fact.name === 'Restore' &&
    fn.fact.owner !== '' &&
    takes(fn, snapshotStreams) &&
    file.package.functions.some(
      (f) => f.fact.owner === fn.fact.owner && f.fact.name === 'Apply' && takes(f, logEntries),
    )
  );
}

/** Code that reads what the members of its own cluster write to each other, by its file: they are no clients. */
export function isOfMember(fn: Fn): boolean {
  return clusterFiles.test(fn.file.facts.file.slice(fn.package.program.root.length));
}

/** Rust: a list that a member of the cluster asks another with is as long as a plan that one of them has made. */
export function isAskedByMember(evidence: Evidence | undefined): boolean {
  return evidence !== undefined && (memberFiles.test(evidence.at.file) || memberCalls.test(evidence.why));
}

/**
 * Input is sure where the outsider who wrote it is seen, and where a request of theirs leads there. Of other bytes the file
 * says whether they come over the network, which proves nothing; decoders of a store have them from the store.
 */
export function confidenceInInput(fn: Fn, reach: Reach, author: Author | undefined): Confidence {
  if (isOfMember(fn)) return 'low';
  const isSeen = author
    ? runsForOthers(reach) && isWrittenByOutsider(author)
    : broughtByOutsider(reach) !== undefined;
  const sure = onlyIfSeen('high', isSeen);
  if (!author || author.who === 'outside') return sure;
  if (author.offered?.package === fn.package)
    // In a service the bytes of its own files come through such a function as well.
    return fn.package.language === 'go' &&
      isService(fn.package) &&
      !readsNetwork(fn) &&
      !/^Unmarshal/.test(author.offered.fact.name)
      ? 'low'
      : sure;
  const isUnknown = author.who === 'unknown';
  // A reader of any kind that is waited for is a connection more often than a file.
  if (fn.package.language === 'rust' ? isUnknown && !reach.request && !fn.fact.isAsync : !readsNetwork(fn))
    return isService(fn.package) ? 'low' : 'medium';
  return isUnknown ? 'medium' : sure;
}
